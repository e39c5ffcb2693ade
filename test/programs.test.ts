/** Programs of one thread print the same and end alike under qemu-arm and on 1, 2 and 3 nodes; so do crashes. */
import assert from 'node:assert/strict';
import { runCases } from './cases.ts';
import { comparison, crashComparisons } from './comparison.ts';
import { armada, type Mode, tails } from './oracle.ts';
import { singleThreaded, threadedOnce } from './programs.table.ts';
import { guest } from './toolchain.ts';

const modes: readonly Mode[] = [{ nodes: 1 }, { nodes: 2, transport: 'tcp' }, { nodes: 3, transport: 'tcp' }];

runCases(
  import.meta.url,
  'programs of one thread',
  modes.flatMap((mode) => [...singleThreaded, ...threadedOnce].map((row) => comparison(row, mode))),
);
runCases(import.meta.url, 'programs that crash', modes.slice(0, 2).flatMap(crashComparisons));

runCases(import.meta.url, 'programs that Linux and qemu-arm treat differently', [
  {
    // The kernel's alignment handler carries such an LDM out (arch/arm/mm/alignment.c); qemu-arm gives SIGBUS.
    name: 'LDM at an odd address',
    async run() {
      const outcome = await armada({ path: guest({ source: 'crash.c' }), args: ['unaligned-ldm'] });
      assert.equal(outcome.stdout.toString(), 'unaligned-ldm\nsurvived\n', tails(outcome));
      assert.equal(outcome.status, 0, tails(outcome));
    },
  },
]);
