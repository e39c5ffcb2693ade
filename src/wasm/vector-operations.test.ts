import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../base/prng.ts';
import { Builder, type IrFunction } from '../ir/function.ts';
import { packLaneShift } from '../ir/lane-shift.ts';
import { type OpName, opCodes, opNames, ops, type ValueType } from '../ir/ops.table.ts';
import { parse } from '../ir/parser.ts';
import { print } from '../ir/printer.ts';
import { shuffles } from '../ir/shuffles.ts';
import { Var } from '../ir/variables.table.ts';
import { verify } from '../ir/verify.ts';
import { Cpu } from '../layout/cpu.ts';
import { RegionTestbed } from './region-testbed.ts';

const bed = new RegionTestbed();
const quads = bed.words.subarray(Cpu.d.index32, Cpu.d.index32 + 64);
const resultQuad = 15;
const resultRegister = 8;

const range = (count: number): number[] => [...Array(count).keys()];
const laneBitsOf = (name: OpName): number => Number(/^[if](\d+)x/.exec(name)?.[1] ?? 0);

function laneShifts(isSaturatedOnly: boolean): number[] {
  const found = new Set<number>();
  for (const laneBits of [8, 16, 32, 64] as const)
    for (const isUnsigned of [false, true])
      for (const isRounded of [false, true])
        for (const isSaturated of isSaturatedOnly ? [true] : [false, true])
          for (const toUnsigned of [false, isSaturated])
            found.add(packLaneShift({ laneBits, isUnsigned, isRounded, isSaturated, toUnsigned }));
  return [...found];
}

/** What is tried as the immediate of an operation, [0] for one without. */
function immediatesOf(name: OpName): number[] {
  if (!(ops[name].args as readonly string[]).includes('imm')) return [0];
  if (name === 'v128.const') return [0, -1, 0x12345678];
  if (name === 'v128.shuffle') return range(shuffles.length);
  if (name.startsWith('v128.shift')) return laneShifts(name === 'v128.shift_saturates');
  const bits = laneBitsOf(name);
  if (/extract|replace/.test(name)) return range(128 / bits);
  if (/trunc|convert/.test(name)) return [0, 1, 16, 31, 32];
  return [0, 1, bits / 2, bits - 1];
}

/** Applies the operation: integers come from r0, r1 and so on, doublewords from d30, vectors from q0 upwards. */
function functionOf(name: OpName, immediate: number, entry: number): IrFunction {
  const b = new Builder();
  const append = (op: OpName, ...args: number[]): number =>
    b.append(opCodes[op], args[0] ?? 0, args[1] ?? 0, args[2] ?? 0);
  b.begin(entry);
  b.startBlock(b.newBlock());
  append('insn', entry);
  const row = ops[name];
  const values = row.args.map((kind, i) => {
    if (kind === 'imm') return immediate;
    if (kind === 'v128') return append('get.v128', Var.q + i);
    if (kind === 'i32') return append('get.i32', Var.r + i);
    if (kind === 'f32') return append('f32.reinterpret', append('get.i32', Var.r + i));
    const long = append('i64.pair', append('get.i32', Var.r + i), append('get.i32', Var.r + i + 1));
    return kind === 'f64' ? append('f64.reinterpret', long) : long;
  });
  const keep = (value: number, type: ValueType | 'none', to: number): void => {
    if (type === 'v128') append('set.v128', Var.q + resultQuad, value);
    else if (type === 'i32') append('set.i32', Var.r + to, value);
    else if (type === 'f32') keep(append('i32.reinterpret', value), 'i32', to);
    else if (type === 'f64') keep(append('i64.reinterpret', value), 'i64', to);
    else {
      append('set.i32', Var.r + to, append('i64.low', value));
      append('set.i32', Var.r + to + 1, append('i64.high', value));
    }
  };
  keep(append(name, ...values), row.result, resultRegister);
  b.emit('exit.jump', 0x9000);
  return b.finish();
}

const wordCorners = [0, 1, -1, 0x7fffffff, -0x80000000, -0x7fffffff, 0xffff, 0x8000, 0x7fff, 0x10000, 0x00800080];
const byteCorners = [0, 1, 2, 0x7f, 0x80, 0x81, 0xff, 0xfe, 8, 16, 0xf8, 0xf0];
const floatCorners = [
  0, -0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0x40200000, 0x7f7fffff, 0xff7fffff, 1, 0x80000001, 0x007fffff,
  0x00800000, 0x00800001, 0x80800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001, 0x7fd23456,
  0x4f000000, 0x4effffff, 0xcf000000, 0x4f800000, 0x33800000, 0x3f7fffff, 0x3f800001, 0x1f800000, 0x20000000,
  0x5f000000, 0x40000000, 0x40400000, 0x7e800000, 0x7e7fffff, 0x7f000000, 0x40490fdb,
];

/** A vector: corner cases of bytes, words or floating point, small numbers in lanes of a size, or anything. */
function drawVector(random: Prng, isFloat: boolean): Int32Array {
  const vector = new Int32Array(4);
  const bytes = new Uint8Array(vector.buffer);
  const kind = isFloat && random.chance(0.8) ? 0 : 1 + random.below(5);
  if (kind === 0) {
    for (const k of range(4)) vector[k] = random.chance(0.7) ? random.pick(floatCorners) : random.next32();
  } else if (kind === 1) for (const k of range(4)) vector[k] = random.pick(wordCorners);
  else if (kind === 2) for (const k of range(16)) bytes[k] = random.pick(byteCorners);
  else if (kind === 3) {
    const lane = random.pick([1, 2, 4, 8]);
    for (const k of range(16)) {
      const small = k % lane === 0 ? random.below(140) - 70 : (bytes[k - 1] as number) & 0x80 ? 0xff : 0;
      bytes[k] = small;
    }
  } else if (kind === 4) vector.fill(random.next32());
  else for (const k of range(4)) vector[k] = random.next32();
  return vector;
}

function drawOperands(name: OpName, random: Prng): void {
  const isFloat = name.startsWith('f32x4') || name.includes('f32x4');
  for (const i of range(3)) {
    quads.set(i > 0 && random.chance(0.1) ? quads.slice(0, 4) : drawVector(random, isFloat), 4 * i);
    bed.register[i] = random.chance(0.5) ? random.pick(wordCorners) : random.next32();
  }
}

const vectorOps = opNames.filter((name) => {
  const { effect, args, result } = ops[name];
  return effect === 'pure' && [...args, result].includes('v128');
});

const hexOf = (words: Int32Array): string => [...words].map((word) => (word >>> 0).toString(16)).join(' ');

test('every operation on vectors gives what the interpreter gives, with each immediate', () => {
  const cases = vectorOps.flatMap((name) => immediatesOf(name).map((immediate) => ({ name, immediate })));
  const functions = cases.map(({ name, immediate }, i) => functionOf(name, immediate, 0x1000 + 4 * i));
  for (const ir of functions) {
    verify(ir);
    assert.equal(print(parse(print(ir))), print(ir));
  }
  bed.link(functions);
  const random = new Prng(11);
  bed.reset(1);
  const result = (): Int32Array =>
    Int32Array.of(...quads.subarray(4 * resultQuad), ...bed.register.subarray(resultRegister, resultRegister + 2));
  const clear = (): void => {
    quads.fill(0, 4 * resultQuad);
    bed.register.fill(0, resultRegister, resultRegister + 2);
  };
  for (const [i, { name, immediate }] of cases.entries()) {
    const rounds = name.includes('f32x4') ? 400 : immediatesOf(name).length > 1 ? 60 : 150;
    for (let round = 0; round < rounds; round++) {
      drawOperands(name, random);
      clear();
      bed.interpret(functions[i] as IrFunction);
      const expected = result();
      clear();
      bed.runRegion(0x1000 + 4 * i);
      const got = result();
      if (!expected.every((word, k) => word === got[k]))
        assert.fail(
          `${name} ${immediate} of ${hexOf(quads.subarray(0, 12))} | ${hexOf(bed.register.subarray(0, 3))}: ` +
            `${hexOf(got)} instead of ${hexOf(expected)}`,
        );
    }
  }
});
