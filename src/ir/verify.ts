/**
 * The IR's rules, checked. Used by tests and by an option of the engine.
 *
 * Shape: every block is filled once and ends once; arguments have the kinds and types that their row declares; a value
 * is defined before its use, in its own block or in one that dominates it, and stands lower in the array.
 *
 * Checks: each access of guest memory is covered by a check that is available there. A check is available from where
 * it stands, along every path, until a poll or a call. It covers an access when both addresses have the same root
 * value (address.ts) and the access's bytes lie within the check's span. A check for writing also allows reading.
 *
 * Exactness: between a guest instruction's `insn` and its last check (or exit.undefined, exit.breakpoint, which leave
 * at its start too) nothing changes a variable, guest memory or the exceptions of FPSCR, on any path; and the marker is the same on all paths.
 */
import { AssertionFailure } from '../base/assert.ts';
import { findRoots } from './address.ts';
import { type IrFunction, instructionWords } from './function.ts';
import { manyMarkers, markersAtEntry, noMarker } from './guest-instructions.ts';
import {
  accessBytes,
  accessHasOffset,
  accessWrites,
  blockArguments,
  changesState,
  effects,
  forgetsChecks,
} from './op-facts.ts';
import { type OpName, opCodes, opNames, opRows } from './ops.table.ts';
import { analyse, type ControlFlow } from './passes/dominators.ts';
import { printInstruction } from './printer.ts';
import { variables } from './variables.table.ts';

const checkBytesMax = 64;
const leavesHere = new Set<OpName>(['check.read', 'check.write', 'check.aligned', 'exit.undefined', 'exit.breakpoint']);

/** @throws AssertionFailure with the instruction, printed, that breaks a rule. */
export function verify(ir: IrFunction): void {
  if (ir.blockCount === 0) throw new AssertionFailure('IR without blocks');
  verifyBlocks(ir);
  const flow = analyse(ir);
  const blockOf = blocksOfInstructions(ir);
  for (let at = 0; at < ir.count; at++) verifyArguments(ir, flow, blockOf, at);
  verifyChecks(ir, flow);
  verifyExactness(ir, flow);
}

function fail(ir: IrFunction, at: number, message: string): never {
  throw new AssertionFailure(`IR of 0x${(ir.entry >>> 0).toString(16)}: ${message}: ${printInstruction(ir, at)}`);
}

function verifyBlocks(ir: IrFunction): void {
  const owned = new Uint8Array(ir.count);
  for (let block = 0; block < ir.blockCount; block++) {
    const start = ir.blockStart[block];
    const end = ir.blockEnd[block];
    if (!(start >= 0 && start < end && end <= ir.count)) throw new AssertionFailure(`IR block ${block} is not filled`);
    for (let at = start; at < end; at++) {
      if (owned[at]++ !== 0) fail(ir, at, 'stands in two blocks');
      const effect = effects[ir.words[at * instructionWords]];
      if (effect === undefined) fail(ir, at, 'no such operation');
      if ((effect === 'end') !== (at === end - 1)) fail(ir, at, `block ${block} must end once, at its end`);
    }
    const mask = blockArguments[ir.words[(end - 1) * instructionWords]];
    for (let i = 0; i < 3; i++) {
      const to = ir.argument(end - 1, i);
      if ((mask & (1 << i)) !== 0 && !(to >= 0 && to < ir.blockCount)) fail(ir, end - 1, 'no such block');
    }
  }
  const orphan = owned.indexOf(0);
  if (orphan !== -1) fail(ir, orphan, 'stands in no block');
}

function blocksOfInstructions(ir: IrFunction): Int32Array {
  const blockOf = new Int32Array(ir.count);
  for (let block = 0; block < ir.blockCount; block++) blockOf.fill(block, ir.blockStart[block], ir.blockEnd[block]);
  return blockOf;
}

function verifyArguments(ir: IrFunction, flow: ControlFlow, blockOf: Int32Array, at: number): void {
  const name = opNames[ir.words[at * instructionWords]];
  const row = opRows[ir.words[at * instructionWords]];
  row.args.forEach((kind, i) => {
    const value = ir.argument(at, i);
    if (kind === 'imm' || kind === 'block') return;
    if (kind === 'var') {
      if (variables[value]?.type !== name.slice('get.'.length)) fail(ir, at, 'variable of another type');
      return;
    }
    if (!(value >= 0 && value < at)) fail(ir, at, `v${value} is not defined above`);
    const definition = opRows[ir.words[value * instructionWords]];
    if (definition.result !== kind) fail(ir, at, `v${value} is ${definition.result}, not ${kind}`);
    const from = blockOf[value];
    const to = blockOf[at];
    if (from !== to && flow.isReachable(to) && !(flow.isReachable(from) && flow.dominates(from, to)))
      fail(ir, at, `v${value} does not dominate its use`);
  });
  if (name === 'check.read' || name === 'check.write') {
    const bytes = ir.argument(at, 2);
    if (!(bytes >= 1 && bytes <= checkBytesMax)) fail(ir, at, `a check spans 1 to ${checkBytesMax} bytes`);
  } else if (accessHasOffset[ir.words[at * instructionWords]] && ir.argument(at, 1) < 0)
    fail(ir, at, 'a negative offset');
}

/** Available checks: a forward analysis over sets of check instructions, joined by intersection. */
function verifyChecks(ir: IrFunction, flow: ControlFlow): void {
  const root = new Int32Array(ir.count);
  const delta = new Int32Array(ir.count);
  findRoots(ir, root, delta);
  const atExit: (ReadonlySet<number> | undefined)[] = new Array(ir.blockCount);

  const covers = (check: number, at: number): boolean => {
    const code = ir.words[at * instructionWords];
    const base = ir.argument(at, 0);
    const isWriteCheck = ir.words[check * instructionWords] === opCodes['check.write'];
    if (accessWrites[code] && !isWriteCheck) return false;
    const checkBase = ir.argument(check, 0);
    if (root[base] !== root[checkBase]) return false;
    const offset = delta[base] + (accessHasOffset[code] ? ir.argument(at, 1) : 0);
    const distance = (offset - (delta[checkBase] + ir.argument(check, 1))) | 0;
    return distance >= 0 && distance + accessBytes[code] <= ir.argument(check, 2);
  };

  const atEntry = (block: number): Set<number> => {
    let available: Set<number> | undefined = block === 0 ? new Set() : undefined;
    for (let p = flow.predecessorStart[block]; p < flow.predecessorStart[block + 1]; p++) {
      const from = atExit[flow.predecessors[p]];
      if (from !== undefined) available = available === undefined ? new Set(from) : available.intersection(from);
    }
    return available ?? new Set();
  };

  const pass = (block: number, onAccess?: (at: number, available: Set<number>) => void): Set<number> => {
    const available = atEntry(block);
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) {
      const code = ir.words[at * instructionWords];
      if (forgetsChecks(code)) available.clear();
      else if (code === opCodes['check.read'] || code === opCodes['check.write']) available.add(at);
      else if (accessBytes[code] !== 0) onAccess?.(at, available);
    }
    return available;
  };

  for (let changed = true; changed; ) {
    changed = false;
    for (const block of flow.rpo) {
      const available = pass(block);
      if (atExit[block]?.size !== available.size) {
        atExit[block] = available;
        changed = true;
      }
    }
  }
  for (const block of flow.rpo)
    pass(block, (at, available) => {
      for (const check of available) if (covers(check, at)) return;
      fail(ir, at, 'no check covers it');
    });
}

function verifyExactness(ir: IrFunction, flow: ControlFlow): void {
  const markers = markersAtEntry(ir, flow);
  const changedAtExit = new Uint8Array(ir.blockCount);

  /** Whether the current guest instruction has changed something by the end of the block. */
  const pass = (block: number, report: boolean): number => {
    let hasChanged = 0;
    for (let p = flow.predecessorStart[block]; p < flow.predecessorStart[block + 1]; p++)
      hasChanged |= changedAtExit[flow.predecessors[p]];
    let marker = markers[block];
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) {
      const name = ir.op(at);
      if (name === 'insn') {
        hasChanged = 0;
        marker = at;
      } else if (changesState[ir.words[at * instructionWords]]) hasChanged = 1;
      else if (report && leavesHere.has(name)) {
        if (hasChanged) fail(ir, at, 'the guest instruction has already changed something');
        if (marker === noMarker || marker === manyMarkers)
          fail(ir, at, 'it is not clear which guest instruction it is of');
      }
    }
    return hasChanged;
  };

  for (let changed = true; changed; ) {
    changed = false;
    for (const block of flow.rpo) {
      const after = pass(block, false);
      changed ||= after !== changedAtExit[block];
      changedAtExit[block] = after;
    }
  }
  for (const block of flow.rpo) pass(block, true);
}
