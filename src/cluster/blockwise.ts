/**
 * Guest memory as marshalling sees it inside GuestAccess.perform. A missing block stops the step, which starts again when
 * the block is there: what was copied before is not copied again, so that no two blocks have to be here at once.
 */
import type { GuestAccess } from './guest-access.ts';

/** From this many bytes on a reader that may lend gives views instead of copies. */
const lentBytesMin = 64 << 10;

interface Copy {
  readonly bytes: Uint8Array;
  done: number;
}

/** The step must read the same places in the same order each time; it does, as it gets the same bytes each time. */
export class BlockwiseReader {
  readonly #access: GuestAccess;
  readonly #copies: Copy[] = [];
  #next = 0;
  readonly #lends: boolean;
  #starts = 0;

  /**
   * @param lends whoever gets the bytes is through with them when `done` of a step that missed nothing returns: large
   *   inputs are then given as views of guest memory
   */
  constructor(access: GuestAccess, lends = false) {
    this.#access = access;
    this.#lends = lends;
  }

  /** At the beginning of the step. */
  restart(): void {
    this.#next = 0;
    this.#starts++;
  }

  /** How many bytes from `address` on the guest may write, up to `length`. */
  room = (address: number, length: number): number => this.#access.writableBytes(address, length);

  /** A copy of guest bytes, null when the guest may not read one of them. */
  read = (address: number, length: number): Uint8Array | null => {
    let copy = this.#copies[this.#next++];
    if (copy === undefined) {
      if (!this.#access.readable(address, length)) return null;
      // Only in the first try: after a miss the step's result is handed on later, when the bytes may have changed.
      const view =
        this.#lends && this.#starts === 1 && length >= lentBytesMin ? this.#access.view(address, length) : null;
      if (view) {
        this.#copies.push({ bytes: view, done: length });
        return view;
      }
      copy = { bytes: new Uint8Array(length), done: 0 };
      this.#copies.push(copy);
    }
    const { bytes, done } = copy;
    if (done === length) return bytes;
    const ok = this.#access.readStep(address, bytes, done, (count) => {
      copy.done = count;
    });
    return ok ? bytes : null;
  };
}

export class BlockwiseWriter {
  readonly #access: GuestAccess;
  #written = 0;
  #position = 0;

  constructor(access: GuestAccess) {
    this.#access = access;
  }

  /** At the beginning of the step. */
  restart(): void {
    this.#position = 0;
  }

  /** False when the guest may not write one of the bytes. */
  write = (address: number, bytes: Uint8Array): boolean => {
    const skip = Math.min(bytes.length, Math.max(0, this.#written - this.#position));
    const ok = this.#access.writeStep(address + skip, bytes.subarray(skip), (count) => {
      this.#written = this.#position + skip + count;
    });
    this.#position += bytes.length;
    return ok;
  };
}
