/** Programs of many threads print the same and end alike under qemu-arm and, many times over, on 1, 2 and 3 nodes. */
import { runCases } from './cases.ts';
import { comparison } from './comparison.ts';
import { type Mode, repetitions } from './oracle.ts';
import { threaded } from './programs.table.ts';

/** Schedules vary less on one node: a quarter of the repetitions. */
const modes: readonly (readonly [mode: Mode, times: number])[] = [
  [{ nodes: 1 }, Math.ceil(repetitions / 4)],
  [{ nodes: 2, transport: 'tcp' }, repetitions],
  [{ nodes: 3, transport: 'tcp' }, repetitions],
];

runCases(
  import.meta.url,
  'programs of many threads',
  modes.flatMap(([mode, times]) => threaded.map((row) => comparison(row, mode, times))),
);
