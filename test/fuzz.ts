/**
 * Random differential tester: every row of the instruction tables, and blocks of them, against qemu-arm.
 *
 *   node test/fuzz.ts [--rows REGEX|all] [--cases N] [--blocks N] [--seed S]
 *                     [--tier interpreter|optimiser|translator|all] [--cpu NAME]
 *
 * REGEX is matched against "a32 NAME", "t16 NAME" and "t32 NAME". Prints the smallest failing case of each row and
 * totals; the status is 1 when something differs.
 */
import { parseArgs } from 'node:util';
import { Prng } from '../src/base/prng.ts';
import type { FuzzCase } from './fuzz-case.ts';
import { fuzzRows, makePatterns } from './fuzz-generator.ts';
import { reportMismatches } from './fuzz-report.ts';
import { addCasesOfBlocks, addCasesOfRows, compareCases } from './fuzz-run.ts';
import { Subject } from './fuzz-subject.ts';
import { tierNames } from './fuzz-tiers.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: 'all' },
    cases: { type: 'string', default: '20' },
    blocks: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    tier: { type: 'string', default: 'interpreter' },
    cpu: { type: 'string', default: 'max' },
  },
});
const tiers = values.tier === 'all' ? tierNames : tierNames.filter((name) => name === values.tier);
if (tiers.length === 0) throw new Error(`no tier is named ${values.tier}`);
const chosen = new RegExp(values.rows === 'all' ? '' : values.rows);
const rows = fuzzRows.filter((row) => chosen.test(`${row.set} ${row.name}`));
const random = new Prng(Number(values.seed));
const patterns = makePatterns(random);
const subject = new Subject(patterns);
const options = { tiers, cpu: values.cpu, patterns };

const started = performance.now();
const cases: FuzzCase[] = [];
const barren = addCasesOfRows(cases, rows, Number(values.cases), random, subject);
addCasesOfBlocks(cases, rows, Number(values.blocks), random, subject);
const made = performance.now();
const mismatches = compareCases(cases, subject, options);
const compared = performance.now();

for (const line of reportMismatches(mismatches, subject, options)) console.log(line);
if (barren.length > 0)
  console.log(`no case could be made for: ${barren.map((row) => `${row.set} ${row.name}`).join(', ')}`);
console.log(
  `seed ${values.seed}: ${rows.length} rows, ${cases.length} cases, ${mismatches.length} differ; ` +
    `made in ${(made - started).toFixed(0)} ms, compared in ${(compared - made).toFixed(0)} ms`,
);
process.exitCode = mismatches.length > 0 ? 1 : 0;
