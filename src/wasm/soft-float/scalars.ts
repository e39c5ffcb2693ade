/**
 * Helpers for the exact operations on scalars: what translated code calls, with values as the IR has them and the
 * executor's record. Where the mode is the default and Inexact is set already, plain arithmetic is tried first: an
 * ordinary result of it raises nothing else.
 */

import { unpackUnary } from '../../ir/float-immediates.ts';
import { FloatBinary, FloatUnary, type Rounding } from '../../ir/float-kinds.table.ts';
import type { ValueType } from '../../ir/ops.table.ts';
import { Cpu } from '../../layout/cpu.ts';
import { Fpscr, modeBits } from '../../layout/fpscr.ts';
import type { Assembly, Tree } from '../assembler.ts';
import { controlMemory } from '../code.ts';
import { fmaF32, fmaF64 } from '../float-helpers.ts';
import { add, div, mul, sqrt, sub } from './arithmetic.ts';
import { compare, max, maxnum, min, minnum } from './compare.ts';
import * as conversions from './convert.ts';
import { bf16, type Format, f16, f32, f64, give, memoised, perFormat, when } from './format.ts';
import { fma } from './fused.ts';

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
const scalars: Readonly<Record<Format['name'], Scalar>> = {
  f16: halfScalar,
  bf16: halfScalar,
  f32: {
    type: 'f32',
    toBits: (value) => ['i64.extend_i32_u', ['i32.reinterpret_f32', value]],
    fromBits: (bits) => ['f32.reinterpret_i32', ['i32.wrap_i64', bits]],
  },
  f64: {
    type: 'f64',
    toBits: (value) => ['i64.reinterpret_f64', value],
    fromBits: (bits) => ['f64.reinterpret_i64', bits],
  },
};

export const fpscr: Tree = ['i32.load', controlMemory, Cpu.fpscr.offset, 'cpu'];

/** 1 when the mode is the default and, when an exception is told, that is set too. */
function isDefaultMode(raised = 0): Tree {
  if (raised === 0) return ['i32.eqz', ['i32.and', fpscr, modeBits]];
  // Both words at once.
  const exceptions = BigInt(raised) << BigInt(8 * (Cpu.fpexc.offset - Cpu.fpscr.offset));
  const both: Tree = ['i64.load', controlMemory, Cpu.fpscr.offset, 'cpu'];
  return ['i64.eq', ['i64.and', both, exceptions | BigInt(modeBits)], exceptions];
}

const smallestNormal: Readonly<Record<'f32' | 'f64', bigint>> = { f32: 1n << 23n, f64: 1n << 52n };

type Plain = 'f32' | 'f64';

/**
 * 1 when the result is finite, and, unless the operation is exact there, above the smallest normal number, which itself
 * may have been rounded up from below.
 */
function isOrdinary(type: Plain, x: string, isExactWhenTiny: boolean): Tree {
  const magnitude: Tree = [`${type}.abs`, x];
  const constant = (bits: bigint): Tree =>
    type === 'f64' ? ['f64.reinterpret_i64', bits] : ['f32.reinterpret_i32', Number(bits)];
  const isBounded: Tree = [`${type}.lt`, magnitude, constant((type === 'f64' ? f64 : f32).infinity)];
  return isExactWhenTiny
    ? isBounded
    : ['i32.and', isBounded, [`${type}.gt`, magnitude, constant(smallestNormal[type])]];
}

/** Tries plain arithmetic into the local `result` before anything else. */
function plainFirst(type: Plain, plain: Tree, isExactWhenTiny = false): Tree {
  return when(
    isDefaultMode(Fpscr.IXC),
    ['set', 'result', plain],
    when(isOrdinary(type, 'result', isExactWhenTiny), give('result')),
  );
}

interface Entry {
  readonly name: string;
  readonly format: Format;
  readonly operands: readonly string[];
  /** Helper on bits. */
  readonly exact: Assembly;
  readonly plain?: Tree;
}

/** A helper that takes values of one format and gives one of the same. */
function entry({ name, format, operands, exact, plain }: Entry): Assembly {
  const { type, toBits, fromBits } = scalars[format.name];
  return {
    name: `exact_${name}_${format.name}`,
    parameters: { ...Object.fromEntries(operands.map((x) => [x, type] as const)), cpu: 'i32' },
    locals: { result: type },
    result: type,
    body: [...(plain === undefined ? [] : [plain]), fromBits(['call', exact, ...operands.map(toBits), fpscr, 'cpu'])],
  };
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
/** Kinds that WebAssembly has an instruction for, and whether their subnormal results are exact. */
const plainBinaries = new Map<FloatBinary, { readonly name: string; readonly isExactWhenTiny: boolean }>([
  [FloatBinary.add, { name: 'add', isExactWhenTiny: true }],
  [FloatBinary.sub, { name: 'sub', isExactWhenTiny: true }],
  [FloatBinary.mul, { name: 'mul', isExactWhenTiny: false }],
  [FloatBinary.div, { name: 'div', isExactWhenTiny: false }],
]);
const kindNames = Object.keys(FloatBinary);

const binariesOf = (format: Format) =>
  memoised((kind: FloatBinary) => {
    const plain = plainBinaries.get(kind);
    const type = scalars[format.name].type;
    return entry({
      name: kindNames[kind] as string,
      format,
      operands: ['a', 'b'],
      exact: binaryHelpers[kind](format),
      ...(plain !== undefined && (type === 'f32' || type === 'f64')
        ? { plain: plainFirst(type, [`${type}.${plain.name}`, 'a', 'b'], plain.isExactWhenTiny) }
        : {}),
    });
  });

const rootOf = perFormat((format) => {
  const type = scalars[format.name].type;
  return entry({
    name: 'sqrt',
    format,
    operands: ['a'],
    exact: sqrt(format),
    // A root is never subnormal.
    ...(type === 'f32' || type === 'f64' ? { plain: plainFirst(type, [`${type}.sqrt`, 'a'], true) } : {}),
  });
});

const integralOf = (format: Format) =>
  memoised((packed: number): Assembly => {
    const { type, toBits, fromBits } = scalars[format.name];
    const { kind, rounding } = unpackUnary(packed);
    const signals = kind === FloatUnary.round_inexact ? 1 : 0;
    const helper = conversions.roundToIntegral(format);
    return {
      name: `exact_round_${packed}_${format.name}`,
      parameters: { a: type, cpu: 'i32' },
      result: type,
      body: [fromBits(['call', helper, toBits('a'), rounding satisfies Rounding, signals, fpscr, 'cpu'])],
    };
  });

/** By the immediate of exact_unary. */
const unariesOf = (format: Format): ((packed: number) => Assembly) => {
  const integral = integralOf(format);
  return (packed) => (unpackUnary(packed).kind === FloatUnary.sqrt ? rootOf(format) : integral(packed));
};

const fusedOf = perFormat((format) => {
  const plain =
    format === f16
      ? {}
      : format === f32
        ? { plain: plainFirst('f32', ['call', fmaF32, 'a', 'b', 'c']) }
        : { plain: plainFirst('f64', ['call', fmaF64, 'a', 'b', 'c']) };
  return entry({ name: 'fma', format, operands: ['a', 'b', 'c'], exact: fma(format), ...plain });
});

/** By the immediate: whether every NaN raises Invalid Operation. */
const comparisonOf = (format: Format) =>
  memoised((signals: number): Assembly => {
    const { type, toBits } = scalars[format.name];
    return {
      name: `exact_compare_${signals}_${format.name}`,
      parameters: { a: type, b: type, cpu: 'i32' },
      result: 'i32',
      body: [
        ...(format === f16 ? [] : [plainComparison(type)]),
        ['call', compare(format), toBits('a'), toBits('b'), signals, fpscr, 'cpu'],
      ],
    };
  });

/** Numbers compare plainly unless subnormal ones count as zeros. */
const plainComparison = (type: ValueType): Tree =>
  when(
    isDefaultMode(),
    when([`${type}.lt`, 'a', 'b'], give(0b1000)),
    when([`${type}.gt`, 'a', 'b'], give(0b0010)),
    when([`${type}.eq`, 'a', 'b'], give(0b0110)),
  );

const conversionOf = (from: Format, to: Format, exact: Assembly, plain?: Tree): Assembly => ({
  name: `exact_${to.name}_from_${from.name}`,
  parameters: { a: scalars[from.name].type, cpu: 'i32' },
  locals: { result: scalars[to.name].type },
  result: scalars[to.name].type,
  body: [
    ...(plain === undefined ? [] : [plain]),
    scalars[to.name].fromBits(['call', exact, scalars[from.name].toBits('a'), fpscr, 'cpu']),
  ],
});

/** By the packed FixedPoint. */
const toIntegerOf = (format: Format) =>
  memoised(
    (fixed: number): Assembly => ({
      name: `exact_i32_${fixed}_from_${format.name}`,
      parameters: { a: scalars[format.name].type, cpu: 'i32' },
      result: 'i32',
      body: [['call', conversions.toFixed(format), scalars[format.name].toBits('a'), fixed, fpscr, 'cpu']],
    }),
  );

const fromIntegerOf = (format: Format) =>
  memoised(
    (fixed: number): Assembly => ({
      name: `exact_${format.name}_from_i32_${fixed}`,
      parameters: { a: 'i32', cpu: 'i32' },
      result: scalars[format.name].type,
      body: [scalars[format.name].fromBits(['call', conversions.fromFixed(format), 'a', fixed, fpscr, 'cpu'])],
    }),
  );

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

export const f16FromF32 = conversionOf(f32, f16, conversions.f16FromF32);
export const f16FromF64 = conversionOf(f64, f16, conversions.f16FromF64);
export const f32FromF16 = conversionOf(f16, f32, conversions.f32FromF16);
export const f32FromF64 = conversionOf(f64, f32, conversions.f32FromF64, plainFirst('f32', ['f32.demote_f64', 'a']));
export const f64FromF16 = conversionOf(f16, f64, conversions.f64FromF16);
/** Exact, unless a NaN. */
export const f64FromF32 = conversionOf(
  f32,
  f64,
  conversions.f64FromF32,
  when(['i32.and', isDefaultMode(), ['f32.eq', 'a', 'a']], give(['f64.promote_f32', 'a'])),
);
export const bf16FromF32 = conversionOf(f32, bf16, conversions.bf16FromF32);
