/** Futex operations as the frames of the futex channel carry them (FutexKind in protocol.ts). */
import type { Frame } from '../transport/frame.ts';
import type { Requeue, StandingWait } from './futex-home.ts';
import { FutexKind } from './protocol.ts';

/** One call, as the node that serves it needs it. */
export type FutexOperation =
  | { kind: 'wait'; address: number; expected: number; bitset: number; untilMs: number | undefined }
  | { kind: 'wake'; address: number; count: number; bitset: number }
  | ({ kind: 'requeue' } & Requeue);

export interface FutexFrame {
  readonly kind: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  readonly payload?: Uint8Array;
}

const noLimit = -1;
/** Times travel as milliseconds that are left: nodes do not share a clock. */
const leftOf = (untilMs: number | undefined): number =>
  untilMs === undefined ? noLimit : Math.max(0, untilMs - performance.now());
const untilOf = (leftMs: number): number | undefined => (leftMs < 0 ? undefined : performance.now() + leftMs);

const payloadOf = (frame: Frame): DataView =>
  new DataView(frame.bytes.buffer, frame.bytes.byteOffset + frame.start, frame.payloadBytes);

export function encodeOperation(operation: FutexOperation): FutexFrame {
  const { address } = operation;
  switch (operation.kind) {
    case 'wait': {
      const payload = new Uint8Array(new Float64Array([leftOf(operation.untilMs)]).buffer);
      return { kind: FutexKind.wait, w1: address, w2: operation.expected, w3: operation.bitset, payload };
    }
    case 'wake':
      return { kind: FutexKind.wake, w1: address, w2: operation.count, w3: operation.bitset };
    case 'requeue': {
      const { wakeCount, moveCount, target, expected } = operation;
      const words = Int32Array.of(wakeCount, moveCount, target, expected === undefined ? 0 : 1, expected ?? 0);
      return { kind: FutexKind.requeue, w1: address, w2: 0, w3: 0, payload: new Uint8Array(words.buffer) };
    }
  }
}

/** The operation in a frame of kind wait, wake or requeue. */
export function decodeOperation(frame: Frame): FutexOperation {
  const address = frame.w1 >>> 0;
  if (frame.kind === FutexKind.wake) return { kind: 'wake', address, count: frame.w2, bitset: frame.w3 };
  const view = payloadOf(frame);
  if (frame.kind === FutexKind.wait)
    return { kind: 'wait', address, expected: frame.w2, bitset: frame.w3, untilMs: untilOf(view.getFloat64(0, true)) };
  const word = (i: number): number => view.getInt32(i * 4, true);
  return {
    kind: 'requeue',
    address,
    wakeCount: word(0),
    moveCount: word(1),
    target: word(2) >>> 0,
    expected: word(3) ? word(4) : undefined,
  };
}

/** A wait is named by the node of its thread and the number that the call has there. */
export const waitKey = (node: number, id: number): string => `${node}:${id}`;
export const nodeOfWait = (key: string): number => Number.parseInt(key, 10);
export const idOfWait = (key: string): number => Number(key.slice(key.indexOf(':') + 1));

/** id, address, bitset, node, milliseconds left, moves, (unused) */
const waitBytes = 32;

export function encodeWaits(waits: readonly StandingWait[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(waits.length * waitBytes));
  for (const [i, { key, address, moves, bitset, untilMs }] of waits.entries()) {
    const at = i * waitBytes;
    view.setInt32(at, idOfWait(key), true);
    view.setUint32(at + 4, address, true);
    view.setInt32(at + 8, bitset, true);
    view.setInt32(at + 12, nodeOfWait(key), true);
    view.setFloat64(at + 16, leftOf(untilMs), true);
    view.setInt32(at + 24, moves, true);
  }
  return new Uint8Array(view.buffer);
}

export function decodeWaits(frame: Frame): StandingWait[] {
  const view = payloadOf(frame);
  return Array.from({ length: view.byteLength / waitBytes }, (_, i) => {
    const at = i * waitBytes;
    return {
      key: waitKey(view.getInt32(at + 12, true), view.getInt32(at, true)),
      address: view.getUint32(at + 4, true),
      bitset: view.getInt32(at + 8, true),
      untilMs: untilOf(view.getFloat64(at + 16, true)),
      moves: view.getInt32(at + 24, true),
    };
  });
}
