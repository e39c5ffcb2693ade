/** Interpreter and translator, each alone, do what qemu-arm does: on one node, and with threads on two. */
import { runCases } from './cases.ts';
import { comparison, crashComparisons } from './comparison.ts';
import type { Mode } from './oracle.ts';
import { singleThreaded, threaded, threadedOnce } from './programs.table.ts';

const tiers = ['interpreter', 'translator'] as const;

runCases(
  import.meta.url,
  'tiers',
  tiers.flatMap((tier) => {
    const alone: Mode = { nodes: 1, tier };
    const pair: Mode = { nodes: 2, transport: 'unix', tier };
    return [
      ...singleThreaded.map((row) => comparison(row, alone)),
      ...crashComparisons(alone),
      ...[...threaded, ...threadedOnce].map((row) => comparison(row, pair)),
    ];
  }),
);
