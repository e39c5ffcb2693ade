/** The definition of the exact operations beside the host's own arithmetic and, beyond that, the manual's words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../base/prng.ts';
import { Fpscr, roundingShift } from '../../layout/fpscr.ts';
import { Rounding } from '../float-kinds.table.ts';
import * as arithmetic from './soft-float/arithmetic.ts';
import { convert, fromFixed, toFixed } from './soft-float/conversion.ts';
import { double, FloatUnit, half, single } from './soft-float/format.ts';

const view = new DataView(new ArrayBuffer(8));
const bitsOf = (value: number): bigint => {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
};
const numberOf = (bits: bigint): number => {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
};
const bits32 = (value: number): bigint => {
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
};
const number32 = (bits: bigint): number => {
  view.setUint32(0, Number(bits));
  return view.getFloat32(0);
};

/** Finite numbers of all sizes, near each other often enough for sums to cancel. */
function drawBits(random: Prng): bigint {
  const high = random.next32();
  const exponent = random.chance(0.5) ? 0x3f0 + random.below(32) : random.below(0x7ff);
  const fraction = random.chance(0.3) ? (random.next32() & 0xf8000) >>> 0 : high & 0xfffff;
  const low = random.chance(0.3) ? 0 : random.next32();
  return (BigInt((high & 0x80000000) | (exponent << 20) | fraction) << 32n) | BigInt(low >>> 0);
}

const rounds = 4000;

test('round to nearest is the host’s arithmetic', () => {
  const random = new Prng(11);
  const operations = [
    [arithmetic.add, (a: number, b: number) => a + b],
    [arithmetic.sub, (a: number, b: number) => a - b],
    [arithmetic.mul, (a: number, b: number) => a * b],
    [arithmetic.div, (a: number, b: number) => a / b],
    [arithmetic.min, Math.min],
    [arithmetic.max, Math.max],
  ] as const;
  for (let i = 0; i < rounds; i++) {
    const a = BigInt.asUintN(64, drawBits(random));
    const b = BigInt.asUintN(64, drawBits(random));
    for (const [soft, host] of operations)
      assert.equal(soft(new FloatUnit(0), double, a, b), BigInt.asUintN(64, bitsOf(host(numberOf(a), numberOf(b)))));
    const magnitude = a & ~(1n << 63n);
    assert.equal(arithmetic.sqrt(new FloatUnit(0), double, magnitude), bitsOf(Math.sqrt(numberOf(magnitude))));
    assert.equal(convert(new FloatUnit(0), double, single, a), bits32(numberOf(a)));
    assert.equal(
      arithmetic.roundToIntegral(new FloatUnit(0), double, a, Rounding.down, false),
      bitsOf(Math.floor(numberOf(a))),
    );
    assert.equal(
      arithmetic.roundToIntegral(new FloatUnit(0), double, a, Rounding.zero, false),
      bitsOf(Math.trunc(numberOf(a))),
    );
  }
});

test('a single-precision product, its sum and half-precision conversion agree with wider arithmetic', () => {
  const random = new Prng(12);
  for (let i = 0; i < rounds; i++) {
    const a = number32(BigInt(random.next32() & 0xbfffffff));
    const b = number32(BigInt((random.next32() & 0x80ffffff) | 0x3f000000));
    if (!Number.isFinite(a) || !Number.isFinite(b)) continue;
    assert.equal(arithmetic.mul(new FloatUnit(0), single, bits32(a), bits32(b)), bits32(a * b));
    const h = BigInt(random.next32() & 0x7bff);
    const wide = convert(new FloatUnit(0), half, single, h);
    assert.equal(number32(wide), convertHalf(Number(h)));
    assert.equal(convert(new FloatUnit(0), single, half, wide), h);
  }
});

/** A finite half-precision number that is not negative. */
const convertHalf = (bits: number): number =>
  bits >> 10 === 0 ? (bits & 0x3ff) * 2 ** -24 : (1 + (bits & 0x3ff) / 1024) * 2 ** ((bits >> 10) - 15);

interface Case {
  readonly mode: number;
  readonly compute: (unit: FloatUnit) => bigint;
  readonly result: bigint;
  readonly exceptions: number;
}

const rmode = (rounding: Rounding): number => rounding << roundingShift;
const one = bits32(1);
const third = 0x3eaaaaaan;
const least = 1n;
const most = 0x7f7fffffn;
const infinite = 0x7f800000n;
const signalling = 0xff800123n;
const { IOC, DZC, OFC, UFC, IXC, IDC, FZ, DN, FZ16, AHP } = Fpscr;

const cases: Readonly<Record<string, Case>> = {
  'a third to nearest': {
    mode: 0,
    compute: (u) => arithmetic.div(u, single, one, bits32(3)),
    result: third + 1n,
    exceptions: IXC,
  },
  'a third downwards': {
    mode: rmode(Rounding.down),
    compute: (u) => arithmetic.div(u, single, one, bits32(3)),
    result: third,
    exceptions: IXC,
  },
  'a third upwards': {
    mode: rmode(Rounding.up),
    compute: (u) => arithmetic.div(u, single, one, bits32(3)),
    result: third + 1n,
    exceptions: IXC,
  },
  'overflow to infinity': {
    mode: 0,
    compute: (u) => arithmetic.add(u, single, most, most),
    result: infinite,
    exceptions: OFC | IXC,
  },
  'overflow toward zero': {
    mode: rmode(Rounding.zero),
    compute: (u) => arithmetic.add(u, single, most, most),
    result: most,
    exceptions: OFC | IXC,
  },
  'underflow rounded up': {
    mode: rmode(Rounding.up),
    compute: (u) => arithmetic.mul(u, single, least, least),
    result: least,
    exceptions: UFC | IXC,
  },
  'an exact subnormal': { mode: 0, compute: (u) => arithmetic.add(u, single, least, least), result: 2n, exceptions: 0 },
  'flushed operands': { mode: FZ, compute: (u) => arithmetic.add(u, single, least, one), result: one, exceptions: IDC },
  'a flushed result': {
    mode: FZ,
    compute: (u) => arithmetic.div(u, single, 0x80800000n, bits32(2)),
    result: 0x80000000n,
    exceptions: UFC,
  },
  'a difference of equals': { mode: 0, compute: (u) => arithmetic.sub(u, single, one, one), result: 0n, exceptions: 0 },
  'the same, downwards': {
    mode: rmode(Rounding.down),
    compute: (u) => arithmetic.sub(u, single, one, one),
    result: 0x80000000n,
    exceptions: 0,
  },
  'division by zero': {
    mode: 0,
    compute: (u) => arithmetic.div(u, single, one, 0x80000000n),
    result: 0xff800000n,
    exceptions: DZC,
  },
  'zero by zero': { mode: 0, compute: (u) => arithmetic.div(u, single, 0n, 0n), result: 0x7fc00000n, exceptions: IOC },
  'root of a negative': {
    mode: 0,
    compute: (u) => arithmetic.sqrt(u, single, 0xbf800000n),
    result: 0x7fc00000n,
    exceptions: IOC,
  },
  'root of a negative zero': {
    mode: 0,
    compute: (u) => arithmetic.sqrt(u, single, 0x80000000n),
    result: 0x80000000n,
    exceptions: 0,
  },
  'a signalling NaN': {
    mode: 0,
    compute: (u) => arithmetic.add(u, single, 0x7fc00001n, signalling),
    result: 0xffc00123n,
    exceptions: IOC,
  },
  'the same, default NaN': {
    mode: DN,
    compute: (u) => arithmetic.add(u, single, 0x7fc00001n, signalling),
    result: 0x7fc00000n,
    exceptions: IOC,
  },
  'a quiet addend and an invalid product': {
    mode: 0,
    compute: (u) => arithmetic.fma(u, single, 0x7fc00001n, infinite, 0n),
    result: 0x7fc00000n,
    exceptions: IOC,
  },
  'a number beats a quiet NaN': {
    mode: 0,
    compute: (u) => arithmetic.maxnum(u, single, 0x7fc00001n, one),
    result: one,
    exceptions: 0,
  },
  'a fused sum that cancels': {
    mode: 0,
    compute: (u) => arithmetic.fma(u, single, 0xbf800000n, 0x3f800001n, 0x3f7fffffn),
    result: 0x337ffffen,
    exceptions: 0,
  },
  'half precision flushed without a word': {
    mode: FZ16,
    compute: (u) => arithmetic.add(u, half, 1n, 0x3c00n),
    result: 0x3c00n,
    exceptions: 0,
  },
  'too much for half precision': {
    mode: 0,
    compute: (u) => convert(u, single, half, bits32(65520)),
    result: 0x7c00n,
    exceptions: OFC | IXC,
  },
  'the same, alternative': {
    mode: AHP,
    compute: (u) => convert(u, single, half, bits32(65520)),
    result: 0x7c00n,
    exceptions: IXC,
  },
  'infinity in the alternative format': {
    mode: AHP,
    compute: (u) => convert(u, single, half, infinite),
    result: 0x7fffn,
    exceptions: IOC,
  },
  saturation: {
    mode: 0,
    compute: (u) =>
      toFixed(u, single, bits32(-1.5), { isSigned: false, rounding: Rounding.zero, fractionBits: 0, bits: 32 }),
    result: 0n,
    exceptions: IOC,
  },
  'ties away': {
    mode: 0,
    compute: (u) =>
      toFixed(u, single, bits32(-2.5), { isSigned: true, rounding: Rounding.away, fractionBits: 0, bits: 32 }),
    result: -3n,
    exceptions: IXC,
  },
  'fixed point': {
    mode: 0,
    compute: (u) =>
      fromFixed(u, single, 0xffffn, { isSigned: true, rounding: Rounding.nearest, fractionBits: 16, bits: 16 }),
    result: bits32(-(2 ** -16)),
    exceptions: 0,
  },
};

test('modes and exceptions', () => {
  for (const [name, { mode, compute, result, exceptions }] of Object.entries(cases)) {
    const unit = new FloatUnit(mode);
    assert.equal(compute(unit).toString(16), result.toString(16), name);
    assert.equal(unit.exceptions, exceptions, name);
  }
});
