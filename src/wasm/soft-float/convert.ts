/** FPConvert, FPConvertBF, FPToFixed, FixedToFP and FPRoundInt on bits. */
import { Rounding } from '../../ir/float-kinds.table.ts';
import { Fpscr, roundingShift } from '../../layout/fpscr.ts';
import type { Assembly, Tree } from '../assembler.ts';
import {
  absolute,
  and,
  bf16,
  choose,
  defaultNaN,
  type Format,
  f16,
  f32,
  f64,
  flush,
  give,
  has,
  isInfinite,
  isNotANumber,
  isSignalling,
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
import { nanOfOne, round, rounding } from './round.ts';

/** The i64 `x` with its bits moved up by so many places, or down. */
const moved = (x: Tree, by: bigint): Tree => (by >= 0n ? ['i64.shl', x, by] : ['i64.shr_u', x, -by]);

/** FPUnpackCV, FPConvertNaN, FPRoundCV: between two formats. */
function conversion(from: Format, to: Format): Assembly {
  /** What the alternative half-precision format, which has neither, gives for infinities and NaNs. */
  const toAlternative = (...then: Tree[]): Tree[] =>
    to === f16 ? [when(has(Fpscr.AHP), raise(Fpscr.IOC), ...then)] : [];
  /** From that format there are none. */
  const fromOther: Tree[] = from === f16 ? [['i32.eqz', has(Fpscr.AHP)]] : [];
  const payload: Tree = ['i64.and', 'a', from.quiet - 1n];
  return onBits(`soft_${to.name}_from_${from.name}`, ['a'], { ...unpackedLocals('a'), sign: 'i64' }, [
    ...(from === f16 ? [] : [flush(from, 'a')]),
    ['set', 'sign', moved(signOf(from, 'a'), to.bits - from.bits)],
    when(
      and(isNotANumber(from, 'a'), ...fromOther),
      ...toAlternative(give('sign')),
      when(isSignalling(from, 'a'), raise(Fpscr.IOC)),
      when(has(Fpscr.DN), give(defaultNaN(to))),
      give(['i64.or', ['i64.or', 'sign', to.infinity | to.quiet], moved(payload, to.fraction - from.fraction)]),
    ),
    when(
      and(isInfinite(from, 'a'), ...fromOther),
      ...toAlternative(give(['i64.or', 'sign', to.sign - 1n])),
      give(['i64.or', 'sign', to.infinity]),
    ),
    when(isZero(from, 'a'), give('sign')),
    ...unpack(from, 'a'),
    ['call', roundConversion.get(to) as Assembly, 'sign', 'ea', 'ma', 'control', 'cpu'],
  ]);
}

const roundConversion = new Map<Format, Assembly>([
  [f16, rounding(f16, true)],
  [bf16, rounding(bf16, true)],
  [f32, round(f32)],
  [f64, round(f64)],
]);

export const f16FromF32 = conversion(f32, f16);
export const f16FromF64 = conversion(f64, f16);
export const f32FromF16 = conversion(f16, f32);
export const f32FromF64 = conversion(f64, f32);
export const f64FromF16 = conversion(f16, f64);
export const f64FromF32 = conversion(f32, f64);
export const bf16FromF32 = conversion(f32, bf16);

/** The rounding that the i32 local `rounding` names, with FPSCR's for `mode`. */
const resolveRounding: Tree = when(
  ['i32.eq', 'rounding', Rounding.mode],
  ['set', 'rounding', ['i32.and', ['i32.shr_u', 'control', roundingShift], 3]],
);
const isRounding = (rounding: Rounding): Tree => ['i32.eq', 'rounding', rounding];

/** 1 where a whole number goes up (away from zero) for what it loses: `rest`, of which `half` is half a unit. */
const goesUp = (rest: Tree, half: Tree, isOdd: Tree, isNegative: Tree): Tree =>
  or(
    and(isRounding(Rounding.nearest), or(['i64.gt_u', rest, half], and(['i64.eq', rest, half], isOdd))),
    and(isRounding(Rounding.away), ['i64.ge_u', rest, half]),
    and(isRounding(Rounding.up), ['i32.eqz', isNegative], ['i64.ne', rest, 0n]),
    and(isRounding(Rounding.down), isNegative, ['i64.ne', rest, 0n]),
  );

/** By the Rounding given; `signals` is 1 when Inexact is raised. */
export const roundToIntegral = perFormat((f): Assembly => {
  const one = BigInt(f.bias) << f.fraction;
  const half = BigInt(f.bias - 1) << f.fraction;
  const isNegative: Tree = ['i64.ne', signOf(f, 'a'), 0n];
  const inexact = when('signals', raise(Fpscr.IXC));
  return {
    name: `soft_round_to_integral_${f.name}`,
    parameters: { a: 'i64', rounding: 'i32', signals: 'i32', control: 'i32', cpu: 'i32' },
    locals: { unit: 'i64', rest: 'i64' },
    result: 'i64',
    body: [
      flush(f, 'a'),
      when(isNotANumber(f, 'a'), give(soft(nanOfOne(f), 'a'))),
      when(or(isZero(f, 'a'), ['i64.ge_u', absolute(f, 'a'), (BigInt(f.bias) + f.fraction) << f.fraction]), give('a')),
      resolveRounding,
      when(
        ['i64.lt_u', absolute(f, 'a'), one],
        inexact,
        give(['i64.or', signOf(f, 'a'), choose(goesUp(absolute(f, 'a'), half, 0, isNegative), one, 0n)]),
      ),
      // One, at the place that it has in this number. Below 2 that is the exponent's last bit, which is set.
      [
        'set',
        'unit',
        ['i64.shl', 1n, ['i64.sub', BigInt(f.bias) + f.fraction, ['i64.shr_u', absolute(f, 'a'), f.fraction]]],
      ],
      ['set', 'rest', ['i64.and', 'a', ['i64.sub', 'unit', 1n]]],
      when(['i64.eqz', 'rest'], give('a')),
      inexact,
      [
        'i64.add',
        ['i64.xor', 'a', 'rest'],
        choose(
          goesUp('rest', ['i64.shr_u', 'unit', 1n], ['i64.ne', ['i64.and', 'a', 'unit'], 0n], isNegative),
          'unit',
          0n,
        ),
      ],
    ],
  };
});

/** Parts of a FixedPoint (ir/float-immediates.ts) in the i32 local `fixed`. */
const fractionBits: Tree = ['i32.and', 'fixed', 0x3f];
const isSigned: Tree = ['i32.and', 'fixed', 1 << 6];
const isShort: Tree = ['i32.and', 'fixed', 1 << 7];
const roundingField: Tree = ['i32.shr_u', 'fixed', 8];

/** Gives the integer in the lower half of an i64, extended to 32 bits. */
export const toFixed = perFormat((f): Assembly => {
  const isNegative: Tree = ['i64.ne', signOf(f, 'a'), 0n];
  const half = 1n << 63n;
  return {
    name: `soft_to_fixed_${f.name}`,
    parameters: { a: 'i64', fixed: 'i32', control: 'i32', cpu: 'i32' },
    locals: { ...unpackedLocals('a'), rounding: 'i32', rest: 'i64', limit: 'i64' },
    result: 'i32',
    body: [
      flush(f, 'a'),
      when(isZero(f, 'a'), give(0)),
      when(isNotANumber(f, 'a'), raise(Fpscr.IOC), give(0)),
      ['set', 'rounding', roundingField],
      resolveRounding,
      ...unpack(f, 'a'),
      // The digits above the point go to `ma`, those below to the top of `rest`.
      ['set', 'ea', ['i32.sub', 63, ['i32.add', 'ea', fractionBits]]],
      [
        'if',
        or(isInfinite(f, 'a'), ['i32.lt_s', 'ea', 31]),
        // 2^32 or more saturates.
        [['set', 'ma', 1n << 32n]],
        [
          [
            'if',
            ['i32.gt_s', 'ea', 63],
            [
              ['set', 'rest', choose(['i32.eq', 'ea', 64], 'ma', 1n)],
              ['set', 'ma', 0n],
            ],
            [
              ['set', 'rest', ['i64.shl', 'ma', ['i64.extend_i32_u', ['i32.sub', 64, 'ea']]]],
              ['set', 'ma', ['i64.shr_u', 'ma', ['i64.extend_i32_u', 'ea']]],
            ],
          ],
          [
            'set',
            'ma',
            [
              'i64.add',
              'ma',
              ['i64.extend_i32_u', goesUp('rest', half, ['i32.wrap_i64', ['i64.and', 'ma', 1n]], isNegative)],
            ],
          ],
        ],
      ],
      [
        'set',
        'limit',
        choose(
          isSigned,
          ['i64.sub', choose(isShort, 1n << 15n, 1n << 31n), ['i64.extend_i32_u', ['i32.eqz', isNegative]]],
          choose(isNegative, 0n, choose(isShort, (1n << 16n) - 1n, (1n << 32n) - 1n)),
        ),
      ],
      [
        'if',
        ['i64.gt_u', 'ma', 'limit'],
        [raise(Fpscr.IOC), ['set', 'ma', 'limit']],
        [when(['i64.ne', 'rest', 0n], raise(Fpscr.IXC))],
      ],
      ['i32.wrap_i64', choose(isNegative, ['i64.sub', 0n, 'ma'], 'ma')],
    ],
  };
});

export const fromFixed = perFormat(
  (f): Assembly => ({
    name: `soft_from_fixed_${f.name}`,
    parameters: { value: 'i32', fixed: 'i32', control: 'i32', cpu: 'i32' },
    locals: { m: 'i64', sign: 'i64' },
    result: 'i64',
    body: [
      [
        'set',
        'm',
        choose(
          isSigned,
          ['i64.extend_i32_s', choose(isShort, ['i32.extend16_s', 'value'], 'value')],
          ['i64.extend_i32_u', choose(isShort, ['i32.and', 'value', 0xffff], 'value')],
        ),
      ],
      when(['i64.eqz', 'm'], give(0n)),
      when(['i64.lt_s', 'm', 0n], ['set', 'sign', f.sign], ['set', 'm', ['i64.sub', 0n, 'm']]),
      when(
        ['i32.ne', roundingField, Rounding.mode],
        ['set', 'control', or(['i32.and', 'control', ~Fpscr.RMode], ['i32.shl', roundingField, roundingShift])],
      ),
      ['call', round(f), 'sign', ['i32.sub', 63, fractionBits], 'm', 'control', 'cpu'],
    ],
  }),
);
