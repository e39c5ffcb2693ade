/**
 * Memory order over one, two and three nodes: outcomes that Arm forbids must not appear, and exclusive loads and stores
 * and locks must keep their promise. The counts depend on the schedule, so the programs judge themselves. qemu-arm is no
 * judge here: it lets an LDA pass an earlier STL, which Arm forbids. `npm run soak` does the same 100,000 times.
 */
import assert from 'node:assert/strict';
import { type Case, runCases } from './cases.ts';
import { type LitmusProgram, litmusArguments, litmusModes, litmusPath, litmusPrograms } from './litmus.ts';
import { armada, limitMs, type Mode, modeName, tails } from './oracle.ts';

/** Of each test: threads of one node are quick. */
const iterations: Readonly<Record<LitmusProgram, { between: number; within: number }>> = {
  shapes: { between: 768, within: 8192 },
  exclusives: { between: 3000, within: 32_000 },
};
/** Enough of the test that is known to fail: it does so at every one. */
const fewIterations = 1000;

function litmus(program: LitmusProgram, mode: Mode, count: number, ...tests: readonly string[]): Case {
  return {
    name: `${[program, ...tests].join(' ')} on ${modeName(mode)}`,
    async run() {
      const args = litmusArguments(mode, count, ...tests);
      const outcome = await armada({ path: litmusPath(program), args, limitMs: 3 * limitMs }, mode);
      assert(!outcome.timedOut && outcome.status === 0, `${outcome.command}\n${tails(outcome)}`);
    },
  };
}

runCases(import.meta.url, 'litmus', [
  ...litmusModes.flatMap((mode) =>
    litmusPrograms.map((program) => {
      const { between, within } = iterations[program];
      return litmus(program, mode, mode.nodes === 1 ? within : between);
    }),
  ),
  litmus('exclusives', { nodes: 1, extra: ['--executors', '4'] }, fewIterations, 'same-between'),
]);
