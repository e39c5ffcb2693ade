/** Exclusive accesses and swaps (A3.4; A8.8, LDREX to STREXH, SWP), and the acquire and release forms of Armv8. */
import type { I32, Lowering } from './lowering.ts';
import { type Operation, operation } from './row.ts';

export interface Exclusive {
  /** Status register of a store; 0 in loads. */
  readonly d: number;
  readonly t: number;
  /** Second register of a doubleword; 0 otherwise. */
  readonly t2: number;
  readonly n: number;
  readonly offset: number;
}

/** The access's address, once it has been found aligned and writable: loads obtain the block for writing too. */
function address(l: Lowering, o: Exclusive, bytes: number): I32 {
  const at = l.addImmediate(l.read(o.n), o.offset);
  l.checkAligned(at, bytes);
  l.checkWrite(at, 0, bytes);
  return at;
}

const load = (op: 'ldrex.8' | 'ldrex.16' | 'ldrex.32', bytes: number): Operation<Exclusive> =>
  operation((l, o) => l.write(o.t, l.builder.emit(op, address(l, o, bytes))));

const store = (op: 'strex.8' | 'strex.16' | 'strex.32', bytes: number): Operation<Exclusive> =>
  operation((l, o) => l.write(o.d, l.builder.emit(op, address(l, o, bytes), l.read(o.t))));

export const LDREX = load('ldrex.32', 4);
export const LDREXB = load('ldrex.8', 1);
export const LDREXH = load('ldrex.16', 2);
export const STREX = store('strex.32', 4);
export const STREXB = store('strex.8', 1);
export const STREXH = store('strex.16', 2);

export const LDREXD: Operation<Exclusive> = operation((l, o) => {
  const { builder } = l;
  const value = builder.emit('ldrex.64', address(l, o, 8));
  l.write(o.t, builder.emit('i64.low', value));
  l.write(o.t2, builder.emit('i64.high', value));
});

export const STREXD: Operation<Exclusive> = operation((l, o) => {
  const { builder } = l;
  const value = builder.emit('i64.pair', l.read(o.t), l.read(o.t2));
  l.write(o.d, builder.emit('strex.64', address(l, o, 8), value));
});

export const CLREX: Operation<unknown> = operation((l) => {
  l.builder.emit('clrex');
});

const swap = (op: 'swap.8' | 'swap.32', bytes: number): Operation<Exclusive> =>
  operation((l, o) => l.write(o.d, l.builder.emit(op, address(l, o, bytes), l.read(o.t))));

export const SWP = swap('swap.32', 4);
export const SWPB = swap('swap.8', 1);

const loadAligned = (op: 'load.8u' | 'load.16u' | 'load.32', bytes: number): Operation<Exclusive> =>
  operation((l, o) => {
    const at = l.read(o.n);
    l.checkAligned(at, bytes);
    l.checkRead(at, 0, bytes);
    l.write(o.t, l.load(op, at, 0));
    l.builder.emit('fence');
  });
const storeAligned = (op: 'store.8' | 'store.16' | 'store.32', bytes: number): Operation<Exclusive> =>
  operation((l, o) => {
    const at = l.read(o.n);
    l.checkAligned(at, bytes);
    l.checkWrite(at, 0, bytes);
    l.builder.emit('fence');
    l.store(op, at, 0, l.read(o.t));
    l.builder.emit('fence');
  });

export const LDA = loadAligned('load.32', 4);
export const LDAB = loadAligned('load.8u', 1);
export const LDAH = loadAligned('load.16u', 2);
export const STL = storeAligned('store.32', 4);
export const STLB = storeAligned('store.8', 1);
export const STLH = storeAligned('store.16', 2);
/** The exclusive accesses are sequentially consistent as they are. */
export const LDAEX = LDREX;
export const LDAEXB = LDREXB;
export const LDAEXH = LDREXH;
export const LDAEXD = LDREXD;
export const STLEX = STREX;
export const STLEXB = STREXB;
export const STLEXH = STREXH;
export const STLEXD = STREXD;
