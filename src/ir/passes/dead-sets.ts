/** Removes assignments of registers that nothing sees: most computations of flags. */
import type { IrFunction } from '../function.ts';
import { compact } from './compact.ts';
import { analyse } from './dominators.ts';
import { type LivenessOptions, visibility } from './liveness.ts';

export function removeDeadSets(ir: IrFunction, options: LivenessOptions = {}): void {
  const removed = new Uint8Array(ir.count);
  let found = 0;
  visibility(ir, analyse(ir), options, (at) => {
    removed[at] = 1;
    found++;
  });
  if (found > 0) compact(ir, removed);
}
