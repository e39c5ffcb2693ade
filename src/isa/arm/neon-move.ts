/** Advanced SIMD: elements and core registers, and instructions that move elements about. */
import { Shuffle } from '../../ir/shuffles.ts';
import type { Lowering } from './lowering.ts';
import type { CoreElement, Extract, FromCore, Table, Unary } from './neon-formats.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';

// Elements --------------------------------------------------------------------------------------------------------------

export const vmovToElement = operation<CoreElement>((l, { size, d, index, t }) => {
  const op = size === 0 ? 'i8x16.replace' : 'i16x8.replace';
  v.writeVector(l, false, d, l.builder.emit(op, v.readVector(l, false, d), l.read(t), index));
});

export const vmovFromElement = operation<CoreElement>((l, { size, d, index, t, unsigned }) => {
  const op = `${size === 0 ? 'i8x16' : 'i16x8'}.${unsigned ? 'extract_u' : 'extract_s'}` as const;
  l.write(t, l.builder.emit(op, v.readVector(l, false, d), index));
});

const splats = ['i8x16.splat', 'i16x8.splat', 'i32x4.splat'] as const;
export const vdupCore = operation<FromCore>((l, o) => {
  v.writeD(l, o, l.builder.emit(splats[o.size]!, l.read(o.t)));
});

export const vdup = operation<Unary & { readonly index: number }>((l, o) => {
  v.writeD(l, o, v.duplicate(l, o.size, v.readVector(l, false, o.m), o.index));
});

// Order -----------------------------------------------------------------------------------------------------------------

export const vext = operation<Extract>((l, o) => {
  const pattern = o.quad ? Shuffle.extract(o.bytes) : Shuffle.extractLow(o.bytes);
  v.writeD(l, o, v.shuffle(l, pattern, v.readVector(l, o.quad, o.n), v.readVector(l, o.quad, o.m)));
});

/** VREV16, VREV32, VREV64: `unit` is the bytes within which elements change places. */
const reverse = (unit: 2 | 4 | 8) =>
  operation<Unary>((l, o) => {
    const value = v.readVector(l, o.quad, o.m);
    v.writeD(l, o, v.shuffle(l, Shuffle.reverse(unit, v.laneBytes(o.size)), value, value));
  });
export const vrev16 = reverse(2);
export const vrev32 = reverse(4);
export const vrev64 = reverse(8);

/** What both registers become. */
const exchange = (compute: (l: Lowering, o: Unary, d: V128, m: V128) => readonly [V128, V128]) =>
  operation<Unary>((l, o) => {
    const [d, m] = compute(l, o, v.readD(l, o), v.readVector(l, o.quad, o.m));
    v.writeD(l, o, d);
    v.writeVector(l, o.quad, o.m, m);
  });

export const vswp = exchange((_l, _o, d, m) => [m, d]);

export const vtrn = exchange((l, { size }, d, m) => [
  v.shuffle(l, Shuffle.transposeEven(v.laneBytes(size)), d, m),
  v.shuffle(l, Shuffle.transposeOdd(v.laneBytes(size)), d, m),
]);

/** A vector that holds the results for two doublewords, as the two. */
const halves = (l: Lowering, both: V128): readonly [V128, V128] => [both, v.shuffle(l, Shuffle.extract(8), both, both)];

export const vuzp = exchange((l, { quad, size }, d, m) => {
  const bytes = v.laneBytes(size);
  if (!quad) return halves(l, v.shuffle(l, Shuffle.unzipLow(bytes), d, m));
  return [v.shuffle(l, Shuffle.even(bytes), d, m), v.shuffle(l, Shuffle.odd(bytes), d, m)];
});

export const vzip = exchange((l, { quad, size }, d, m) => {
  const bytes = v.laneBytes(size);
  const low = v.shuffle(l, Shuffle.zipLow(bytes), d, m);
  return quad ? [low, v.shuffle(l, Shuffle.zipHigh(bytes), d, m)] : halves(l, low);
});

// Tables ----------------------------------------------------------------------------------------------------------------

/** The bytes of up to four doublewords that the indices name; 0 where an index is beyond them. */
function lookUp(l: Lowering, { n, registers }: Table, indices: V128): V128 {
  const register = (i: number): V128 => (i < registers ? v.readVector(l, false, n + i) : v.zero(l));
  const first = l.builder.emit('i8x16.swizzle', v.pair(l, register(0), register(1)), indices);
  if (registers <= 2) return first;
  // Indices below 16 become large ones.
  const beyond = v.lanes(l, 0, 'sub', indices, v.eachLane(l, 0, 16));
  return v.or(l, first, l.builder.emit('i8x16.swizzle', v.pair(l, register(2), register(3)), beyond));
}

export const vtbl = operation<Table>((l, o) => {
  v.writeD(l, o, lookUp(l, o, v.readVector(l, false, o.m)));
});

export const vtbx = operation<Table>((l, o) => {
  const indices = v.readVector(l, false, o.m);
  const found = v.lanes(l, 0, 'gt_u', v.eachLane(l, 0, 8 * o.registers), indices);
  v.writeD(l, o, v.choose(l, found, lookUp(l, o, indices), v.readD(l, o)));
});
