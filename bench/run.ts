/**
 * `npm run bench`: the emulator beside qemu-arm, and misses between two nodes beside a bare ping-pong of sockets, all by
 * turns in one run. Other load on the machine moves the times; the ratios are what counts.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { measureKernels, measureLuajit, measureStart, type Row } from './programs.ts';
import { measureRemote } from './remote.ts';

const usage = `usage: npm run bench -- [--runs N] [--only programs|cluster] [--json]
  --runs N   of each measurement, the median counts (5)
  --only X   programs: beside qemu-arm; cluster: misses between two nodes
  --json     one JSON document on standard output instead of tables`;

interface Flags {
  readonly runs: number;
  readonly only: string | undefined;
  readonly json: boolean;
}

function flags(): Flags {
  try {
    const { values } = parseArgs({
      options: { runs: { type: 'string', default: '5' }, only: { type: 'string' }, json: { type: 'boolean' } },
    });
    const runs = Number(values.runs);
    if (!Number.isInteger(runs) || runs < 1 || runs > 100) throw new Error('--runs takes a number from 1 to 100');
    if (values.only !== undefined && !['programs', 'cluster'].includes(values.only))
      throw new Error('--only takes programs or cluster');
    return { runs, only: values.only, json: values.json === true };
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

/** Three digits that mean something. */
const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

function table(reference: string, rows: readonly Row[]): string {
  const out = new Table({
    head: ['', 'armada', reference, '', 'armada / reference', 'target'],
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

const { runs, only, json } = flags();
const programs: Row[] = [];
if (only !== 'cluster') {
  for (const row of measureKernels(runs)) programs.push(row);
  programs.push(measureStart(runs));
  for (const row of measureLuajit(runs)) programs.push(row);
  if (!json) console.log(table('qemu-arm', programs));
}
const remote = only === 'programs' ? undefined : await measureRemote(runs);
if (remote && !json) {
  console.log(table('4-KiB ping-pong', remote.rows));
  console.log(remote.pinned ? 'Each node was pinned to a processor of its own.' : 'All nodes shared one processor.');
}
if (json) {
  const [processor] = cpus();
  const machine = { processor: processor?.model.trim(), processors: cpus().length, node: process.version };
  console.log(JSON.stringify({ machine, runs, programs, remote }, undefined, 2));
}
