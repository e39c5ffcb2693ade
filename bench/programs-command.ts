import { cpus } from 'node:os';
import Table from 'cli-table3';
import { Command } from 'commander';
import { wholeNumber } from '../src/cli/options.ts';
import { guestRuns } from './paper/guest-runs.table.ts';
import { measure } from './paper/measure.ts';
import { table as paperTable } from './paper/report.ts';
import { rows as paperRows } from './paper/rows.table.ts';
import { measureKernels, measureLuajit, measureStart, type Row } from './programs.ts';

interface ProgramsFlags {
  readonly runs: number;
  readonly json?: true;
}

const runsMax = 100;
/** Of the paper's measurements (`armada bench paper` has them all). */
const missRows: ReadonlySet<string> = new Set(['read', 'read-p99', 'write', 'write-p99']);
const missLimitMs = 120_000;

export function programsCommand(): Command {
  return new Command('programs')
    .description(
      'loops, start-up and luajit on one node beside qemu-arm, and remote misses on two beside a ping-pong of bare ' +
        'sockets, by turns; the median counts',
    )
    .option('--runs <n>', 'of each measurement', wholeNumber(1, runsMax), 5)
    .option('--json', 'one JSON document on standard output instead of a table')
    .action(programs);
}

/** Three digits that mean something. */
const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

function table(rows: readonly Row[]): string {
  const out = new Table({
    head: ['', 'armada', 'qemu-arm', '', 'armada / qemu-arm', 'target'],
    colAligns: ['left', 'right', 'right', 'left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { name, unit, armada, reference: other, target } of rows)
    out.push([
      name,
      figure(armada),
      figure(other),
      unit,
      (armada / other).toFixed(2),
      target === undefined ? '' : `${target} ${armada / other <= target ? 'met' : 'MISSED'}`,
    ]);
  return out.toString();
}

async function programs({ runs, json }: ProgramsFlags): Promise<void> {
  const rows = [...measureKernels(runs), measureStart(runs), ...measureLuajit(runs)];
  if (!json) console.log(table(rows));
  const misses = await measure({
    rows: paperRows,
    guestRuns,
    only: missRows,
    turns: runs,
    size: 'full',
    links: ['loopback'],
    transport: 'plain',
    limitMs: missLimitMs,
    log: () => {},
  });
  if (misses.rows.some(({ failure }) => failure !== null)) process.exitCode = 1;
  if (!json) {
    console.log(paperTable(misses.rows));
    return;
  }
  const [processor] = cpus();
  const machine = { processor: processor?.model.trim(), processors: cpus().length, node: process.version };
  console.log(JSON.stringify({ machine, runs, programs: rows, misses: misses.rows }, undefined, 2));
}
