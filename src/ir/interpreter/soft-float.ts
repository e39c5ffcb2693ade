/**
 * Exact floating-point operations of the interpreter: scalars, under the record's FPSCR. What they compute is told by
 * soft-float/; here are the moves between values and bits, and the short cut that spares ordinary programs the BigInts.
 */
import { Cpu } from '../../layout/cpu.ts';
import { Fpscr } from '../../layout/fpscr.ts';
import { unpackFixedPoint, unpackUnary } from '../float-immediates.ts';
import { FloatBinary, FloatUnary } from '../float-kinds.table.ts';
import type { Machine, Operation, Operations } from './machine.ts';
import * as arithmetic from './soft-float/arithmetic.ts';
import { convert, fromFixed, toFixed } from './soft-float/conversion.ts';
import { bfloat, double, type FloatFormat, FloatUnit, half, single } from './soft-float/format.ts';

const binaries: Readonly<Record<FloatBinary, arithmetic.Binary>> = {
  [FloatBinary.add]: arithmetic.add,
  [FloatBinary.sub]: arithmetic.sub,
  [FloatBinary.mul]: arithmetic.mul,
  [FloatBinary.div]: arithmetic.div,
  [FloatBinary.min]: arithmetic.min,
  [FloatBinary.max]: arithmetic.max,
  [FloatBinary.minnum]: arithmetic.minnum,
  [FloatBinary.maxnum]: arithmetic.maxnum,
};

/** Plain arithmetic for the short cut, by FloatBinary. */
const plain: readonly ((a: number, b: number) => number)[] = [
  (a, b) => a + b,
  (a, b) => a - b,
  (a, b) => a * b,
  (a, b) => a / b,
];

/** A scalar format as the interpreter's values hold it. */
interface Scalar {
  readonly format: FloatFormat;
  readonly read: (value: number) => bigint;
  readonly write: (value: number, bits: bigint) => void;
}

/** Where the record's mode and exceptions stand. */
export function floatState(m: Machine): { readonly begin: () => FloatUnit; readonly end: (unit: FloatUnit) => void } {
  const { control } = m;
  return {
    begin: () => new FloatUnit(control[m.cpu + Cpu.fpscr.index32] as number),
    end: (unit) => {
      control[m.cpu + Cpu.fpexc.index32] = (control[m.cpu + Cpu.fpexc.index32] as number) | unit.exceptions;
    },
  };
}

export const softFloatOperations = (m: Machine) => {
  const { i32: x, f32: f, f64: d, i64, control } = m;
  const { begin, end } = floatState(m);

  const h: Scalar = {
    format: half,
    read: (value) => BigInt((x[value << 2] as number) & 0xffff),
    write: (value, bits) => {
      x[value << 2] = Number(bits);
    },
  };
  const bf: Scalar = { ...h, format: bfloat };
  const s: Scalar = {
    format: single,
    read: (value) => BigInt((x[value << 2] as number) >>> 0),
    write: (value, bits) => {
      x[value << 2] = Number(bits);
    },
  };
  const dbl: Scalar = {
    format: double,
    read: (value) => BigInt.asUintN(64, i64[value << 1] as bigint),
    write: (value, bits) => {
      i64[value << 1] = bits;
    },
  };

  /**
   * True when an ordinary result of plain arithmetic is all there is to it: to nearest, without flush, and Inexact is
   * set already, which alone comes with a finite result above the smallest normal number.
   */
  const mayCut = (): boolean =>
    ((control[m.cpu + Cpu.fpscr.index32] as number) & (Fpscr.RMode | Fpscr.FZ)) === 0 &&
    ((control[m.cpu + Cpu.fpexc.index32] as number) & Fpscr.IXC) !== 0;

  const unary =
    ({ format, read, write }: Scalar): Operation =>
    (at, a, packed) => {
      const unit = begin();
      const { kind, rounding } = unpackUnary(packed);
      const bits = read(a);
      write(
        at,
        kind === FloatUnary.sqrt
          ? arithmetic.sqrt(unit, format, bits)
          : arithmetic.roundToIntegral(unit, format, bits, rounding, kind === FloatUnary.round_inexact),
      );
      end(unit);
      return at + 1;
    };

  const exactBinary = ({ format, read, write }: Scalar, at: number, a: number, b: number, kind: number): number => {
    const unit = begin();
    write(at, binaries[kind as FloatBinary](unit, format, read(a), read(b)));
    end(unit);
    return at + 1;
  };

  const fma =
    ({ format, read, write }: Scalar): Operation =>
    (at, addend, a, b) => {
      const unit = begin();
      write(at, arithmetic.fma(unit, format, read(addend), read(a), read(b)));
      end(unit);
      return at + 1;
    };

  const compare =
    ({ format, read }: Scalar): Operation =>
    (at, a, b, signalsAll) => {
      const unit = begin();
      x[at << 2] = arithmetic.compare(unit, format, read(a), read(b), signalsAll !== 0);
      end(unit);
      return at + 1;
    };

  const conversion =
    (from: Scalar, to: Scalar): Operation =>
    (at, a) => {
      const unit = begin();
      to.write(at, convert(unit, from.format, to.format, from.read(a)));
      end(unit);
      return at + 1;
    };

  const toInteger =
    ({ format, read }: Scalar): Operation =>
    (at, a, packed) => {
      const unit = begin();
      x[at << 2] = Number(toFixed(unit, format, read(a), unpackFixedPoint(packed)));
      end(unit);
      return at + 1;
    };

  const fromInteger =
    ({ format, write }: Scalar): Operation =>
    (at, a, packed) => {
      const unit = begin();
      write(at, fromFixed(unit, format, BigInt(x[a << 2] as number), unpackFixedPoint(packed)));
      end(unit);
      return at + 1;
    };

  return {
    'fpexc.get': (at) => {
      x[at << 2] = control[m.cpu + Cpu.fpexc.index32] as number;
      return at + 1;
    },
    'fpexc.set': (at, a) => {
      control[m.cpu + Cpu.fpexc.index32] = x[a << 2] as number;
      return at + 1;
    },
    'f16.exact_unary': unary(h),
    'f32.exact_unary': unary(s),
    'f64.exact_unary': unary(dbl),
    'f16.exact_binary': (at, a, b, kind) => exactBinary(h, at, a, b, kind),
    'f32.exact_binary': (at, a, b, kind) => {
      if (kind < plain.length && mayCut()) {
        const result = Math.fround(plain[kind]!(f[a << 2] as number, f[b << 2] as number));
        if (isOrdinary(result, smallestNormal32)) {
          f[at << 2] = result;
          return at + 1;
        }
      }
      return exactBinary(s, at, a, b, kind);
    },
    'f64.exact_binary': (at, a, b, kind) => {
      if (kind < plain.length && mayCut()) {
        const result = plain[kind]!(d[a << 1] as number, d[b << 1] as number);
        if (isOrdinary(result, smallestNormal64)) {
          d[at << 1] = result;
          return at + 1;
        }
      }
      return exactBinary(dbl, at, a, b, kind);
    },
    'f16.exact_fma': fma(h),
    'f32.exact_fma': fma(s),
    'f64.exact_fma': fma(dbl),
    'f16.exact_compare': compare(h),
    'f32.exact_compare': compare(s),
    'f64.exact_compare': compare(dbl),
    'f16.exact_from_f32': conversion(s, h),
    'f16.exact_from_f64': conversion(dbl, h),
    'f32.exact_from_f16': conversion(h, s),
    'f32.exact_from_f64': conversion(dbl, s),
    'f64.exact_from_f16': conversion(h, dbl),
    'f64.exact_from_f32': conversion(s, dbl),
    'bf16.exact_from_f32': conversion(s, bf),
    'i32.exact_from_f16': toInteger(h),
    'i32.exact_from_f32': toInteger(s),
    'i32.exact_from_f64': toInteger(dbl),
    'f16.exact_from_i32': fromInteger(h),
    'f32.exact_from_i32': fromInteger(s),
    'f64.exact_from_i32': fromInteger(dbl),
  } satisfies Partial<Operations>;
};

const smallestNormal32 = 2 ** -126;
const smallestNormal64 = 2 ** -1022;

/** The smallest normal number itself may have been rounded up from below, which is an underflow. */
const isOrdinary = (result: number, smallestNormal: number): boolean =>
  Math.abs(result) > smallestNormal && Math.abs(result) < Number.POSITIVE_INFINITY;
