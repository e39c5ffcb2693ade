/** Runs emitted regions beside the interpreter on the same memories, for tests. */
import type { IrFunction } from '../ir/function.ts';
import { Interpreter } from '../ir/interpreter.ts';
import { Testbed, windowBase, windowBytes } from '../ir/testbed.ts';
import { denyWriteMask, granuleBytes, granuleCount } from '../layout/access.ts';
import { CodeVariant } from '../layout/code-variant.ts';
import { accessTableBase, Executor, jumpCache } from '../layout/control.ts';
import { Cpu, ExitReason, exitSentinel } from '../layout/cpu.ts';
import { type EmitOptions, emitModule, emitRuntime } from './module.ts';

/** How a function came out: where the guest goes on and why, and all that it changed. */
export interface Outcome {
  readonly pc: number;
  readonly reason: number;
  readonly record: Int32Array;
  readonly window: Uint8Array;
}

/** Record fields that only some outcomes define: what the exit before left in them is no concern of this one. */
const exitFields = [Cpu.pc, Cpu.exitReason, Cpu.exitInfo, Cpu.exitInfo2];

export class RegionTestbed extends Testbed {
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: 1024 });
  readonly interpreter = new Interpreter(this.guest, this.control);
  readonly enter: (slot: number, cpu: number) => number;
  readonly #stub: unknown;
  readonly #slots = new Map<number, number>();

  constructor() {
    super();
    new Uint8Array(this.control.buffer)[accessTableBase + granuleCount] = denyWriteMask;
    const runtime = this.#instantiate(emitRuntime());
    this.enter = runtime['enter'] as (slot: number, cpu: number) => number;
    this.#stub = runtime['stub'];
  }

  /** The same state, and nothing that asks the executor to leave. */
  override reset(seed: number, denied = 0): void {
    super.reset(seed, denied);
    this.words[Executor.poll.index32] = 0;
    this.words[Executor.callDepth.index32] = 100;
    this.words[Executor.jumpCache.index32] = jumpCache(0, CodeVariant.plain);
  }

  #instantiate(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Exports {
    const imports = { e: { guest: this.guest, control: this.control, table: this.table } };
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
  }

  /** The code-table slot for a guest address: a new one holds the stub. */
  readonly slotOf = (pc: number): number => {
    let slot = this.#slots.get(pc);
    if (slot === undefined) {
      slot = this.#slots.size;
      this.#slots.set(pc, slot);
      this.table.set(slot, this.#stub);
    }
    return slot;
  };

  /** Emits the functions as one module and links them. */
  link(functions: readonly IrFunction[], options: Partial<EmitOptions> = {}): Uint8Array<ArrayBuffer> {
    const bytes = emitModule(
      functions.map((ir) => ({ ir })),
      { slotOf: this.slotOf, hostIsTso: true, names: true, ...options },
    );
    const exports = this.#instantiate(bytes);
    for (const [i, ir] of functions.entries()) this.table.set(this.slotOf(ir.entry), exports[`f${i}`]);
    return bytes;
  }

  /** Makes every slot unlinked again. */
  unlink(): void {
    this.#slots.clear();
  }

  /** Allows every access to the window. */
  allowAll(): void {
    for (let offset = 0; offset < windowBytes; offset += granuleBytes) this.deny(windowBase + offset, 0);
  }

  runRegion(pc: number): Outcome {
    const result = this.enter(this.slotOf(pc), this.cpuBase);
    return result === exitSentinel
      ? this.#outcome(this.words[Cpu.pc.index32] as number, this.words[Cpu.exitReason.index32] as number)
      : this.#outcome(result, ExitReason.jump);
  }

  interpret(ir: IrFunction): Outcome {
    const reason = this.interpreter.run(ir, this.cpuBase);
    return this.#outcome(this.words[Cpu.pc.index32] as number, reason);
  }

  #outcome(pc: number, reason: number): Outcome {
    const { record, window } = this.snapshot();
    const ignored = reason === ExitReason.jump ? exitFields : [];
    for (const field of ignored) record[field.index32] = 0;
    return { pc, reason, record, window };
  }
}
