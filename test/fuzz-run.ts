/** Batches of cases through both sides, and what differs. */
import { hex32 } from '../src/base/bits.ts';
import type { Prng } from '../src/base/prng.ts';
import type { Row } from '../src/isa/arm/row.ts';
import { CaseOutput, type FuzzCase, scratchBytes } from './fuzz-case.ts';
import { caseOfBlock, caseOfRow } from './fuzz-generator.ts';
import { casesMax, makeImage } from './fuzz-image.ts';
import { runReference } from './fuzz-reference.ts';
import { cpsrCompared, cpsrComparedAtTraps, fpscrCompared, type Subject } from './fuzz-subject.ts';
import type { TierName } from './fuzz-tiers.ts';

export interface Mismatch {
  readonly one: FuzzCase;
  /** The tier that differs from the reference. */
  readonly tier: TierName;
  /** What differs: name, the reference's value, the tier's. */
  readonly differences: readonly string[];
}

export interface FuzzOptions {
  readonly tiers: readonly TierName[];
  /** The reference's processor. */
  readonly cpu: string;
  readonly patterns: readonly Int32Array[];
}

/** Cases that are translated together. */
const loadedMax = 256;

const recordWords = CaseOutput.bytes / 4;

/** Runs the cases on every tier and under the reference, and gives those that differ. */
export function compareCases(cases: readonly FuzzCase[], subject: Subject, options: FuzzOptions): Mismatch[] {
  const mismatches: Mismatch[] = [];
  for (let first = 0; first < cases.length; first += casesMax) {
    const batch = cases.slice(first, first + casesMax);
    const expected = runReference(makeImage(batch, options.patterns), batch.length, options.cpu);
    for (const tier of options.tiers) {
      const actual = new Int32Array(recordWords);
      batch.forEach((one, index) => {
        if (index % loadedMax === 0) subject.load(tier, batch.slice(index, index + loadedMax), index);
        subject.place(index, one);
        subject.save(actual, 0, subject.run(one.state, one.pattern, tier));
        const { trap } = CaseOutput;
        if (isTolerated(one, expected[index * recordWords + trap.index32]!, actual[trap.index32]!)) return;
        const differences = differencesOf(expected, index * recordWords, actual, 0);
        if (differences.length > 0) mismatches.push({ one, tier, differences });
      });
    }
  }
  return mismatches;
}

const SIGILL = 4;
const SIGTRAP = 5;
const SIGBUS = 7;
const SIGSEGV = 11;

/**
 * Outcomes that differ by intent:
 * - misaligned accesses that the architecture faults (LDM, LDRD, VLDR) are carried out: Linux mends the integer ones
 *   (Documentation/arch/arm/mem_alignment), and for the others no program wants the signal;
 * - of two faults either may come first;
 * - a store-exclusive that fails anyway may look at its address first (DDI 0406C, A3.4.5);
 * - qemu (7.2) asks 16 bytes of alignment where element and structure accesses ask for 32 (DDI 0406C, A8.8.320 ff.);
 * - some of UDF's immediates are the kernel's breakpoints, which is for the personality to know.
 */
function isTolerated({ label, thumb, halfwords }: FuzzCase, expected: number, actual: number): boolean {
  if (expected === SIGBUS && actual === SIGSEGV) return true;
  if (label.startsWith('UDF')) return expected === SIGTRAP && actual === SIGILL;
  if (/^V(LD|ST)[1-4] \((?!one lane|all lanes)/.test(label) && actual === SIGBUS) {
    const low = (thumb ? halfwords.at(-1) : halfwords[0]) as number;
    if (((low >>> 4) & 3) === 3) return expected === 0 || expected === SIGSEGV;
  }
  if (/^(LDREX|LDAEX)/.test(label)) return false;
  if (/^(STREX|STLEX)/.test(label)) return expected === 0 && (actual === SIGSEGV || actual === SIGBUS);
  return expected === SIGBUS;
}

/** Signals at which both sides tell the registers before the instruction that was refused. */
const exactSignals: ReadonlySet<number> = new Set([SIGILL, SIGSEGV]);

/** Compares two CaseOutput records. */
function differencesOf(expected: Int32Array, e: number, actual: Int32Array, a: number): string[] {
  const differences: string[] = [];
  const check = (name: string, word: number, mask = -1): void => {
    const want = expected[e + word]! & mask;
    const got = actual[a + word]! & mask;
    if (want !== got) differences.push(`${name} ${hex32(want)} not ${hex32(got)}`);
  };
  const { trap, pc, cpsr, fpscr, r, d, scratch } = CaseOutput;
  check('signal', trap.index32);
  if (differences.length > 0) return differences;
  const signal = expected[e + trap.index32] as number;
  if (signal !== 0 && !exactSignals.has(signal)) return differences;
  check('pc', pc.index32);
  check('cpsr', cpsr.index32, signal === 0 ? cpsrCompared : cpsrComparedAtTraps);
  check('fpscr', fpscr.index32, fpscrCompared);
  for (let i = 0; i < 15; i++) check(`r${i}`, r.index32 + i);
  for (let i = 0; i < 64; i++) check(`d${i >>> 1}.${i & 1 ? 'high' : 'low'}`, d.index32 + i);
  for (let i = 0; i < scratchBytes / 4; i++) check(`scratch+${i * 4}`, scratch.index32 + i);
  return differences;
}

/**
 * Adds `count` cases of each row. A case's code stands where its number says, since it may see the pc.
 * @returns the rows for which none could be made
 */
export function addCasesOfRows(
  cases: FuzzCase[],
  rows: readonly Row[],
  count: number,
  random: Prng,
  subject: Subject,
): Row[] {
  const barren: Row[] = [];
  for (const row of rows) {
    let made = 0;
    for (let i = 0; i < count; i++) {
      const found = caseOfRow(row, random, subject, cases.length % casesMax);
      if (found === undefined) {
        if (made === 0) break;
        continue;
      }
      cases.push(found);
      made++;
    }
    if (made === 0) barren.push(row);
  }
  return barren;
}

/** Adds `count` blocks of instructions of the rows, in each instruction set that they have. */
export function addCasesOfBlocks(
  cases: FuzzCase[],
  rows: readonly Row[],
  count: number,
  random: Prng,
  subject: Subject,
): void {
  for (const thumb of [false, true]) {
    if (!rows.some((row) => (row.set !== 'a32') === thumb)) continue;
    for (let i = 0; i < count; i++) {
      const found = caseOfBlock(rows, thumb, random, subject, cases.length % casesMax);
      if (found !== undefined) cases.push(found);
    }
  }
}

/** The case with the same outcome and the least in it: first instructions, then registers, are taken away. */
export function shrink(mismatch: Mismatch, subject: Subject, options: FuzzOptions): Mismatch {
  const only = { ...options, tiers: [mismatch.tier] };
  let smallest = mismatch;
  if (mismatch.one.label.startsWith('block')) {
    const { halfwords } = mismatch.one;
    const prefixes = prefixLengths(mismatch.one).map((length) => ({
      ...mismatch.one,
      halfwords: halfwords.slice(0, length),
    }));
    smallest = compareCases(prefixes, subject, only)[0] ?? smallest;
  }
  const { one } = smallest;
  const simpler: FuzzCase[] = [];
  for (let i = 0; i < 15; i++) if (one.state.r[i] !== 0) simpler.push(withState(one, { r: i }));
  for (let i = 0; i < 64; i++) if (one.state.s[i] !== 0) simpler.push(withState(one, { s: i }));
  const alike = (found: Mismatch): boolean => nameOf(found) === nameOf(smallest);
  const still = compareCases(simpler, subject, only)
    .filter(alike)
    .map((found) => found.one);
  const all: FuzzCase = {
    ...one,
    state: {
      ...one.state,
      r: one.state.r.map((value, i) => (still.some((other) => other.state.r[i] !== value) ? 0 : value)),
      s: one.state.s.map((value, i) => (still.some((other) => other.state.s[i] !== value) ? 0 : value)),
    },
  };
  return compareCases([all], subject, only).find(alike) ?? smallest;
}

/** What the first difference is about: a simpler case must fail in the same way (with the same two signals, if any). */
function nameOf(mismatch: Mismatch): string {
  const [first] = mismatch.differences as [string];
  return first.startsWith('signal') ? first : (first.split(' ')[0] as string);
}

/** Halfwords up to each place where a block may be cut: between instructions, and not inside IT blocks. */
function prefixLengths({ thumb, halfwords }: FuzzCase): number[] {
  const lengths: number[] = [];
  let itLeft = 0;
  for (let at = 0; at < halfwords.length; ) {
    const half = halfwords[at]!;
    const mask = half & 15;
    if (thumb && half >>> 8 === 0xbf && mask !== 0) itLeft = 5 - (31 - Math.clz32(mask & -mask));
    at += !thumb || half >>> 11 >= 0b11101 ? 2 : 1;
    if (itLeft > 0) itLeft--;
    if (itLeft === 0) lengths.push(at);
  }
  return lengths;
}

/** The case with one register zero. */
function withState(one: FuzzCase, zero: { r?: number; s?: number }): FuzzCase {
  return {
    ...one,
    state: {
      ...one.state,
      r: one.state.r.map((value, i) => (i === zero.r ? 0 : value)),
      s: one.state.s.map((value, i) => (i === zero.s ? 0 : value)),
    },
  };
}
