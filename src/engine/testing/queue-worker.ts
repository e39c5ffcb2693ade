/** Takes threads from the run queue and puts them back until the node stops, for the test of the queue. */
import { workerData } from 'node:worker_threads';
import { type Memories, Views } from '../memory.ts';
import { RunQueue } from '../run-queue.ts';

interface QueueWork {
  readonly memories: Memories;
  readonly executor: number;
  /** Who has a thread now: 1 by slot. */
  readonly owners: Int32Array;
  /** Threads taken so far, by executor. */
  readonly taken: Int32Array;
}

const { memories, executor, owners, taken } = workerData as QueueWork;
const queue = new RunQueue(new Views(memories).controlWords);
for (;;) {
  const slot = queue.pop(executor, 0);
  if (slot < 0) break;
  // Nobody else may have the thread.
  if (Atomics.exchange(owners, slot, 1) !== 0) throw new Error(`thread ${slot} runs twice`);
  const count = Atomics.add(taken, executor, 1);
  Atomics.store(owners, slot, 0);
  queue.push(slot, count % 3 === 0);
}
