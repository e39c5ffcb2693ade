/** Checks, ciphers and hashes of the interpreter. */
import { inverseSubstitution, substitution } from '../aes.ts';
import { dataMask, divideOut, unpackCrc32 } from '../crc32.ts';
import { type Sha1Function, sumRotations } from '../sha.ts';
import type { Machine, Operation, Operations } from './machine.ts';

const rotateLeft = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
const rotateRight = (value: number, by: number): number => (value >>> by) | (value << (32 - by));
const sumOf = (value: number, rotations: readonly number[]): number =>
  rotations.reduce((sum, by) => sum ^ rotateRight(value, by), 0);

const choose = (x: number, y: number, z: number): number => ((y ^ z) & x) ^ z;
const majority = (x: number, y: number, z: number): number => (x & y) | ((x | y) & z);
const functions: Record<Sha1Function, (x: number, y: number, z: number) => number> = {
  choose,
  parity: (x, y, z) => x ^ y ^ z,
  majority,
};

/** Rounds that one operation makes. */
const rounds = 4;

export const cryptoOperations = ({ i32: x, scratch }: Machine) => {
  const bytes = new Uint8Array(scratch);
  const substitute =
    (box: Uint8Array): Operation =>
    (at, a) => {
      for (let n = 0; n < 16; n++) bytes[at * 16 + n] = box[bytes[a * 16 + n]!]!;
      return at + 1;
    };

  /** Four rounds on (a, b, c, d), e and the words of the schedule with the round's constant. */
  const sha1 =
    (name: Sha1Function): Operation =>
    (at, hash, last, words) => {
      let [a, b, c, d] = x.subarray(hash * 4, hash * 4 + 4) as unknown as [number, number, number, number];
      let e = x[last * 4]!;
      for (let n = 0; n < rounds; n++) {
        const sum = (e + rotateLeft(a, 5) + functions[name](b, c, d) + x[words * 4 + n]!) | 0;
        [a, b, c, d, e] = [sum, a, rotateLeft(b, 30), c, d];
      }
      x.set([a, b, c, d], at * 4);
      return at + 1;
    };

  /** Four rounds on (a, b, c, d) and (e, f, g, h); the result is one of the two. */
  const sha256 =
    (half: 'low' | 'high'): Operation =>
    (at, low, high, words) => {
      let [a, b, c, d] = x.subarray(low * 4, low * 4 + 4) as unknown as [number, number, number, number];
      let [e, f, g, h] = x.subarray(high * 4, high * 4 + 4) as unknown as [number, number, number, number];
      for (let n = 0; n < rounds; n++) {
        const sum = (h + sumOf(e, sumRotations.e) + choose(e, f, g) + x[words * 4 + n]!) | 0;
        const first = (sum + sumOf(a, sumRotations.a) + majority(a, b, c)) | 0;
        [a, b, c, d, e, f, g, h] = [first, a, b, c, (d + sum) | 0, e, f, g];
      }
      x.set(half === 'low' ? [a, b, c, d] : [e, f, g, h], at * 4);
      return at + 1;
    };

  return {
    'i32.crc32': (at, crc, data, packed) => {
      const kind = unpackCrc32(packed);
      x[at * 4] = divideOut(x[crc * 4]! ^ (x[data * 4]! & dataMask(kind)), kind);
      return at + 1;
    },
    'i64.polymul_i32': (at, a, b) => {
      let low = 0;
      let high = 0;
      for (let bit = 0; bit < 32; bit++) {
        const taken = -((x[b * 4]! >>> bit) & 1);
        low ^= (x[a * 4]! << bit) & taken;
        if (bit > 0) high ^= (x[a * 4]! >>> (32 - bit)) & taken;
      }
      x[at * 4] = low;
      x[at * 4 + 1] = high;
      return at + 1;
    },
    'i8x16.aes_substitute': substitute(substitution),
    'i8x16.aes_substitute_inverse': substitute(inverseSubstitution),
    'i32x4.sha1_choose': sha1('choose'),
    'i32x4.sha1_parity': sha1('parity'),
    'i32x4.sha1_majority': sha1('majority'),
    'i32x4.sha256_low': sha256('low'),
    'i32x4.sha256_high': sha256('high'),
  } satisfies Partial<Operations>;
};
