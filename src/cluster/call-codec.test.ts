import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignalSet } from '../linux/api.ts';
import type { MarshalledArgument } from '../linux/syscall-call.ts';
import { decodeAnswer, decodeRequest, encodeAnswer, encodeRequest } from './call-codec.ts';

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 31 + (i >>> 8));

test('a request brings arguments, mask, inputs and capacities, and tells null from empty', () => {
  const args = Int32Array.of(3, -1, 0x7fffffff, -0x80000000, 0, 5, 6);
  const mask: SignalSet = 0x8000_0001_0000_0002n;
  const marshalled: (MarshalledArgument | undefined)[] = [
    undefined,
    { input: null, capacity: 0 },
    { input: new Uint8Array(0), capacity: 0 },
    { input: pattern(1 << 20), capacity: 1 << 20 },
    { input: null, capacity: 4096 },
    { input: pattern(3), capacity: 0 },
  ];
  const call = decodeRequest(joined(encodeRequest(args, mask, marshalled)));
  assert.deepEqual(call.args, args);
  assert.equal(call.signalMask, mask);
  assert.equal(call.input(0), null);
  assert.equal(call.capacity(0), 0);
  assert.equal(call.input(1), null);
  assert.deepEqual(call.input(2), new Uint8Array(0));
  assert.deepEqual(call.input(3), pattern(1 << 20));
  assert.equal(call.capacity(3), 1 << 20);
  assert.equal(call.input(4), null);
  assert.equal(call.capacity(4), 4096);
  assert.deepEqual(call.path(5), Buffer.from(pattern(3)));
  assert.equal(call.input(6), null);
});

test('a request without arguments is decoded where it lies in a larger buffer', () => {
  const bytes = joined(encodeRequest(new Int32Array(7), 0n, []));
  const buffer = new Uint8Array(bytes.length + 8);
  buffer.set(bytes, 5);
  const call = decodeRequest(buffer.subarray(5, 5 + bytes.length));
  assert.deepEqual(call.args, new Int32Array(7));
  assert.equal(call.signalMask, 0n);
});

test('an answer brings result, outputs and the temporary mask', () => {
  const outputs = [
    { index: 1, bytes: pattern(1 << 20), onError: false },
    { index: 0, bytes: new Uint8Array(0), onError: true },
    { index: 3, bytes: pattern(5), onError: false },
  ];
  for (const temporaryMask of [null, 0n, 1n << 63n]) {
    const payload = joined(encodeAnswer({ result: -14, temporaryMask, outputs }));
    const answer = decodeAnswer(-14, payload);
    assert.equal(answer.result, -14);
    assert.equal(answer.temporaryMask, temporaryMask);
    assert.deepEqual(
      answer.outputs.map(({ index, bytes }) => [index, bytes]),
      outputs.map(({ index, bytes }) => [index, bytes]),
    );
    // The payload is the connection's buffer.
    payload.fill(0);
    assert.deepEqual(answer.outputs[2]!.bytes, pattern(5));
  }
});

test('an answer without outputs', () => {
  const answer = decodeAnswer(7, joined(encodeAnswer({ result: 7, temporaryMask: null, outputs: [] })));
  assert.deepEqual(answer, { result: 7, temporaryMask: null, outputs: [] });
});
