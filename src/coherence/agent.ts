/**
 * The holder's side of the protocol on each node: the state of its copies, its misses, and the demands of homes.
 *
 * A demand (Fwd*, Inv, Discard) meets a line in this order: a pin defers it; then access is lowered and executors are
 * asked to poll; only when that handshake is over does the answer leave, with the bytes as they are then. A home serves
 * one transaction at a time, so a line has at most one demand and one miss.
 *
 * At its home a block without a line belongs to the home, is all zero and was never used here: nobody has access, and
 * the first local miss opens it without a message.
 */
import { assert } from '../base/assert.ts';
import { addKeysInRange } from './block-range.ts';
import type { Faults } from './faults.ts';
import { type Message, MessageFlag, MessageType } from './message.ts';
import { homeOf, type Placement } from './placement.ts';
import { type NumberReader, type Port, readList, saveList } from './port.ts';
import { Access, type CoherenceSink } from './sink.ts';

/** Guest threads kept from losing one block at the same time; more of them simply do without. */
const pinsMax = 64;

/** A request under way and those who wait for it. */
class Miss {
  /** What the request asked for. */
  readonly wanted: Access;
  /** What Data or Grant brought; None before they came. */
  granted: Access = Access.None;
  /** InvAcks to come; below zero while they overtake the message that says how many there are. */
  acksLeft = 0;
  readers: number[] = [];
  writers: number[] = [];

  constructor(wanted: Access) {
    this.wanted = wanted;
  }
}

/** What a home asked this node to do with the block. */
class Demand {
  readonly type: MessageType;
  readonly requester: number;
  readonly acks: number;
  /** MessageFlag.Pushed or 0: passed on to the requester. */
  readonly pushed: number;
  /** The executors have been asked to poll and have not all done so. */
  handshaking = false;

  constructor(type: MessageType, requester: number, acks: number, pushed: number) {
    this.type = type;
    this.requester = requester;
    this.acks = acks;
    this.pushed = pushed;
  }
}

class Line {
  /** The state after the demand being obeyed, if any: lowered as soon as its handshake starts. */
  access: Access = Access.None;
  pins: number[] = [];
  miss: Miss | undefined = undefined;
  demand: Demand | undefined = undefined;
  /** The block was pushed and not touched yet, and its home wants to know when it is: the stream's thread, plus one. */
  mark = 0;
}

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
}

export interface AgentOptions {
  readonly node: number;
  readonly nodes: number;
  readonly placement: Placement;
  /** Requests tell the thread that missed. */
  readonly namesThreads: boolean;
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
  };
  private readonly node: number;
  private readonly nodes: number;
  private readonly placement: Placement;
  private readonly namesThreads: boolean;
  private readonly faults: Faults;
  private readonly port: Port;
  private readonly sink: CoherenceSink;
  private lines = new Map<number, Line>();

  constructor(options: AgentOptions, port: Port, sink: CoherenceSink) {
    this.node = options.node;
    this.nodes = options.nodes;
    this.placement = options.placement;
    this.namesThreads = options.namesThreads;
    this.faults = options.faults;
    this.port = port;
    this.sink = sink;
  }

  /** See `CoherenceNode.accessOf`. */
  accessOf(block: number): Access {
    return this.lines.get(block)?.access ?? Access.None;
  }

  /** The block is held, wanted, or (at its home) away. */
  isUsed(block: number): boolean {
    return this.lines.has(block);
  }

  /** Adds to `found` the blocks of a range that have a line: held, wanted, or (at their home) away. */
  addUsed(firstBlock: number, count: number, found: Set<number>): void {
    addKeysInRange(this.lines, firstBlock, count, found);
  }

  /** True when nothing is wanted, demanded or pinned. */
  idle(): boolean {
    for (const line of this.lines.values())
      if (line.miss !== undefined || line.demand !== undefined || line.pins.length > 0) return false;
    return true;
  }

  /** See `CoherenceNode.miss`. */
  miss(block: number, wanted: Access, waiter: number): void {
    const line = this.lines.get(block) ?? this.firstUse(block);
    if (line.mark !== 0) this.reached(line, block);
    if (line.access >= wanted) {
      // A demand that waits already must not be put off by ever new pins.
      if (line.demand === undefined) this.pin(line, block, waiter);
      this.sink.wake(waiter, block);
      return;
    }
    if (line.miss === undefined) this.request(line, block, wanted, waiter);
    const waiters = wanted === Access.Write ? line.miss!.writers : line.miss!.readers;
    waiters.push(waiter);
  }

  /** See `CoherenceNode.hold`. */
  hold(block: number, waiter: number): boolean {
    const line = this.lines.get(block);
    if (line === undefined || line.access !== Access.Write || line.demand !== undefined) return false;
    if (line.pins.length >= pinsMax) return false;
    if (!line.pins.includes(waiter)) line.pins.push(waiter);
    return true;
  }

  /** See `CoherenceNode.handshakeDone`. */
  handshakeDone(block: number): void {
    const line = this.lines.get(block);
    if (this.faults.assertionsOff && line?.demand === undefined) return;
    assert(line?.demand?.handshaking === true, 'end of a handshake that was not asked for');
    this.answer(line, block, line.demand, false);
  }

  /** See `CoherenceNode.consumed`. */
  consumed(block: number, waiter: number): void {
    const line = this.lines.get(block);
    if (line === undefined) return;
    const index = line.pins.indexOf(waiter);
    if (index < 0) return;
    line.pins.splice(index, 1);
    this.unpinned(line, block);
  }

  /** See `CoherenceNode.pinExpired`. */
  pinExpired(block: number): void {
    const line = this.lines.get(block);
    if (line === undefined || line.pins.length === 0) return;
    line.pins.length = 0;
    this.unpinned(line, block);
  }

  /** Serves the messages that are not for the directory. */
  handle(message: Message): void {
    const { type, block } = message;
    switch (type) {
      case MessageType.FwdGetS:
      case MessageType.FwdGetM:
      case MessageType.Inv:
      case MessageType.Discard:
        this.demand(block, type, message.requester, message.acks, message.flags & MessageFlag.Pushed);
        return;
      case MessageType.Data:
      case MessageType.Grant:
        this.receive(message);
        return;
      case MessageType.InvAck: {
        const line = this.lines.get(block);
        if (this.faults.assertionsOff && line?.miss === undefined) return;
        assert(line?.miss !== undefined, 'InvAck without a miss');
        line.miss.acksLeft--;
        this.completeIfReady(line, block, line.miss);
        return;
      }
      case MessageType.Restore:
        this.restore(block);
        return;
      default:
        assert(false, 'message for a directory given to the agent');
    }
  }

  private home(block: number): number {
    return homeOf(block, this.nodes, this.placement);
  }

  private firstUse(block: number): Line {
    const line = new Line();
    this.lines.set(block, line);
    if (this.home(block) === this.node) {
      this.counters.opened++;
      line.access = Access.Write;
      this.sink.setAccess(block, Access.Write);
    }
    return line;
  }

  private request(line: Line, block: number, wanted: Access, waiter: number): void {
    line.miss = new Miss(wanted);
    const type = wanted === Access.Write ? MessageType.GetM : MessageType.GetS;
    const flags = this.faults.trustRequestFlag && line.access === Access.Read ? MessageFlag.HoldsCopy : 0;
    const thread = this.namesThreads && waiter >= 0 ? waiter + 1 : 0;
    this.port.post(this.home(block), type, block, this.node, thread, flags);
  }

  private receive(message: Message): void {
    const { type, block, flags } = message;
    if ((flags & MessageFlag.Pushed) !== 0) {
      this.receivePushed(message);
      return;
    }
    const line = this.lines.get(block);
    assert(line?.miss !== undefined && line.miss.granted === Access.None, 'grant without a miss');
    const { miss } = line;
    if (type === MessageType.Data) {
      this.counters.fetched++;
      if ((flags & MessageFlag.Zero) !== 0) this.sink.zeroFill(block);
    } else this.counters.upgrades++;
    miss.granted = (flags & MessageFlag.Exclusive) !== 0 ? Access.Write : Access.Read;
    assert(miss.granted >= miss.wanted, 'a grant of less than was asked for');
    miss.acksLeft += message.acks;
    this.completeIfReady(line, block, miss);
  }

  /**
   * A block that the home sends by itself. An own request for it may be under way: one that is satisfied by this is
   * dropped by the home too; one for writing stays, and finds this node among the sharers.
   */
  private receivePushed(message: Message): void {
    const { block, flags } = message;
    const line = this.lines.get(block) ?? new Line();
    this.lines.set(block, line);
    assert(line.access === Access.None && line.demand === undefined, 'a held block is pushed');
    this.counters.pushed++;
    this.counters.fetched++;
    if ((flags & MessageFlag.Zero) !== 0) this.sink.zeroFill(block);
    const brought = (flags & MessageFlag.Exclusive) !== 0 ? Access.Write : Access.Read;
    const { miss } = line;
    if (miss !== undefined) this.counters.pushedInTime++;
    if (miss !== undefined && miss.wanted <= brought && this.faults.refusePush !== true) {
      assert(miss.granted === Access.None && miss.acksLeft === 0, 'a push to a node that is being served');
      miss.granted = brought;
      this.completeIfReady(line, block, miss);
      if (message.acks !== 0) this.port.post(this.home(block), MessageType.Progress, block, this.node, message.acks, 0);
      return;
    }
    line.access = brought;
    line.mark = message.acks;
    if (line.mark !== 0) this.sink.setMark(block, true);
    this.sink.setAccess(block, brought);
    this.port.post(this.home(block), MessageType.Done, block, this.node, 0, 0);
    if (miss === undefined) return;
    if (line.mark !== 0) this.reached(line, block);
    const readers = miss.readers;
    miss.readers = [];
    this.wakeAll(line, block, readers);
  }

  /** A thread has come to a marked block. */
  private reached(line: Line, block: number): void {
    const { mark } = line;
    line.mark = 0;
    this.sink.setMark(block, false);
    this.port.post(this.home(block), MessageType.Progress, block, this.node, mark, 0);
  }

  /** Installs the block, lets the home go on, and wakes whom the grant satisfies. */
  private completeIfReady(line: Line, block: number, miss: Miss): void {
    const { granted, readers, writers } = miss;
    if (granted === Access.None || miss.acksLeft !== 0) return;
    line.miss = undefined;
    line.access = granted;
    this.sink.setAccess(block, granted);
    this.port.post(this.home(block), MessageType.Done, block, this.node, 0, 0);
    const satisfied = granted === Access.Write ? writers.concat(readers) : readers;
    if (granted !== Access.Write && writers.length > 0) {
      this.request(line, block, Access.Write, writers[0]!);
      line.miss!.writers = writers;
    }
    this.wakeAll(line, block, satisfied);
  }

  /** The block is kept for the first of the guest threads. */
  private wakeAll(line: Line, block: number, waiters: readonly number[]): void {
    const first = waiters.find((waiter) => waiter >= 0);
    if (first !== undefined) this.pin(line, block, first);
    for (const waiter of waiters) this.sink.wake(waiter, block);
  }

  /** Keeps the block for a guest thread; internal waiters (below zero) are through with it when `wake` returns. */
  private pin(line: Line, block: number, waiter: number): void {
    if (waiter < 0 || line.pins.length >= pinsMax || line.pins.includes(waiter)) return;
    line.pins.push(waiter);
    this.sink.pin(block, waiter);
  }

  private unpinned(line: Line, block: number): void {
    const { demand } = line;
    if (demand !== undefined && !demand.handshaking && line.pins.length === 0) this.obey(line, block, demand);
  }

  private demand(block: number, type: MessageType, requester: number, acks: number, pushed: number): void {
    let line = this.lines.get(block);
    if (line === undefined) {
      assert(this.home(block) === this.node || this.faults.assertionsOff === true, 'a demand for an unknown block');
      line = new Line();
      this.lines.set(block, line);
      if (type === MessageType.FwdGetS) {
        line.access = Access.Read;
        this.sink.setAccess(block, Access.Read);
      }
      // Never used here, so no executor has access and the bytes are zero.
      this.answer(line, block, new Demand(type, requester, acks, pushed), true);
      return;
    }
    if (!this.faults.assertionsOff) {
      assert(line.access !== Access.None, 'a demand for a block that is not held');
      assert(line.demand === undefined, 'a second demand for one block');
    }
    const demand = new Demand(type, requester, acks, pushed);
    if (type === MessageType.FwdGetS && line.access === Access.Read) {
      this.answer(line, block, demand, false);
      return;
    }
    line.demand = demand;
    if (line.pins.length > 0 && !this.faults.ignorePin) {
      this.counters.deferred++;
      this.sink.pinContended(block);
    } else this.obey(line, block, demand);
  }

  private obey(line: Line, block: number, demand: Demand): void {
    const { type } = demand;
    line.pins.length = 0;
    line.access = type === MessageType.FwdGetS ? Access.Read : Access.None;
    this.sink.setAccess(block, line.access);
    if (line.mark !== 0 && line.access === Access.None) {
      line.mark = 0;
      this.sink.setMark(block, false);
    }
    const over = this.sink.startHandshake(block);
    const early = type === MessageType.Inv ? this.faults.ackBeforeHandshake : this.faults.dataBeforeHandshake;
    if (over || early === true) this.answer(line, block, demand, false);
    else demand.handshaking = true;
  }

  private answer(line: Line, block: number, demand: Demand, zero: boolean): void {
    const { type, requester, acks, pushed } = demand;
    const content = (zero ? MessageFlag.Zero : MessageFlag.HasData) | pushed;
    line.demand = undefined;
    switch (type) {
      case MessageType.FwdGetS:
        this.counters.supplied++;
        this.port.post(requester, MessageType.Data, block, requester, acks, content);
        return;
      case MessageType.FwdGetM:
        this.port.post(requester, MessageType.Data, block, requester, acks, content | MessageFlag.Exclusive);
        break;
      case MessageType.Inv:
        this.counters.invalidated++;
        this.port.post(requester, MessageType.InvAck, block, requester, 0, 0);
        break;
      default:
        this.port.post(this.home(block), MessageType.DiscardAck, block, requester, 0, 0);
    }
    this.counters.givenUp++;
    if (line.miss === undefined && this.home(block) !== this.node) this.lines.delete(block);
  }

  private restore(block: number): void {
    const line = this.lines.get(block);
    assert(line !== undefined && line.access === Access.None, 'a reset of a block that is held');
    this.sink.zeroFill(block);
    if (line.miss === undefined) this.lines.delete(block);
    else {
      // The request that waits at the directory will find its own sender as the owner.
      line.access = Access.Write;
      this.sink.setAccess(block, Access.Write);
    }
  }

  /** Appends the whole state as numbers, the same for equal states; counters are no part of it. */
  save(out: number[]): void {
    out.push(this.lines.size);
    for (const block of [...this.lines.keys()].sort((a, b) => a - b)) {
      const { access, mark, pins, miss, demand } = this.lines.get(block)!;
      out.push(block, access, mark);
      saveList(pins, out);
      out.push(miss === undefined ? 0 : 1);
      if (miss !== undefined) {
        out.push(miss.wanted, miss.granted, miss.acksLeft);
        saveList(miss.readers, out);
        saveList(miss.writers, out);
      }
      out.push(demand === undefined ? 0 : 1);
      if (demand !== undefined)
        out.push(demand.type, demand.requester, demand.acks, demand.pushed, demand.handshaking ? 1 : 0);
    }
  }

  /** Becomes the state that `save` wrote. */
  load(input: NumberReader): void {
    this.lines = new Map();
    for (let count = input.next(); count > 0; count--) {
      const line = new Line();
      this.lines.set(input.next(), line);
      line.access = input.next() as Access;
      line.mark = input.next();
      line.pins = readList(input);
      if (input.next() === 1) {
        const miss = new Miss(input.next() as Access);
        miss.granted = input.next() as Access;
        miss.acksLeft = input.next();
        miss.readers = readList(input);
        miss.writers = readList(input);
        line.miss = miss;
      }
      if (input.next() === 1) {
        const demand = new Demand(input.next() as MessageType, input.next(), input.next(), input.next());
        demand.handshaking = input.next() === 1;
        line.demand = demand;
      }
    }
  }
}
