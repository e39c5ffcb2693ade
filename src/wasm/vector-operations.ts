/** What operations on vectors become: one instruction where WebAssembly has it, else a few, else a call of a helper. */
import type { OpName } from '../ir/ops.table.ts';
import { shuffles } from '../ir/shuffles.ts';
import type { Assembly, Tree } from './assembler.ts';
import { binary, called, composed, type Emit, ternary, unary, vectorTrees } from './emit.ts';
import * as float from './float-lane-helpers.ts';
import {
  narrowLongs,
  polynomialProductHigh,
  polynomialProductLow,
  shiftLanes,
  shiftSaturates,
} from './lane-helpers.ts';
import type { Opcode } from './opcodes.table.ts';

/** Operations that are instructions of the same name. */
const directUnary = [
  ...(['v128.not', 'v128.any_true', 'i8x16.popcnt'] as const),
  ...(['i8x16.splat', 'i16x8.splat', 'i32x4.splat', 'i64x2.splat', 'f32x4.splat', 'f64x2.splat'] as const),
  ...(['i8x16.neg', 'i16x8.neg', 'i32x4.neg', 'i64x2.neg', 'f32x4.neg'] as const),
  ...(['i8x16.abs', 'i16x8.abs', 'i32x4.abs', 'f32x4.abs'] as const),
  ...(['i16x8.extend_low_i8x16_s', 'i32x4.extend_low_i16x8_s', 'i64x2.extend_low_i32x4_s'] as const),
  ...(['i16x8.extend_low_i8x16_u', 'i32x4.extend_low_i16x8_u', 'i64x2.extend_low_i32x4_u'] as const),
  ...(['i16x8.extend_high_i8x16_s', 'i32x4.extend_high_i16x8_s', 'i64x2.extend_high_i32x4_s'] as const),
  ...(['i16x8.extend_high_i8x16_u', 'i32x4.extend_high_i16x8_u', 'i64x2.extend_high_i32x4_u'] as const),
  ...(['i16x8.extadd_pairwise_i8x16_s', 'i32x4.extadd_pairwise_i16x8_s'] as const),
  ...(['i16x8.extadd_pairwise_i8x16_u', 'i32x4.extadd_pairwise_i16x8_u'] as const),
] satisfies readonly (OpName & Opcode)[];

const directBinary = [
  ...(['v128.and', 'v128.or', 'v128.xor', 'v128.andnot', 'i8x16.swizzle'] as const),
  ...(['i8x16.add', 'i16x8.add', 'i32x4.add', 'i64x2.add'] as const),
  ...(['i8x16.sub', 'i16x8.sub', 'i32x4.sub', 'i64x2.sub'] as const),
  ...(['i16x8.mul', 'i32x4.mul', 'i16x8.q15mulr_sat_s', 'i8x16.avgr_u', 'i16x8.avgr_u'] as const),
  ...(['i8x16.min_s', 'i16x8.min_s', 'i32x4.min_s', 'i8x16.min_u', 'i16x8.min_u', 'i32x4.min_u'] as const),
  ...(['i8x16.max_s', 'i16x8.max_s', 'i32x4.max_s', 'i8x16.max_u', 'i16x8.max_u', 'i32x4.max_u'] as const),
  ...(['i8x16.add_sat_s', 'i16x8.add_sat_s', 'i8x16.add_sat_u', 'i16x8.add_sat_u'] as const),
  ...(['i8x16.sub_sat_s', 'i16x8.sub_sat_s', 'i8x16.sub_sat_u', 'i16x8.sub_sat_u'] as const),
  ...(['i8x16.eq', 'i16x8.eq', 'i32x4.eq', 'i64x2.eq', 'i64x2.gt_s'] as const),
  ...(['i8x16.gt_s', 'i16x8.gt_s', 'i32x4.gt_s', 'i8x16.gt_u', 'i16x8.gt_u', 'i32x4.gt_u'] as const),
  ...(['i8x16.ge_s', 'i16x8.ge_s', 'i32x4.ge_s', 'i8x16.ge_u', 'i16x8.ge_u', 'i32x4.ge_u'] as const),
  ...(['i16x8.extmul_low_i8x16_s', 'i32x4.extmul_low_i16x8_s', 'i64x2.extmul_low_i32x4_s'] as const),
  ...(['i16x8.extmul_low_i8x16_u', 'i32x4.extmul_low_i16x8_u', 'i64x2.extmul_low_i32x4_u'] as const),
  ...(['i16x8.extmul_high_i8x16_s', 'i32x4.extmul_high_i16x8_s', 'i64x2.extmul_high_i32x4_s'] as const),
  ...(['i16x8.extmul_high_i8x16_u', 'i32x4.extmul_high_i16x8_u', 'i64x2.extmul_high_i32x4_u'] as const),
] satisfies readonly (OpName & Opcode)[];

const shifts = [
  ...(['i8x16.shl', 'i16x8.shl', 'i32x4.shl', 'i64x2.shl'] as const),
  ...(['i8x16.shr_s', 'i16x8.shr_s', 'i32x4.shr_s', 'i64x2.shr_s'] as const),
  ...(['i8x16.shr_u', 'i16x8.shr_u', 'i32x4.shr_u', 'i64x2.shr_u'] as const),
] satisfies readonly (OpName & Opcode)[];

const all = <const Names extends readonly Opcode[]>(
  names: Names,
  emit: (name: Opcode) => Emit,
): Record<Names[number], Emit> =>
  Object.fromEntries(names.map((name) => [name, emit(name)])) as Record<Names[number], Emit>;

const byImmediate =
  (name: Opcode): Emit =>
  (e, a, count) => {
    e.value(a);
    e.code.i32(count);
    e.code.op(name);
  };

const extract =
  (name: Opcode): Emit =>
  (e, a, lane) => {
    e.value(a);
    e.code.lane(name, lane);
  };

const replace =
  (name: Opcode): Emit =>
  (e, a, b, lane) => {
    e.value(a);
    e.value(b);
    e.code.lane(name, lane);
  };

// Saturating sums and differences of wide lanes.

const saturating = (shape: 'i32x4' | 'i64x2', bits: 32 | 64) => {
  const signs = (x: Tree): Tree => [`${shape}.shr_s`, x, bits - 1];
  const limit: Tree = shape === 'i32x4' ? float.splat32(0x7fffffff) : ['v128.const', -1, 0x7fffffff, -1, 0x7fffffff];
  /** An overflow has the sign of the first operand: the wrapped result's is the other. */
  const signed = (operation: 'add' | 'sub', isOverflow: Tree): Emit =>
    composed(
      2,
      ['set', 'r', [`${shape}.${operation}`, 'a', 'b']],
      ['v128.bitselect', ['v128.xor', signs('a'), limit], 'r', signs(isOverflow)],
    );
  const carry: Tree = ['v128.or', ['v128.and', 'a', 'b'], ['v128.andnot', ['v128.or', 'a', 'b'], 'r']];
  const borrow: Tree = ['v128.or', ['v128.andnot', 'b', 'a'], ['v128.andnot', 'r', ['v128.xor', 'a', 'b']]];
  return {
    add_s: signed('add', ['v128.and', ['v128.xor', 'a', 'r'], ['v128.xor', 'b', 'r']]),
    sub_s: signed('sub', ['v128.and', ['v128.xor', 'a', 'b'], ['v128.xor', 'a', 'r']]),
    add_u: composed(2, ['set', 'r', [`${shape}.add`, 'a', 'b']], ['v128.or', 'r', signs(carry)]),
    sub_u: composed(2, ['set', 'r', [`${shape}.sub`, 'a', 'b']], ['v128.andnot', 'r', signs(borrow)]),
  };
};
const words = saturating('i32x4', 32);
const longs = saturating('i64x2', 64);

/** Smears the highest bit of each lane downwards and counts the bits above it, in bytes. */
const zerosAbove = (shape: string, bits: number): Tree[] => [
  ['set', 'r', 'a'],
  ...Array.from(
    { length: Math.log2(bits) },
    (_, n): Tree => ['set', 'r', ['v128.or', 'r', [`${shape}.shr_u`, 'r', 1 << n]]],
  ),
  ['set', 'r', ['i8x16.popcnt', ['v128.not', 'r']]],
];

/** Both operands no greater than the number in all lanes, as unsigned ones; then they are positive for `narrow`. */
const narrowUnsigned = (shape: string, largest: number, narrow: Opcode): Emit =>
  composed(2, [
    narrow,
    [`${shape}.min_u`, 'a', float.splat32(largest)],
    [`${shape}.min_u`, 'b', float.splat32(largest)],
  ]);

/** Floating point: WebAssembly's instruction, and a helper where its result may not be Arm's. */
const guarded =
  (instruction: Opcode, doubtful: Tree, exact: Assembly): Emit =>
  (e, a, b) => {
    const trees = vectorTrees(e, a, b, 2);
    trees.write(['set', 'r', [instruction, 'a', 'b']]);
    trees.write(['v128.any_true', doubtful]);
    e.code.openUnlikely();
    trees.all(['a', 'b']);
    e.code.call('call', e.module.helper(exact));
    trees.assign('r');
    e.code.end();
    trees.write('r');
  };

/** Zeros of any sign are equal, so a subnormal operand may lose its sign too. */
const compareFlushed = (instruction: Opcode): Emit =>
  composed(2, [
    instruction,
    ['v128.andnot', 'a', float.hasNoExponent('a')],
    ['v128.andnot', 'b', float.hasNoExponent('b')],
  ]);

/** Powers of two as the bits of a binary32 number. */
const powerOfTwo = (exponent: number): Tree => float.splat32((127 + exponent) << 23);

const toFixed =
  (instruction: Opcode): Emit =>
  (e, a, fractionBits) => {
    const scaled: Tree = fractionBits === 0 ? 'a' : ['f32x4.mul', 'a', powerOfTwo(fractionBits)];
    vectorTrees(e, a, 0, 1).write([instruction, scaled]);
  };

const fromFixed =
  (instruction: Opcode): Emit =>
  (e, a, fractionBits) => {
    const converted: Tree = [instruction, 'a'];
    vectorTrees(e, a, 0, 1).write(fractionBits === 0 ? converted : ['f32x4.mul', converted, powerOfTwo(-fractionBits)]);
  };

const withKind =
  (helper: (packed: number) => Assembly): Emit =>
  (e, a, b, packed) =>
    called(helper(packed), 2)(e, a, b, 0);

export const vectorOperations = {
  ...all(directUnary, unary),
  ...all(directBinary, binary),
  ...all(shifts, byImmediate),
  'v128.pair': (e, low, high) => {
    e.value(low);
    e.code.op('i64x2.splat');
    e.value(high);
    e.code.lane('i64x2.replace_lane', 1);
  },
  'v128.low': (e, a) => extract('i64x2.extract_lane')(e, a, 0, 0),
  'v128.high': (e, a) => extract('i64x2.extract_lane')(e, a, 1, 0),
  'v128.const': (e, low, high) => e.code.v128([low, high, low, high]),
  'v128.bitselect': ternary('v128.bitselect'),
  'v128.shuffle': (e, a, b, pattern) => {
    e.value(a);
    e.value(b);
    e.code.shuffle(shuffles[pattern]);
  },

  'i8x16.extract_s': extract('i8x16.extract_lane_s'),
  'i8x16.extract_u': extract('i8x16.extract_lane_u'),
  'i16x8.extract_s': extract('i16x8.extract_lane_s'),
  'i16x8.extract_u': extract('i16x8.extract_lane_u'),
  'i32x4.extract': extract('i32x4.extract_lane'),
  'f32x4.extract': extract('f32x4.extract_lane'),
  'f64x2.extract': extract('f64x2.extract_lane'),
  'i8x16.replace': replace('i8x16.replace_lane'),
  'i16x8.replace': replace('i16x8.replace_lane'),
  'i32x4.replace': replace('i32x4.replace_lane'),
  'i64x2.replace': replace('i64x2.replace_lane'),
  'f64x2.replace': replace('f64x2.replace_lane'),

  // Even bytes and odd bytes apart, in 16-bit lanes.
  'i8x16.mul': composed(
    2,
    ['set', 'r', ['i16x8.shl', ['i16x8.mul', ['i16x8.shr_u', 'a', 8], ['i16x8.shr_u', 'b', 8]], 8]],
    ['v128.bitselect', ['i16x8.mul', 'a', 'b'], 'r', float.splat32(0x00ff00ff)],
  ),
  'i32x4.add_sat_s': words.add_s,
  'i32x4.add_sat_u': words.add_u,
  'i32x4.sub_sat_s': words.sub_s,
  'i32x4.sub_sat_u': words.sub_u,
  'i64x2.add_sat_s': longs.add_s,
  'i64x2.add_sat_u': longs.add_u,
  'i64x2.sub_sat_s': longs.sub_s,
  'i64x2.sub_sat_u': longs.sub_u,
  'i8x16.clz': composed(1, ...zerosAbove('i8x16', 8), 'r'),
  'i16x8.clz': composed(1, ...zerosAbove('i16x8', 16), ['i16x8.extadd_pairwise_i8x16_u', 'r']),
  'i32x4.clz': composed(1, ...zerosAbove('i32x4', 32), [
    'i32x4.extadd_pairwise_i16x8_u',
    ['i16x8.extadd_pairwise_i8x16_u', 'r'],
  ]),
  'v128.shift': withKind(shiftLanes),
  'v128.shift_saturates': withKind(shiftSaturates),

  'i8x16.narrow_i16x8_ss': binary('i8x16.narrow_i16x8_s'),
  'i8x16.narrow_i16x8_su': binary('i8x16.narrow_i16x8_u'),
  'i8x16.narrow_i16x8_uu': narrowUnsigned('i16x8', 0x00ff00ff, 'i8x16.narrow_i16x8_u'),
  'i16x8.narrow_i32x4_ss': binary('i16x8.narrow_i32x4_s'),
  'i16x8.narrow_i32x4_su': binary('i16x8.narrow_i32x4_u'),
  'i16x8.narrow_i32x4_uu': narrowUnsigned('i32x4', 0x0000ffff, 'i16x8.narrow_i32x4_u'),
  'i32x4.narrow_i64x2_ss': called(narrowLongs.ss, 2),
  'i32x4.narrow_i64x2_su': called(narrowLongs.su, 2),
  'i32x4.narrow_i64x2_uu': called(narrowLongs.uu, 2),
  'i64x2.extadd_pairwise_i32x4_s': composed(1, [
    'i64x2.add',
    ['i64x2.shr_s', ['i64x2.shl', 'a', 32], 32],
    ['i64x2.shr_s', 'a', 32],
  ]),
  'i64x2.extadd_pairwise_i32x4_u': composed(1, [
    'i64x2.add',
    ['v128.and', 'a', ['v128.const', -1, 0, -1, 0]],
    ['i64x2.shr_u', 'a', 32],
  ]),
  'i16x8.polymul_low_i8x16': called(polynomialProductLow, 2),
  'i16x8.polymul_high_i8x16': called(polynomialProductHigh, 2),

  'f32x4.add': guarded('f32x4.add', float.doubtful.add, float.addLanes),
  'f32x4.sub': guarded('f32x4.sub', float.doubtful.add, float.subLanes),
  'f32x4.mul': guarded('f32x4.mul', float.doubtful.mul, float.mulLanes),
  'f32x4.min': guarded('f32x4.min', float.doubtful.max, float.minLanes),
  'f32x4.max': guarded('f32x4.max', float.doubtful.max, float.maxLanes),
  'f32x4.fma': called(float.fmaLanes, 3),
  'f32x4.eq': compareFlushed('f32x4.eq'),
  'f32x4.gt': compareFlushed('f32x4.gt'),
  'f32x4.ge': compareFlushed('f32x4.ge'),
  'f32x4.recip_step': called(float.recipStep, 2),
  'f32x4.rsqrt_step': called(float.rsqrtStep, 2),
  'f32x4.recip_estimate': called(float.recipEstimate, 1),
  'f32x4.rsqrt_estimate': called(float.rsqrtEstimate, 1),
  'i32x4.recip_estimate': called(float.unsignedRecipEstimate, 1),
  'i32x4.rsqrt_estimate': called(float.unsignedRSqrtEstimate, 1),
  'i32x4.trunc_f32x4_s': toFixed('i32x4.trunc_sat_f32x4_s'),
  'i32x4.trunc_f32x4_u': toFixed('i32x4.trunc_sat_f32x4_u'),
  'f32x4.convert_i32x4_s': fromFixed('f32x4.convert_i32x4_s'),
  'f32x4.convert_i32x4_u': fromFixed('f32x4.convert_i32x4_u'),
} satisfies Partial<Record<OpName, Emit>>;
