/**
 * The IR's interpreter: the tier for cold code, and the definition of what the operations mean. It works on the CPU
 * record in control memory and on guest memory; the emitted tier is tested against it.
 */
import { denyWriteMask } from '../layout/access.ts';
import { Cpu, type ExitReason } from '../layout/cpu.ts';
import { type IrFunction, instructionWords } from './function.ts';
import { controlOperations } from './interpreter/control.hot.ts';
import { cryptoOperations } from './interpreter/crypto.ts';
import { exclusiveOperations } from './interpreter/exclusive.ts';
import { floatOperations } from './interpreter/float.hot.ts';
import { floatLaneOperations } from './interpreter/float-lanes.ts';
import { integerOperations } from './interpreter/integer.hot.ts';
import { integerLaneOperations } from './interpreter/integer-lanes.ts';
import { Machine, type Memory, type Operation, type Operations } from './interpreter/machine.ts';
import { memoryOperations } from './interpreter/memory.hot.ts';
import { softFloatOperations } from './interpreter/soft-float.ts';
import { softFloatLaneOperations } from './interpreter/soft-float-lanes.ts';
import { stateOperations } from './interpreter/state.hot.ts';
import { vectorOperations } from './interpreter/vector.hot.ts';
import { opNames } from './ops.table.ts';

/** Values that a function may have before the scratch arrays are made anew: more than a fragment ever has. */
const initialCapacity = 4096;

export class Interpreter {
  readonly guest: Memory;
  readonly control: Memory;
  machine: Machine;
  operations: readonly Operation[];
  /** The instruction by which the last run left. */
  leftAt = -1;

  /** Both memories are shared; the guest's has its full 65,536 pages. */
  constructor(guest: Memory, control: Memory) {
    this.guest = guest;
    this.control = control;
    this.machine = new Machine(guest, control, initialCapacity);
    this.operations = operationsOf(this.machine);
  }

  /**
   * Runs a verified function from its entry until it leaves.
   * @param cpuBase byte address of an Executor record in the control memory
   * @param block where to start; in a block other than the entry, values from blocks that dominate it are those of the
   *   run before (the block that a call goes on to)
   * @param ignored bits of the access table that do not deny a store this time
   * @returns what the record's exitReason says; pc, itstate, exitInfo and exitInfo2 belong to it
   */
  run(ir: IrFunction, cpuBase: number, block = 0, ignored = 0): ExitReason {
    if (ir.count > this.machine.capacity) this.#grow(ir.count);
    const { machine, operations } = this;
    const words = ir.words;
    machine.cpu = cpuBase >>> 2;
    machine.starts = ir.blockStart;
    machine.insnPc = ir.entry;
    machine.insnItstate = 0;
    machine.denyWrite = denyWriteMask & ~ignored;
    let at = ir.blockStart[block];
    let last = at;
    while (at >= 0) {
      last = at;
      const word = at * instructionWords;
      at = operations[words[word]](at, words[word + 1], words[word + 2], words[word + 3]);
    }
    this.leftAt = last;
    return machine.control[machine.cpu + Cpu.exitReason.index32] as ExitReason;
  }

  #grow(count: number): void {
    this.machine = new Machine(this.guest, this.control, Math.max(count, 2 * this.machine.capacity));
    this.operations = operationsOf(this.machine);
  }
}

/** The operations by number. An operation of the table that is missing here does not compile. */
function operationsOf(machine: Machine): readonly Operation[] {
  const byName = {
    ...stateOperations(machine),
    ...integerOperations(machine),
    ...floatOperations(machine),
    ...vectorOperations(machine),
    ...integerLaneOperations(machine),
    ...floatLaneOperations(machine),
    ...cryptoOperations(machine),
    ...softFloatOperations(machine),
    ...softFloatLaneOperations(machine),
    ...memoryOperations(machine),
    ...exclusiveOperations(machine),
    ...controlOperations(machine),
  } satisfies Operations;
  return opNames.map((name) => byName[name]);
}
