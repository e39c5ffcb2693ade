/**
 * Sets of registers, as three words: bit n of the first is integer variable n, the other two are the 64 words of the
 * floating-point registers in order (s0 to s31 are the first 32, d16 to d31 the rest). So overlapping variables share
 * bits, and a set is kept exactly whatever widths it is read and written with.
 */
import { Cpu } from '../layout/cpu.ts';
import { Var, variables } from './variables.table.ts';

export const setWords = 3;

const maskWord = (word: number): Int32Array =>
  Int32Array.from(variables, ({ type, offset }, number) => {
    if (type === 'i32') return word === 0 ? 1 << number : 0;
    const first = (offset - Cpu.d.offset) >>> 2;
    const width = { f32: 1, f64: 2, v128: 4, i64: 2 }[type];
    return first >>> 5 === word - 1 ? ((1 << width) - 1) << (first & 31) : 0;
  });

/** The three words of each variable's bits. */
export const bits0 = maskWord(0);
export const bits1 = maskWord(1);
export const bits2 = maskWord(2);

export const integerVariables = Var.tpidrurw + 1;
/** Every integer variable, as the first word of a set. */
export const allIntegers = ((1 << integerVariables) - 1) | 0;

/** True when `variable` shares a register with the set at `offset` of `sets`. */
export function overlaps(sets: Int32Array, offset: number, variable: number): boolean {
  return (
    ((sets[offset] & bits0[variable]) | (sets[offset + 1] & bits1[variable]) | (sets[offset + 2] & bits2[variable])) !==
    0
  );
}

/** The variables that share storage with each variable, itself among them. */
export const aliases: readonly Int32Array[] = variables.map((_, a) =>
  Int32Array.from(variables.keys()).filter(
    (b) => ((bits0[a] & bits0[b]) | (bits1[a] & bits1[b]) | (bits2[a] & bits2[b])) !== 0,
  ),
);

/** True when word `index32` of the CPU record is in the set, or is no register. */
export function containsWord(set: Int32Array, index32: number): boolean {
  const offset = index32 * 4;
  if (offset >= Cpu.d.offset) {
    const unit = index32 - Cpu.d.index32;
    return ((set[1 + (unit >>> 5)] >>> (unit & 31)) & 1) !== 0;
  }
  const variable = variables.findIndex((row) => row.offset === offset);
  return variable === -1 || (set[0] & (1 << variable)) !== 0;
}
