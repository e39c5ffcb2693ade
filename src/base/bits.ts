/** Rotates a 32-bit value right by `count` (taken modulo 32); the result is signed. */
export function rotateRight(value: number, count: number): number {
  const by = count & 31;
  return by === 0 ? value | 0 : (value >>> by) | (value << (32 - by));
}

/** Sign-extends the low `bits` bits (1 to 32) of `value`. */
export function signExtend(value: number, bits: number): number {
  const shift = 32 - bits;
  return (value << shift) >> shift;
}

/** Bits `high` down to `low` (inclusive) of `value`, unsigned. */
export function bitField(value: number, high: number, low: number): number {
  const width = high - low + 1;
  return width === 32 ? value >>> 0 : (value >>> low) & ((1 << width) - 1);
}

/** `value` as eight lower-case hexadecimal digits. */
export function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** `value` rounded up to a multiple of `unit`, a power of two; unsigned 32-bit values up to 2^32. */
export function alignUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** `value` rounded down to a multiple of `unit`. */
export function alignDown(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}
