/**
 * Loops that wait for another thread: nothing changes from one round to the next but what memory holds. They store
 * nothing, call nothing, and no round reads a register that an earlier one has set; so only somebody else's store ends
 * them.
 */
import { type IrFunction, instructionWords } from '../function.ts';
import { effects } from '../op-facts.ts';
import { opCodes } from '../ops.table.ts';
import { variables } from '../variables.table.ts';
import type { ControlFlow } from './dominators.ts';

/** The blocks of the natural loop that comes back to `header` from `latch`. */
function blocksOf(flow: ControlFlow, header: number, latch: number): Set<number> {
  const blocks = new Set([header]);
  const open = [latch];
  for (let block = open.pop(); block !== undefined; block = open.pop()) {
    if (blocks.has(block)) continue;
    blocks.add(block);
    open.push(...flow.predecessors.subarray(flow.predecessorStart[block], flow.predecessorStart[block + 1]));
  }
  return blocks;
}

/** True when nothing but memory changes from one round through `blocks` to the next. */
export function onlyWaits(ir: IrFunction, blocks: Iterable<number>): boolean {
  const set = new Set<number>();
  const readFirst = new Set<number>();
  let reads = false;
  for (const block of blocks) {
    const setHere = new Set<number>();
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) {
      const code = ir.words[at * instructionWords];
      const variable = ir.argument(at, 0);
      switch (effects[code]) {
        case 'write':
        case 'float':
          return false;
        case 'read':
          reads = true;
          break;
        case 'get':
          if (!setHere.has(variable)) readFirst.add(variable);
          break;
        case 'set':
          // Vector registers overlap; waiting needs none.
          if (variables[variable].type !== 'i32') return false;
          setHere.add(variable);
          set.add(variable);
          break;
        case 'end':
          if (code !== opCodes.jump && code !== opCodes.branch && code !== opCodes['exit.jump']) return false;
      }
    }
  }
  return reads && set.isDisjointFrom(readFirst);
}

export interface WaitingLoops {
  /** 1 for the header of a loop that only waits. Another loop may have the same header. */
  readonly isHeader: Uint8Array;
  /** 1 for the blocks to which such a loop leads when its waiting is over. */
  readonly isBehind: Uint8Array;
}

export function waitingLoops(ir: IrFunction, flow: ControlFlow): WaitingLoops {
  const isHeader = new Uint8Array(flow.blockCount);
  const isBehind = new Uint8Array(flow.blockCount);
  for (const latch of flow.rpo)
    for (const header of flow.successors.subarray(2 * latch, 2 * latch + 2)) {
      if (header === -1 || !flow.isRetreating(latch, header) || !flow.dominates(header, latch)) continue;
      const blocks = blocksOf(flow, header, latch);
      if (!onlyWaits(ir, blocks)) continue;
      isHeader[header] = 1;
      for (const block of blocks)
        for (const to of flow.successors.subarray(2 * block, 2 * block + 2))
          if (to !== -1 && !blocks.has(to)) isBehind[to] = 1;
    }
  return { isHeader, isBehind };
}
