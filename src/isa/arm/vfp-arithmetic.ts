/** Arithmetic, comparisons and register moves of VFP. One operation for both precisions and both instruction sets. */
import { opCodes } from '../../ir/ops.table.ts';
import { CodeVariant } from '../../layout/code-variant.ts';
import type { I32, Lowering } from './lowering.ts';
import { operation } from './row.ts';
import {
  binary as arithmetic,
  compare,
  type Float,
  float,
  floatConstant,
  fusedMultiplyAdd,
  readFloat,
  squareRoot,
  writeFloat,
} from './vfp-float.ts';
import type { FloatBinary, FloatImmediate, FloatOne, FloatUnary, Signalling } from './vfp-formats.ts';

type Two = (l: Lowering, double: boolean, n: Float, m: Float) => Float;
type One = (l: Lowering, double: boolean, m: Float) => Float;

const product: Two = (l, double, n, m) => arithmetic(l, double, 'mul', n, m);
const negated: One = (l, double, m) => float(l, double, 'neg', m);
const negatedProduct: Two = (l, double, n, m) => negated(l, double, product(l, double, n, m));

const binary = (compute: Two) =>
  operation<FloatBinary>((l, { double, d, n, m }) => {
    writeFloat(l, double, d, compute(l, double, readFloat(l, double, n), readFloat(l, double, m)));
  });

const unary = (compute: One) =>
  operation<FloatUnary>((l, { double, d, m }) => {
    writeFloat(l, double, d, compute(l, double, readFloat(l, double, m)));
  });

/** d = accumulator + product, each rounded. */
const accumulate = (accumulator: One, multiply: Two) =>
  operation<FloatBinary>((l, { double, d, n, m }) => {
    const multiplied = multiply(l, double, readFloat(l, double, n), readFloat(l, double, m));
    const old = accumulator(l, double, readFloat(l, double, d));
    writeFloat(l, double, d, arithmetic(l, double, 'add', old, multiplied));
  });

/** d = accumulator + n * m, rounded once; negations are of the operands, so that NaNs come out as FPMulAdd has it. */
const fused = (accumulator: One, first: One) =>
  operation<FloatBinary>((l, { double, d, n, m }) => {
    const old = accumulator(l, double, readFloat(l, double, d));
    const multiplicand = first(l, double, readFloat(l, double, n));
    writeFloat(l, double, d, fusedMultiplyAdd(l, double, old, multiplicand, readFloat(l, double, m)));
  });

const same: One = (_l, _double, m) => m;

export const vadd = binary((l, double, n, m) => arithmetic(l, double, 'add', n, m));
export const vsub = binary((l, double, n, m) => arithmetic(l, double, 'sub', n, m));
export const vmul = binary(product);
export const vnmul = binary(negatedProduct);
export const vdiv = binary((l, double, n, m) => arithmetic(l, double, 'div', n, m));
export const vmla = accumulate(same, product);
export const vmls = accumulate(same, negatedProduct);
export const vnmla = accumulate(negated, negatedProduct);
export const vnmls = accumulate(negated, product);
export const vfma = fused(same, same);
export const vfms = fused(same, negated);
export const vfnma = fused(negated, negated);
export const vfnms = fused(negated, same);
export const vsqrt = unary(squareRoot);
export const vneg = unary(negated);
export const vabs = unary((l, double, m) => float(l, double, 'abs', m));
export const vmovRegister = unary(same);

export const vmovImmediate = operation<FloatImmediate>((l, { double, d, low, high }) => {
  writeFloat(l, double, d, floatConstant(l, double, low, high));
});

/** `signalling`: VCMPE, for which every NaN is an invalid operation. */
function setFlagsOfCompare(l: Lowering, double: boolean, signalling: boolean, a: Float, b: Float): void {
  if (l.variant === CodeVariant.exact) {
    const op = opCodes[double ? 'f64.exact_compare' : 'f32.exact_compare'];
    const nzcv = l.builder.append(op, a, b, signalling ? 1 : 0) as I32;
    l.setFloatFlags(l.shl(nzcv, 28));
    return;
  }
  const less = compare(l, double, 'lt', a, b);
  const equal = compare(l, double, 'eq', a, b);
  const greater = compare(l, double, 'gt', a, b);
  l.setFlagsOfFloatCompare(less, equal, greater);
}

export const vcmp = operation<FloatUnary & Signalling>((l, { double, d, m, signalling }) => {
  setFlagsOfCompare(l, double, signalling, readFloat(l, double, d), readFloat(l, double, m));
});

export const vcmpZero = operation<FloatOne & Signalling>((l, { double, d, signalling }) => {
  setFlagsOfCompare(l, double, signalling, readFloat(l, double, d), floatConstant(l, double, 0, 0));
});
