/**
 * The immediates of exact floating-point operations that hold more than a kind of float-kinds.table.ts.
 *
 *   exact_unary          bits 3:0 FloatUnary · 6:4 Rounding
 *   exact_from_*, fixed  bits 5:0 fraction bits · 6 signed · 7 a 16-bit integer · 10:8 Rounding
 *   v128.exact_binary    bits 3:0 LaneBinary · 4 half-precision lanes · 5 doubleword
 *   v128.exact_unary     the same with LaneUnary, and from bit 8 on a FixedPoint, of which rounding counts for round
 */
import type { FloatUnary, LaneBinary, LaneUnary, Rounding } from './float-kinds.table.ts';

const kindMask = 0xf;

export const packUnary = (kind: FloatUnary, rounding: Rounding = 0): number => kind | (rounding << 4);

export function unpackUnary(packed: number): { readonly kind: FloatUnary; readonly rounding: Rounding } {
  return { kind: (packed & kindMask) as FloatUnary, rounding: ((packed >> 4) & 7) as Rounding };
}

/** The integer side of a conversion to or from an integer or fixed-point number. */
export interface FixedPoint {
  readonly isSigned: boolean;
  readonly rounding: Rounding;
  /** 0 to 32. */
  readonly fractionBits: number;
  /** Of the integer, in scalar conversions; in vectors it has the lane's. */
  readonly bits: 16 | 32;
}

const fixedPointBits = 11;

export function packFixedPoint({ isSigned, rounding, fractionBits, bits }: FixedPoint): number {
  return fractionBits | (isSigned ? 1 << 6 : 0) | (bits === 16 ? 1 << 7 : 0) | (rounding << 8);
}

export function unpackFixedPoint(packed: number): FixedPoint {
  return {
    fractionBits: packed & 0x3f,
    isSigned: (packed & (1 << 6)) !== 0,
    bits: (packed & (1 << 7)) !== 0 ? 16 : 32,
    rounding: ((packed >> 8) & 7) as Rounding,
  };
}

/** Which lanes a vector operation computes. */
export interface FloatLanes {
  readonly laneBits: 16 | 32;
  /** Only the lower doubleword counts: the upper raises nothing, and its result is of no interest. */
  readonly isDoubleword: boolean;
}

export function packLaneBinary(kind: LaneBinary, { laneBits, isDoubleword }: FloatLanes): number {
  return kind | (laneBits === 16 ? 1 << 4 : 0) | (isDoubleword ? 1 << 5 : 0);
}

export function unpackLaneBinary(packed: number): FloatLanes & { readonly kind: LaneBinary } {
  return {
    kind: (packed & kindMask) as LaneBinary,
    laneBits: (packed & (1 << 4)) !== 0 ? 16 : 32,
    isDoubleword: (packed & (1 << 5)) !== 0,
  };
}

const laneFixedShift = 8;
const noFixedPoint: FixedPoint = { isSigned: false, rounding: 0, fractionBits: 0, bits: 32 };

/** @param fixed for to_fixed and from_fixed; of it the rounding for round and round_inexact */
export function packLaneUnary(kind: LaneUnary, lanes: FloatLanes, fixed: Partial<FixedPoint> = {}): number {
  const packedLanes = packLaneBinary(0, lanes);
  const bits = lanes.laneBits;
  return kind | packedLanes | (packFixedPoint({ ...noFixedPoint, ...fixed, bits }) << laneFixedShift);
}

export function unpackLaneUnary(packed: number): FloatLanes & { readonly kind: LaneUnary; readonly fixed: FixedPoint } {
  const { laneBits, isDoubleword } = unpackLaneBinary(packed);
  const fixed = unpackFixedPoint((packed >> laneFixedShift) & ((1 << fixedPointBits) - 1));
  return { kind: (packed & kindMask) as LaneUnary, laneBits, isDoubleword, fixed };
}
