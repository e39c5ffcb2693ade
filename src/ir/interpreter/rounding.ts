/** Rounding and conversion of numbers, as FPRoundInt and FPToFixed have it (Arm ARM DDI 0406C, A2.7.8). */

/** Rounds to an integral value, ties to even, keeping the sign of a zero. */
export function nearestEven(value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude < 2 ** 52)) return value;
  // Adding 2^52 leaves no room for fraction bits, so that the sum is rounded to an integer.
  const rounded = magnitude + 2 ** 52 - 2 ** 52;
  return value < 0 || Object.is(value, -0) ? -rounded : rounded;
}

/** Toward zero, saturating to a signed 32-bit value; a NaN gives 0. */
export function saturateSigned(value: number): number {
  if (value >= 2147483648) return 0x7fffffff;
  return value <= -2147483648 ? -0x80000000 : value | 0;
}

/** Toward zero, saturating to an unsigned 32-bit value (given as signed); a NaN gives 0. */
export function saturateUnsigned(value: number): number {
  if (value >= 4294967296) return -1;
  return value > 0 ? value | 0 : 0;
}
