/**
 * Advanced SIMD: loads and stores of elements and of structures, whose elements go to registers of their own (A7.7).
 * One check spans all that an instruction touches, 32 bytes at the most.
 */
import { Shuffle } from '../../ir/shuffles.ts';
import { Var } from '../../ir/variables.table.ts';
import type { I32, Lowering } from './lowering.ts';
import type { MultipleStructures, OneStructure, RepeatedStructure, Structures } from './neon-formats.ts';
import * as v from './neon-lanes.ts';
import { operation } from './row.ts';

/** R[n], checked. */
function checked(l: Lowering, o: Structures, access: 'read' | 'write', bytes: number): I32 {
  const base = l.read(o.n);
  l.checkAligned(base, o.alignment);
  if (access === 'read') l.checkRead(base, 0, bytes);
  else l.checkWrite(base, 0, bytes);
  return base;
}
function writeBack(l: Lowering, o: Structures, base: I32, bytes: number): void {
  if (o.m !== 15) l.write(o.n, o.m === 13 ? l.addImmediate(base, bytes) : l.add(base, l.read(o.m)));
}

// Whole registers ----------------------------------------------------------------------------------------------------------

const registerBytes = 8;
type Many = 2 | 3 | 4;

/** Registers of one group, with the first 16 bytes and what is left in a vector each. */
function loadGroup(l: Lowering, o: MultipleStructures, base: I32, offset: number, d: number): void {
  const { builder } = l;
  if (o.count === 1) {
    builder.emit('set.f64', Var.d + d, builder.emit('load.f64', base, offset));
    return;
  }
  const count = o.count as Many;
  const first = builder.emit('load.v128', base, offset);
  const rest =
    count === 2
      ? first
      : count === 3
        ? builder.emit('i64x2.splat', builder.emit('load.64', base, offset + 16))
        : builder.emit('load.v128', base, offset + 16);
  for (let element = 0; element < count; element += 2) {
    const two = v.shuffle(l, Shuffle.apart(count, v.laneBytes(o.size), element === 0 ? 0 : 1), first, rest);
    for (let half = 0; half < 2 && element + half < count; half++) {
      const value = builder.emit('f64x2.extract', two, half);
      builder.emit('set.f64', Var.d + d + (element + half) * o.increment, value);
    }
  }
}

function storeGroup(l: Lowering, o: MultipleStructures, base: I32, offset: number, d: number): void {
  const { builder } = l;
  if (o.count === 1) {
    builder.emit('store.f64', base, offset, builder.emit('get.f64', Var.d + d));
    return;
  }
  const count = o.count as Many;
  const lane = v.laneBytes(o.size);
  const register = (element: number) => v.readVector(l, false, d + element * o.increment);
  const first = v.pair(l, register(0), register(1));
  const rest = count === 2 ? first : count === 3 ? register(2) : v.pair(l, register(2), register(3));
  builder.emit('store.v128', base, offset, v.shuffle(l, Shuffle.together(count, lane, 0), first, rest));
  if (count === 2) return;
  const last = v.shuffle(l, Shuffle.together(count, lane, 1), first, rest);
  if (count === 3) builder.emit('store.64', base, offset + 16, v.lowHalf(l, last));
  else builder.emit('store.v128', base, offset + 16, last);
}

const multiple = (access: 'read' | 'write', transfer: typeof loadGroup) =>
  operation<MultipleStructures>((l, o) => {
    const bytes = o.count * o.groups * registerBytes;
    const base = checked(l, o, access, bytes);
    for (let group = 0; group < o.groups; group++) transfer(l, o, base, group * o.count * registerBytes, o.d + group);
    writeBack(l, o, base, bytes);
  });
export const loadMultiple = multiple('read', loadGroup);
export const storeMultiple = multiple('write', storeGroup);

// One structure --------------------------------------------------------------------------------------------------------------

const loads = ['load.8u', 'load.16u', 'load.32'] as const;
const stores = ['store.8', 'store.16', 'store.32'] as const;
const splats = ['i8x16.splat', 'i16x8.splat', 'i32x4.splat'] as const;
const replaces = ['i8x16.replace', 'i16x8.replace', 'i32x4.replace'] as const;
const extracts = ['i8x16.extract_u', 'i16x8.extract_u', 'i32x4.extract'] as const;

export const loadOne = operation<OneStructure>((l, o) => {
  const { builder } = l;
  const bytes = o.count << o.size;
  const base = checked(l, o, 'read', bytes);
  for (let element = 0; element < o.count; element++) {
    const d = o.d + element * o.increment;
    const value = l.load(loads[o.size]!, base, element << o.size);
    const replaced = builder.emit(replaces[o.size]!, v.readVector(l, false, d), value, o.index);
    v.writeVector(l, false, d, replaced);
  }
  writeBack(l, o, base, bytes);
});

export const storeOne = operation<OneStructure>((l, o) => {
  const bytes = o.count << o.size;
  const base = checked(l, o, 'write', bytes);
  for (let element = 0; element < o.count; element++) {
    const value = v.readVector(l, false, o.d + element * o.increment);
    l.store(stores[o.size]!, base, element << o.size, l.builder.emit(extracts[o.size]!, value, o.index));
  }
  writeBack(l, o, base, bytes);
});

export const loadRepeated = operation<RepeatedStructure>((l, o) => {
  const bytes = o.count << o.size;
  const base = checked(l, o, 'read', bytes);
  for (let element = 0; element < o.count; element++) {
    const value = l.builder.emit(splats[o.size]!, l.load(loads[o.size]!, base, element << o.size));
    for (let i = 0; i < o.registers; i++) v.writeVector(l, false, o.d + element * o.increment + i, value);
  }
  writeBack(l, o, base, bytes);
});
