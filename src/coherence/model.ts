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
import type { Placement } from './placement.ts';
import { NumberReader } from './port.ts';
import { Access, type CoherenceSink } from './sink.ts';

export interface ModelOptions {
  readonly nodes: number;
  readonly blocks: number;
  /** Independently written parts of each block. */
  readonly slots: number;
  /** Guest threads on each node. */
  readonly threads: readonly number[];
  /** Nodes that also have one internal waiter. */
  readonly kernels?: readonly number[];
  /** Nodes whose threads only load. */
  readonly loaders?: readonly number[];
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
const slotOf = (event: number) => (event >>> 20) & 63;
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
  /** What each block's last check allowed, until the poll fires. */
  readonly allowed: Access[];
  /** Bit set of blocks whose handshake waits for this thread. */
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
    this.options = options;
    const rows = (value: number) => Array.from({ length: blocks }, () => new Array<number>(slots).fill(value));
    this.latest = rows(0);
    for (let node = 0; node < nodes; node++) {
      this.access.push(new Array<Access>(blocks).fill(Access.None));
      this.memory.push(rows(0));
      this.handshakes.push(0);
      for (let to = 0; to < nodes; to++) this.streams.push([]);
      this.nodes.push(new CoherenceNode({ node, nodes, placement, migratoryGrants, faults }, this.sinkOf(node)));
      for (let waiter = 0; waiter < options.threads[node]!; waiter++) this.addThread(node, waiter);
      if (options.kernels?.includes(node)) this.addThread(node, -1);
    }
  }

  private addThread(node: number, waiter: number): void {
    const allowed = new Array<Access>(this.options.blocks).fill(Access.None);
    const idle = { phase: Phase.Out, wanted: Access.None, block: 0, slot: 0, raised: 0, pinned: 0 };
    this.threads.push({ node, waiter, ...idle, allowed });
  }

  private sinkOf(node: number): CoherenceSink {
    return {
      send: (to, message) => {
        const bytes = hasData(message) ? [...this.memory[node]![message.block]!] : [];
        this.streams[node * this.options.nodes + to]!.push({ message: { ...message }, bytes });
      },
      setAccess: (block, access) => {
        this.access[node]![block] = access;
      },
      setMark: () => {},
      startHandshake: (block) => {
        let over = true;
        for (const thread of this.threads) {
          if (thread.node !== node || thread.phase < Phase.Inside) continue;
          thread.raised |= 1 << block;
          over = false;
        }
        if (!over) this.handshakes[node]! |= 1 << block;
        return over;
      },
      wake: (waiter, block) => this.wake(node, waiter, block),
      pin: (block, waiter) => {
        this.threadOf(node, waiter).pinned |= 1 << block;
      },
      pinContended: () => {},
      zeroFill: (block) => {
        // A reset makes zero the block's value; a Data message without bytes only says that it still is.
        if (!this.zeroArrives) this.latest[block]!.fill(0);
        this.zeroArrives = false;
        this.memory[node]![block]!.fill(0);
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
    if (this.access[node]![block]! < thread.wanted) this.violation = 'an internal waiter is woken without access';
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
        if (this.handshakeOver(node, block)) out.push(eventOf(EventKind.HandshakeDone, node, block));
    }
  }

  private handshakeOver(node: number, block: number): boolean {
    const bit = 1 << block;
    if ((this.handshakes[node]! & bit) === 0) return false;
    return this.threads.every((thread) => thread.node !== node || (thread.raised & bit) === 0);
  }

  /** Events that the guest or a timer may bring about at any time: new loads and stores, resets, expired pins. */
  newEvents(out: number[]): void {
    const { blocks, slots, holds, loaders } = this.options;
    for (let index = 0; index < this.threads.length; index++) {
      const thread = this.threads[index]!;
      if (thread.phase === Phase.Inside && thread.raised === 0) out.push(eventOf(EventKind.Leave, index));
      if (thread.phase === Phase.Out || thread.phase === Phase.Inside) {
        for (let block = 0; block < blocks; block++) {
          for (let slot = 0; slot < slots; slot++) {
            out.push(eventOf(EventKind.Start, index, block, slot, Access.Read));
            if (!loaders?.includes(thread.node)) out.push(eventOf(EventKind.Start, index, block, slot, Access.Write));
          }
        }
      }
      if (!holds || thread.phase !== Phase.Inside) continue;
      for (let block = 0; block < blocks; block++)
        if (thread.allowed[block] === Access.Write) out.push(eventOf(EventKind.Hold, index, block));
    }
    this.expiryEvents(out);
    if (this.canReset()) out.push(eventOf(EventKind.Reset, 0));
    if (this.options.pushes) this.pushEvents(out);
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
      this.handshakes[actor]! &= ~(1 << block);
      this.nodes[actor]!.handshakeDone(block);
    } else if (kind === EventKind.PinExpired) {
      for (const thread of this.threads) if (thread.node === actor) thread.pinned &= ~(1 << block);
      this.nodes[actor]!.pinExpired(block);
    } else if (kind === EventKind.Reset) {
      this.resetsLeft = this.options.nodes;
      for (const node of this.nodes) node.reset(0, this.options.blocks, resetToken);
    } else if (kind === EventKind.Push) {
      this.nodes[actor]!.push(block, slotOf(event), wantedOf(event) as typeof Access.Read);
    } else this.stepThread(kind, this.threads[actor]!, event);
  }

  private stepThread(kind: EventKind, thread: Thread, event: number): void {
    switch (kind) {
      case EventKind.Start:
        thread.block = blockOf(event);
        thread.slot = slotOf(event);
        thread.wanted = wantedOf(event);
        if (thread.allowed[thread.block]! >= thread.wanted) thread.phase = Phase.Pending;
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
        this.nodes[thread.node]!.miss(thread.block, thread.wanted, thread.waiter);
        return;
      case EventKind.Hold: {
        const block = blockOf(event);
        if (!this.nodes[thread.node]!.hold(block, thread.waiter)) return;
        thread.pinned |= 1 << block;
        thread.block = block;
        thread.wanted = Access.Write;
        thread.phase = Phase.Pending;
        return;
      }
      default:
        assert(false, 'not an event of a thread');
    }
  }

  private check(thread: Thread): void {
    const { node, block, wanted, waiter } = thread;
    if (waiter < 0 || this.access[node]![block]! < wanted) {
      this.leave(thread, Phase.Missing);
      if ((thread.pinned & (1 << block)) !== 0 && !this.options.lenientPins)
        this.violation = `${this.nameOf(thread)} loses block ${block} before the access that asked for it`;
      return;
    }
    thread.allowed[block] = wanted;
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
      if (this.effective(to, message.block) !== Access.None) this.violation = 'bytes arrive over a block in use';
      const row = this.memory[to]![message.block]!;
      for (let slot = 0; slot < bytes.length; slot++) row[slot] = bytes[slot]!;
    }
    this.zeroArrives = (message.flags & MessageFlag.Zero) !== 0;
    this.nodes[to]!.deliver(message);
  }

  /** What executors of the node can still do with the block: its access byte and all checks that were passed. */
  private effective(node: number, block: number): Access {
    let most: Access = this.access[node]![block]!;
    for (const thread of this.threads)
      if (thread.node === node && thread.allowed[block]! > most) most = thread.allowed[block]!;
    return most;
  }

  private singleWriterViolation(): string | undefined {
    const { nodes, blocks } = this.options;
    for (let block = 0; block < blocks; block++) {
      let writers = 0;
      let users = 0;
      for (let node = 0; node < nodes; node++) {
        const most = this.effective(node, block);
        if (most === Access.Write) writers++;
        if (most !== Access.None) users++;
      }
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
      return `${name} ${wantedOf(event) === Access.Write ? 'store' : 'load'} of block ${blockOf(event)}: ${this.nameOf(thread)}`;
    return `${name}: ${this.nameOf(thread)}`;
  }

  /**
   * Appends the whole state as small numbers. Versions are reduced to what matters: whether bytes are current, and
   * whether the current value is zero; so runs of any length stay within finitely many states.
   */
  save(out: number[]): void {
    const { nodes, blocks, slots } = this.options;
    const current = (block: number, bytes: readonly number[]) => {
      for (let slot = 0; slot < slots; slot++) out.push(bytes[slot] === this.latest[block]![slot] ? 1 : 0);
    };
    for (const row of this.latest) for (const version of row) out.push(version === 0 ? 0 : 1);
    for (let node = 0; node < nodes; node++) {
      this.nodes[node]!.save(out);
      for (let block = 0; block < blocks; block++) {
        out.push(this.access[node]![block]!);
        current(block, this.memory[node]![block]!);
      }
      out.push(this.handshakes[node]!);
    }
    for (const stream of this.streams) {
      out.push(stream.length);
      for (const { message, bytes } of stream) {
        out.push(message.type, message.block, message.requester, message.acks, message.flags);
        if (hasData(message)) current(message.block, bytes);
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
    const readVersions = (block: number, bytes: number[]) => {
      for (let slot = 0; slot < slots; slot++)
        bytes[slot] = input.next() === 1 ? this.latest[block]![slot]! : staleVersion;
    };
    for (let node = 0; node < nodes; node++) {
      this.nodes[node]!.load(input);
      for (let block = 0; block < blocks; block++) {
        this.access[node]![block] = input.next() as Access;
        readVersions(block, this.memory[node]![block]!);
      }
      this.handshakes[node] = input.next();
    }
    for (const stream of this.streams) {
      stream.length = 0;
      for (let length = input.next(); length > 0; length--) {
        const message: Message = {
          type: input.next() as MessageType,
          block: input.next(),
          requester: input.next(),
          acks: input.next(),
          flags: input.next(),
          stride: 0,
          window: 0,
        };
        const bytes: number[] = [];
        if (hasData(message)) readVersions(message.block, bytes);
        stream.push({ message, bytes });
      }
    }
    for (const thread of this.threads) {
      thread.phase = input.next() as Phase;
      thread.wanted = input.next() as Access;
      thread.block = input.next();
      thread.slot = input.next();
      for (let block = 0; block < blocks; block++) thread.allowed[block] = input.next() as Access;
      thread.raised = input.next();
      thread.pinned = input.next();
    }
    this.resetsLeft = input.next();
  }
}
