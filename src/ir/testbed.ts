/**
 * A guest and a control memory with one executor, for tests of whatever runs IR: fill them from a seed, run, compare.
 */
import { Prng } from '../base/prng.ts';
import { granuleShift } from '../layout/access.ts';
import {
  accessTableBase,
  controlWasmPages,
  Executor,
  exclusiveTagBase,
  exclusiveTags,
  executorRecord,
  guestWasmPages,
} from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';

/** The part of guest memory that tests use; nothing else is readable to them. */
export const windowBase = 0x40000;
export const windowBytes = 0x4000;

/** Words of the architectural state at the start of an executor's record. */
export const cpuWords = Cpu.d.index32 + Cpu.d.count * 4;

export class Testbed {
  readonly guest = new WebAssembly.Memory({ initial: guestWasmPages, maximum: guestWasmPages, shared: true });
  readonly control = new WebAssembly.Memory({ initial: controlWasmPages, maximum: controlWasmPages, shared: true });
  /** Byte address of the executor's record. */
  readonly cpuBase = executorRecord(0);
  readonly words = new Int32Array(this.control.buffer, this.cpuBase, Executor.bytes / 4);
  readonly window = new Uint8Array(this.guest.buffer, windowBase, windowBytes);
  readonly #record = new Uint8Array(this.control.buffer, this.cpuBase, Executor.bytes);
  readonly #access = new Uint8Array(this.control.buffer, accessTableBase, 2 ** (32 - granuleShift));
  readonly #tags = new Int32Array(this.control.buffer, exclusiveTagBase, exclusiveTags);

  constructor() {
    this.#access.fill(0xff);
  }

  /** Puts registers, the window and its access bytes into a state drawn from `seed`; `denied` is a share of granules. */
  reset(seed: number, denied = 0): void {
    const random = new Prng(seed);
    this.#record.fill(0);
    for (let i = 0; i < cpuWords; i++) this.words[i] = interestingWord(random);
    for (let i = 0; i < 13; i++)
      if (random.chance(0.6)) this.words[Cpu.r.index32 + i] = windowBase + random.below(windowBytes - 0x400);
    this.words[Cpu.cf.index32] &= 1;
    this.words[Cpu.exclusiveAddress.index32] = -1;
    this.words[Cpu.exclusiveTag.index32] = 0;
    for (const field of [Cpu.exitReason, Cpu.exitInfo, Cpu.exitInfo2, Cpu.itstate]) this.words[field.index32] = 0;
    this.words[Executor.callDepth.index32] = 100;
    for (let i = 0; i < windowBytes; i++) this.window[i] = random.next32();
    const first = windowBase >>> granuleShift;
    for (let i = 0; i < windowBytes >>> granuleShift; i++)
      this.#access[first + i] = random.chance(denied) ? 1 << random.below(8) : 0;
    this.#tags.fill(0);
  }

  /** Sets the access byte of the granule of a guest address. */
  deny(address: number, bits: number): void {
    this.#access[address >>> granuleShift] = bits;
  }

  get register(): Int32Array {
    return this.words.subarray(Cpu.r.index32, Cpu.r.index32 + 16);
  }

  get floats(): Float32Array {
    return new Float32Array(this.control.buffer, this.cpuBase + Cpu.d.offset, 64);
  }

  get doubles(): Float64Array {
    return new Float64Array(this.control.buffer, this.cpuBase + Cpu.d.offset, 32);
  }

  /** The executor's record and the window as they are now. */
  snapshot(): { record: Int32Array; window: Uint8Array } {
    return { record: this.words.slice(), window: this.window.slice() };
  }
}

const corners = [0, 1, -1, 0x7fffffff, -0x80000000, 0x7f800000, 0x7fc00000, 0x7f800001, 0x3f800000, 0x00000001];

/** A word that is a corner case of some type as often as not. */
export function interestingWord(random: Prng): number {
  if (random.chance(0.3)) return random.pick(corners) | (random.chance(0.3) ? -0x80000000 : 0);
  return random.chance(0.3) ? random.below(64) : random.next32() | 0;
}
