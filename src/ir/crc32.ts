/** Cyclic redundancy checks of 32 bits, least significant bit first, as CRC32 and CRC32C compute them. */

export interface Crc32 {
  /** Bytes of the data that count. */
  readonly bytes: 1 | 2 | 4;
  /** The polynomial of Castagnoli (0x1EDC6F41) instead of that of ISO 3309 (0x04C11DB7). */
  readonly isCastagnoli: boolean;
}

/** The polynomials with their bits in reverse order. */
const isoReflected = 0xedb88320;
const castagnoliReflected = 0x82f63b78;

/** The immediate of i32.crc32: bits 2:0 bytes, 3 Castagnoli. */
export const packCrc32 = ({ bytes, isCastagnoli }: Crc32): number => bytes | (isCastagnoli ? 8 : 0);
export const unpackCrc32 = (packed: number): Crc32 => ({
  bytes: (packed & 7) as Crc32['bytes'],
  isCastagnoli: (packed & 8) !== 0,
});

/** The remainder after the lowest `8 * bytes` bits of `value` were shifted out. */
export function divideOut(value: number, { bytes, isCastagnoli }: Crc32): number {
  const polynomial = isCastagnoli ? castagnoliReflected : isoReflected;
  let rest = value;
  for (let bit = 0; bit < 8 * bytes; bit++) rest = (rest >>> 1) ^ (polynomial & -(rest & 1));
  return rest | 0;
}

/** Ones where the data's bits are. */
export const dataMask = ({ bytes }: Crc32): number => (bytes === 4 ? -1 : (1 << (8 * bytes)) - 1);
