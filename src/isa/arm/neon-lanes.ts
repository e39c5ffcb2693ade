/**
 * Vectors as the Advanced SIMD operations use them. A doubleword register is read into both halves of a vector and
 * written from the lower one: lane by lane the halves stay alike, so that sticky saturation sees nothing that the
 * instruction does not do.
 */
import type { Value } from '../../ir/function.ts';
import { type OpName, opCodes } from '../../ir/ops.table.ts';
import { type LaneBytes, Shuffle } from '../../ir/shuffles.ts';
import { Var } from '../../ir/variables.table.ts';
import type { I32, I64, Lowering } from './lowering.ts';
import type { Binary, Vector } from './neon-formats.ts';

export type V128 = Value<'v128'>;

const shapes = ['i8x16', 'i16x8', 'i32x4', 'i64x2'] as const;
type Shape = (typeof shapes)[number];
/** Operations on lanes that take vectors alone, by the name behind the shape. */
type LaneOp = { [K in OpName]: K extends `${Shape}.${infer Name}` ? Name : never }[OpName];

/** An operation on integer lanes of 1 << size bytes; it must exist for that size. */
export function lanes(l: Lowering, size: number, name: LaneOp, a: V128, b?: V128): V128 {
  return l.builder.append(opCodes[`${shapes[size]}.${name}` as OpName], a, b ?? 0, 0) as V128;
}

/** Shifts of lanes by a constant: left by 0 to the lane's bits - 1, right by 0 to all of them. */
export function shiftLeft(l: Lowering, size: number, a: V128, amount: number): V128 {
  return amount === 0 ? a : (l.builder.append(opCodes[`${shapes[size]}.shl` as OpName], a, amount, 0) as V128);
}
export function shiftRight(l: Lowering, size: number, unsigned: boolean, a: V128, amount: number): V128 {
  const bits = 8 << size;
  if (amount === 0) return a;
  if (unsigned && amount === bits) return zero(l);
  const op = opCodes[`${shapes[size]}.${unsigned ? 'shr_u' : 'shr_s'}` as OpName];
  return l.builder.append(op, a, Math.min(amount, bits - 1), 0) as V128;
}

// Bits ------------------------------------------------------------------------------------------------------------------

/** A constant whose halves are the doubleword given. */
export const constant = (l: Lowering, low: number, high = low): V128 => l.builder.emit('v128.const', low | 0, high | 0);
export const zero = (l: Lowering): V128 => constant(l, 0);
/** A constant with the same number in each lane, not wider than a word. */
export const eachLane = (l: Lowering, size: number, value: number): V128 =>
  constant(l, size === 0 ? (value & 0xff) * 0x01010101 : size === 1 ? (value & 0xffff) * 0x10001 : value);
/** The sign bit of each lane. */
export const signBits = (l: Lowering, size: number): V128 =>
  size === 3 ? constant(l, 0, 1 << 31) : eachLane(l, size, 1 << ((8 << size) - 1));

export const and = (l: Lowering, a: V128, b: V128): V128 => l.builder.emit('v128.and', a, b);
export const or = (l: Lowering, a: V128, b: V128): V128 => l.builder.emit('v128.or', a, b);
export const xor = (l: Lowering, a: V128, b: V128): V128 => l.builder.emit('v128.xor', a, b);
/** a & ~b */
export const andNot = (l: Lowering, a: V128, b: V128): V128 => l.builder.emit('v128.andnot', a, b);
export const not = (l: Lowering, a: V128): V128 => l.builder.emit('v128.not', a);
/** Bits of `a` where `mask` has ones, of `b` elsewhere. */
export const choose = (l: Lowering, mask: V128, a: V128, b: V128): V128 => l.builder.emit('v128.bitselect', a, b, mask);

// Lanes moved -----------------------------------------------------------------------------------------------------------

export const laneBytes = (size: number): LaneBytes => (1 << size) as LaneBytes;
/** Bytes of both by a pattern of ir/shuffles.ts. */
export const shuffle = (l: Lowering, pattern: number, a: V128, b: V128): V128 =>
  l.builder.emit('v128.shuffle', a, b, pattern);
/** One lane in all lanes. */
export const duplicate = (l: Lowering, size: number, a: V128, index: number): V128 =>
  shuffle(l, Shuffle.duplicate(laneBytes(size), index), a, a);

const sources = ['i8x16', 'i16x8', 'i32x4'] as const;
const sign = (unsigned: boolean): 's' | 'u' => (unsigned ? 'u' : 's');
/** The lower half's lanes of 1 << size bytes, twice as wide. */
export const widen = (l: Lowering, size: number, unsigned: boolean, a: V128): V128 =>
  lanes(l, size + 1, `extend_low_${sources[size]!}_${sign(unsigned)}` as LaneOp, a);
export const widenHigh = (l: Lowering, size: number, unsigned: boolean, a: V128): V128 =>
  lanes(l, size + 1, `extend_high_${sources[size]!}_${sign(unsigned)}` as LaneOp, a);
/** Products of the lower halves' lanes, twice as wide. */
export const widenProduct = (l: Lowering, size: number, unsigned: boolean, a: V128, b: V128): V128 =>
  lanes(l, size + 1, `extmul_low_${sources[size]!}_${sign(unsigned)}` as LaneOp, a, b);
export const widenProductHigh = (l: Lowering, size: number, unsigned: boolean, a: V128, b: V128): V128 =>
  lanes(l, size + 1, `extmul_high_${sources[size]!}_${sign(unsigned)}` as LaneOp, a, b);
/** Sums of neighbouring lanes of 1 << size bytes, twice as wide. */
export const addNeighbours = (l: Lowering, size: number, unsigned: boolean, a: V128): V128 =>
  lanes(l, size + 1, `extadd_pairwise_${sources[size]!}_${sign(unsigned)}` as LaneOp, a);
/** Lanes twice as wide made lanes of 1 << size bytes, in both halves. */
export const truncateLanes = (l: Lowering, size: number, a: V128): V128 =>
  shuffle(l, Shuffle.even(laneBytes(size)), a, a);
/** The same of the upper part of each. */
export const upperLanes = (l: Lowering, size: number, a: V128): V128 => shuffle(l, Shuffle.odd(laneBytes(size)), a, a);
/** The same, saturating: how the wide lanes are read, and what they become. */
export const saturateLanes = (l: Lowering, size: number, from: 's' | 'u', to: 's' | 'u', a: V128): V128 =>
  lanes(l, size, `narrow_${shapes[size + 1]!}_${from}${to}` as LaneOp, a, a);

/** Signed lanes of both in a row, saturating. */
export const saturateBoth = (l: Lowering, size: number, low: V128, high: V128): V128 =>
  lanes(l, size, `narrow_${shapes[size + 1]!}_ss` as LaneOp, low, high);

// Registers -------------------------------------------------------------------------------------------------------------

/** Doubleword d (in both halves), or the quadword that begins there. */
export function readVector(l: Lowering, quad: boolean, d: number): V128 {
  if (quad) return l.builder.emit('get.v128', Var.q + (d >>> 1));
  return l.builder.emit('f64x2.splat', l.builder.emit('get.f64', Var.d + d));
}
export function writeVector(l: Lowering, quad: boolean, d: number, value: V128): void {
  if (quad) l.builder.emit('set.v128', Var.q + (d >>> 1), value);
  else l.builder.emit('set.f64', Var.d + d, l.builder.emit('f64x2.extract', value, 0));
}
/** The second operand: a vector, or one element in every lane. */
export function readOperand(l: Lowering, { quad, size, m, index }: Binary): V128 {
  if (index === -1) return readVector(l, quad, m);
  return duplicate(l, size, readVector(l, false, m), index);
}
export const readD = (l: Lowering, o: Vector): V128 => readVector(l, o.quad, o.d);
export const writeD = (l: Lowering, o: Vector, value: V128): void => writeVector(l, o.quad, o.d, value);

/** Doublewords as the halves of a vector. */
export const pair = (l: Lowering, low: V128, high: V128): V128 => shuffle(l, Shuffle.zipLow(8), low, high);
export const lowHalf = (l: Lowering, a: V128): I64 => l.builder.emit('v128.low', a);

/** FPSCR.QC is set when any bit of `lost` is. */
export function saturatedWhere(l: Lowering, lost: V128): void {
  saturatedIf(l, l.builder.emit('v128.any_true', lost));
}
/** `condition`: 0 or 1. */
export function saturatedIf(l: Lowering, condition: I32): void {
  l.set(Var.fpscr, l.or(l.get(Var.fpscr), l.shl(condition, 27)));
}
