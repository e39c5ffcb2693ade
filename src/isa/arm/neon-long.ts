/** Advanced SIMD: instructions whose result has lanes twice or half as wide as an operand's. */
import type { Lowering } from './lowering.ts';
import type { Binary, ShiftImmediate, Signed, Unary } from './neon-formats.ts';
import { absoluteDifference, shiftRight } from './neon-integer.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';

/** A quadword from what the doublewords n and m are. */
const long = (compute: (l: Lowering, size: number, unsigned: boolean, n: V128, m: V128) => V128) =>
  operation<Binary & Signed>((l, o) => {
    const value = compute(l, o.size, o.unsigned, v.readVector(l, false, o.n), v.readOperand(l, o));
    v.writeVector(l, true, o.d, value);
  });
/** The same added to the quadword d, or taken from it. */
const longAccumulate = (
  how: 'add' | 'sub',
  compute: (l: Lowering, size: number, unsigned: boolean, n: V128, m: V128) => V128,
) =>
  operation<Binary & Signed>((l, o) => {
    const value = compute(l, o.size, o.unsigned, v.readVector(l, false, o.n), v.readOperand(l, o));
    v.writeVector(l, true, o.d, v.lanes(l, o.size + 1, how, v.readVector(l, true, o.d), value));
  });
/** n is a quadword already. */
const wide = (how: 'add' | 'sub') =>
  operation<Binary & Signed>((l, o) => {
    const widened = v.widen(l, o.size, o.unsigned, v.readVector(l, false, o.m));
    v.writeVector(l, true, o.d, v.lanes(l, o.size + 1, how, v.readVector(l, true, o.n), widened));
  });

const longSum = (how: 'add' | 'sub') =>
  long((l, size, unsigned, n, m) =>
    v.lanes(l, size + 1, how, v.widen(l, size, unsigned, n), v.widen(l, size, unsigned, m)),
  );
export const vaddl = longSum('add');
export const vsubl = longSum('sub');
export const vaddw = wide('add');
export const vsubw = wide('sub');

/** A difference needs no wider lanes, only to be read without sign. */
const longDifference = (l: Lowering, size: number, unsigned: boolean, n: V128, m: V128): V128 =>
  v.widen(l, size, true, absoluteDifference(l, size, unsigned, n, m));
export const vabdl = long(longDifference);
export const vabal = longAccumulate('add', longDifference);

export const vmull = long(v.widenProduct);
export const vmlal = longAccumulate('add', v.widenProduct);
export const vmlsl = longAccumulate('sub', v.widenProduct);
export const vmullPolynomial = operation<Binary>((l, o) => {
  const [n, m] = [v.readVector(l, false, o.n), v.readVector(l, false, o.m)];
  v.writeVector(l, true, o.d, l.builder.emit('i16x8.polymul_low_i8x16', n, m));
});

/** VSHLL and VMOVL. */
export const vshll = operation<ShiftImmediate>((l, o) => {
  const widened = v.widen(l, o.size, o.unsigned, v.readVector(l, false, o.m));
  v.writeVector(l, true, o.d, v.shiftLeft(l, o.size + 1, widened, o.amount));
});

// Narrow results -----------------------------------------------------------------------------------------------------------

/** Half of the last place of the upper part of wide lanes. */
const half = (l: Lowering, size: number): V128 =>
  size === 2 ? v.constant(l, 1 << 31, 0) : v.eachLane(l, size + 1, 1 << ((8 << size) - 1));

/** The upper part of sums or differences of quadwords. */
const upper = (how: 'add' | 'sub', rounded: boolean) =>
  operation<Binary>((l, o) => {
    const sum = v.lanes(l, o.size + 1, how, v.readVector(l, true, o.n), v.readVector(l, true, o.m));
    const value = rounded ? v.lanes(l, o.size + 1, 'add', sum, half(l, o.size)) : sum;
    v.writeVector(l, false, o.d, v.upperLanes(l, o.size, value));
  });
export const vaddhn = upper('add', false);
export const vraddhn = upper('add', true);
export const vsubhn = upper('sub', false);
export const vrsubhn = upper('sub', true);

export const vmovn = operation<Unary>((l, o) => {
  v.writeVector(l, false, o.d, v.truncateLanes(l, o.size, v.readVector(l, true, o.m)));
});
const narrowShift = (rounded: boolean) =>
  operation<ShiftImmediate>((l, o) => {
    const shifted = shiftRight(l, o, o.size + 1, rounded, v.readVector(l, true, o.m));
    v.writeVector(l, false, o.d, v.truncateLanes(l, o.size, shifted));
  });
export const vshrn = narrowShift(false);
export const vrshrn = narrowShift(true);
