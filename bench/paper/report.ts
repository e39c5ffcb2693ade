/** What `armada bench paper` found, as a table for a person; --json writes the same as it is. */
import Table from 'cli-table3';
import type { Size } from './guest-runs.table.ts';
import type { LinkName, Transport } from './link.ts';

export interface RowReport {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly link: LinkName;
  /** As the paper prints it, in the unit. */
  readonly paper: string | null;
  /** Of each turn, and their median. */
  readonly values: readonly number[];
  readonly value: number | null;
  /** Of a throughput: for each second of processor time on all nodes together. */
  readonly perCpuSecond: number | null;
  /** Of the bare sockets, beside each turn. Ratios are medians of the turns' ratios. */
  readonly bare: { readonly name: string; readonly value: number; readonly ratio: number } | null;
  readonly qemu: number | null;
  /** The ratio is to what the goal names, and `limit` the figure that just meets it; null where that was not measured. */
  readonly goal: {
    readonly text: string;
    readonly ratio: number | null;
    readonly limit: number | null;
    readonly met: boolean | null;
  } | null;
  readonly failure: string | null;
}

export interface Report {
  readonly machine: {
    readonly processor: string;
    readonly processors: number;
    readonly node: string;
    /** Of the last minute, at the end. */
    readonly load: number;
  };
  readonly transport: Transport;
  readonly size: Size;
  readonly turns: number;
  /** What could not be measured on this machine, and why. */
  readonly notes: readonly string[];
  readonly rows: readonly RowReport[];
}

/** Three digits that mean something. */
export function figureText(value: number): string {
  return value >= 100 ? value.toLocaleString('en-US', { maximumFractionDigits: 0 }) : value.toPrecision(3);
}

const optional = (value: number | null): string => (value === null ? '' : figureText(value));
const ratioText = (ratio: number | null): string => (ratio === null ? '' : ratio.toFixed(2));
const metText = (met: boolean | null): string => (met === null ? 'not known' : met ? 'met' : 'MISSED');

function cells(row: RowReport): string[] {
  const { title, unit, value, perCpuSecond, bare, qemu, paper, goal } = row;
  return [
    unit === '' ? title : `${title}, ${unit}`,
    optional(value),
    optional(perCpuSecond),
    bare ? `${figureText(bare.value)}` : '',
    bare ? ratioText(bare.ratio) : '',
    optional(qemu),
    paper ?? '',
    goal ? goal.text : '',
    goal ? ratioText(goal.ratio) : '',
    goal ? metText(goal.met) : '',
  ];
}

const heads = ['', 'armada', 'a CPU\nsecond', 'bare\nsockets', 'ratio', 'qemu-arm', 'paper', 'goal', 'ratio', ''];

export function table(rows: readonly RowReport[]): string {
  const out = new Table({
    head: heads,
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'left', 'right', 'left'],
    style: { head: [], border: [] },
    // No lines between rows.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const row of rows)
    if (row.failure === null) out.push(cells(row));
    else out.push([row.title, { colSpan: heads.length - 1, content: `FAILED: ${row.failure}` }]);
  return out.toString();
}
