/** Advanced SIMD: saturating arithmetic. Each instruction notes in FPSCR.QC whether a lane saturated (A2.2.1). */
import { packLaneShift } from '../../ir/lane-shift.ts';
import { Shuffle } from '../../ir/shuffles.ts';
import type { Lowering } from './lowering.ts';
import type { Binary, ShiftImmediate, Signed, Unary } from './neon-formats.ts';
import { shiftRight } from './neon-integer.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';

/** The result where it does not fit differs from what wraps. */
const sum = (how: 'add' | 'sub') =>
  operation<Binary & Signed>((l, o) => {
    const n = v.readVector(l, o.quad, o.n);
    const m = v.readVector(l, o.quad, o.m);
    const saturated = saturatedSum(l, how, o.size, o.unsigned, n, m);
    v.writeD(l, o, saturated);
  });
function saturatedSum(l: Lowering, how: 'add' | 'sub', size: number, unsigned: boolean, n: V128, m: V128): V128 {
  const result = v.lanes(l, size, unsigned ? `${how}_sat_u` : `${how}_sat_s`, n, m);
  v.saturatedWhere(l, v.xor(l, result, v.lanes(l, size, how, n, m)));
  return result;
}
export const vqadd = sum('add');
export const vqsub = sum('sub');

/** A result of the least number stands for one more than the greatest. */
function saturateLeast(l: Lowering, size: number, value: V128): V128 {
  const lost = v.lanes(l, size, 'eq', value, v.signBits(l, size));
  v.saturatedWhere(l, lost);
  return v.lanes(l, size, 'add', value, lost);
}
const unary = (name: 'abs' | 'neg') =>
  operation<Unary>((l, o) => {
    v.writeD(l, o, saturateLeast(l, o.size, v.lanes(l, o.size, name, v.readVector(l, o.quad, o.m))));
  });
export const vqabs = unary('abs');
export const vqneg = unary('neg');

// Doubling products ----------------------------------------------------------------------------------------------------------
// Twice a product of halfwords fits a word, except that of the least number with itself, which wraps to the least word;
// no other product gives that, nor, rounded, its upper half.

/** VQDMULH and VQRDMULH: the upper half of the doubled product. */
const upperProduct = (rounded: boolean) =>
  operation<Binary>((l, o) => {
    const { size } = o;
    const n = v.readVector(l, o.quad, o.n);
    const m = v.readOperand(l, o);
    const doubled = (product: V128): V128 => {
      const twice = v.shiftLeft(l, size + 1, product, 1);
      if (!rounded) return twice;
      const half = size === 1 ? v.eachLane(l, 2, 0x8000) : v.constant(l, 1 << 31, 0);
      return v.lanes(l, size + 1, 'add', twice, half);
    };
    const low = doubled(v.widenProduct(l, size, false, n, m));
    const high = o.quad ? doubled(v.widenProductHigh(l, size, false, n, m)) : low;
    v.writeD(l, o, saturateLeast(l, size, v.shuffle(l, Shuffle.odd(v.laneBytes(size)), low, high)));
  });
export const vqdmulh = upperProduct(false);
export const vqrdmulh = upperProduct(true);

function doubledProduct(l: Lowering, o: Binary): V128 {
  const product = v.widenProduct(l, o.size, false, v.readVector(l, false, o.n), v.readOperand(l, o));
  return saturateLeast(l, o.size + 1, v.shiftLeft(l, o.size + 1, product, 1));
}
export const vqdmull = operation<Binary>((l, o) => {
  v.writeVector(l, true, o.d, doubledProduct(l, o));
});
const accumulate = (how: 'add' | 'sub') =>
  operation<Binary>((l, o) => {
    const old = v.readVector(l, true, o.d);
    v.writeVector(l, true, o.d, saturatedSum(l, how, o.size + 1, false, old, doubledProduct(l, o)));
  });
export const vqdmlal = accumulate('add');
export const vqdmlsl = accumulate('sub');

// Narrowing ------------------------------------------------------------------------------------------------------------------

function narrow(l: Lowering, size: number, from: 's' | 'u', to: 's' | 'u', value: V128): V128 {
  const result = v.saturateLanes(l, size, from, to, value);
  v.saturatedWhere(l, v.xor(l, v.widen(l, size, to === 'u', result), value));
  return result;
}
/** VQMOVN: operand and result of the same kind. */
export const vqmovn = operation<Unary & Signed>((l, o) => {
  const kind = o.unsigned ? 'u' : 's';
  v.writeVector(l, false, o.d, narrow(l, o.size, kind, kind, v.readVector(l, true, o.m)));
});
/** VQMOVUN: signed to unsigned. */
export const vqmovun = operation<Unary>((l, o) => {
  v.writeVector(l, false, o.d, narrow(l, o.size, 's', 'u', v.readVector(l, true, o.m)));
});
const narrowShift = (rounded: boolean, toUnsigned: boolean) =>
  operation<ShiftImmediate>((l, o) => {
    const shifted = shiftRight(l, o, o.size + 1, rounded, v.readVector(l, true, o.m));
    const from = o.unsigned ? 'u' : 's';
    v.writeVector(l, false, o.d, narrow(l, o.size, from, toUnsigned ? 'u' : from, shifted));
  });
export const vqshrn = narrowShift(false, false);
export const vqrshrn = narrowShift(true, false);
export const vqshrun = narrowShift(false, true);
export const vqrshrun = narrowShift(true, true);

// Shifts to the left -----------------------------------------------------------------------------------------------------------

/** What fits comes back by the opposite shift; what does not is all ones, or the limit on its side of zero. */
export const vqshlImmediate = operation<ShiftImmediate>((l, o) => {
  const { size, unsigned, amount } = o;
  const value = v.readVector(l, o.quad, o.m);
  const shifted = v.shiftLeft(l, size, value, amount);
  const fits = v.lanes(l, size, 'eq', v.shiftRight(l, size, unsigned, shifted, amount), value);
  v.saturatedWhere(l, v.not(l, fits));
  if (unsigned) return v.writeD(l, o, v.or(l, shifted, v.not(l, fits)));
  const limit = v.not(l, v.xor(l, v.shiftRight(l, size, false, value, (8 << size) - 1), v.signBits(l, size)));
  v.writeD(l, o, v.choose(l, fits, shifted, limit));
});
/** VQSHLU: signed to unsigned. */
export const vqshluImmediate = operation<ShiftImmediate>((l, o) => {
  const { size, amount } = o;
  const value = v.readVector(l, o.quad, o.m);
  const negative = v.shiftRight(l, size, false, value, (8 << size) - 1);
  const shifted = v.shiftLeft(l, size, value, amount);
  const comesBack = v.lanes(l, size, 'eq', v.shiftRight(l, size, true, shifted, amount), value);
  const fits = v.andNot(l, comesBack, negative);
  v.saturatedWhere(l, v.not(l, fits));
  v.writeD(l, o, v.choose(l, fits, shifted, v.not(l, negative)));
});

/** Each lane of m by the lowest byte of the same lane of n. */
const shiftByLanes = (isRounded: boolean) =>
  operation<Binary & Signed>((l, o) => {
    const laneBits = (8 << o.size) as 8 | 16 | 32 | 64;
    const kind = packLaneShift({ laneBits, isUnsigned: o.unsigned, isRounded, isSaturated: true });
    const value = v.readVector(l, o.quad, o.m);
    const counts = v.readVector(l, o.quad, o.n);
    const result = l.builder.emit('v128.shift', value, counts, kind);
    v.saturatedIf(l, l.builder.emit('v128.shift_saturates', value, counts, kind));
    v.writeD(l, o, result);
  });
export const vqshl = shiftByLanes(false);
export const vqrshl = shiftByLanes(true);
