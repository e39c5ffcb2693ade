/**
 * Gives later uses the values that are known: a `get` after a `set` or `get` of the same register, a pure operation
 * whose equal was computed in a dominating block; and drops a `set` of the value that the register already holds.
 *
 * What a register holds is known at a block's start when all predecessors agree, none of them ends in a call, and none
 * is still to come (so at loop headers nothing is known).
 */
import { type IrFunction, instructionWords } from '../function.ts';
import { isCall, isGet, isPure, isSet, valueArguments } from '../op-facts.ts';
import { aliases } from '../storage.ts';
import { variables } from '../variables.table.ts';
import { compact } from './compact.ts';
import { analyse, type ControlFlow } from './dominators.ts';

const variableCount = variables.length;
const unknown = -1;

export function forwardVariables(ir: IrFunction): void {
  const { words } = ir;
  const flow = analyse(ir);
  const removed = new Uint8Array(ir.count);
  const replacement = new Int32Array(ir.count);
  for (let at = 0; at < ir.count; at++) replacement[at] = at;
  const known = new Int32Array(ir.blockCount * variableCount);
  const equals = new EqualValues(ir, flow);

  for (const block of flow.rpo) {
    const base = block * variableCount;
    enter(flow, ir, known, block);
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) {
      const word = at * instructionWords;
      const code = words[word];
      const mask = valueArguments[code];
      for (let i = 0; i < 3; i++) if ((mask & (1 << i)) !== 0) words[word + 1 + i] = replacement[words[word + 1 + i]];
      let found = unknown;
      if (isGet[code]) {
        found = known[base + words[word + 1]];
        if (found === unknown) known[base + words[word + 1]] = at;
      } else if (isSet[code]) {
        const variable = words[word + 1];
        const value = words[word + 2];
        if (known[base + variable] === value) removed[at] = 1;
        for (const other of aliases[variable]) known[base + other] = unknown;
        known[base + variable] = value;
      } else if (isPure[code]) found = equals.find(at, block);
      // Values stand before their uses in the array, which need not be in the order of control flow.
      if (found !== unknown && found < at) {
        replacement[at] = found;
        removed[at] = 1;
      }
    }
  }
  compact(ir, removed, replacement);
}

/** Fills the known values at the start of `block`. */
function enter(flow: ControlFlow, ir: IrFunction, known: Int32Array, block: number): void {
  const base = block * variableCount;
  const start = flow.predecessorStart[block];
  const end = flow.predecessorStart[block + 1];
  let isKnown = block !== 0 && end > start;
  for (let p = start; p < end; p++) {
    const from = flow.predecessors[p];
    if (flow.isRetreating(from, block) || isCall(ir.words[(ir.blockEnd[from] - 1) * instructionWords])) isKnown = false;
  }
  if (!isKnown) {
    known.fill(unknown, base, base + variableCount);
    return;
  }
  const first = flow.predecessors[start] * variableCount;
  known.copyWithin(base, first, first + variableCount);
  for (let p = start + 1; p < end; p++) {
    const other = flow.predecessors[p] * variableCount;
    for (let i = 0; i < variableCount; i++) if (known[base + i] !== known[other + i]) known[base + i] = unknown;
  }
}

/** A hash table of pure operations by operation and arguments; the latest one of equal ones stays. */
class EqualValues {
  readonly #ir: IrFunction;
  readonly #flow: ControlFlow;
  readonly #slots: Int32Array;
  readonly #blockOf: Int32Array;

  constructor(ir: IrFunction, flow: ControlFlow) {
    this.#ir = ir;
    this.#flow = flow;
    this.#slots = new Int32Array(2 ** (33 - Math.clz32(ir.count))).fill(-1);
    this.#blockOf = new Int32Array(ir.count);
  }

  /** A value equal to instruction `at` that dominates `block`, else -1; then `at` is entered. */
  find(at: number, block: number): number {
    const { words } = this.#ir;
    const slots = this.#slots;
    const word = at * instructionWords;
    const last = slots.length - 1;
    this.#blockOf[at] = block;
    let hash = Math.imul(words[word], 0x9e3779b1) ^ Math.imul(words[word + 1], 0x85ebca6b);
    hash ^= Math.imul(words[word + 2], 0xc2b2ae35) ^ Math.imul(words[word + 3], 0x27d4eb2f);
    hash ^= hash >>> 15;
    for (let slot = hash & last; ; slot = (slot + 1) & last) {
      const other = slots[slot];
      if (other !== -1 && !this.#isSame(other * instructionWords, word)) continue;
      if (other !== -1 && this.#flow.dominates(this.#blockOf[other], block)) return other;
      slots[slot] = at;
      return -1;
    }
  }

  #isSame(a: number, b: number): boolean {
    const { words } = this.#ir;
    return (
      words[a] === words[b] &&
      words[a + 1] === words[b + 1] &&
      words[a + 2] === words[b + 2] &&
      words[a + 3] === words[b + 3]
    );
  }
}
