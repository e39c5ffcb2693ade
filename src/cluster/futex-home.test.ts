import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errno } from '../abi/errno.ts';
import { PROT_NONE, PROT_READ, PROT_WRITE } from '../abi/memory.ts';
import { pageBytes, pageShift } from '../layout/access.ts';
import { FutexHome, type Mover, servedElsewhere } from './futex-home.ts';
import { GuestAccess } from './guest-access.ts';
import { MapChanges } from './map-changes.ts';
import { idleEngine } from './testing/idle-engine.ts';
import { ManualBlocks } from './testing/manual-blocks.ts';

const word = 0x40000;
const other = word + 64;
const hidden = word + pageBytes;
const anyBit = -1;
const forever = -1;

/** A futex home whose words are on a block that is away until the test gives it; results are noted by key. */
async function start() {
  const engine = idleEngine(2);
  const blocks = new ManualBlocks(engine);
  const maps = new MapChanges(engine, async () => {});
  await maps.apply({ start: word, length: pageBytes, protection: PROT_READ | PROT_WRITE, fresh: true });
  await maps.apply({ start: hidden, length: pageBytes, protection: PROT_NONE, fresh: true });
  const elsewhere = new Set<number>();
  const home = new FutexHome(new GuestAccess(engine, blocks.obtain), (address) => !elsewhere.has(address));
  const results: [string, number][] = [];
  const wait = (key: string, address = word, expected = 0, bitset = anyBit, timeoutMs = forever): void =>
    home.wait(key, address, expected, bitset, timeoutMs < 0 ? undefined : performance.now() + timeoutMs, (result) =>
      results.push([key, result]),
    );
  const here = (): void => blocks.set(word >>> pageShift, 1);
  return { engine, blocks, home, results, wait, here, elsewhere };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('waiters are woken in their order, as many as asked for', async () => {
  const { home, wait, results, here } = await start();
  here();
  for (const key of ['a', 'b', 'c']) wait(key);
  assert.equal(home.wake(other, 1, anyBit), 0);
  assert.equal(home.wake(word, 2, anyBit), 2);
  assert.deepEqual(results, [
    ['a', 0],
    ['b', 0],
  ]);
  assert.equal(home.wake(word, 0, anyBit), 0);
  assert.equal(home.wake(word, 0x7fffffff, anyBit), 1);
  assert.equal(home.wake(word, 1, anyBit), 0);
  assert.deepEqual(home.describe(), []);
});

test('bitsets choose the waiters; an empty one is an error', async () => {
  const { home, wait, results, here } = await start();
  here();
  wait('a', word, 0, 0b01);
  wait('b', word, 0, 0b10);
  assert.equal(home.wake(word, 9, 0b10), 1);
  assert.deepEqual(results, [['b', 0]]);
  assert.equal(home.wake(word, 9, 0), -Errno.EINVAL);
  wait('c', word, 0, 0);
  wait('d', word + 2);
  assert.deepEqual(results.slice(1), [
    ['c', -Errno.EINVAL],
    ['d', -Errno.EINVAL],
  ]);
});

test('another value answers EAGAIN, an unreadable word EFAULT', async () => {
  const { home, wait, results, here, engine } = await start();
  here();
  engine.memory.words[word >>> 2] = 5;
  wait('a');
  wait('b', hidden);
  wait('c', word, 5);
  assert.deepEqual(results, [
    ['a', -Errno.EAGAIN],
    ['b', -Errno.EFAULT],
  ]);
  assert.equal(home.wake(word, 9, anyBit), 1);
});

test('the value is looked at when the word is here, and a wake after that finds the waiter', async () => {
  const { home, blocks, wait, results, engine } = await start();
  wait('late');
  wait('changed');
  assert.equal(home.wake(word, 9, anyBit), 0);
  blocks.give(false);
  assert.equal(home.wake(word, 9, anyBit), 1);
  engine.memory.words[word >>> 2] = 1;
  blocks.give(false);
  await settled();
  assert.deepEqual(results, [
    ['late', 0],
    ['changed', -Errno.EAGAIN],
  ]);
});

test('a wait ends by its timeout, and is no waiter any more', async () => {
  const { home, wait, results, here } = await start();
  here();
  const begin = performance.now();
  wait('a', word, 0, anyBit, 30);
  wait('now', word, 0, anyBit, 0);
  while (results.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(results, [
    ['now', -Errno.ETIMEDOUT],
    ['a', -Errno.ETIMEDOUT],
  ]);
  assert.ok(performance.now() - begin >= 30);
  assert.equal(home.wake(word, 1, anyBit), 0);
});

test('a wait is cancelled before and after its word has come, once', async () => {
  const { home, blocks, wait, results, here } = await start();
  wait('early');
  home.cancel('early');
  blocks.give();
  await settled();
  here();
  wait('queued');
  home.cancel('queued');
  home.cancel('queued');
  home.cancel('unknown');
  assert.equal(home.wake(word, 9, anyBit), 0);
  assert.deepEqual(results, [
    ['early', -Errno.EINTR],
    ['queued', -Errno.EINTR],
  ]);
});

test('a wait that is cancelled between its enqueuing and the answer ends once', async () => {
  const { home, blocks, wait, results } = await start();
  wait('a');
  blocks.give();
  home.cancel('a');
  await settled();
  assert.deepEqual(results, [['a', -Errno.EINTR]]);
});

/** Keeps waits here, or notes what it is to hand elsewhere and how that ends. */
function mover(keeps: boolean) {
  const handed: { target: number; keys: string[]; done: () => void }[] = [];
  const kept: string[] = [];
  const to: Mover = {
    keeps: () => keeps,
    kept: ({ key, address }) => kept.push(`${key} at ${address.toString(16)}`),
    hand: (target, waits, done) => handed.push({ target, keys: waits.map(({ key }) => key), done }),
  };
  return { to, handed, kept };
}
const requeued = { address: word, wakeCount: 1, moveCount: 9, target: other, expected: undefined };

test('requeue wakes some and moves others in their order', async () => {
  const { home, wait, results, here, engine } = await start();
  here();
  const counts: number[] = [];
  const { to, handed, kept } = mover(true);
  for (const key of ['a', 'b', 'c', 'd']) wait(key);
  home.requeue({ ...requeued, moveCount: 2, expected: 0 }, to, (count) => counts.push(count));
  assert.deepEqual(results, [['a', 0]]);
  assert.deepEqual(kept, ['b at 40040', 'c at 40040']);
  assert.equal(home.wake(word, 9, anyBit), 1);
  assert.equal(home.wake(other, 9, anyBit), 2);
  assert.deepEqual(
    results.map(([key]) => key),
    ['a', 'd', 'b', 'c'],
  );
  engine.memory.words[word >>> 2] = 1;
  home.requeue({ ...requeued, expected: 0 }, to, (count) => counts.push(count));
  for (const wrong of [{ wakeCount: -1 }, { moveCount: -1 }, { address: word + 2 }, { target: other + 1 }])
    home.requeue({ ...requeued, ...wrong }, to, (count) => counts.push(count));
  assert.deepEqual(counts, [3, -Errno.EAGAIN, ...Array<number>(4).fill(-Errno.EINVAL)]);
  assert.deepEqual(handed, []);
});

test('waiters that go elsewhere are no waiters here, and nobody is told before they stand there', async () => {
  const { home, wait, results, here } = await start();
  here();
  const counts: number[] = [];
  const { to, handed, kept } = mover(false);
  for (const key of ['a', 'b', 'c']) wait(key, word, 0, anyBit, key === 'a' ? forever : 20);
  home.requeue(requeued, to, (count) => counts.push(count));
  assert.deepEqual(
    handed.map(({ target, keys }) => [target, ...keys]),
    [[other, 'b', 'c']],
  );
  assert.deepEqual(home.describe(), []);
  home.cancel('a');
  home.cancel('b');
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.deepEqual([results, counts], [[], []]);
  handed[0]!.done();
  assert.deepEqual([results, counts, kept], [[['a', 0]], [3], []]);
  // Nobody to be moved: nothing waits for another node.
  wait('d');
  home.requeue(requeued, to, (count) => counts.push(count));
  assert.deepEqual([results.at(-1), counts.at(-1), handed.length], [['d', 0], 1, 1]);
});

test('a moved waiter is cancelled at its new place', async () => {
  const { home, wait, results, here } = await start();
  here();
  wait('a');
  home.requeue({ ...requeued, wakeCount: 0 }, mover(true).to, () => {});
  home.cancel('a');
  assert.deepEqual(results, [['a', -Errno.EINTR]]);
  assert.deepEqual(home.describe(), []);
});

test('a futex that went elsewhere while its word was fetched is not waited for here', async () => {
  const { home, blocks, wait, results, elsewhere } = await start();
  wait('a');
  elsewhere.add(word);
  blocks.give();
  await settled();
  assert.deepEqual(results, [['a', servedElsewhere]]);
  assert.deepEqual(home.describe(), []);
});
