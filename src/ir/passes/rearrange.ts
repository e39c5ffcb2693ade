/** A new order for a function's instructions: how a pass that moves some writes the result down. */
import { type IrFunction, instructionWords } from '../function.ts';
import { valueArguments } from '../op-facts.ts';
import type { ControlFlow } from './dominators.ts';

/** Collects instructions block by block; each block is started once, each instruction pushed at most once. */
export class Arrangement {
  readonly #ir: IrFunction;
  readonly #order: Int32Array;
  readonly #renumbered: Int32Array;
  #count = 0;

  constructor(ir: IrFunction) {
    this.#ir = ir;
    this.#order = new Int32Array(ir.count);
    this.#renumbered = new Int32Array(ir.count).fill(-1);
  }

  has(at: number): boolean {
    return this.#renumbered[at] !== -1;
  }

  push(at: number): void {
    this.#renumbered[at] = this.#count;
    this.#order[this.#count++] = at;
  }

  /**
   * Fills the blocks in reverse post order by `fill`, which pushes their instructions, then the unreachable ones as
   * and in the order that they are, and writes the result into the function. Afterwards dominating blocks stand before dominated ones.
   */
  apply(flow: ControlFlow, fill: (block: number) => void): void {
    const ir = this.#ir;
    const starts = ir.blockStart.slice();
    const ends = ir.blockEnd.slice();
    const place = (block: number, push: (block: number) => void): void => {
      starts[block] = this.#count;
      push(block);
      ends[block] = this.#count;
    };
    for (const block of flow.rpo) place(block, fill);
    const unreachable = starts.map((_, block) => block).filter((block) => !flow.isReachable(block));
    unreachable.sort((a, b) => ir.blockStart[a] - ir.blockStart[b]);
    for (const block of unreachable) place(block, (block) => this.#pushAll(block));
    this.#write();
    for (let block = 0; block < ir.blockCount; block++) {
      ir.blockStart[block] = starts[block];
      ir.blockEnd[block] = ends[block];
    }
  }

  #pushAll(block: number): void {
    for (let at = this.#ir.blockStart[block]; at < this.#ir.blockEnd[block]; at++) this.push(at);
  }

  #write(): void {
    const ir = this.#ir;
    const order = this.#order;
    const renumbered = this.#renumbered;
    const words = new Int32Array(this.#count * instructionWords);
    for (let i = 0; i < this.#count; i++) {
      const from = order[i] * instructionWords;
      const to = i * instructionWords;
      const mask = valueArguments[ir.words[from]];
      words[to] = ir.words[from];
      for (let k = 1; k <= 3; k++) {
        const word = ir.words[from + k];
        words[to + k] = (mask & (1 << (k - 1))) === 0 ? word : renumbered[word];
      }
    }
    ir.words = words;
    ir.count = this.#count;
  }
}
