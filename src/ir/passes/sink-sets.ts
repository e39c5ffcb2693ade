/**
 * Moves work off paths that do not need it: an assignment that only one side of the block's branch sees goes to the
 * start of that side (the flags that a loop sets each time around are wanted after its end only), and so does a pure
 * operation whose uses are all in blocks entered from nowhere else.
 */
import { type IrFunction, instructionWords } from '../function.ts';
import { blockArguments, effects, isGet, isPure, isSet, valueArguments } from '../op-facts.ts';
import { opCodes } from '../ops.table.ts';
import { bits0, bits1, bits2, overlaps, setWords } from '../storage.ts';
import { analyse, type ControlFlow } from './dominators.ts';
import { type LivenessOptions, visibility } from './liveness.ts';
import { Arrangement } from './rearrange.ts';

const noUse = -1;
const manyBlocks = -2;
/** Blocks looked into for the next guest instruction. */
const depthMax = 4;

export function sinkSets(ir: IrFunction, options: LivenessOptions = {}): void {
  const { words } = ir;
  const flow = analyse(ir);
  const { liveIn, needs } = visibility(ir, flow, options);
  const destination = new Int32Array(ir.count).fill(-1);
  /** The block in which all uses of a value stand, as far as they have been seen. */
  const useBlock = new Int32Array(ir.count).fill(noUse);
  /** What moves to the start of a block, in order: the first, and for each instruction the next one. */
  const firstMoved = new Int32Array(ir.blockCount).fill(-1);
  const nextMoved = new Int32Array(ir.count).fill(-1);
  /** What the rest of the block sees or assigns. */
  const busy = new Int32Array(setWords);
  let found = 0;

  const isBusy = (variable: number): boolean => overlaps(busy, 0, variable);
  const setBusy = (variable: number): void => {
    busy[0] |= bits0[variable];
    busy[1] |= bits1[variable];
    busy[2] |= bits2[variable];
  };

  const sideOfSet = (block: number, variable: number): number => {
    const first = flow.successors[2 * block];
    const second = flow.successors[2 * block + 1];
    if (second === -1 || isBusy(variable)) return -1;
    const inFirst = overlaps(liveIn, first * setWords, variable);
    if (inFirst === overlaps(liveIn, second * setWords, variable)) return -1;
    const side = inFirst ? first : second;
    return flow.onlyPredecessor(side) === block && beginsBetweenInstructions(ir, flow, side, depthMax) ? side : -1;
  };

  for (let i = flow.rpo.length - 1; i >= 0; i--) {
    const block = flow.rpo[i];
    busy.fill(0);
    for (let at = ir.blockEnd[block] - 1; at >= ir.blockStart[block]; at--) {
      const word = at * instructionWords;
      const code = words[word];
      let to = -1;
      if (isSet[code]) {
        to = sideOfSet(block, words[word + 1]);
        setBusy(words[word + 1]);
      } else if (isGet[code]) setBusy(words[word + 1]);
      else if (isPure[code] && code !== opCodes['i32.const'] && code !== opCodes['i64.const']) {
        if (useBlock[at] >= 0 && isEnteredOnlyFrom(flow, useBlock[at], block)) to = useBlock[at];
      } else if (effects[code] === 'check') for (let k = 0; k < setWords; k++) busy[k] |= needs[at * setWords + k];
      if (to !== -1) {
        destination[at] = to;
        nextMoved[at] = firstMoved[to];
        firstMoved[to] = at;
        found++;
      }
      const mask = valueArguments[code];
      const place = to === -1 ? block : to;
      for (let k = 0; k < 3; k++) {
        if ((mask & (1 << k)) === 0) continue;
        const value = words[word + 1 + k];
        useBlock[value] = useBlock[value] === noUse || useBlock[value] === place ? place : manyBlocks;
      }
    }
  }
  if (found === 0) return;

  const arrangement = new Arrangement(ir);
  arrangement.apply(flow, (block) => {
    for (let at = firstMoved[block]; at !== -1; at = nextMoved[at]) arrangement.push(at);
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) if (destination[at] === -1) arrangement.push(at);
  });
}

/** True when `below` lies on a chain of blocks, each the only predecessor of the next, that starts at `above`. */
function isEnteredOnlyFrom(flow: ControlFlow, below: number, above: number): boolean {
  let at = below;
  while (at !== above && at !== -1) at = flow.onlyPredecessor(at);
  return at === above && below !== above;
}

/**
 * True when, from the start of `block`, another guest instruction begins before anything leaves at the current one:
 * an assignment of the instruction before may stand there.
 */
function beginsBetweenInstructions(ir: IrFunction, flow: ControlFlow, block: number, depth: number): boolean {
  if (depth === 0) return false;
  for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) {
    const code = ir.words[at * instructionWords];
    if (code === opCodes.insn || code === opCodes.poll) return true;
    if (effects[code] === 'check' || code === opCodes['exit.undefined'] || code === opCodes['exit.breakpoint'])
      return false;
    if (effects[code] === 'end' && blockArguments[code] === 0) return true;
  }
  for (let i = 0; i < 2; i++) {
    const to = flow.successors[2 * block + i];
    if (to !== -1 && !beginsBetweenInstructions(ir, flow, to, depth - 1)) return false;
  }
  return true;
}
