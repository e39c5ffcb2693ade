import Table from 'cli-table3';
import type { NodeCounters } from '../cluster/protocol.ts';

const count = (value: number): string => value.toLocaleString('en-US');

/** What each node did in a run, as a table for a person. */
export function statsTable(counters: readonly NodeCounters[]): string {
  const table = new Table({
    head: [
      'node',
      'threads',
      'blocks fetched',
      'blocks given up',
      'bytes in',
      'bytes out',
      'calls delegated',
      'regions translated',
    ],
    colAligns: Array<'right'>(8).fill('right'),
    style: { head: [], border: [] },
  });
  for (const c of counters)
    table.push([
      c.node === 0 ? '0 (master)' : String(c.node),
      count(c.threads),
      count(c.blocksFetched),
      count(c.blocksGivenUp),
      count(c.bytesIn),
      count(c.bytesOut),
      count(c.callsDelegated),
      count(c.regionsTranslated),
    ]);
  return table.toString();
}
