import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deny } from '../layout/access.ts';
import { pageTableBase, RequestKind, Thread, ThreadState, threadRecord } from '../layout/control.ts';
import { tiers } from './engine.ts';
import { codeAddress, dataAddress, start } from './testing/guest-engine.ts';

// r0 = sum of r1, r1 - 1, ... 1; svc 0
const sumLoop = [0xe3a00000, 0xe0800001, 0xe2511001, 0x1afffffc, 0xef000000];

for (const tier of tiers) {
  test(`a loop comes to its call with the right sum (${tier})`, { timeout: 60_000 }, async () => {
    const { engine, next, spawn, register } = start(tier, sumLoop);
    const count = tier === 'interpreter' ? 100_000 : 20_000_000;
    const slot = spawn([0, count]);
    const request = await next();
    assert.equal(request.kind, RequestKind.syscall);
    assert.equal(register(slot, 0) >>> 0, Number(((BigInt(count) * BigInt(count + 1)) / 2n) & 0xffffffffn));
    await engine.stop();
    if (tier !== 'interpreter') assert.ok(engine.counters.regionsTranslated > 0);
  });

  test(`a denied store stops at its instruction and goes on when it is allowed (${tier})`, {
    timeout: 60_000,
  }, async () => {
    // str r2, [r1], #4; subs r0, r0, #1; bne -; svc 0
    const { engine, next, spawn, register } = start(tier, [0xe4812004, 0xe2500001, 0x1afffffc, 0xef000000]);
    const words = 5000;
    const denied = dataAddress + 0x3000;
    engine.views.controlBytes[denied >>> 6] = Deny.coherenceRead | Deny.coherenceWrite;
    const slot = spawn([words, dataAddress, 7]);
    const request = await next();
    assert.deepEqual([request.kind, request.b >>> 0, request.c], [RequestKind.block, denied, 1]);
    assert.equal(register(slot, 1) >>> 0, denied);
    assert.equal(register(slot, 0), words - 0x3000 / 4);
    engine.views.controlBytes[denied >>> 6] = 0;
    engine.resume(slot, true);
    assert.equal((await next()).kind, RequestKind.syscall);
    assert.equal(register(slot, 1) >>> 0, dataAddress + words * 4);
    assert.ok(new Int32Array(engine.memory.bytes.buffer, dataAddress, words).every((word) => word === 7));
    await engine.stop();
  });

  test(`a thread resumed while frames are handled starts behind them (${tier})`, { timeout: 60_000 }, async () => {
    const { engine, next, spawn } = start(tier, [0xef000000, 0xef000000]);
    const slot = spawn([]);
    assert.equal((await next()).kind, RequestKind.syscall);
    const state = (threadRecord(slot) + Thread.state.offset) >>> 2;
    engine.frameComing();
    engine.resume(slot);
    engine.frameComing();
    assert.equal(engine.words[state], ThreadState.parked);
    assert.equal((await next()).kind, RequestKind.syscall);
    await engine.stop();
  });

  test(`the handshake returns after every executor has left guest code (${tier})`, { timeout: 60_000 }, async () => {
    const { engine, next, spawn } = start(tier, [0xeafffffe]); // b .
    spawn([]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // Time between, so that the executor is back in its loop when the next one asks.
    for (let i = 0; i < 2000 && engine.handshake.waits < 20; i++) {
      engine.handshake.run();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.ok(engine.handshake.waits >= 20);
    // Protection taken away from the code itself ends the loop.
    engine.views.controlBytes[pageTableBase + (codeAddress >>> 12)] = 0;
    engine.dropCode(codeAddress, codeAddress + 4);
    const request = await next();
    assert.deepEqual([request.kind, request.b], [RequestKind.fault, 11]);
    await engine.stop();
  });
}

for (const tier of tiers) {
  test(`threads that spin leave the only executor to the others (${tier})`, { timeout: 60_000 }, async () => {
    // cmp r0, #0; beq .; 1: svc 0; b 1b
    const { engine, next, spawn } = start(tier, [0xe3500000, 0x0afffffe, 0xef000000, 0xeafffffd]);
    for (let i = 0; i < 3; i++) spawn([0]);
    const slot = spawn([1]);
    assert.deepEqual([(await next()).a, engine.queue.length >= 2], [slot, true]);
    // The same when it comes with a block that is kept for it.
    engine.resume(slot, true);
    assert.equal((await next()).a, slot);
    await engine.stop();
  });
}

test('two executors share an atomic counter', { timeout: 60_000 }, async () => {
  // 1: ldrex r3, [r1]; add r3, r3, #1; strex r4, r3, [r1]; cmp r4, #0; bne 1b; subs r0, r0, #1; bne 1b; svc 0
  const code = [0xe1913f9f, 0xe2833001, 0xe1814f93, 0xe3540000, 0x1afffffa, 0xe2500001, 0x1afffff8, 0xef000000];
  const { engine, next, spawn } = start('auto', code, 2);
  const count = 200_000;
  for (let i = 0; i < 4; i++) spawn([count, dataAddress]);
  for (let i = 0; i < 4; i++) assert.equal((await next()).kind, RequestKind.syscall);
  assert.equal(new Int32Array(engine.memory.bytes.buffer)[dataAddress >>> 2], 4 * count);
  await engine.stop();
});
