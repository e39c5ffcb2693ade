/**
 * Guest calls as Wasm calls. The callee finds every register in the record; it gives the guest address to go on at, or
 * the sentinel. When that is the return address, the caller loads what it needs and goes on; anything else it passes
 * on to its own caller, with nothing to write back.
 *
 * Wasm frames are limited: at depth 0 the call leaves to the dispatcher instead, which goes on flat.
 */
import { Executor } from '../layout/control.ts';
import { ExitReason, exitSentinel } from '../layout/cpu.ts';
import { controlMemory } from './code.ts';
import type { Emit } from './emit.ts';
import type { FunctionEmitter } from './function-emitter.ts';
import { callIndirect } from './leave-helpers.ts';
import { cpuLocal } from './record-access.ts';

/** `storeTarget` writes pc for the flat way; `transfer` leaves the callee's result on the stack. */
function emitNested(
  e: FunctionEmitter,
  returnAddress: number,
  next: number,
  storeTarget: () => void,
  transfer: () => void,
): void {
  const { code } = e;
  const depth = e.scratch('i32');
  const result = e.scratch('i32');
  code.get(cpuLocal);
  code.memory('i32.load', controlMemory, Executor.callDepth.offset);
  code.tee(depth);
  code.op('i32.eqz');
  code.openUnlikely();
  storeTarget();
  e.storeField(Executor.exitReason.offset, ExitReason.jump);
  code.i32(exitSentinel);
  code.op('return');
  code.end();
  code.get(cpuLocal);
  code.get(depth);
  code.i32(1);
  code.op('i32.sub');
  code.memory('i32.store', controlMemory, Executor.callDepth.offset);

  transfer();
  code.set(result);
  code.get(cpuLocal);
  code.get(depth);
  code.memory('i32.store', controlMemory, Executor.callDepth.offset);
  code.get(result);
  code.i32(returnAddress);
  code.op('i32.ne');
  code.openUnlikely();
  code.get(result);
  code.op('return');
  code.end();
  e.loadNeededBy(next);
}

export const emitCall: Emit = (e, target, returnAddress, next) => {
  e.writeBack();
  emitNested(
    e,
    returnAddress,
    next,
    () => e.storeField(Executor.pc.offset, target),
    () => e.transfer(target, true),
  );
};

export const emitCallIndirect: Emit = (e, target, returnAddress, next) => {
  const { code } = e;
  e.writeBack();
  const local = e.operand(target, 'i32');
  emitNested(
    e,
    returnAddress,
    next,
    () => {
      code.get(cpuLocal);
      code.get(local);
      code.memory('i32.store', controlMemory, Executor.pc.offset);
    },
    () => {
      code.get(local);
      code.get(cpuLocal);
      code.call('call', e.module.helper(callIndirect));
    },
  );
};
