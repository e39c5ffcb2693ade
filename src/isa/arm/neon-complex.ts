/** Advanced SIMD: complex numbers in pairs of lanes, and products of halves added to singles (DDI 0487, F6.1). */

import { Shuffle } from '../../ir/shuffles.ts';
import { Var } from '../../ir/variables.table.ts';
import { Fpscr } from '../../layout/fpscr.ts';
import type { I32, Lowering } from './lowering.ts';
import { fusedLanes, negated, op } from './neon-float.ts';
import type { Binary, Vector } from './neon-formats.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';
import { readSingleBits } from './vfp-float.ts';

/** A pair is a real number, even, and an imaginary one. */
const swapped = (l: Lowering, { size }: Vector, a: V128): V128 =>
  v.shuffle(l, Shuffle.reverse(v.laneBytes(size + 1), v.laneBytes(size)), a, a);
/** The signs changed of one number in each pair. */
function negatedPart(l: Lowering, { size }: Vector, part: 'real' | 'imaginary', a: V128): V128 {
  if (size === 2) return v.xor(l, a, part === 'real' ? v.constant(l, 1 << 31, 0) : v.constant(l, 0, 1 << 31));
  return v.xor(l, a, v.eachLane(l, 2, part === 'real' ? 0x8000 : 1 << 31));
}

/** Degrees. */
export type Rotation = 0 | 90 | 180 | 270;
export interface Rotated extends Binary {
  readonly rotation: Rotation;
}

const add = op('add');
/** n and m turned by 90 or 270 degrees. */
export const vcadd = operation<Rotated>((l, o) => {
  const turned = negatedPart(
    l,
    o,
    o.rotation === 90 ? 'real' : 'imaginary',
    swapped(l, o, v.readVector(l, o.quad, o.m)),
  );
  v.writeD(l, o, add(l, o, v.readVector(l, o.quad, o.n), turned));
});

/**
 * d and the product of one part of n, real at 0 and 180 degrees, with m turned: two of them with a right angle between
 * make a complex product.
 */
export const vcmla = operation<Rotated>((l, o) => {
  const { size, quad, rotation } = o;
  const n = v.readVector(l, quad, o.n);
  const isReal = rotation === 0 || rotation === 180;
  const part = (isReal ? Shuffle.transposeEven : Shuffle.transposeOdd)(v.laneBytes(size));
  const m = complexOperand(l, o);
  const turned = {
    0: () => m,
    90: () => negatedPart(l, o, 'real', swapped(l, o, m)),
    180: () => negated(l, o, m),
    270: () => negatedPart(l, o, 'imaginary', swapped(l, o, m)),
  }[rotation]();
  v.writeD(l, o, fusedLanes(l, o, v.readD(l, o), v.shuffle(l, part, n, n), turned));
});

/** All of m, or one pair of it: of singles a doubleword holds one, of halves two. */
function complexOperand(l: Lowering, { quad, size, m, index }: Binary): V128 {
  if (index === -1) return v.readVector(l, quad, m);
  const pairs = v.readVector(l, false, m);
  return size === 2 ? pairs : v.duplicate(l, 2, pairs, index);
}

// VFMAL and VFMSL ------------------------------------------------------------------------------------------------------------

/** Operands are halves in doublewords, or of doubleword results in s registers, by their numbers. */
const readHalves = (l: Lowering, quad: boolean, n: number): V128 =>
  quad ? v.readVector(l, false, n) : l.builder.emit('i32x4.splat', readSingleBits(l, n));

const infinity = 0x7c00;
const smallestNormal = 0x0400;
const fractionShift = 23 - 10;
const exponentChange = (127 - 15) << 23;

/**
 * The lower four halves as singles, by bits: signalling NaNs stay so, and AHP does not count (FPMulAddH). A subnormal
 * number is its fraction times 2^-24, or a zero where FZ16 says so.
 */
function widened(l: Lowering, halves: V128): V128 {
  const { builder } = l;
  const wide = v.widen(l, 1, true, halves);
  const sign = v.shiftLeft(l, 2, v.and(l, wide, v.eachLane(l, 2, 0x8000)), 16);
  const magnitude = v.and(l, wide, v.eachLane(l, 2, 0x7fff));
  const moved = v.shiftLeft(l, 2, magnitude, fractionShift);
  const normal = v.lanes(l, 2, 'add', moved, v.eachLane(l, 2, exponentChange));
  const isSpecial = v.lanes(l, 2, 'gt_s', magnitude, v.eachLane(l, 2, infinity - 1));
  const special = v.lanes(l, 2, 'add', normal, v.and(l, isSpecial, v.eachLane(l, 2, exponentChange)));
  const isNormal = v.lanes(l, 2, 'gt_s', magnitude, v.eachLane(l, 2, smallestNormal - 1));
  const subnormal = builder.emit('f32x4.convert_i32x4_u', magnitude, 24);
  const kept: I32 = l.addImmediate(l.andImmediate(l.shrU(l.get(Var.fpscr), flushShift), 1), -1);
  const orFlushed = v.and(l, subnormal, builder.emit('i32x4.splat', kept));
  return v.or(l, sign, v.choose(l, isNormal, special, orFlushed));
}
const flushShift = 31 - Math.clz32(Fpscr.FZ16);

/** d and the products of halves, rounded once, in single precision. */
const halvesMultiplyAdd = (isSubtraction: boolean) =>
  operation<Binary>((l, o) => {
    const n = readHalves(l, o.quad, o.n);
    const m = readHalves(l, o.quad, o.m);
    const first = widened(l, isSubtraction ? v.xor(l, n, v.signBits(l, 1)) : n);
    const second = widened(l, o.index === -1 ? m : v.duplicate(l, 1, m, o.index));
    v.writeD(l, o, fusedLanes(l, { ...o, size: 2 }, v.readD(l, o), first, second));
  });
export const vfmal = halvesMultiplyAdd(false);
export const vfmsl = halvesMultiplyAdd(true);
