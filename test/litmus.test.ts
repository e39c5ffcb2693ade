/**
 * Memory order over two nodes: outcomes that Arm forbids must not appear in 10,000 iterations, and exclusive loads and
 * stores must keep their promise. The counts depend on the schedule, so the programs judge themselves.
 */
import assert from 'node:assert/strict';
import { type Case, runCases } from './cases.ts';
import { armada, type Mode, modeName, tails } from './oracle.ts';
import { guest } from './toolchain.ts';

const iterations = 10_000;
const sources = ['mp', 'sb', 'iriw', 'corr', 'exclusive', 'stack'].map((name) => `litmus-${name}.c`);
const modes: readonly Mode[] = [
  { nodes: 2, transport: 'tcp' },
  { nodes: 2, transport: 'unix' },
  { nodes: 3, transport: 'tcp' },
  { nodes: 1 },
];

function litmus(source: string, mode: Mode): Case {
  return {
    name: `${source} on ${modeName(mode)}`,
    async run() {
      const outcome = await armada({ path: guest({ source }), args: [String(iterations)] }, mode);
      assert(!outcome.timedOut && outcome.status === 0, `${outcome.command}\n${tails(outcome)}`);
    },
  };
}

runCases(
  import.meta.url,
  'litmus',
  modes.flatMap((mode) => sources.map((source) => litmus(source, mode))),
);
