/**
 * Seeded mistakes, to prove that the explorer and the simulator notice them. Only they ever set one; production passes
 * none.
 */
export interface Faults {
  /** The home serves the next transaction without waiting for the requester's Done. */
  readonly unblockEarly?: boolean;
  /** An invalidation is acknowledged while executors may still use the block. */
  readonly ackBeforeHandshake?: boolean;
  /** The bytes of a block are sent while executors may still store to it. */
  readonly dataBeforeHandshake?: boolean;
  /** The home grants an upgrade because the request says that its sender holds a copy. */
  readonly trustRequestFlag?: boolean;
  /** The home's invalidations never reach the first sharer. */
  readonly loseInvalidation?: boolean;
  /** The home overlooks one sharer: neither invalidated nor waited for. */
  readonly forgetSharer?: boolean;
  /** A request that a push has satisfied is served once more. */
  readonly serveAgain?: boolean;
  /** A node refuses a pushed block because it has asked for it itself. */
  readonly refusePush?: boolean;
  /** A block is given up although the access that asked for it has not been completed. */
  readonly ignorePin?: boolean;
  /** The end of a residency begins another one. */
  readonly keepsAgain?: boolean;
  /** A block is split in the middle of a transaction. */
  readonly splitBusy?: boolean;
  /** The parts of a split lack one of the sharers. */
  readonly splitForgetsSharer?: boolean;
  /** Parts are joined though they have different owners. */
  readonly mergeAnyOwner?: boolean;
  /** The home asks holders for the whole block where it serves a part. */
  readonly demandsWhole?: boolean;
  /** A node takes a grant to be for all that it asked for, though the block was split meanwhile. */
  readonly staleRange?: boolean;
  /** A waiter is forgotten when the answer is for a part that does not have what it waits for. */
  readonly forgetsOtherParts?: boolean;
  /** A downgrade leaves the tags of the part's granules as they are. Of the shell, which the model plays. */
  readonly downgradeLeavesTags?: boolean;
  /** A downgrade changes the tags before its handshake, not after it. Of the shell. */
  readonly tagsBeforeHandshake?: boolean;
  /** A store-exclusive that succeeds leaves its granule's tag as it was. Of the shell. */
  readonly storeExclusiveLeavesTag?: boolean;
  /** The agent obeys demands that make no sense in its state, so that a mistake shows its consequence. */
  readonly assertionsOff?: boolean;
}

export const noFaults: Faults = {};
