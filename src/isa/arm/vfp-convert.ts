/** Conversions of VFP: between precisions, integers, fixed-point and half-precision numbers. */
import { type FixedPoint, packFixedPoint } from '../../ir/float-immediates.ts';
import { Rounding } from '../../ir/float-kinds.table.ts';
import { opCodes } from '../../ir/ops.table.ts';
import { CodeVariant } from '../../layout/code-variant.ts';
import type { I32, Lowering } from './lowering.ts';
import { operation } from './row.ts';
import {
  type F32,
  type F64,
  type Float,
  float,
  powerOfTwo,
  readDoubleBits,
  readFloat,
  readSingleBits,
  writeDoubleBits,
  writeFloat,
  writeSingleBits,
} from './vfp-float.ts';
import type { FloatFixed, FloatHalf, FloatInteger, FloatUnary } from './vfp-formats.ts';

/** To a 32-bit integer, toward zero, saturating, NaN gives 0 (FPToFixed with no fraction). */
function truncate(l: Lowering, double: boolean, signed: boolean, value: Float): I32 {
  const { builder } = l;
  if (double) return builder.emit(signed ? 'i32.trunc_f64_s' : 'i32.trunc_f64_u', value as F64);
  return builder.emit(signed ? 'i32.trunc_f32_s' : 'i32.trunc_f32_u', value as F32);
}

const floatOf = (l: Lowering, double: boolean, signed: boolean, value: I32): Float =>
  double
    ? l.builder.emit(signed ? 'f64.convert_s' : 'f64.convert_u', value)
    : l.builder.emit(signed ? 'f32.convert_s' : 'f32.convert_u', value);

/** FPToFixed and FixedToFP by exact operations. */
function toFixedExactly(l: Lowering, double: boolean, value: Float, fixed: FixedPoint): I32 {
  const op = opCodes[double ? 'i32.exact_from_f64' : 'i32.exact_from_f32'];
  return l.builder.append(op, value, packFixedPoint(fixed), 0) as I32;
}
function fromFixedExactly(l: Lowering, double: boolean, value: I32, fixed: FixedPoint): Float {
  const op = opCodes[double ? 'f64.exact_from_i32' : 'f32.exact_from_i32'];
  return l.builder.append(op, value, packFixedPoint(fixed), 0) as Float;
}
/** A 32-bit integer. */
const integer = (isSigned: boolean, rounding: Rounding): FixedPoint => ({
  isSigned,
  rounding,
  fractionBits: 0,
  bits: 32,
});

export const vcvtToInteger = operation<FloatInteger>((l, { double, d, m, signed }) => {
  const value = readFloat(l, double, m);
  const isPlain = l.variant === CodeVariant.plain;
  const toInteger = isPlain
    ? truncate(l, double, signed, value)
    : toFixedExactly(l, double, value, integer(signed, Rounding.zero));
  writeSingleBits(l, d, toInteger);
});

export const vcvtrToInteger = operation<FloatInteger>((l, { double, d, m, signed }) => {
  const value = readFloat(l, double, m);
  const isPlain = l.variant === CodeVariant.plain;
  const toInteger = isPlain
    ? truncate(l, double, signed, float(l, double, 'nearest', value))
    : toFixedExactly(l, double, value, integer(signed, Rounding.mode));
  writeSingleBits(l, d, toInteger);
});

export const vcvtFromInteger = operation<FloatInteger>((l, { double, d, m, signed }) => {
  const value = readSingleBits(l, m);
  const isPlain = l.variant === CodeVariant.plain;
  const result = isPlain
    ? floatOf(l, double, signed, value)
    : fromFixedExactly(l, double, value, integer(signed, Rounding.mode));
  writeFloat(l, double, d, result);
});

export const vcvtPrecision = operation<FloatUnary>((l, { double, d, m }) => {
  const isPlain = l.variant === CodeVariant.plain;
  if (double) {
    const value = readFloat(l, true, m) as F64;
    writeFloat(l, false, d, l.builder.emit(isPlain ? 'f32.demote' : 'f32.exact_from_f64', value));
  } else {
    const value = readFloat(l, false, m) as F32;
    writeFloat(l, true, d, l.builder.emit(isPlain ? 'f64.promote' : 'f64.exact_from_f32', value));
  }
});

/**
 * FPToFixed, toward zero: scaling by a power of two in double precision is exact for either operand (an overflow
 * saturates all the same).
 */
function toFixed(l: Lowering, double: boolean, value: Float, { isSigned, fractionBits, bits }: FixedPoint): I32 {
  const wide = double ? value : l.builder.emit('f64.promote', value as F32);
  const scaled = truncate(l, true, isSigned, float(l, true, 'mul', wide, powerOfTwo(l, true, fractionBits)));
  return bits === 32 ? scaled : saturate16(l, isSigned, scaled);
}

/** The result is extended to the width of the register. */
export const vcvtToFixed = operation<FloatFixed>((l, { double, d, signed, bits, fraction }) => {
  const value = readFloat(l, double, d);
  const fixed = { isSigned: signed, rounding: Rounding.zero, fractionBits: fraction, bits };
  const isPlain = l.variant === CodeVariant.plain;
  const result = isPlain ? toFixed(l, double, value, fixed) : toFixedExactly(l, double, value, fixed);
  if (!double) writeSingleBits(l, d, result);
  else writeDoubleBits(l, d, l.builder.emit(signed ? 'i64.extend_s' : 'i64.extend_u', result));
});

function saturate16(l: Lowering, signed: boolean, value: I32): I32 {
  const max = l.constant(signed ? 0x7fff : 0xffff);
  const bounded = l.select(l.binary(signed ? 'i32.lt_s' : 'i32.lt_u', value, max), value, max);
  if (!signed) return bounded;
  const min = l.constant(-0x8000);
  return l.select(l.binary('i32.gt_s', bounded, min), bounded, min);
}

/** FixedToFP: exact in double precision, so that single precision rounds once. Always to nearest (A8.8.308). */
export const vcvtFromFixed = operation<FloatFixed>((l, { double, d, signed, bits, fraction }) => {
  const word = double ? l.builder.emit('i64.low', readDoubleBits(l, d)) : readSingleBits(l, d);
  if (l.variant === CodeVariant.exact) {
    const fixed = { isSigned: signed, rounding: Rounding.nearest, fractionBits: fraction, bits };
    writeFloat(l, double, d, fromFixedExactly(l, double, word, fixed));
    return;
  }
  const integer = bits === 32 ? word : signed ? l.signedField(word, 15, 0) : l.field(word, 15, 0);
  const value = float(l, true, 'mul', floatOf(l, true, signed, integer), powerOfTwo(l, true, -fraction));
  if (double) writeFloat(l, true, d, value);
  else writeFloat(l, false, d, l.builder.emit('f32.demote', value as F64));
});

const infinityBits = 0x7f800000;
const quietBit = 0x00400000;

/**
 * FPHalfToSingle (A2.7.8) by bits: with the fraction moved into place, a number is 2^-112 of itself, denormals
 * included, so one exact multiplication mends the exponent. `half` has no bits above 15.
 */
export function halfToSingle(l: Lowering, half: I32): I32 {
  const sign = l.shl(l.shrU(half, 15), 31);
  const magnitude = l.andImmediate(half, 0x7fff);
  const moved = l.shl(magnitude, 13);
  const scaled = float(l, false, 'mul', l.builder.emit('f32.reinterpret', moved), powerOfTwo(l, false, 112)) as F32;
  const number = l.builder.emit('i32.reinterpret', scaled);
  const infinity = l.constant(0x7c00);
  const isNan = l.binary('i32.gt_u', magnitude, infinity);
  const special = l.or(l.or(moved, l.constant(infinityBits)), l.select(isNan, l.constant(quietBit), l.constant(0)));
  return l.or(sign, l.select(l.binary('i32.ge_u', magnitude, infinity), special, number));
}

export const vcvtHalfToSingle = operation<FloatHalf>((l, { d, m, top }) => {
  const bits = readSingleBits(l, m);
  const half = top ? l.shrU(bits, 16) : l.andImmediate(bits, 0xffff);
  if (l.variant === CodeVariant.plain) writeSingleBits(l, d, halfToSingle(l, half));
  else writeFloat(l, false, d, l.builder.emit('f32.exact_from_f16', half));
});

/** From here on (2^16 - 2^4, half-way to the number after the largest) a single rounds to infinity. */
const halfOverflow = 0x477ff000;
/** 2^-14, the smallest normal half. */
const halfNormal = 0x38800000;

/**
 * FPSingleToHalf (A2.7.8) by bits, to nearest even. Normal numbers: the exponent's bias is changed and the lost bits
 * are rounded by a carry. Denormals: adding 0.5 makes the processor round at 2^-24, the unit of the result.
 */
export function singleToHalf(l: Lowering, bits: I32): I32 {
  const magnitude = l.andImmediate(bits, 0x7fffffff);
  const sign = l.andImmediate(l.shrU(bits, 16), 0x8000);

  const rebiased = l.sub(magnitude, l.constant((127 - 15) << 23));
  const odd = l.andImmediate(l.shrU(rebiased, 13), 1);
  const normal = l.shrU(l.add(l.addImmediate(rebiased, 0xfff), odd), 13);

  const value = l.builder.emit('f32.reinterpret', magnitude);
  const rounded = float(l, false, 'add', value, powerOfTwo(l, false, -1)) as F32;
  const denormal = l.sub(l.builder.emit('i32.reinterpret', rounded), l.constant(0x3f000000));

  const nan = l.or(l.field(magnitude, 21, 13), l.constant(0x7e00));
  const atLeast = (limit: number): I32 => l.binary('i32.ge_u', magnitude, l.constant(limit));
  const finite = l.select(atLeast(halfNormal), normal, denormal);
  const number = l.select(atLeast(halfOverflow), l.constant(0x7c00), finite);
  return l.or(sign, l.select(atLeast(infinityBits + 1), nan, number));
}

export const vcvtSingleToHalf = operation<FloatHalf>((l, { d, m, top }) => {
  const isPlain = l.variant === CodeVariant.plain;
  const half = isPlain
    ? singleToHalf(l, readSingleBits(l, m))
    : l.builder.emit('f16.exact_from_f32', readFloat(l, false, m) as F32);
  const old = readSingleBits(l, d);
  const result = top ? l.or(l.andImmediate(old, 0xffff), l.shl(half, 16)) : l.or(l.andImmediate(old, ~0xffff), half);
  writeSingleBits(l, d, result);
});
