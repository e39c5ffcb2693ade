/**
 * The shape of a function's control flow: reverse post order, dominators (Cooper, Harvey and Kennedy, "A Simple, Fast
 * Dominance Algorithm"), loop headers and what is irreducible. Everything is indexed by block number; blocks that the
 * entry does not reach have order -1.
 */
import { type IrFunction, instructionWords } from '../function.ts';
import { blockArguments } from '../op-facts.ts';

export class ControlFlow {
  readonly blockCount: number;
  /** Reachable blocks, each before its successors except along retreating edges; the entry is first. */
  readonly rpo: Int32Array;
  /** Position in `rpo`, -1 when unreachable. */
  readonly order: Int32Array;
  /** Immediate dominator; -1 for the entry and for unreachable blocks. */
  readonly idom: Int32Array;
  /** Successors of block b: successors[2b] and successors[2b + 1], -1 where there is none; equal ones stand once. */
  readonly successors: Int32Array;
  /** Reachable predecessors of block b: predecessors[predecessorStart[b] .. predecessorStart[b + 1] - 1]. */
  readonly predecessorStart: Int32Array;
  readonly predecessors: Int32Array;
  /** 1 where an edge comes back from a block that this one dominates: the header of a natural loop. */
  readonly isLoopHeader: Uint8Array;
  /** 1 where a retreating edge enters from a block that this one does not dominate: a cycle with several entries. */
  readonly isIrreducibleTarget: Uint8Array;
  /** True when there is no irreducible target. */
  isReducible = true;
  /** Numbers of the dominator tree's preorder, and the last number inside each subtree. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;

  constructor(ir: IrFunction) {
    const count = ir.blockCount;
    this.blockCount = count;
    this.successors = successorsOf(ir);
    this.order = new Int32Array(count).fill(-1);
    this.rpo = this.#reversePostOrder();
    this.predecessorStart = new Int32Array(count + 1);
    this.predecessors = this.#findPredecessors();
    this.idom = new Int32Array(count).fill(-1);
    this.#findDominators();
    this.#first = new Int32Array(count).fill(-1);
    this.#last = new Int32Array(count).fill(-1);
    this.#numberTree();
    this.isLoopHeader = new Uint8Array(count);
    this.isIrreducibleTarget = new Uint8Array(count);
    for (const block of this.rpo) {
      for (let i = 0; i < 2; i++) {
        const to = this.successors[2 * block + i];
        if (to === -1 || !this.isRetreating(block, to)) continue;
        if (this.dominates(to, block)) this.isLoopHeader[to] = 1;
        else {
          this.isIrreducibleTarget[to] = 1;
          this.isReducible = false;
        }
      }
    }
  }

  isReachable(block: number): boolean {
    return this.order[block] !== -1;
  }

  /** True when every path from the entry to `below` passes `above` (a block dominates itself). Both are reachable. */
  dominates(above: number, below: number): boolean {
    return this.#first[above] <= this.#first[below] && this.#first[below] <= this.#last[above];
  }

  /** True for an edge that goes back in reverse post order (or to the block itself). */
  isRetreating(from: number, to: number): boolean {
    return this.order[to] <= this.order[from];
  }

  /** True for a retreating edge whose target does not dominate its source. */
  isIrreducibleEdge(from: number, to: number): boolean {
    return this.isRetreating(from, to) && !this.dominates(to, from);
  }

  /** The one predecessor of a block that has exactly one and is not the entry, else -1. */
  onlyPredecessor(block: number): number {
    const start = this.predecessorStart[block];
    return block !== 0 && this.predecessorStart[block + 1] - start === 1 ? this.predecessors[start] : -1;
  }

  #reversePostOrder(): Int32Array {
    const { successors, order } = this;
    const count = this.blockCount;
    const post = new Int32Array(count);
    const stack = new Int32Array(count);
    const nextChild = new Uint8Array(count);
    const seen = new Uint8Array(count);
    let found = 0;
    let depth = 1;
    seen[0] = 1;
    while (depth > 0) {
      const block = stack[depth - 1];
      const child = nextChild[block]++;
      if (child === 2) {
        post[found++] = block;
        depth--;
        continue;
      }
      // The second successor first, so that the taken side of a branch comes first in reverse post order.
      const to = successors[2 * block + 1 - child];
      if (to === -1 || seen[to] === 1) continue;
      seen[to] = 1;
      stack[depth++] = to;
    }
    const rpo = post.subarray(0, found).reverse();
    for (let i = 0; i < found; i++) order[rpo[i]] = i;
    return rpo;
  }

  #findPredecessors(): Int32Array {
    const { successors, rpo, predecessorStart } = this;
    for (const block of rpo)
      for (let i = 0; i < 2; i++) {
        const to = successors[2 * block + i];
        if (to !== -1) predecessorStart[to + 1]++;
      }
    for (let block = 0; block < this.blockCount; block++) predecessorStart[block + 1] += predecessorStart[block];
    const next = predecessorStart.slice();
    const predecessors = new Int32Array(predecessorStart[this.blockCount]);
    for (const block of rpo)
      for (let i = 0; i < 2; i++) {
        const to = successors[2 * block + i];
        if (to !== -1) predecessors[next[to]++] = block;
      }
    return predecessors;
  }

  #findDominators(): void {
    const { rpo, order, idom, predecessorStart, predecessors } = this;
    idom[0] = 0;
    for (let changed = true; changed; ) {
      changed = false;
      for (let i = 1; i < rpo.length; i++) {
        const block = rpo[i];
        let found = -1;
        for (let p = predecessorStart[block]; p < predecessorStart[block + 1]; p++) {
          let other = predecessors[p];
          if (idom[other] === -1) continue;
          if (found === -1) found = other;
          while (found !== other) {
            if (order[found] > order[other]) found = idom[found];
            else other = idom[other];
          }
        }
        if (idom[block] !== found) {
          idom[block] = found;
          changed = true;
        }
      }
    }
    idom[0] = -1;
  }

  /** A dominator precedes what it dominates in reverse post order, so subtree sizes sum up backwards. */
  #numberTree(): void {
    const { rpo, idom } = this;
    const first = this.#first;
    const last = this.#last;
    const size = new Int32Array(this.blockCount).fill(1);
    for (let i = rpo.length - 1; i > 0; i--) size[idom[rpo[i]]] += size[rpo[i]];
    const next = new Int32Array(this.blockCount);
    for (let i = 0; i < rpo.length; i++) {
      const block = rpo[i];
      const parent = idom[block];
      if (parent === -1) first[block] = 0;
      else {
        first[block] = next[parent];
        next[parent] += size[block];
      }
      next[block] = first[block] + 1;
      last[block] = first[block] + size[block] - 1;
    }
  }
}

/** Analyses `ir`; the result holds as long as its ends of blocks stay as they are. */
export function analyse(ir: IrFunction): ControlFlow {
  return new ControlFlow(ir);
}

function successorsOf(ir: IrFunction): Int32Array {
  const successors = new Int32Array(2 * ir.blockCount).fill(-1);
  for (let block = 0; block < ir.blockCount; block++) {
    const end = (ir.blockEnd[block] - 1) * instructionWords;
    const mask = blockArguments[ir.words[end]];
    let found = 2 * block;
    for (let i = 0; i < 3; i++) {
      const to = ir.words[end + 1 + i];
      if ((mask & (1 << i)) !== 0 && !(found & 1 && successors[found - 1] === to)) successors[found++] = to;
    }
  }
  return successors;
}
