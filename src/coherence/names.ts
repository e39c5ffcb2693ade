/**
 * How a saved state calls nodes, blocks and waiters: by their own numbers, or by others, so that states that differ in
 * nothing else are saved alike (symmetry.ts).
 */
import type { NodeSet } from './node-set.ts';

export class Names {
  /** New numbers by old ones; without a list they stay. */
  readonly nodes: readonly number[] | undefined;
  readonly blocks: readonly number[] | undefined;
  /** By the old number of the node. Numbers below zero stay. */
  readonly waiters: readonly (readonly number[])[] | undefined;

  constructor(nodes?: readonly number[], blocks?: readonly number[], waiters?: readonly (readonly number[])[]) {
    this.nodes = nodes;
    this.blocks = blocks;
    this.waiters = waiters;
  }

  /** Nobody (below zero) stays nobody. */
  node(node: number): number {
    return this.nodes === undefined || node < 0 ? node : this.nodes[node]!;
  }

  block(block: number): number {
    return this.blocks === undefined ? block : this.blocks[block]!;
  }

  waiter(node: number, waiter: number): number {
    return this.waiters === undefined || waiter < 0 ? waiter : this.waiters[node]![waiter]!;
  }

  /** Appends a set of nodes as its words. */
  saveNodes(set: NodeSet, out: number[]): void {
    if (this.nodes === undefined) {
      for (const word of set.words) out.push(word);
      return;
    }
    const first = out.length;
    for (let word = 0; word < set.words.length; word++) out.push(0);
    for (let node = set.after(-1); node >= 0; node = set.after(node)) {
      const renamed = this.node(node);
      out[first + (renamed >>> 5)]! |= 1 << (renamed & 31);
    }
  }

  /** Blocks in the order of their new numbers. */
  inOrder(blocks: Iterable<number>): number[] {
    const list = [...blocks];
    return list.length < 2 ? list : list.sort((a, b) => this.block(a) - this.block(b));
  }
}

export const ownNames = new Names();
