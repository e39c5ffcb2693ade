/**
 * Futexes of three nodes over a network with random delays (in order for each pair, as connections are), with threads
 * that lock, count and unlock, wait for times, and are interrupted. No wake may be lost: every seed comes to its end.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errno } from '../abi/errno.ts';
import { FUTEX_CMP_REQUEUE, FUTEX_WAIT, FUTEX_WAKE } from '../abi/process.ts';
import { Prng } from '../base/prng.ts';
import { pageShift } from '../layout/access.ts';
import type { Connection } from '../transport/connection.ts';
import { Frame } from '../transport/frame.ts';
import { Futexes } from './futex.ts';
import type { GuestAccess } from './guest-access.ts';

const nodes = 3;
const pages = 12;
const seeds = 200;
const stepsMax = 200_000;

/** What a thread of the model does: each `yield` is a futex call, whose result comes back. */
type Thread = Generator<number[], void, number>;

class Model {
  readonly prng: Prng;
  readonly words = new Map<number, number>();
  readonly futexes: Futexes[] = [];
  /** What may happen next: the head of each pair's stream, and steps that wait for a block. */
  readonly streams: (() => void)[][] = [];
  readonly delayed: (() => void)[] = [];
  /** Id of the wait of each thread, by number. */
  readonly waits = new Map<number, { node: number; id: number }>();
  running = 0;

  constructor(seed: number) {
    this.prng = new Prng(seed);
    for (let node = 0; node < nodes; node++) {
      const connections = new Map<number, Connection>();
      for (let to = 0; to < nodes; to++) if (to !== node) connections.set(to, this.#connection(node, to));
      this.futexes.push(
        new Futexes({
          node,
          homeOf: (address) => (address >>> pageShift) % nodes,
          connections,
          access: this.#access(),
          now: { monotonicMs: () => performance.now(), realtimeMs: () => performance.now() },
        }),
      );
    }
  }

  #connection(from: number, to: number): Connection {
    const stream: (() => void)[] = [];
    this.streams.push(stream);
    const send = (
      channel: number,
      kind: number,
      w0: number,
      w1: number,
      w2: number,
      w3: number,
      payload?: Uint8Array,
    ) => {
      stream.push(() => {
        const frame = new Frame();
        const bytes = payload?.slice() ?? new Uint8Array(0);
        Object.assign(frame, { channel, kind, w0, w1, w2, w3, bytes, start: 0, payloadBytes: bytes.length });
        this.futexes[to]!.handle(from, frame);
      });
    };
    return { send } as unknown as Connection;
  }

  /** Memory of which a step may have to wait for its block. */
  #access(): GuestAccess {
    const perform = <T>(step: () => T, done: (result: T) => void): void => {
      if (this.prng.below(4) > 0) done(step());
      else this.delayed.push(() => done(step()));
    };
    return { perform, readWord: (address: number) => this.get(address) } as unknown as GuestAccess;
  }

  get(address: number): number {
    return this.words.get(address) ?? 0;
  }

  exchange(address: number, value: number): number {
    const before = this.get(address);
    this.words.set(address, value);
    return before;
  }

  start(number: number, node: number, thread: Thread): void {
    this.running++;
    const resume = (result: number): void => {
      // On the thread's executor, after what its node does now.
      this.delayed.push(() => {
        this.waits.delete(number);
        const { done, value } = thread.next(result);
        if (done) this.running--;
        else {
          const id = this.futexes[node]!.call(value as number[], false, resume);
          if (value[1] === FUTEX_WAIT) this.waits.set(number, { node, id });
        }
      });
    };
    resume(0);
  }

  /** One thing that may happen. @returns false when there is none */
  step(): boolean {
    const ready = this.streams.filter((stream) => stream.length > 0);
    const choice = this.prng.below(ready.length + this.delayed.length || 1);
    if (choice < ready.length) ready[choice]!.shift()!();
    else if (this.delayed.length > 0) this.delayed.splice(choice - ready.length, 1)[0]!();
    else return false;
    return true;
  }

  /** A signal for a thread that may be waiting. */
  interrupt(): void {
    const waits = [...this.waits.values()];
    if (waits.length === 0) return;
    const { node, id } = this.prng.pick(waits);
    this.futexes[node]!.interrupt(id);
  }

  messages(): number {
    return this.futexes.reduce((sum, { messages }) => sum + messages, 0);
  }
}

const wordOf = (page: number): number => (page + nodes) << pageShift;

/** A mutex of three states: 0 free, 1 taken, 2 taken and perhaps waited for. */
function* lock(model: Model, mutex: number): Thread {
  let before = model.get(mutex);
  if (before === 0) {
    model.exchange(mutex, 1);
    return;
  }
  before = model.exchange(mutex, 2);
  while (before !== 0) {
    const result = yield [mutex, FUTEX_WAIT, 2, 0];
    assert.ok([0, -Errno.EAGAIN, -Errno.EINTR].includes(result), `wait: ${result}`);
    before = model.exchange(mutex, 2);
  }
}

function* unlock(model: Model, mutex: number): Thread {
  if (model.exchange(mutex, 0) === 2) yield [mutex, FUTEX_WAKE, 1];
}

function* counter(model: Model, mutexes: readonly number[], rounds: number): Thread {
  for (let round = 0; round < rounds; round++) {
    const mutex = mutexes[model.prng.below(mutexes.length)]!;
    yield* lock(model, mutex);
    const inside = mutex + 8;
    assert.equal(model.exchange(inside, 1), 0, 'two in one critical section');
    // Others may come meanwhile.
    yield [mutex + 16, FUTEX_WAKE, 1];
    model.words.set(inside, 0);
    model.words.set(mutex + 12, model.get(mutex + 12) + 1);
    yield* unlock(model, mutex);
  }
}

function runToEnd(model: Model, seed: number, between: () => void = () => {}): void {
  for (let steps = 0; model.running > 0; steps++) {
    assert.ok(steps < stepsMax, `seed ${seed}: no end`);
    between();
    const hangs = (): string => model.futexes.map((futexes) => futexes.describe().join(', ')).join(' | ');
    assert.ok(model.step() || model.running === 0, `seed ${seed}: ${model.running} threads wait for ever: ${hangs()}`);
  }
}

test('no wake is lost while pages are lent and come back', () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const model = new Model(seed);
    const mutexes = Array.from({ length: pages }, (_, page) => wordOf(page));
    const rounds = 20;
    const threads = 9;
    for (let number = 0; number < threads; number++) {
      const node = number % nodes;
      // Some keep to one mutex, so that a node may have it for itself for a while.
      const own =
        model.prng.below(2) === 0 ? mutexes : mutexes.filter((_, page) => page % nodes === (node + 1) % nodes);
      model.start(number, node, counter(model, own, rounds));
    }
    runToEnd(model, seed, () => {
      if (model.prng.below(20) === 0) model.interrupt();
    });
    const counted = mutexes.reduce((sum, mutex) => sum + model.get(mutex + 12), 0);
    assert.equal(counted, threads * rounds, `seed ${seed}`);
  }
});

test('every wait that is interrupted ends, wherever it stands', () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const model = new Model(seed);
    function* sleeper(): Thread {
      for (let round = 0; round < 4; round++) {
        const word = wordOf(model.prng.below(2)) + 256;
        assert.equal(yield [word, FUTEX_WAIT, 0, 0], -Errno.EINTR, `seed ${seed}`);
        yield [word, FUTEX_WAKE, 0];
      }
    }
    const threads = 4;
    for (let number = 0; number < threads; number++) model.start(number, number % nodes, sleeper());
    const told = new Set<number>();
    runToEnd(model, seed, () => {
      // Each once.
      const waits = [...model.waits].filter(([number, { id }]) => !told.has(number * stepsMax + id));
      const idle = model.delayed.length === 0 && model.streams.every((stream) => stream.length === 0);
      if (waits.length === 0 || (!idle && model.prng.below(30) > 0)) return;
      const [number, { node, id }] = model.prng.pick(waits);
      told.add(number * stepsMax + id);
      model.futexes[node]!.interrupt(id);
    });
  }
});

test('waiters that are requeued find their wake wherever they stand', () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const model = new Model(seed);
    const [gate, target] = [wordOf(0), wordOf(model.prng.below(pages)) + 64];
    const waiters = 6;
    function* waiter(): Thread {
      while (model.get(gate) === 0) yield [gate, FUTEX_WAIT, 0, 0];
    }
    function* opener(): Thread {
      model.words.set(gate, 1);
      let result: number;
      do result = yield [gate, FUTEX_CMP_REQUEUE, 1, 100, target, 1];
      while (result === -Errno.EAGAIN);
      // Whoever enters the queue from here on sees the open gate; the moved ones wait at the target.
      yield [target, FUTEX_WAKE, 100];
    }
    for (let number = 0; number < waiters; number++) model.start(number, number % nodes, waiter());
    const opens = model.prng.below(400);
    let steps = 0;
    let opened = false;
    while (model.running > 0 || !opened) {
      if (steps++ === opens || (!opened && !model.step())) {
        opened = true;
        model.start(waiters, model.prng.below(nodes), opener());
      } else if (opened)
        assert.ok(model.step() || model.running === 0, `seed ${seed}: ${model.running} threads wait for ever`);
      assert.ok(steps < stepsMax, `seed ${seed}: no end`);
    }
  }
});

test('a mutex that one node alone uses costs no messages after a few; handed over between nodes, four a time', () => {
  const model = new Model(1);
  const mutex = wordOf(1);
  for (const number of [0, 1, 2, 3]) model.start(number, 0, counter(model, [mutex], 50));
  runToEnd(model, 1);
  const few = 20;
  assert.ok(model.messages() <= few, `${model.messages()} messages`);
  assert.deepEqual(
    model.futexes.map((futexes) => futexes.describe()),
    [
      [`futexes of page ${(mutex >>> pageShift).toString(16)}: borrowed`],
      [`futexes of page ${(mutex >>> pageShift).toString(16)}: lent to node 0`],
      [],
    ],
  );

  // Two threads on two nodes, neither of them the home's, hand a word over by turns.
  const turns = 200;
  const before = model.messages();
  const word = wordOf(2) + 128;
  function* player(own: number, other: number): Thread {
    for (let turn = 0; turn < turns; turn++) {
      while (model.get(word) !== own) yield [word, FUTEX_WAIT, other, 0];
      model.words.set(word, other);
      yield [word, FUTEX_WAKE, 1];
    }
  }
  model.start(10, 0, player(0, 1));
  model.start(11, 1, player(1, 0));
  runToEnd(model, 1);
  const each = (model.messages() - before) / (2 * turns);
  // wait, wake, and an answer to each; loans that did not last are the rest.
  assert.ok(each <= 4.5, `${each} messages a turn`);
});
