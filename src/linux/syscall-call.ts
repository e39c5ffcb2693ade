import { assert } from '../base/assert.ts';
import type { MasterCall, SignalSet } from './api.ts';

/** What the marshaller found for one argument. */
export interface MarshalledArgument {
  input: Uint8Array | null;
  capacity: number;
}

/** Bytes that go back to the guest for the argument `index`. */
export interface CallOutput {
  index: number;
  bytes: Uint8Array;
  onError: boolean;
}

/** A delegated call: filled by the marshaller, answered by a handler. */
export class DelegatedCall implements MasterCall {
  readonly args: Int32Array;
  readonly signalMask: SignalSet;
  temporaryMask: SignalSet | null = null;
  readonly outputs: CallOutput[] = [];
  readonly #marshalled: readonly (MarshalledArgument | undefined)[];

  constructor(args: Int32Array, marshalled: readonly (MarshalledArgument | undefined)[], signalMask: SignalSet = 0n) {
    this.args = args;
    this.signalMask = signalMask;
    this.#marshalled = marshalled;
  }

  input(index: number): Uint8Array | null {
    return this.#marshalled[index]?.input ?? null;
  }

  path(index: number): Buffer {
    const bytes = this.input(index);
    assert(bytes !== null, `argument ${index} is a path`);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  capacity(index: number): number {
    return this.#marshalled[index]?.capacity ?? 0;
  }

  output(index: number, bytes: Uint8Array, onError = false): void {
    for (let i = 0; i < this.outputs.length; i++) {
      if (this.outputs[i]!.index !== index) continue;
      this.outputs[i] = { index, bytes, onError };
      return;
    }
    this.outputs.push({ index, bytes, onError });
  }

  /** The outputs to copy into guest memory for this result. */
  outputsFor(result: number): CallOutput[] {
    return result >= 0 ? this.outputs : this.outputs.filter((output) => output.onError);
  }
}
