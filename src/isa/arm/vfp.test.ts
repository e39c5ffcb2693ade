/** VFP against what JavaScript knows of IEEE 754: the rest is compared with qemu-arm by test/fuzz.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IrFunction } from '../../ir/function.ts';
import { Interpreter } from '../../ir/interpreter.ts';
import { Testbed } from '../../ir/testbed.ts';
import { CodeVariant, exceptionsTracked, variantOf } from '../../layout/code-variant.ts';
import { Cpu } from '../../layout/cpu.ts';
import { lowerFragment } from './block.ts';

const bed = new Testbed();
const interpreter = new Interpreter(bed.guest, bed.control);
const singles = bed.words.subarray(Cpu.d.index32, Cpu.d.index32 + 64);
const register = bed.words.subarray(Cpu.r.index32, Cpu.r.index32 + 15);

/** A32 instructions as one fragment. */
const fragment = (...words: number[]): IrFunction => lowered(words, CodeVariant.plain);
const exactFragment = (...words: number[]): IrFunction => lowered(words, CodeVariant.exact);

function lowered(words: readonly number[], variant: CodeVariant): IrFunction {
  const halfword = (address: number): number =>
    address >>> 2 < words.length ? ((words[address >>> 2] as number) >>> ((address & 2) << 3)) & 0xffff : -1;
  return lowerFragment({ halfword }, 0, 0, words.length, variant).ir;
}
const run = (ir: IrFunction): void => {
  interpreter.run(ir, bed.cpuBase);
};

test('VCVTB and VCVTT widen every half-precision number exactly', () => {
  const bottom = fragment(0xeeb20a60); // VCVTB.F32.F16 s0, s1
  const top = fragment(0xeeb20ae0); // VCVTT.F32.F16 s0, s1
  const view = new DataView(new ArrayBuffer(4));
  for (let half = 0; half < 0x10000; half++) {
    view.setUint16(0, half);
    view.setFloat32(0, view.getFloat16(0));
    const isNan = (half & 0x7fff) > 0x7c00;
    const expected = isNan ? ((half & 0x8000) << 16) | 0x7fc00000 | ((half & 0x3ff) << 13) : view.getInt32(0);
    for (const [ir, operand] of [
      [bottom, half],
      [top, half << 16],
    ] as const) {
      singles[1] = operand;
      run(ir);
      if (singles[0] !== expected) assert.equal(singles[0], expected, `half ${half.toString(16)}`);
    }
  }
});

test('VCVTB rounds singles about every half-precision number to nearest even', () => {
  const narrow = fragment(0xeeb30a60); // VCVTB.F16.F32 s0, s1
  const view = new DataView(new ArrayBuffer(4));
  for (let half = 0; half <= 0x7c00; half++) {
    view.setFloat16(0, 0);
    view.setUint16(0, half);
    view.setFloat32(0, view.getFloat16(0));
    const exact = view.getInt32(0);
    for (const near of [exact - 1, exact, exact + 1, exact + 0xfff, exact + 0x1000, exact + 0x1001]) {
      if (near < 0 || near > 0x7f800000) continue;
      view.setInt32(0, near);
      view.setFloat16(0, view.getFloat32(0));
      singles[0] = 0x12345678;
      singles[1] = near;
      run(narrow);
      const expected = 0x12340000 | view.getUint16(0);
      if (singles[0] !== expected) assert.equal(singles[0], expected, `single ${near.toString(16)}`);
    }
  }
});

test('VCMP and VMRS make every condition what the comparison says', () => {
  // VCMP.F64 d0, d1; VMRS APSR_nzcv, FPSCR; then for each condition MOV<c> rn, #1 (n = condition).
  const moves = Array.from({ length: 14 }, (_, cc) => ((cc << 28) | 0x03a00001 | (cc << 12)) >>> 0);
  const together = fragment(0xeeb40b41, 0xeef1fa10, ...moves);
  const compare = fragment(0xeeb40b41, 0xeef1fa10);
  const apart = fragment(...moves);
  const values = [-Infinity, -1.5, -0, 0, 5e-324, 2, Infinity, Number.NaN];
  for (const a of values)
    for (const b of values) {
      const unordered = Number.isNaN(a) || Number.isNaN(b);
      const direct = [a === b, !(a < b), a < b, unordered, !(a <= b), a >= b, a > b];
      const expected = direct.flatMap((holds) => [holds ? 1 : 0, holds ? 0 : 1]);
      // MI and PL are "less" and its opposite, as CC and CS are.
      const inOrder = [...expected.slice(0, 4), ...expected.slice(4)];
      for (const parts of [[together], [compare, apart]]) {
        bed.doubles[0] = a;
        bed.doubles[1] = b;
        register.fill(0);
        for (const part of parts) run(part);
        assert.deepEqual([...register.subarray(0, 14)], inOrder, `${a} against ${b}`);
      }
    }
});

test('VCVTR rounds as FPSCR says, VCVT toward zero', () => {
  const rounding = exactFragment(0xeefd0b41); // VCVTR.S32.F64 s1, d1
  const truncating = exactFragment(0xeefd0bc1); // VCVT.S32.F64 s1, d1
  const setMode = fragment(0xeee10a10); // VMSR FPSCR, r0
  const modes = [
    (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
    Math.ceil,
    Math.floor,
    Math.trunc,
  ];
  for (const [mode, round] of modes.entries()) {
    register[0] = mode << 22;
    run(setMode);
    for (const x of [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49, -0.51, 7, 1e9 + 0.75]) {
      bed.doubles[1] = x;
      run(rounding);
      assert.equal(singles[1], round(x) | 0, `${x} in mode ${mode}`);
      run(truncating);
      assert.equal(singles[1], Math.trunc(x) | 0, `${x} toward zero`);
    }
  }
});

const field = (which: { readonly index32: number }): number => bed.words[which.index32] as number;
const variant = (): CodeVariant => variantOf(field(Cpu.fpscr), field(Cpu.fpexc));
const untracked = (): void => {
  bed.words[Cpu.fpscr.index32] = 0;
  bed.words[Cpu.fpexc.index32] = 0;
};
const addOne = 0xe2811001; // ADD r1, r1, #1
const readStatus = 0xeef10a10; // VMRS r0, FPSCR
const writeStatus = 0xeee10a10; // VMSR FPSCR, r0

test('a read of FPSCR tracks exceptions from there on, and leaves plain code', () => {
  untracked();
  register[1] = 0;
  run(fragment(readStatus, addOne));
  assert.deepEqual([field(Cpu.fpexc), field(Cpu.pc), register[1]], [exceptionsTracked, 4, 0]);
  assert.equal(variant(), CodeVariant.exact);
  run(exactFragment(readStatus, addOne));
  assert.deepEqual([field(Cpu.pc), register[1]], [8, 1]);
});

test('a read of FPSCR for the rounding mode alone tracks nothing', () => {
  const masks = [
    0xe2002503, // AND r2, r0, #0xc00000
    0xe3100503, // TST r0, #0xc00000
    0xe7e12b50, // UBFX r2, r0, #22, #2
  ];
  for (const mask of masks) {
    untracked();
    run(fragment(readStatus, addOne, mask));
    assert.deepEqual([field(Cpu.pc), variant()], [12, CodeVariant.plain]);
  }
  // The mask of another register, and of other bits too.
  for (const other of [0xe2032503, 0xe200201f, 0xe2002503 ^ 0x0f]) {
    untracked();
    run(fragment(readStatus, addOne, other));
    assert.equal(variant(), CodeVariant.exact);
  }
});

test('a write of FPSCR leaves the code, and tracks exceptions unless it is about the rounding mode', () => {
  const write = fragment(writeStatus, addOne);
  for (const [value, tracked, expected] of [
    [0, true, CodeVariant.exact],
    [0x0000001f, true, CodeVariant.exact],
    [0x00400000, false, CodeVariant.exact],
    [0x01000000, true, CodeVariant.exact],
  ] as const) {
    untracked();
    register[0] = value;
    register[1] = 0;
    run(write);
    assert.deepEqual([field(Cpu.pc), register[1]], [4, 0]);
    assert.equal((field(Cpu.fpexc) & exceptionsTracked) !== 0, tracked, value.toString(16));
    assert.equal(variant(), expected);
  }
  // There and back again, as fesetround does it.
  untracked();
  for (const [mode, expected] of [
    [1 << 22, CodeVariant.exact],
    [0, CodeVariant.plain],
  ] as const) {
    register[0] = mode;
    run(write);
    assert.equal(variant(), expected);
  }
});

test('exact code computes by FPSCR and raises exceptions, plain code does neither', () => {
  const third = [0xeec10a82]; // VDIV.F32 s1, s3, s4
  const singleBits = new Int32Array(new Float32Array([1, 3]).buffer);
  singles[3] = singleBits[0] as number;
  singles[4] = singleBits[1] as number;
  untracked();
  bed.words[Cpu.fpscr.index32] = 1 << 22;
  run(fragment(...third));
  assert.deepEqual([singles[1], field(Cpu.fpexc)], [0x3eaaaaab, 0]);
  bed.words[Cpu.fpscr.index32] = 3 << 22;
  run(exactFragment(...third));
  assert.deepEqual([singles[1], field(Cpu.fpexc)], [0x3eaaaaaa, 0x10]);
});
