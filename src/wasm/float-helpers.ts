/**
 * Helpers for floating point where WebAssembly leaves the result open or has no instruction: NaNs (Arm ARM DDI 0406C,
 * A2.7.4 and pseudocode FPProcessNaNs, FPProcessNaNs3, FPConvertNaN), and the fused multiply-add (FPMulAdd).
 */
import type { Assembly, Tree } from './assembler.ts';

interface Format {
  readonly float: 'f32' | 'f64';
  readonly int: 'i32' | 'i64';
  readonly constant: (value: bigint) => Tree;
  /** The top bit of the fraction: set in quiet NaNs. */
  readonly quiet: bigint;
  /** The default NaN: positive, quiet, no other payload. */
  readonly defaultNaN: bigint;
}

const single: Format = {
  float: 'f32',
  int: 'i32',
  constant: (value) => Number(value),
  quiet: 0x0040_0000n,
  defaultNaN: 0x7fc0_0000n,
};
const double: Format = {
  float: 'f64',
  int: 'i64',
  constant: (value) => value,
  quiet: 0x0008_0000_0000_0000n,
  defaultNaN: 0x7ff8_0000_0000_0000n,
};

const bitsOf = (f: Format, value: Tree): Tree => [`${f.int}.reinterpret_${f.float}`, value];
const isNotANumber = (f: Format, value: Tree): Tree => [`${f.float}.ne`, value, value];
/** For a NaN: 1 when it is a signalling one. */
const isSignalling = (f: Format, value: Tree): Tree => [
  `${f.int}.eqz`,
  [`${f.int}.and`, bitsOf(f, value), f.constant(f.quiet)],
];
const quieted = (f: Format, value: Tree): Tree => [
  `${f.float}.reinterpret_${f.int}`,
  [`${f.int}.or`, bitsOf(f, value), f.constant(f.quiet)],
];
const defaultNaN = (f: Format): Tree => [`${f.float}.reinterpret_${f.int}`, f.constant(f.defaultNaN)];

/** Returns the NaN that FPProcessNaNs chooses among the operands, or the default NaN when none of them is one. */
const processNaNs = (f: Format, operands: readonly string[]): Tree[] => [
  ...operands.map(
    (x): Tree => ['if', ['i32.and', isNotANumber(f, x), isSignalling(f, x)], [['return', quieted(f, x)]]],
  ),
  ...operands.map((x): Tree => ['if', isNotANumber(f, x), [['return', x]]]),
  ['return', defaultNaN(f)],
];

const nanOfTwo = (f: Format): Assembly => ({
  name: `nan_${f.float}`,
  parameters: { a: f.float, b: f.float },
  result: f.float,
  body: [...processNaNs(f, ['a', 'b']), ['unreachable']],
});

export const nanF32 = nanOfTwo(single);
export const nanF64 = nanOfTwo(double);

/** FPConvertNaN, double to single: sign and the top of the payload stay, quieted. */
export const demoteNaN: Assembly = {
  name: 'nan_demote',
  parameters: { a: 'f64' },
  locals: { bits: 'i64' },
  result: 'f32',
  body: [
    ['set', 'bits', bitsOf(double, 'a')],
    [
      'f32.reinterpret_i32',
      [
        'i32.or',
        ['i32.or', ['i32.and', ['i32.wrap_i64', ['i64.shr_u', 'bits', 32n]], 0x8000_0000], 0x7fc0_0000],
        ['i32.and', ['i32.wrap_i64', ['i64.shr_u', 'bits', 29n]], 0x003f_ffff],
      ],
    ],
  ],
};

/** FPConvertNaN, single to double. */
export const promoteNaN: Assembly = {
  name: 'nan_promote',
  parameters: { a: 'f32' },
  locals: { bits: 'i64' },
  result: 'f64',
  body: [
    ['set', 'bits', ['i64.extend_i32_u', bitsOf(single, 'a')]],
    [
      'f64.reinterpret_i64',
      [
        'i64.or',
        ['i64.or', ['i64.shl', ['i64.shr_u', 'bits', 31n], 63n], double.defaultNaN],
        ['i64.shl', ['i64.and', 'bits', 0x003f_ffffn], 29n],
      ],
    ],
  ],
};

/**
 * FPMulAdd's NaN side: a quiet addend does not hide infinity times zero, which gives the default NaN. `a` is the
 * addend.
 */
const processFusedNaNs = (f: Format): Tree[] => [
  [
    'if',
    [
      'i32.and',
      ['i32.and', isNotANumber(f, 'a'), ['i32.eqz', isSignalling(f, 'a')]],
      [
        'i32.and',
        isNotANumber(f, [`${f.float}.mul`, 'b', 'c']),
        ['i32.eqz', ['i32.or', isNotANumber(f, 'b'), isNotANumber(f, 'c')]],
      ],
    ],
    [['return', defaultNaN(f)]],
  ],
  ...processNaNs(f, ['a', 'b', 'c']),
];

/**
 * a + b * c in single precision, rounded once. The product is exact in double; the sum is rounded to odd there (its
 * last bit is set whenever it is inexact), so that rounding it to single cannot go wrong twice (53 >= 2 * 24 + 2).
 */
export const fmaF32: Assembly = {
  name: 'fma_f32',
  parameters: { a: 'f32', b: 'f32', c: 'f32' },
  locals: { product: 'f64', addend: 'f64', sum: 'f64', part: 'f64', error: 'f64', bits: 'i64' },
  result: 'f32',
  body: [
    ['set', 'product', ['f64.mul', ['f64.promote_f32', 'b'], ['f64.promote_f32', 'c']]],
    ['set', 'addend', ['f64.promote_f32', 'a']],
    ['set', 'sum', ['f64.add', 'product', 'addend']],
    ['if', isNotANumber(double, 'sum'), processFusedNaNs(single) as unknown as Tree],
    // The error of the sum, exactly (Knuth's TwoSum); NaN when the sum is infinite.
    ['set', 'part', ['f64.sub', 'sum', 'product']],
    ['set', 'error', ['f64.add', ['f64.sub', 'product', ['f64.sub', 'sum', 'part']], ['f64.sub', 'addend', 'part']]],
    ['set', 'bits', bitsOf(double, 'sum')],
    [
      'if',
      [
        'i32.and',
        ['i32.or', ['f64.lt', 'error', ['f64.convert_i32_s', 0]], ['f64.gt', 'error', ['f64.convert_i32_s', 0]]],
        ['i64.eqz', ['i64.and', 'bits', 1n]],
      ],
      [
        [
          'set',
          'bits',
          [
            'i64.add',
            'bits',
            [
              'select',
              1n,
              -1n,
              ['i32.eq', ['f64.gt', 'error', ['f64.convert_i32_s', 0]], ['f64.gt', 'sum', ['f64.convert_i32_s', 0]]],
            ],
          ],
        ],
      ],
    ],
    ['f32.demote_f64', ['f64.reinterpret_i64', 'bits']],
  ],
};

const exponentMask = 0x7ffn;
const fractionMask = 0xf_ffff_ffff_ffffn;
const hiddenBit = 0x10_0000_0000_0000n;

const exponentOf = (value: string): Tree => ['i64.and', ['i64.shr_u', bitsOf(double, value), 52n], exponentMask];

/**
 * Splits the finite non-zero double `x` into a fraction `m${x}` of exactly 53 bits and a biased exponent `e${x}`, below 1 for
 * subnormal numbers: x = m * 2^(e - 1075).
 */
const split = (x: string): Tree[] => [
  ['set', `e${x}`, exponentOf(x)],
  ['set', `m${x}`, ['i64.and', bitsOf(double, x), fractionMask]],
  [
    'if',
    ['i64.eqz', `e${x}`],
    [
      ['set', `e${x}`, ['i64.sub', 12n, ['i64.clz', `m${x}`]]],
      ['set', `m${x}`, ['i64.shl', `m${x}`, ['i64.sub', 1n, `e${x}`]]],
    ],
    [['set', `m${x}`, ['i64.or', `m${x}`, hiddenBit]]],
  ],
];

const low32 = (value: Tree): Tree => ['i64.and', value, 0xffff_ffffn];
const high32 = (value: Tree): Tree => ['i64.shr_u', value, 32n];
const nonZero = (value: Tree): Tree => ['i64.extend_i32_u', ['i64.ne', value, 0n]];

/** Shifts high:low right by `by` (at least 0); whatever falls out is kept as a one in the last bit. */
const shiftRightSticky = (high: string, low: string, by: string): Tree => [
  'if',
  ['i64.ge_u', by, 128n],
  [
    ['set', low, nonZero(['i64.or', high, low])],
    ['set', high, 0n],
  ],
  [
    [
      'if',
      ['i64.ge_u', by, 64n],
      [
        [
          'set',
          low,
          [
            'i64.or',
            ['i64.shr_u', high, by],
            nonZero(['i64.or', low, ['i64.shl', ['i64.shl', high, ['i64.sub', 127n, by]], 1n]]),
          ],
        ],
        ['set', high, 0n],
      ],
      [
        [
          'if',
          ['i64.ne', by, 0n],
          [
            [
              'set',
              low,
              [
                'i64.or',
                ['i64.or', ['i64.shr_u', low, by], ['i64.shl', high, ['i64.sub', 64n, by]]],
                nonZero(['i64.shl', low, ['i64.sub', 64n, by]]),
              ],
            ],
            ['set', high, ['i64.shr_u', high, by]],
          ],
        ],
      ],
    ],
  ],
];

/**
 * a + b * c in double precision, rounded once, in integers: the product's 106 bits and the addend's 53 are aligned in
 * 128 bits with two bits of room at the top, added, normalised and rounded to nearest even, subnormal results included.
 */
export const fmaF64: Assembly = {
  name: 'fma_f64',
  parameters: { a: 'f64', b: 'f64', c: 'f64' },
  locals: {
    sum: 'f64',
    ea: 'i64',
    ma: 'i64',
    eb: 'i64',
    mb: 'i64',
    ec: 'i64',
    mc: 'i64',
    sign: 'i64',
    addendSign: 'i64',
    high: 'i64',
    low: 'i64',
    addendHigh: 'i64',
    addendLow: 'i64',
    exponent: 'i64',
    shift: 'i64',
    middle: 'i64',
    rest: 'i64',
  },
  result: 'f64',
  body: [
    // Infinities, NaNs and zero products are exact in the plain operations.
    [
      'block',
      'finite',
      [
        'block',
        'special',
        ['br_if', 'special', ['i64.eq', exponentOf('b'), exponentMask]],
        ['br_if', 'special', ['i64.eq', exponentOf('c'), exponentMask]],
        ['br_if', 'special', ['f64.eq', 'b', ['f64.convert_i32_s', 0]]],
        ['br_if', 'special', ['f64.eq', 'c', ['f64.convert_i32_s', 0]]],
        ['br_if', 'finite', ['i64.ne', exponentOf('a'), exponentMask]],
        // The product might overflow in the plain operation: an infinite addend is the result whatever it is.
        ['if', isNotANumber(double, 'a'), processFusedNaNs(double) as unknown as Tree],
        ['return', 'a'],
      ],
      ['set', 'sum', ['f64.add', ['f64.mul', 'b', 'c'], 'a']],
      ['if', isNotANumber(double, 'sum'), processFusedNaNs(double) as unknown as Tree],
      ['return', 'sum'],
    ],

    ...split('b'),
    ...split('c'),
    ['set', 'sign', ['i64.and', ['i64.xor', bitsOf(double, 'b'), bitsOf(double, 'c')], -0x8000_0000_0000_0000n]],
    ['set', 'addendSign', ['i64.and', bitsOf(double, 'a'), -0x8000_0000_0000_0000n]],

    // high:low = mb * mc * 2^20, from 2^124 to below 2^126; its unit is 2^(exponent).
    [
      'set',
      'middle',
      [
        'i64.add',
        ['i64.add', ['i64.mul', high32('mb'), low32('mc')], ['i64.mul', low32('mb'), high32('mc')]],
        high32(['tee', 'low', ['i64.mul', low32('mb'), low32('mc')]]),
      ],
    ],
    ['set', 'low', ['i64.or', ['i64.shl', 'middle', 32n], low32('low')]],
    ['set', 'high', ['i64.add', ['i64.mul', high32('mb'), high32('mc')], high32('middle')]],
    ['set', 'high', ['i64.or', ['i64.shl', 'high', 20n], ['i64.shr_u', 'low', 44n]]],
    ['set', 'low', ['i64.shl', 'low', 20n]],
    ['set', 'exponent', ['i64.sub', ['i64.add', 'eb', 'ec'], 2170n]],

    [
      'if',
      ['f64.ne', 'a', ['f64.convert_i32_s', 0]],
      [
        // addendHigh:addendLow = ma * 2^72, from 2^124 to below 2^125; its unit is 2^(ea - 1147).
        ...split('a'),
        ['set', 'addendHigh', ['i64.shl', 'ma', 8n]],
        ['set', 'shift', ['i64.sub', 'exponent', ['i64.sub', 'ea', 1147n]]],
        [
          'if',
          ['i64.ge_s', 'shift', 0n],
          [shiftRightSticky('addendHigh', 'addendLow', 'shift')],
          [
            ['set', 'exponent', ['i64.sub', 'exponent', 'shift']],
            ['set', 'shift', ['i64.sub', 0n, 'shift']],
            shiftRightSticky('high', 'low', 'shift'),
          ],
        ],
        [
          'if',
          ['i64.eq', 'sign', 'addendSign'],
          [
            ['set', 'low', ['i64.add', 'low', 'addendLow']],
            [
              'set',
              'high',
              ['i64.add', ['i64.add', 'high', 'addendHigh'], ['i64.extend_i32_u', ['i64.lt_u', 'low', 'addendLow']]],
            ],
          ],
          [
            ['set', 'rest', ['i64.extend_i32_u', ['i64.lt_u', 'low', 'addendLow']]],
            ['set', 'low', ['i64.sub', 'low', 'addendLow']],
            ['set', 'high', ['i64.sub', ['i64.sub', 'high', 'addendHigh'], 'rest']],
            [
              'if',
              ['i64.lt_s', 'high', 0n],
              [
                ['set', 'sign', 'addendSign'],
                ['set', 'low', ['i64.sub', 0n, 'low']],
                ['set', 'high', ['i64.sub', ['i64.sub', 0n, 'high'], nonZero('low')]],
              ],
            ],
            ['if', ['i64.eqz', ['i64.or', 'high', 'low']], [['return', ['f64.convert_i32_s', 0]]]],
          ],
        ],
      ],
    ],

    // Leading one to bit 127; what lies below bit 64 only matters as zero or not.
    [
      'if',
      ['i64.eqz', 'high'],
      [
        ['set', 'high', 'low'],
        ['set', 'low', 0n],
        ['set', 'exponent', ['i64.sub', 'exponent', 64n]],
      ],
    ],
    ['set', 'shift', ['i64.clz', 'high']],
    [
      'if',
      ['i64.ne', 'shift', 0n],
      [
        ['set', 'high', ['i64.or', ['i64.shl', 'high', 'shift'], ['i64.shr_u', 'low', ['i64.sub', 64n, 'shift']]]],
        ['set', 'low', ['i64.shl', 'low', 'shift']],
      ],
    ],
    ['set', 'high', ['i64.or', 'high', nonZero('low')]],
    ['set', 'exponent', ['i64.add', ['i64.sub', 'exponent', 'shift'], 1150n]],

    // Now the value is high * 2^-63 * 2^(exponent - 1023): round to the 53 bits of a normal number, or to fewer.
    [
      'if',
      ['i64.ge_s', 'exponent', exponentMask],
      [['return', ['f64.reinterpret_i64', ['i64.or', 'sign', 0x7ff0_0000_0000_0000n]]]],
    ],
    ['set', 'shift', 11n],
    [
      'if',
      ['i64.lt_s', 'exponent', 1n],
      [
        ['set', 'high', ['i64.or', ['i64.shr_u', 'high', 1n], ['i64.and', 'high', 1n]]],
        ['set', 'shift', ['i64.sub', 11n, 'exponent']],
        ['if', ['i64.gt_s', 'shift', 63n], [['return', ['f64.reinterpret_i64', 'sign']]]],
        ['set', 'exponent', 1n],
      ],
    ],
    ['set', 'rest', ['i64.shl', 'high', ['i64.sub', 64n, 'shift']]],
    ['set', 'high', ['i64.shr_u', 'high', 'shift']],
    [
      'set',
      'high',
      [
        'i64.add',
        'high',
        ['i64.extend_i32_u', ['i64.gt_u', ['i64.add', 'rest', ['i64.and', 'high', 1n]], 0x8000_0000_0000_0000n]],
      ],
    ],
    // The hidden bit of a normal number adds one to the exponent field; so does a carry out of the fraction.
    ['f64.reinterpret_i64', ['i64.or', 'sign', ['i64.add', 'high', ['i64.shl', ['i64.sub', 'exponent', 1n], 52n]]]],
  ],
};
