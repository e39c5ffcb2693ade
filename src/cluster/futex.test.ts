import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errno } from '../abi/errno.ts';
import { PROT_READ, PROT_WRITE } from '../abi/memory.ts';
import { FUTEX_WAIT, FUTEX_WAKE } from '../abi/process.ts';
import { Access } from '../coherence/sink.ts';
import { pageBytes, pageShift } from '../layout/access.ts';
import { Futexes } from './futex.ts';
import { GuestAccess } from './guest-access.ts';
import { MapChanges } from './map-changes.ts';
import { idleEngine } from './testing/idle-engine.ts';
import { ManualBlocks } from './testing/manual-blocks.ts';

const word = 0x40000;
const timespec = 0x50000;

async function start() {
  const engine = idleEngine(2);
  const blocks = new ManualBlocks(engine);
  const maps = new MapChanges(engine, async () => {});
  for (const at of [word, timespec])
    await maps.apply({ start: at, length: pageBytes, protection: PROT_READ | PROT_WRITE, fresh: true });
  blocks.set(word >>> pageShift, Access.Write);
  const futexes = new Futexes({
    node: 0,
    homeOf: () => 0,
    connections: new Map(),
    access: new GuestAccess(engine, blocks.obtain),
    now: { monotonicMs: () => 0, realtimeMs: () => 0 },
  });
  return { engine, blocks, futexes };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a wait is interrupted while its timeout is still being read', async () => {
  const { engine, blocks, futexes } = await start();
  engine.memory.words[timespec >>> 2] = 1000;
  const results: number[] = [];
  const id = futexes.call([word, FUTEX_WAIT, 0, timespec], false, (result) => results.push(result));
  futexes.interrupt(id);
  assert.deepEqual(results, []);
  blocks.give();
  await settled();
  assert.deepEqual(results, [-Errno.EINTR]);
  assert.deepEqual(futexes.home.describe(), []);
  futexes.interrupt(id);
  assert.deepEqual(results, [-Errno.EINTR]);
});

test('a wait is interrupted in its queue, or woken, and nothing comes after that', async () => {
  const { futexes } = await start();
  const results: number[] = [];
  const note = (result: number): void => {
    results.push(result);
  };
  const first = futexes.call([word, FUTEX_WAIT, 0, 0], false, note);
  futexes.interrupt(first);
  const second = futexes.call([word, FUTEX_WAIT, 0, 0], false, note);
  futexes.call([word, FUTEX_WAKE, 1], false, note);
  futexes.interrupt(second);
  assert.deepEqual(results, [-Errno.EINTR, 0, 1]);
});

test('a wait that starts again keeps its time', { timeout: 10_000 }, async () => {
  const { engine, blocks, futexes } = await start();
  blocks.set(timespec >>> pageShift, Access.Write);
  engine.memory.words.set([0, 150e6], timespec >>> 2);
  const wait = { untilMs: undefined };
  const begin = performance.now();
  const once = (args: number[]): Promise<number> =>
    new Promise((resolve) => {
      const id = futexes.call([word, FUTEX_WAIT, 0, ...args], false, resolve, wait);
      if (args[1] === 1) futexes.interrupt(id);
    });
  assert.equal(await once([timespec, 1]), -Errno.EINTR);
  assert.notEqual(wait.untilMs, undefined);
  // A minute, if it were looked at again.
  engine.memory.words.set([60, 0], timespec >>> 2);
  assert.equal(await once([timespec, 0]), -Errno.ETIMEDOUT);
  assert.ok(performance.now() - begin >= 150);
});

test('a timeout that is no time is EINVAL', async () => {
  const { engine, blocks, futexes } = await start();
  blocks.set(timespec >>> pageShift, Access.Write);
  const results: number[] = [];
  for (const time of [
    [0, 1e9],
    [0, -1],
    [-1, 0],
  ]) {
    engine.memory.words.set(time, timespec >>> 2);
    futexes.call([word, FUTEX_WAIT, 0, timespec], false, (result) => results.push(result));
  }
  assert.deepEqual(results, [-Errno.EINVAL, -Errno.EINVAL, -Errno.EINVAL]);
});

test('a timeout that can not be read is EFAULT, an unknown operation ENOSYS', async () => {
  const { futexes } = await start();
  const results: number[] = [];
  futexes.call([word, FUTEX_WAIT, 0, 0x60000], false, (result) => results.push(result));
  futexes.call([word, 6, 0, 0], false, (result) => results.push(result));
  assert.deepEqual(results, [-Errno.EFAULT, -Errno.ENOSYS]);
});
