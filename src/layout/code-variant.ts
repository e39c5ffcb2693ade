/**
 * The two ways in which floating point is translated.
 *
 * Plain code computes as the default mode has it (to nearest, subnormal numbers and NaNs kept) and notes no exceptions:
 * nearly all programs never look at them. Exact code obeys the mode and raises the cumulative exceptions. A thread runs
 * exact code while its mode is another one, and for good from the moment at which it first read FPSCR for its exceptions
 * or wrote it without changing the rounding mode (`exceptionsTracked`). A change of FPSCR leaves the code in which it
 * stands, Wasm callers included, and the dispatcher goes on in the variant that is then asked for.
 */
import { exceptionBits, Fpscr, modeBits } from './fpscr.ts';

export const CodeVariant = { plain: 0, exact: 1 } as const;
export type CodeVariant = (typeof CodeVariant)[keyof typeof CodeVariant];
export const codeVariants = Object.values(CodeVariant);

/** Cumulative saturation of Advanced SIMD (DDI 0406C, B4.1.58), which is no matter of floating point. */
export const saturationBit = 1 << 27;
const controlBits = modeBits | Fpscr.AHP | Fpscr.FZ16;
/** What the CPU record's `fpscr` holds; condition flags and exceptions have their own fields. No short vectors. */
export const fpscrKept = controlBits | saturationBit;
/** In the CPU record's `fpexc`, beside the exceptions: they are tracked. */
export const exceptionsTracked = 1 << 31;

/** The variant that a thread with these values in its record runs. */
export function variantOf(fpscr: number, fpexc: number): CodeVariant {
  const isPlain = (fpscr & controlBits) === 0 && (fpexc & exceptionsTracked) === 0;
  return isPlain ? CodeVariant.plain : CodeVariant.exact;
}

/** `fpexc` after a write of FPSCR or of a signal frame that brings these exceptions. */
export function exceptionsWritten(old: number, exceptions: number): number {
  const written = exceptions & exceptionBits;
  return written | (written === (old & exceptionBits) ? old & exceptionsTracked : exceptionsTracked);
}
