/**
 * Seeded mistakes, to prove that the explorer and the simulator notice them. Only they ever set one; production passes
 * none. Those of the shell are made by the model, which plays it.
 */
export const faultMeanings = {
  unblockEarly: "The home serves the next transaction without waiting for the requester's Done.",
  ackBeforeHandshake: 'An invalidation is acknowledged while executors may still use the block.',
  dataBeforeHandshake: 'The bytes of a block are sent while executors may still store to it.',
  trustRequestFlag: 'The home grants an upgrade because the request says that its sender holds a copy.',
  loseInvalidation: "The home's invalidations never reach the first sharer.",
  forgetSharer: 'The home overlooks one sharer: neither invalidated nor waited for.',
  serveAgain: 'A request that a push has satisfied is served once more.',
  refusePush: 'A node refuses a pushed block because it has asked for it itself.',
  markStays: 'Executors go on stopping at a marked block when a thread has come to it.',
  ignorePin: 'A block is given up although the access that asked for it has not been completed.',
  pinsOutlast: 'When all that was pinned of a block has been used, pins of other parts than the wanted one stay.',
  keepsAgain: 'The end of a residency begins another one.',
  splitBusy: 'A block is split in the middle of a transaction.',
  splitForgetsSharer: 'The parts of a split lack one of the sharers.',
  mergeAnyOwner: 'Parts are joined though they have different owners.',
  demandsWhole: 'The home asks holders for the whole block where it serves a part.',
  staleRange: 'A node takes a grant to be for all that it asked for, though the block was split meanwhile.',
  forgetsOtherParts: 'A waiter is forgotten when the answer is for a part that does not have what it waits for.',
  downgradeLeavesTags: "A downgrade leaves the tags of the part's granules as they are. Of the shell.",
  tagsBeforeHandshake: 'A downgrade changes the tags before its handshake, not after it. Of the shell.',
  storeExclusiveLeavesTag: "A store-exclusive that succeeds leaves its granule's tag as it was. Of the shell.",
  resetKeepsBytes: 'The home takes back a block that is reset without clearing its bytes.',
  resetForgetsSharer: 'A reset overlooks one of the sharers.',
  resetBeforeAcks: 'A reset is over when the first holder has given the block up.',
  unmapsWithoutHandshake: 'A node unmaps while executors may still use the pages. Of the shell.',
  assertionsOff: 'The agent obeys demands that make no sense in its state, so that a mistake shows its consequence.',
} as const;

export type Fault = keyof typeof faultMeanings;
export type Faults = { readonly [name in Fault]?: boolean };

export const noFaults: Faults = {};
