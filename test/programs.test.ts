/** Programs of one thread print the same and end alike under qemu-arm and on 1, 2 and 3 nodes; so do crashes. */
import { runCases } from './cases.ts';
import { comparison, crashComparisons } from './comparison.ts';
import type { Mode } from './oracle.ts';
import { singleThreaded } from './programs.table.ts';

const modes: readonly Mode[] = [{ nodes: 1 }, { nodes: 2, transport: 'tcp' }, { nodes: 3, transport: 'tcp' }];

runCases(
  import.meta.url,
  'programs of one thread',
  modes.flatMap((mode) => singleThreaded.map((row) => comparison(row, mode))),
);
runCases(import.meta.url, 'programs that crash', modes.slice(0, 2).flatMap(crashComparisons));
