import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../base/prng.ts';
import { ByteBuffer } from './byte-buffer.ts';

/** Decodes LEB128 of up to 64 bits. */
function decode(bytes: Uint8Array, signed: boolean): bigint {
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if ((byte & 0x80) === 0) break;
  }
  return signed ? BigInt.asIntN(Number(shift), value) : value;
}

const words = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8192, -8193, 0x7fffffff, -0x80000000];

test('integers are encoded in LEB128, shortest form', () => {
  const random = new Prng(1);
  for (let i = 0; i < 2000; i++) {
    const low = i < words.length ? (words[i] as number) : random.next32() >> random.below(32);
    const high = random.chance(0.5) ? low >> 31 : random.next32() >> random.below(32);
    const wide = (BigInt(high) << 32n) | BigInt(low >>> 0);
    const cases: [(to: ByteBuffer) => void, bigint, boolean][] = [
      [(to) => to.u32(low), BigInt(low >>> 0), false],
      [(to) => to.s32(low), BigInt(low), true],
      [(to) => to.s64(low, high), BigInt.asIntN(64, wide), true],
    ];
    for (const [write, value, signed] of cases) {
      const buffer = new ByteBuffer(1);
      write(buffer);
      const bytes = buffer.slice();
      assert.equal(decode(bytes, signed), value);
      const bits = (value < 0n ? ~value : value).toString(2).replace(/^0$/, '').length + (signed ? 1 : 0);
      assert.equal(bytes.length, Math.max(1, Math.ceil(bits / 7)));
    }
  }
});

test('buffers grow, append and are reused', () => {
  const a = new ByteBuffer(2);
  const b = new ByteBuffer(2);
  for (let i = 0; i < 100; i++) a.byte(i);
  b.name('ab');
  b.append(a);
  assert.deepEqual([...b.slice()], [2, 0x61, 0x62, ...Array.from({ length: 100 }, (_, i) => i)]);
  b.reset();
  b.raw([7]);
  assert.deepEqual([...b.slice()], [7]);
});
