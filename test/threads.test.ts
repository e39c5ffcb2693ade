/** Programs of many threads print the same and end alike under qemu-arm and, many times over, on 1, 2 and 3 nodes. */
import { runCases } from './cases.ts';
import { comparison } from './comparison.ts';
import { type Mode, repetitions } from './oracle.ts';
import { threaded } from './programs.table.ts';

const modes: readonly Mode[] = [{ nodes: 1 }, { nodes: 2, transport: 'tcp' }, { nodes: 3, transport: 'tcp' }];

runCases(
  import.meta.url,
  'programs of many threads',
  modes.flatMap((mode) => threaded.map((row) => comparison(row, mode, repetitions))),
);
