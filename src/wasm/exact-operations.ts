/** What exact floating-point operations become: calls of the helpers of soft-float/, with the executor's record. */
import type { OpName } from '../ir/ops.table.ts';
import { Cpu } from '../layout/cpu.ts';
import type { Assembly } from './assembler.ts';
import { controlMemory } from './code.ts';
import type { Emit } from './emit.ts';
import { cpuLocal } from './record-access.ts';
import { bfloatAdd, bfloatMul, laneBinary, laneFma, laneUnary } from './soft-float/lanes.ts';
import * as soft from './soft-float/scalars.ts';

type ExactName = Extract<OpName, `${string}.exact_${string}` | `fpexc.${string}` | `${string}.bfloat_${string}`>;

/** A helper of `count` values and the record. */
const called =
  (helper: Assembly, count: 1 | 3): Emit =>
  (e, a, b, c) => {
    e.value(a);
    if (count === 3) {
      e.value(b);
      e.value(c);
    }
    e.code.get(cpuLocal);
    e.code.call('call', e.module.helper(helper));
  };

/** The helper of the immediate, which follows the value. */
const unary =
  (helperOf: (immediate: number) => Assembly): Emit =>
  (e, a, immediate) => {
    e.value(a);
    e.code.get(cpuLocal);
    e.code.call('call', e.module.helper(helperOf(immediate)));
  };

const binary =
  (helperOf: (immediate: number) => Assembly): Emit =>
  (e, a, b, immediate) => {
    e.value(a);
    e.value(b);
    e.code.get(cpuLocal);
    e.code.call('call', e.module.helper(helperOf(immediate)));
  };

const getExceptions: Emit = ({ code }) => {
  code.get(cpuLocal);
  code.memory('i32.load', controlMemory, Cpu.fpexc.offset);
};

const setExceptions: Emit = (e, value) => {
  const { code } = e;
  code.get(cpuLocal);
  e.value(value);
  code.memory('i32.store', controlMemory, Cpu.fpexc.offset);
};

const { f16, f32, f64 } = soft.exact;

export const exactOperations: { readonly [Name in ExactName]: Emit } = {
  'fpexc.get': getExceptions,
  'fpexc.set': setExceptions,
  'f16.exact_unary': unary(f16.unary),
  'f32.exact_unary': unary(f32.unary),
  'f64.exact_unary': unary(f64.unary),
  'f16.exact_binary': binary(f16.binary),
  'f32.exact_binary': binary(f32.binary),
  'f64.exact_binary': binary(f64.binary),
  'f16.exact_fma': called(f16.fma, 3),
  'f32.exact_fma': called(f32.fma, 3),
  'f64.exact_fma': called(f64.fma, 3),
  'f16.exact_compare': binary(f16.compare),
  'f32.exact_compare': binary(f32.compare),
  'f64.exact_compare': binary(f64.compare),
  'f16.exact_from_f32': called(soft.f16FromF32, 1),
  'f16.exact_from_f64': called(soft.f16FromF64, 1),
  'f32.exact_from_f16': called(soft.f32FromF16, 1),
  'f32.exact_from_f64': called(soft.f32FromF64, 1),
  'f64.exact_from_f16': called(soft.f64FromF16, 1),
  'f64.exact_from_f32': called(soft.f64FromF32, 1),
  'bf16.exact_from_f32': called(soft.bf16FromF32, 1),
  'i32.exact_from_f16': unary(f16.toInteger),
  'i32.exact_from_f32': unary(f32.toInteger),
  'i32.exact_from_f64': unary(f64.toInteger),
  'f16.exact_from_i32': unary(f16.fromInteger),
  'f32.exact_from_i32': unary(f32.fromInteger),
  'f64.exact_from_i32': unary(f64.fromInteger),
  'v128.exact_unary': unary(laneUnary),
  'v128.exact_binary': binary(laneBinary),
  'f32x4.bfloat_mul': binary(() => bfloatMul),
  'f32x4.bfloat_add': binary(() => bfloatAdd),
  'f16x4.exact_fma': called(laneFma('16 doubleword'), 3),
  'f16x8.exact_fma': called(laneFma('16'), 3),
  'f32x2.exact_fma': called(laneFma('32 doubleword'), 3),
  'f32x4.exact_fma': called(laneFma('32'), 3),
};
