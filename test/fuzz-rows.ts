/** Which rows are tested, what of them, and by which rules cases are left out. */
import type { Prng } from '../src/base/prng.ts';
import { type Flow, GuestInstruction } from '../src/isa/arm/block.ts';
import { rowsOf } from '../src/isa/arm/decoder.ts';
import { randomEncoding } from '../src/isa/arm/random-instruction.ts';
import type { Row } from '../src/isa/arm/row.ts';

export const fuzzRows: readonly Row[] = [...rowsOf.a32, ...rowsOf.t16, ...rowsOf.t32];
export const keyOf = (row: Row): string => `${row.set} ${row.name}`;

export interface Omission {
  /** Of which rows, by their name. */
  readonly rows: RegExp;
  readonly unless: (bits: number) => boolean;
  /** Encodings that `unless` does not accept are left out, since: */
  readonly rule: string;
}

/** Encodings that User mode code may have but that mean something else to the reference. */
export const omissions: readonly Omission[] = [
  {
    rows: /^SVC A1$/,
    unless: (bits) => (bits & 0xffffff) === 0,
    rule: 'an immediate belongs to the old ABI, where the call is another one',
  },
  {
    rows: /^SVC T1$/,
    unless: (bits) => (bits & 0xff) !== 0xab,
    rule: 'SVC #0xab is a semihosting call of the reference',
  },
  {
    rows: /^BKPT T1$/,
    unless: (bits) => (bits & 0xff) !== 0xab,
    rule: 'BKPT #0xab is a semihosting call of the reference',
  },
  {
    rows: /^UDF A1$/,
    unless: (bits) => (bits & 0xfff0f) !== 0x100,
    rule: 'Linux takes UDF #16 for a breakpoint',
  },
  {
    rows: /^UDF T1$/,
    unless: (bits) => (bits & 0xff) !== 1,
    rule: 'Linux takes UDF #1 for a breakpoint',
  },
  {
    rows: /^UDF T2$/,
    unless: (bits) => (bits & 0xf0fff) !== 0,
    rule: 'Linux takes UDF.W #0 for a breakpoint',
  },
];

/** Rows that may not stand in an IT block (A8.8.29), or that begin one. */
export const isExcludedInIt = (row: Row): boolean => /^(CBZ|IT)\b/.test(row.name);
/**
 * Rows that may not stand in a block: those that leave for the kernel; exclusives of sizes that would meet those of
 * another size, which is UNPREDICTABLE (A3.4.5); and VMSR of any word, since it could ask for short vectors, which are
 * not there (blocks that look at the modes have a VMSR of their own).
 */
const excludedInBlocks = /^(SVC|BKPT|UDF|IT)\b|^(LDREX|STREX|LDAEX|STLEX)[BHD]|^VMSR [AT]$/;
/** Exceptions from before the first instruction that looks at them are not kept, unless they are from the start. */
const looksAtExceptions = /^VMRS [AT]$/;
export const isExcludedInBlocks = (row: Row, exact: boolean): boolean =>
  excludedInBlocks.test(row.name) || (!exact && looksAtExceptions.test(row.name));

/** Rows whose operand is read relative to the pc, and must be near. */
const readsLiteral = /literal|^ADR\b/;

/** Where flowOf supposes the instruction. */
export const flowAddress = 0x1000;
export const flowOf = (row: Row, bits: number): Flow =>
  new GuestInstruction(flowAddress, row.set === 't16' ? 2 : 4, bits, row.set !== 'a32', 0).flow;

/** An encoding of the row that may be tested; undefined when none was found. */
export function encodingOf(row: Row, random: Prng): number | undefined {
  const isNear = random.chance(row.operation.flow !== undefined || readsLiteral.test(row.name) ? 0.8 : 0.15);
  const bits = randomEncoding(row, random, isNear ? 'near' : 'any');
  if (bits === undefined) return undefined;
  for (const { rows, unless } of omissions) if (rows.test(row.name) && !unless(bits)) return undefined;
  return bits;
}

/** The encoding's halfwords in memory order. */
export const halfwordsOf = (row: Row, bits: number): number[] => {
  if (row.set === 't16') return [bits & 0xffff];
  const low = bits & 0xffff;
  const high = bits >>> 16;
  return row.set === 't32' ? [high, low] : [low, high];
};

/** The value of the field `letter` of an encoding. */
export function fieldOf(row: Row, letter: string, bits: number): number {
  let value = 0;
  const { length } = row.pattern;
  for (let i = 0; i < length; i++)
    if (row.pattern[i] === letter) value = (value << 1) | ((bits >>> (length - 1 - i)) & 1);
  return value;
}

/** An instruction after which control goes to the next. */
export function straightInstruction(rows: readonly Row[], random: Prng): number[] {
  for (;;) {
    const row = random.pick(rows);
    const bits = encodingOf(row, random);
    if (bits !== undefined && flowOf(row, bits).kind === 'next') return halfwordsOf(row, bits);
  }
}

/**
 * The mask of an IT instruction (A8.8.54) for `length` instructions: for each after the first the low bit of its
 * condition, then a one.
 */
export const randomItMask = (length: number, random: Prng): number =>
  (random.below(1 << (length - 1)) << (5 - length)) | (1 << (4 - length));
