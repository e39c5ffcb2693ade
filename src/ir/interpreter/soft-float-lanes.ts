/** Exact floating point of the interpreter on vectors, under StandardFPSCRValue (Arm ARM DDI 0406C, A2.7.7). */
import { standardKept, standardSet } from '../../layout/fpscr.ts';
import { type FixedPoint, type FloatLanes, unpackLaneBinary, unpackLaneUnary } from '../float-immediates.ts';
import { LaneBinary, LaneUnary } from '../float-kinds.table.ts';
import type { Machine, Operation, Operations } from './machine.ts';
import * as arithmetic from './soft-float/arithmetic.ts';
import { convert, fromFixed, toFixed } from './soft-float/conversion.ts';
import { recipEstimate, rsqrtEstimate } from './soft-float/estimate.ts';
import { bfloat, type FloatFormat, FloatUnit, half, ones, single } from './soft-float/format.ts';
import { floatState } from './soft-float.ts';

/** FPCompareEQ, FPCompareGE, FPCompareGT: a lane of ones when a flag of FPCompare is as told. */
const comparison =
  (signalsAll: boolean, holds: (nzcv: number) => boolean): arithmetic.Binary =>
  (unit, f, a, b) =>
    holds(arithmetic.compare(unit, f, a, b, signalsAll)) ? ones(f.bits) : 0n;

const [equal, greater] = [0b0110, 0b0010];

const binaries: Readonly<Record<LaneBinary, arithmetic.Binary>> = {
  [LaneBinary.add]: arithmetic.add,
  [LaneBinary.sub]: arithmetic.sub,
  [LaneBinary.mul]: arithmetic.mul,
  [LaneBinary.min]: arithmetic.min,
  [LaneBinary.max]: arithmetic.max,
  [LaneBinary.minnum]: arithmetic.minnum,
  [LaneBinary.maxnum]: arithmetic.maxnum,
  [LaneBinary.recip_step]: arithmetic.recipStep,
  [LaneBinary.rsqrt_step]: arithmetic.rsqrtStep,
  [LaneBinary.eq]: comparison(false, (nzcv) => nzcv === equal),
  [LaneBinary.ge]: comparison(true, (nzcv) => nzcv === equal || nzcv === greater),
  [LaneBinary.gt]: comparison(true, (nzcv) => nzcv === greater),
};

type Unary = (unit: FloatUnit, f: FloatFormat, a: bigint, fixed: FixedPoint) => bigint;

/** The unary operations between lanes of one size. */
const unaries: Partial<Readonly<Record<LaneUnary, Unary>>> = {
  [LaneUnary.round]: (unit, f, a, { rounding }) => arithmetic.roundToIntegral(unit, f, a, rounding, false),
  [LaneUnary.round_inexact]: (unit, f, a, { rounding }) => arithmetic.roundToIntegral(unit, f, a, rounding, true),
  [LaneUnary.recip_estimate]: recipEstimate,
  [LaneUnary.rsqrt_estimate]: rsqrtEstimate,
  [LaneUnary.to_fixed]: toFixed,
  [LaneUnary.from_fixed]: fromFixed,
};

const quadword = (laneBits: 16 | 32): FloatLanes => ({ laneBits, isDoubleword: false });
const doubleword = (laneBits: 16 | 32): FloatLanes => ({ laneBits, isDoubleword: true });

export const softFloatLaneOperations = (m: Machine) => {
  const state = floatState(m);
  const halves = new Uint16Array(m.scratch);
  const words = new Uint32Array(m.scratch);
  const begin = (): FloatUnit => {
    const unit = state.begin();
    unit.control = (unit.control & standardKept) | standardSet;
    return unit;
  };

  /** The view and format of the lanes, and how many count. */
  const shapeOf = ({ laneBits, isDoubleword }: FloatLanes) => {
    const count = 128 / laneBits;
    const shape = laneBits === 16 ? { view: halves, format: half } : { view: words, format: single };
    return { ...shape, count, used: isDoubleword ? count / 2 : count };
  };

  /** Computes the lanes that count and zeroes the others. */
  const eachLane = (
    lanes: FloatLanes,
    at: number,
    operands: readonly number[],
    compute: (unit: FloatUnit, f: FloatFormat, values: readonly bigint[]) => bigint,
  ): number => {
    const { view, format, count, used } = shapeOf(lanes);
    const unit = begin();
    for (let n = 0; n < count; n++) {
      const values = operands.map((value) => BigInt(view[value * count + n] as number));
      view[at * count + n] = n < used ? Number(BigInt.asUintN(format.bits, compute(unit, format, values))) : 0;
    }
    state.end(unit);
    return at + 1;
  };

  const fma =
    (lanes: FloatLanes): Operation =>
    (at, addend, a, b) =>
      eachLane(lanes, at, [addend, a, b], (unit, f, [z, x, y]) =>
        arithmetic.fma(unit, f, z as bigint, x as bigint, y as bigint),
      );

  const bfloatBinary =
    (compute: arithmetic.Binary): Operation =>
    (at, a, b) => {
      const unit = new FloatUnit(standardSet);
      unit.rounding = 'odd';
      for (let n = 0; n < 4; n++) {
        const [x, y] = [words[a * 4 + n] as number, words[b * 4 + n] as number];
        words[at * 4 + n] = Number(compute(unit, single, BigInt(x), BigInt(y)));
      }
      return at + 1;
    };

  const fromHalf = (at: number, a: number): number => {
    const unit = begin();
    for (let n = 0; n < 4; n++)
      words[at * 4 + n] = Number(convert(unit, half, single, BigInt(halves[a * 8 + n] as number)));
    state.end(unit);
    return at + 1;
  };

  const toNarrow = (format: FloatFormat, at: number, a: number): number => {
    const unit = begin();
    for (let n = 0; n < 4; n++) {
      const result = Number(convert(unit, single, format, BigInt(words[a * 4 + n] as number)));
      halves[at * 8 + n] = result;
      halves[at * 8 + 4 + n] = result;
    }
    state.end(unit);
    return at + 1;
  };

  return {
    'v128.exact_unary': (at, a, packed) => {
      const { kind, fixed, ...lanes } = unpackLaneUnary(packed);
      const unary = unaries[kind];
      if (unary !== undefined) return eachLane(lanes, at, [a], (unit, f, [x]) => unary(unit, f, x as bigint, fixed));
      if (kind === LaneUnary.from_half) return fromHalf(at, a);
      return toNarrow(kind === LaneUnary.to_half ? half : bfloat, at, a);
    },
    'v128.exact_binary': (at, a, b, packed) => {
      const { kind, ...lanes } = unpackLaneBinary(packed);
      return eachLane(lanes, at, [a, b], (unit, f, [x, y]) => binaries[kind](unit, f, x as bigint, y as bigint));
    },
    'f32x4.bfloat_mul': bfloatBinary(arithmetic.mul),
    'f32x4.bfloat_add': bfloatBinary(arithmetic.add),
    'f16x4.exact_fma': fma(doubleword(16)),
    'f16x8.exact_fma': fma(quadword(16)),
    'f32x2.exact_fma': fma(doubleword(32)),
    'f32x4.exact_fma': fma(quadword(32)),
  } satisfies Partial<Operations>;
};
