/**
 * Random differential tester: every row of the instruction tables, and blocks of them, against qemu-arm.
 *
 *   node test/fuzz.ts [--rows REGEX|all] [--cases N] [--blocks N] [--seed S] [--jobs N] [--dry]
 *                     [--tier interpreter|optimiser|translator|all] [--cpu NAME]
 *
 * REGEX is matched against "a32 NAME", "t16 NAME" and "t32 NAME"; N cases are made of each row, and N blocks of each
 * instruction set; on a processor other than max the rows that it does not have must be undefined. Prints the smallest
 * failing case of each row and totals, and brings docs/instructions.md up to date (unless --dry); the status is 1 when
 * something differs or a row has no cases.
 */
import { fork } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ProcessorName, processorNames } from '../src/processor/processors.table.ts';
import { figuresOf, renderPage, withTallies } from './fuzz-page.ts';
import { reportMismatches } from './fuzz-report.ts';
import { fuzzRows, keyOf } from './fuzz-rows.ts';
import { type FuzzPlan, FuzzSession, type Tally } from './fuzz-session.ts';
import { type TierName, tierNames } from './fuzz-tiers.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: 'all' },
    cases: { type: 'string', default: '200' },
    blocks: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    tier: { type: 'string', default: 'all' },
    cpu: { type: 'string', default: 'max' },
    jobs: { type: 'string', default: '1' },
    dry: { type: 'boolean', default: false },
    /** Of the parts that --jobs makes, the number of this process. */
    part: { type: 'string' },
  },
});

const tiers = values.tier === 'all' ? tierNames : tierNames.filter((name) => name === values.tier);
if (tiers.length === 0) throw new Error(`no tier is named ${values.tier}`);
const chosen = new RegExp(values.rows === 'all' ? '' : values.rows);
const rows = fuzzRows.filter((row) => chosen.test(keyOf(row)));
const cpu = processorNames.find((name) => name === values.cpu) as ProcessorName;
if (cpu === undefined) throw new Error(`no processor is named ${values.cpu}`);
const jobs = Number(values.jobs);
const pagePath = join(import.meta.dirname, '../docs/instructions.md');

/** What a part has to say; its last word is `report`. */
interface Message {
  readonly done?: string;
  readonly tallies?: readonly Tally[];
  readonly report?: readonly string[];
}

/** Blocks are shared out by number, and so that no two parts make the same. */
function planOf(part: number): FuzzPlan {
  return {
    rows: rows.filter((_, index) => index % jobs === part),
    blockRows: rows,
    cases: Number(values.cases),
    blocks: Math.ceil(Number(values.blocks) / jobs),
    blockSeed: part,
    seed: Number(values.seed),
    tiers,
    cpu,
  };
}

function runPart(part: number, tell: (message: Message) => void): void {
  const session = new FuzzSession(planOf(part), (done) => tell({ done }));
  try {
    session.run();
  } catch (error) {
    console.error(`seed ${values.seed}, part ${part} of ${jobs}:`);
    throw error;
  }
  const report = reportMismatches(session.mismatches, session.subject, session.options);
  tell({ tallies: [...session.tallies.values()], report });
}

const started = performance.now();
const tallies = new Map<string, Tally>();
const report: string[] = [];
let done = 0;

function hear(message: Message): void {
  if (message.done !== undefined) {
    done++;
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${done} of ${rows.length} rows: ${message.done}`);
  }
  for (const tally of message.tallies ?? []) {
    const before = tallies.get(tally.label) ?? { label: tally.label, cases: 0, different: {} };
    before.cases += tally.cases;
    for (const tier of tierNames)
      if (tally.different[tier]) before.different[tier] = (before.different[tier] ?? 0) + tally.different[tier];
    tallies.set(tally.label, before);
  }
  report.push(...(message.report ?? []));
}

function conclude(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  for (const line of report) console.log(line);
  const all = [...tallies.values()];
  const barren = all.filter(({ cases }) => cases === 0).map(({ label }) => label);
  if (barren.length > 0) console.log(`no case could be made for: ${barren.join(', ')}`);
  const sum = (count: (tally: Tally) => number): number => all.reduce((total, tally) => total + count(tally), 0);
  const different = sum((tally) =>
    tierNames.reduce((total, tier: TierName) => total + (tally.different[tier] ?? 0), 0),
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `seed ${values.seed}: ${rows.length} rows, ${sum(({ cases }) => cases)} cases on ${tiers.join(', ')}, ` +
      `${different} differ; ${seconds} s`,
  );
  if (!values.dry && cpu === 'max') {
    const figures = existsSync(pagePath) ? figuresOf(readFileSync(pagePath, 'utf8')) : new Map();
    writeFileSync(pagePath, renderPage(withTallies(figures, all, tiers)));
  }
  process.exitCode = different > 0 || barren.length > 0 ? 1 : 0;
}

if (values.part !== undefined) {
  runPart(Number(values.part), (message) => process.send?.(message));
  process.disconnect?.();
} else if (jobs === 1) {
  runPart(0, hear);
  conclude();
} else {
  let failed = false;
  const parts = Array.from({ length: jobs }, (_, part) => {
    const child = fork(import.meta.filename, [...process.argv.slice(2), '--seed', values.seed, '--part', String(part)]);
    child.on('message', hear);
    return new Promise<void>((resolve) => {
      child.on('exit', (status) => {
        failed ||= status !== 0;
        resolve();
      });
    });
  });
  await Promise.all(parts);
  conclude();
  if (failed) process.exitCode = 1;
}
