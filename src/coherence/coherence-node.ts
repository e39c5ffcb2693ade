/**
 * One node's part of the coherence protocol: the directory of the blocks whose home it is, and the agent for the copies
 * that it holds. A pure state machine: events come in by the methods, effects go out through the sink, and nothing else
 * (no clock, socket or random source) is touched. See docs/architecture.md and `message.ts` for the protocol.
 */
import { assert } from '../base/assert.ts';
import { Agent, type AgentCounters } from './agent.ts';
import { Directory, type DirectoryCounters } from './directory.ts';
import type { Entry } from './entry.ts';
import { type Faults, noFaults } from './faults.ts';
import type { BlockLines } from './line.ts';
import { blankMessage, directoryTypeMax, type Message, MessageFlag, MessageType } from './message.ts';
import { type Names, ownNames } from './names.ts';
import { type Part, pageSplitting, type Splitting } from './part.ts';
import { homeOf, type Placement } from './placement.ts';
import { NumberReader, type Port } from './port.ts';
import type { Access, CoherenceSink } from './sink.ts';

/** Messages from the node to itself that may wait in the loop inside: one event causes a few for each block. */
const loopedMessagesMax = 65_536;
const migratoryGrantsDefault = 8;
const blocksDefault = 2 ** 20;

export interface CoherenceOptions {
  /** This node's number, from 0. */
  readonly node: number;
  readonly nodes: number;
  readonly placement: Placement;
  /**
   * Once a block is seen to wander (read, then written, by one node after another), so many reads in a row bring
   * ownership at once, before the pattern is tested again; 0 = never. Default 8.
   */
  readonly migratoryGrants?: number;
  /** Blocks that a home pushes ahead of a stream at once, at the most; 0 = streams are not looked for. Default 0. */
  readonly pushWindowMax?: number;
  /** The blocks that there are are those below this one: streams end there. Default: as many as the guest has pages. */
  readonly blocks?: number;
  /** How blocks divide. Default: as a page of 64 granules does. */
  readonly splitting?: Splitting;
  /**
   * Which of so many sharers, all as good, sends its copy. Default: the lowest. The explorer tries all of them, since
   * only then no node differs from another by its number.
   */
  readonly choose?: (count: number) => number;
  /** Only for the explorer and the simulator. */
  readonly faults?: Faults;
}

export class CoherenceNode implements Port {
  readonly node: number;
  private readonly nodes: number;
  private readonly placement: Placement;
  private readonly sink: CoherenceSink;
  private readonly directory: Directory;
  private readonly agent: Agent;
  private readonly outgoing: Message = blankMessage();
  /** Messages to this node itself: records are kept for reuse, `loopHead` to `loopTail` are waiting. */
  private readonly loop: Message[] = [];
  private loopHead = 0;
  private loopTail = 0;
  /** Above zero while an event or the loop is being served. */
  private depth = 0;

  constructor(options: CoherenceOptions, sink: CoherenceSink) {
    const { node, nodes, placement, migratoryGrants = migratoryGrantsDefault, faults = noFaults } = options;
    const { pushWindowMax = 0, blocks = blocksDefault, splitting = pageSplitting, choose = () => 0 } = options;
    const { grain } = splitting;
    this.node = node;
    this.nodes = nodes;
    this.placement = placement;
    this.sink = sink;
    this.directory = new Directory(
      { node, nodes, placement, migratoryGrants, pushWindowMax, blocks, splitting, choose, faults },
      this,
      (token) => sink.resetDone(token),
    );
    this.agent = new Agent({ node, nodes, placement, namesThreads: pushWindowMax > 0, grain, faults }, this, sink);
  }

  /** Running totals since the start, for metrics. */
  get counters(): Readonly<AgentCounters> & Readonly<DirectoryCounters> {
    return { ...this.agent.counters, ...this.directory.counters };
  }

  /** The home node of `block`. */
  homeOf(block: number): number {
    return homeOf(block, this.nodes, this.placement);
  }

  /**
   * A message from another node arrived. The bytes of a message with `HasData` must be in guest memory already: the
   * node that gets them has no access to the part until this call.
   */
  deliver(message: Message): void {
    this.depth++;
    this.dispatch(message);
    this.leave();
  }

  /**
   * A thread has no access to a granule of `block`, or too little: obtains it and then calls `wake(waiter, block)`, which may happen
   * before this returns. Also the way to touch memory from inside (copies from and to the guest, futex checks).
   * @param waiter a guest thread's slot (0 and above: the block is pinned for it when it is the first one woken), or a
   *   negative number of the caller's choice, which is through with the block when its `wake` returns
   */
  miss(block: number, granule: number, wanted: Access, waiter: number): void {
    this.depth++;
    this.agent.miss(block, granule, wanted, waiter);
    this.leave();
  }

  /**
   * Pins a granule that the node owns already (LDREX keeps it until STREX), until `consumed` or `pinExpired`.
   * @returns false when it is not owned, is being given up, or another node waits for it
   */
  hold(block: number, granule: number, waiter: number): boolean {
    return this.agent.hold(block, granule, waiter);
  }

  /**
   * Sends a block whose home is this node to a node that is expected to ask for it: by a stream of misses, say.
   * @param mark a thread of `to`, plus one, whose coming to the block is to be told; 0 = none
   * @returns false when it is not in use, busy, there already, or wanted for writing while it is shared
   */
  push(block: number, to: number, wanted: typeof Access.Read | typeof Access.Write, mark = 0): boolean {
    this.depth++;
    const onItsWay = this.directory.push(block, to, wanted, mark);
    this.leave();
    return onItsWay;
  }

  /** Splits the part that has the granule, whose home is this node, whatever its conflicts say: for tests. */
  split(block: number, granule: number): boolean {
    return this.directory.split(block, granule);
  }

  /** Merges the part that has the granule with its brothers; false when they are not all idle and of one owner. */
  merge(block: number, granule: number): boolean {
    return this.directory.merge(block, granule);
  }

  /** The parts of a block whose home is this node; none while nobody else has used it. */
  parts(block: number): Part[] {
    return this.directory.parts(block);
  }

  /** Every executor that was inside guest code at `startHandshake(block, granule, ...)` has polled or parked since. */
  handshakeDone(block: number, granule: number): void {
    this.depth++;
    this.agent.handshakeDone(block, granule);
    this.leave();
  }

  /** The thread for which something of the block was pinned has completed its access. Late or repeated reports do no harm. */
  consumed(block: number, waiter: number): void {
    this.depth++;
    this.agent.consumed(block, waiter);
    this.leave();
  }

  /** The shell's bound on a pin passed: whoever waits for the block gets it. */
  pinExpired(block: number): void {
    this.depth++;
    this.agent.pinExpired(block);
    this.leave();
  }

  /** The residency that `keep(block, granule, ...)` began is over. Late or repeated reports do no harm. */
  residencyOver(block: number, granule: number): void {
    this.depth++;
    this.agent.residencyOver(block, granule);
    this.leave();
  }

  /**
   * Brings those blocks of the range whose home is this node back to their first state (owned by the home, all zero),
   * wherever they are now; `resetDone(token)` follows, possibly before this returns. Every node gets the same reset.
   * Takes time by the smaller of the range and the number of blocks in use.
   * @param token distinct from those of resets still running
   */
  reset(firstBlock: number, count: number, token: number): void {
    assert(this.depth === 0, 'a reset from inside an effect');
    const used = this.usedBlocks(firstBlock, count);
    this.directory.startReset(token, used.length);
    for (const block of used) {
      this.depth++;
      this.directory.resetBlock(block, token);
      this.leave();
    }
  }

  /** What this node may do with a granule of `block`; None for a block that its home has not used yet (the first miss opens it). */
  accessOf(block: number, granule = 0): Access {
    return this.agent.accessOf(block, granule);
  }

  /** Who holds the granule of a block whose home is this node: its owner, or -1 and the sharers. */
  holders(block: number, granule = 0): { owner: number; sharers: number[] } {
    return this.directory.holders(block, granule);
  }

  /** The entry that answers for a granule of a block whose home is this node, if there is one: for the model. */
  protected entryAt(block: number, granule: number): Entry | undefined {
    return this.directory.entryAt(block, granule);
  }

  /** What this node knows of a block as a holder: for the model. */
  protected linesOf(block: number): BlockLines | undefined {
    return this.agent.linesOf(block);
  }

  /** True when nothing is under way here. */
  idle(): boolean {
    return this.agent.idle() && this.directory.idle();
  }

  /** For the directory only. */
  isUsed(block: number): boolean {
    return this.agent.isUsed(block);
  }

  /** For directory and agent only. */
  post(
    to: number,
    type: MessageType,
    block: number,
    granule: number,
    level: number,
    requester: number,
    acks: number,
    flags: number,
  ): void {
    const message = to === this.node ? this.loopSlot() : this.outgoing;
    message.type = type;
    message.block = block;
    message.granule = granule;
    message.level = level;
    message.requester = requester;
    message.acks = acks;
    message.flags = flags;
    message.stride = 0;
    message.window = 0;
    if (to !== this.node) this.sink.send(to, message);
  }

  /** For the directory only. */
  handOver(block: number, requester: number, thread: number, stride: number, window: number, writes: boolean): void {
    const { outgoing } = this;
    outgoing.type = MessageType.Stream;
    outgoing.block = block;
    outgoing.granule = 0;
    outgoing.level = 0;
    outgoing.requester = requester;
    outgoing.acks = thread + 1;
    outgoing.flags = writes ? MessageFlag.Exclusive : 0;
    outgoing.stride = stride;
    outgoing.window = window;
    const home = this.homeOf(block);
    assert(home !== this.node, 'a stream handed over to its own home');
    this.sink.send(home, outgoing);
  }

  /** The state as numbers: equal states give equal numbers. Only between events. */
  save(out: number[], names: Names = ownNames): void {
    this.directory.save(out, names);
    this.agent.save(out, names);
  }

  /** Becomes a state that `save` wrote for a node of the same options. */
  load(input: NumberReader): void {
    this.loopHead = 0;
    this.loopTail = 0;
    this.depth = 0;
    this.directory.load(input);
    this.agent.load(input);
  }

  /** A new node with the same state that acts through another sink. */
  clone(options: CoherenceOptions, sink: CoherenceSink): CoherenceNode {
    const numbers: number[] = [];
    this.save(numbers);
    const copy = new CoherenceNode(options, sink);
    copy.load(new NumberReader(numbers));
    return copy;
  }

  protected dispatch(message: Message): void {
    if (message.type <= directoryTypeMax) this.directory.handle(message);
    else this.agent.handle(message);
  }

  private loopSlot(): Message {
    assert(this.loopTail < loopedMessagesMax, 'too many messages to the own node');
    if (this.loopTail === this.loop.length) this.loop.push(blankMessage());
    return this.loop[this.loopTail++]!;
  }

  /**
   * The end of an event. The outermost one serves the loop until it is empty; a `miss` from inside `wake` only appends
   * to it, so that no demand comes between the wakes of one grant.
   */
  private leave(): void {
    if (this.depth === 1) {
      while (this.loopHead < this.loopTail) this.dispatch(this.loop[this.loopHead++]!);
      this.loopHead = 0;
      this.loopTail = 0;
    }
    this.depth--;
  }

  /** The blocks of a range that are homed here and not in their first state. */
  usedBlocks(firstBlock: number, count: number): number[] {
    const used = new Set<number>();
    this.directory.addUsed(firstBlock, count, used);
    this.agent.addUsed(firstBlock, count, used);
    return [...used].filter((block) => this.homeOf(block) === this.node).sort((a, b) => a - b);
  }
}
