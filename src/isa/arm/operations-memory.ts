/**
 * Loads and stores (A8.8, LDM to STRT). Word and halfword accesses may be unaligned (A3.2.1); so may LDRD, STRD, LDM
 * and STM: hardware faults, and Linux does the access in the alignment handler. All checks come before all effects.
 */
import { type Flow, flowIndirect, flowNext, flowReturn } from './flow.ts';
import type { I32, Lowering } from './lowering.ts';
import type { Shift } from './operand.ts';
import { type Operation, operation } from './row.ts';

/** One access of register t (and t2 for doublewords) at R[n] plus or minus an offset. */
export interface Access {
  readonly t: number;
  readonly t2: number;
  readonly n: number;
  /** Signed bytes; unused when there is an index register. */
  readonly offset: number;
  /** Index register, -1 when the offset is immediate; shifted, and subtracted when `subtract`. */
  readonly m: number;
  readonly shift: Shift;
  readonly amount: number;
  readonly subtract: boolean;
  /** The address is R[n] with the offset applied (else R[n] itself). */
  readonly index: boolean;
  readonly writeback: boolean;
}

interface Address {
  readonly base: I32;
  readonly offset: number;
  /** What R[n] becomes; -1 when it stays. */
  readonly updated: number;
}

function addressOf(l: Lowering, o: Access): Address {
  if (o.n === 15 && o.m < 0) return { base: l.constant((l.pc & ~3) + o.offset), offset: 0, updated: -1 };
  const base = l.read(o.n);
  if (o.m < 0) {
    if (!o.writeback) return { ...l.span(base, o.offset), updated: -1 };
    const updated = l.addImmediate(base, o.offset);
    if (!o.index) return { base, offset: 0, updated };
    return o.offset >= 0 ? { base, offset: o.offset, updated } : { base: updated, offset: 0, updated };
  }
  const by = l.shiftBy(l.read(o.m), o.shift, o.amount);
  const moved = o.subtract ? l.sub(base, by) : l.add(base, by);
  return { base: o.index ? moved : base, offset: 0, updated: o.writeback ? moved : -1 };
}

function update(l: Lowering, o: Access, address: Address): void {
  if (address.updated !== -1) l.write(o.n, address.updated as I32);
}

const isPop = (o: Access): boolean => o.n === 13 && !o.index && o.writeback;
const loadFlow = (o: Access): Flow => (o.t !== 15 ? flowNext : isPop(o) ? flowReturn : flowIndirect);

const load = (op: 'load.8u' | 'load.8s' | 'load.16u' | 'load.16s' | 'load.32', bytes: number): Operation<Access> =>
  operation((l, o) => {
    const address = addressOf(l, o);
    l.checkRead(address.base, address.offset, bytes);
    const value = l.load(op, address.base, address.offset);
    update(l, o, address);
    if (o.t === 15) l.leave(value, isPop(o));
    else l.write(o.t, value);
  }, loadFlow);

const store = (op: 'store.8' | 'store.16' | 'store.32', bytes: number): Operation<Access> =>
  operation((l, o) => {
    const address = addressOf(l, o);
    l.checkWrite(address.base, address.offset, bytes);
    l.store(op, address.base, address.offset, l.read(o.t));
    update(l, o, address);
  });

export const LDR = load('load.32', 4);
export const LDRB = load('load.8u', 1);
export const LDRH = load('load.16u', 2);
export const LDRSB = load('load.8s', 1);
export const LDRSH = load('load.16s', 2);
export const STR = store('store.32', 4);
export const STRB = store('store.8', 1);
export const STRH = store('store.16', 2);

/** A doubleword that is aligned is one access: on processors with LPAE atomic (DDI 0406C, A3.5.3). */
export const LDRD: Operation<Access> = operation((l, o) => {
  const { builder } = l;
  const address = addressOf(l, o);
  l.checkRead(address.base, address.offset, 8);
  const value = builder.emit('load.64', address.base, address.offset);
  update(l, o, address);
  l.write(o.t, builder.emit('i64.low', value));
  l.write(o.t2, builder.emit('i64.high', value));
});

export const STRD: Operation<Access> = operation((l, o) => {
  const address = addressOf(l, o);
  l.checkWrite(address.base, address.offset, 8);
  l.builder.emit('store.64', address.base, address.offset, l.builder.emit('i64.pair', l.read(o.t), l.read(o.t2)));
  update(l, o, address);
});

/** LDM and STM: the registers of `list`, lowest at the lowest address. */
export interface Multiple {
  readonly n: number;
  readonly list: number;
  readonly writeback: boolean;
  /** Addresses go up from R[n] (IA, IB) or down (DA, DB). */
  readonly increment: boolean;
  /** R[n] itself is not used (IB, DB). */
  readonly before: boolean;
}

function registersOf(list: number): number[] {
  const registers: number[] = [];
  for (let n = 0; n < 16; n++) if ((list & (1 << n)) !== 0) registers.push(n);
  return registers;
}

function multipleAddress(l: Lowering, o: Multiple, count: number): Address {
  const bytes = count * 4;
  const base = l.read(o.n);
  if (o.increment) {
    return { base, offset: o.before ? 4 : 0, updated: o.writeback ? l.addImmediate(base, bytes) : -1 };
  }
  const lowest = l.addImmediate(base, -bytes);
  return { base: lowest, offset: o.before ? 0 : 4, updated: o.writeback ? lowest : -1 };
}

export const LDM: Operation<Multiple> = operation(
  (l, o) => {
    const registers = registersOf(o.list);
    const { base, offset, updated } = multipleAddress(l, o, registers.length);
    l.checkRead(base, offset, registers.length * 4);
    const values = registers.map((_, i) => l.load('load.32', base, offset + i * 4));
    if (updated !== -1) l.write(o.n, updated as I32);
    registers.forEach((n, i) => {
      if (n === 15) l.leave(values[i] as I32, true);
      else l.write(n, values[i] as I32);
    });
  },
  (o) => (o.list & 0x8000 ? flowReturn : flowNext),
);

export const STM: Operation<Multiple> = operation((l, o) => {
  const registers = registersOf(o.list);
  const { base, offset, updated } = multipleAddress(l, o, registers.length);
  l.checkWrite(base, offset, registers.length * 4);
  registers.forEach((n, i) => {
    l.store('store.32', base, offset + i * 4, l.read(n));
  });
  if (updated !== -1) l.write(o.n, updated as I32);
});

/** PLD, PLDW, PLI: hints without effect here (A8.8.126). */
export const PLD: Operation<unknown> = operation(() => {});
