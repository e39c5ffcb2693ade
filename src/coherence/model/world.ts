/** The state of the modelled cluster, as data: what the events change, what the checks look at, what `save` writes. */
import { assert } from '../../base/assert.ts';
import type { CoherenceNode } from '../coherence-node.ts';
import type { Message } from '../message.ts';
import { Access } from '../sink.ts';
import { Geometry } from './geometry.ts';
import { GuestThread } from './guest-thread.ts';
import { Maps } from './map-changes.ts';
import type { ModelOptions } from './options.ts';

export interface InFlight {
  readonly message: Message;
  /** The slots' versions when the bytes were taken; empty without data. */
  readonly bytes: number[];
}

export class World {
  readonly options: ModelOptions;
  readonly geometry: Geometry;
  readonly nodes: CoherenceNode[] = [];
  readonly threads: GuestThread[] = [];
  /** By sender and receiver. */
  readonly streams: InFlight[][] = [];
  /** By node and unit. */
  readonly access: Access[][] = [];
  /** By node, block and slot, the version that its bytes have. */
  readonly memory: number[][][] = [];
  /** The version that each slot must show: how many stores it has seen since it was last cleared. */
  readonly latest: number[][];
  /** By node and unit, how many granules the handshake that runs for those from there on is about; 0 when none does. */
  readonly handshakes: number[][] = [];
  /** By node, bit set of first units of parts that it keeps. */
  readonly kept: number[] = [];
  /** By node, bit set of blocks at which executors stop though they may use them. */
  readonly marked: number[] = [];
  /** By block, bit set of slots that show what was there before the running reset or change of the map. */
  readonly old: number[];
  readonly maps: Maps;
  /** Nodes whose part of the running reset is not done. */
  resetsLeft = 0;

  constructor(options: ModelOptions) {
    const { nodes, blocks, slots, threads, kernels } = options;
    this.options = options;
    this.geometry = new Geometry(options);
    const { units } = this.geometry;
    const rows = () => Array.from({ length: blocks }, () => new Array<number>(slots).fill(0));
    this.latest = rows();
    this.old = new Array<number>(blocks).fill(0);
    this.maps = new Maps(nodes);
    for (let node = 0; node < nodes; node++) {
      this.access.push(new Array<Access>(units).fill(Access.None));
      this.memory.push(rows());
      this.handshakes.push(new Array<number>(units).fill(0));
      this.kept.push(0);
      this.marked.push(0);
      for (let to = 0; to < nodes; to++) this.streams.push([]);
      for (let waiter = 0; waiter < threads[node]!; waiter++) this.threads.push(new GuestThread(node, waiter, units));
      if (kernels?.includes(node)) this.threads.push(new GuestThread(node, -1, units));
    }
  }

  threadOf(node: number, waiter: number): GuestThread {
    const thread = this.threads.find((candidate) => candidate.node === node && candidate.waiter === waiter);
    assert(thread !== undefined, 'an effect for an unknown waiter');
    return thread;
  }

  /** All blocks are about to be cleared: what is there now must not show afterwards. */
  startClearing(): void {
    for (const [block, versions] of this.latest.entries())
      for (const [slot, version] of versions.entries()) if (version !== 0) this.old[block]! |= 1 << slot;
  }

  /** Slots of a block have been cleared for a reset. */
  cleared(block: number, first: number, end: number): void {
    this.latest[block]!.fill(0, first, end);
    for (let slot = first; slot < end; slot++) this.old[block]! &= ~(1 << slot);
  }

  /** A home says that its part of a reset is done. */
  clearedViolation(home: number): string | undefined {
    const block = this.old.findIndex((slots, index) => slots !== 0 && this.homeOf(index) === home);
    return block < 0 ? undefined : `block ${block} shows what was there before it was reset`;
  }

  homeOf(block: number): number {
    return this.nodes[0]!.homeOf(block);
  }

  /** All executors have polled or parked since the handshake for the unit began. */
  handshakeOver(node: number, unit: number): boolean {
    const bit = 1 << unit;
    if (this.handshakes[node]![unit] === 0) return false;
    for (const thread of this.threads) if (thread.node === node && (thread.raised & bit) !== 0) return false;
    return true;
  }

  /** What executors of the node can still do with a granule: its access byte and all checks that were passed. */
  effective(node: number, unit: number): Access {
    let most: Access = this.access[node]![unit]!;
    for (const thread of this.threads)
      if (thread.node === node && thread.allowed[unit]! > most) most = thread.allowed[unit]!;
    return most;
  }

  singleWriterViolation(): string | undefined {
    for (let unit = 0; unit < this.geometry.units; unit++) {
      let writers = 0;
      let users = 0;
      for (let node = 0; node < this.options.nodes; node++) {
        const most = this.effective(node, unit);
        if (most === Access.Write) writers++;
        if (most !== Access.None) users++;
      }
      if (writers === 0 || users === 1) continue;
      const block = Math.floor(unit / this.geometry.granules);
      return writers > 1 ? `two nodes can write block ${block}` : `one node can write block ${block}, another read it`;
    }
    return undefined;
  }

  /** Nothing is under way: all that was asked for has been done. */
  atRest(): boolean {
    return (
      this.resetsLeft === 0 &&
      !this.maps.changing &&
      this.streams.every((stream) => stream.length === 0) &&
      this.handshakes.every((counts) => counts.every((count) => count === 0)) &&
      this.kept.every((units) => units === 0) &&
      this.threads.every(({ isRaised, canStart, hasUsed }) => !isRaised && canStart && !hasUsed) &&
      this.nodes.every((node) => node.idle())
    );
  }
}
