import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from '../abi/memory.ts';
import { Access } from '../coherence/sink.ts';
import { Deny, granuleShift, pageBytes, pageShift } from '../layout/access.ts';
import { BlockwiseReader, BlockwiseWriter } from './blockwise.ts';
import { GuestAccess } from './guest-access.ts';
import { MapChanges } from './map-changes.ts';
import { idleEngine } from './testing/idle-engine.ts';
import { ManualBlocks } from './testing/manual-blocks.ts';

const start = 0x40000;
const first = start >>> pageShift;
const pages = 4;

/** Four pages, readable and writable, whose blocks are all away. */
async function setUp() {
  const engine = idleEngine(2);
  const blocks = new ManualBlocks(engine);
  const maps = new MapChanges(engine, async () => {});
  const protect = (page: number, count: number, protection: number): Promise<void> =>
    maps.apply({ start: start + page * pageBytes, length: count * pageBytes, protection, fresh: false });
  await protect(0, pages, PROT_READ | PROT_WRITE);
  return { engine, blocks, protect, access: new GuestAccess(engine, blocks.obtain), memory: engine.memory };
}
const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7 + (i >>> 8));
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a read over blocks that never stay together comes to its end', async () => {
  const { access, blocks, memory } = await setUp();
  const bytes = pattern(2 * pageBytes + 20);
  memory.bytes.set(bytes, start + pageBytes - 10);
  const result = access.readAsync(start + pageBytes - 10, bytes.length);
  const given: number[] = [];
  while (blocks.wanted.length > 0) given.push(blocks.give(false));
  assert.deepEqual(given, [first, first + 1, first + 2, first + 3]);
  assert.deepEqual(await result, bytes);
});

test('a write over blocks that never stay together comes to its end', async () => {
  const { access, blocks, memory } = await setUp();
  const bytes = pattern(2 * pageBytes + 20);
  const result = access.writeAsync(start + pageBytes - 10, bytes);
  let given = 0;
  for (; blocks.wanted.length > 0; given++) {
    assert.equal(blocks.wanted[0]!.access, Access.Write);
    blocks.give(false);
  }
  assert.equal(given, 4);
  assert.equal(await result, true);
  assert.deepEqual(memory.bytes.slice(start + pageBytes - 10, start + pageBytes - 10 + bytes.length), bytes);
});

test('a marshalling step keeps what it has copied over its restarts', async () => {
  const { access, blocks, memory } = await setUp();
  const bytes = pattern(2 * pageBytes);
  memory.bytes.set(bytes, start);
  const reader = new BlockwiseReader(access);
  const writer = new BlockwiseWriter(access);
  let runs = 0;
  let result: boolean | undefined;
  access.perform(
    () => {
      runs++;
      reader.restart();
      writer.restart();
      const head = reader.read(start, 4);
      const all = reader.read(start, bytes.length);
      if (!head || !all) return false;
      return writer.write(start + 2 * pageBytes, all) && writer.write(start + 4 * pageBytes - 4, head);
    },
    (value) => {
      result = value;
    },
  );
  while (blocks.wanted.length > 0) blocks.give(false);
  await settled();
  assert.equal(result, true);
  assert.ok(runs <= 7);
  const expected = bytes.slice();
  expected.set(bytes.subarray(0, 4), bytes.length - 4);
  assert.deepEqual(memory.bytes.slice(start + 2 * pageBytes, start + 4 * pageBytes), expected);
});

test('a reader that lends gives large inputs where they lie when all is here, and else copies', async () => {
  const { access, blocks, protect, memory } = await setUp();
  const length = 32 * pageBytes;
  await protect(0, 32, PROT_READ);
  const read = (lends: boolean): Uint8Array => {
    const reader = new BlockwiseReader(access, lends);
    let found: Uint8Array | null = null;
    access.perform(
      () => {
        reader.restart();
        return reader.read(start, length);
      },
      (bytes) => {
        found = bytes;
      },
    );
    while (blocks.wanted.length > 0) blocks.give();
    return found!;
  };
  memory.bytes.set(pattern(length), start);
  const missed = read(true);
  await settled();
  assert.equal(missed, null, 'a step that missed something hands its result on later');
  const isView = (bytes: Uint8Array): boolean => bytes.buffer === memory.bytes.buffer;
  assert.deepEqual([isView(read(true)), isView(read(false))], [true, false]);
  assert.deepEqual(read(true).slice(), pattern(length));
  blocks.set(first + 20, Access.None);
  let late: Uint8Array | null = null;
  const reader = new BlockwiseReader(access, true);
  access.perform(
    () => {
      reader.restart();
      return reader.read(start, length);
    },
    (bytes) => {
      late = bytes;
    },
  );
  blocks.give();
  await settled();
  assert.equal(isView(late!), false);
  assert.deepEqual(late, pattern(length));
});

test('what the guest may not touch is refused, wherever it is', async () => {
  const { access, blocks, protect } = await setUp();
  await protect(1, 1, PROT_READ);
  await protect(2, 1, PROT_NONE);
  await protect(3, 1, -1);
  assert.equal(await access.readAsync(start + pageBytes, pageBytes + 1), null);
  assert.equal(await access.readAsync(start + 3 * pageBytes, 1), null);
  assert.equal(await access.readAsync(2 ** 32 - 4, 8), null);
  assert.equal(access.readWord(start + 2 * pageBytes), null);
  assert.equal(await access.writeAsync(start, new Uint8Array(pageBytes + 1)), false);
  assert.equal(await access.writeAsync(start + 3 * pageBytes, new Uint8Array(1), true), false);
  assert.equal(blocks.wanted.length, 0);
  // The loader writes to what is mapped at all.
  const privileged = access.writeAsync(start + pageBytes, new Uint8Array(1), true);
  blocks.give();
  assert.equal(await privileged, true);
  assert.deepEqual(await access.readAsync(start + 3 * pageBytes, 0), new Uint8Array(0));
  assert.equal(await access.writeAsync(start + 3 * pageBytes, new Uint8Array(0)), true);
});

test('memory that goes while its block is awaited is refused in the end', async () => {
  const { access, blocks, protect } = await setUp();
  const written = access.writeAsync(start, pattern(2 * pageBytes));
  const read = access.readAsync(start, 8);
  await protect(0, 2, -1);
  assert.equal(blocks.give(), first);
  assert.equal(await written, false);
  blocks.give();
  assert.equal(await read, null);
  assert.equal(blocks.wanted.length, 0);
});

test('a read needs no right to write, a write needs it', async () => {
  const { access, blocks } = await setUp();
  blocks.set(first, Access.Read);
  assert.deepEqual(await access.readAsync(start, 4), new Uint8Array(4));
  assert.equal(access.readWord(start), 0);
  const written = access.writeAsync(start, pattern(4));
  assert.equal(blocks.give(), first);
  assert.equal(await written, true);
  assert.equal(access.readWord(start), 0x150e0700);
});

test('a write drops the code that it changes, after it changed it', async () => {
  const { access, blocks, engine, memory, protect } = await setUp();
  await protect(0, pages, PROT_READ | PROT_WRITE | PROT_EXEC);
  for (let page = 0; page < pages; page++) blocks.set(first + page, Access.Write);
  memory.markCode(start + pageBytes, start + pageBytes + 4);
  const dropped: [number, number, number][] = [];
  const dropCode = engine.dropCode.bind(engine);
  engine.dropCode = (from, to) => {
    dropped.push([from, to, memory.bytes[start + pageBytes]!]);
    dropCode(from, to);
  };
  assert.equal(await access.writeAsync(start, new Uint8Array(3 * pageBytes).fill(5)), true);
  assert.deepEqual(dropped, [[start + pageBytes, start + 2 * pageBytes, 5]]);
  assert.equal(memory.hasCode(start, pages * pageBytes), false);
  memory.markCode(start, start + 4);
  assert.equal((await access.readAsync(start, 64))![0], 5);
  assert.equal(dropped.length, 1);
});

test('a watch does not stop the emulator itself, and hides nothing behind it', async () => {
  const { access, blocks, engine, memory } = await setUp();
  blocks.set(first, Access.Write);
  engine.views.controlBytes[start >>> granuleShift]! |= Deny.watch;
  assert.equal(await access.writeAsync(start, pattern(pageBytes)), true);
  assert.deepEqual(await access.readAsync(start, pageBytes), pattern(pageBytes));
  const last = (start >>> granuleShift) + 63;
  engine.views.controlBytes[last]! |= Deny.coherenceRead | Deny.coherenceWrite;
  const result = access.readAsync(start, pageBytes);
  assert.equal(blocks.wanted.length, 1);
  blocks.give();
  assert.deepEqual(await result, memory.bytes.slice(start, start + pageBytes));
});

test('many blocks are asked for at once by writeMany', async () => {
  const { access, blocks, memory } = await setUp();
  const bytes = pattern(3 * pageBytes);
  const written = access.writeMany(start + 100, bytes);
  assert.equal(blocks.wanted.length, 4);
  while (blocks.wanted.length > 0) blocks.give();
  await written;
  assert.deepEqual(memory.bytes.slice(start + 100, start + 100 + bytes.length), bytes);
});
