/** Bit fields, extension, packing and reversal (A8.8, BFC to UXTH). */
import { Var } from '../../ir/variables.table.ts';
import type { I32, Lowering } from './lowering.ts';
import type { Operand } from './operand.ts';
import { type Operation, operation } from './row.ts';

export interface BitField {
  readonly d: number;
  readonly n: number;
  readonly low: number;
  readonly width: number;
}

const maskOf = (o: BitField): number => (o.width === 32 ? -1 : ((1 << o.width) - 1) << o.low);

export const BFC: Operation<BitField> = operation((l, o) => l.write(o.d, l.andImmediate(l.read(o.d), ~maskOf(o))));
export const BFI: Operation<BitField> = operation((l, o) => {
  const inserted = l.andImmediate(l.shl(l.read(o.n), o.low), maskOf(o));
  l.write(o.d, l.or(l.andImmediate(l.read(o.d), ~maskOf(o)), inserted));
});
export const SBFX: Operation<BitField> = operation((l, o) =>
  l.write(o.d, l.signedField(l.read(o.n), o.low + o.width - 1, o.low)),
);
export const UBFX: Operation<BitField> = operation((l, o) =>
  l.write(o.d, l.field(l.read(o.n), o.low + o.width - 1, o.low)),
);

export interface Unary {
  readonly d: number;
  readonly m: number;
}

const unary = (compute: (l: Lowering, m: I32) => I32): Operation<Unary> =>
  operation((l, o) => l.write(o.d, compute(l, l.read(o.m))));

/** Exchanges the groups of bits that `mask` selects with those `by` bits above. */
const exchange = (l: Lowering, value: I32, mask: number, by: number): I32 =>
  l.or(l.shl(l.andImmediate(value, mask), by), l.andImmediate(l.shrU(value, by), mask));

export const CLZ = unary((l, m) => l.unary('i32.clz', m));
export const REV = unary((l, m) => l.rotr(exchange(l, m, 0x00ff00ff, 8), 16));
export const REV16 = unary((l, m) => exchange(l, m, 0x00ff00ff, 8));
export const REVSH = unary((l, m) => l.or(l.shl(l.unary('i32.extend8_s', m), 8), l.field(m, 15, 8)));
export const RBIT = unary((l, m) => {
  const pairs = exchange(l, exchange(l, m, 0x55555555, 1), 0x33333333, 2);
  return l.rotr(exchange(l, exchange(l, pairs, 0x0f0f0f0f, 4), 0x00ff00ff, 8), 16);
});

export interface Extend {
  readonly d: number;
  /** Addend, 15 for none. */
  readonly n: number;
  readonly m: number;
  /** 0, 8, 16 or 24 bits to the right before the extension. */
  readonly rotation: number;
}

/** SXTB and SXTAB and so on: the extended value, added to R[n] unless n is 15. */
const extend = (compute: (l: Lowering, rotated: I32) => I32): Operation<Extend> =>
  operation((l, o) => {
    const value = compute(l, l.rotr(l.read(o.m), o.rotation));
    l.write(o.d, o.n === 15 ? value : l.add(l.read(o.n), value));
  });

export const SXTB = extend((l, m) => l.unary('i32.extend8_s', m));
export const SXTH = extend((l, m) => l.unary('i32.extend16_s', m));
export const UXTB = extend((l, m) => l.andImmediate(m, 0xff));
export const UXTH = extend((l, m) => l.andImmediate(m, 0xffff));

/** Two halfwords, each to be taken modulo 2^16, as one word. */
const packHalves = (l: Lowering, low: I32, high: I32): I32 => l.or(l.andImmediate(low, 0xffff), l.shl(high, 16));

/** SXTB16, SXTAB16, UXTB16, UXTAB16: bytes 0 and 2, each added to a halfword. */
const extend16 = (part: (l: Lowering, value: I32, low: number) => I32): Operation<Extend> =>
  operation((l, o) => {
    const m = l.rotr(l.read(o.m), o.rotation);
    const low = part(l, m, 0);
    const high = part(l, m, 16);
    if (o.n === 15) return l.write(o.d, packHalves(l, low, high));
    const n = l.read(o.n);
    l.write(o.d, packHalves(l, l.add(n, low), l.add(l.shrU(n, 16), high)));
  });

export const SXTB16 = extend16((l, value, low) => l.signedField(value, low + 7, low));
export const UXTB16 = extend16((l, value, low) => l.field(value, low + 7, low));

export interface Pack {
  readonly d: number;
  readonly n: number;
  /** Shifted register m. */
  readonly operand: Operand;
}

export const PKHBT: Operation<Pack> = operation((l, o) => {
  const shifted = l.operand(o.operand);
  l.write(o.d, l.or(l.andImmediate(l.read(o.n), 0xffff), l.andImmediate(shifted, 0xffff0000)));
});
export const PKHTB: Operation<Pack> = operation((l, o) => {
  const shifted = l.operand(o.operand);
  l.write(o.d, l.or(l.andImmediate(l.read(o.n), 0xffff0000), l.andImmediate(shifted, 0xffff)));
});

export interface Binary {
  readonly d: number;
  readonly n: number;
  readonly m: number;
}

/** SEL: bytes of R[n] where GE is set, else of R[m]. */
export const SEL: Operation<Binary> = operation((l, o) => {
  // Bit i of GE moves to bit 8i, and a byte of ones is made of each.
  const spread = l.andImmediate(l.binary('i32.mul', l.get(Var.ge), l.constant(0x00204081)), 0x01010101);
  const mask = l.binary('i32.mul', spread, l.constant(0xff));
  const m = l.read(o.m);
  l.write(o.d, l.xor(m, l.and(l.xor(l.read(o.n), m), mask)));
});

export interface SumOfDifferences extends Binary {
  /** Accumulator, 15 for none (USAD8). */
  readonly a: number;
}

export const USADA8: Operation<SumOfDifferences> = operation((l, o) => {
  const n = l.read(o.n);
  const m = l.read(o.m);
  let sum: I32 | undefined = o.a === 15 ? undefined : l.read(o.a);
  for (let low = 0; low < 32; low += 8) {
    const difference = l.sub(l.field(n, low + 7, low), l.field(m, low + 7, low));
    const sign = l.shrS(difference, 31);
    const absolute = l.sub(l.xor(difference, sign), sign);
    sum = sum === undefined ? absolute : l.add(sum, absolute);
  }
  l.write(o.d, sum as I32);
});
