/**
 * The side under test: guest memory that holds the cases' code and the scratch area and denies everything else, and
 * the two tiers of the emulator on it.
 */
import type { IrFunction } from '../src/ir/function.ts';
import { Interpreter } from '../src/ir/interpreter.ts';
import { type CodeReader, lowerFragment } from '../src/isa/arm/block.ts';
import type { RandomState } from '../src/isa/arm/random-state.ts';
import { Deny, granuleBytes, granuleCount, granuleShift } from '../src/layout/access.ts';
import { accessTableBase, controlWasmPages, executorRecord, guestWasmPages } from '../src/layout/control.ts';
import { Cpu, ExitReason } from '../src/layout/cpu.ts';
import { CaseOutput, type FuzzCase, scratchBytes } from './fuzz-case.ts';
import {
  type CasePlace,
  caseCodeBytes,
  padsA32,
  padsThumb,
  placeCase,
  placePads,
  saveAddress,
  scratchBase,
} from './fuzz-image.ts';
import { makeTier, type Tier, type TierName } from './fuzz-tiers.ts';

/** How a case ended: at the driver's `save`, by an exit that is a signal, or at an address that is no case's business. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'trap'; readonly reason: ExitReason; readonly address: number }
  | { readonly kind: 'astray'; readonly address: number };

const done: Outcome = { kind: 'done' };

export const signalOf: Record<ExitReason, number> = {
  [ExitReason.jump]: 0,
  [ExitReason.poll]: 0,
  [ExitReason.access]: 11,
  [ExitReason.syscall]: 0,
  [ExitReason.undefined]: 4,
  [ExitReason.breakpoint]: 5,
  [ExitReason.alignment]: 7,
};

/** Stands for the signal of a case that went where nothing is to be compared. */
export const astraySignal = 0x7f;

/** Instructions of a fragment, and fragments of a case, at the most. */
const instructionsMax = 64;
const fragmentsMax = 8;

const denied = Deny.protectionRead | Deny.protectionWrite;
const readOnly = Deny.protectionWrite;
/** FPSCR's condition flags, and the control bits that a guest can change; cumulative bits are not compared. */
const fpscrFlags = 0xf0000000;
export const fpscrCompared = 0xffc00000;
export const cpsrCompared = 0xf80f0000;
/** ITSTATE and the instruction set, in the state at a trap. */
export const cpsrComparedAtTraps = cpsrCompared | 0x0600fc20;

const fragmentKey = (pc: number, itstate: number): number => pc * 256 + itstate;

export class Subject implements CodeReader {
  readonly guest = new WebAssembly.Memory({ initial: guestWasmPages, maximum: guestWasmPages, shared: true });
  readonly control = new WebAssembly.Memory({ initial: controlWasmPages, maximum: controlWasmPages, shared: true });
  readonly #interpreter = new Interpreter(this.guest, this.control);
  readonly #tiers = new Map<TierName, Tier>();
  /** First fragments that were loaded into a tier. */
  readonly #loaded = new Map<FuzzCase, IrFunction>();
  readonly #view = new DataView(this.guest.buffer);
  readonly #halfwords = new Uint16Array(this.guest.buffer);
  readonly #scratch = new Int32Array(this.guest.buffer, scratchBase, scratchBytes / 4);
  readonly #access = new Uint8Array(this.control.buffer, accessTableBase, granuleCount);
  readonly #words = new Int32Array(this.control.buffer);
  readonly #cpu = executorRecord(0);
  readonly #cpuWord = executorRecord(0) >>> 2;
  readonly #fragments = new Map<number, IrFunction>();
  readonly #patterns: readonly Int32Array[];
  #place: CasePlace = { start: 0, entry: 0, end: 0, landings: [] };
  /** Where the case at hand is done: behind its instructions if nothing else is to be run, else nowhere. */
  #end = -1;

  constructor(patterns: readonly Int32Array[]) {
    this.#patterns = patterns;
    this.#access.fill(denied);
    this.#allow(scratchBase, scratchBytes, 0);
    placePads(this.#view, 0);
  }

  #allow(address: number, bytes: number, access: number): void {
    this.#access.fill(access, address >>> granuleShift, (address + bytes + granuleBytes - 1) >>> granuleShift);
  }

  #tier(name: TierName): Tier {
    const tier = this.#tiers.get(name) ?? makeTier(name, this.#interpreter);
    this.#tiers.set(name, tier);
    return tier;
  }

  /** Prepares a tier for cases that will be placed from `firstIndex` on. */
  load(name: TierName, cases: readonly FuzzCase[], firstIndex: number): void {
    this.#loaded.clear();
    const fragments = cases.map((one, i) => {
      const { entry } = this.place(firstIndex + i, one);
      const ir = this.#fragment(entry, 0, this.#end);
      this.#loaded.set(one, ir);
      return { ir, exact: one.traps };
    });
    this.#tier(name).load(fragments);
  }

  halfword(address: number): number {
    return this.#halfwords[address >>> 1]!;
  }

  /** Makes `one` the case at hand, at the place of case `index`. */
  place(index: number, one: FuzzCase): CasePlace {
    this.#allow(this.#place.start, caseCodeBytes, denied);
    this.#place = placeCase(this.#view, 0, index, one);
    this.#allow(this.#place.start, caseCodeBytes, readOnly);
    this.#end = one.landing === 'none' ? this.#place.end : -1;
    this.#fragments.clear();
    const loaded = this.#loaded.get(one);
    if (loaded !== undefined) this.#fragments.set(fragmentKey(this.#place.entry, 0), loaded);
    return this.#place;
  }

  /** Runs the case at hand from the given state. */
  run(state: RandomState, pattern: number, tier: TierName = 'interpreter'): Outcome {
    this.#load(state);
    this.#scratch.set(this.#patterns[pattern]!);
    return this.#go(this.#tier(tier));
  }

  /**
   * As a dispatcher does, a case that another tier left because an access was denied goes on in the interpreter: a
   * check of several accesses leaves at the first of them.
   */
  #go(first: Tier): Outcome {
    let tier = first;
    const { entry, landings } = this.#place;
    const end = this.#end;
    const words = this.#words;
    const cpu = this.#cpuWord;
    let pc = entry;
    let itstate = 0;
    for (let count = 0; count < fragmentsMax; count++) {
      const reason = tier.run(this.#fragment(pc, itstate, end), this.#cpu);
      pc = words[cpu + Cpu.pc.index32]! >>> 0;
      itstate = words[cpu + Cpu.itstate.index32]!;
      if (reason === ExitReason.access && tier !== this.#tier('interpreter')) {
        tier = this.#tier('interpreter');
        continue;
      }
      if (reason !== ExitReason.jump)
        return { kind: 'trap', reason, address: words[cpu + Cpu.exitInfo.index32]! >>> 0 };
      if (pc === saveAddress || pc === end) return done;
      if (!landings.includes(pc) && !padsA32.includes(pc) && !padsThumb.includes(pc)) break;
    }
    return { kind: 'astray', address: pc };
  }

  /** The fragment at `pc`; the one at the case's entry ends behind its instructions. */
  #fragment(pc: number, itstate: number, end: number): IrFunction {
    const key = fragmentKey(pc, itstate);
    let ir = this.#fragments.get(key);
    if (ir === undefined) {
      ir = lowerFragment(this.#reader(pc, end), pc, itstate, instructionsMax).ir;
      this.#fragments.set(key, ir);
    }
    return ir;
  }

  /** Code before `end` can't be read beyond it, so that a fragment stops there. */
  #reader(pc: number, end: number): CodeReader {
    if (pc >= end) return this;
    return { halfword: (address) => (address >= (end & ~1) ? -1 : this.halfword(address)) };
  }

  #load(state: RandomState): void {
    const words = this.#words;
    const at = this.#cpuWord;
    words.set(state.r, at + Cpu.r.index32);
    words.set(state.s, at + Cpu.d.index32);
    const { cpsr, fpscr } = state;
    words[at + Cpu.nf.index32] = cpsr;
    words[at + Cpu.zf.index32] = (~cpsr >>> 30) & 1;
    words[at + Cpu.cf.index32] = (cpsr >>> 29) & 1;
    words[at + Cpu.vf.index32] = cpsr << 3;
    words[at + Cpu.qf.index32] = (cpsr >>> 27) & 1;
    words[at + Cpu.ge.index32] = (cpsr >>> 16) & 15;
    words[at + Cpu.fpn.index32] = fpscr;
    words[at + Cpu.fpz.index32] = (~fpscr >>> 30) & 1;
    words[at + Cpu.fpc.index32] = (fpscr >>> 29) & 1;
    words[at + Cpu.fpv.index32] = fpscr << 3;
    words[at + Cpu.fpscr.index32] = fpscr & ~fpscrFlags;
    words[at + Cpu.itstate.index32] = 0;
    words[at + Cpu.tpidruro.index32] = 0;
    words[at + Cpu.tpidrurw.index32] = fpscr;
    words[at + Cpu.exclusiveAddress.index32] = -1;
  }

  /** Writes what a run left behind as a CaseOutput record at word `to`. */
  save(records: Int32Array, to: number, outcome: Outcome): void {
    const words = this.#words;
    const at = this.#cpuWord;
    const bit = (field: { index32: number }, shift: number): number => (words[at + field.index32]! & 1) << shift;
    const sign = (field: { index32: number }, shift: number): number => (words[at + field.index32]! >>> 31) << shift;
    const zero = (field: { index32: number }): number => (words[at + field.index32] === 0 ? 1 << 30 : 0);
    const cpsr = sign(Cpu.nf, 31) | zero(Cpu.zf) | bit(Cpu.cf, 29) | sign(Cpu.vf, 28) | bit(Cpu.qf, 27);
    const fpscr = sign(Cpu.fpn, 31) | zero(Cpu.fpz) | bit(Cpu.fpc, 29) | sign(Cpu.fpv, 28);
    const trapped = outcome.kind === 'trap';
    const pc = words[at + Cpu.pc.index32]!;
    const itstate = words[at + Cpu.itstate.index32]!;
    const thumb = (pc & 1) << 5;
    const it = ((itstate & 3) << 25) | ((itstate & 0xfc) << 8);
    const mode = trapped ? thumb | it : 0;
    const signal = outcome.kind === 'astray' ? astraySignal : 0;
    records[to + CaseOutput.trap.index32] = trapped ? signalOf[outcome.reason] : signal;
    records[to + CaseOutput.pc.index32] = trapped ? pc & ~1 : 0;
    records[to + CaseOutput.cpsr.index32] = cpsr | (words[at + Cpu.ge.index32]! << 16) | mode;
    records[to + CaseOutput.fpscr.index32] = fpscr | words[at + Cpu.fpscr.index32]!;
    records.set(words.subarray(at + Cpu.r.index32, at + Cpu.r.index32 + 15), to + CaseOutput.r.index32);
    records.set(words.subarray(at + Cpu.d.index32, at + Cpu.d.index32 + 64), to + CaseOutput.d.index32);
    records.set(this.#scratch, to + CaseOutput.scratch.index32);
  }
}
