/**
 * The side under test: guest memory that holds the cases' code and the scratch areas and denies everything else, and
 * the tiers of the emulator on it.
 */
import { formRegion, type Knowledge } from '../src/engine/region.ts';
import { loadsExclusively } from '../src/ir/exclusive-loads.ts';
import { type IrFunction, instructionWords } from '../src/ir/function.ts';
import { Interpreter } from '../src/ir/interpreter.ts';
import { opCodes } from '../src/ir/ops.table.ts';
import { type CodeReader, lowerFragment } from '../src/isa/arm/block.ts';
import { type Decode, decoderOf } from '../src/isa/arm/decoder.ts';
import { Deny, granuleBytes, granuleCount, granuleShift } from '../src/layout/access.ts';
import { CodeVariant, codeVariants, variantOf } from '../src/layout/code-variant.ts';
import { accessTableBase, controlWasmPages, executorRecord, guestWasmPages } from '../src/layout/control.ts';
import { Cpu, ExitReason } from '../src/layout/cpu.ts';
import type { ProcessorName } from '../src/processor/processors.table.ts';
import { CaseOutput, type FuzzCase, type Start, scratchBytes } from './fuzz-case.ts';
import {
  type CasePlace,
  codeBytes,
  type MemoryImage,
  padsA32,
  padsThumb,
  placeCase,
  placePads,
  saveAddress,
} from './fuzz-code.ts';
import { windows } from './fuzz-memory.ts';
import { loadState, saveState } from './fuzz-state.ts';
import { Fragment, makeTier, type Tier, type TierName } from './fuzz-tiers.ts';

/** How a run ended: at the driver's `save`, by an exit that is a signal, or at an address that is no case's business. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'trap'; readonly reason: ExitReason; readonly address: number; readonly write: boolean }
  | { readonly kind: 'astray'; readonly address: number };

const done: Outcome = { kind: 'done' };

const signalOf: Record<ExitReason, number> = {
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

/** Instructions of a fragment, and fragments of a run, at the most; the latter for blocks too. */
const instructionsMax = 64;
const fragmentsMax = 8;
const blockFragmentsMax = 400;
/** What the kernel answers to calls that there are not; cases make no others. */
const noSuchCall = -38;
const writeMask = 0x100;

const denied = Deny.protectionRead | Deny.protectionWrite;
const readOnly = Deny.protectionWrite;
const notHere = Deny.coherenceRead | Deny.coherenceWrite;

const fragmentKey = (pc: number, itstate: number, variant: CodeVariant): number =>
  (pc * 256 + itstate) * codeVariants.length + variant;

const variantOfCase = ({ exact }: FuzzCase): CodeVariant => (exact ? CodeVariant.exact : CodeVariant.plain);

/** In every other block some places count as never run: regions leave there, to others or to the interpreter. */
function knowledgeOf({ halfwords }: FuzzCase): Knowledge {
  const all = (halfwords.length & 2) === 0;
  return { isMet: (pc) => all || Math.imul(pc >>> 1, 0x9e3779b1) < 0, isRoot: () => false };
}

/** What a run has reached: the CPU record and the scratch area. */
export interface Checkpoint {
  readonly record: Int32Array;
  readonly scratch: Int32Array;
}

export class Subject implements CodeReader {
  readonly decode: Decode;
  readonly guest = new WebAssembly.Memory({ initial: guestWasmPages, maximum: guestWasmPages, shared: true });
  readonly control = new WebAssembly.Memory({ initial: controlWasmPages, maximum: controlWasmPages, shared: true });
  readonly #interpreter = new Interpreter(this.guest, this.control);
  readonly #tiers = new Map<TierName, Tier>();
  /** Functions by fragment key that were loaded into the tiers. */
  readonly #loaded = new Map<FuzzCase, ReadonlyMap<number, IrFunction>>();
  readonly #halfwords = new Uint16Array(this.guest.buffer);
  readonly #image: MemoryImage = {
    view: new DataView(this.guest.buffer),
    words: new Int32Array(this.guest.buffer),
    base: 0,
  };
  readonly #scratches = windows.map(({ base }) => new Int32Array(this.guest.buffer, base, scratchBytes / 4));
  readonly #access = new Uint8Array(this.control.buffer, accessTableBase, granuleCount);
  readonly #words = new Int32Array(this.control.buffer);
  readonly #cpu = executorRecord(0);
  readonly #cpuWord = executorRecord(0) >>> 2;
  readonly #fragments = new Map<number, IrFunction>();
  readonly #patterns: readonly Int32Array[];
  #window = 0;
  #place: CasePlace = { start: 0, entry: 0, end: 0, landings: [] };
  /** Where the case at hand is done: behind its instructions if nothing else is to be run, else nowhere. */
  #end = -1;
  #fragmentsMax = fragmentsMax;
  #exact = false;

  constructor(patterns: readonly Int32Array[], processor: ProcessorName = 'max') {
    this.#patterns = patterns;
    this.decode = decoderOf(processor);
    this.#access.fill(denied);
    this.#choose(0);
    placePads(this.#image);
  }

  #allow(address: number, bytes: number, access: number): void {
    this.#access.fill(access, address >>> granuleShift, (address + bytes + granuleBytes - 1) >>> granuleShift);
  }

  /** Makes one window accessible and the others not: they hold what starts before this one have left. */
  #choose(window: number): void {
    this.#window = window;
    windows.forEach(({ base, mappings }, index) => {
      this.#allow(base, scratchBytes, index === window ? 0 : denied);
      for (const { start, bytes, writable } of mappings)
        if (!writable) this.#allow(start, bytes, index === window ? readOnly : denied);
    });
  }

  #tier(name: TierName): Tier {
    const tier = this.#tiers.get(name) ?? makeTier(name, this.#interpreter);
    this.#tiers.set(name, tier);
    return tier;
  }

  /** Prepares the tiers for cases that will be placed from `firstIndex` on. */
  load(tiers: readonly TierName[], cases: readonly FuzzCase[], firstIndex: number): void {
    this.#loaded.clear();
    const fragments = cases.flatMap((one, i) => {
      const { entry } = this.place(firstIndex + i, one);
      const functions = this.#functions(one, entry);
      this.#loaded.set(one, functions);
      return [...functions.values()].map((ir) => new Fragment(ir, one.traps));
    });
    for (const name of tiers) this.#tier(name).load(fragments);
  }

  /** What a tier gets of the case at hand: its instruction, or a block and what it calls as regions. */
  #functions(one: FuzzCase, entry: number): ReadonlyMap<number, IrFunction> {
    const variant = variantOfCase(one);
    if (one.inside.length === 0) return new Map([[fragmentKey(entry, 0, variant), this.#fragment(entry, 0, variant)]]);
    const functions = new Map<number, IrFunction>();
    const queue = [entry];
    for (let pc = queue.pop(); pc !== undefined; pc = queue.pop()) {
      const key = fragmentKey(pc, 0, variant);
      const region = functions.has(key) ? undefined : formRegion(this.#reader(pc), pc, variant, knowledgeOf(one));
      if (region === undefined) continue;
      const { ir } = region;
      functions.set(key, ir);
      queue.push(...region.leftOut);
      for (let at = 0; at < ir.count; at++)
        if (ir.words[at * instructionWords] === opCodes.call) queue.push(ir.argument(at, 0) >>> 0);
    }
    return functions;
  }

  halfword(address: number): number {
    return this.#halfwords[address >>> 1]!;
  }

  /** Makes `one` the case at hand, at the place of case `index`. */
  place(index: number, one: FuzzCase): CasePlace {
    this.#allow(this.#place.start, codeBytes, denied);
    this.#place = placeCase(this.#image, index, one);
    this.#allow(this.#place.start, codeBytes, readOnly);
    this.#end = one.landing === 'none' ? this.#place.end : -1;
    this.#fragmentsMax = one.inside.length > 0 ? blockFragmentsMax : fragmentsMax;
    this.#exact = one.exact;
    this.#fragments.clear();
    for (const [key, ir] of this.#loaded.get(one) ?? []) this.#fragments.set(key, ir);
    return this.#place;
  }

  /** True when the address lies in the code of the case at hand, which may not be written. */
  isCode(address: number): boolean {
    return address >= this.#place.start && address < this.#place.start + codeBytes;
  }

  /** Runs the case at hand from the given state. */
  run({ state, pattern, window, absent }: Start, tier: TierName = 'interpreter'): Outcome {
    loadState(this.#words, this.#cpuWord, state, this.#exact);
    if (window !== this.#window) this.#choose(window);
    this.#scratches[window]!.set(this.#patterns[pattern]!);
    if (absent === 0) return this.#go(this.#tier(tier), this.#place.entry);
    const { base } = windows[window]!;
    for (let i = 0; i < scratchBytes / granuleBytes; i++)
      this.#allow(base + i * granuleBytes, 1, (absent >>> i) & 1 ? notHere : 0);
    const outcome = this.#go(this.#tier(tier), this.#place.entry);
    this.#allow(base, scratchBytes, 0);
    return outcome;
  }

  /** What the last run has reached. */
  checkpoint(): Checkpoint {
    const record = this.#words.slice(this.#cpuWord, this.#cpuWord + Cpu.bytes / 4);
    return { record, scratch: this.#scratches[this.#window]!.slice() };
  }

  /** Goes on from `from` in the interpreter, at `pc` in the case at hand. */
  resume(from: Checkpoint, pc: number): Outcome {
    this.#words.set(from.record, this.#cpuWord);
    this.#scratches[this.#window]!.set(from.scratch);
    return this.#go(this.#tier('interpreter'), pc);
  }

  /**
   * As a dispatcher does, a case that another tier left because an access was denied goes on in the interpreter: a
   * check of several accesses leaves at the first of them. There the access is exact: the granule comes, and the
   * instruction is made again.
   */
  #go(first: Tier, from: number): Outcome {
    const interpreter = this.#tier('interpreter');
    const words = this.#words;
    const cpu = this.#cpuWord;
    let tier = first;
    let pc = from;
    let itstate = 0;
    for (let count = 0; count < this.#fragmentsMax; count++) {
      let reason = tier.run(this.#fragment(pc, itstate, this.#variant()), this.#cpu);
      const obtained = reason === ExitReason.access && tier === interpreter && this.#obtain();
      if (reason === ExitReason.access && tier === interpreter && !obtained) reason = this.#loadExclusive();
      pc = words[cpu + Cpu.pc.index32]! >>> 0;
      itstate = words[cpu + Cpu.itstate.index32]!;
      if (obtained || (reason === ExitReason.access && tier !== interpreter)) {
        tier = obtained ? first : interpreter;
        continue;
      }
      if (reason === ExitReason.syscall) words[cpu + Cpu.r.index32] = noSuchCall;
      else if (reason !== ExitReason.jump) return this.#trap(reason);
      if (pc === saveAddress || pc === this.#end) return done;
      if (!this.#place.landings.includes(pc) && !padsA32.includes(pc) && !padsThumb.includes(pc)) break;
    }
    return { kind: 'astray', address: pc };
  }

  /** What the thread's FPSCR asks for now. */
  #variant(): CodeVariant {
    const cpu = this.#cpuWord;
    return variantOf(this.#words[cpu + Cpu.fpscr.index32]!, this.#words[cpu + Cpu.fpexc.index32]!);
  }

  /** Lets the granule come that an access was refused for; false when it was refused for another reason. */
  #obtain(): boolean {
    const granule = this.#words[this.#cpuWord + Cpu.exitInfo.index32]! >>> granuleShift;
    if (this.#access[granule] !== notHere) return false;
    this.#access[granule] = 0;
    return true;
  }

  /** As the executor does, makes a load-exclusive where nothing may be written; another access is refused again. */
  #loadExclusive(): ExitReason {
    const words = this.#words;
    const cpu = this.#cpuWord;
    const pc = words[cpu + Cpu.pc.index32]! >>> 0;
    const step = lowerFragment(this.#reader(pc), pc, words[cpu + Cpu.itstate.index32]!, 1).ir;
    return this.#interpreter.run(step, this.#cpu, 0, loadsExclusively(step) ? readOnly : 0);
  }

  #trap(reason: ExitReason): Outcome {
    const words = this.#words;
    const cpu = this.#cpuWord;
    const write = (words[cpu + Cpu.exitInfo2.index32]! & writeMask) !== 0;
    return { kind: 'trap', reason, address: words[cpu + Cpu.exitInfo.index32]! >>> 0, write };
  }

  /** The fragment at `pc`; one inside the case ends behind its instructions. */
  #fragment(pc: number, itstate: number, variant: CodeVariant): IrFunction {
    const key = fragmentKey(pc, itstate, variant);
    let ir = this.#fragments.get(key);
    if (ir === undefined) {
      ir = lowerFragment(this.#reader(pc), pc, itstate, instructionsMax, variant).ir;
      this.#fragments.set(key, ir);
    }
    return ir;
  }

  /** Code before the case's end can't be read beyond it, so that a fragment stops there. */
  #reader(pc: number): CodeReader {
    const end = this.#end;
    if (pc >= end) return this;
    const halfword = (address: number): number => (address >= (end & ~1) ? -1 : this.halfword(address));
    return { halfword, decode: this.decode };
  }

  /** Writes what a run left behind as a CaseOutput record at word `to`. */
  save(records: Int32Array, to: number, outcome: Outcome): void {
    const trapped = outcome.kind === 'trap';
    saveState(this.#words, this.#cpuWord, records, to, trapped);
    const signal = outcome.kind === 'astray' ? astraySignal : 0;
    records[to + CaseOutput.trap.index32] = trapped ? signalOf[outcome.reason] : signal;
    records[to + CaseOutput.address.index32] = trapped ? outcome.address : 0;
    records.set(this.#scratches[this.#window]!, to + CaseOutput.scratch.index32);
  }
}
