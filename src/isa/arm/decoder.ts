/**
 * Finds the row of an encoding. Candidates are listed by some distinguishing bits, the most specific first (most
 * fixed bits; the table's order among equals); a list is made when its bits are first seen, so that starting costs
 * next to nothing.
 */
import type { Feature } from '../../processor/features.table.ts';
import { type ProcessorName, processorOf } from '../../processor/processors.table.ts';
import { a32Rows } from './a32.table.ts';
import { coprocessorRows } from './coprocessor.table.ts';
import { halfA32Rows, halfT32Rows } from './half.table.ts';
import { neonA32Rows, neonT32Rows } from './neon.table.ts';
import type { InstructionSet, Row } from './row.ts';
import { t16Rows } from './t16.table.ts';
import { t32Rows } from './t32.table.ts';
import { v8A32Rows, v8T32Rows } from './v8.table.ts';
import { v8ScalarA32Rows, v8ScalarT32Rows } from './v8-scalar.table.ts';
import { vfpA32Rows, vfpT32Rows } from './vfp.table.ts';

class Decoder {
  readonly #rows: readonly Row[];
  readonly #lists: (readonly Row[] | undefined)[];
  /** For each row its fixed bits among those of the key, and all its fixed bits' values: lists are made while a guest waits. */
  readonly #keyMasks: Int32Array;
  readonly #values: Int32Array;
  readonly #key: (bits: number) => number;
  readonly #unkey: (key: number) => number;

  /** `key` gathers the bits of `keyMask` into a small number, `unkey` spreads them again. */
  constructor(
    rows: readonly Row[],
    keys: number,
    keyMask: number,
    key: (bits: number) => number,
    unkey: (key: number) => number,
  ) {
    this.#rows = [...rows].sort((a, b) => b.layout.fixedBits - a.layout.fixedBits);
    this.#lists = new Array(keys).fill(undefined);
    this.#keyMasks = Int32Array.from(this.#rows, (row) => row.layout.mask & keyMask);
    this.#values = Int32Array.from(this.#rows, (row) => row.layout.value);
    this.#key = key;
    this.#unkey = unkey;
  }

  decode(bits: number): Row | undefined {
    const key = this.#key(bits);
    const list = this.#lists[key] ?? this.#listOf(key);
    for (let i = 0; i < list.length; i++) {
      const row = list[i]!;
      if (row.matches(bits)) return row;
    }
    return undefined;
  }

  #listOf(key: number): readonly Row[] {
    const wanted = this.#unkey(key);
    const masks = this.#keyMasks;
    const values = this.#values;
    const list: Row[] = [];
    for (let i = 0; i < masks.length; i++) if (((values[i]! ^ wanted) & masks[i]!) === 0) list.push(this.#rows[i]!);
    this.#lists[key] = list;
    return list;
  }
}

/** All rows of each instruction set. */
export const rowsOf: Record<InstructionSet, readonly Row[]> = {
  a32: [
    ...a32Rows,
    ...coprocessorRows.filter((row) => row.set === 'a32'),
    ...vfpA32Rows,
    ...neonA32Rows,
    ...v8A32Rows,
    ...v8ScalarA32Rows,
    ...halfA32Rows,
  ],
  t16: t16Rows,
  t32: [
    ...t32Rows,
    ...coprocessorRows.filter((row) => row.set === 't32'),
    ...vfpT32Rows,
    ...neonT32Rows,
    ...v8T32Rows,
    ...v8ScalarT32Rows,
    ...halfT32Rows,
  ],
};

/** A processor's decoder. */
export interface Decode {
  /** The row of an encoding, undefined when there is none. A T32 encoding has its first halfword in bits 31:16. */
  (bits: number, form: InstructionSet): Row | undefined;
  /** What the processor has. */
  readonly features: ReadonlySet<Feature>;
}

/** Decodes what a processor has; everything else is undefined on it. */
function decoderFor(features: ReadonlySet<Feature>): Decode {
  const rows = (form: InstructionSet): readonly Row[] =>
    rowsOf[form].filter((row) => row.needs.every((feature) => features.has(feature)));
  /** A32: bits 27:20 and 7:4, and whether the condition is 1111. */
  const a32 = new Decoder(
    rows('a32'),
    8192,
    0x0ff000f0,
    (bits) => (bits >>> 28 === 15 ? 4096 : 0) | ((bits >>> 16) & 0xff0) | ((bits >>> 4) & 15),
    (key) => ((key & 0xff0) << 16) | ((key & 15) << 4),
  );
  /** T16: bits 15:6. */
  const t16 = new Decoder(
    rows('t16'),
    1024,
    0xffc0,
    (bits) => bits >>> 6,
    (key) => key << 6,
  );
  /** T32: bits 28:20 and 7:4. */
  const t32 = new Decoder(
    rows('t32'),
    8192,
    0x1ff000f0,
    (bits) => ((bits >>> 16) & 0x1ff0) | ((bits >>> 4) & 15),
    (key) => ((key & 0x1ff0) << 16) | ((key & 15) << 4),
  );
  const decodeForm = (bits: number, form: InstructionSet): Row | undefined => {
    switch (form) {
      case 'a32':
        return a32.decode(bits | 0);
      case 't16':
        return t16.decode(bits);
      case 't32':
        return t32.decode(bits | 0);
    }
  };
  return Object.assign(decodeForm, { features });
}

const decoders = new Map<ProcessorName, Decode>();

export function decoderOf(processor: ProcessorName): Decode {
  let decoder = decoders.get(processor);
  if (decoder === undefined) {
    decoder = decoderFor(processorOf(processor).features);
    decoders.set(processor, decoder);
  }
  return decoder;
}

/** Decodes every row. */
export const decode: Decode = Object.assign(
  (bits: number, form: InstructionSet): Row | undefined => decoderOf('max')(bits, form),
  { features: processorOf('max').features },
);
