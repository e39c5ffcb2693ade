/**
 * A delegated system call on the wire, with its data inline (design: "The master is the kernel").
 *
 *   request: mask (u64) · arguments (7 x i32) · count (i32) · per argument: inputBytes (i32, -1 none), capacity (i32) · inputs
 *   answer:  hasMask (i32) · mask (u64) · count (i32) · per output: index (i32), bytes (i32) · outputs
 */
import type { SignalSet } from '../linux/api.ts';
import { type CallOutput, DelegatedCall, type MarshalledArgument } from '../linux/syscall-call.ts';

const argumentCount = 7;
/** An argument without input and capacity that the row does not describe. */
const absent = -2;
const none = -1;

export function encodeRequest(
  args: Int32Array,
  mask: SignalSet,
  marshalled: readonly (MarshalledArgument | undefined)[],
): Uint8Array[] {
  const head = new DataView(new ArrayBuffer(8 + argumentCount * 4 + 4 + marshalled.length * 8));
  head.setBigUint64(0, mask, true);
  for (let i = 0; i < argumentCount; i++) head.setInt32(8 + i * 4, args[i] ?? 0, true);
  let at = 8 + argumentCount * 4;
  head.setInt32(at, marshalled.length, true);
  at += 4;
  const parts: Uint8Array[] = [new Uint8Array(head.buffer)];
  for (const argument of marshalled) {
    head.setInt32(at, argument === undefined ? absent : (argument.input?.length ?? none), true);
    head.setInt32(at + 4, argument?.capacity ?? 0, true);
    at += 8;
    if (argument?.input) parts.push(argument.input);
  }
  return parts;
}

/** @param payload stays referenced by the call: give it a copy of its own. */
export function decodeRequest(payload: Uint8Array): DelegatedCall {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const mask = view.getBigUint64(0, true);
  const args = new Int32Array(argumentCount);
  for (let i = 0; i < argumentCount; i++) args[i] = view.getInt32(8 + i * 4, true);
  let at = 8 + argumentCount * 4;
  const count = view.getInt32(at, true);
  at += 4;
  let data = at + count * 8;
  const marshalled: (MarshalledArgument | undefined)[] = [];
  for (let i = 0; i < count; i++, at += 8) {
    const bytes = view.getInt32(at, true);
    const capacity = view.getInt32(at + 4, true);
    if (bytes === absent) {
      marshalled.push(undefined);
      continue;
    }
    const input = bytes === none ? null : payload.subarray(data, data + bytes);
    data += Math.max(bytes, 0);
    marshalled.push({ input, capacity });
  }
  return new DelegatedCall(args, marshalled, mask);
}

export interface CallAnswer {
  result: number;
  temporaryMask: SignalSet | null;
  outputs: CallOutput[];
}

export function encodeAnswer({ temporaryMask, outputs }: CallAnswer): Uint8Array[] {
  const head = new DataView(new ArrayBuffer(4 + 8 + 4 + outputs.length * 8));
  head.setInt32(0, temporaryMask === null ? 0 : 1, true);
  head.setBigUint64(4, temporaryMask ?? 0n, true);
  head.setInt32(12, outputs.length, true);
  const parts: Uint8Array[] = [new Uint8Array(head.buffer)];
  outputs.forEach(({ index, bytes }, i) => {
    head.setInt32(16 + i * 8, index, true);
    head.setInt32(20 + i * 8, bytes.length, true);
    parts.push(bytes);
  });
  return parts;
}

/** Copies what it needs out of `payload`. */
export function decodeAnswer(result: number, payload: Uint8Array): CallAnswer {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const temporaryMask = view.getInt32(0, true) ? view.getBigUint64(4, true) : null;
  const count = view.getInt32(12, true);
  let data = 16 + count * 8;
  const outputs: CallOutput[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = view.getInt32(20 + i * 8, true);
    outputs.push({ index: view.getInt32(16 + i * 8, true), bytes: payload.slice(data, data + bytes), onError: true });
    data += bytes;
  }
  return { result, temporaryMask, outputs };
}
