/** Addresses as a root value and a constant: what lets two accesses be compared whose bases differ by additions. */
import { type IrFunction, instructionWords } from './function.ts';
import { opCodes } from './ops.table.ts';

const constant = opCodes['i32.const'];
const add = opCodes['i32.add'];
const sub = opCodes['i32.sub'];
/** The root of addresses that are constants. */
export const constantRoot = -1;

/** Fills `root` and `delta`, both one entry an instruction, so that value v is root[v] + delta[v] modulo 2^32. */
export function findRoots(ir: IrFunction, root: Int32Array, delta: Int32Array): void {
  const { words } = ir;
  for (let at = 0; at < ir.count; at++) {
    const word = at * instructionWords;
    const code = words[word];
    const a = words[word + 1];
    const b = words[word + 2];
    root[at] = at;
    delta[at] = 0;
    if (code === constant) {
      root[at] = constantRoot;
      delta[at] = a;
    } else if (code === add && isConstant(words, b)) {
      root[at] = root[a];
      delta[at] = delta[a] + constantOf(words, b);
    } else if (code === add && isConstant(words, a)) {
      root[at] = root[b];
      delta[at] = delta[b] + constantOf(words, a);
    } else if (code === sub && isConstant(words, b)) {
      root[at] = root[a];
      delta[at] = delta[a] - constantOf(words, b);
    }
  }
}

export const isConstant = (words: Int32Array, value: number): boolean => words[value * instructionWords] === constant;
export const constantOf = (words: Int32Array, value: number): number => words[value * instructionWords + 1];
