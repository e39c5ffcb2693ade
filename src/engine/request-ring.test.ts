import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Node, nodeBase } from '../layout/control.ts';
import { Lingering } from './lingering.ts';
import { createMemories, Views } from './memory.ts';
import { type Request, RequestRing } from './request-ring.ts';

test('two executors post for a while; every request arrives once, in order, and the agent lingers, sleeps and wakes', {
  timeout: 30_000,
}, async () => {
  const memories = createMemories();
  const words = new Views(memories).controlWords;
  const bell = (nodeBase + Node.agentBell.offset) >>> 2;
  const sleeping = (nodeBase + Node.agentState.offset) >>> 2;
  const entry = new URL('./testing/ring-worker.ts', import.meta.url);
  const rings = [0, 1].map((executor) => new RequestRing(words, executor));
  const workers = [0, 1].map((executor) => new Worker(entry, { workerData: { memories, executor, ms: 500 } }));
  const lingering = new Lingering(words);
  const received = [0, 0];
  const request: Request = { kind: 0, a: 0, b: 0, c: 0 };
  let open = 2;
  while (open > 0) {
    Atomics.store(words, sleeping, 0);
    const before = Atomics.load(words, bell);
    let any = false;
    for (const [executor, ring] of rings.entries()) {
      while (ring.take(request)) {
        any = true;
        assert.equal(request.a, executor);
        assert.equal(request.b, received[executor]);
        if (request.kind === 2) open--;
        else {
          assert.equal(request.c, request.b ^ 0x5555);
          received[executor]!++;
        }
      }
    }
    if (any || lingering.wait(before)) continue;
    Atomics.store(words, sleeping, 1);
    if (Atomics.load(words, bell) !== before) continue;
    const wait = Atomics.waitAsync(words, bell, before);
    if (wait.async) await wait.value;
  }
  assert.ok(received.every((count) => count > 100));
  await Promise.all(workers.map((worker) => worker.terminate()));
});
