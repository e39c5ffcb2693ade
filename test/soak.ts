/**
 * `npm run soak`: the long forms of what `npm test` does shortly. Each part prints a line for each run; a run that fails
 * says how to do it again. The status is 1 when one did.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { litmusPart } from './soak/litmus.ts';
import type { SoakOptions, SoakPart } from './soak/part.ts';
import { secondsSince } from './soak/part.ts';
import { simulatorPart } from './soak/simulator.ts';
import { stressPart } from './soak/stress.ts';

const parts: readonly SoakPart[] = [stressPart, litmusPart, simulatorPart];
const usage = `usage: npm run soak -- [--only PART] [options]
${parts.map(({ name, help }) => `  ${name.padEnd(10)} ${help}`).join('\n')}
  --iterations N (100000)  --tests REGEX  --minutes N (30)  --seed N (1)  --seeds N (1000000)
  --jobs N   at the same time (one for each core)`;

function readOptions(): { chosen: readonly SoakPart[]; options: SoakOptions } {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        iterations: { type: 'string', default: '100000' },
        tests: { type: 'string', default: '' },
        minutes: { type: 'string', default: '30' },
        seed: { type: 'string', default: '1' },
        seeds: { type: 'string', default: '1000000' },
        jobs: { type: 'string', default: String(availableParallelism()) },
      },
    });
    const chosen = parts.filter(({ name }) => values.only === undefined || values.only === name);
    if (chosen.length === 0) throw new Error(`--only takes ${parts.map(({ name }) => name).join(', ')}`);
    const whole = (flag: 'iterations' | 'minutes' | 'seed' | 'seeds' | 'jobs', least: number): number => {
      const value = Number(values[flag]);
      if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${flag} takes a number from ${least} up`);
      return value;
    };
    const options = {
      iterations: whole('iterations', 1),
      tests: new RegExp(values.tests),
      minutes: whole('minutes', 0),
      seed: whole('seed', 1),
      seeds: whole('seeds', 1),
      jobs: whole('jobs', 1),
    };
    return { chosen, options };
  } catch (error) {
    console.error(`soak: ${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

const { chosen, options } = readOptions();
const results: string[] = [];
for (const { name, run } of chosen) {
  const start = performance.now();
  console.log(`${name} ...`);
  const failures = await run(options);
  results.push(`${name}: ${failures === 0 ? 'passed' : `${failures} FAILED`}, ${secondsSince(start)}`);
  if (failures > 0) process.exitCode = 1;
}
console.log(results.join('\n'));
