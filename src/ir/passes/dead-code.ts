/**
 * Removes values that nothing uses: pure operations, reads of registers, and loads. The check of a removed load stays,
 * because it may leave; so do exclusive loads and swaps, which have effects. Unreachable blocks keep only their end.
 */
import { type IrFunction, instructionWords } from '../function.ts';
import { effects, valueArguments } from '../op-facts.ts';
import { opCodes } from '../ops.table.ts';
import { compact } from './compact.ts';
import { analyse } from './dominators.ts';

const jump = opCodes.jump;

const isRemovable = Uint8Array.from(effects, (effect) =>
  effect === 'pure' || effect === 'get' || effect === 'read' ? 1 : 0,
);

export function removeDeadCode(ir: IrFunction): void {
  const { words } = ir;
  const used = new Uint8Array(ir.count);
  const removed = new Uint8Array(ir.count);
  const flow = analyse(ir);
  for (let block = 0; block < ir.blockCount; block++) if (!flow.isReachable(block)) seal(ir, block, removed);
  // Values stand before their uses, so one pass backwards is enough.
  for (let at = ir.count - 1; at >= 0; at--) {
    if (removed[at]) continue;
    const word = at * instructionWords;
    const code = words[word];
    if (isRemovable[code] && !used[at]) {
      removed[at] = 1;
      continue;
    }
    const mask = valueArguments[code];
    if ((mask & 1) !== 0) used[words[word + 1]] = 1;
    if ((mask & 2) !== 0) used[words[word + 2]] = 1;
    if ((mask & 4) !== 0) used[words[word + 3]] = 1;
  }
  compact(ir, removed);
}

/** Turns an unreachable block into a jump to itself. */
function seal(ir: IrFunction, block: number, removed: Uint8Array): void {
  const end = ir.blockEnd[block] - 1;
  removed.fill(1, ir.blockStart[block], end);
  ir.words.set([jump, block, 0, 0], end * instructionWords);
}
