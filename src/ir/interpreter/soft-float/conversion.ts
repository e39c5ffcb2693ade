/** Conversions between formats, to and from integers, as the pseudocode has them (DDI 0406C, A2.7.8; DDI 0487, J1.3). */
import { Fpscr } from '../../../layout/fpscr.ts';
import type { FixedPoint } from '../../float-immediates.ts';
import { Rounding } from '../../float-kinds.table.ts';
import {
  defaultNaN,
  type FloatFormat,
  type FloatUnit,
  half,
  infinity,
  isNotANumber,
  ones,
  quietBit,
  round,
  roundAt,
  signed,
  unpack,
  zero,
} from './format.ts';

/** FPConvert, and FPConvertBF: to another format, rounded as FPSCR says. */
export function convert(unit: FloatUnit, from: FloatFormat, to: FloatFormat, bits: bigint): bigint {
  const x = unpack(unit, from, bits, { isConversion: true });
  const toAlternative = to === half && unit.has(Fpscr.AHP);
  if (isNotANumber(x)) {
    if (x.kind === 'signalling' || toAlternative) unit.raise(Fpscr.IOC);
    if (toAlternative) return zero(to, x.sign);
    return unit.has(Fpscr.DN) ? defaultNaN(to) : convertNaN(from, to, x.sign, bits);
  }
  if (x.kind === 'zero') return zero(to, x.sign);
  if (x.kind === 'infinity') {
    if (!toAlternative) return infinity(to, x.sign);
    unit.raise(Fpscr.IOC);
    return signed(to, x.sign, ones(to.bits - 1));
  }
  return round(unit, to, x.sign, x.significand, x.exponent, unit.resolve(Rounding.mode), { isConversion: true });
}

/** FPConvertNaN: the top of the payload stays, quieted. */
function convertNaN(from: FloatFormat, to: FloatFormat, sign: 0 | 1, bits: bigint): bigint {
  const payload = bits & ones(from.fractionBits - 1);
  const shift = to.fractionBits - from.fractionBits;
  const moved = shift >= 0 ? payload << BigInt(shift) : payload >> BigInt(-shift);
  return infinity(to, sign) | quietBit(to) | moved;
}

/** FPToFixed: the integer, saturated. A NaN gives 0. */
export function toFixed(unit: FloatUnit, f: FloatFormat, bits: bigint, fixed: FixedPoint): bigint {
  const x = unpack(unit, f, bits);
  const lowest = fixed.isSigned ? -(1n << BigInt(fixed.bits - 1)) : 0n;
  const highest = ones(fixed.isSigned ? fixed.bits - 1 : fixed.bits);
  if (x.kind === 'zero') return 0n;
  if (x.kind !== 'number') {
    unit.raise(Fpscr.IOC);
    if (isNotANumber(x)) return 0n;
    return x.sign === 1 ? lowest : highest;
  }
  const drop = -(x.exponent + fixed.fractionBits);
  const { whole, error } = roundAt(x.sign, x.significand, drop, unit.resolve(fixed.rounding));
  const value = x.sign === 1 ? -whole : whole;
  if (value < lowest || value > highest) {
    unit.raise(Fpscr.IOC);
    return value < lowest ? lowest : highest;
  }
  if (error) unit.raise(Fpscr.IXC);
  return value;
}

/** FixedToFP; of `value` the low bits count. */
export function fromFixed(unit: FloatUnit, f: FloatFormat, value: bigint, fixed: FixedPoint): bigint {
  const operand = fixed.isSigned ? BigInt.asIntN(fixed.bits, value) : BigInt.asUintN(fixed.bits, value);
  if (operand === 0n) return zero(f, 0);
  const magnitude = operand < 0n ? -operand : operand;
  return round(unit, f, operand < 0n ? 1 : 0, magnitude, -fixed.fractionBits, unit.resolve(fixed.rounding));
}
