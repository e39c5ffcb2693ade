/**
 * Fused multiply-add: a + b * c rounded once (FPMulAdd, Arm ARM DDI 0406C, J1). NaN results tell the caller to apply
 * Arm's NaN rules; which NaN it is here means nothing.
 */
const bits = new DataView(new ArrayBuffer(8));

/** Binary32 operands: the product is exact in binary64, and a sum rounded to odd rounds once more without harm. */
export function fma32(a: number, b: number, c: number): number {
  return Math.fround(sumToOdd(a, b * c));
}

/** a + b rounded to odd: exact sums as they are, others to the neighbour with an odd significand. */
export function sumToOdd(a: number, b: number): number {
  const sum = a + b;
  if (!Number.isFinite(sum)) return sum;
  const rest = sumError(a, b, sum);
  if (rest === 0) return sum;
  bits.setFloat64(0, sum);
  const low = bits.getInt32(4);
  if ((low & 1) !== 0) return sum;
  // The exact sum lies on the side of `rest`: the odd neighbour there is one step away from zero or towards it.
  const isAway = rest > 0 === sum > 0;
  if (!isAway && low === 0) bits.setInt32(0, bits.getInt32(0) - 1);
  bits.setInt32(4, isAway ? low | 1 : low - 1);
  return bits.getFloat64(0);
}

/** What rounding took from sum = a + b, exactly (Knuth's TwoSum). */
function sumError(a: number, b: number, sum: number): number {
  const bPart = sum - a;
  return a - (sum - bPart) + (b - bPart);
}

/** Veltkamp's split: the upper 26 bits of a significand. */
function upperHalf(value: number): number {
  const scaled = value * 134217729;
  return scaled - (scaled - value);
}

/** Magnitudes within which no intermediate of the error-free transformations over- or underflows. */
const largest = 2 ** 500;
const smallest = 2 ** -400;

/** Binary64 operands. Ordinary magnitudes by error-free transformations (Boldo and Melquiond 2008), others by whole numbers. */
export function fma64(a: number, b: number, c: number): number {
  const high = b * c;
  if (!Number.isFinite(b) || !Number.isFinite(c) || b === 0 || c === 0) return a + high;
  if (!Number.isFinite(a)) return a;
  if (!isOrdinary(b) || !isOrdinary(c) || !isOrdinary(high) || !(isOrdinary(a) || a === 0)) return exactFma(a, b, c);
  const bUpper = upperHalf(b);
  const bLower = b - bUpper;
  const cUpper = upperHalf(c);
  const cLower = c - cUpper;
  const low = bLower * cLower - (high - bUpper * cUpper - bLower * cUpper - bUpper * cLower);
  if (a === 0) return high;
  const first = a + low;
  const firstRest = sumError(a, low, first);
  const second = high + first;
  const secondRest = sumError(high, first, second);
  if (second === 0) return firstRest + secondRest;
  return second + sumToOdd(firstRest, secondRest);
}

function isOrdinary(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude < largest && magnitude > smallest;
}

/** Finite operands of any magnitude, b and c not zero. */
export function exactFma(a: number, b: number, c: number): number {
  const addend = decompose(a);
  const multiplicand = decompose(b);
  const multiplier = decompose(c);
  const productScale = multiplicand.exponent + multiplier.exponent;
  const exponent = a === 0 ? productScale : Math.min(addend.exponent, productScale);
  const sum =
    (a === 0 ? 0n : addend.significand << BigInt(addend.exponent - exponent)) +
    ((multiplicand.significand * multiplier.significand) << BigInt(productScale - exponent));
  // Operands of opposite signs that cancel give +0 in round to nearest.
  return sum === 0n ? 0 : compose(sum, exponent);
}

function decompose(value: number): { significand: bigint; exponent: number } {
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const biased = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const magnitude = biased === 0 ? fraction : fraction | (1n << 52n);
  return { significand: value < 0 ? -magnitude : magnitude, exponent: Math.max(biased, 1) - 1075 };
}

/** significand * 2^exponent rounded to nearest, ties to even. */
function compose(significand: bigint, exponent: number): number {
  const negative = significand < 0n;
  let magnitude = negative ? -significand : significand;
  const length = magnitude.toString(2).length;
  // The exponent of the last place kept: 53 bits, fewer where the result is subnormal.
  const place = Math.max(exponent + length - 53, -1074);
  const drop = place - exponent;
  if (drop > 0) {
    const shift = BigInt(drop);
    const rest = magnitude & ((1n << shift) - 1n);
    const half = 1n << (shift - 1n);
    magnitude >>= shift;
    if (rest > half || (rest === half && (magnitude & 1n) === 1n)) magnitude += 1n;
  } else magnitude <<= BigInt(-drop);
  // At most 53 bits and the place is at least that of the smallest number, so the product is exact or overflows.
  const result = Number(magnitude) * 2 ** place;
  return negative ? -result : result;
}
