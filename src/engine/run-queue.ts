/**
 * The runnable guest threads of a node: a ring of thread slots in the control memory, under a spin lock that is held
 * for a few instructions. Executors take from it, everybody adds to it. The urgent threads, for which a block is kept
 * until they have used it, stand first, in the order in which they came.
 */
import { assert } from '../base/assert.ts';
import { Executor, executorRecord, Node, nodeBase, runQueueBase, threadsMax } from '../layout/control.ts';

const lockIndex = (nodeBase + Node.runLock.offset) >>> 2;
const headIndex = (nodeBase + Node.runHead.offset) >>> 2;
const tailIndex = (nodeBase + Node.runTail.offset) >>> 2;
const urgentIndex = (nodeBase + Node.runUrgent.offset) >>> 2;
const bellIndex = (nodeBase + Node.workBell.offset) >>> 2;
const idleIndex = (nodeBase + Node.idleExecutors.offset) >>> 2;
const waitingIndex = (nodeBase + Node.waitingExecutors.offset) >>> 2;
const stoppingIndex = (nodeBase + Node.stopping.offset) >>> 2;
const queueIndex = runQueueBase >>> 2;
/** Tries for the lock before sleeping: whoever holds it may have lost its processor. */
const lockTries = 200;
const lockWaitMs = 0.1;

export class RunQueue {
  readonly #words: Int32Array;

  constructor(controlWords: Int32Array) {
    this.#words = controlWords;
  }

  #lock(): void {
    for (let tries = 1; Atomics.compareExchange(this.#words, lockIndex, 0, 1) !== 0; tries++)
      if (tries % lockTries === 0) Atomics.wait(this.#words, lockIndex, 1, lockWaitMs);
  }

  #unlock(): void {
    Atomics.store(this.#words, lockIndex, 0);
  }

  #entry(position: number): number {
    return queueIndex + (position & (threadsMax - 1));
  }

  get length(): number {
    return (Atomics.load(this.#words, tailIndex) - Atomics.load(this.#words, headIndex)) | 0;
  }

  /** How many urgent threads wait. */
  get urgent(): number {
    return Atomics.load(this.#words, urgentIndex);
  }

  /** True when an executor waits for work. */
  get idle(): boolean {
    return Atomics.load(this.#words, idleIndex) > 0;
  }

  /** Adds a thread, behind all others or (`urgent`) behind the urgent ones, and wakes an idle executor. */
  push(slot: number, urgent = false): void {
    const words = this.#words;
    this.#lock();
    const head = words[headIndex] as number;
    const tail = words[tailIndex] as number;
    assert(((tail - head) | 0) < threadsMax, 'run queue is full');
    if (urgent) {
      const before = words[urgentIndex] as number;
      for (let i = 0; i < before; i++) words[this.#entry(head - 1 + i)] = words[this.#entry(head + i)] as number;
      words[this.#entry(head - 1 + before)] = slot;
      Atomics.store(words, urgentIndex, before + 1);
      Atomics.store(words, headIndex, (head - 1) | 0);
    } else {
      words[this.#entry(tail)] = slot;
      Atomics.store(words, tailIndex, (tail + 1) | 0);
    }
    this.#unlock();
    Atomics.add(words, bellIndex, 1);
    if (Atomics.load(words, idleIndex) > 0) Atomics.notify(words, bellIndex, 1);
  }

  /** The next thread's slot, -1 when there is none. */
  tryPop(): number {
    const words = this.#words;
    if (this.length <= 0) return -1;
    this.#lock();
    const head = words[headIndex] as number;
    let slot = -1;
    if (head !== words[tailIndex]) {
      slot = words[this.#entry(head)] as number;
      const urgent = words[urgentIndex] as number;
      if (urgent > 0) Atomics.store(words, urgentIndex, urgent - 1);
      Atomics.store(words, headIndex, (head + 1) | 0);
    }
    this.#unlock();
    return slot;
  }

  /** Takes the first urgent thread in exchange for `slot`, which comes next behind the urgent ones; `slot` if none. */
  exchange(slot: number): number {
    const words = this.#words;
    this.#lock();
    const urgent = words[urgentIndex] as number;
    let taken = slot;
    if (urgent > 0) {
      const head = words[headIndex] as number;
      taken = words[this.#entry(head)] as number;
      for (let i = 1; i < urgent; i++) words[this.#entry(head + i - 1)] = words[this.#entry(head + i)] as number;
      words[this.#entry(head + urgent - 1)] = slot;
      Atomics.store(words, urgentIndex, urgent - 1);
    }
    this.#unlock();
    return taken;
  }

  /** Waits for a thread; -1 when the node is stopping or when mail for `executor` has come. */
  pop(executor: number, mailSeen: number): number {
    const words = this.#words;
    const mailIndex = (executorRecord(executor) + Executor.mailSeq.offset) >>> 2;
    for (;;) {
      const bell = Atomics.load(words, bellIndex);
      const slot = this.tryPop();
      if (slot >= 0) return slot;
      if (Atomics.load(words, stoppingIndex) !== 0 || Atomics.load(words, mailIndex) !== mailSeen) return -1;
      this.#sleep(bell);
    }
  }

  /**
   * Sleeps until a thread becomes runnable, at most `ms`: for a thread that yields to nobody. One that only waits for a
   * store (`forStore`) is woken by `ringWaiting` too.
   */
  doze(ms: number, forStore = false): void {
    const words = this.#words;
    const bell = Atomics.load(words, bellIndex);
    if (forStore) Atomics.add(words, waitingIndex, 1);
    if (this.length <= 0) this.#sleep(bell, ms);
    if (forStore) Atomics.sub(words, waitingIndex, 1);
  }

  /** A block has left this node, perhaps for the store that somebody here waits for. */
  ringWaiting(): void {
    if (Atomics.load(this.#words, waitingIndex) > 0) this.ringAll();
  }

  #sleep(bell: number, ms?: number): void {
    const words = this.#words;
    Atomics.add(words, idleIndex, 1);
    Atomics.wait(words, bellIndex, bell, ms);
    Atomics.sub(words, idleIndex, 1);
  }

  /** Wakes every idle executor, for mail or for the end. */
  ringAll(): void {
    Atomics.add(this.#words, bellIndex, 1);
    Atomics.notify(this.#words, bellIndex);
  }
}
