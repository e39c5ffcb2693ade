/**
 * Reciprocal estimates of Advanced SIMD, with eight bits of precision, as the manual's pseudocode computes them (Arm ARM
 * DDI 0406C, A2.7.8: FPRecipEstimate, UnsignedRecipEstimate, FPRSqrtEstimate, UnsignedRSqrtEstimate), under
 * StandardFPSCRValue. Operands are binary32 values already flushed.
 */

/** recip_estimate: of a number from 0.5 to below 1, in 256ths (256 to 511). */
function recip(a: number): number {
  const q = Math.floor(a * 512);
  const r = 1 / ((q + 0.5) / 512);
  return Math.floor(256 * r + 0.5);
}

/** recip_sqrt_estimate: of a number from 0.25 to below 1, in 256ths (256 to 511). */
function recipSqrt(a: number): number {
  const unit = a < 0.5 ? 512 : 256;
  const q = Math.floor(a * unit);
  const r = 1 / Math.sqrt((q + 0.5) / unit);
  return Math.floor(256 * r + 0.5);
}

/** The exponent e with 2^e <= value < 2^(e+1), for normal binary32 numbers. */
function exponentOf(value: number): number {
  const exponent = Math.floor(Math.log2(value));
  // The logarithm may be off by a rounding next to a power of two.
  if (2 ** exponent > value) return exponent - 1;
  return 2 ** (exponent + 1) <= value ? exponent + 1 : exponent;
}

export function recipEstimate(operand: number): number {
  const magnitude = Math.abs(operand);
  // Of 2^126 and more the estimate is subnormal, which is flushed.
  if (Number.isNaN(operand) || operand === 0 || magnitude >= 2 ** 126)
    return magnitude === 0 ? 1 / operand : 0 * Math.sign(operand);
  const exponent = exponentOf(magnitude);
  return (Math.sign(operand) * recip(magnitude / 2 ** (exponent + 1))) / 256 / 2 ** (exponent + 1);
}

export function rsqrtEstimate(operand: number): number {
  if (operand === 0) return 1 / operand;
  if (operand === Number.POSITIVE_INFINITY) return 0;
  if (!(operand > 0)) return Number.NaN;
  // Scaled by an even power of two into 0.25 to 1.
  const half = Math.ceil((exponentOf(operand) + 1) / 2);
  return recipSqrt(operand / 4 ** half) / 256 / 2 ** half;
}

/** Of a fixed-point number from 0.5 to 1 with 32 fraction bits; the result is one from 1 to 2 with 31. */
export function unsignedRecipEstimate(operand: number): number {
  return operand < 0x80000000 ? 0xffffffff : recip(operand / 2 ** 32) * 2 ** 23;
}

export function unsignedRSqrtEstimate(operand: number): number {
  return operand < 0x40000000 ? 0xffffffff : recipSqrt(operand / 2 ** 32) * 2 ** 23;
}
