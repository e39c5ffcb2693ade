/**
 * Requests from an executor to its node's agent: one single-producer, single-consumer ring for each executor, and one
 * doorbell for all. An agent that is awake is not notified; one that lingers is woken by a tenth of what it takes to
 * wake one that sleeps in its event loop.
 */
import { assert } from '../base/assert.ts';
import { AgentState, Node, nodeBase, Ring, RingEntry, ring, ringEntries } from '../layout/control.ts';

const bellIndex = (nodeBase + Node.agentBell.offset) >>> 2;
const stateIndex = (nodeBase + Node.agentState.offset) >>> 2;

export interface Request {
  kind: number;
  a: number;
  b: number;
  c: number;
}

export class RequestRing {
  readonly #words: Int32Array;
  readonly #head: number;
  readonly #tail: number;
  readonly #entries: number;

  constructor(controlWords: Int32Array, executor: number) {
    const base = ring(executor);
    this.#words = controlWords;
    this.#head = (base + Ring.head.offset) >>> 2;
    this.#tail = (base + Ring.tail.offset) >>> 2;
    this.#entries = (base + Ring.bytes) >>> 2;
  }

  /** Executor side. */
  post(kind: number, a: number, b: number, c: number): void {
    const words = this.#words;
    const tail = words[this.#tail] as number;
    assert(((tail - Atomics.load(words, this.#head)) | 0) < ringEntries, 'request ring is full');
    const at = this.#entries + ((tail & (ringEntries - 1)) * RingEntry.bytes) / 4;
    words[at + RingEntry.kind.index32] = kind;
    words[at + RingEntry.a.index32] = a;
    words[at + RingEntry.b.index32] = b;
    words[at + RingEntry.c.index32] = c;
    Atomics.store(words, this.#tail, (tail + 1) | 0);
    Atomics.add(words, bellIndex, 1);
    const state = Atomics.load(words, stateIndex);
    if (state === AgentState.asleep) Atomics.notify(words, bellIndex, 1);
    else if (state === AgentState.lingering) {
      // Only if it still does: it may have given up and be about to sleep, and then sees the bell.
      Atomics.compareExchange(words, stateIndex, AgentState.lingering, AgentState.awake);
      Atomics.notify(words, stateIndex, 1);
    }
  }

  /** Agent side: takes one request into `into`; false when there is none. */
  take(into: Request): boolean {
    const words = this.#words;
    const head = words[this.#head] as number;
    if (head === Atomics.load(words, this.#tail)) return false;
    const at = this.#entries + ((head & (ringEntries - 1)) * RingEntry.bytes) / 4;
    into.kind = words[at + RingEntry.kind.index32] as number;
    into.a = words[at + RingEntry.a.index32] as number;
    into.b = words[at + RingEntry.b.index32] as number;
    into.c = words[at + RingEntry.c.index32] as number;
    Atomics.store(words, this.#head, (head + 1) | 0);
    return true;
  }
}
