/**
 * What is known not to work, with its reason: one line a case. A listed case is run all the same, and the test fails
 * when it passes, so that this table cannot go stale.
 */
export interface Skip {
  /** The names of the test files, without `.test.ts`. */
  readonly suites: readonly string[];
  /** The beginning of the case's name. */
  readonly name: string;
  readonly reason: string;
}

export const skipped: readonly Skip[] = [
  { suites: ['programs', 'tiers'], name: 'sockets.c', reason: 'sockets are not there yet' },
  {
    suites: ['litmus'],
    name: 'exclusives same-between',
    reason: "STREX does not notice another thread's plain store of the same value on the same node",
  },
];
