/** The paper's measurements work and are told as documented; a failing one is told as that. Speed is not tested. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { atLeast, row as reference, value } from '../bench/paper/goals.ts';
import type { GuestRun } from '../bench/paper/guest-runs.table.ts';
import { measure } from '../bench/paper/measure.ts';
import type { Report, RowReport } from '../bench/paper/report.ts';
import type { Row } from '../bench/paper/rows.table.ts';
import { type Case, runCases } from './cases.ts';
import { armadaPath, run, tails } from './oracle.ts';

const folder = mkdtempSync(join(tmpdir(), 'armada-bench-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const paper = (...options: string[]) => run([armadaPath, 'bench', 'paper', ...options]);

function readReport(path: string): Report {
  return JSON.parse(readFileSync(path, 'utf8')) as Report;
}

/** The shape that docs/performance.md promises: what readers of --json may rely on. */
function assertShape(report: Report): void {
  assert.deepEqual(Object.keys(report), ['machine', 'transport', 'size', 'turns', 'notes', 'rows']);
  const { machine } = report;
  assert.deepEqual(Object.keys(machine), ['processor', 'processors', 'node', 'load']);
  assert.ok(Number.isInteger(machine.processors) && machine.processors > 0 && Number.isFinite(machine.load));
  for (const row of report.rows) assertRowShape(row, report.turns);
}

function assertRowShape(row: RowReport, turns: number): void {
  const {
    name,
    title,
    unit,
    link,
    paper: printed,
    values,
    value: middle,
    perCpuSecond,
    bare,
    qemu,
    goal,
    failure,
  } = row;
  for (const text of [name, title, unit, link]) assert.equal(typeof text, 'string');
  for (const figure of [middle, perCpuSecond, qemu]) assert.ok(figure === null || Number.isFinite(figure));
  for (const text of [printed, failure]) assert.ok(text === null || typeof text === 'string');
  if (bare) {
    assert.deepEqual(Object.keys(bare), ['name', 'value', 'ratio']);
    assert.ok(bare.value > 0 && Number.isFinite(bare.ratio));
  }
  if (goal) {
    assert.deepEqual(Object.keys(goal), ['text', 'ratio', 'limit', 'met']);
    assert.match(goal.text, /^[≤≥] /);
    assert.equal(typeof goal.met, goal.ratio === null ? 'object' : 'boolean');
  }
  if (failure !== null) return assert.deepEqual([values, middle, bare, qemu, goal], [[], null, null, null, null]);
  assert.equal(values.length, turns);
  assert.ok(values.includes(middle!) && values.every((figure) => figure > 0));
}

/** Measures the one result of bench-failures, against another row that is not asked for itself. */
async function measureFailure(how: string): Promise<RowReport> {
  const guestRun: GuestRun = {
    name: 'run',
    guest: '../../test/guests/bench-failures.c',
    nodes: 1,
    arguments: { full: [], quick: [how] },
    options: [],
    oneCore: false,
  };
  const row: Row = {
    name: 'row',
    title: 'a row',
    unit: 'MB/s',
    run: 'run',
    result: 'it',
    field: 'speed',
    bare: 'pingSmall',
    qemu: true,
    goal: () => atLeast(0.5, reference('other')),
  };
  const report = await measure({
    rows: [row, { ...row, name: 'other', goal: () => atLeast(2, value(1, 'MB/s')) }],
    guestRuns: [guestRun],
    only: new Set(['row']),
    turns: 1,
    size: 'quick',
    links: ['loopback'],
    transport: 'plain',
    limitMs: how === 'hang' ? 2_000 : 30_000,
    log: () => {},
  });
  assertShape(report);
  assert.equal(report.rows.length, 1);
  return report.rows[0]!;
}

const failures: Readonly<Record<string, RegExp>> = {
  babble: /^told something else than results: figures later$/,
  fail: /^ended with status 3$/,
  crash: /^ended with status 139: armada: the program was ended by signal 11/,
  hang: /^did not end within 2 s$/,
  differ: /^wrong checksum \w{16} \(qemu-arm: \w{16}\)$/,
};

const senseless: readonly (readonly [RegExp, ...string[]])[] = [
  [/There is no row nope; --list names them/, '--only', 'read,nope'],
  [/Give a whole number from 1 to 100/, '--runs', '0'],
  [/Allowed choices are plain, tls, unix/, '--transport', 'pigeon'],
  [/no file system socket between them/, '--transport', 'unix', '--link', 'gigabit'],
  [/unknown option '--fast'/, '--fast'],
];

const cases: readonly Case[] = [
  {
    name: 'figures over TLS, as a table, as JSON and as a page',
    async run() {
      const [json, html] = [join(folder, 'paper.json'), join(folder, 'paper.html')];
      const outcome = await paper(
        '--quick',
        '--runs',
        '1',
        '--only',
        'close,write-1mb',
        '--json',
        json,
        '--plot',
        html,
      );
      assert.equal(outcome.status, 0, tails(outcome));
      assert.match(outcome.stdout.toString(), /delegated call.* ≤ 1\.4 × 64-byte ping-pong .* (met|MISSED) /);
      const report = readReport(json);
      assertShape(report);
      assert.deepEqual(
        report.rows.map(({ name, failure }) => [name, failure]),
        [
          ['close', null],
          ['write-1mb', null],
        ],
      );
      const page = readFileSync(html, 'utf8');
      for (const { title } of report.rows) assert.ok(page.includes(`>${title}, `), title);
    },
  },
  {
    name: 'a run that takes too long fails, and with it the command',
    async run() {
      const json = join(folder, 'late.json');
      const outcome = await paper('--runs', '1', '--only', 'random-1', '--limit', '1', '--json', json);
      assert.equal(outcome.status, 1, tails(outcome));
      assert.match(outcome.stdout.toString(), /FAILED: did not end within 1 s/);
      assertShape(readReport(json));
    },
  },
  {
    name: 'a guest that does as it should, in process',
    async run() {
      const { failure, value: figure, qemu, goal } = await measureFailure('nothing');
      assert.deepEqual([failure, figure, qemu], [null, 2.5, 2.5]);
      assert.deepEqual(goal, { text: '≥ 0.5 × other', ratio: 1, limit: 1.25, met: true });
    },
  },
  ...Object.entries(failures).map(([how, said]) => ({
    name: `a guest that does not: ${how}`,
    run: async () => assert.match((await measureFailure(how)).failure ?? 'no failure', said),
  })),
  ...senseless.map(([said, ...options]) => ({
    name: `options that make no sense: ${options.join(' ')}`,
    async run() {
      const outcome = await paper(...options);
      assert.equal(outcome.status, 2, tails(outcome));
      assert.match(outcome.stderr, said);
    },
  })),
];

runCases(import.meta.url, 'armada bench paper', cases);
