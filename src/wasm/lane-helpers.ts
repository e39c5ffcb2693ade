/** Helpers for integer lanes: shifts by a vector, for which WebAssembly has nothing, polynomial products, narrowing. */
import { unpackLaneShift } from '../ir/lane-shift.ts';
import { Shuffle } from '../ir/shuffles.ts';
import type { Assembly, Tree } from './assembler.ts';

const zero: Tree = ['v128.const', 0, 0, 0, 0];
const ones: Tree = ['v128.const', -1, -1, -1, -1];
const shapes = { 8: 'i8x16', 16: 'i16x8', 32: 'i32x4', 64: 'i64x2' } as const;

type Bits = 8 | 16 | 32 | 64;

/** The same number in every lane, from -128 to 127. */
function everyLane(bits: Bits, value: number): Tree {
  const low = bits === 64 ? value : everyPart(bits, value);
  const high = bits === 64 ? value >> 31 : low;
  return ['v128.const', low, high, low, high];
}

function everyPart(bits: 8 | 16 | 32, value: number): number {
  if (bits === 32) return value;
  return bits === 16 ? (value << 16) | (value & 0xffff) : (value & 0xff) * 0x01010101;
}

/** All ones in the lanes whose bit `bit` is set. */
const laneMask = (shape: string, bits: Bits, x: Tree, bit: number): Tree => [
  `${shape}.shr_s`,
  [`${shape}.shl`, x, bits - 1 - bit],
  bits - 1,
];

/** Shifts the lanes of `x` in place by those of `by`, of which only the bits below the lane's size count. */
const shiftBy = (shape: string, bits: Bits, shift: 'shl' | 'shr_s' | 'shr_u', x: string, by: string): Tree[] =>
  Array.from({ length: Math.log2(bits) }, (_, bit) => [
    'set',
    x,
    ['v128.bitselect', [`${shape}.${shift}`, x, 1 << bit], x, laneMask(shape, bits, by, bit)],
  ]);

interface ShiftParts {
  readonly body: Tree[];
  /** Lanes that did not saturate, where that is asked for. */
  readonly fits: Tree;
}

/**
 * Both ways for all lanes, then of each the right one. A shift to the right by n that rounds is one by n - 1, the bits
 * shifted out last then added; n - 1 is the complement of the negative count.
 */
function shiftParts(packed: number): ShiftParts {
  const { laneBits: bits, isUnsigned, isRounded, isSaturated, toUnsigned } = unpackLaneShift(packed);
  const shape = shapes[bits];
  const down = isUnsigned ? 'shr_u' : 'shr_s';
  const by = (x: Tree, operation: string, count: number): Tree => [`${shape}.${operation}`, x, count];
  const signs = (x: Tree): Tree => by(x, 'shr_s', bits - 1);
  const isWithin = (count: Tree): Tree => [`${shape}.eq`, ['v128.and', count, everyLane(bits, -bits)], zero];
  const body: Tree[] = [
    ['set', 'n', bits === 8 ? 'n' : by(by('n', 'shl', bits - 8), 'shr_s', bits - 8)],
    ['set', 'isRight', signs('n')],
    ['set', 'left', 'a'],
    ...shiftBy(shape, bits, 'shl', 'left', 'n'),
    ['set', 'right', 'a'],
    ['set', 'm', ['v128.xor', 'n', 'isRight']],
    ...(isRounded ? [] : [['set', 'm', [`${shape}.sub`, 'm', 'isRight']] as Tree]),
    ...shiftBy(shape, bits, down, 'right', 'm'),
    ['set', 'right', ['v128.bitselect', 'right', isUnsigned ? zero : signs('a'), isWithin('m')]],
  ];
  if (isRounded)
    body.push(['set', 'right', [`${shape}.add`, by('right', down, 1), ['v128.and', 'right', everyLane(bits, 1)]]]);
  if (!isSaturated) {
    body.push(['set', 'left', ['v128.and', 'left', isWithin('n')]]);
    return { body, fits: ones };
  }
  // A lane that comes back as it was has lost nothing; as an unsigned number, a negative one never fits.
  body.push(['set', 'back', 'left'], ...shiftBy(shape, bits, toUnsigned ? 'shr_u' : down, 'back', 'n'));
  const same: Tree = ['v128.or', ['v128.and', [`${shape}.eq`, 'back', 'a'], isWithin('n')], [`${shape}.eq`, 'a', zero]];
  const becomesUnsigned = toUnsigned && !isUnsigned;
  body.push(['set', 'fits', becomesUnsigned ? ['v128.andnot', same, signs('a')] : same]);
  let limit: Tree = ones;
  if (becomesUnsigned) limit = ['v128.not', signs('a')];
  else if (!isUnsigned) limit = ['v128.xor', signs('a'), by(ones, 'shr_u', 1)];
  body.push(['set', 'left', ['v128.bitselect', 'left', limit, 'fits']]);
  if (!becomesUnsigned) return { body, fits: ['v128.or', 'fits', 'isRight'] };
  body.push(['set', 'm', ['v128.not', signs('right')]], ['set', 'right', ['v128.and', 'right', 'm']]);
  return { body, fits: ['v128.bitselect', 'm', 'fits', 'isRight'] };
}

const shiftLocals = { isRight: 'v128', left: 'v128', right: 'v128', m: 'v128', back: 'v128', fits: 'v128' } as const;
const shifts = new Map<number, Assembly>();
const saturations = new Map<number, Assembly>();

function memo(known: Map<number, Assembly>, packed: number, make: () => Assembly): Assembly {
  let assembly = known.get(packed);
  if (assembly === undefined) {
    assembly = make();
    known.set(packed, assembly);
  }
  return assembly;
}

/** v128.shift with the LaneShift `packed`: of `a` by `n`. */
export const shiftLanes = (packed: number): Assembly =>
  memo(shifts, packed, () => ({
    name: `shift_${packed}`,
    parameters: { a: 'v128', n: 'v128' },
    locals: shiftLocals,
    result: 'v128',
    body: [...shiftParts(packed).body, ['v128.bitselect', 'right', 'left', 'isRight']],
  }));

/** v128.shift_saturates. */
export const shiftSaturates = (packed: number): Assembly =>
  memo(saturations, packed, () => {
    const { body, fits } = shiftParts(packed);
    return {
      name: `shift_saturates_${packed}`,
      parameters: { a: 'v128', n: 'v128' },
      locals: shiftLocals,
      result: 'i32',
      body: [...body, ['v128.any_true', ['v128.not', fits]]],
    };
  });

/** Carry-less products of the bytes of one half: for each bit of b, a so far to the left. */
const polynomialProduct = (half: 'low' | 'high'): Assembly => ({
  name: `polymul_${half}`,
  parameters: { a: 'v128', b: 'v128' },
  locals: { r: 'v128' },
  result: 'v128',
  body: [
    ['set', 'a', [`i16x8.extend_${half}_i8x16_u`, 'a']],
    ['set', 'b', [`i16x8.extend_${half}_i8x16_u`, 'b']],
    ...Array.from(
      { length: 8 },
      (_, bit): Tree => [
        'set',
        'r',
        ['v128.xor', 'r', ['v128.and', ['i16x8.shl', 'a', bit], laneMask('i16x8', 16, 'b', bit)]],
      ],
    ),
    'r',
  ],
});
export const polynomialProductLow = polynomialProduct('low');
export const polynomialProductHigh = polynomialProduct('high');

/** `x` no greater than `limit`, and no less. */
const atMost = (x: string, limit: Tree): Tree => ['set', x, ['v128.bitselect', limit, x, ['i64x2.gt_s', x, limit]]];
const atLeast = (x: string, limit: Tree): Tree => ['set', x, ['v128.bitselect', limit, x, ['i64x2.gt_s', limit, x]]];

const narrowLong = (name: string, clamp: (x: string) => Tree[]): Assembly => ({
  name,
  parameters: { a: 'v128', b: 'v128' },
  result: 'v128',
  body: [...clamp('a'), ...clamp('b'), ['shuffle', Shuffle.even(4), 'a', 'b']],
});
const wide = (low: number, high: number): Tree => ['v128.const', low, high, low, high];

/** 64-bit lanes to 32 bits with saturation, named as the operations. */
export const narrowLongs = {
  ss: narrowLong('narrow_long_ss', (x) => [atMost(x, wide(0x7fffffff, 0)), atLeast(x, wide(0x80000000, -1))]),
  su: narrowLong('narrow_long_su', (x) => [atMost(x, wide(-1, 0)), atLeast(x, zero)]),
  uu: narrowLong('narrow_long_uu', (x) => [
    ['set', x, ['v128.or', x, ['v128.not', ['i64x2.eq', ['i64x2.shr_u', x, 32], zero]]]],
  ]),
} as const;
