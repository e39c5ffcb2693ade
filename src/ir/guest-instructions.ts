/**
 * Which guest instruction an IR instruction belongs to: that of the last `insn` on every path to it. A check or an
 * exit that leaves "at the current instruction" needs the marker to be the same on all paths.
 */
import { type IrFunction, instructionWords } from './function.ts';
import { opCodes } from './ops.table.ts';
import type { ControlFlow } from './passes/dominators.ts';

/** No marker yet on a path to here, and different markers on different paths. */
export const noMarker = -1;
export const manyMarkers = -2;
const unknown = -3;

/** For each reachable block the marker's instruction number at its start, or noMarker, or manyMarkers. */
export function markersAtEntry(ir: IrFunction, flow: ControlFlow): Int32Array {
  const at = new Int32Array(ir.blockCount).fill(unknown);
  const last = new Int32Array(ir.blockCount).fill(unknown);
  for (const block of flow.rpo) last[block] = lastMarker(ir, block);
  at[0] = noMarker;
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of flow.rpo) {
      let marker = block === 0 ? noMarker : unknown;
      for (let p = flow.predecessorStart[block]; p < flow.predecessorStart[block + 1]; p++) {
        const from = flow.predecessors[p];
        const passed = last[from] === unknown ? at[from] : last[from];
        if (passed === unknown) continue;
        if (marker === unknown) marker = passed;
        else if (marker !== passed) marker = manyMarkers;
      }
      if (at[block] !== marker) {
        at[block] = marker;
        changed = true;
      }
    }
  }
  return at;
}

function lastMarker(ir: IrFunction, block: number): number {
  for (let at = ir.blockEnd[block] - 1; at >= ir.blockStart[block]; at--)
    if (ir.words[at * instructionWords] === opCodes.insn) return at;
  return unknown;
}
