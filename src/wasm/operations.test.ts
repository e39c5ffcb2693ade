import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { Prng } from '../base/prng.ts';
import { packCrc32 } from '../ir/crc32.ts';
import { Builder, type IrFunction } from '../ir/function.ts';
import { type OpName, opCodes, opNames, ops, type ValueType } from '../ir/ops.table.ts';
import { Var } from '../ir/variables.table.ts';
import { verify } from '../ir/verify.ts';
import { RegionTestbed } from './region-testbed.ts';

// The optimising compiler takes over after a few calls: the other tests run in the baseline compiler's code.
setFlagsFromString('--wasm-sync-tier-up');
setFlagsFromString('--wasm-tiering-budget=2000');
const bed = new RegionTestbed();
const wordsOf: Record<ValueType, number> = { i32: 1, i64: 2, f32: 1, f64: 2, v128: 4 };
const corners = {
  i32: [0, 1, -1, 2, 31, 32, 33, 0x7fffffff, -0x80000000, -0x7fffffff, 0x8000, 0xffff, 0x80, 0x12345678],
  f32: [
    0, -0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0x3fc00000, 0x40200000, 0x7f7fffff, 0xff7fffff, 1, 0x80000001,
    0x007fffff, 0x00800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001, 0xffbfffff, 0x7fd23456,
    0x4f000000, 0x4effffff, 0xcf000000, 0x4f800000, 0x33800000, 0x34000000, 0x3f7fffff,
  ],
  f64High: [
    0, -0x80000000, 0x3ff00000, 0xbff00000, 0x3fe00000, 0x40040000, 0x7fefffff, 0xffefffff, 0x000fffff, 0x00100000,
    0x7ff00000, 0xfff00000, 0x7ff80000, 0xfff80001, 0x7ff40000, 0xfff00001, 0x41e00000, 0xc1e00000, 0x41f00000,
    0x47efffff, 0x36a00000, 0x380fffff, 0x3c900000, 0x3ca00000, 0x43300000,
  ],
  f64Low: [0, 0, 0, 1, -1, 0xe0000000, 0xf0000000, 0x10000000, 0x80000000],
};

/** A function that applies one operation to values taken from r0 upwards and leaves the result from r8 upwards. */
function functionOf(name: OpName, entry: number, immediate: number): IrFunction {
  const b = new Builder();
  b.begin(entry);
  b.startBlock(b.newBlock());
  b.append(opCodes.insn, entry, 0, 0);
  let register = 0;
  const word = (): number => b.append(opCodes['get.i32'], Var.r + register++, 0, 0);
  const pair = (): number => {
    const low = word();
    return b.append(opCodes['i64.pair'], low, word(), 0);
  };
  const argument = (type: ValueType): number => {
    if (type === 'i32') return word();
    if (type === 'f32') return b.append(opCodes['f32.reinterpret'], word(), 0, 0);
    if (type === 'i64') return pair();
    return b.append(opCodes['f64.reinterpret'], pair(), 0, 0);
  };
  const keep = (value: number, type: ValueType, to: number): void => {
    const apply = (op: OpName): number => b.append(opCodes[op], value, 0, 0);
    if (type === 'i32') b.append(opCodes['set.i32'], Var.r + to, value, 0);
    else if (type === 'f32') keep(apply('i32.reinterpret'), 'i32', to);
    else if (type === 'f64') keep(apply('i64.reinterpret'), 'i64', to);
    else {
      keep(apply('i64.low'), 'i32', to);
      keep(apply('i64.high'), 'i32', to + 1);
    }
  };
  const row = ops[name];
  const values = row.args.map((kind) => (kind === 'imm' ? immediate : argument(kind as ValueType)));
  keep(b.append(opCodes[name], values[0] ?? 0, values[1] ?? 0, values[2] ?? 0), row.result as ValueType, 8);
  b.emit('exit.jump', 0x9000);
  return b.finish();
}

/** Puts operands of the types into r0 upwards. */
function drawOperands(name: OpName, random: Prng): void {
  let register = 0;
  const put = (value: number): void => {
    bed.register[register++] = value;
  };
  for (const type of ops[name].args) {
    if (type === 'imm') continue;
    if (type === 'f64') {
      if (random.chance(0.8)) {
        put(random.pick(corners.f64Low));
        put(random.pick(corners.f64High));
      } else {
        put(random.next32());
        put(random.next32());
      }
    } else if (type === 'f32') put(random.chance(0.8) ? random.pick(corners.f32) : random.next32());
    else
      for (let i = 0; i < wordsOf[type as ValueType]; i++)
        put(random.chance(0.8) ? random.pick(corners.i32) : random.next32());
  }
}

/** Operations on vectors have a test of their own (vector-operations.test.ts). */
const pure = opNames.filter((name) => {
  const { effect, args, result } = ops[name];
  return effect === 'pure' && !name.endsWith('.const') && ![...args, result].includes('v128');
});

/** What is tried as the immediate of an operation, [0] for one without. */
const immediatesOf = (name: OpName): number[] =>
  name !== 'i32.crc32'
    ? [0]
    : ([1, 2, 4] as const).flatMap((bytes) => [false, true].map((isCastagnoli) => packCrc32({ bytes, isCastagnoli })));

test('every pure operation gives what the interpreter gives, corner cases first', () => {
  const cases = pure.flatMap((name) => immediatesOf(name).map((immediate) => ({ name, immediate })));
  const functions = cases.map(({ name, immediate }, i) => functionOf(name, 0x1000 + 4 * i, immediate));
  functions.forEach(verify);
  bed.link(functions);
  const random = new Prng(7);
  bed.reset(1);
  for (const [i, { name }] of cases.entries()) {
    const rounds = ops[name].args.some((kind) => kind === 'f32' || kind === 'f64') ? 3000 : 400;
    for (let round = 0; round < rounds; round++) {
      drawOperands(name, random);
      bed.register.fill(0, 8, 12);
      const before = [...bed.register.subarray(0, 8)].map((word) => (word >>> 0).toString(16));
      const expected = bed.interpret(functions[i] as IrFunction);
      const expectedResult = bed.register.slice(8, 12);
      bed.register.fill(0, 8, 12);
      const outcome = bed.runRegion(0x1000 + 4 * i);
      assert.equal(outcome.pc, expected.pc);
      assert.deepEqual(bed.register.slice(8, 12), expectedResult, `${name} of ${before}`);
    }
  }
});
