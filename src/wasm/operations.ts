/** What each operation of the IR becomes. An operation of the table that is missing here does not compile. */
import { type OpName, opNames } from '../ir/ops.table.ts';
import { Cpu, ExitReason, exitSentinel } from '../layout/cpu.ts';
import type { Assembly } from './assembler.ts';
import { emitCall, emitCallIndirect } from './calls.ts';
import { emitAccessCheck, emitAlignmentCheck } from './checks.ts';
import { controlMemory, guestMemory } from './code.ts';
import { cryptoOperations } from './crypto-helpers.ts';
import { binary, called, type Emit, unary } from './emit.ts';
import { exactOperations } from './exact-operations.ts';
import * as exclusive from './exclusive-helpers.ts';
import { demoteNaN, fmaF32, fmaF64, nanF32, nanF64, promoteNaN } from './float-helpers.ts';
import type { FunctionEmitter } from './function-emitter.ts';
import { jumpIndirect, leave, packExit } from './leave-helpers.ts';
import { type MemoryOpcode, type Opcode, wasmTypes } from './opcodes.table.ts';
import { cpuLocal } from './record-access.ts';
import { vectorOperations } from './vector-operations.ts';

const select: Emit = (e, condition, a, b) => {
  e.value(a);
  e.value(b);
  e.value(condition);
  e.code.op('select');
};

const get: Emit = (e, variable) => e.getVariable(variable);
const set: Emit = (e, variable, value) => e.setVariable(variable, value);

/** Offsets below this go into the access itself: there the sum may not wrap, so larger ones are added before. */
const foldedOffsetEnd = 0x1_0000;

function address(e: FunctionEmitter, base: number, offset: number): number {
  e.value(base);
  if (offset < foldedOffsetEnd) return offset;
  e.code.i32(offset);
  e.code.op('i32.add');
  return 0;
}

const load =
  (name: MemoryOpcode): Emit =>
  (e, base, offset) =>
    e.code.memory(name, guestMemory, address(e, base, offset));

const store =
  (name: MemoryOpcode): Emit =>
  (e, base, offset, value) => {
    const folded = address(e, base, offset);
    e.value(value);
    e.code.memory(name, guestMemory, folded);
  };

/** Calls a helper with the values and the executor record. */
const withRecord =
  (helper: Assembly, count: 1 | 2): Emit =>
  (e, a, b) => {
    e.value(a);
    if (count === 2) e.value(b);
    e.code.get(cpuLocal);
    e.code.call('call', e.module.helper(helper));
  };

const swap =
  (name: MemoryOpcode): Emit =>
  (e, base, value) => {
    e.value(base);
    e.value(value);
    e.code.memory(name, guestMemory, 0);
  };

type Float = 'f32' | 'f64';

/**
 * Behind an operation whose result is on the stack: when the result is a NaN, it is made anew by a helper from the
 * operands, with Arm's rules.
 */
function withArmNaN(e: FunctionEmitter, type: Float, operands: readonly number[], helper: Assembly): void {
  const { code } = e;
  const result = e.scratch(type);
  code.tee(result);
  code.get(result);
  code.op(`${type}.ne`);
  code.openUnlikely();
  for (const local of operands) code.get(local);
  code.call('call', e.module.helper(helper));
  code.set(result);
  code.end();
  code.get(result);
}

const nanOf = { f32: nanF32, f64: nanF64 } as const;

const floatBinary =
  (type: Float, name: Opcode): Emit =>
  (e, x, y) => {
    const a = e.operand(x, type);
    const b = e.operand(y, type);
    e.code.get(a);
    e.code.get(b);
    e.code.op(name);
    withArmNaN(e, type, [a, b], nanOf[type]);
  };

const floatUnary =
  (type: Float, name: Opcode): Emit =>
  (e, x) => {
    const a = e.operand(x, type);
    e.code.get(a);
    e.code.op(name);
    withArmNaN(e, type, [a, a], nanOf[type]);
  };

const floatConvert =
  (from: Float, to: Float, name: Opcode, helper: Assembly): Emit =>
  (e, x) => {
    const a = e.operand(x, from);
    e.code.get(a);
    e.code.op(name);
    withArmNaN(e, to, [a], helper);
  };

/** SDIV: the divisors 0 and -1 aside, 0 gives 0 and -1 the negated dividend, which is INT_MIN for INT_MIN. */
const divideSigned: Emit = (e, x, y) => {
  const { code } = e;
  const a = e.operand(x, 'i32');
  const b = e.operand(y, 'i32');
  code.get(b);
  code.i32(1);
  code.op('i32.add');
  code.i32(1);
  code.op('i32.le_u');
  code.open('if', wasmTypes.i32);
  code.i32(0);
  code.get(a);
  code.op('i32.sub');
  code.get(b);
  code.op('i32.and');
  code.else();
  code.get(a);
  code.get(b);
  code.op('i32.div_s');
  code.end();
};

/** UDIV: by zero gives 0. */
const divideUnsigned: Emit = (e, x, y) => {
  const { code } = e;
  const a = e.operand(x, 'i32');
  const b = e.operand(y, 'i32');
  code.get(b);
  code.open('if', wasmTypes.i32);
  code.get(a);
  code.get(b);
  code.op('i32.div_u');
  code.else();
  code.i32(0);
  code.end();
};

/** A locked operation on a word of the executor's own is a full barrier on x86, and cheaper than its fence. */
const fence: Emit = (e) => {
  const { code } = e;
  if (!e.module.hostIsTso) {
    code.op('atomic.fence');
    code.byte(0);
    return;
  }
  code.get(cpuLocal);
  code.i32(0);
  code.memory('i32.atomic.rmw.or', controlMemory, Cpu.exitInfo2.offset);
  code.op('drop');
};

/** Gives the address to the caller. An address that reads as the sentinel leaves by exit instead. */
const returnTo: Emit = (e, target) => {
  const { code } = e;
  e.writeBack();
  const local = e.operand(target, 'i32');
  code.get(local);
  code.i32(exitSentinel);
  code.op('i32.eq');
  code.openUnlikely();
  code.i32(0);
  code.get(local);
  code.i32(packExit(ExitReason.jump, 0));
  code.get(cpuLocal);
  code.call('return_call', e.module.helper(leave));
  code.end();
  code.get(local);
  code.op('return');
};

const nothing: Emit = () => {};

const byName: { readonly [Name in OpName]: Emit } = {
  'i32.const': (e, value) => e.code.i32(value),
  'i64.const': (e, low, high) => e.code.i64(low, high),

  'get.i32': get,
  'get.f32': get,
  'get.f64': get,
  'get.v128': get,
  'set.i32': set,
  'set.f32': set,
  'set.f64': set,
  'set.v128': set,

  'i32.add': binary('i32.add'),
  'i32.sub': binary('i32.sub'),
  'i32.mul': binary('i32.mul'),
  'i32.and': binary('i32.and'),
  'i32.or': binary('i32.or'),
  'i32.xor': binary('i32.xor'),
  'i32.shl': binary('i32.shl'),
  'i32.shr_u': binary('i32.shr_u'),
  'i32.shr_s': binary('i32.shr_s'),
  'i32.rotr': binary('i32.rotr'),
  'i32.div_s': divideSigned,
  'i32.div_u': divideUnsigned,
  'i32.clz': unary('i32.clz'),
  'i32.ctz': unary('i32.ctz'),
  'i32.popcnt': unary('i32.popcnt'),
  'i32.eqz': unary('i32.eqz'),
  'i32.eq': binary('i32.eq'),
  'i32.ne': binary('i32.ne'),
  'i32.lt_s': binary('i32.lt_s'),
  'i32.lt_u': binary('i32.lt_u'),
  'i32.le_s': binary('i32.le_s'),
  'i32.le_u': binary('i32.le_u'),
  'i32.gt_s': binary('i32.gt_s'),
  'i32.gt_u': binary('i32.gt_u'),
  'i32.ge_s': binary('i32.ge_s'),
  'i32.ge_u': binary('i32.ge_u'),
  'i32.extend8_s': unary('i32.extend8_s'),
  'i32.extend16_s': unary('i32.extend16_s'),
  'i32.select': select,
  'f32.select': select,
  'f64.select': select,

  'i64.extend_s': unary('i64.extend_i32_s'),
  'i64.extend_u': unary('i64.extend_i32_u'),
  'i64.pair': (e, low, high) => {
    e.value(low);
    e.code.op('i64.extend_i32_u');
    e.value(high);
    e.code.op('i64.extend_i32_u');
    e.code.i64(32, 0);
    e.code.op('i64.shl');
    e.code.op('i64.or');
  },
  'i64.low': unary('i32.wrap_i64'),
  'i64.high': (e, a) => {
    e.value(a);
    e.code.i64(32, 0);
    e.code.op('i64.shr_u');
    e.code.op('i32.wrap_i64');
  },
  'i64.add': binary('i64.add'),
  'i64.sub': binary('i64.sub'),
  'i64.mul': binary('i64.mul'),
  'i64.and': binary('i64.and'),
  'i64.or': binary('i64.or'),
  'i64.xor': binary('i64.xor'),
  'i64.shl': binary('i64.shl'),
  'i64.shr_u': binary('i64.shr_u'),
  'i64.shr_s': binary('i64.shr_s'),
  'i64.eq': binary('i64.eq'),
  'i64.lt_s': binary('i64.lt_s'),
  'i64.lt_u': binary('i64.lt_u'),
  'i64.gt_s': binary('i64.gt_s'),

  'i32.reinterpret': unary('i32.reinterpret_f32'),
  'f32.reinterpret': unary('f32.reinterpret_i32'),
  'i64.reinterpret': unary('i64.reinterpret_f64'),
  'f64.reinterpret': unary('f64.reinterpret_i64'),

  'f32.add': floatBinary('f32', 'f32.add'),
  'f32.sub': floatBinary('f32', 'f32.sub'),
  'f32.mul': floatBinary('f32', 'f32.mul'),
  'f32.div': floatBinary('f32', 'f32.div'),
  'f32.sqrt': floatUnary('f32', 'f32.sqrt'),
  'f32.neg': unary('f32.neg'),
  'f32.abs': unary('f32.abs'),
  'f32.fma': called(fmaF32, 3),
  'f64.add': floatBinary('f64', 'f64.add'),
  'f64.sub': floatBinary('f64', 'f64.sub'),
  'f64.mul': floatBinary('f64', 'f64.mul'),
  'f64.div': floatBinary('f64', 'f64.div'),
  'f64.sqrt': floatUnary('f64', 'f64.sqrt'),
  'f64.neg': unary('f64.neg'),
  'f64.abs': unary('f64.abs'),
  'f64.fma': called(fmaF64, 3),
  'f32.eq': binary('f32.eq'),
  'f32.lt': binary('f32.lt'),
  'f32.gt': binary('f32.gt'),
  'f64.eq': binary('f64.eq'),
  'f64.lt': binary('f64.lt'),
  'f64.gt': binary('f64.gt'),
  'f32.nearest': floatUnary('f32', 'f32.nearest'),
  'f64.nearest': floatUnary('f64', 'f64.nearest'),
  'f32.floor': floatUnary('f32', 'f32.floor'),
  'f64.floor': floatUnary('f64', 'f64.floor'),
  'f32.ceil': floatUnary('f32', 'f32.ceil'),
  'f64.ceil': floatUnary('f64', 'f64.ceil'),
  'i32.trunc_f32_s': unary('i32.trunc_sat_f32_s'),
  'i32.trunc_f32_u': unary('i32.trunc_sat_f32_u'),
  'i32.trunc_f64_s': unary('i32.trunc_sat_f64_s'),
  'i32.trunc_f64_u': unary('i32.trunc_sat_f64_u'),
  'f32.convert_s': unary('f32.convert_i32_s'),
  'f32.convert_u': unary('f32.convert_i32_u'),
  'f64.convert_s': unary('f64.convert_i32_s'),
  'f64.convert_u': unary('f64.convert_i32_u'),
  'f32.demote': floatConvert('f64', 'f32', 'f32.demote_f64', demoteNaN),
  'f64.promote': floatConvert('f32', 'f64', 'f64.promote_f32', promoteNaN),

  ...cryptoOperations,
  ...vectorOperations,
  ...exactOperations,

  'check.read': (e, base, offset, bytes) => emitAccessCheck(e, base, offset, bytes, false),
  'check.write': (e, base, offset, bytes) => emitAccessCheck(e, base, offset, bytes, true),
  'check.aligned': emitAlignmentCheck,
  'load.8u': load('i32.load8_u'),
  'load.8s': load('i32.load8_s'),
  'load.16u': load('i32.load16_u'),
  'load.16s': load('i32.load16_s'),
  'load.32': load('i32.load'),
  'load.64': load('i64.load'),
  'load.f32': load('f32.load'),
  'load.f64': load('f64.load'),
  'load.v128': load('v128.load'),
  'store.8': store('i32.store8'),
  'store.16': store('i32.store16'),
  'store.32': store('i32.store'),
  'store.64': store('i64.store'),
  'store.f32': store('f32.store'),
  'store.f64': store('f64.store'),
  'store.v128': store('v128.store'),

  'ldrex.8': withRecord(exclusive.ldrex8, 1),
  'ldrex.16': withRecord(exclusive.ldrex16, 1),
  'ldrex.32': withRecord(exclusive.ldrex32, 1),
  'ldrex.64': withRecord(exclusive.ldrex64, 1),
  'strex.8': withRecord(exclusive.strex8, 2),
  'strex.16': withRecord(exclusive.strex16, 2),
  'strex.32': withRecord(exclusive.strex32, 2),
  'strex.64': withRecord(exclusive.strex64, 2),
  clrex: (e) => e.storeField(Cpu.exclusiveAddress.offset, -1),
  'swap.8': swap('i32.atomic.rmw8.xchg_u'),
  'swap.32': swap('i32.atomic.rmw.xchg'),
  fence,

  insn: (e, pc, itstate) => e.instruction(pc, itstate),
  poll: (e, pc) => e.pollAt(pc),

  // Structure writes the transfer itself.
  jump: nothing,
  branch: nothing,
  'exit.jump': (e, pc) => {
    e.writeBack();
    e.transfer(pc, false);
  },
  'exit.indirect': (e, target) => {
    e.writeBack();
    e.value(target);
    e.code.get(cpuLocal);
    e.code.call('return_call', e.module.helper(jumpIndirect));
  },
  'exit.return': returnTo,
  call: emitCall,
  'call.indirect': emitCallIndirect,
  'exit.syscall': (e, number, pc, itstate) => e.leave(ExitReason.syscall, pc, itstate, number),
  'exit.undefined': (e, bits) => e.leave(ExitReason.undefined, e.pc, e.itstate, bits),
  'exit.breakpoint': (e, number) => e.leave(ExitReason.breakpoint, e.pc, e.itstate, number),
  'exit.continue': (e, pc, itstate) => e.leave(ExitReason.jump, pc, itstate, 0),
};

/** By operation number. */
export const emitters: readonly Emit[] = opNames.map((name) => byName[name]);
