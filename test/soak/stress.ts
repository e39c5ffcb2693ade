/** The stress program from one seed to the next, several at a time, until the time is over. */
import { tails } from '../oracle.ts';
import { runStress, stressArguments, stressFailed } from '../stress.ts';
import { reportFailure, type SoakPart } from './part.ts';

/** Of one run. */
const seconds = 20;

export const stressPart: SoakPart = {
  name: 'stress',
  help: '--minutes of the stress program, with other switches at each seed',
  async run({ minutes, seed, jobs }) {
    const until = performance.now() + minutes * 60_000;
    let next = seed;
    let failures = 0;
    const job = async () => {
      // At least one run, so that no minutes at all are one seed again.
      do {
        const mine = next++;
        const outcome = await runStress(mine, seconds);
        if (stressFailed(outcome)) {
          failures++;
          const details = `  ${outcome.command}\n${outcome.timedOut ? '  did not end\n' : ''}${tails(outcome)}`;
          reportFailure(`stress seed ${mine}`, `--only stress --minutes 0 --jobs 1 --seed ${mine}`, details);
        } else console.log(`${outcome.stdout.toString().trim()} (${stressArguments(mine, seconds).options.join(' ')})`);
      } while (performance.now() < until);
    };
    await Promise.all(Array.from({ length: jobs }, job));
    console.log(`stress: seeds ${seed} to ${next - 1}, ${failures} failed`);
    return failures;
  },
};
