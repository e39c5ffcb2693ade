/**
 * Bits of FPSCR (Arm ARM DDI 0406C, B4.1.58; FZ16: DDI 0487, G8.2.55) as the CPU record keeps them: the mode bits and
 * QC in `fpscr`, the cumulative exceptions in `fpexc`.
 */
export const Fpscr = {
  /** Cumulative exceptions: Invalid Operation, Division by Zero, Overflow, Underflow, Inexact, Input Denormal. */
  IOC: 1 << 0,
  DZC: 1 << 1,
  OFC: 1 << 2,
  UFC: 1 << 3,
  IXC: 1 << 4,
  IDC: 1 << 7,
  /** Half-precision arithmetic flushes subnormal numbers to zero. */
  FZ16: 1 << 19,
  /** RMode, two bits: nearest, toward plus infinity, minus infinity, zero. */
  RMode: 3 << 22,
  /** Single- and double-precision arithmetic flushes subnormal numbers to zero. */
  FZ: 1 << 24,
  /** NaN results are the default NaN. */
  DN: 1 << 25,
  /** Conversions of half precision use the alternative format, without infinities and NaNs. */
  AHP: 1 << 26,
} as const;

export const roundingShift = 22;

/** All that exact operations may raise. */
export const exceptionBits = Fpscr.IOC | Fpscr.DZC | Fpscr.OFC | Fpscr.UFC | Fpscr.IXC | Fpscr.IDC;
/** All that tells an operation of single or double precision how to compute. */
export const modeBits = Fpscr.RMode | Fpscr.FZ | Fpscr.DN;

/** What Advanced SIMD computes with (StandardFPSCRValue, A2.7.7): these set, and AHP and FZ16 as FPSCR has them. */
export const standardSet = Fpscr.DN | Fpscr.FZ;
export const standardKept = Fpscr.AHP | Fpscr.FZ16;
