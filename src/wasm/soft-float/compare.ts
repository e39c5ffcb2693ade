/** FPCompare, FPMax, FPMin, FPMaxNum and FPMinNum on bits. */
import { Fpscr } from '../../layout/fpscr.ts';
import type { Assembly, Tree } from '../assembler.ts';
import {
  absolute,
  and,
  choose,
  type Format,
  flush,
  give,
  isNotANumber,
  isQuiet,
  isSignalling,
  onBits,
  or,
  perFormat,
  raise,
  signOf,
  soft,
  when,
} from './format.ts';
import { nanOfTwo } from './round.ts';

/** A signed number in the order of the numbers; zeros of both signs are equal. */
const key = (f: Format, x: Tree): Tree =>
  choose(['i64.ne', signOf(f, x), 0n], ['i64.sub', 0n, absolute(f, x)], absolute(f, x));

const flags = { less: 0b1000, equal: 0b0110, greater: 0b0010, unordered: 0b0011 } as const;

/** Gives N, Z, C and V in bits 3 to 0; `signals` is 1 when every NaN raises Invalid Operation. */
export const compare = perFormat(
  (f): Assembly => ({
    name: `soft_compare_${f.name}`,
    parameters: { a: 'i64', b: 'i64', signals: 'i32', control: 'i32', cpu: 'i32' },
    result: 'i32',
    body: [
      flush(f, 'a', 'b'),
      when(
        or(isNotANumber(f, 'a'), isNotANumber(f, 'b')),
        when(
          or(
            'signals',
            and(isNotANumber(f, 'a'), isSignalling(f, 'a')),
            and(isNotANumber(f, 'b'), isSignalling(f, 'b')),
          ),
          raise(Fpscr.IOC),
        ),
        give(flags.unordered),
      ),
      ['set', 'a', key(f, 'a')],
      ['set', 'b', key(f, 'b')],
      choose(['i64.eq', 'a', 'b'], flags.equal, choose(['i64.lt_s', 'a', 'b'], flags.less, flags.greater)),
    ],
  }),
);

/** Of equal operands only zeros may differ, in the sign: a maximum has both signs, a minimum either. */
const extreme = (name: string, isBetter: 'i64.gt_s' | 'i64.lt_s', ofEquals: 'i64.and' | 'i64.or') =>
  perFormat((f) =>
    onBits(`soft_${name}_${f.name}`, ['a', 'b'], {}, [
      flush(f, 'a', 'b'),
      when(or(isNotANumber(f, 'a'), isNotANumber(f, 'b')), give(soft(nanOfTwo(f), 'a', 'b'))),
      when(['i64.eq', key(f, 'a'), key(f, 'b')], give([ofEquals, 'a', 'b'])),
      choose([isBetter, key(f, 'a'), key(f, 'b')], 'a', 'b'),
    ]),
  );

export const max = extreme('max', 'i64.gt_s', 'i64.and');
export const min = extreme('min', 'i64.lt_s', 'i64.or');

/** A quiet NaN becomes what loses to every number, unless the other is one too. */
const extremeNumber = (name: string, compute: (f: Format) => Assembly, loser: (f: Format) => bigint) =>
  perFormat((f) =>
    onBits(`soft_${name}_${f.name}`, ['a', 'b'], { aIsQuiet: 'i32' }, [
      ['set', 'aIsQuiet', isQuiet(f, 'a')],
      [
        'if',
        ['i32.ne', 'aIsQuiet', isQuiet(f, 'b')],
        [['if', 'aIsQuiet', [['set', 'a', loser(f)]], [['set', 'b', loser(f)]]]],
      ],
      soft(compute(f), 'a', 'b'),
    ]),
  );

export const maxnum = extremeNumber('maxnum', max, (f) => f.infinity | f.sign);
export const minnum = extremeNumber('minnum', min, (f) => f.infinity);
