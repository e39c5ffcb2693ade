import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errno } from '../abi/errno.ts';
import * as abi from '../abi/signal.ts';
import { Siginfo, Ucontext } from '../abi/structs.ts';
import { Prng } from '../base/prng.ts';
import type { CpuImage, SignalAction, SignalDelivery } from './api.ts';
import { rtSigreturnTrampoline } from './kernel-user-helpers.ts';
import { type AlternateStack, buildSignalFrame, readSignalFrame, signalFrameBytes } from './signal-frame.ts';

const noStack: AlternateStack = { base: 0, size: 0, flags: abi.SS_DISABLE };

function randomCpu(seed: number): CpuImage {
  const prng = new Prng(seed);
  const r = Int32Array.from({ length: 16 }, () => prng.next32());
  r[13] = 0x7ef0_1238;
  r[15] = r[15]! & ~1;
  const word = (): bigint => BigInt(prng.next32());
  return {
    r,
    cpsr: ((prng.next32() & 0xfe0f_fc20) | abi.USR_MODE) >>> 0,
    d: BigUint64Array.from({ length: 32 }, () => (word() << 32n) | word()),
    fpscr: prng.next32() & 0xf7c0_009f,
  };
}

function delivery(action: Partial<SignalAction>, signal = 11): Extract<SignalDelivery, { kind: 'handler' }> {
  return {
    kind: 'handler',
    signal,
    info: { signal, code: abi.SEGV_MAPERR, address: 0xdead0000, trapNumber: 14, errorCode: 0x817 },
    action: { handler: 0x10000, flags: 0, restorer: 0, mask: 0n, ...action },
    maskDuring: 0n,
  };
}

test('what a frame saves comes back at sigreturn, with and without siginfo', () => {
  for (const flags of [0, abi.SA_SIGINFO]) {
    const rt = flags !== 0;
    for (let seed = 1; seed <= 50; seed++) {
      const cpu = randomCpu(seed);
      cpu.cpsr &= ~abi.PSR_E_BIT;
      const mask = (BigInt(seed * 0x1234567) << 32n) | BigInt(seed);
      const frame = buildSignalFrame(cpu, delivery({ flags }), mask, noStack);
      assert.equal(frame.bytes.length, rt ? signalFrameBytes.rt : signalFrameBytes.old);
      assert.equal(frame.address % 8, 0);
      assert.ok(frame.address + frame.bytes.length <= cpu.r[13]!);
      const back = readSignalFrame(frame.bytes, rt);
      assert.ok(typeof back !== 'number');
      assert.deepEqual(back.cpu, { ...cpu, cpsr: cpu.cpsr >>> 0, fpscr: cpu.fpscr >>> 0 });
      assert.equal(back.mask, mask);
      assert.deepEqual(back.alternateStack, rt ? noStack : null);
    }
  }
});

test('the handler gets signal, siginfo and ucontext, in its own state', () => {
  const cpu = randomCpu(7);
  cpu.cpsr = 0xf600_fc30;
  const thumb = buildSignalFrame(
    cpu,
    delivery({ handler: 0x10001, flags: abi.SA_SIGINFO | abi.SA_RESTORER, restorer: 0x2001 }),
    0n,
    noStack,
  );
  assert.deepEqual([...thumb.r.slice(0, 3)], [11, thumb.address, thumb.address + Siginfo.size]);
  assert.deepEqual([...thumb.r.slice(13)], [thumb.address, 0x2001, 0x10000]);
  assert.equal(thumb.cpsr, abi.PSR_T_BIT | abi.USR_MODE, 'no flags, no IT state');
  const info = Siginfo.read(thumb.bytes);
  assert.deepEqual([info.si_signo, info.si_code, info.field0], [11, abi.SEGV_MAPERR, 0xdead0000]);
  const context = Ucontext.read(thumb.bytes, Siginfo.size);
  assert.deepEqual([context.trap_no, context.error_code, context.fault_address], [14, 0x817, 0xdead0000]);

  const arm = buildSignalFrame(cpu, delivery({ handler: 0x10002, flags: abi.SA_SIGINFO }), 0n, noStack);
  assert.equal(arm.cpsr, abi.USR_MODE);
  assert.equal(arm.r[15], 0x10000);
  assert.equal(arm.r[14], rtSigreturnTrampoline | 0);
});

test('SA_ONSTACK switches once, and SS_AUTODISARM takes the stack away', () => {
  const cpu = randomCpu(3);
  const stack = { base: 0x5000_0000, size: 0x4000, flags: 0 };
  const action = { flags: abi.SA_ONSTACK | abi.SA_SIGINFO };
  const first = buildSignalFrame(cpu, delivery(action), 0n, stack);
  assert.ok(first.address > stack.base && first.address < stack.base + stack.size);
  assert.deepEqual(first.alternateStack, stack);
  const nested = buildSignalFrame({ ...cpu, r: first.r }, delivery(action), 0n, stack);
  assert.ok(nested.address < first.address);
  const disarming = buildSignalFrame(cpu, delivery(action), 0n, { ...stack, flags: abi.SS_AUTODISARM });
  assert.deepEqual(disarming.alternateStack, noStack);
});

test('a damaged frame is refused', () => {
  const frame = buildSignalFrame(randomCpu(1), delivery({ flags: abi.SA_SIGINFO }), 0n, noStack);
  assert.equal(readSignalFrame(frame.bytes.subarray(1), true), -Errno.EFAULT);
  frame.bytes[Siginfo.size + Ucontext.offsets.uc_regspace] = 0;
  assert.equal(readSignalFrame(frame.bytes, true), -Errno.EFAULT);
});
