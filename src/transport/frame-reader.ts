import { Frame, headerBytes, payloadBytesMax } from './frame.ts';

/** The read buffer of one connection, bytes. */
export const readBufferBytes = 256 << 10;

/** A buffer that grew beyond this for one frame is dropped when it is empty, bytes. */
const keptBytesMax = 2 << 20;

/** The least room that `room()` offers for one read, bytes: the largest TLS record. */
const roomBytesMin = 16 << 10;

/**
 * Cuts a byte stream into frames, in place: the socket reads into `room()`, `commit()` says how much came, `next()`
 * yields frames whose payloads lie in the buffer. A frame that straddles reads is assembled where it lies; the buffer
 * grows for a frame larger than itself.
 */
export class FrameReader {
  readonly frame = new Frame();
  /** The largest payload that is accepted now, bytes. */
  payloadBytesMax: number = payloadBytesMax;
  /** Why the stream is malformed; it can't be read on from there. */
  problem: string | undefined = undefined;

  private bytes: Uint8Array = new Uint8Array(readBufferBytes);
  private view: DataView = new DataView(this.bytes.buffer);
  private start = 0;
  private end = 0;

  /** Where the next read goes; not empty. Invalidates the frame that `next()` gave before. */
  room(): Uint8Array {
    const pending = this.end - this.start;
    if (pending === 0) {
      this.start = 0;
      this.end = 0;
      if (this.bytes.length > keptBytesMax) this.replaceBuffer(new Uint8Array(readBufferBytes));
      return this.bytes;
    }
    const announced = pending < headerBytes ? 0 : this.view.getUint32(this.start, true);
    // A size over the limit gets no memory: next() ends the stream there.
    const frameBytes = headerBytes + (announced > this.payloadBytesMax ? 0 : announced);
    const needed = Math.max(frameBytes, pending + roomBytesMin);
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed + roomBytesMin, Math.min(this.bytes.length * 2, payloadBytesMax)));
      grown.set(this.bytes.subarray(this.start, this.end));
      this.replaceBuffer(grown);
    } else if (this.start > 0) {
      this.bytes.copyWithin(0, this.start, this.end);
    }
    this.start = 0;
    this.end = pending;
    return this.bytes.subarray(pending);
  }

  /** `count` bytes were read into the last `room()`. */
  commit(count: number): void {
    this.end += count;
  }

  /** Forgets all bytes: nobody will read them. */
  discard(): void {
    this.start = 0;
    this.end = 0;
  }

  /** Takes bytes that were read elsewhere. */
  append(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const room = this.room();
      const count = Math.min(room.length, chunk.length - at);
      room.set(chunk.subarray(at, at + count));
      this.commit(count);
      at += count;
    }
  }

  /** The next whole frame is in `frame` (true), or more bytes are needed or the stream is malformed (false). */
  next(): boolean {
    const at = this.start;
    const available = this.end - at;
    if (available < headerBytes || this.problem !== undefined) return false;
    const view = this.view;
    const payloadBytes = view.getUint32(at, true);
    const kinds = view.getUint32(at + 4, true);
    if (payloadBytes > this.payloadBytesMax || kinds > 0xffff) {
      this.problem =
        kinds > 0xffff
          ? 'the bytes received are not frames'
          : `a frame of ${payloadBytes} bytes was announced, over the limit of ${this.payloadBytesMax}`;
      return false;
    }
    if (available < headerBytes + payloadBytes) return false;
    const frame = this.frame;
    frame.channel = kinds & 0xff;
    frame.kind = kinds >>> 8;
    frame.w0 = view.getInt32(at + 8, true);
    frame.w1 = view.getInt32(at + 12, true);
    frame.w2 = view.getInt32(at + 16, true);
    frame.w3 = view.getInt32(at + 20, true);
    frame.bytes = this.bytes;
    frame.start = at + headerBytes;
    frame.payloadBytes = payloadBytes;
    this.start = at + headerBytes + payloadBytes;
    return true;
  }

  private replaceBuffer(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
