/**
 * The translator: turns hot guest addresses into modules, away from the guest's threads. Addresses that come close
 * together go into one module.
 */
import { optimise } from '../ir/passes/pipeline.ts';
import { decoderOf } from '../isa/arm/decoder.ts';
import { Node, nodeBase } from '../layout/control.ts';
import type { ProcessorName } from '../processor/processors.table.ts';
import { emitModule } from '../wasm/module.ts';
import { GuestCodeReader } from './code-reader.ts';
import { GuestMemory } from './guest-memory.ts';
import type { HotMail, ModuleMail, RegionInfo } from './mail.ts';
import { type Memories, Views } from './memory.ts';
import { type FormedRegion, formRegion } from './region.ts';

/** Regions in one module: start-up is cheap in batches, but a first request must not wait long. */
export const batchMax = 32;
const codeGenerationIndex = (nodeBase + Node.codeGeneration.offset) >>> 2;

export interface TranslatorOptions {
  /** The processor that the guest sees. */
  readonly processor: ProcessorName;
  /** Total store order on this host: barriers are cheaper. */
  readonly hostIsTso: boolean;
  /** Readable function names for profilers. */
  readonly names: boolean;
}

export class Translator {
  readonly #words: Int32Array;
  readonly #reader: GuestCodeReader;
  readonly #options: TranslatorOptions;
  /** Code-table slot of each address that was ever jumped to or translated. */
  readonly #slots = new Map<number, number>();
  /** Node.codeGeneration at which each address was last translated. */
  readonly #translated = new Map<number, number>();
  #pending: number[] = [];

  constructor(memories: Memories, options: TranslatorOptions) {
    const views = new Views(memories);
    this.#words = views.controlWords;
    this.#reader = new GuestCodeReader(new GuestMemory(views, false), decoderOf(options.processor));
    this.#options = options;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /**
   * An executor asks for a region. It has refused, dropped or not yet received what was translated before: only when
   * code was dropped between that translation and its asking is another one needed.
   */
  request({ pc, generation }: HotMail): void {
    const last = this.#translated.get(pc);
    if (last !== undefined && ((generation - last) | 0) <= 0) return;
    if (!this.#pending.includes(pc)) this.#pending.push(pc);
  }

  #slotOf = (address: number): number => {
    const pc = address >>> 0;
    let slot = this.#slots.get(pc);
    if (slot === undefined) {
      slot = this.#slots.size;
      this.#slots.set(pc, slot);
    }
    return slot;
  };

  /** Translates a batch of what was asked for; undefined when nothing came of it. */
  translate(): ModuleMail | undefined {
    const batch = this.#pending.splice(0, batchMax);
    const generation = Atomics.load(this.#words, codeGenerationIndex);
    const formed: FormedRegion[] = [];
    for (const pc of batch) {
      this.#reader.begin();
      const region = formRegion(this.#reader, pc);
      if (region) formed.push(region);
    }
    if (formed.length === 0) return undefined;
    for (const { ir } of formed) optimise(ir);
    const bytes = emitModule(formed, {
      slotOf: this.#slotOf,
      names: this.#options.names,
      hostIsTso: this.#options.hostIsTso,
    });
    const regions: RegionInfo[] = formed.map(({ pc, ranges }) => ({ pc, slot: this.#slotOf(pc), ranges }));
    for (const { pc } of regions) this.#translated.set(pc, generation);
    const module = new WebAssembly.Module(bytes);
    return { kind: 'module', module, regions, slots: this.#slots.size, generation };
  }
}
