/** Files that are read ahead: nodes and master over streams with random delays, in order for each pair. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../base/prng.ts';
import { fileEffectNames } from '../linux/file-effects.table.ts';
import { Description, type FileStatus, type ReadResult } from '../linux/files/description.ts';
import { syscalls } from '../linux/syscalls.table.ts';
import { ReadAhead } from './read-ahead.ts';
import { ReadLeases } from './read-leases.ts';

const seeds = 200;
const master = 0;

/** A regular file in memory. */
class MemoryFile extends Description {
  content: Uint8Array;
  position = 0;

  constructor(content: Uint8Array) {
    super(0, Buffer.from('file'), null);
    this.content = content;
  }
  status(): FileStatus {
    throw new Error('not asked for here');
  }
  close(): void {}
  override read(length: number): ReadResult {
    const bytes = this.content.slice(this.position, this.position + length);
    this.position += bytes.length;
    return bytes;
  }
  override readAt(length: number, offset: number): ReadResult {
    return this.content.slice(offset, offset + length);
  }
  override get readsAheadFrom(): number {
    return this.position;
  }
  override advance(count: number): void {
    this.position += count;
  }
  override get changes(): `${number}:${number}` {
    return '1:1';
  }
}

/** Reads and changes of one open file by threads of a master and some nodes. */
class Model {
  readonly prng: Prng;
  readonly file: MemoryFile;
  readonly leases: ReadLeases;
  readonly nodes = new Map<number, ReadAhead>();
  /** By the node at the far end. */
  readonly toMaster = new Map<number, (() => void)[]>();
  readonly toNode = new Map<number, (() => void)[]>();
  messages = 0;
  nowMs = 0;

  constructor(seed: number, nodes: number, content: Uint8Array) {
    this.prng = new Prng(seed);
    this.file = new MemoryFile(content);
    this.leases = new ReadLeases((node, id) => this.#tell(node, () => this.nodes.get(node)!.recall(id)));
    for (let node = 1; node <= nodes; node++) {
      this.toMaster.set(node, []);
      this.toNode.set(node, []);
      const giveBack = (id: number, used: number): void => this.#ask(node, () => this.leases.returned(id, used));
      this.nodes.set(node, new ReadAhead(giveBack, () => this.nowMs));
    }
  }

  #tell(node: number, message: () => void): void {
    this.messages++;
    this.toNode.get(node)!.push(message);
  }

  #ask(node: number, message: () => void): void {
    this.messages++;
    this.toMaster.get(node)!.push(message);
  }

  read(node: number, count: number, done: (bytes: Uint8Array) => void): void {
    if (node === master) {
      this.leases.whenNone(() => done(this.file.read(count) as Uint8Array));
      return;
    }
    const ahead = this.nodes.get(node)!;
    const bytes = ahead.take(1, 3, count);
    if (bytes) return done(bytes.slice());
    const serve = (): void => {
      const before = this.file.position;
      const bytes = this.file.read(count) as Uint8Array;
      const lease = this.leases.read(node, this.file, before, count, bytes.length);
      if (lease) this.#tell(node, () => ahead.add(lease.id, 1, 3, lease.bytes));
      this.#tell(node, () => done(bytes));
    };
    this.#ask(node, () => this.leases.whenNone(serve));
  }

  /** A call that changes the file, or where it is read next. */
  change(node: number, change: () => void, done: () => void): void {
    const serve = (): void => {
      change();
      if (node === master) done();
      else this.#tell(node, done);
    };
    if (node === master) this.leases.whenNone(serve);
    else this.#ask(node, () => this.leases.whenNone(serve));
  }

  /** Something arrives. @returns false when nothing is under way */
  step(): boolean {
    const ready = [...this.toMaster.values(), ...this.toNode.values()].filter((stream) => stream.length > 0);
    if (ready.length === 0) return false;
    this.prng.pick(ready).shift()!();
    return true;
  }
}

test('every byte is read once, by whatever threads of whatever nodes, and none is left out', () => {
  const records = 3000;
  const content = new Uint8Array(Int32Array.from({ length: records }, (_, i) => i).buffer);
  for (let seed = 1; seed <= seeds; seed++) {
    const model = new Model(seed, 3, content);
    const { prng } = model;
    const seen = new Uint8Array(records);
    const alone = prng.below(2) === 0;
    let running = 0;
    const start = (node: number): void => {
      running++;
      const next = (): void => {
        // Someone else reads now and then.
        const count = 4 * (1 + prng.below(node === 1 ? 64 : 4));
        model.nowMs += prng.below(alone ? 2 : 20);
        model.read(node, count, (bytes) => {
          for (const record of new Int32Array(bytes.buffer, 0, bytes.length / 4)) seen[record]!++;
          if (bytes.length > 0) next();
          else running--;
        });
      };
      next();
    };
    for (const node of alone ? [1, 1] : [1, 1, 2, 3]) start(node);
    while (model.step());
    assert.equal(running, 0, `seed ${seed}: some wait for ever`);
    assert.ok(
      seen.every((times) => times === 1),
      `seed ${seed}`,
    );
    assert.equal(model.file.position, content.length);
  }
});

test('a read that begins after a change was answered sees it; so does one after a seek', () => {
  const length = 1 << 16;
  let served = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const model = new Model(seed, 3, new Uint8Array(length));
    const { prng } = model;
    let version = 0;
    let writing = true;
    let running = 0;
    const reader = (node: number): void => {
      running++;
      const next = (): void => {
        const since = version;
        model.read(node, 64, (bytes) => {
          served++;
          assert.ok(
            bytes.every((byte) => byte >= since),
            `seed ${seed}: old bytes`,
          );
          if (bytes.length === 0) model.change(node, () => (model.file.position = 0), writing ? next : () => running--);
          else if (writing) queue.push(next);
          else running--;
        });
      };
      next();
    };
    const queue: (() => void)[] = [];
    const writer = (node: number): void => {
      running++;
      const next = (): void => {
        const made = version + 1;
        model.change(
          node,
          () => model.file.content.fill(made),
          () => {
            version = made;
            writing = made < 20;
            if (!writing) running--;
            else queue.push(next);
          },
        );
      };
      next();
    };
    for (const node of [1, 2, 2]) reader(node);
    writer(prng.below(4));
    for (;;) {
      // Threads run on between messages; the writer, rarely.
      if (queue.length > 0 && prng.below(3) > 0) queue.splice(prng.below(queue.length), 1)[0]!();
      else if (!model.step() && queue.length === 0) break;
    }
    assert.equal(running, 0, `seed ${seed}: some wait for ever`);
  }
  assert.ok(served > 10_000, `${served} reads`);
});

test('a mebibyte in reads of 512 bytes takes few messages; over a call in between each time, no more than without', () => {
  const content = new Uint8Array(1 << 20);
  const run = (between: boolean): number => {
    const model = new Model(1, 2, content);
    let reads = 0;
    const next = (): void => {
      model.read(1, 512, (bytes) => {
        reads++;
        if (bytes.length === 0) return;
        if (between) model.change(master, () => {}, next);
        else next();
      });
    };
    next();
    while (model.step());
    assert.equal(reads, 2049);
    return model.messages;
  };
  const calls = 2049;
  assert.ok(run(false) <= 50, `${run(false)} messages instead of ${2 * calls}`);
  assert.ok(run(true) <= 2.1 * calls, `${run(true)} messages, and ${2 * calls} without reading ahead`);
});

test('bytes are served for a tenth of a second, and to the end of them', () => {
  let nowMs = 0;
  const back: [number, number][] = [];
  const ahead = new ReadAhead(
    (id, used) => back.push([id, used]),
    () => nowMs,
  );
  ahead.add(
    7,
    1,
    3,
    Uint8Array.from({ length: 100 }, (_, i) => i),
  );
  assert.deepEqual(ahead.take(1, 3, 3), Uint8Array.of(0, 1, 2));
  assert.equal(ahead.take(2, 3, 3), undefined, 'another process');
  assert.equal(ahead.take(1, 4, 3), undefined, 'another descriptor');
  assert.deepEqual(ahead.take(1, 3, 2), Uint8Array.of(3, 4));
  assert.equal(ahead.take(1, 3, 96), undefined, 'more than is left');
  assert.deepEqual(back, [[7, 5]]);
  ahead.recall(7);
  ahead.add(8, 1, 3, new Uint8Array(100));
  nowMs = 101;
  assert.equal(ahead.take(1, 3, 1), undefined, 'too old');
  ahead.add(9, 1, 3, new Uint8Array(100));
  ahead.recall(9);
  assert.equal(ahead.take(1, 3, 1), undefined);
  assert.deepEqual(back, [
    [7, 5],
    [8, 0],
    [9, 0],
  ]);
});

test('while a call changes files no bytes go ahead', () => {
  const leases = new ReadLeases(() => {});
  const file = new MemoryFile(new Uint8Array(1 << 16));
  const read = (): boolean => {
    const before = file.position;
    const bytes = file.read(512) as Uint8Array;
    return leases.read(1, file, before, 512, bytes.length) !== undefined;
  };
  leases.changing(5);
  assert.deepEqual([read(), read(), read()], [false, false, false]);
  leases.over(5);
  assert.equal(read(), true);
});

test('of many files that are read at once only so many are read ahead', () => {
  const leases = new ReadLeases(() => {});
  let given = 0;
  for (let number = 0; number < 100; number++) {
    const file = new MemoryFile(new Uint8Array(1 << 16));
    for (let i = 0; i < 2; i++) {
      const before = file.position;
      file.read(512);
      if (leases.read(1, file, before, 512, 512)) given++;
    }
  }
  assert.equal(given, 64);
  leases.returned(1, 512);
  const file = new MemoryFile(new Uint8Array(1 << 16));
  for (const before of [0, 512]) if (leases.read(1, file, before, 512, 512)) given++;
  assert.equal(given, 65);
});

test('each call with an effect that is known is a call', () => {
  const names = new Set(syscalls.map(({ name }) => name));
  for (const name of fileEffectNames) assert.ok(names.has(name), name);
});
