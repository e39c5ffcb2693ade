/** FPRecipEstimate, FPRSqrtEstimate, FPRecipStep and FPRSqrtStep on bits. */

import { Fpscr } from '../../layout/fpscr.ts';
import type { Tree } from '../assembler.ts';
import { mul, sub } from './arithmetic.ts';
import {
  and,
  choose,
  type Format,
  flush,
  give,
  has,
  invalid,
  isInfinite,
  isNotANumber,
  isZero,
  onBits,
  or,
  perFormat,
  raise,
  signOf,
  soft,
  unpack,
  unpackedLocals,
  when,
} from './format.ts';
import { nanOfOne, nanOfTwo, overflowsToInfinity } from './round.ts';

/** A normal number of sign, exponent field (an i32 local) and the estimate's eight fraction bits. */
const packed = (f: Format, sign: Tree, field: Tree, estimate: Tree): Tree => [
  'i64.or',
  ['i64.or', sign, ['i64.shl', ['i64.extend_i32_u', field], f.fraction]],
  ['i64.shl', ['i64.extend_i32_u', ['i32.and', estimate, 0xff]], f.fraction - 8n],
];

/** The leading bits of `ma`, as many as told. */
const leading = (bits: bigint): Tree => ['i32.wrap_i64', ['i64.shr_u', 'ma', 64n - bits]];

export const recipEstimate = perFormat((f) =>
  onBits(`soft_recip_estimate_${f.name}`, ['a'], { ...unpackedLocals('a'), sign: 'i64', estimate: 'i32' }, [
    flush(f, 'a'),
    when(isNotANumber(f, 'a'), give(soft(nanOfOne(f), 'a'))),
    ['set', 'sign', signOf(f, 'a')],
    when(isInfinite(f, 'a'), give('sign')),
    when(isZero(f, 'a'), raise(Fpscr.DZC), give(['i64.or', 'sign', f.infinity])),
    ...unpack(f, 'a'),
    when(
      ['i32.lt_s', 'ea', -f.bias - 1],
      raise(Fpscr.OFC | Fpscr.IXC),
      give(['i64.or', 'sign', choose(overflowsToInfinity, f.infinity, f.infinity - 1n)]),
    ),
    // The result's exponent field.
    ['set', 'ea', ['i32.sub', f.bias - 1, 'ea']],
    when(and(['i32.ne', has(f.flush), 0], ['i32.lt_s', 'ea', 1]), raise(Fpscr.UFC), give('sign')),
    // RecipEstimate: a = 256 to 511; (2^19 / (2a + 1) + 1) / 2.
    [
      'set',
      'estimate',
      ['i32.shr_u', ['i32.add', ['i32.div_u', 1 << 19, ['i32.or', ['i32.shl', leading(9n), 1], 1]], 1], 1],
    ],
    when(['i32.gt_s', 'ea', 0], give(packed(f, 'sign', 'ea', 'estimate'))),
    // Subnormal: the implicit one moves into the fraction, one place down or two.
    [
      'i64.or',
      'sign',
      [
        'i64.shr_u',
        ['i64.shl', ['i64.extend_i32_u', 'estimate'], f.fraction - 8n],
        ['i64.extend_i32_u', ['i32.sub', 1, 'ea']],
      ],
    ],
  ]),
);

export const rsqrtEstimate = perFormat((f) =>
  onBits(`soft_rsqrt_estimate_${f.name}`, ['a'], { ...unpackedLocals('a'), middle: 'i32', b: 'i32' }, [
    flush(f, 'a'),
    when(isNotANumber(f, 'a'), give(soft(nanOfOne(f), 'a'))),
    when(isZero(f, 'a'), raise(Fpscr.DZC), give(['i64.or', 'a', f.infinity])),
    ['if', ['i64.ne', signOf(f, 'a'), 0n], invalid(f)],
    when(isInfinite(f, 'a'), give(0n)),
    ...unpack(f, 'a'),
    // RecipSqrtEstimate of 128 to 255 where the exponent field is odd (its value even), of 256 to 511 where it is even:
    // the middle of the interval that it stands for, in 1024ths.
    [
      'set',
      'middle',
      choose(
        ['i32.and', ['i32.add', 'ea', f.bias], 1],
        ['i32.or', ['i32.shl', leading(8n), 1], 1],
        ['i32.shl', ['i32.or', leading(9n), 1], 1],
      ),
    ],
    // The root of 2^28 / middle, rounded down, by the plain one: where that is whole it may be one too large.
    [
      'set',
      'b',
      [
        'i32.trunc_sat_f64_u',
        ['f64.sqrt', ['f64.div', ['f64.convert_i32_u', 1 << 28], ['f64.convert_i32_u', 'middle']]],
      ],
    ],
    when(['i32.ge_u', ['i32.mul', 'middle', ['i32.mul', 'b', 'b']], 1 << 28], ['set', 'b', ['i32.sub', 'b', 1]]),
    packed(
      f,
      0n,
      // (3 bias - 1 - field) / 2
      ['i32.shr_s', ['i32.sub', 2 * f.bias - 1, 'ea'], 1],
      ['i32.shr_u', ['i32.add', 'b', 1], 1],
    ),
  ]),
);

/** 2 or 3, whose exponent is 1, with the fraction bit of `half`. */
const small = (f: Format, half: 0n | 1n): bigint => (BigInt(f.bias + 1) << f.fraction) | (half << (f.fraction - 1n));

/** `from` - a * b; infinity times zero counts as zero. `last` takes the local `a`. */
const step = (name: string, from: 0n | 1n, last: (f: Format) => Tree) =>
  perFormat((f) =>
    onBits(`soft_${name}_${f.name}`, ['a', 'b'], {}, [
      flush(f, 'a', 'b'),
      when(or(isNotANumber(f, 'a'), isNotANumber(f, 'b')), give(soft(nanOfTwo(f), 'a', 'b'))),
      [
        'if',
        or(and(isInfinite(f, 'a'), isZero(f, 'b')), and(isZero(f, 'a'), isInfinite(f, 'b'))),
        [['set', 'a', 0n]],
        [['set', 'a', soft(mul(f), 'a', 'b')]],
      ],
      ['set', 'a', soft(sub(f), small(f, from), 'a')],
      last(f),
    ]),
  );

export const recipStep = step('recip_step', 0n, () => 'a');
/** Half of the difference, which is exact: that is infinite, zero, or far from the smallest normal number. */
export const rsqrtStep = step('rsqrt_step', 1n, (f) =>
  choose(or(isInfinite(f, 'a'), isZero(f, 'a')), 'a', ['i64.sub', 'a', 1n << f.fraction]),
);
