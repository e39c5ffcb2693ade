/**
 * Access checks in translated code.
 *
 * The fast path loads 16 bits of the access table: the byte of the span's first granule and that of the next, so that
 * any span of up to 64 bytes at any alignment is covered. When they deny something, the slow path, out of line, asks
 * again for exactly the granules that the span touches, and goes on in place if those are allowed; else it leaves at
 * the guest instruction. A span of one byte has one granule: its check is exact as it is. The byte behind the table's last one must deny everything: then spans that wrap around at
 * 2^32 take the slow path, which knows that granule 0 follows.
 *
 * Every bit of a write's entry counts, and yet it is masked: V8 folds a bare load into the comparison with zero and
 * keeps the load as well (a fault of its instruction selection: the load is marked as protected), so that the entry is
 * read twice; behind a mask of 16 bits it is read once. OR-ing the entries into a local, which also prevents this, measured 5 to
 * 10 % slower.
 *
 * On hosts that may read the data before the access byte (not x86) a check for reading loads the bytes of the first
 * and the last granule with acquire semantics; it is exact as it is. A check for writing needs no order: a store does
 * not become visible before the branch that it depends on.
 */
import { denyReadMask, denyReadMask16, denyWriteMask, denyWriteMask16, granuleShift } from '../layout/access.ts';
import { accessTableBase } from '../layout/control.ts';
import { accessIsWrite, ExitReason } from '../layout/cpu.ts';
import { controlMemory } from './code.ts';
import type { FunctionEmitter } from './function-emitter.ts';
import type { MemoryOpcode } from './opcodes.table.ts';

/** Leaves on the stack the table entry of the granule of `local` + `offset`, with wrap-around at 2^32. */
function loadEntry(e: FunctionEmitter, load: MemoryOpcode, local: number, offset: number): void {
  const { code } = e;
  code.get(local);
  if (offset !== 0) {
    code.i32(offset);
    code.op('i32.add');
  }
  code.i32(granuleShift);
  code.op('i32.shr_u');
  code.memory(load, controlMemory, accessTableBase);
}

/** The entries of the first and the last granule of a span, joined. */
function loadBothEntries(e: FunctionEmitter, load: MemoryOpcode, local: number, offset: number, bytes: number): void {
  loadEntry(e, load, local, offset);
  if (bytes === 1) return;
  loadEntry(e, load, local, offset + bytes - 1);
  e.code.op('i32.or');
}

function mask(e: FunctionEmitter, bits: number): void {
  e.code.i32(bits);
  e.code.op('i32.and');
}

/** The check of `bytes` bytes at value `address` + `offset`. */
export function emitAccessCheck(
  e: FunctionEmitter,
  address: number,
  offset: number,
  bytes: number,
  isWrite: boolean,
): void {
  if (!e.module.checks) return;
  const { code } = e;
  const local = e.operand(address, 'i32');
  const denied = isWrite ? denyWriteMask : denyReadMask;
  const isOrdered = e.module.hostIsTso || isWrite;
  const isExact = !isOrdered || bytes === 1;

  if (isExact) {
    loadBothEntries(e, isOrdered ? 'i32.load8_u' : 'i32.atomic.load8_u', local, offset, bytes);
    mask(e, denied);
    code.openUnlikely();
  } else {
    loadEntry(e, 'i32.load16_u', local, offset);
    mask(e, isWrite ? denyWriteMask16 : denyReadMask16);
    code.openUnlikely();
    loadBothEntries(e, 'i32.load8_u', local, offset, bytes);
    mask(e, denied);
    code.open('if');
  }
  code.get(local);
  if (offset !== 0) {
    code.i32(offset);
    code.op('i32.add');
  }
  e.leaveHere(ExitReason.access, bytes | (isWrite ? accessIsWrite : 0));
  code.end();
  if (!isExact) code.end();
}

/** Leaves unless value `address` is a multiple of `alignment`, a power of two. */
export function emitAlignmentCheck(e: FunctionEmitter, address: number, alignment: number): void {
  const { code } = e;
  const local = e.operand(address, 'i32');
  code.get(local);
  code.i32(alignment - 1);
  code.op('i32.and');
  code.openUnlikely();
  code.get(local);
  e.leaveHere(ExitReason.alignment, 0);
  code.end();
}
