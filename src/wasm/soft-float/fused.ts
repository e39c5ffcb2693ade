/** FPMulAdd on bits: c + a * b, rounded once. */
import type { Tree } from '../assembler.ts';
import { exactZero, wideProduct } from './arithmetic.ts';
import {
  and,
  flush,
  give,
  invalid,
  isInfinite,
  isNotANumber,
  isSignalling,
  isZero,
  nonZero,
  onBits,
  or,
  perFormat,
  signOf,
  soft,
  unpack,
  unpackedLocals,
  when,
} from './format.ts';
import { nanOfThree, round } from './round.ts';

const wide = (by: Tree): Tree => ['i64.extend_i32_u', by];
const carry = (condition: Tree): Tree => ['i64.extend_i32_u', condition];

/** Shifts the locals high:low right by the i32 local `by` (not negative); what falls out is kept in the last bit. */
const shiftPairSticky = (high: string, low: string, by: string): Tree => [
  'if',
  ['i32.gt_u', by, 127],
  [
    ['set', low, nonZero(['i64.or', high, low])],
    ['set', high, 0n],
  ],
  [
    when(
      ['i32.gt_u', by, 63],
      ['set', low, ['i64.or', high, nonZero(low)]],
      ['set', high, 0n],
      ['set', by, ['i32.sub', by, 64]],
    ),
    // In two steps where a shift by 64 would be one by 0.
    [
      'set',
      low,
      [
        'i64.or',
        ['i64.or', ['i64.shr_u', low, wide(by)], ['i64.shl', ['i64.shl', high, wide(['i32.sub', 63, by])], 1n]],
        nonZero(['i64.shl', ['i64.shl', low, wide(['i32.sub', 63, by])], 1n]),
      ],
    ],
    ['set', high, ['i64.shr_u', high, wide(by)]],
  ],
];

export const fma = perFormat((f) =>
  onBits(
    `soft_fma_${f.name}`,
    ['c', 'a', 'b'],
    {
      ...unpackedLocals('a', 'b', 'c'),
      ...{ sign: 'i64', high: 'i64', middle: 'i64', low: 'i64', addendHigh: 'i64', addendLow: 'i64', by: 'i32' },
    },
    [
      flush(f, 'c', 'a', 'b'),
      // Infinity times zero, which a quiet addend does not hide.
      [
        'if',
        and(or(and(isInfinite(f, 'a'), isZero(f, 'b')), and(isZero(f, 'a'), isInfinite(f, 'b'))), [
          'i32.eqz',
          and(isNotANumber(f, 'c'), isSignalling(f, 'c')),
        ]),
        invalid(f),
      ],
      when(
        or(isNotANumber(f, 'c'), isNotANumber(f, 'a'), isNotANumber(f, 'b')),
        give(soft(nanOfThree(f), 'c', 'a', 'b')),
      ),
      ['set', 'sign', signOf(f, ['i64.xor', 'a', 'b'])],
      when(
        or(isInfinite(f, 'a'), isInfinite(f, 'b')),
        ['if', and(isInfinite(f, 'c'), ['i64.ne', signOf(f, 'c'), 'sign']), invalid(f)],
        give(['i64.or', 'sign', f.infinity]),
      ),
      when(isInfinite(f, 'c'), give('c')),
      when(
        or(isZero(f, 'a'), isZero(f, 'b')),
        when(isZero(f, 'c'), give(['select', 'c', exactZero(f), ['i64.eq', 'c', 'sign']])),
        give('c'),
      ),
      ...unpack(f, 'a'),
      ...unpack(f, 'b'),
      // high:low * 2^(ea - 126) is the product, below 2^127.
      ...wideProduct,
      ['set', 'low', ['i64.or', ['i64.shr_u', 'low', 1n], ['i64.shl', 'high', 63n]]],
      ['set', 'high', ['i64.shr_u', 'high', 1n]],
      ['set', 'ea', ['i32.add', ['i32.add', 'ea', 'eb'], 1]],
      when(
        ['i32.eqz', isZero(f, 'c')],
        // The addend likewise. Below their digits both have zeros, 74 and 20 at least, so nothing that a difference
        // might bring up falls out.
        ...unpack(f, 'c'),
        ['set', 'addendHigh', ['i64.shr_u', 'mc', 1n]],
        ['set', 'addendLow', 0n],
        ['set', 'by', ['i32.sub', 'ea', 'ec']],
        [
          'if',
          ['i32.ge_s', 'by', 0],
          [shiftPairSticky('addendHigh', 'addendLow', 'by')],
          [['set', 'ea', 'ec'], ['set', 'by', ['i32.sub', 0, 'by']], shiftPairSticky('high', 'low', 'by')],
        ],
        [
          'if',
          ['i64.eq', signOf(f, 'c'), 'sign'],
          [
            ['set', 'low', ['i64.add', 'low', 'addendLow']],
            ['set', 'high', ['i64.add', ['i64.add', 'high', 'addendHigh'], carry(['i64.lt_u', 'low', 'addendLow'])]],
          ],
          [
            ['set', 'middle', carry(['i64.lt_u', 'low', 'addendLow'])],
            ['set', 'low', ['i64.sub', 'low', 'addendLow']],
            ['set', 'high', ['i64.sub', ['i64.sub', 'high', 'addendHigh'], 'middle']],
            when(
              ['i64.lt_s', 'high', 0n],
              ['set', 'sign', ['i64.xor', 'sign', f.sign]],
              ['set', 'high', ['i64.sub', ['i64.sub', 0n, 'high'], nonZero('low')]],
              ['set', 'low', ['i64.sub', 0n, 'low']],
            ),
            when(['i64.eqz', ['i64.or', 'high', 'low']], give(exactZero(f))),
          ],
        ],
      ),
      // The leading one to bit 127; below bit 64 it only matters whether there is anything.
      when(['i64.eqz', 'high'], ['set', 'high', 'low'], ['set', 'low', 0n], ['set', 'ea', ['i32.sub', 'ea', 64]]),
      ['set', 'by', ['i32.wrap_i64', ['i64.clz', 'high']]],
      [
        'set',
        'high',
        [
          'i64.or',
          ['i64.shl', 'high', wide('by')],
          ['i64.shr_u', ['i64.shr_u', 'low', wide(['i32.sub', 63, 'by'])], 1n],
        ],
      ],
      ['set', 'low', ['i64.shl', 'low', wide('by')]],
      [
        'call',
        round(f),
        'sign',
        ['i32.add', ['i32.sub', 'ea', 'by'], 1],
        ['i64.or', 'high', nonZero('low')],
        'control',
        'cpu',
      ],
    ],
  ),
);
