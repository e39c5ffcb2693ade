/**
 * A parked guest thread as the node's own thread sees it: its record in the control memory, by name. Valid only while
 * the thread is parked; while it runs, its registers are the executor's.
 */

import { exceptionsWritten, fpscrKept } from '../layout/code-variant.ts';
import { Thread, ThreadRequest, threadRecord } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import { exceptionBits } from '../layout/fpscr.ts';
import type { CpuImage, SignalSet } from '../linux/api.ts';
import type { FutexWait } from './futex-timeout.ts';

const flagN = 1 << 31;
const flagZ = 1 << 30;
const flagC = 1 << 29;
const flagV = 1 << 28;
const flagQ = 1 << 27;
const stateT = 1 << 5;

/** What a thread is doing at its node, beyond its record. */
export class GuestThread {
  readonly slot: number;
  readonly tid: number;
  readonly #words: Int32Array;
  readonly #at: number;
  /** The futex wait under way, 0 when none. */
  futexWait = 0;
  /** A wait with a time that a signal interrupted and that is about to start again: it keeps its time. */
  interruptedWait: FutexWait | undefined = undefined;
  /** Signals that the master said are pending; perhaps some that were taken since. */
  pending: SignalSet = 0n;
  /** What was heard to be pending since the master was last asked for a signal. */
  #heard: SignalSet = 0n;

  constructor(words: Int32Array, slot: number) {
    this.#words = words;
    this.slot = slot;
    this.#at = threadRecord(slot) >>> 2;
    this.tid = words[this.#at + Thread.tid.index32]!;
  }

  takeInterruptedWait(): FutexWait | undefined {
    const wait = this.interruptedWait;
    this.interruptedWait = undefined;
    return wait;
  }

  /** Index of the record's first word. */
  get recordIndex(): number {
    return this.#at;
  }

  get(field: { readonly index32: number }, index = 0): number {
    return this.#words[this.#at + field.index32 + index]!;
  }

  set(field: { readonly index32: number }, value: number, index = 0): void {
    this.#words[this.#at + field.index32 + index] = value;
  }

  register(n: number): number {
    return this.#words[this.#at + Cpu.r.index32 + n]!;
  }

  setRegister(n: number, value: number): void {
    this.#words[this.#at + Cpu.r.index32 + n] = value;
  }

  /** r0 to r6, copied. */
  arguments(): Int32Array {
    return this.#words.slice(this.#at, this.#at + 7);
  }

  /** Address of the next instruction, bit 0 = Thumb. */
  get pc(): number {
    return this.get(Cpu.pc) >>> 0;
  }

  set pc(value: number) {
    this.set(Cpu.pc, value);
  }

  get mask(): SignalSet {
    // Atomic: see `hear`.
    const at = this.#at + Thread.signalMask.index32;
    const low = BigInt(Atomics.load(this.#words, at) >>> 0);
    return (BigInt(Atomics.load(this.#words, at + 1) >>> 0) << 32n) | low;
  }

  set mask(set: SignalSet) {
    this.set(Thread.signalMask, Number(set & 0xffff_ffffn) | 0);
    this.set(Thread.signalMask, Number((set >> 32n) & 0xffff_ffffn) | 0, 1);
  }

  /**
   * Signals are pending: the thread is asked, wherever it is, to come for what it does not block. It may be changing its
   * mask at this moment: it stores the mask and then looks whether signals wait (local-thread.ts), here it is told that
   * they do and then the mask is read, so one of the two sides sees the other. Nothing is taken back.
   */
  hear(pending: SignalSet): void {
    this.pending = pending;
    this.#heard |= pending;
    const index = this.#at + Thread.requests.index32;
    Atomics.or(this.#words, index, ThreadRequest.blockedSignal);
    if (pending & ~this.mask) Atomics.or(this.#words, index, ThreadRequest.signal);
  }

  /** The master is about to be asked what is pending. */
  askPending(): void {
    this.#heard = 0n;
  }

  /** The master's answer. What was heard meanwhile may be newer: it counts until the next answer. */
  answerPending(pending: SignalSet): void {
    this.pending = pending | this.#heard;
  }

  /** Before the thread, parked now, goes on under its mask: asks it to come for `pending`, or no longer. */
  requestPending(): void {
    const { signal, blockedSignal } = ThreadRequest;
    const wanted = this.pending & ~this.mask ? signal : this.pending ? blockedSignal : 0;
    Atomics.store(this.#words, this.#at + Thread.requests.index32, wanted);
  }

  get signalRequested(): boolean {
    return (Atomics.load(this.#words, this.#at + Thread.requests.index32) & ThreadRequest.signal) !== 0;
  }

  /** The registers as a signal frame has them (CPSR: B1.3.3 of the Arm manual). */
  saveImage(): CpuImage {
    const r = new Int32Array(16);
    for (let n = 0; n < 15; n++) r[n] = this.register(n);
    r[15] = this.pc & ~1;
    const it = this.get(Cpu.itstate);
    const cpsr =
      (this.get(Cpu.nf) & flagN) |
      (this.get(Cpu.zf) === 0 ? flagZ : 0) |
      (this.get(Cpu.cf) ? flagC : 0) |
      (this.get(Cpu.vf) < 0 ? flagV : 0) |
      (this.get(Cpu.qf) ? flagQ : 0) |
      ((it & 3) << 25) |
      ((it >>> 2) << 10) |
      ((this.get(Cpu.ge) & 15) << 16) |
      (this.pc & 1 ? stateT : 0) |
      0x10;
    const fpscr =
      (this.get(Cpu.fpscr) & fpscrKept) |
      (this.get(Cpu.fpexc) & exceptionBits) |
      (this.get(Cpu.fpn) & flagN) |
      (this.get(Cpu.fpz) === 0 ? flagZ : 0) |
      (this.get(Cpu.fpc) ? flagC : 0) |
      (this.get(Cpu.fpv) < 0 ? flagV : 0);
    const d = new BigUint64Array(
      this.#words.slice(this.#at + Cpu.d.index32, this.#at + Cpu.d.index32 + 64).buffer.slice(0),
    );
    return { r, cpsr: cpsr >>> 0, d, fpscr: fpscr >>> 0 };
  }

  /**
   * Loads general registers, pc, flags and execution state. The local monitor is open afterwards, as on the kernel's way
   * into a handler and out of it (A3.4.5): else a handler's LDREX could stand in for that of what it interrupted.
   */
  loadCore(r: ArrayLike<number>, cpsr: number): void {
    this.set(Cpu.exclusiveAddress, -1);
    for (let n = 0; n < 15; n++) this.setRegister(n, r[n]!);
    this.pc = (r[15]! & ~1) | (cpsr & stateT ? 1 : 0);
    this.set(Cpu.itstate, ((cpsr >>> 25) & 3) | (((cpsr >>> 10) & 0x3f) << 2));
    this.set(Cpu.nf, cpsr & flagN);
    this.set(Cpu.zf, cpsr & flagZ ? 0 : 1);
    this.set(Cpu.cf, cpsr & flagC ? 1 : 0);
    this.set(Cpu.vf, cpsr & flagV ? flagN : 0);
    this.set(Cpu.qf, cpsr & flagQ ? 1 : 0);
    this.set(Cpu.ge, (cpsr >>> 16) & 15);
  }

  loadImage({ r, cpsr, d, fpscr }: CpuImage): void {
    this.loadCore(r, cpsr);
    this.#words.set(new Int32Array(d.slice().buffer), this.#at + Cpu.d.index32);
    this.set(Cpu.fpscr, fpscr & fpscrKept);
    this.set(Cpu.fpexc, exceptionsWritten(this.get(Cpu.fpexc), fpscr));
    this.set(Cpu.fpn, fpscr & flagN);
    this.set(Cpu.fpz, fpscr & flagZ ? 0 : 1);
    this.set(Cpu.fpc, fpscr & flagC ? 1 : 0);
    this.set(Cpu.fpv, fpscr & flagV ? flagN : 0);
  }

  /** The whole record, to make another thread of it. */
  copyRecord(): Uint8Array {
    return new Uint8Array(this.#words.slice(this.#at, this.#at + Thread.bytes / 4).buffer.slice(0) as ArrayBuffer);
  }
}
