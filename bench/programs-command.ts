import { cpus } from 'node:os';
import Table from 'cli-table3';
import { Command } from 'commander';
import { wholeNumber } from '../src/cli/options.ts';
import { measureKernels, measureLuajit, measureStart, type Row } from './programs.ts';

interface ProgramsFlags {
  readonly runs: number;
  readonly json?: true;
}

const runsMax = 100;

export function programsCommand(): Command {
  return new Command('programs')
    .description('loops, start-up and luajit on one node beside qemu-arm, by turns; the median counts')
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

function programs({ runs, json }: ProgramsFlags): void {
  const rows = [...measureKernels(runs), measureStart(runs), ...measureLuajit(runs)];
  if (!json) {
    console.log(table(rows));
    return;
  }
  const [processor] = cpus();
  const machine = { processor: processor?.model.trim(), processors: cpus().length, node: process.version };
  console.log(JSON.stringify({ machine, runs, programs: rows }, undefined, 2));
}
