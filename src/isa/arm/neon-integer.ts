/** Advanced SIMD: integer and polynomial arithmetic on lanes of one size, comparisons, and shifts by immediates. */
import { packLaneShift } from '../../ir/lane-shift.ts';
import { Shuffle } from '../../ir/shuffles.ts';
import type { Lowering } from './lowering.ts';
import type { Binary, ShiftImmediate, Signed, Unary } from './neon-formats.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';

type Two = (l: Lowering, size: number, n: V128, m: V128) => V128;
type TwoSigned = (l: Lowering, size: number, unsigned: boolean, n: V128, m: V128) => V128;

const binary = (compute: Two) =>
  operation<Binary>((l, o) => {
    v.writeD(l, o, compute(l, o.size, v.readVector(l, o.quad, o.n), v.readOperand(l, o)));
  });
const binarySigned = (compute: TwoSigned) =>
  operation<Binary & Signed>((l, o) => {
    v.writeD(l, o, compute(l, o.size, o.unsigned, v.readVector(l, o.quad, o.n), v.readOperand(l, o)));
  });
/** The destination with something added to it, or taken from it. */
const accumulate = (how: 'add' | 'sub', compute: Two) =>
  operation<Binary>((l, o) => {
    const value = compute(l, o.size, v.readVector(l, o.quad, o.n), v.readOperand(l, o));
    v.writeD(l, o, v.lanes(l, o.size, how, v.readD(l, o), value));
  });

// Sums and products -----------------------------------------------------------------------------------------------------

const product: Two = (l, size, n, m) => v.lanes(l, size, 'mul', n, m);

export const vadd = binary((l, size, n, m) => v.lanes(l, size, 'add', n, m));
export const vsub = binary((l, size, n, m) => v.lanes(l, size, 'sub', n, m));
export const vmul = binary(product);
export const vmla = accumulate('add', product);
export const vmls = accumulate('sub', product);

/** Polynomial products of bytes, their lower halves (VMUL.P8). */
export const vmulPolynomial = binary((l, _size, n, m) => {
  const low = l.builder.emit('i16x8.polymul_low_i8x16', n, m);
  return v.shuffle(l, Shuffle.even(1), low, l.builder.emit('i16x8.polymul_high_i8x16', n, m));
});

/** Without the carry that the sum has: the common bits, and half of the others. */
export const vhadd = binarySigned((l, size, unsigned, n, m) =>
  v.lanes(l, size, 'add', v.and(l, n, m), v.shiftRight(l, size, unsigned, v.xor(l, n, m), 1)),
);
export const vrhadd = binarySigned((l, size, unsigned, n, m) => {
  if (unsigned && size < 2) return v.lanes(l, size, 'avgr_u', n, m);
  return v.lanes(l, size, 'sub', v.or(l, n, m), v.shiftRight(l, size, unsigned, v.xor(l, n, m), 1));
});
/** (n - m) / 2: half of the bits that differ, less those that m alone has. */
export const vhsub = binarySigned((l, size, unsigned, n, m) => {
  const halfOfDifferent = v.shiftRight(l, size, unsigned, v.xor(l, n, m), 1);
  return v.lanes(l, size, 'sub', halfOfDifferent, v.andNot(l, m, n));
});

// Comparisons -----------------------------------------------------------------------------------------------------------

export const vcgt = binarySigned((l, size, unsigned, n, m) => v.lanes(l, size, unsigned ? 'gt_u' : 'gt_s', n, m));
export const vcge = binarySigned((l, size, unsigned, n, m) => v.lanes(l, size, unsigned ? 'ge_u' : 'ge_s', n, m));
export const vceq = binary((l, size, n, m) => v.lanes(l, size, 'eq', n, m));
export const vtst = binary((l, size, n, m) => v.not(l, v.lanes(l, size, 'eq', v.and(l, n, m), v.zero(l))));

const unary = (compute: (l: Lowering, size: number, m: V128) => V128) =>
  operation<Unary>((l, o) => {
    v.writeD(l, o, compute(l, o.size, v.readVector(l, o.quad, o.m)));
  });

export const vcgtZero = unary((l, size, m) => v.lanes(l, size, 'gt_s', m, v.zero(l)));
export const vcgeZero = unary((l, size, m) => v.lanes(l, size, 'ge_s', m, v.zero(l)));
export const vceqZero = unary((l, size, m) => v.lanes(l, size, 'eq', m, v.zero(l)));
export const vcleZero = unary((l, size, m) => v.lanes(l, size, 'ge_s', v.zero(l), m));
export const vcltZero = unary((l, size, m) => v.lanes(l, size, 'gt_s', v.zero(l), m));

// Minimum, maximum, difference --------------------------------------------------------------------------------------------

const minimum: TwoSigned = (l, size, unsigned, n, m) => v.lanes(l, size, unsigned ? 'min_u' : 'min_s', n, m);
const maximum: TwoSigned = (l, size, unsigned, n, m) => v.lanes(l, size, unsigned ? 'max_u' : 'max_s', n, m);
export const absoluteDifference: TwoSigned = (l, size, unsigned, n, m) =>
  v.lanes(l, size, 'sub', maximum(l, size, unsigned, n, m), minimum(l, size, unsigned, n, m));

export const vmin = binarySigned(minimum);
export const vmax = binarySigned(maximum);
export const vabd = binarySigned(absoluteDifference);
export const vaba = operation<Binary & Signed>((l, o) => {
  const difference = absoluteDifference(l, o.size, o.unsigned, v.readVector(l, o.quad, o.n), v.readOperand(l, o));
  v.writeD(l, o, v.lanes(l, o.size, 'add', v.readD(l, o), difference));
});

// Pairwise: neighbours of n, then of m --------------------------------------------------------------------------------------

/** The even lanes of both doublewords in a row, and the odd ones. */
export function neighbours(l: Lowering, { size, n, m }: Binary): readonly [V128, V128] {
  const both = v.pair(l, v.readVector(l, false, n), v.readVector(l, false, m));
  return [v.truncateLanes(l, size, both), v.upperLanes(l, size, both)];
}
export const vpadd = operation<Binary>((l, o) => {
  v.writeD(l, o, v.lanes(l, o.size, 'add', ...neighbours(l, o)));
});
export const vpmin = operation<Binary & Signed>((l, o) => {
  v.writeD(l, o, minimum(l, o.size, o.unsigned, ...neighbours(l, o)));
});
export const vpmax = operation<Binary & Signed>((l, o) => {
  v.writeD(l, o, maximum(l, o.size, o.unsigned, ...neighbours(l, o)));
});
export const vpaddl = operation<Unary & Signed>((l, o) => {
  v.writeD(l, o, v.addNeighbours(l, o.size, o.unsigned, v.readVector(l, o.quad, o.m)));
});
export const vpadal = operation<Unary & Signed>((l, o) => {
  const sums = v.addNeighbours(l, o.size, o.unsigned, v.readVector(l, o.quad, o.m));
  v.writeD(l, o, v.lanes(l, o.size + 1, 'add', v.readD(l, o), sums));
});

// One operand -------------------------------------------------------------------------------------------------------------

export const vabs = unary((l, size, m) => v.lanes(l, size, 'abs', m));
export const vneg = unary((l, size, m) => v.lanes(l, size, 'neg', m));
export const vclz = unary((l, size, m) => v.lanes(l, size, 'clz', m));
/** Bits after the sign that are like it: the zeros before the first that is not, in front of which the sign counts too. */
export const vcls = unary((l, size, m) => {
  const different = v.xor(l, m, v.shiftRight(l, size, false, m, (8 << size) - 1));
  return v.lanes(l, size, 'sub', v.lanes(l, size, 'clz', different), v.eachLane(l, size, 1));
});
export const vcnt = unary((l, _size, m) => l.builder.emit('i8x16.popcnt', m));

// Shifts --------------------------------------------------------------------------------------------------------------------

/** Right by 1 to all bits; `rounded` adds half of the last place: the bit shifted out last. */
export function shiftRight(l: Lowering, o: ShiftImmediate, size: number, rounded: boolean, value: V128): V128 {
  const shifted = v.shiftRight(l, size, o.unsigned, value, o.amount);
  if (!rounded) return shifted;
  const last = v.shiftRight(l, size, true, v.shiftLeft(l, size, value, (8 << size) - o.amount), (8 << size) - 1);
  return v.lanes(l, size, 'add', shifted, last);
}
const right = (rounded: boolean) =>
  operation<ShiftImmediate>((l, o) => {
    v.writeD(l, o, shiftRight(l, o, o.size, rounded, v.readVector(l, o.quad, o.m)));
  });
const rightAccumulate = (rounded: boolean) =>
  operation<ShiftImmediate>((l, o) => {
    const shifted = shiftRight(l, o, o.size, rounded, v.readVector(l, o.quad, o.m));
    v.writeD(l, o, v.lanes(l, o.size, 'add', v.readD(l, o), shifted));
  });
export const vshr = right(false);
export const vrshr = right(true);
export const vsra = rightAccumulate(false);
export const vrsra = rightAccumulate(true);
export const vshlImmediate = operation<ShiftImmediate>((l, o) => {
  v.writeD(l, o, v.shiftLeft(l, o.size, v.readVector(l, o.quad, o.m), o.amount));
});

/** Each lane of m by the lowest byte of the same lane of n. */
const shiftByLanes = (isRounded: boolean) =>
  operation<Binary & Signed>((l, o) => {
    const laneBits = (8 << o.size) as 8 | 16 | 32 | 64;
    const kind = packLaneShift({ laneBits, isUnsigned: o.unsigned, isRounded });
    const counts = v.readVector(l, o.quad, o.n);
    v.writeD(l, o, l.builder.emit('v128.shift', v.readVector(l, o.quad, o.m), counts, kind));
  });
export const vshl = shiftByLanes(false);
export const vrshl = shiftByLanes(true);
