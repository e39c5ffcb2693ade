/** Saturating arithmetic, and the parallel additions and subtractions (A8.8, QADD to USUB8). */
import { Var } from '../../ir/variables.table.ts';
import type { I32, Lowering } from './lowering.ts';
import type { Operand } from './operand.ts';
import type { Binary } from './operations-media.ts';
import { type Operation, operation } from './row.ts';

/** Sets Q when `condition` (0 or 1) is 1. */
const stick = (l: Lowering, condition: I32): void => l.set(Var.qf, l.or(l.get(Var.qf), condition));

/** a + b or a - b, saturated to 32 bits; sets Q. */
function saturated(l: Lowering, op: 'add' | 'sub', a: I32, b: I32): I32 {
  const result = op === 'add' ? l.add(a, b) : l.sub(a, b);
  const overflow = l.and(l.xor(a, result), op === 'add' ? l.xor(b, result) : l.xor(a, b));
  const over = l.shrU(overflow, 31);
  stick(l, over);
  return l.select(over, l.xor(l.shrS(a, 31), l.constant(0x7fffffff)), result);
}

const saturating = (op: 'add' | 'sub', double: boolean): Operation<Binary> =>
  operation((l, o) => {
    const n = l.read(o.n);
    l.write(o.d, saturated(l, op, l.read(o.m), double ? saturated(l, 'add', n, n) : n));
  });

export const QADD = saturating('add', false);
export const QSUB = saturating('sub', false);
export const QDADD = saturating('add', true);
export const QDSUB = saturating('sub', true);

function clamp(l: Lowering, value: I32, min: number, max: number): I32 {
  const low = l.constant(min);
  const high = l.constant(max);
  const capped = l.select(l.binary('i32.gt_s', value, high), high, value);
  return l.select(l.binary('i32.lt_s', capped, low), low, capped);
}

export interface Saturate {
  readonly d: number;
  readonly operand: Operand;
  /** Bounds of the result. */
  readonly min: number;
  readonly max: number;
}

/** SSAT and USAT. */
export const SAT: Operation<Saturate> = operation((l, o) => {
  const value = l.operand(o.operand);
  const result = clamp(l, value, o.min, o.max);
  stick(l, l.binary('i32.ne', result, value));
  l.write(o.d, result);
});

/** SSAT16 and USAT16: two halfwords. */
export const SAT16: Operation<Saturate> = operation((l, o) => {
  const value = l.operand(o.operand);
  const low = l.unary('i32.extend16_s', value);
  const high = l.shrS(value, 16);
  const lowResult = clamp(l, low, o.min, o.max);
  const highResult = clamp(l, high, o.min, o.max);
  stick(l, l.or(l.binary('i32.ne', lowResult, low), l.binary('i32.ne', highResult, high)));
  l.write(o.d, l.or(l.andImmediate(lowResult, 0xffff), l.shl(highResult, 16)));
});

/** How the lanes are read, what becomes of a lane's exact sum, and whether it sets GE. */
interface LaneKind {
  readonly signed: boolean;
  readonly finish: 'wrap' | 'saturate' | 'halve';
  readonly setsGe: boolean;
}

const laneKinds = {
  S: { signed: true, finish: 'wrap', setsGe: true },
  Q: { signed: true, finish: 'saturate', setsGe: false },
  SH: { signed: true, finish: 'halve', setsGe: false },
  U: { signed: false, finish: 'wrap', setsGe: true },
  UQ: { signed: false, finish: 'saturate', setsGe: false },
  UH: { signed: false, finish: 'halve', setsGe: false },
} as const satisfies Record<string, LaneKind>;
export type LanePrefix = keyof typeof laneKinds;

/** The operation of each lane, lowest first; the exchanging forms cross the halfwords of m. */
const laneForms = {
  ADD16: { lanes: ['add', 'add'], exchange: false },
  ASX: { lanes: ['sub', 'add'], exchange: true },
  SAX: { lanes: ['add', 'sub'], exchange: true },
  SUB16: { lanes: ['sub', 'sub'], exchange: false },
  ADD8: { lanes: ['add', 'add', 'add', 'add'], exchange: false },
  SUB8: { lanes: ['sub', 'sub', 'sub', 'sub'], exchange: false },
} as const;
export type LaneForm = keyof typeof laneForms;

function finishLane(l: Lowering, kind: LaneKind, sum: I32, width: number): I32 {
  if (kind.finish === 'halve') return l.shrS(sum, 1);
  if (kind.finish === 'wrap') return sum;
  return kind.signed ? clamp(l, sum, -(2 ** (width - 1)), 2 ** (width - 1) - 1) : clamp(l, sum, 0, 2 ** width - 1);
}

/** One of the 36 parallel additions and subtractions, such as UQASX. */
export function parallel(prefix: LanePrefix, form: LaneForm): Operation<Binary> {
  if (prefix === 'U' && form === 'ADD8') return UADD8;
  if (prefix === 'U' && form === 'SUB8') return USUB8;
  const kind: LaneKind = laneKinds[prefix];
  const { lanes, exchange } = laneForms[form];
  const width = 32 / lanes.length;
  return operation((l, o) => {
    const n = l.read(o.n);
    const m = exchange ? l.rotr(l.read(o.m), 16) : l.read(o.m);
    const lane = (value: I32, low: number): I32 =>
      kind.signed ? l.signedField(value, low + width - 1, low) : l.field(value, low + width - 1, low);
    let result: I32 | undefined;
    let ge: I32 | undefined;
    lanes.forEach((op, i) => {
      const low = i * width;
      const sum = l[op](lane(n, low), lane(m, low));
      const finished = finishLane(l, kind, sum, width);
      const placed = low + width === 32 ? finished : l.andImmediate(finished, 2 ** width - 1);
      result = result === undefined ? placed : l.or(result, l.shl(placed, low));
      if (!kind.setsGe) return;
      // Unsigned additions set GE on a carry, all others when the exact result is not negative.
      const bit = !kind.signed && op === 'add' ? l.shrU(sum, width) : l.shrU(l.not(sum), 31);
      const bits = l.shl(width === 16 ? l.binary('i32.mul', bit, l.constant(3)) : bit, (i * width) / 8);
      ge = ge === undefined ? bits : l.or(ge, bits);
    });
    if (ge !== undefined) l.set(Var.ge, ge);
    l.write(o.d, result as I32);
  });
}

const highBits = 0x80808080 | 0;

/** GE from bits 7, 15, 23 and 31 of `bits`: the multiplication moves them side by side to bits 27:24. */
const gatherGe = (l: Lowering, bits: I32): I32 =>
  l.field(l.binary('i32.mul', l.shrU(bits, 7), l.constant(0x01020408)), 27, 24);

/** All four bytes in one word: string functions live from these two. */
const UADD8: Operation<Binary> = operation((l, o) => {
  const n = l.read(o.n);
  const m = l.read(o.m);
  const partial = l.add(l.andImmediate(n, ~highBits), l.andImmediate(m, ~highBits));
  const sum = l.xor(partial, l.andImmediate(l.xor(n, m), highBits));
  const carries = l.or(l.and(n, m), l.and(l.or(n, m), l.not(sum)));
  l.set(Var.ge, gatherGe(l, l.andImmediate(carries, highBits)));
  l.write(o.d, sum);
});

const USUB8: Operation<Binary> = operation((l, o) => {
  const n = l.read(o.n);
  const m = l.read(o.m);
  const partial = l.sub(l.or(n, l.constant(highBits)), l.andImmediate(m, ~highBits));
  const difference = l.xor(partial, l.andImmediate(l.xor(n, l.not(m)), highBits));
  const borrows = l.or(l.and(l.not(n), m), l.and(l.not(l.xor(n, m)), difference));
  l.set(Var.ge, gatherGe(l, l.andImmediate(l.not(borrows), highBits)));
  l.write(o.d, difference);
});
