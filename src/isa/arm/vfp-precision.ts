/**
 * Scalar operations of Armv8 in any precision (DDI 0487, F6.1). A half-precision number is an integer: the lower half of
 * an s register, whose upper half becomes zero. It is always computed by exact operations, which obey FPSCR; the others
 * in plain code only where there is nothing else.
 */
import { type FixedPoint, packFixedPoint, packUnary } from '../../ir/float-immediates.ts';
import { FloatBinary, FloatUnary, Rounding } from '../../ir/float-kinds.table.ts';
import { type OpName, opCodes } from '../../ir/ops.table.ts';
import { CodeVariant } from '../../layout/code-variant.ts';
import type { I32, Lowering } from './lowering.ts';
import { operation } from './row.ts';
import { type F64, type Float, float, readFloat, readSingleBits, writeFloat, writeSingleBits } from './vfp-float.ts';

export type Precision = 'f16' | 'f32' | 'f64';
/** A value of any precision: an i32, f32 or f64 of the IR. */
export type Scalar = Float | I32;

export interface Two {
  readonly precision: Precision;
  readonly d: number;
  readonly m: number;
}
export interface Three extends Two {
  readonly n: number;
}

export const readScalar = (l: Lowering, precision: Precision, n: number): Scalar =>
  precision === 'f16' ? l.andImmediate(readSingleBits(l, n), 0xffff) : readFloat(l, precision === 'f64', n);

export function writeScalar(l: Lowering, precision: Precision, d: number, value: Scalar): void {
  if (precision === 'f16') writeSingleBits(l, d, value as I32);
  else writeFloat(l, precision === 'f64', d, value as Float);
}

type ExactName = { [K in OpName]: K extends `f16.exact_${infer Name}` ? Name : never }[OpName];
const exact = (l: Lowering, precision: Precision, name: ExactName, a: Scalar, b: number, c = 0): Scalar =>
  l.builder.append(opCodes[`${precision}.exact_${name}` as OpName], a, b, c) as Scalar;

export const exactBinary = (l: Lowering, precision: Precision, kind: FloatBinary, a: Scalar, b: Scalar): Scalar =>
  exact(l, precision, 'binary', a, b, kind);
export const exactUnary = (l: Lowering, precision: Precision, kind: FloatUnary, rounding: Rounding, a: Scalar) =>
  exact(l, precision, 'unary', a, packUnary(kind, rounding));
export const exactFused = (l: Lowering, precision: Precision, addend: Scalar, a: Scalar, b: Scalar): Scalar =>
  exact(l, precision, 'fma', addend, a, b);
export const exactToInteger = (l: Lowering, precision: Precision, a: Scalar, fixed: FixedPoint): I32 =>
  l.builder.append(opCodes[`i32.exact_from_${precision}`], a, packFixedPoint(fixed), 0) as I32;

const binary = (kind: FloatBinary) =>
  operation<Three>((l, { precision, d, n, m }) => {
    const [a, b] = [readScalar(l, precision, n), readScalar(l, precision, m)];
    writeScalar(l, precision, d, exactBinary(l, precision, kind, a, b));
  });
export const vmaxnm = binary(FloatBinary.maxnum);
export const vminnm = binary(FloatBinary.minnum);

/** VSEL's conditions by its field: EQ, VS, GE, GT. */
const selectConditions = [0, 6, 10, 12];

export const vsel = operation<Three & { readonly condition: number }>((l, { precision, d, n, m, condition }) => {
  const holds = l.condition(selectConditions[condition] as number);
  const [a, b] = [readScalar(l, precision, n), readScalar(l, precision, m)];
  const select = opCodes[`${precision === 'f16' ? 'i32' : precision}.select`];
  writeScalar(l, precision, d, l.builder.append(select, holds, a, b) as Scalar);
});

// To integral values ------------------------------------------------------------------------------------------------------

/** By plain operations, where they can: toward zero is down for numbers above it, else up. */
function roundedPlainly(l: Lowering, precision: Precision, rounding: Rounding, value: Float): Float | undefined {
  const double = precision === 'f64';
  const [down, up] = [() => float(l, double, 'floor', value), () => float(l, double, 'ceil', value)];
  switch (rounding) {
    case Rounding.nearest:
    case Rounding.mode:
      return float(l, double, 'nearest', value);
    case Rounding.up:
      return up();
    case Rounding.down:
      return down();
    case Rounding.zero: {
      const zero = double ? l.builder.emit('f64.reinterpret', l.builder.emit('i64.const', 0, 0)) : l.constant(0);
      const none = double ? zero : l.builder.emit('f32.reinterpret', zero as I32);
      const negative = l.builder.append(opCodes[`${precision as 'f32' | 'f64'}.lt`], value, none, 0);
      const select = opCodes[`${precision as 'f32' | 'f64'}.select`];
      return l.builder.append(select, negative, up(), down()) as Float;
    }
    default:
      return undefined;
  }
}

function rounded(l: Lowering, precision: Precision, kind: FloatUnary, rounding: Rounding, value: Scalar): Scalar {
  if (l.variant === CodeVariant.plain && precision !== 'f16') {
    const plain = roundedPlainly(l, precision, rounding, value as Float);
    if (plain !== undefined) return plain;
  }
  return exactUnary(l, precision, kind, rounding, value);
}

const round = (kind: FloatUnary, roundingOf: (o: Partial<Directed>) => Rounding) =>
  operation<Two & Partial<Directed>>((l, o) => {
    const { precision, d, m } = o;
    writeScalar(l, precision, d, rounded(l, precision, kind, roundingOf(o), readScalar(l, precision, m)));
  });

/** The rounding is the encoding's. */
export interface Directed {
  readonly rounding: Rounding;
}
/** VRINTA, VRINTN, VRINTP, VRINTM. */
export const vrint = round(FloatUnary.round, ({ rounding }) => rounding as Rounding);
export const vrintr = round(FloatUnary.round, () => Rounding.mode);
export const vrintz = round(FloatUnary.round, () => Rounding.zero);
export const vrintx = round(FloatUnary.round_inexact, () => Rounding.mode);

/** VCVTA, VCVTN, VCVTP, VCVTM. */
export const vcvtDirected = operation<Two & Directed & { readonly signed: boolean }>((l, o) => {
  const { precision, d, m, rounding, signed } = o;
  const value = readScalar(l, precision, m);
  const isPlain = l.variant === CodeVariant.plain && precision !== 'f16';
  const integral = isPlain ? roundedPlainly(l, precision, rounding, value as Float) : undefined;
  if (integral !== undefined) {
    const truncate = opCodes[`i32.trunc_${precision as 'f32' | 'f64'}_${signed ? 's' : 'u'}`];
    return writeSingleBits(l, d, l.builder.append(truncate, integral, 0, 0) as I32);
  }
  const fixed = { isSigned: signed, rounding, fractionBits: 0, bits: 32 } as const;
  writeSingleBits(l, d, exactToInteger(l, precision, value, fixed));
});

// Double and half precision -------------------------------------------------------------------------------------------------

export interface DoubleHalf {
  readonly d: number;
  readonly m: number;
  /** The half of the s register that holds the 16-bit number. */
  readonly top: boolean;
}

export const vcvtHalfToDouble = operation<DoubleHalf>((l, { d, m, top }) => {
  const bits = readSingleBits(l, m);
  const half = top ? l.shrU(bits, 16) : l.andImmediate(bits, 0xffff);
  writeFloat(l, true, d, l.builder.emit('f64.exact_from_f16', half));
});

/** Puts a 16-bit number into a half of an s register. */
export function writeHalf(l: Lowering, d: number, top: boolean, half: I32): void {
  const old = readSingleBits(l, d);
  const result = top ? l.or(l.andImmediate(old, 0xffff), l.shl(half, 16)) : l.or(l.andImmediate(old, ~0xffff), half);
  writeSingleBits(l, d, result);
}
export const vcvtDoubleToHalf = operation<DoubleHalf>((l, { d, m, top }) => {
  writeHalf(l, d, top, l.builder.emit('f16.exact_from_f64', readFloat(l, true, m) as F64));
});
