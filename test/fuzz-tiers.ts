/**
 * What executes the fragments of cases: the IR's interpreter, the interpreter behind the optimising passes, and the
 * passes with the WebAssembly emitter, many fragments to a module.
 */
import { IrFunction } from '../src/ir/function.ts';
import type { Interpreter } from '../src/ir/interpreter.ts';
import { optimise } from '../src/ir/passes/pipeline.ts';
import { verify } from '../src/ir/verify.ts';
import { CodeVariant } from '../src/layout/code-variant.ts';
import { Executor, executorRecord, jumpCache } from '../src/layout/control.ts';
import { Cpu, ExitReason, exitSentinel } from '../src/layout/cpu.ts';
import { emitModule, emitRuntime } from '../src/wasm/module.ts';

export const tierNames = ['interpreter', 'optimiser', 'translator'] as const;
export type TierName = (typeof tierNames)[number];

/** What a case's code was lowered to. */
export class Fragment {
  readonly ir: IrFunction;
  /** Every register is looked at wherever it leaves, also those that the guest no longer reads. */
  readonly allRegisters: boolean;
  #optimised: IrFunction | undefined;

  constructor(ir: IrFunction, allRegisters: boolean) {
    this.ir = ir;
    this.allRegisters = allRegisters;
  }

  /** What the passes make of it, verified. */
  get optimised(): IrFunction {
    if (this.#optimised === undefined) {
      const copy = copyOf(this.ir);
      optimise(copy, { allAtExits: this.allRegisters });
      verify(copy);
      this.#optimised = copy;
    }
    return this.#optimised;
  }
}

export interface Tier {
  /** Prepares fragments; others are interpreted. */
  load(fragments: readonly Fragment[]): void;
  run(ir: IrFunction, cpuBase: number): ExitReason;
}

function copyOf(ir: IrFunction): IrFunction {
  const copy = new IrFunction(ir.entry, ir.words.slice());
  copy.count = ir.count;
  copy.blockStart.push(...ir.blockStart);
  copy.blockEnd.push(...ir.blockEnd);
  return copy;
}

/** Checks the lowering by the verifier and runs what it made. */
class PlainTier implements Tier {
  readonly #interpreter: Interpreter;
  constructor(interpreter: Interpreter) {
    this.#interpreter = interpreter;
  }
  load(fragments: readonly Fragment[]): void {
    for (const { ir } of fragments) verify(ir);
  }
  run(ir: IrFunction, cpuBase: number): ExitReason {
    return this.#interpreter.run(ir, cpuBase);
  }
}

class OptimiserTier implements Tier {
  readonly #interpreter: Interpreter;
  readonly #optimised = new Map<IrFunction, IrFunction>();
  constructor(interpreter: Interpreter) {
    this.#interpreter = interpreter;
  }
  load(fragments: readonly Fragment[]): void {
    this.#optimised.clear();
    for (const fragment of fragments) this.#optimised.set(fragment.ir, fragment.optimised);
  }
  run(ir: IrFunction, cpuBase: number): ExitReason {
    return this.#interpreter.run(this.#optimised.get(ir) ?? ir, cpuBase);
  }
}

/** Slot of the stub: where a branch goes that no loaded fragment begins at. */
const stubSlot = 0;
const callDepthMax = 100;

class TranslatorTier implements Tier {
  readonly #interpreter: Interpreter;
  readonly #words: Int32Array;
  readonly #memories: Record<string, unknown>;
  readonly #table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
  readonly #enter: (slot: number, cpu: number) => number;
  readonly #slots = new Map<IrFunction, number>();

  constructor(interpreter: Interpreter) {
    this.#interpreter = interpreter;
    this.#words = new Int32Array(interpreter.control.buffer);
    this.#memories = { guest: interpreter.guest, control: interpreter.control, table: this.#table };
    const runtime = this.#instantiate(emitRuntime());
    this.#enter = runtime['enter'] as (slot: number, cpu: number) => number;
    this.#table.set(stubSlot, runtime['stub']);
    const cpu = executorRecord(0) >>> 2;
    this.#words[cpu + Executor.callDepth.index32] = callDepthMax;
    this.#words[cpu + Executor.jumpCache.index32] = jumpCache(0, CodeVariant.plain);
  }

  #instantiate(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Exports {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: this.#memories }).exports;
  }

  load(fragments: readonly Fragment[]): void {
    this.#slots.clear();
    const missing = 1 + fragments.length - this.#table.length;
    if (missing > 0) this.#table.grow(missing);
    for (const all of [false, true])
      this.#loadModule(
        fragments.filter(({ allRegisters }) => allRegisters === all),
        all,
      );
  }

  #loadModule(fragments: readonly Fragment[], allRegistersAtExits: boolean): void {
    const functions = fragments.map((fragment) => ({ ir: fragment.optimised }));
    const slots = new Map<number, number>();
    for (const { ir } of fragments) {
      const slot = 1 + this.#slots.size;
      this.#slots.set(ir, slot);
      slots.set(ir.entry >>> 0, slot);
    }
    const slotOf = (pc: number): number => slots.get(pc >>> 0) ?? stubSlot;
    const exports = this.#instantiate(emitModule(functions, { slotOf, hostIsTso: true, allRegistersAtExits }));
    fragments.forEach(({ ir }, i) => {
      this.#table.set(slotOf(ir.entry), exports[`f${i}`]);
    });
  }

  run(ir: IrFunction, cpuBase: number): ExitReason {
    const slot = this.#slots.get(ir);
    if (slot === undefined) return this.#interpreter.run(ir, cpuBase);
    const pc = this.#enter(slot, cpuBase);
    const words = this.#words;
    const cpu = cpuBase >>> 2;
    if (pc === exitSentinel) return words[cpu + Cpu.exitReason.index32] as ExitReason;
    words[cpu + Cpu.pc.index32] = pc;
    words[cpu + Cpu.itstate.index32] = 0;
    return ExitReason.jump;
  }
}

export function makeTier(name: TierName, interpreter: Interpreter): Tier {
  switch (name) {
    case 'interpreter':
      return new PlainTier(interpreter);
    case 'optimiser':
      return new OptimiserTier(interpreter);
    case 'translator':
      return new TranslatorTier(interpreter);
  }
}
