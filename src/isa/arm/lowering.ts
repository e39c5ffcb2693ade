/**
 * What the operations lower with: the guest instruction at hand, and the IR block being built.
 *
 * Within one IR block the values of the integer registers and flags are remembered, so that each is read at most
 * once; what was known before a conditional stretch and not changed in it is still known after it. Flags are
 * variables as layout/cpu.ts encodes them; the operands of the last comparison are remembered as well, and conditions
 * are made straight from them.
 */
import { assert } from '../../base/assert.ts';
import type { BlockId, Builder, Value } from '../../ir/function.ts';
import { type OpName, opCodes } from '../../ir/ops.table.ts';
import { Var } from '../../ir/variables.table.ts';
import { CodeVariant } from '../../layout/code-variant.ts';
import type { Feature } from '../../processor/features.table.ts';
import { type Operand, Shift } from './operand.ts';
import type { Row } from './row.ts';

export type I32 = Value<'i32'>;
export type I64 = Value<'i64'>;

/** Tells which guest blocks are part of the IR function that is being built. */
export interface FlowResolver {
  /** The IR block of the guest block at `pc` (bit 0 = Thumb), undefined when it is not part of this function. */
  blockAt(pc: number): BlockId | undefined;
  /** True when a call there is not expected to come back here: it has not been made yet. */
  isCold?(target: number): boolean;
}

/** An instruction as its neighbours see it. */
export interface DecodedInstruction {
  readonly row: Row | undefined;
  readonly operands: unknown;
}

/** Variables from r0 to the thread registers are integers and come first. */
const integerVariables = Var.s;
const none = -1;

type UnaryOp = 'i32.clz' | 'i32.eqz' | 'i32.extend8_s' | 'i32.extend16_s';
type BinaryOp = {
  [K in OpName]: K extends `i32.${'add' | 'sub' | 'mul' | 'and' | 'or' | 'xor' | 'shl' | 'shr_u' | 'shr_s' | 'rotr'}`
    ? K
    : K extends `i32.${'div' | 'lt' | 'le' | 'gt' | 'ge'}_${'s' | 'u'}` | 'i32.eq' | 'i32.ne'
      ? K
      : never;
}[OpName];
type LoadOp = 'load.8u' | 'load.8s' | 'load.16u' | 'load.16s' | 'load.32';
type StoreOp = 'store.8' | 'store.16' | 'store.32';

export class Lowering {
  readonly builder: Builder;
  resolver: FlowResolver;
  /** The instruction at hand: its address (bit 0 clear), length, encoding, ITSTATE and that of the next instruction. */
  address = 0;
  bytes = 4;
  bits = 0;
  thumb = false;
  itstate = 0;
  itstateNext = 0;
  /** The instructions of the block at hand, and the number of the one at hand. */
  instructions: readonly DecodedInstruction[] = [];
  index = 0;
  /** What the processor has. */
  features: ReadonlySet<Feature> = new Set();
  /** How floating point is lowered. */
  variant: CodeVariant = CodeVariant.plain;
  /** The carry out of the last shiftCarry, as a value; -1 when it is the old carry flag. */
  carryOut: number = none;
  /** Set when the instruction at hand has written a condition flag. */
  flagsWritten = false;
  /** The integer variables that the instruction at hand has read: bit n for variable n. */
  reads = 0;

  readonly #known = new Int32Array(integerVariables).fill(none);
  /** Operands of the comparison that the flags come from. */
  #compareA: number = none;
  #compareB: number = none;
  readonly #saved = new Int32Array(integerVariables);
  readonly #touched = new Uint8Array(integerVariables);
  /** The last floating-point comparison of this block. */
  #floatCompare: FloatCompare | undefined;
  #savedCompareA: number = none;
  #savedCompareB: number = none;

  constructor(builder: Builder, resolver: FlowResolver) {
    this.builder = builder;
    this.resolver = resolver;
  }

  // What is known about variables ------------------------------------------------------------------------------------

  /** Forgets everything: a block begins that may be reached from elsewhere. */
  forget(): void {
    this.#known.fill(none);
    this.#compareA = none;
    this.#compareB = none;
    this.#floatCompare = undefined;
  }

  /** A conditional stretch begins. */
  saveKnown(): void {
    this.#saved.set(this.#known);
    this.#touched.fill(0);
    this.#savedCompareA = this.#compareA;
    this.#savedCompareB = this.#compareB;
  }

  /** The other arm of a conditional stretch begins: what was known before it is known again. */
  restoreKnown(): void {
    this.#known.set(this.#saved);
    this.#compareA = this.#savedCompareA;
    this.#compareB = this.#savedCompareB;
  }

  /** The conditional stretch has ended: known is what was known before and changed in neither arm. */
  joinKnown(): void {
    this.restoreKnown();
    for (let v = 0; v < integerVariables; v++) if (this.#touched[v] !== 0) this.#known[v] = none;
    if ((this.#touched[Var.nf]! | this.#touched[Var.zf]! | this.#touched[Var.cf]! | this.#touched[Var.vf]!) !== 0)
      this.#compareA = none;
  }

  /** An integer variable's value. */
  get(variable: number): I32 {
    this.reads |= 1 << variable;
    const known = this.#known[variable]!;
    if (known !== none) return known as I32;
    const value = this.builder.append(opCodes['get.i32'], variable, 0, 0);
    this.#known[variable] = value;
    return value as I32;
  }

  set(variable: number, value: I32): void {
    this.builder.append(opCodes['set.i32'], variable, value, 0);
    this.#known[variable] = value;
    this.#touched[variable] = 1;
    if (variable >= Var.nf && variable <= Var.vf) {
      this.flagsWritten = true;
      this.#compareA = none;
    }
  }

  // Registers --------------------------------------------------------------------------------------------------------

  /** What the pc reads as: 8 bytes on in A32 state, 4 in Thumb state (A2.3). */
  get pc(): number {
    return (this.address + (this.thumb ? 4 : 8)) | 0;
  }

  /** The address of the next instruction, with bit 0 = Thumb. */
  get next(): number {
    return (this.address + this.bytes) | (this.thumb ? 1 : 0);
  }

  /** R[n] as read by an instruction; the pc is a constant. */
  read(n: number): I32 {
    return n === 15 ? this.constant(this.pc) : this.get(Var.r + n);
  }

  /** R[n] for a general register (not the pc). */
  write(n: number, value: I32): void {
    this.set(Var.r + n, value);
  }

  /** The result of a data-processing instruction: R[d], or ALUWritePC (A2.3.1). `isReturn`: MOV pc, lr. */
  writeResult(d: number, value: I32, isReturn = false): void {
    if (d !== 15) this.write(d, value);
    else if (this.thumb) this.leave(this.or(value, this.constant(1)), isReturn);
    else this.leave(value, isReturn);
  }

  // Small arithmetic -------------------------------------------------------------------------------------------------

  constant(value: number): I32 {
    return this.builder.append(opCodes['i32.const'], value | 0, 0, 0) as I32;
  }
  unary(op: UnaryOp, a: I32): I32 {
    return this.builder.append(opCodes[op], a, 0, 0) as I32;
  }
  binary(op: BinaryOp, a: I32, b: I32): I32 {
    return this.builder.append(opCodes[op], a, b, 0) as I32;
  }
  add(a: I32, b: I32): I32 {
    return this.builder.append(opCodes['i32.add'], a, b, 0) as I32;
  }
  sub(a: I32, b: I32): I32 {
    return this.builder.append(opCodes['i32.sub'], a, b, 0) as I32;
  }
  and(a: I32, b: I32): I32 {
    return this.builder.append(opCodes['i32.and'], a, b, 0) as I32;
  }
  or(a: I32, b: I32): I32 {
    return this.builder.append(opCodes['i32.or'], a, b, 0) as I32;
  }
  xor(a: I32, b: I32): I32 {
    return this.builder.append(opCodes['i32.xor'], a, b, 0) as I32;
  }
  addImmediate(a: I32, value: number): I32 {
    return value === 0 ? a : this.add(a, this.constant(value));
  }
  andImmediate(a: I32, mask: number): I32 {
    return this.and(a, this.constant(mask));
  }
  not(a: I32): I32 {
    return this.xor(a, this.constant(-1));
  }
  /** Shifts by constants of 0 to 31. */
  shl(a: I32, count: number): I32 {
    return count === 0 ? a : (this.builder.append(opCodes['i32.shl'], a, this.constant(count), 0) as I32);
  }
  shrU(a: I32, count: number): I32 {
    return count === 0 ? a : (this.builder.append(opCodes['i32.shr_u'], a, this.constant(count), 0) as I32);
  }
  shrS(a: I32, count: number): I32 {
    return count === 0 ? a : (this.builder.append(opCodes['i32.shr_s'], a, this.constant(count), 0) as I32);
  }
  rotr(a: I32, count: number): I32 {
    return (count & 31) === 0 ? a : (this.builder.append(opCodes['i32.rotr'], a, this.constant(count & 31), 0) as I32);
  }
  eqz(a: I32): I32 {
    return this.builder.append(opCodes['i32.eqz'], a, 0, 0) as I32;
  }
  /** `condition` ? a : b */
  select(condition: I32, a: I32, b: I32): I32 {
    return this.builder.append(opCodes['i32.select'], condition, a, b) as I32;
  }
  /** Bits high..low (inclusive), zero-extended. */
  field(a: I32, high: number, low: number): I32 {
    const width = high - low + 1;
    const down = this.shrU(a, low);
    return high === 31 ? down : this.andImmediate(down, 2 ** width - 1);
  }
  /** Bits high..low (inclusive), sign-extended. */
  signedField(a: I32, high: number, low: number): I32 {
    if (low === 0 && high === 7) return this.unary('i32.extend8_s', a);
    if (low === 0 && high === 15) return this.unary('i32.extend16_s', a);
    return this.shrS(this.shl(a, 31 - high), 31 - high + low);
  }

  // Shifted operands -------------------------------------------------------------------------------------------------

  /** The value of a second operand (Shift(), A8.4.3). */
  operand(o: Operand): I32 {
    if (o.kind === 'immediate') return this.constant(o.value);
    const value = this.read(o.m);
    if (o.kind === 'registerShift') return this.shiftByRegister(value, o.shift, this.shiftAmount(o));
    return this.shiftBy(value, o.shift, o.amount);
  }

  /** The same, leaving the carry out in `carryOut` (Shift_C(), A8.4.3; for immediates the expansion's). */
  operandCarry(o: Operand): I32 {
    this.carryOut = none;
    if (o.kind === 'immediate') {
      if (o.carry !== -1) this.carryOut = this.constant(o.carry);
      return this.constant(o.value);
    }
    const value = this.read(o.m);
    if (o.kind === 'registerShift') {
      const amount = this.shiftAmount(o);
      const shifted = this.shiftByRegister(value, o.shift, amount);
      this.carryOut = this.#carryOfRegisterShift(value, o.shift, amount, shifted);
      return shifted;
    }
    const { shift, amount } = o;
    if (shift === Shift.rrx) this.carryOut = this.andImmediate(value, 1);
    else if (amount !== 0) {
      const bit = shift === Shift.lsl ? 32 - amount : amount - 1;
      this.carryOut = bit === 31 ? this.shrU(value, 31) : this.andImmediate(this.shrU(value, bit), 1);
    }
    return this.shiftBy(value, shift, amount);
  }

  /** A shift by a constant of 0 to 32. */
  shiftBy(value: I32, shift: Shift, amount: number): I32 {
    if (amount === 0) return value;
    switch (shift) {
      case Shift.lsl:
        return amount === 32 ? this.constant(0) : this.shl(value, amount);
      case Shift.lsr:
        return amount === 32 ? this.constant(0) : this.shrU(value, amount);
      case Shift.asr:
        return this.shrS(value, Math.min(amount, 31));
      case Shift.ror:
        return this.rotr(value, amount);
      case Shift.rrx:
        return this.or(this.shl(this.get(Var.cf), 31), this.shrU(value, 1));
    }
  }

  shiftAmount(o: Operand): I32 {
    return this.andImmediate(this.read(o.s), 0xff);
  }

  /** A shift by a value of 0 to 255. */
  shiftByRegister(value: I32, shift: Shift, amount: I32): I32 {
    if (shift === Shift.ror) return this.binary('i32.rotr', value, amount);
    const small = this.binary('i32.lt_u', amount, this.constant(32));
    if (shift === Shift.asr) return this.binary('i32.shr_s', value, this.select(small, amount, this.constant(31)));
    const op = shift === Shift.lsl ? 'i32.shl' : 'i32.shr_u';
    return this.select(small, this.binary(op, value, amount), this.constant(0));
  }

  #carryOfRegisterShift(value: I32, shift: Shift, amount: I32, shifted: I32): I32 {
    const old = this.get(Var.cf);
    const count = this.constant(32);
    let carry: I32;
    if (shift === Shift.ror) carry = this.shrU(shifted, 31);
    else if (shift === Shift.asr) {
      const bounded = this.select(this.binary('i32.lt_u', amount, count), amount, count);
      carry = this.andImmediate(this.binary('i32.shr_u', value, this.addImmediate(bounded, -1)), 1);
    } else {
      const by = shift === Shift.lsl ? this.sub(count, amount) : this.addImmediate(amount, -1);
      const bit = this.andImmediate(this.binary('i32.shr_u', value, by), 1);
      carry = this.and(bit, this.binary('i32.le_u', amount, count));
    }
    return this.select(amount, carry, old);
  }

  // Flags and conditions ---------------------------------------------------------------------------------------------

  /** N and Z from a result. */
  setNz(result: I32): void {
    this.set(Var.nf, result);
    this.set(Var.zf, result);
  }

  /** N and Z from a result, C from the shifter (`carryOut`); V stays. */
  setNzShifterCarry(result: I32): void {
    const carry = this.carryOut;
    this.setNz(result);
    if (carry !== none) this.set(Var.cf, carry as I32);
  }

  /** All flags of `a - b`, whose difference is `result`. */
  setFlagsOfSub(a: I32, b: I32, result: I32): void {
    this.setNz(result);
    this.set(Var.cf, this.binary('i32.ge_u', a, b));
    this.set(Var.vf, this.and(this.xor(a, b), this.xor(a, result)));
    this.#compareA = a;
    this.#compareB = b;
  }

  /** All flags of `a + b`, whose sum is `result`. */
  setFlagsOfAdd(a: I32, b: I32, result: I32): void {
    this.setNz(result);
    this.set(Var.cf, this.binary('i32.lt_u', result, a));
    this.set(Var.vf, this.and(this.xor(a, result), this.xor(b, result)));
  }

  /** All flags from four values in the encodings of layout/cpu.ts. */
  setFlags(nf: I32, zf: I32, cf: I32, vf: I32): void {
    this.set(Var.nf, nf);
    this.set(Var.zf, zf);
    this.set(Var.cf, cf);
    this.set(Var.vf, vf);
  }

  /**
   * The floating-point flags of a comparison (FPCompare, A2.7.8): 1000 less, 0110 equal, 0010 greater, 0011 unordered.
   * Arguments are 0 or 1.
   */
  setFlagsOfFloatCompare(less: I32, equal: I32, greater: I32): void {
    const n = this.shl(less, 31);
    const z = this.eqz(equal);
    const c = this.eqz(less);
    const v = this.shl(this.eqz(this.or(this.or(less, equal), greater)), 31);
    this.set(Var.fpn, n);
    this.set(Var.fpz, z);
    this.set(Var.fpc, c);
    this.set(Var.fpv, v);
    this.#floatCompare = { n, z, c, v, less, equal, greater };
  }

  /** The floating-point flags from bits 31:28 of a value. */
  setFloatFlags(nzcv: I32): void {
    this.set(Var.fpn, nzcv);
    this.set(Var.fpz, this.eqz(this.field(nzcv, 30, 30)));
    this.set(Var.fpc, this.field(nzcv, 29, 29));
    this.set(Var.fpv, this.shl(nzcv, 3));
  }

  /** True when S is 1, or S is `outsideIt` (2: 16-bit Thumb encodings) and the instruction is in no IT block. */
  setsFlags(s: number): boolean {
    return s === 1 || (s === 2 && this.itstate === 0);
  }

  /** Whether condition `cc` (0 to 13) holds (A8.3): a value that is not 0 if it does. */
  condition(cc: number): I32 {
    // Also where it is made from what the flags were made from: an exit in between leaves with the flags alone.
    this.reads |= conditionReads[cc]!;
    if (this.#compareA !== none && cc !== 6 && cc !== 7) {
      const op = compareConditions[cc];
      if (op !== undefined) return this.binary(op, this.#compareA as I32, this.#compareB as I32);
    }
    const compare = this.#floatCompare;
    if (compare !== undefined && this.#flagsAreOf(compare)) return this.#floatCondition(cc, compare);
    switch (cc) {
      case 0:
        return this.eqz(this.get(Var.zf));
      case 1:
        return this.get(Var.zf);
      case 2:
        return this.get(Var.cf);
      case 3:
        return this.eqz(this.get(Var.cf));
      case 4:
        return this.binary('i32.lt_s', this.get(Var.nf), this.constant(0));
      case 5:
        return this.binary('i32.ge_s', this.get(Var.nf), this.constant(0));
      case 6:
        return this.binary('i32.lt_s', this.get(Var.vf), this.constant(0));
      case 7:
        return this.binary('i32.ge_s', this.get(Var.vf), this.constant(0));
      case 8:
        return this.select(this.get(Var.zf), this.get(Var.cf), this.constant(0));
      case 9:
        return this.select(this.get(Var.zf), this.eqz(this.get(Var.cf)), this.constant(1));
      case 10:
        return this.#signedGreaterOrEqual();
      case 11:
        return this.binary('i32.lt_s', this.xor(this.get(Var.nf), this.get(Var.vf)), this.constant(0));
      case 12:
        return this.select(this.get(Var.zf), this.#signedGreaterOrEqual(), this.constant(0));
      default: {
        assert(cc === 13, 'a condition that is always true is not tested');
        const less = this.binary('i32.lt_s', this.xor(this.get(Var.nf), this.get(Var.vf)), this.constant(0));
        return this.select(this.get(Var.zf), less, this.constant(1));
      }
    }
  }

  /** Whether the flags hold what VMRS copied from this comparison. */
  #flagsAreOf({ n, z, c, v }: FloatCompare): boolean {
    const known = this.#known;
    return known[Var.nf] === n && known[Var.zf] === z && known[Var.cf] === c && known[Var.vf] === v;
  }

  /** A condition straight from the comparison, unordered operands included (A8.3, table A8-1). */
  #floatCondition(cc: number, { less, equal, greater }: FloatCompare): I32 {
    switch (cc >>> 1) {
      case 0:
        return this.#unless(cc, equal);
      case 1:
        return this.#unless(cc ^ 1, less);
      case 2:
        return this.#unless(cc, less);
      case 3:
        return this.#unless(cc ^ 1, this.or(this.or(less, equal), greater));
      case 4:
        return this.#unless(cc ^ 1, this.or(less, equal));
      case 5:
        return this.#unless(cc, this.or(equal, greater));
      default:
        return this.#unless(cc, greater);
    }
  }

  /** `value`, or its opposite when the number is odd. */
  #unless(number: number, value: I32): I32 {
    return (number & 1) === 0 ? value : this.eqz(value);
  }

  #signedGreaterOrEqual(): I32 {
    return this.binary('i32.ge_s', this.xor(this.get(Var.nf), this.get(Var.vf)), this.constant(0));
  }

  /** The next instructions of the same block, `count` at the most. */
  following(count: number): readonly DecodedInstruction[] {
    return this.instructions.slice(this.index + 1, this.index + 1 + count);
  }

  /**
   * FPSCR was changed: leaves for the dispatcher, which goes on behind the instruction at hand in the variant that is now
   * asked for. Nothing comes to what is lowered after this.
   */
  leaveVariant(): void {
    const { builder } = this;
    const leave = builder.newBlock();
    const never = builder.newBlock();
    builder.emit('branch', this.constant(1), leave, never);
    builder.startBlock(leave);
    builder.emit('exit.continue', this.next, this.itstateNext);
    builder.startBlock(never);
  }

  // Memory -----------------------------------------------------------------------------------------------------------

  /** `base + offset` as an address value and an offset that is not negative, the form that loads and stores take. */
  span(base: I32, offset: number): { base: I32; offset: number } {
    return offset >= 0 ? { base, offset } : { base: this.addImmediate(base, offset), offset: 0 };
  }
  checkRead(base: I32, offset: number, bytes: number): void {
    this.builder.append(opCodes['check.read'], base, offset, bytes);
  }
  checkWrite(base: I32, offset: number, bytes: number): void {
    this.builder.append(opCodes['check.write'], base, offset, bytes);
  }
  /** Leaves with an alignment fault unless the address is a multiple of `bytes`. */
  checkAligned(address: I32, bytes: number): void {
    if (bytes > 1) this.builder.append(opCodes['check.aligned'], address, bytes, 0);
  }
  load(op: LoadOp, base: I32, offset: number): I32 {
    return this.builder.append(opCodes[op], base, offset, 0) as I32;
  }
  store(op: StoreOp, base: I32, offset: number, value: I32): void {
    this.builder.append(opCodes[op], base, offset, value);
  }

  // Control flow -----------------------------------------------------------------------------------------------------

  /** Direct transfer to `target` (bit 0 = Thumb). */
  jump(target: number): void {
    const block = this.resolver.blockAt(target >>> 0);
    if (block === undefined) this.builder.emit('exit.jump', target | 0);
    else this.builder.emit('jump', block);
  }

  /** Direct transfer to `target` when `condition` is not 0; what follows is the other case. */
  branch(condition: I32, target: number): void {
    const { builder } = this;
    const known = this.resolver.blockAt(target >>> 0);
    const taken = known ?? builder.newBlock();
    const fall = builder.newBlock();
    builder.emit('branch', condition, taken, fall);
    if (known === undefined) {
      builder.startBlock(taken);
      builder.emit('exit.jump', target | 0);
    }
    builder.startBlock(fall);
  }

  /** BXWritePC and LoadWritePC (A2.3.2): transfer to a computed address whose bit 0 selects the instruction set. */
  leave(target: I32, isReturn: boolean): void {
    if (isReturn) this.builder.emit('exit.return', target);
    else this.builder.emit('exit.indirect', target);
  }

  /** A direct call; LR has been set to `next`. */
  call(target: number): void {
    const block = this.resolver.blockAt(this.next >>> 0);
    if (block === undefined || this.resolver.isCold?.(target >>> 0)) this.builder.emit('exit.jump', target | 0);
    else this.builder.emit('call', target | 0, this.next, block);
  }

  /** A call to a computed address; LR has been set to `next`. */
  callIndirect(target: I32): void {
    const block = this.resolver.blockAt(this.next >>> 0);
    if (block === undefined) this.builder.emit('exit.indirect', target);
    else this.builder.emit('call.indirect', target, this.next, block);
  }

  /** The instruction at hand is undefined. */
  undefinedInstruction(): void {
    this.builder.emit('exit.undefined', this.bits | 0);
  }
}

const n = 1 << Var.nf;
const z = 1 << Var.zf;
const c = 1 << Var.cf;
const v = 1 << Var.vf;
/** A floating-point comparison: its flags as values, and what they were made from (0 or 1). */
interface FloatCompare {
  readonly n: I32;
  readonly z: I32;
  readonly c: I32;
  readonly v: I32;
  readonly less: I32;
  readonly equal: I32;
  readonly greater: I32;
}

/** The flags that each condition depends on, as bits of `reads`; none for AL. */
export const conditionReads: readonly number[] = [
  ...[z, z, c, c, n, n, v, v],
  ...[c | z, c | z, n | v, n | v, n | z | v, n | z | v, 0],
];

/** Conditions straight from the operands of the comparison that set the flags; MI and PL need the difference. */
const compareConditions: readonly (BinaryOp | undefined)[] = [
  'i32.eq',
  'i32.ne',
  'i32.ge_u',
  'i32.lt_u',
  undefined,
  undefined,
  undefined,
  undefined,
  'i32.gt_u',
  'i32.le_u',
  'i32.ge_s',
  'i32.lt_s',
  'i32.gt_s',
  'i32.le_s',
];
