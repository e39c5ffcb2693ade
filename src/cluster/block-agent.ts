/**
 * The shell around the coherence protocol on one node: carries its effects out on guest memory, the access table, the
 * executors and the wire, and tells it what happened there. See coherence/sink.ts for the order of effects.
 */
import { CoherenceNode } from '../coherence/coherence-node.ts';
import {
  blankMessage,
  decodeMessage,
  encodeMessage,
  hasData,
  type Message,
  messageBytes,
} from '../coherence/message.ts';
import { firstOf, pageSplitting } from '../coherence/part.ts';
import { Access, type CoherenceSink } from '../coherence/sink.ts';
import { decodePage } from '../compression/page-codec.ts';
import { BulkAtomics } from '../engine/bulk-atomics.ts';
import type { Engine } from '../engine/engine.ts';
import { Deny, granuleBytes, granuleShift, pageBytes, pageShift } from '../layout/access.ts';
import { exclusiveTagBase, exclusiveTags, grantedBell, Thread, threadRecord } from '../layout/control.ts';
import type { Connection } from '../transport/connection.ts';
import type { Frame } from '../transport/frame.ts';
import { lz4 } from './lz4.ts';
import { PageLines } from './page-lines.ts';
import { Channel } from './protocol.ts';
import { Residency } from './residency.ts';

const blockShift = pageShift;
const blockBytes = pageBytes;
const granulesInBlock = blockBytes / granuleBytes;
const { grain } = pageSplitting;
/** A block that another node waits for is given up after this long even if its thread has not run. */
const pinMsMax = 100;

const denyBits = {
  [Access.None]: Deny.coherenceRead | Deny.coherenceWrite,
  [Access.Read]: Deny.coherenceWrite,
  [Access.Write]: 0,
} as const;
const granulesInWord = 4;
const everyByte = 0x01010101;
const markerBits = Deny.marker * everyByte;
const coherenceByte = Deny.coherenceRead | Deny.coherenceWrite;
const coherenceBits = coherenceByte * everyByte;

const granuleOf = (address: number): number => (address >>> granuleShift) & (granulesInBlock - 1);
/** Address of a granule of a block. */
const addressOf = (block: number, granule: number): number => block * blockBytes + granule * granuleBytes;

/** Index of the tag of a granule of a block; those of the granules behind it in the block follow. */
const firstTag = (block: number, granule: number): number =>
  (exclusiveTagBase >>> 2) + ((block * granulesInBlock + granule) & (exclusiveTags - 1));

export interface BlockAgentOptions {
  readonly node: number;
  readonly nodes: number;
  readonly placement: 'hashed' | 'central';
  /** Blocks that this node pushes ahead of a stream at once, at the most; 0 = none. */
  readonly pushWindowMax: number;
  /** Blocks are split where nodes use different parts of them. */
  readonly splitting: boolean;
  /** Blocks that wander from writer to writer are granted for writing at the read. */
  readonly migratory: boolean;
  /** Blocks that exclusives work on stay for a while when another node wants them. */
  readonly residency: boolean;
  /** Pages travel in fewer bytes where that pays. */
  readonly compression: boolean;
}

export class BlockAgent implements CoherenceSink {
  readonly protocol: CoherenceNode;
  readonly #engine: Engine;
  readonly #connections: ReadonlyMap<number, Connection>;
  readonly lines: PageLines;
  /** Internal waiters by their (negative) number. */
  readonly #internal = new Map<number, () => void>();
  #nextInternal = -1;
  readonly #resets = new Map<number, () => void>();
  #nextReset = 1;
  /** Threads for which a block is kept, and the bound on it once another node waits. */
  readonly #pins = new Map<number, { readonly waiters: Set<number>; timer: NodeJS.Timeout | undefined }>();
  readonly #residency: Residency;
  /** The block of which an executor has just said that it made the access that was waited for. */
  #justUsed = -1;
  readonly #bulk: BulkAtomics;
  readonly #header = new DataView(new ArrayBuffer(messageBytes));
  readonly #message = blankMessage();

  constructor(options: BlockAgentOptions, engine: Engine, connections: ReadonlyMap<number, Connection>) {
    this.#engine = engine;
    this.#bulk = new BulkAtomics(engine.memories);
    this.#connections = connections;
    const { splitting, migratory, residency, compression, ...rest } = options;
    this.lines = new PageLines(engine.memory, compression);
    this.#residency = new Residency(
      {
        now: () => performance.now(),
        after: (ms, action) => {
          const timer = setTimeout(action, ms);
          return () => clearTimeout(timer);
        },
        busy: () => engine.busy,
        tags: (block, granule, count) => this.#tags(block, granule, count),
        over: (block, granule) => this.protocol.residencyOver(block, granule),
      },
      granulesInBlock,
      residency,
    );
    this.protocol = new CoherenceNode(
      {
        ...rest,
        splitting: splitting ? pageSplitting : { ...pageSplitting, after: 0 },
        ...(migratory ? {} : { migratoryGrants: 0 }),
      },
      this,
    );
  }

  // ---- from the node ------------------------------------------------------------------------------------

  /** A guest thread may not touch an address; it is resumed when it may. */
  missForThread(slot: number, address: number, write: boolean): void {
    this.protocol.miss(address >>> blockShift, granuleOf(address), write ? Access.Write : Access.Read, slot);
  }

  /** The node's own thread wants to touch an address; `ready` runs in the moment in which it may. */
  obtain = (address: number, wanted: Access, ready: () => void): void => {
    const waiter = this.#nextInternal--;
    this.#internal.set(waiter, ready);
    this.protocol.miss(address >>> blockShift, granuleOf(address), wanted, waiter);
  };

  /** An executor has completed the access for which a block was granted. */
  consumed(slot: number, block: number): void {
    const pin = this.#pins.get(block);
    if (pin?.waiters.delete(slot) && pin.waiters.size === 0) {
      clearTimeout(pin.timer);
      this.#pins.delete(block);
    }
    this.protocol.consumed(block, slot);
  }

  /** The executor has been asked for this, and made the access just now. */
  consumedJustNow(slot: number, block: number): void {
    this.#justUsed = block;
    this.consumed(slot, block);
    this.#justUsed = -1;
  }

  /** A thread was parked. What is kept for threads here is not, when none of them is left that runs. */
  threadParked(): void {
    if (this.#residency.active && !this.#engine.busy) this.#residency.unused();
  }

  /**
   * Executors are kept out of guest code from now on, for a while: nothing is kept for a thread meanwhile, nor is what
   * others wait for already. Who gets a block then may have to ask for it again.
   */
  held(): void {
    this.#residency.unused();
    for (const [block, { timer }] of this.#pins) if (timer) this.#expire(block);
  }

  #expire(block: number): void {
    clearTimeout(this.#pins.get(block)?.timer);
    this.#pins.delete(block);
    this.protocol.pinExpired(block);
  }

  /** Makes the blocks of the range that have their home here zero again, wherever they are. */
  reset(start: number, length: number): Promise<void> {
    const token = this.#nextReset++;
    return new Promise((resolve) => {
      this.#resets.set(token, resolve);
      this.protocol.reset(start >>> blockShift, length >>> blockShift, token);
    });
  }

  /** @returns what is wrong with the frame */
  handle(frame: Frame): string | undefined {
    const message = this.#message;
    this.#header.setInt32(0, frame.w0, true);
    this.#header.setInt32(4, frame.w1, true);
    this.#header.setInt32(8, frame.w2, true);
    this.#header.setInt32(12, frame.w3, true);
    decodeMessage(this.#header, 0, message);
    if (hasData(message)) {
      const { start, end } = bytesOf(message);
      const payload = frame.bytes.subarray(frame.start, frame.start + frame.payloadBytes);
      const problem = decodePage(payload, this.#engine.memory, start, end, lz4);
      if (problem !== undefined) return problem;
    }
    this.protocol.deliver(message);
    return undefined;
  }

  // ---- effects ------------------------------------------------------------------------------------------

  send(to: number, message: Message): void {
    const header = this.#header;
    encodeMessage(message, header, 0);
    const { start, end } = bytesOf(message);
    const connection = this.#connections.get(to);
    connection?.send(
      Channel.coherence,
      message.type,
      header.getInt32(0, true),
      header.getInt32(4, true),
      header.getInt32(8, true),
      header.getInt32(12, true),
      hasData(message) ? this.lines.encode(to, connection, start, end) : undefined,
    );
  }

  setAccess(block: number, granule: number, count: number, access: Access): void {
    if (access === Access.Write) this.#residency.came(block, granule);
    const first = block * granulesInBlock + granule;
    const denied = denyBits[access];
    if (count < granulesInWord) {
      const bytes = this.#engine.views.controlBytes;
      for (let at = first; at < first + count; at++) {
        if (denied !== 0) Atomics.or(bytes, at, denied);
        if (denied !== coherenceByte) Atomics.and(bytes, at, 0xff & ~(coherenceByte & ~denied));
      }
    } else {
      const bits = denied * everyByte;
      this.#bulk.setBits(first, first + count, bits, coherenceBits);
    }
    // After the bits: nobody may decode from there again.
    const start = addressOf(block, granule);
    const length = count * granuleBytes;
    if (access === Access.None && this.#engine.memory.hasCode(start, length))
      this.#engine.dropCode(start, start + length);
  }

  setMark(block: number, marked: boolean): void {
    const { words } = this.#engine;
    const first = block * granulesInBlock;
    for (let word = first >>> 2; word < (first + granulesInBlock) >>> 2; word++)
      if (marked) Atomics.or(words, word, markerBits);
      else Atomics.and(words, word, ~markerBits);
  }

  startHandshake(block: number, granule: number, count: number): boolean {
    this.#engine.handshake.run();
    this.#engine.queue.ringWaiting();
    // Whoever holds an exclusive in the part has lost it with the right to write.
    const first = 4 * firstTag(block, granule);
    this.#bulk.addToEach(first, first + 4 * count, 2);
    this.#residency.left(block, granule, count);
    return true;
  }

  keep(block: number, granule: number, count: number): boolean {
    return this.#residency.keep(block, granule, count, this.#justUsed === block);
  }

  #tags(block: number, granule: number, count: number): number {
    let sum = 0;
    for (let at = firstTag(block, granule), end = at + count; at < end; at++) sum += this.#engine.words[at]!;
    return sum | 0;
  }

  wake(waiter: number, block: number): void {
    if (waiter < 0) {
      const ready = this.#internal.get(waiter);
      this.#internal.delete(waiter);
      ready?.();
      return;
    }
    const granted = (threadRecord(waiter) >>> 2) + Thread.granted.index32;
    if (this.#pins.get(block)?.waiters.has(waiter)) Atomics.store(this.#engine.words, granted, block);
    this.#engine.resume(waiter, true);
  }

  pin(block: number, waiter: number): void {
    const pin = this.#pins.get(block);
    if (pin) pin.waiters.add(waiter);
    else this.#pins.set(block, { waiters: new Set([waiter]), timer: undefined });
  }

  /**
   * Another node waits for what is pinned of a block. The executors do not report unasked: each either has used it
   * already (and nobody was told), or is asked to ring. Threads that were pinned since another part was wanted are asked
   * now, under the bound that runs already. Threads that stand still (`held`) are not waited for.
   */
  pinContended(block: number): boolean {
    const pin = this.#pins.get(block);
    if (!pin) return false;
    const asked = block | grantedBell;
    const used: number[] = [];
    for (const slot of pin.waiters) {
      const index = (threadRecord(slot) >>> 2) + Thread.granted.index32;
      const granted = Atomics.compareExchange(this.#engine.words, index, block, asked);
      if (granted !== block && granted !== asked) used.push(slot);
    }
    if (used.length === pin.waiters.size || this.#engine.held) {
      clearTimeout(pin.timer);
      this.#pins.delete(block);
      return false;
    }
    for (const slot of used) queueMicrotask(() => this.consumed(slot, block));
    if (pin.timer) return true;
    pin.timer = setTimeout(() => this.#expire(block), pinMsMax);
    return true;
  }

  zeroFill(block: number, granule: number, count: number): void {
    this.#engine.memory.bytes.fill(0, addressOf(block, granule), addressOf(block, granule + count));
  }

  resetDone(token: number): void {
    const resolve = this.#resets.get(token);
    this.#resets.delete(token);
    resolve?.();
  }

  /** Blocks that threads here wait for or hold on to, for the dump. */
  describe(blocks: Iterable<number>): string[] {
    const lines = [...new Set(blocks)].map((block) => {
      const home = this.protocol.homeOf(block);
      const held = `access ${this.protocol.accessOf(block)}, home ${home}`;
      if (home !== this.protocol.node) return `block ${block.toString(16)}: ${held}`;
      const { owner, sharers } = this.protocol.holders(block);
      return `block ${block.toString(16)}: ${held}, owner ${owner}, sharers ${sharers.join(' ')}`;
    });
    for (const [block, { waiters, timer }] of this.#pins)
      lines.push(
        `block ${block.toString(16)} kept for slots ${[...waiters].join(' ')}${timer ? ', wanted elsewhere' : ''}`,
      );
    return lines;
  }

  /** Lets timers go. */
  stop(): void {
    this.#residency.stop();
    for (const { timer } of this.#pins.values()) clearTimeout(timer);
    this.#pins.clear();
  }
}

/** The guest's bytes of the part that a message speaks of. */
function bytesOf({ block, granule, level }: Message): { start: number; end: number } {
  const count = grain[level]!;
  const start = addressOf(block, firstOf(granule, count));
  return { start, end: start + count * granuleBytes };
}

/** Access byte of every granule before anything is mapped. */
export function initialAccessByte(nodes: number): number {
  const unmapped = Deny.protectionRead | Deny.protectionWrite;
  return nodes === 1 ? unmapped | Deny.untouched : unmapped | Deny.coherenceRead | Deny.coherenceWrite;
}
