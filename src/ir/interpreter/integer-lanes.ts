/**
 * Integer lanes of the interpreter. Lanes of up to 32 bits are numbers, which hold every sum and difference exactly;
 * those of 64 bits are BigInts. A store into a view keeps the lowest bits.
 */
import { type LaneShift, unpackLaneShift } from '../lane-shift.ts';
import { binary, forShapes, type Lanes, lanesOf, unary } from './lanes.ts';
import type { Machine, Operation, Operations } from './machine.ts';

const narrowShapes = ['i8x16', 'i16x8', 'i32x4'] as const;
type NarrowShape = (typeof narrowShapes)[number];

const clamp = <T extends number | bigint>(value: T, low: T, high: T): T =>
  value < low ? low : value > high ? high : value;

/** All ones where `holds`. */
const mask = (holds: boolean): number => (holds ? -1 : 0);

/** The carry-less product of two bytes. */
function polynomialProduct(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) if ((b >>> bit) & 1) product ^= a << bit;
  return product;
}

/** What a shift makes of one lane (A8.8.405 VQRSHL and its relatives), and whether it saturated. */
function shiftLane(value: bigint, count: number, shift: Required<LaneShift>): { result: bigint; saturated: boolean } {
  const rounding = shift.isRounded && count < 0 ? 1n << BigInt(-1 - count) : 0n;
  const exact = count < 0 ? (value + rounding) >> BigInt(-count) : value << BigInt(count);
  if (!shift.isSaturated) return { result: exact, saturated: false };
  const bits = BigInt(shift.laneBits);
  const result = shift.toUnsigned
    ? clamp(exact, 0n, (1n << bits) - 1n)
    : clamp(exact, -(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n);
  return { result, saturated: result !== exact };
}

export const integerLaneOperations = ({ i32, i64, scratch }: Machine) => {
  const u64 = new BigUint64Array(scratch);
  const signed = { i8x16: new Int8Array(scratch), i16x8: new Int16Array(scratch), i32x4: i32 };
  const unsigned = {
    i8x16: new Uint8Array(scratch),
    i16x8: new Uint16Array(scratch),
    i32x4: new Uint32Array(scratch),
  };
  const views = { s: signed, u: unsigned };
  const wide = { s: i64, u: u64 };
  const range = {
    s: { i8x16: [-0x80, 0x7f], i16x8: [-0x8000, 0x7fff], i32x4: [-0x80000000, 0x7fffffff] },
    u: { i8x16: [0, 0xff], i16x8: [0, 0xffff], i32x4: [0, 0xffffffff] },
  } as const;
  const wideRange = { s: [-(1n << 63n), (1n << 63n) - 1n], u: [0n, (1n << 64n) - 1n] } as const;

  type Sign = 's' | 'u';
  const each = <Name extends string>(name: Name, f: (a: number, b: number) => number) =>
    forShapes(narrowShapes, name, (shape) => binary(signed[shape], signed[shape], f));
  const eachSigned = <Name extends string, S extends Sign>(
    name: Name,
    sign: S,
    f: (a: number, b: number) => number,
  ): Record<`${NarrowShape}.${Name}_${S}`, Operation> =>
    forShapes(narrowShapes, `${name}_${sign}` as const, (shape) => binary(signed[shape], views[sign][shape], f));
  const eachUnary = <Name extends string>(name: Name, f: (a: number, bits: number) => number) =>
    forShapes(narrowShapes, name, (shape) =>
      unary(signed[shape], signed[shape], (a) => f(a, 8 * signed[shape].BYTES_PER_ELEMENT)),
    );

  const saturating = <S extends Sign>(sign: S) => {
    const narrow = <Name extends string>(name: Name, f: (a: number, b: number) => number) =>
      forShapes(narrowShapes, `${name}_${sign}` as const, (shape) => {
        const [low, high] = range[sign][shape];
        return binary(signed[shape], views[sign][shape], (a, b) => clamp(f(a, b), low, high));
      });
    const [low, high] = wideRange[sign];
    const long = <Name extends string>(name: Name, f: (a: bigint, b: bigint) => bigint) =>
      forShapes(['i64x2'], `${name}_${sign}` as const, () =>
        binary(wide[sign], wide[sign], (a, b) => clamp(f(a, b), low, high)),
      );
    return {
      ...narrow('add_sat', (a, b) => a + b),
      ...narrow('sub_sat', (a, b) => a - b),
      ...long('add_sat', (a, b) => a + b),
      ...long('sub_sat', (a, b) => a - b),
    };
  };

  /** Shifts by an immediate; every lane is a number of at most 32 bits, or a BigInt. */
  const shifts = {
    ...forShapes(narrowShapes, 'shl', (shape) => byImmediate(signed[shape], signed[shape], (a, by) => a << by)),
    ...forShapes(narrowShapes, 'shr_s', (shape) => byImmediate(signed[shape], signed[shape], (a, by) => a >> by)),
    ...forShapes(narrowShapes, 'shr_u', (shape) => byImmediate(unsigned[shape], unsigned[shape], (a, by) => a >>> by)),
    'i64x2.shl': byImmediate(i64, i64, (a, by) => a << BigInt(by)),
    'i64x2.shr_s': byImmediate(i64, i64, (a, by) => a >> BigInt(by)),
    'i64x2.shr_u': byImmediate(u64, u64, (a, by) => a >> BigInt(by)),
  };

  /** Applies `keep` to what each lane of a v128.shift gives. */
  const shiftLanes = (
    a: number,
    counts: number,
    packed: number,
    keep: (lane: number, result: bigint, saturated: boolean) => void,
  ): void => {
    const shift = unpackLaneShift(packed);
    const laneBytes = shift.laneBits / 8;
    for (let lane = 0; lane < 16 / laneBytes; lane++) {
      const value = readLane(a, lane, laneBytes, shift.isUnsigned);
      const { result, saturated } = shiftLane(value, signed.i8x16[counts * 16 + lane * laneBytes], shift);
      keep(lane, result, saturated);
    }
  };

  const readLane = (value: number, lane: number, bytes: number, isUnsigned: boolean): bigint => {
    const sign = isUnsigned ? 'u' : 's';
    if (bytes === 8) return wide[sign][value * 2 + lane];
    const shape = ({ 1: 'i8x16', 2: 'i16x8', 4: 'i32x4' } as const)[bytes as 1 | 2 | 4];
    return BigInt(views[sign][shape][(value * 16) / bytes + lane]);
  };

  return {
    ...each('add', (a, b) => a + b),
    ...each('sub', (a, b) => a - b),
    ...each('mul', Math.imul),
    'i64x2.add': binary(i64, i64, (a, b) => a + b),
    'i64x2.sub': binary(i64, i64, (a, b) => a - b),
    ...eachUnary('neg', (a) => -a),
    'i64x2.neg': unary(i64, i64, (a) => -a),
    ...eachUnary('abs', Math.abs),
    ...eachSigned('min', 's', Math.min),
    ...eachSigned('min', 'u', Math.min),
    ...eachSigned('max', 's', Math.max),
    ...eachSigned('max', 'u', Math.max),
    ...forShapes(['i8x16', 'i16x8'], 'avgr_u', (shape) =>
      binary(unsigned[shape], unsigned[shape], (a, b) => (a + b + 1) >> 1),
    ),
    ...saturating('s'),
    ...saturating('u'),
    'i16x8.q15mulr_sat_s': binary(signed.i16x8, signed.i16x8, (a, b) => clamp((a * b + 0x4000) >> 15, -0x8000, 0x7fff)),
    ...each('eq', (a, b) => mask(a === b)),
    'i64x2.eq': binary(i64, i64, (a, b) => (a === b ? -1n : 0n)),
    ...eachSigned('gt', 's', (a, b) => mask(a > b)),
    ...eachSigned('gt', 'u', (a, b) => mask(a > b)),
    'i64x2.gt_s': binary(i64, i64, (a, b) => (a > b ? -1n : 0n)),
    ...eachSigned('ge', 's', (a, b) => mask(a >= b)),
    ...eachSigned('ge', 'u', (a, b) => mask(a >= b)),
    'i8x16.popcnt': unary(unsigned.i8x16, unsigned.i8x16, (a) => a.toString(2).replaceAll('0', '').length),
    ...forShapes(narrowShapes, 'clz', (shape) => {
      const above = 32 - 8 * signed[shape].BYTES_PER_ELEMENT;
      return unary(unsigned[shape], unsigned[shape], (a) => Math.clz32(a) - above);
    }),
    ...shifts,
    'v128.shift': (at, a, counts, packed) => {
      const { laneBits } = unpackLaneShift(packed);
      shiftLanes(a, counts, packed, (lane, result) => {
        if (laneBits === 64) i64[at * 2 + lane] = result;
        else if (laneBits === 32) i32[at * 4 + lane] = Number(BigInt.asIntN(32, result));
        else if (laneBits === 16) signed.i16x8[at * 8 + lane] = Number(BigInt.asIntN(16, result));
        else signed.i8x16[at * 16 + lane] = Number(BigInt.asIntN(8, result));
      });
      return at + 1;
    },
    'v128.shift_saturates': (at, a, counts, packed) => {
      let any = 0;
      shiftLanes(a, counts, packed, (_lane, _result, saturated) => {
        if (saturated) any = 1;
      });
      i32[at << 2] = any;
      return at + 1;
    },

    ...extensions('i16x8', 'i8x16', signed.i16x8, signed.i8x16, unsigned.i8x16, (a) => a),
    ...extensions('i32x4', 'i16x8', i32, signed.i16x8, unsigned.i16x8, (a) => a),
    ...extensions('i64x2', 'i32x4', i64, i32, unsigned.i32x4, BigInt),
    ...narrowings('i8x16', 'i16x8', signed.i8x16, signed.i16x8, unsigned.i16x8, (a, low, high) => clamp(a, low, high)),
    ...narrowings('i16x8', 'i32x4', signed.i16x8, i32, unsigned.i32x4, (a, low, high) => clamp(a, low, high)),
    ...narrowings('i32x4', 'i64x2', i32, i64, u64, (a, low, high) => Number(clamp(a, BigInt(low), BigInt(high)))),
    'i16x8.polymul_low_i8x16': fromHalf(signed.i16x8, unsigned.i8x16, 0, polynomialProduct),
    'i16x8.polymul_high_i8x16': fromHalf(signed.i16x8, unsigned.i8x16, 1, polynomialProduct),
  } satisfies Partial<Operations>;
};

const byImmediate = <T>(to: Lanes<T>, from: Lanes<T>, f: (a: T, by: number) => T): Operation => {
  const lanes = lanesOf(to);
  return (at, a, by) => {
    for (let n = 0; n < lanes; n++) to[at * lanes + n] = f(from[a * lanes + n], by);
    return at + 1;
  };
};

/** Lanes of half `half` of the operands (half as wide as the result's), through `f`. */
const fromHalf = <A, R>(to: Lanes<R>, from: Lanes<A>, half: 0 | 1, f: (a: A, b: A) => R): Operation => {
  const lanes = lanesOf(to);
  return (at, a, b) => {
    const first = half * lanes;
    for (let n = 0; n < lanes; n++)
      to[at * lanes + n] = f(from[a * 2 * lanes + first + n], from[b * 2 * lanes + first + n]);
    return at + 1;
  };
};

/** Extensions, extending products and sums of neighbours: from `source` to lanes twice as wide. */
function extensions<To extends string, From extends string, R extends number | bigint>(
  to: To,
  from: From,
  result: Lanes<R>,
  signed: Lanes<number>,
  unsigned: Lanes<number>,
  widen: (a: number) => R,
) {
  const ofHalf = <Half extends 'low' | 'high'>(half: Half) => {
    const index = half === 'low' ? 0 : 1;
    const ofSign = <S extends 's' | 'u'>(sign: S) => {
      const source = sign === 's' ? signed : unsigned;
      const product = (a: R, b: R): R => ((a as number) * (b as number)) as R;
      return {
        ...forShapes([to], `extend_${half}_${from}_${sign}` as const, () => fromHalf(result, source, index, widen)),
        ...forShapes([to], `extmul_${half}_${from}_${sign}` as const, () =>
          fromHalf(result, source, index, (a, b) => product(widen(a), widen(b))),
        ),
      };
    };
    return { ...ofSign('s'), ...ofSign('u') };
  };
  const pairs = <S extends 's' | 'u'>(sign: S) => {
    const source = sign === 's' ? signed : unsigned;
    const lanes = lanesOf(result);
    return forShapes([to], `extadd_pairwise_${from}_${sign}` as const, () => (at, a) => {
      for (let n = 0; n < lanes; n++) {
        const first = 2 * (a * lanes + n);
        result[at * lanes + n] = widen(source[first] + source[first + 1]);
      }
      return at + 1;
    });
  };
  return { ...ofHalf('low'), ...ofHalf('high'), ...pairs('s'), ...pairs('u') };
}

/** Saturating narrowings of two vectors into one. */
function narrowings<To extends string, From extends string, A>(
  to: To,
  from: From,
  result: Lanes<number>,
  signed: Lanes<A>,
  unsigned: Lanes<A>,
  saturate: (a: A, low: number, high: number) => number,
) {
  const bits = 8 * result.BYTES_PER_ELEMENT;
  const lanes = lanesOf(signed);
  const narrow = <Suffix extends 'ss' | 'su' | 'uu'>(suffix: Suffix) => {
    const source = suffix === 'uu' ? unsigned : signed;
    const [low, high] = suffix === 'ss' ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
    return forShapes([to], `narrow_${from}_${suffix}` as const, () => (at, a, b) => {
      for (let n = 0; n < lanes; n++) {
        result[at * 2 * lanes + n] = saturate(source[a * lanes + n], low, high);
        result[(at * 2 + 1) * lanes + n] = saturate(source[b * lanes + n], low, high);
      }
      return at + 1;
    });
  };
  return { ...narrow('ss'), ...narrow('su'), ...narrow('uu') };
}
