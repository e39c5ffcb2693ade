/**
 * The futexes of the addresses whose blocks have their home on this node. A wait's value check and its enqueuing are
 * one step of this node's thread, so no wake can fall between: a wake that follows a store comes here after the store
 * took this node's copy of the word away, or after it was made on this node itself.
 */
import { Errno } from '../abi/errno.ts';
import type { GuestAccess } from './guest-access.ts';

/** The answer to a wait or a wake: 0 or a count, or -errno. */
export type FutexReply = (result: number) => void;

interface Waiter {
  readonly key: string;
  address: number;
  readonly bitset: number;
  readonly reply: FutexReply;
  timer: NodeJS.Timeout | undefined;
}

/** setTimeout takes at most this; longer waits are waited in parts. */
const timerMsMax = 2 ** 31 - 1;

export class FutexHome {
  readonly #access: GuestAccess;
  readonly #queues = new Map<number, Waiter[]>();
  readonly #byKey = new Map<string, Waiter>();
  /** Waits that were cancelled while their value was still being fetched. */
  readonly #pending = new Map<string, { cancelled: boolean }>();

  constructor(access: GuestAccess) {
    this.#access = access;
  }

  /**
   * FUTEX_WAIT_BITSET (futex(2)).
   * @param key names the wait for `cancel`
   * @param timeoutMs negative: no limit
   */
  wait(key: string, address: number, expected: number, bitset: number, timeoutMs: number, reply: FutexReply): void {
    if (bitset === 0 || (address & 3) !== 0) return reply(-Errno.EINVAL);
    const pending = { cancelled: false };
    this.#pending.set(key, pending);
    this.#access.perform(
      () => {
        const value = this.#access.readWord(address);
        if (value === null) return -Errno.EFAULT;
        if (value !== (expected | 0)) return -Errno.EAGAIN;
        if (pending.cancelled) return -Errno.EINTR;
        // Enqueued within the step: the word cannot change owner between the check and this.
        this.#enqueue({ key, address, bitset, reply, timer: undefined }, timeoutMs);
        return 0;
      },
      (result) => {
        this.#pending.delete(key);
        if (result !== 0) reply(result);
      },
    );
  }

  #enqueue(waiter: Waiter, timeoutMs: number): void {
    this.#byKey.set(waiter.key, waiter);
    this.#queue(waiter.address).push(waiter);
    if (timeoutMs >= 0) this.#arm(waiter, performance.now() + timeoutMs);
  }

  #arm(waiter: Waiter, deadlineMs: number): void {
    const leftMs = Math.max(0, deadlineMs - performance.now());
    waiter.timer = setTimeout(
      () => {
        if (performance.now() < deadlineMs) this.#arm(waiter, deadlineMs);
        else this.#finish(waiter, -Errno.ETIMEDOUT);
      },
      Math.min(Math.ceil(leftMs), timerMsMax),
    );
  }

  #queue(address: number): Waiter[] {
    let queue = this.#queues.get(address);
    if (!queue) {
      queue = [];
      this.#queues.set(address, queue);
    }
    return queue;
  }

  #finish(waiter: Waiter, result: number): void {
    clearTimeout(waiter.timer);
    this.#byKey.delete(waiter.key);
    const queue = this.#queues.get(waiter.address);
    const at = queue?.indexOf(waiter) ?? -1;
    if (queue && at >= 0) {
      queue.splice(at, 1);
      if (queue.length === 0) this.#queues.delete(waiter.address);
    }
    waiter.reply(result);
  }

  /** FUTEX_WAKE_BITSET: wakes up to `count` waiters, first come first served. @returns how many */
  wake(address: number, count: number, bitset: number): number {
    if (bitset === 0) return -Errno.EINVAL;
    let woken = 0;
    for (const waiter of [...(this.#queues.get(address) ?? [])]) {
      if (woken >= count) break;
      if ((waiter.bitset & bitset) === 0) continue;
      this.#finish(waiter, 0);
      woken++;
    }
    return woken;
  }

  /**
   * FUTEX_REQUEUE and FUTEX_CMP_REQUEUE: wakes `wakeCount`, and moves up to `moveCount` to `target` when that has its
   * home here too (`targetIsHere`), else wakes them: a wake without cause is one that every caller must bear.
   */
  requeue(
    address: number,
    wakeCount: number,
    moveCount: number,
    target: number,
    expected: number | undefined,
    targetIsHere: boolean,
    reply: FutexReply,
  ): void {
    this.#access.perform(() => {
      if (expected !== undefined) {
        const value = this.#access.readWord(address);
        if (value === null) return -Errno.EFAULT;
        if (value !== (expected | 0)) return -Errno.EAGAIN;
      }
      const woken = this.wake(address, wakeCount, -1);
      if (!targetIsHere) return woken + this.wake(address, moveCount, -1);
      const queue = this.#queues.get(address) ?? [];
      const moved = queue.splice(0, moveCount);
      if (queue.length === 0) this.#queues.delete(address);
      for (const waiter of moved) {
        waiter.address = target;
        this.#queue(target).push(waiter);
      }
      return woken + moved.length;
    }, reply);
  }

  /** Ends a wait early, for a signal; it answers -EINTR unless it was over already. */
  cancel(key: string): void {
    const pending = this.#pending.get(key);
    if (pending) pending.cancelled = true;
    const waiter = this.#byKey.get(key);
    if (waiter) this.#finish(waiter, -Errno.EINTR);
  }

  /** Waiters by address, for the dump. */
  describe(): string[] {
    return [...this.#queues].map(
      ([address, queue]) => `futex ${address.toString(16)}: ${queue.map(({ key }) => key).join(' ')}`,
    );
  }

  stop(): void {
    for (const waiter of this.#byKey.values()) clearTimeout(waiter.timer);
  }
}
