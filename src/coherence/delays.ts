/** When simulated events happen: by whose they are, and by chance. */
import type { Prng } from '../base/prng.ts';

export interface DelayOptions {
  readonly nodes: number;
  /** Nodes all of whose events take so many times as long. */
  readonly slow?: readonly number[];
  readonly slowness?: number;
  /** Each link delays its messages by a time of its own, up to this. */
  readonly linkDelayMax?: number;
  /** All events wait for the next of these instants, which they share; 0 = each has its own. */
  readonly burstEvery?: number;
}

/** Mostly events come soon, now and then after as long as many others together. */
const soonMax = 20;
const lateMax = 400;
const lateShare = 0.05;

export class Delays {
  private readonly random: Prng;
  private readonly slowness: readonly number[];
  private readonly links: readonly number[];
  private readonly burstEvery: number;

  constructor({ nodes, slow = [], slowness = 1, linkDelayMax = 0, burstEvery = 0 }: DelayOptions, random: Prng) {
    this.random = random;
    this.slowness = Array.from({ length: nodes }, (_, node) => (slow.includes(node) ? slowness : 1));
    this.links = Array.from({ length: nodes * nodes }, () => random.below(linkDelayMax + 1));
    this.burstEvery = burstEvery;
  }

  /** When an event of a node happens, that becomes possible now. */
  due(now: number, node: number): number {
    return this.grouped(now + this.draw() * this.slowness[node]!);
  }

  /** When the first message of a stream arrives. */
  arrival(now: number, stream: number): number {
    const to = stream % this.slowness.length;
    return this.grouped(now + (this.links[stream]! + this.draw()) * this.slowness[to]!);
  }

  private draw(): number {
    return this.random.chance(lateShare) ? this.random.below(lateMax) : 1 + this.random.below(soonMax);
  }

  /** What happens at one instant happens in any order: by the fraction. */
  private grouped(time: number): number {
    if (this.burstEvery === 0) return time;
    return Math.ceil(time / this.burstEvery) * this.burstEvery + this.random.below(1000) / 1000;
  }
}
