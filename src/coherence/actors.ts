/** Who makes a simulated event happen, as a number: all kinds of events of one actor share the time of the next one. */
import { actorOf, blockOf, EventKind, kindOf, slotOf } from './model/event.ts';
import type { World } from './model/world.ts';

export class Actors {
  readonly count: number;
  private readonly world: World;
  private readonly blocks: number;
  private readonly granules: number;
  /** The first number of each kind of actor; threads begin at 0. */
  private readonly polls: number;
  private readonly reports: number;
  private readonly streams: number;
  private readonly handshakes: number;
  private readonly residencies: number;
  private readonly pins: number;
  private readonly resets: number;
  private readonly mapSteps: number;
  private readonly pushes: number;
  private readonly reshapes: number;

  constructor(world: World) {
    const { nodes, blocks } = world.options;
    const { granules } = world.geometry;
    const units = nodes * blocks * granules;
    this.world = world;
    this.blocks = blocks;
    this.granules = granules;
    this.polls = world.threads.length;
    this.reports = this.polls + world.threads.length;
    this.streams = this.reports + world.threads.length * blocks;
    this.handshakes = this.streams + nodes * nodes;
    this.residencies = this.handshakes + units;
    this.pins = this.residencies + units;
    this.resets = this.pins + nodes * blocks;
    this.mapSteps = this.resets + 1;
    this.pushes = this.mapSteps + nodes;
    this.reshapes = this.pushes + 1;
    this.count = this.reshapes + 1;
  }

  of(event: number): number {
    const actor = actorOf(event);
    switch (kindOf(event)) {
      case EventKind.Poll:
        return this.polls + actor;
      case EventKind.Consumed:
        return this.reports + actor * this.blocks + blockOf(event);
      case EventKind.Deliver:
        return this.streams + actor;
      case EventKind.HandshakeDone:
        return this.handshakes + this.unitOf(event);
      case EventKind.ResidencyOver:
        return this.residencies + this.unitOf(event);
      case EventKind.PinExpired:
        return this.pins + actor * this.blocks + blockOf(event);
      case EventKind.Reset:
      case EventKind.MapChange:
        return this.resets;
      case EventKind.MapLearn:
      case EventKind.MapLearnt:
        return this.mapSteps + actor;
      case EventKind.Push:
        return this.pushes;
      case EventKind.Split:
      case EventKind.Merge:
        return this.reshapes;
      default:
        return actor;
    }
  }

  /** The node on which an event happens that is no message. */
  nodeOf(event: number): number {
    switch (kindOf(event)) {
      case EventKind.HandshakeDone:
      case EventKind.ResidencyOver:
      case EventKind.PinExpired:
      case EventKind.Push:
      case EventKind.Split:
      case EventKind.Merge:
      case EventKind.Reset:
      case EventKind.MapChange:
      case EventKind.MapLearn:
      case EventKind.MapLearnt:
        return actorOf(event);
      default:
        return this.world.threads[actorOf(event)]!.node;
    }
  }

  private unitOf(event: number): number {
    return (actorOf(event) * this.blocks + blockOf(event)) * this.granules + slotOf(event);
  }
}
