/** Multiplication and division (A8.8, MUL to UMULL). */
import { Var } from '../../ir/variables.table.ts';
import type { I32, I64, Lowering } from './lowering.ts';
import { type Operation, operation } from './row.ts';

export interface Multiply {
  readonly d: number;
  readonly n: number;
  readonly m: number;
  /** Accumulator; 0 where there is none. */
  readonly a: number;
  readonly setFlags: number;
}

const multiply = (compute: (l: Lowering, n: I32, m: I32, o: Multiply) => I32): Operation<Multiply> =>
  operation((l, o) => {
    const result = compute(l, l.read(o.n), l.read(o.m), o);
    if (l.setsFlags(o.setFlags)) l.setNz(result);
    l.write(o.d, result);
  });

export const MUL = multiply((l, n, m) => l.binary('i32.mul', n, m));
export const MLA = multiply((l, n, m, o) => l.add(l.binary('i32.mul', n, m), l.read(o.a)));
export const MLS = multiply((l, n, m, o) => l.sub(l.read(o.a), l.binary('i32.mul', n, m)));
export const SDIV = multiply((l, n, m) => l.binary('i32.div_s', n, m));
export const UDIV = multiply((l, n, m) => l.binary('i32.div_u', n, m));

export interface MultiplyLong {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly m: number;
  readonly setFlags: number;
}

const product = (l: Lowering, n: I32, m: I32): I64 =>
  l.builder.emit('i64.mul', l.builder.emit('i64.extend_s', n), l.builder.emit('i64.extend_s', m));
const productUnsigned = (l: Lowering, n: I32, m: I32): I64 =>
  l.builder.emit('i64.mul', l.builder.emit('i64.extend_u', n), l.builder.emit('i64.extend_u', m));

const multiplyLong = (compute: (l: Lowering, o: MultiplyLong, n: I32, m: I32) => I64): Operation<MultiplyLong> =>
  operation((l, o) => {
    const result = compute(l, o, l.read(o.n), l.read(o.m));
    const low = l.builder.emit('i64.low', result);
    const high = l.builder.emit('i64.high', result);
    if (l.setsFlags(o.setFlags)) {
      l.set(Var.nf, high);
      l.set(Var.zf, l.or(low, high));
    }
    l.write(o.low, low);
    l.write(o.high, high);
  });

const accumulator = (l: Lowering, o: { low: number; high: number }): I64 =>
  l.builder.emit('i64.pair', l.read(o.low), l.read(o.high));

export const UMULL = multiplyLong((l, _, n, m) => productUnsigned(l, n, m));
export const SMULL = multiplyLong((l, _, n, m) => product(l, n, m));
export const UMLAL = multiplyLong((l, o, n, m) =>
  l.builder.emit('i64.add', accumulator(l, o), productUnsigned(l, n, m)),
);
export const SMLAL = multiplyLong((l, o, n, m) => l.builder.emit('i64.add', accumulator(l, o), product(l, n, m)));
export const UMAAL = multiplyLong((l, o, n, m) => {
  const { builder } = l;
  const sum = builder.emit('i64.add', productUnsigned(l, n, m), builder.emit('i64.extend_u', l.read(o.low)));
  return builder.emit('i64.add', sum, builder.emit('i64.extend_u', l.read(o.high)));
});

/** A multiplication of halfwords: `nTop`, `mTop` choose the top halves, `exchange` swaps those of m. */
export interface MultiplyHalves {
  readonly d: number;
  readonly n: number;
  readonly m: number;
  readonly a: number;
  readonly nTop: number;
  readonly mTop: number;
  readonly exchange: number;
}

const half = (l: Lowering, value: I32, top: number): I32 =>
  top !== 0 ? l.shrS(value, 16) : l.unary('i32.extend16_s', value);

const halvesProduct = (l: Lowering, o: MultiplyHalves): I32 =>
  l.binary('i32.mul', half(l, l.read(o.n), o.nTop), half(l, l.read(o.m), o.mTop));

/** Adds two signed values and sets Q when the sum overflows; the sum wraps. */
function addSticky(l: Lowering, a: I32, b: I32): I32 {
  const sum = l.add(a, b);
  const overflow = l.shrU(l.and(l.xor(a, sum), l.xor(b, sum)), 31);
  l.set(Var.qf, l.or(l.get(Var.qf), overflow));
  return sum;
}

export const SMULxy: Operation<MultiplyHalves> = operation((l, o) => l.write(o.d, halvesProduct(l, o)));
export const SMLAxy: Operation<MultiplyHalves> = operation((l, o) =>
  l.write(o.d, addSticky(l, halvesProduct(l, o), l.read(o.a))),
);

/** Bits 47:16 of the product of a word and a halfword. */
function wordByHalf(l: Lowering, o: MultiplyHalves): I32 {
  const whole = product(l, l.read(o.n), half(l, l.read(o.m), o.mTop));
  return l.builder.emit('i64.low', l.builder.emit('i64.shr_s', whole, l.builder.emit('i64.const', 16, 0)));
}

export const SMULWy: Operation<MultiplyHalves> = operation((l, o) => l.write(o.d, wordByHalf(l, o)));
export const SMLAWy: Operation<MultiplyHalves> = operation((l, o) =>
  l.write(o.d, addSticky(l, wordByHalf(l, o), l.read(o.a))),
);

/** The two products of SMUAD and its kin: low halves, high halves (those of m exchanged for the X forms). */
function twoProducts(l: Lowering, o: { n: number; m: number; exchange: number }): [I64, I64] {
  const n = l.read(o.n);
  const m = o.exchange !== 0 ? l.rotr(l.read(o.m), 16) : l.read(o.m);
  const low = l.binary('i32.mul', half(l, n, 0), half(l, m, 0));
  const high = l.binary('i32.mul', half(l, n, 1), half(l, m, 1));
  return [l.builder.emit('i64.extend_s', low), l.builder.emit('i64.extend_s', high)];
}

const dual = (op: 'i64.add' | 'i64.sub', accumulate: boolean): Operation<MultiplyHalves> =>
  operation((l, o) => {
    const { builder } = l;
    let sum = builder.emit(op, ...twoProducts(l, o));
    if (accumulate) sum = builder.emit('i64.add', sum, builder.emit('i64.extend_s', l.read(o.a)));
    const result = builder.emit('i64.low', sum);
    const exact = builder.emit('i64.eq', builder.emit('i64.extend_s', result), sum);
    l.set(Var.qf, l.or(l.get(Var.qf), l.eqz(exact)));
    l.write(o.d, result);
  });

export const SMUAD = dual('i64.add', false);
export const SMUSD = dual('i64.sub', false);
export const SMLAD = dual('i64.add', true);
export const SMLSD = dual('i64.sub', true);

export interface MultiplyHalvesLong {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly m: number;
  readonly nTop: number;
  readonly mTop: number;
  readonly exchange: number;
}

const accumulateLong = (compute: (l: Lowering, o: MultiplyHalvesLong) => I64): Operation<MultiplyHalvesLong> =>
  operation((l, o) => {
    const { builder } = l;
    const sum = builder.emit('i64.add', accumulator(l, o), compute(l, o));
    l.write(o.low, builder.emit('i64.low', sum));
    l.write(o.high, builder.emit('i64.high', sum));
  });

export const SMLALxy = accumulateLong((l, o) => product(l, half(l, l.read(o.n), o.nTop), half(l, l.read(o.m), o.mTop)));
export const SMLALD = accumulateLong((l, o) => l.builder.emit('i64.add', ...twoProducts(l, o)));
export const SMLSLD = accumulateLong((l, o) => l.builder.emit('i64.sub', ...twoProducts(l, o)));

/** The most significant word of a product; `round` adds 0x80000000 first. */
export interface MultiplyTop {
  readonly d: number;
  readonly n: number;
  readonly m: number;
  readonly a: number;
  readonly round: number;
}

const top = (compute: (l: Lowering, o: MultiplyTop, whole: I64) => I64): Operation<MultiplyTop> =>
  operation((l, o) => {
    const { builder } = l;
    let sum = compute(l, o, product(l, l.read(o.n), l.read(o.m)));
    if (o.round !== 0) sum = builder.emit('i64.add', sum, builder.emit('i64.const', 0x80000000 | 0, 0));
    l.write(o.d, builder.emit('i64.high', sum));
  });

const accumulatorTop = (l: Lowering, o: MultiplyTop): I64 => l.builder.emit('i64.pair', l.constant(0), l.read(o.a));

export const SMMUL = top((_l, _o, whole) => whole);
export const SMMLA = top((l, o, whole) => l.builder.emit('i64.add', accumulatorTop(l, o), whole));
export const SMMLS = top((l, o, whole) => l.builder.emit('i64.sub', accumulatorTop(l, o), whole));
