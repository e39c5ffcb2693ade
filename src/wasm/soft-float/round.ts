/** FPRound, FPRoundCV and the choice of NaNs, on bits. */
import { Rounding } from '../../ir/float-kinds.table.ts';
import { Fpscr } from '../../layout/fpscr.ts';
import type { Assembly, Tree } from '../assembler.ts';
import {
  and,
  choose,
  defaultNaN,
  type Format,
  f16,
  f32Odd,
  give,
  has,
  isMode,
  isNotANumber,
  isSignalling,
  nonZero,
  or,
  perFormat,
  raise,
  shiftRightSticky,
  when,
} from './format.ts';

/**
 * The number of the given sign (at the format's place) and magnitude m * 2^(e - 63), rounded as `control` says; m is
 * not zero, and its last bit may stand for more. `isConversion` is FPRoundCV: FZ16 does not count, and AHP does.
 */
export function rounding(f: Format, isConversion: boolean): Assembly {
  const dropped = 63n - f.fraction;
  const isHalfConversion = f === f16 && isConversion;
  return {
    name: `soft_round${isConversion ? '_conversion' : ''}_${f.name}`,
    parameters: { sign: 'i64', e: 'i32', m: 'i64', control: 'i32', cpu: 'i32' },
    locals: { exceptions: 'i32', rest: 'i64', result: 'i64' },
    result: 'i64',
    body: [
      // The exponent field that goes with a leading one at bit 63.
      ['set', 'e', ['i32.add', ['i32.sub', 'e', ['i32.wrap_i64', ['i64.clz', 'm']]], f.bias]],
      ['set', 'm', ['i64.shl', 'm', ['i64.clz', 'm']]],
      [
        'if',
        ['i32.gt_s', 'e', 0],
        [['set', 'result', ['i64.shl', ['i64.extend_i32_s', ['i32.sub', 'e', 1]], f.fraction]]],
        [
          ...(isHalfConversion ? [] : [when(has(f.flush), raise(Fpscr.UFC), give('sign'))]),
          shiftRightSticky('m', ['i32.sub', 1, 'e']),
          ['set', 'exceptions', Fpscr.UFC],
        ],
      ],
      ['set', 'rest', ['i64.and', 'm', (1n << dropped) - 1n]],
      ['set', 'm', ['i64.shr_u', 'm', dropped]],
      // The implicit one of a normal number, and a carry out of its fraction, count into the exponent's field.
      ['set', 'result', ['i64.add', 'result', 'm']],
      [
        'if',
        ['i64.eqz', 'rest'],
        [['set', 'exceptions', 0]],
        [
          ['set', 'exceptions', ['i32.or', 'exceptions', Fpscr.IXC]],
          [
            'set',
            'result',
            [
              'i64.add',
              'result',
              [
                'i64.extend_i32_u',
                f === f32Odd
                  ? ['i64.eqz', ['i64.and', 'm', 1n]]
                  : choose(
                      isMode(Rounding.nearest),
                      ['i64.gt_u', ['i64.add', 'rest', ['i64.and', 'm', 1n]], 1n << (dropped - 1n)],
                      awayFrom('sign'),
                    ),
              ],
            ],
          ],
        ],
      ],
      ...(isHalfConversion ? [when(has(Fpscr.AHP), ...alternativeEnd(f))] : []),
      when(
        ['i64.ge_u', 'result', f.infinity],
        ['set', 'exceptions', Fpscr.OFC | Fpscr.IXC],
        ['set', 'result', ['i64.sub', f.infinity, nonZero(['i64.extend_i32_u', ['i32.eqz', overflowsToInfinity]])]],
      ),
      when('exceptions', raise('exceptions')),
      ['i64.or', 'sign', 'result'],
    ],
  };
}

/** 1 where a directed rounding goes away from zero. */
const awayFrom = (sign: Tree): Tree =>
  or(and(isMode(Rounding.up), ['i64.eqz', sign]), and(isMode(Rounding.down), ['i64.ne', sign, 0n]));

export const overflowsToInfinity: Tree = ['i32.or', isMode(Rounding.nearest), awayFrom('sign')];

/** The alternative half-precision format has numbers where others have infinities and NaNs, and saturates. */
const alternativeEnd = (f: Format): Tree[] => [
  when(['i64.ge_u', 'result', f.sign], ['set', 'exceptions', Fpscr.IOC], ['set', 'result', f.sign - 1n]),
  when('exceptions', raise('exceptions')),
  give(['i64.or', 'sign', 'result']),
];

export const round = perFormat((f) => rounding(f, false));

/** FPProcessNaN, FPProcessNaNs and FPProcessNaNs3: one of the operands is a NaN. */
const processNaNs =
  (operands: readonly string[]) =>
  (f: Format): Assembly => ({
    name: `soft_nan${operands.length}_${f.name}`,
    parameters: { ...Object.fromEntries(operands.map((x) => [x, 'i64'] as const)), control: 'i32', cpu: 'i32' },
    result: 'i64',
    body: [
      ...operands.map((x) =>
        when(
          and(isNotANumber(f, x), isSignalling(f, x)),
          raise(Fpscr.IOC),
          give(choose(has(Fpscr.DN), defaultNaN(f), ['i64.or', x, f.quiet])),
        ),
      ),
      when(has(Fpscr.DN), give(defaultNaN(f))),
      ...operands.map((x) => when(isNotANumber(f, x), give(x))),
      ['unreachable'],
    ],
  });

export const nanOfOne = perFormat(processNaNs(['a']));
export const nanOfTwo = perFormat(processNaNs(['a', 'b']));
export const nanOfThree = perFormat(processNaNs(['c', 'a', 'b']));
