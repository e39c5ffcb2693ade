/**
 * The home's side of the protocol: who holds each block whose home is this node.
 *
 * A block without an entry belongs to the home itself. An entry serves one transaction at a time (`busy`), the others
 * wait in order of arrival, and only the requester's Done (or, for a reset, the last DiscardAck) ends it. So a holder
 * never meets a demand while a grant to it is under way. What a requester gets is decided by the entry alone.
 *
 * Between two transactions an entry may be split into entries for its parts, and parts of one owner joined again: a
 * change here alone, since every part keeps its owner and sharers. A request is served by the entry that has its granule
 * when its turn comes, and the answer says for which part that is.
 */
import { assert } from '../base/assert.ts';
import { addKeysInRange } from './block-range.ts';
import { Conflicts } from './conflicts.ts';
import { BlockEntries, Entry, nobody, noConflicts, type Request } from './entry.ts';
import type { Faults } from './faults.ts';
import { type Message, MessageFlag, MessageType } from './message.ts';
import { type Names, ownNames } from './names.ts';
import type { NodeSet } from './node-set.ts';
import type { Grain, Part, Splitting } from './part.ts';
import { homeOf, type Placement } from './placement.ts';
import type { NumberReader, Port } from './port.ts';
import { Access } from './sink.ts';
import { Streams, type StreamTarget } from './streams.ts';

/** Resets that may wait at one entry, beside at most one request of each node for each granule. */
const waitingResetsMax = 64;

export interface DirectoryOptions {
  readonly node: number;
  readonly nodes: number;
  /** Reads in a row that a wandering block answers with ownership before it is put to the test again; 0 = never. */
  readonly migratoryGrants: number;
  /** See CoherenceOptions. */
  readonly placement: Placement;
  readonly pushWindowMax: number;
  readonly blocks: number;
  readonly splitting: Splitting;
  readonly choose: (count: number) => number;
  readonly faults: Faults;
}

/** Numbers for the metrics page; they have no effect. */
export interface DirectoryCounters {
  /** Entries divided, and brothers joined. */
  splits: number;
  merges: number;
  /** Entries of blocks that are in parts now. */
  parts: number;
}

export class Directory {
  private readonly node: number;
  private readonly nodes: number;
  private readonly migratoryGrants: number;
  private readonly grain: Grain;
  private readonly splitting: Splitting;
  private readonly choose: (count: number) => number;
  private readonly faults: Faults;
  private readonly port: Port;
  private readonly streams: Streams | undefined;
  private readonly onResetDone: (token: number) => void;
  readonly counters: DirectoryCounters = { splits: 0, merges: 0, parts: 0 };
  private blocks = new Map<number, BlockEntries>();
  /** Parts that each running reset still waits for. */
  private resets = new Map<number, number>();

  constructor(options: DirectoryOptions, port: Port, onResetDone: (token: number) => void) {
    this.node = options.node;
    this.nodes = options.nodes;
    this.migratoryGrants = options.migratoryGrants;
    this.splitting = options.splitting;
    this.grain = options.splitting.grain;
    this.choose = options.choose;
    this.faults = options.faults;
    const { node, nodes, placement, pushWindowMax } = options;
    if (pushWindowMax === 0) this.streams = undefined;
    else {
      const target: StreamTarget = {
        isHere: (block) => homeOf(block, nodes, placement) === node,
        isOwn: (block, to) => to === node && !this.blocks.has(block),
        isFresh: (block) => !this.blocks.has(block) && !port.isUsed(block),
        push: (block, to, thread, wanted, marked) => this.push(block, to, wanted, marked ? thread + 1 : 0),
        handOver: (...stream) => port.handOver(...stream),
      };
      this.streams = new Streams(target, pushWindowMax, options.blocks);
    }
    this.port = port;
    this.onResetDone = onResetDone;
  }

  /** Serves GetS, GetM, Done, DiscardAck, Progress and Stream. */
  handle(message: Message): void {
    const { type, block, granule, requester, acks } = message;
    switch (type) {
      case MessageType.GetS:
      case MessageType.GetM:
        this.enqueue(block, { type, origin: requester, granule, flags: message.flags });
        // A block in parts is not pushed, and says nothing about a stream.
        if (acks > 0 && this.blocks.get(block)?.whole !== false)
          this.streams?.missed(requester, acks - 1, block, type === MessageType.GetM ? Access.Write : Access.Read);
        return;
      case MessageType.Progress:
        this.streams?.reached(requester, acks - 1, block);
        return;
      case MessageType.Stream: {
        const { stride, window, flags } = message;
        this.streams?.taken(requester, acks - 1, block, stride, window, (flags & MessageFlag.Exclusive) !== 0);
        return;
      }
      case MessageType.Done: {
        if (this.faults.unblockEarly) return;
        const record = this.blocks.get(block);
        const entry = record?.at(granule);
        assert(entry?.busy === true && entry.origin === requester, 'Done without a transaction');
        this.finish(block, record!, entry);
        return;
      }
      case MessageType.DiscardAck: {
        const record = this.blocks.get(block);
        const entry = record?.at(granule);
        assert(entry?.busy === true && entry.acksLeft > 0, 'DiscardAck without a Discard');
        if (--entry.acksLeft > 0) return;
        if (entry.pushing === Access.None) this.finishReset(block, record!, entry);
        else this.pushLast(block, entry);
        return;
      }
      default:
        assert(false, 'message for an agent given to the directory');
    }
  }

  /**
   * Sends a block to a node that has not asked for it. Only a whole block goes, and only while nothing else happens to it.
   * One that nobody has used goes for writing alone: who only reads has no stream of such. Of a block that is shared all
   * sharers but one give up their copies first, and tell the home: a node that has not asked can't wait for their acks.
   * Since the block was idle, whatever the node has asked for in it and not got is on its way here, and comes before the
   * node's Done.
   * @param mark a thread of `to`, plus one, whose coming to the block is to be told; 0 = none
   * @returns whether it is on its way
   */
  push(block: number, to: number, wanted: typeof Access.Read | typeof Access.Write, mark = 0): boolean {
    const known = this.blocks.get(block);
    if (known === undefined && wanted === Access.Read && !this.port.isUsed(block)) return false;
    const record = known ?? this.recordOf(block);
    if (!record.whole) return false;
    const entry = record.at(0);
    if (entry.busy) return false;
    const { owner, sharers } = entry;
    if (owner === to || (wanted === Access.Read && sharers.has(to))) {
      this.forgetIfFirst(block, record);
      return false;
    }
    entry.busy = true;
    entry.origin = to;
    entry.pushing = wanted;
    entry.reader = nobody;
    if (wanted === Access.Write) {
      if (owner !== nobody) sharers.add(owner);
      entry.mark = mark;
      this.leaveOne(block, entry, sharers.has(to) ? to : this.supplier(sharers));
      return true;
    }
    const holder = owner === nobody ? this.supplier(sharers) : owner;
    if (owner !== nobody) sharers.add(owner);
    entry.owner = nobody;
    sharers.add(to);
    this.port.post(holder, MessageType.FwdGetS, block, 0, 0, to, mark, MessageFlag.Pushed);
    return true;
  }

  /**
   * Divides the entry that has the granule, whatever its conflicts say: for tests of the protocol.
   * @returns false when it can't be divided now
   */
  split(block: number, granule: number): boolean {
    const record = this.blocks.get(block);
    const entry = record?.at(granule);
    if (record === undefined || entry === undefined || entry.level + 1 >= this.grain.length) return false;
    if (entry.busy && !this.faults.splitBusy) return false;
    this.divide(record, entry);
    return true;
  }

  /** Joins the entry that has the granule with its brothers; false when they may not be. */
  merge(block: number, granule: number): boolean {
    const record = this.blocks.get(block);
    const entry = record?.at(granule);
    if (record === undefined || entry === undefined || entry.level === 0) return false;
    const brothers = record.brothers(granule, entry.level - 1, this.grain, this.faults);
    if (brothers === undefined) return false;
    this.join(record, brothers);
    this.forgetIfFirst(block, record);
    return true;
  }

  private divide(record: BlockEntries, entry: Entry): void {
    const before = record.whole ? 0 : record.entries.length;
    record.split(entry, this.grain, this.nodes, this.faults);
    this.counters.splits++;
    this.counters.parts += record.entries.length - before;
  }

  private join(record: BlockEntries, brothers: readonly Entry[]): Entry {
    const before = record.entries.length;
    const entry = record.join(brothers, this.nodes);
    this.counters.merges++;
    this.counters.parts += (record.whole ? 0 : record.entries.length) - before;
    return entry;
  }

  private recordOf(block: number): BlockEntries {
    let record = this.blocks.get(block);
    if (record === undefined) {
      record = new BlockEntries();
      record.entries.push(new Entry(0, 0, this.node, this.nodes));
      this.blocks.set(block, record);
    }
    return record;
  }

  /** Adds to `found` the blocks of a range that have an entry: another node holds them, or held them lately. */
  addUsed(firstBlock: number, count: number, found: Set<number>): void {
    addKeysInRange(this.blocks, firstBlock, count, found);
  }

  /** Announces a reset of `blocks` blocks; each of them follows by `resetBlock`. */
  startReset(token: number, blocks: number): void {
    assert(!this.resets.has(token), 'reset token in use');
    if (blocks === 0) this.onResetDone(token);
    else this.resets.set(token, blocks);
  }

  /** Takes the copies of all sharers but `kept` back; then that one's becomes the node's for which the push is. */
  private leaveOne(block: number, entry: Entry, kept: number): void {
    const { sharers } = entry;
    sharers.delete(kept);
    entry.acksLeft = sharers.count();
    for (let sharer = sharers.after(-1); sharer >= 0; sharer = sharers.after(sharer))
      this.port.post(sharer, MessageType.Discard, block, 0, 0, this.node, 0, 0);
    sharers.clear();
    entry.owner = kept;
    if (entry.acksLeft === 0) this.pushLast(block, entry);
  }

  /** Of a block that is pushed for writing only one copy is left, with the owner. */
  private pushLast(block: number, entry: Entry): void {
    const { owner, origin, mark } = entry;
    entry.owner = origin;
    entry.mark = 0;
    if (owner === origin) {
      const flags = MessageFlag.Pushed | MessageFlag.Exclusive;
      this.port.post(origin, MessageType.Grant, block, 0, 0, origin, mark, flags);
    } else this.port.post(owner, MessageType.FwdGetM, block, 0, 0, origin, mark, MessageFlag.Pushed);
  }

  /** Queues the reset of one block: of each of its parts, as a transaction of its own. */
  resetBlock(block: number, token: number): void {
    const parts = [...this.recordOf(block).entries];
    this.resets.set(token, this.resets.get(token)! + parts.length - 1);
    for (const { first } of parts)
      this.enqueue(block, { type: MessageType.Discard, origin: token, granule: first, flags: 0 });
  }

  /** True when no transaction runs or waits. */
  idle(): boolean {
    for (const { entries } of this.blocks.values()) if (entries.some((entry) => entry.busy)) return false;
    return this.resets.size === 0;
  }

  /** The parts that a block has, for displays and tests. */
  parts(block: number): Part[] {
    return (this.blocks.get(block)?.entries ?? []).map(({ first, level }) => ({ first, level }));
  }

  /** See `CoherenceNode.entryAt`. */
  entryAt(block: number, granule: number): Entry | undefined {
    return this.blocks.get(block)?.at(granule);
  }

  /** Who holds the part with the granule, for displays and tests: its owner, or -1 and the sharers in ascending order. */
  holders(block: number, granule: number): { owner: number; sharers: number[] } {
    const entry = this.blocks.get(block)?.at(granule);
    if (entry === undefined) return { owner: this.node, sharers: [] };
    const sharers: number[] = [];
    for (let node = entry.sharers.after(-1); node >= 0; node = entry.sharers.after(node)) sharers.push(node);
    return { owner: entry.owner, sharers };
  }

  private enqueue(block: number, request: Request): void {
    const record = this.recordOf(block);
    const entry = record.at(request.granule);
    // What is being pushed satisfies it, and its sender knows: it will not wait for another answer.
    if (this.isPushed(entry, request)) return;
    if (entry.busy) {
      const requestsMax = this.nodes * this.grain[entry.level]! + waitingResetsMax;
      assert(entry.queue.length < requestsMax, 'too many transactions wait for one part of a block');
      entry.queue.push(request);
    } else this.start(block, record, entry, request);
  }

  private isPushed({ pushing, origin }: Entry, request: Request): boolean {
    if (pushing === Access.None || request.origin !== origin || this.faults.serveAgain === true) return false;
    return request.type === MessageType.GetS || (request.type === MessageType.GetM && pushing === Access.Write);
  }

  private start(block: number, record: BlockEntries, entry: Entry, request: Request): void {
    entry.busy = true;
    entry.origin = request.origin;
    if (request.type === MessageType.Discard) {
      this.startDiscard(block, entry);
      return;
    }
    if (request.type === MessageType.GetS) this.startRead(block, entry, request);
    else this.startWrite(block, entry, request);
    if (this.faults.unblockEarly) this.finish(block, record, entry);
  }

  /** Posts a message of the transaction that serves `request`. */
  private post(to: number, type: MessageType, block: number, entry: Entry, request: Request, acks: number, flags = 0) {
    const level = this.faults.demandsWhole === true && type !== MessageType.Grant ? 0 : entry.level;
    this.port.post(to, type, block, request.granule, level, request.origin, acks, flags);
  }

  private startRead(block: number, entry: Entry, request: Request): void {
    const { owner, sharers } = entry;
    const requester = request.origin;
    if (owner === requester) {
      this.post(requester, MessageType.Grant, block, entry, request, 0, MessageFlag.Exclusive);
    } else if (sharers.has(requester)) {
      // The node asked before another of its requests, or a reset, brought it the part.
      this.post(requester, MessageType.Grant, block, entry, request, 0);
    } else if (owner !== nobody && entry.migratoryLeft > 0) {
      this.noteConflict(entry, request, true);
      entry.migratoryLeft--;
      entry.owner = requester;
      this.post(owner, MessageType.FwdGetM, block, entry, request, 0);
    } else if (owner !== nobody) {
      this.noteConflict(entry, request, false);
      entry.owner = nobody;
      entry.reader = requester;
      sharers.add(owner);
      sharers.add(requester);
      this.post(owner, MessageType.FwdGetS, block, entry, request, 0);
    } else {
      this.post(this.supplier(sharers), MessageType.FwdGetS, block, entry, request, 0);
      entry.reader = nobody;
      sharers.add(requester);
    }
  }

  private startWrite(block: number, entry: Entry, request: Request): void {
    const { owner, sharers } = entry;
    const requester = request.origin;
    if (owner === requester) {
      this.post(requester, MessageType.Grant, block, entry, request, 0, MessageFlag.Exclusive);
      return;
    }
    entry.owner = requester;
    if (owner !== nobody) {
      this.noteConflict(entry, request, true);
      this.post(owner, MessageType.FwdGetM, block, entry, request, 0);
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
    if (others > 0) this.noteConflict(entry, request, true);
    let supplier = nobody;
    if (upgrade) this.post(requester, MessageType.Grant, block, entry, request, others, MessageFlag.Exclusive);
    else {
      supplier = this.supplier(sharers);
      this.post(supplier, MessageType.FwdGetM, block, entry, request, others - 1);
    }
    let lost = this.faults.loseInvalidation === true;
    for (let sharer = sharers.after(-1); sharer >= 0; sharer = sharers.after(sharer)) {
      if (sharer === supplier) continue;
      if (lost) lost = false;
      else this.post(sharer, MessageType.Inv, block, entry, request, 0);
    }
    sharers.clear();
  }

  private noteConflict(entry: Entry, { origin, granule }: Request, writes: boolean): void {
    if (this.splitting.after === 0 || entry.level + 1 >= this.grain.length) return;
    if (entry.conflicts === noConflicts) entry.conflicts = new Conflicts();
    entry.conflicts.note(origin, granule, writes);
  }

  private startDiscard(block: number, entry: Entry): void {
    const { owner, sharers, first, level } = entry;
    if (owner !== nobody) sharers.add(owner);
    if (this.faults.resetForgetsSharer && sharers.count() > 1) sharers.delete(sharers.after(-1));
    entry.acksLeft = this.faults.resetBeforeAcks ? 1 : sharers.count();
    for (let holder = sharers.after(-1); holder >= 0; holder = sharers.after(holder))
      this.port.post(holder, MessageType.Discard, block, first, level, this.node, 0, 0);
    sharers.clear();
  }

  private finishReset(block: number, record: BlockEntries, entry: Entry): void {
    const token = entry.origin;
    entry.owner = this.node;
    entry.migratoryLeft = 0;
    entry.reader = nobody;
    entry.conflicts = noConflicts;
    record.patience = 1;
    // The loop inside delivers this before any demand of the next transaction.
    this.port.post(this.node, MessageType.Restore, block, entry.first, entry.level, this.node, 0, 0);
    this.finish(block, record, entry);
    const left = this.resets.get(token)! - 1;
    if (left > 0) this.resets.set(token, left);
    else {
      this.resets.delete(token);
      this.onResetDone(token);
    }
  }

  private finish(block: number, record: BlockEntries, entry: Entry): void {
    entry.busy = false;
    entry.origin = nobody;
    entry.pushing = Access.None;
    if (this.splitting.after > 0 && this.adapt(block, record, entry)) return;
    const next = entry.queue.shift();
    if (next !== undefined) this.start(block, record, entry, next);
    else this.forgetIfFirst(block, record);
  }

  /** Splits the entry, or joins it with its brothers, when that is due. @returns whether it has gone by that */
  private adapt(block: number, record: BlockEntries, entry: Entry): boolean {
    const { conflicts, queue } = entry;
    if (conflicts.alternations >= this.splitting.after) {
      const parts = conflicts.separate(entry, this.grain);
      entry.conflicts = noConflicts;
      if (parts.length === 1 || queue.some(({ type }) => type === MessageType.Discard)) return false;
      this.separate(block, record, entry, parts);
      return true;
    }
    return entry.level > 0 && entry.owner !== nobody && queue.length === 0 && this.unite(block, record, entry);
  }

  /** Divides the entry into `parts`, and goes on with what waits. */
  private separate(block: number, record: BlockEntries, { first, level }: Entry, parts: readonly Part[]): void {
    record.regret(this.splitting.patienceMax);
    for (const part of parts)
      for (let entry = record.at(part.first); entry.level < part.level; entry = record.at(part.first))
        this.divide(record, entry);
    const end = first + this.grain[level]!;
    for (const entry of record.entries.filter((candidate) => candidate.first >= first && candidate.first < end)) {
      const next = entry.queue.shift();
      if (next !== undefined) this.start(block, record, entry, next);
    }
  }

  /** Joins brothers that one node has come to own, as often as patience asks; and what comes of it with its brothers. */
  private unite(block: number, record: BlockEntries, entry: Entry): boolean {
    let united = entry;
    while (united.level > 0) {
      const brothers = record.brothers(united.first, united.level - 1, this.grain, this.faults);
      if (brothers === undefined || ++brothers[0]!.unions < record.patience) break;
      united = this.join(record, brothers);
      record.joined = true;
    }
    if (united === entry) return false;
    this.forgetIfFirst(block, record);
    return true;
  }

  /** A block that is idle, and of which the lack of entries says the same, has none. */
  private forgetIfFirst(block: number, record: BlockEntries): void {
    const [entry] = record.entries;
    if (!record.whole || entry!.owner !== this.node || entry!.migratoryLeft !== 0) return;
    if (entry!.conflicts.alternations === 0 && record.patience === 1) this.blocks.delete(block);
  }

  /** A sharer to copy from: the home if it is one (no third node on the way), else one that is chosen. */
  private supplier(sharers: NodeSet): number {
    if (sharers.has(this.node)) return this.node;
    let sharer = sharers.after(-1);
    for (let passed = this.choose(sharers.count()); passed > 0; passed--) sharer = sharers.after(sharer);
    return sharer;
  }

  /** Appends the whole state as numbers, the same for equal states. */
  save(out: number[], names: Names = ownNames): void {
    out.push(this.blocks.size);
    for (const block of names.inOrder(this.blocks.keys())) {
      out.push(names.block(block));
      this.blocks.get(block)!.save(out, names);
    }
    out.push(this.resets.size);
    for (const token of [...this.resets.keys()].sort((a, b) => a - b)) out.push(token, this.resets.get(token)!);
  }

  /**
   * Becomes the state that `save` wrote. The maps are new ones, because V8 chains the tables of a cleared map and then
   * promotes them all: that alone doubled the explorer's time.
   */
  load(input: NumberReader): void {
    this.blocks = new Map();
    for (let count = input.next(); count > 0; count--)
      this.blocks.set(input.next(), BlockEntries.load(input, this.nodes));
    this.resets = new Map();
    for (let count = input.next(); count > 0; count--) {
      const token = input.next();
      this.resets.set(token, input.next());
    }
  }
}
