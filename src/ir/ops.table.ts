/**
 * The operations of the IR: one row each, with result type, argument kinds and effects. The interpreter, the emitter,
 * the verifier, the printer and the parser are all driven by this table.
 *
 * Argument kinds: a type is the index of a value of that type; `imm` a 32-bit immediate; `var` a variable of
 * variables.table.ts; `block` a block's number. An instruction has at most three.
 *
 * Effects: `pure` may be removed, moved and joined; `get`/`set` touch a variable; `read`/`write` touch guest memory
 * that a check before it allows; `float` touches the cumulative exceptions of FPSCR, so it is done in its place even
 * when nothing uses its result; `check` may leave at the start of the guest instruction that it belongs to;
 * `mark` is position only; `end` ends a block.
 */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';
export type ArgumentKind = ValueType | 'imm' | 'var' | 'block';
export type Effect = 'pure' | 'get' | 'set' | 'read' | 'write' | 'float' | 'check' | 'order' | 'mark' | 'end';

export interface OpRow {
  readonly result: ValueType | 'none';
  readonly args: readonly ArgumentKind[];
  readonly effect: Effect;
}

const op = <const R extends ValueType | 'none', const A extends readonly ArgumentKind[], const E extends Effect>(
  result: R,
  args: A,
  effect: E,
) => ({ result, args, effect });

export const ops = {
  // Constants. i64: low and high word. v128 constants are built from i64 pairs.
  'i32.const': op('i32', ['imm'], 'pure'),
  'i64.const': op('i64', ['imm', 'imm'], 'pure'),

  // Variables: the guest's registers.
  'get.i32': op('i32', ['var'], 'get'),
  'get.f32': op('f32', ['var'], 'get'),
  'get.f64': op('f64', ['var'], 'get'),
  'get.v128': op('v128', ['var'], 'get'),
  'set.i32': op('none', ['var', 'i32'], 'set'),
  'set.f32': op('none', ['var', 'f32'], 'set'),
  'set.f64': op('none', ['var', 'f64'], 'set'),
  'set.v128': op('none', ['var', 'v128'], 'set'),

  // 32-bit integers. Shift counts are taken modulo 32, as in Wasm. Comparisons give 0 or 1.
  'i32.add': op('i32', ['i32', 'i32'], 'pure'),
  'i32.sub': op('i32', ['i32', 'i32'], 'pure'),
  'i32.mul': op('i32', ['i32', 'i32'], 'pure'),
  'i32.and': op('i32', ['i32', 'i32'], 'pure'),
  'i32.or': op('i32', ['i32', 'i32'], 'pure'),
  'i32.xor': op('i32', ['i32', 'i32'], 'pure'),
  'i32.shl': op('i32', ['i32', 'i32'], 'pure'),
  'i32.shr_u': op('i32', ['i32', 'i32'], 'pure'),
  'i32.shr_s': op('i32', ['i32', 'i32'], 'pure'),
  'i32.rotr': op('i32', ['i32', 'i32'], 'pure'),
  /** Division as SDIV and UDIV have it: by zero gives 0, INT_MIN / -1 gives INT_MIN. */
  'i32.div_s': op('i32', ['i32', 'i32'], 'pure'),
  'i32.div_u': op('i32', ['i32', 'i32'], 'pure'),
  'i32.clz': op('i32', ['i32'], 'pure'),
  'i32.ctz': op('i32', ['i32'], 'pure'),
  'i32.popcnt': op('i32', ['i32'], 'pure'),
  'i32.eqz': op('i32', ['i32'], 'pure'),
  'i32.eq': op('i32', ['i32', 'i32'], 'pure'),
  'i32.ne': op('i32', ['i32', 'i32'], 'pure'),
  'i32.lt_s': op('i32', ['i32', 'i32'], 'pure'),
  'i32.lt_u': op('i32', ['i32', 'i32'], 'pure'),
  'i32.le_s': op('i32', ['i32', 'i32'], 'pure'),
  'i32.le_u': op('i32', ['i32', 'i32'], 'pure'),
  'i32.gt_s': op('i32', ['i32', 'i32'], 'pure'),
  'i32.gt_u': op('i32', ['i32', 'i32'], 'pure'),
  'i32.ge_s': op('i32', ['i32', 'i32'], 'pure'),
  'i32.ge_u': op('i32', ['i32', 'i32'], 'pure'),
  'i32.extend8_s': op('i32', ['i32'], 'pure'),
  'i32.extend16_s': op('i32', ['i32'], 'pure'),
  /** condition, value if it is not 0, value if it is 0. */
  'i32.select': op('i32', ['i32', 'i32', 'i32'], 'pure'),
  'f32.select': op('f32', ['i32', 'f32', 'f32'], 'pure'),
  'f64.select': op('f64', ['i32', 'f64', 'f64'], 'pure'),

  // 64-bit integers. Shift counts are taken modulo 64.
  'i64.extend_s': op('i64', ['i32'], 'pure'),
  'i64.extend_u': op('i64', ['i32'], 'pure'),
  /** low word, high word. */
  'i64.pair': op('i64', ['i32', 'i32'], 'pure'),
  'i64.low': op('i32', ['i64'], 'pure'),
  'i64.high': op('i32', ['i64'], 'pure'),
  'i64.add': op('i64', ['i64', 'i64'], 'pure'),
  'i64.sub': op('i64', ['i64', 'i64'], 'pure'),
  'i64.mul': op('i64', ['i64', 'i64'], 'pure'),
  'i64.and': op('i64', ['i64', 'i64'], 'pure'),
  'i64.or': op('i64', ['i64', 'i64'], 'pure'),
  'i64.xor': op('i64', ['i64', 'i64'], 'pure'),
  'i64.shl': op('i64', ['i64', 'i64'], 'pure'),
  'i64.shr_u': op('i64', ['i64', 'i64'], 'pure'),
  'i64.shr_s': op('i64', ['i64', 'i64'], 'pure'),
  'i64.eq': op('i32', ['i64', 'i64'], 'pure'),
  'i64.lt_s': op('i32', ['i64', 'i64'], 'pure'),
  'i64.lt_u': op('i32', ['i64', 'i64'], 'pure'),
  'i64.gt_s': op('i32', ['i64', 'i64'], 'pure'),

  // Bits between register files; never change a NaN's payload.
  'i32.reinterpret': op('i32', ['f32'], 'pure'),
  'f32.reinterpret': op('f32', ['i32'], 'pure'),
  'i64.reinterpret': op('i64', ['f64'], 'pure'),
  'f64.reinterpret': op('f64', ['i64'], 'pure'),

  // Floating point with Arm's NaN rules (FPProcessNaNs: the first signalling, else the first quiet operand, quieted;
  // a NaN made from numbers is the default NaN, positive), round to nearest, no flush.
  'f32.add': op('f32', ['f32', 'f32'], 'pure'),
  'f32.sub': op('f32', ['f32', 'f32'], 'pure'),
  'f32.mul': op('f32', ['f32', 'f32'], 'pure'),
  'f32.div': op('f32', ['f32', 'f32'], 'pure'),
  'f32.sqrt': op('f32', ['f32'], 'pure'),
  'f32.neg': op('f32', ['f32'], 'pure'),
  'f32.abs': op('f32', ['f32'], 'pure'),
  /** addend, multiplicand, multiplier: a + b * c rounded once. */
  'f32.fma': op('f32', ['f32', 'f32', 'f32'], 'pure'),
  'f64.add': op('f64', ['f64', 'f64'], 'pure'),
  'f64.sub': op('f64', ['f64', 'f64'], 'pure'),
  'f64.mul': op('f64', ['f64', 'f64'], 'pure'),
  'f64.div': op('f64', ['f64', 'f64'], 'pure'),
  'f64.sqrt': op('f64', ['f64'], 'pure'),
  'f64.neg': op('f64', ['f64'], 'pure'),
  'f64.abs': op('f64', ['f64'], 'pure'),
  'f64.fma': op('f64', ['f64', 'f64', 'f64'], 'pure'),
  // Comparisons are false when an operand is a NaN.
  'f32.eq': op('i32', ['f32', 'f32'], 'pure'),
  'f32.lt': op('i32', ['f32', 'f32'], 'pure'),
  'f32.gt': op('i32', ['f32', 'f32'], 'pure'),
  'f64.eq': op('i32', ['f64', 'f64'], 'pure'),
  'f64.lt': op('i32', ['f64', 'f64'], 'pure'),
  'f64.gt': op('i32', ['f64', 'f64'], 'pure'),
  // Rounding to an integral value, and conversions. To integer: toward zero, saturating, NaN gives 0.
  'f32.nearest': op('f32', ['f32'], 'pure'),
  'f64.nearest': op('f64', ['f64'], 'pure'),
  'f32.floor': op('f32', ['f32'], 'pure'),
  'f64.floor': op('f64', ['f64'], 'pure'),
  'f32.ceil': op('f32', ['f32'], 'pure'),
  'f64.ceil': op('f64', ['f64'], 'pure'),
  'i32.trunc_f32_s': op('i32', ['f32'], 'pure'),
  'i32.trunc_f32_u': op('i32', ['f32'], 'pure'),
  'i32.trunc_f64_s': op('i32', ['f64'], 'pure'),
  'i32.trunc_f64_u': op('i32', ['f64'], 'pure'),
  'f32.convert_s': op('f32', ['i32'], 'pure'),
  'f32.convert_u': op('f32', ['i32'], 'pure'),
  'f64.convert_s': op('f64', ['i32'], 'pure'),
  'f64.convert_u': op('f64', ['i32'], 'pure'),
  'f32.demote': op('f32', ['f64'], 'pure'),
  'f64.promote': op('f64', ['f32'], 'pure'),

  // 128-bit vectors, lane 0 in the lowest bits. Operations on doubleword registers work on whole vectors: what stands in
  // the upper half then is of no interest. (What is ORed into QC, bit 27 of `fpscr`, must come from the lower half alone.)
  'v128.pair': op('v128', ['i64', 'i64'], 'pure'),
  'v128.low': op('i64', ['v128'], 'pure'),
  'v128.high': op('i64', ['v128'], 'pure'),
  /** Low and high word of a doubleword that fills both halves: what every modified immediate of Advanced SIMD is. */
  'v128.const': op('v128', ['imm', 'imm'], 'pure'),
  'v128.and': op('v128', ['v128', 'v128'], 'pure'),
  'v128.or': op('v128', ['v128', 'v128'], 'pure'),
  'v128.xor': op('v128', ['v128', 'v128'], 'pure'),
  /** a & ~b */
  'v128.andnot': op('v128', ['v128', 'v128'], 'pure'),
  'v128.not': op('v128', ['v128'], 'pure'),
  /** Bits of the first where the third has ones, of the second where it has zeros. */
  'v128.bitselect': op('v128', ['v128', 'v128', 'v128'], 'pure'),
  /** 1 when any bit is set. */
  'v128.any_true': op('i32', ['v128'], 'pure'),

  // Between lanes and scalars; an immediate is the lane's number. Bits are moved unchanged, NaNs among them.
  'i8x16.splat': op('v128', ['i32'], 'pure'),
  'i16x8.splat': op('v128', ['i32'], 'pure'),
  'i32x4.splat': op('v128', ['i32'], 'pure'),
  'i64x2.splat': op('v128', ['i64'], 'pure'),
  'f32x4.splat': op('v128', ['f32'], 'pure'),
  'f64x2.splat': op('v128', ['f64'], 'pure'),
  'i8x16.extract_s': op('i32', ['v128', 'imm'], 'pure'),
  'i8x16.extract_u': op('i32', ['v128', 'imm'], 'pure'),
  'i16x8.extract_s': op('i32', ['v128', 'imm'], 'pure'),
  'i16x8.extract_u': op('i32', ['v128', 'imm'], 'pure'),
  'i32x4.extract': op('i32', ['v128', 'imm'], 'pure'),
  'f32x4.extract': op('f32', ['v128', 'imm'], 'pure'),
  'f64x2.extract': op('f64', ['v128', 'imm'], 'pure'),
  'i8x16.replace': op('v128', ['v128', 'i32', 'imm'], 'pure'),
  'i16x8.replace': op('v128', ['v128', 'i32', 'imm'], 'pure'),
  'i32x4.replace': op('v128', ['v128', 'i32', 'imm'], 'pure'),
  'i64x2.replace': op('v128', ['v128', 'i64', 'imm'], 'pure'),
  'f64x2.replace': op('v128', ['v128', 'f64', 'imm'], 'pure'),

  /** Bytes of the two operands in the order of pattern number `imm` of shuffles.ts. */
  'v128.shuffle': op('v128', ['v128', 'v128', 'imm'], 'pure'),
  /** table, indices: the table's byte that each index names, 0 for an index above 15. */
  'i8x16.swizzle': op('v128', ['v128', 'v128'], 'pure'),

  // Integer lanes; results wrap. Comparisons give all ones or zeros in each lane.
  'i8x16.add': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.add': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.add': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.add': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.sub': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.sub': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.sub': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.sub': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.mul': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.mul': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.mul': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.neg': op('v128', ['v128'], 'pure'),
  'i16x8.neg': op('v128', ['v128'], 'pure'),
  'i32x4.neg': op('v128', ['v128'], 'pure'),
  'i64x2.neg': op('v128', ['v128'], 'pure'),
  'i8x16.abs': op('v128', ['v128'], 'pure'),
  'i16x8.abs': op('v128', ['v128'], 'pure'),
  'i32x4.abs': op('v128', ['v128'], 'pure'),
  'i8x16.min_s': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.min_s': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.min_s': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.min_u': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.min_u': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.min_u': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.max_s': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.max_s': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.max_s': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.max_u': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.max_u': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.max_u': op('v128', ['v128', 'v128'], 'pure'),
  /** (a + b + 1) >> 1 without overflow. */
  'i8x16.avgr_u': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.avgr_u': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.add_sat_s': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.add_sat_s': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.add_sat_s': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.add_sat_s': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.add_sat_u': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.add_sat_u': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.add_sat_u': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.add_sat_u': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.sub_sat_s': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.sub_sat_s': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.sub_sat_s': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.sub_sat_s': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.sub_sat_u': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.sub_sat_u': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.sub_sat_u': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.sub_sat_u': op('v128', ['v128', 'v128'], 'pure'),
  /** (a * b + 0x4000) >> 15, saturated: VQRDMULH.S16. */
  'i16x8.q15mulr_sat_s': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.eq': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.eq': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.eq': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.eq': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.gt_s': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.gt_s': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.gt_s': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.gt_s': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.gt_u': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.gt_u': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.gt_u': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.ge_s': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.ge_s': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.ge_s': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.ge_u': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.ge_u': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.ge_u': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.popcnt': op('v128', ['v128'], 'pure'),
  'i8x16.clz': op('v128', ['v128'], 'pure'),
  'i16x8.clz': op('v128', ['v128'], 'pure'),
  'i32x4.clz': op('v128', ['v128'], 'pure'),

  // Shifts by an immediate from 0 to the lane's bits - 1.
  'i8x16.shl': op('v128', ['v128', 'imm'], 'pure'),
  'i16x8.shl': op('v128', ['v128', 'imm'], 'pure'),
  'i32x4.shl': op('v128', ['v128', 'imm'], 'pure'),
  'i64x2.shl': op('v128', ['v128', 'imm'], 'pure'),
  'i8x16.shr_s': op('v128', ['v128', 'imm'], 'pure'),
  'i16x8.shr_s': op('v128', ['v128', 'imm'], 'pure'),
  'i32x4.shr_s': op('v128', ['v128', 'imm'], 'pure'),
  'i64x2.shr_s': op('v128', ['v128', 'imm'], 'pure'),
  'i8x16.shr_u': op('v128', ['v128', 'imm'], 'pure'),
  'i16x8.shr_u': op('v128', ['v128', 'imm'], 'pure'),
  'i32x4.shr_u': op('v128', ['v128', 'imm'], 'pure'),
  'i64x2.shr_u': op('v128', ['v128', 'imm'], 'pure'),
  /** Each lane shifted by the lowest signed byte of the same lane of the second; the immediate is a LaneShift. */
  'v128.shift': op('v128', ['v128', 'v128', 'imm'], 'pure'),
  /** 1 when a lane of that shift (a saturating one) saturates. */
  'v128.shift_saturates': op('i32', ['v128', 'v128', 'imm'], 'pure'),

  // Between lane sizes. The name's suffix is the source's; _s and _u tell how its lanes are read.
  'i16x8.extend_low_i8x16_s': op('v128', ['v128'], 'pure'),
  'i16x8.extend_low_i8x16_u': op('v128', ['v128'], 'pure'),
  'i32x4.extend_low_i16x8_s': op('v128', ['v128'], 'pure'),
  'i32x4.extend_low_i16x8_u': op('v128', ['v128'], 'pure'),
  'i64x2.extend_low_i32x4_s': op('v128', ['v128'], 'pure'),
  'i64x2.extend_low_i32x4_u': op('v128', ['v128'], 'pure'),
  'i16x8.extend_high_i8x16_s': op('v128', ['v128'], 'pure'),
  'i16x8.extend_high_i8x16_u': op('v128', ['v128'], 'pure'),
  'i32x4.extend_high_i16x8_s': op('v128', ['v128'], 'pure'),
  'i32x4.extend_high_i16x8_u': op('v128', ['v128'], 'pure'),
  'i64x2.extend_high_i32x4_s': op('v128', ['v128'], 'pure'),
  'i64x2.extend_high_i32x4_u': op('v128', ['v128'], 'pure'),
  // Saturating: lanes of the first become the lower half, of the second the upper. The first letter tells how the
  // source's lanes are read, the second what they saturate to. Without saturation it is the shuffle `even`.
  'i8x16.narrow_i16x8_ss': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.narrow_i16x8_su': op('v128', ['v128', 'v128'], 'pure'),
  'i8x16.narrow_i16x8_uu': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.narrow_i32x4_ss': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.narrow_i32x4_su': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.narrow_i32x4_uu': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.narrow_i64x2_ss': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.narrow_i64x2_su': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.narrow_i64x2_uu': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.extmul_low_i8x16_s': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.extmul_low_i8x16_u': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.extmul_low_i16x8_s': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.extmul_low_i16x8_u': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.extmul_low_i32x4_s': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.extmul_low_i32x4_u': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.extmul_high_i8x16_s': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.extmul_high_i8x16_u': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.extmul_high_i16x8_s': op('v128', ['v128', 'v128'], 'pure'),
  'i32x4.extmul_high_i16x8_u': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.extmul_high_i32x4_s': op('v128', ['v128', 'v128'], 'pure'),
  'i64x2.extmul_high_i32x4_u': op('v128', ['v128', 'v128'], 'pure'),
  /** Sums of neighbours, lane n from lanes 2n and 2n + 1: VPADDL. */
  'i16x8.extadd_pairwise_i8x16_s': op('v128', ['v128'], 'pure'),
  'i16x8.extadd_pairwise_i8x16_u': op('v128', ['v128'], 'pure'),
  'i32x4.extadd_pairwise_i16x8_s': op('v128', ['v128'], 'pure'),
  'i32x4.extadd_pairwise_i16x8_u': op('v128', ['v128'], 'pure'),
  'i64x2.extadd_pairwise_i32x4_s': op('v128', ['v128'], 'pure'),
  'i64x2.extadd_pairwise_i32x4_u': op('v128', ['v128'], 'pure'),
  /** Polynomial (carry-less) products of the lower eight bytes, 15 bits each: VMULL.P8. */
  'i16x8.polymul_low_i8x16': op('v128', ['v128', 'v128'], 'pure'),
  'i16x8.polymul_high_i8x16': op('v128', ['v128', 'v128'], 'pure'),

  // Checks, ciphers and hashes of Armv8 (DDI 0487, F5.1 and F6.1).
  /** Sum so far, data; the immediate is a Crc32. */
  'i32.crc32': op('i32', ['i32', 'i32', 'imm'], 'pure'),
  /** The polynomial product of two words. */
  'i64.polymul_i32': op('i64', ['i32', 'i32'], 'pure'),
  /** SubBytes and its inverse. */
  'i8x16.aes_substitute': op('v128', ['v128'], 'pure'),
  'i8x16.aes_substitute_inverse': op('v128', ['v128'], 'pure'),
  /** Four rounds of SHA-1 on (a, b, c, d), e and four words of the schedule with the constant: (a, b, c, d) after them. */
  'i32x4.sha1_choose': op('v128', ['v128', 'i32', 'v128'], 'pure'),
  'i32x4.sha1_parity': op('v128', ['v128', 'i32', 'v128'], 'pure'),
  'i32x4.sha1_majority': op('v128', ['v128', 'i32', 'v128'], 'pure'),
  /** Four rounds of SHA-256 on (a, b, c, d), (e, f, g, h) and words of the schedule: the former after them, the latter. */
  'i32x4.sha256_low': op('v128', ['v128', 'v128', 'v128'], 'pure'),
  'i32x4.sha256_high': op('v128', ['v128', 'v128', 'v128'], 'pure'),

  // Single-precision lanes as Advanced SIMD computes whatever FPSCR says (StandardFPSCRValue, A2.7.7): round to nearest,
  // subnormal operands and results count as zeros of their sign (a result that is subnormal before rounding, that is),
  // and every NaN that comes out is the default NaN. neg and abs change the sign bit alone.
  'f32x4.add': op('v128', ['v128', 'v128'], 'pure'),
  'f32x4.sub': op('v128', ['v128', 'v128'], 'pure'),
  'f32x4.mul': op('v128', ['v128', 'v128'], 'pure'),
  /** addend, multiplicand, multiplier: a + b * c rounded once (VFMA; VMLA is a mul and an add). */
  'f32x4.fma': op('v128', ['v128', 'v128', 'v128'], 'pure'),
  'f32x4.min': op('v128', ['v128', 'v128'], 'pure'),
  'f32x4.max': op('v128', ['v128', 'v128'], 'pure'),
  'f32x4.neg': op('v128', ['v128'], 'pure'),
  'f32x4.abs': op('v128', ['v128'], 'pure'),
  'f32x4.eq': op('v128', ['v128', 'v128'], 'pure'),
  'f32x4.gt': op('v128', ['v128', 'v128'], 'pure'),
  'f32x4.ge': op('v128', ['v128', 'v128'], 'pure'),
  /** BFMul and BFAdd (DDI 0487, J1.3): rounded to odd, whatever FPSCR says, and without exceptions. */
  'f32x4.bfloat_mul': op('v128', ['v128', 'v128'], 'pure'),
  'f32x4.bfloat_add': op('v128', ['v128', 'v128'], 'pure'),
  /** FPRecipStep, 2 - a * b; FPRSqrtStep, (3 - a * b) / 2; the product rounded, and 0 for infinity times zero. */
  'f32x4.recip_step': op('v128', ['v128', 'v128'], 'pure'),
  'f32x4.rsqrt_step': op('v128', ['v128', 'v128'], 'pure'),
  /** FPRecipEstimate, FPRSqrtEstimate, UnsignedRecipEstimate, UnsignedRSqrtEstimate. */
  'f32x4.recip_estimate': op('v128', ['v128'], 'pure'),
  'f32x4.rsqrt_estimate': op('v128', ['v128'], 'pure'),
  'i32x4.recip_estimate': op('v128', ['v128'], 'pure'),
  'i32x4.rsqrt_estimate': op('v128', ['v128'], 'pure'),
  /** To fixed point with that many fraction bits (0 to 32): toward zero, saturating, NaN gives 0. */
  'i32x4.trunc_f32x4_s': op('v128', ['v128', 'imm'], 'pure'),
  'i32x4.trunc_f32x4_u': op('v128', ['v128', 'imm'], 'pure'),
  /** From fixed point with that many fraction bits (0 to 32). */
  'f32x4.convert_i32x4_s': op('v128', ['v128', 'imm'], 'pure'),
  'f32x4.convert_i32x4_u': op('v128', ['v128', 'imm'], 'pure'),

  // Floating point that obeys FPSCR in all (A2.7): rounding, flush to zero, default NaN, alternative half precision from
  // the record's `fpscr`, which holds its mode bits wherever such operations stand (code leaves its region where they
  // change); exceptions are ORed into the record's `fpexc`. What an immediate packs is told by float-immediates.ts.
  // f16: an i32 whose lower half counts, and whose upper half is 0 in results.
  /** The record's `fpexc`, all of it. */
  'fpexc.get': op('i32', [], 'float'),
  'fpexc.set': op('none', ['i32'], 'float'),
  'f16.exact_unary': op('i32', ['i32', 'imm'], 'float'),
  'f32.exact_unary': op('f32', ['f32', 'imm'], 'float'),
  'f64.exact_unary': op('f64', ['f64', 'imm'], 'float'),
  /** By FloatBinary. */
  'f16.exact_binary': op('i32', ['i32', 'i32', 'imm'], 'float'),
  'f32.exact_binary': op('f32', ['f32', 'f32', 'imm'], 'float'),
  'f64.exact_binary': op('f64', ['f64', 'f64', 'imm'], 'float'),
  /** addend, multiplicand, multiplier. */
  'f16.exact_fma': op('i32', ['i32', 'i32', 'i32'], 'float'),
  'f32.exact_fma': op('f32', ['f32', 'f32', 'f32'], 'float'),
  'f64.exact_fma': op('f64', ['f64', 'f64', 'f64'], 'float'),
  /** N, Z, C and V in bits 3 to 0; with an immediate of 1 every NaN raises Invalid Operation, else a signalling one. */
  'f16.exact_compare': op('i32', ['i32', 'i32', 'imm'], 'float'),
  'f32.exact_compare': op('i32', ['f32', 'f32', 'imm'], 'float'),
  'f64.exact_compare': op('i32', ['f64', 'f64', 'imm'], 'float'),
  // Between formats, rounded as FPSCR says.
  'f16.exact_from_f32': op('i32', ['f32'], 'float'),
  'f16.exact_from_f64': op('i32', ['f64'], 'float'),
  'f32.exact_from_f16': op('f32', ['i32'], 'float'),
  'f32.exact_from_f64': op('f32', ['f64'], 'float'),
  'f64.exact_from_f16': op('f64', ['i32'], 'float'),
  'f64.exact_from_f32': op('f64', ['f32'], 'float'),
  'bf16.exact_from_f32': op('i32', ['f32'], 'float'),
  // To and from integers and fixed-point numbers, by a FixedPoint. One of 16 bits is extended by its signedness.
  'i32.exact_from_f16': op('i32', ['i32', 'imm'], 'float'),
  'i32.exact_from_f32': op('i32', ['f32', 'imm'], 'float'),
  'i32.exact_from_f64': op('i32', ['f64', 'imm'], 'float'),
  'f16.exact_from_i32': op('i32', ['i32', 'imm'], 'float'),
  'f32.exact_from_i32': op('f32', ['i32', 'imm'], 'float'),
  'f64.exact_from_i32': op('f64', ['i32', 'imm'], 'float'),
  // Lanes under StandardFPSCRValue (A2.7.7), of FPSCR only AHP and FZ16.
  'v128.exact_unary': op('v128', ['v128', 'imm'], 'float'),
  'v128.exact_binary': op('v128', ['v128', 'v128', 'imm'], 'float'),
  'f16x4.exact_fma': op('v128', ['v128', 'v128', 'v128'], 'float'),
  'f16x8.exact_fma': op('v128', ['v128', 'v128', 'v128'], 'float'),
  'f32x2.exact_fma': op('v128', ['v128', 'v128', 'v128'], 'float'),
  'f32x4.exact_fma': op('v128', ['v128', 'v128', 'v128'], 'float'),

  // Guest memory, little-endian. Addresses wrap at 2^32 when checked; `offset` is not negative.
  // A check names a span: address, offset, bytes (1 to 64). A load or store needs a check of its span before it, with
  // no poll or end between.
  'check.read': op('none', ['i32', 'imm', 'imm'], 'check'),
  'check.write': op('none', ['i32', 'imm', 'imm'], 'check'),
  /** Leaves with ExitReason.alignment unless address is a multiple of the immediate (a power of two). */
  'check.aligned': op('none', ['i32', 'imm'], 'check'),
  'load.8u': op('i32', ['i32', 'imm'], 'read'),
  'load.8s': op('i32', ['i32', 'imm'], 'read'),
  'load.16u': op('i32', ['i32', 'imm'], 'read'),
  'load.16s': op('i32', ['i32', 'imm'], 'read'),
  'load.32': op('i32', ['i32', 'imm'], 'read'),
  'load.64': op('i64', ['i32', 'imm'], 'read'),
  'load.f32': op('f32', ['i32', 'imm'], 'read'),
  'load.f64': op('f64', ['i32', 'imm'], 'read'),
  'load.v128': op('v128', ['i32', 'imm'], 'read'),
  'store.8': op('none', ['i32', 'imm', 'i32'], 'write'),
  'store.16': op('none', ['i32', 'imm', 'i32'], 'write'),
  'store.32': op('none', ['i32', 'imm', 'i32'], 'write'),
  'store.64': op('none', ['i32', 'imm', 'i64'], 'write'),
  'store.f32': op('none', ['i32', 'imm', 'f32'], 'write'),
  'store.f64': op('none', ['i32', 'imm', 'f64'], 'write'),
  'store.v128': op('none', ['i32', 'imm', 'v128'], 'write'),

  // Exclusive accesses (design: "LDREX obtains the block for writing and notes address, value and the granule's tag").
  // Each needs check.aligned and check.write before it. A store gives 0 when it was done, 1 when not, as STREX.
  'ldrex.8': op('i32', ['i32'], 'write'),
  'ldrex.16': op('i32', ['i32'], 'write'),
  'ldrex.32': op('i32', ['i32'], 'write'),
  'ldrex.64': op('i64', ['i32'], 'write'),
  'strex.8': op('i32', ['i32', 'i32'], 'write'),
  'strex.16': op('i32', ['i32', 'i32'], 'write'),
  'strex.32': op('i32', ['i32', 'i32'], 'write'),
  'strex.64': op('i32', ['i32', 'i64'], 'write'),
  clrex: op('none', [], 'write'),
  /** SWP and SWPB: atomic exchange; gives the old value. */
  'swap.8': op('i32', ['i32', 'i32'], 'write'),
  'swap.32': op('i32', ['i32', 'i32'], 'write'),
  /** A full barrier (DMB, DSB). */
  fence: op('none', [], 'order'),

  /**
   * A guest instruction begins: its address (bit 0 = Thumb) and ITSTATE; checks after it leave with these.
   * Third: 0 when not told, else bit 31 set, and bit n for each integer variable n (Var.r to Var.tpidrurw) that the
   * guest instruction reads, the flags of its condition among them, whether or not a `get` stands for it (the lowering
   * may know the value). An exit before the instruction need not write back what is overwritten before it is read.
   * With bit 30 set too, the bits are instead everything that is needed where the instruction begins: what passes
   * leave that may remove an assignment in between.
   */
  insn: op('none', ['imm', 'imm', 'imm'], 'mark'),
  /** The poll at a loop header: leaves with ExitReason.poll at the address (bit 0 = Thumb) given. */
  poll: op('none', ['imm'], 'check'),

  // Ends of blocks.
  jump: op('none', ['block'], 'end'),
  /** condition, block if it is not 0, block if it is 0. */
  branch: op('none', ['i32', 'block', 'block'], 'end'),
  /** Direct transfer to a guest address (bit 0 = Thumb) outside this function. */
  'exit.jump': op('none', ['imm'], 'end'),
  /** Transfer to a computed address (bit 0 = Thumb). */
  'exit.indirect': op('none', ['i32'], 'end'),
  /** The same where it is probably a return (BX LR, POP {pc}, ...). */
  'exit.return': op('none', ['i32'], 'end'),
  /** Guest call: target, return address (both with bit 0 = Thumb; LR is already set), block at the return address. */
  call: op('none', ['imm', 'imm', 'block'], 'end'),
  'call.indirect': op('none', ['i32', 'imm', 'block'], 'end'),
  /** SVC: immediate, address after it (bit 0 = Thumb), ITSTATE there. */
  'exit.syscall': op('none', ['imm', 'imm', 'imm'], 'end'),
  /** Undefined at the current guest instruction: its bits. */
  'exit.undefined': op('none', ['imm'], 'end'),
  'exit.breakpoint': op('none', ['imm'], 'end'),
  /** Leave for the given address with the given ITSTATE (a fragment that ends inside an IT block, or is cut short). */
  'exit.continue': op('none', ['imm', 'imm'], 'end'),
} as const satisfies Record<string, OpRow>;

export type OpName = keyof typeof ops;

/** Operation names by number, in the table's order; numbers are not stable between versions. */
export const opNames = Object.keys(ops) as OpName[];
export const opCodes = Object.fromEntries(opNames.map((name, code) => [name, code])) as Record<OpName, number>;
export const opRows: readonly OpRow[] = opNames.map((name) => ops[name]);
