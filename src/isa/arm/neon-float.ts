/**
 * Advanced SIMD on single-precision lanes, which compute as StandardFPSCRValue says whatever FPSCR holds (A2.7.7), and
 * estimates.
 */
import type { OpName } from '../../ir/ops.table.ts';
import type { I32, Lowering } from './lowering.ts';
import type { Binary, Fixed, Signed, Unary } from './neon-formats.ts';
import { neighbours } from './neon-integer.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';
import { halfToSingle, singleToHalf } from './vfp-convert.ts';

type TwoOp = { [K in OpName]: K extends `f32x4.${infer N}` ? N : never }[OpName] &
  ('add' | 'sub' | 'mul' | 'min' | 'max' | 'eq' | 'gt' | 'ge' | 'recip_step' | 'rsqrt_step');
type Two = (l: Lowering, n: V128, m: V128) => V128;

const op =
  (name: TwoOp): Two =>
  (l, n, m) =>
    l.builder.emit(`f32x4.${name}`, n, m);
const absolute = (l: Lowering, a: V128): V128 => l.builder.emit('f32x4.abs', a);
const negated = (l: Lowering, a: V128): V128 => l.builder.emit('f32x4.neg', a);

const binary = (compute: Two) =>
  operation<Binary>((l, o) => {
    v.writeD(l, o, compute(l, v.readVector(l, o.quad, o.n), v.readOperand(l, o)));
  });
const pairwise = (compute: Two) =>
  operation<Binary>((l, o) => {
    v.writeD(l, o, compute(l, ...neighbours(l, o)));
  });
/** d with a product, each rounded. */
const accumulate = (compute: Two) =>
  operation<Binary>((l, o) => {
    const product = l.builder.emit('f32x4.mul', v.readVector(l, o.quad, o.n), v.readOperand(l, o));
    v.writeD(l, o, compute(l, v.readD(l, o), product));
  });
/** d with a product, rounded once. */
const fused = (first: (l: Lowering, n: V128) => V128) =>
  operation<Binary>((l, o) => {
    const n = first(l, v.readVector(l, o.quad, o.n));
    v.writeD(l, o, l.builder.emit('f32x4.fma', v.readD(l, o), n, v.readVector(l, o.quad, o.m)));
  });

export const vadd = binary(op('add'));
export const vsub = binary(op('sub'));
export const vmul = binary(op('mul'));
export const vmla = accumulate(op('add'));
export const vmls = accumulate(op('sub'));
export const vfma = fused((_l, n) => n);
export const vfms = fused(negated);
export const vabd = binary((l, n, m) => absolute(l, op('sub')(l, n, m)));
export const vmax = binary(op('max'));
export const vmin = binary(op('min'));
export const vpadd = pairwise(op('add'));
export const vpmax = pairwise(op('max'));
export const vpmin = pairwise(op('min'));
export const vceq = binary(op('eq'));
export const vcge = binary(op('ge'));
export const vcgt = binary(op('gt'));
export const vacge = binary((l, n, m) => op('ge')(l, absolute(l, n), absolute(l, m)));
export const vacgt = binary((l, n, m) => op('gt')(l, absolute(l, n), absolute(l, m)));
export const vrecps = binary(op('recip_step'));
export const vrsqrts = binary(op('rsqrt_step'));

const unary = (compute: (l: Lowering, m: V128) => V128) =>
  operation<Unary>((l, o) => {
    v.writeD(l, o, compute(l, v.readVector(l, o.quad, o.m)));
  });
export const vabs = unary(absolute);
export const vneg = unary(negated);
export const vcgtZero = unary((l, m) => op('gt')(l, m, v.zero(l)));
export const vcgeZero = unary((l, m) => op('ge')(l, m, v.zero(l)));
export const vceqZero = unary((l, m) => op('eq')(l, m, v.zero(l)));
export const vcleZero = unary((l, m) => op('ge')(l, v.zero(l), m));
export const vcltZero = unary((l, m) => op('gt')(l, v.zero(l), m));
export const vrecpe = unary((l, m) => l.builder.emit('f32x4.recip_estimate', m));
export const vrsqrte = unary((l, m) => l.builder.emit('f32x4.rsqrt_estimate', m));
export const vrecpeInteger = unary((l, m) => l.builder.emit('i32x4.recip_estimate', m));
export const vrsqrteInteger = unary((l, m) => l.builder.emit('i32x4.rsqrt_estimate', m));

// Conversions ----------------------------------------------------------------------------------------------------------------

const toFixed = (l: Lowering, unsigned: boolean, fraction: number, value: V128): V128 =>
  l.builder.emit(unsigned ? 'i32x4.trunc_f32x4_u' : 'i32x4.trunc_f32x4_s', value, fraction);
const fromFixed = (l: Lowering, unsigned: boolean, fraction: number, value: V128): V128 =>
  l.builder.emit(unsigned ? 'f32x4.convert_i32x4_u' : 'f32x4.convert_i32x4_s', value, fraction);

export const vcvtToInteger = operation<Unary & Signed>((l, o) => {
  v.writeD(l, o, toFixed(l, o.unsigned, 0, v.readVector(l, o.quad, o.m)));
});
export const vcvtFromInteger = operation<Unary & Signed>((l, o) => {
  v.writeD(l, o, fromFixed(l, o.unsigned, 0, v.readVector(l, o.quad, o.m)));
});
export const vcvtToFixed = operation<Fixed>((l, o) => {
  v.writeD(l, o, toFixed(l, o.unsigned, o.fraction, v.readVector(l, o.quad, o.m)));
});
export const vcvtFromFixed = operation<Fixed>((l, o) => {
  v.writeD(l, o, fromFixed(l, o.unsigned, o.fraction, v.readVector(l, o.quad, o.m)));
});

/** The default NaN in place of one that keeps its payload. */
const orDefaultNan = (l: Lowering, result: I32, infinity: number, nan: number): I32 => {
  const magnitude = l.andImmediate(result, infinity | (infinity - 1));
  return l.select(l.binary('i32.gt_u', magnitude, l.constant(infinity)), l.constant(nan), result);
};

/** Four halves to a quadword of singles; subnormal halves are numbers all the same (A2.7.8). */
export const vcvtHalvesToSingles = operation<Unary>((l, o) => {
  const value = v.readVector(l, false, o.m);
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
  let result = v.zero(l);
  for (let i = 0; i < 4; i++) {
    const half = singleToHalf(l, l.builder.emit('i32x4.extract', value, i));
    result = l.builder.emit('i16x8.replace', result, orDefaultNan(l, half, 0x7c00, 0x7e00), i);
  }
  v.writeVector(l, false, o.d, result);
});
