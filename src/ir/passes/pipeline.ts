/** The passes in their order, each of which can be left out by name, so that a wrong one is found by bisecting. */
import type { IrFunction } from '../function.ts';
import { foldConstants } from './constant-folding.ts';
import { removeDeadCode } from './dead-code.ts';
import { removeDeadSets } from './dead-sets.ts';
import { forwardVariables } from './forward-variables.ts';
import { hoistChecks } from './hoist-checks.ts';
import { joinChecks } from './join-checks.ts';
import { type LivenessOptions, settleNeeds } from './liveness.ts';
import { orderBlocks } from './order-blocks.ts';
import { sinkSets } from './sink-sets.ts';

/**
 * Blocks come into an order in which values can be forwarded. Forwarding and folding feed each other, so forwarding runs again after what folding made equal. Checks are hoisted
 * and joined once addresses have their roots; assignments die once forwarding has removed the reads, and their values after them.
 */
const order = [
  ['settle-needs', settleNeeds],
  ['order-blocks', orderBlocks],
  ['forward-variables', forwardVariables],
  ['constant-folding', foldConstants],
  ['common-values', forwardVariables],
  ['hoist-checks', hoistChecks],
  ['join-checks', joinChecks],
  ['dead-sets', removeDeadSets],
  ['sink-sets', sinkSets],
  ['dead-code', removeDeadCode],
] as const satisfies readonly (readonly [string, (ir: IrFunction, options: LivenessOptions) => void])[];

export type PassName = (typeof order)[number][0];
export const passNames: readonly PassName[] = order.map(([name]) => name);

export interface OptimiseOptions extends LivenessOptions {
  /** Passes to leave out. */
  readonly without?: readonly PassName[];
  /** Called after each pass, for dumps and for the verifier. */
  readonly after?: (pass: PassName, ir: IrFunction) => void;
}

/** Optimises `ir` in place. Meaning at every exit is kept, but for registers that the guest no longer reads there. */
export function optimise(ir: IrFunction, options: OptimiseOptions = {}): void {
  for (const [name, run] of order) {
    if (options.without?.includes(name)) continue;
    run(ir, options);
    options.after?.(name, ir);
  }
}
