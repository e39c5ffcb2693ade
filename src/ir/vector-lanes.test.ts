/** What lanes come to, by values worked out from the manual's pseudocode: the emitter is tested against this. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cpu } from '../layout/cpu.ts';
import { Interpreter } from './interpreter.ts';
import { type LaneShift, packLaneShift } from './lane-shift.ts';
import { parse } from './parser.ts';
import { Shuffle, shuffles } from './shuffles.ts';
import { Testbed } from './testbed.ts';
import { verify } from './verify.ts';

const bed = new Testbed();
const interpreter = new Interpreter(bed.guest, bed.control);
const quads = bed.words.subarray(Cpu.d.index32, Cpu.d.index32 + 64);

/** The words of `operation` applied to q0, q1 and q2, which hold each word given in all lanes. */
function word(operation: string, ...operands: number[]): number {
  operands.forEach((operand, i) => {
    quads.fill(operand, 4 * i, 4 * i + 4);
  });
  const [name, immediate = ''] = operation.split(' ');
  const values = operands.map((_, i) => `v${1 + i}`).join(' ');
  const gets = operands.map((_, i) => `v${1 + i} = get.v128 q${i}\n`).join('');
  const ir = parse(`entry 0x8000\nb0:\ninsn 0x8000 0x0 0x0\n${gets}
    v9 = ${name} ${values} ${immediate}\nset.v128 q3 v9\nexit.jump 0x0`);
  verify(ir);
  interpreter.run(ir, bed.cpuBase);
  const [first, ...others] = quads.subarray(12, 16);
  for (const other of others) assert.equal(other, first, operation);
  return (first as number) >>> 0;
}

const shifted = (shift: LaneShift, value: number, count: number): number =>
  word(`v128.shift ${packLaneShift(shift)}`, value, count);

test('shifts by a register go either way, round and saturate', () => {
  const plain = { laneBits: 32, isUnsigned: false } as const;
  assert.equal(shifted(plain, 0x80000001, 1), 2);
  assert.equal(shifted(plain, 0x80000001, -1), 0xc0000000);
  assert.equal(shifted(plain, 0x80000001, 0x1ff), 0xc0000000, 'only the lowest byte counts');
  assert.equal(shifted(plain, 0x80000000, -128), 0xffffffff);
  assert.equal(shifted({ ...plain, isUnsigned: true }, 0x80000000, -32), 0);
  assert.equal(shifted({ ...plain, isRounded: true }, 3, -1), 2);
  assert.equal(shifted({ ...plain, isRounded: true }, 0x80000000, -32), 0, '-1/2 rounds up');
  assert.equal(shifted({ ...plain, isRounded: true, isUnsigned: true }, 0x80000000, -32), 1);
  assert.equal(shifted({ ...plain, isSaturated: true }, 0x40000000, 1), 0x7fffffff);
  assert.equal(shifted({ ...plain, isSaturated: true }, 0x80000001, 127), 0x80000000);
  assert.equal(shifted({ ...plain, isSaturated: true }, 0, 127), 0);
  assert.equal(shifted({ ...plain, isSaturated: true, toUnsigned: true }, 0x80000000, 0), 0);
  assert.equal(shifted({ ...plain, isSaturated: true, toUnsigned: true }, 0x40000000, 1), 0x80000000);
  assert.equal(shifted({ laneBits: 8, isUnsigned: true, isSaturated: true }, 0x10101010, 0x04040404), 0xffffffff);
});

test('lanes saturate, narrow and multiply', () => {
  assert.equal(word('i8x16.add_sat_s', 0x7f7f7f7f, 0x01010101), 0x7f7f7f7f);
  assert.equal(word('i32x4.sub_sat_u', 1, 2), 0);
  assert.equal(word('i32x4.add_sat_u', -1, 2), 0xffffffff);
  assert.equal(word('i16x8.narrow_i32x4_ss', 0x12345, 0x12345), 0x7fff7fff);
  assert.equal(word('i16x8.narrow_i32x4_su', -5, -5), 0);
  assert.equal(word('i16x8.narrow_i32x4_uu', -5, -5), 0xffffffff);
  assert.equal(word('i32x4.narrow_i64x2_ss', 0x12345, 0x12345), 0x7fffffff);
  assert.equal(word('i8x16.mul', 0x10203040, 0x11111111), 0x10203040);
  assert.equal(word('i16x8.polymul_low_i8x16', 0xffffffff, 0xffffffff), 0x55555555);
  assert.equal(word('i16x8.q15mulr_sat_s', 0x80008000, 0x80008000), 0x7fff7fff);
  assert.equal(word('i16x8.clz', 0x00010000), 0x000f0010);
});

test('floating-point lanes flush to zero and have one NaN', () => {
  const defaultNaN = 0x7fc00000;
  assert.equal(word('f32x4.add', 0x00800001, 0x80800000), 0, 'the difference is subnormal');
  assert.equal(word('f32x4.sub', 0x80800001, 0x80800000), 0x80000000);
  assert.equal(word('f32x4.mul', 0x7f000000, 0x00000001), 0, 'a subnormal operand is zero');
  assert.equal(word('f32x4.mul', 0x7f800000, 0x00000001), defaultNaN);
  assert.equal(word('f32x4.mul', 0x3f7fffff, 0x00800000), 0, 'subnormal before rounding');
  assert.equal(word('f32x4.mul', 0x3f7fffff, 0x00800001), 0x00800000, 'rounded from just above');
  assert.equal(word('f32x4.add', 0xffc00123, 0x3f800000), defaultNaN);
  assert.equal(word('f32x4.max', 0x80000000, 0), 0);
  assert.equal(word('f32x4.min', 0x00000001, 0x3f800000), 0);
  assert.equal(word('f32x4.min', 0x7f800001, 0x3f800000), defaultNaN);
  assert.equal(word('f32x4.neg', 0x7f800001), 0xff800001);
  assert.equal(word('f32x4.eq', 0x80000001, 0x00000002), 0xffffffff);
  assert.equal(word('f32x4.gt', 0x00000002, 0), 0);
  assert.equal(word('f32x4.fma', 0x3f800000, 0x3f800001, 0x3f800001), 0x40000001);
  assert.equal(word('f32x4.fma', 0xbf800002, 0x3f800001, 0x3f800001), 0x28800000, 'rounded once');
  assert.equal(word('f32x4.recip_step', 0x7f800000, 0), 0x40000000);
  assert.equal(word('f32x4.rsqrt_step', 0, 0xff800000), 0x3fc00000);
  assert.equal(word('f32x4.rsqrt_step', 0x3f800000, 0x3f800000), 0x3f800000);
  assert.equal(word('i32x4.trunc_f32x4_s 16', 0xbfc00000), 0xfffe8000);
  assert.equal(word('i32x4.trunc_f32x4_u 0', 0xbfc00000), 0);
  assert.equal(word('f32x4.convert_i32x4_u 32', -1), 0x3f800000);
});

test('estimates are those of the pseudocode', () => {
  assert.equal(word('f32x4.recip_estimate', 0x3f800000), 0x3f7f8000);
  assert.equal(word('f32x4.recip_estimate', 0xc0000000), 0xbeff8000);
  assert.equal(word('f32x4.recip_estimate', 0x3fc00000), 0x3f2a8000);
  assert.equal(word('f32x4.recip_estimate', 0x80000001), 0xff800000);
  assert.equal(word('f32x4.recip_estimate', 0xfe800000), 0x80000000);
  assert.equal(word('f32x4.recip_estimate', 0x7e7fffff), 0x00800000);
  assert.equal(word('f32x4.rsqrt_estimate', 0x3f800000), 0x3f7f8000);
  assert.equal(word('f32x4.rsqrt_estimate', 0x40800000), 0x3eff8000);
  assert.equal(word('f32x4.rsqrt_estimate', 0x40000000), 0x3f348000);
  assert.equal(word('f32x4.rsqrt_estimate', 0xbf800000), 0x7fc00000);
  assert.equal(word('f32x4.rsqrt_estimate', 0x80000000), 0xff800000);
  assert.equal(word('f32x4.rsqrt_estimate', 0x7f800000), 0);
  assert.equal(word('i32x4.recip_estimate', 0x80000000), 0xff800000);
  assert.equal(word('i32x4.recip_estimate', 0x7fffffff), 0xffffffff);
  assert.equal(word('i32x4.rsqrt_estimate', 0x40000000), 0xff800000);
  assert.equal(word('i32x4.rsqrt_estimate', 0xffffffff), 0x80000000);
});

test('patterns undo each other', () => {
  const apply = (pattern: number, first: readonly number[], second: readonly number[]): number[] =>
    [...(shuffles[pattern] as Uint8Array)].map((n) => (n < 16 ? first[n] : second[n - 16]) as number);
  const memory = [...Array(32).keys()];
  const [low, high] = [memory.slice(0, 16), memory.slice(16)];
  for (const lane of [1, 2, 4] as const) {
    const zipped = [apply(Shuffle.zipLow(lane), low, high), apply(Shuffle.zipHigh(lane), low, high)] as const;
    assert.deepEqual(apply(Shuffle.even(lane), ...zipped), low);
    assert.deepEqual(apply(Shuffle.odd(lane), ...zipped), high);
    for (const count of [2, 3, 4] as const) {
      const registers = [0, 1].map((half) => apply(Shuffle.apart(count, lane, half as 0 | 1), low, high));
      const back = [0, 1].flatMap((half) =>
        apply(Shuffle.together(count, lane, half as 0 | 1), registers[0] as number[], registers[1] as number[]),
      );
      assert.deepEqual(back.slice(0, 8 * count), memory.slice(0, 8 * count));
      // The second register's first lane is the second in memory.
      assert.deepEqual(registers[0]?.slice(8, 8 + lane), memory.slice(lane, 2 * lane));
    }
  }
  assert.deepEqual(apply(Shuffle.extractLow(3), low, high).slice(0, 8), [3, 4, 5, 6, 7, 16, 17, 18]);
  assert.deepEqual(apply(Shuffle.lowThenHigh, low, high), [...low.slice(0, 8), ...high.slice(8)]);
});
