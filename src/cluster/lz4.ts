/** LZ4 for pages: the library is loaded when the first page needs it, which on most lines is never. */
import { createRequire } from 'node:module';
import type { Codec } from '../compression/page-codec.ts';

interface Library {
  /** The length in 4 bytes, then an LZ4 block. */
  compress(bytes: Uint8Array): Uint8Array;
  decompress(bytes: Uint8Array): Uint8Array;
}

const lengthBytes = 4;
/** Pages compressed before the first one counts: the library is WebAssembly, which is slow at first. */
const warmUpPages = 16;

let loaded: Codec | null | undefined;

/** The codec, or undefined where the library is not installed. */
export function lz4(): Codec | undefined {
  if (loaded === undefined) {
    try {
      // Not by import: the bundle leaves it where it is, beside its WebAssembly.
      loaded = codecOf(createRequire(import.meta.url)('lz4-wasm-nodejs') as Library);
    } catch {
      loaded = null;
    }
  }
  return loaded ?? undefined;
}

function codecOf(library: Library): Codec {
  const page = Uint8Array.from({ length: 4096 }, (_, i) => (i * i) >>> 7);
  for (let i = 0; i < warmUpPages; i++) library.compress(page);
  return {
    compress: (bytes) => library.compress(bytes),
    decompress: (bytes, length) => {
      // Looked at first: the library takes memory for as much as is announced.
      const announced =
        bytes.length < lengthBytes ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
      if (announced !== length) throw new Error(`it announces ${announced} bytes`);
      const page = library.decompress(bytes);
      if (page.length !== length) throw new Error(`it has ${page.length} bytes`);
      return page;
    },
  };
}
