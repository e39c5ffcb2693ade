/**
 * Short cuts of the exact operations on scalars: plain arithmetic, where its result and the state show that nothing
 * else could come of it. Most programs that look at exceptions at all compute in the default mode with Inexact set long
 * since; then an ordinary result is right and raises nothing new. Programs built for fast mathematics flush to zero,
 * which makes no difference where no subnormal number is.
 *
 * Trees about a helper's operands, its local `result` and the record at `cpu`.
 */
import { Rounding } from '../../ir/float-kinds.table.ts';
import { Cpu } from '../../layout/cpu.ts';
import { Fpscr } from '../../layout/fpscr.ts';
import type { Tree } from '../assembler.ts';
import { controlMemory } from '../code.ts';
import { and, f32, f64, give, or, when } from './format.ts';

/** The types that plain arithmetic computes in. */
export type Plain = 'f32' | 'f64';

export const fpscr: Tree = ['i32.load', controlMemory, Cpu.fpscr.offset, 'cpu'];
const isClear = (bits: number): Tree => ['i32.eqz', ['i32.and', fpscr, bits]];
const isToNearest = isClear(Fpscr.RMode);
/** Not 0 when Inexact is set already. */
export const isInexact: Tree = ['i32.and', ['i32.load', controlMemory, Cpu.fpexc.offset, 'cpu'], Fpscr.IXC];

/** To nearest, no flush, Inexact set: the two words at once. */
const isCommonState: Tree = (() => {
  const inexact = BigInt(Fpscr.IXC) << BigInt(8 * (Cpu.fpexc.offset - Cpu.fpscr.offset));
  const both: Tree = ['i64.load', controlMemory, Cpu.fpscr.offset, 'cpu'];
  return ['i64.eq', ['i64.and', both, inexact | BigInt(Fpscr.RMode | Fpscr.FZ)], inexact];
})();

const constant = (type: Plain, bits: bigint): Tree =>
  type === 'f64' ? ['f64.reinterpret_i64', bits] : ['f32.reinterpret_i32', Number(bits)];
const formats = { f32, f64 } as const;
const smallestNormal = (type: Plain): Tree => constant(type, 1n << formats[type].fraction);
const zero = (type: Plain): Tree => constant(type, 0n);
const magnitude = (type: Plain, x: Tree): Tree => [`${type}.abs`, x];

const isBounded = (type: Plain, x: Tree): Tree => [
  `${type}.lt`,
  magnitude(type, x),
  constant(type, formats[type].infinity),
];
/** Neither zero nor subnormal; the smallest normal number itself may have been rounded up from below. */
const isAboveSmallest = (type: Plain, x: Tree): Tree => [`${type}.gt`, magnitude(type, x), smallestNormal(type)];
const isNotSubnormal = (type: Plain, x: Tree): Tree =>
  or([`${type}.ge`, magnitude(type, x), smallestNormal(type)], [`${type}.eq`, x, zero(type)]);
/** Neither a NaN nor, where those count as zeros, subnormal. */
const isPlainOperand = (type: Plain, x: Tree): Tree =>
  and([`${type}.eq`, x, x], or(isClear(Fpscr.FZ), isNotSubnormal(type, x)));

export interface ShortCut {
  readonly type: Plain;
  readonly operands: readonly string[];
  /** The operands' type, where it is another one. */
  readonly operandType?: Plain;
  readonly plain: Tree;
  /** Subnormal results and zeros are exact, of sums and roots. */
  readonly isExactWhenTiny?: boolean;
  /** 1 when the ordinary `result` is exact. */
  readonly isExact?: Tree;
}

/** Statements that return the plain result: in the common state, short enough to be put in line, and in others. */
export interface ShortCuts {
  readonly common: readonly Tree[];
  readonly other: readonly Tree[];
}

export function arithmeticShortCuts(shortCut: ShortCut): ShortCuts {
  const { type, operands, operandType = type, plain, isExactWhenTiny = false, isExact = 0 } = shortCut;
  const isOrdinary = and(isBounded(type, 'result'), isAboveSmallest(type, 'result'));
  const common = when(
    isCommonState,
    ['set', 'result', plain],
    when(isExactWhenTiny ? isBounded(type, 'result') : isOrdinary, give('result')),
  );
  const other = when(
    isToNearest,
    ['set', 'result', plain],
    when(
      and(isOrdinary, ...operands.map((x) => isNotSubnormal(operandType, x))),
      when(or(isInexact, isExact), give('result')),
    ),
  );
  return { common: [common], other: [other] };
}

// Tests of `result`, an ordinary number, for exactness.

/** By the error of the sum of a and b (Knuth's TwoSum); not a number, and so not zero, where its parts overflow. */
export function isExactSum(type: Plain, b: Tree): Tree {
  const part: Tree = [`${type}.sub`, 'result', 'a'];
  const error: Tree = [`${type}.add`, [`${type}.sub`, 'a', [`${type}.sub`, 'result', part]], [`${type}.sub`, b, part]];
  return [`${type}.eq`, error, zero(type)];
}

const wide = (x: Tree): Tree => ['f64.promote_f32', x];
/** Half of the digits of a binary64 number, so that products of two that need no more are exact. */
const lowerDigits = (1n << 27n) - 1n;

/** Single precision by the product in double, which is exact. */
export const isExactProduct: Readonly<Record<Plain, Tree>> = {
  f32: ['f64.eq', ['f64.mul', wide('a'), wide('b')], wide('result')],
  f64: ['i64.eqz', ['i64.and', ['i64.or', ['i64.reinterpret_f64', 'a'], ['i64.reinterpret_f64', 'b']], lowerDigits]],
};

export const isExactQuotient: Tree = ['f64.eq', ['f64.mul', wide('result'), wide('b')], wide('a')];

export const isExactRoot: Readonly<Record<Plain, Tree>> = {
  f32: ['f64.eq', ['f64.mul', wide('result'), wide('result')], wide('a')],
  f64: and(
    ['i64.eqz', ['i64.and', ['i64.reinterpret_f64', 'result'], lowerDigits]],
    ['f64.eq', ['f64.mul', 'result', 'result'], 'a'],
  ),
};

// Operations that round to no format --------------------------------------------------------------------------------

/** A maximum or minimum of numbers. */
export const extremeShortCut = (type: Plain, name: 'min' | 'max'): Tree =>
  when(and(isPlainOperand(type, 'a'), isPlainOperand(type, 'b')), give([`${type}.${name}`, 'a', 'b']));

export const comparisonShortCut = (type: Plain): Tree =>
  when(
    and(isPlainOperand(type, 'a'), isPlainOperand(type, 'b')),
    when([`${type}.lt`, 'a', 'b'], give(0b1000)),
    when([`${type}.gt`, 'a', 'b'], give(0b0010)),
    give(0b0110),
  );

/** A longer format holds every number. */
export const promotionShortCut: Tree = when(isPlainOperand('f32', 'a'), give(['f64.promote_f32', 'a']));

const integral: Partial<Readonly<Record<Rounding, string>>> = {
  [Rounding.nearest]: 'nearest',
  [Rounding.up]: 'ceil',
  [Rounding.down]: 'floor',
  [Rounding.zero]: 'trunc',
  [Rounding.mode]: 'nearest',
};
const isRoundingPlain = (rounding: Rounding): Tree => (rounding === Rounding.mode ? isToNearest : 1);

/** Rounding to an integral value, which raises Inexact or not. */
export function integralShortCut(type: Plain, rounding: Rounding, signals: boolean): Tree[] {
  const name = integral[rounding];
  if (name === undefined) return [];
  return [
    when(
      and(isRoundingPlain(rounding), isPlainOperand(type, 'a')),
      ['set', 'result', [`${type}.${name}`, 'a']],
      when(signals ? or(isInexact, [`${type}.eq`, 'result', 'a']) : 1, give('result')),
    ),
  ];
}

/** To a 32-bit integer, where no fraction bits count. */
export function toIntegerShortCut(type: Plain, rounding: Rounding, isSigned: boolean): Tree[] {
  const name = integral[rounding];
  if (name === undefined) return [];
  const rounded: Tree = [`${type}.${name}`, 'a'];
  const limit = constant(type, (BigInt(formats[type].bias) + (isSigned ? 31n : 32n)) << formats[type].fraction);
  const isInRange: Tree[] = isSigned
    ? [[`${type}.lt`, magnitude(type, rounded), limit]]
    : [
        [`${type}.lt`, rounded, limit],
        [`${type}.ge`, rounded, zero(type)],
      ];
  return [
    when(
      and(isRoundingPlain(rounding), isPlainOperand(type, 'a'), ...isInRange),
      when(
        or(isInexact, [`${type}.eq`, rounded, 'a']),
        give([`i32.trunc_sat_${type}_${isSigned ? 's' : 'u'}`, rounded]),
      ),
    ),
  ];
}

/** From a 32-bit fixed-point number; scaling by a power of two is exact. */
export function fromIntegerShortCut(type: Plain, rounding: Rounding, isSigned: boolean, fractionBits: number): Tree[] {
  const suffix = isSigned ? 's' : 'u';
  const scale = constant(type, BigInt(formats[type].bias - fractionBits) << formats[type].fraction);
  const scaled: Tree = [`${type}.mul`, 'result', scale];
  const whole: Tree = ['set', 'result', [`${type}.convert_i32_${suffix}`, 'a']];
  const end = give(fractionBits === 0 ? 'result' : scaled);
  // Double precision holds every one.
  if (type === 'f64') return [whole, end];
  return [
    when(
      isRoundingPlain(rounding),
      whole,
      when(or(isInexact, ['f64.eq', wide('result'), [`f64.convert_i32_${suffix}`, 'a']]), end),
    ),
  ];
}
