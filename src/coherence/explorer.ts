/**
 * Every reachable state of a small cluster, breadth first, by the production code itself. Checked in each state: at most
 * one writer (counting checks already passed in guest code), each load sees the last store, no store is lost, no
 * internal assertion fails. Checked over the whole graph: from each state, when nothing new is started, every order of
 * events comes to rest with all that was asked for done (no deadlock, no livelock).
 */
import { describeEvent } from './model/describe.ts';
import { Model } from './model/model.ts';
import type { ModelOptions } from './model/options.ts';
import { newEvents, progressEvents } from './model/possible-events.ts';
import { IntList, StateSet } from './state-set.ts';

export interface Finding {
  readonly what: string;
  /** The events from the start, in order. */
  readonly trace: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** The first violation by distance from the start, if any. */
  readonly finding: Finding | undefined;
  /** False when the search stopped at `statesMax`. */
  readonly complete: boolean;
}

class Search {
  readonly model: Model;
  readonly states = new StateSet();
  readonly parents = new IntList();
  readonly events = new IntList();
  /** Edges of events that finish what was started: from, to and the event, again and again. */
  readonly progress = new IntList();
  transitions = 0;
  private readonly numbers: number[] = [];
  private readonly state: number[] = [];

  constructor(options: ModelOptions) {
    this.model = new Model(options);
    this.add(-1, -1);
  }

  /** The number of the model's present state, which is new when it came from `parent` for the first time. */
  private add(parent: number, event: number): number {
    this.numbers.length = 0;
    this.model.save(this.numbers);
    const known = this.states.size;
    const id = this.states.add(this.numbers);
    if (id < known) return id;
    this.parents.push(parent);
    this.events.push(event);
    return id;
  }

  /** Follows all events of one state. @returns what is wrong after one of them */
  expand(from: number): Finding | undefined {
    const { model } = this;
    const state = this.state;
    this.states.read(from, state);
    model.load(state);
    const events: number[] = [];
    progressEvents(model.world, events);
    const progressCount = events.length;
    if (progressCount === 0 && !model.world.atRest())
      return { what: 'deadlock: nothing can happen, but not all is done', trace: this.trace(from) };
    newEvents(model.world, events);
    for (let index = 0; index < events.length; index++) {
      const event = events[index]!;
      if (index > 0) model.load(state);
      model.apply(event);
      this.transitions++;
      if (model.violation !== undefined) return { what: model.violation, trace: this.trace(from, event) };
      const to = this.add(from, event);
      if (index >= progressCount) continue;
      this.progress.push(from);
      this.progress.push(to);
      this.progress.push(event);
    }
    return undefined;
  }

  /** The events that led to a state first, then `more`, as lines. */
  trace(id: number, ...more: readonly number[]): string[] {
    const path: number[] = [];
    for (let at = id; this.parents.numbers[at]! >= 0; at = this.parents.numbers[at]!)
      path.push(this.events.numbers[at]!);
    const replay = new Model(this.model.options);
    return [...path.reverse(), ...more].map((event) => {
      const line = describeEvent(replay.world, event);
      replay.apply(event);
      return line;
    });
  }

  /** A round of events that finish what was started and yet come back to where they began. */
  livelock(): Finding | undefined {
    const endless = this.endlessStates();
    let at = endless.findIndex((degree) => degree > 0);
    if (at < 0) return undefined;
    const { numbers, length } = this.progress;
    const next = new Map<number, number>();
    for (let edge = 0; edge < length; edge += 3)
      if (endless[numbers[edge]!]! > 0 && endless[numbers[edge + 1]!]! > 0) next.set(numbers[edge]!, edge);
    const order = new Map<number, number>();
    const events: number[] = [];
    while (!order.has(at)) {
      order.set(at, events.length);
      const edge = next.get(at)!;
      events.push(numbers[edge + 2]!);
      at = numbers[edge + 1]!;
    }
    const round = events.slice(order.get(at)!);
    return { what: `livelock: the last ${round.length} events can repeat for ever`, trace: this.trace(at, ...round) };
  }

  /** For each state its successors from which progress need not end: 0 once all ends have been removed, again and again. */
  private endlessStates(): Int32Array {
    const states = this.states.size;
    const { numbers, length } = this.progress;
    const degree = new Int32Array(states);
    const start = new Int32Array(states + 1);
    for (let edge = 0; edge < length; edge += 3) {
      degree[numbers[edge]!]!++;
      start[numbers[edge + 1]! + 1]!++;
    }
    for (let id = 0; id < states; id++) start[id + 1]! += start[id]!;
    const fill = start.slice();
    const sources = new Int32Array(length / 3);
    for (let edge = 0; edge < length; edge += 3) sources[fill[numbers[edge + 1]!]!++] = numbers[edge]!;
    const ended: number[] = [];
    for (let id = 0; id < states; id++) if (degree[id] === 0) ended.push(id);
    while (ended.length > 0) {
      const id = ended.pop()!;
      for (let at = start[id]!; at < start[id + 1]!; at++) if (--degree[sources[at]!]! === 0) ended.push(sources[at]!);
    }
    return degree;
  }
}

/** Explores all states that the options allow, up to `statesMax`, or up to the first violation. */
export function explore(options: ModelOptions, statesMax: number): Exploration {
  const search = new Search(options);
  let finding: Finding | undefined;
  let next = 0;
  while (next < search.states.size && search.states.size < statesMax && finding === undefined)
    finding = search.expand(next++);
  const complete = next === search.states.size;
  if (complete) finding ??= search.livelock();
  return { states: search.states.size, transitions: search.transitions, finding, complete };
}
