import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../transport/connection.ts';
import { Frame, type Payload } from '../transport/frame.ts';
import { ControlPlane, decodeJson, encodeJson } from './rpc.ts';

const kind = 1;

/** Control planes of two nodes, whose frames arrive in a buffer that is used again for each. */
function pair() {
  const failures: unknown[] = [];
  const planes: ControlPlane[] = [];
  const buffer = new Uint8Array(1 << 16);
  const connectionTo = (to: number): Connection =>
    ({
      send: (
        _channel: number,
        frameKind: number,
        w0: number,
        w1: number,
        w2: number,
        w3: number,
        payload?: Payload,
      ) => {
        const parts = payload === undefined ? [] : payload instanceof Uint8Array ? [payload] : payload;
        const bytes = Buffer.concat(parts);
        queueMicrotask(() => {
          buffer.fill(0xee).set(bytes, 16);
          const frame = Object.assign(new Frame(), { kind: frameKind, w0, w1, w2, w3, bytes: buffer, start: 16 });
          frame.payloadBytes = bytes.length;
          planes[to]!.handle(1 - to, frame);
        });
      },
    }) as unknown as Connection;
  for (const node of [0, 1])
    planes.push(new ControlPlane(new Map([[1 - node, connectionTo(1 - node)]]), (error) => failures.push(error)));
  return { planes, failures };
}

test('JSON keeps signal sets, and what is not there', () => {
  const value = { set: 2n ** 63n + 1n, none: 0n, list: [1n, 'a', null], text: '$bigint' };
  assert.deepEqual(decodeJson(encodeJson(value)), value);
  assert.equal(decodeJson(encodeJson(undefined)), null);
});

test('answers come to those who asked, in whatever order they are given', async () => {
  const { planes, failures } = pair();
  const open = new Map<number, (value: number) => void>();
  planes[1]!.on(kind, ({ n }: { n: number }) => new Promise<number>((resolve) => open.set(n, resolve)));
  const answers = [0, 1, 2].map((n) => planes[0]!.ask<number>(1, kind, { n }));
  while (open.size < 3) await new Promise((resolve) => setImmediate(resolve));
  for (const n of [2, 0, 1]) open.get(n)!(n * 10);
  assert.deepEqual(await Promise.all(answers), [0, 10, 20]);
  assert.deepEqual(failures, []);
});

test('bytes travel behind the JSON, and stay when the buffer is used again', async () => {
  const { planes } = pair();
  const received: [unknown, number, Uint8Array][] = [];
  planes[1]!.on(kind, (body: unknown, peer, bytes) => {
    received.push([body, peer, bytes]);
  });
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i);
  assert.equal(await planes[0]!.ask(1, kind, { text: 'é' }, bytes), null);
  planes[0]!.tell(1, kind, 'second');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(received, [
    [{ text: 'é' }, 0, bytes],
    ['second', 0, new Uint8Array(0)],
  ]);
});

test('a handler that fails, and a kind that nobody serves, are failures of the run', async () => {
  const { planes, failures } = pair();
  planes[1]!.on(kind, () => {
    throw new Error('broken');
  });
  planes[0]!.tell(1, kind, {});
  planes[0]!.tell(1, kind + 1, {});
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(failures.map((error) => (error as Error).message).sort(), [
    'broken',
    `node 0 sent control kind ${kind + 1}, which nobody serves here`,
  ]);
});
