/**
 * Advanced SIMD on single-precision lanes, which compute as StandardFPSCRValue says whatever FPSCR holds (A2.7.7), and
 * estimates.
 */
import { type FixedPoint, type FloatLanes, packLaneBinary, packLaneUnary } from '../../ir/float-immediates.ts';
import { LaneBinary, LaneUnary, Rounding } from '../../ir/float-kinds.table.ts';
import { CodeVariant } from '../../layout/code-variant.ts';
import type { I32, Lowering } from './lowering.ts';
import type { Binary, Directed, Fixed, Signed, Unary, Vector } from './neon-formats.ts';
import { neighbours } from './neon-integer.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';
import { halfToSingle, singleToHalf } from './vfp-convert.ts';

type TwoOp = keyof typeof LaneBinary;
/** `o` tells the lanes' size, and whether all count or only those of the lower half (for the exceptions they raise). */
type Two = (l: Lowering, o: Vector, n: V128, m: V128) => V128;
type One = (l: Lowering, o: Vector, m: V128) => V128;

const lanesOf = (o: Vector): FloatLanes => ({ laneBits: isHalf(o) ? 16 : 32, isDoubleword: !o.quad });
const isHalf = (o: Vector): boolean => o.size === 1;
/** Plain code has operations on single-precision lanes, not all. */
const isPlain = (l: Lowering, o: Vector): boolean => l.variant === CodeVariant.plain && !isHalf(o);

/** There are no plain ones of these. */
const exactOnly: ReadonlySet<TwoOp> = new Set(['minnum', 'maxnum']);
type PlainOp = Exclude<TwoOp, 'minnum' | 'maxnum'>;

export const op =
  (name: TwoOp): Two =>
  (l, o, n, m) =>
    isPlain(l, o) && !exactOnly.has(name)
      ? l.builder.emit(`f32x4.${name as PlainOp}`, n, m)
      : l.builder.emit('v128.exact_binary', n, m, packLaneBinary(LaneBinary[name], lanesOf(o)));
const multiply = op('mul');
const absolute: One = (l, o, a) => (isHalf(o) ? v.andNot(l, a, v.signBits(l, o.size)) : l.builder.emit('f32x4.abs', a));
export const negated: One = (l, o, a) =>
  isHalf(o) ? v.xor(l, a, v.signBits(l, o.size)) : l.builder.emit('f32x4.neg', a);

/** addend + n * m, rounded once. */
export function fusedLanes(l: Lowering, o: Vector, addend: V128, n: V128, m: V128): V128 {
  const [half, single] = o.quad
    ? (['f16x8.exact_fma', 'f32x4.exact_fma'] as const)
    : (['f16x4.exact_fma', 'f32x2.exact_fma'] as const);
  if (isHalf(o)) return l.builder.emit(half, addend, n, m);
  return l.builder.emit(isPlain(l, o) ? 'f32x4.fma' : single, addend, n, m);
}

const binary = (compute: Two) =>
  operation<Binary>((l, o) => {
    v.writeD(l, o, compute(l, o, v.readVector(l, o.quad, o.n), v.readOperand(l, o)));
  });
const pairwise = (compute: Two) =>
  operation<Binary>((l, o) => {
    v.writeD(l, o, compute(l, o, ...neighbours(l, o)));
  });
/** d with a product, each rounded. */
const accumulate = (compute: Two) =>
  operation<Binary>((l, o) => {
    const product = multiply(l, o, v.readVector(l, o.quad, o.n), v.readOperand(l, o));
    v.writeD(l, o, compute(l, o, v.readD(l, o), product));
  });
/** d with a product, rounded once. */
const fused = (first: One) =>
  operation<Binary>((l, o) => {
    const n = first(l, o, v.readVector(l, o.quad, o.n));
    v.writeD(l, o, fusedLanes(l, o, v.readD(l, o), n, v.readOperand(l, o)));
  });

export const vadd = binary(op('add'));
export const vsub = binary(op('sub'));
export const vmul = binary(op('mul'));
export const vmla = accumulate(op('add'));
export const vmls = accumulate(op('sub'));
export const vfma = fused((_l, _o, n) => n);
export const vfms = fused(negated);
export const vabd = binary((l, o, n, m) => absolute(l, o, op('sub')(l, o, n, m)));
export const vmax = binary(op('max'));
export const vmin = binary(op('min'));
export const vmaxnm = binary(op('maxnum'));
export const vminnm = binary(op('minnum'));
export const vpadd = pairwise(op('add'));
export const vpmax = pairwise(op('max'));
export const vpmin = pairwise(op('min'));
export const vceq = binary(op('eq'));
export const vcge = binary(op('ge'));
export const vcgt = binary(op('gt'));
export const vacge = binary((l, o, n, m) => op('ge')(l, o, absolute(l, o, n), absolute(l, o, m)));
export const vacgt = binary((l, o, n, m) => op('gt')(l, o, absolute(l, o, n), absolute(l, o, m)));
export const vrecps = binary(op('recip_step'));
export const vrsqrts = binary(op('rsqrt_step'));

const exactUnary = (l: Lowering, o: Vector, kind: LaneUnary, m: V128, fixed: Partial<FixedPoint> = {}): V128 =>
  l.builder.emit('v128.exact_unary', m, packLaneUnary(kind, lanesOf(o), fixed));

const estimate =
  (name: 'recip_estimate' | 'rsqrt_estimate'): One =>
  (l, o, m) =>
    isPlain(l, o) ? l.builder.emit(`f32x4.${name}`, m) : exactUnary(l, o, LaneUnary[name], m);

const unary = (compute: One) =>
  operation<Unary>((l, o) => {
    v.writeD(l, o, compute(l, o, v.readVector(l, o.quad, o.m)));
  });
export const vabs = unary(absolute);
export const vneg = unary(negated);
export const vcgtZero = unary((l, o, m) => op('gt')(l, o, m, v.zero(l)));
export const vcgeZero = unary((l, o, m) => op('ge')(l, o, m, v.zero(l)));
export const vceqZero = unary((l, o, m) => op('eq')(l, o, m, v.zero(l)));
export const vcleZero = unary((l, o, m) => op('ge')(l, o, v.zero(l), m));
export const vcltZero = unary((l, o, m) => op('gt')(l, o, v.zero(l), m));
export const vrecpe = unary(estimate('recip_estimate'));
export const vrsqrte = unary(estimate('rsqrt_estimate'));
export const vrecpeInteger = unary((l, _o, m) => l.builder.emit('i32x4.recip_estimate', m));
export const vrsqrteInteger = unary((l, _o, m) => l.builder.emit('i32x4.rsqrt_estimate', m));

// Conversions ----------------------------------------------------------------------------------------------------------------

function toFixed(l: Lowering, o: Unary & Signed, fractionBits: number, rounding: Rounding): void {
  const value = v.readVector(l, o.quad, o.m);
  if (isPlain(l, o) && rounding === Rounding.zero) {
    const name = o.unsigned ? 'i32x4.trunc_f32x4_u' : 'i32x4.trunc_f32x4_s';
    return v.writeD(l, o, l.builder.emit(name, value, fractionBits));
  }
  const fixed = { isSigned: !o.unsigned, fractionBits, rounding };
  v.writeD(l, o, exactUnary(l, o, LaneUnary.to_fixed, value, fixed));
}
function fromFixed(l: Lowering, o: Unary & Signed, fractionBits: number): void {
  const value = v.readVector(l, o.quad, o.m);
  if (isPlain(l, o)) {
    const name = o.unsigned ? 'f32x4.convert_i32x4_u' : 'f32x4.convert_i32x4_s';
    return v.writeD(l, o, l.builder.emit(name, value, fractionBits));
  }
  const fixed = { isSigned: !o.unsigned, fractionBits, rounding: Rounding.nearest };
  v.writeD(l, o, exactUnary(l, o, LaneUnary.from_fixed, value, fixed));
}

export const vcvtToInteger = operation<Unary & Signed>((l, o) => toFixed(l, o, 0, Rounding.zero));
export const vcvtFromInteger = operation<Unary & Signed>((l, o) => fromFixed(l, o, 0));
export const vcvtToFixed = operation<Fixed>((l, o) => toFixed(l, o, o.fraction, Rounding.zero));
export const vcvtFromFixed = operation<Fixed>((l, o) => fromFixed(l, o, o.fraction));

/** VCVTA, VCVTN, VCVTP, VCVTM: the rounding is the encoding's. */
export const vcvtDirected = operation<Unary & Signed & Directed>((l, o) => toFixed(l, o, 0, o.rounding));
/** VRINTA, VRINTN, VRINTP, VRINTM, VRINTZ. */
export const vrint = (rounding: Rounding) => unary((l, o, m) => exactUnary(l, o, LaneUnary.round, m, { rounding }));
export const vrintx = unary((l, o, m) => exactUnary(l, o, LaneUnary.round_inexact, m, { rounding: Rounding.nearest }));

/** The default NaN in place of one that keeps its payload. */
const orDefaultNan = (l: Lowering, result: I32, infinity: number, nan: number): I32 => {
  const magnitude = l.andImmediate(result, infinity | (infinity - 1));
  return l.select(l.binary('i32.gt_u', magnitude, l.constant(infinity)), l.constant(nan), result);
};

const quadSingles: FloatLanes = { laneBits: 32, isDoubleword: false };

/** Four halves to a quadword of singles; subnormal halves are numbers all the same (A2.7.8). */
export const vcvtHalvesToSingles = operation<Unary>((l, o) => {
  const value = v.readVector(l, false, o.m);
  if (l.variant === CodeVariant.exact) {
    const immediate = packLaneUnary(LaneUnary.from_half, quadSingles);
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
    const immediate = packLaneUnary(LaneUnary.to_half, quadSingles);
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
