/** Load-exclusives in IR: their checks are for writing, since they obtain their block for the store that follows. */
import { type IrFunction, instructionWords } from './function.ts';
import { opCodes } from './ops.table.ts';

const codes: ReadonlySet<number> = new Set([
  opCodes['ldrex.8'],
  opCodes['ldrex.16'],
  opCodes['ldrex.32'],
  opCodes['ldrex.64'],
]);

/** True when the function has a load-exclusive. */
export function loadsExclusively(ir: IrFunction): boolean {
  for (let at = 0; at < ir.count; at++) if (codes.has(ir.words[at * instructionWords]!)) return true;
  return false;
}
