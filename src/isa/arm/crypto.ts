/** Checks, ciphers, hashes and polynomial products of Armv8 (DDI 0487, F5.1 and F6.1). */
import { packCrc32 } from '../../ir/crc32.ts';
import type { Sha1Function } from '../../ir/sha.ts';
import { Shuffle } from '../../ir/shuffles.ts';
import type { I64, Lowering } from './lowering.ts';
import type { Binary, Unary } from './neon-formats.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';

export interface Check {
  readonly d: number;
  readonly n: number;
  readonly m: number;
  /** The logarithm of the data's bytes. */
  readonly size: number;
}
const check = (isCastagnoli: boolean) =>
  operation<Check>((l, { d, n, m, size }) => {
    const kind = packCrc32({ bytes: (1 << size) as 1 | 2 | 4, isCastagnoli });
    l.write(d, l.builder.emit('i32.crc32', l.read(n), l.read(m), kind));
  });
export const CRC32 = check(false);
export const CRC32C = check(true);

// AES (FIPS 197); a column is a word --------------------------------------------------------------------------------------

const rotateLanes = (l: Lowering, value: V128, right: number): V128 =>
  v.or(l, v.shiftRight(l, 2, true, value, right), v.shiftLeft(l, 2, value, 32 - right));

/** Each byte times x in the field. */
const timesX = (l: Lowering, value: V128): V128 => {
  const carried = v.and(l, v.shiftRight(l, 0, false, value, 7), v.eachLane(l, 0, 0x1b));
  return v.xor(l, v.shiftLeft(l, 0, value, 1), carried);
};

/** MixColumns: each byte twice, the next one three times, the others once. */
function mixColumns(l: Lowering, value: V128): V128 {
  const next = rotateLanes(l, value, 8);
  const others = v.xor(l, rotateLanes(l, value, 16), rotateLanes(l, value, 24));
  return v.xor(l, v.xor(l, timesX(l, v.xor(l, value, next)), next), others);
}

/** InvMixColumns: 14, 11, 13, 9 are what MixColumns makes of 5, 0, 4, 0. */
function mixColumnsBack(l: Lowering, value: V128): V128 {
  const four = timesX(l, timesX(l, v.xor(l, value, rotateLanes(l, value, 16))));
  return mixColumns(l, v.xor(l, value, four));
}

const round = (substitute: 'i8x16.aes_substitute' | 'i8x16.aes_substitute_inverse', shiftRows: number) =>
  operation<Unary>((l, o) => {
    const state = v.xor(l, v.readD(l, o), v.readVector(l, true, o.m));
    const substituted = l.builder.emit(substitute, state);
    v.writeD(l, o, v.shuffle(l, shiftRows, substituted, substituted));
  });
const unary = (compute: (l: Lowering, m: V128) => V128) =>
  operation<Unary>((l, o) => v.writeD(l, o, compute(l, v.readVector(l, true, o.m))));

export const AESE = round('i8x16.aes_substitute', Shuffle.shiftRows);
export const AESD = round('i8x16.aes_substitute_inverse', Shuffle.shiftRowsBack);
export const AESMC = unary(mixColumns);
export const AESIMC = unary(mixColumnsBack);

// SHA-1 and SHA-256 (FIPS 180-4) --------------------------------------------------------------------------------------------

const add = (l: Lowering, a: V128, b: V128): V128 => v.lanes(l, 2, 'add', a, b);
/** Words of both in a row, from the word given on. */
const wordsFrom = (l: Lowering, first: number, a: V128, b: V128): V128 =>
  v.shuffle(l, Shuffle.extract(4 * first), a, b);
const operands = (l: Lowering, o: Binary): readonly [d: V128, n: V128, m: V128] => [
  v.readD(l, o),
  v.readVector(l, true, o.n),
  v.readVector(l, true, o.m),
];

const sha1Rounds = (name: Sha1Function) =>
  operation<Binary>((l, o) => {
    const [d, n, m] = operands(l, o);
    v.writeD(l, o, l.builder.emit(`i32x4.sha1_${name}`, d, l.builder.emit('i32x4.extract', n, 0), m));
  });
export const SHA1C = sha1Rounds('choose');
export const SHA1P = sha1Rounds('parity');
export const SHA1M = sha1Rounds('majority');
export const SHA1H = unary((l, m) => {
  const rotated = l.rotr(l.builder.emit('i32x4.extract', m, 0), 32 - 30);
  return l.builder.emit('i32x4.replace', v.zero(l), rotated, 0);
});
export const SHA1SU0 = operation<Binary>((l, o) => {
  const [d, n, m] = operands(l, o);
  v.writeD(l, o, v.xor(l, v.xor(l, wordsFrom(l, 2, d, n), d), m));
});
/** The last word needs the first of the results, rotated once more. */
export const SHA1SU1 = operation<Unary>((l, o) => {
  const mixed = v.xor(l, v.readD(l, o), wordsFrom(l, 1, v.readVector(l, true, o.m), v.zero(l)));
  const rotated = rotateLanes(l, mixed, 32 - 1);
  const first = wordsFrom(l, 1, v.zero(l), rotateLanes(l, mixed, 32 - 2));
  v.writeD(l, o, v.xor(l, rotated, first));
});

export const SHA256H = operation<Binary>((l, o) => {
  v.writeD(l, o, l.builder.emit('i32x4.sha256_low', ...operands(l, o)));
});
export const SHA256H2 = operation<Binary>((l, o) => {
  const [d, n, m] = operands(l, o);
  v.writeD(l, o, l.builder.emit('i32x4.sha256_high', n, d, m));
});

/** The two functions of SHA-256's schedule: two rotations and a shift, all to the right. */
const schedule = (l: Lowering, value: V128, first: number, second: number, shift: number): V128 =>
  v.xor(
    l,
    v.xor(l, rotateLanes(l, value, first), rotateLanes(l, value, second)),
    v.shiftRight(l, 2, true, value, shift),
  );
export const SHA256SU0 = operation<Unary>((l, o) => {
  const d = v.readD(l, o);
  v.writeD(l, o, add(l, d, schedule(l, wordsFrom(l, 1, d, v.readVector(l, true, o.m)), 7, 18, 3)));
});
/** The upper words come from the lower ones of the result. */
export const SHA256SU1 = operation<Binary>((l, o) => {
  const [d, n, m] = operands(l, o);
  const sum = add(l, d, wordsFrom(l, 1, n, m));
  const low = add(l, sum, schedule(l, wordsFrom(l, 2, m, m), 17, 19, 10));
  const high = add(l, sum, schedule(l, v.pair(l, low, low), 17, 19, 10));
  v.writeD(l, o, v.shuffle(l, Shuffle.lowThenHigh, low, high));
});

// Polynomial products ---------------------------------------------------------------------------------------------------------

/** VMULL.P64: three products of words (Karatsuba) make that of doublewords. */
export const vmullPolynomial64 = operation<Binary>((l, o) => {
  const { builder } = l;
  const n = v.lowHalf(l, v.readVector(l, false, o.n));
  const m = v.lowHalf(l, v.readVector(l, false, o.m));
  const [nLow, nHigh] = [builder.emit('i64.low', n), builder.emit('i64.high', n)];
  const [mLow, mHigh] = [builder.emit('i64.low', m), builder.emit('i64.high', m)];
  const xor = (a: I64, b: I64): I64 => builder.emit('i64.xor', a, b);
  const low = builder.emit('i64.polymul_i32', nLow, mLow);
  const high = builder.emit('i64.polymul_i32', nHigh, mHigh);
  const all = builder.emit('i64.polymul_i32', l.xor(nLow, nHigh), l.xor(mLow, mHigh));
  const middle = xor(all, xor(low, high));
  const zero = l.constant(0);
  const middleUp = builder.emit('i64.pair', zero, builder.emit('i64.low', middle));
  const middleDown = builder.emit('i64.extend_u', builder.emit('i64.high', middle));
  v.writeVector(l, true, o.d, builder.emit('v128.pair', xor(low, middleUp), xor(high, middleDown)));
});
