/**
 * What one executor knows of the guest's code: decoded fragments for the interpreter, and translated regions in its
 * code table. Both are dropped by address range when the guest's bytes change.
 */

import type { IrFunction } from '../ir/function.ts';
import { pageShift } from '../layout/access.ts';
import { CodeVariant, codeVariants } from '../layout/code-variant.ts';
import { Executor, executorRecord, JumpCacheEntry, jumpCache, jumpCacheEntries, metIndex } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import { emitRuntime } from '../wasm/module.ts';
import { codeKey } from './code-key.ts';
import type { DropMail, ModuleMail, RegionInfo, RetranslateMail } from './mail.ts';
import type { Memories } from './memory.ts';

export interface Fragment {
  /** Guest address (bit 0 = Thumb). */
  readonly pc: number;
  readonly variant: CodeVariant;
  readonly end: number;
  readonly ir: IrFunction;
  /** Ends by a call, a return or another computed jump: what follows is a likely root. */
  readonly leavesFunction: boolean;
  /** Entries as a possible root after which it is one. */
  readonly hotEntries: number;
  /** Times that it was entered as a possible root. */
  rootEntries: number;
  /** It is the whole of a loop that waits for another thread (waiting-loops.ts), when it leads to itself. */
  readonly onlyWaits: boolean;
}

export type RegionFunction = (cpu: number) => number;

/** Its regions call each other directly, so they go together. */
interface Module {
  readonly generation: number;
  readonly regions: readonly Region[];
}

export interface Region {
  readonly pc: number;
  readonly variant: CodeVariant;
  readonly slot: number;
  readonly run: RegionFunction;
  readonly ranges: readonly number[];
}

const tableEntriesStep = 4096;
/** Drops that are remembered for modules on their way; a module that is older than all of them is not linked. */
const dropsMax = 4096;
/** Fragments kept; the hot ones are regions by the time that so many were met. */
const fragmentsMax = 65_536;

function overlaps(ranges: readonly number[], start: number, end: number): boolean {
  for (let i = 0; i < ranges.length; i += 2)
    if ((ranges[i + 1] as number) > start && (ranges[i] as number) < end) return true;
  return false;
}

export class CodeCache {
  /** By code key. */
  readonly fragments = new Map<number, Fragment>();
  /** By code key. */
  readonly regions = new Map<number, Region>();
  /** Addresses that follow a call. */
  readonly returns = new Set<number>();
  readonly #table: WebAssembly.Table;
  readonly #stub: RegionFunction;
  readonly #imports: WebAssembly.Imports;
  readonly #words: Int32Array;
  readonly #controlBytes: Uint8Array;
  readonly #executor: number;
  readonly #fragmentsByPage = new Map<number, Set<number>>();
  readonly #modules = new Set<Module>();
  readonly #drops: DropMail[] = [];
  /** Generation before which everything was dropped that is not in `#drops`. */
  #forgotten = 0;

  constructor(memories: Memories, controlWords: Int32Array, executor: number) {
    this.#words = controlWords;
    this.#controlBytes = new Uint8Array(controlWords.buffer);
    this.#executor = executor;
    this.useVariant(CodeVariant.plain);
    this.#table = new WebAssembly.Table({ element: 'anyfunc', initial: 0 });
    this.#imports = { e: { guest: memories.guest, control: memories.control, table: this.#table } };
    const runtime = new WebAssembly.Instance(new WebAssembly.Module(emitRuntime()), this.#imports);
    this.#stub = runtime.exports['stub'] as RegionFunction;
    this.#table.grow(tableEntriesStep, this.#stub);
    this.clearJumpCache();
  }

  /** From here on translated code looks its jumps up in the jump cache of `variant`. */
  useVariant(variant: CodeVariant): void {
    const { offset } = Executor.jumpCache;
    this.#words[(executorRecord(this.#executor) + offset) >>> 2] = jumpCache(this.#executor, variant);
  }

  addFragment(fragment: Fragment): void {
    if (this.fragments.size >= fragmentsMax) {
      this.fragments.clear();
      this.returns.clear();
      this.#fragmentsByPage.clear();
    }
    const key = codeKey(fragment.pc, fragment.variant);
    this.fragments.set(key, fragment);
    this.#controlBytes[metIndex(fragment.pc)] = 1;
    const lastPage = (fragment.end - 1) >>> pageShift;
    for (let page = fragment.pc >>> pageShift; page <= lastPage; page++) {
      const set = this.#fragmentsByPage.get(page);
      if (set) set.add(key);
      else this.#fragmentsByPage.set(page, new Set([key]));
    }
  }

  /** Instantiates a module and links its regions; false when some of its code was dropped since it was read. */
  link(mail: ModuleMail): boolean {
    // Modules come in the order in which their code was read: drops that this one knows of, all later ones do.
    while (this.#drops.length > 0 && this.#drops[0]!.generation <= mail.generation) this.#drops.shift();
    const stale = ({ ranges }: RegionInfo): boolean =>
      this.#drops.some(({ start, end }) => overlaps(ranges, start, end));
    if (mail.generation < this.#forgotten || mail.regions.some(stale)) return false;
    if (this.#table.length < mail.slots)
      this.#table.grow(Math.ceil(mail.slots / tableEntriesStep) * tableEntriesStep - this.#table.length, this.#stub);
    const instance = new WebAssembly.Instance(mail.module, this.#imports);
    const regions = mail.regions.map(({ pc, variant, slot, ranges }, i) => {
      const region = { pc, variant, slot, run: instance.exports[`f${i}`] as RegionFunction, ranges };
      this.#table.set(slot, region.run);
      this.regions.set(codeKey(pc, variant), region);
      return region;
    });
    this.#modules.add({ generation: mail.generation, regions });
    return true;
  }

  /** Makes indirect jumps to the region find it without coming back here. */
  cacheJump(region: Region): void {
    const cache = jumpCache(this.#executor, region.variant);
    const entry = (cache + ((region.pc >>> 1) & (jumpCacheEntries - 1)) * JumpCacheEntry.bytes) >>> 2;
    this.#words[entry + JumpCacheEntry.slot.index32] = region.slot;
    this.#words[entry + JumpCacheEntry.pc.index32] = region.pc;
  }

  clearJumpCache(): void {
    // No instruction is at the last address, so no jump matches an empty entry.
    for (const variant of codeVariants) {
      const base = jumpCache(this.#executor, variant) >>> 2;
      this.#words.fill(-1, base, base + (jumpCacheEntries * JumpCacheEntry.bytes) / 4);
    }
  }

  /** Forgets whatever came from [start, end), and what will come from there in modules that are on their way. */
  drop(mail: DropMail): void {
    const { start, end } = mail;
    this.#drops.push(mail);
    if (this.#drops.length > dropsMax) this.#forgotten = this.#drops.shift()!.generation;
    for (let page = start >>> pageShift; page <= (end - 1) >>> pageShift; page++) {
      const set = this.#fragmentsByPage.get(page);
      if (!set) continue;
      for (const key of set) {
        const fragment = this.fragments.get(key);
        if (!fragment) set.delete(key);
        else if (fragment.end > start && (fragment.pc & ~1) >>> 0 < end) {
          this.fragments.delete(key);
          set.delete(key);
        }
      }
    }
    let dropped = false;
    for (const module of this.#modules) {
      if (!module.regions.some(({ ranges }) => overlaps(ranges, start, end))) continue;
      this.#unlink(module);
      dropped = true;
    }
    if (dropped) this.clearJumpCache();
  }

  /** Forgets what was translated before, and what will come of it in modules that are on their way. */
  dropRegions({ generation }: RetranslateMail): void {
    this.#drops.length = 0;
    this.#forgotten = generation;
    for (const module of this.#modules) if (module.generation < generation) this.#unlink(module);
    this.clearJumpCache();
  }

  #unlink(module: Module): void {
    this.#modules.delete(module);
    for (const region of module.regions) {
      // A later module may have one for the same address.
      const key = codeKey(region.pc, region.variant);
      if (this.regions.get(key) !== region) continue;
      this.#table.set(region.slot, this.#stub);
      this.regions.delete(key);
    }
  }
}

export const pcIndex = Cpu.pc.index32;
