/**
 * Random register contents for tests of the instructions, biased to the values where results change their kind:
 * carries, sign changes, shift counts about 32, NaNs, denormals, the limits of integer conversions.
 */
import type { Prng } from '../../base/prng.ts';

export interface RandomState {
  /** r0 to r14. */
  readonly r: Int32Array;
  /** NZCVQ (31:27) and GE (19:16). */
  cpsr: number;
  fpscr: number;
  /** s0 to s31 and the halves of d16 to d31, in memory order. */
  readonly s: Int32Array;
}

const integerEdges = [
  0, 1, 2, -1, -2, 3, 7, 8, 15, 16, 30, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0xffff, 0x10000, 0x7fff, 0x8000,
  0x7fffffff, 0x80000000, 0x80000001, 0x7ffffffe, 0xff00ff00, 0x00ff00ff, 0x80808080, 0x7f7f7f7f, 0x80007fff,
  0x7fff8000, 0xaaaaaaaa, 0x55555555, 0xffff0000,
];

/** Bit patterns of single-precision numbers: zeros, denormals, one, half-way cases, integer limits, infinities, NaNs. */
const singleEdges = [
  0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x80800000, 0x3f800000, 0xbf800000,
  0x3f7fffff, 0x3f800001, 0x3f000000, 0xbf000000, 0x3fc00000, 0x40200000, 0xc0200000, 0x4b000001, 0x4effffff,
  0x4f000000, 0xcf000000, 0xcf000001, 0x4f7fffff, 0x4f800000, 0x477fe000, 0x477ff000, 0x38800000, 0x33800000,
  0x33000000, 0x33000001, 0x387fc000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000,
  0x7fc12345, 0xffe54321, 0x7f800001, 0xff800001, 0x7fa00000, 0xffbfffff,
];

/** High and low words of double-precision numbers of the same kinds, and of numbers at the edges of single precision. */
const doubleEdges: readonly (readonly [number, number])[] = [
  [0x00000000, 0],
  [0x80000000, 0],
  [0x00000000, 1],
  [0x80000000, 1],
  [0x000fffff, 0xffffffff],
  [0x00100000, 0],
  [0x3ff00000, 0],
  [0xbff00000, 0],
  [0x3fefffff, 0xffffffff],
  [0x3ff00000, 1],
  [0x3fe00000, 0],
  [0xbfe00000, 0],
  [0x3ff80000, 0],
  [0x40040000, 0],
  [0xc0040000, 0],
  [0x41dfffff, 0xffc00000],
  [0x41e00000, 0],
  [0xc1e00000, 0],
  [0xc1e00000, 0x00200000],
  [0x41efffff, 0xffe00000],
  [0x41f00000, 0],
  [0x43300000, 1],
  [0x7fefffff, 0xffffffff],
  [0xffefffff, 0xffffffff],
  [0x7ff00000, 0],
  [0xfff00000, 0],
  [0x7ff80000, 0],
  [0xfff80000, 0],
  [0x7ff80000, 0x12345678],
  [0xfffc0001, 0x20000000],
  [0x7ff00000, 1],
  [0xfff00000, 1],
  [0x7ff40000, 0],
  [0xfff7ffff, 0xffffffff],
  [0x47efffff, 0xefffffff],
  [0x47efffff, 0xf0000000],
  [0x36a00000, 0],
  [0x36900000, 1],
  [0x380fffff, 0xffffffff],
  [0x3ff00000, 0x10000000],
  [0x3ff00000, 0x30000000],
]; // prettier-ignore

/** A 32-bit word: an edge, a small number, a number with few bits changed from an edge, or anything. */
export function randomWord(random: Prng): number {
  const kind = random.below(8);
  if (kind < 4) return random.pick(integerEdges) | 0;
  if (kind === 4) return random.below(300) | 0;
  if (kind === 5) return (random.pick(integerEdges) ^ (1 << random.below(32))) | 0;
  return random.next32() | 0;
}

/** The bits of a single-precision number; one in three has an ordinary exponent, so that sums and products stay finite. */
export function randomSingle(random: Prng): number {
  const kind = random.below(6);
  if (kind < 2) return random.pick(singleEdges) | 0;
  if (kind === 2) return random.next32() | 0;
  if (kind === 3) return randomWord(random);
  return (random.next32() & 0x807fffff) | ((127 - 16 + random.below(48)) << 23) | 0;
}

/** Low and high word of a double-precision number. */
export function randomDouble(random: Prng): [low: number, high: number] {
  const kind = random.below(6);
  if (kind < 2) {
    const [high, low] = random.pick(doubleEdges);
    return [low | 0, high | 0];
  }
  if (kind === 2) return [random.next32() | 0, random.next32() | 0];
  const high = (random.next32() & 0x800fffff) | ((1023 - 16 + random.below(48)) << 20) | 0;
  return [kind === 3 ? (random.next32() & 0xe0000000) | 0 : random.next32() | 0, high];
}

/** Half-precision numbers of the same kinds, in both formats: exponent 31 is ordinary in the alternative one. */
const halfEdges = [
  0x0000, 0x8000, 0x0001, 0x8001, 0x03ff, 0x83ff, 0x0400, 0x8400, 0x3c00, 0xbc00, 0x3bff, 0x3c01, 0x3800, 0x7bff,
  0xfbff, 0x7c00, 0xfc00, 0x7e00, 0xfe00, 0x7c01, 0xfc01, 0x7dff, 0xfd55, 0x7fff, 0xffff, 0x4248, 0x0200, 0x6400,
];

function randomHalf(random: Prng): number {
  const kind = random.below(4);
  if (kind < 2) return random.pick(halfEdges);
  if (kind === 2) return random.below(0x10000);
  return (random.next32() & 0x83ff) | ((15 - 4 + random.below(9)) << 10);
}

/** A word of integer lanes of one width: each zero, one, all ones, at a sign boundary, small, or anything. */
function randomLanes(random: Prng, bits: number): number {
  let word = 0;
  for (let at = 0; at < 32; at += bits) {
    const sign = 1 << (bits - 1);
    const edge = random.pick([0, 1, -1, sign, sign - 1, sign + 1, random.below(2 * bits), -random.below(2 * bits)]);
    const lane = random.chance(0.7) ? edge : random.next32();
    word |= (bits === 32 ? lane : lane & ((1 << bits) - 1)) << at;
  }
  return word;
}

/** What a pair of words of the floating-point registers may hold. */
const contents = {
  single: (random: Prng): [number, number] => [randomSingle(random), randomSingle(random)],
  double: randomDouble,
  half: (random: Prng): [number, number] => [
    randomHalf(random) | (randomHalf(random) << 16),
    randomHalf(random) | (randomHalf(random) << 16),
  ],
  bytes: (random: Prng): [number, number] => [randomLanes(random, 8), randomLanes(random, 8)],
  halfwords: (random: Prng): [number, number] => [randomLanes(random, 16), randomLanes(random, 16)],
  words: (random: Prng): [number, number] => [randomLanes(random, 32), randomLanes(random, 32)],
  /** Doublewords about zero and the sign boundary. */
  doublewords: (random: Prng): [number, number] => {
    const near = random.pick([-2, -1, 0, 1, random.below(130) - 65]) | 0;
    return random.chance(0.5) ? [near, near >> 31] : [near, (near >> 31) ^ (1 << 31)];
  },
} as const;
type Contents = keyof typeof contents;
const allContents = Object.keys(contents) as Contents[];
/** Kinds by their weight: floating-point operations need luck to meet their special cases, lanes hardly any. */
const weighedContents: readonly Contents[] = [...allContents, 'single', 'single', 'double', 'double', 'half'];

/** Near another number, or its opposite: for cancellation, rounding at the last place, and equal NaNs. */
function nearby(random: Prng, low: number, high: number): [number, number] {
  const change = random.below(4);
  if (change === 0) return [low, high];
  if (change === 1) return [low, high ^ (1 << 31)];
  if (change === 2) return [low ^ (1 << random.below(4)), high];
  return [low ^ (1 << random.below(32)), high ^ (1 << random.below(32))];
}

/** Floating-point registers: all of one kind or mixed, so that each row meets meaningful operands; some near others. */
function fillFloats(random: Prng, s: Int32Array): void {
  const kind = random.pick(weighedContents);
  const isMixed = random.chance(0.3);
  const related = random.pick([0, 0.1, 0.4]);
  for (let i = 0; i < s.length; i += 2) {
    const from = i > 0 && random.chance(related) ? 2 * random.below(i >>> 1) : -1;
    const [low, high] =
      from >= 0 ? nearby(random, s[from]!, s[from + 1]!) : contents[isMixed ? random.pick(allContents) : kind](random);
    s[i] = low;
    s[i + 1] = high;
  }
}

/** FPSCR's condition flags and QC. */
const randomConditions = (random: Prng): number => random.next32() & (random.chance(0.2) ? 0xf8000000 : 0xf0000000);

/** FPSCR's modes and cumulative exception flags: each way of rounding, and the others set in one state of three. */
export function randomModes(random: Prng): number {
  let fpscr = random.below(4) << 22;
  for (const bit of [24, 25, 26]) if (random.chance(0.33)) fpscr |= 1 << bit;
  return fpscr | (random.chance(0.3) ? random.next32() & 0x9f : 0);
}

/** A whole state; `fpscr` has random condition flags, perhaps QC, and nothing else set. */
export function randomState(random: Prng): RandomState {
  const r = new Int32Array(15);
  for (let i = 0; i < r.length; i++) r[i] = randomWord(random);
  const s = new Int32Array(64);
  fillFloats(random, s);
  return { r, s, cpsr: random.next32() & 0xf80f0000, fpscr: randomConditions(random) };
}
