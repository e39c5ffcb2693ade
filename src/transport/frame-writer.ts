/**
 * The outgoing side of one socket. Frames are copied into pooled chunks when they are sent, so the caller may change
 * its memory at once. All frames of one turn leave in one write at the turn's end; while an earlier write is still
 * under way they wait for it, so a slow peer gets few large writes instead of many small ones.
 */
import { headerBytes, type Payload, payloadLength, writeHeader } from './frame.ts';

/** Size of a pooled chunk, bytes. */
export const chunkBytes = 256 << 10;
/** Unused chunks that the process keeps: 16 MiB. */
const spareChunksMax = 64;

/** What the writer needs of a socket (node:net's Socket and node:tls's TLSSocket have it). */
export interface ByteSink {
  write(bytes: Uint8Array, done: (error?: Error | null) => void): boolean;
  /** Bytes that were written and not yet taken by the kernel. */
  readonly writableLength: number;
}

class Chunk {
  readonly bytes = Buffer.allocUnsafeSlow(chunkBytes);
  readonly view = new DataView(this.bytes.buffer, this.bytes.byteOffset, chunkBytes);
  filled = 0;
  written = 0;
  writesPending = 0;
  owner: FrameWriter | undefined = undefined;
  readonly onWritten = (): void => {
    this.writesPending--;
    this.owner?.chunkWritten(this);
  };
}

const spareChunks: Chunk[] = [];

export class FrameWriter {
  bytesOut = 0;
  framesOut = 0;
  private readonly sink: ByteSink;
  /** Held only while it has bytes, so that idle connections cost nothing and busy ones share warm chunks. */
  private chunk: Chunk | undefined = undefined;
  private flushPlanned = false;
  private ended = false;
  private readonly flushNow = (): void => {
    this.flushPlanned = false;
    this.flush();
  };

  constructor(sink: ByteSink) {
    this.sink = sink;
  }

  /** Bytes that were sent and not yet taken by the kernel. */
  get queuedBytes(): number {
    const chunk = this.chunk;
    return this.sink.writableLength + (chunk === undefined ? 0 : chunk.filled - chunk.written);
  }

  /** Queues one frame; the payload is copied now. */
  send(channel: number, kind: number, w0: number, w1: number, w2: number, w3: number, payload?: Payload): void {
    if (this.ended) return;
    const payloadBytes = payloadLength(payload);
    const current = this.chunk;
    const chunk = current !== undefined && chunkBytes - current.filled >= headerBytes ? current : this.nextChunk();
    writeHeader(chunk.view, chunk.filled, payloadBytes, channel, kind, w0, w1, w2, w3);
    chunk.filled += headerBytes;
    if (payload !== undefined) {
      if (payload instanceof Uint8Array) this.copy(payload);
      else for (let i = 0; i < payload.length; i++) this.copy(payload[i] as Uint8Array);
    }
    this.framesOut++;
    this.bytesOut += headerBytes + payloadBytes;
    if (!this.flushPlanned) {
      this.flushPlanned = true;
      queueMicrotask(this.flushNow);
    }
  }

  /** Hands to the socket what is queued, unless an earlier write is still under way (its completion calls again). */
  flush(): void {
    if (!this.ended && this.chunk !== undefined && this.sink.writableLength === 0) this.write(this.chunk);
  }

  /** Writes what is queued in any case, and takes nothing more. */
  end(): void {
    if (!this.ended && this.chunk !== undefined) this.write(this.chunk);
    this.ended = true;
  }

  /** A write of `chunk` has completed (or failed): when it was the last, its bytes may be overwritten. */
  chunkWritten(chunk: Chunk): void {
    if (chunk.writesPending === 0 && chunk.written === chunk.filled) {
      if (chunk === this.chunk) this.chunk = undefined;
      release(chunk);
    }
    this.flush();
  }

  private copy(bytes: Uint8Array): void {
    let chunk = this.chunk as Chunk;
    if (bytes.length <= chunkBytes - chunk.filled) {
      chunk.bytes.set(bytes, chunk.filled);
      chunk.filled += bytes.length;
      return;
    }
    for (let at = 0; at < bytes.length; ) {
      if (chunk.filled === chunkBytes) chunk = this.nextChunk();
      const count = Math.min(bytes.length - at, chunkBytes - chunk.filled);
      chunk.bytes.set(bytes.subarray(at, at + count), chunk.filled);
      chunk.filled += count;
      at += count;
    }
  }

  /** Takes a fresh chunk; a full one before it goes to the socket, which keeps the order. */
  private nextChunk(): Chunk {
    const full = this.chunk;
    const fresh = spareChunks.pop() ?? new Chunk();
    fresh.owner = this;
    this.chunk = fresh;
    if (full !== undefined) this.write(full);
    return fresh;
  }

  private write(chunk: Chunk): void {
    const from = chunk.written;
    if (from === chunk.filled) return;
    chunk.written = chunk.filled;
    chunk.writesPending++;
    this.sink.write(chunk.bytes.subarray(from, chunk.filled), chunk.onWritten);
  }
}

function release(chunk: Chunk): void {
  chunk.owner = undefined;
  chunk.filled = 0;
  chunk.written = 0;
  if (spareChunks.length < spareChunksMax) spareChunks.push(chunk);
}
