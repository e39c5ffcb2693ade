/** What the interpreter's operations work on: the values of one run, the CPU record and the two memories. */
import { denyWriteMask } from '../../layout/access.ts';
import type { ExitReason } from '../../layout/cpu.ts';
import { Cpu } from '../../layout/cpu.ts';
import type { OpName } from '../ops.table.ts';

/**
 * One operation: the number of the instruction and its three arguments. Gives the number of the instruction to go on
 * at, or `left` after it wrote the exit fields.
 */
export type Operation = (at: number, a: number, b: number, c: number) => number;
export type Operations = { readonly [Name in OpName]: Operation };

/** The result of an operation that leaves the function. */
export const left = -1;

/** A WebAssembly.Memory, or anything else with a buffer. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
}

/**
 * Value `v` occupies 16 bytes of the scratch arrays: i32[4v .. 4v+3], f32[4v], f64[2v], i64[2v]; a vector all of them.
 * NaN bits survive because values are moved through the integer views only.
 */
export class Machine {
  readonly capacity: number;
  readonly scratch: ArrayBuffer;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i64: BigInt64Array;
  readonly guest: ArrayBufferLike;
  readonly control: Int32Array;
  readonly access: Uint8Array;
  /** Word index of the CPU record in `control`. */
  cpu: number;
  /** First instruction of each block of the running function. */
  starts: readonly number[];
  /** The guest instruction being executed, as the last `insn` told. */
  insnPc: number;
  insnItstate: number;
  /** Bits of the access table that deny a store. */
  denyWrite: number;

  constructor(guest: Memory, control: Memory, capacity: number) {
    const scratch = new ArrayBuffer(capacity * 16);
    this.capacity = capacity;
    this.scratch = scratch;
    this.i32 = new Int32Array(scratch);
    this.f32 = new Float32Array(scratch);
    this.f64 = new Float64Array(scratch);
    this.i64 = new BigInt64Array(scratch);
    this.guest = guest.buffer;
    this.control = new Int32Array(control.buffer);
    this.access = new Uint8Array(control.buffer);
    this.cpu = 0;
    this.starts = [];
    this.insnPc = 0;
    this.insnItstate = 0;
    this.denyWrite = denyWriteMask;
  }

  /** Writes the exit fields of the CPU record; gives `left`. */
  leave(reason: ExitReason, pc: number, itstate: number, info: number, info2: number): number {
    const { control, cpu } = this;
    control[cpu + Cpu.exitReason.index32] = reason;
    control[cpu + Cpu.pc.index32] = pc;
    control[cpu + Cpu.itstate.index32] = itstate;
    control[cpu + Cpu.exitInfo.index32] = info;
    control[cpu + Cpu.exitInfo2.index32] = info2;
    return left;
  }

  /** Leaves at the start of the current guest instruction. */
  leaveHere(reason: ExitReason, info: number, info2: number): number {
    return this.leave(reason, this.insnPc, this.insnItstate, info, info2);
  }
}
