/**
 * Loops that wait for another thread: nothing changes from one round to the next but what memory holds. They store
 * nothing, call nothing, and what their rounds hand on comes from memory alone: a word that one round has loaded may be
 * compared in the next (a loop that is entered in its middle, behind the load), but not added to, or followed as an
 * address. So only somebody else's store ends them.
 */
import { type IrFunction, instructionWords } from '../function.ts';
import { effects, valueArguments } from '../op-facts.ts';
import { opCodes } from '../ops.table.ts';
import { variables } from '../variables.table.ts';
import type { ControlFlow } from './dominators.ts';

/** Registers that the rounds of a loop hand on, at the most; a loop with more does not count as one that waits. */
const handedOnMax = 31;

/** What `open` and `blocks` lead to by `from`, without leaving `within`. */
function reach(
  blocks: Set<number>,
  open: number[],
  from: (block: number) => Iterable<number>,
  within?: Uint8Array,
): Set<number> {
  for (let block = open.pop(); block !== undefined; block = open.pop()) {
    if (block === -1 || blocks.has(block) || within?.[block] === 0) continue;
    blocks.add(block);
    open.push(...from(block));
  }
  return blocks;
}

/** Operations that more is done by than waiting. */
function works(ir: IrFunction, at: number): boolean {
  const code = ir.words[at * instructionWords];
  switch (effects[code]) {
    case 'write':
    case 'float':
      return true;
    case 'set':
      // Vector registers overlap; waiting needs none.
      return variables[ir.argument(at, 0)].type !== 'i32';
    case 'end':
      return code !== opCodes.jump && code !== opCodes.branch && code !== opCodes['exit.jump'];
    default:
      return false;
  }
}

/** The block alone could be a part of a loop that only waits. */
function canWait(ir: IrFunction, block: number): boolean {
  for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) if (works(ir, at)) return false;
  return true;
}

/** True when nothing but memory changes from one round through `blocks` to the next. */
export function onlyWaits(ir: IrFunction, blocks: ReadonlySet<number>): boolean {
  const set = new Set<number>();
  const readFirst = new Set<number>();
  let reads = false;
  for (const block of blocks) {
    const setHere = new Set<number>();
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) {
      if (works(ir, at)) return false;
      const variable = ir.argument(at, 0);
      switch (effects[ir.words[at * instructionWords]]) {
        case 'read':
          reads = true;
          break;
        case 'get':
          if (!setHere.has(variable)) readFirst.add(variable);
          break;
        case 'set':
          setHere.add(variable);
          set.add(variable);
          break;
      }
    }
  }
  const handedOn = [...set.intersection(readFirst)];
  return reads && handedOn.length <= handedOnMax && comesToRest(ir, blocks, handedOn);
}

/**
 * True when the registers that rounds hand on are the same ones from some round on, as long as memory is: none of them
 * is made from itself, by way of others either. Sets of these registers are masks, bit i for `handedOn[i]`.
 */
function comesToRest(ir: IrFunction, blocks: ReadonlySet<number>, handedOn: readonly number[]): boolean {
  if (handedOn.length === 0) return true;
  /** The instructions of the loop whose value is known, by the registers that it is made from. */
  const sources = new Map<number, number>();
  const sourcesOf = (at: number): number => {
    const known = sources.get(at);
    if (known !== undefined) return known;
    let mask = 0;
    const code = ir.words[at * instructionWords];
    for (let i = 0; valueArguments[code] >> i !== 0; i++)
      if ((valueArguments[code] >> i) & 1) mask |= sourcesOf(ir.argument(at, i));
    sources.set(at, mask);
    return mask;
  };
  const sets: { readonly register: number; readonly value: number }[] = [];
  const choices: number[] = [];
  for (const block of blocks) {
    const here = new Map<number, number>();
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) {
      const effect = effects[ir.words[at * instructionWords]];
      const variable = ir.argument(at, 0);
      const register = handedOn.indexOf(variable);
      if (effect === 'set') {
        here.set(variable, ir.argument(at, 1));
        if (register >= 0) sets.push({ register, value: ir.argument(at, 1) });
      } else if (effect === 'get') {
        const value = here.get(variable);
        sources.set(at, value !== undefined ? sourcesOf(value) : register >= 0 ? 1 << register : 0);
      }
    }
    const next = ir.successors(block);
    if (next.length > 1 && next.every((to) => blocks.has(to))) choices.push(ir.argument(ir.blockEnd[block] - 1, 0));
  }
  // What decides the way through a round decides what is set on it.
  const decided = choices.reduce((mask, value) => mask | sourcesOf(value), 0);
  const madeFrom = handedOn.map(() => 0);
  for (const { register, value } of sets) madeFrom[register]! |= sourcesOf(value) | decided;
  let left = 2 ** handedOn.length - 1;
  for (let before = 0; before !== left; ) {
    before = left;
    for (const [register, mask] of madeFrom.entries()) if ((mask & left) === 0) left &= ~(1 << register);
  }
  return left === 0;
}

export interface WaitingLoops {
  /** 1 for the blocks of loops that only wait. A block may be in other loops too. */
  readonly isInside: Uint8Array;
  /** 1 for the blocks to which such loops lead when the waiting is over. */
  readonly isBehind: Uint8Array;
}

export function waitingLoops(ir: IrFunction, flow: ControlFlow): WaitingLoops {
  const isInside = new Uint8Array(flow.blockCount);
  const isBehind = new Uint8Array(flow.blockCount);
  const successors = (block: number): Int32Array => flow.successors.subarray(2 * block, 2 * block + 2);
  const predecessors = (block: number): Int32Array =>
    flow.predecessors.subarray(flow.predecessorStart[block], flow.predecessorStart[block + 1]);
  const mark = (blocks: ReadonlySet<number>): boolean => {
    if (!onlyWaits(ir, blocks)) return false;
    for (const block of blocks) {
      isInside[block] = 1;
      for (const to of successors(block)) if (to !== -1 && !blocks.has(to)) isBehind[to] = 1;
    }
    return true;
  };
  let idle: Uint8Array | undefined;
  for (const latch of flow.rpo)
    for (const header of successors(latch)) {
      if (header === -1 || !flow.isRetreating(latch, header)) continue;
      // The natural loop; it may be part of one that does more.
      if (flow.dominates(header, latch) && mark(reach(new Set([header]), [latch], predecessors))) continue;
      // A loop that does more may have its latch in common with the waiting in it: what can wait of it.
      idle ??= Uint8Array.from(ir.blockStart, (_, block) => (canWait(ir, block) ? 1 : 0));
      const ahead = reach(new Set(), [header], successors, idle);
      if (ahead.has(latch)) mark(ahead.intersection(reach(new Set(), [latch], predecessors, idle)));
    }
  for (const [block, inside] of isInside.entries()) if (inside === 1) isBehind[block] = 0;
  return { isInside, isBehind };
}
