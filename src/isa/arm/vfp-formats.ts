/** The formats of the VFP encodings: from fields to register numbers, immediates and precision (DDI 0406C, A7.5). */

import { type Constraint, general } from './row.ts';

type Fields<L extends string> = { readonly [K in L]: number };

/** A register number from its four bits and the extra bit: the extra bit is the low one of s, the high one of d. */
export const numberOf = (double: boolean, four: number, one: number): number =>
  double ? (one << 4) | four : (four << 1) | one;

export interface FloatBinary {
  readonly double: boolean;
  readonly d: number;
  readonly n: number;
  readonly m: number;
}
export const floatBinary = (f: Fields<'D' | 'd' | 'N' | 'n' | 'M' | 'm' | 'z'>): FloatBinary => {
  const double = f.z === 1;
  return { double, d: numberOf(double, f.d, f.D), n: numberOf(double, f.n, f.N), m: numberOf(double, f.m, f.M) };
};

export interface FloatUnary {
  readonly double: boolean;
  readonly d: number;
  readonly m: number;
}
export const floatUnary = (f: Fields<'D' | 'd' | 'M' | 'm' | 'z'>): FloatUnary => {
  const double = f.z === 1;
  return { double, d: numberOf(double, f.d, f.D), m: numberOf(double, f.m, f.M) };
};

/** Of comparisons: every NaN is an invalid operation, not only a signalling one (VCMPE). */
export interface Signalling {
  readonly signalling: boolean;
}
export const floatCompare = (f: Fields<'D' | 'd' | 'M' | 'm' | 'z' | 'E'>): FloatUnary & Signalling => ({
  ...floatUnary(f),
  signalling: f.E === 1,
});
export const floatCompareZero = (f: Fields<'D' | 'd' | 'z' | 'E'>): FloatOne & Signalling => ({
  ...floatOne(f),
  signalling: f.E === 1,
});

/** VCMP with zero. */
export interface FloatOne {
  readonly double: boolean;
  readonly d: number;
}
export const floatOne = (f: Fields<'D' | 'd' | 'z'>): FloatOne => ({
  double: f.z === 1,
  d: numberOf(f.z === 1, f.d, f.D),
});

export interface FloatImmediate extends FloatOne {
  readonly low: number;
  readonly high: number;
}
/** VFPExpandImm (A7.5.1): a sign, three bits of exponent and four of fraction. */
export const floatImmediate = (f: Fields<'D' | 'd' | 'z' | 'h' | 'i'>): FloatImmediate => {
  const sign = f.h >>> 3;
  const wide = (f.h >>> 2) & 1;
  const rest = ((f.h & 3) << 4) | f.i;
  const single = (sign << 31) | (wide ? 0x3e000000 : 0x40000000) | (rest << 19);
  const high = (sign << 31) | (wide ? 0x3fc00000 : 0x40000000) | (rest << 16);
  return f.z === 1 ? { ...floatOne(f), low: 0, high } : { ...floatOne(f), low: single, high: 0 };
};

/** Conversions in which one register holds a float of either precision and the other, always s, an integer or a float. */
export interface FloatInteger {
  /** Precision of the floating-point side. */
  readonly double: boolean;
  readonly d: number;
  readonly m: number;
  readonly signed: boolean;
}
export const integerToFloat = (f: Fields<'D' | 'd' | 'M' | 'm' | 'z' | 'S'>): FloatInteger => ({
  double: f.z === 1,
  d: numberOf(f.z === 1, f.d, f.D),
  m: numberOf(false, f.m, f.M),
  signed: f.S === 1,
});
export const floatToInteger = (f: Fields<'D' | 'd' | 'M' | 'm' | 'z' | 'S'>): FloatInteger => ({
  double: f.z === 1,
  d: numberOf(false, f.d, f.D),
  m: numberOf(f.z === 1, f.m, f.M),
  signed: f.S === 1,
});

/** VCVT between precisions: `double` is that of the operand. */
export const floatToFloat = (f: Fields<'D' | 'd' | 'M' | 'm' | 'z'>): FloatUnary => ({
  double: f.z === 1,
  d: numberOf(f.z === 0, f.d, f.D),
  m: numberOf(f.z === 1, f.m, f.M),
});

export interface FloatFixed extends FloatOne {
  readonly signed: boolean;
  /** Bits of the fixed-point number, and how many of them are fraction. */
  readonly bits: 16 | 32;
  readonly fraction: number;
}
export const floatFixed = (f: Fields<'D' | 'd' | 'z' | 'U' | 'x' | 'i'>): FloatFixed => {
  const bits = f.x === 1 ? 32 : 16;
  return { ...floatOne(f), signed: f.U === 0, bits, fraction: bits - fixedImmediate(f) };
};
/** imm4:i; the field letter covers both, but the low bit stands first in the encoding. */
const fixedImmediate = (f: Fields<'i'>): number => ((f.i & 15) << 1) | (f.i >>> 4);

export interface FloatHalf {
  readonly d: number;
  readonly m: number;
  /** The half of the register that holds the 16-bit number. */
  readonly top: boolean;
}
export const floatHalf = (f: Fields<'D' | 'd' | 'M' | 'm' | 'T'>): FloatHalf => ({
  d: numberOf(false, f.d, f.D),
  m: numberOf(false, f.m, f.M),
  top: f.T === 1,
});

export interface CoreSingle {
  readonly t: number;
  readonly n: number;
}
export const coreSingle = (f: Fields<'t' | 'N' | 'n'>): CoreSingle => ({ t: f.t, n: numberOf(false, f.n, f.N) });

export interface CoreScalar {
  readonly t: number;
  readonly d: number;
  /** Word of the register: 0 or 1. */
  readonly index: number;
}
export const coreScalar = (f: Fields<'t' | 'N' | 'n' | 'x'>): CoreScalar => ({
  t: f.t,
  d: numberOf(true, f.n, f.N),
  index: f.x,
});

export interface CorePair {
  readonly t: number;
  readonly t2: number;
  readonly m: number;
}
export const coreSingles = (f: Fields<'t' | 'u' | 'M' | 'm'>): CorePair => ({
  t: f.t,
  t2: f.u,
  m: numberOf(false, f.m, f.M),
});
export const coreDouble = (f: Fields<'t' | 'u' | 'M' | 'm'>): CorePair => ({
  t: f.t,
  t2: f.u,
  m: numberOf(true, f.m, f.M),
});

export interface FloatAccess extends FloatOne {
  readonly n: number;
  readonly offset: number;
}
export const floatAccess = (f: Fields<'D' | 'd' | 'z' | 'n' | 'U' | 'i'>): FloatAccess => ({
  ...floatOne(f),
  n: f.n,
  offset: (f.U === 1 ? f.i : -f.i) * 4,
});

export interface FloatMultiple extends FloatOne {
  readonly n: number;
  readonly registers: number;
  /** Bytes from R[n] to the lowest address, and to the value written back (0 = none). */
  readonly start: number;
  readonly writeBack: number;
}
/** An odd count of words with d registers is FLDMX or FSTMX: the last word counts for the write-back alone. */
export const floatMultiple = (f: Fields<'D' | 'd' | 'z' | 'n' | 'P' | 'W' | 'i'>): FloatMultiple => {
  const down = f.P === 1;
  const bytes = f.i * 4;
  return {
    ...floatOne(f),
    n: f.n,
    registers: f.z === 1 ? f.i >>> 1 : f.i,
    start: down ? -bytes : 0,
    writeBack: f.W === 1 ? (down ? -bytes : bytes) : 0,
  };
};

/** FPSCR and a core register. */
export const statusMove = (f: Partial<Fields<'t'>>): { readonly t: number } => ({ t: f.t ?? 15 });

// Constraints -----------------------------------------------------------------------------------------------------------

/** A core register of a move: never the pc; sp is UNPREDICTABLE in Thumb. */
export const coreT: Constraint<Fields<'t'>> = general('t');
export const corePair: Constraint<Fields<'t' | 'u'>> = general('tu');
/** Two results in one core register. */
export const distinct: Constraint<Fields<'t' | 'u'>> = { unpredictable: (f) => f.t === f.u, rule: 'Rt is Rt2' };
/** Of two singles the second must exist. */
export const twoSingles: Constraint<Fields<'M' | 'm'>> = { when: (f) => !(f.M === 1 && f.m === 15) };

/** A 16-bit fixed-point number with more than 16 fraction bits. */
export const fixed: Constraint<Fields<'x' | 'i'>> = {
  unpredictable: (f) => f.x === 0 && fixedImmediate(f) > 16,
  rule: 'more fraction bits than the 16-bit number has',
};

/** A store relative to the pc is UNPREDICTABLE in Thumb. */
export const store: Constraint<Fields<'n'>> = { unpredictable: (f) => f.n === 15, rule: 'pc as Rn' };

/** Increment after with or without write-back, decrement before with it; the rest are other instructions. */
export const multiple: Constraint<Fields<'D' | 'd' | 'z' | 'n' | 'P' | 'U' | 'W' | 'i'>> = {
  when: (f) => (f.P === 0 ? f.U === 1 : f.U === 0 && f.W === 1) && inRange(f),
  unpredictable: (f) => f.n === 15,
  rule: 'pc as Rn',
};
const inRange = (f: Fields<'D' | 'd' | 'z' | 'i'>): boolean => {
  const { double, d } = floatOne(f);
  const registers = double ? f.i >>> 1 : f.i;
  return registers > 0 && registers <= (double ? 16 : 32) && d + registers <= 32;
};
