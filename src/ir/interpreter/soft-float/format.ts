/**
 * Floating-point numbers as the manual's pseudocode takes them apart and rounds them (Arm ARM DDI 0406C, A2.7.8; half
 * precision and BFloat16: DDI 0487, J1.3 "shared/functions/float"), for any format: a number is sign, whole significand
 * and power of two. Bits are BigInts. This is the definition of the exact operations; speed is no concern.
 */
import { Fpscr, roundingShift } from '../../../layout/fpscr.ts';
import { Rounding } from '../../float-kinds.table.ts';

export interface FloatFormat {
  readonly bits: number;
  readonly exponentBits: number;
  readonly fractionBits: number;
  /** The bit of FPSCR that flushes its subnormal numbers to zero. */
  readonly flush: number;
}

export const half: FloatFormat = { bits: 16, exponentBits: 5, fractionBits: 10, flush: Fpscr.FZ16 };
/** BFloat16, which is converted to only. */
export const bfloat: FloatFormat = { bits: 16, exponentBits: 8, fractionBits: 7, flush: Fpscr.FZ };
export const single: FloatFormat = { bits: 32, exponentBits: 8, fractionBits: 23, flush: Fpscr.FZ };
export const double: FloatFormat = { bits: 64, exponentBits: 11, fractionBits: 52, flush: Fpscr.FZ };

/** `odd`: to the neighbour with an odd significand, unless exact, as products and sums of BFloat16 are (BFRound). */
export type AnyRounding = Rounding | 'odd';

/** What an operation computes with, and the exceptions that it raises: bits of FPSCR. */
export class FloatUnit {
  control: number;
  exceptions = 0;
  /** Instead of what FPSCR says. */
  rounding: AnyRounding | undefined;

  constructor(control: number) {
    this.control = control;
  }

  raise(exception: number): void {
    this.exceptions |= exception;
  }

  has(bit: number): boolean {
    return (this.control & bit) !== 0;
  }

  /** The rounding meant, when `rounding` says that FPSCR tells. */
  resolve(rounding: AnyRounding): AnyRounding {
    if (rounding !== Rounding.mode) return rounding;
    return this.rounding ?? (((this.control >>> roundingShift) & 3) as Rounding);
  }
}

/** FPType, and for every class the sign; for `number` its value (-1)^sign * significand * 2^exponent. */
export interface Unpacked {
  readonly kind: 'zero' | 'number' | 'infinity' | 'quiet' | 'signalling';
  readonly sign: 0 | 1;
  readonly significand: bigint;
  readonly exponent: number;
}

export const opposite = (sign: 0 | 1): 0 | 1 => (sign === 0 ? 1 : 0);
export const ones = (count: number): bigint => (1n << BigInt(count)) - 1n;
const minimumExponent = (f: FloatFormat): number => 2 - 2 ** (f.exponentBits - 1);

export const signed = (f: FloatFormat, sign: 0 | 1, magnitude: bigint): bigint =>
  (BigInt(sign) << BigInt(f.bits - 1)) | magnitude;
export const zero = (f: FloatFormat, sign: 0 | 1): bigint => signed(f, sign, 0n);
export const infinity = (f: FloatFormat, sign: 0 | 1): bigint =>
  signed(f, sign, ones(f.exponentBits) << BigInt(f.fractionBits));
export const maxNormal = (f: FloatFormat, sign: 0 | 1): bigint => infinity(f, sign) - 1n;
export const quietBit = (f: FloatFormat): bigint => 1n << BigInt(f.fractionBits - 1);
export const defaultNaN = (f: FloatFormat): bigint => infinity(f, 0) | quietBit(f);

export const isNotANumber = ({ kind }: Unpacked): boolean => kind === 'quiet' || kind === 'signalling';

export interface UnpackOptions {
  /** FPUnpackCV: AHP counts and FZ16 does not. Otherwise it is the other way round. */
  readonly isConversion?: boolean;
}

/** FPUnpack, or FPUnpackCV. */
export function unpack(unit: FloatUnit, f: FloatFormat, bits: bigint, options: UnpackOptions = {}): Unpacked {
  const isConversion = options.isConversion === true;
  const sign = (bits >> BigInt(f.bits - 1)) & 1n ? 1 : 0;
  const biased = Number((bits >> BigInt(f.fractionBits)) & ones(f.exponentBits));
  const fraction = bits & ones(f.fractionBits);
  const make = (kind: Unpacked['kind'], significand = 0n, exponent = 0): Unpacked => ({
    kind,
    sign,
    significand,
    exponent,
  });
  if (biased === 0) {
    if (fraction === 0n) return make('zero');
    const ignoresFlush = f === half && isConversion;
    if (unit.has(f.flush) && !ignoresFlush) {
      if (f !== half) unit.raise(Fpscr.IDC);
      return make('zero');
    }
    return make('number', fraction, minimumExponent(f) - f.fractionBits);
  }
  const isAlternative = f === half && isConversion && unit.has(Fpscr.AHP);
  if (biased === 2 ** f.exponentBits - 1 && !isAlternative) {
    if (fraction === 0n) return make('infinity');
    return make((fraction & quietBit(f)) === 0n ? 'signalling' : 'quiet');
  }
  return make('number', fraction | (1n << BigInt(f.fractionBits)), minimumExponent(f) + biased - 1 - f.fractionBits);
}

const bitLength = (value: bigint): number => value.toString(2).length;

/**
 * FPRound, or FPRoundCV: (-1)^sign * significand * 2^exponent, not zero. A caller that knows more digits than it gives
 * sets the last of at least two beyond the format's.
 */
export function round(
  unit: FloatUnit,
  f: FloatFormat,
  sign: 0 | 1,
  significand: bigint,
  exponent: number,
  rounding: AnyRounding = unit.resolve(Rounding.mode),
  options: UnpackOptions = {},
): bigint {
  const isConversion = options.isConversion === true;
  const minimum = minimumExponent(f);
  const magnitude = exponent + bitLength(significand) - 1;
  const isTiny = magnitude < minimum;
  if (isTiny && unit.has(f.flush) && !(f === half && isConversion)) {
    unit.raise(Fpscr.UFC);
    return zero(f, sign);
  }
  const place = Math.max(magnitude, minimum) - f.fractionBits;
  const { whole, error } = roundAt(sign, significand, place - exponent, rounding);
  if (isTiny && error) unit.raise(Fpscr.UFC);
  // The implicit one of a normal significand, and what rounding carries out of it, count into the exponent's field.
  const result = (isTiny ? 0n : BigInt(magnitude - minimum) << BigInt(f.fractionBits)) + whole;
  const isAlternative = f === half && isConversion && unit.has(Fpscr.AHP);
  if (isAlternative) {
    if (result > ones(f.bits - 1)) {
      unit.raise(Fpscr.IOC);
      return signed(f, sign, ones(f.bits - 1));
    }
  } else if (result >= infinity(f, 0)) {
    unit.raise(Fpscr.OFC | Fpscr.IXC);
    return overflowsToInfinity(sign, rounding) ? infinity(f, sign) : maxNormal(f, sign);
  }
  if (error) unit.raise(Fpscr.IXC);
  return signed(f, sign, result);
}

export function overflowsToInfinity(sign: 0 | 1, rounding: AnyRounding): boolean {
  if (rounding === Rounding.up) return sign === 0;
  if (rounding === Rounding.down) return sign === 1;
  return rounding !== Rounding.zero;
}

/** significand / 2^drop as a whole number by `rounding`, and whether it is another number. */
export function roundAt(
  sign: 0 | 1,
  significand: bigint,
  drop: number,
  rounding: AnyRounding,
): { readonly whole: bigint; readonly error: boolean } {
  if (drop <= 0) return { whole: significand << BigInt(-drop), error: false };
  const by = BigInt(drop);
  const whole = significand >> by;
  const rest = significand & ones(drop);
  const tie = 1n << (by - 1n);
  let isUp: boolean;
  switch (rounding) {
    case Rounding.nearest:
      isUp = rest > tie || (rest === tie && (whole & 1n) === 1n);
      break;
    case 'odd':
      isUp = rest !== 0n && (whole & 1n) === 0n;
      break;
    case Rounding.away:
      isUp = rest >= tie;
      break;
    case Rounding.up:
      isUp = rest !== 0n && sign === 0;
      break;
    case Rounding.down:
      isUp = rest !== 0n && sign === 1;
      break;
    default:
      isUp = false;
  }
  return { whole: isUp ? whole + 1n : whole, error: rest !== 0n };
}

/** FPProcessNaN. */
export function processNaN(unit: FloatUnit, f: FloatFormat, kind: Unpacked['kind'], bits: bigint): bigint {
  if (kind === 'signalling') unit.raise(Fpscr.IOC);
  return unit.has(Fpscr.DN) ? defaultNaN(f) : bits | quietBit(f);
}

/** FPProcessNaNs and FPProcessNaNs3: the first signalling operand, else the first quiet one; undefined without. */
export function processNaNs(
  unit: FloatUnit,
  f: FloatFormat,
  operands: readonly (readonly [Unpacked, bigint])[],
): bigint | undefined {
  for (const kind of ['signalling', 'quiet'] as const)
    for (const [operand, bits] of operands) if (operand.kind === kind) return processNaN(unit, f, kind, bits);
  return undefined;
}

/** What an invalid operation on numbers gives. */
export function invalid(unit: FloatUnit, f: FloatFormat): bigint {
  unit.raise(Fpscr.IOC);
  return defaultNaN(f);
}
