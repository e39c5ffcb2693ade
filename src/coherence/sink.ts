import type { Message } from './message.ts';

/**
 * What a node may do with a block. The same numbers are the states of the protocol: Invalid, Shared, Modified.
 */
export const Access = { None: 0, Read: 1, Write: 2 } as const;
export type Access = (typeof Access)[keyof typeof Access];

/**
 * The effects of the protocol, carried out by the shell around it. They come in the order in which they must happen.
 * None of them may call back into the node, with one exception: `wake` of an internal waiter may call `miss`.
 */
export interface CoherenceSink {
  /**
   * Sends to another node, in order for each destination. The record is reused: encode it before returning. When it
   * has `HasData`, the bytes of its part are those of guest memory at this very moment.
   */
  send(to: number, message: Message): void;
  /** Sets what this node's executors may do with `count` granules of the block from their next check on. */
  setAccess(block: number, granule: number, count: number, access: Access): void;
  /** From now on, or no longer, executors stop at the block though they may use it (before `setAccess` allows it). */
  setMark(block: number, marked: boolean): void;
  /**
   * Access to the granules was lowered: asks each executor inside guest code to poll.
   * @returns true when none is inside, so that the handshake is over already; otherwise `handshakeDone` must follow.
   */
  startHandshake(block: number, granule: number, count: number): boolean;
  /** The access that `waiter` missed is allowed now. A guest thread becomes runnable; an internal one acts at once. */
  wake(waiter: number, block: number): void;
  /** What the waiter asked for stays until `consumed(block, waiter)` or `pinExpired(block)`. */
  pin(block: number, waiter: number): void;
  /**
   * Another node waits for the pinned block: the moment to bound the pin by a timer that calls `pinExpired`.
   * @returns false when all those for whom it was pinned, any part of it, have used it meanwhile: nothing more will be
   *   said of them
   */
  pinContended(block: number): boolean;
  /**
   * Another node wants granules that this node may write and that nothing pins (any more).
   * @returns true to keep them for a while: `residencyOver(block, granule)` must follow, within a bound
   */
  keep(block: number, granule: number, count: number): boolean;
  /** Clears the granules' bytes in this node's memory. */
  zeroFill(block: number, granule: number, count: number): void;
  /** Every block of the range given to `reset` with this token that has its home here is back in its first state. */
  resetDone(token: number): void;
}
