/**
 * Copies of messages' payloads for those who need them longer than the moment of the arrival. The memory of large ones is
 * used again: memory fresh from the system takes longer to get than to fill.
 */

/** Smaller payloads get memory of their own. */
const pooledBytesMin = 64 << 10;
/** Larger ones too, and so do those for which none is spare: what is kept is 8 MiB at the most. */
const pooledBytesMax = 2 << 20;
const spareMax = 4;

export interface PayloadCopy {
  readonly bytes: Uint8Array;
  /** Nobody looks at the bytes any more. */
  release(): void;
}

const keep = (): void => {};

export class PayloadCopies {
  readonly #spare: Buffer[] = [];

  copy(payload: Uint8Array): PayloadCopy {
    const { length } = payload;
    if (length < pooledBytesMin || length > pooledBytesMax) return { bytes: payload.slice(), release: keep };
    const memory = this.#spare.pop() ?? Buffer.allocUnsafeSlow(pooledBytesMax);
    memory.set(payload);
    const release = (): void => {
      if (this.#spare.length < spareMax) this.#spare.push(memory);
    };
    return { bytes: memory.subarray(0, length), release };
  }
}
