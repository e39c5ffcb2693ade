/** Advanced SIMD on BFloat16, whose numbers are the upper halves of single-precision ones (DDI 0487, F6.1). */
import { packLaneUnary } from '../../ir/float-immediates.ts';
import { LaneUnary } from '../../ir/float-kinds.table.ts';
import { Shuffle } from '../../ir/shuffles.ts';
import type { Lowering } from './lowering.ts';
import { fusedLanes } from './neon-float.ts';
import type { Binary, Unary } from './neon-formats.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';

/** The numbers in the lower halves of words as single-precision ones, and those in the upper. */
const bottom = (l: Lowering, a: V128): V128 => v.shiftLeft(l, 2, a, 16);
const top = (l: Lowering, a: V128): V128 => v.and(l, a, v.eachLane(l, 2, 0xffff0000));

/** Each word of `sum` with the products of the pairs in the words of n and m (BFAdd, BFMul). */
function pairProducts(l: Lowering, sum: V128, n: V128, m: V128): V128 {
  const { builder } = l;
  const first = builder.emit('f32x4.bfloat_mul', bottom(l, n), bottom(l, m));
  const second = builder.emit('f32x4.bfloat_mul', top(l, n), top(l, m));
  return builder.emit('f32x4.bfloat_add', sum, builder.emit('f32x4.bfloat_add', first, second));
}

export const vdot = operation<Binary>((l, o) => {
  v.writeD(l, o, pairProducts(l, v.readD(l, o), v.readVector(l, o.quad, o.n), v.readOperand(l, o)));
});

/** Two rows of four numbers each, every row of n with every row of m: the rows' first halves, then their second. */
export const vmmla = operation<Binary>((l, o) => {
  const [n, m] = [v.readVector(l, true, o.n), v.readVector(l, true, o.m)];
  const half = (sum: V128, ofN: number, ofM: number): V128 =>
    pairProducts(l, sum, v.shuffle(l, ofN, n, n), v.shuffle(l, ofM, m, m));
  const first = half(v.readD(l, o), Shuffle.transposeEven(4), Shuffle.even(4));
  v.writeD(l, o, half(first, Shuffle.transposeOdd(4), Shuffle.odd(4)));
});

/** VFMAB and VFMAT: an ordinary fused multiply-add of the numbers in one half of each word. */
const multiplyAdd = (part: (l: Lowering, a: V128) => V128) =>
  operation<Binary>((l, o) => {
    const m = o.index === -1 ? v.readVector(l, true, o.m) : v.duplicate(l, 1, v.readVector(l, false, o.m), o.index);
    const n = v.readVector(l, true, o.n);
    v.writeD(l, o, fusedLanes(l, o, v.readD(l, o), part(l, n), part(l, m)));
  });
export const vfmab = multiplyAdd(bottom);
export const vfmat = multiplyAdd(top);

export const vcvt = operation<Unary>((l, o) => {
  const immediate = packLaneUnary(LaneUnary.to_bfloat, { laneBits: 32, isDoubleword: false });
  v.writeVector(l, false, o.d, l.builder.emit('v128.exact_unary', v.readVector(l, true, o.m), immediate));
});
