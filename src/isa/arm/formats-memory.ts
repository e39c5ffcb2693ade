/**
 * Formats of loads and stores. Field letters: t u registers to transfer (u the second), n base, m index register,
 * i immediate, U add, P index, W writeback, r register list.
 */
import { immediateShift, Shift } from './operand.ts';
import type { Exclusive } from './operations-exclusive.ts';
import type { Access, Multiple } from './operations-memory.ts';

type F<L extends string> = { readonly [K in L]: number };

const signed = (f: F<'i' | 'U'>): number => (f.U !== 0 ? f.i : -f.i | 0);

const atImmediate = (t: number, t2: number, n: number, offset: number, index: boolean, writeback: boolean): Access => ({
  t,
  t2,
  n,
  offset,
  m: -1,
  shift: Shift.lsl,
  amount: 0,
  subtract: false,
  index,
  writeback,
});

const atRegister = (
  t: number,
  n: number,
  m: number,
  type: number,
  amount: number,
  subtract: boolean,
  index: boolean,
  writeback: boolean,
): Access => {
  const shift = immediateShift(m, type, amount);
  return { t, t2: t + 1, n, offset: 0, m, shift: shift.shift, amount: shift.amount, subtract, index, writeback };
};

/** P and W as in A32 and T32: index = P, writeback = not P, or W. */
const modes = (f: F<'P' | 'W'>): [boolean, boolean] => [f.P === 1, f.P === 0 || f.W === 1];

export const offsetUpDown = (f: F<'t' | 'n' | 'i' | 'U' | 'P' | 'W'>) =>
  atImmediate(f.t, f.t + 1, f.n, signed(f), ...modes(f));
export const registerUpDown = (f: F<'t' | 'n' | 'm' | 'i' | 'y' | 'U' | 'P' | 'W'>) =>
  atRegister(f.t, f.n, f.m, f.y, f.i, f.U === 0, ...modes(f));
/** Halfword and doubleword forms of A32: no shift. */
export const registerPlain = (f: F<'t' | 'n' | 'm' | 'U' | 'P' | 'W'>) =>
  atRegister(f.t, f.n, f.m, 0, 0, f.U === 0, ...modes(f));
/** LDRT and its kin in A32: post-indexed. */
export const offsetPost = (f: F<'t' | 'n' | 'i' | 'U'>) => atImmediate(f.t, f.t + 1, f.n, signed(f), false, true);
export const registerPost = (f: F<'t' | 'n' | 'm' | 'i' | 'y' | 'U'>) =>
  atRegister(f.t, f.n, f.m, f.y, f.i, f.U === 0, false, true);
export const registerPlainPost = (f: F<'t' | 'n' | 'm' | 'U'>) =>
  atRegister(f.t, f.n, f.m, 0, 0, f.U === 0, false, true);
export const literal = (f: F<'t' | 'i' | 'U'>) => atImmediate(f.t, f.t + 1, 15, signed(f), true, false);
/** A positive offset, no writeback. */
export const offsetUp = (f: F<'t' | 'n' | 'i'>) => atImmediate(f.t, 0, f.n, f.i, true, false);
/** A negative offset, no writeback. */
export const offsetDown = (f: F<'t' | 'n' | 'i'>) => atImmediate(f.t, 0, f.n, -f.i | 0, true, false);
/** T32: R[m] shifted left by i (0 to 3). */
export const registerUp = (f: F<'t' | 'n' | 'm' | 'i'>) =>
  atRegister(f.t, f.n, f.m, Shift.lsl, f.i, false, true, false);
/** T32 doublewords: second register u, offset a multiple of 4. */
export const double = (f: F<'t' | 'u' | 'n' | 'i' | 'U' | 'P' | 'W'>) =>
  atImmediate(f.t, f.u, f.n, signed(f) * 4, ...modes(f));
export const doubleLiteral = (f: F<'t' | 'u' | 'i' | 'U'>) => atImmediate(f.t, f.u, 15, signed(f) * 4, true, false);

// T16.
export const t16Words = (f: F<'t' | 'n' | 'i'>) => atImmediate(f.t, 0, f.n, f.i * 4, true, false);
export const t16Halves = (f: F<'t' | 'n' | 'i'>) => atImmediate(f.t, 0, f.n, f.i * 2, true, false);
export const t16Register = (f: F<'t' | 'n' | 'm'>) => atRegister(f.t, f.n, f.m, Shift.lsl, 0, false, true, false);
export const t16Sp = (f: F<'t' | 'i'>) => atImmediate(f.t, 0, 13, f.i * 4, true, false);
export const t16Literal = (f: F<'t' | 'i'>) => atImmediate(f.t, 0, 15, f.i * 4, true, false);

// POP and PUSH of one register.
export const popOne = (f: F<'t'>) => atImmediate(f.t, 0, 13, 4, false, true);
export const pushOne = (f: F<'t'>) => atImmediate(f.t, 0, 13, -4, true, true);

const multiple = (n: number, list: number, writeback: boolean, increment: boolean, before: boolean): Multiple => ({
  n,
  list,
  writeback,
  increment,
  before,
});
export const multipleIa = (f: F<'n' | 'r' | 'W'>) => multiple(f.n, f.r, f.W === 1, true, false);
export const multipleIb = (f: F<'n' | 'r' | 'W'>) => multiple(f.n, f.r, f.W === 1, true, true);
export const multipleDa = (f: F<'n' | 'r' | 'W'>) => multiple(f.n, f.r, f.W === 1, false, false);
export const multipleDb = (f: F<'n' | 'r' | 'W'>) => multiple(f.n, f.r, f.W === 1, false, true);
/** T32: the list without sp; P and M are the bits of pc and lr. */
export const thumbLoadIa = (f: F<'n' | 'r' | 'P' | 'M' | 'W'>) =>
  multiple(f.n, f.r | (f.M << 14) | (f.P << 15), f.W === 1, true, false);
export const thumbLoadDb = (f: F<'n' | 'r' | 'P' | 'M' | 'W'>) =>
  multiple(f.n, f.r | (f.M << 14) | (f.P << 15), f.W === 1, false, true);
export const thumbStoreIa = (f: F<'n' | 'r' | 'M' | 'W'>) => multiple(f.n, f.r | (f.M << 14), f.W === 1, true, false);
export const thumbStoreDb = (f: F<'n' | 'r' | 'M' | 'W'>) => multiple(f.n, f.r | (f.M << 14), f.W === 1, false, true);
/** LDM T1 writes R[n] back unless it is loaded. */
export const t16LoadMultiple = (f: F<'n' | 'r'>) => multiple(f.n, f.r, (f.r & (1 << f.n)) === 0, true, false);
export const t16StoreMultiple = (f: F<'n' | 'r'>) => multiple(f.n, f.r, true, true, false);
export const t16Pop = (f: F<'r' | 'P'>) => multiple(13, f.r | (f.P << 15), true, true, false);
export const t16Push = (f: F<'r' | 'M'>) => multiple(13, f.r | (f.M << 14), true, false, true);

const exclusive = (d: number, t: number, t2: number, n: number, offset: number): Exclusive => ({ d, t, t2, n, offset });
export const exclusiveLoad = (f: F<'t' | 'n'>) => exclusive(0, f.t, f.t + 1, f.n, 0);
export const exclusiveStore = (f: F<'d' | 't' | 'n'>) => exclusive(f.d, f.t, f.t + 1, f.n, 0);
export const exclusiveLoadOffset = (f: F<'t' | 'n' | 'i'>) => exclusive(0, f.t, 0, f.n, f.i * 4);
export const exclusiveStoreOffset = (f: F<'d' | 't' | 'n' | 'i'>) => exclusive(f.d, f.t, 0, f.n, f.i * 4);
export const exclusiveLoadPair = (f: F<'t' | 'u' | 'n'>) => exclusive(0, f.t, f.u, f.n, 0);
export const exclusiveStorePair = (f: F<'d' | 't' | 'u' | 'n'>) => exclusive(f.d, f.t, f.u, f.n, 0);
/** SWP: the old value goes to t, the new one comes from u. */
export const swap = (f: F<'t' | 'u' | 'n'>) => exclusive(f.t, f.u, 0, f.n, 0);
