/** FPRecipEstimate and FPRSqrtEstimate on bits (Arm ARM DDI 0487, J1.3): eight bits of precision. */
import { Fpscr } from '../../../layout/fpscr.ts';
import { Rounding } from '../../float-kinds.table.ts';
import {
  type FloatFormat,
  type FloatUnit,
  half,
  infinity,
  invalid,
  isNotANumber,
  maxNormal,
  overflowsToInfinity,
  processNaN,
  signed,
  type Unpacked,
  unpack,
  zero,
} from './format.ts';

/** Fraction bits that the pseudocode keeps. */
const workingBits = 52n;
const implicitOne = 1n << workingBits;

/** RecipEstimate: of a number from 256 to 511, in 512ths; the result is from 256 to 511, in 256ths. */
function recipEstimateOf(a: number): number {
  const b = Math.floor(2 ** 19 / (2 * a + 1));
  return (b + 1) >> 1;
}

/** RecipSqrtEstimate: of a number from 128 to 511, in 512ths; the result likewise. */
function rsqrtEstimateOf(a: number): number {
  const middle = a < 256 ? 2 * a + 1 : ((a & ~1) + 1) * 2;
  let b = 512;
  while (middle * (b + 1) * (b + 1) < 2 ** 28) b++;
  return (b + 1) >> 1;
}

/** The significand as 1.fraction with 52 fraction bits, and the exponent field with it: below 1 for subnormals. */
function normalised(f: FloatFormat, x: Unpacked): { readonly significand: bigint; readonly field: number } {
  const length = x.significand.toString(2).length;
  const bias = 2 ** (f.exponentBits - 1) - 1;
  return { significand: x.significand << (workingBits + 1n - BigInt(length)), field: x.exponent + length - 1 + bias };
}

/** FPRecipEstimate. */
export function recipEstimate(unit: FloatUnit, f: FloatFormat, bits: bigint): bigint {
  const x = unpack(unit, f, bits);
  if (isNotANumber(x)) return processNaN(unit, f, x.kind, bits);
  if (x.kind === 'infinity') return zero(f, x.sign);
  if (x.kind === 'zero') {
    unit.raise(Fpscr.DZC);
    return infinity(f, x.sign);
  }
  const { significand, field } = normalised(f, x);
  // Below 2^-16, of half precision (2^-128 of single) the reciprocal is too large.
  if (field < -1) {
    unit.raise(Fpscr.OFC | Fpscr.IXC);
    return overflowsToInfinity(x.sign, unit.resolve(Rounding.mode)) ? infinity(f, x.sign) : maxNormal(f, x.sign);
  }
  const bias = 2 ** (f.exponentBits - 1) - 1;
  const resultField = 2 * bias - 1 - field;
  if (unit.has(f.flush) && resultField < 1) {
    unit.raise(Fpscr.UFC);
    return zero(f, x.sign);
  }
  const estimate = recipEstimateOf(Number(significand >> (workingBits - 8n)));
  let fraction = BigInt(estimate & 0xff) << (workingBits - 8n);
  if (resultField === 0) fraction = (fraction | implicitOne) >> 1n;
  else if (resultField === -1) fraction = (fraction | implicitOne) >> 2n;
  return packFields(f, x.sign, Math.max(resultField, 0), fraction);
}

/** FPRSqrtEstimate. */
export function rsqrtEstimate(unit: FloatUnit, f: FloatFormat, bits: bigint): bigint {
  const x = unpack(unit, f, bits);
  if (isNotANumber(x)) return processNaN(unit, f, x.kind, bits);
  if (x.kind === 'zero') {
    unit.raise(Fpscr.DZC);
    return infinity(f, x.sign);
  }
  if (x.sign === 1) return invalid(unit, f);
  if (x.kind === 'infinity') return zero(f, 0);
  const { significand, field } = normalised(f, x);
  const isEven = (field & 1) === 0;
  const estimate = rsqrtEstimateOf(Number(significand >> (workingBits - (isEven ? 8n : 7n))));
  const numerator = f === half ? 44 : 380;
  return packFields(f, 0, (numerator - field) >> 1, BigInt(estimate & 0xff) << (workingBits - 8n));
}

const packFields = (f: FloatFormat, sign: 0 | 1, field: number, fraction: bigint): bigint =>
  signed(f, sign, (BigInt(field) << BigInt(f.fractionBits)) | (fraction >> (workingBits - BigInt(f.fractionBits))));
