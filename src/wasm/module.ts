/**
 * Modules of translated code: many regions in one WebAssembly module, with the helper functions that they use.
 *
 * Imports `e.guest` (memory 0), `e.control` (memory 1) and `e.table` (the code table, by slots). Region i is exported
 * as `f` + i; whoever instantiates puts it into its slot.
 */

import { hex32 } from '../base/bits.ts';
import type { IrFunction } from '../ir/function.ts';
import type { ValueType } from '../ir/ops.table.ts';
import { controlWasmPages, guestWasmPages } from '../layout/control.ts';
import { type Assembled, type Assembly, assemble, linked } from './assembler.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { FunctionEmitter, type ModuleContext } from './function-emitter.ts';
import { sections, wasmTypes } from './opcodes.table.ts';
import { runtimeFunctions } from './runtime.ts';

export interface EmitOptions {
  /** The code-table slot of the region entered at a guest address; an untranslated one's slot holds the stub. */
  readonly slotOf: (pc: number) => number;
  /** Names the functions, for profiles and disassemblies. */
  readonly names?: boolean;
  /** `none` leaves the access checks out: only for programs that nothing watches and that never fault. */
  readonly checks?: 'all' | 'none';
  /** True on hosts with x86's memory order. */
  readonly hostIsTso: boolean;
  /** Exits write back every register that may have changed, for debuggers and tests. */
  readonly allRegistersAtExits?: boolean;
}

const emptyModule = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** Memory limits: with a maximum, shared. */
const sharedLimits = 0x03;
const functionForm = 0x60;
const importKind = { table: 1, memory: 2 } as const;
const exportFunction = 0;

/** One module's sections while it is emitted. Functions are numbered as they are added; none is imported. */
class ModuleWriter {
  readonly #types = new ByteBuffer(256);
  readonly #typeNumbers = new Map<string, number>();
  readonly #functionTypes: number[] = [];
  readonly #names: string[] = [];
  readonly #code = new ByteBuffer(65536);
  readonly #hints = new ByteBuffer(4096);
  #hinted = 0;

  constructor() {
    // The order of region-type.ts.
    this.#type(['i32'], ['i32']);
    this.#type([], ['i32', 'i32', 'i32']);
  }

  #type(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${parameters.join()}:${results.join()}`;
    const known = this.#typeNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.#typeNumbers.size;
    this.#typeNumbers.set(key, number);
    this.#types.byte(functionForm);
    for (const list of [parameters, results]) {
      this.#types.u32(list.length);
      for (const type of list) this.#types.byte(wasmTypes[type]);
    }
    return number;
  }

  /** Appends a function; `unlikely` are offsets in its body. */
  add(
    name: string,
    parameters: readonly ValueType[],
    body: { bytes: ArrayLike<number>; length: number },
    unlikely: readonly number[],
  ): void {
    const index = this.#functionTypes.push(this.#type(parameters, ['i32'])) - 1;
    this.#names.push(name);
    this.#append(body);
    if (unlikely.length > 0) this.#hint(index, unlikely);
  }

  /** Appends a helper; those that it calls are asked for by their numbers. */
  addHelper(assembly: Assembly, numberOf: (helper: Assembly) => number): void {
    const bytes = linked(assembled(assembly), numberOf);
    this.#functionTypes.push(this.#type(Object.values(assembly.parameters), [assembly.result]));
    this.#names.push(assembly.name);
    this.#append({ bytes, length: bytes.length });
  }

  #append(body: { bytes: ArrayLike<number>; length: number }): void {
    this.#code.u32(body.length);
    this.#code.raw((body.bytes as Uint8Array).subarray(0, body.length));
  }

  /** Branch hints of one function (branch hinting proposal): offset, a length of 1, and 0 for "unlikely". */
  #hint(index: number, offsets: readonly number[]): void {
    this.#hinted++;
    this.#hints.u32(index);
    this.#hints.u32(offsets.length);
    for (const offset of offsets) {
      this.#hints.u32(offset);
      this.#hints.byte(1);
      this.#hints.byte(0);
    }
  }

  /** The module; the functions that `exports` counts are exported, by the names that it gives. */
  finish(exports: readonly string[], names: boolean): Uint8Array<ArrayBuffer> {
    const out = new ByteBuffer(this.#code.length + this.#hints.length + 4096);
    const part = new ByteBuffer();
    const section = (number: number, write: (part: ByteBuffer) => void): void => {
      part.reset();
      write(part);
      out.byte(number);
      out.u32(part.length);
      out.append(part);
    };
    out.raw(emptyModule);
    section(sections.type, (to) => {
      to.u32(this.#typeNumbers.size);
      to.append(this.#types);
    });
    section(sections.import, writeImports);
    section(sections.function, (to) => {
      to.u32(this.#functionTypes.length);
      for (const type of this.#functionTypes) to.u32(type);
    });
    section(sections.export, (to) => {
      to.u32(exports.length);
      for (const [index, name] of exports.entries()) {
        to.name(name);
        to.byte(exportFunction);
        to.u32(index);
      }
    });
    if (this.#hinted > 0)
      section(sections.custom, (to) => {
        to.name('metadata.code.branch_hint');
        to.u32(this.#hinted);
        to.append(this.#hints);
      });
    section(sections.code, (to) => {
      to.u32(this.#functionTypes.length);
      to.append(this.#code);
    });
    if (names)
      section(sections.custom, (to) => {
        to.name('name');
        const list = new ByteBuffer();
        list.u32(this.#names.length);
        for (const [index, name] of this.#names.entries()) {
          list.u32(index);
          list.name(name);
        }
        to.byte(1);
        to.u32(list.length);
        to.append(list);
      });
    return out.slice();
  }
}

function writeImports(to: ByteBuffer): void {
  const memory = (name: string, pages: number): void => {
    to.name('e');
    to.name(name);
    to.byte(importKind.memory);
    to.byte(sharedLimits);
    to.u32(pages);
    to.u32(pages);
  };
  to.u32(3);
  memory('guest', guestWasmPages);
  memory('control', controlWasmPages);
  to.name('e');
  to.name('table');
  to.byte(importKind.table);
  to.byte(wasmTypes.funcref);
  to.byte(0);
  to.u32(0);
}

const bodies = new Map<Assembly, Assembled>();

function assembled(assembly: Assembly): Assembled {
  let body = bodies.get(assembly);
  if (body === undefined) {
    body = assemble(assembly);
    bodies.set(assembly, body);
  }
  return body;
}

/** The helpers of one module, numbered behind its regions in the order of their first use. */
class Helpers {
  readonly used: Assembly[] = [];
  readonly #first: number;

  constructor(first: number) {
    this.#first = first;
  }

  index(assembly: Assembly): number {
    const known = this.used.indexOf(assembly);
    return this.#first + (known === -1 ? this.used.push(assembly) - 1 : known);
  }
}

/** The name of the region entered at `pc` (bit 0 = Thumb). */
const regionName = (pc: number): string => `${(pc & 1) === 0 ? 'arm' : 'thumb'}_${hex32(pc & ~1)}`;

/** Reused from module to module: its buffers have grown to what regions need. */
let emitter: FunctionEmitter | undefined;

/** Emits verified IR functions as one module; function i is region `f` + i. */
export function emitModule(
  functions: readonly { readonly ir: IrFunction }[],
  options: EmitOptions,
): Uint8Array<ArrayBuffer> {
  const helpers = new Helpers(functions.length);
  const indexes = new Map(functions.map(({ ir }, index) => [ir.entry, index]));
  const context: ModuleContext = {
    helper: (assembly) => helpers.index(assembly),
    functionAt: (pc) => indexes.get(pc),
    slotOf: options.slotOf,
    checks: options.checks !== 'none',
    hostIsTso: options.hostIsTso,
    allRegistersAtExits: options.allRegistersAtExits === true,
  };
  emitter ??= new FunctionEmitter(context);
  emitter.module = context;
  const writer = new ModuleWriter();
  for (const { ir } of functions) {
    const body = emitter.emit(ir);
    writer.add(regionName(ir.entry), ['i32'], body, emitter.unlikely);
  }
  // Helpers that are called by others join the list while it is walked.
  for (const assembly of helpers.used) writer.addHelper(assembly, context.helper);
  return writer.finish(
    functions.map((_, index) => `f${index}`),
    options.names === true,
  );
}

/**
 * The module that a node's dispatchers share: `stub`, which fills the slots of untranslated regions, and `enter(slot,
 * cpu)`, which runs the region in a slot.
 */
export function emitRuntime(): Uint8Array<ArrayBuffer> {
  return emitFunctions(runtimeFunctions);
}

/** A module that exports the functions by their names. */
export function emitFunctions(functions: readonly Assembly[]): Uint8Array<ArrayBuffer> {
  const writer = new ModuleWriter();
  for (const assembly of functions) writer.addHelper(assembly, (helper) => functions.indexOf(helper));
  return writer.finish(
    functions.map(({ name }) => name),
    true,
  );
}
