/**
 * Makes cases of one row: random encodings with random registers, then mended until the emulator can run them. An
 * address that a case may not touch moves a register until the access falls into the scratch area; a branch to
 * nowhere moves one until it falls on a landing pad. So no knowledge of addressing modes is needed here.
 */
import type { Prng } from '../src/base/prng.ts';
import { decode } from '../src/isa/arm/decoder.ts';
import { widthOf } from '../src/isa/arm/random-instruction.ts';
import { randomModes, randomState } from '../src/isa/arm/random-state.ts';
import type { Row } from '../src/isa/arm/row.ts';
import { ExitReason } from '../src/layout/cpu.ts';
import type { FuzzCase, Start } from './fuzz-case.ts';
import { padsA32, padsThumb } from './fuzz-code.ts';
import {
  anyPattern,
  branchPattern,
  faultsAnywhere,
  isHarmless,
  randomAbsence,
  randomAddress,
  windows,
} from './fuzz-memory.ts';
import {
  encodingOf,
  fieldOf,
  flowAddress,
  flowOf,
  fuzzRows,
  halfwordsOf,
  isExcludedInBlocks,
  isExcludedInIt,
  keyOf,
  randomItMask,
  straightInstruction,
} from './fuzz-rows.ts';
import type { Outcome, Subject } from './fuzz-subject.ts';

const storesExclusive = /^ST(?:R|L)EX([BHD]?) /;
/** Rows that FPSCR's modes may concern. */
const dependsOnModes = /^V/;
/** A call that no kernel has, in the number's register. */
const callsKernel = /^SVC\b/;
const noCall = 0x7000;

/** Encodings tried for a case before its row is given up, and states for one encoding. */
const encodingsMax = 150;
const statesMax = 4;

/** An instruction with what stands around it, and how states for it are drawn. */
interface Draft {
  readonly one: FuzzCase;
  readonly branches: boolean;
  readonly calls: boolean;
  /** Registers that may be moved. */
  readonly registers: readonly number[];
}

/**
 * A case of the row with up to `count` starts, for the place `index`.
 * @returns undefined when no encoding and state were found that the case's surroundings allow
 */
export function caseOfRow(
  row: Row,
  count: number,
  random: Prng,
  subject: Subject,
  index: number,
): FuzzCase | undefined {
  for (let attempt = 0; attempt < encodingsMax; attempt++) {
    const draft = draftOf(row, random);
    if (draft === undefined) continue;
    subject.place(index, draft.one);
    const starts: Start[] = [];
    let traps = false;
    for (let i = 0; i < count; i++) {
      for (let tries = 0; tries < statesMax; tries++) {
        const start = startOf(draft, random);
        const outcome = settle(draft, start, random, subject);
        if (outcome === undefined) continue;
        starts.push(start);
        if (outcome.kind === 'trap') traps = true;
        break;
      }
      if (starts.length === 0) break;
    }
    if (starts.length > 0) return { ...draft.one, traps, starts };
  }
  return undefined;
}

function startOf({ one, branches, calls }: Draft, random: Prng): Start {
  const state = randomState(random);
  if (one.exact) state.fpscr |= randomModes(random);
  const place = { window: random.below(windows.length), absent: randomAbsence(random) };
  if (!branches) {
    if (random.chance(0.5)) state.r[random.below(15)] = randomAddress(random, windows[place.window]!);
    if (calls) state.r[7] = noCall + random.below(0x1000);
    return { state, pattern: anyPattern(random), ...place };
  }
  for (let i = 0; i < 15; i++)
    if (random.chance(0.6)) state.r[i] = random.pick(random.chance(0.5) ? padsA32 : padsThumb);
  return { state, pattern: branchPattern(random), ...place };
}

/** Direct branches go to pads that are not farther than this. */
const reachMax = 64;

function draftOf(row: Row, random: Prng): Draft | undefined {
  const thumb = row.set !== 'a32';
  const bits = encodingOf(row, random);
  if (bits === undefined) return undefined;
  const halfwords = halfwordsOf(row, bits);
  const flow = flowOf(row, bits);
  let landing: FuzzCase['landing'] = 'none';
  let branches = false;
  if (flow.kind === 'jump' || flow.kind === 'call') {
    landing = ((flow.target & 1) !== 0) === thumb ? 'same' : 'exchange';
    if (Math.abs((flow.target & ~1) - flowAddress) > reachMax) return undefined;
  } else if (flow.kind !== 'next' && flow.kind !== 'stop') {
    landing = 'same';
    branches = true;
  }
  if (row.operation.startsIt) halfwords.push(...itBlockAfter(bits, random));
  if (thumb && !row.conditional && landing !== 'exchange' && !isExcludedInIt(row) && random.chance(0.25))
    halfwords.unshift(0xbf00 | (random.below(14) << 4) | randomItMask(1, random));
  const size = storesExclusive.exec(row.name)?.[1];
  if (size !== undefined && random.chance(0.7)) halfwords.unshift(...loadExclusiveBefore(row, bits, size, random));
  const exact = dependsOnModes.test(row.name) && random.chance(0.5);
  const rest = { inside: [], traps: false, exact, odd: random.chance(0.5), starts: [] };
  return {
    one: { label: keyOf(row), thumb, halfwords, landing, ...rest },
    branches,
    calls: callsKernel.test(row.name),
    registers: registersOf(row, bits),
  };
}

/** Instructions for an IT: as many as its mask asks for, and perhaps one more. */
function itBlockAfter(bits: number, random: Prng): number[] {
  const rows = fuzzRows.filter(
    (row) => row.set !== 'a32' && !isExcludedInIt(row) && !isExcludedInBlocks(row, false) && !row.conditional,
  );
  const mask = bits & 15;
  const length = 4 - (31 - Math.clz32(mask & -mask)) + random.below(2);
  return Array.from({ length }, () => straightInstruction(rows, random)).flat();
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
function registersOf(row: Row, bits: number): number[] {
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

/** Moves tried for one register before the next is. */
const movesMax = 4;

/** Runs the case from `start`, mending its registers; undefined when it comes to no end that may be compared. */
function settle(draft: Draft, start: Start, random: Prng, subject: Subject): Outcome | undefined {
  const { r } = start.state;
  const left = [...draft.registers];
  let outcome = subject.run(start);
  if (acceptable(outcome, start, random, subject)) return outcome;
  while (left.length > 0) {
    const [register] = left.splice(random.below(left.length), 1) as [number];
    const before = r[register]!;
    for (let move = 0; move < movesMax && outcome.kind !== 'done'; move++) {
      r[register] = (r[register]! + targetOf(outcome, draft.one, start, random) - outcome.address) | 0;
      outcome = subject.run(start);
      if (acceptable(outcome, start, random, subject)) return outcome;
    }
    r[register] = before;
    outcome = subject.run(start);
  }
  return undefined;
}

/** True for a refused access at which the reference stops too. */
export function isComparableTrap(outcome: Outcome, { window }: Start, subject: Subject): boolean {
  if (outcome.kind !== 'trap' || outcome.reason !== ExitReason.access) return false;
  const { address, write } = outcome;
  return faultsAnywhere(windows[window]!, address, write) || (write && subject.isCode(address));
}

function acceptable(outcome: Outcome, start: Start, random: Prng, subject: Subject): outcome is Outcome {
  if (outcome.kind === 'done') return true;
  if (outcome.kind === 'astray') return false;
  switch (outcome.reason) {
    case ExitReason.access: {
      const isNear = Math.abs(outcome.address - windows[start.window]!.base) < 0x1000;
      return isComparableTrap(outcome, start, subject) && random.chance(isNear ? 0.5 : 0.04);
    }
    case ExitReason.alignment:
      // The reference may carry out what is not aligned.
      return isHarmless(windows[start.window]!, outcome.address) && random.chance(0.02);
    default:
      return true;
  }
}

function targetOf(outcome: Outcome, one: FuzzCase, { window }: Start, random: Prng): number {
  if (outcome.kind === 'astray') return random.pick(random.chance(0.5) === one.thumb ? padsThumb : padsA32);
  return randomAddress(random, windows[window]!) & (outcome.kind === 'trap' && isAligned(outcome, random) ? -16 : -1);
}

/** Accesses that must be aligned are moved to where they are, mostly. */
const isAligned = (outcome: Outcome, random: Prng): boolean =>
  outcome.kind === 'trap' && outcome.reason === ExitReason.alignment && random.chance(0.9);
