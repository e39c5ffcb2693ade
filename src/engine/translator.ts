/**
 * The translator: turns hot guest addresses into modules, away from the guest's threads. Addresses that come close
 * together go into one module.
 */
import { optimise } from '../ir/passes/pipeline.ts';
import { decoderOf } from '../isa/arm/decoder.ts';
import { CodeVariant } from '../layout/code-variant.ts';
import { executorsMax, metIndex, Node, nodeBase } from '../layout/control.ts';
import type { ProcessorName } from '../processor/processors.table.ts';
import { emitModule } from '../wasm/module.ts';
import { codeKey } from './code-key.ts';
import { GuestCodeReader } from './code-reader.ts';
import { GuestMemory } from './guest-memory.ts';
import { Handshake } from './handshake.ts';
import type { HotMail, ModuleMail, RegionInfo } from './mail.ts';
import { type Memories, Views } from './memory.ts';
import { type FormedRegion, formRegion } from './region.ts';

/** Regions in one module, and guest instructions: batches are cheaper, but the first request must not wait long. */
const batchMax = 32;
const batchInstructionsMax = 2000;
/** Times that a region is made anew because of a path of it that was cold when it was made. */
const widenedMax = 4;
const keptRegistersIndex = (nodeBase + Node.keptRegisters.offset) >>> 2;
const codeGenerationIndex = (nodeBase + Node.codeGeneration.offset) >>> 2;

export interface TranslatorOptions {
  /** The processor that the guest sees. */
  readonly processor: ProcessorName;
  /** Total store order on this host: barriers are cheaper. */
  readonly hostIsTso: boolean;
  /** Readable function names for profilers. */
  readonly names: boolean;
  /** Regions take in what was never run, too. */
  readonly whole: boolean;
}

export class Translator {
  readonly #words: Int32Array;
  readonly #isMet: (pc: number) => boolean;
  readonly #handshake: Handshake;
  readonly #reader: GuestCodeReader;
  readonly #options: TranslatorOptions;
  /** Code-table slot of each code key that was ever jumped to or translated. */
  readonly #slots = new Map<number, number>();
  /** Node.codeGeneration at which each code key was last translated. */
  readonly #translated = new Map<number, number>();
  /** Addresses asked for, of each variant. */
  readonly #pending: readonly [number[], number[]] = [[], []];
  /** Code key of what was left out of regions, and the roots of those. */
  readonly #without = new Map<number, Set<number>>();
  readonly #widened = new Map<number, number>();

  constructor(memories: Memories, options: TranslatorOptions) {
    const views = new Views(memories);
    this.#words = views.controlWords;
    this.#handshake = new Handshake(this.#words, executorsMax);
    this.#reader = new GuestCodeReader(new GuestMemory(views, false), decoderOf(options.processor));
    this.#options = options;
    this.#isMet = options.whole ? () => true : (pc) => views.controlBytes[metIndex(pc)] !== 0;
  }

  get pending(): number {
    return this.#pending[0].length + this.#pending[1].length;
  }

  /**
   * An executor asks for a region. It has refused, dropped or not yet received what was translated before: only when
   * code was dropped between that translation and its asking is another one needed.
   */
  request({ pc, variant, generation }: HotMail): void {
    const last = this.#translated.get(codeKey(pc, variant));
    if (last !== undefined && ((generation - last) | 0) <= 0) return;
    this.#widen(pc, variant);
    this.#enqueue(pc, variant);
  }

  #enqueue(pc: number, variant: CodeVariant): void {
    const pending = this.#pending[variant];
    if (!pending.includes(pc)) pending.push(pc);
  }

  /** Regions that were made without `pc`, which has become hot, are made anew: they need not be left for it then. */
  #widen(pc: number, variant: CodeVariant): void {
    const key = codeKey(pc, variant);
    const roots = this.#without.get(key) ?? [];
    this.#without.delete(key);
    for (const root of roots) {
      const rootKey = codeKey(root, variant);
      const times = (this.#widened.get(rootKey) ?? 0) + 1;
      if (times > widenedMax) continue;
      this.#widened.set(rootKey, times);
      this.#enqueue(root, variant);
    }
  }

  #noteLeftOut({ pc, variant, leftOut }: FormedRegion): void {
    for (const address of leftOut) {
      const key = codeKey(address, variant);
      const roots = this.#without.get(key);
      if (roots) roots.add(pc);
      else this.#without.set(key, new Set([pc]));
    }
  }

  #slotOf(pc: number, variant: CodeVariant): number {
    const key = codeKey(pc, variant);
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = this.#slots.size;
      this.#slots.set(key, slot);
    }
    return slot;
  }

  /** Reads again behind a handshake where stores that were checked before may be under way. */
  #form(pc: number, variant: CodeVariant, isRoot: (pc: number) => boolean): FormedRegion | undefined {
    for (;;) {
      this.#reader.begin();
      const region = formRegion(this.#reader, pc, variant, { isMet: this.#isMet, isRoot });
      if (this.#reader.settled) return region;
      this.#handshake.run();
    }
  }

  /** Translates a batch of what was asked for, all of one variant; undefined when nothing came of it. */
  translate(): ModuleMail | undefined {
    const variant = this.#pending[CodeVariant.plain].length > 0 ? CodeVariant.plain : CodeVariant.exact;
    const pending = this.#pending[variant];
    const generation = Atomics.load(this.#words, codeGenerationIndex);
    // After the generation: Engine.keepRegisters changes this first.
    const allAtExits = Atomics.load(this.#words, keptRegistersIndex) !== 0;
    const formed: FormedRegion[] = [];
    const isRoot = this.#options.whole
      ? () => false
      : (pc: number): boolean => this.#translated.has(codeKey(pc, variant));
    for (let instructions = 0; formed.length < batchMax && instructions < batchInstructionsMax; ) {
      const pc = pending.shift();
      if (pc === undefined) break;
      const region = this.#form(pc, variant, isRoot);
      if (!region) continue;
      formed.push(region);
      this.#noteLeftOut(region);
      this.#translated.set(codeKey(pc, variant), generation);
      instructions += region.instructions;
    }
    if (formed.length === 0) return undefined;
    for (const { ir } of formed) optimise(ir, { allAtExits });
    const bytes = emitModule(formed, {
      slotOf: (pc) => this.#slotOf(pc, variant),
      names: this.#options.names,
      hostIsTso: this.#options.hostIsTso,
      allRegistersAtExits: allAtExits,
    });
    const regions: RegionInfo[] = formed.map(({ pc, ranges }) => ({
      pc,
      variant,
      slot: this.#slotOf(pc, variant),
      ranges,
    }));
    const module = new WebAssembly.Module(bytes);
    return { kind: 'module', module, regions, slots: this.#slots.size, generation };
  }
}
