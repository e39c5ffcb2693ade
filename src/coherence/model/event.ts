import { Access } from '../sink.ts';

export const EventKind = {
  /** A thread sets out to load or store, by a new check or by one that is still valid. */
  Start: 0,
  /** A thread that was woken or interrupted checks again. */
  Enter: 1,
  /** The load or store itself. */
  Perform: 2,
  /** The poll fires. */
  Poll: 3,
  /** The thread leaves guest code on its own account. */
  Leave: 4,
  /** The miss reaches the agent. */
  Miss: 5,
  Deliver: 6,
  HandshakeDone: 7,
  PinExpired: 8,
  Reset: 9,
  /** A thread that may store holds the block until it has stored. */
  Hold: 10,
  /** The home sends a block to the node that stands for the slot, for reading or writing. */
  Push: 11,
  /** The home splits a part, or joins it with its brothers; the slot stands for its first granule. */
  Split: 12,
  Merge: 13,
  /** The node gives up at last what it kept when another one wanted it; the slot stands for the part's first granule. */
  ResidencyOver: 14,
  /** A thread sets out to load exclusively, or to store to what it has loaded so. */
  StartLoadExclusive: 15,
  StartStoreExclusive: 16,
  /** All blocks are unmapped, or mapped anew; a node learns of it; its executors have polled since. */
  MapChange: 17,
  MapLearn: 18,
  MapLearnt: 19,
  /** The agent learns that a thread has used what was pinned for it of a block. */
  Consumed: 20,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

/*
 * One event is one number:
 *   bits 0..4   5..14   15..19   20..25   26..27   28..31
 *        kind   actor   block    slot     wanted   choice
 * The actor is a thread, a stream or a node. Where the protocol may choose (CoherenceOptions.choose), the choice says what
 * it chooses: each possible combination has a number from 0 up.
 */
export function eventOf(kind: EventKind, actor: number, block = 0, slot = 0, wanted: Access = Access.None): number {
  return kind | (actor << 5) | (block << 15) | (slot << 20) | (wanted << 26);
}
export const kindOf = (event: number) => (event & 31) as EventKind;
export const actorOf = (event: number) => (event >>> 5) & 1023;
export const blockOf = (event: number) => (event >>> 15) & 31;
export const slotOf = (event: number) => (event >>> 20) & 63;
export const choicesMax = 16;
export const withChoice = (event: number, choice: number) => (event & 0x0fffffff) | (choice << 28);
export const choiceOf = (event: number) => event >>> 28;
export const wantedOf = (event: number) => ((event >>> 26) & 3) as Access;
