/**
 * Pages, and parts of pages, as they travel. Who decodes knows how long the page is, so that the page's own bytes need
 * no mark; anything shorter begins with a byte that says what follows.
 *
 *   Repeated   | 1 | 8 bytes of which the page is made, again and again
 *   Compressed | 2 | what the codec made of it
 */
import type { CompressionPolicy } from './compression-policy.ts';

/** A general compressor. What it can't decode it throws at. */
export interface Codec {
  compress(bytes: Uint8Array): Uint8Array;
  /** @param length what has to come out · @throws Error when something else would */
  decompress(bytes: Uint8Array, length: number): Uint8Array;
}

const Encoding = { repeated: 1, compressed: 2 } as const;

const patternWords = 2;
const repeatedBytes = 1 + patternWords * 4;
/** Shorter parts are not worth a compressor's setting up. */
const compressedBytesMin = 1024;
/** What must be saved of a page, a 16th: the other side has to decode it. */
const savedShift = 4;

/** The guest's memory, where pages come from and go to. */
export interface PageMemory {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

/** What an encoder has done. */
export interface EncodingCounters {
  pagesRepeated: number;
  pagesCompressed: number;
  bytesSaved: number;
}

/** Encodes pages for one line. */
export class PageEncoder {
  readonly counters: EncodingCounters = { pagesRepeated: 0, pagesCompressed: 0, bytesSaved: 0 };
  readonly #memory: PageMemory;
  readonly #policy: CompressionPolicy;
  readonly #codec: () => Codec | undefined;
  readonly #nowMs: () => number;
  readonly #repeated = new Uint8Array(repeatedBytes).fill(Encoding.repeated, 0, 1);
  readonly #mark = Uint8Array.of(Encoding.compressed);

  /** @param codec gives the compressor, when there is one; asked when the line is first found to be slow */
  constructor(memory: PageMemory, policy: CompressionPolicy, codec: () => Codec | undefined, nowMs: () => number) {
    this.#memory = memory;
    this.#policy = policy;
    this.#codec = codec;
    this.#nowMs = nowMs;
  }

  /**
   * The payload for the bytes from `start` to `end`, both multiples of 8; it holds until the next call.
   * @param lineRate bytes a millisecond that the line takes, when it is what they wait for
   */
  encode(start: number, end: number, lineRate: number | undefined): Uint8Array | readonly Uint8Array[] {
    const { bytes } = this.#memory;
    if (isRepeated(this.#memory.words, start >>> 2, end >>> 2)) {
      this.#repeated.set(bytes.subarray(start, start + repeatedBytes - 1), 1);
      this.counters.pagesRepeated++;
      this.counters.bytesSaved += end - start - repeatedBytes;
      return this.#repeated;
    }
    const page = bytes.subarray(start, end);
    if (lineRate === undefined || page.length < compressedBytesMin || !this.#policy.wants(lineRate)) return page;
    return this.#compress(page, lineRate);
  }

  #compress(page: Uint8Array, lineRate: number): Uint8Array | readonly Uint8Array[] {
    const codec = this.#codec();
    if (!codec) return page;
    const beginMs = this.#nowMs();
    const compressed = codec.compress(page);
    const saved = page.length - compressed.length - this.#mark.length;
    this.#policy.note(page.length, Math.max(0, saved), this.#nowMs() - beginMs, lineRate);
    if (saved < page.length >> savedShift) return page;
    this.counters.pagesCompressed++;
    this.counters.bytesSaved += saved;
    return [this.#mark, compressed];
  }
}

/** Most pages tell by their first words that they are not. */
function isRepeated(words: Int32Array, first: number, end: number): boolean {
  for (let at = first + patternWords; at < end; at++) if (words[at] !== words[at - patternWords]) return false;
  return true;
}

/**
 * Puts the page of which `payload` tells at `start` to `end`.
 * @param codec gives the compressor, when there is one
 * @returns what is wrong with the payload; memory is untouched then
 */
export function decodePage(
  payload: Uint8Array,
  { bytes, words }: PageMemory,
  start: number,
  end: number,
  codec: () => Codec | undefined,
): string | undefined {
  const length = end - start;
  if (payload.length === length) {
    bytes.set(payload, start);
    return undefined;
  }
  const what = `a page of ${length} bytes came as ${payload.length}`;
  switch (payload.length < length ? payload[0] : undefined) {
    case Encoding.repeated: {
      if (payload.length !== repeatedBytes) return `${what}, marked as repeated`;
      bytes.set(payload.subarray(1), start);
      for (let at = (start >>> 2) + patternWords; at < end >>> 2; at++) words[at] = words[at - patternWords]!;
      return undefined;
    }
    case Encoding.compressed: {
      const library = codec();
      if (!library) return `${what}, compressed, and the library for that is not installed here`;
      try {
        bytes.set(library.decompress(payload.subarray(1), length), start);
        return undefined;
      } catch (error) {
        return `${what} that can't be decompressed: ${(error as Error).message ?? error}`;
      }
    }
    default:
      return `${what} of no known encoding`;
  }
}
