/** Data processing: arithmetic, logic, moves and comparisons (A8.8, ADC to TST). */
import { Var } from '../../ir/variables.table.ts';
import { type Flow, flowIndirect, flowNext, flowReturn } from './flow.ts';
import type { I32, Lowering } from './lowering.ts';
import type { Operand } from './operand.ts';
import { type Operation, operation } from './row.ts';

export interface DataProcessing {
  /** Destination; 0 in comparisons, which have none. */
  readonly d: number;
  /** First operand; 0 in moves, which have none. */
  readonly n: number;
  readonly operand: Operand;
  /** 0 no, 1 yes, 2 outside an IT block (16-bit Thumb encodings). */
  readonly setFlags: number;
}

const flow = (o: DataProcessing): Flow => (o.d === 15 ? flowIndirect : flowNext);

type Arithmetic = (l: Lowering, a: I32, b: I32, setFlags: boolean) => I32;

function arithmetic(compute: Arithmetic): Operation<DataProcessing> {
  return operation((l, o) => {
    const a = l.read(o.n);
    const b = l.operand(o.operand);
    l.writeResult(o.d, compute(l, a, b, l.setsFlags(o.setFlags)));
  }, flow);
}

const addition: Arithmetic = (l, a, b, setFlags) => {
  const result = l.add(a, b);
  if (setFlags) l.setFlagsOfAdd(a, b, result);
  return result;
};

const subtraction: Arithmetic = (l, a, b, setFlags) => {
  const result = l.sub(a, b);
  if (setFlags) l.setFlagsOfSub(a, b, result);
  return result;
};

/** AddWithCarry (A2.2.1) with the carry flag: a + b + C. */
const additionWithCarry: Arithmetic = (l, a, b, setFlags) => {
  const carry = l.get(Var.cf);
  const result = l.add(l.add(a, b), carry);
  if (setFlags) {
    // With a carry in, the sum has wrapped when it is not above a; without one, when it is below.
    const wrapped = l.or(l.binary('i32.lt_u', result, a), l.and(l.binary('i32.eq', result, a), carry));
    l.setFlags(result, result, wrapped, l.and(l.xor(a, result), l.xor(b, result)));
  }
  return result;
};

const subtractionWithCarry: Arithmetic = (l, a, b, setFlags) => {
  if (setFlags) return additionWithCarry(l, a, l.not(b), true);
  return l.add(l.sub(a, b), l.addImmediate(l.get(Var.cf), -1));
};

export const ADD = arithmetic(addition);
export const SUB = arithmetic(subtraction);
export const RSB = arithmetic((l, a, b, setFlags) => subtraction(l, b, a, setFlags));
export const ADC = arithmetic(additionWithCarry);
export const SBC = arithmetic(subtractionWithCarry);
export const RSC = arithmetic((l, a, b, setFlags) => subtractionWithCarry(l, b, a, setFlags));

type Logic = (l: Lowering, a: I32, b: I32) => I32;

function logical(compute: Logic): Operation<DataProcessing> {
  return operation((l, o) => {
    const a = l.read(o.n);
    if (!l.setsFlags(o.setFlags)) return l.writeResult(o.d, compute(l, a, l.operand(o.operand)));
    const result = compute(l, a, l.operandCarry(o.operand));
    l.setNzShifterCarry(result);
    l.writeResult(o.d, result);
  }, flow);
}

export const AND = logical((l, a, b) => l.and(a, b));
export const ORR = logical((l, a, b) => l.or(a, b));
export const EOR = logical((l, a, b) => l.xor(a, b));
export const BIC = logical((l, a, b) => l.and(a, l.not(b)));
export const ORN = logical((l, a, b) => l.or(a, l.not(b)));

const isReturn = (o: DataProcessing): boolean =>
  o.d === 15 && o.operand.kind === 'register' && o.operand.m === 14 && o.operand.amount === 0;

function move(compute: (l: Lowering, b: I32) => I32): Operation<DataProcessing> {
  return operation(
    (l, o) => {
      if (!l.setsFlags(o.setFlags)) return l.writeResult(o.d, compute(l, l.operand(o.operand)), isReturn(o));
      const result = compute(l, l.operandCarry(o.operand));
      l.setNzShifterCarry(result);
      l.write(o.d, result);
    },
    (o) => (isReturn(o) ? flowReturn : flow(o)),
  );
}

/** MOV, and the shifts LSL, LSR, ASR, ROR, RRX, which are moves of a shifted register. */
export const MOV = move((_, b) => b);
export const MVN = move((l, b) => l.not(b));

export const CMP: Operation<DataProcessing> = operation((l, o) => {
  const a = l.read(o.n);
  const b = l.operand(o.operand);
  l.setFlagsOfSub(a, b, l.sub(a, b));
});

export const CMN: Operation<DataProcessing> = operation((l, o) => {
  const a = l.read(o.n);
  const b = l.operand(o.operand);
  l.setFlagsOfAdd(a, b, l.add(a, b));
});

export const TST: Operation<DataProcessing> = operation((l, o) => {
  const a = l.read(o.n);
  l.setNzShifterCarry(l.and(a, l.operandCarry(o.operand)));
});

export const TEQ: Operation<DataProcessing> = operation((l, o) => {
  const a = l.read(o.n);
  l.setNzShifterCarry(l.xor(a, l.operandCarry(o.operand)));
});

export interface MoveHalf {
  readonly d: number;
  readonly immediate: number;
}

export const MOVW: Operation<MoveHalf> = operation((l, o) => l.write(o.d, l.constant(o.immediate)));

export const MOVT: Operation<MoveHalf> = operation((l, o) =>
  l.write(o.d, l.or(l.andImmediate(l.read(o.d), 0xffff), l.constant(o.immediate << 16))),
);

export interface PcRelative {
  readonly d: number;
  /** Bytes from the aligned pc, signed. */
  readonly offset: number;
}

export const ADR: Operation<PcRelative> = operation((l, o) => l.write(o.d, l.constant((l.pc & ~3) + o.offset)));
