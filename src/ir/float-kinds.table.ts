/** What exact floating-point operations (`*.exact_*`) do: the kinds that immediates name (float-immediates.ts). */

/** FPRounding; the first four are numbered as FPSCR.RMode, `mode` is what that says. */
export const Rounding = {
  nearest: 0,
  up: 1,
  down: 2,
  zero: 3,
  /** To nearest, ties away from zero. */
  away: 4,
  mode: 5,
} as const;
export type Rounding = (typeof Rounding)[keyof typeof Rounding];

/** The immediate of f32.exact_binary and its like. */
export const FloatBinary = {
  add: 0,
  sub: 1,
  mul: 2,
  div: 3,
  min: 4,
  max: 5,
  /** A quiet NaN loses to a number: VMINNM and VMAXNM. */
  minnum: 6,
  maxnum: 7,
} as const;
export type FloatBinary = (typeof FloatBinary)[keyof typeof FloatBinary];

export const FloatUnary = {
  sqrt: 0,
  /** To an integral value, by the immediate's rounding. */
  round: 1,
  /** The same, raising Inexact: VRINTX. */
  round_inexact: 2,
} as const;
export type FloatUnary = (typeof FloatUnary)[keyof typeof FloatUnary];

/** Of v128.exact_binary. Comparisons give all ones or zeros in each lane. */
export const LaneBinary = {
  add: 0,
  sub: 1,
  mul: 2,
  min: 3,
  max: 4,
  minnum: 5,
  maxnum: 6,
  /** FPRecipStep: 2 - a * b. */
  recip_step: 7,
  /** FPRSqrtStep: (3 - a * b) / 2. */
  rsqrt_step: 8,
  /** Raises Invalid Operation for signalling NaNs; ge and gt for all. */
  eq: 9,
  ge: 10,
  gt: 11,
} as const;
export type LaneBinary = (typeof LaneBinary)[keyof typeof LaneBinary];

/** Of v128.exact_unary. */
export const LaneUnary = {
  round: 0,
  round_inexact: 1,
  recip_estimate: 2,
  rsqrt_estimate: 3,
  /** Between floating-point lanes and fixed-point lanes of the same size, by the immediate's FixedPoint. */
  to_fixed: 4,
  from_fixed: 5,
  /** Four single-precision lanes to half-precision (BFloat16) ones in the lower doubleword, which the upper repeats. */
  to_half: 6,
  to_bfloat: 7,
  /** The lower four half-precision lanes to single precision. */
  from_half: 8,
} as const;
export type LaneUnary = (typeof LaneUnary)[keyof typeof LaneUnary];
