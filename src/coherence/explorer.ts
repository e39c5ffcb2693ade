/**
 * Every reachable state of a small cluster, breadth first, by the production code itself. Checked in each state: at most
 * one writer (counting checks already passed in guest code), each load sees the last store, no store is lost, no
 * internal assertion fails. Checked over the whole graph: from each state, when nothing new is started, every order of
 * events comes to rest with all that was asked for done (no deadlock, no livelock).
 *
 * Of states that differ in names alone (model/symmetry.ts) one is kept. Livelocks are found among those all the same: a
 * round of the reduced graph leads from a state to itself by other names, and taking it again and again, by the names of
 * the time, comes back to the very state after as many rounds as it takes the renaming to become none; and a round of
 * the full graph is one of the reduced graph too.
 */
import { assert } from '../base/assert.ts';
import type { Coverage } from './model/coverage.ts';
import { describeEvent } from './model/describe.ts';
import { withChoice } from './model/event.ts';
import { Model } from './model/model.ts';
import type { ModelOptions } from './model/options.ts';
import { newEvents, progressEvents } from './model/possible-events.ts';
import { symmetries } from './model/symmetry.ts';
import { IntList, StateSet } from './state-set.ts';

export interface Finding {
  readonly what: string;
  /** The events from the start, in order. */
  readonly trace: readonly string[];
}

export interface Exploration {
  /** States that were looked at, and those for which they stand: all that differ from them in names alone. */
  readonly states: number;
  readonly named: number;
  readonly transitions: number;
  /** The first violation by distance from the start, if any. */
  readonly finding: Finding | undefined;
  /** False when the search stopped at `statesMax`. */
  readonly complete: boolean;
}

/** What happened without names, to find the same again by others. */
const nameless = (violation: string | undefined) => violation?.replaceAll(/\d+/g, '#');

/** Below zero, equal to it or above: which of two lists of numbers of one length comes first. */
function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return a[index]! - b[index]!;
  return 0;
}

const equal = (a: readonly number[], b: readonly number[]) => a.length === b.length && compare(a, b) === 0;

class Search {
  readonly model: Model;
  readonly states = new StateSet();
  readonly parents = new IntList();
  /** Edges of events that finish what was started: from and to, again and again. */
  readonly progress = new IntList();
  transitions = 0;
  named = 0;
  private readonly orders: ReturnType<typeof symmetries>;
  /** The model's state in the order in which it comes first, another one, and how many orders give the first. */
  private numbers: number[] = [];
  private others: number[] = [];
  private alike = 1;
  private readonly state: number[] = [];

  constructor(options: ModelOptions, reduces: boolean, coverage: Coverage | undefined) {
    assert(options.pushWindowMax === undefined, 'what homes remember of streams is in no saved state');
    this.model = new Model(options, coverage);
    const orders = symmetries(this.model.world);
    this.orders = reduces ? orders : orders.slice(0, 1);
    this.saveOwn(this.model);
    this.add(-1);
  }

  /** Saves the model's state in the order in which it comes first. */
  private saveFirst(model: Model): void {
    this.saveOwn(model);
    this.reorder(model);
  }

  private saveOwn(model: Model): void {
    this.numbers.length = 0;
    model.save(this.numbers, this.orders[0]);
  }

  /** From the model's own order to the one that comes first. */
  private reorder(model: Model): void {
    this.alike = 1;
    for (let index = 1; index < this.orders.length; index++) {
      this.others.length = 0;
      model.save(this.others, this.orders[index]);
      const difference = compare(this.others, this.numbers);
      if (difference === 0) this.alike++;
      if (difference >= 0) continue;
      [this.numbers, this.others] = [this.others, this.numbers];
      this.alike = 1;
    }
  }

  /** The number of the model's present state, just saved in its own order, which is new when it came from `parent` for the first time. */
  private add(parent: number): number {
    this.reorder(this.model);
    const known = this.states.size;
    const id = this.states.add(this.numbers);
    if (id < known) return id;
    this.parents.push(parent);
    this.named += this.orders.length / this.alike;
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
      return { what: 'deadlock: nothing can happen, but not all is done', trace: this.trace(this.pathTo(from)) };
    newEvents(model.world, events);
    let moved = false;
    for (let index = 0; index < events.length; index++) {
      let choice = 0;
      do {
        if (moved) model.load(state);
        model.apply(withChoice(events[index]!, choice++));
        this.transitions++;
        const { violation } = model;
        if (violation !== undefined) return { what: violation, trace: this.trace(this.pathTo(from), violation) };
        this.saveOwn(model);
        // Much that a home tries of its own accord changes nothing.
        moved = !equal(this.numbers, state);
        const to = moved ? this.add(from) : from;
        if (index >= progressCount || model.isDisturbed) continue;
        this.progress.push(from);
        this.progress.push(to);
      } while (choice < model.choices);
    }
    return undefined;
  }

  /** The states on the way to one, from the start. */
  private pathTo(id: number): number[] {
    const path: number[] = [];
    for (let at = id; at >= 0; at = this.parents.numbers[at]!) path.push(at);
    return path.reverse();
  }

  /**
   * Events that lead through the states of a path, by names that stay the same, and then to the violation if there is
   * one: as lines.
   */
  private trace(path: readonly number[], violation?: string): string[] {
    const model = new Model(this.model.options);
    const lines: string[] = [];
    for (const id of path.slice(1)) lines.push(this.follow(model, () => this.isAt(model, id)));
    if (violation !== undefined)
      lines.push(this.follow(model, () => nameless(model.violation) === nameless(violation)));
    return lines;
  }

  private isAt(model: Model, id: number): boolean {
    if (model.violation !== undefined) return false;
    this.saveFirst(model);
    this.states.read(id, this.others);
    return equal(this.others, this.numbers);
  }

  /** Makes the event happen after which `arrived`. @returns it as a line */
  private follow(model: Model, arrived: () => boolean): string {
    const state: number[] = [];
    model.save(state);
    const events: number[] = [];
    progressEvents(model.world, events);
    newEvents(model.world, events);
    for (const event of events) {
      const line = describeEvent(model.world, event);
      let choice = 0;
      do {
        model.apply(withChoice(event, choice++));
        if (arrived()) return line;
        const { choices } = model;
        model.load(state);
        model.choices = choices;
      } while (choice < model.choices);
    }
    assert(false, 'a state has other events by other names');
  }

  /** A round of events that finish what was started and yet come back to where they began. */
  livelock(): Finding | undefined {
    const endless = this.endlessStates();
    let at = endless.findIndex((degree) => degree > 0);
    if (at < 0) return undefined;
    const { numbers, length } = this.progress;
    const next = new Map<number, number>();
    for (let edge = 0; edge < length; edge += 2)
      if (endless[numbers[edge]!]! > 0 && endless[numbers[edge + 1]!]! > 0)
        next.set(numbers[edge]!, numbers[edge + 1]!);
    const order = new Map<number, number>();
    const visited: number[] = [];
    while (!order.has(at)) {
      order.set(at, visited.length);
      visited.push(at);
      at = next.get(at)!;
    }
    const round = [...visited.slice(order.get(at)! + 1), at];
    const trace = this.trace([...this.pathTo(at), ...round]);
    return { what: `livelock: the last ${round.length} events can repeat for ever`, trace };
  }

  /** For each state its successors from which progress need not end: 0 once all ends have been removed, again and again. */
  private endlessStates(): Int32Array {
    const states = this.states.size;
    const { numbers, length } = this.progress;
    const degree = new Int32Array(states);
    const start = new Int32Array(states + 1);
    for (let edge = 0; edge < length; edge += 2) {
      degree[numbers[edge]!]!++;
      start[numbers[edge + 1]! + 1]!++;
    }
    for (let id = 0; id < states; id++) start[id + 1]! += start[id]!;
    const fill = start.slice();
    const sources = new Int32Array(length / 2);
    for (let edge = 0; edge < length; edge += 2) sources[fill[numbers[edge + 1]!]!++] = numbers[edge]!;
    const ended: number[] = [];
    for (let id = 0; id < states; id++) if (degree[id] === 0) ended.push(id);
    while (ended.length > 0) {
      const id = ended.pop()!;
      for (let at = start[id]!; at < start[id + 1]!; at++) if (--degree[sources[at]!]! === 0) ended.push(sources[at]!);
    }
    return degree;
  }
}

/**
 * Explores all states that the options allow, up to `statesMax`, or up to the first violation.
 * @param reduces keep one of those that differ in names alone
 * @param coverage takes note of what met what
 */
export function explore(options: ModelOptions, statesMax: number, reduces = true, coverage?: Coverage): Exploration {
  const search = new Search(options, reduces, coverage);
  let finding: Finding | undefined;
  let next = 0;
  while (next < search.states.size && search.states.size < statesMax && finding === undefined)
    finding = search.expand(next++);
  const complete = next === search.states.size;
  if (complete) finding ??= search.livelock();
  const { named, transitions } = search;
  return { states: search.states.size, named, transitions, finding, complete };
}
