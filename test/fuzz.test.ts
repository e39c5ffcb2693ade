/** A slice of the fuzzer (fuzz.ts) with a new seed each time; the seed is printed, so that a failure can be had again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../src/base/prng.ts';
import { randomState } from '../src/isa/arm/random-state.ts';
import { ExitReason } from '../src/layout/cpu.ts';
import { caseOfBlock, rowsOfBlocks } from './fuzz-blocks.ts';
import { CaseOutput, type FuzzCase } from './fuzz-case.ts';
import { compareCases } from './fuzz-compare.ts';
import { startsOf } from './fuzz-image.ts';
import { makePatterns } from './fuzz-memory.ts';
import { referenceInstalled } from './fuzz-reference.ts';
import { reportMismatches } from './fuzz-report.ts';
import { fuzzRows } from './fuzz-rows.ts';
import { FuzzSession } from './fuzz-session.ts';
import { shrink } from './fuzz-shrink.ts';
import { type Outcome, Subject } from './fuzz-subject.ts';
import { tierNames } from './fuzz-tiers.ts';

const casesPerRow = 200;
const blocksPerSet = 400;
/** It takes half a minute on a machine that has nothing else to do. */
const msMax = 600_000;

test('every row, and blocks of rows, agree with qemu-arm', { skip: !referenceInstalled(), timeout: msMax }, (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed} (FUZZ_SEED=${seed} runs it again)`);
  const session = new FuzzSession({
    rows: fuzzRows,
    blockRows: fuzzRows,
    cases: casesPerRow,
    blocks: blocksPerSet,
    blockSeed: 0,
    seed,
    tiers: tierNames,
    cpu: 'max',
  });
  session.run();
  assert.deepEqual(reportMismatches(session.mismatches, session.subject, session.options), []);
  assert.deepEqual(session.barren, [], 'each row has cases');
  for (const { label, cases } of session.tallies.values()) assert.ok(cases >= casesPerRow, `${label}: ${cases} cases`);
});

/** An emulator that gets r3 wrong when r5 is negative. */
class FaultySubject extends Subject {
  override save(records: Int32Array, to: number, outcome: Outcome): void {
    super.save(records, to, outcome);
    const { index32 } = CaseOutput.r;
    if (records[to + index32 + 5]! < 0) records[to + index32 + 3]!++;
  }
}

test('what differs is found, and made small', { skip: !referenceInstalled() }, () => {
  const random = new Prng(1);
  const patterns = makePatterns(random);
  const subject = new FaultySubject(patterns);
  const options = { tiers: ['translator'], cpu: 'max', patterns } as const;
  const rows = rowsOfBlocks(fuzzRows, true, false);
  const cases = Array.from({ length: 20 }, (_, index) => caseOfBlock(rows, random, subject, index)).filter(
    (one) => one !== undefined,
  );
  const found = compareCases(cases, subject, options);
  assert.ok(found.length > 0 && found.length < startsOf(cases), 'some differ, not all');
  const negative = found.find(({ start }) => start.state.r[5]! < 0)!;
  const { one, start, differences } = shrink(negative, subject, options);
  assert.match(differences[0]!, /^r3 /);
  assert.ok(one.halfwords.length < negative.one.halfwords.length / 2, 'most instructions are gone');
  assert.deepEqual(
    [...start.state.s].filter((value) => value !== 0),
    [],
  );
  assert.ok(start.state.r[5]! < 0);
});

/** Encodings outside every row that a processor with VFPv4 must refuse in User mode too. */
const undefinedEncodings: readonly (readonly [name: string, thumb: boolean, bits: number])[] = [
  ['VMRS r0, FPSID', false, 0xeef00a10],
  ['VMRS r0, MVFR0', false, 0xeef70a10],
  ['VMSR FPEXC, r0', false, 0xeee80a10],
  ['VMRS r0, FPSID', true, 0xeef00a10],
  ['VLDM P=1 U=1 W=1', false, 0xedf00b02],
  ['VLDM P=0 U=0 W=1', false, 0xec300b02],
  ['MRC p4', false, 0xee100410],
  ['MCR p3', false, 0xee000310],
  ['MRC p15, SCTLR', false, 0xee110f10],
  ['MRC p15, SCTLR', true, 0xee110f10],
  ['LDC p5', false, 0xed900500],
  ['VHADD of doublewords', false, 0xf2310003],
  ['VAND of an odd quadword', false, 0xf2021155],
  ['VADDL to an odd register', false, 0xf2821003],
  ['VQDMULH of bytes', false, 0xf2010b02],
  ['VMOV (immediate) op 1, mode 15', false, 0xf2800f31],
  ['VEXT beyond a doubleword', false, 0xf2b10802],
  ['VUZP of words of doublewords', false, 0xf3ba0101],
  ['VDUP of no element', false, 0xf3b00c01],
  ['VLD3 aligned to 16', false, 0xf420042f],
  ['VST2 of doublewords', false, 0xf40008cf],
  ['VLD1 (one lane) of a byte, aligned', false, 0xf4a0001f],
  ['VHADD of doublewords', true, 0xef310003],
  ['VLD3 aligned to 16', true, 0xf920042f],
  ['A32 media space', false, 0xe7f123f0],
  ['T16 permanently undefined', true, 0xde000000],
  ['T32 permanently undefined', true, 0xf7f0a123],
  ['T32 data processing, op 1001', true, 0xeb201000],
];

test('undefined instructions trap on both sides', { skip: !referenceInstalled() }, () => {
  const random = new Prng(1);
  const patterns = makePatterns(random);
  const subject = new Subject(patterns);
  const cases = undefinedEncodings.map(([label, thumb, bits]): FuzzCase => {
    const order = thumb ? [bits >>> 16, bits & 0xffff] : [bits & 0xffff, bits >>> 16];
    const starts = [{ state: randomState(random), pattern: 0, window: 0, absent: 0 }];
    const common = { landing: 'none', inside: [], exact: false, traps: true, odd: false } as const;
    return { label, thumb, halfwords: order, starts, ...common };
  });
  const options = { tiers: tierNames, cpu: 'max', patterns } as const;
  assert.deepEqual(reportMismatches(compareCases(cases, subject, options), subject, options), []);
  for (const [index, one] of cases.entries()) {
    subject.place(index, one);
    const outcome = subject.run(one.starts[0]!);
    assert.equal(outcome.kind === 'trap' && outcome.reason, ExitReason.undefined, one.label);
  }
});
