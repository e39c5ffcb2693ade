/** Helpers for the exact operations on vectors: lane by lane, under StandardFPSCRValue (Arm ARM DDI 0406C, A2.7.7). */
import { type FloatLanes, packFixedPoint, unpackLaneBinary, unpackLaneUnary } from '../../ir/float-immediates.ts';
import { LaneBinary, LaneUnary } from '../../ir/float-kinds.table.ts';
import type { ValueType } from '../../ir/ops.table.ts';
import { Cpu } from '../../layout/cpu.ts';
import { standardKept, standardSet } from '../../layout/fpscr.ts';
import type { Assembly, Tree } from '../assembler.ts';
import { controlMemory } from '../code.ts';
import { add, mul, sub } from './arithmetic.ts';
import { compare, max, maxnum, min, minnum } from './compare.ts';
import * as conversions from './convert.ts';
import { recipEstimate, recipStep, rsqrtEstimate, rsqrtStep } from './estimate.ts';
import { type Format, f16, f32, f32Odd, memoised, soft } from './format.ts';
import { fma } from './fused.ts';
import { binaryLaneShortCut, fusedLaneShortCut, unaryLaneShortCut } from './lane-short-cuts.ts';
import { fpscr } from './short-cuts.ts';

/** Gives one lane's bits, an i64 (or an i32, when `toLane` takes that), from the bits of the operands' lanes. */
type OnLane = (f: Format, ...operands: readonly Tree[]) => Tree;

interface LaneShape {
  readonly format: Format;
  readonly count: number;
  readonly read: (vector: string, lane: number) => Tree;
  readonly write: (vector: string, lane: number, bits: Tree) => Tree;
}

const words: LaneShape = {
  format: f32,
  count: 4,
  read: (vector, lane) => ['i64.extend_i32_u', ['i32x4.extract_lane', lane, vector]],
  write: (vector, lane, bits) => ['set', vector, ['i32x4.replace_lane', lane, vector, ['i32.wrap_i64', bits]]],
};
const halves: LaneShape = {
  format: f16,
  count: 8,
  read: (vector, lane) => ['i64.extend_i32_u', ['i16x8.extract_lane_u', lane, vector]],
  write: (vector, lane, bits) => ['set', vector, ['i16x8.replace_lane', lane, vector, ['i32.wrap_i64', bits]]],
};
const shapeOf = ({ laneBits }: FloatLanes): LaneShape => (laneBits === 16 ? halves : words);

const setStandard: Tree = ['set', 'control', ['i32.or', ['i32.and', fpscr, standardKept], standardSet]];

function onVectors(
  name: string,
  operands: readonly string[],
  shortCut: readonly Tree[],
  body: readonly Tree[],
): Assembly {
  const parameters: Record<string, ValueType> = {};
  for (const operand of operands) parameters[operand] = 'v128';
  return {
    name,
    parameters: { ...parameters, cpu: 'i32' },
    locals: { control: 'i32', result: 'v128' },
    result: 'v128',
    body: [...shortCut, setStandard, ...body, 'result'],
  };
}

/** The lanes that count, one after another. */
function eachLane(lanes: FloatLanes, operands: readonly string[], compute: OnLane): Tree[] {
  const { format, count, read, write } = shapeOf(lanes);
  return Array.from({ length: lanes.isDoubleword ? count / 2 : count }, (_, n) =>
    write('result', n, compute(format, ...operands.map((operand) => read(operand, n)))),
  );
}

const binary =
  (helper: (f: Format) => Assembly): OnLane =>
  (f, a, b) =>
    soft(helper(f), a as Tree, b as Tree);

/** All ones when N, Z, C, V are among those told. */
const comparison =
  (signals: 0 | 1, ...wanted: readonly number[]): OnLane =>
  (f, a, b) => {
    const nzcv: Tree = ['call', compare(f), a as Tree, b as Tree, signals, 'control', 'cpu'];
    // The lane takes as many of the ones as it has room for.
    const [only, other] = wanted.map((flags) => 1 << flags) as [number, number?];
    const isWanted: Tree = ['i32.and', ['i32.shr_u', only | (other ?? 0), nzcv], 1];
    return ['i64.extend_i32_s', ['i32.sub', 0, isWanted]];
  };

const equal = 0b0110;
const greater = 0b0010;

const binaries: Readonly<Record<LaneBinary, OnLane>> = {
  [LaneBinary.add]: binary(add),
  [LaneBinary.sub]: binary(sub),
  [LaneBinary.mul]: binary(mul),
  [LaneBinary.min]: binary(min),
  [LaneBinary.max]: binary(max),
  [LaneBinary.minnum]: binary(minnum),
  [LaneBinary.maxnum]: binary(maxnum),
  [LaneBinary.recip_step]: binary(recipStep),
  [LaneBinary.rsqrt_step]: binary(rsqrtStep),
  [LaneBinary.eq]: comparison(0, equal),
  [LaneBinary.ge]: comparison(1, equal, greater),
  [LaneBinary.gt]: comparison(1, greater),
};

/** By the immediate of v128.exact_binary. */
export const laneBinary = memoised((packed: number) => {
  const { kind, ...lanes } = unpackLaneBinary(packed);
  const operands = ['a', 'b'];
  const body = eachLane(lanes, operands, binaries[kind]);
  return onVectors(`exact_lanes_binary_${packed}`, operands, binaryLaneShortCut(kind, lanes), body);
});

/** The unary operations between lanes of one size, by the rest of their immediate. */
function unaryOnLane(packed: number): OnLane | undefined {
  const { kind, fixed } = unpackLaneUnary(packed);
  const packedFixed = packFixedPoint(fixed);
  const tail: Tree[] = ['control', 'cpu'];
  switch (kind) {
    case LaneUnary.round:
    case LaneUnary.round_inexact: {
      const signals = kind === LaneUnary.round_inexact ? 1 : 0;
      return (f, a) => ['call', conversions.roundToIntegral(f), a as Tree, fixed.rounding, signals, ...tail];
    }
    case LaneUnary.recip_estimate:
      return (f, a) => soft(recipEstimate(f), a as Tree);
    case LaneUnary.rsqrt_estimate:
      return (f, a) => soft(rsqrtEstimate(f), a as Tree);
    case LaneUnary.to_fixed:
      return (f, a) => ['i64.extend_i32_u', ['call', conversions.toFixed(f), a as Tree, packedFixed, ...tail]];
    case LaneUnary.from_fixed:
      return (f, a) => ['call', conversions.fromFixed(f), ['i32.wrap_i64', a as Tree], packedFixed, ...tail];
    default:
      return undefined;
  }
}

const narrow = (helper: Assembly): Tree[] =>
  Array.from({ length: 8 }, (_, n) =>
    n < 4
      ? halves.write('result', n, soft(helper, words.read('a', n)))
      : halves.write('result', n, halves.read('result', n - 4)),
  );

const widen: readonly Tree[] = Array.from({ length: 4 }, (_, n) =>
  words.write('result', n, soft(conversions.f32FromF16, halves.read('a', n))),
);

/** By the immediate of v128.exact_unary. */
export const laneUnary = memoised((packed: number) => {
  const { kind, fixed, ...lanes } = unpackLaneUnary(packed);
  const compute = unaryOnLane(packed);
  const shortCut = unaryLaneShortCut(kind, lanes, fixed);
  const name = `exact_lanes_unary_${packed}`;
  if (compute !== undefined) return onVectors(name, ['a'], shortCut, eachLane(lanes, ['a'], compute));
  if (kind === LaneUnary.from_half) return onVectors(name, ['a'], [], widen);
  const helper = kind === LaneUnary.to_half ? conversions.f16FromF32 : conversions.bf16FromF32;
  return onVectors(name, ['a'], [], narrow(helper));
});

/** BFMul and BFAdd: what the helpers raise on the way is taken back. */
const bfloatBinary = (name: string, helper: (f: Format) => Assembly): Assembly => ({
  name,
  parameters: { a: 'v128', b: 'v128', cpu: 'i32' },
  locals: { control: 'i32', result: 'v128', raised: 'i32' },
  result: 'v128',
  body: [
    ['set', 'control', standardSet],
    ['set', 'raised', ['i32.load', controlMemory, Cpu.fpexc.offset, 'cpu']],
    ...Array.from({ length: 4 }, (_, n) =>
      words.write('result', n, soft(helper(f32Odd), words.read('a', n), words.read('b', n))),
    ),
    ['i32.store', controlMemory, Cpu.fpexc.offset, 'cpu', 'raised'],
    'result',
  ],
});
export const bfloatMul = bfloatBinary('bfloat_mul', mul);
export const bfloatAdd = bfloatBinary('bfloat_add', add);

/** By bits of a lane and whether only the lower doubleword counts. */
export const laneFma = memoised((shape: `${16 | 32}${'' | ' doubleword'}`) => {
  const laneBits = shape.startsWith('16') ? 16 : 32;
  const lanes: FloatLanes = { laneBits, isDoubleword: shape.endsWith('doubleword') };
  return onVectors(
    `exact_lanes_fma_${shape.replace(' ', '_')}`,
    ['c', 'a', 'b'],
    fusedLaneShortCut(lanes),
    eachLane(lanes, ['c', 'a', 'b'], (f, c, a, b) => soft(fma(f), c as Tree, a as Tree, b as Tree)),
  );
});
