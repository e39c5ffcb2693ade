/**
 * Which states of the protocol an event can meet; all other pairs are impossible. Derived from what the protocol asserts
 * and does, and checked from both sides: the simulator and the explorer must meet no other pair, the simulator must meet
 * each of these: the frequent ones in the check, the rare ones among 100,000 clusters.
 */
import type { EntryEvent, EntryState, LineEvent, LineState } from './coverage.ts';

type Pairs = Readonly<Record<EntryEvent, readonly EntryState[]> & Record<LineEvent, readonly LineState[]>>;

export const frequentPairs: Pairs = {
  GetS: ['none', 'owned', 'shared', 'serving', 'pushing', 'resetting'],
  GetM: ['none', 'owned', 'shared', 'serving', 'pushing', 'resetting'],
  // Asserted: Done ends a transaction of its sender, DiscardAck a part of a reset or of a push for writing.
  Done: ['serving', 'pushing'],
  DiscardAck: ['pushing', 'resetting'],
  // They speak of a thread, whatever has become of the block.
  Progress: ['none', 'owned', 'shared', 'serving', 'pushing', 'resetting'],
  Stream: ['none', 'owned', 'shared', 'serving', 'pushing', 'resetting'],
  // One reset runs at a time.
  reset: ['none', 'owned', 'shared', 'serving', 'pushing'],
  // What the home does of its own accord, whether it can or not.
  push: ['none', 'owned', 'shared', 'serving', 'pushing', 'resetting'],
  split: ['none', 'owned', 'shared', 'serving', 'pushing', 'resetting'],
  merge: ['none', 'owned', 'shared', 'serving', 'pushing', 'resetting'],
  // A thread: whatever it sees, for it may have checked a while ago.
  read: [
    'away',
    'invalid',
    'shared',
    'modified',
    'invalid asking',
    'shared asking',
    'invalid granted',
    'shared granted',
    'shared deferred',
    'modified deferred',
    'modified kept',
    'invalid handshake',
    'shared handshake',
    'invalid asking handshake',
    'shared asking handshake',
  ],
  write: [
    'away',
    'invalid',
    'shared',
    'modified',
    'invalid asking',
    'shared asking',
    'invalid granted',
    'shared granted',
    'shared deferred',
    'modified deferred',
    'shared asking deferred',
    'modified kept',
    'invalid handshake',
    'shared handshake',
    'invalid asking handshake',
    'shared asking handshake',
  ],
  // What may be written now, or could be when the thread checked.
  hold: [
    'modified',
    'modified deferred',
    'modified kept',
    'invalid handshake',
    'shared handshake',
    'invalid asking handshake',
    'shared asking handshake',
  ],
  // Only what was granted is pinned; obeying a demand ends the pins.
  consumed: [
    'shared',
    'modified',
    'shared asking',
    'modified asking',
    'shared granted',
    'shared deferred',
    'modified deferred',
    'shared asking deferred',
  ],
  pinExpired: [
    'shared',
    'modified',
    'shared asking',
    'modified asking',
    'shared granted',
    'shared deferred',
    'modified deferred',
    'shared asking deferred',
  ],
  // Asserted, or ignored: the shell answers what it was asked.
  residencyOver: ['modified kept', 'modified asking kept'],
  handshakeDone: ['invalid handshake', 'shared handshake', 'invalid asking handshake', 'shared asking handshake'],
  // Asserted: a demand meets what is held, one at a time; at the home also what it has never used.
  // Granted beside it is only a request for another part of a line that does not know yet that it is in parts.
  FwdGetS: ['away', 'shared', 'modified', 'shared asking', 'modified asking', 'shared granted'],
  FwdGetM: ['away', 'shared', 'modified', 'shared asking', 'modified asking', 'shared granted'],
  // Only a whole block is pushed, of which its owner wants nothing.
  'FwdGetS pushed': ['shared', 'modified', 'shared asking'],
  'FwdGetM pushed': ['away', 'shared', 'modified', 'shared asking'],
  // The home invalidates copies, never an owner.
  Inv: ['shared', 'shared asking', 'shared granted'],
  Discard: ['shared', 'modified', 'shared asking', 'shared granted'],
  // Asserted: an answer meets the request, once; bytes only where there are none, or the holder has them.
  Data: ['invalid asking'],
  'Data pushed': ['away', 'invalid', 'invalid asking'],
  Grant: ['shared asking', 'modified asking'],
  'Grant pushed': ['shared', 'shared asking'],
  // Asserted: somebody waits for it. It may overtake the answer that says how many there are.
  InvAck: ['invalid asking', 'shared asking', 'invalid granted', 'shared granted'],
  // Asserted: nothing is held any more.
  Restore: ['invalid', 'invalid asking'],
};

/** They take a block in parts, of which the node has more than one, wanted by others at the same time. */
export const rarePairs: Partial<Pairs> = {
  read: ['modified asking', 'shared asking deferred', 'modified asking deferred', 'modified asking kept'],
  write: ['modified asking', 'modified asking deferred', 'modified asking kept'],
  hold: ['modified asking', 'modified asking deferred', 'modified asking kept'],
  consumed: ['modified asking deferred'],
  pinExpired: ['modified asking deferred'],
  Discard: ['modified asking'],
  Restore: ['invalid granted'],
};
