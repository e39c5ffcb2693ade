import assert from 'node:assert/strict';
import { test } from 'node:test';
import { threadsMax } from '../layout/control.ts';
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
