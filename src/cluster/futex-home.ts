/**
 * The futexes that are served on this node: those of the blocks that have their home here, and of those that a home has
 * lent to this node (futex-places.ts). A wait's value check and its enqueuing are one step of this node's thread, so no
 * wake can fall between: a wake that follows a store comes here after the store took this node's copy of the word away,
 * or after it was made on this node itself.
 */
import { Errno } from '../abi/errno.ts';
import { pageShift } from '../layout/access.ts';
import type { GuestAccess } from './guest-access.ts';

/** The answer to a wait or a wake: 0 or a count, or -errno. */
export type FutexReply = (result: number) => void;

/** A wait that stands in a queue: what it takes with it when the queue goes to another node. */
export interface StandingWait {
  readonly key: string;
  address: number;
  /** Times that it was moved from one home to another. */
  readonly moves: number;
  readonly bitset: number;
  /** On the clock of performance.now(); undefined when it has no limit. */
  readonly untilMs: number | undefined;
}

interface Waiter extends StandingWait {
  readonly reply: FutexReply;
  timer: NodeJS.Timeout | undefined;
}

/** FUTEX_REQUEUE, and with `expected` FUTEX_CMP_REQUEUE. */
export interface Requeue {
  readonly address: number;
  readonly wakeCount: number;
  readonly moveCount: number;
  readonly target: number;
  readonly expected: number | undefined;
}

/** Where waits go that are moved away from here. */
export interface Mover {
  /** Whether these may stand in a queue here at an address. */
  keeps(target: number, waits: readonly StandingWait[]): boolean;
  /** One that was kept stands at its new address. */
  kept(wait: StandingWait): void;
  /** Has them stand where the address is served. @param done called when they do */
  hand(target: number, waits: readonly StandingWait[], done: () => void): void;
}

/** Instead of a result: the futex is served elsewhere by now, and the call has to be made there. */
export const servedElsewhere = 1 << 30;

/** setTimeout takes at most this; longer waits are waited in parts. */
const timerMsMax = 2 ** 31 - 1;

export class FutexHome {
  readonly #access: GuestAccess;
  readonly #serves: (address: number) => boolean;
  readonly #queues = new Map<number, Waiter[]>();
  readonly #byKey = new Map<string, Waiter>();
  /** Waits that were cancelled while their value was still being fetched. */
  readonly #pending = new Map<string, { cancelled: boolean; readonly address: number }>();

  /** @param serves whether the futex at an address is served here at this moment */
  constructor(access: GuestAccess, serves: (address: number) => boolean = () => true) {
    this.#access = access;
    this.#serves = serves;
  }

  /**
   * FUTEX_WAIT_BITSET (futex(2)).
   * @param key names the wait for `cancel`
   * @param untilMs when it ends by time, on the clock of performance.now(); undefined: no limit
   * @param reply the result, or `servedElsewhere`
   */
  wait(
    key: string,
    address: number,
    expected: number,
    bitset: number,
    untilMs: number | undefined,
    reply: FutexReply,
  ): void {
    if (bitset === 0 || (address & 3) !== 0) return reply(-Errno.EINVAL);
    const pending = { cancelled: false, address };
    this.#pending.set(key, pending);
    this.#access.perform(
      () => {
        const value = this.#access.readWord(address);
        if (!this.#serves(address)) return servedElsewhere;
        if (value === null) return -Errno.EFAULT;
        if (value !== (expected | 0)) return -Errno.EAGAIN;
        if (pending.cancelled) return -Errno.EINTR;
        // Enqueued within the step: the word cannot change owner between the check and this.
        this.#enqueue({ key, address, moves: 0, bitset, untilMs, reply, timer: undefined });
        return 0;
      },
      (result) => {
        this.#pending.delete(key);
        if (result !== 0) reply(result);
      },
    );
  }

  #enqueue(waiter: Waiter): void {
    this.#byKey.set(waiter.key, waiter);
    this.#queue(waiter.address).push(waiter);
    if (waiter.untilMs !== undefined) this.#arm(waiter, waiter.untilMs);
  }

  /** A wait that stood in a queue on another node stands here now, behind those that do so already. */
  adopt(wait: StandingWait, reply: FutexReply): void {
    this.#enqueue({ ...wait, reply, timer: undefined });
  }

  /** The waits that stand in queues of a page, in their order. */
  standing(page: number): StandingWait[] {
    const waits: StandingWait[] = [];
    for (const [address, queue] of this.#queues) if (address >>> pageShift === page) waits.push(...queue);
    return waits;
  }

  /** Takes them out without a result. */
  take(page: number): StandingWait[] {
    const waits = this.standing(page) as Waiter[];
    for (const waiter of waits) this.#remove(waiter);
    return waits;
  }

  /** A wait of the page is still looking at its word. */
  isLooking(page: number): boolean {
    for (const { address } of this.#pending.values()) if (address >>> pageShift === page) return true;
    return false;
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
    this.#remove(waiter);
    waiter.reply(result);
  }

  #takeFirst(address: number, count: number): Waiter[] {
    const waiters = (this.#queues.get(address) ?? []).slice(0, count);
    for (const waiter of waiters) this.#remove(waiter);
    return waiters;
  }

  #remove(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    this.#byKey.delete(waiter.key);
    const queue = this.#queues.get(waiter.address);
    const at = queue?.indexOf(waiter) ?? -1;
    if (queue && at >= 0) {
      queue.splice(at, 1);
      if (queue.length === 0) this.#queues.delete(waiter.address);
    }
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
   * Takes waiters out of a queue in one step: the first ones to be woken, the next ones to stand at `target`. When that
   * is elsewhere the woken ones hear of it after the moved ones stand there, and so does the caller: whatever any of
   * them does then, a wake at `target` finds those that were moved.
   * @param reply a count, -errno or `servedElsewhere`
   */
  requeue({ address, wakeCount, moveCount, target, expected }: Requeue, mover: Mover, reply: FutexReply): void {
    if (wakeCount < 0 || moveCount < 0 || (address & 3) !== 0 || (target & 3) !== 0) return reply(-Errno.EINVAL);
    this.#access.perform(
      () => {
        const value = expected === undefined ? 0 : this.#access.readWord(address);
        if (!this.#serves(address)) return servedElsewhere;
        if (expected !== undefined) {
          if (value === null) return -Errno.EFAULT;
          if (value !== (expected | 0)) return -Errno.EAGAIN;
        }
        const woken = this.#takeFirst(address, wakeCount);
        const moved = this.#takeFirst(address, moveCount);
        const count = woken.length + moved.length;
        const wake = (): void => {
          for (const waiter of woken) waiter.reply(0);
        };
        if (moved.length > 0 && !mover.keeps(target, moved)) {
          mover.hand(target, moved, () => {
            wake();
            reply(count);
          });
          return undefined;
        }
        for (const waiter of moved) {
          waiter.address = target;
          this.#enqueue(waiter);
          mover.kept(waiter);
        }
        wake();
        return count;
      },
      (result) => {
        if (result !== undefined) reply(result);
      },
    );
  }

  /** Ends a wait early, for a signal; it answers -EINTR unless it was over already. @returns whether it is known here */
  cancel(key: string): boolean {
    const pending = this.#pending.get(key);
    if (pending) pending.cancelled = true;
    const waiter = this.#byKey.get(key);
    if (waiter) this.#finish(waiter, -Errno.EINTR);
    return pending !== undefined || waiter !== undefined;
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
