/**
 * The runnable guest threads of a node: a ring of thread slots in the control memory, under a spin lock that is held
 * for a few instructions. Executors take from it, everybody adds to it.
 */
import { assert } from '../base/assert.ts';
import { Executor, executorRecord, Node, nodeBase, runQueueBase, threadsMax } from '../layout/control.ts';

const lockIndex = (nodeBase + Node.runLock.offset) >>> 2;
const headIndex = (nodeBase + Node.runHead.offset) >>> 2;
const tailIndex = (nodeBase + Node.runTail.offset) >>> 2;
const bellIndex = (nodeBase + Node.workBell.offset) >>> 2;
const idleIndex = (nodeBase + Node.idleExecutors.offset) >>> 2;
const stoppingIndex = (nodeBase + Node.stopping.offset) >>> 2;
const queueIndex = runQueueBase >>> 2;

export class RunQueue {
  readonly #words: Int32Array;

  constructor(controlWords: Int32Array) {
    this.#words = controlWords;
  }

  #lock(): void {
    while (Atomics.compareExchange(this.#words, lockIndex, 0, 1) !== 0) {}
  }

  #unlock(): void {
    Atomics.store(this.#words, lockIndex, 0);
  }

  get length(): number {
    return (Atomics.load(this.#words, tailIndex) - Atomics.load(this.#words, headIndex)) | 0;
  }

  /** Adds a thread and wakes an idle executor. `urgent` puts it first: a thread whose block was just obtained. */
  push(slot: number, urgent = false): void {
    const words = this.#words;
    this.#lock();
    const head = words[headIndex] as number;
    const tail = words[tailIndex] as number;
    assert(((tail - head) | 0) < threadsMax, 'run queue is full');
    if (urgent) {
      const at = (head - 1) | 0;
      words[queueIndex + (at & (threadsMax - 1))] = slot;
      Atomics.store(words, headIndex, at);
    } else {
      words[queueIndex + (tail & (threadsMax - 1))] = slot;
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
      slot = words[queueIndex + (head & (threadsMax - 1))] as number;
      Atomics.store(words, headIndex, (head + 1) | 0);
    }
    this.#unlock();
    return slot;
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
      Atomics.add(words, idleIndex, 1);
      Atomics.wait(words, bellIndex, bell);
      Atomics.sub(words, idleIndex, 1);
    }
  }

  /** Wakes every idle executor, for mail or for the end. */
  ringAll(): void {
    Atomics.add(this.#words, bellIndex, 1);
    Atomics.notify(this.#words, bellIndex);
  }
}
