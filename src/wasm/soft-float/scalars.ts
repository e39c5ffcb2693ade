/**
 * Helpers for the exact operations on scalars: what translated code calls, with values as the IR has them and the
 * executor's record. A short cut where there is one, else the helper on bits.
 */
import { unpackFixedPoint, unpackUnary } from '../../ir/float-immediates.ts';
import { FloatBinary, FloatUnary } from '../../ir/float-kinds.table.ts';
import type { ValueType } from '../../ir/ops.table.ts';
import type { Assembly, Tree } from '../assembler.ts';
import { fmaF32, fmaF64 } from '../float-helpers.ts';
import { add, div, mul, sqrt, sub } from './arithmetic.ts';
import { compare, max, maxnum, min, minnum } from './compare.ts';
import * as conversions from './convert.ts';
import { bf16, type Format, f16, f32, f64, memoised, perFormat } from './format.ts';
import { fma } from './fused.ts';
import {
  arithmeticShortCuts,
  comparisonShortCut,
  extremeShortCut,
  fpscr,
  fromIntegerShortCut,
  integralShortCut,
  isExactProduct,
  isExactQuotient,
  isExactRoot,
  isExactSum,
  type Plain,
  promotionShortCut,
  type ShortCuts,
  toIntegerShortCut,
} from './short-cuts.ts';

/** How values of a format stand in the IR, and the way to their bits. */
interface Scalar {
  readonly type: ValueType;
  readonly toBits: (value: Tree) => Tree;
  readonly fromBits: (bits: Tree) => Tree;
}

const halfScalar: Scalar = {
  type: 'i32',
  toBits: (value) => ['i64.extend_i32_u', ['i32.and', value, 0xffff]],
  fromBits: (bits) => ['i32.wrap_i64', bits],
};
const singleScalar: Scalar = {
  type: 'f32',
  toBits: (value) => ['i64.extend_i32_u', ['i32.reinterpret_f32', value]],
  fromBits: (bits) => ['f32.reinterpret_i32', ['i32.wrap_i64', bits]],
};
const scalars: Readonly<Record<Format['name'], Scalar>> = {
  f16: halfScalar,
  bf16: halfScalar,
  f32: singleScalar,
  f32_odd: singleScalar,
  f64: {
    type: 'f64',
    toBits: (value) => ['i64.reinterpret_f64', value],
    fromBits: (bits) => ['f64.reinterpret_i64', bits],
  },
};

interface Entry {
  readonly name: string;
  readonly parameters: Readonly<Record<string, ValueType>>;
  readonly result: ValueType;
  readonly shortCuts: ShortCuts;
  /** What the helper on bits gives. */
  readonly exact: Tree;
}

const none: ShortCuts = { common: [], other: [] };
const onlyCommon = (...common: readonly Tree[]): ShortCuts => ({ common, other: [] });

/** A helper that takes values and the record. What is rare in it has a function of its own. */
function entry({ name, parameters, result, shortCuts, exact }: Entry): Assembly {
  const all = { ...parameters, cpu: 'i32' } as const;
  const make = (suffix: string, ...body: readonly Tree[]): Assembly => ({
    name: `exact_${name}${suffix}`,
    parameters: all,
    locals: { result },
    result,
    body,
  });
  if (shortCuts.other.length === 0) return make('', ...shortCuts.common, exact);
  const other = make('_other', ...shortCuts.other, exact);
  return make('', ...shortCuts.common, ['call', other, ...Object.keys(all)]);
}

/** A helper of operands of one format that gives one of the same. */
function sameFormat(
  format: Format,
  name: string,
  operands: readonly string[],
  exact: Assembly,
  shortCuts: ShortCuts,
): Assembly {
  const { type, toBits, fromBits } = scalars[format.name];
  return entry({
    name: `${name}_${format.name}`,
    parameters: Object.fromEntries(operands.map((x) => [x, type] as const)),
    result: type,
    shortCuts,
    exact: fromBits(['call', exact, ...operands.map(toBits), fpscr, 'cpu']),
  });
}

const binaryHelpers: Readonly<Record<FloatBinary, (f: Format) => Assembly>> = {
  [FloatBinary.add]: add,
  [FloatBinary.sub]: sub,
  [FloatBinary.mul]: mul,
  [FloatBinary.div]: div,
  [FloatBinary.min]: min,
  [FloatBinary.max]: max,
  [FloatBinary.minnum]: minnum,
  [FloatBinary.maxnum]: maxnum,
};
const kindNames = Object.keys(FloatBinary);

function binaryShortCuts(type: Plain, kind: FloatBinary): ShortCuts {
  const shortCuts = (name: string, isExact: Tree, isExactWhenTiny = false): ShortCuts =>
    arithmeticShortCuts({ type, operands: ['a', 'b'], plain: [`${type}.${name}`, 'a', 'b'], isExact, isExactWhenTiny });
  switch (kind) {
    case FloatBinary.add:
      return shortCuts('add', isExactSum(type, 'b'), true);
    case FloatBinary.sub:
      return shortCuts('sub', isExactSum(type, [`${type}.neg`, 'b']), true);
    case FloatBinary.mul:
      return shortCuts('mul', isExactProduct[type]);
    case FloatBinary.div:
      return shortCuts('div', type === 'f32' ? isExactQuotient : 0);
    case FloatBinary.min:
    case FloatBinary.minnum:
      return onlyCommon(extremeShortCut(type, 'min'));
    case FloatBinary.max:
    case FloatBinary.maxnum:
      return onlyCommon(extremeShortCut(type, 'max'));
  }
}

/** What `make` gives for the type of plain arithmetic, which half precision has none of. */
function shortCutsOf({ name }: Format, make: (type: Plain) => ShortCuts): ShortCuts {
  return name === 'f32' || name === 'f64' ? make(name) : none;
}

const binariesOf = (format: Format) =>
  memoised((kind: FloatBinary) => {
    const shortCuts = shortCutsOf(format, (type) => binaryShortCuts(type, kind));
    return sameFormat(format, kindNames[kind] as string, ['a', 'b'], binaryHelpers[kind](format), shortCuts);
  });

const rootOf = perFormat((format) => {
  const shortCuts = shortCutsOf(format, (type) =>
    arithmeticShortCuts({
      type,
      operands: ['a'],
      plain: [`${type}.sqrt`, 'a'],
      isExactWhenTiny: true,
      isExact: isExactRoot[type],
    }),
  );
  return sameFormat(format, 'sqrt', ['a'], sqrt(format), shortCuts);
});

const integralOf = (format: Format) =>
  memoised((packed: number): Assembly => {
    const { type, toBits, fromBits } = scalars[format.name];
    const { kind, rounding } = unpackUnary(packed);
    const signals = kind === FloatUnary.round_inexact;
    const helper = conversions.roundToIntegral(format);
    return entry({
      name: `round_${packed}_${format.name}`,
      parameters: { a: type },
      result: type,
      shortCuts: shortCutsOf(format, (plain) => onlyCommon(...integralShortCut(plain, rounding, signals))),
      exact: fromBits(['call', helper, toBits('a'), rounding, signals ? 1 : 0, fpscr, 'cpu']),
    });
  });

/** By the immediate of exact_unary. */
const unariesOf = (format: Format): ((packed: number) => Assembly) => {
  const integral = integralOf(format);
  return (packed) => (unpackUnary(packed).kind === FloatUnary.sqrt ? rootOf(format) : integral(packed));
};

const plainFma = { f32: fmaF32, f64: fmaF64 } as const;

const fusedOf = perFormat((format) => {
  const operands = ['a', 'b', 'c'];
  const shortCuts = shortCutsOf(format, (type) =>
    arithmeticShortCuts({ type, operands, plain: ['call', plainFma[type], ...operands] }),
  );
  return sameFormat(format, 'fma', operands, fma(format), shortCuts);
});

/** By the immediate: whether every NaN raises Invalid Operation. */
const comparisonOf = (format: Format) =>
  memoised((signals: number): Assembly => {
    const { type, toBits } = scalars[format.name];
    return entry({
      name: `compare_${signals}_${format.name}`,
      parameters: { a: type, b: type },
      result: 'i32',
      shortCuts: shortCutsOf(format, (plain) => onlyCommon(comparisonShortCut(plain))),
      exact: ['call', compare(format), toBits('a'), toBits('b'), signals, fpscr, 'cpu'],
    });
  });

/** By the packed FixedPoint. */
const toIntegerOf = (format: Format) =>
  memoised((packed: number): Assembly => {
    const { type, toBits } = scalars[format.name];
    const { isSigned, rounding, fractionBits, bits } = unpackFixedPoint(packed);
    const isWord = fractionBits === 0 && bits === 32;
    return entry({
      name: `i32_${packed}_from_${format.name}`,
      parameters: { a: type },
      result: 'i32',
      shortCuts: shortCutsOf(format, (plain) =>
        isWord ? onlyCommon(...toIntegerShortCut(plain, rounding, isSigned)) : none,
      ),
      exact: ['call', conversions.toFixed(format), toBits('a'), packed, fpscr, 'cpu'],
    });
  });

const fromIntegerOf = (format: Format) =>
  memoised((packed: number): Assembly => {
    const { type, fromBits } = scalars[format.name];
    const { isSigned, rounding, fractionBits, bits } = unpackFixedPoint(packed);
    return entry({
      name: `${format.name}_from_i32_${packed}`,
      parameters: { a: 'i32' },
      result: type,
      shortCuts: shortCutsOf(format, (plain) =>
        bits === 32 ? onlyCommon(...fromIntegerShortCut(plain, rounding, isSigned, fractionBits)) : none,
      ),
      exact: fromBits(['call', conversions.fromFixed(format), 'a', packed, fpscr, 'cpu']),
    });
  });

/** The helpers of one format, those of an immediate by it. */
const helpersOf = (format: Format) => ({
  unary: unariesOf(format),
  binary: binariesOf(format) as (kind: number) => Assembly,
  fma: fusedOf(format),
  compare: comparisonOf(format),
  toInteger: toIntegerOf(format),
  fromInteger: fromIntegerOf(format),
});

export const exact = { f16: helpersOf(f16), f32: helpersOf(f32), f64: helpersOf(f64) };

const conversionOf = (from: Format, to: Format, helper: Assembly, shortCuts = none): Assembly =>
  entry({
    name: `${to.name}_from_${from.name}`,
    parameters: { a: scalars[from.name].type },
    result: scalars[to.name].type,
    shortCuts,
    exact: scalars[to.name].fromBits(['call', helper, scalars[from.name].toBits('a'), fpscr, 'cpu']),
  });

export const f16FromF32 = conversionOf(f32, f16, conversions.f16FromF32);
export const f16FromF64 = conversionOf(f64, f16, conversions.f16FromF64);
export const f32FromF16 = conversionOf(f16, f32, conversions.f32FromF16);
export const f32FromF64 = conversionOf(
  f64,
  f32,
  conversions.f32FromF64,
  arithmeticShortCuts({
    type: 'f32',
    operands: ['a'],
    operandType: 'f64',
    plain: ['f32.demote_f64', 'a'],
    isExact: ['f64.eq', ['f64.promote_f32', 'result'], 'a'],
  }),
);
export const f64FromF16 = conversionOf(f16, f64, conversions.f64FromF16);
export const f64FromF32 = conversionOf(f32, f64, conversions.f64FromF32, onlyCommon(promotionShortCut));
export const bf16FromF32 = conversionOf(f32, bf16, conversions.bf16FromF32);
