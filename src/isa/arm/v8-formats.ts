/** The formats of scalar floating point of Armv8, half precision among it (DDI 0487, F6.1). */
import { Rounding } from '../../ir/float-kinds.table.ts';
import { numberOf } from './vfp-formats.ts';
import type { CoreHalf, HalfAccess, HalfFixed, HalfImmediate, HalfOne } from './vfp-half.ts';
import type { Directed, DoubleHalf, Precision, Three, Two } from './vfp-precision.ts';

type Fields<L extends string> = { readonly [K in L]: number };
type D = 'D' | 'd';
type N = 'N' | 'n';
type M = 'M' | 'm';

/** The precision that the field z tells, or half precision, whose rows have no such field. */
type PrecisionOf<F> = (f: F) => Precision;
const sized: PrecisionOf<Fields<'z'>> = (f) => (f.z === 1 ? 'f64' : 'f32');
const half: PrecisionOf<unknown> = () => 'f16';

const register = (precision: Precision, four: number, one: number): number => numberOf(precision === 'f64', four, one);
const s = (four: number, one: number): number => numberOf(false, four, one);

const twoOf =
  <F>(precisionOf: PrecisionOf<F>) =>
  (f: F & Fields<D | M>): Two => {
    const precision = precisionOf(f);
    return { precision, d: register(precision, f.d, f.D), m: register(precision, f.m, f.M) };
  };
const threeOf =
  <F>(precisionOf: PrecisionOf<F>) =>
  (f: F & Fields<D | N | M>): Three => ({
    ...twoOf(precisionOf)(f),
    n: register(precisionOf(f), f.n, f.N),
  });
export const two = twoOf(sized);
export const twoHalves = twoOf(half);
export const three = threeOf(sized);
export const threeHalves = threeOf(half);

export const select = (f: Fields<D | N | M | 'z' | 'k'>) => ({ ...three(f), condition: f.k });
export const selectHalves = (f: Fields<D | N | M | 'k'>) => ({ ...threeHalves(f), condition: f.k });

/** The two bits of a directed rounding: A, N, P, M. */
const roundings = [Rounding.away, Rounding.nearest, Rounding.up, Rounding.down] as const;
export const roundingOf = (field: number): Rounding => roundings[field] as Rounding;
const roundOf =
  <F>(precisionOf: PrecisionOf<F>) =>
  (f: F & Fields<D | M | 'r'>): Two & Directed => ({ ...twoOf(precisionOf)(f), rounding: roundingOf(f.r) });
export const round = roundOf(sized);
export const roundHalves = roundOf(half);
/** The result is an integer in an s register. */
const convertOf =
  <F>(precisionOf: PrecisionOf<F>) =>
  (f: F & Fields<D | M | 'r' | 'S'>) => ({
    ...roundOf(precisionOf)(f),
    d: s(f.d, f.D),
    signed: f.S === 1,
  });
export const convert = convertOf(sized);
export const convertHalves = convertOf(half);

/** One of the registers is d, the other holds a 16-bit number. */
export const toDouble = (f: Fields<D | M | 'T'>): DoubleHalf => ({
  d: numberOf(true, f.d, f.D),
  m: s(f.m, f.M),
  top: f.T === 1,
});
export const fromDouble = (f: Fields<D | M | 'T'>): DoubleHalf => ({
  d: s(f.d, f.D),
  m: numberOf(true, f.m, f.M),
  top: f.T === 1,
});
/** An integer in an s register from a double. */
export const javaScript = (f: Fields<D | M>): { readonly d: number; readonly m: number } => ({
  d: s(f.d, f.D),
  m: numberOf(true, f.m, f.M),
});

// Half precision -------------------------------------------------------------------------------------------------------------

/** VFPExpandImm of 16 bits: a sign, three bits of exponent and four of fraction. */
export const halfImmediate = (f: Fields<D | 'h' | 'i'>): HalfImmediate => {
  const exponent = (f.h & 4) === 0 ? 0x4000 : 0x3000;
  return { d: s(f.d, f.D), bits: ((f.h >>> 3) << 15) | exponent | ((f.h & 3) << 10) | (f.i << 6) };
};
export const halfCompare = (f: Fields<D | M | 'E'>) => ({ ...twoHalves(f), signalling: f.E === 1 });
export const halfOne = (f: Fields<D | 'E'>): HalfOne => ({ d: s(f.d, f.D), signalling: f.E === 1 });
export const halfInteger = (f: Fields<D | M | 'S'>) => ({ ...twoHalves(f), signed: f.S === 1 });
export const halfFixed = (f: Fields<D | 'U' | 'x' | 'i'>): HalfFixed => {
  const bits = f.x === 1 ? 32 : 16;
  return { d: s(f.d, f.D), signed: f.U === 0, bits, fraction: bits - fixedImmediate(f) };
};
/** imm4:i; the field letter covers both, but the low bit stands first in the encoding. */
const fixedImmediate = (f: Fields<'i'>): number => ((f.i & 15) << 1) | (f.i >>> 4);
export const coreHalf = (f: Fields<N | 't'>): CoreHalf => ({ t: f.t, n: s(f.n, f.N) });
export const halfAccess = (f: Fields<D | 'n' | 'U' | 'i'>): HalfAccess => ({
  d: s(f.d, f.D),
  n: f.n,
  offset: (f.U === 1 ? f.i : -f.i) * 2,
});
