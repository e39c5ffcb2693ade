/**
 * How long an executor sleeps for a thread that only waits for another one's store. The rounds of such loops are counted
 * in the executor's record: by translated code, and here for the interpreter.
 */
import { Executor as ExecutorRecord, waitRoundsPerExit } from '../layout/control.ts';

/** Who only waits keeps its processor for so long; then it sleeps for a part of the time that it has waited. */
const busyWaitMs = 0.01;
const dozeShare = 0.25;
const dozeMsMax = 1;
/** An interpreted round takes as long as about this many translated ones; waitRoundsPerExit is a multiple. */
const interpretedRounds = 16;
/** What a count that goes on is kept at: more than at the first exit of a loop. */
const longRounds = 2 * waitRoundsPerExit;

export class WaitingRounds {
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #dozeMsMin: number;
  #start = 0;

  /** @param record the executor's, as an index of words · @param dozeMsMin its shortest sleep, milliseconds */
  constructor(words: Int32Array, record: number, dozeMsMin: number) {
    this.#words = words;
    this.#index = record + ExecutorRecord.waitRounds.index32;
    this.#dozeMsMin = dozeMsMin;
  }

  /** Another thread runs now. */
  reset(): void {
    this.#words[this.#index] = 0;
  }

  /** A round of an interpreted loop, or (`again` is false) its end. @returns whether a translated one would leave here */
  interpreted(again: boolean): boolean {
    const rounds = again ? this.#words[this.#index]! + interpretedRounds : 0;
    this.#words[this.#index] = rounds;
    return rounds !== 0 && rounds % waitRoundsPerExit === 0;
  }

  /** A waiting loop was left. @returns how long to sleep, milliseconds; 0 to go on */
  sleepMs(now: number): number {
    if (this.#words[this.#index]! < longRounds) this.#start = now;
    else this.#words[this.#index] = longRounds;
    const waited = now - this.#start;
    return waited < busyWaitMs ? 0 : Math.min(dozeMsMax, Math.max(this.#dozeMsMin, waited * dozeShare));
  }
}
