/**
 * Advanced SIMD on single-precision lanes, which compute as StandardFPSCRValue says whatever FPSCR holds (A2.7.7), and
 * estimates.
 */
import { type FloatLanes, packLaneBinary, packLaneUnary } from '../../ir/float-immediates.ts';
import { LaneBinary, LaneUnary, Rounding } from '../../ir/float-kinds.table.ts';
import type { OpName } from '../../ir/ops.table.ts';
import { CodeVariant } from '../../layout/code-variant.ts';
import type { I32, Lowering } from './lowering.ts';
import type { Binary, Fixed, Signed, Unary } from './neon-formats.ts';
import { neighbours } from './neon-integer.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';
import { halfToSingle, singleToHalf } from './vfp-convert.ts';

type TwoOp = { [K in OpName]: K extends `f32x4.${infer N}` ? N : never }[OpName] & keyof typeof LaneBinary;
/** `quad`: all four lanes count, not only the lower two (for the exceptions that they raise). */
type Two = (l: Lowering, quad: boolean, n: V128, m: V128) => V128;

const lanesOf = (quad: boolean): FloatLanes => ({ laneBits: 32, isDoubleword: !quad });

const op =
  (name: TwoOp): Two =>
  (l, quad, n, m) =>
    l.variant === CodeVariant.plain
      ? l.builder.emit(`f32x4.${name}`, n, m)
      : l.builder.emit('v128.exact_binary', n, m, packLaneBinary(LaneBinary[name], lanesOf(quad)));
const multiply = op('mul');
const absolute = (l: Lowering, a: V128): V128 => l.builder.emit('f32x4.abs', a);
const negated = (l: Lowering, a: V128): V128 => l.builder.emit('f32x4.neg', a);

const binary = (compute: Two) =>
  operation<Binary>((l, o) => {
    v.writeD(l, o, compute(l, o.quad, v.readVector(l, o.quad, o.n), v.readOperand(l, o)));
  });
const pairwise = (compute: Two) =>
  operation<Binary>((l, o) => {
    v.writeD(l, o, compute(l, o.quad, ...neighbours(l, o)));
  });
/** d with a product, each rounded. */
const accumulate = (compute: Two) =>
  operation<Binary>((l, o) => {
    const product = multiply(l, o.quad, v.readVector(l, o.quad, o.n), v.readOperand(l, o));
    v.writeD(l, o, compute(l, o.quad, v.readD(l, o), product));
  });
/** d with a product, rounded once. */
const fused = (first: (l: Lowering, n: V128) => V128) =>
  operation<Binary>((l, o) => {
    const n = first(l, v.readVector(l, o.quad, o.n));
    const exact = o.quad ? 'f32x4.exact_fma' : 'f32x2.exact_fma';
    const name = l.variant === CodeVariant.plain ? 'f32x4.fma' : exact;
    v.writeD(l, o, l.builder.emit(name, v.readD(l, o), n, v.readVector(l, o.quad, o.m)));
  });

export const vadd = binary(op('add'));
export const vsub = binary(op('sub'));
export const vmul = binary(op('mul'));
export const vmla = accumulate(op('add'));
export const vmls = accumulate(op('sub'));
export const vfma = fused((_l, n) => n);
export const vfms = fused(negated);
export const vabd = binary((l, quad, n, m) => absolute(l, op('sub')(l, quad, n, m)));
export const vmax = binary(op('max'));
export const vmin = binary(op('min'));
export const vpadd = pairwise(op('add'));
export const vpmax = pairwise(op('max'));
export const vpmin = pairwise(op('min'));
export const vceq = binary(op('eq'));
export const vcge = binary(op('ge'));
export const vcgt = binary(op('gt'));
export const vacge = binary((l, quad, n, m) => op('ge')(l, quad, absolute(l, n), absolute(l, m)));
export const vacgt = binary((l, quad, n, m) => op('gt')(l, quad, absolute(l, n), absolute(l, m)));
export const vrecps = binary(op('recip_step'));
export const vrsqrts = binary(op('rsqrt_step'));

const estimate =
  (name: 'recip_estimate' | 'rsqrt_estimate') =>
  (l: Lowering, m: V128, quad: boolean): V128 =>
    l.variant === CodeVariant.plain
      ? l.builder.emit(`f32x4.${name}`, m)
      : l.builder.emit('v128.exact_unary', m, packLaneUnary(LaneUnary[name], lanesOf(quad)));

const unary = (compute: (l: Lowering, m: V128, quad: boolean) => V128) =>
  operation<Unary>((l, o) => {
    v.writeD(l, o, compute(l, v.readVector(l, o.quad, o.m), o.quad));
  });
export const vabs = unary(absolute);
export const vneg = unary(negated);
export const vcgtZero = unary((l, m, quad) => op('gt')(l, quad, m, v.zero(l)));
export const vcgeZero = unary((l, m, quad) => op('ge')(l, quad, m, v.zero(l)));
export const vceqZero = unary((l, m, quad) => op('eq')(l, quad, m, v.zero(l)));
export const vcleZero = unary((l, m, quad) => op('ge')(l, quad, v.zero(l), m));
export const vcltZero = unary((l, m, quad) => op('gt')(l, quad, v.zero(l), m));
export const vrecpe = unary(estimate('recip_estimate'));
export const vrsqrte = unary(estimate('rsqrt_estimate'));
export const vrecpeInteger = unary((l, m) => l.builder.emit('i32x4.recip_estimate', m));
export const vrsqrteInteger = unary((l, m) => l.builder.emit('i32x4.rsqrt_estimate', m));

// Conversions ----------------------------------------------------------------------------------------------------------------

function convertExactly(
  l: Lowering,
  kind: LaneUnary,
  o: Unary & Signed,
  fractionBits: number,
  rounding: Rounding,
): V128 {
  const immediate = packLaneUnary(kind, lanesOf(o.quad), { isSigned: !o.unsigned, fractionBits, rounding });
  return l.builder.emit('v128.exact_unary', v.readVector(l, o.quad, o.m), immediate);
}
function toFixed(l: Lowering, o: Unary & Signed, fraction: number): void {
  if (l.variant === CodeVariant.exact) {
    v.writeD(l, o, convertExactly(l, LaneUnary.to_fixed, o, fraction, Rounding.zero));
    return;
  }
  const name = o.unsigned ? 'i32x4.trunc_f32x4_u' : 'i32x4.trunc_f32x4_s';
  v.writeD(l, o, l.builder.emit(name, v.readVector(l, o.quad, o.m), fraction));
}
function fromFixed(l: Lowering, o: Unary & Signed, fraction: number): void {
  if (l.variant === CodeVariant.exact) {
    v.writeD(l, o, convertExactly(l, LaneUnary.from_fixed, o, fraction, Rounding.nearest));
    return;
  }
  const name = o.unsigned ? 'f32x4.convert_i32x4_u' : 'f32x4.convert_i32x4_s';
  v.writeD(l, o, l.builder.emit(name, v.readVector(l, o.quad, o.m), fraction));
}

export const vcvtToInteger = operation<Unary & Signed>((l, o) => toFixed(l, o, 0));
export const vcvtFromInteger = operation<Unary & Signed>((l, o) => fromFixed(l, o, 0));
export const vcvtToFixed = operation<Fixed>((l, o) => toFixed(l, o, o.fraction));
export const vcvtFromFixed = operation<Fixed>((l, o) => fromFixed(l, o, o.fraction));

/** The default NaN in place of one that keeps its payload. */
const orDefaultNan = (l: Lowering, result: I32, infinity: number, nan: number): I32 => {
  const magnitude = l.andImmediate(result, infinity | (infinity - 1));
  return l.select(l.binary('i32.gt_u', magnitude, l.constant(infinity)), l.constant(nan), result);
};

/** Four halves to a quadword of singles; subnormal halves are numbers all the same (A2.7.8). */
export const vcvtHalvesToSingles = operation<Unary>((l, o) => {
  const value = v.readVector(l, false, o.m);
  if (l.variant === CodeVariant.exact) {
    const immediate = packLaneUnary(LaneUnary.from_half, lanesOf(true));
    v.writeVector(l, true, o.d, l.builder.emit('v128.exact_unary', value, immediate));
    return;
  }
  let result = v.zero(l);
  for (let i = 0; i < 4; i++) {
    const single = halfToSingle(l, l.builder.emit('i16x8.extract_u', value, i));
    const lane = orDefaultNan(l, single, 0x7f800000, 0x7fc00000);
    result = l.builder.emit('i32x4.replace', result, lane, i);
  }
  v.writeVector(l, true, o.d, result);
});

/** A quadword of singles to four halves. */
export const vcvtSinglesToHalves = operation<Unary>((l, o) => {
  const value = v.readVector(l, true, o.m);
  if (l.variant === CodeVariant.exact) {
    const immediate = packLaneUnary(LaneUnary.to_half, lanesOf(true));
    v.writeVector(l, false, o.d, l.builder.emit('v128.exact_unary', value, immediate));
    return;
  }
  let result = v.zero(l);
  for (let i = 0; i < 4; i++) {
    const half = singleToHalf(l, l.builder.emit('i32x4.extract', value, i));
    result = l.builder.emit('i16x8.replace', result, orDefaultNan(l, half, 0x7c00, 0x7e00), i);
  }
  v.writeVector(l, false, o.d, result);
});
