/**
 * A whole cluster around the production protocol, for the explorer and the simulator: nodes, an ordered stream for each
 * pair of nodes, each node's memory and access table, and guest threads that check, load, store and poll as translated
 * code does. The model itself chooses nothing: it lists the events that can happen (possible-events.ts) and applies the
 * one it is given.
 *
 * A guest thread that passed a check keeps that permission until its poll fires or it parks, whatever happened to the
 * access table since: a store in flight. An internal waiter (`kernels`) uses the block inside the wake itself.
 */
import { AssertionFailure, assert } from '../../base/assert.ts';
import { CoherenceNode } from '../coherence-node.ts';
import { noFaults } from '../faults.ts';
import { hasData, MessageFlag } from '../message.ts';
import { noSplitting } from '../part.ts';
import { Access, type CoherenceSink } from '../sink.ts';
import type { Coverage } from './coverage.ts';
import { actorOf, blockOf, choiceOf, choicesMax, EventKind, kindOf, slotOf, wantedOf } from './event.ts';
import { type GuestThread, Intent, Phase } from './guest-thread.ts';
import { changeViolation, learn, Step } from './map-changes.ts';
import type { ModelOptions } from './options.ts';
import { consumed, contended, forget, grant, isKept, pin, through } from './pins.ts';
import { changeTags, noteStore, reserve } from './reservations.ts';
import { loadWorld, type Order, ownOrder, saveWorld } from './state.ts';
import { WatchedNode } from './watched-node.ts';
import { World } from './world.ts';

const resetToken = 0;

/** A number below `count`. */
type Chooser = (count: number) => number;

/** What a thread that sets out means to do. */
const intents = {
  [EventKind.Start]: Intent.Plain,
  [EventKind.StartLoadExclusive]: Intent.LoadExclusive,
  [EventKind.StartStoreExclusive]: Intent.StoreExclusive,
} as const;

export class Model {
  readonly options: ModelOptions;
  readonly world: World;
  /** What went wrong, once something did. */
  violation: string | undefined = undefined;
  /** Loads and stores done so far. */
  performed = 0;
  /** In how many ways the protocol could have chosen during the last event. */
  choices = 1;
  /** What is left of the event's choice for later ones within it. */
  private choiceLeft = 0;
  /** Chooses by itself, without regard to the event: among more than an event has room for. */
  private readonly chooser: Chooser | undefined;
  private readonly ownOrder: Order;
  /** In the last event the shell gave up what was pinned, before it was used. No progress depends on that. */
  isDisturbed = false;
  /** During an event that ends a residency. What is asked meanwhile must not be about keeping. */
  private residencyEnds = false;
  /** Homes whose part of a reset was done in the last event. */
  private readonly resetDone: number[] = [];
  /** The next block to be cleared is the one that a message calls zero. */
  private zeroArrives = false;

  constructor(options: ModelOptions, coverage?: Coverage, chooser?: Chooser) {
    const {
      nodes,
      blocks,
      placement,
      migratoryGrants,
      pushWindowMax,
      splitting = noSplitting,
      faults = noFaults,
    } = options;
    this.options = options;
    this.chooser = chooser;
    this.world = new World(options);
    const windows = pushWindowMax === undefined ? {} : { pushWindowMax };
    for (let node = 0; node < nodes; node++) {
      const choose = (count: number) => this.choose(count);
      const nodeOptions = { node, nodes, placement, blocks, migratoryGrants, splitting, choose, faults, ...windows };
      const sink = this.sinkOf(node);
      this.world.nodes.push(
        coverage === undefined ? new CoherenceNode(nodeOptions, sink) : new WatchedNode(nodeOptions, sink, coverage),
      );
    }
    this.ownOrder = ownOrder(this.world);
  }

  /** Appends the whole state as small numbers, in an order of nodes, blocks and threads. */
  save(out: number[], order: Order = this.ownOrder): void {
    saveWorld(this.world, out, order);
  }

  /** Becomes a state that `save` wrote. */
  load(numbers: readonly number[]): void {
    this.violation = undefined;
    loadWorld(this.world, numbers);
  }

  private sinkOf(node: number): CoherenceSink {
    const { world, options } = this;
    const { geometry } = world;
    const { granules } = geometry;
    const access = world.access[node]!;
    const memory = world.memory[node]!;
    return {
      send: (to, message) => {
        const bytes = hasData(message) ? memory[message.block]!.slice(...geometry.slotsIn(message)) : [];
        world.streams[node * options.nodes + to]!.push({ message: { ...message }, bytes });
      },
      setAccess: (block, granule, count, allowed) => {
        const first = block * granules + granule;
        access.fill(allowed, first, first + count);
      },
      setMark: (block, marked) => {
        const others = world.marked[node]! & ~(1 << block);
        world.marked[node] = marked ? others | (1 << block) : others;
      },
      startHandshake: (block, granule, count) => this.startHandshake(node, block * granules + granule, count),
      wake: (waiter, block) => this.wake(world.threadOf(node, waiter), block),
      pin: (block, waiter) => {
        pin(world.threadOf(node, waiter), block);
      },
      pinContended: (block) => this.pinContended(node, block),
      keep: (block, granule) => {
        if (this.residencyEnds) this.violation = `block ${block} may be kept again when its residency is over`;
        const keeps = options.residency === true && this.choose(2) === 0;
        if (keeps) world.kept[node]! |= 1 << (block * granules + granule);
        return keeps;
      },
      zeroFill: (block, granule, count) => {
        const slots = geometry.slotsOf(granule, count);
        // A reset makes zero the part's value; a Data message without bytes only says that it still is.
        if (!this.zeroArrives) world.cleared(block, ...slots);
        this.zeroArrives = false;
        memory[block]!.fill(0, ...slots);
      },
      resetDone: () => {
        if (world.maps.steps[node] === Step.Resetting) world.maps.steps[node] = Step.Done;
        else world.resetsLeft--;
        this.resetDone.push(node);
      },
    };
  }

  private pinContended(node: number, block: number): boolean {
    const { options, world } = this;
    if (!options.silentUse) return true;
    if (options.pinExpiry && this.choose(2) === 1) {
      this.isDisturbed = true;
      forget(world.threads, node, block);
      return false;
    }
    return contended(world, node, block);
  }

  private startHandshake(node: number, unit: number, count: number): boolean {
    const { world } = this;
    const bit = 1 << unit;
    let over = true;
    for (const thread of world.threads) {
      if (thread.node !== node || !thread.isInside) continue;
      thread.raised |= bit;
      over = false;
    }
    if (over || this.options.faults?.tagsBeforeHandshake) this.changeTags(node, unit, count);
    if (!over) world.handshakes[node]![unit] = count;
    return over;
  }

  private handshakeDone(node: number, block: number, granule: number): void {
    const { nodes, handshakes, geometry } = this.world;
    const unit = block * geometry.granules + granule;
    if (!this.options.faults?.tagsBeforeHandshake) this.changeTags(node, unit, handshakes[node]![unit]!);
    handshakes[node]![unit] = 0;
    nodes[node]!.handshakeDone(block, granule);
  }

  /** Whoever has loaded exclusively from these granules has lost them with the right to write. */
  private changeTags(node: number, unit: number, count: number): void {
    if (!this.options.faults?.downgradeLeavesTags) changeTags(this.world, node, unit, count);
  }

  private wake(thread: GuestThread, block: number): void {
    if (thread.phase !== Phase.Waiting || thread.block !== block) {
      this.violation = `${thread.name} woken for block ${block} without waiting for it`;
      return;
    }
    if (thread.waiter >= 0) {
      thread.phase = Phase.Ready;
      grant(this.world, thread, block);
      return;
    }
    if (this.accessOf(thread) < thread.wanted) this.violation = 'an internal waiter is woken without access';
    this.use(thread);
    thread.phase = Phase.Out;
  }

  /** What the access table says of the place that the thread wants. */
  private accessOf({ node, block, slot }: GuestThread): Access {
    return this.world.access[node]![this.world.geometry.unitOf(block, slot)]!;
  }

  /** The load or store of a thread, against the one sequence of versions that all nodes must see. */
  private use(thread: GuestThread): void {
    const { node, block, slot, intent, reservation } = thread;
    const writes = thread.wanted === Access.Write && intent !== Intent.LoadExclusive;
    if (intent === Intent.StoreExclusive) {
      thread.reservation = undefined;
      if (!reservation!.intact) return;
      if (reservation!.broken)
        this.violation = `${thread.name} stores exclusively to block ${block} though another thread has stored there`;
    }
    const bytes = this.world.memory[node]![block]!;
    const latest = this.world.latest[block]!;
    this.performed++;
    if (bytes[slot] !== latest[slot]) {
      this.violation ??= `${thread.name} ${writes ? 'stores over' : 'loads'} a stale value of block ${block}`;
      return;
    }
    if (intent === Intent.LoadExclusive) reserve(thread);
    if (!writes) return;
    bytes[slot] = ++latest[slot]!;
    noteStore(this.world, thread, intent === Intent.StoreExclusive);
  }

  /** Makes one event happen and checks what must hold afterwards; see `violation`. */
  apply(event: number): void {
    this.choices = 1;
    this.residencyEnds = false;
    this.isDisturbed = false;
    this.resetDone.length = 0;
    this.choiceLeft = choiceOf(event);
    try {
      this.step(event);
    } catch (error) {
      if (!(error instanceof AssertionFailure)) throw error;
      this.violation ??= `assertion: ${error.message}`;
    }
    this.violation ??= this.violationNow();
  }

  private violationNow(): string | undefined {
    const { world } = this;
    for (const home of this.resetDone) {
      const violation = world.clearedViolation(home);
      if (violation !== undefined) return violation;
    }
    return world.singleWriterViolation() ?? changeViolation(world);
  }

  private choose(count: number): number {
    if (this.chooser !== undefined) return this.chooser(count);
    const chosen = this.choiceLeft % count;
    this.choiceLeft = Math.floor(this.choiceLeft / count);
    this.choices *= count;
    assert(this.choices <= choicesMax, 'more choices than an event has room for');
    return chosen;
  }

  /** The mark of a push: which thread it names means nothing here. */
  private chooseMark(): number {
    return this.options.marks ? this.choose(2) : 0;
  }

  private step(event: number): void {
    const { nodes, threads, kept, geometry } = this.world;
    const actor = actorOf(event);
    const block = blockOf(event);
    const slot = slotOf(event);
    const kind = kindOf(event);
    switch (kind) {
      case EventKind.Deliver:
        this.deliver(actor);
        return;
      case EventKind.HandshakeDone:
        this.handshakeDone(actor, block, slot);
        return;
      case EventKind.ResidencyOver:
        kept[actor]! &= ~(1 << (block * geometry.granules + slot));
        this.residencyEnds = true;
        nodes[actor]!.residencyOver(block, slot);
        return;
      case EventKind.PinExpired:
        forget(threads, actor, block);
        nodes[actor]!.pinExpired(block);
        return;
      case EventKind.Reset:
        this.world.resetsLeft = this.options.nodes;
        this.world.startClearing();
        for (const node of nodes) node.reset(0, this.options.blocks, resetToken);
        return;
      case EventKind.MapChange:
        this.world.maps.start();
        this.world.startClearing();
        return;
      case EventKind.MapLearn:
        if (learn(this.world, actor)) nodes[actor]!.reset(0, this.options.blocks, resetToken);
        return;
      case EventKind.MapLearnt:
        this.world.maps.steps[actor] = Step.Resetting;
        nodes[actor]!.reset(0, this.options.blocks, resetToken);
        return;
      case EventKind.Push:
        nodes[actor]!.push(block, slot, wantedOf(event) as typeof Access.Read, this.chooseMark());
        return;
      case EventKind.Split:
        nodes[actor]!.split(block, slot);
        return;
      case EventKind.Merge:
        nodes[actor]!.merge(block, slot);
        return;
      default:
        this.stepThread(kind, threads[actor]!, event);
    }
  }

  private stepThread(kind: EventKind, thread: GuestThread, event: number): void {
    const { nodes, geometry } = this.world;
    const node = nodes[thread.node]!;
    switch (kind) {
      case EventKind.Start:
      case EventKind.StartLoadExclusive:
      case EventKind.StartStoreExclusive:
        thread.setOut(intents[kind], blockOf(event), slotOf(event), wantedOf(event));
        if (thread.allowed[geometry.unitOf(thread.block, thread.slot)]! >= thread.wanted) thread.phase = Phase.Pending;
        else this.check(thread);
        return;
      case EventKind.Enter:
        this.check(thread);
        return;
      case EventKind.Perform:
        this.use(thread);
        thread.phase = Phase.Inside;
        through(this.world, thread);
        return;
      case EventKind.Poll:
        thread.leave(thread.phase === Phase.Pending ? Phase.Ready : Phase.Out);
        return;
      case EventKind.Leave:
        thread.leave(Phase.Out);
        return;
      case EventKind.Miss:
        thread.phase = Phase.Waiting;
        node.miss(thread.block, geometry.granuleOf(thread.slot), thread.wanted, thread.waiter);
        return;
      case EventKind.Consumed:
        consumed(this.world, thread, blockOf(event));
        return;
      case EventKind.Hold: {
        const block = blockOf(event);
        const slot = slotOf(event);
        if (!node.hold(block, geometry.granuleOf(slot), thread.waiter)) return;
        pin(thread, block);
        thread.setOut(Intent.Plain, block, slot, Access.Write);
        thread.phase = Phase.Pending;
        grant(this.world, thread, block);
        return;
      }
      default:
        assert(false, 'not an event of a thread');
    }
  }

  private check(thread: GuestThread): void {
    const { node, block, slot, wanted, waiter } = thread;
    if (!this.world.maps.mappedOn[node]) {
      this.fault(thread);
      return;
    }
    const isMarked = (this.world.marked[node]! & (1 << block)) !== 0;
    if (waiter < 0 || isMarked || this.accessOf(thread) < wanted) {
      thread.leave(Phase.Missing);
      // A mark that comes with the right to write what is here stops it once more, but takes nothing away.
      if (isKept(thread) && !isMarked && !this.options.lenientPins)
        this.violation = `${thread.name} loses block ${block} before the access that asked for it`;
      if (this.options.silentUse) through(this.world, thread);
      return;
    }
    thread.allowed[this.world.geometry.unitOf(block, slot)] = wanted;
    thread.phase = Phase.Pending;
  }

  /** The page is not mapped: the access is over without having been made. */
  private fault(thread: GuestThread): void {
    thread.leave(Phase.Out);
    through(this.world, thread);
  }

  private deliver(stream: number): void {
    const { world } = this;
    const { geometry } = world;
    const to = stream % this.options.nodes;
    const { message, bytes } = world.streams[stream]!.shift()!;
    if (bytes.length > 0) {
      const [first, end] = geometry.slotsIn(message);
      const row = world.memory[to]![message.block]!;
      for (let slot = first; slot < end; slot++) {
        if (world.effective(to, geometry.unitOf(message.block, slot)) !== Access.None)
          this.violation = 'bytes arrive over a block in use';
        row[slot] = bytes[slot - first]!;
      }
    }
    this.zeroArrives = (message.flags & MessageFlag.Zero) !== 0;
    world.nodes[to]!.deliver(message);
  }
}
