/** Floating-point operands for tests, in bits: numbers at the edges of their format as often as not. */
import type { Prng } from '../base/prng.ts';

export type FloatName = 'f16' | 'f32' | 'f64' | 'i32';

const halves = [
  0, 1, 2, 0x80, 0xff, 0x100, 0x200, 0x3ff, 0x400, 0x401, 0x3555, 0x3800, 0x3801, 0x3bff, 0x3c00, 0x3c01, 0x4000,
  0x4200, 0x4500, 0x5bff, 0x6400, 0x7800, 0x7bff, 0x7c00, 0x7c01, 0x7dff, 0x7e00, 0x7e55, 0x7fff,
];
const singles = [
  0, 1, 2, 0x00400000, 0x007fffff, 0x00800000, 0x00800001, 0x00ffffff, 0x1fffffff, 0x20000000, 0x337fffff, 0x33800000,
  0x387fe000, 0x38800000, 0x3b000001, 0x3effffff, 0x3f000000, 0x3f000001, 0x3f7fffff, 0x3f800000, 0x3f800001,
  0x3fc00000, 0x40000000, 0x40200000, 0x40400000, 0x477fefff, 0x477ff000, 0x47800000, 0x4effffff, 0x4f000000,
  0x4f7fffff, 0x4f800000, 0x5f000000, 0x7e7fffff, 0x7e800000, 0x7f000000, 0x7f7fffff, 0x7f800000, 0x7f800001,
  0x7fbfffff, 0x7fc00000, 0x7fd23456,
];
const doublesHigh = [
  0, 0x000fffff, 0x00100000, 0x00200000, 0x1fefffff, 0x1ff00000, 0x369fffff, 0x36a00000, 0x380fffff, 0x38100000,
  0x3c900000, 0x3ca00000, 0x3fdfffff, 0x3fe00000, 0x3fefffff, 0x3ff00000, 0x3ff80000, 0x40000000, 0x40040000,
  0x41dfffff, 0x41e00000, 0x41efffff, 0x41f00000, 0x433fffff, 0x47efffff, 0x47f00000, 0x5fe00000, 0x7fdfffff,
  0x7fe00000, 0x7fefffff, 0x7ff00000, 0x7ff40000, 0x7ff80000, 0x7ffabcde,
];
const doublesLow = [0, 0, 0, 1, -1, 0x80000000, 0xe0000000, 0xf0000000, 0x10000000, 0x7fffffff];
const integers = [0, 1, -1, 0x7fff, 0x8000, 0xffff, 0x7fffffff, -0x80000000, 0x1000001];

const sign = (random: Prng, bit: number): number => (random.chance(0.5) ? bit : 0);

function half(random: Prng): number {
  return random.chance(0.5) ? random.pick(halves) | sign(random, 0x8000) : random.next32() & 0xffff;
}

function single(random: Prng): number {
  if (random.chance(0.5)) return random.pick(singles) | sign(random, 0x80000000);
  return random.chance(0.5) ? singleNearOne(random) : random.next32();
}

function doubleHigh(random: Prng): number {
  if (random.chance(0.5)) return random.pick(doublesHigh) | sign(random, 0x80000000);
  return random.chance(0.5) ? doubleHighNearOne(random) : random.next32();
}

// Numbers whose sums cancel and whose quotients are near whole numbers.
const halfNearOne = (random: Prng): number => (random.next32() & 0x8fff) | 0x3000;
const singleNearOne = (random: Prng): number => (random.next32() & 0x83ffffff) | 0x3c000000;
const doubleHighNearOne = (random: Prng): number => (random.next32() & 0x807fffff) | 0x3f800000;

/** Fills `words` with numbers of the format; one time in four with none at its edges. */
export function drawFloats(random: Prng, format: FloatName, words: Int32Array): void {
  const isCalm = random.chance(0.25);
  const [drawHalf, drawSingle, drawDoubleHigh] = isCalm
    ? [halfNearOne, singleNearOne, doubleHighNearOne]
    : [half, single, doubleHigh];
  for (let k = 0; k < words.length; k++) {
    if (format === 'f16') words[k] = drawHalf(random) | (drawHalf(random) << 16);
    else if (format === 'f32') words[k] = drawSingle(random);
    else if (format === 'i32')
      words[k] = random.chance(0.4) ? random.pick(integers) : (random.next32() | 0) >> random.below(32);
    else if (k % 2 === 1) words[k] = drawDoubleHigh(random);
    else words[k] = random.chance(0.5) ? random.pick(doublesLow) : random.next32();
  }
}
