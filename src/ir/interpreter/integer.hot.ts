/** Integers, constants and bit moves of the interpreter. A value of 64 bits is two words, low first. */
import type { Machine, Operations } from './machine.ts';
import { unsignedHigh } from './multiply.ts';

export const integerOperations = ({ i32: x }: Machine) =>
  ({
    'i32.const': (at, a) => {
      x[at << 2] = a;
      return at + 1;
    },
    'i64.const': (at, a, b) => {
      x[at << 2] = a;
      x[(at << 2) + 1] = b;
      return at + 1;
    },
    'i32.add': (at, a, b) => {
      x[at << 2] = x[a << 2] + x[b << 2];
      return at + 1;
    },
    'i32.sub': (at, a, b) => {
      x[at << 2] = x[a << 2] - x[b << 2];
      return at + 1;
    },
    'i32.mul': (at, a, b) => {
      x[at << 2] = Math.imul(x[a << 2], x[b << 2]);
      return at + 1;
    },
    'i32.and': (at, a, b) => {
      x[at << 2] = x[a << 2] & x[b << 2];
      return at + 1;
    },
    'i32.or': (at, a, b) => {
      x[at << 2] = x[a << 2] | x[b << 2];
      return at + 1;
    },
    'i32.xor': (at, a, b) => {
      x[at << 2] = x[a << 2] ^ x[b << 2];
      return at + 1;
    },
    'i32.shl': (at, a, b) => {
      x[at << 2] = x[a << 2] << x[b << 2];
      return at + 1;
    },
    'i32.shr_u': (at, a, b) => {
      x[at << 2] = x[a << 2] >>> x[b << 2];
      return at + 1;
    },
    'i32.shr_s': (at, a, b) => {
      x[at << 2] = x[a << 2] >> x[b << 2];
      return at + 1;
    },
    'i32.rotr': (at, a, b) => {
      const value = x[a << 2];
      const by = x[b << 2];
      x[at << 2] = (value >>> by) | (value << -by);
      return at + 1;
    },
    'i32.div_s': (at, a, b) => {
      const divisor = x[b << 2];
      x[at << 2] = divisor === 0 ? 0 : (x[a << 2] / divisor) | 0;
      return at + 1;
    },
    'i32.div_u': (at, a, b) => {
      const divisor = x[b << 2] >>> 0;
      x[at << 2] = divisor === 0 ? 0 : Math.floor((x[a << 2] >>> 0) / divisor);
      return at + 1;
    },
    'i32.clz': (at, a) => {
      x[at << 2] = Math.clz32(x[a << 2]);
      return at + 1;
    },
    'i32.ctz': (at, a) => {
      const value = x[a << 2];
      x[at << 2] = value === 0 ? 32 : 31 - Math.clz32(value & -value);
      return at + 1;
    },
    'i32.popcnt': (at, a) => {
      let bits = x[a << 2];
      bits -= (bits >>> 1) & 0x55555555;
      bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
      x[at << 2] = Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
      return at + 1;
    },
    'i32.eqz': (at, a) => {
      x[at << 2] = x[a << 2] === 0 ? 1 : 0;
      return at + 1;
    },
    'i32.eq': (at, a, b) => {
      x[at << 2] = x[a << 2] === x[b << 2] ? 1 : 0;
      return at + 1;
    },
    'i32.ne': (at, a, b) => {
      x[at << 2] = x[a << 2] !== x[b << 2] ? 1 : 0;
      return at + 1;
    },
    'i32.lt_s': (at, a, b) => {
      x[at << 2] = x[a << 2] < x[b << 2] ? 1 : 0;
      return at + 1;
    },
    'i32.lt_u': (at, a, b) => {
      x[at << 2] = x[a << 2] >>> 0 < x[b << 2] >>> 0 ? 1 : 0;
      return at + 1;
    },
    'i32.le_s': (at, a, b) => {
      x[at << 2] = x[a << 2] <= x[b << 2] ? 1 : 0;
      return at + 1;
    },
    'i32.le_u': (at, a, b) => {
      x[at << 2] = x[a << 2] >>> 0 <= x[b << 2] >>> 0 ? 1 : 0;
      return at + 1;
    },
    'i32.gt_s': (at, a, b) => {
      x[at << 2] = x[a << 2] > x[b << 2] ? 1 : 0;
      return at + 1;
    },
    'i32.gt_u': (at, a, b) => {
      x[at << 2] = x[a << 2] >>> 0 > x[b << 2] >>> 0 ? 1 : 0;
      return at + 1;
    },
    'i32.ge_s': (at, a, b) => {
      x[at << 2] = x[a << 2] >= x[b << 2] ? 1 : 0;
      return at + 1;
    },
    'i32.ge_u': (at, a, b) => {
      x[at << 2] = x[a << 2] >>> 0 >= x[b << 2] >>> 0 ? 1 : 0;
      return at + 1;
    },
    'i32.extend8_s': (at, a) => {
      x[at << 2] = (x[a << 2] << 24) >> 24;
      return at + 1;
    },
    'i32.extend16_s': (at, a) => {
      x[at << 2] = (x[a << 2] << 16) >> 16;
      return at + 1;
    },
    'i32.select': (at, a, b, c) => {
      const from = (x[a << 2] !== 0 ? b : c) << 2;
      x[at << 2] = x[from];
      return at + 1;
    },
    'f32.select': (at, a, b, c) => {
      const from = (x[a << 2] !== 0 ? b : c) << 2;
      x[at << 2] = x[from];
      return at + 1;
    },
    'f64.select': (at, a, b, c) => {
      const from = (x[a << 2] !== 0 ? b : c) << 2;
      x[at << 2] = x[from];
      x[(at << 2) + 1] = x[from + 1];
      return at + 1;
    },
    'i64.extend_s': (at, a) => {
      const value = x[a << 2];
      x[at << 2] = value;
      x[(at << 2) + 1] = value >> 31;
      return at + 1;
    },
    'i64.extend_u': (at, a) => {
      x[at << 2] = x[a << 2];
      x[(at << 2) + 1] = 0;
      return at + 1;
    },
    'i64.pair': (at, a, b) => {
      x[at << 2] = x[a << 2];
      x[(at << 2) + 1] = x[b << 2];
      return at + 1;
    },
    'i64.low': (at, a) => {
      x[at << 2] = x[a << 2];
      return at + 1;
    },
    'i64.high': (at, a) => {
      x[at << 2] = x[(a << 2) + 1];
      return at + 1;
    },
    'i64.add': (at, a, b) => {
      const low = x[a << 2] >>> 0;
      const sum = low + (x[b << 2] >>> 0);
      x[at << 2] = sum;
      x[(at << 2) + 1] = x[(a << 2) + 1] + x[(b << 2) + 1] + (sum > 0xffffffff ? 1 : 0);
      return at + 1;
    },
    'i64.sub': (at, a, b) => {
      const low = x[a << 2] >>> 0;
      const less = x[b << 2] >>> 0;
      x[at << 2] = low - less;
      x[(at << 2) + 1] = x[(a << 2) + 1] - x[(b << 2) + 1] - (low < less ? 1 : 0);
      return at + 1;
    },
    'i64.mul': (at, a, b) => {
      const m = x[a << 2];
      const n = x[b << 2];
      x[(at << 2) + 1] = unsignedHigh(m, n) + Math.imul(m, x[(b << 2) + 1]) + Math.imul(x[(a << 2) + 1], n);
      x[at << 2] = Math.imul(m, n);
      return at + 1;
    },
    'i64.and': (at, a, b) => {
      x[at << 2] = x[a << 2] & x[b << 2];
      x[(at << 2) + 1] = x[(a << 2) + 1] & x[(b << 2) + 1];
      return at + 1;
    },
    'i64.or': (at, a, b) => {
      x[at << 2] = x[a << 2] | x[b << 2];
      x[(at << 2) + 1] = x[(a << 2) + 1] | x[(b << 2) + 1];
      return at + 1;
    },
    'i64.xor': (at, a, b) => {
      x[at << 2] = x[a << 2] ^ x[b << 2];
      x[(at << 2) + 1] = x[(a << 2) + 1] ^ x[(b << 2) + 1];
      return at + 1;
    },
    'i64.shl': (at, a, b) => {
      const by = x[b << 2] & 63;
      const low = x[a << 2];
      const high = x[(a << 2) + 1];
      x[at << 2] = by > 31 ? 0 : low << by;
      x[(at << 2) + 1] = by > 31 ? low << by : by === 0 ? high : (high << by) | (low >>> -by);
      return at + 1;
    },
    'i64.shr_u': (at, a, b) => {
      const by = x[b << 2] & 63;
      const low = x[a << 2];
      const high = x[(a << 2) + 1];
      x[at << 2] = by > 31 ? high >>> by : by === 0 ? low : (low >>> by) | (high << -by);
      x[(at << 2) + 1] = by > 31 ? 0 : high >>> by;
      return at + 1;
    },
    'i64.shr_s': (at, a, b) => {
      const by = x[b << 2] & 63;
      const low = x[a << 2];
      const high = x[(a << 2) + 1];
      x[at << 2] = by > 31 ? high >> by : by === 0 ? low : (low >>> by) | (high << -by);
      x[(at << 2) + 1] = by > 31 ? high >> 31 : high >> by;
      return at + 1;
    },
    'i64.eq': (at, a, b) => {
      x[at << 2] = x[a << 2] === x[b << 2] && x[(a << 2) + 1] === x[(b << 2) + 1] ? 1 : 0;
      return at + 1;
    },
    'i64.lt_s': (at, a, b) => {
      const left = x[(a << 2) + 1];
      const right = x[(b << 2) + 1];
      x[at << 2] = left < right || (left === right && x[a << 2] >>> 0 < x[b << 2] >>> 0) ? 1 : 0;
      return at + 1;
    },
    'i64.lt_u': (at, a, b) => {
      const left = x[(a << 2) + 1] >>> 0;
      const right = x[(b << 2) + 1] >>> 0;
      x[at << 2] = left < right || (left === right && x[a << 2] >>> 0 < x[b << 2] >>> 0) ? 1 : 0;
      return at + 1;
    },
    'i64.gt_s': (at, a, b) => {
      const left = x[(b << 2) + 1];
      const right = x[(a << 2) + 1];
      x[at << 2] = left < right || (left === right && x[b << 2] >>> 0 < x[a << 2] >>> 0) ? 1 : 0;
      return at + 1;
    },
    'i32.reinterpret': (at, a) => {
      x[at << 2] = x[a << 2];
      return at + 1;
    },
    'f32.reinterpret': (at, a) => {
      x[at << 2] = x[a << 2];
      return at + 1;
    },
    'i64.reinterpret': (at, a) => {
      x[at << 2] = x[a << 2];
      x[(at << 2) + 1] = x[(a << 2) + 1];
      return at + 1;
    },
    'f64.reinterpret': (at, a) => {
      x[at << 2] = x[a << 2];
      x[(at << 2) + 1] = x[(a << 2) + 1];
      return at + 1;
    },
  }) satisfies Partial<Operations>;
