/** What the parts of `npm run soak` share. */

/** What the command line chose. */
export interface SoakOptions {
  /** Of each litmus test. */
  readonly iterations: number;
  /** Litmus tests by `program test on mode`. */
  readonly tests: RegExp;
  /** How long the stress program runs, over and over. */
  readonly minutes: number;
  /** Of the stress program and the simulator: the first seed, and how many the simulator runs. */
  readonly seed: number;
  readonly seeds: number;
  /** Runs of the stress program, and of the simulator, at the same time. */
  readonly jobs: number;
}

export interface SoakPart {
  readonly name: string;
  readonly help: string;
  /** Says how it goes and what came of it; answers how many runs failed. */
  run(options: SoakOptions): Promise<number>;
}

/** A failure: one line, the command that does it again, and what was printed. */
export function reportFailure(what: string, replay: string, details: string): void {
  console.log(`FAILED ${what}\n  again: npm run soak -- ${replay}\n${details}`);
}

export function secondsSince(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(0)} s`;
}
