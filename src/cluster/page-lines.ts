/** How pages are encoded for each of the other nodes: on what its line and its data are like. */
import { CompressionPolicy } from '../compression/compression-policy.ts';
import { type EncodingCounters, PageEncoder, type PageMemory } from '../compression/page-codec.ts';
import type { Connection } from '../transport/connection.ts';
import type { Payload } from '../transport/frame.ts';
import { lz4 } from './lz4.ts';

export class PageLines {
  readonly #memory: PageMemory;
  readonly #enabled: boolean;
  readonly #encoders = new Map<number, PageEncoder>();

  constructor(memory: PageMemory, enabled: boolean) {
    this.#memory = memory;
    this.#enabled = enabled;
  }

  /** The payload for the guest's bytes from `start` to `end`; it holds until the next call. */
  encode(node: number, connection: Connection, start: number, end: number): Payload {
    if (!this.#enabled) return this.#memory.bytes.subarray(start, end);
    let encoder = this.#encoders.get(node);
    if (!encoder) {
      encoder = new PageEncoder(this.#memory, new CompressionPolicy(), lz4, () => performance.now());
      this.#encoders.set(node, encoder);
    }
    return encoder.encode(start, end, connection.lineRate);
  }

  /** Of all lines together. */
  counters(): EncodingCounters {
    const sum = { pagesRepeated: 0, pagesCompressed: 0, bytesSaved: 0 };
    for (const { counters } of this.#encoders.values()) {
      sum.pagesRepeated += counters.pagesRepeated;
      sum.pagesCompressed += counters.pagesCompressed;
      sum.bytesSaved += counters.bytesSaved;
    }
    return sum;
  }
}
