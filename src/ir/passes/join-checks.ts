/**
 * Fewer checks. A check that an available one covers is dropped; a check near an available one of the same kind (same
 * root address, span of both at most 64 bytes) is joined into it, where the later is always reached from the earlier.
 *
 * Available: on every path from the earlier check to here there is no poll and no call. A check for writing covers one
 * for reading. What is read and then, for certain, written as a whole is checked for writing at once; other reads are
 * never joined into writes, since pages that may only be read would leave each time. The joined
 * check stands at the earlier place and leaves at that guest instruction, which is exact there; whoever goes on after
 * leaving checks each access alone. Where all predecessors agree, checks stay available over joins of control flow;
 * not over edges back, since loop headers poll.
 */
import { findRoots } from '../address.ts';
import { type IrFunction, instructionWords } from '../function.ts';
import { forgetsChecks } from '../op-facts.ts';
import { opCodes } from '../ops.table.ts';
import { compact } from './compact.ts';
import { analyse, type ControlFlow } from './dominators.ts';

const checkRead = opCodes['check.read'];
const checkWrite = opCodes['check.write'];
/** What one 16-bit load of the access table covers at any alignment: a granule. */
const spanBytesMax = 64;
/** Checks remembered at a time; the oldest is forgotten first. */
const availableMax = 32;

export function joinChecks(ir: IrFunction): void {
  const { words } = ir;
  const flow = analyse(ir);
  const root = new Int32Array(ir.count);
  const delta = new Int32Array(ir.count);
  findRoots(ir, root, delta);
  const removed = new Uint8Array(ir.count);
  const blockOf = new Int32Array(ir.count);
  const certain = certainFollowers(flow);
  /** The available checks at the end of each block: a count and that many instruction numbers. */
  const stride = availableMax + 1;
  const atExit = new Int32Array(ir.blockCount * stride);
  let found = 0;

  /** Bytes from the start of the span of `from` to that of `to`, both of one root. */
  const distance = (from: number, to: number): number =>
    (delta[words[to * instructionWords + 1]] +
      words[to * instructionWords + 2] -
      delta[words[from * instructionWords + 1]] -
      words[from * instructionWords + 2]) |
    0;

  /** Drops `at` or joins it into an available check; false when it has to stay as it is. */
  const absorb = (at: number, block: number, base: number): boolean => {
    const word = at * instructionWords;
    const bytes = words[word + 3];
    for (let i = atExit[base]; i > 0; i--) {
      const earlier = atExit[base + i];
      const earlierWord = earlier * instructionWords;
      if (root[words[earlierWord + 1]] !== root[words[word + 1]]) continue;
      const isSameKind = words[earlierWord] === words[word];
      const from = distance(earlier, at);
      if (!isSameKind && words[earlierWord] !== checkWrite) {
        const coversEarlier = from <= 0 && from + bytes >= words[earlierWord + 3];
        if (!coversEarlier || !certain(blockOf[earlier], block)) continue;
        words[earlierWord] = checkWrite;
        words[earlierWord + 2] += from;
        words[earlierWord + 3] = bytes;
        return true;
      }
      if (from >= 0 && from + bytes <= words[earlierWord + 3]) return true;
      if (!isSameKind || from < -spanBytesMax || from > spanBytesMax) continue;
      const start = Math.min(0, from);
      const span = Math.max(words[earlierWord + 3], from + bytes) - start;
      if (span > spanBytesMax || !certain(blockOf[earlier], block)) continue;
      words[earlierWord + 2] += start;
      words[earlierWord + 3] = span;
      return true;
    }
    return false;
  };

  for (const block of flow.rpo) {
    const base = block * stride;
    enter(flow, atExit, stride, block);
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) {
      const code = words[at * instructionWords];
      if (forgetsChecks(code)) atExit[base] = 0;
      else if (code === checkRead || code === checkWrite) {
        if (absorb(at, block, base)) {
          removed[at] = 1;
          found++;
        } else {
          blockOf[at] = block;
          if (atExit[base] === availableMax) atExit.copyWithin(base + 1, base + 2, base + stride);
          else atExit[base]++;
          atExit[base + atExit[base]] = at;
        }
      }
    }
  }
  if (found > 0) compact(ir, removed);
}

/** Fills the checks available at the start of `block`: those at the end of each predecessor. */
function enter(flow: ControlFlow, atExit: Int32Array, stride: number, block: number): void {
  const base = block * stride;
  const start = flow.predecessorStart[block];
  const end = flow.predecessorStart[block + 1];
  atExit[base] = 0;
  if (block === 0 || start === end) return;
  for (let p = start; p < end; p++) if (flow.isRetreating(flow.predecessors[p], block)) return;
  const first = flow.predecessors[start] * stride;
  for (let i = 1; i <= atExit[first]; i++) {
    const check = atExit[first + i];
    let isEverywhere = true;
    for (let p = start + 1; p < end; p++) {
      const other = flow.predecessors[p] * stride;
      if (atExit.indexOf(check, other + 1) > other + atExit[other] || atExit.indexOf(check, other + 1) === -1)
        isEverywhere = false;
    }
    if (isEverywhere) atExit[base + ++atExit[base]] = check;
  }
}

/**
 * Tells whether a block is always reached from an earlier one: whether it postdominates it. Edges back and exits lead
 * nowhere here, so what is certain only after a loop is not seen.
 */
function certainFollowers(flow: ControlFlow): (earlier: number, later: number) => boolean {
  const { order, rpo, successors } = flow;
  /** The nearest block that every path from here reaches, -1 when there is none. */
  const follower = new Int32Array(flow.blockCount).fill(-1);
  const meet = (a: number, b: number): number => {
    while (a !== b) {
      if (a === -1 || b === -1) return -1;
      if (order[a] < order[b]) a = follower[a];
      else b = follower[b];
    }
    return a;
  };
  for (let i = rpo.length - 1; i >= 0; i--) {
    const block = rpo[i];
    const first = successors[2 * block];
    const second = successors[2 * block + 1];
    if (first === -1 || flow.isRetreating(block, first)) continue;
    if (second === -1) follower[block] = first;
    else if (!flow.isRetreating(block, second)) follower[block] = meet(first, second);
  }
  return (earlier, later) => {
    let at = earlier;
    while (at !== later && at !== -1 && order[at] < order[later]) at = follower[at];
    return at === later;
  };
}
