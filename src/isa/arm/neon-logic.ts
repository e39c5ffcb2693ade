/** Advanced SIMD: logic, immediates, selections of bits, tests and shifts that insert. */

import type { Lowering } from './lowering.ts';
import type { Binary, Immediate, ShiftImmediate, Unary } from './neon-formats.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';

type Two = (l: Lowering, n: V128, m: V128) => V128;
const binary = (compute: Two) =>
  operation<Binary>((l, o) => {
    v.writeD(l, o, compute(l, v.readVector(l, o.quad, o.n), v.readVector(l, o.quad, o.m)));
  });

export const vand = binary(v.and);
export const vbic = binary(v.andNot);
export const vorr = binary(v.or);
export const vorn = binary((l, n, m) => v.or(l, n, v.not(l, m)));
export const veor = binary(v.xor);

/** Which of the three registers is the mask, and what is chosen where it has ones, and zeros. */
const select = (choose: (l: Lowering, d: V128, n: V128, m: V128) => V128) =>
  operation<Binary>((l, o) => {
    v.writeD(l, o, choose(l, v.readD(l, o), v.readVector(l, o.quad, o.n), v.readVector(l, o.quad, o.m)));
  });
export const vbsl = select((l, d, n, m) => v.choose(l, d, n, m));
export const vbit = select((l, d, n, m) => v.choose(l, m, n, d));
export const vbif = select((l, d, n, m) => v.choose(l, m, d, n));

export const vmvn = operation<Unary>((l, o) => {
  v.writeD(l, o, v.not(l, v.readVector(l, o.quad, o.m)));
});

const immediate = (compute: (l: Lowering, o: Immediate) => V128) =>
  operation<Immediate>((l, o) => {
    v.writeD(l, o, compute(l, o));
  });
export const vmovImmediate = immediate((l, { low, high }) => v.constant(l, low, high));
export const vmvnImmediate = immediate((l, { low, high }) => v.constant(l, ~low, ~high));
export const vorrImmediate = immediate((l, o) => v.or(l, v.readD(l, o), v.constant(l, o.low, o.high)));
export const vbicImmediate = immediate((l, o) => v.andNot(l, v.readD(l, o), v.constant(l, o.low, o.high)));

/** VSRI and VSLI: the shifted bits are put into the destination, whose other bits stay. */
const insert = (shift: (l: Lowering, o: ShiftImmediate, value: V128) => V128) =>
  operation<ShiftImmediate>((l, o) => {
    const shifted = shift(l, o, v.readVector(l, o.quad, o.m));
    const mask = shift(l, o, v.constant(l, -1));
    v.writeD(l, o, v.choose(l, mask, shifted, v.readD(l, o)));
  });
export const vsri = insert((l, o, value) => v.shiftRight(l, o.size, true, value, o.amount));
export const vsli = insert((l, o, value) => v.shiftLeft(l, o.size, value, o.amount));
