/**
 * Atomic changes of many words of the control memory, in a Wasm function: a page has 16 words of access bytes and 64
 * tags, and by Atomics.add and its like each costs a call.
 */
import { bulkFunctions } from '../wasm/bulk-helpers.ts';
import { emitFunctions } from '../wasm/module.ts';
import type { Memories } from './memory.ts';

export class BulkAtomics {
  /** Makes the bits of `mask`, which nobody else changes, those of `bits` in the words of [start, end), in bytes. */
  readonly setBits: (start: number, end: number, bits: number, mask: number) => void;
  /** Adds to each word of [start, end), in bytes; they are at least one. */
  readonly addToEach: (start: number, end: number, amount: number) => void;

  constructor(memories: Memories) {
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 0 });
    const module = new WebAssembly.Module(emitFunctions(bulkFunctions));
    const { exports } = new WebAssembly.Instance(module, {
      e: { guest: memories.guest, control: memories.control, table },
    });
    this.setBits = exports['set_bits'] as BulkAtomics['setBits'];
    this.addToEach = exports['add_to_each'] as BulkAtomics['addToEach'];
  }
}
