/** Vectors of the interpreter as a whole: moves, logic, and single lanes. */
import { shuffles } from '../shuffles.ts';
import type { Machine, Operations } from './machine.ts';

export const vectorOperations = ({ i32: x, i64: q, scratch }: Machine) => {
  const bytes = new Uint8Array(scratch);
  const signedBytes = new Int8Array(scratch);
  const halves = new Uint16Array(scratch);
  const signedHalves = new Int16Array(scratch);
  const copy = (to: number, from: number): void => {
    for (let k = 0; k < 4; k++) x[(to << 2) + k] = x[(from << 2) + k];
  };
  const splat32 = (at: number, a: number): number => {
    for (let k = 0; k < 4; k++) x[(at << 2) + k] = x[a << 2];
    return at + 1;
  };
  const splat64 = (at: number, a: number): number => {
    for (let k = 0; k < 4; k++) x[(at << 2) + k] = x[(a << 2) + (k & 1)];
    return at + 1;
  };
  const extract32 = (at: number, a: number, lane: number): number => {
    x[at << 2] = x[(a << 2) + lane];
    return at + 1;
  };
  const extract64 = (at: number, a: number, lane: number): number => {
    for (let k = 0; k < 2; k++) x[(at << 2) + k] = x[(a << 2) + 2 * lane + k];
    return at + 1;
  };
  const replace64 = (at: number, a: number, b: number, lane: number): number => {
    copy(at, a);
    for (let k = 0; k < 2; k++) x[(at << 2) + 2 * lane + k] = x[(b << 2) + k];
    return at + 1;
  };
  return {
    'v128.pair': (at, a, b) => {
      x[(at << 2) + 0] = x[(a << 2) + 0];
      x[(at << 2) + 1] = x[(a << 2) + 1];
      x[(at << 2) + 2] = x[(b << 2) + 0];
      x[(at << 2) + 3] = x[(b << 2) + 1];
      return at + 1;
    },
    'v128.low': (at, a) => extract64(at, a, 0),
    'v128.high': (at, a) => extract64(at, a, 1),
    'v128.const': (at, low, high) => {
      for (let k = 0; k < 4; k++) x[(at << 2) + k] = (k & 1) === 0 ? low : high;
      return at + 1;
    },
    'v128.and': (at, a, b) => {
      for (let k = 0; k < 4; k++) x[(at << 2) + k] = x[(a << 2) + k] & x[(b << 2) + k];
      return at + 1;
    },
    'v128.or': (at, a, b) => {
      for (let k = 0; k < 4; k++) x[(at << 2) + k] = x[(a << 2) + k] | x[(b << 2) + k];
      return at + 1;
    },
    'v128.xor': (at, a, b) => {
      for (let k = 0; k < 4; k++) x[(at << 2) + k] = x[(a << 2) + k] ^ x[(b << 2) + k];
      return at + 1;
    },
    'v128.andnot': (at, a, b) => {
      for (let k = 0; k < 4; k++) x[(at << 2) + k] = x[(a << 2) + k] & ~x[(b << 2) + k];
      return at + 1;
    },
    'v128.not': (at, a) => {
      for (let k = 0; k < 4; k++) x[(at << 2) + k] = ~x[(a << 2) + k];
      return at + 1;
    },
    'v128.bitselect': (at, a, b, c) => {
      for (let k = 0; k < 4; k++) {
        const mask = x[(c << 2) + k];
        x[(at << 2) + k] = (x[(a << 2) + k] & mask) | (x[(b << 2) + k] & ~mask);
      }
      return at + 1;
    },
    'v128.any_true': (at, a) => {
      x[at << 2] = (q[a << 1] | q[(a << 1) + 1]) !== 0n ? 1 : 0;
      return at + 1;
    },
    'i8x16.splat': (at, a) => {
      bytes.fill(x[a << 2], at << 4, (at << 4) + 16);
      return at + 1;
    },
    'i16x8.splat': (at, a) => {
      halves.fill(x[a << 2], at << 3, (at << 3) + 8);
      return at + 1;
    },
    'i32x4.splat': splat32,
    'f32x4.splat': splat32,
    'i64x2.splat': splat64,
    'f64x2.splat': splat64,
    'i8x16.extract_s': (at, a, lane) => {
      x[at << 2] = signedBytes[(a << 4) + lane];
      return at + 1;
    },
    'i8x16.extract_u': (at, a, lane) => {
      x[at << 2] = bytes[(a << 4) + lane];
      return at + 1;
    },
    'i16x8.extract_s': (at, a, lane) => {
      x[at << 2] = signedHalves[(a << 3) + lane];
      return at + 1;
    },
    'i16x8.extract_u': (at, a, lane) => {
      x[at << 2] = halves[(a << 3) + lane];
      return at + 1;
    },
    'i32x4.extract': extract32,
    'f32x4.extract': extract32,
    'f64x2.extract': extract64,
    'i8x16.replace': (at, a, b, lane) => {
      copy(at, a);
      bytes[(at << 4) + lane] = x[b << 2];
      return at + 1;
    },
    'i16x8.replace': (at, a, b, lane) => {
      copy(at, a);
      halves[(at << 3) + lane] = x[b << 2];
      return at + 1;
    },
    'i32x4.replace': (at, a, b, lane) => {
      copy(at, a);
      x[(at << 2) + lane] = x[b << 2];
      return at + 1;
    },
    'i64x2.replace': replace64,
    'f64x2.replace': replace64,
    'v128.shuffle': (at, a, b, pattern) => {
      const sources = shuffles[pattern];
      for (let n = 0; n < 16; n++) {
        const from = sources[n];
        bytes[(at << 4) + n] = bytes[from < 16 ? (a << 4) + from : (b << 4) + from - 16];
      }
      return at + 1;
    },
    'i8x16.swizzle': (at, a, b) => {
      for (let n = 0; n < 16; n++) {
        const index = bytes[(b << 4) + n];
        bytes[(at << 4) + n] = index < 16 ? bytes[(a << 4) + index] : 0;
      }
      return at + 1;
    },
  } satisfies Partial<Operations>;
};
