/** A batch of cases through both sides, and what differs. */
import { hex32 } from '../src/base/bits.ts';
import { exceptionBits } from '../src/layout/fpscr.ts';
import type { ProcessorName } from '../src/processor/processors.table.ts';
import { CaseOutput, type FuzzCase, type Start, scratchBytes } from './fuzz-case.ts';
import { casesMax } from './fuzz-code.ts';
import { makeImage, startsMax, startsOf } from './fuzz-image.ts';
import { runReference } from './fuzz-reference.ts';
import type { Subject } from './fuzz-subject.ts';
import type { TierName } from './fuzz-tiers.ts';
import {
  instructionAt,
  isToleratedSignal,
  nothingUnknown,
  SIGBUS,
  SIGILL,
  SIGSEGV,
  unknownAtFault,
} from './fuzz-tolerances.ts';

export interface Mismatch {
  readonly one: FuzzCase;
  readonly start: Start;
  /** The tier that differs from the reference. */
  readonly tier: TierName;
  /** What differs: name, the reference's value, the tier's. */
  readonly differences: readonly string[];
}

export interface FuzzOptions {
  readonly tiers: readonly TierName[];
  /** Of both sides. */
  readonly cpu: ProcessorName;
  readonly patterns: readonly Int32Array[];
}

/** Cases that are translated together. */
const loadedMax = 128;

const recordWords = CaseOutput.bytes / 4;
const { trap, pc, address, cpsr, fpscr, r, d, scratch } = CaseOutput;

/** Flags, Q and GE; at a trap ITSTATE and the instruction set too. */
const cpsrCompared = 0xf80f0000;
const cpsrComparedAtTraps = cpsrCompared | 0x0600fc20;
/** FPSCR's condition flags, QC, and the modes; exceptions too, from the first instruction on that looks at them. */
const fpscrCompared = 0xffc80000;
const fpscrComparedOf = ({ exact }: FuzzCase): number => fpscrCompared | (exact ? exceptionBits : 0);

/** Runs every start of the cases on every tier and under the reference, and gives those that differ. */
export function compareCases(cases: readonly FuzzCase[], subject: Subject, options: FuzzOptions): Mismatch[] {
  const mismatches: Mismatch[] = [];
  for (let first = 0; first < cases.length; ) {
    let end = first;
    let starts = 0;
    while (end < cases.length && end - first < casesMax && starts + cases[end]!.starts.length <= startsMax)
      starts += cases[end++]!.starts.length;
    compareBatch(cases.slice(first, end), subject, options, mismatches);
    first = end;
  }
  return mismatches;
}

function compareBatch(batch: readonly FuzzCase[], subject: Subject, options: FuzzOptions, found: Mismatch[]): void {
  const expected = runReference(makeImage(batch, options.patterns), startsOf(batch), options.cpu);
  const actual = new Int32Array(recordWords);
  let record = 0;
  batch.forEach((one, index) => {
    if (index % loadedMax === 0) subject.load(options.tiers, batch.slice(index, index + loadedMax), index);
    const { entry } = subject.place(index, one);
    const fpscrMask = fpscrComparedOf(one);
    for (const start of one.starts) {
      for (const tier of options.tiers) {
        subject.save(actual, 0, subject.run(start, tier));
        if (sameRecord(expected, record, actual, fpscrMask)) continue;
        const differences = differencesOf(one, start, entry, expected, record, actual, options.patterns);
        if (differences.length > 0) found.push({ one, start, tier, differences });
      }
      record += recordWords;
    }
  });
}

/** The whole record, but for what is not compared where there is no trap. */
function sameRecord(expected: Int32Array, from: number, actual: Int32Array, fpscrMask: number): boolean {
  if ((expected[from + trap.index32]! | actual[trap.index32]!) !== 0) return false;
  if (((expected[from + cpsr.index32]! ^ actual[cpsr.index32]!) & cpsrCompared) !== 0) return false;
  if (((expected[from + fpscr.index32]! ^ actual[fpscr.index32]!) & fpscrMask) !== 0) return false;
  for (let i = r.index32; i < recordWords; i++) if (expected[from + i] !== actual[i]) return false;
  return true;
}

/** Signals at which both sides tell the registers before the instruction that was refused. */
const exactSignals: ReadonlySet<number> = new Set([SIGILL, SIGSEGV, SIGBUS]);
/** Signals that tell an address. */
const addressSignals: ReadonlySet<number> = new Set([SIGSEGV, SIGBUS]);

function differencesOf(
  one: FuzzCase,
  start: Start,
  entry: number,
  expected: Int32Array,
  e: number,
  actual: Int32Array,
  patterns: readonly Int32Array[],
): string[] {
  const differences: string[] = [];
  const check = (name: string, word: number, mask = -1): void => {
    const want = expected[e + word]! & mask;
    const got = actual[word]! & mask;
    if (want !== got) differences.push(`${name} ${hex32(want)} not ${hex32(got)}`);
  };
  const signal = expected[e + trap.index32] as number;
  const ours = actual[trap.index32] as number;
  const theirPc = expected[e + pc.index32]!;
  const ourPc = actual[pc.index32]!;
  const theirs = instructionAt(one, entry, theirPc);
  if (ours !== 0) differences.push(...changedAtTrap(one, start, actual, patterns));
  if (signal !== ours || theirPc !== ourPc) {
    // Whoever stopped at another instruction has passed the one at which the other side did.
    const elsewhere = signal !== 0 && ours !== 0 && theirPc !== ourPc;
    if (signal !== 0 && isToleratedSignal(theirs, signal, elsewhere ? 0 : ours)) return differences;
    if (ours !== 0 && isToleratedSignal(instructionAt(one, entry, ourPc), elsewhere ? 0 : signal, ours))
      return differences;
    check('signal', trap.index32);
    check('pc', pc.index32);
    return differences;
  }
  if (signal !== 0 && !exactSignals.has(signal)) return differences;
  const unknown = signal === SIGSEGV && theirs ? unknownAtFault(theirs) : nothingUnknown;
  if (addressSignals.has(signal)) check('address', address.index32);
  check('cpsr', cpsr.index32, signal === 0 ? cpsrCompared : cpsrComparedAtTraps);
  check('fpscr', fpscr.index32, fpscrComparedOf(one));
  for (let i = 0; i < r.count; i++) if ((unknown.registers & (1 << i)) === 0) check(`r${i}`, r.index32 + i);
  if (!unknown.floats)
    for (let i = 0; i < 2 * d.count; i++) check(`d${i >>> 1}.${i & 1 ? 'high' : 'low'}`, d.index32 + i);
  if (!unknown.memory) for (let i = 0; i < scratchBytes / 4; i++) check(`scratch+${i * 4}`, scratch.index32 + i);
  return differences;
}

/** True when the case is one instruction, at most with its IT. */
function isAlone({ label, thumb, halfwords, inside }: FuzzCase): boolean {
  if (inside.length > 0 || label === 't16 IT T1') return false;
  if (!thumb) return halfwords.length === 2;
  const first = halfwords[0]! >>> 8 === 0xbf && (halfwords[0]! & 15) !== 0 ? 1 : 0;
  const bytes = halfwords[first]! >>> 11 >= 0b11101 ? 2 : 1;
  return halfwords.length === first + bytes;
}

/** An instruction that was refused has changed nothing: what of its start is no longer there. */
function changedAtTrap(one: FuzzCase, start: Start, actual: Int32Array, patterns: readonly Int32Array[]): string[] {
  if (!isAlone(one)) return [];
  const { state } = start;
  const changes: string[] = [];
  const check = (name: string, was: number, is: number): void => {
    if (was !== is) changes.push(`${name} ${hex32(was)} became ${hex32(is)} at the trap`);
  };
  check('cpsr', state.cpsr & cpsrCompared, actual[cpsr.index32]! & cpsrCompared);
  check('fpscr', state.fpscr & fpscrCompared, actual[fpscr.index32]! & fpscrCompared);
  state.r.forEach((was, i) => {
    check(`r${i}`, was, actual[r.index32 + i]!);
  });
  state.s.forEach((was, i) => {
    check(`d${i >>> 1}`, was, actual[d.index32 + i]!);
  });
  patterns[start.pattern]!.forEach((was, i) => {
    check(`scratch+${i * 4}`, was, actual[scratch.index32 + i]!);
  });
  return changes;
}
