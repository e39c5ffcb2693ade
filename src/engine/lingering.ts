/**
 * The agent's short wait for the threads that it has just made runnable. Most of them run a few microseconds and ask for
 * the next thing; an agent that has gone back to its event loop meanwhile must be fetched by a doorbell through the
 * kernel and V8's task queue, and sends the next request in a packet of its own. One that lingers gives its processor to
 * the executor, and is woken by a futex. Where that was in vain it is not tried again for a while.
 */
import { AgentState, Node, nodeBase } from '../layout/control.ts';

const bellIndex = (nodeBase + Node.agentBell.offset) >>> 2;
const stateIndex = (nodeBase + Node.agentState.offset) >>> 2;
/** Long enough for an executor to wake, make the access it waited for, and come to the next one. */
const lingerMs = 0.03;
/** Occasions that are let pass after many failures in a row. */
const passedMax = 63;

export class Lingering {
  readonly #words: Int32Array;
  /** Occasions to let pass after the next failure, and those still to be let pass now. */
  #penalty = 0;
  #passing = 0;

  constructor(controlWords: Int32Array) {
    this.#words = controlWords;
  }

  /** The next wait will be one. */
  get willWait(): boolean {
    return this.#passing === 0;
  }

  /**
   * Waits for a request to be posted, if that is likely to come soon.
   * @param bell the doorbell as it was before the rings were found empty
   * @returns true when it has rung since
   */
  wait(bell: number): boolean {
    if (this.#passing > 0) {
      this.#passing--;
      return false;
    }
    const words = this.#words;
    Atomics.store(words, stateIndex, AgentState.lingering);
    if (Atomics.load(words, bellIndex) === bell) Atomics.wait(words, stateIndex, AgentState.lingering, lingerMs);
    Atomics.store(words, stateIndex, AgentState.awake);
    const rang = Atomics.load(words, bellIndex) !== bell;
    this.#penalty = rang ? 0 : Math.min(passedMax, 2 * this.#penalty + 1);
    this.#passing = this.#penalty;
    return rang;
  }
}
