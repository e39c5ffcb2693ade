import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deny, granuleShift } from '../layout/access.ts';
import { RequestKind, threadRecord } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import { tiers } from './engine.ts';
import { dataAddress, start } from './testing/guest-engine.ts';

for (const tier of tiers) {
  test(`a register that is not read again is there when a store is denied (${tier})`, { timeout: 60_000 }, async () => {
    // svc 0; 1: mov r3, r0; cmp r0, #1; moveq r1, r4; str r2, [r1]; mov r3, #0; subs r0, r0, #1; bne 1b; svc 0
    const loop = [0xe1a03000, 0xe3500001, 0x01a01004, 0xe5812000, 0xe3a03000, 0xe2500001, 0x1afffff8];
    const { engine, next, spawn, register } = start(tier, [0xef000000, ...loop, 0xef000000]);
    // So long that it is translated before its last turn.
    const turns = tier === 'interpreter' ? 10_000 : 10_000_000;
    const denied = dataAddress + 0x1000;
    // The loop is run as it is translated at first, then anew, then as at first again.
    for (const all of [false, true, false]) {
      engine.views.controlBytes[denied >>> granuleShift] = Deny.coherenceRead | Deny.coherenceWrite;
      const slot = spawn([turns, dataAddress, 7, 8, denied]);
      assert.equal((await next()).kind, RequestKind.syscall);
      engine.keepRegisters(all);
      engine.resume(slot);
      const request = await next();
      assert.deepEqual([request.kind, request.b >>> 0, request.c], [RequestKind.block, denied, 1]);
      assert.deepEqual([register(slot, 0), register(slot, 1)], [1, denied]);
      if (all) assert.deepEqual([register(slot, 3), engine.words[(threadRecord(slot) >>> 2) + Cpu.zf.index32]], [1, 0]);
      engine.views.controlBytes[denied >>> granuleShift] = 0;
      engine.resume(slot, true);
      assert.equal((await next()).kind, RequestKind.syscall);
      assert.deepEqual([register(slot, 0), register(slot, 3)], [0, 0]);
    }
    await engine.stop();
    if (tier !== 'interpreter') assert.ok(engine.counters.regionsTranslated >= 3);
  });
}

test('a thread in a loop leaves what was translated before', { timeout: 60_000 }, async () => {
  // b .
  const { engine, spawn } = start('translator', [0xeafffffe]);
  spawn([]);
  const made = async (count: number): Promise<void> => {
    while (engine.counters.regionsTranslated < count) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await made(1);
  engine.keepRegisters(true);
  await made(2);
  engine.keepRegisters(false);
  await made(3);
  await engine.stop();
});
