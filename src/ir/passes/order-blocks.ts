/**
 * Puts the blocks into reverse post order, so that what dominates stands first: values can then be forwarded wherever
 * control flow allows. Unreachable blocks go to the end.
 */
import type { IrFunction } from '../function.ts';
import { analyse } from './dominators.ts';
import { Arrangement } from './rearrange.ts';

export function orderBlocks(ir: IrFunction): void {
  const arrangement = new Arrangement(ir);
  arrangement.apply(analyse(ir), (block) => {
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) arrangement.push(at);
  });
}
