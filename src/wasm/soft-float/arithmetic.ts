/** FPAdd, FPSub, FPMul, FPDiv and FPSqrt on bits. */
import { Rounding } from '../../ir/float-kinds.table.ts';
import { Fpscr } from '../../layout/fpscr.ts';
import type { Tree } from '../assembler.ts';
import {
  absolute,
  choose,
  type Format,
  f64,
  flush,
  give,
  invalid,
  isInfinite,
  isMode,
  isNotANumber,
  isZero,
  nonZero,
  onBits,
  or,
  perFormat,
  raise,
  shiftRightSticky,
  signOf,
  soft,
  unpack,
  unpackedLocals,
  when,
} from './format.ts';
import { nanOfOne, nanOfTwo, round } from './round.ts';

/** The sum of opposite numbers: negative where rounding is toward minus infinity. */
export const exactZero = (f: Format): Tree => choose(isMode(Rounding.down), f.sign, 0n);

const withNaNs = (f: Format): Tree[] => [
  flush(f, 'a', 'b'),
  when(or(isNotANumber(f, 'a'), isNotANumber(f, 'b')), give(soft(nanOfTwo(f), 'a', 'b'))),
];

export const add = perFormat((f) =>
  onBits(`soft_add_${f.name}`, ['a', 'b'], { ...unpackedLocals('a', 'b'), swap: 'i64' }, [
    ...withNaNs(f),
    when(isInfinite(f, 'a'), ['if', ['i64.eq', 'b', ['i64.xor', 'a', f.sign]], invalid(f)], give('a')),
    when(isInfinite(f, 'b'), give('b')),
    when(isZero(f, 'a'), when(isZero(f, 'b'), give(choose(['i64.eq', 'a', 'b'], 'a', exactZero(f)))), give('b')),
    when(isZero(f, 'b'), give('a')),
    // `a` is the larger.
    when(
      ['i64.lt_u', absolute(f, 'a'), absolute(f, 'b')],
      ['set', 'swap', 'a'],
      ['set', 'a', 'b'],
      ['set', 'b', 'swap'],
    ),
    ...unpack(f, 'a'),
    ...unpack(f, 'b'),
    // One bit of room at the top for a carry. At the bottom there are at least ten: a difference that cancels more than
    // one leading bit is of exponents so near that nothing falls out.
    ['set', 'ma', ['i64.shr_u', 'ma', 1n]],
    ['set', 'mb', ['i64.shr_u', 'mb', 1n]],
    shiftRightSticky('mb', ['i32.sub', 'ea', 'eb']),
    [
      'if',
      ['i64.eqz', signOf(f, ['i64.xor', 'a', 'b'])],
      [['set', 'ma', ['i64.add', 'ma', 'mb']]],
      [['set', 'ma', ['i64.sub', 'ma', 'mb']], when(['i64.eqz', 'ma'], give(exactZero(f)))],
    ],
    ['call', round(f), signOf(f, 'a'), ['i32.add', 'ea', 1], 'ma', 'control', 'cpu'],
  ]),
);

export const sub = perFormat((f) =>
  onBits(`soft_sub_${f.name}`, ['a', 'b'], {}, [...withNaNs(f), soft(add(f), 'a', ['i64.xor', 'b', f.sign])]),
);

const low32 = (value: Tree): Tree => ['i64.and', value, 0xffff_ffffn];
const high32 = (value: Tree): Tree => ['i64.shr_u', value, 32n];

/** Sets the locals `high` and `low` to the 128 bits of ma * mb; `middle` is free for it. */
export const wideProduct: readonly Tree[] = [
  ['set', 'low', ['i64.mul', low32('ma'), low32('mb')]],
  ['set', 'middle', ['i64.add', ['i64.mul', high32('ma'), low32('mb')], high32('low')]],
  ['set', 'high', ['i64.add', ['i64.mul', high32('ma'), high32('mb')], high32('middle')]],
  ['set', 'middle', ['i64.add', ['i64.mul', low32('ma'), high32('mb')], low32('middle')]],
  ['set', 'high', ['i64.add', 'high', high32('middle')]],
  ['set', 'low', ['i64.mul', 'ma', 'mb']],
];

export const mul = perFormat((f) =>
  onBits(
    `soft_mul_${f.name}`,
    ['a', 'b'],
    { ...unpackedLocals('a', 'b'), sign: 'i64', high: 'i64', middle: 'i64', low: 'i64' },
    [
      ...withNaNs(f),
      ['set', 'sign', signOf(f, ['i64.xor', 'a', 'b'])],
      when(
        or(isInfinite(f, 'a'), isInfinite(f, 'b')),
        ['if', or(isZero(f, 'a'), isZero(f, 'b')), invalid(f)],
        give(['i64.or', 'sign', f.infinity]),
      ),
      when(or(isZero(f, 'a'), isZero(f, 'b')), give('sign')),
      ...unpack(f, 'a'),
      ...unpack(f, 'b'),
      ...(f === f64
        ? [...wideProduct, ['set', 'ma', ['i64.or', 'high', nonZero('low')]] as Tree]
        : [['set', 'ma', ['i64.mul', high32('ma'), high32('mb')]] as Tree]),
      ['call', round(f), 'sign', ['i32.add', ['i32.add', 'ea', 'eb'], 1], 'ma', 'control', 'cpu'],
    ],
  ),
);

/** Bits of a binary64 significand. */
const wideBits = 53n;
const toWide = 64n - wideBits;

/** A one below the last bit of `m` on the side that the signed `rest` tells: the exact value lies there. */
const nudged = (m: Tree, rest: Tree): Tree => [
  'i64.add',
  m,
  ['i64.sub', ['i64.extend_i32_u', ['i64.gt_s', rest, 0n]], ['i64.extend_i32_u', ['i64.lt_s', rest, 0n]]],
];

/**
 * The plain division of the significands gives the quotient to nearest with 53 bits; what is left of the dividend,
 * which is small enough to be known modulo 2^64, tells on which side the exact quotient lies.
 */
export const div = perFormat((f) =>
  onBits(`soft_div_${f.name}`, ['a', 'b'], { ...unpackedLocals('a', 'b'), sign: 'i64', quotient: 'i64' }, [
    ...withNaNs(f),
    ['set', 'sign', signOf(f, ['i64.xor', 'a', 'b'])],
    when(isInfinite(f, 'a'), ['if', isInfinite(f, 'b'), invalid(f)], give(['i64.or', 'sign', f.infinity])),
    when(isZero(f, 'b'), ['if', isZero(f, 'a'), invalid(f)], raise(Fpscr.DZC), give(['i64.or', 'sign', f.infinity])),
    when(or(isZero(f, 'a'), isInfinite(f, 'b')), give('sign')),
    ...unpack(f, 'a'),
    ...unpack(f, 'b'),
    ['set', 'ma', ['i64.shr_u', 'ma', toWide]],
    ['set', 'mb', ['i64.shr_u', 'mb', toWide]],
    // From 1/2 to 2, in units of 2^-54.
    [
      'set',
      'quotient',
      [
        'i64.trunc_sat_f64_s',
        [
          'f64.mul',
          ['f64.div', ['f64.convert_i64_s', 'ma'], ['f64.convert_i64_s', 'mb']],
          ['f64.convert_i64_s', 1n << 54n],
        ],
      ],
    ],
    ['set', 'ma', ['i64.sub', ['i64.shl', 'ma', 54n], ['i64.mul', 'quotient', 'mb']]],
    [
      'call',
      round(f),
      'sign',
      ['i32.add', ['i32.sub', 'ea', 'eb'], 1],
      nudged(['i64.shl', 'quotient', 8n], 'ma'),
      'control',
      'cpu',
    ],
  ]),
);

/** The plain root, and the side of the exact one, likewise. */
export const sqrt = perFormat((f) =>
  onBits(`soft_sqrt_${f.name}`, ['a'], { ...unpackedLocals('a'), root: 'i64' }, [
    flush(f, 'a'),
    when(isNotANumber(f, 'a'), give(soft(nanOfOne(f), 'a'))),
    when(isZero(f, 'a'), give('a')),
    ['if', ['i64.ne', signOf(f, 'a'), 0n], invalid(f)],
    when(isInfinite(f, 'a'), give('a')),
    ...unpack(f, 'a'),
    // From 2^52 to 2^54, so that the exponent is even.
    ['set', 'ma', ['i64.shl', ['i64.shr_u', 'ma', toWide], ['i64.extend_i32_u', ['i32.and', 'ea', 1]]]],
    // In units of 2^-26, from 2^52 on.
    [
      'set',
      'root',
      ['i64.trunc_sat_f64_s', ['f64.mul', ['f64.sqrt', ['f64.convert_i64_s', 'ma']], ['f64.convert_i64_s', 1n << 26n]]],
    ],
    ['set', 'ma', ['i64.sub', ['i64.shl', 'ma', 52n], ['i64.mul', 'root', 'root']]],
    [
      'call',
      round(f),
      0n,
      ['i32.add', ['i32.shr_s', 'ea', 1], 1],
      nudged(['i64.shl', 'root', 10n], 'ma'),
      'control',
      'cpu',
    ],
  ]),
);
