/** Armv8's scalar floating point against JavaScript's own: the rest is compared with qemu-arm by test/fuzz.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../base/prng.ts';
import type { IrFunction } from '../../ir/function.ts';
import { Interpreter } from '../../ir/interpreter.ts';
import { Testbed } from '../../ir/testbed.ts';
import { CodeVariant, codeVariants } from '../../layout/code-variant.ts';
import { Cpu } from '../../layout/cpu.ts';
import { lowerFragment } from './block.ts';
import { randomDouble } from './random-state.ts';

const bed = new Testbed();
const interpreter = new Interpreter(bed.guest, bed.control);
const words = bed.words.subarray(Cpu.d.index32, Cpu.d.index32 + 64);
const field = (name: 'fpn' | 'fpz' | 'fpc' | 'fpv'): number => bed.words[Cpu[name].index32] as number;
const run = (ir: IrFunction): void => {
  interpreter.run(ir, bed.cpuBase);
};

/** A32 instructions as one fragment. */
function fragment(variant: CodeVariant, ...encodings: number[]): IrFunction {
  const halfword = (address: number): number =>
    address >>> 2 < encodings.length ? ((encodings[address >>> 2] as number) >>> ((address & 2) << 3)) & 0xffff : -1;
  return lowerFragment({ halfword }, 0, 0, encodings.length, variant).ir;
}

test('VJCVT is what the bitwise operators of JavaScript do, and tells when it was exact', () => {
  const random = new Prng(3);
  const edges = [0, -0, 1.5, -1, 2 ** 31, -(2 ** 31), 2 ** 32 + 1, 2 ** 52 + 1, 2 ** 84, -(2 ** 83) - 2 ** 31, 5e-324];
  for (const variant of codeVariants) {
    const convert = fragment(variant, 0xeeb90bc1); // VJCVT.S32.F64 s0, d1
    for (let round = 0; round < 3000; round++) {
      if (round < edges.length) bed.doubles[1] = edges[round] as number;
      else words.set(randomDouble(random), 2);
      const operand = bed.doubles[1] as number;
      run(convert);
      assert.equal(words[0], operand | 0, `${operand}`);
      assert.equal(field('fpz') === 0, Object.is(operand | 0, operand), `Z of ${operand}`);
      assert.ok((field('fpn') | field('fpv')) >= 0 && field('fpc') === 0, 'N, C and V are clear');
    }
  }
});

test('VRINT rounds to the integral value that its letter names', () => {
  const away = (x: number): number => Math.sign(x) * Math.round(Math.abs(x));
  const nearest = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
  const rows = [
    [0xfeb80b41, away], // VRINTA.F64 d0, d1
    [0xfeb90b41, nearest],
    [0xfeba0b41, Math.ceil],
    [0xfebb0b41, Math.floor],
    [0xeeb60b41, nearest], // VRINTR.F64 d0, d1
    [0xeeb60bc1, Math.trunc], // VRINTZ.F64 d0, d1
    [0xeeb70b41, nearest], // VRINTX.F64 d0, d1
  ] as const;
  for (const variant of codeVariants)
    for (const [encoding, expected] of rows) {
      const round = fragment(variant, encoding);
      for (const x of [0.5, -0.5, 1.5, -1.5, 2.5, 0.49, -0.51, -0, 7, 1e300, Number.POSITIVE_INFINITY, 2 ** 52 + 1]) {
        bed.doubles[1] = x;
        run(round);
        // A zero has the operand's sign.
        const wanted = expected(x) === 0 ? Math.sign(x) * 0 : expected(x);
        assert.ok(Object.is(bed.doubles[0], wanted), `${encoding.toString(16)} of ${x}: ${bed.doubles[0]}`);
      }
    }
});

test('VSEL takes the first operand where its condition holds', () => {
  // CMP r0, r1; VSEL<cc>.F64 d0, d1, d2 for EQ, VS, GE, GT.
  const compared = [0, 1, 2, 3].map((k) => fragment(CodeVariant.plain, 0xe1500001, 0xfe010b02 | (k << 20)));
  const holds = [
    (a: number, b: number) => a === b,
    (a: number, b: number) => a - b !== ((a - b) | 0),
    (a: number, b: number) => a >= b,
    (a: number, b: number) => a > b,
  ];
  const values = [0, 1, -1, 0x7fffffff, -0x80000000];
  bed.doubles[1] = 1;
  bed.doubles[2] = 2;
  for (const a of values)
    for (const b of values)
      for (const [k, ir] of compared.entries()) {
        bed.register[0] = a;
        bed.register[1] = b;
        run(ir);
        assert.equal(
          bed.doubles[0],
          (holds[k] as (a: number, b: number) => boolean)(a, b) ? 1 : 2,
          `${k} of ${a}, ${b}`,
        );
      }
});
