/** A growable byte buffer with WebAssembly's integer encodings (core specification 5.2). Reused by reset. */
export class ByteBuffer {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
  }

  reset(): void {
    this.length = 0;
  }

  #reserve(extra: number): void {
    if (this.length + extra <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + extra));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Unsigned LEB128 of a value below 2^32. */
  u32(value: number): void {
    this.#reserve(5);
    const bytes = this.bytes;
    let at = this.length;
    let rest = value >>> 0;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.length = at;
  }

  /** Signed LEB128 of a 32-bit value. */
  s32(value: number): void {
    this.#reserve(5);
    const bytes = this.bytes;
    let at = this.length;
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>= 7;
    }
    bytes[at++] = rest & 0x7f;
    this.length = at;
  }

  /** Signed LEB128 of the 64-bit value high:low. */
  s64(low: number, high: number): void {
    let lowRest = low | 0;
    let highRest = high | 0;
    for (;;) {
      const group = lowRest & 0x7f;
      lowRest = (lowRest >>> 7) | (highRest << 25);
      highRest >>= 7;
      const done =
        (lowRest === 0 && highRest === 0 && group < 0x40) || (lowRest === -1 && highRest === -1 && group >= 0x40);
      this.byte(done ? group : group | 0x80);
      if (done) return;
    }
  }

  append(source: ByteBuffer): void {
    this.raw(source.bytes.subarray(0, source.length));
  }

  raw(source: ArrayLike<number>): void {
    this.#reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** A name (5.2.4): its bytes' count and its bytes; ASCII only. */
  name(text: string): void {
    this.u32(text.length);
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  /** The bytes written so far, in an array of their own. */
  slice(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }
}
