/** The high 32 bits of the unsigned product of two 32-bit values (signed result). */
export function unsignedHigh(m: number, n: number): number {
  const mLow = m & 0xffff;
  const mHigh = m >>> 16;
  const nLow = n & 0xffff;
  const nHigh = n >>> 16;
  const middle = mHigh * nLow + ((mLow * nLow) >>> 16);
  const carry = mLow * nHigh + (middle & 0xffff);
  return (mHigh * nHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) | 0;
}
