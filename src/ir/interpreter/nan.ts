/**
 * The NaN that an operation gives: FPProcessNaN, FPProcessNaNs, FPProcessNaNs3 and FPMulAdd of the Arm ARM (DDI 0406C,
 * A2.7.6 and J1 "Floating-point"), with FPSCR.DN clear. The first signalling operand wins, then the first quiet one,
 * quieted; when no operand is a NaN the result is the default NaN. Called only when the result is a NaN.
 */
const quiet32 = 0x00400000;
const default32 = 0x7fc00000;
const quiet64High = 0x00080000;
const default64High = 0x7ff80000;

const isNan32 = (bits: number): boolean => (bits & 0x7fffffff) > 0x7f800000;
const isSignalling32 = (bits: number): boolean => isNan32(bits) && (bits & quiet32) === 0;

export function nanOfOne32(a: number): number {
  return isNan32(a) ? a | quiet32 : default32;
}

export function nanOfTwo32(a: number, b: number): number {
  if (isSignalling32(a)) return a | quiet32;
  if (isSignalling32(b)) return b | quiet32;
  return isNan32(a) ? a : nanOfOne32(b);
}

/** For a + b * c. A quiet addend loses to the default NaN when the product is of an infinity and a zero. */
export function nanOfThree32(a: number, b: number, c: number): number {
  if (isSignalling32(a)) return a | quiet32;
  if (isSignalling32(b)) return b | quiet32;
  if (isSignalling32(c)) return c | quiet32;
  if (isNan32(a)) return isInvalidProduct32(b, c) ? default32 : a;
  return isNan32(b) ? b : nanOfOne32(c);
}

function isInvalidProduct32(b: number, c: number): boolean {
  const first = b & 0x7fffffff;
  const second = c & 0x7fffffff;
  return (first === 0x7f800000 && second === 0) || (first === 0 && second === 0x7f800000);
}

/** The 64-bit forms work on words: operands and result by the index of their low word. */
function isNan64(x: Int32Array, at: number): boolean {
  const high = x[at + 1] & 0x7fffffff;
  return high > 0x7ff00000 || (high === 0x7ff00000 && x[at] !== 0);
}

function isSignalling64(x: Int32Array, at: number): boolean {
  return isNan64(x, at) && (x[at + 1] & quiet64High) === 0;
}

function setQuieted64(x: Int32Array, to: number, from: number): void {
  x[to] = x[from];
  x[to + 1] = x[from + 1] | quiet64High;
}

function setDefault64(x: Int32Array, to: number): void {
  x[to] = 0;
  x[to + 1] = default64High;
}

export function nanOfOne64(x: Int32Array, to: number, a: number): void {
  if (isNan64(x, a)) setQuieted64(x, to, a);
  else setDefault64(x, to);
}

export function nanOfTwo64(x: Int32Array, to: number, a: number, b: number): void {
  if (isSignalling64(x, a)) setQuieted64(x, to, a);
  else if (isSignalling64(x, b)) setQuieted64(x, to, b);
  else nanOfOne64(x, to, isNan64(x, a) ? a : b);
}

export function nanOfThree64(x: Int32Array, to: number, a: number, b: number, c: number): void {
  if (isSignalling64(x, a)) setQuieted64(x, to, a);
  else if (isSignalling64(x, b)) setQuieted64(x, to, b);
  else if (isSignalling64(x, c)) setQuieted64(x, to, c);
  else if (isNan64(x, a)) {
    if (isInvalidProduct64(x, b, c)) setDefault64(x, to);
    else setQuieted64(x, to, a);
  } else nanOfOne64(x, to, isNan64(x, b) ? b : c);
}

function isInvalidProduct64(x: Int32Array, b: number, c: number): boolean {
  if (x[b] !== 0 || x[c] !== 0) return false;
  const first = x[b + 1] & 0x7fffffff;
  const second = x[c + 1] & 0x7fffffff;
  return (first === 0x7ff00000 && second === 0) || (first === 0 && second === 0x7ff00000);
}

/** FPConvertNaN from 64 to 32 bits: keeps the sign and the top fraction bits, quieted. */
export function narrowNan(low: number, high: number): number {
  return (high & 0x80000000) | default32 | ((high & 0x7ffff) << 3) | (low >>> 29);
}

/** FPConvertNaN from 32 to 64 bits, quieted. */
export function widenNan(x: Int32Array, to: number, bits: number): void {
  x[to] = bits << 29;
  x[to + 1] = (bits & 0x80000000) | default64High | ((bits & 0x3fffff) >>> 3);
}
