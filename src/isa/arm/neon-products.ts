/** Advanced SIMD of Armv8: rounding doubling multiply-accumulate, dot products and matrix products (DDI 0487, F6.1). */
import { Shuffle } from '../../ir/shuffles.ts';
import type { Lowering } from './lowering.ts';
import type { Binary } from './neon-formats.ts';
import type { V128 } from './neon-lanes.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';

/**
 * VQRDMLAH, VQRDMLSH: d and the product, doubled, as one wide number, whose upper part is kept. Nothing is doubled here:
 * so the sum fits into the wide lanes, and the part kept begins a bit lower.
 */
const roundedAccumulate = (how: 'add' | 'sub') =>
  operation<Binary>((l, o) => {
    const { size, quad } = o;
    const below = (8 << size) - 1;
    const d = v.readD(l, o);
    const n = v.readVector(l, quad, o.n);
    const m = v.readOperand(l, o);
    const wide = (old: V128, product: V128): V128 => {
      const half = size === 1 ? v.eachLane(l, 2, 1 << (below - 1)) : v.constant(l, 1 << (below - 1), 0);
      const start = v.lanes(l, size + 1, 'add', v.shiftLeft(l, size + 1, old, below), half);
      return v.shiftRight(l, size + 1, false, v.lanes(l, size + 1, how, start, product), below);
    };
    const low = wide(v.widen(l, size, false, d), v.widenProduct(l, size, false, n, m));
    const high = quad ? wide(v.widenHigh(l, size, false, d), v.widenProductHigh(l, size, false, n, m)) : low;
    const result = v.saturateBoth(l, size, low, high);
    v.saturatedWhere(l, v.xor(l, v.widen(l, size, false, result), low));
    if (quad) v.saturatedWhere(l, v.xor(l, v.widenHigh(l, size, false, result), high));
    v.writeD(l, o, result);
  });
export const vqrdmlah = roundedAccumulate('add');
export const vqrdmlsh = roundedAccumulate('sub');

type Sign = 's' | 'u';

/** For each word the sum of the products of its bytes, which are read as told. */
function wordProducts(l: Lowering, signN: Sign, signM: Sign, n: V128, m: V128): V128 {
  const unsigned = signN === 'u' && signM === 'u';
  const half = (widen: typeof v.widen): V128 => {
    const product = v.lanes(l, 1, 'mul', widen(l, 0, signN === 'u', n), widen(l, 0, signM === 'u', m));
    return v.addNeighbours(l, 1, unsigned, product);
  };
  return addPairs(l, half(v.widen), half(v.widenHigh));
}

/** Sums of neighbouring words of both in a row. */
const addPairs = (l: Lowering, low: V128, high: V128): V128 =>
  v.lanes(l, 2, 'add', v.shuffle(l, Shuffle.even(4), low, high), v.shuffle(l, Shuffle.odd(4), low, high));

/** VSDOT, VUDOT, VUSDOT, VSUDOT: the signs are those of n and m. */
export const dot = (signN: Sign, signM: Sign) =>
  operation<Binary>((l, o) => {
    const sums = wordProducts(l, signN, signM, v.readVector(l, o.quad, o.n), v.readOperand(l, o));
    v.writeD(l, o, v.lanes(l, 2, 'add', v.readD(l, o), sums));
  });

/** VSMMLA, VUMMLA, VUSMMLA: two rows of eight bytes each, every row of n with every row of m. */
export const matrix = (signN: Sign, signM: Sign) =>
  operation<Binary>((l, o) => {
    const m = v.readVector(l, true, o.m);
    const row = (d: number): V128 => wordProducts(l, signN, signM, v.readVector(l, false, d), m);
    v.writeD(l, o, v.lanes(l, 2, 'add', v.readD(l, o), addPairs(l, row(o.n), row(o.n + 1))));
  });
