/**
 * The protocol's messages: one flat record of numbers, 16 bytes on the wire, followed by the block's bytes when
 * `HasData` is set.
 *
 *   byte 0      1       2..3        4..7     8..9   10        11      12..13   14..15
 *        type   flags   requester   block    acks   granule   level   stride   window
 *
 * Each speaks of one part of the block (part.ts): the one of `level` that has `granule`. Only the home knows what parts
 * there are. A request names the granule that is wanted; what belongs to its transaction then names the same granule,
 * and the level of the part for which the home serves it.
 *
 * | message    | from -> to            | means                                                                     |
 * |------------|-----------------------|---------------------------------------------------------------------------|
 * | GetS, GetM | requester -> home     | wants the block for reading, for writing                                  |
 * | Done       | requester -> home     | the transaction is complete: the home may serve the next one               |
 * | FwdGetS    | home -> holder        | send Data to the requester, keep (or fall back to) a shared copy          |
 * | FwdGetM    | home -> holder        | send Data (with `acks`) to the requester and give the block up            |
 * | Inv        | home -> sharer        | give the block up, then send InvAck to the requester                      |
 * | Data       | holder -> requester   | the bytes (or Zero: all zero, no bytes), `acks` = InvAcks to expect       |
 * | Grant      | home -> requester     | you hold the bytes already, `acks` = InvAcks to expect                    |
 * | InvAck     | sharer -> requester   | given up                                                                  |
 * | Discard    | home -> holder        | give the block up, its bytes are not needed, then send DiscardAck         |
 * | DiscardAck | holder -> home        | given up                                                                  |
 * | Restore    | home -> its own agent | the reset is complete: the home owns the block again, all bytes zero      |
 * | Progress   | node -> home          | the thread `acks` - 1 came to the marked block of its stream               |
 * | Stream     | home -> home          | the stream of the requester's thread `acks` - 1 goes on at `block`         |
 *
 * With `Pushed` the home has begun the transaction by itself, for a node that is expected to ask. Fwd*, Data and Grant
 * are the same then, and the Done too; but for whatever has to be invalidated first the home waits itself (Discard). A request that the node has sent meanwhile comes to the home before its Done (one ordered
 * stream): the home drops it when what was pushed satisfies it, as the node does with the miss. A
 * pushed block whose `acks` are not 0 is marked: the home wants to know (Progress) when it is touched. In GetS and GetM
 * `acks` is the thread that missed, plus one; 0 when no guest thread did.
 */
import { assert } from '../base/assert.ts';
import { pageSplitting } from './part.ts';

export const MessageType = {
  GetS: 1,
  GetM: 2,
  Done: 3,
  DiscardAck: 4,
  Progress: 5,
  Stream: 6,
  FwdGetS: 7,
  FwdGetM: 8,
  Inv: 9,
  Data: 10,
  Grant: 11,
  InvAck: 12,
  Discard: 13,
  Restore: 14,
} as const;
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** Types up to this one are for the directory of the receiving node, those above it for its agent. */
export const directoryTypeMax = MessageType.Stream;

export const MessageFlag = {
  /** The bytes of the part follow the header; the shell takes them from guest memory while it encodes. */
  HasData: 1,
  /** The part is all zero: the receiver clears it and no bytes travel. */
  Zero: 2,
  /** The receiver becomes the block's owner and may write. */
  Exclusive: 4,
  /** Part of a transaction that the home began by itself: nobody asked. */
  Pushed: 16,
  /** Set in a GetM by a sharer, only to seed the fault `trustRequestFlag`. */
  HoldsCopy: 8,
} as const;

/** What a page can be divided into. */
const granulesMax = pageSplitting.grain[0]!;
const levelsMax = pageSplitting.grain.length;

/** Bytes of an encoded header. */
export const messageBytes = 16;

export interface Message {
  type: MessageType;
  /** The block that the message is about (an unsigned 32-bit number). */
  block: number;
  granule: number;
  level: number;
  /** The node whose miss (or whose reset) started the transaction. */
  requester: number;
  /** InvAcks that the requester has to wait for; or a thread, plus one. */
  acks: number;
  /** Of a Stream: the distance between its blocks, and the blocks of its next window. */
  stride: number;
  window: number;
  /** Bits of `MessageFlag`. */
  flags: number;
}

/** A blank record for reuse as the target of `decodeMessage`. */
export function blankMessage(): Message {
  return {
    type: MessageType.Done,
    block: 0,
    granule: 0,
    level: 0,
    requester: 0,
    acks: 0,
    flags: 0,
    stride: 0,
    window: 0,
  };
}

/** True when the block's bytes follow the header. */
export function hasData(message: Message): boolean {
  return (message.flags & MessageFlag.HasData) !== 0;
}

/** Writes `message` as `messageBytes` bytes at `offset`, little-endian. */
export function encodeMessage(message: Message, view: DataView, offset: number): void {
  view.setInt32(offset, message.type | (message.flags << 8) | (message.requester << 16), true);
  view.setInt32(offset + 4, message.block, true);
  view.setInt32(offset + 8, message.acks | (message.granule << 16) | (message.level << 24), true);
  view.setInt16(offset + 12, message.stride, true);
  view.setUint16(offset + 14, message.window, true);
}

/** Reads the header at `offset` into `message`. @throws AssertionFailure on a type that the protocol does not know. */
export function decodeMessage(view: DataView, offset: number, message: Message): void {
  const word = view.getUint32(offset, true);
  const type = word & 0xff;
  assert(type >= MessageType.GetS && type <= MessageType.Restore, 'coherence message of an unknown type');
  message.type = type as MessageType;
  message.flags = (word >>> 8) & 0xff;
  message.requester = word >>> 16;
  message.block = view.getUint32(offset + 4, true);
  message.acks = view.getUint16(offset + 8, true);
  message.granule = view.getUint8(offset + 10);
  message.level = view.getUint8(offset + 11);
  assert(message.granule < granulesMax && message.level < levelsMax, 'coherence message of an unknown part');
  message.stride = view.getInt16(offset + 12, true);
  message.window = view.getUint16(offset + 14, true);
}

const typeNames = new Map<number, string>(Object.entries(MessageType).map(([name, type]) => [type, name]));

/** One line for traces. */
export function describeMessage(message: Message): string {
  const { type, block, granule, level, requester, acks, flags } = message;
  const part = granule === 0 && level === 0 ? '' : ` part ${level}:${granule}`;
  const words = [`${typeNames.get(type)} block ${block}${part} for ${requester}`];
  if (acks > 0) words.push(`${acks} acks`);
  for (const [name, bit] of Object.entries(MessageFlag)) if ((flags & bit) !== 0) words.push(name);
  return words.join(', ');
}
