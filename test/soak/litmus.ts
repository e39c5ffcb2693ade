/** The litmus programs, a run for each test and mode. */
import { execFileSync } from 'node:child_process';
import { litmusArguments, litmusModes, litmusPath, litmusPrograms } from '../litmus.ts';
import { armada, armadaPath, limitMs, modeName, tails } from '../oracle.ts';
import { reportFailure, type SoakPart, secondsSince } from './part.ts';

/** What an iteration may take on a machine that does much else. */
const iterationMsMax = 20;

export const litmusPart: SoakPart = {
  name: 'litmus',
  help: '--iterations of each test of memory order, on each cluster (--tests REGEX chooses)',
  async run({ iterations, tests }) {
    let failures = 0;
    for (const mode of litmusModes) {
      for (const program of litmusPrograms) {
        const path = litmusPath(program);
        for (const test of testsOf(path)) {
          const name = `${program} ${test} on ${modeName(mode)}`;
          if (!tests.test(name)) continue;
          const start = performance.now();
          const limit = limitMs + iterations * iterationMsMax;
          const outcome = await armada({ path, args: litmusArguments(mode, iterations, test), limitMs: limit }, mode);
          if (outcome.timedOut || outcome.status !== 0) {
            failures++;
            const chosen = `--tests '^${name.replace(/[+.]/g, '\\$&')}$'`;
            reportFailure(name, `--only litmus --iterations ${iterations} ${chosen}`, tails(outcome));
          } else console.log(`${name}, ${secondsSince(start)}: ${outcome.stdout.toString().split('\n')[0]}`);
        }
      }
    }
    return failures;
  },
};

function testsOf(path: string): string[] {
  const names = execFileSync(armadaPath, ['run', path, 'list'], { encoding: 'utf8', timeout: limitMs });
  return names.trim().split('\n');
}
