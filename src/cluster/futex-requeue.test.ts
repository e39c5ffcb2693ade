/** Requeues between homes on three nodes: no wait is lost, none ends twice, and a wake finds what was moved before it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Errno } from '../abi/errno.ts';
import { FUTEX_CMP_REQUEUE, FUTEX_REQUEUE, FUTEX_WAIT, FUTEX_WAKE } from '../abi/process.ts';
import { lock, Model, nodes, runToEnd, type Thread, unlock, wordOf } from './testing/futex-model.ts';

const seeds = 150;
const all = 0x7fffffff;

/** Time that passes when the test says so. */
function virtualTime(t: TestContext): { readonly nowMs: number; pass(ms: number): void } {
  const clock = { nowMs: 0 };
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(performance, 'now', () => clock.nowMs);
  return {
    get nowMs() {
      return clock.nowMs;
    },
    pass(ms) {
      clock.nowMs += ms;
      t.mock.timers.tick(ms);
    },
  };
}

test('as many waits end by a wake as wakes counted, whatever is requeued, interrupted and timed out', (t) => {
  const time = virtualTime(t);
  const found = { woken: 0, moved: 0, interrupted: 0, late: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const model = new Model(seed);
    const { prng } = model;
    const words = Array.from({ length: 6 }, (_, page) => wordOf(page) + 128);
    let waiting = 6;
    let ended = 0;
    let woken = 0;
    function* waiter(): Thread {
      for (let round = 0; round < 8; round++) {
        const call = [prng.pick(words), FUTEX_WAIT, 0, 0];
        const result = yield prng.below(2) ? call : { call, untilMs: time.nowMs + prng.below(10) };
        if (result === 0) ended++;
        else if (result === -Errno.EINTR) found.interrupted++;
        else {
          assert.equal(result, -Errno.ETIMEDOUT);
          found.late++;
        }
      }
      waiting--;
    }
    function* waker(): Thread {
      while (waiting > 0) {
        const [word, target] = [prng.pick(words), prng.pick(words)];
        if (prng.below(3) === 0) {
          const result = yield [word, FUTEX_WAKE, prng.below(3)];
          woken += result;
        } else {
          const wakes = prng.below(2);
          const compares = prng.below(2);
          const result = yield [
            word,
            compares ? FUTEX_CMP_REQUEUE : FUTEX_REQUEUE,
            wakes,
            1 + prng.below(4),
            target,
            0,
          ];
          assert.ok(result >= 0, `requeue: ${result}`);
          woken += Math.min(result, wakes);
          found.moved += Math.max(0, result - wakes);
        }
      }
    }
    for (let number = 0; number < waiting; number++) model.start(number, number % nodes, waiter());
    for (let number = 0; number < 3; number++) model.start(10 + number, prng.below(nodes), waker());
    runToEnd(model, seed, () => {
      if (prng.below(20) === 0) time.pass(1);
      if (prng.below(40) === 0) model.interrupt();
    });
    assert.equal(ended, woken, `seed ${seed}`);
    found.woken += woken;
    const left = model.futexes.flatMap((futexes) => futexes.describe()).filter((line) => /^futex /.test(line));
    assert.deepEqual(left, [], `seed ${seed}`);
  }
  for (const [what, count] of Object.entries(found)) assert.ok(count > 500, `${what}: ${count}`);
});

test('a wait that is moved about is interrupted wherever it stands', () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const model = new Model(seed);
    const { prng } = model;
    const words = Array.from({ length: 6 }, (_, page) => wordOf(page) + 128);
    const waiters = 6;
    function* waiter(): Thread {
      for (let round = 0; round < 2; round++)
        assert.equal(yield [prng.pick(words), FUTEX_WAIT, 0, 0], -Errno.EINTR, `seed ${seed}`);
    }
    function* mover(node: number): Thread {
      for (let round = 0; round < 12; round++) {
        const target = prng.pick(words);
        // Until its page is lent to this node, perhaps.
        for (let calls = prng.below(4); calls > 0; calls--) yield [target, FUTEX_WAKE, 0];
        const own = words.filter((_, page) => page % nodes === node);
        const from = prng.below(2) ? prng.pick(own) : prng.pick(words);
        yield [from, FUTEX_REQUEUE, 0, 1 + prng.below(4), target];
      }
    }
    for (let number = 0; number < waiters; number++) model.start(number, number % nodes, waiter());
    for (let node = 0; node < nodes; node++) model.start(10 + node, node, mover(node));
    const told = new Set<string>();
    runToEnd(model, seed, () => {
      // Most when nothing moves any more. Each once: an interrupt that is lost leaves its wait for ever.
      const idle = model.delayed.length === 0 && model.streams.every((stream) => stream.length === 0);
      if (!idle && prng.below(50) > 0) return;
      const waits = [...model.waits].filter(([number, { id }]) => !told.has(`${number} ${id}`));
      if (waits.length === 0) return;
      const [number, { node, id }] = prng.pick(waits);
      told.add(`${number} ${id}`);
      model.futexes[node]!.interrupt(id);
    });
  }
});

test('a wait that was moved within its node, to a page that has gone back since, is interrupted', () => {
  const model = new Model(1);
  const [word, target] = [wordOf(0), wordOf(1)];
  function* user(node: number): Thread {
    for (let calls = 0; calls < 3; calls++) assert.equal(yield [target, FUTEX_WAKE, 0], 0, `node ${node}`);
  }
  function* waiter(): Thread {
    assert.equal(yield [word, FUTEX_WAIT, 0, 0], -Errno.EINTR);
  }
  function* requeuer(): Thread {
    assert.equal(yield [word, FUTEX_REQUEUE, 0, all, target], 1);
  }
  const toRest = (): void => {
    while (model.step());
  };
  model.start(1, 0, user(0));
  toRest();
  assert.match(model.futexes[0]!.describe().join(), /borrowed/);
  model.start(2, 0, waiter());
  toRest();
  model.start(3, 0, requeuer());
  toRest();
  model.start(4, 2, user(2));
  toRest();
  assert.match(model.futexes[1]!.describe().join(), /^futex /, 'it stands at its home');
  model.interrupt();
  runToEnd(model, 1);
});

test('a condition variable that moves its waiters to the mutex loses none, and wakes none without cause', () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const model = new Model(seed);
    const { prng } = model;
    // Of one home, or two; the mutex's page perhaps lent to a node that has used it alone.
    const mutex = wordOf(prng.below(4));
    const condition = wordOf(4 + prng.below(4)) + 64;
    const rounds = 4;
    const waiters = 5;
    let arrived = 0;
    let generation = 0;
    let ends = 0;
    function* waiter(): Thread {
      for (let round = 0; round < rounds; round++) {
        yield* lock(model, mutex);
        arrived++;
        const before = model.get(condition);
        const own = generation;
        yield* unlock(model, mutex);
        while (own === generation) {
          const result = yield [condition, FUTEX_WAIT, before, 0];
          if (result === 0) ends++;
          // As the old way has it: who comes from the mutex's queue may have others behind.
          let held = model.exchange(mutex, 2);
          while (held !== 0) {
            yield [mutex, FUTEX_WAIT, 2, 0];
            held = model.exchange(mutex, 2);
          }
          if (own === generation) assert.notEqual(result, 0, `seed ${seed}: woken without cause`);
          yield* unlock(model, mutex);
        }
      }
    }
    function* broadcaster(): Thread {
      for (let i = 0; i < 4; i++) {
        yield* lock(model, mutex);
        yield [mutex, FUTEX_WAKE, 0];
        yield* unlock(model, mutex);
      }
      for (let round = 0; round < rounds; ) {
        yield* lock(model, mutex);
        if (arrived === waiters) {
          arrived = 0;
          generation++;
          round++;
          const value = model.get(condition) + 1;
          model.words.set(condition, value);
          const result = yield [condition, FUTEX_CMP_REQUEUE, 1, all, mutex, value];
          assert.ok(result >= 0 && result <= waiters, `requeue: ${result}`);
          // Some of them stand in the mutex's queue by now.
          model.exchange(mutex, 2);
        }
        yield* unlock(model, mutex);
        yield [mutex + 32, FUTEX_WAKE, 1];
      }
    }
    for (let number = 0; number < waiters; number++) model.start(number, number % nodes, waiter());
    model.start(waiters, prng.below(nodes), broadcaster());
    runToEnd(model, seed);
    assert.ok(ends > 0);
  }
});

test('who is told of a requeue, the caller or a thread that it woke, finds the others at the target', () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const model = new Model(seed);
    const { prng } = model;
    const waiters = 6;
    const [word, target] = [wordOf(prng.below(3)), wordOf(3 + prng.below(3)) + 64];
    const wokenTells = prng.below(2) === 0;
    let woken = 0;
    const counts: number[] = [];
    function* waiter(): Thread {
      assert.equal(yield [word, FUTEX_WAIT, 0, 0], 0);
      if (woken++ === 0 && wokenTells) counts.push(yield [target, FUTEX_WAKE, all]);
    }
    function* requeuer(): Thread {
      assert.equal(yield [word, FUTEX_CMP_REQUEUE, 1, all, target, 0], waiters);
      if (!wokenTells) counts.push(yield [target, FUTEX_WAKE, all]);
    }
    function* user(): Thread {
      for (let i = 0; i < 5; i++) yield [target, FUTEX_WAKE, 1];
    }
    // The target's page may be lent to one node.
    model.start(20, prng.below(nodes), user());
    runToEnd(model, seed);
    for (let number = 0; number < waiters; number++) model.start(number, number % nodes, waiter());
    while (model.step());
    model.start(10, prng.below(nodes), requeuer());
    runToEnd(model, seed);
    assert.deepEqual(counts, [waiters - 1], `seed ${seed}`);
  }
});

test('a broadcast over two homes takes three messages, one for each waiter that moves, and the answers', () => {
  const model = new Model(1);
  const [word, target] = [wordOf(1), wordOf(2)];
  const waiters = 8;
  function* waiter(): Thread {
    assert.equal(yield [word, FUTEX_WAIT, 0, 0], 0);
  }
  for (let number = 0; number < waiters; number++) model.start(number, number % 2, waiter());
  while (model.step());
  const before = model.messages();
  function* requeuer(): Thread {
    assert.equal(yield [word, FUTEX_CMP_REQUEUE, 1, all, target, 0], waiters);
  }
  model.start(10, 0, requeuer());
  while (model.step());
  // requeue, hand, handed; moved for all but one; answers to the caller and to the one that is woken, which is remote.
  assert.equal(model.messages() - before, 3 + (waiters - 1) + 2);
  assert.equal(model.running, waiters - 1);
});
