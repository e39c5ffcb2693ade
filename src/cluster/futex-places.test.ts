/** Futexes of three nodes while pages are lent and come back. No wake may be lost: every seed comes to its end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errno } from '../abi/errno.ts';
import { FUTEX_CMP_REQUEUE, FUTEX_WAIT, FUTEX_WAKE } from '../abi/process.ts';
import { pageShift } from '../layout/access.ts';
import { lock, Model, nodes, runToEnd, stepsMax, type Thread, unlock, wordOf } from './testing/futex-model.ts';

const pages = 12;
const seeds = 200;

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
