/**
 * The robust futexes that a thread holds when it ends (set_robust_list(2), Documentation/locking/robust-futex-ABI): each
 * is marked as left behind by its owner, and one waiter is woken to find it so. The list lies in the guest's memory and
 * is whatever the guest made of it: every step may fail, and the walk has an end.
 */
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS, ROBUST_LIST_LIMIT } from '../abi/process.ts';
import type { GuestAccess } from './guest-access.ts';

/** struct robust_list_head (linux/futex.h): the first entry, the futexes' offset from their entries, the pending one. */
const head = { list: 0, futexOffset: 4, pending: 8, bytes: 12 } as const;
/** Bit 0 of a pointer to an entry: its futex is a priority-inheriting one, which has waiters of another kind. */
const priorityInheriting = 1;

export class RobustList {
  readonly #access: GuestAccess;
  readonly #tid: number;
  readonly #wake: (address: number) => void;

  /** @param wake wakes one waiter of an address */
  constructor(access: GuestAccess, tid: number, wake: (address: number) => void) {
    this.#access = access;
    this.#tid = tid;
    this.#wake = wake;
  }

  /** Walks the list whose head is at `address`; `done` at once when nothing is held and the head's block is here. */
  release(address: number, done: () => void): void {
    this.#access.read(address, head.bytes, (bytes) => {
      if (!bytes) return done();
      const view = new DataView(bytes.buffer);
      const first = view.getUint32(head.list, true);
      const pending = view.getUint32(head.pending, true);
      if (first === address && pending === 0) return done();
      this.#walk(address, first, view.getInt32(head.futexOffset, true), pending).then(done);
    });
  }

  async #walk(end: number, first: number, futexOffset: number, pending: number): Promise<void> {
    let entry = first;
    for (let left = ROBUST_LIST_LIMIT; entryAddress(entry) !== end && left > 0; left--) {
      // Looked at before its futex is let go: then the next owner may take the entry.
      const next = await this.#access.readAsync(entryAddress(entry), 4);
      if (entryAddress(entry) !== entryAddress(pending) && !(await this.#leave(entry, futexOffset, false))) return;
      if (!next) return;
      entry = new DataView(next.buffer).getUint32(0, true);
    }
    if (pending !== 0) await this.#leave(pending, futexOffset, true);
  }

  /**
   * Gives up the futex of an entry if the thread holds it. @param isPending it may be on its way in or out of the list:
   * free already, with nobody woken yet
   * @returns false when it can't be reached
   */
  async #leave(entry: number, futexOffset: number, isPending: boolean): Promise<boolean> {
    const address = (entryAddress(entry) + futexOffset) >>> 0;
    if (address & 3) return false;
    const inherits = (entry & priorityInheriting) !== 0;
    const found = await new Promise<number | null>((resolve) =>
      this.#access.perform(() => {
        for (;;) {
          const word = this.#access.readWord(address);
          if (word === null || (word & FUTEX_TID_MASK) !== this.#tid) return word;
          const left = (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
          const before = this.#access.compareExchangeWord(address, word, left);
          if (before === null || before === word) return before;
        }
      }, resolve),
    );
    if (found === null) return false;
    const held = (found & FUTEX_TID_MASK) === this.#tid;
    const isWaitedFor = held ? (found & FUTEX_WAITERS) !== 0 : isPending && found === 0;
    if (isWaitedFor && !inherits) this.#wake(address);
    return true;
  }
}

function entryAddress(entry: number): number {
  return (entry & ~priorityInheriting) >>> 0;
}
