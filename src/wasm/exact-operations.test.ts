/** The helpers of exact floating point beside the interpreter: every operation, kind and mode, on hard operands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { Prng } from '../base/prng.ts';
import {
  type FixedPoint,
  packFixedPoint,
  packLaneBinary,
  packLaneUnary,
  packUnary,
  unpackLaneBinary,
} from '../ir/float-immediates.ts';
import { FloatBinary, FloatUnary, LaneBinary, LaneUnary, Rounding } from '../ir/float-kinds.table.ts';
import { Builder, type IrFunction } from '../ir/function.ts';
import { type OpName, opCodes, opNames, ops, type ValueType } from '../ir/ops.table.ts';
import { drawFloats, type FloatName } from '../ir/random-floats.ts';
import { Var } from '../ir/variables.table.ts';
import { verify } from '../ir/verify.ts';
import { Cpu } from '../layout/cpu.ts';
import { exceptionBits, Fpscr } from '../layout/fpscr.ts';
import { RegionTestbed } from './region-testbed.ts';

// Optimised code, which the first calls of a function do not get by themselves.
setFlagsFromString('--wasm-sync-tier-up');
setFlagsFromString('--wasm-tiering-budget=2000');
const bed = new RegionTestbed();

const roundings = Object.values(Rounding);
const fixedPoints: readonly FixedPoint[] = roundings.flatMap((rounding) =>
  ([16, 32] as const).flatMap((bits) =>
    [true, false].flatMap((isSigned) =>
      [0, 1, bits / 2, bits].map((fractionBits) => ({ isSigned, rounding, bits, fractionBits })),
    ),
  ),
);
const shapes = ([16, 32] as const).flatMap((laneBits) =>
  [true, false].map((isDoubleword) => ({ laneBits, isDoubleword })),
);
const isOneOf = <T>(list: readonly T[], value: T): boolean => list.includes(value);

/** The immediates that an operation is tried with. */
function immediatesOf(name: OpName): readonly number[] {
  if (!(ops[name].args as readonly string[]).includes('imm')) return [0];
  if (name === 'v128.exact_binary')
    return shapes.flatMap((shape) => Object.values(LaneBinary).map((kind) => packLaneBinary(kind, shape)));
  if (name === 'v128.exact_unary')
    return shapes.flatMap((shape) =>
      Object.values(LaneUnary).flatMap((kind) => {
        if (isOneOf<LaneUnary>([LaneUnary.to_fixed, LaneUnary.from_fixed], kind))
          return fixedPoints
            .filter(
              ({ bits, rounding }) => bits === shape.laneBits && (kind === LaneUnary.to_fixed || takesFrom(rounding)),
            )
            .map((fixed) => packLaneUnary(kind, shape, fixed));
        if (isOneOf<LaneUnary>([LaneUnary.round, LaneUnary.round_inexact], kind))
          return roundings.map((rounding) => packLaneUnary(kind, shape, { rounding }));
        return [packLaneUnary(kind, shape)];
      }),
    );
  if (name.endsWith('unary'))
    return [
      packUnary(FloatUnary.sqrt),
      ...roundings.flatMap((rounding) => [
        packUnary(FloatUnary.round, rounding),
        packUnary(FloatUnary.round_inexact, rounding),
      ]),
    ];
  if (name.endsWith('binary')) return Object.values(FloatBinary);
  if (name.endsWith('compare')) return [0, 1];
  const fromInteger = name.endsWith('from_i32');
  return fixedPoints.filter(({ rounding }) => !fromInteger || takesFrom(rounding)).map(packFixedPoint);
}

/** Conversions from integers are to nearest, or as FPSCR says. */
const takesFrom = (rounding: Rounding): boolean => rounding === Rounding.nearest || rounding === Rounding.mode;

/** Whether the upper half of the result is of no interest. */
const isDoubleword = (name: OpName, immediate: number): boolean =>
  name === 'f16x4.exact_fma' ||
  name === 'f32x2.exact_fma' ||
  (name.startsWith('v128.') && unpackLaneBinary(immediate).isDoubleword);

const resultAt = Var.q + 8;

/** Applies the operation to the lowest parts of q0, q1 and q2, and leaves the result in q8. */
function functionOf(name: OpName, immediate: number, entry: number): IrFunction {
  const b = new Builder();
  b.begin(entry);
  b.startBlock(b.newBlock());
  b.append(opCodes.insn, entry, 0, 0);
  let operand = 0;
  const values = ops[name].args.map((kind) => {
    if (kind === 'imm') return immediate;
    const n = operand++;
    if (kind === 'f32') return b.emit('get.f32', Var.s + 4 * n);
    if (kind === 'f64') return b.emit('get.f64', Var.d + 2 * n);
    if (kind === 'v128') return b.emit('get.v128', Var.q + n);
    return b.emit('i32.reinterpret', b.emit('get.f32', Var.s + 4 * n));
  });
  let result = b.append(opCodes[name], values[0] as number, values[1] ?? 0, values[2] ?? 0);
  const type = ops[name].result as ValueType;
  if (isDoubleword(name, immediate)) {
    const low = b.append(opCodes['v128.low'], result, 0, 0);
    result = b.append(opCodes['v128.pair'], low, low, 0);
  }
  if (type === 'i32') b.append(opCodes['set.i32'], Var.r, result, 0);
  else if (type === 'f32') b.append(opCodes['set.f32'], Var.s, result, 0);
  else b.append(opCodes[`set.${type}` as OpName], type === 'f64' ? resultAt - Var.q + Var.d : resultAt, result, 0);
  b.emit('exit.jump', 0x9000);
  return b.finish();
}

/** What the operands of an operation are. */
function operandFormat(name: OpName, immediate: number): FloatName {
  const half = 1 << 4;
  if (name === 'v128.exact_unary' && (immediate & 0xf) === LaneUnary.from_fixed) return 'i32';
  if (name === 'v128.exact_unary' && (immediate & 0xf) === LaneUnary.from_half) return 'f16';
  if (name === 'v128.exact_unary' && (immediate & 0xf) >= LaneUnary.to_half) return 'f32';
  if (name.startsWith('v128.')) return (immediate & half) !== 0 ? 'f16' : 'f32';
  const from = /_from_([if]\d+)$/.exec(name)?.[1] ?? name.slice(0, 3);
  return from as FloatName;
}

const { FZ, DN, FZ16, AHP, RMode, IXC } = Fpscr;
const drawMode = (random: Prng): number =>
  random.chance(0.3) ? 0 : random.next32() & (FZ | DN | FZ16 | AHP | RMode | (random.chance(0.5) ? 0 : RMode));

const hex = (words: Int32Array): string => [...words].map((word) => (word >>> 0).toString(16)).join(' ');

const exact = opNames.filter((name) => name.includes('.exact_'));
const rounds = 60;

for (const name of exact)
  test(`${name} gives what the interpreter gives`, () => {
    const immediates = immediatesOf(name);
    const functions = immediates.map((immediate, i) => functionOf(name, immediate, 0x1000 + 4 * i));
    functions.forEach(verify);
    bed.unlink();
    bed.link(functions);
    const random = new Prng(opCodes[name]);
    bed.reset(1);
    const count = Math.max(rounds, Math.ceil(1500 / immediates.length));
    for (const [i, immediate] of immediates.entries())
      for (let round = 0; round < count; round++) {
        const format = operandFormat(name, immediate);
        drawFloats(random, format, bed.words.subarray(Cpu.d.index32, Cpu.d.index32 + 12));
        if (random.chance(0.1)) bed.words.copyWithin(Cpu.d.index32 + 4, Cpu.d.index32, Cpu.d.index32 + 4);
        bed.words.fill(0, Cpu.d.index32 + 32, Cpu.d.index32 + 36);
        const mode = drawMode(random);
        const raised = random.chance(0.5) ? 0 : random.chance(0.5) ? IXC : random.next32() & exceptionBits;
        const before = bed.words.slice(Cpu.d.index32, Cpu.d.index32 + 12);
        const prepare = (): void => {
          bed.words.set(before, Cpu.d.index32);
          bed.words[Cpu.fpscr.index32] = mode;
          bed.words[Cpu.fpexc.index32] = raised;
        };
        prepare();
        const expected = bed.interpret(functions[i] as IrFunction);
        prepare();
        const actual = bed.runRegion(0x1000 + 4 * i);
        assert.deepEqual(
          actual.record,
          expected.record,
          `${name} ${immediate} of ${hex(before)}, mode ${mode.toString(16)}, ${raised} raised: ${hex(
            actual.record.subarray(Cpu.fpexc.index32, Cpu.fpexc.index32 + 1),
          )} for ${hex(expected.record.subarray(Cpu.fpexc.index32, Cpu.fpexc.index32 + 1))}; ${hex(
            actual.record.subarray(Cpu.d.index32 + 32, Cpu.d.index32 + 36),
          )} for ${hex(expected.record.subarray(Cpu.d.index32 + 32, Cpu.d.index32 + 36))}`,
        );
      }
  });

test('an exact operation whose result nothing uses is done, and in its place', () => {
  const b = new Builder();
  b.begin(0x1000);
  b.startBlock(b.newBlock());
  b.append(opCodes.insn, 0x1000, 0, 0);
  b.emit('f32.exact_binary', b.emit('get.f32', Var.s), b.emit('get.f32', Var.s + 1), FloatBinary.div);
  const first = b.emit('fpexc.get');
  b.emit('fpexc.set', b.emit('i32.const', -1));
  const second = b.emit('fpexc.get');
  b.emit('set.i32', Var.r, first);
  b.emit('set.i32', Var.r + 1, second);
  b.emit('exit.jump', 0x9000);
  const ir = b.finish();
  verify(ir);
  bed.unlink();
  bed.link([ir]);
  const outcomes = [() => bed.interpret(ir), () => bed.runRegion(0x1000)].map((run) => {
    bed.reset(3);
    bed.floats[0] = 1;
    bed.floats[1] = 0;
    bed.words[Cpu.fpscr.index32] = 0;
    bed.words[Cpu.fpexc.index32] = 0;
    run();
    return [bed.register[0], bed.register[1], bed.words[Cpu.fpexc.index32]];
  });
  assert.deepEqual(outcomes, Array(2).fill([Fpscr.DZC, -1, -1]));
});
