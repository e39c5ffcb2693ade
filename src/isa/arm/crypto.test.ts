/** Ciphers, hashes and checks against published values: FIPS 197, FIPS 180-4, and the checks of "123456789". */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { substitution } from '../../ir/aes.ts';
import { Interpreter } from '../../ir/interpreter.ts';
import { Testbed } from '../../ir/testbed.ts';
import { Cpu } from '../../layout/cpu.ts';
import { lowerFragment } from './block.ts';

const bed = new Testbed();
const interpreter = new Interpreter(bed.guest, bed.control);
const { register } = bed;
const words = bed.words.subarray(Cpu.d.index32, Cpu.d.index32 + 64);

/** Runs A32 instructions. */
function run(...encodings: number[]): void {
  const halfword = (address: number): number =>
    address >>> 2 < encodings.length ? ((encodings[address >>> 2] as number) >>> ((address & 2) << 3)) & 0xffff : -1;
  interpreter.run(lowerFragment({ halfword }, 0, 0, encodings.length).ir, bed.cpuBase);
}

type Vector = readonly number[];
const quad = (n: number): number[] => [...words.subarray(4 * n, 4 * n + 4)];
/** What the instruction leaves in q0 when q0, q1 and q2 hold the operands. */
function applied(encoding: number, ...operands: Vector[]): number[] {
  operands.forEach((operand, n) => {
    words.set(operand, 4 * n);
  });
  run(encoding);
  return quad(0);
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const littleEndian = (bytes: Uint8Array): number[] => [...new Int32Array(bytes.slice().buffer)];
const hexOf = (vector: Vector): string => Buffer.from(Int32Array.from(vector).buffer).toString('hex');

const AESE = 0xf3b00302; // AESE.8 q0, q1
const AESD = 0xf3b00342;
const AESMC = 0xf3b00380; // AESMC.8 q0, q0
const AESIMC = 0xf3b003c0;

/** The eleven keys of AES-128 (FIPS 197, 5.2), each four words. */
function roundKeys(key: Uint8Array): Vector[] {
  const schedule = littleEndian(key);
  let constant = 1;
  for (let i = 4; i < 44; i++) {
    let word = schedule[i - 1] as number;
    if (i % 4 === 0) {
      const rotated = (word >>> 8) | (word << 24);
      word = [0, 8, 16, 24].reduce((all, at) => all | (substitution[(rotated >>> at) & 0xff]! << at), 0) ^ constant;
      constant = (constant << 1) ^ (constant & 0x80 ? 0x11b : 0);
    }
    schedule.push((schedule[i - 4] as number) ^ word);
  }
  return Array.from({ length: 11 }, (_, round) => schedule.slice(4 * round, 4 * round + 4));
}

test('AES-128 enciphers and deciphers the example of FIPS 197, C.1', () => {
  const keys = roundKeys(bytesOf('000102030405060708090a0b0c0d0e0f'));
  const plain = littleEndian(bytesOf('00112233445566778899aabbccddeeff'));
  const addKey = (state: Vector, key: Vector): number[] => state.map((word, i) => word ^ (key[i] as number));
  let state = plain;
  for (let round = 0; round < 10; round++) {
    state = applied(AESE, state, keys[round] as Vector);
    if (round < 9) state = applied(AESMC, state);
  }
  state = addKey(state, keys[10] as Vector);
  assert.equal(hexOf(state), '69c4e0d86a7b0430d8cdb78070b4c55a');
  for (let round = 10; round > 0; round--) {
    const key = keys[round] as Vector;
    state = applied(AESD, state, round === 10 ? key : applied(AESIMC, key));
    if (round > 1) state = applied(AESIMC, state);
  }
  assert.deepEqual(addKey(state, keys[0] as Vector), plain);
});

/** The block of "abc": the message, a one bit, and its length in bits. */
const abcBlock = (): number[] => [0x61626380, ...Array(14).fill(0), 24];
const addWords = (a: Vector, b: Vector): number[] => a.map((word, i) => (word + (b[i] as number)) | 0);
const digest = (values: readonly number[]): string => values.map((word) => (word >>> 0).toString(16)).join(' ');

test('SHA-1 of "abc" is that of FIPS 180-4', () => {
  const rounds = [0xf2020c44, 0xf2120c44, 0xf2220c44, 0xf2120c44]; // SHA1C, SHA1P, SHA1M, SHA1P q0, q1, q2
  const constants = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];
  const SHA1H = 0xf3b902c2; // q0, q1
  const SHA1SU0 = 0xf2320c44; // q0, q1, q2
  const SHA1SU1 = 0xf3ba0382; // q0, q1
  const start = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  const block = abcBlock();
  let schedule = [0, 4, 8, 12].map((at) => block.slice(at, at + 4));
  let state: number[] = start;
  let last = 0xc3d2e1f0;
  for (let group = 0; group < 20; group++) {
    const phase = Math.floor(group / 5);
    const keyed = (schedule[0] as Vector).map((word) => (word + (constants[phase] as number)) | 0);
    const next = applied(SHA1H, [0, 0, 0, 0], state)[0] as number;
    state = applied(rounds[phase] as number, state, [last, 0, 0, 0], keyed);
    last = next;
    const [a, b, c, d] = schedule as [number[], number[], number[], number[]];
    schedule = [b, c, d, applied(SHA1SU1, applied(SHA1SU0, a, b, c), d)];
  }
  const sums = [...addWords(start, state), (0xc3d2e1f0 + last) | 0];
  assert.equal(digest(sums), 'a9993e36 4706816a ba3e2571 7850c26c 9cd0d89d');
});

/** The first bits of the fractional parts of the cube roots of the first primes (FIPS 180-4, 4.2.2). */
function sha256Constants(): number[] {
  const constants: number[] = [];
  for (let n = 2; constants.length < 64; n++) {
    if (Array.from({ length: n - 2 }, (_, i) => i + 2).some((divisor) => n % divisor === 0)) continue;
    // The integral cube root of n * 2^96 is that of n with 32 more bits.
    const wanted = BigInt(n) << 96n;
    let root = 0n;
    for (let bit = 1n << 36n; bit > 0n; bit >>= 1n) if ((root + bit) ** 3n <= wanted) root += bit;
    constants.push(Number(BigInt.asIntN(32, root)));
  }
  return constants;
}

test('SHA-256 of "abc" is that of FIPS 180-4', () => {
  const [SHA256H, SHA256H2] = [0xf3020c44, 0xf3120c44]; // q0, q1, q2
  const SHA256SU0 = 0xf3ba03c2; // q0, q1
  const SHA256SU1 = 0xf3220c44; // q0, q1, q2
  const constants = sha256Constants();
  assert.equal((constants[63] as number) >>> 0, 0xc67178f2);
  const start = [
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a],
    [0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19],
  ] as const;
  const block = abcBlock();
  let schedule = [0, 4, 8, 12].map((at) => block.slice(at, at + 4));
  let [low, high]: [Vector, Vector] = [start[0], start[1]];
  for (let group = 0; group < 16; group++) {
    const keyed = addWords(schedule[0] as Vector, constants.slice(4 * group, 4 * group + 4));
    const nextLow = applied(SHA256H, low, high, keyed);
    high = applied(SHA256H2, high, low, keyed);
    low = nextLow;
    const [a, b, c, d] = schedule as [number[], number[], number[], number[]];
    schedule = [b, c, d, applied(SHA256SU1, applied(SHA256SU0, a, b), c, d)];
  }
  const sums = [...addWords(start[0], low), ...addWords(start[1], high)];
  assert.equal(digest(sums), 'ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad');
});

test('CRC32 and CRC32C of "123456789" are the published checks, by bytes and by larger units', () => {
  const units = [
    [1, 0xe1000041, 0xe1000241], // CRC32B and CRC32CB r0, r0, r1
    [2, 0xe1200041, 0xe1200241],
    [4, 0xe1400041, 0xe1400241],
  ] as const;
  const text = Buffer.from('123456789');
  const crc = (encodingOf: (unit: (typeof units)[number]) => number, largest: number): number => {
    register[0] = -1;
    for (let at = 0; at < text.length; ) {
      const fitting = units.filter(([bytes]) => bytes <= largest && at + bytes <= text.length);
      const unit = fitting.at(-1) as (typeof units)[number];
      register[1] = text.readUIntLE(at, unit[0]) | (unit[0] < 4 ? 0xffff0000 : 0);
      run(encodingOf(unit));
      at += unit[0];
    }
    return ~(register[0] as number) >>> 0;
  };
  for (const largest of [1, 2, 4]) {
    assert.equal(
      crc((unit) => unit[1], largest),
      0xcbf43926,
    );
    assert.equal(
      crc((unit) => unit[2], largest),
      0xe3069283,
    );
  }
});

test('VMULL.P64 multiplies without carries', () => {
  const VMULL = 0xf2a20e04; // VMULL.P64 q0, d2, d4
  const product = (n: bigint, m: bigint): bigint => {
    const halves = (x: bigint): number[] => [Number(BigInt.asIntN(32, x)), Number(BigInt.asIntN(32, x >> 32n)), 0, 0];
    const result = applied(VMULL, [0, 0, 0, 0], halves(n), halves(m));
    return result.reduceRight((all, word) => (all << 32n) | BigInt(word >>> 0), 0n);
  };
  const ones = (1n << 64n) - 1n;
  assert.equal(product(ones, 3n), (1n << 64n) | 1n);
  // The square of a polynomial has its bits at even places.
  assert.equal(product(ones, ones), 0x5555_5555_5555_5555_5555_5555_5555_5555n);
  assert.equal(product(1n << 63n, 1n << 63n), 1n << 126n);
});
