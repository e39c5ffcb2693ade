import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Thread, ThreadRequest, threadRecord } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import type { SignalSet } from '../linux/api.ts';
import { GuestThread } from './guest-thread.ts';
import { RecordThread } from './local-thread.ts';

const slot = 3;
const at = threadRecord(slot) >>> 2;
const words = new Int32Array(new SharedArrayBuffer(threadRecord(slot + 1)) as unknown as ArrayBuffer);
const offsets = { monotonicMs: 0, realtimeMs: 0 };

function blank(): GuestThread {
  words.fill(0, at);
  words[at + Thread.tid.index32] = 4711;
  return new GuestThread(words, slot);
}

const core = new Int32Array(16);

test('CPSR: every combination of flags, state and ITSTATE survives loading and saving', () => {
  const thread = blank();
  const user = 0x10;
  for (let flags = 0; flags < 32; flags++) {
    for (const state of [0, 1 << 5]) {
      for (let it = 0; it < 256; it++) {
        const cpsr = ((flags << 27) | state | ((it & 3) << 25) | ((it >>> 2) << 10) | user) >>> 0;
        core[15] = 0x8000;
        thread.loadCore(core, cpsr);
        const image = thread.saveImage();
        if (image.cpsr !== cpsr) assert.equal(image.cpsr.toString(16), cpsr.toString(16));
        assert.equal(thread.get(Cpu.itstate), it);
        assert.equal(image.r[15], 0x8000);
        assert.equal(thread.pc, state ? 0x8001 : 0x8000);
      }
    }
  }
});

test('CPSR: the GE bits survive, and flags are found in every form in which code leaves them', () => {
  const thread = blank();
  for (let ge = 0; ge < 16; ge++) {
    thread.loadCore(core, (ge << 16) | 0x10);
    assert.equal(thread.saveImage().cpsr, (ge << 16) | 0x10);
  }
  // N is bit 31 of nf, Z is zf == 0, V is bit 31 of vf, whatever the other bits are (layout/cpu.ts).
  thread.loadCore(core, 0x10);
  thread.set(Cpu.nf, -5);
  thread.set(Cpu.zf, 0x400);
  thread.set(Cpu.vf, 0x7fffffff);
  assert.equal(thread.saveImage().cpsr >>> 28, 0b1000);
  thread.set(Cpu.nf, 0x7fffffff);
  thread.set(Cpu.zf, 0);
  thread.set(Cpu.vf, -1);
  assert.equal(thread.saveImage().cpsr >>> 28, 0b0101);
});

test('a way into a handler or out of it opens the exclusive monitor', () => {
  const thread = blank();
  thread.set(Cpu.exclusiveAddress, 0x8000);
  thread.loadCore(core, 0x10);
  assert.equal(thread.get(Cpu.exclusiveAddress), -1);
});

test('FPSCR and registers survive loading and saving', () => {
  const thread = blank();
  for (let flags = 0; flags < 16; flags++) {
    const fpscr = ((flags << 28) | 0x03c0_009f) >>> 0;
    const r = Int32Array.from({ length: 16 }, (_, n) => (n === 15 ? 0x10000 : -n * 0x1234567));
    const d = BigUint64Array.from({ length: 32 }, (_, n) => BigInt(n) * 0x0123_4567_89ab_cdefn);
    thread.loadImage({ r, cpsr: 0x10, d, fpscr });
    const image = thread.saveImage();
    assert.deepEqual(image, { r, cpsr: 0x10, d, fpscr });
  }
});

test('the mask has 64 bits', () => {
  const thread = blank();
  const masks: SignalSet[] = [0n, 1n, 1n << 31n, 1n << 32n, 1n << 63n, 0x8000_0001_ffff_fffen];
  for (const mask of masks) {
    thread.mask = mask;
    assert.equal(thread.mask, mask);
  }
});

const requests = (): number => words[at + Thread.requests.index32]!;
const { signal, blockedSignal } = ThreadRequest;

test('a signal that is not blocked asks the thread to come; a blocked one asks when the mask changes', () => {
  const thread = blank();
  thread.mask = 0b10n;
  thread.hear(0b10n);
  assert.equal(thread.signalRequested, false);
  const running = new RecordThread(words, 0, offsets).at(at, at);
  running.signalMaskLow = 0;
  running.signalMaskChanged();
  assert.equal(thread.signalRequested, true);
  // Heard again by a look at an older mask: what the thread asked for itself is not taken back.
  thread.mask = 0b10n;
  thread.hear(0b10n);
  assert.equal(thread.signalRequested, true);

  thread.requestPending();
  assert.equal(requests(), blockedSignal);
  thread.mask = 0n;
  thread.requestPending();
  assert.equal(requests(), signal);
  thread.askPending();
  thread.answerPending(0n);
  thread.requestPending();
  assert.equal(requests(), 0);
});

test('a signal heard of while the master answers is not forgotten by an older answer', () => {
  const thread = blank();
  thread.hear(0b1n);
  thread.askPending();
  thread.hear(0b100n);
  thread.answerPending(0n);
  thread.requestPending();
  assert.equal(thread.pending, 0b100n);
  assert.equal(requests(), signal);
  thread.askPending();
  thread.answerPending(0n);
  thread.requestPending();
  assert.equal(requests(), 0);
});
