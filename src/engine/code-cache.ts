/**
 * What one executor knows of the guest's code: decoded fragments for the interpreter, and translated regions in its
 * code table. Both are dropped by address range when the guest's bytes change.
 */

import type { IrFunction } from '../ir/function.ts';
import { pageShift } from '../layout/access.ts';
import { Executor, executorRecord, JumpCacheEntry, jumpCache, jumpCacheEntries } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import { emitRuntime } from '../wasm/module.ts';
import type { ModuleMail } from './mail.ts';
import type { Memories } from './memory.ts';

export interface Fragment {
  /** Guest address (bit 0 = Thumb). */
  readonly pc: number;
  readonly end: number;
  readonly ir: IrFunction;
  /** Ends by a call, a return or another computed jump: what follows is a likely root. */
  readonly leavesFunction: boolean;
  /** Times that it was entered as a possible root. */
  rootEntries: number;
}

export type RegionFunction = (cpu: number) => number;

export interface Region {
  readonly pc: number;
  readonly slot: number;
  readonly run: RegionFunction;
  readonly ranges: readonly number[];
}

const tableEntriesStep = 4096;

export class CodeCache {
  readonly fragments = new Map<number, Fragment>();
  readonly regions = new Map<number, Region>();
  readonly #table: WebAssembly.Table;
  readonly #stub: RegionFunction;
  readonly #imports: WebAssembly.Imports;
  readonly #words: Int32Array;
  readonly #jumpCache: number;
  readonly #fragmentsByPage = new Map<number, Set<number>>();

  constructor(memories: Memories, controlWords: Int32Array, executor: number) {
    this.#words = controlWords;
    this.#jumpCache = jumpCache(executor);
    controlWords[(executorRecord(executor) + Executor.jumpCache.offset) >>> 2] = this.#jumpCache;
    this.#table = new WebAssembly.Table({ element: 'anyfunc', initial: 0 });
    this.#imports = { e: { guest: memories.guest, control: memories.control, table: this.#table } };
    const runtime = new WebAssembly.Instance(new WebAssembly.Module(emitRuntime()), this.#imports);
    this.#stub = runtime.exports['stub'] as RegionFunction;
    this.#table.grow(tableEntriesStep, this.#stub);
    this.clearJumpCache();
  }

  addFragment(fragment: Fragment): void {
    this.fragments.set(fragment.pc, fragment);
    const lastPage = (fragment.end - 1) >>> pageShift;
    for (let page = fragment.pc >>> pageShift; page <= lastPage; page++) {
      const set = this.#fragmentsByPage.get(page);
      if (set) set.add(fragment.pc);
      else this.#fragmentsByPage.set(page, new Set([fragment.pc]));
    }
  }

  /** Instantiates a module and links its regions; false when the code changed since it was read. */
  link(mail: ModuleMail, generation: number): boolean {
    if (mail.generation !== generation) return false;
    if (this.#table.length < mail.slots)
      this.#table.grow(Math.ceil(mail.slots / tableEntriesStep) * tableEntriesStep - this.#table.length, this.#stub);
    const instance = new WebAssembly.Instance(mail.module, this.#imports);
    mail.regions.forEach(({ pc, slot, ranges }, i) => {
      const run = instance.exports[`f${i}`] as RegionFunction;
      this.#table.set(slot, run);
      this.regions.set(pc, { pc, slot, run, ranges });
    });
    return true;
  }

  /** Makes indirect jumps to the region find it without coming back here. */
  cacheJump(region: Region): void {
    const entry = (this.#jumpCache + ((region.pc >>> 1) & (jumpCacheEntries - 1)) * JumpCacheEntry.bytes) >>> 2;
    this.#words[entry + JumpCacheEntry.slot.index32] = region.slot;
    this.#words[entry + JumpCacheEntry.pc.index32] = region.pc;
  }

  clearJumpCache(): void {
    const base = this.#jumpCache >>> 2;
    // No instruction is at the last address, so no jump matches an empty entry.
    this.#words.fill(-1, base, base + (jumpCacheEntries * JumpCacheEntry.bytes) / 4);
  }

  /** Forgets whatever came from [start, end). */
  drop(start: number, end: number): void {
    for (let page = start >>> pageShift; page <= (end - 1) >>> pageShift; page++) {
      const set = this.#fragmentsByPage.get(page);
      if (!set) continue;
      for (const pc of set) {
        const fragment = this.fragments.get(pc);
        if (!fragment) set.delete(pc);
        else if (fragment.end > start && (fragment.pc & ~1) >>> 0 < end) {
          this.fragments.delete(pc);
          set.delete(pc);
        }
      }
    }
    let dropped = false;
    for (const region of this.regions.values()) {
      for (let i = 0; i < region.ranges.length; i += 2) {
        if ((region.ranges[i + 1] as number) <= start || (region.ranges[i] as number) >= end) continue;
        this.#table.set(region.slot, this.#stub);
        this.regions.delete(region.pc);
        dropped = true;
        break;
      }
    }
    if (dropped) this.clearJumpCache();
  }
}

export const pcIndex = Cpu.pc.index32;
