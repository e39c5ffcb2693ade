/** Requests with answers over a connection's control channel, and the JSON in them. */
import type { Connection } from '../transport/connection.ts';
import type { Frame } from '../transport/frame.ts';
import { Channel, ControlKind } from './protocol.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** JSON with bigint as {"$bigint": "..."}; signal sets are 64 bits wide. */
export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(
    JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? { $bigint: item.toString() } : item)) ?? 'null',
  );
}

export function decodeJson(bytes: Uint8Array): unknown {
  // TextDecoder refuses shared buffers; a frame's payload is a plain one.
  return JSON.parse(decoder.decode(bytes), (_, item) =>
    item !== null && typeof item === 'object' && '$bigint' in item ? BigInt(item.$bigint) : item,
  );
}

type Handler = (body: never, peer: number, bytes: Uint8Array) => unknown;

/**
 * The control channel of one node to all others. A handler's result (or the result of its promise) is the answer.
 * Bytes may follow the JSON: w2 is the JSON's length.
 */
export class ControlPlane {
  readonly #connections: ReadonlyMap<number, Connection>;
  readonly #handlers = new Map<number, Handler>();
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  readonly #onFailure: (error: unknown) => void;
  #nextId = 1;

  constructor(connections: ReadonlyMap<number, Connection>, onFailure: (error: unknown) => void) {
    this.#connections = connections;
    this.#onFailure = onFailure;
  }

  on(kind: number, handler: (body: never, peer: number, bytes: Uint8Array) => unknown): void {
    this.#handlers.set(kind, handler);
  }

  /** Sends without expecting an answer. */
  tell(to: number, kind: number, body: unknown, bytes?: Uint8Array): void {
    this.#send(to, kind, 0, body, bytes);
  }

  /** Resolves with the answer; never when the peer is lost (losing a peer ends the run). */
  ask<T>(to: number, kind: number, body: unknown, bytes?: Uint8Array): Promise<T> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve as (answer: unknown) => void);
      this.#send(to, kind, id, body, bytes);
    });
  }

  askAll<T>(kind: number, body: unknown): Promise<T[]> {
    return Promise.all([...this.#connections.keys()].map((to) => this.ask<T>(to, kind, body)));
  }

  #send(to: number, kind: number, id: number, body: unknown, bytes?: Uint8Array): void {
    const json = encodeJson(body);
    this.#connections.get(to)?.send(Channel.control, kind, id, 0, json.length, 0, bytes ? [json, bytes] : json);
  }

  handle(peer: number, frame: Frame): void {
    const { kind, w0: id, w2: jsonBytes, payload } = frame;
    const body = decodeJson(payload.subarray(0, jsonBytes));
    if (kind === ControlKind.answer) {
      const resolve = this.#waiting.get(id);
      this.#waiting.delete(id);
      resolve?.(body);
      return;
    }
    const handler = this.#handlers.get(kind);
    if (!handler) {
      this.#onFailure(new Error(`node ${peer} sent control kind ${kind}, which nobody serves here`));
      return;
    }
    const bytes = payload.slice(jsonBytes);
    Promise.try(handler, body as never, peer, bytes).then(
      (answer) => {
        if (id !== 0) this.#send(peer, ControlKind.answer, id, answer ?? null);
      },
      (error) => this.#onFailure(error),
    );
  }
}
