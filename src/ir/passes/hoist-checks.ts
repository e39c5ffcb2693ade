/**
 * Moves checks to the earliest guest instruction of their block at which their address is known, with the pure
 * operations and reads of registers that it takes. An exit there goes back further, to an instruction that is as exact
 * as its own. What it gains: fewer registers differ from the record at exits, flags that are overwritten die
 * (a comparison no longer has a check between it and its branch), and checks come to stand where they can be joined.
 *
 * A check stays within its guest instruction's rule: it comes before the first assignment or store of the instruction
 * that it moves to. It does not move over a poll.
 */
import { type IrFunction, instructionWords } from '../function.ts';
import { changesState, isGet, isPure, isSet, valueArguments } from '../op-facts.ts';
import { opCodes } from '../ops.table.ts';
import { aliases } from '../storage.ts';
import { variables } from '../variables.table.ts';
import { analyse } from './dominators.ts';
import { Arrangement } from './rearrange.ts';

const checkRead = opCodes['check.read'];
const checkWrite = opCodes['check.write'];

export function hoistChecks(ir: IrFunction): void {
  const { words } = ir;
  const flow = analyse(ir);
  /** The first place, as an instruction before which to stand, where a value of the block at hand can be had. */
  const earliest = new Int32Array(ir.count);
  /** Checks that move to before an instruction: the first, and for each check the next one. */
  const firstMoved = new Int32Array(ir.count).fill(-1);
  const nextMoved = new Int32Array(ir.count).fill(-1);
  const isMoved = new Uint8Array(ir.count);
  /** For each place the first one from there on that a check may stand before. */
  const legal = new Int32Array(ir.count + 1);
  const lastSet = new Int32Array(variables.length);
  let found = 0;

  const findLegal = (start: number, end: number): void => {
    let next = end;
    // Backwards: a place is legal when no assignment or store of its guest instruction comes before it.
    let hasWritten = 0;
    const written = new Uint8Array(end - start);
    for (let at = start; at < end; at++) {
      const code = words[at * instructionWords];
      // The place before the first marker of a block belongs to an instruction that began elsewhere.
      written[at - start] = hasWritten;
      if (code === opCodes.insn) hasWritten = 0;
      else if (changesState[code]) hasWritten = 1;
    }
    let seenMarker = end;
    for (let at = start; at < end; at++)
      if (words[at * instructionWords] === opCodes.insn) {
        seenMarker = at;
        break;
      }
    for (let at = end - 1; at >= start; at--) {
      if (at > seenMarker && written[at - start] === 0) next = at;
      legal[at] = next;
    }
  };

  const moveChecks = (block: number): void => {
    const start = ir.blockStart[block];
    const end = ir.blockEnd[block];
    lastSet.fill(start);
    let floor = start;
    for (let at = start; at < end; at++) {
      const word = at * instructionWords;
      const code = words[word];
      earliest[at] = at + 1;
      if (code === opCodes.poll) floor = at + 1;
      else if (isGet[code]) earliest[at] = lastSet[words[word + 1]];
      else if (isPure[code]) {
        const mask = valueArguments[code];
        let place = start;
        for (let i = 0; i < 3; i++) {
          const value = words[word + 1 + i];
          if ((mask & (1 << i)) !== 0 && value >= start && value < end) place = Math.max(place, earliest[value]);
        }
        earliest[at] = place;
      } else if (isSet[code]) {
        for (const other of aliases[words[word + 1]]) lastSet[other] = at + 1;
      } else if (code === checkRead || code === checkWrite) {
        const base = words[word + 1];
        const ready = base >= start && base < end ? earliest[base] : start;
        const place = legal[Math.max(ready, floor)];
        if (place >= at) continue;
        isMoved[at] = 1;
        nextMoved[at] = -1;
        if (firstMoved[place] === -1) firstMoved[place] = at;
        else {
          let last = firstMoved[place];
          while (nextMoved[last] !== -1) last = nextMoved[last];
          nextMoved[last] = at;
        }
        found++;
      }
    }
  };

  for (const block of flow.rpo) {
    findLegal(ir.blockStart[block], ir.blockEnd[block]);
    moveChecks(block);
  }
  if (found === 0) return;

  const arrangement = new Arrangement(ir);
  arrangement.apply(flow, (block) => {
    const start = ir.blockStart[block];
    const end = ir.blockEnd[block];
    /** Pushes what a value takes, as far as it stands in this block and has not been pushed. */
    const pushValue = (value: number): void => {
      if (value < start || value >= end || arrangement.has(value)) return;
      const word = value * instructionWords;
      const mask = valueArguments[words[word]];
      for (let i = 0; i < 3; i++) if ((mask & (1 << i)) !== 0) pushValue(words[word + 1 + i]);
      arrangement.push(value);
    };
    for (let at = start; at < end; at++) {
      for (let check = firstMoved[at]; check !== -1; check = nextMoved[check]) {
        pushValue(words[check * instructionWords + 1]);
        arrangement.push(check);
      }
      if (!isMoved[at] && !arrangement.has(at)) arrangement.push(at);
    }
  });
}
