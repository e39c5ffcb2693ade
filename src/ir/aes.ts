/** The substitution boxes of AES (FIPS 197, 5.1.1 and 5.3.2), made from their definition. */

const fieldPolynomial = 0x11b;

/** The product in GF(2^8). */
function product(a: number, b: number): number {
  let sum = 0;
  let shifted = a;
  for (let bit = 0; bit < 8; bit++) {
    if ((b >>> bit) & 1) sum ^= shifted;
    shifted = (shifted << 1) ^ (shifted & 0x80 ? fieldPolynomial : 0);
  }
  return sum;
}

/** The inverse, 0 of 0: a to the power of 254. */
function inverse(a: number): number {
  let power = 1;
  for (let i = 0; i < 254; i++) power = product(power, a);
  return power;
}

/** Each bit of the result is five bits of the operand, and 0x63. */
function affine(a: number): number {
  let result = 0x63;
  for (const by of [0, 1, 2, 3, 4]) result ^= ((a << by) | (a >>> (8 - by))) & 0xff;
  return result;
}

export const substitution = Uint8Array.from({ length: 256 }, (_, a) => affine(inverse(a)));
export const inverseSubstitution = new Uint8Array(256);
for (let a = 0; a < 256; a++) inverseSubstitution[substitution[a]!] = a;
