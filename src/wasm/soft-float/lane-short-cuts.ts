/**
 * Short cuts of the exact operations on single-precision lanes, for the state that programs come to, Inexact set: where
 * no lane that counts has a subnormal operand or an extraordinary result, plain arithmetic is all there is.
 *
 * Trees about the vectors `a`, `b` and `c`, the local `result` and the record at `cpu`. What shows a lane to be
 * ordinary is a mask of it.
 */
import type { FixedPoint, FloatLanes } from '../../ir/float-immediates.ts';
import { LaneBinary, LaneUnary, Rounding } from '../../ir/float-kinds.table.ts';
import type { Tree } from '../assembler.ts';
import { fmaLanes, recipEstimate, rsqrtEstimate, smallestNormal, splat32 } from '../float-lane-helpers.ts';
import { f32, give, when } from './format.ts';
import { isInexact } from './short-cuts.ts';

/** The lanes of 2^exponent. */
const powerOfTwo = (exponent: number): Tree => splat32((f32.bias + exponent) << Number(f32.fraction));
const zero = splat32(0);
const infinity = splat32(Number(f32.infinity));
const three = splat32(0x40400000);

const all = (first: Tree, ...rest: readonly Tree[]): Tree => rest.reduce((x, y) => ['v128.and', x, y], first);
const any = (first: Tree, ...rest: readonly Tree[]): Tree => rest.reduce((x, y) => ['v128.or', x, y], first);
const magnitude = (x: Tree): Tree => ['f32x4.abs', x];
const isZero = (x: Tree): Tree => ['f32x4.eq', x, zero];
const isBounded = (x: Tree): Tree => ['f32x4.lt', magnitude(x), infinity];
/** Nor a NaN. */
const isNotSubnormal = (x: Tree): Tree => any(['f32x4.ge', magnitude(x), smallestNormal], isZero(x));
/** The smallest normal number itself may have been rounded up from below. */
const isAboveSmallest = (x: Tree): Tree => ['f32x4.gt', magnitude(x), smallestNormal];

interface LaneShortCut {
  readonly plain: Tree;
  readonly isOrdinary: Tree;
  /** It raises nothing, not even Inexact. */
  readonly isSilent?: boolean;
}

/** Returns the plain result when every lane that counts is ordinary. */
function shortCut({ isDoubleword }: FloatLanes, { plain, isOrdinary, isSilent = false }: LaneShortCut): Tree[] {
  const mask = isDoubleword ? any(isOrdinary, ['v128.const', 0, 0, -1, -1]) : isOrdinary;
  const attempt: Tree[] = [['set', 'result', plain], when(['i32x4.all_true', mask], give('result'))];
  return isSilent ? attempt : [when(isInexact, ...attempt)];
}

/** Of a product whose lanes are bounded. */
const isOrdinaryProduct = (product: Tree): Tree =>
  all(
    isBounded(product),
    isNotSubnormal('a'),
    isNotSubnormal('b'),
    any(isAboveSmallest(product), isZero('a'), isZero('b')),
  );

/** A sum is exact where it is tiny. */
const sum = (name: 'add' | 'sub'): LaneShortCut => ({
  plain: [`f32x4.${name}`, 'a', 'b'],
  isOrdinary: all(isBounded('result'), isNotSubnormal('result'), isNotSubnormal('a'), isNotSubnormal('b')),
});
/** Of two numbers, infinities among them. */
const ofNumbers = (name: 'min' | 'max' | 'eq' | 'ge' | 'gt'): LaneShortCut => ({
  plain: [`f32x4.${name}`, 'a', 'b'],
  isOrdinary: all(isNotSubnormal('a'), isNotSubnormal('b')),
  isSilent: true,
});
const product: Tree = ['f32x4.mul', 'a', 'b'];
/** The difference is never subnormal, and halving it is exact. */
const step = (plain: Tree): LaneShortCut => ({ plain, isOrdinary: isOrdinaryProduct(product) });

const binaries: Readonly<Record<LaneBinary, LaneShortCut>> = {
  [LaneBinary.add]: sum('add'),
  [LaneBinary.sub]: sum('sub'),
  [LaneBinary.mul]: { plain: product, isOrdinary: isOrdinaryProduct('result') },
  [LaneBinary.min]: ofNumbers('min'),
  [LaneBinary.max]: ofNumbers('max'),
  [LaneBinary.minnum]: ofNumbers('min'),
  [LaneBinary.maxnum]: ofNumbers('max'),
  [LaneBinary.recip_step]: step(['f32x4.sub', powerOfTwo(1), product]),
  [LaneBinary.rsqrt_step]: step(['f32x4.mul', ['f32x4.sub', three, product], powerOfTwo(-1)]),
  [LaneBinary.eq]: ofNumbers('eq'),
  [LaneBinary.ge]: ofNumbers('ge'),
  [LaneBinary.gt]: ofNumbers('gt'),
};

export const binaryLaneShortCut = (kind: LaneBinary, lanes: FloatLanes): Tree[] =>
  lanes.laneBits === 32 ? shortCut(lanes, binaries[kind]) : [];

/** c + a * b. */
export const fusedLaneShortCut = (lanes: FloatLanes): Tree[] =>
  lanes.laneBits === 32
    ? shortCut(lanes, {
        plain: ['call', fmaLanes, 'c', 'a', 'b'],
        isOrdinary: all(
          isBounded('result'),
          isAboveSmallest('result'),
          ...['a', 'b', 'c'].map((operand) => isNotSubnormal(operand)),
        ),
      })
    : [];

/** The standard mode rounds to nearest. */
const integral: Partial<Readonly<Record<Rounding, string>>> = {
  [Rounding.nearest]: 'f32x4.nearest',
  [Rounding.up]: 'f32x4.ceil',
  [Rounding.down]: 'f32x4.floor',
  [Rounding.zero]: 'f32x4.trunc',
  [Rounding.mode]: 'f32x4.nearest',
};

function toFixed({ isSigned, fractionBits }: FixedPoint, rounding: string): LaneShortCut {
  const rounded: Tree = [rounding, fractionBits === 0 ? 'a' : ['f32x4.mul', 'a', powerOfTwo(fractionBits)]];
  const isInRange = isSigned
    ? (['f32x4.lt', magnitude(rounded), powerOfTwo(31)] as const)
    : all(['f32x4.lt', rounded, powerOfTwo(32)], ['f32x4.ge', rounded, zero]);
  return {
    plain: [`i32x4.trunc_sat_f32x4_${isSigned ? 's' : 'u'}`, rounded],
    isOrdinary: all(isNotSubnormal('a'), isInRange),
  };
}

function fromFixed({ isSigned, fractionBits }: FixedPoint): LaneShortCut {
  const whole: Tree = [`f32x4.convert_i32x4_${isSigned ? 's' : 'u'}`, 'a'];
  return { plain: ['f32x4.mul', whole, powerOfTwo(-fractionBits)], isOrdinary: splat32(-1) };
}

export function unaryLaneShortCut(kind: LaneUnary, lanes: FloatLanes, fixed: FixedPoint): Tree[] {
  if (lanes.laneBits !== 32) return [];
  const rounding = integral[fixed.rounding];
  const between = (estimate: Tree, low: Tree, isBelow: Tree): Tree[] =>
    shortCut(lanes, { plain: estimate, isOrdinary: all(['f32x4.ge', low, smallestNormal], isBelow), isSilent: true });
  switch (kind) {
    case LaneUnary.round:
    case LaneUnary.round_inexact: {
      if (rounding === undefined) return [];
      const isSilent = kind === LaneUnary.round;
      return shortCut(lanes, { plain: [rounding, 'a'], isOrdinary: isNotSubnormal('a'), isSilent });
    }
    case LaneUnary.recip_estimate:
      // Of 2^126 and more it is subnormal.
      return between(['call', recipEstimate, 'a'], magnitude('a'), ['f32x4.lt', magnitude('a'), powerOfTwo(126)]);
    case LaneUnary.rsqrt_estimate:
      return between(['call', rsqrtEstimate, 'a'], 'a', ['f32x4.lt', 'a', infinity]);
    case LaneUnary.to_fixed:
      return rounding === undefined ? [] : shortCut(lanes, toFixed(fixed, rounding));
    case LaneUnary.from_fixed:
      return rounding === integral[Rounding.nearest] ? shortCut(lanes, fromFixed(fixed)) : [];
    default:
      return [];
  }
}
