/** A run of the fuzzer: rows and blocks in batches through both sides. */
import { Prng } from '../src/base/prng.ts';
import type { Row } from '../src/isa/arm/row.ts';
import type { ProcessorName } from '../src/processor/processors.table.ts';
import { caseOfBlock, rowsOfBlocks } from './fuzz-blocks.ts';
import type { FuzzCase } from './fuzz-case.ts';
import { casesMax } from './fuzz-code.ts';
import { compareCases, type FuzzOptions, type Mismatch } from './fuzz-compare.ts';
import { caseOfRow } from './fuzz-generator.ts';
import { startsMax } from './fuzz-image.ts';
import { makePatterns } from './fuzz-memory.ts';
import { keyOf } from './fuzz-rows.ts';
import { Subject } from './fuzz-subject.ts';
import type { TierName } from './fuzz-tiers.ts';

export interface FuzzPlan {
  readonly rows: readonly Row[];
  /** The rows that blocks are made of. */
  readonly blockRows: readonly Row[];
  /** Cases of each row: encodings times states. */
  readonly cases: number;
  /** Blocks of each instruction set. */
  readonly blocks: number;
  readonly seed: number;
  /** Another number makes other blocks of the same seed. */
  readonly blockSeed: number;
  readonly tiers: readonly TierName[];
  readonly cpu: ProcessorName;
}

/** What came of a row, or of the blocks of an instruction set. */
export interface Tally {
  readonly label: string;
  cases: number;
  /** Cases that differ, by tier. */
  readonly different: Partial<Record<TierName, number>>;
}

/** States that each encoding is run from, in short runs and in long ones: translating costs more than running. */
const startsPerEncoding = 8;
const startsPerEncodingMax = 16;
const longRunCases = 1000;
const startsPerBlockMax = 8;
/** Mismatches of a label that are kept for the report. */
const keptMax = 20;
/** Encodings in a row for which nothing was found, until the row is given up. */
const failuresMax = 3;

/** A number that differs from label to label, so that a row's cases do not depend on the rows before it. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}

export class FuzzSession {
  readonly options: FuzzOptions;
  readonly subject: Subject;
  readonly tallies = new Map<string, Tally>();
  readonly mismatches: Mismatch[] = [];
  readonly #plan: FuzzPlan;
  readonly #progress: (done: string) => void;
  #batch: FuzzCase[] = [];
  #starts = 0;

  constructor(plan: FuzzPlan, progress: (label: string) => void = () => {}) {
    this.#plan = plan;
    this.#progress = progress;
    const patterns = makePatterns(new Prng(plan.seed));
    this.options = { tiers: plan.tiers, cpu: plan.cpu, patterns };
    this.subject = new Subject(patterns, plan.cpu);
  }

  run(): void {
    const { rows, blocks } = this.#plan;
    for (const row of rows) this.#row(row);
    for (const thumb of [false, true]) if (blocks > 0) this.#blocks(thumb);
    this.#flush();
  }

  /** Labels of which no case could be made. */
  get barren(): string[] {
    return [...this.tallies.values()].filter(({ cases }) => cases === 0).map(({ label }) => label);
  }

  get cases(): number {
    return [...this.tallies.values()].reduce((sum, { cases }) => sum + cases, 0);
  }

  #tally(label: string): Tally {
    let tally = this.tallies.get(label);
    if (tally === undefined) {
      tally = { label, cases: 0, different: {} };
      this.tallies.set(label, tally);
    }
    return tally;
  }

  #row(row: Row): void {
    const label = keyOf(row);
    const tally = this.#tally(label);
    const random = new Prng(this.#plan.seed ^ hash(label));
    const perEncoding = this.#plan.cases < longRunCases ? startsPerEncoding : startsPerEncodingMax;
    let failures = 0;
    while (tally.cases < this.#plan.cases && failures < failuresMax) {
      const count = Math.min(perEncoding, this.#plan.cases - tally.cases);
      this.#makeRoom(count);
      const one = caseOfRow(row, count, random, this.subject, this.#batch.length);
      if (one === undefined) failures++;
      else this.#add(one, tally);
    }
    this.#progress(label);
  }

  #blocks(thumb: boolean): void {
    const variants = [false, true].map((exact) => rowsOfBlocks(this.#plan.blockRows, thumb, exact));
    if (variants.every(({ all }) => all.length === 0)) return;
    const label = thumb ? 'block Thumb' : 'block A32';
    const random = new Prng(this.#plan.seed ^ hash(`${label} ${this.#plan.blockSeed}`));
    const tally = this.#tally(label);
    for (let i = 0; i < this.#plan.blocks; i++) {
      this.#makeRoom(startsPerBlockMax);
      const one = caseOfBlock(random.pick(variants), random, this.subject, this.#batch.length);
      if (one !== undefined) this.#add(one, tally);
    }
  }

  #add(one: FuzzCase, tally: Tally): void {
    this.#batch.push(one);
    this.#starts += one.starts.length;
    tally.cases += one.starts.length;
  }

  /** A case's code stands where its number in the batch says, since it may see the pc. */
  #makeRoom(starts: number): void {
    if (this.#batch.length === casesMax || this.#starts + starts > startsMax) this.#flush();
  }

  #flush(): void {
    for (const mismatch of compareCases(this.#batch, this.subject, this.options)) {
      const { different } = this.#tally(mismatch.one.label);
      const before = different[mismatch.tier] ?? 0;
      different[mismatch.tier] = before + 1;
      if (before < keptMax) this.mismatches.push(mismatch);
    }
    this.#batch = [];
    this.#starts = 0;
  }
}
