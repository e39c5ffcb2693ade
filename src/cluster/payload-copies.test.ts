import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PayloadCopies } from './payload-copies.ts';

const large = (byte: number): Uint8Array => new Uint8Array(100_000).fill(byte);

test('a large copy is used again after its release, not before', () => {
  const copies = new PayloadCopies();
  const [first, second] = [copies.copy(large(1)), copies.copy(large(2))];
  assert.notEqual(first.bytes.buffer, second.bytes.buffer);
  first.release();
  const third = copies.copy(large(3).subarray(1));
  assert.equal(third.bytes.buffer, first.bytes.buffer);
  assert.deepEqual([third.bytes.length, third.bytes[0], third.bytes.at(-1)], [99_999, 3, 3]);
  assert.ok(second.bytes.every((byte) => byte === 2));
});

test('small and huge copies have memory of their own', () => {
  const copies = new PayloadCopies();
  for (const length of [10, 3 << 20]) {
    const copy = copies.copy(new Uint8Array(length).fill(7));
    copy.release();
    assert.notEqual(copies.copy(new Uint8Array(length)).bytes.buffer, copy.bytes.buffer);
    assert.ok(copy.bytes.length === length && copy.bytes.every((byte) => byte === 7));
  }
});
