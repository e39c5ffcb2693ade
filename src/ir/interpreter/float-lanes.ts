/**
 * Single-precision lanes of the interpreter, under StandardFPSCRValue (Arm ARM DDI 0406C, A2.7.7): round to nearest,
 * flush to zero, default NaN. A lane is computed as a binary64 number that is exact, or rounds to binary32 as the exact
 * value would, and tells whether the exact value is subnormal.
 */
import { recipEstimate, rsqrtEstimate, unsignedRecipEstimate, unsignedRSqrtEstimate } from './estimates.ts';
import { sumToOdd } from './fused.ts';
import { binary, unary } from './lanes.ts';
import type { Machine, Operations } from './machine.ts';
import { saturateSigned, saturateUnsigned } from './rounding.ts';

const smallestNormal = 2 ** -126;
const defaultNaN = 0x7fc00000;

/** A subnormal number as the zero of its sign. */
const flush = (value: number): number => (Math.abs(value) < smallestNormal ? value * 0 : value);

/** FPRound with flush to zero; NaN stands for every NaN. */
const round = (value: number): number => Math.fround(flush(value));

const multiply = (a: number, b: number): number => round(flush(a) * flush(b));

/** FPMul, but infinity times zero gives zero: the product in FPRecipStep and FPRSqrtStep. */
function stepProduct(a: number, b: number): number {
  const product = multiply(a, b);
  return Number.isNaN(product) && !Number.isNaN(a) && !Number.isNaN(b) ? 0 : product;
}

export const floatLaneOperations = ({ i32: x, f32: f, scratch }: Machine) => {
  const u32 = new Uint32Array(scratch);
  /** Stores a lane; which bits a NaN has is not left to the engine. */
  const keep = (element: number, value: number): void => {
    if (Number.isNaN(value)) x[element] = defaultNaN;
    else f[element] = value;
  };
  const one = (compute: (a: number) => number) => (at: number, a: number) => {
    for (let n = 0; n < 4; n++) keep(at * 4 + n, compute(f[a * 4 + n]));
    return at + 1;
  };
  const two = (compute: (a: number, b: number) => number) => (at: number, a: number, b: number) => {
    for (let n = 0; n < 4; n++) keep(at * 4 + n, compute(f[a * 4 + n], f[b * 4 + n]));
    return at + 1;
  };
  const compare = (holds: (a: number, b: number) => boolean) =>
    binary(x, f, (a, b) => (holds(flush(a), flush(b)) ? -1 : 0));

  return {
    'f32x4.add': two((a, b) => round(flush(a) + flush(b))),
    'f32x4.sub': two((a, b) => round(flush(a) - flush(b))),
    'f32x4.mul': two(multiply),
    'f32x4.fma': (at, a, b, c) => {
      for (let n = 0; n < 4; n++) {
        const product = flush(f[b * 4 + n]) * flush(f[c * 4 + n]);
        keep(at * 4 + n, round(sumToOdd(flush(f[a * 4 + n]), product)));
      }
      return at + 1;
    },
    'f32x4.min': two((a, b) => Math.min(flush(a), flush(b))),
    'f32x4.max': two((a, b) => Math.max(flush(a), flush(b))),
    'f32x4.neg': unary(x, x, (a) => a ^ 0x80000000),
    'f32x4.abs': unary(x, x, (a) => a & 0x7fffffff),
    'f32x4.eq': compare((a, b) => a === b),
    'f32x4.gt': compare((a, b) => a > b),
    'f32x4.ge': compare((a, b) => a >= b),
    'f32x4.recip_step': two((a, b) => round(2 - stepProduct(a, b))),
    'f32x4.rsqrt_step': two((a, b) => round((3 - stepProduct(a, b)) / 2)),
    'f32x4.recip_estimate': one((a) => recipEstimate(flush(a))),
    'f32x4.rsqrt_estimate': one((a) => rsqrtEstimate(flush(a))),
    'i32x4.recip_estimate': unary(u32, u32, unsignedRecipEstimate),
    'i32x4.rsqrt_estimate': unary(u32, u32, unsignedRSqrtEstimate),
    'i32x4.trunc_f32x4_s': (at, a, fractionBits) => {
      for (let n = 0; n < 4; n++) x[at * 4 + n] = saturateSigned(f[a * 4 + n] * 2 ** fractionBits);
      return at + 1;
    },
    'i32x4.trunc_f32x4_u': (at, a, fractionBits) => {
      for (let n = 0; n < 4; n++) x[at * 4 + n] = saturateUnsigned(f[a * 4 + n] * 2 ** fractionBits);
      return at + 1;
    },
    'f32x4.convert_i32x4_s': (at, a, fractionBits) => {
      for (let n = 0; n < 4; n++) f[at * 4 + n] = x[a * 4 + n] * 2 ** -fractionBits;
      return at + 1;
    },
    'f32x4.convert_i32x4_u': (at, a, fractionBits) => {
      for (let n = 0; n < 4; n++) f[at * 4 + n] = u32[a * 4 + n] * 2 ** -fractionBits;
      return at + 1;
    },
  } satisfies Partial<Operations>;
};
