/**
 * What handlers of `local` calls see of their thread: its record, wherever the call is served (on the executor, while
 * its registers are there, or on the node's own thread, while it is parked).
 */

import { Thread, ThreadRequest } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import type { LocalThread } from '../linux/api.ts';

/** The clocks of all nodes, told in the master's time. */
export interface ClockOffsets {
  readonly monotonicMs: number;
  readonly realtimeMs: number;
}

export class RecordThread implements LocalThread {
  readonly #words: Int32Array;
  /** Word index of the thread's record, and of its registers. */
  #record = 0;
  #registers = 0;
  readonly processor: number;
  readonly monotonicOffsetMs: number;
  readonly realtimeOffsetMs: number;

  constructor(words: Int32Array, processor: number, offsets: ClockOffsets) {
    this.#words = words;
    this.processor = processor;
    this.monotonicOffsetMs = offsets.monotonicMs;
    this.realtimeOffsetMs = offsets.realtimeMs;
  }

  /** Turns this object to a thread; the indexes are those of 32-bit words. */
  at(record: number, registers: number): this {
    this.#record = record;
    this.#registers = registers;
    return this;
  }

  get tid(): number {
    return this.#words[this.#record + Thread.tid.index32]!;
  }
  get tgid(): number {
    return this.#words[this.#record + Thread.tgid.index32]!;
  }
  get clearChildTid(): number {
    return this.#words[this.#record + Thread.clearChildTid.index32]!;
  }
  set clearChildTid(value: number) {
    this.#words[this.#record + Thread.clearChildTid.index32] = value;
  }
  get robustListHead(): number {
    return this.#words[this.#record + Thread.robustList.index32]!;
  }
  set robustListHead(value: number) {
    this.#words[this.#record + Thread.robustList.index32] = value;
  }
  get signalMaskLow(): number {
    return this.#words[this.#record + Thread.signalMask.index32]!;
  }
  // The mask is stored atomically, before signalMaskChanged looks for signals: see GuestThread.hear.
  set signalMaskLow(value: number) {
    Atomics.store(this.#words, this.#record + Thread.signalMask.index32, value);
  }
  get signalMaskHigh(): number {
    return this.#words[this.#record + Thread.signalMask.index32 + 1]!;
  }
  set signalMaskHigh(value: number) {
    Atomics.store(this.#words, this.#record + Thread.signalMask.index32 + 1, value);
  }
  get altStackBase(): number {
    return this.#words[this.#record + Thread.alternateStackBase.index32]!;
  }
  set altStackBase(value: number) {
    this.#words[this.#record + Thread.alternateStackBase.index32] = value;
  }
  get altStackSize(): number {
    return this.#words[this.#record + Thread.alternateStackBytes.index32]!;
  }
  set altStackSize(value: number) {
    this.#words[this.#record + Thread.alternateStackBytes.index32] = value;
  }
  get altStackFlags(): number {
    return this.#words[this.#record + Thread.alternateStackFlags.index32]!;
  }
  set altStackFlags(value: number) {
    this.#words[this.#record + Thread.alternateStackFlags.index32] = value;
  }
  get stackPointer(): number {
    return this.#words[this.#registers + Cpu.r.index32 + 13]!;
  }

  signalMaskChanged(): void {
    const index = this.#record + Thread.requests.index32;
    if (Atomics.load(this.#words, index) & ThreadRequest.blockedSignal)
      Atomics.or(this.#words, index, ThreadRequest.signal);
  }
}
