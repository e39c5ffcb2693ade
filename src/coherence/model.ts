/**
 * A whole cluster around the production protocol, for the explorer and the simulator: nodes, an ordered stream for each
 * pair of nodes, each node's memory and access table, and guest threads that check, load, store and poll as translated
 * code does. The model itself chooses nothing: it lists the events that can happen and applies the one it is given.
 *
 * A guest thread that passed a check keeps that permission until its poll fires or it parks, whatever happened to the
 * access table since: a store in flight. An internal waiter (`kernels`) uses the block inside the wake itself.
 */
import { AssertionFailure, assert } from '../base/assert.ts';
import { CoherenceNode } from './coherence-node.ts';
import { type Faults, noFaults } from './faults.ts';
import { describeMessage, hasData, type Message, MessageFlag, type MessageType } from './message.ts';
import { firstOf, type Grain, noSplitting, type Splitting } from './part.ts';
import type { Placement } from './placement.ts';
import { NumberReader } from './port.ts';
import { Access, type CoherenceSink } from './sink.ts';

export interface ModelOptions {
  readonly nodes: number;
  readonly blocks: number;
  /** Independently written places of each block, spread evenly over its granules. */
  readonly slots: number;
  /** How blocks divide; without it they do not. */
  readonly splitting?: Splitting;
  /** Homes split and merge at any time, whatever the conflicts. */
  readonly splits?: boolean;
  /** Guest threads on each node. */
  readonly threads: readonly number[];
  /** Nodes that also have one internal waiter. */
  readonly kernels?: readonly number[];
  /** Nodes whose threads only load. */
  readonly loaders?: readonly number[];
  /** By node, the slots that its threads use; all of them without it. */
  readonly places?: readonly (readonly number[])[];
  readonly placement: Placement;
  readonly migratoryGrants: number;
  /** Ranges of all blocks are reset now and then. */
  readonly resets: boolean;
  /** Pins may run out at any time. */
  readonly pinExpiry: boolean;
  /** Threads hold a block from an access to a later store, as LDREX and STREX do. */
  readonly holds?: boolean;
  /** Homes push blocks to other nodes at any time. */
  readonly pushes?: boolean;
  /** Do not report a thread that loses a pinned block before its access; what comes of it shows as a livelock. */
  readonly lenientPins?: boolean;
  readonly faults?: Faults;
}

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
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];
const kindNames = Object.keys(EventKind);

/** One event as a number: kind, actor (thread, stream or node), block, slot, wanted access. */
export function eventOf(kind: EventKind, actor: number, block = 0, slot = 0, wanted: Access = Access.None): number {
  return kind | (actor << 4) | (block << 14) | (slot << 20) | (wanted << 26);
}
export const kindOf = (event: number) => (event & 15) as EventKind;
export const actorOf = (event: number) => (event >>> 4) & 1023;
export const blockOf = (event: number) => (event >>> 14) & 63;
export const slotOf = (event: number) => (event >>> 20) & 63;
const wantedOf = (event: number) => (event >>> 26) as Access;

const Phase = {
  /** Outside guest code, nothing to do. */
  Out: 0,
  /** Outside guest code, about to check. */
  Ready: 1,
  /** Parked, the miss is on its way to the agent. */
  Missing: 2,
  /** Parked, the agent knows. */
  Waiting: 3,
  /** In guest code between two accesses. */
  Inside: 4,
  /** In guest code, checked, the load or store not yet done. */
  Pending: 5,
} as const;
type Phase = (typeof Phase)[keyof typeof Phase];

interface Thread {
  readonly node: number;
  /** The waiter's number on its node; below zero for an internal one. */
  readonly waiter: number;
  phase: Phase;
  wanted: Access;
  block: number;
  slot: number;
  /** What each granule's last check allowed, until the poll fires. */
  readonly allowed: Access[];
  /** Bit set of first granules of parts whose handshake waits for this thread. */
  raised: number;
  /** Bit set of blocks pinned for this thread. */
  pinned: number;
}

interface InFlight {
  readonly message: Message;
  /** The slots' versions when the bytes were taken; empty without data. */
  readonly bytes: number[];
}

const resetToken = 0;
/** Granules of all blocks together: bits of a number. */
const granulesMax = 32;
/** The version of bytes that are older than the last store, in a state read back from its canonical form. */
const staleVersion = -1;

export class Model {
  readonly options: ModelOptions;
  readonly nodes: CoherenceNode[] = [];
  readonly threads: Thread[] = [];
  /** What went wrong, once something did. */
  violation: string | undefined = undefined;
  /** Loads and stores done so far. */
  performed = 0;
  private readonly streams: InFlight[][] = [];
  private readonly grain: Grain;
  /** Granules of a block. Those of all blocks are numbered through. */
  readonly granules: number;
  /** By node and granule. */
  private readonly access: Access[][] = [];
  private readonly memory: number[][][] = [];
  /** The version that each slot must show: how many stores it has seen since it was last cleared. */
  private readonly latest: number[][] = [];
  private readonly handshakes: number[] = [];
  /** Nodes whose part of the running reset is not done. */
  private resetsLeft = 0;
  /** The next block to be cleared is the one that a message calls zero. */
  private zeroArrives = false;

  constructor(options: ModelOptions) {
    const { nodes, blocks, slots, placement, migratoryGrants, faults = noFaults } = options;
    const { splitting = noSplitting } = options;
    this.options = options;
    this.grain = splitting.grain;
    this.granules = this.grain[0]!;
    assert(blocks * this.granules <= granulesMax && slots >= this.granules, 'a model that does not fit its bit sets');
    const rows = (value: number) => Array.from({ length: blocks }, () => new Array<number>(slots).fill(value));
    this.latest = rows(0);
    for (let node = 0; node < nodes; node++) {
      this.access.push(new Array<Access>(blocks * this.granules).fill(Access.None));
      this.memory.push(rows(0));
      this.handshakes.push(0);
      for (let to = 0; to < nodes; to++) this.streams.push([]);
      const nodeOptions = { node, nodes, placement, migratoryGrants, splitting, faults };
      this.nodes.push(new CoherenceNode(nodeOptions, this.sinkOf(node)));
      for (let waiter = 0; waiter < options.threads[node]!; waiter++) this.addThread(node, waiter);
      if (options.kernels?.includes(node)) this.addThread(node, -1);
    }
  }

  private addThread(node: number, waiter: number): void {
    const allowed = new Array<Access>(this.options.blocks * this.granules).fill(Access.None);
    const idle = { phase: Phase.Out, wanted: Access.None, block: 0, slot: 0, raised: 0, pinned: 0 };
    this.threads.push({ node, waiter, ...idle, allowed });
  }

  private granuleOf(slot: number): number {
    return Math.floor((slot * this.granules) / this.options.slots);
  }

  /** The number of a slot's granule among those of all blocks. */
  private unitOf(block: number, slot: number): number {
    return block * this.granules + this.granuleOf(slot);
  }

  /** First and last slot, plus one, of granules of a block. */
  private slotsOf(granule: number, count: number): [number, number] {
    const perGranule = this.options.slots / this.granules;
    return [Math.ceil(granule * perGranule), Math.ceil((granule + count) * perGranule)];
  }

  /** The same for what a message speaks of. */
  private slotsIn({ granule, level }: Message): [number, number] {
    const count = this.grain[level]!;
    return this.slotsOf(firstOf(granule, count), count);
  }

  private sinkOf(node: number): CoherenceSink {
    return {
      send: (to, message) => {
        const bytes = hasData(message) ? this.memory[node]![message.block]!.slice(...this.slotsIn(message)) : [];
        this.streams[node * this.options.nodes + to]!.push({ message: { ...message }, bytes });
      },
      setAccess: (block, granule, count, access) => {
        const first = block * this.granules + granule;
        this.access[node]!.fill(access, first, first + count);
      },
      setMark: () => {},
      startHandshake: (block, granule) => {
        const bit = 1 << (block * this.granules + granule);
        let over = true;
        for (const thread of this.threads) {
          if (thread.node !== node || thread.phase < Phase.Inside) continue;
          thread.raised |= bit;
          over = false;
        }
        if (!over) this.handshakes[node]! |= bit;
        return over;
      },
      wake: (waiter, block) => this.wake(node, waiter, block),
      pin: (block, waiter) => {
        this.threadOf(node, waiter).pinned |= 1 << block;
      },
      pinContended: () => {},
      zeroFill: (block, granule, count) => {
        const slots = this.slotsOf(granule, count);
        // A reset makes zero the part's value; a Data message without bytes only says that it still is.
        if (!this.zeroArrives) this.latest[block]!.fill(0, ...slots);
        this.zeroArrives = false;
        this.memory[node]![block]!.fill(0, ...slots);
      },
      resetDone: () => {
        this.resetsLeft--;
      },
    };
  }

  private threadOf(node: number, waiter: number): Thread {
    const thread = this.threads.find((candidate) => candidate.node === node && candidate.waiter === waiter);
    assert(thread !== undefined, 'an effect for an unknown waiter');
    return thread;
  }

  private wake(node: number, waiter: number, block: number): void {
    const thread = this.threadOf(node, waiter);
    if (thread.phase !== Phase.Waiting || thread.block !== block) {
      this.violation = `thread ${this.nameOf(thread)} woken for block ${block} without waiting for it`;
      return;
    }
    if (waiter >= 0) {
      thread.phase = Phase.Ready;
      return;
    }
    if (this.access[node]![this.unitOf(block, thread.slot)]! < thread.wanted)
      this.violation = 'an internal waiter is woken without access';
    this.use(thread);
    thread.phase = Phase.Out;
  }

  /** The load or store of a thread, against the one sequence of versions that all nodes must see. */
  private use(thread: Thread): void {
    const { node, block, slot } = thread;
    const bytes = this.memory[node]![block]!;
    this.performed++;
    if (bytes[slot] !== this.latest[block]![slot]) {
      const what = thread.wanted === Access.Write ? 'stores over' : 'loads';
      this.violation = `${this.nameOf(thread)} ${what} a stale value of block ${block}`;
    } else if (thread.wanted === Access.Write) bytes[slot] = ++this.latest[block]![slot]!;
  }

  /** Events that finish what has been started; when none is left the cluster should be at rest. */
  progressEvents(out: number[]): void {
    const { nodes, blocks } = this.options;
    for (let index = 0; index < this.threads.length; index++) {
      const { phase, raised } = this.threads[index]!;
      if (phase === Phase.Ready) out.push(eventOf(EventKind.Enter, index));
      else if (phase === Phase.Missing) out.push(eventOf(EventKind.Miss, index));
      else if (phase === Phase.Pending) out.push(eventOf(EventKind.Perform, index));
      if (raised !== 0) out.push(eventOf(EventKind.Poll, index));
    }
    for (let stream = 0; stream < this.streams.length; stream++)
      if (this.streams[stream]!.length > 0) out.push(eventOf(EventKind.Deliver, stream));
    for (let node = 0; node < nodes; node++) {
      if (this.handshakes[node] === 0) continue;
      for (let block = 0; block < blocks; block++)
        for (let granule = 0; granule < this.granules; granule++)
          if (this.handshakeOver(node, block * this.granules + granule))
            out.push(eventOf(EventKind.HandshakeDone, node, block, granule));
    }
  }

  private handshakeOver(node: number, unit: number): boolean {
    const bit = 1 << unit;
    if ((this.handshakes[node]! & bit) === 0) return false;
    return this.threads.every((thread) => thread.node !== node || (thread.raised & bit) === 0);
  }

  /** Events that the guest or a timer may bring about at any time: new loads and stores, resets, expired pins. */
  newEvents(out: number[]): void {
    const { blocks, slots, holds, loaders, places } = this.options;
    const all = Array.from({ length: slots }, (_, slot) => slot);
    for (let index = 0; index < this.threads.length; index++) {
      const thread = this.threads[index]!;
      if (thread.phase === Phase.Inside && thread.raised === 0) out.push(eventOf(EventKind.Leave, index));
      if (thread.phase === Phase.Out || thread.phase === Phase.Inside) {
        for (let block = 0; block < blocks; block++) {
          for (const slot of places?.[thread.node] ?? all) {
            out.push(eventOf(EventKind.Start, index, block, slot, Access.Read));
            if (!loaders?.includes(thread.node)) out.push(eventOf(EventKind.Start, index, block, slot, Access.Write));
          }
        }
      }
      if (!holds || thread.phase !== Phase.Inside) continue;
      for (let block = 0; block < blocks; block++)
        for (let slot = 0; slot < slots; slot++)
          if (thread.allowed[this.unitOf(block, slot)] === Access.Write)
            out.push(eventOf(EventKind.Hold, index, block, slot));
    }
    this.expiryEvents(out);
    if (this.canReset()) out.push(eventOf(EventKind.Reset, 0));
    if (this.options.pushes) this.pushEvents(out);
    if (this.options.splits) this.partEvents(out);
  }

  /** Each part that could be split, and each set of brothers by its first; whether it happens is up to the home. */
  private partEvents(out: number[]): void {
    for (let block = 0; block < this.options.blocks; block++) {
      const home = this.nodes[0]!.homeOf(block);
      for (const { first, level } of this.nodes[home]!.parts(block)) {
        if (level + 1 < this.grain.length) out.push(eventOf(EventKind.Split, home, block, first));
        if (level > 0 && first % this.grain[level - 1]! === 0) out.push(eventOf(EventKind.Merge, home, block, first));
      }
    }
  }

  /** The home's split of what has a granule, or its merge with its brothers. */
  reshape(block: number, granule: number, merge: boolean): number {
    const kind = merge ? EventKind.Merge : EventKind.Split;
    return eventOf(kind, this.nodes[0]!.homeOf(block), block, granule);
  }

  private pushEvents(out: number[]): void {
    const { nodes, blocks, loaders } = this.options;
    for (let block = 0; block < blocks; block++) {
      for (let to = 0; to < nodes; to++) {
        out.push(this.push(block, to, Access.Read));
        if (!loaders?.includes(to)) out.push(this.push(block, to, Access.Write));
      }
    }
  }

  /** The home's push of a block to a node. */
  push(block: number, to: number, wanted: Access): number {
    return eventOf(EventKind.Push, this.nodes[0]!.homeOf(block), block, to, wanted);
  }

  /** The pins that may run out, when the options let them. */
  expiryEvents(out: number[]): void {
    const { blocks, pinExpiry } = this.options;
    if (!pinExpiry) return;
    for (const thread of this.threads) {
      for (let block = 0; block < blocks; block++)
        if ((thread.pinned & (1 << block)) !== 0) out.push(eventOf(EventKind.PinExpired, thread.node, block));
    }
  }

  /** A new load or store is possible for this thread. */
  canStart(index: number): boolean {
    const { phase } = this.threads[index]!;
    return phase === Phase.Out || phase === Phase.Inside;
  }

  /** No reset is running. */
  canReset(): boolean {
    return this.options.resets && this.resetsLeft === 0;
  }

  /** Makes one event happen and checks what must hold afterwards; see `violation`. */
  apply(event: number): void {
    try {
      this.step(event);
    } catch (error) {
      if (!(error instanceof AssertionFailure)) throw error;
      this.violation ??= `assertion: ${error.message}`;
    }
    this.violation ??= this.singleWriterViolation();
  }

  private step(event: number): void {
    const kind = kindOf(event);
    const actor = actorOf(event);
    const block = blockOf(event);
    if (kind === EventKind.Deliver) this.deliver(actor);
    else if (kind === EventKind.HandshakeDone) {
      const granule = slotOf(event);
      this.handshakes[actor]! &= ~(1 << (block * this.granules + granule));
      this.nodes[actor]!.handshakeDone(block, granule);
    } else if (kind === EventKind.PinExpired) {
      for (const thread of this.threads) if (thread.node === actor) thread.pinned &= ~(1 << block);
      this.nodes[actor]!.pinExpired(block);
    } else if (kind === EventKind.Reset) {
      this.resetsLeft = this.options.nodes;
      for (const node of this.nodes) node.reset(0, this.options.blocks, resetToken);
    } else if (kind === EventKind.Push) {
      this.nodes[actor]!.push(block, slotOf(event), wantedOf(event) as typeof Access.Read);
    } else if (kind === EventKind.Split) this.nodes[actor]!.split(block, slotOf(event));
    else if (kind === EventKind.Merge) this.nodes[actor]!.merge(block, slotOf(event));
    else this.stepThread(kind, this.threads[actor]!, event);
  }

  private stepThread(kind: EventKind, thread: Thread, event: number): void {
    switch (kind) {
      case EventKind.Start:
        thread.block = blockOf(event);
        thread.slot = slotOf(event);
        thread.wanted = wantedOf(event);
        if (thread.allowed[this.unitOf(thread.block, thread.slot)]! >= thread.wanted) thread.phase = Phase.Pending;
        else this.check(thread);
        return;
      case EventKind.Enter:
        this.check(thread);
        return;
      case EventKind.Perform: {
        const bit = 1 << thread.block;
        this.use(thread);
        thread.phase = Phase.Inside;
        if ((thread.pinned & bit) !== 0) {
          thread.pinned &= ~bit;
          this.nodes[thread.node]!.consumed(thread.block, thread.waiter);
        }
        return;
      }
      case EventKind.Poll:
        this.leave(thread, thread.phase === Phase.Pending ? Phase.Ready : Phase.Out);
        return;
      case EventKind.Leave:
        this.leave(thread, Phase.Out);
        return;
      case EventKind.Miss:
        thread.phase = Phase.Waiting;
        this.nodes[thread.node]!.miss(thread.block, this.granuleOf(thread.slot), thread.wanted, thread.waiter);
        return;
      case EventKind.Hold: {
        const block = blockOf(event);
        const slot = slotOf(event);
        if (!this.nodes[thread.node]!.hold(block, this.granuleOf(slot), thread.waiter)) return;
        thread.pinned |= 1 << block;
        thread.block = block;
        thread.slot = slot;
        thread.wanted = Access.Write;
        thread.phase = Phase.Pending;
        return;
      }
      default:
        assert(false, 'not an event of a thread');
    }
  }

  private check(thread: Thread): void {
    const { node, block, slot, wanted, waiter } = thread;
    const unit = this.unitOf(block, slot);
    if (waiter < 0 || this.access[node]![unit]! < wanted) {
      this.leave(thread, Phase.Missing);
      if ((thread.pinned & (1 << block)) !== 0 && !this.options.lenientPins)
        this.violation = `${this.nameOf(thread)} loses block ${block} before the access that asked for it`;
      return;
    }
    thread.allowed[unit] = wanted;
    thread.phase = Phase.Pending;
  }

  private leave(thread: Thread, phase: Phase): void {
    thread.phase = phase;
    thread.allowed.fill(Access.None);
    thread.raised = 0;
  }

  private deliver(stream: number): void {
    const to = stream % this.options.nodes;
    const { message, bytes } = this.streams[stream]!.shift()!;
    if (bytes.length > 0) {
      const [first, end] = this.slotsIn(message);
      const row = this.memory[to]![message.block]!;
      for (let slot = first; slot < end; slot++) {
        if (this.effective(to, this.unitOf(message.block, slot)) !== Access.None)
          this.violation = 'bytes arrive over a block in use';
        row[slot] = bytes[slot - first]!;
      }
    }
    this.zeroArrives = (message.flags & MessageFlag.Zero) !== 0;
    this.nodes[to]!.deliver(message);
  }

  /** What executors of the node can still do with a granule: its access byte and all checks that were passed. */
  private effective(node: number, unit: number): Access {
    let most: Access = this.access[node]![unit]!;
    for (const thread of this.threads)
      if (thread.node === node && thread.allowed[unit]! > most) most = thread.allowed[unit]!;
    return most;
  }

  private singleWriterViolation(): string | undefined {
    const { nodes, blocks } = this.options;
    for (let unit = 0; unit < blocks * this.granules; unit++) {
      let writers = 0;
      let users = 0;
      for (let node = 0; node < nodes; node++) {
        const most = this.effective(node, unit);
        if (most === Access.Write) writers++;
        if (most !== Access.None) users++;
      }
      const block = Math.floor(unit / this.granules);
      if (writers > 0 && users > 1)
        return writers > 1
          ? `two nodes can write block ${block}`
          : `one node can write block ${block}, another read it`;
    }
    return undefined;
  }

  /** Nothing is under way: all that was asked for has been done. */
  atRest(): boolean {
    return (
      this.resetsLeft === 0 &&
      this.streams.every((stream) => stream.length === 0) &&
      this.handshakes.every((blocks) => blocks === 0) &&
      this.threads.every(({ phase, raised }) => raised === 0 && (phase === Phase.Out || phase === Phase.Inside)) &&
      this.nodes.every((node) => node.idle())
    );
  }

  private nameOf(thread: Thread): string {
    return `${thread.waiter < 0 ? 'internal waiter' : `thread ${thread.waiter}`} of node ${thread.node}`;
  }

  /** One line about an event that is about to be applied. */
  describe(event: number): string {
    const kind = kindOf(event);
    const actor = actorOf(event);
    const name = kindNames[kind]!;
    if (kind === EventKind.Reset) return name;
    if (kind === EventKind.Split || kind === EventKind.Merge)
      return `${name} by node ${actor}: block ${blockOf(event)} at granule ${slotOf(event)}`;
    if (kind === EventKind.HandshakeDone || kind === EventKind.PinExpired)
      return `${name} on node ${actor}, block ${blockOf(event)}`;
    if (kind === EventKind.Push)
      return `${name} by node ${actor}: block ${blockOf(event)} to node ${slotOf(event)}${wantedOf(event) === Access.Write ? ' for writing' : ''}`;
    if (kind === EventKind.Deliver) {
      const from = Math.floor(actor / this.options.nodes);
      const head = this.streams[actor]![0]!;
      return `${name} ${from} -> ${actor % this.options.nodes}: ${describeMessage(head.message)}`;
    }
    const thread = this.threads[actor]!;
    if (kind === EventKind.Start)
      return `${name} ${wantedOf(event) === Access.Write ? 'store' : 'load'} of block ${blockOf(event)}, slot ${slotOf(event)}: ${this.nameOf(thread)}`;
    return `${name}: ${this.nameOf(thread)}`;
  }

  /**
   * Appends the whole state as small numbers. Versions are reduced to what matters: whether bytes are current, and
   * whether the current value is zero; so runs of any length stay within finitely many states.
   */
  save(out: number[]): void {
    const { nodes, blocks } = this.options;
    const current = (block: number, bytes: readonly number[], first: number) => {
      for (let index = 0; index < bytes.length; index++)
        out.push(bytes[index] === this.latest[block]![first + index] ? 1 : 0);
    };
    for (const row of this.latest) for (const version of row) out.push(version === 0 ? 0 : 1);
    for (let node = 0; node < nodes; node++) {
      this.nodes[node]!.save(out);
      out.push(...this.access[node]!);
      for (let block = 0; block < blocks; block++) current(block, this.memory[node]![block]!, 0);
      out.push(this.handshakes[node]!);
    }
    for (const stream of this.streams) {
      out.push(stream.length);
      for (const { message, bytes } of stream) {
        out.push(message.type, message.block, message.granule, message.level, message.requester);
        out.push(message.acks, message.flags);
        if (hasData(message)) current(message.block, bytes, this.slotsIn(message)[0]);
      }
    }
    for (const thread of this.threads) {
      const busy = thread.phase !== Phase.Out && thread.phase !== Phase.Inside;
      out.push(thread.phase, busy ? thread.wanted : 0, busy ? thread.block : 0, busy ? thread.slot : 0);
      out.push(...thread.allowed, thread.raised, thread.pinned);
    }
    out.push(this.resetsLeft);
  }

  /** Becomes a state that `save` wrote. */
  load(numbers: readonly number[]): void {
    const { nodes, blocks, slots } = this.options;
    const input = new NumberReader(numbers);
    this.violation = undefined;
    for (const row of this.latest) for (let slot = 0; slot < slots; slot++) row[slot] = input.next();
    const readVersions = (block: number, bytes: number[], first: number, end: number) => {
      for (let slot = first; slot < end; slot++)
        bytes[slot - first] = input.next() === 1 ? this.latest[block]![slot]! : staleVersion;
    };
    for (let node = 0; node < nodes; node++) {
      this.nodes[node]!.load(input);
      const access = this.access[node]!;
      for (let unit = 0; unit < access.length; unit++) access[unit] = input.next() as Access;
      for (let block = 0; block < blocks; block++) readVersions(block, this.memory[node]![block]!, 0, slots);
      this.handshakes[node] = input.next();
    }
    for (const stream of this.streams) {
      stream.length = 0;
      for (let length = input.next(); length > 0; length--) {
        const message: Message = {
          type: input.next() as MessageType,
          block: input.next(),
          granule: input.next(),
          level: input.next(),
          requester: input.next(),
          acks: input.next(),
          flags: input.next(),
          stride: 0,
          window: 0,
        };
        const bytes: number[] = [];
        if (hasData(message)) readVersions(message.block, bytes, ...this.slotsIn(message));
        stream.push({ message, bytes });
      }
    }
    for (const thread of this.threads) {
      thread.phase = input.next() as Phase;
      thread.wanted = input.next() as Access;
      thread.block = input.next();
      thread.slot = input.next();
      for (let unit = 0; unit < thread.allowed.length; unit++) thread.allowed[unit] = input.next() as Access;
      thread.raised = input.next();
      thread.pinned = input.next();
    }
    this.resetsLeft = input.next();
  }
}
