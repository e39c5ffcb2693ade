/**
 * Floating point of the interpreter. JavaScript's numbers are binary64 with round to nearest, and rounding a binary64
 * result of one addition, subtraction, multiplication, division or square root of binary32 operands to binary32 is
 * exact (53 >= 2 * 24 + 2). Only results that are NaNs need Arm's rules, and those take the bits.
 */
import { fma32, fma64 } from './fused.ts';
import type { Machine, Operations } from './machine.ts';
import {
  nanOfOne32,
  nanOfOne64,
  nanOfThree32,
  nanOfThree64,
  nanOfTwo32,
  nanOfTwo64,
  narrowNan,
  widenNan,
} from './nan.ts';
import { nearestEven, saturateSigned, saturateUnsigned } from './rounding.ts';

export const floatOperations = ({ i32: x, f32: f, f64: d }: Machine) =>
  ({
    'f32.add': (at, a, b) => {
      const result = f[a << 2] + f[b << 2];
      if (Number.isNaN(result)) x[at << 2] = nanOfTwo32(x[a << 2], x[b << 2]);
      else f[at << 2] = result;
      return at + 1;
    },
    'f64.add': (at, a, b) => {
      const result = d[a << 1] + d[b << 1];
      if (Number.isNaN(result)) nanOfTwo64(x, at << 2, a << 2, b << 2);
      else d[at << 1] = result;
      return at + 1;
    },
    'f32.sub': (at, a, b) => {
      const result = f[a << 2] - f[b << 2];
      if (Number.isNaN(result)) x[at << 2] = nanOfTwo32(x[a << 2], x[b << 2]);
      else f[at << 2] = result;
      return at + 1;
    },
    'f64.sub': (at, a, b) => {
      const result = d[a << 1] - d[b << 1];
      if (Number.isNaN(result)) nanOfTwo64(x, at << 2, a << 2, b << 2);
      else d[at << 1] = result;
      return at + 1;
    },
    'f32.mul': (at, a, b) => {
      const result = f[a << 2] * f[b << 2];
      if (Number.isNaN(result)) x[at << 2] = nanOfTwo32(x[a << 2], x[b << 2]);
      else f[at << 2] = result;
      return at + 1;
    },
    'f64.mul': (at, a, b) => {
      const result = d[a << 1] * d[b << 1];
      if (Number.isNaN(result)) nanOfTwo64(x, at << 2, a << 2, b << 2);
      else d[at << 1] = result;
      return at + 1;
    },
    'f32.div': (at, a, b) => {
      const result = f[a << 2] / f[b << 2];
      if (Number.isNaN(result)) x[at << 2] = nanOfTwo32(x[a << 2], x[b << 2]);
      else f[at << 2] = result;
      return at + 1;
    },
    'f64.div': (at, a, b) => {
      const result = d[a << 1] / d[b << 1];
      if (Number.isNaN(result)) nanOfTwo64(x, at << 2, a << 2, b << 2);
      else d[at << 1] = result;
      return at + 1;
    },
    'f32.sqrt': (at, a) => {
      const result = Math.sqrt(f[a << 2]);
      if (Number.isNaN(result)) x[at << 2] = nanOfOne32(x[a << 2]);
      else f[at << 2] = result;
      return at + 1;
    },
    'f64.sqrt': (at, a) => {
      const result = Math.sqrt(d[a << 1]);
      if (Number.isNaN(result)) nanOfOne64(x, at << 2, a << 2);
      else d[at << 1] = result;
      return at + 1;
    },
    'f32.nearest': (at, a) => {
      const result = nearestEven(f[a << 2]);
      if (Number.isNaN(result)) x[at << 2] = nanOfOne32(x[a << 2]);
      else f[at << 2] = result;
      return at + 1;
    },
    'f64.nearest': (at, a) => {
      const result = nearestEven(d[a << 1]);
      if (Number.isNaN(result)) nanOfOne64(x, at << 2, a << 2);
      else d[at << 1] = result;
      return at + 1;
    },
    'f32.floor': (at, a) => {
      const result = Math.floor(f[a << 2]);
      if (Number.isNaN(result)) x[at << 2] = nanOfOne32(x[a << 2]);
      else f[at << 2] = result;
      return at + 1;
    },
    'f64.floor': (at, a) => {
      const result = Math.floor(d[a << 1]);
      if (Number.isNaN(result)) nanOfOne64(x, at << 2, a << 2);
      else d[at << 1] = result;
      return at + 1;
    },
    'f32.ceil': (at, a) => {
      const result = Math.ceil(f[a << 2]);
      if (Number.isNaN(result)) x[at << 2] = nanOfOne32(x[a << 2]);
      else f[at << 2] = result;
      return at + 1;
    },
    'f64.ceil': (at, a) => {
      const result = Math.ceil(d[a << 1]);
      if (Number.isNaN(result)) nanOfOne64(x, at << 2, a << 2);
      else d[at << 1] = result;
      return at + 1;
    },
    'f32.neg': (at, a) => {
      x[at << 2] = x[a << 2] ^ 0x80000000;
      return at + 1;
    },
    'f32.abs': (at, a) => {
      x[at << 2] = x[a << 2] & 0x7fffffff;
      return at + 1;
    },
    'f64.neg': (at, a) => {
      x[at << 2] = x[a << 2];
      x[(at << 2) + 1] = x[(a << 2) + 1] ^ 0x80000000;
      return at + 1;
    },
    'f64.abs': (at, a) => {
      x[at << 2] = x[a << 2];
      x[(at << 2) + 1] = x[(a << 2) + 1] & 0x7fffffff;
      return at + 1;
    },
    'f32.fma': (at, a, b, c) => {
      const result = fma32(f[a << 2], f[b << 2], f[c << 2]);
      if (Number.isNaN(result)) x[at << 2] = nanOfThree32(x[a << 2], x[b << 2], x[c << 2]);
      else f[at << 2] = result;
      return at + 1;
    },
    'f64.fma': (at, a, b, c) => {
      const result = fma64(d[a << 1], d[b << 1], d[c << 1]);
      if (Number.isNaN(result)) nanOfThree64(x, at << 2, a << 2, b << 2, c << 2);
      else d[at << 1] = result;
      return at + 1;
    },
    'f32.eq': (at, a, b) => {
      x[at << 2] = f[a << 2] === f[b << 2] ? 1 : 0;
      return at + 1;
    },
    'f64.eq': (at, a, b) => {
      x[at << 2] = d[a << 1] === d[b << 1] ? 1 : 0;
      return at + 1;
    },
    'f32.lt': (at, a, b) => {
      x[at << 2] = f[a << 2] < f[b << 2] ? 1 : 0;
      return at + 1;
    },
    'f64.lt': (at, a, b) => {
      x[at << 2] = d[a << 1] < d[b << 1] ? 1 : 0;
      return at + 1;
    },
    'f32.gt': (at, a, b) => {
      x[at << 2] = f[a << 2] > f[b << 2] ? 1 : 0;
      return at + 1;
    },
    'f64.gt': (at, a, b) => {
      x[at << 2] = d[a << 1] > d[b << 1] ? 1 : 0;
      return at + 1;
    },
    'i32.trunc_f32_s': (at, a) => {
      x[at << 2] = saturateSigned(f[a << 2]);
      return at + 1;
    },
    'i32.trunc_f32_u': (at, a) => {
      x[at << 2] = saturateUnsigned(f[a << 2]);
      return at + 1;
    },
    'i32.trunc_f64_s': (at, a) => {
      x[at << 2] = saturateSigned(d[a << 1]);
      return at + 1;
    },
    'i32.trunc_f64_u': (at, a) => {
      x[at << 2] = saturateUnsigned(d[a << 1]);
      return at + 1;
    },
    'f32.convert_s': (at, a) => {
      f[at << 2] = x[a << 2];
      return at + 1;
    },
    'f32.convert_u': (at, a) => {
      f[at << 2] = x[a << 2] >>> 0;
      return at + 1;
    },
    'f64.convert_s': (at, a) => {
      d[at << 1] = x[a << 2];
      return at + 1;
    },
    'f64.convert_u': (at, a) => {
      d[at << 1] = x[a << 2] >>> 0;
      return at + 1;
    },
    'f32.demote': (at, a) => {
      const value = d[a << 1];
      if (Number.isNaN(value)) x[at << 2] = narrowNan(x[a << 2], x[(a << 2) + 1]);
      else f[at << 2] = value;
      return at + 1;
    },
    'f64.promote': (at, a) => {
      const value = f[a << 2];
      if (Number.isNaN(value)) widenNan(x, at << 2, x[a << 2]);
      else d[at << 1] = value;
      return at + 1;
    },
  }) satisfies Partial<Operations>;
