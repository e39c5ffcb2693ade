/**
 * Parts of the architecture that not every processor has, named as the kernel's HWCAPs where they have one, else as the
 * Arm Architecture Reference Manual's FEAT_ names (DDI 0487, A2), each with the ID register field that tells of it.
 * What every processor here has (Armv7-A, VFPv3 with 32 registers, Advanced SIMD, half-precision conversions, the
 * multiprocessing extensions, SWP) is none.
 */
export const features = {
  IDIVT: 'ID_ISAR0.Divide',
  IDIVA: 'ID_ISAR0.Divide',
  VFPv4: 'MVFR1.SIMDFMAC',
  LPAE: 'ID_MMFR0.VMSA',
  V8: 'ID_ISAR4.SynchPrim_frac, MVFR2',
  AES: 'ID_ISAR5.AES',
  PMULL: 'ID_ISAR5.AES',
  SHA1: 'ID_ISAR5.SHA1',
  SHA2: 'ID_ISAR5.SHA2',
  CRC32: 'ID_ISAR5.CRC32',
  RDM: 'ID_ISAR5.RDM',
  FCMA: 'ID_ISAR5.VCMA',
  JSCVT: 'ID_ISAR6.JSCVT',
  ASIMDDP: 'ID_ISAR6.DP',
  ASIMDFHM: 'ID_ISAR6.FHM',
  SB: 'ID_ISAR6.SB',
  ASIMDBF16: 'ID_ISAR6.BF16',
  I8MM: 'ID_ISAR6.I8MM',
  FPHP: 'MVFR1.FPHP',
  ASIMDHP: 'MVFR1.SIMDHP',
} as const;

export type Feature = keyof typeof features;
