/**
 * Helpers for single-precision lanes under StandardFPSCRValue (Arm ARM DDI 0406C, A2.7.7): flush to zero and default
 * NaN. The common operations call them only for the operands or results that WebAssembly's own would treat otherwise.
 */
import { Shuffle } from '../ir/shuffles.ts';
import type { Assembly, Tree } from './assembler.ts';

export const splat32 = (bits: number): Tree => ['v128.const', bits, bits, bits, bits];
const splat64 = (low: number, high: number): Tree => ['v128.const', low, high, low, high];
const zero = splat32(0);
const sign = 0x80000000;
const exponentBits = splat32(0x7f800000);
const allButSign = splat32(0x7fffffff);
const defaultNaN = splat32(0x7fc00000);
const two = splat32(0x40000000);
const three = splat32(0x40400000);
const half = splat32(0x3f000000);
/** 2^-126, the smallest normal number, as f32x4 and as f64x2. */
export const smallestNormal = splat32(0x00800000);
const smallestNormalWide = splat64(0, 0x38100000);

/** The lanes of `x` that are zero or subnormal. */
export const hasNoExponent = (x: Tree): Tree => ['i32x4.eq', ['v128.and', x, exponentBits], zero];
/** `x` as a zero of its sign where `mask` is set. */
const zeroWhere = (x: Tree, mask: Tree): Tree => ['v128.andnot', x, ['v128.and', mask, allButSign]];
const flushed = (x: string): Tree => zeroWhere(x, hasNoExponent(x));
const isNumber = (x: string): Tree => ['f32x4.eq', x, x];
const quietedNaNs = (x: string): Tree => ['v128.bitselect', x, defaultNaN, isNumber(x)];

/** The lower two lanes as f64x2, and the upper two. */
const wideLow = (x: Tree): Tree => ['f64x2.promote_low_f32x4', x];
const wideHigh = (x: string): Tree => wideLow(['shuffle', Shuffle.duplicate(8, 1), x, x]);
/** Lanes of two f64x2 that are subnormal numbers in single precision, as masks of f32x4. */
const tiny = (low: Tree, high: Tree): Tree => [
  'shuffle',
  Shuffle.even(4),
  ['f64x2.lt', ['f64x2.abs', low], smallestNormalWide],
  ['f64x2.lt', ['f64x2.abs', high], smallestNormalWide],
];

const lanes = (name: string, parameters: readonly string[], locals: readonly string[], body: Tree[]): Assembly => ({
  name,
  parameters: Object.fromEntries(parameters.map((parameter) => [parameter, 'v128'])),
  locals: Object.fromEntries(locals.map((local) => [local, 'v128'])),
  result: 'v128',
  body,
});
const flushOperands = (...names: string[]): Tree[] => names.map((name) => ['set', name, flushed(name)]);

/** Operations whose result is exact when it is subnormal. */
const exactWhenTiny = (operation: string): Assembly =>
  lanes(
    `${operation}_standard`,
    ['a', 'b'],
    [],
    [
      ...flushOperands('a', 'b'),
      ['set', 'a', [`f32x4.${operation}`, 'a', 'b']],
      ...flushOperands('a'),
      quietedNaNs('a'),
    ],
  );

export const addLanes = exactWhenTiny('add');
export const subLanes = exactWhenTiny('sub');
export const minLanes = exactWhenTiny('min');
export const maxLanes = exactWhenTiny('max');

/** Sets `to` to the product of `a` and `b`, flushed ones, flushed: by its exact value, which may be 2^-126 rounded. */
const product = (to: string): Tree => [
  'set',
  to,
  zeroWhere(
    ['f32x4.mul', 'a', 'b'],
    tiny(['f64x2.mul', wideLow('a'), wideLow('b')], ['f64x2.mul', wideHigh('a'), wideHigh('b')]),
  ),
];

export const mulLanes = lanes(
  'mul_standard',
  ['a', 'b'],
  ['r'],
  [...flushOperands('a', 'b'), product('r'), quietedNaNs('r')],
);

/** Infinity times zero counts as zero. The sum is never subnormal. */
const step = (name: string, result: Tree): Assembly =>
  lanes(
    name,
    ['a', 'b'],
    ['r'],
    [
      ...flushOperands('a', 'b'),
      product('r'),
      ['set', 'r', ['v128.andnot', 'r', ['v128.andnot', ['v128.and', isNumber('a'), isNumber('b')], isNumber('r')]]],
      ['set', 'r', result],
      quietedNaNs('r'),
    ],
  );

export const recipStep = step('recip_step', ['f32x4.sub', two, 'r']);
export const rsqrtStep = step('rsqrt_step', ['f32x4.mul', ['f32x4.sub', three, 'r'], half]);

/**
 * Sets `to` to the sum of the f64x2 `addend` and `product`, rounded to odd: where it is inexact and its last bit is 0,
 * it becomes its neighbour on the side of the error (Knuth's TwoSum; NaN, so no side, when the sum is infinite).
 */
const sumToOdd = (to: string, addend: string, product: string): Tree[] => [
  ['set', to, ['f64x2.add', product, addend]],
  ['set', 'part', ['f64x2.sub', to, product]],
  ['set', 'error', ['f64x2.add', ['f64x2.sub', product, ['f64x2.sub', to, 'part']], ['f64x2.sub', addend, 'part']]],
  [
    'set',
    to,
    [
      'i64x2.add',
      to,
      [
        'v128.and',
        // 1 away from zero, -1 towards it.
        ['v128.or', ['v128.xor', ['f64x2.gt', 'error', zero], ['f64x2.gt', to, zero]], splat64(1, 0)],
        [
          'v128.and',
          ['v128.or', ['f64x2.gt', 'error', zero], ['f64x2.lt', 'error', zero]],
          ['i64x2.eq', ['v128.and', to, splat64(1, 0)], zero],
        ],
      ],
    ],
  ],
];

/** a + b * c rounded once: see fmaF32 in float-helpers.ts. */
export const fmaLanes = lanes(
  'fma_standard',
  ['a', 'b', 'c'],
  ['addend', 'product', 'low', 'high', 'part', 'error'],
  [
    ...flushOperands('a', 'b', 'c'),
    ['set', 'addend', wideLow('a')],
    ['set', 'product', ['f64x2.mul', wideLow('b'), wideLow('c')]],
    ...sumToOdd('low', 'addend', 'product'),
    ['set', 'addend', wideHigh('a')],
    ['set', 'product', ['f64x2.mul', wideHigh('b'), wideHigh('c')]],
    ...sumToOdd('high', 'addend', 'product'),
    [
      'set',
      'a',
      zeroWhere(
        ['shuffle', Shuffle.zipLow(8), ['f32x4.demote_f64x2_zero', 'low'], ['f32x4.demote_f64x2_zero', 'high']],
        tiny('low', 'high'),
      ),
    ],
    quietedNaNs('a'),
  ],
);

// Estimates, lane by lane: see ir/interpreter/estimates.ts for the pseudocode that this follows.

const f64 = (value: number): Tree => ['f64.convert_i32_s', value];
const constant = (bits: number): Tree => bits | 0;

/** floor(256 / x + 0.5) for a double x from 0.5 to 1 (its square root in rsqrt). */
const in256ths = (x: Tree): Tree => [
  'i32.trunc_sat_f64_s',
  ['f64.add', ['f64.div', f64(256), x], ['f64.div', f64(1), f64(2)]],
];
/** (q + 0.5) / 2^bits */
const middle = (q: Tree, bits: number): Tree => [
  'f64.div',
  ['f64.add', ['f64.convert_i32_s', q], ['f64.div', f64(1), f64(2)]],
  f64(2 ** bits),
];

const eachLane = (name: string, locals: readonly string[], lane: Tree[]): Assembly => ({
  name,
  parameters: { a: 'v128' },
  locals: { r: 'v128', ...Object.fromEntries(['x', 'y', ...locals].map((local) => [local, 'i32'])) },
  result: 'v128',
  body: [
    ...[0, 1, 2, 3].flatMap((n): Tree[] => [
      ['set', 'x', ['i32x4.extract_lane', n, 'a']],
      ...lane,
      ['set', 'r', ['i32x4.replace_lane', n, 'r', 'y']],
    ]),
    'r',
  ],
});

/** The estimate of the reciprocal of q / 512, q from 256 to 511, in 256ths. */
const recip = (q: Tree): Tree => in256ths(middle(q, 9));
/** The same of the root, from the bits of the operand and whether it is at least 0.5: then in 256ths, else in 512ths. */
const rsqrt = (q: Tree, bits: number): Tree => in256ths(['f64.sqrt', middle(q, bits)]);

const exponent: Tree = ['i32.and', ['i32.shr_u', 'x', 23], 0xff];
const isNaNBits: Tree = ['i32.gt_u', ['i32.and', 'x', 0x7fffffff], 0x7f800000];
const signBit: Tree = ['i32.and', 'x', constant(sign)];

export const recipEstimate = eachLane(
  'recip_estimate',
  ['e'],
  [
    ['set', 'e', exponent],
    [
      'if',
      isNaNBits,
      [['set', 'y', 0x7fc00000]],
      [
        [
          'if',
          ['i32.eqz', 'e'],
          [['set', 'y', ['i32.or', signBit, 0x7f800000]]],
          [
            [
              'if',
              ['i32.ge_u', 'e', 253],
              [['set', 'y', signBit]],
              [
                [
                  'set',
                  'y',
                  [
                    'i32.or',
                    ['i32.or', signBit, ['i32.shl', ['i32.sub', 253, 'e'], 23]],
                    [
                      'i32.shl',
                      ['i32.and', recip(['i32.or', ['i32.and', ['i32.shr_u', 'x', 15], 0xff], 0x100]), 0xff],
                      15,
                    ],
                  ],
                ],
              ] as unknown as Tree,
            ],
          ] as unknown as Tree,
        ],
      ] as unknown as Tree,
    ],
  ],
);

export const rsqrtEstimate = eachLane(
  'rsqrt_estimate',
  ['e', 's'],
  [
    ['set', 'e', exponent],
    [
      'if',
      isNaNBits,
      [['set', 'y', 0x7fc00000]],
      [
        [
          'if',
          ['i32.eqz', 'e'],
          [['set', 'y', ['i32.or', signBit, 0x7f800000]]],
          [
            [
              'if',
              signBit,
              [['set', 'y', 0x7fc00000]],
              [
                [
                  'if',
                  ['i32.eq', 'e', 0xff],
                  [['set', 'y', 0]],
                  [
                    [
                      'if',
                      ['i32.and', 'e', 1],
                      [['set', 's', rsqrt(['i32.or', ['i32.and', ['i32.shr_u', 'x', 16], 0x7f], 0x80], 9)]],
                      [['set', 's', rsqrt(['i32.or', ['i32.and', ['i32.shr_u', 'x', 16], 0x7f], 0x80], 8)]],
                    ],
                    [
                      'set',
                      'y',
                      [
                        'i32.or',
                        ['i32.shl', ['i32.shr_u', ['i32.sub', 380, 'e'], 1], 23],
                        ['i32.shl', ['i32.and', 's', 0xff], 15],
                      ],
                    ],
                  ] as unknown as Tree,
                ],
              ] as unknown as Tree,
            ],
          ] as unknown as Tree,
        ],
      ] as unknown as Tree,
    ],
  ],
);

export const unsignedRecipEstimate = eachLane(
  'unsigned_recip_estimate',
  [],
  [
    ['set', 'y', -1],
    ['if', ['i32.shr_u', 'x', 31], [['set', 'y', ['i32.shl', recip(['i32.shr_u', 'x', 23]), 23]]] as unknown as Tree],
  ],
);

export const unsignedRSqrtEstimate = eachLane(
  'unsigned_rsqrt_estimate',
  [],
  [
    ['set', 'y', -1],
    [
      'if',
      ['i32.shr_u', 'x', 31],
      [['set', 'y', ['i32.shl', rsqrt(['i32.shr_u', 'x', 24], 8), 23]]],
      [
        [
          'if',
          ['i32.shr_u', 'x', 30],
          [['set', 'y', ['i32.shl', rsqrt(['i32.shr_u', 'x', 23], 9), 23]]] as unknown as Tree,
        ],
      ] as unknown as Tree,
    ],
  ],
);

/** Sums and differences of this magnitude (2^-100) and more are the same whether subnormal operands count or not. */
const beyondSubnormals = splat32(0x0d800000);

/** Lanes of the result `r` that are neither zero nor of at least that magnitude: NaNs are among them. */
const isSmall = (magnitude: Tree): Tree => [
  'v128.andnot',
  ['f32x4.ne', 'r', zero],
  ['f32x4.ge', ['f32x4.abs', 'r'], magnitude],
];

/**
 * Lanes for which WebAssembly's result `r` of `a` and `b` may not be that of the standard mode. A result of zero is
 * right, signs and all: flushed operands give the same.
 */
export const doubtful = {
  add: isSmall(beyondSubnormals),
  /** A maximum or minimum of flushed operands is that of the operands, flushed. */
  max: isSmall(smallestNormal),
  /** Where the result is not zero no operand is zero either, so that a small one is subnormal. */
  mul: [
    'v128.andnot',
    ['f32x4.ne', 'r', zero],
    [
      'v128.and',
      ['f32x4.ge', ['f32x4.pmin', ['f32x4.abs', 'a'], ['f32x4.abs', 'b']], smallestNormal],
      ['f32x4.gt', ['f32x4.abs', 'r'], smallestNormal],
    ],
  ] as Tree,
} as const;
