/** How an operation is emitted, and the shapes that most have. */
import { type Assembly, type Tree, TreeWriter } from './assembler.ts';
import type { FunctionEmitter } from './function-emitter.ts';
import type { Opcode } from './opcodes.table.ts';

/** Emits an operation from its arguments; a result is left on the stack. */
export type Emit = (e: FunctionEmitter, a: number, b: number, c: number) => void;

export const unary =
  (name: Opcode): Emit =>
  (e, a) => {
    e.value(a);
    e.code.op(name);
  };

export const binary =
  (name: Opcode): Emit =>
  (e, a, b) => {
    e.value(a);
    e.value(b);
    e.code.op(name);
  };

export const ternary =
  (name: Opcode): Emit =>
  (e, a, b, c) => {
    e.value(a);
    e.value(b);
    e.value(c);
    e.code.op(name);
  };

/** A call of a helper with the first `count` arguments. */
export const called =
  (helper: Assembly, count: 1 | 2 | 3): Emit =>
  (e, a, b, c) => {
    e.value(a);
    if (count > 1) e.value(b);
    if (count > 2) e.value(c);
    e.code.call('call', e.module.helper(helper));
  };

/** A writer of trees about the vectors `a` and (when `count` is 2) `b`, `r` being free. */
export function vectorTrees(e: FunctionEmitter, a: number, b: number, count: 1 | 2): TreeWriter {
  const locals = new Map([['a', e.operand(a, 'v128')]]);
  if (count === 2) locals.set('b', e.operand(b, 'v128'));
  locals.set('r', e.scratch('v128'));
  return new TreeWriter(e.code, locals);
}

/** Trees about the vectors `a` and `b`, of which the last is the result; `r` is free for their use. */
export const composed =
  (count: 1 | 2, ...trees: readonly Tree[]): Emit =>
  (e, a, b) =>
    vectorTrees(e, a, b, count).all(trees);
