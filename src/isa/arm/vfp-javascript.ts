/** VJCVT (DDI 0487, F6.1; FPToFixedJS): a double to an integer as JavaScript's bitwise operators do it. */
import { packFixedPoint } from '../../ir/float-immediates.ts';
import { Rounding } from '../../ir/float-kinds.table.ts';
import { Var } from '../../ir/variables.table.ts';
import { Fpscr } from '../../layout/fpscr.ts';
import type { I64, Lowering } from './lowering.ts';
import { operation } from './row.ts';
import type { F64 } from './vfp-float.ts';
import { readDoubleBits, readFloat, writeSingleBits } from './vfp-float.ts';

const fractionBits = 52;
const exponentOfOne = 1023;
const flushBit = 31 - Math.clz32(Fpscr.FZ);

/**
 * The number modulo 2^32, whatever its size: its significand moved so that the units stand at bit 0. Saturation,
 * NaN and the exceptions are those of the ordinary conversion, and it was exact if its result, made a double again, is
 * the operand (which -0 is not). Z tells that, and the other flags are clear.
 */
export const vjcvt = operation<{ readonly d: number; readonly m: number }>((l, { d, m }) => {
  const { builder } = l;
  const bits = readDoubleBits(l, m);
  const high = builder.emit('i64.high', bits);
  const exponent = l.field(high, 30, 20);
  const significand = builder.emit(
    'i64.pair',
    builder.emit('i64.low', bits),
    l.or(l.andImmediate(high, 0xfffff), l.constant(1 << 20)),
  );
  const left = l.addImmediate(exponent, -(exponentOfOne + fractionBits));
  const up = shifted(l, 'i64.shl', significand, left);
  const down = shifted(l, 'i64.shr_u', significand, l.sub(l.constant(0), left));
  const isLeft = l.binary('i32.ge_s', left, l.constant(0));
  // Beyond these nothing is left of the number, or nothing below 2^32; infinities and NaNs have the largest exponent.
  const isFar = l.binary('i32.gt_u', l.addImmediate(left, fractionBits), l.constant(fractionBits + 31));
  const magnitude = l.select(isFar, l.constant(0), l.select(isLeft, up, down));
  const sign = l.shrS(high, 31);
  const value = readFloat(l, true, m) as F64;
  const fixed = { isSigned: true, rounding: Rounding.zero, fractionBits: 0, bits: 32 } as const;
  const ordinary = builder.emit('i32.exact_from_f64', value, packFixedPoint(fixed));
  const back = builder.emit('i64.reinterpret', builder.emit('f64.convert_s', ordinary));
  // A subnormal number that is flushed counts as the zero that it becomes (FPToFixedJS of the first issues).
  const flushes = l.field(l.get(Var.fpscr), flushBit, flushBit);
  const isFlushed = l.and(flushes, l.eqz(l.shrU(high, 20)));
  const isExact = l.or(builder.emit('i64.eq', back, bits), isFlushed);
  writeSingleBits(l, d, l.sub(l.xor(magnitude, sign), sign));
  l.setFloatFlags(l.shl(isExact, 30));
});

const shifted = (l: Lowering, shift: 'i64.shl' | 'i64.shr_u', value: I64, by: ReturnType<Lowering['constant']>) =>
  l.builder.emit('i64.low', l.builder.emit(shift, value, l.builder.emit('i64.extend_u', by)));
