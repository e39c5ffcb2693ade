/**
 * The home's side of the protocol: who holds each block whose home is this node.
 *
 * A block without an entry belongs to the home itself. An entry serves one transaction at a time (`busy`), the others
 * wait in order of arrival, and only the requester's Done (or, for a reset, the last DiscardAck) ends it. So a holder
 * never meets a demand while a grant to it is under way. What a requester gets is decided by the entry alone.
 */
import { assert } from '../base/assert.ts';
import { addKeysInRange } from './block-range.ts';
import type { Faults } from './faults.ts';
import { type Message, MessageFlag, MessageType } from './message.ts';
import { NodeSet } from './node-set.ts';
import { homeOf, type Placement } from './placement.ts';
import type { NumberReader, Port } from './port.ts';
import { Access } from './sink.ts';
import { Streams, type StreamTarget } from './streams.ts';

/** No owner, requester or reader. */
const nobody = -1;
/** Resets that may wait at one block, beside at most one request of each node. */
const waitingResetsMax = 64;

/** A transaction that waits for its turn; for a reset the type is Discard. */
interface Request {
  readonly type: typeof MessageType.GetS | typeof MessageType.GetM | typeof MessageType.Discard;
  /** The node that asked, or the reset's token. */
  readonly origin: number;
  readonly flags: number;
}

class Entry {
  /** The node in state Modified, or `nobody` while sharers hold the block. */
  owner: number;
  readonly sharers: NodeSet;
  busy = false;
  /** Whom the running transaction serves: a node, or a reset's token. */
  origin = nobody;
  /** DiscardAcks that a running reset still waits for. */
  acksLeft = 0;
  /** Reads that will yet be answered with ownership, because the block wanders from writer to writer. */
  migratoryLeft = 0;
  /** The one node that read the block since it had an owner; its upgrade shows that the block wanders. */
  reader = nobody;
  /** What a running transaction that nobody asked for brings to `origin`; None in others. */
  pushing: Access = Access.None;
  queue: Request[] = [];

  constructor(owner: number, nodes: number) {
    this.owner = owner;
    this.sharers = new NodeSet(nodes);
  }
}

export interface DirectoryOptions {
  readonly node: number;
  readonly nodes: number;
  /** Reads in a row that a wandering block answers with ownership before it is put to the test again; 0 = never. */
  readonly migratoryGrants: number;
  /** See CoherenceOptions. */
  readonly placement: Placement;
  readonly pushWindowMax: number;
  readonly faults: Faults;
}

export class Directory {
  private readonly node: number;
  private readonly nodes: number;
  private readonly migratoryGrants: number;
  private readonly faults: Faults;
  private readonly port: Port;
  private readonly streams: Streams | undefined;
  private readonly onResetDone: (token: number) => void;
  private entries = new Map<number, Entry>();
  /** Blocks that each running reset still waits for. */
  private resets = new Map<number, number>();

  constructor(options: DirectoryOptions, port: Port, onResetDone: (token: number) => void) {
    this.node = options.node;
    this.nodes = options.nodes;
    this.migratoryGrants = options.migratoryGrants;
    this.faults = options.faults;
    const { node, nodes, placement, pushWindowMax } = options;
    if (pushWindowMax === 0) this.streams = undefined;
    else {
      const target: StreamTarget = {
        isHere: (block) => homeOf(block, nodes, placement) === node,
        push: (block, to, thread, wanted, marked) => this.push(block, to, wanted, marked ? thread + 1 : 0),
        handOver: (...stream) => port.handOver(...stream),
      };
      this.streams = new Streams(target, pushWindowMax);
    }
    this.port = port;
    this.onResetDone = onResetDone;
  }

  /** Serves GetS, GetM, Done, DiscardAck, Progress and Stream. */
  handle(message: Message): void {
    const { type, block } = message;
    switch (type) {
      case MessageType.GetS:
      case MessageType.GetM:
        this.enqueue(block, { type, origin: message.requester, flags: message.flags });
        if (message.acks > 0)
          this.streams?.missed(
            message.requester,
            message.acks - 1,
            block,
            type === MessageType.GetM ? Access.Write : Access.Read,
          );
        return;
      case MessageType.Progress:
        this.streams?.reached(message.requester, message.acks - 1, block);
        return;
      case MessageType.Stream: {
        const { requester, acks, stride, window, flags } = message;
        this.streams?.taken(requester, acks - 1, block, stride, window, (flags & MessageFlag.Exclusive) !== 0);
        return;
      }
      case MessageType.Done: {
        const entry = this.entries.get(block);
        if (this.faults.unblockEarly) return;
        assert(entry?.busy === true && entry.origin === message.requester, 'Done without a transaction');
        this.finish(block, entry);
        return;
      }
      case MessageType.DiscardAck: {
        const entry = this.entries.get(block);
        assert(entry?.busy === true && entry.acksLeft > 0, 'DiscardAck without a reset');
        if (--entry.acksLeft === 0) this.finishReset(block, entry);
        return;
      }
      default:
        assert(false, 'message for an agent given to the directory');
    }
  }

  /**
   * Sends a block to a node that has not asked for it. Only a block that is in use goes (the others are zero, and may not
   * be mapped), only while nothing else happens to it, and for writing only from its owner, with nobody to invalidate.
   * @param mark a thread of `to`, plus one, whose coming to the block is to be told; 0 = none
   * @returns whether it is on its way
   */
  push(block: number, to: number, wanted: typeof Access.Read | typeof Access.Write, mark = 0): boolean {
    const entry = this.entries.get(block) ?? this.entryOfUsed(block);
    if (entry === undefined || entry.busy) return false;
    const { owner, sharers } = entry;
    if (owner === to || sharers.has(to) || (wanted === Access.Write && owner === nobody)) {
      this.forgetIfFirst(block, entry);
      return false;
    }
    entry.busy = true;
    entry.origin = to;
    entry.pushing = wanted;
    entry.reader = nobody;
    const holder = owner === nobody ? this.supplier(sharers) : owner;
    if (wanted === Access.Write) {
      entry.owner = to;
      this.port.post(holder, MessageType.FwdGetM, block, to, mark, MessageFlag.Pushed);
      return true;
    }
    if (owner !== nobody) sharers.add(owner);
    entry.owner = nobody;
    sharers.add(to);
    this.port.post(holder, MessageType.FwdGetS, block, to, mark, MessageFlag.Pushed);
    return true;
  }

  /** An entry for a block that the home alone has used, undefined for one that nobody has. */
  private entryOfUsed(block: number): Entry | undefined {
    if (!this.port.isUsed(block)) return undefined;
    const entry = new Entry(this.node, this.nodes);
    this.entries.set(block, entry);
    return entry;
  }

  /** Adds to `found` the blocks of a range that have an entry: another node holds them, or held them lately. */
  addUsed(firstBlock: number, count: number, found: Set<number>): void {
    addKeysInRange(this.entries, firstBlock, count, found);
  }

  /** Announces a reset of `blocks` blocks; each of them follows by `resetBlock`. */
  startReset(token: number, blocks: number): void {
    assert(!this.resets.has(token), 'reset token in use');
    if (blocks === 0) this.onResetDone(token);
    else this.resets.set(token, blocks);
  }

  /** Queues the reset of one block as a transaction of its own. */
  resetBlock(block: number, token: number): void {
    this.enqueue(block, { type: MessageType.Discard, origin: token, flags: 0 });
  }

  /** True when no transaction runs or waits. */
  idle(): boolean {
    for (const entry of this.entries.values()) if (entry.busy) return false;
    return this.resets.size === 0;
  }

  /** Who holds `block`, for displays and tests: its owner, or -1 and the sharers in ascending order. */
  holders(block: number): { owner: number; sharers: number[] } {
    const entry = this.entries.get(block);
    if (entry === undefined) return { owner: this.node, sharers: [] };
    const sharers: number[] = [];
    for (let node = entry.sharers.after(-1); node >= 0; node = entry.sharers.after(node)) sharers.push(node);
    return { owner: entry.owner, sharers };
  }

  private enqueue(block: number, request: Request): void {
    let entry = this.entries.get(block);
    if (entry === undefined) {
      entry = new Entry(this.node, this.nodes);
      this.entries.set(block, entry);
    }
    // What is being pushed satisfies it, and its sender knows: it will not wait for another answer.
    if (this.isPushed(entry, request)) return;
    if (entry.busy) {
      assert(entry.queue.length < this.nodes + waitingResetsMax, 'too many transactions wait for one block');
      entry.queue.push(request);
    } else this.start(block, entry, request);
  }

  private isPushed({ pushing, origin }: Entry, request: Request): boolean {
    if (pushing === Access.None || request.origin !== origin || this.faults.serveAgain === true) return false;
    return request.type === MessageType.GetS || (request.type === MessageType.GetM && pushing === Access.Write);
  }

  private start(block: number, entry: Entry, request: Request): void {
    entry.busy = true;
    entry.origin = request.origin;
    if (request.type === MessageType.Discard) {
      this.startDiscard(block, entry);
      return;
    }
    if (request.type === MessageType.GetS) this.startRead(block, entry, request.origin);
    else this.startWrite(block, entry, request);
    if (this.faults.unblockEarly) this.finish(block, entry);
  }

  private startRead(block: number, entry: Entry, requester: number): void {
    const { owner, sharers } = entry;
    if (owner === requester) {
      this.port.post(requester, MessageType.Grant, block, requester, 0, MessageFlag.Exclusive);
    } else if (sharers.has(requester)) {
      // The home asked while a reset was under way, became owner by it, and then shared with a reader before it.
      this.port.post(requester, MessageType.Grant, block, requester, 0, 0);
    } else if (owner !== nobody && entry.migratoryLeft > 0) {
      entry.migratoryLeft--;
      entry.owner = requester;
      this.port.post(owner, MessageType.FwdGetM, block, requester, 0, 0);
    } else if (owner !== nobody) {
      entry.owner = nobody;
      entry.reader = requester;
      sharers.add(owner);
      sharers.add(requester);
      this.port.post(owner, MessageType.FwdGetS, block, requester, 0, 0);
    } else {
      this.port.post(this.supplier(sharers), MessageType.FwdGetS, block, requester, 0, 0);
      entry.reader = nobody;
      sharers.add(requester);
    }
  }

  private startWrite(block: number, entry: Entry, request: Request): void {
    const { owner, sharers } = entry;
    const requester = request.origin;
    if (owner === requester) {
      this.port.post(requester, MessageType.Grant, block, requester, 0, MessageFlag.Exclusive);
      return;
    }
    entry.owner = requester;
    if (owner !== nobody) {
      this.port.post(owner, MessageType.FwdGetM, block, requester, 0, 0);
      return;
    }
    const upgrade =
      sharers.has(requester) ||
      (this.faults.trustRequestFlag === true && (request.flags & MessageFlag.HoldsCopy) !== 0);
    // One reader that came to an owner and then writes: reads of this block are the first half of a write.
    entry.migratoryLeft = upgrade && entry.reader === requester ? this.migratoryGrants : 0;
    entry.reader = nobody;
    sharers.delete(requester);
    if (this.faults.forgetSharer && sharers.count() > 1) sharers.delete(sharers.after(-1));
    const others = sharers.count();
    let supplier = nobody;
    if (upgrade) this.port.post(requester, MessageType.Grant, block, requester, others, MessageFlag.Exclusive);
    else {
      supplier = this.supplier(sharers);
      this.port.post(supplier, MessageType.FwdGetM, block, requester, others - 1, 0);
    }
    let lost = this.faults.loseInvalidation === true;
    for (let sharer = sharers.after(-1); sharer >= 0; sharer = sharers.after(sharer)) {
      if (sharer === supplier) continue;
      if (lost) lost = false;
      else this.port.post(sharer, MessageType.Inv, block, requester, 0, 0);
    }
    sharers.clear();
  }

  private startDiscard(block: number, entry: Entry): void {
    const { owner, sharers } = entry;
    if (owner !== nobody) sharers.add(owner);
    entry.acksLeft = sharers.count();
    for (let holder = sharers.after(-1); holder >= 0; holder = sharers.after(holder))
      this.port.post(holder, MessageType.Discard, block, this.node, 0, 0);
    sharers.clear();
  }

  private finishReset(block: number, entry: Entry): void {
    const token = entry.origin;
    entry.owner = this.node;
    entry.migratoryLeft = 0;
    entry.reader = nobody;
    // The loop inside delivers this before any demand of the next transaction.
    this.port.post(this.node, MessageType.Restore, block, this.node, 0, 0);
    this.finish(block, entry);
    const left = this.resets.get(token)! - 1;
    if (left > 0) this.resets.set(token, left);
    else {
      this.resets.delete(token);
      this.onResetDone(token);
    }
  }

  private finish(block: number, entry: Entry): void {
    entry.busy = false;
    entry.origin = nobody;
    entry.pushing = Access.None;
    const next = entry.queue.shift();
    if (next !== undefined) this.start(block, entry, next);
    else this.forgetIfFirst(block, entry);
  }

  /** An idle entry that says what the lack of one says is none. */
  private forgetIfFirst(block: number, entry: Entry): void {
    if (entry.owner === this.node && entry.migratoryLeft === 0) this.entries.delete(block);
  }

  /** A sharer to copy from: the home if it is one (no third node on the way), else the lowest. */
  private supplier(sharers: NodeSet): number {
    return sharers.has(this.node) ? this.node : sharers.after(-1);
  }

  /** Appends the whole state as numbers, the same for equal states. */
  save(out: number[]): void {
    out.push(this.entries.size);
    for (const block of [...this.entries.keys()].sort((a, b) => a - b)) {
      const entry = this.entries.get(block)!;
      out.push(block, entry.owner, entry.busy ? 1 : 0, entry.origin, entry.acksLeft, entry.migratoryLeft, entry.reader);
      out.push(entry.pushing);
      out.push(...entry.sharers.words, entry.queue.length);
      for (const { type, origin, flags } of entry.queue) out.push(type, origin, flags);
    }
    out.push(this.resets.size);
    for (const token of [...this.resets.keys()].sort((a, b) => a - b)) out.push(token, this.resets.get(token)!);
  }

  /**
   * Becomes the state that `save` wrote. The maps are new ones, because V8 chains the tables of a cleared map and then
   * promotes them all: that alone doubled the explorer's time.
   */
  load(input: NumberReader): void {
    this.entries = new Map();
    for (let count = input.next(); count > 0; count--) {
      const block = input.next();
      const entry = new Entry(input.next(), this.nodes);
      entry.busy = input.next() === 1;
      entry.origin = input.next();
      entry.acksLeft = input.next();
      entry.migratoryLeft = input.next();
      entry.reader = input.next();
      entry.pushing = input.next() as Access;
      for (let word = 0; word < entry.sharers.words.length; word++) entry.sharers.words[word] = input.next();
      for (let length = input.next(); length > 0; length--)
        entry.queue.push({ type: input.next() as Request['type'], origin: input.next(), flags: input.next() });
      this.entries.set(block, entry);
    }
    this.resets = new Map();
    for (let count = input.next(); count > 0; count--) {
      const token = input.next();
      this.resets.set(token, input.next());
    }
  }
}
