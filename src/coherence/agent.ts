/**
 * The holder's side of the protocol on each node: the state of its copies, its misses, and the demands of homes.
 *
 * A demand (Fwd*, Inv, Discard) meets a line in this order: a pin defers it; then the shell may keep a line that this
 * node writes for a while (its residency, once for each demand); then access is lowered and executors are asked to poll;
 * only when that handshake is over does the answer leave, with the bytes as they are then. A home serves one transaction
 * of a part at a time, so a line has at most one demand.
 *
 * Which parts a block has is the home's affair. This node learns of them by what it is granted or asked for, and its
 * lines follow. A request names one granule; it is answered once, for whatever part has that granule by then, and those
 * waiters whom that does not help ask again.
 *
 * At its home a block without a line belongs to the home, is all zero and was never used here: nobody has access, and
 * the first local miss opens it without a message.
 */
import { assert } from '../base/assert.ts';
import { addKeysInRange } from './block-range.ts';
import type { Faults } from './faults.ts';
import { BlockLines, Demand, type Line, Miss, type Waiter } from './line.ts';
import { type Message, MessageFlag, MessageType } from './message.ts';
import { type Names, ownNames } from './names.ts';
import { firstOf, type Grain } from './part.ts';
import { homeOf, type Placement } from './placement.ts';
import type { NumberReader, Port } from './port.ts';
import { Access, type CoherenceSink } from './sink.ts';

/** Guest threads kept from losing one block at the same time; more of them simply do without. */
const pinsMax = 64;

/** Numbers for the metrics page; they have no effect. */
export interface AgentCounters {
  /** Blocks received from other nodes, those of zeros included. */
  fetched: number;
  /** Blocks that left this node altogether. */
  givenUp: number;
  /** Blocks that came without having been asked for; of them, those for which a thread was waiting by then. */
  pushed: number;
  pushedInTime: number;
  /** Copies sent to readers while this node keeps its own. */
  supplied: number;
  /** Writes allowed without moving data. */
  upgrades: number;
  /** Invalidations obeyed. */
  invalidated: number;
  /** Blocks first used by their home: no message. */
  opened: number;
  /** Demands that had to wait for a pin. */
  deferred: number;
  /** Demands that had to wait for the end of a residency. */
  kept: number;
}

export interface AgentOptions {
  readonly node: number;
  readonly nodes: number;
  readonly placement: Placement;
  /** Requests tell the thread that missed. */
  readonly namesThreads: boolean;
  readonly grain: Grain;
  readonly faults: Faults;
}

export class Agent {
  readonly counters: AgentCounters = {
    fetched: 0,
    givenUp: 0,
    pushed: 0,
    pushedInTime: 0,
    supplied: 0,
    upgrades: 0,
    invalidated: 0,
    opened: 0,
    deferred: 0,
    kept: 0,
  };
  private readonly node: number;
  private readonly nodes: number;
  private readonly placement: Placement;
  private readonly namesThreads: boolean;
  private readonly grain: Grain;
  private readonly faults: Faults;
  private readonly port: Port;
  private readonly sink: CoherenceSink;
  private blocks = new Map<number, BlockLines>();

  constructor(options: AgentOptions, port: Port, sink: CoherenceSink) {
    this.node = options.node;
    this.nodes = options.nodes;
    this.placement = options.placement;
    this.namesThreads = options.namesThreads;
    this.grain = options.grain;
    this.faults = options.faults;
    this.port = port;
    this.sink = sink;
  }

  /** See `CoherenceNode.accessOf`. */
  accessOf(block: number, granule: number): Access {
    return this.blocks.get(block)?.at(granule).access ?? Access.None;
  }

  /** The block is held, wanted, or (at its home) away. */
  isUsed(block: number): boolean {
    return this.blocks.has(block);
  }

  /** See `CoherenceNode.linesOf`. */
  linesOf(block: number): BlockLines | undefined {
    return this.blocks.get(block);
  }

  /** Adds to `found` the blocks of a range that have lines: held, wanted, or (at their home) away. */
  addUsed(firstBlock: number, count: number, found: Set<number>): void {
    addKeysInRange(this.blocks, firstBlock, count, found);
  }

  /** True when nothing is wanted or demanded. */
  idle(): boolean {
    for (const { lines, misses } of this.blocks.values())
      if (misses.length > 0 || lines.some(({ demand }) => demand !== undefined)) return false;
    return true;
  }

  /** See `CoherenceNode.miss`. */
  miss(block: number, granule: number, wanted: Access, waiter: number): void {
    const held = this.blocks.get(block) ?? this.firstUse(block);
    const line = held.at(granule);
    if (line.mark !== 0) this.reached(line, block);
    this.want(held, block, { waiter, granule, wanted });
  }

  /** Wakes a waiter who has what it wants, or sees to it that it is asked for. */
  private want(held: BlockLines, block: number, one: Waiter): void {
    const { granule, wanted, waiter } = one;
    const line = held.at(granule);
    if (line.access >= wanted) {
      // A demand that waits already must not be put off by ever new pins.
      if (line.demand === undefined) this.pin(line, block, waiter);
      this.sink.wake(waiter, block);
      return;
    }
    const miss = held.missFor(line) ?? this.request(held, line, block, one);
    miss.waiters.push(one);
  }

  /** See `CoherenceNode.hold`. */
  hold(block: number, granule: number, waiter: number): boolean {
    const line = this.blocks.get(block)?.at(granule);
    if (line === undefined || line.access !== Access.Write || line.demand !== undefined) return false;
    if (line.pins.length >= pinsMax) return false;
    if (!line.pins.includes(waiter)) line.pins.push(waiter);
    return true;
  }

  /** See `CoherenceNode.handshakeDone`. */
  handshakeDone(block: number, granule: number): void {
    const held = this.blocks.get(block);
    const line = held?.at(granule);
    if (this.faults.assertionsOff && line?.demand === undefined) return;
    assert(line?.demand?.handshaking === true, 'end of a handshake that was not asked for');
    this.answer(held!, line, block, line.demand, false);
  }

  /** See `CoherenceNode.consumed`. */
  consumed(block: number, waiter: number): void {
    const held = this.blocks.get(block);
    if (held === undefined) return;
    for (const line of [...held.lines]) {
      const index = line.pins.indexOf(waiter);
      if (index < 0) continue;
      line.pins.splice(index, 1);
      this.unpinned(held, line, block);
    }
  }

  /** See `CoherenceNode.pinExpired`. */
  pinExpired(block: number): void {
    const held = this.blocks.get(block);
    if (held === undefined) return;
    for (const line of [...held.lines]) if (line.pins.length > 0) this.forgetPins(held, line, block);
  }

  /** See `CoherenceNode.residencyOver`. */
  residencyOver(block: number, granule: number): void {
    const held = this.blocks.get(block);
    const line = held?.at(granule);
    const demand = line?.demand;
    if (held === undefined || line === undefined || demand?.kept !== true || demand.handshaking) return;
    assert(line.pins.length === 0, 'a kept line is pinned');
    if (this.faults.keepsAgain === true) this.unlessKept(held, line, block, demand);
    else this.obey(held, line, block, demand);
  }

  /** Serves the messages that are not for the directory. */
  handle(message: Message): void {
    const { type, block, granule } = message;
    switch (type) {
      case MessageType.FwdGetS:
      case MessageType.FwdGetM:
      case MessageType.Inv:
      case MessageType.Discard:
        this.demand(message);
        return;
      case MessageType.Data:
      case MessageType.Grant:
        this.receive(message);
        return;
      case MessageType.InvAck: {
        const held = this.blocks.get(block);
        const miss = held && this.missOf(held, granule);
        if (this.faults.assertionsOff && miss === undefined) return;
        assert(held !== undefined && miss !== undefined, 'InvAck without a miss');
        miss.acksLeft--;
        this.completeIfReady(held, block, miss);
        return;
      }
      case MessageType.Restore:
        this.restore(message);
        return;
      default:
        assert(false, 'message for a directory given to the agent');
    }
  }

  private home(block: number): number {
    return homeOf(block, this.nodes, this.placement);
  }

  private firstUse(block: number): BlockLines {
    const isHome = this.home(block) === this.node;
    const held = new BlockLines(isHome ? Access.Write : Access.None);
    this.blocks.set(block, held);
    if (isHome) {
      this.counters.opened++;
      this.setAccess(held.lines[0]!, block, Access.Write);
    }
    return held;
  }

  private setAccess(line: Line, block: number, access: Access): void {
    line.access = access;
    this.sink.setAccess(block, line.first, this.grain[line.level]!, access);
  }

  /** The line of the part that a message speaks of. */
  private lineOf(held: BlockLines, block: number, granule: number, level: number): Line {
    const line = held.at(granule);
    if (line.mark !== 0 && line.level !== level) this.unmark(line, block);
    return held.fit(granule, level, this.grain);
  }

  /** The request that names a granule: there is one at the most, since later waiters join it. */
  private missOf(held: BlockLines, granule: number): Miss | undefined {
    return held.misses.find((miss) => miss.granule === granule);
  }

  private request(held: BlockLines, line: Line, block: number, { granule, wanted, waiter }: Waiter): Miss {
    const miss = new Miss(granule, wanted);
    held.misses.push(miss);
    const type = wanted === Access.Write ? MessageType.GetM : MessageType.GetS;
    const flags = this.faults.trustRequestFlag && line.access === Access.Read ? MessageFlag.HoldsCopy : 0;
    const thread = this.namesThreads && waiter >= 0 ? waiter + 1 : 0;
    this.port.post(this.home(block), type, block, granule, line.level, this.node, thread, flags);
    return miss;
  }

  private zeroFill(block: number, granule: number, level: number): void {
    const count = this.grain[level]!;
    this.sink.zeroFill(block, firstOf(granule, count), count);
  }

  private receive(message: Message): void {
    const { type, block, granule, level, flags } = message;
    if ((flags & MessageFlag.Pushed) !== 0) {
      this.receivePushed(message);
      return;
    }
    const held = this.blocks.get(block);
    const miss = held && this.missOf(held, granule);
    assert(held !== undefined && miss?.granted === Access.None, 'grant without a miss');
    if (type === MessageType.Data) {
      this.counters.fetched++;
      if ((flags & MessageFlag.Zero) !== 0) this.zeroFill(block, granule, level);
    } else this.counters.upgrades++;
    miss.granted = (flags & MessageFlag.Exclusive) !== 0 ? Access.Write : Access.Read;
    miss.level = this.faults.staleRange === true ? held.at(granule).level : level;
    assert(miss.granted >= miss.wanted, 'a grant of less than was asked for');
    miss.acksLeft += message.acks;
    this.completeIfReady(held, block, miss);
  }

  /**
   * A block, or the right to write the copy that is here, which the home sends by itself, always a whole one. Own requests for it may be under way, several if this node
   * takes it to be in parts: all were sent before the Done, and come to the home before it, where the block is whole
   * and busy. Those that are satisfied by this are dropped there as here; one for writing stays, and finds this node
   * among the sharers.
   */
  private receivePushed(message: Message): void {
    const { type, block, acks, flags } = message;
    const held = this.blocks.get(block) ?? new BlockLines(Access.None);
    this.blocks.set(block, held);
    const line = held.fit(0, 0, this.grain);
    const had = type === MessageType.Grant ? Access.Read : Access.None;
    assert(line.access === had && line.demand === undefined, 'a push to a node that holds something else');
    this.counters.pushed++;
    if (type === MessageType.Grant) this.counters.upgrades++;
    else this.counters.fetched++;
    if ((flags & MessageFlag.Zero) !== 0) this.zeroFill(block, 0, 0);
    const brought = (flags & MessageFlag.Exclusive) !== 0 ? Access.Write : Access.Read;
    if (held.misses.length === 0) {
      if (acks !== 0) {
        line.mark = acks;
        this.sink.setMark(block, true);
      }
      this.setAccess(line, block, brought);
      this.port.post(this.home(block), MessageType.Done, block, 0, 0, this.node, 0, 0);
      return;
    }
    this.counters.pushedInTime++;
    const satisfied = (miss: Miss) => miss.wanted <= brought && this.faults.refusePush !== true;
    const over = held.misses.filter(satisfied);
    held.misses = held.misses.filter((miss) => !satisfied(miss));
    for (const { granted, acksLeft } of over)
      assert(granted === Access.None && acksLeft === 0, 'a push to a node that is being served');
    this.setAccess(line, block, brought);
    this.port.post(this.home(block), MessageType.Done, block, 0, 0, this.node, 0, 0);
    if (acks !== 0) this.port.post(this.home(block), MessageType.Progress, block, 0, 0, this.node, acks, 0);
    const waiters = over.flatMap((miss) => miss.waiters);
    this.serve(held, line, block, waiters);
  }

  /** A thread has come to a marked block. */
  private reached(line: Line, block: number): void {
    const { mark } = line;
    this.unmark(line, block);
    this.port.post(this.home(block), MessageType.Progress, block, 0, 0, this.node, mark, 0);
  }

  private unmark(line: Line, block: number): void {
    line.mark = 0;
    if (this.faults.markStays !== true) this.sink.setMark(block, false);
  }

  /** Installs what was granted, lets the home go on, and wakes whom the grant satisfies. */
  private completeIfReady(held: BlockLines, block: number, miss: Miss): void {
    const { granule, granted, level, waiters } = miss;
    if (granted === Access.None || miss.acksLeft !== 0) return;
    held.misses.splice(held.misses.indexOf(miss), 1);
    const line = this.lineOf(held, block, granule, level);
    this.setAccess(line, block, granted);
    this.port.post(this.home(block), MessageType.Done, block, granule, level, this.node, 0, 0);
    this.serve(held, line, block, waiters);
  }

  /**
   * Wakes those who wait for what the line allows now, be it by a request that is still under way. Of `waiters`, whose
   * own request is over, the others ask again.
   */
  private serve(held: BlockLines, line: Line, block: number, waiters: readonly Waiter[]): void {
    const satisfied = (one: Waiter) => held.at(one.granule) === line && one.wanted <= line.access;
    const woken = waiters.filter(satisfied);
    const others = waiters.filter((one) => !satisfied(one));
    for (const miss of held.misses) {
      woken.push(...miss.waiters.filter(satisfied));
      miss.waiters = miss.waiters.filter((one) => !satisfied(one));
    }
    // The block is kept for the first of the guest threads, one that writes if there is one.
    const guests = woken.filter(({ waiter }) => waiter >= 0);
    const first = guests.find(({ wanted }) => wanted === Access.Write) ?? guests[0];
    if (first !== undefined) this.pin(line, block, first.waiter);
    if (this.faults.forgetsOtherParts !== true) for (const one of others) this.want(held, block, one);
    for (const { waiter } of woken) this.sink.wake(waiter, block);
  }

  /** Keeps the line for a guest thread; internal waiters (below zero) are through with it when `wake` returns. */
  private pin(line: Line, block: number, waiter: number): void {
    if (waiter < 0 || line.pins.length >= pinsMax || line.pins.includes(waiter)) return;
    line.pins.push(waiter);
    this.sink.pin(block, waiter);
  }

  private forgetPins(held: BlockLines, line: Line, block: number): void {
    // Setting the length of an array is a slow call.
    line.pins = [];
    this.unpinned(held, line, block);
  }

  private unpinned(held: BlockLines, line: Line, block: number): void {
    const { demand } = line;
    if (demand === undefined || demand.handshaking || line.pins.length > 0) return;
    if (!demand.kept) this.unlessKept(held, line, block, demand);
  }

  /** Obeys a demand that no pin defers, unless the shell keeps the line; it is not asked a second time. */
  private unlessKept(held: BlockLines, line: Line, block: number, demand: Demand): void {
    // What is pushed ahead of a stream is not fought for.
    const isWanted = demand.type !== MessageType.Discard && demand.pushed === 0;
    const mayBeKept = line.access === Access.Write && isWanted;
    if (mayBeKept && this.sink.keep(block, line.first, this.grain[line.level]!)) {
      demand.kept = true;
      this.counters.kept++;
    } else this.obey(held, line, block, demand);
  }

  private demand(message: Message): void {
    const { type, block, granule, level, requester, acks, flags } = message;
    const demand = new Demand(type, granule, requester, acks, flags & MessageFlag.Pushed);
    let held = this.blocks.get(block);
    if (held === undefined) {
      assert(this.home(block) === this.node || this.faults.assertionsOff === true, 'a demand for an unknown block');
      held = new BlockLines(Access.None);
      this.blocks.set(block, held);
      const line = held.fit(granule, level, this.grain);
      if (type === MessageType.FwdGetS) this.setAccess(line, block, Access.Read);
      // Never used here, so no executor has access and the bytes are zero.
      this.answer(held, line, block, demand, true);
      return;
    }
    const line = this.lineOf(held, block, granule, level);
    if (!this.faults.assertionsOff) {
      assert(line.access !== Access.None, 'a demand for a block that is not held');
      assert(line.demand === undefined, 'a second demand for one block');
    }
    if (type === MessageType.FwdGetS && line.access === Access.Read) {
      this.answer(held, line, block, demand, false);
      return;
    }
    line.demand = demand;
    if (line.pins.length > 0 && !this.faults.ignorePin) {
      // What is over is over for all parts: no more will be said of their pins either, and this demand waits among them.
      if (this.sink.pinContended(block)) this.counters.deferred++;
      else if (this.faults.pinsOutlast === true) this.forgetPins(held, line, block);
      else this.pinExpired(block);
      return;
    }
    this.unlessKept(held, line, block, demand);
  }

  private obey(held: BlockLines, line: Line, block: number, demand: Demand): void {
    const { type } = demand;
    // Setting the length of an array is a slow call.
    if (line.pins.length > 0) line.pins = [];
    this.setAccess(line, block, type === MessageType.FwdGetS ? Access.Read : Access.None);
    if (line.mark !== 0 && line.access === Access.None) this.unmark(line, block);
    const over = this.sink.startHandshake(block, line.first, this.grain[line.level]!);
    const early = type === MessageType.Inv ? this.faults.ackBeforeHandshake : this.faults.dataBeforeHandshake;
    if (over || early === true) this.answer(held, line, block, demand, false);
    else demand.handshaking = true;
  }

  private answer(held: BlockLines, line: Line, block: number, demand: Demand, zero: boolean): void {
    const { type, granule, requester, acks, pushed } = demand;
    const { level } = line;
    const content = (zero ? MessageFlag.Zero : MessageFlag.HasData) | pushed;
    line.demand = undefined;
    switch (type) {
      case MessageType.FwdGetS:
        this.counters.supplied++;
        this.port.post(requester, MessageType.Data, block, granule, level, requester, acks, content);
        return;
      case MessageType.FwdGetM: {
        const flags = content | MessageFlag.Exclusive;
        this.port.post(requester, MessageType.Data, block, granule, level, requester, acks, flags);
        break;
      }
      case MessageType.Inv:
        this.counters.invalidated++;
        this.port.post(requester, MessageType.InvAck, block, granule, level, requester, 0, 0);
        break;
      default:
        this.port.post(this.home(block), MessageType.DiscardAck, block, granule, level, requester, 0, 0);
    }
    this.counters.givenUp++;
    // That a block is in parts is worth knowing: its misses are then asked for beside each other.
    if (level === 0 && held.misses.length === 0 && this.home(block) !== this.node) this.blocks.delete(block);
  }

  private restore({ block, granule, level }: Message): void {
    const held = this.blocks.get(block);
    assert(held !== undefined, 'a reset of an unknown block');
    const line = held.fit(granule, level, this.grain);
    assert(line.access === Access.None, 'a reset of a block that is held');
    if (this.faults.resetKeepsBytes !== true) this.zeroFill(block, granule, level);
    if (level === 0 && held.misses.length === 0) this.blocks.delete(block);
    // A request that waits at the directory will find its own sender as the owner; a part has no first state of its own.
    else this.setAccess(line, block, Access.Write);
  }

  /** Appends the whole state as numbers, the same for equal states; counters are no part of it. */
  save(out: number[], names: Names = ownNames): void {
    out.push(this.blocks.size);
    for (const block of names.inOrder(this.blocks.keys())) {
      out.push(names.block(block));
      this.blocks.get(block)!.save(out, this.node, names);
    }
  }

  /** Becomes the state that `save` wrote. */
  load(input: NumberReader): void {
    this.blocks = new Map();
    for (let count = input.next(); count > 0; count--) this.blocks.set(input.next(), BlockLines.load(input));
  }
}
