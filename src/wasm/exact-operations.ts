/** What exact floating-point operations become: calls of helpers. */
import { type OpName, opNames } from '../ir/ops.table.ts';
import type { Emit } from './emit.ts';

type ExactName = Extract<OpName, `${string}.exact_${string}` | `fpexc.${string}`>;

const isExact = (name: OpName): name is ExactName => name.includes('.exact_') || name.startsWith('fpexc.');

/** The helpers are not there yet: no lowering makes these operations. */
const missing: Emit = (e) => e.code.op('unreachable');

export const exactOperations = Object.fromEntries(opNames.filter(isExact).map((name) => [name, missing])) as {
  readonly [Name in ExactName]: Emit;
};
