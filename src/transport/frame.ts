/**
 * The wire format: a header of 24 bytes, then the payload. Little-endian.
 *
 *     0         4         5      6        8    12   16   20   24
 *     | payload | channel | kind | zero   | w0 | w1 | w2 | w3 | payload ...
 *     | bytes   | u8      | u8   | u16    | i32 x 4           |
 *
 * The four words belong to the channel's user (block numbers, call ids). The 16 zero bits are checked: together with
 * the payload limit they catch a stranger's bytes at the first header.
 */
export const headerBytes = 24;

/** The largest payload of one frame, bytes. */
export const payloadBytesMax = 64 << 20;

/** The largest payload while a peer has not introduced itself yet, bytes. */
export const introductionBytesMax = 8 << 10;

/** Channel 255 is the transport's own (introduction, keep-alive, goodbye); 0 to 254 belong to its users. */
export const controlChannel = 255;

/** Kinds of control frames. received: w0 = the low 32 bits of how many bytes this side has read (line-meter.ts). */
export const Control = { hello: 1, welcome: 2, refuse: 3, ping: 4, goodbye: 5, received: 6 } as const;

/**
 * One received frame. Each connection reuses a single object, and its bytes lie in the read buffer: both are valid
 * only during the callback.
 */
export class Frame {
  channel = 0;
  kind = 0;
  w0 = 0;
  w1 = 0;
  w2 = 0;
  w3 = 0;
  /** The buffer that holds the payload, from `start` for `payloadBytes`: the way to read it without an allocation. */
  bytes: Uint8Array = emptyBytes;
  start = 0;
  payloadBytes = 0;

  /** The payload as a view that is valid only during the callback. Each use of the getter makes a view. */
  get payload(): Uint8Array {
    if (this.payloadBytes === 0) return emptyBytes;
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + this.start, this.payloadBytes);
  }
}

const emptyBytes = new Uint8Array(0);

/** What a sender may pass as payload: one view or several that are sent one after another. */
export type Payload = Uint8Array | readonly Uint8Array[];

/** The bytes of `payload` together. */
export function payloadLength(payload: Payload | undefined): number {
  if (payload === undefined) return 0;
  if (payload instanceof Uint8Array) return payload.length;
  let bytes = 0;
  for (let i = 0; i < payload.length; i++) bytes += (payload[i] as Uint8Array).length;
  return bytes;
}

/** Writes a header at `at`; `view` has at least `headerBytes` left there. */
export function writeHeader(
  view: DataView,
  at: number,
  payloadBytes: number,
  channel: number,
  kind: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): void {
  view.setUint32(at, payloadBytes, true);
  view.setUint32(at + 4, (channel & 0xff) | ((kind & 0xff) << 8), true);
  view.setInt32(at + 8, w0, true);
  view.setInt32(at + 12, w1, true);
  view.setInt32(at + 16, w2, true);
  view.setInt32(at + 20, w3, true);
}
