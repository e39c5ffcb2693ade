/** The operation of FUTEX_WAKE_OP on its second word: decoded and applied (futex(2), kernel/futex futex_atomic_op_inuser). */
import { Errno } from '../abi/errno.ts';
import {
  FUTEX_OP_ADD,
  FUTEX_OP_ANDN,
  FUTEX_OP_CMP_EQ,
  FUTEX_OP_CMP_GE,
  FUTEX_OP_CMP_GT,
  FUTEX_OP_CMP_LE,
  FUTEX_OP_CMP_LT,
  FUTEX_OP_CMP_NE,
  FUTEX_OP_OPARG_SHIFT,
  FUTEX_OP_OR,
  FUTEX_OP_SET,
  FUTEX_OP_XOR,
} from '../abi/process.ts';

type Binary<T> = (a: number, b: number) => T;

const operations: Readonly<Record<number, Binary<number>>> = {
  [FUTEX_OP_SET]: (_, argument) => argument,
  [FUTEX_OP_ADD]: (before, argument) => (before + argument) | 0,
  [FUTEX_OP_OR]: (before, argument) => before | argument,
  [FUTEX_OP_ANDN]: (before, argument) => before & ~argument,
  [FUTEX_OP_XOR]: (before, argument) => before ^ argument,
};
const comparisons: Readonly<Record<number, Binary<boolean>>> = {
  [FUTEX_OP_CMP_EQ]: (before, argument) => before === argument,
  [FUTEX_OP_CMP_NE]: (before, argument) => before !== argument,
  [FUTEX_OP_CMP_LT]: (before, argument) => before < argument,
  [FUTEX_OP_CMP_LE]: (before, argument) => before <= argument,
  [FUTEX_OP_CMP_GT]: (before, argument) => before > argument,
  [FUTEX_OP_CMP_GE]: (before, argument) => before >= argument,
};

export interface WakeOperation {
  /** The word's new value. */
  readonly apply: (before: number) => number;
  /** Whether waiters of the second word are woken too. -ENOSYS for a comparison that is not known, as the kernel finds late. */
  readonly compare: (before: number) => boolean | number;
}

/** @param encoded r5 of the call · @returns -ENOSYS for an operation that is not known */
export function decodeWakeOperation(encoded: number): WakeOperation | number {
  const operation = operations[(encoded >>> 28) & 7];
  if (!operation) return -Errno.ENOSYS;
  const compare = comparisons[(encoded >>> 24) & 15];
  const signed = (encoded << 8) >> 20;
  const argument = (encoded >>> 28) & FUTEX_OP_OPARG_SHIFT ? 1 << (signed & 31) : signed;
  const compared = (encoded << 20) >> 20;
  return {
    apply: (before) => operation(before, argument),
    compare: (before) => compare?.(before, compared) ?? -Errno.ENOSYS,
  };
}
