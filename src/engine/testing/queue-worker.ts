/** Takes threads from the run queue and puts them back until the node stops, for the test of the queue. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Memories, Views } from '../memory.ts';
import { RunQueue } from '../run-queue.ts';

const { memories, executor, owners } = workerData as { memories: Memories; executor: number; owners: Int32Array };
const queue = new RunQueue(new Views(memories).controlWords);
let taken = 0;
for (;;) {
  const slot = queue.pop(executor, 0);
  if (slot < 0) break;
  // Nobody else may have the thread.
  if (Atomics.exchange(owners, slot, 1) !== 0) throw new Error(`thread ${slot} runs twice`);
  taken++;
  Atomics.store(owners, slot, 0);
  queue.push(slot, taken % 3 === 0);
}
parentPort!.postMessage(taken);
