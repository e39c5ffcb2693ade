/** Removal of instructions: how a pass that marked some takes them out and renumbers the values. */
import { type IrFunction, instructionWords } from '../function.ts';
import { valueArguments } from '../op-facts.ts';

/**
 * Takes the instructions with `removed` set out of `ir`, in place. Uses of value v become uses of replacement[v], when
 * given (v itself where nothing replaces it; chains have been resolved).
 */
export function compact(ir: IrFunction, removed: Uint8Array, replacement?: Int32Array): void {
  const { words } = ir;
  const renumbered = new Int32Array(ir.count + 1);
  let kept = 0;
  for (let at = 0; at < ir.count; at++) {
    renumbered[at] = kept;
    if (removed[at]) continue;
    const from = at * instructionWords;
    const to = kept * instructionWords;
    const mask = valueArguments[words[from]];
    words[to] = words[from];
    for (let i = 0; i < 3; i++) {
      const word = words[from + 1 + i];
      words[to + 1 + i] =
        (mask & (1 << i)) === 0 ? word : renumbered[replacement === undefined ? word : replacement[word]];
    }
    kept++;
  }
  renumbered[ir.count] = kept;
  for (let block = 0; block < ir.blockCount; block++) {
    ir.blockStart[block] = renumbered[ir.blockStart[block]];
    ir.blockEnd[block] = renumbered[ir.blockEnd[block]];
  }
  ir.count = kept;
}
