/**
 * A larger cluster under random delays: from a seed, guest threads on several nodes load and store random slots of a few
 * blocks while ranges are reset, until all of them are through. Every choice comes from the seed, so a failure replays.
 * Checked after every event: what the model checks; at the end: that everything came to rest.
 */
import { Prng } from '../base/prng.ts';
import { Actors } from './actors.ts';
import { type DelayOptions, Delays } from './delays.ts';
import type { Coverage } from './model/coverage.ts';
import { describeEvent } from './model/describe.ts';
import { actorOf, EventKind, eventOf, kindOf } from './model/event.ts';
import { Phase } from './model/guest-thread.ts';
import { Model } from './model/model.ts';
import type { ModelOptions } from './model/options.ts';
import {
  canChangeMap,
  canReset,
  expiryEvents,
  holdEvents,
  progressEvents,
  pushEvent,
  reshapeEvent,
} from './model/possible-events.ts';
import { Access } from './sink.ts';

export interface SimulationOptions extends ModelOptions, DelayOptions {
  /** Loads and stores that each thread does. */
  readonly operationsPerThread: number;
  /** Resets of all blocks, or changes of their map, in the course of the run. */
  readonly resetsMax: number;
}

export interface Simulation {
  readonly seed: number;
  readonly events: number;
  readonly operations: number;
  readonly violation: string | undefined;
  /** The last events before the violation, in order. */
  readonly trace: readonly string[];
}

/** Events after which a run that has not ended is taken for a livelock, for each operation wanted. */
const eventsPerOperationMax = 400;
/** Pushes, splits and merges that the run may try, for each operation wanted. */
const urgesPerOperation = 3;
const traceLines = 60;
const unscheduled = -1;
/** Time until a reset that may begin begins. */
const resetAfterMin = 100;
const resetAfterMax = 1000;
const writeShare = 0.4;
const exclusiveShare = 0.5;
/** Of the store-exclusives that are possible, so many are made before anything else. */
const followShare = 0.8;
const holdShare = 0.3;
const splitShare = 0.6;

/** One run from a seed. */
class Run {
  readonly model: Model;
  readonly trace: string[] = [];
  events = 0;
  private readonly random: Prng;
  private readonly options: SimulationOptions;
  private readonly actors: Actors;
  private readonly delays: Delays;
  /** When each actor's next event happens. */
  private readonly due: number[];
  private readonly operationsLeft: number[];
  private resetsLeft: number;
  /** Pushes, splits and merges, so that they end when slow nodes do not. */
  private urgesLeft: number;
  private now = 0;

  constructor(options: SimulationOptions, seed: number, coverage: Coverage | undefined) {
    this.options = options;
    this.random = new Prng(seed);
    this.model = new Model(options, coverage, (count) => this.random.below(count));
    const { world } = this.model;
    this.actors = new Actors(world);
    this.delays = new Delays(options, this.random);
    this.due = new Array<number>(this.actors.count).fill(unscheduled);
    this.operationsLeft = world.threads.map(() => options.operationsPerThread);
    this.resetsLeft = options.resetsMax;
    this.urgesLeft = urgesPerOperation * options.operationsPerThread * world.threads.length;
  }

  /** Runs to the end or to the first violation. @returns the violation */
  run(linesMax: number): string | undefined {
    const { model } = this;
    const { world } = model;
    const eventsMax = eventsPerOperationMax * this.options.operationsPerThread * world.threads.length;
    const candidates: number[] = [];
    while (this.events < eventsMax) {
      candidates.length = 0;
      progressEvents(world, candidates);
      this.addNew(candidates);
      const possible = this.earliest(candidates);
      if (possible === undefined)
        return world.atRest() ? undefined : 'deadlock: nothing can happen, but not all is done';
      const event = this.made(possible);
      if (linesMax > 0) this.note(describeEvent(world, event), linesMax);
      this.events++;
      model.apply(event);
      if (model.violation !== undefined) return model.violation;
    }
    return `livelock: not done after ${eventsMax} events`;
  }

  private note(line: string, linesMax: number): void {
    this.trace.push(`${Math.floor(this.now)} ${line}`);
    if (this.trace.length > linesMax) this.trace.shift();
  }

  /** What may begin now. What a thread does, or which block is pushed or split, is drawn when its time has come. */
  private addNew(candidates: number[]): void {
    const { model, options } = this;
    const { threads } = model.world;
    for (let index = 0; index < threads.length; index++)
      if (this.operationsLeft[index]! > 0 && threads[index]!.canStart) candidates.push(eventOf(EventKind.Start, index));
    expiryEvents(model.world, candidates);
    if (this.resetsLeft > 0 && canReset(model.world)) candidates.push(eventOf(EventKind.Reset, 0));
    if (this.resetsLeft > 0 && canChangeMap(model.world)) candidates.push(eventOf(EventKind.MapChange, 0));
    // Pushes go on only while something else does, so that a run ends.
    if (candidates.length === 0 || this.urgesLeft === 0) return;
    if (options.pushes) candidates.push(eventOf(EventKind.Push, 0));
    if (options.splits) candidates.push(eventOf(EventKind.Split, 0));
  }

  /** The event itself, of one that was only known to be possible. */
  private made(event: number): number {
    switch (kindOf(event)) {
      case EventKind.Start:
        this.operationsLeft[actorOf(event)]!--;
        return this.start(actorOf(event));
      case EventKind.Reset:
      case EventKind.MapChange:
        this.resetsLeft--;
        return event;
      case EventKind.Push:
        this.urgesLeft--;
        return this.push();
      case EventKind.Split:
        this.urgesLeft--;
        return this.reshape();
      default:
        return event;
    }
  }

  private start(index: number): number {
    const { model, options, random } = this;
    const { phase, node, waiter, reservation } = model.world.threads[index]!;
    if (options.holds && phase === Phase.Inside && random.chance(holdShare)) {
      const holds: number[] = [];
      holdEvents(model.world, index, holds);
      if (holds.length > 0) return random.pick(holds);
    }
    const block = random.below(options.blocks);
    const slot = random.below(options.slots);
    if (waiter >= 0 && options.exclusives?.includes(node)) {
      if (reservation !== undefined && random.chance(followShare))
        return eventOf(EventKind.StartStoreExclusive, index, reservation.block, reservation.slot, Access.Write);
      if (random.chance(exclusiveShare)) return eventOf(EventKind.StartLoadExclusive, index, block, slot, Access.Write);
    }
    const writes = random.chance(writeShare) && !options.loaders?.includes(node);
    return eventOf(EventKind.Start, index, block, slot, writes ? Access.Write : Access.Read);
  }

  private reshape(): number {
    const { model, options, random } = this;
    const granule = random.below(model.world.geometry.granules);
    return reshapeEvent(model.world, random.below(options.blocks), granule, !random.chance(splitShare));
  }

  private push(): number {
    const { model, options, random } = this;
    const wanted = random.chance(writeShare) ? Access.Write : Access.Read;
    return pushEvent(model.world, random.below(options.blocks), random.below(options.nodes), wanted);
  }

  /** The candidate whose time comes first; those of actors without a time draw theirs now. */
  private earliest(candidates: readonly number[]): number | undefined {
    const { due, actors } = this;
    let best: number | undefined;
    let bestActor = 0;
    for (let index = 0; index < candidates.length; index++) {
      const event = candidates[index]!;
      const actor = actors.of(event);
      if (due[actor] === unscheduled) due[actor] = this.timeOf(event);
      if (best !== undefined && due[actor]! >= due[bestActor]!) continue;
      best = event;
      bestActor = actor;
    }
    if (best === undefined) return undefined;
    this.now = Math.max(this.now, due[bestActor]!);
    due[bestActor] = unscheduled;
    return best;
  }

  private timeOf(event: number): number {
    const kind = kindOf(event);
    if (kind === EventKind.Reset || kind === EventKind.MapChange)
      return this.now + resetAfterMin + this.random.below(resetAfterMax - resetAfterMin);
    if (kind === EventKind.Deliver) return this.delays.arrival(this.now, actorOf(event));
    return this.delays.due(this.now, this.actors.nodeOf(event));
  }
}

/**
 * Simulates the run of one seed; when it fails, runs it again to record the trace.
 * @param coverage takes note of what met what
 * @param linesMax how many of the last events a trace has
 */
export function simulate(
  options: SimulationOptions,
  seed: number,
  coverage?: Coverage,
  linesMax: number = traceLines,
): Simulation {
  let run = new Run(options, seed, coverage);
  const violation = run.run(0);
  if (violation !== undefined) {
    run = new Run(options, seed, undefined);
    run.run(linesMax);
  }
  return { seed, events: run.events, operations: run.model.performed, violation, trace: run.trace };
}
