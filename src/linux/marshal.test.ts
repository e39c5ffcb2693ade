import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inBytes, iovecIn, iovecOut, outBytes } from './formats.ts';
import { marshalInputs, transferBytesMax } from './marshal.ts';

/** Guest memory that is all zero, but for two entries of a struct iovec at 0x1000, each of 24 MiB. */
function read(address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (address === 0x1000)
    new Int32Array(bytes.buffer).set([0x10000, 24 << 20, 0x4000000, 24 << 20].slice(0, length / 4));
  return bytes;
}

test('what a call moves is cut, so that it fits into a message', () => {
  const marshal = (format: Parameters<typeof marshalInputs>[0][number], address: number, size: number) => {
    const result = marshalInputs([format], Int32Array.of(address, size), read);
    return typeof result === 'number' ? result : [result[0]!.input?.length, result[0]!.capacity];
  };
  assert.deepEqual(marshal(inBytes(1), 0x10000, 100 << 20), [transferBytesMax, 0]);
  assert.deepEqual(marshal(outBytes(1), 0x10000, 100 << 20), [undefined, transferBytesMax]);
  assert.deepEqual(marshal(iovecIn(1), 0x1000, 2), [transferBytesMax, 0]);
  assert.deepEqual(marshal(iovecOut(1), 0x1000, 2), [undefined, transferBytesMax]);
  assert.deepEqual(marshal(iovecIn(1), 0x1000, 1), [24 << 20, 0]);
});
