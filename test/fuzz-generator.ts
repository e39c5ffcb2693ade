/**
 * Makes cases: random encodings of a row with random registers, then mended until the emulator can run them. An
 * address that a case may not touch moves a register until the access falls into the scratch area; a branch to
 * nowhere moves one until it falls on a landing pad. So no knowledge of addressing modes is needed here.
 */
import type { Prng } from '../src/base/prng.ts';
import { type Flow, GuestInstruction } from '../src/isa/arm/block.ts';
import { decode, rowsOf } from '../src/isa/arm/decoder.ts';
import { randomEncoding, widthOf } from '../src/isa/arm/random-instruction.ts';
import { randomDouble, randomSingle, randomState, randomWord } from '../src/isa/arm/random-state.ts';
import type { Row } from '../src/isa/arm/row.ts';
import { ExitReason } from '../src/layout/cpu.ts';
import { type FuzzCase, scratchBytes } from './fuzz-case.ts';
import { padsA32, padsThumb, scratchBase } from './fuzz-image.ts';
import type { Outcome, Subject } from './fuzz-subject.ts';

/** Rows that have no meaning in a case: they leave for the kernel (T16's BKPT 0xab too, under qemu), or need others. */
const excluded = /^(SVC|BKPT T1|IT)\b/;
/** Rows that may not stand in an IT block. */
const excludedInIt = /^CBZ\b/;
/**
 * Rows that change how the instructions after them compute, or read the cumulative bits, which are not kept yet; and
 * exclusives of sizes that would meet those of another size, which is UNPREDICTABLE.
 */
const excludedInBlocks = /^(VMSR|VMRS) [AT]$|^(LDREX|STREX|LDAEX|STLEX)[BHD]/;
const storesExclusive = /^ST(?:R|L)EX([BHD]?) /;
/** Rows that read FPSCR's rounding mode, the only ones that honour it. */
const readsRounding = /^VCVTR\b/;

export const fuzzRows: readonly Row[] = [...rowsOf.a32, ...rowsOf.t16, ...rowsOf.t32].filter(
  (row) => !excluded.test(row.name),
);

const halfwordsOf = (row: Row, bits: number): number[] => {
  if (row.set === 't16') return [bits & 0xffff];
  const low = bits & 0xffff;
  const high = bits >>> 16;
  return row.set === 't32' ? [high, low] : [low, high];
};

// Scratch contents -----------------------------------------------------------------------------------------------------

const padPatterns = 4;
const tablePatterns = 2;
const dataPatterns = 10;

/** Contents of the scratch area: addresses of landing pads, small branch tables, then data of all kinds. */
export function makePatterns(random: Prng): Int32Array[] {
  const words = (word: () => number): Int32Array => Int32Array.from({ length: scratchBytes / 4 }, word);
  const patterns: Int32Array[] = [];
  for (let i = 0; i < padPatterns; i++) patterns.push(words(() => random.pick(i & 1 ? padsA32 : padsThumb)));
  for (let i = 0; i < tablePatterns; i++) patterns.push(words(() => random.below(8) | (random.below(8) << 16)));
  for (let i = 0; i < dataPatterns; i++) {
    const pattern = words(() => randomWord(random));
    if (i % 3 === 1) for (let at = 0; at < pattern.length; at++) pattern[at] = randomSingle(random);
    if (i % 3 === 2) for (let at = 0; at < pattern.length; at += 2) pattern.set(randomDouble(random), at);
    patterns.push(pattern);
  }
  return patterns;
}
const anyPattern = (random: Prng): number => padPatterns + tablePatterns + random.below(dataPatterns);
const branchPattern = (random: Prng): number => random.below(padPatterns + tablePatterns);

// Cases of one row -----------------------------------------------------------------------------------------------------

/** Encodings and states that are tried for a case before its row is given up. */
const attemptsMax = 150;

/**
 * A case of the row, for the place `index`.
 * @returns undefined when no encoding and state were found that the case's surroundings allow
 */
export function caseOfRow(row: Row, random: Prng, subject: Subject, index: number): FuzzCase | undefined {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const one = draftOf(row, random);
    if (one === undefined) continue;
    subject.place(index, one);
    const outcome = settle(one, registersOf(row, one), random, subject);
    if (outcome !== undefined) return { ...one, traps: outcome.kind === 'trap' };
  }
  return undefined;
}

/** Where flowOf supposes the instruction. */
const flowAddress = 0x1000;
const flowOf = (row: Row, bits: number): Flow =>
  new GuestInstruction(flowAddress, row.set === 't16' ? 2 : 4, bits, row.set !== 'a32', 0).flow;

function draftOf(row: Row, random: Prng): FuzzCase | undefined {
  const thumb = row.set !== 'a32';
  const bits = randomEncoding(
    row,
    random,
    random.chance(row.operation.flow === undefined ? 0.15 : 0.8) ? 'near' : 'any',
  );
  if (bits === undefined) return undefined;
  const state = randomState(random);
  if (readsRounding.test(row.name)) state.fpscr |= random.below(4) << 22;
  const halfwords = halfwordsOf(row, bits);
  const flow = flowOf(row, bits);
  let landing: FuzzCase['landing'] = 'none';
  let pattern = anyPattern(random);
  if (flow.kind === 'jump' || flow.kind === 'call') {
    landing = ((flow.target & 1) !== 0) === thumb ? 'same' : 'exchange';
    if (Math.abs((flow.target & ~1) - flowAddress) > 64) return undefined;
  } else if (flow.kind !== 'next') {
    landing = 'same';
    pattern = branchPattern(random);
    for (let i = 0; i < 15; i++)
      if (random.chance(0.6)) state.r[i] = random.pick(random.chance(0.5) ? padsA32 : padsThumb);
  }
  if (thumb && !row.conditional && landing !== 'exchange' && !excludedInIt.test(row.name) && random.chance(0.25)) {
    const condition = random.below(14);
    halfwords.unshift(0xbf08 | (condition << 4));
  }
  const size = storesExclusive.exec(row.name)?.[1];
  if (size !== undefined && random.chance(0.7)) halfwords.unshift(...loadExclusiveBefore(row, bits, size, random));
  return { label: row.name, thumb, halfwords, state, pattern, landing, traps: false, odd: random.chance(0.5) };
}

/** The load-exclusive of the same size and address as a store-exclusive; nothing when the draw is no such thing. */
function loadExclusiveBefore(store: Row, bits: number, size: string, random: Prng): number[] {
  const load = fuzzRows.find((row) => row.set === store.set && row.name.startsWith(`LDREX${size} `)) as Row;
  const encoding = load.layout.compose((letter) => {
    if (letter === 'c') return 14;
    if (store.layout.letters.includes(letter) && 'ni'.includes(letter)) return fieldOf(store, letter, bits);
    return random.below(15);
  });
  const isLegal = decode(encoding, load.set) === load && !load.unpredictable(encoding);
  return isLegal ? halfwordsOf(load, encoding) : [];
}

/** Registers that the encoding names, and sp. */
function registersOf(row: Row, one: FuzzCase): number[] {
  const [first, second] = one.halfwords.slice(row.set === 't16' ? -1 : -2) as [number, number];
  const bits = row.set === 't16' ? first : row.set === 't32' ? (first << 16) | second : (second << 16) | first;
  const registers = new Set<number>();
  for (const letter of row.layout.letters) {
    const width = widthOf(row, letter);
    if (letter !== 'c' && (width === 3 || width === 4)) {
      const value = fieldOf(row, letter, bits);
      if (value < 15) registers.add(value);
    }
  }
  return [...registers, 13];
}

function fieldOf(row: Row, letter: string, bits: number): number {
  let value = 0;
  const { length } = row.pattern;
  for (let i = 0; i < length; i++)
    if (row.pattern[i] === letter) value = (value << 1) | ((bits >>> (length - 1 - i)) & 1);
  return value;
}

/** Moves tried for one register before the next is. */
const movesMax = 4;

/** Runs the case, mending its registers; undefined when it can't be brought to an end that may be compared. */
function settle(one: FuzzCase, registers: number[], random: Prng, subject: Subject): Outcome | undefined {
  const { r } = one.state;
  let outcome = subject.run(one.state, one.pattern);
  if (acceptable(outcome, random)) return outcome;
  while (registers.length > 0) {
    const [register] = registers.splice(random.below(registers.length), 1) as [number];
    const before = r[register]!;
    for (let move = 0; move < movesMax && outcome.kind !== 'done'; move++) {
      r[register] = (r[register]! + targetOf(outcome, one, random) - outcome.address) | 0;
      outcome = subject.run(one.state, one.pattern);
      if (acceptable(outcome, random)) return outcome;
    }
    r[register] = before;
    outcome = subject.run(one.state, one.pattern);
  }
  return undefined;
}

/** A trap at which the reference stops too, and tells the same registers. */
const isComparableTrap = (outcome: Outcome): boolean =>
  outcome.kind === 'trap' && outcome.reason === ExitReason.access && isUnmapped(outcome.address);

/** Far from everything that the reference has mapped. */
const isUnmapped = (address: number): boolean => address > 0x60000000 && address < 0xe0000000;

function acceptable(outcome: Outcome, random: Prng): outcome is Outcome {
  if (outcome.kind === 'done') return true;
  if (outcome.kind === 'astray') return false;
  switch (outcome.reason) {
    case ExitReason.access:
      return isUnmapped(outcome.address) && random.chance(0.06);
    case ExitReason.alignment:
      return random.chance(0.02);
    default:
      return true;
  }
}

function targetOf(outcome: Outcome, one: FuzzCase, random: Prng): number {
  if (outcome.kind === 'astray') return random.pick(random.chance(0.5) === one.thumb ? padsThumb : padsA32);
  const odd = outcome.kind === 'trap' && outcome.reason === ExitReason.access && random.chance(0.2);
  return scratchBase + 96 + random.below(32) * 8 + (odd ? random.below(8) : 0);
}

// Blocks ---------------------------------------------------------------------------------------------------------------

const unitsMin = 6;
const unitsMax = 14;
const unitAttemptsMax = 30;
/** Halfwords that fit into a case's code. */
const blockHalfwordsMax = 46;

/**
 * A straight run of instructions without branches, Thumb ones with IT blocks. Each next instruction is one that can be
 * run from where those before it have arrived; some blocks end with a memory access that is refused.
 */
export function caseOfBlock(
  rows: readonly Row[],
  thumb: boolean,
  random: Prng,
  subject: Subject,
  index: number,
): FuzzCase | undefined {
  const usable = rows.filter((row) => (row.set !== 'a32') === thumb && !excludedInBlocks.test(row.name));
  if (usable.length === 0) return undefined;
  const state = randomState(random);
  for (let i = 0; i < 15; i++) if (random.chance(0.4)) state.r[i] = scratchBase + 128 + random.below(64) * 4;
  const pattern = anyPattern(random);
  const blank: FuzzCase = {
    label: thumb ? 'block Thumb' : 'block A32',
    thumb,
    halfwords: [],
    state,
    pattern,
    landing: 'none',
    traps: false,
    odd: random.chance(0.5),
  };
  const units = unitsMin + random.below(unitsMax - unitsMin + 1);
  const trapped = random.chance(0.3);
  const trapping = usable.filter((row) => !/^(LD|ST)[A-Z]*EX/.test(row.name));
  let halfwords: number[] = [];
  for (let count = 0; count < units; count++) {
    for (let attempt = 0; attempt < unitAttemptsMax; attempt++) {
      const last = trapped && count === units - 1;
      const longer = [...halfwords, ...unitOf(last ? trapping : usable, thumb, random)];
      if (longer.length > blockHalfwordsMax) continue;
      subject.place(index, { ...blank, halfwords: longer });
      const outcome = subject.run(state, pattern);
      if (last ? !isComparableTrap(outcome) : outcome.kind !== 'done') continue;
      halfwords = longer;
      break;
    }
  }
  if (halfwords.length === 0) return undefined;
  const one = { ...blank, halfwords };
  subject.place(index, one);
  return { ...one, traps: subject.run(state, pattern).kind === 'trap' };
}

/** One instruction; or up to four under one condition and its opposite, in Thumb by an IT block. */
function unitOf(rows: readonly Row[], thumb: boolean, random: Prng): number[] {
  if (random.chance(0.1)) return comparison(rows, random);
  if (random.chance(0.7)) return instructionOf(rows, random);
  if (!thumb) return conditionalA32(rows, random);
  const length = 1 + random.below(4);
  /** The mask (A8.8.54): for each instruction after the first the low bit of its condition, then a one. */
  const mask = (random.below(1 << (length - 1)) << (5 - length)) | (1 << (4 - length));
  const unit = [0xbf00 | (random.below(14) << 4) | mask];
  for (let i = 0; i < length; i++) unit.push(...instructionOf(rows, random));
  return unit;
}

function conditionalA32(rows: readonly Row[], random: Prng): number[] {
  const condition = random.below(14);
  const unit: number[] = [];
  for (let i = 1 + random.below(4); i > 0; i--) {
    const [low, high] = instructionOf(rows, random) as [number, number];
    const opposite = random.chance(0.25) ? 1 : 0;
    unit.push(low, high >>> 12 === 15 ? high : (high & 0xfff) | ((condition ^ opposite) << 12));
  }
  return unit;
}

/** An instruction that sets all flags from a comparison, of which conditions are made in a way of their own. */
function comparison(rows: readonly Row[], random: Prng): number[] {
  const compares = rows.filter((row) => /^(CMP|VCMP)\b/.test(row.name));
  if (compares.length === 0) return instructionOf(rows, random);
  const row = random.pick(compares);
  const unit = instructionOf([row], random);
  const status = rows.find((other) => other.set !== 't16' && other.name.startsWith('VMRS (APSR)'));
  if (row.mnemonic === 'VCMP' && status !== undefined) unit.push(...instructionOf([status], random));
  return unit;
}

function instructionOf(rows: readonly Row[], random: Prng): number[] {
  for (;;) {
    const row = random.pick(rows);
    const bits = randomEncoding(row, random, random.chance(0.15) ? 'near' : 'any');
    if (bits === undefined) continue;
    const halfwords = halfwordsOf(row, bits);
    if (flowOf(row, bits).kind === 'next') return halfwords;
  }
}
