/** Posts numbered requests for a while, for the test of the request ring. */
import { workerData } from 'node:worker_threads';
import { Ring, ring, ringEntries } from '../../layout/control.ts';
import { type Memories, Views } from '../memory.ts';
import { RequestRing } from '../request-ring.ts';

const { memories, executor, ms } = workerData as { memories: Memories; executor: number; ms: number };
const words = new Views(memories).controlWords;
const requests = new RequestRing(words, executor);
const head = (ring(executor) + Ring.head.offset) >>> 2;
const begin = performance.now();
let sent = 0;
while (performance.now() - begin < ms) {
  // As many as may be under way at once, in bursts and one by one.
  for (let burst = sent % 7; burst >= 0; burst--) {
    while (((sent - Atomics.load(words, head)) | 0) >= ringEntries) {}
    requests.post(1, executor, sent, sent ^ 0x5555);
    sent++;
  }
}
requests.post(2, executor, sent, 0);
