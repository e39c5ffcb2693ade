/**
 * The handshake (design: "Downgrade = handshake") as seen by whoever asks for it, mostly the agent: after the access
 * bytes were set, every executor that is inside guest code is made to leave it once.
 */
import { assert } from '../base/assert.ts';
import { Executor, executorRecord, Node, nodeBase } from '../layout/control.ts';

const stoppingIndex = (nodeBase + Node.stopping.offset) >>> 2;

/** Loads of an executor's epoch before the agent goes to sleep on it. */
const spinLoads = 300;
/** The agent looks again after this long, in case that a wake-up fell between. */
const waitMs = 2;
/**
 * An executor that stays in guest code for so many of these (a minute) has died there, or a loop of translated code has
 * no poll. Time in which this process was stopped does not count.
 */
const waitsMax = 30_000;

export class Handshake {
  readonly #words: Int32Array;
  readonly #executors: number;
  /** Handshakes that found an executor inside guest code. */
  waits = 0;

  constructor(controlWords: Int32Array, executors: number) {
    this.#words = controlWords;
    this.#executors = executors;
  }

  #index(executor: number, field: { readonly index32: number }): number {
    return (executorRecord(executor) >>> 2) + field.index32;
  }

  /** Asks every executor inside guest code to leave it, without waiting: for mail, preemption and signals. */
  raiseAll(): void {
    for (let i = 0; i < this.#executors; i++) this.raise(i);
  }

  /** An executor is inside guest code. */
  get anyInside(): boolean {
    for (let i = 0; i < this.#executors; i++)
      if (Atomics.load(this.#words, this.#index(i, Executor.inGuest)) !== 0) return true;
    return false;
  }

  raise(executor: number): void {
    Atomics.store(this.#words, this.#index(executor, Executor.poll), 1);
  }

  /**
   * Returns when every executor that was inside guest code has left it. An executor that asks must itself be outside.
   * (Of two who wait for one executor the second may miss its ring, and then looks again after `waitMs`.)
   */
  run(): void {
    const words = this.#words;
    // The executors are being ended, wherever they are: one that was in guest code will not leave it any more.
    if (Atomics.load(words, stoppingIndex) !== 0) return;
    for (let i = 0; i < this.#executors; i++) {
      const inGuest = this.#index(i, Executor.inGuest);
      if (Atomics.load(words, inGuest) === 0) continue;
      const epochIndex = this.#index(i, Executor.epoch);
      const epoch = Atomics.load(words, epochIndex);
      if (Atomics.load(words, inGuest) === 0) continue;
      this.raise(i);
      this.waits++;
      let spins = 0;
      while (Atomics.load(words, epochIndex) === epoch && spins < spinLoads) spins++;
      if (spins < spinLoads) continue;
      const waiter = this.#index(i, Executor.epochWaiter);
      Atomics.store(words, waiter, 1);
      for (let waits = 0; Atomics.load(words, epochIndex) === epoch; waits++) {
        assert(waits < waitsMax, `executor ${i} does not leave guest code`);
        Atomics.wait(words, epochIndex, epoch, waitMs);
      }
      Atomics.store(words, waiter, 0);
    }
  }
}
