/** A node's two memories and the typed views on them that everybody on a hot path captures once. */
import { controlWasmPages, guestWasmPages } from '../layout/control.ts';

export interface Memories {
  readonly guest: WebAssembly.Memory;
  readonly control: WebAssembly.Memory;
}

/** Reserves the guest's 4 GiB and the node's control memory; neither is resident until touched. */
export function createMemories(): Memories {
  return {
    guest: new WebAssembly.Memory({ initial: guestWasmPages, maximum: guestWasmPages, shared: true }),
    control: new WebAssembly.Memory({ initial: controlWasmPages, maximum: controlWasmPages, shared: true }),
  };
}

export class Views {
  readonly guestBytes: Uint8Array<ArrayBuffer>;
  readonly guestWords: Int32Array<ArrayBuffer>;
  readonly controlBytes: Uint8Array<ArrayBuffer>;
  readonly controlWords: Int32Array<ArrayBuffer>;

  constructor(memories: Memories) {
    // Shared buffers, typed as plain ones: the typed arrays behave alike and TypeScript's libraries want the plain type.
    const guest = memories.guest.buffer as ArrayBuffer;
    const control = memories.control.buffer as ArrayBuffer;
    this.guestBytes = new Uint8Array(guest);
    this.guestWords = new Int32Array(guest);
    this.controlBytes = new Uint8Array(control);
    this.controlWords = new Int32Array(control);
  }
}
