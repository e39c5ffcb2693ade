/**
 * Makes blocks: 20 to 50 instructions, among them IT blocks, conditional stretches, branches forward, loops that end,
 * and calls. Each next unit is one that can be run from where those before it have arrived; some blocks end with a
 * memory access that is refused.
 */
import type { Prng } from '../src/base/prng.ts';
import { randomModes, randomState } from '../src/isa/arm/random-state.ts';
import type { Row } from '../src/isa/arm/row.ts';
import { a32, condition, lr, thumb as t } from './fuzz-assembler.ts';
import type { FuzzCase, Start } from './fuzz-case.ts';
import { scratchBytes } from './fuzz-case.ts';
import { isComparableTrap } from './fuzz-generator.ts';
import { anyPattern, randomAbsence, windows } from './fuzz-memory.ts';
import { fuzzRows, isExcludedInBlocks, isExcludedInIt, randomItMask, straightInstruction } from './fuzz-rows.ts';
import type { Subject } from './fuzz-subject.ts';

const instructionsMin = 20;
const instructionsMax = 50;
/** Halfwords that fit into a case's code, with the way back. */
const halfwordsMax = 230;
const unitAttemptsMax = 20;
/** Instructions of a body that a branch skips, a loop repeats or a call executes, at the most. */
const bodyMax = 5;
const roundsMax = 5;
/** Further states tried for a block that is done, and how many are kept. */
const furtherAttempts = 6;
const startsPerBlock = 4;

/** The rows that one instruction set's blocks are made of. */
interface Rows {
  readonly thumb: boolean;
  /** With FPSCR's modes and exceptions. */
  readonly exact: boolean;
  readonly all: readonly Row[];
  readonly inIt: readonly Row[];
  readonly trapping: readonly Row[];
  readonly compares: readonly Row[];
  readonly status: Row | undefined;
}

export function rowsOfBlocks(rows: readonly Row[], thumb: boolean, exact: boolean): Rows {
  const all = rows.filter((row) => (row.set !== 'a32') === thumb && !isExcludedInBlocks(row, exact));
  return {
    thumb,
    exact,
    all,
    inIt: all.filter((row) => !isExcludedInIt(row) && !row.conditional),
    trapping: all.filter((row) => !/^(LD|ST)[A-Z]*EX/.test(row.name)),
    compares: all.filter((row) => /^(CMP|VCMP)\b/.test(row.name)),
    status: fuzzRows.find((row) => row.set === (thumb ? 't32' : 'a32') && row.name.startsWith('VMRS (APSR)')),
  };
}

/** A block of these rows with up to a few starts, for the place `index`; undefined when nothing could be made. */
export function caseOfBlock(rows: Rows, random: Prng, subject: Subject, index: number): FuzzCase | undefined {
  if (rows.all.length === 0) return undefined;
  const { thumb, exact } = rows;
  const state = randomState(random);
  if (exact) state.fpscr |= randomModes(random);
  const window = random.below(windows.length);
  const middle = windows[window]!.base + scratchBytes / 4;
  for (let i = 0; i < 15; i++) if (random.chance(0.4)) state.r[i] = middle + random.below(scratchBytes / 8) * 4;
  const start: Start = { state, pattern: anyPattern(random), window, absent: randomAbsence(random) };
  const blank = {
    label: thumb ? 'block Thumb' : 'block A32',
    thumb,
    landing: 'none',
    exact,
    odd: random.chance(0.5),
  } as const;
  const caseOf = (halfwords: readonly number[]): FuzzCase => {
    return { ...blank, halfwords, inside: insideOf(halfwords, thumb), traps: false, starts: [start] };
  };

  const wanted = instructionsMin + random.below(instructionsMax - instructionsMin + 1);
  const endsWithTrap = random.chance(0.3);
  let halfwords: readonly number[] = [];
  const { entry } = subject.place(index, caseOf(halfwords));
  subject.run(start);
  let reached = subject.checkpoint();
  for (let count = 0; count < wanted; ) {
    const before = count;
    for (let attempt = 0; attempt < unitAttemptsMax; attempt++) {
      const longer = [...halfwords, ...unitOf(rows, random)];
      if (longer.length > halfwordsMax || insideOf(longer, thumb).length > instructionsMax) continue;
      subject.place(index, caseOf(longer));
      if (subject.resume(reached, entry + 2 * halfwords.length).kind !== 'done') continue;
      halfwords = longer;
      reached = subject.checkpoint();
      count = insideOf(halfwords, thumb).length;
      break;
    }
    if (count === before) break;
  }
  for (let attempt = 0; endsWithTrap && attempt < 4 * unitAttemptsMax; attempt++) {
    const longer = [...halfwords, ...straightInstruction(rows.trapping, random)];
    subject.place(index, caseOf(longer));
    if (!isComparableTrap(subject.resume(reached, entry + 2 * halfwords.length), start, subject)) continue;
    halfwords = longer;
    break;
  }
  return halfwords.length === 0 ? undefined : withStarts(caseOf(halfwords), random, subject, index);
}

/** The block with its first start and others that come to an end too: other floats, flags, memory, and free registers. */
function withStarts(one: FuzzCase, random: Prng, subject: Subject, index: number): FuzzCase | undefined {
  const [first] = one.starts as [Start];
  subject.place(index, one);
  const starts: Start[] = [];
  let traps = false;
  for (let attempt = 0; attempt <= furtherAttempts && starts.length < startsPerBlock; attempt++) {
    const start = attempt === 0 ? first : variationOf(first, one.exact, random);
    const outcome = subject.run(start);
    if (outcome.kind !== 'done' && !isComparableTrap(outcome, start, subject)) continue;
    if (outcome.kind === 'trap') traps = true;
    starts.push(start);
  }
  return starts.length === 0 ? undefined : { ...one, traps, starts };
}

function variationOf({ state, window }: Start, exact: boolean, random: Prng): Start {
  const other = randomState(random);
  if (exact) other.fpscr |= randomModes(random);
  const base = windows[window]!.base;
  const isAddress = (value: number): boolean => value >= base && value < base + scratchBytes;
  const keep = random.chance(0.5);
  const r = state.r.map((value, i) => (keep || isAddress(value) || random.chance(0.5) ? value : other.r[i]!));
  return { state: { ...other, r }, pattern: anyPattern(random), window, absent: randomAbsence(random) };
}

/** Offsets of the instructions, in bytes. */
function insideOf(halfwords: readonly number[], thumb: boolean): number[] {
  const offsets: number[] = [];
  for (let at = 0; at < halfwords.length; at += !thumb || halfwords[at]! >>> 11 >= 0b11101 ? 2 : 1)
    offsets.push(2 * at);
  return offsets;
}

// Units ----------------------------------------------------------------------------------------------------------------

function unitOf(rows: Rows, random: Prng): number[] {
  const kind = random.below(100);
  if (kind < 8) return comparison(rows, random);
  if (kind < 16) return skip(rows, random);
  if (kind < 21) return loop(rows, random);
  if (kind < 25) return call(rows, random);
  if (rows.exact && kind < 29) return modeChange(rows, random);
  if (kind < 40) return rows.thumb ? itBlock(rows, random) : conditionalStretch(rows, random);
  return straightInstruction(rows.all, random);
}

/** One to five instructions, now and then an IT block or a comparison among them. */
function body(rows: Rows, random: Prng): number[] {
  const halfwords: number[] = [];
  for (let i = 1 + random.below(bodyMax); i > 0; i--) {
    const kind = random.below(10);
    if (kind === 0) halfwords.push(...comparison(rows, random));
    else if (kind === 1) halfwords.push(...(rows.thumb ? itBlock : conditionalStretch)(rows, random));
    else halfwords.push(...straightInstruction(rows.all, random));
  }
  return halfwords;
}

const words = (...instructions: number[]): number[] => instructions.flatMap((word) => [word & 0xffff, word >>> 16]);

/** A conditional branch over a body; in Thumb by CBZ or CBNZ too. */
function skip({ thumb, ...rows }: Rows, random: Prng): number[] {
  const inner = body({ thumb, ...rows }, random);
  const on = random.below(15);
  const bytes = 2 * inner.length;
  if (!thumb) return [...words(a32.branch(on, 4 + bytes)), ...inner];
  const kind = random.below(3);
  if (kind === 0) return [t.compareBranch(random.chance(0.5), random.below(8), 2 + Math.max(bytes, 2)), ...inner];
  if (on === condition.al) return [t.branchAlways(2 + bytes), ...inner];
  return [...t.branch(on, 4 + bytes), ...inner];
}

/** A body that is repeated a few times, counted in a register; if the body changes it, the unit may be refused. */
function loop(rows: Rows, random: Prng): number[] {
  const counter = random.below(13);
  const rounds = 1 + random.below(roundsMax);
  const inner = body(rows, random);
  const back = -(2 * inner.length + 4);
  if (!rows.thumb) {
    const end = words(a32.subs(counter, counter, 1), a32.branch(condition.ne, back));
    return [...words(a32.mov(counter, rounds)), ...inner, ...end];
  }
  return [...t.mov(counter, rounds), ...inner, ...t.subs(counter, counter, 1), ...t.branch(condition.ne, back)];
}

/** A subroutine, passed over, and a call of it. */
function call(rows: Rows, random: Prng): number[] {
  const inner = body(rows, random);
  const bytes = 2 * inner.length;
  if (!rows.thumb)
    return [
      ...words(a32.branch(condition.al, bytes + 8)),
      ...inner,
      ...words(a32.bx(lr), a32.branchLink(-(bytes + 4))),
    ];
  return [t.branchAlways(bytes + 4), ...inner, t.bx(lr), ...t.branchLink(-(bytes + 2))];
}

/** Any modes and exceptions, from a register, but without short vectors. */
function modeChange({ thumb }: Rows, random: Prng): number[] {
  const from = random.below(13);
  const write = a32.vmsrFpscr(from);
  return thumb ? [...t.clearVectors(from), write >>> 16, write & 0xffff] : words(a32.clearVectors(from), write);
}

function itBlock({ inIt }: Rows, random: Prng): number[] {
  const length = 1 + random.below(4);
  const halfwords = [0xbf00 | (random.below(14) << 4) | randomItMask(length, random)];
  for (let i = 0; i < length; i++) halfwords.push(...straightInstruction(inIt, random));
  return halfwords;
}

/** Up to four A32 instructions under one condition and its opposite. */
function conditionalStretch({ all }: Rows, random: Prng): number[] {
  const on = random.below(14);
  const halfwords: number[] = [];
  for (let i = 1 + random.below(4); i > 0; i--) {
    const [low, high] = straightInstruction(all, random) as [number, number];
    const opposite = random.chance(0.25) ? 1 : 0;
    halfwords.push(low, high >>> 12 === 15 ? high : (high & 0xfff) | ((on ^ opposite) << 12));
  }
  return halfwords;
}

/** An instruction that sets all flags from a comparison, of which conditions are made in a way of their own. */
function comparison({ all, compares, status }: Rows, random: Prng): number[] {
  if (compares.length === 0) return straightInstruction(all, random);
  const row = random.pick(compares);
  const unit = straightInstruction([row], random);
  if (row.mnemonic === 'VCMP' && status !== undefined) unit.push(...straightInstruction([status], random));
  return unit;
}
