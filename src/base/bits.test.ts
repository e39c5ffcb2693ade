import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignUp, bitField, hex32, rotateRight, signExtend } from './bits.ts';
import { Prng } from './prng.ts';

test('bit helpers agree with their definitions at the edges', () => {
  assert.equal(rotateRight(1, 1), 0x80000000 | 0);
  assert.equal(rotateRight(0x12345678, 32), 0x12345678);
  assert.equal(signExtend(0x800000, 24), -0x800000);
  assert.equal(signExtend(-1, 32), -1);
  assert.equal(bitField(0xdeadbeef, 31, 0), 0xdeadbeef);
  assert.equal(bitField(0xdeadbeef, 15, 8), 0xbe);
  assert.equal(hex32(-1), 'ffffffff');
  assert.equal(alignUp(0xfffff001, 4096), 0x1_0000_0000);
});

test('a generator repeats from its seed and differs from another', () => {
  const a = new Prng(7);
  const b = new Prng(7);
  const c = new Prng(8);
  const first = Array.from({ length: 100 }, () => a.next32());
  assert.deepEqual(
    first,
    Array.from({ length: 100 }, () => b.next32()),
  );
  assert.notDeepEqual(
    first,
    Array.from({ length: 100 }, () => c.next32()),
  );
});
