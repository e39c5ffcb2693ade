/** A slice of the fuzzer (fuzz.ts) with a new seed each time; the seed is printed, so that a failure can be had again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../src/base/prng.ts';
import type { FuzzCase } from './fuzz-case.ts';
import { fuzzRows, makePatterns } from './fuzz-generator.ts';
import { referenceInstalled } from './fuzz-reference.ts';
import { reportMismatches } from './fuzz-report.ts';
import { addCasesOfBlocks, addCasesOfRows, compareCases } from './fuzz-run.ts';
import { Subject } from './fuzz-subject.ts';
import { tierNames } from './fuzz-tiers.ts';

const casesPerRow = 8;
const blocks = 400;

test('every row, and blocks of rows, agree with qemu-arm', { skip: !referenceInstalled(), timeout: 60_000 }, (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed} (FUZZ_SEED=${seed} runs it again)`);
  const random = new Prng(seed);
  const patterns = makePatterns(random);
  const subject = new Subject(patterns);
  const options = { tiers: tierNames, cpu: 'max', patterns };
  const cases: FuzzCase[] = [];
  const barren = addCasesOfRows(cases, fuzzRows, casesPerRow, random, subject);
  addCasesOfBlocks(cases, fuzzRows, blocks, random, subject);
  const report = reportMismatches(compareCases(cases, subject, options), subject, options);
  assert.deepEqual(report, []);
  assert.deepEqual(
    barren.map((row) => row.name),
    [],
    'each row has cases',
  );
});
