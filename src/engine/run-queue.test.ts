import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Node, nodeBase, threadsMax } from '../layout/control.ts';
import { createMemories, Views } from './memory.ts';
import { RunQueue } from './run-queue.ts';

const emptyQueue = (): RunQueue => new RunQueue(new Views(createMemories()).controlWords);

function drained(queue: RunQueue): number[] {
  const slots: number[] = [];
  for (let slot = queue.tryPop(); slot >= 0; slot = queue.tryPop()) slots.push(slot);
  return slots;
}

test('urgent threads come before all others, each kind in its order', () => {
  const queue = emptyQueue();
  for (const slot of [1, 2]) queue.push(slot);
  for (const slot of [10, 11, 12]) queue.push(slot, true);
  queue.push(3);
  assert.equal(queue.length, 6);
  assert.equal(queue.urgent, 3);
  assert.deepEqual(drained(queue), [10, 11, 12, 1, 2, 3]);
  assert.equal(queue.urgent, 0);
  assert.equal(queue.length, 0);
});

test('a preempted thread comes next after the urgent ones', () => {
  const queue = emptyQueue();
  queue.push(1);
  for (const slot of [10, 11, 12]) queue.push(slot, true);
  assert.equal(queue.exchange(5), 10);
  assert.equal(queue.urgent, 2);
  assert.deepEqual(drained(queue), [11, 12, 5, 1]);
});

test('without an urgent thread the running one goes on', () => {
  const queue = emptyQueue();
  queue.push(1);
  assert.equal(queue.exchange(5), 5);
  assert.deepEqual(drained(queue), [1]);
});

test('the order holds where the ring begins anew', () => {
  const queue = emptyQueue();
  for (let i = 0; i < threadsMax - 2; i++) {
    queue.push(i);
    queue.tryPop();
  }
  for (const slot of [1, 2, 3, 4]) queue.push(slot);
  for (const slot of [10, 11]) queue.push(slot, true);
  assert.equal(queue.exchange(5), 10);
  assert.deepEqual(drained(queue), [11, 5, 1, 2, 3, 4]);
});

test('two executors pass threads to each other; none is lost, and none runs twice', { timeout: 30_000 }, async () => {
  const memories = createMemories();
  const words = new Views(memories).controlWords;
  const queue = new RunQueue(words);
  const threads = 3;
  const owners = new Int32Array(new SharedArrayBuffer(threads * 4));
  const taken = new Int32Array(new SharedArrayBuffer(2 * 4));
  const entry = new URL('./testing/queue-worker.ts', import.meta.url);
  const workers = [0, 1].map((executor) => new Worker(entry, { workerData: { memories, executor, owners, taken } }));
  const results = workers.map(
    (worker) =>
      new Promise<void>((resolve, reject) => {
        worker.on('exit', () => resolve());
        worker.on('error', reject);
      }),
  );
  for (let slot = 0; slot < threads; slot++) queue.push(slot);
  while (taken.some((count) => count < 2000)) await new Promise((resolve) => setTimeout(resolve, 10));
  Atomics.store(words, (nodeBase + Node.stopping.offset) >>> 2, 1);
  // Those that are in the queue are still taken: the workers stop when they find none.
  const left: number[] = [];
  while (left.length < threads) {
    left.push(...drained(queue));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  queue.ringAll();
  await Promise.all(results);
  assert.deepEqual(left.sort(), [0, 1, 2]);
});
