/**
 * The exits of one function that leave in the middle of a block: access misses, misalignments, polls. Each is a Wasm
 * block around the whole body that takes what `leave` wants; branching out of it leads to the stores of the variables
 * and to `leave`, all behind the body. Places that store the same variables and between which none is set share one.
 */
import type { ByteBuffer } from './byte-buffer.ts';
import type { Code } from './code.ts';
import type { Homes } from './homes.ts';
import { opcodes } from './opcodes.table.ts';
import { cpuLocal, writeLocal } from './record-access.ts';
import { exitBlockType } from './region-type.ts';

export class Exits {
  readonly #written: number[][] = [];
  #isOpen = false;

  begin(): void {
    this.#written.length = 0;
    this.#isOpen = false;
  }

  get count(): number {
    return this.#written.length;
  }

  /** A variable was set, or another block begins: later exits do not store the same values. */
  seal(): void {
    this.#isOpen = false;
  }

  /**
   * Branches to the exit that stores `variables`, which it keeps; info, pc and packed (leave-helpers.ts) are on the
   * stack.
   */
  branch(code: Code, written: number[]): void {
    const last = this.#written.at(-1);
    if (!this.#isOpen || last === undefined || !isEqual(last, written)) this.#written.push(written);
    this.#isOpen = true;
    // Exit 0 is the innermost block around the body, which is level 0 of the body's own buffer.
    code.branch('br', 1 - this.#written.length);
  }

  /** The openings of the exits' blocks: they stand before the body. */
  writeOpenings(to: ByteBuffer): void {
    for (let i = 0; i < this.#written.length; i++) {
      to.byte(opcodes.block);
      to.byte(exitBlockType);
    }
  }

  /** The exits' code, behind the body. */
  write(code: Code, homes: Homes, leave: number): void {
    for (const written of this.#written) {
      code.end();
      for (const variable of written) writeLocal(code, variable, homes.local[variable]);
      code.get(cpuLocal);
      code.call('return_call', leave);
    }
  }
}

const isEqual = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((variable, i) => variable === b[i]);
