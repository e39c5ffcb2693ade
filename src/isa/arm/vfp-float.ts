/**
 * Scalar floating-point values of either precision, as the VFP operations use them. `double` chooses between the f32
 * and the f64 operations of the IR; s registers are f32 variables, d registers f64 variables.
 */
import { packUnary } from '../../ir/float-immediates.ts';
import { FloatBinary, FloatUnary } from '../../ir/float-kinds.table.ts';
import type { Value } from '../../ir/function.ts';
import { type OpName, opCodes } from '../../ir/ops.table.ts';
import { Var } from '../../ir/variables.table.ts';
import { CodeVariant } from '../../layout/code-variant.ts';
import type { I32, I64, Lowering } from './lowering.ts';

export type F32 = Value<'f32'>;
export type F64 = Value<'f64'>;
export type Float = F32 | F64;

/** Names that exist with both prefixes. */
type BothPrecisions = {
  [K in OpName]: K extends `f32.${infer Name}` ? (`f64.${Name}` extends OpName ? Name : never) : never;
}[OpName];

/** An IR operation of one precision; immediates follow its operands. */
export function float(
  l: Lowering,
  double: boolean,
  name: BothPrecisions,
  a: Float,
  b?: Float | number,
  c?: Float | number,
): Float {
  return l.builder.append(opCodes[`${double ? 'f64' : 'f32'}.${name}`], a, b ?? 0, c ?? 0) as Float;
}

/** Arithmetic as the code's variant has it: plain operations, or exact ones that obey FPSCR (layout/code-variant.ts). */
export function binary(l: Lowering, double: boolean, kind: 'add' | 'sub' | 'mul' | 'div', a: Float, b: Float): Float {
  if (l.variant === CodeVariant.plain) return float(l, double, kind, a, b);
  return float(l, double, 'exact_binary', a, b, FloatBinary[kind]);
}
export function squareRoot(l: Lowering, double: boolean, a: Float): Float {
  if (l.variant === CodeVariant.plain) return float(l, double, 'sqrt', a);
  return float(l, double, 'exact_unary', a, packUnary(FloatUnary.sqrt));
}
/** addend + a * b, rounded once. */
export function fusedMultiplyAdd(l: Lowering, double: boolean, addend: Float, a: Float, b: Float): Float {
  return float(l, double, l.variant === CodeVariant.plain ? 'fma' : 'exact_fma', addend, a, b);
}

/** A comparison of one precision: 0 or 1. */
export function compare(l: Lowering, double: boolean, name: 'eq' | 'lt' | 'gt', a: Float, b: Float): I32 {
  return l.builder.append(opCodes[`${double ? 'f64' : 'f32'}.${name}`], a, b, 0) as number as I32;
}

/** S[n] or D[n]. */
export function readFloat(l: Lowering, double: boolean, n: number): Float {
  return double ? l.builder.emit('get.f64', Var.d + n) : l.builder.emit('get.f32', Var.s + n);
}

export function writeFloat(l: Lowering, double: boolean, n: number, value: Float): void {
  if (double) l.builder.emit('set.f64', Var.d + n, value as F64);
  else l.builder.emit('set.f32', Var.s + n, value as F32);
}

/** The bits of S[n] as an integer, and back. */
export const readSingleBits = (l: Lowering, n: number): I32 =>
  l.builder.emit('i32.reinterpret', l.builder.emit('get.f32', Var.s + n));
export const writeSingleBits = (l: Lowering, n: number, bits: I32): void =>
  l.builder.emit('set.f32', Var.s + n, l.builder.emit('f32.reinterpret', bits));

/** The bits of D[n] as an integer, and back. */
export const readDoubleBits = (l: Lowering, n: number): I64 =>
  l.builder.emit('i64.reinterpret', l.builder.emit('get.f64', Var.d + n));
export const writeDoubleBits = (l: Lowering, n: number, bits: I64): void =>
  l.builder.emit('set.f64', Var.d + n, l.builder.emit('f64.reinterpret', bits));

/** The constant with the given bits. */
export function floatConstant(l: Lowering, double: boolean, low: number, high: number): Float {
  return double
    ? l.builder.emit('f64.reinterpret', l.builder.emit('i64.const', low, high))
    : l.builder.emit('f32.reinterpret', l.constant(low));
}

/** 2 to the power of `exponent`, which must be in single precision's normal range. */
export function powerOfTwo(l: Lowering, double: boolean, exponent: number): Float {
  return double
    ? floatConstant(l, true, 0, (1023 + exponent) << 20)
    : floatConstant(l, false, (127 + exponent) << 23, 0);
}
