/**
 * A larger cluster under random delays: from a seed, guest threads on several nodes load and store random slots of a few
 * blocks while ranges are reset, until all of them are through. Every choice comes from the seed, so a failure replays.
 * Checked after every event: what the model checks; at the end: that everything came to rest.
 */
import { Prng } from '../base/prng.ts';
import { describeEvent } from './model/describe.ts';
import { actorOf, blockOf, choicesMax, EventKind, eventOf, kindOf, slotOf, withChoice } from './model/event.ts';
import { Model } from './model/model.ts';
import type { ModelOptions } from './model/options.ts';
import { canReset, expiryEvents, progressEvents, pushEvent, reshapeEvent } from './model/possible-events.ts';
import { Access } from './sink.ts';

export interface SimulationOptions extends ModelOptions {
  /** Loads and stores that each thread does. */
  readonly operationsPerThread: number;
  /** Resets of all blocks in the course of the run. */
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
const traceLinesMax = 60;
const unscheduled = -1;

/** One run from a seed. */
class Run {
  readonly model: Model;
  readonly trace: string[] = [];
  events = 0;
  private readonly random: Prng;
  private readonly options: SimulationOptions;
  /** When each actor's next event happens; all kinds of events of one actor share it. */
  private readonly due: number[];
  private readonly operationsLeft: number[];
  private resetsLeft: number;
  private now = 0;

  constructor(options: SimulationOptions, seed: number) {
    this.options = options;
    this.random = new Prng(seed);
    this.model = new Model(options);
    this.operationsLeft = this.model.world.threads.map(() => options.operationsPerThread);
    this.resetsLeft = options.resetsMax;
    this.due = new Array<number>(this.actors.count).fill(unscheduled);
  }

  /** First numbers of each kind of actor: threads, their polls, streams, handshakes, pins, and the one that resets. */
  private get actors() {
    const { nodes, blocks } = this.options;
    const polls = this.model.world.threads.length;
    const streams = polls * 2;
    const handshakes = streams + nodes * nodes;
    const units = nodes * blocks * this.model.world.geometry.granules;
    const residencies = handshakes + units;
    const pins = residencies + units;
    const reset = pins + nodes * blocks;
    const push = reset + 1;
    const reshape = push + 1;
    return { polls, streams, handshakes, residencies, pins, reset, push, reshape, count: reshape + 1 };
  }

  /** Runs to the end or to the first violation. @returns the violation */
  run(tracing: boolean): string | undefined {
    const { model } = this;
    const eventsMax = eventsPerOperationMax * this.options.operationsPerThread * model.world.threads.length;
    const candidates: number[] = [];
    while (this.events < eventsMax) {
      candidates.length = 0;
      progressEvents(model.world, candidates);
      this.addNew(candidates);
      const event = this.earliest(candidates);
      if (event === undefined)
        return model.world.atRest() ? undefined : 'deadlock: nothing can happen, but not all is done';
      if (tracing) this.note(describeEvent(model.world, event));
      if (kindOf(event) === EventKind.Start) this.operationsLeft[actorOf(event)]!--;
      if (kindOf(event) === EventKind.Reset) this.resetsLeft--;
      this.events++;
      model.apply(withChoice(event, this.random.below(choicesMax)));
      if (model.violation !== undefined) return model.violation;
    }
    return `livelock: not done after ${eventsMax} events`;
  }

  private note(line: string): void {
    this.trace.push(`${this.now} ${line}`);
    if (this.trace.length > traceLinesMax) this.trace.shift();
  }

  private addNew(candidates: number[]): void {
    const { model, options, random } = this;
    for (let index = 0; index < model.world.threads.length; index++) {
      if (this.operationsLeft[index] === 0 || !model.world.threads[index]!.canStart) continue;
      const wanted = random.chance(0.4) ? Access.Write : Access.Read;
      candidates.push(
        eventOf(EventKind.Start, index, random.below(options.blocks), random.below(options.slots), wanted),
      );
    }
    expiryEvents(model.world, candidates);
    if (this.resetsLeft > 0 && canReset(model.world)) candidates.push(eventOf(EventKind.Reset, 0));
    // Pushes go on only while something else does, so that a run ends.
    const isBusy = candidates.length > 0;
    if (options.pushes && isBusy) this.addPush(candidates);
    if (options.splits && isBusy) this.addReshape(candidates);
  }

  private addReshape(candidates: number[]): void {
    const { model, options, random } = this;
    const granule = random.below(model.world.geometry.granules);
    candidates.push(reshapeEvent(model.world, random.below(options.blocks), granule, random.chance(0.6)));
  }

  private addPush(candidates: number[]): void {
    const { model, options, random } = this;
    const wanted = random.chance(0.4) ? Access.Write : Access.Read;
    candidates.push(pushEvent(model.world, random.below(options.blocks), random.below(options.nodes), wanted));
  }

  /** The candidate whose time comes first; those of actors without a time draw theirs now. */
  private earliest(candidates: readonly number[]): number | undefined {
    let best: number | undefined;
    let bestActor = 0;
    for (const event of candidates) {
      const actor = this.actorIndex(event);
      if (this.due[actor] === unscheduled) this.due[actor] = this.now + this.delay(event);
      if (best === undefined || this.due[actor]! < this.due[bestActor]!) {
        best = event;
        bestActor = actor;
      }
    }
    if (best === undefined) return undefined;
    this.now = Math.max(this.now, this.due[bestActor]!);
    this.due[bestActor] = unscheduled;
    return best;
  }

  private actorIndex(event: number): number {
    const { polls, streams, handshakes, residencies, pins, reset, push, reshape } = this.actors;
    switch (kindOf(event)) {
      case EventKind.Poll:
        return polls + actorOf(event);
      case EventKind.Deliver:
        return streams + actorOf(event);
      case EventKind.HandshakeDone:
        return handshakes + this.numberOf(actorOf(event), blockOf(event), slotOf(event));
      case EventKind.ResidencyOver:
        return residencies + this.numberOf(actorOf(event), blockOf(event), slotOf(event));
      case EventKind.PinExpired:
        return pins + actorOf(event) * this.options.blocks + blockOf(event);
      case EventKind.Reset:
        return reset;
      case EventKind.Push:
        return push;
      case EventKind.Split:
      case EventKind.Merge:
        return reshape;
      default:
        return actorOf(event);
    }
  }

  private numberOf(node: number, block: number, granule: number): number {
    return (node * this.options.blocks + block) * this.model.world.geometry.granules + granule;
  }

  /** Mostly short, now and then as long as many others together; resets are rare. */
  private delay(event: number): number {
    const { random } = this;
    if (kindOf(event) === EventKind.Reset) return 500 + random.below(1500);
    return random.chance(0.05) ? random.below(400) : 1 + random.below(20);
  }
}

/** Simulates the run of one seed; when it fails, runs it again to record the trace. */
export function simulate(options: SimulationOptions, seed: number): Simulation {
  let run = new Run(options, seed);
  const violation = run.run(false);
  if (violation !== undefined) {
    run = new Run(options, seed);
    run.run(true);
  }
  return { seed, events: run.events, operations: run.model.performed, violation, trace: run.trace };
}
