/** The litmus programs, for `npm test` and, with many more iterations, for `npm run soak`. */
import type { Mode } from './oracle.ts';
import { type GuestBuild, guest } from './toolchain.ts';

/** LDA, STL and their exclusive forms are Armv8. */
const flags = ['-march=armv8-a', '-mfpu=neon-fp-armv8'];

export const litmusBuilds = {
  shapes: { source: 'litmus-shapes.c', flags },
  exclusives: { source: 'litmus-exclusives.c', flags },
} as const satisfies Record<string, GuestBuild>;
export type LitmusProgram = keyof typeof litmusBuilds;
export const litmusPrograms = Object.keys(litmusBuilds) as LitmusProgram[];

export const litmusModes: readonly Mode[] = [
  { nodes: 2, transport: 'tcp' },
  { nodes: 2, transport: 'unix' },
  { nodes: 3, transport: 'tcp' },
  // A worker for each thread, whatever cores there are: so one may be stopped between any two instructions.
  { nodes: 1, extra: ['--executors', '4'] },
];

/** Arguments of a litmus program; it runs all its tests when none is named. */
export function litmusArguments(mode: Mode, iterations: number, ...tests: readonly string[]): string[] {
  return [(mode.nodes ?? 1) === 1 ? 'within' : 'between', String(iterations), ...tests];
}

export function litmusPath(program: LitmusProgram): string {
  return guest(litmusBuilds[program]);
}
