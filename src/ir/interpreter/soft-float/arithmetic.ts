/** Arithmetic of one format on bits, after the pseudocode of the same names (Arm ARM DDI 0406C, A2.7.8). */
import { Fpscr } from '../../../layout/fpscr.ts';
import { Rounding } from '../../float-kinds.table.ts';
import {
  type FloatFormat,
  type FloatUnit,
  infinity,
  invalid,
  isNotANumber,
  opposite,
  processNaN,
  processNaNs,
  round,
  roundAt,
  type Unpacked,
  unpack,
  zero,
} from './format.ts';

/** A binary operation on numbers, infinities and zeros; NaNs are dealt with before. */
type OnNumbers = (unit: FloatUnit, f: FloatFormat, x: Unpacked, y: Unpacked) => bigint;
export type Binary = (unit: FloatUnit, f: FloatFormat, a: bigint, b: bigint) => bigint;

const withNaNs =
  (compute: OnNumbers): Binary =>
  (unit, f, a, b) => {
    const x = unpack(unit, f, a);
    const y = unpack(unit, f, b);
    const nan = processNaNs(unit, f, [
      [x, a],
      [y, b],
    ]);
    return nan ?? compute(unit, f, x, y);
  };

/** (-1)^sign * significand as one signed number. */
const toSigned = ({ sign, significand }: Unpacked): bigint => (sign === 1 ? -significand : significand);

/** A signed significand rounded; an exact zero is negative only where rounding is toward minus infinity. */
function roundSigned(unit: FloatUnit, f: FloatFormat, value: bigint, exponent: number): bigint {
  if (value === 0n) return zero(f, unit.resolve(Rounding.mode) === Rounding.down ? 1 : 0);
  return value < 0n ? round(unit, f, 1, -value, exponent) : round(unit, f, 0, value, exponent);
}

/** The sum of numbers and zeros, exactly: a zero has the significand 0. */
function exactSum(x: Unpacked, y: Unpacked): { readonly value: bigint; readonly exponent: number } {
  const exponent =
    x.significand === 0n ? y.exponent : y.significand === 0n ? x.exponent : Math.min(x.exponent, y.exponent);
  const at = (u: Unpacked): bigint => (u.significand === 0n ? 0n : toSigned(u) << BigInt(u.exponent - exponent));
  return { value: at(x) + at(y), exponent };
}

/** FPAdd, and FPHalvedSub: the sum times 2^scale, rounded once. */
const sum =
  (scale: number): OnNumbers =>
  (unit, f, x, y) => {
    const xInfinite = x.kind === 'infinity';
    const yInfinite = y.kind === 'infinity';
    if (xInfinite && yInfinite && x.sign !== y.sign) return invalid(unit, f);
    if (xInfinite) return infinity(f, x.sign);
    if (yInfinite) return infinity(f, y.sign);
    if (x.kind === 'zero' && y.kind === 'zero' && x.sign === y.sign) return zero(f, x.sign);
    const { value, exponent } = exactSum(x, y);
    return roundSigned(unit, f, value, exponent + scale);
  };

const negated = (x: Unpacked): Unpacked => ({ ...x, sign: opposite(x.sign) });

export const add = withNaNs(sum(0));
export const sub = withNaNs((unit, f, x, y) => sum(0)(unit, f, x, negated(y)));
const halvedSub = withNaNs((unit, f, x, y) => sum(-1)(unit, f, x, negated(y)));

export const mul = withNaNs((unit, f, x, y) => {
  const sign = x.sign === y.sign ? 0 : 1;
  const hasInfinity = x.kind === 'infinity' || y.kind === 'infinity';
  const hasZero = x.kind === 'zero' || y.kind === 'zero';
  if (hasInfinity) return hasZero ? invalid(unit, f) : infinity(f, sign);
  if (hasZero) return zero(f, sign);
  return round(unit, f, sign, x.significand * y.significand, x.exponent + y.exponent);
});

export const div = withNaNs((unit, f, x, y) => {
  const sign = x.sign === y.sign ? 0 : 1;
  if (x.kind === y.kind && x.kind !== 'number') return invalid(unit, f);
  if (x.kind === 'infinity') return infinity(f, sign);
  if (y.kind === 'zero') {
    unit.raise(Fpscr.DZC);
    return infinity(f, sign);
  }
  if (x.kind === 'zero' || y.kind === 'infinity') return zero(f, sign);
  // A subnormal dividend has one digit in the worst case, the divisor all of them.
  const shift = 2 * f.bits;
  const dividend = x.significand << BigInt(shift);
  const quotient = dividend / y.significand;
  const sticky = quotient * y.significand === dividend ? 0n : 1n;
  return round(unit, f, sign, (quotient << 1n) | sticky, x.exponent - y.exponent - shift - 1);
});

export function sqrt(unit: FloatUnit, f: FloatFormat, a: bigint): bigint {
  const x = unpack(unit, f, a);
  if (isNotANumber(x)) return processNaN(unit, f, x.kind, a);
  if (x.kind === 'zero') return zero(f, x.sign);
  if (x.sign === 1) return invalid(unit, f);
  if (x.kind === 'infinity') return infinity(f, 0);
  // Scaled to an even exponent, with more than twice the digits that the root needs.
  const shift = 2 * f.bits + (x.exponent & 1);
  const radicand = x.significand << BigInt(shift);
  const root = wholeRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  return round(unit, f, 0, (root << 1n) | sticky, (x.exponent - shift) / 2 - 1);
}

/** The largest whole number whose square is at most `value` (positive), by Newton's iteration from above. */
function wholeRoot(value: bigint): bigint {
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** FPMulAdd: addend + a * b, rounded once. */
export function fma(unit: FloatUnit, f: FloatFormat, addend: bigint, a: bigint, b: bigint): bigint {
  const z = unpack(unit, f, addend);
  const x = unpack(unit, f, a);
  const y = unpack(unit, f, b);
  const isInvalidProduct = (x.kind === 'infinity' && y.kind === 'zero') || (x.kind === 'zero' && y.kind === 'infinity');
  const nan = processNaNs(unit, f, [
    [z, addend],
    [x, a],
    [y, b],
  ]);
  // A quiet addend does not hide it.
  if (isInvalidProduct && z.kind !== 'signalling') return invalid(unit, f);
  if (nan !== undefined) return nan;
  const sign = x.sign === y.sign ? 0 : 1;
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    if (z.kind === 'infinity' && z.sign !== sign) return invalid(unit, f);
    return infinity(f, sign);
  }
  if (z.kind === 'infinity') return infinity(f, z.sign);
  const isZeroProduct = x.kind === 'zero' || y.kind === 'zero';
  if (z.kind === 'zero' && isZeroProduct && z.sign === sign) return zero(f, sign);
  const product: Unpacked = {
    kind: isZeroProduct ? 'zero' : 'number',
    sign,
    significand: x.significand * y.significand,
    exponent: x.exponent + y.exponent,
  };
  const { value, exponent } = exactSum(z, product);
  return roundSigned(unit, f, value, exponent);
}

/** -1, 0 or 1: how x compares to y, neither of them a NaN. */
function order(x: Unpacked, y: Unpacked): number {
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    const rank = ({ kind, sign }: Unpacked): number => (kind !== 'infinity' ? 0 : sign === 1 ? -1 : 1);
    return Math.sign(rank(x) - rank(y));
  }
  const { value } = exactSum(x, negated(y));
  return value === 0n ? 0 : value < 0n ? -1 : 1;
}

const extreme = (wanted: 1 | -1): Binary =>
  withNaNs((unit, f, x, y) => {
    const chosen = order(x, y) === wanted ? x : y;
    if (chosen.kind === 'infinity') return infinity(f, chosen.sign);
    // Of zeros of both signs the maximum is the positive one.
    if (chosen.kind === 'zero')
      return zero(f, (wanted === 1 ? x.sign === 1 && y.sign === 1 : x.sign === 1 || y.sign === 1) ? 1 : 0);
    return round(unit, f, chosen.sign, chosen.significand, chosen.exponent);
  });

export const max = extreme(1);
export const min = extreme(-1);

/** FPMaxNum and FPMinNum (DDI 0487, J1.3): a quiet NaN gives way to the other operand unless that is one too. */
const extremeNumber =
  (compute: Binary, loser: 0 | 1): Binary =>
  (unit, f, a, b) => {
    const aIsQuiet = unpack(unit, f, a).kind === 'quiet';
    const bIsQuiet = unpack(unit, f, b).kind === 'quiet';
    if (aIsQuiet && !bIsQuiet) return compute(unit, f, infinity(f, loser), b);
    if (bIsQuiet && !aIsQuiet) return compute(unit, f, a, infinity(f, loser));
    return compute(unit, f, a, b);
  };

export const maxnum = extremeNumber(max, 1);
export const minnum = extremeNumber(min, 0);

/** FPCompare: N, Z, C, V in bits 3 to 0. */
export function compare(unit: FloatUnit, f: FloatFormat, a: bigint, b: bigint, signalsAll: boolean): number {
  const x = unpack(unit, f, a);
  const y = unpack(unit, f, b);
  if (isNotANumber(x) || isNotANumber(y)) {
    if (signalsAll || x.kind === 'signalling' || y.kind === 'signalling') unit.raise(Fpscr.IOC);
    return 0b0011;
  }
  const { less, equal, greater } = { less: 0b1000, equal: 0b0110, greater: 0b0010 };
  return [less, equal, greater][order(x, y) + 1] as number;
}

/** FPRoundInt. */
export function roundToIntegral(
  unit: FloatUnit,
  f: FloatFormat,
  a: bigint,
  rounding: Rounding,
  raisesInexact: boolean,
): bigint {
  const x = unpack(unit, f, a);
  if (isNotANumber(x)) return processNaN(unit, f, x.kind, a);
  if (x.kind === 'infinity') return infinity(f, x.sign);
  if (x.kind === 'zero') return zero(f, x.sign);
  const { whole, error } = roundAt(x.sign, x.significand, -x.exponent, unit.resolve(rounding));
  if (error && raisesInexact) unit.raise(Fpscr.IXC);
  return whole === 0n ? zero(f, x.sign) : round(unit, f, x.sign, whole, 0, Rounding.zero);
}

/** FPRecipStep and FPRSqrtStep: `from` - a * b, computed by `last`; infinity times zero counts as zero. */
const step =
  (from: number, last: Binary): Binary =>
  (unit, f, a, b) => {
    const x = unpack(unit, f, a);
    const y = unpack(unit, f, b);
    const nan = processNaNs(unit, f, [
      [x, a],
      [y, b],
    ]);
    if (nan !== undefined) return nan;
    const isInvalidProduct =
      (x.kind === 'infinity' && y.kind === 'zero') || (x.kind === 'zero' && y.kind === 'infinity');
    const product = isInvalidProduct ? zero(f, 0) : mul(unit, f, a, b);
    return last(unit, f, round(unit, f, 0, BigInt(from), 0), product);
  };

export const recipStep = step(2, sub);
export const rsqrtStep = step(3, halvedSub);
