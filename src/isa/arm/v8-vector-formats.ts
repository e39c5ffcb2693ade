/** The formats of Armv8's vectors that name their operands in ways of their own (DDI 0487, F6.1). */
import type { Rotated, Rotation } from './neon-complex.ts';
import { type Binary, binaryWords, quadwords } from './neon-formats.ts';

type Fields<L extends string> = { readonly [K in L]: number };
type D = 'D' | 'd';
type N = 'N' | 'n';
type M = 'M' | 'm';

/** Size: 0 halves, 1 singles. */
const laneSize = (f: Fields<'s'>): number => 1 + f.s;

/** A right angle forwards or back. */
export const complexSum = (f: Fields<D | N | M | 'Q' | 's' | 'r'>): Rotated => ({
  ...binaryWords(f),
  size: laneSize(f),
  rotation: f.r === 0 ? 90 : 270,
});
const rotations: readonly Rotation[] = [0, 90, 180, 270];
export const complexProduct = (f: Fields<D | N | M | 'Q' | 's' | 'r'>): Rotated => ({
  ...binaryWords(f),
  size: laneSize(f),
  rotation: rotations[f.r] as Rotation,
});
/** A pair of m: of halves in d0 to d15, chosen by M; of singles all of any doubleword. */
export const complexByElement = (f: Fields<D | N | M | 'Q' | 's' | 'r'>): Rotated => {
  const operand = f.s === 1 ? { m: (f.M << 4) | f.m, index: 0 } : { m: f.m, index: f.M };
  return { ...complexProduct(f), ...operand };
};

/** Numbers of doublewords for a quadword's result, of s registers for a doubleword's. */
export const halvesToSingles = (f: Fields<D | N | M | 'Q'>): Binary =>
  f.Q === 1 ? binaryWords(f) : { ...binaryWords(f), n: (f.n << 1) | f.N, m: (f.m << 1) | f.M };
/** One half of m: of d0 to d7, or of s0 to s15. */
export const halvesToSinglesByElement = (f: Fields<D | N | M | 'Q'>): Binary => {
  const { quad, ...rest } = halvesToSingles(f);
  const low = f.m & 7;
  const high = f.m >>> 3;
  return { ...rest, quad, m: quad ? low : (low << 1) | f.M, index: quad ? (f.M << 1) | high : high };
};

/** One half of d0 to d7. */
export const bfloatByElement = (f: Fields<D | N | M>): Binary => ({
  ...quadwords(f),
  m: f.m & 7,
  index: (f.M << 1) | (f.m >>> 3),
});
