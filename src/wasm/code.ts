/**
 * The body of one function while it is written: instructions, the nesting of blocks, local variables by type, and
 * branch hints. Nothing here knows the IR.
 */
import type { ValueType } from '../ir/ops.table.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { accessAlignment, type MemoryOpcode, type Opcode, opcodes, wasmTypes } from './opcodes.table.ts';

/** Memory indices: the guest's address space, and the control memory (layout/control.ts). */
export const guestMemory = 0;
export const controlMemory = 1;

/** memarg flag: a memory index follows (multi-memory, core specification 5.4.7). */
const memoryIndexFollows = 0x40;

export class Code extends ByteBuffer {
  /** Constructs open at this point, counted from the start of this buffer. */
  nesting = 0;
  /** Offsets, in this buffer, of `if` and `br_if` that are rarely taken. */
  readonly unlikely: number[] = [];
  /** Types of the locals beyond the parameters, in order of their numbers. */
  readonly localTypes: ValueType[] = [];
  #parameters = 0;
  readonly #free: Record<ValueType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };

  begin(parameters: number): void {
    this.reset();
    this.nesting = 0;
    this.unlikely.length = 0;
    this.localTypes.length = 0;
    this.#parameters = parameters;
    for (const list of Object.values(this.#free)) list.length = 0;
  }

  /** A local of the type: one that was released, or a new one. Its value is undefined. */
  allocate(type: ValueType): number {
    return this.#free[type].pop() ?? this.#parameters + this.localTypes.push(type) - 1;
  }

  release(local: number): void {
    this.#free[this.localTypes[local - this.#parameters] as ValueType].push(local);
  }

  op(name: Opcode): void {
    const code: number = opcodes[name];
    if (code > 0xff) {
      this.byte(code >> 8);
      this.u32(code & 0xff);
    } else this.byte(code);
  }

  get(local: number): void {
    this.byte(opcodes['local.get']);
    this.u32(local);
  }

  set(local: number): void {
    this.byte(opcodes['local.set']);
    this.u32(local);
  }

  tee(local: number): void {
    this.byte(opcodes['local.tee']);
    this.u32(local);
  }

  i32(value: number): void {
    this.byte(opcodes['i32.const']);
    this.s32(value);
  }

  i64(low: number, high: number): void {
    this.byte(opcodes['i64.const']);
    this.s64(low, high);
  }

  /** The vector of these four words, the lowest first. */
  v128(words: ArrayLike<number>): void {
    this.op('v128.const');
    for (let lane = 0; lane < 4; lane++)
      for (let shift = 0; shift < 32; shift += 8) this.byte((words[lane] >>> shift) & 0xff);
  }

  /** An operation on one lane, its number following. */
  lane(name: Opcode, lane: number): void {
    this.op(name);
    this.byte(lane);
  }

  /** The bytes of two vectors in the order of `pattern` (ir/shuffles.ts). */
  shuffle(pattern: ArrayLike<number>): void {
    this.op('i8x16.shuffle');
    this.raw(pattern);
  }

  /** A load, store or atomic; guest accesses may be unaligned, so plain ones claim no alignment. */
  memory(name: MemoryOpcode, memory: number, offset: number): void {
    this.op(name);
    const alignment = opcodes[name] >> 8 === 0xfe ? accessAlignment[name] : 0;
    if (memory === guestMemory) this.byte(alignment);
    else {
      this.byte(alignment | memoryIndexFollows);
      this.u32(memory);
    }
    this.u32(offset);
  }

  /** Opens block, loop or if; `type` is a value type, a type index, or nothing. */
  open(name: 'block' | 'loop' | 'if', type: number = wasmTypes.empty): void {
    this.byte(opcodes[name]);
    this.byte(type);
    this.nesting++;
  }

  /** Opens an `if` whose condition is rarely true: the code in it goes to the end of the machine code. */
  openUnlikely(): void {
    this.unlikely.push(this.length);
    this.open('if');
  }

  else(): void {
    this.byte(opcodes.else);
  }

  end(): void {
    this.byte(opcodes.end);
    this.nesting--;
  }

  /** `level` is the value of `nesting` just after the target was opened, 0 the function or what encloses this buffer. */
  branch(name: 'br' | 'br_if', level: number): void {
    this.byte(opcodes[name]);
    this.u32(this.nesting - level);
  }

  call(name: 'call' | 'return_call', target: number): void {
    this.byte(opcodes[name]);
    this.u32(target);
  }

  /** Through table 0; all entries called are of the type given. */
  callIndirect(name: 'call_indirect' | 'return_call_indirect', type: number): void {
    this.byte(opcodes[name]);
    this.u32(type);
    this.byte(0);
  }

  /** The declaration of the locals (core specification 5.5.13): runs of equal types. */
  writeLocals(to: ByteBuffer): void {
    const types = this.localTypes;
    let runs = 0;
    for (let i = 0; i < types.length; i++) if (i === 0 || types[i] !== types[i - 1]) runs++;
    to.u32(runs);
    for (let i = 0; i < types.length; ) {
      let next = i + 1;
      while (next < types.length && types[next] === types[i]) next++;
      to.u32(next - i);
      to.byte(wasmTypes[types[i] as ValueType]);
      i = next;
    }
  }
}
