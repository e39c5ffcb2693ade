/** Half-precision arithmetic of VFP (DDI 0487, F6.1): numbers in the lower halves of s registers, by exact operations. */
import { packFixedPoint } from '../../ir/float-immediates.ts';
import { FloatBinary, FloatUnary, Rounding } from '../../ir/float-kinds.table.ts';
import type { I32, Lowering } from './lowering.ts';
import { operation } from './row.ts';
import { readSingleBits, writeSingleBits } from './vfp-float.ts';
import {
  exactBinary,
  exactFused,
  exactToInteger,
  exactUnary,
  type Three,
  type Two,
  writeHalf,
} from './vfp-precision.ts';
import { baseOf } from './vfp-transfer.ts';

export interface HalfImmediate {
  readonly d: number;
  readonly bits: number;
}
/** VCMP with zero. */
export interface HalfOne {
  readonly d: number;
  /** Every NaN is an invalid operation. */
  readonly signalling: boolean;
}
export interface HalfFixed {
  readonly d: number;
  readonly signed: boolean;
  readonly bits: 16 | 32;
  readonly fraction: number;
}
export interface CoreHalf {
  readonly t: number;
  readonly n: number;
}
export interface HalfAccess {
  readonly d: number;
  readonly n: number;
  readonly offset: number;
}

const signBit = 0x8000;
const read = (l: Lowering, n: number): I32 => l.andImmediate(readSingleBits(l, n), 0xffff);
const negated = (l: Lowering, a: I32): I32 => l.xor(a, l.constant(signBit));
const same = (_l: Lowering, a: I32): I32 => a;
const arithmetic = (l: Lowering, kind: FloatBinary, a: I32, b: I32): I32 => exactBinary(l, 'f16', kind, a, b) as I32;

const binary = (compute: (l: Lowering, n: I32, m: I32) => I32) =>
  operation<Three>((l, { d, n, m }) => writeSingleBits(l, d, compute(l, read(l, n), read(l, m))));
const unary = (compute: (l: Lowering, m: I32) => I32) =>
  operation<Two>((l, { d, m }) => writeSingleBits(l, d, compute(l, read(l, m))));

const product = (l: Lowering, n: I32, m: I32): I32 => arithmetic(l, FloatBinary.mul, n, m);
const negatedProduct = (l: Lowering, n: I32, m: I32): I32 => negated(l, product(l, n, m));
/** d = accumulator + product, each rounded. */
const accumulate = (accumulator: typeof same, multiply: typeof product) =>
  operation<Three>((l, { d, n, m }) => {
    const multiplied = multiply(l, read(l, n), read(l, m));
    writeSingleBits(l, d, arithmetic(l, FloatBinary.add, accumulator(l, read(l, d)), multiplied));
  });
/** The same rounded once. */
const fused = (accumulator: typeof same, first: typeof same) =>
  operation<Three>((l, { d, n, m }) => {
    const addend = accumulator(l, read(l, d));
    writeSingleBits(l, d, exactFused(l, 'f16', addend, first(l, read(l, n)), read(l, m)) as I32);
  });

export const vadd = binary((l, n, m) => arithmetic(l, FloatBinary.add, n, m));
export const vsub = binary((l, n, m) => arithmetic(l, FloatBinary.sub, n, m));
export const vdiv = binary((l, n, m) => arithmetic(l, FloatBinary.div, n, m));
export const vmul = binary(product);
export const vnmul = binary(negatedProduct);
export const vmla = accumulate(same, product);
export const vmls = accumulate(same, negatedProduct);
export const vnmla = accumulate(negated, negatedProduct);
export const vnmls = accumulate(negated, product);
export const vfma = fused(same, same);
export const vfms = fused(same, negated);
export const vfnma = fused(negated, negated);
export const vfnms = fused(negated, same);
export const vneg = unary(negated);
export const vabs = unary((l, m) => l.andImmediate(m, signBit - 1));
export const vsqrt = unary((l, m) => exactUnary(l, 'f16', FloatUnary.sqrt, Rounding.mode, m) as I32);

export const vmovImmediate = operation<HalfImmediate>((l, { d, bits }) => writeSingleBits(l, d, l.constant(bits)));

function compare(l: Lowering, signalling: boolean, a: I32, b: I32): void {
  const nzcv = l.builder.emit('f16.exact_compare', a, b, signalling ? 1 : 0);
  l.setFloatFlags(l.shl(nzcv, 28));
}
export const vcmp = operation<Two & { readonly signalling: boolean }>((l, { d, m, signalling }) => {
  compare(l, signalling, read(l, d), read(l, m));
});
export const vcmpZero = operation<HalfOne>((l, { d, signalling }) => {
  compare(l, signalling, read(l, d), l.constant(0));
});

// Conversions -----------------------------------------------------------------------------------------------------------------

type Integer = Two & { readonly signed: boolean };
const toInteger = (rounding: Rounding) =>
  operation<Integer>((l, { d, m, signed }) => {
    const fixed = { isSigned: signed, rounding, fractionBits: 0, bits: 32 } as const;
    writeSingleBits(l, d, exactToInteger(l, 'f16', read(l, m), fixed));
  });
export const vcvtToInteger = toInteger(Rounding.zero);
export const vcvtrToInteger = toInteger(Rounding.mode);
export const vcvtFromInteger = operation<Integer>((l, { d, m, signed }) => {
  const fixed = { isSigned: signed, rounding: Rounding.mode, fractionBits: 0, bits: 32 } as const;
  writeSingleBits(l, d, l.builder.emit('f16.exact_from_i32', readSingleBits(l, m), packFixedPoint(fixed)));
});
export const vcvtToFixed = operation<HalfFixed>((l, { d, signed, bits, fraction }) => {
  const fixed = { isSigned: signed, rounding: Rounding.zero, fractionBits: fraction, bits };
  writeSingleBits(l, d, exactToInteger(l, 'f16', read(l, d), fixed));
});
export const vcvtFromFixed = operation<HalfFixed>((l, { d, signed, bits, fraction }) => {
  const fixed = { isSigned: signed, rounding: Rounding.nearest, fractionBits: fraction, bits };
  writeSingleBits(l, d, l.builder.emit('f16.exact_from_i32', readSingleBits(l, d), packFixedPoint(fixed)));
});

// Moves, loads and stores ---------------------------------------------------------------------------------------------------------

export const vmovToHalf = operation<CoreHalf>((l, { t, n }) => {
  writeSingleBits(l, n, l.andImmediate(l.read(t), 0xffff));
});
export const vmovFromHalf = operation<CoreHalf>((l, { t, n }) => l.write(t, read(l, n)));
/** The lower half into the upper one of another register. */
export const vins = operation<Two>((l, { d, m }) => writeHalf(l, d, true, read(l, m)));
/** The upper half. */
export const vmovx = operation<Two>((l, { d, m }) => writeSingleBits(l, d, l.shrU(readSingleBits(l, m), 16)));

export const vldr = operation<HalfAccess>((l, { d, n, offset }) => {
  const at = l.span(baseOf(l, n), offset);
  l.checkRead(at.base, at.offset, 2);
  writeSingleBits(l, d, l.load('load.16u', at.base, at.offset));
});
export const vstr = operation<HalfAccess>((l, { d, n, offset }) => {
  const at = l.span(baseOf(l, n), offset);
  l.checkWrite(at.base, at.offset, 2);
  l.store('store.16', at.base, at.offset, readSingleBits(l, d));
});
