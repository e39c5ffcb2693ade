/**
 * One run of the stress program: the seed decides what its threads do and which of the emulator's switches are set, those
 * that `armada run --help` knows of.
 */
import { execFileSync } from 'node:child_process';
import { Prng } from '../src/base/prng.ts';
import { armadaCommand, armadaPath, limitMs, type Outcome, run } from './oracle.ts';
import { type GuestBuild, guest } from './toolchain.ts';

const build: GuestBuild = { source: 'stress.c', flags: ['-march=armv8-a', '-mfpu=neon-fp-armv8'] };

/** Each switch with the values it may have; '' is the switch by itself, undefined leaves it out. New ones at the end. */
const switches: readonly (readonly [flag: string, values: readonly (string | undefined)[]])[] = [
  ['--nodes', ['1', '2', '2', '3', '4']],
  ['--transport', ['tcp', 'unix', 'plain']],
  ['--directory', ['hashed', 'central']],
  ['--tier', ['auto', 'auto', 'interpreter', 'translator']],
  ['--executors', [undefined, '1', '2', '3']],
  ['--no-forwarding', [undefined, undefined, '']],
  ['--no-splitting', [undefined, undefined, '']],
  ['--no-migratory', [undefined, undefined, '']],
  ['--no-residency', [undefined, undefined, '']],
];
const threadsMin = 2;
const threadsMax = 9;

let help: string | undefined;

/** Options of `armada run`, and arguments of the program. */
export function stressArguments(seed: number, seconds: number): { options: string[]; args: string[] } {
  help ??= execFileSync(armadaPath, ['run', '--help'], { encoding: 'utf8' });
  const random = new Prng(seed);
  const threads = threadsMin + random.below(threadsMax - threadsMin + 1);
  const options: string[] = [];
  for (const [flag, values] of switches) {
    const value = random.pick(values);
    if (value !== undefined && new RegExp(`^ +${flag}\\b`, 'm').test(help))
      options.push(flag, ...(value === '' ? [] : [value]));
  }
  return { options, args: [String(seed), String(seconds), String(threads)] };
}

export function stressPath(): string {
  return guest(build);
}

/** Runs the program for `seconds`, and what it takes to start and end. */
export function runStress(seed: number, seconds: number): Promise<Outcome> {
  const { options, args } = stressArguments(seed, seconds);
  return run([...armadaCommand({ extra: options }), stressPath(), ...args], { limitMs: limitMs + 1000 * seconds });
}

export function stressFailed(outcome: Outcome): boolean {
  return outcome.timedOut || outcome.status !== 0;
}
