/**
 * Which registers matter where. Three questions, each a data-flow analysis over sets of registers (storage.ts):
 *
 * 1. What does the guest still read? `guestNeeds`: for each `insn` and `poll`, the registers that guest code from that
 *    address on reads before it overwrites them. It counts what `insn` declares, and `get`s. Floating-point registers
 *    are always needed, because passes may have removed their gets. Calls, system calls and every exit from the
 *    function need everything. An exit at a check goes back to the start of its guest instruction, so it needs what
 *    the marker needs.
 * 2. Which assignments does anything still see? `visibility`: reads by remaining `get`s, and needs of exits that can
 *    really happen (checks, polls, ends). dead-sets.ts removes by
 *    it, and sink-sets.ts moves by it.
 * 3. What must an emitter do that keeps registers in locals? `computeWriteBack`: for each exit the registers to store,
 *    those that may have been assigned since the entry or the last call and are needed there; and for the entry and
 *    each block that a call goes on to, the registers to load: those whose local is read, or stored at an exit though
 *    another path assigned it, before it is assigned. At a call everything assigned is stored, and nothing is assigned
 *    after it.
 */
import { type IrFunction, instructionWords } from '../function.ts';
import { markersAtEntry } from '../guest-instructions.ts';
import { blockArguments, effects, isCall, isGet, isSet } from '../op-facts.ts';
import { opCodes } from '../ops.table.ts';
import { allIntegers, bits0, bits1, bits2, setWords } from '../storage.ts';
import { analyse, type ControlFlow } from './dominators.ts';

export interface LivenessOptions {
  /** Every exit needs every register: for debuggers and for tests that compare whole states. */
  readonly allAtExits?: boolean;
}

const insn = opCodes.insn;
const poll = opCodes.poll;
/** Bits of insn's third argument: the mask says what the instruction reads; it says all that is needed there. */
const readsTold = 1 << 31;
const needsTold = 1 << 30;

/** Three words that a block's scan changes: cheaper than an array in the inner loop. */
let live0 = 0;
let live1 = 0;
let live2 = 0;

const setAll = (): void => {
  live0 = allIntegers;
  live1 = -1;
  live2 = -1;
};

/** Ends that leave the function, or may (calls). */
const isLeavingEnd = (code: number): boolean => effects[code] === 'end' && (blockArguments[code] === 0 || isCall(code));
const isCheck = (code: number): boolean => effects[code] === 'check';

/** The union of what the successors of `block` have at their start. */
function joinSuccessors(flow: ControlFlow, block: number, liveIn: Int32Array): void {
  live0 = 0;
  live1 = 0;
  live2 = 0;
  for (let i = 0; i < 2; i++) {
    const to = flow.successors[2 * block + i];
    if (to === -1) continue;
    live0 |= liveIn[to * setWords];
    live1 |= liveIn[to * setWords + 1];
    live2 |= liveIn[to * setWords + 2];
  }
}

function write(sets: Int32Array, offset: number): boolean {
  if (sets[offset] === live0 && sets[offset + 1] === live1 && sets[offset + 2] === live2) return false;
  sets[offset] = live0;
  sets[offset + 1] = live1;
  sets[offset + 2] = live2;
  return true;
}

/** Iterates `step`, which takes live0 to live2 from the end of a block to its start, until nothing grows. */
function solveBackward(flow: ControlFlow, step: (block: number) => void): Int32Array {
  const liveIn = new Int32Array(flow.blockCount * setWords);
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = flow.rpo.length - 1; i >= 0; i--) {
      const block = flow.rpo[i];
      joinSuccessors(flow, block, liveIn);
      step(block);
      if (write(liveIn, block * setWords)) changed = true;
    }
  }
  return liveIn;
}

const kill = (variable: number): void => {
  live0 &= ~bits0[variable];
  live1 &= ~bits1[variable];
  live2 &= ~bits2[variable];
};

const read = (variable: number): void => {
  live0 |= bits0[variable];
  live1 |= bits1[variable];
  live2 |= bits2[variable];
};

const readSet = (sets: Int32Array, offset: number): void => {
  live0 |= sets[offset];
  live1 |= sets[offset + 1];
  live2 |= sets[offset + 2];
};

/** What the third argument of an `insn` says. */
const readDeclared = (mask: number): void => {
  if ((mask & needsTold) !== 0) live0 = mask & allIntegers;
  else live0 |= (mask & readsTold) !== 0 ? mask & allIntegers : allIntegers;
};

/** For each `insn` and `poll`, by instruction number times setWords: what an exit that goes on there needs. */
export function guestNeeds(ir: IrFunction, flow: ControlFlow, options: LivenessOptions = {}): Int32Array {
  const { words } = ir;
  const needs = new Int32Array(ir.count * setWords);
  const step = (block: number): void => {
    for (let at = ir.blockEnd[block] - 1; at >= ir.blockStart[block]; at--) {
      const word = at * instructionWords;
      const code = words[word];
      if (isGet[code]) read(words[word + 1]);
      else if (isSet[code]) kill(words[word + 1]);
      else if (isLeavingEnd(code)) setAll();
      else if (code === insn || code === poll) {
        live1 = -1;
        live2 = -1;
        if (options.allAtExits) live0 = allIntegers;
        else if (code === insn) readDeclared(words[word + 3]);
        write(needs, at * setWords);
      }
    }
  };
  solveBackward(flow, step);
  return needs;
}

/** For each check and poll, by instruction number times setWords: what leaving there needs. */
function exitNeeds(ir: IrFunction, flow: ControlFlow, options: LivenessOptions): Int32Array {
  const needs = guestNeeds(ir, flow, options);
  const markers = markersAtEntry(ir, flow);
  for (const block of flow.rpo) {
    let marker = markers[block];
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) {
      const code = ir.words[at * instructionWords];
      if (code === insn) marker = at;
      else if (isCheck(code) && code !== poll)
        needs.copyWithin(at * setWords, marker * setWords, marker * setWords + setWords);
    }
  }
  return needs;
}

/**
 * Writes into every `insn` what is needed there, so that removing an assignment later does not make earlier ones look
 * needed. To be run before passes that remove assignments.
 */
export function settleNeeds(ir: IrFunction, options: LivenessOptions = {}): void {
  const flow = analyse(ir);
  const needs = guestNeeds(ir, flow, options);
  for (const block of flow.rpo)
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++)
      if (ir.words[at * instructionWords] === insn)
        ir.words[at * instructionWords + 3] = needs[at * setWords] | readsTold | needsTold;
}

export interface Visibility {
  /** By block times setWords: registers whose assignment before the block something sees. */
  readonly liveIn: Int32Array;
  /** By instruction number times setWords, for checks and polls: what leaving there needs. */
  readonly needs: Int32Array;
}

/** What is seen of assignments: by remaining gets, and at exits that can really happen. */
export function visibility(
  ir: IrFunction,
  flow: ControlFlow,
  options: LivenessOptions,
  onDead?: (at: number) => void,
): Visibility {
  const { words } = ir;
  const needs = exitNeeds(ir, flow, options);
  let report: typeof onDead;
  const step = (block: number): void => {
    for (let at = ir.blockEnd[block] - 1; at >= ir.blockStart[block]; at--) {
      const word = at * instructionWords;
      const code = words[word];
      if (isGet[code]) read(words[word + 1]);
      else if (isSet[code]) {
        const variable = words[word + 1];
        if (((live0 & bits0[variable]) | (live1 & bits1[variable]) | (live2 & bits2[variable])) === 0) report?.(at);
        kill(variable);
      } else if (isLeavingEnd(code)) setAll();
      else if (isCheck(code)) readSet(needs, at * setWords);
    }
  };
  const liveIn = solveBackward(flow, step);
  if (onDead !== undefined) {
    report = onDead;
    for (const block of flow.rpo) {
      joinSuccessors(flow, block, liveIn);
      step(block);
    }
  }
  return { liveIn, needs };
}

export interface WriteBack {
  /** By instruction number times setWords, for each check, poll, call and leaving end: the registers to store. */
  readonly stores: Int32Array;
  /** By block times setWords: the registers whose locals must hold their values when the block starts. */
  readonly loads: Int32Array;
}

/**
 * What an emitter with registers in locals stores at each exit and loads at the entry (`loads` of block 0) and after
 * each call (`loads` of the block that the call names).
 */
export function computeWriteBack(ir: IrFunction, flow = analyse(ir), options: LivenessOptions = {}): WriteBack {
  const stores = exitNeeds(ir, flow, options);
  intersectWithAssigned(ir, flow, stores);
  const { words } = ir;
  const loads = solveBackward(flow, (block) => {
    for (let at = ir.blockEnd[block] - 1; at >= ir.blockStart[block]; at--) {
      const word = at * instructionWords;
      const code = words[word];
      if (isGet[code]) read(words[word + 1]);
      else if (isSet[code]) kill(words[word + 1]);
      else if (isLeavingEnd(code)) {
        // What follows a call is loaded after it, so only what the call itself stores is read before.
        live0 = 0;
        live1 = 0;
        live2 = 0;
        readSet(stores, at * setWords);
      } else if (isCheck(code)) readSet(stores, at * setWords);
    }
  });
  return { stores, loads };
}

/** Forward: what may have been assigned since the entry or the last call. `stores` holds needs before, stores after. */
function intersectWithAssigned(ir: IrFunction, flow: ControlFlow, stores: Int32Array): void {
  const { words } = ir;
  const assignedOut = new Int32Array(ir.blockCount * setWords);
  const pass = (block: number, fill: boolean): boolean => {
    live0 = 0;
    live1 = 0;
    live2 = 0;
    for (let p = flow.predecessorStart[block]; p < flow.predecessorStart[block + 1]; p++)
      readSet(assignedOut, flow.predecessors[p] * setWords);
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) {
      const word = at * instructionWords;
      const code = words[word];
      const offset = at * setWords;
      if (isSet[code]) read(words[word + 1]);
      else if (fill && isCheck(code)) {
        stores[offset] &= live0;
        stores[offset + 1] &= live1;
        stores[offset + 2] &= live2;
      } else if (isLeavingEnd(code)) {
        if (fill) write(stores, offset);
        live0 = 0;
        live1 = 0;
        live2 = 0;
      }
    }
    return write(assignedOut, block * setWords);
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of flow.rpo) if (pass(block, false)) changed = true;
  }
  for (const block of flow.rpo) pass(block, true);
}
