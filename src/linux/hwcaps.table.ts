/**
 * AT_HWCAP and AT_HWCAP2 by bits (arch/arm/include/uapi/asm/hwcap.h), the names that /proc/cpuinfo gives them
 * (arch/arm/kernel/setup.c: hwcap_str, hwcap2_str), and what a processor needs for the bit; undefined: all have it.
 */
import * as aux from '../abi/process.ts';
import type { Feature } from '../processor/features.table.ts';

export interface HwcapRow {
  readonly word: 1 | 2;
  readonly bit: number;
  readonly name: string;
  readonly needs?: Feature;
}

// biome-ignore format: one bit a line
export const hwcaps: readonly HwcapRow[] = [
  { word: 1, bit: aux.HWCAP_SWP,        name: 'swp' },
  { word: 1, bit: aux.HWCAP_HALF,       name: 'half' },
  { word: 1, bit: aux.HWCAP_THUMB,      name: 'thumb' },
  { word: 1, bit: aux.HWCAP_FAST_MULT,  name: 'fastmult' },
  { word: 1, bit: aux.HWCAP_VFP,        name: 'vfp' },
  { word: 1, bit: aux.HWCAP_EDSP,       name: 'edsp' },
  { word: 1, bit: aux.HWCAP_NEON,       name: 'neon' },
  { word: 1, bit: aux.HWCAP_VFPv3,      name: 'vfpv3' },
  { word: 1, bit: aux.HWCAP_TLS,        name: 'tls' },
  { word: 1, bit: aux.HWCAP_VFPv4,      name: 'vfpv4',     needs: 'VFPv4' },
  { word: 1, bit: aux.HWCAP_IDIVA,      name: 'idiva',     needs: 'IDIVA' },
  { word: 1, bit: aux.HWCAP_IDIVT,      name: 'idivt',     needs: 'IDIVT' },
  { word: 1, bit: aux.HWCAP_VFPD32,     name: 'vfpd32' },
  { word: 1, bit: aux.HWCAP_LPAE,       name: 'lpae',      needs: 'LPAE' },
  { word: 1, bit: aux.HWCAP_FPHP,       name: 'fphp',      needs: 'FPHP' },
  { word: 1, bit: aux.HWCAP_ASIMDHP,    name: 'asimdhp',   needs: 'ASIMDHP' },
  { word: 1, bit: aux.HWCAP_ASIMDDP,    name: 'asimddp',   needs: 'ASIMDDP' },
  { word: 1, bit: aux.HWCAP_ASIMDFHM,   name: 'asimdfhm',  needs: 'ASIMDFHM' },
  { word: 1, bit: aux.HWCAP_ASIMDBF16,  name: 'asimdbf16', needs: 'ASIMDBF16' },
  { word: 1, bit: aux.HWCAP_I8MM,       name: 'i8mm',      needs: 'I8MM' },
  { word: 2, bit: aux.HWCAP2_AES,       name: 'aes',       needs: 'AES' },
  { word: 2, bit: aux.HWCAP2_PMULL,     name: 'pmull',     needs: 'PMULL' },
  { word: 2, bit: aux.HWCAP2_SHA1,      name: 'sha1',      needs: 'SHA1' },
  { word: 2, bit: aux.HWCAP2_SHA2,      name: 'sha2',      needs: 'SHA2' },
  { word: 2, bit: aux.HWCAP2_CRC32,     name: 'crc32',     needs: 'CRC32' },
  { word: 2, bit: aux.HWCAP2_SB,        name: 'sb',        needs: 'SB' },
];
