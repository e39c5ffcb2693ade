/**
 * Memory order over one, two and three nodes: outcomes that Arm forbids must not appear, and exclusive loads and stores
 * and locks must keep their promise. The counts depend on the schedule, so the programs judge themselves. qemu-arm is no
 * judge here: it lets an LDA pass an earlier STL, which Arm forbids. `npm run soak` does the same 100,000 times.
 */
import assert from 'node:assert/strict';
import { type Case, runCases } from './cases.ts';
import { type LitmusProgram, litmusArguments, litmusModes, litmusPath, litmusPrograms } from './litmus.ts';
import { armada, limitMs, type Mode, modeName, tails } from './oracle.ts';

const iterationsBetween = 768;
const iterationsWithin = 8192;
/** Where threads of one node do it, a test that fails now and then has failed by then. */
const iterationsUntilFailure = 20_000;

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
    litmusPrograms.map((program) => litmus(program, mode, mode.nodes === 1 ? iterationsWithin : iterationsBetween)),
  ),
  litmus('exclusives', { nodes: 1 }, iterationsUntilFailure, 'same-between'),
]);
