import Table from 'cli-table3';
import type { NodeCounters } from '../cluster/protocol.ts';

const count = (value: number): string => value.toLocaleString('en-US');
const kilobytes = (value: number): string => count(Math.round(value / 1000));

type Column = readonly [heading: string, cell: (counters: NodeCounters) => string];
const columns: readonly Column[] = [
  ['node', ({ node }) => (node === 0 ? '0 (master)' : String(node))],
  ['threads', ({ threads }) => count(threads)],
  ['blocks\nfetched', ({ blocksFetched }) => count(blocksFetched)],
  ['blocks\ngiven up', ({ blocksGivenUp }) => count(blocksGivenUp)],
  ['splits/\nmerges', ({ splits, merges }) => `${count(splits)}/${count(merges)}`],
  ['kB\nin', ({ bytesIn }) => kilobytes(bytesIn)],
  ['kB\nout', ({ bytesOut }) => kilobytes(bytesOut)],
  ['calls\ndelegated', ({ callsDelegated }) => count(callsDelegated)],
  ['regions\nmade', ({ regionsTranslated }) => count(regionsTranslated)],
];
/** Lines above, below and under the headings; between columns blanks alone, so that it fits a terminal of 80 columns. */
const frame = {
  left: '',
  right: '',
  middle: '',
  mid: '',
  'left-mid': '',
  'mid-mid': '',
  'right-mid': '',
  'top-left': '',
  'top-mid': '',
  'top-right': '',
  'bottom-left': '',
  'bottom-mid': '',
  'bottom-right': '',
};

/** What each node did in a run, as a table for a person; of a node that did not tell there are no figures. */
export function statsTable(counters: readonly (NodeCounters | undefined)[]): string {
  const table = new Table({
    head: columns.map(([heading]) => heading),
    colAligns: Array<'right'>(columns.length).fill('right'),
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 0 },
    chars: frame,
  });
  for (const [node, counter] of counters.entries())
    table.push(counter ? columns.map(([, cell]) => cell(counter)) : [String(node), ...columns.slice(1).map(() => '?')]);
  return [table.toString(), ...counters.flatMap((counter) => savings(counter))].join('\n');
}

/** What a node did not have to send, if that is anything. */
function savings(counters: NodeCounters | undefined): string[] {
  if (!counters || counters.bytesSaved === 0) return [];
  const { node, pagesRepeated, pagesCompressed, bytesSaved } = counters;
  const pages = `${count(pagesRepeated)} pages went as one word, ${count(pagesCompressed)} compressed`;
  return [` node ${node}: ${pages}; ${kilobytes(bytesSaved)} kB less out`];
}
