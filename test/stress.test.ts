/**
 * The stress program under mixtures of switches, one for each seed; `npm run soak` goes on where this ends. It runs under
 * qemu-arm first, which shows that the program itself is right.
 */
import assert from 'node:assert/strict';
import { type Case, runCases } from './cases.ts';
import { oracle, tails } from './oracle.ts';
import { runStress, stressArguments, stressFailed, stressPath } from './stress.ts';

const seeds = 12;
const seconds = 4;
/** Operations of each thread in a round, and no processes: qemu-arm hangs now and then when one of several threads forks. */
const withoutProcesses = ['400', '0'];

const cases: Case[] = [
  {
    name: 'the program itself, under qemu-arm',
    async run() {
      const outcome = await oracle({
        path: stressPath(),
        args: [...stressArguments(1, seconds).args, ...withoutProcesses],
      });
      assert(!outcome.timedOut && outcome.status === 0, tails(outcome));
    },
  },
];
for (let seed = 1; seed <= seeds; seed++) {
  const { options } = stressArguments(seed, seconds);
  cases.push({
    name: `seed ${seed}: ${options.join(' ')}`,
    async run() {
      const outcome = await runStress(seed, seconds);
      assert(!stressFailed(outcome), `${outcome.command}\n${tails(outcome)}`);
    },
  });
}
runCases(import.meta.url, 'stress', cases);
