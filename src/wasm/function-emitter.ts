/**
 * Emits one IR function as the body of one Wasm function (i32 executor record) -> (i32): the pieces that all
 * operations share. What each operation becomes stands in operations.ts.
 */
import { type IrFunction, instructionWords } from '../ir/function.ts';
import { markersAtEntry } from '../ir/guest-instructions.ts';
import { changesState, effects } from '../ir/op-facts.ts';
import { opRows, type ValueType } from '../ir/ops.table.ts';
import { analyse } from '../ir/passes/dominators.ts';
import { computeWriteBack, type WriteBack } from '../ir/passes/liveness.ts';
import { type WaitingLoops, waitingLoops } from '../ir/passes/waiting-loops.ts';
import { overlaps, setWords } from '../ir/storage.ts';
import { variables } from '../ir/variables.table.ts';
import { Executor, waitRoundsPerExit } from '../layout/control.ts';
import { ExitReason } from '../layout/cpu.ts';
import type { Assembly } from './assembler.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { Code, controlMemory } from './code.ts';
import { Exits } from './exits.ts';
import { Homes, inRecord, whole } from './homes.ts';
import { leave, packExit } from './leave-helpers.ts';
import { opcodes } from './opcodes.table.ts';
import { emitters } from './operations.ts';
import { cpuLocal, readVariable, writeLocal, writeVariable } from './record-access.ts';
import { regionType } from './region-type.ts';
import { type BlockWriter, Structure } from './structure.ts';
import { Place, ValuePlan } from './value-plan.ts';

/** What a function's emission asks of the module around it. */
export interface ModuleContext {
  /** The index of a helper function, which is added to the module when it is first asked for. */
  helper(assembly: Assembly): number;
  /** The index of the module's own function that is entered at `pc`, if there is one. */
  functionAt(pc: number): number | undefined;
  /** The code-table slot of the region entered at `pc`. */
  slotOf(pc: number): number;
  /** False emits the accesses without their checks. */
  readonly checks: boolean;
  /** True when the host's loads and stores are ordered as on x86 (total store order). */
  readonly hostIsTso: boolean;
  /** Exits write back every register that may have changed, not only those that the guest still reads. */
  readonly allRegistersAtExits: boolean;
}

const isSingle = (variable: number): boolean => variables[variable].type === 'f32';

export class FunctionEmitter implements BlockWriter {
  readonly code = new Code(16384);
  module: ModuleContext;
  /** The guest instruction that a check leaves at: its address (bit 0 = Thumb) and ITSTATE. */
  pc = 0;
  itstate = 0;
  /** Offsets of rarely taken branches in the last function's body, counted from the declaration of its locals. */
  readonly unlikely: number[] = [];
  #ir: IrFunction | undefined;
  #writeBack: WriteBack | undefined;
  /** The instruction being written as a statement, and its block. */
  #at = 0;
  #block = 0;
  #waiting: WaitingLoops | undefined;
  #markers: Int32Array = new Int32Array(0);
  readonly #plan = new ValuePlan();
  readonly #homes = new Homes();
  readonly #exits = new Exits();
  /** For each value in a local: which. */
  #localOf = new Int32Array(0);
  /** Locals to release once the statement is written. */
  readonly #pending: number[] = [];
  readonly #body = new ByteBuffer(16384);

  constructor(module: ModuleContext) {
    this.module = module;
  }

  /** Emits `ir`, verified. The result holds until the next call: the declaration of the locals, and the code. */
  emit(ir: IrFunction): ByteBuffer {
    const { code } = this;
    const flow = analyse(ir);
    this.#ir = ir;
    this.#markers = markersAtEntry(ir, flow);
    this.#waiting = waitingLoops(ir, flow);
    this.#writeBack = computeWriteBack(ir, flow, { allAtExits: this.module.allRegistersAtExits });
    code.begin(1);
    this.#exits.begin();
    if (this.#localOf.length < ir.count) this.#localOf = new Int32Array(ir.count * 2);
    this.#homes.choose(ir, code);
    this.#plan.make(ir, flow.rpo, this.#homes);

    this.#poll(ir.entry, [], false);
    this.loadNeededBy(0);
    new Structure(flow, code, this).write();
    if (this.#exits.count > 0) this.#exits.write(code, this.#homes, this.module.helper(leave));
    code.byte(opcodes.end);
    return this.#assemble();
  }

  #assemble(): ByteBuffer {
    const { code } = this;
    const body = this.#body;
    body.reset();
    code.writeLocals(body);
    this.#exits.writeOpenings(body);
    this.unlikely.length = 0;
    for (const offset of code.unlikely) this.unlikely.push(body.length + offset);
    body.append(code);
    return body;
  }

  // The three parts of a block, for Structure.

  body(block: number): void {
    const ir = this.#ir!;
    const marker = this.#markers[block];
    if (marker >= 0) this.instruction(ir.argument(marker, 0), ir.argument(marker, 1));
    this.#exits.seal();
    this.#block = block;
    if (this.#waiting!.isBehind[block] === 1) this.storeField(Executor.waitRounds.offset, 0);
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block] - 1; at++) this.#statement(at);
  }

  condition(block: number): void {
    const ir = this.#ir!;
    this.value(ir.argument(ir.blockEnd[block] - 1, 0));
    this.#flush();
  }

  end(block: number): void {
    this.#at = this.#ir!.blockEnd[block] - 1;
    this.#operation(this.#at);
    this.#flush();
  }

  #statement(at: number): void {
    this.#at = at;
    const code = this.#ir!.words[at * instructionWords];
    const type = opRows[code].result;
    if (type === 'none') this.#operation(at);
    else if (this.#plan.place[at] === Place.inLocal) {
      this.#operation(at);
      this.#flush();
      const local = this.code.allocate(type);
      this.#localOf[at] = local;
      this.code.set(local);
    } else if (this.#plan.place[at] === Place.unused && changesState[code] === 1) {
      this.#operation(at);
      this.code.op('drop');
    }
    this.#flush();
  }

  #operation(at: number): void {
    const { words } = this.#ir!;
    const word = at * instructionWords;
    emitters[words[word]](this, words[word + 1], words[word + 2], words[word + 3]);
  }

  #flush(): void {
    for (const local of this.#pending) this.code.release(local);
    this.#pending.length = 0;
  }

  // Values.

  /** Leaves value `v` on the stack. */
  value(v: number): void {
    if (this.#plan.place[v] === Place.inPlace) this.#operation(v);
    else this.code.get(this.#used(v));
  }

  /** A local that holds value `v` until the end of the statement. */
  operand(v: number, type: ValueType): number {
    if (this.#plan.place[v] === Place.inLocal) return this.#used(v);
    const ir = this.#ir!;
    if (effects[ir.words[v * instructionWords]] === 'get') {
      const variable = ir.argument(v, 0);
      const home = this.#homes.local[variable];
      if (home !== inRecord && this.#homes.lane[variable] === whole) return home;
    }
    this.#operation(v);
    const local = this.scratch(type);
    this.code.set(local);
    return local;
  }

  /** A local of its own until the end of the statement. */
  scratch(type: ValueType): number {
    const local = this.code.allocate(type);
    this.#pending.push(local);
    return local;
  }

  #used(v: number): number {
    const { uses, isShared } = this.#plan;
    const local = this.#localOf[v];
    if (--uses[v] === 0 && isShared[v] === 0) this.#pending.push(local);
    return local;
  }

  // Variables.

  getVariable(variable: number): void {
    const home = this.#homes.local[variable];
    if (home === inRecord) {
      readVariable(this.code, variable);
      return;
    }
    this.code.get(home);
    const lane = this.#homes.lane[variable];
    if (lane !== whole) this.code.lane(isSingle(variable) ? 'f32x4.extract_lane' : 'f64x2.extract_lane', lane);
  }

  setVariable(variable: number, v: number): void {
    const home = this.#homes.local[variable];
    if (home === inRecord) {
      writeVariable(this.code, variable, () => this.value(v));
      return;
    }
    const lane = this.#homes.lane[variable];
    if (lane === whole) this.value(v);
    else {
      this.code.get(home);
      this.value(v);
      this.code.lane(isSingle(variable) ? 'f32x4.replace_lane' : 'f64x2.replace_lane', lane);
    }
    this.code.set(home);
    this.#exits.seal();
  }

  /** Writes to the CPU record what an exit at the current statement must leave there. */
  writeBack(): void {
    for (const variable of this.#stored()) writeLocal(this.code, variable, this.#homes.local[variable]);
  }

  #stored(): number[] {
    const { stores } = this.#writeBack!;
    return this.#homes.inLocals.filter((variable) => overlaps(stores, this.#at * setWords, variable));
  }

  /** Loads what `block` needs into its locals, and all of a register whose parts may be set, since all is stored. */
  loadNeededBy(block: number): void {
    const { code } = this;
    const { loads } = this.#writeBack!;
    const { inLocals, withLanes } = this.#homes;
    for (const variable of inLocals) {
      if (!overlaps(loads, block * setWords, variable) && !withLanes.includes(variable)) continue;
      readVariable(code, variable);
      code.set(this.#homes.local[variable]);
    }
  }

  // Ways out.

  /** A guest instruction begins. */
  instruction(pc: number, itstate: number): void {
    this.pc = pc;
    this.itstate = itstate;
  }

  /** Inside an `if`: leaves at the current guest instruction. The value for exitInfo is on the stack. */
  leaveHere(reason: ExitReason, info2: number): void {
    const { code } = this;
    code.i32(this.pc);
    code.i32(packExit(reason, this.itstate, info2));
    this.#exits.branch(code, this.#stored());
  }

  /** Leaves at `pc` when the executor's poll word is set; from a loop that only waits, now and then in any case. */
  pollAt(pc: number): void {
    this.#poll(pc, this.#stored(), this.#waiting!.isInside[this.#block] === 1);
  }

  /** The low half of the word, masked: the same detour around a doubled load as in checks.ts. */
  #poll(pc: number, written: number[], isWaiting: boolean): void {
    const { code } = this;
    code.get(cpuLocal);
    code.memory('i32.load16_u', controlMemory, Executor.poll.offset);
    code.i32(0xffff);
    code.op('i32.and');
    if (isWaiting) {
      this.#countRound();
      code.op('i32.or');
    }
    code.openUnlikely();
    code.i32(0);
    code.i32(pc);
    code.i32(packExit(ExitReason.poll, 0));
    this.#exits.branch(code, written);
    code.end();
  }

  /** Leaves 1 on the stack in every `waitRoundsPerExit`-th round, else 0. */
  #countRound(): void {
    const { code } = this;
    const rounds = this.scratch('i32');
    code.get(cpuLocal);
    code.get(cpuLocal);
    code.memory('i32.load', controlMemory, Executor.waitRounds.offset);
    code.i32(1);
    code.op('i32.add');
    code.tee(rounds);
    code.memory('i32.store', controlMemory, Executor.waitRounds.offset);
    code.get(rounds);
    code.i32(waitRoundsPerExit - 1);
    code.op('i32.and');
    code.op('i32.eqz');
  }

  /** Writes back and leaves for good, with everything known. */
  leave(reason: ExitReason, pc: number, itstate: number, info: number): void {
    const { code } = this;
    this.writeBack();
    code.i32(info);
    code.i32(pc);
    code.i32(packExit(reason, itstate));
    code.get(cpuLocal);
    code.call('return_call', this.module.helper(leave));
  }

  /** Stores a constant to a field of the executor record. */
  storeField(offset: number, value: number): void {
    this.code.get(cpuLocal);
    this.code.i32(value);
    this.code.memory('i32.store', controlMemory, offset);
  }

  /** The region entered at `pc`, called or jumped to. */
  transfer(pc: number, isCall: boolean): void {
    const { code } = this;
    const own = this.module.functionAt(pc);
    if (own !== undefined) {
      code.get(cpuLocal);
      code.call(isCall ? 'call' : 'return_call', own);
      return;
    }
    // An unlinked slot holds a stub, which leaves for the pc in the record.
    this.storeField(Executor.pc.offset, pc);
    code.get(cpuLocal);
    code.i32(this.module.slotOf(pc));
    code.callIndirect(isCall ? 'call_indirect' : 'return_call_indirect', regionType);
  }
}
