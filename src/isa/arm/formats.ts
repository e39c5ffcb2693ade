/**
 * Formats of everything but memory accesses: from a pattern's fields to an operation's operands.
 * Field letters mean the same throughout: d n m s a t registers, i immediate, y shift type, S set flags.
 */
import { signExtend } from '../../base/bits.ts';
import type { Check } from './crypto.ts';
import {
  armImmediate,
  immediate,
  immediateShift,
  type Operand,
  register,
  registerShift,
  Shift,
  shifted,
  thumbImmediate,
} from './operand.ts';
import type { Branch, BranchRegister, CompareBranch, Immediate, TableBranch } from './operations-branch.ts';
import type { DataProcessing, MoveHalf, PcRelative } from './operations-data.ts';
import type { Binary, BitField, Extend, Pack, SumOfDifferences, Unary } from './operations-media.ts';
import type { Multiply, MultiplyHalves, MultiplyHalvesLong, MultiplyLong, MultiplyTop } from './operations-multiply.ts';
import type { Saturate } from './operations-saturate.ts';

type F<L extends string> = { readonly [K in L]: number };

/** Flags are set outside IT blocks only. */
const outsideIt = 2;

const data = (d: number, n: number, operand: Operand, setFlags: number): DataProcessing => ({
  d,
  n,
  operand,
  setFlags,
});

// Data processing, A32 and T32: three operands, moves (no n), comparisons (no d).
export const armDni = (f: F<'d' | 'n' | 'i' | 'S'>) => data(f.d, f.n, armImmediate(f.i), f.S);
export const armDi = (f: F<'d' | 'i' | 'S'>) => data(f.d, 0, armImmediate(f.i), f.S);
export const armNi = (f: F<'n' | 'i'>) => data(0, f.n, armImmediate(f.i), 1);
export const thumbDni = (f: F<'d' | 'n' | 'i' | 'S'>) => data(f.d, f.n, thumbImmediate(f.i), f.S);
export const thumbDi = (f: F<'d' | 'i' | 'S'>) => data(f.d, 0, thumbImmediate(f.i), f.S);
export const thumbNi = (f: F<'n' | 'i'>) => data(0, f.n, thumbImmediate(f.i), 1);
export const dnmShift = (f: F<'d' | 'n' | 'm' | 'i' | 'y' | 'S'>) => data(f.d, f.n, immediateShift(f.m, f.y, f.i), f.S);
export const dmShift = (f: F<'d' | 'm' | 'i' | 'y' | 'S'>) => data(f.d, 0, immediateShift(f.m, f.y, f.i), f.S);
export const nmShift = (f: F<'n' | 'm' | 'i' | 'y'>) => data(0, f.n, immediateShift(f.m, f.y, f.i), 1);
export const dnmRegisterShift = (f: F<'d' | 'n' | 'm' | 's' | 'y' | 'S'>) =>
  data(f.d, f.n, registerShift(f.m, f.y, f.s), f.S);
export const dmRegisterShift = (f: F<'d' | 'm' | 's' | 'y' | 'S'>) => data(f.d, 0, registerShift(f.m, f.y, f.s), f.S);
export const nmRegisterShift = (f: F<'n' | 'm' | 's' | 'y'>) => data(0, f.n, registerShift(f.m, f.y, f.s), 1);
/** ADDW and SUBW: a plain 12-bit immediate. */
export const dnPlain = (f: F<'d' | 'n' | 'i'>) => data(f.d, f.n, immediate(f.i), 0);
export const half = (f: F<'d' | 'i'>): MoveHalf => ({ d: f.d, immediate: f.i });
/** MOVW and MOVT in T32: imm4:i:imm3:imm8, in the letters k, j and i. */
export const thumbHalf = (f: F<'d' | 'i' | 'j' | 'k'>): MoveHalf => ({
  d: f.d,
  immediate: (f.k << 12) | (f.j << 11) | f.i,
});
export const adrAdd = (f: F<'d' | 'i'>): PcRelative => ({ d: f.d, offset: f.i });
export const adrSub = (f: F<'d' | 'i'>): PcRelative => ({ d: f.d, offset: -f.i });

const thumbShift =
  (type: number) =>
  (f: F<'d' | 'm' | 's' | 'S'>): DataProcessing =>
    data(f.d, 0, registerShift(f.m, type, f.s), f.S);
export const thumbLsl = thumbShift(Shift.lsl);
export const thumbLsr = thumbShift(Shift.lsr);
export const thumbAsr = thumbShift(Shift.asr);
export const thumbRor = thumbShift(Shift.ror);

// Data processing, T16. The flags are set outside IT blocks, by comparisons always, by forms with a high register never.
const t16Shift =
  (type: number) =>
  (f: F<'d' | 'm' | 'i'>): DataProcessing =>
    data(f.d, 0, immediateShift(f.m, type, f.i), outsideIt);
export const t16Lsl = t16Shift(Shift.lsl);
export const t16Lsr = t16Shift(Shift.lsr);
export const t16Asr = t16Shift(Shift.asr);
export const t16Dnm = (f: F<'d' | 'n' | 'm'>) => data(f.d, f.n, register(f.m), outsideIt);
export const t16Dni = (f: F<'d' | 'n' | 'i'>) => data(f.d, f.n, immediate(f.i), outsideIt);
export const t16Di = (f: F<'d' | 'i'>) => data(f.d, 0, immediate(f.i), outsideIt);
export const t16DdI = (f: F<'d' | 'i'>) => data(f.d, f.d, immediate(f.i), outsideIt);
export const t16DdM = (f: F<'d' | 'm'>) => data(f.d, f.d, register(f.m), outsideIt);
export const t16Dm = (f: F<'d' | 'm'>) => data(f.d, 0, register(f.m), outsideIt);
const t16ShiftRegister =
  (type: number) =>
  (f: F<'d' | 's'>): DataProcessing =>
    data(f.d, 0, registerShift(f.d, type, f.s), outsideIt);
export const t16LslRegister = t16ShiftRegister(Shift.lsl);
export const t16LsrRegister = t16ShiftRegister(Shift.lsr);
export const t16AsrRegister = t16ShiftRegister(Shift.asr);
export const t16RorRegister = t16ShiftRegister(Shift.ror);
/** RSBS d, n, #0. */
export const t16Negate = (f: F<'d' | 'n'>) => data(f.d, f.n, immediate(0), outsideIt);
export const t16Ni = (f: F<'n' | 'i'>) => data(0, f.n, immediate(f.i), 1);
export const t16Nm = (f: F<'n' | 'm'>) => data(0, f.n, register(f.m), 1);
export const t16DdMHigh = (f: F<'d' | 'm'>) => data(f.d, f.d, register(f.m), 0);
export const t16DmHigh = (f: F<'d' | 'm'>) => data(f.d, 0, register(f.m), 0);
export const t16DSpI = (f: F<'d' | 'i'>) => data(f.d, 13, immediate(f.i * 4), 0);
export const t16SpSpI = (f: F<'i'>) => data(13, 13, immediate(f.i * 4), 0);
export const t16Adr = (f: F<'d' | 'i'>): PcRelative => ({ d: f.d, offset: f.i * 4 });

// Multiplication.
export const multiplyFlags = (f: F<'d' | 'n' | 'm' | 'S'>): Multiply => ({
  d: f.d,
  n: f.n,
  m: f.m,
  a: 0,
  setFlags: f.S,
});
export const multiplyAddFlags = (f: F<'d' | 'n' | 'm' | 'a' | 'S'>): Multiply => ({
  d: f.d,
  n: f.n,
  m: f.m,
  a: f.a,
  setFlags: f.S,
});
export const multiply = (f: F<'d' | 'n' | 'm'>): Multiply => ({ d: f.d, n: f.n, m: f.m, a: 0, setFlags: 0 });
export const multiplyAdd = (f: F<'d' | 'n' | 'm' | 'a'>): Multiply => ({
  d: f.d,
  n: f.n,
  m: f.m,
  a: f.a,
  setFlags: 0,
});
export const t16Multiply = (f: F<'d' | 'n'>): Multiply => ({ d: f.d, n: f.n, m: f.d, a: 0, setFlags: outsideIt });
export const multiplyLongFlags = (f: F<'h' | 'b' | 'n' | 'm' | 'S'>): MultiplyLong => ({
  low: f.b,
  high: f.h,
  n: f.n,
  m: f.m,
  setFlags: f.S,
});
/** Result registers b (low, "bottom") and h (high). */
export const multiplyLong = (f: F<'h' | 'b' | 'n' | 'm'>): MultiplyLong => ({
  low: f.b,
  high: f.h,
  n: f.n,
  m: f.m,
  setFlags: 0,
});
/** N and M choose the top halves of n and m; X exchanges the halves of m. */
const halves = (f: F<'d' | 'n' | 'm'>, a: number, nTop: number, mTop: number, exchange: number): MultiplyHalves => ({
  d: f.d,
  n: f.n,
  m: f.m,
  a,
  nTop,
  mTop,
  exchange,
});
export const halvesXy = (f: F<'d' | 'n' | 'm' | 'N' | 'M'>) => halves(f, 0, f.N, f.M, 0);
export const halvesXyAdd = (f: F<'d' | 'n' | 'm' | 'a' | 'N' | 'M'>) => halves(f, f.a, f.N, f.M, 0);
export const halvesY = (f: F<'d' | 'n' | 'm' | 'M'>) => halves(f, 0, 0, f.M, 0);
export const halvesYAdd = (f: F<'d' | 'n' | 'm' | 'a' | 'M'>) => halves(f, f.a, 0, f.M, 0);
export const halvesDual = (f: F<'d' | 'n' | 'm' | 'X'>) => halves(f, 0, 0, 0, f.X);
export const halvesDualAdd = (f: F<'d' | 'n' | 'm' | 'a' | 'X'>) => halves(f, f.a, 0, 0, f.X);
const halvesLong = (f: F<'h' | 'b' | 'n' | 'm'>, nTop: number, mTop: number, exchange: number): MultiplyHalvesLong => ({
  low: f.b,
  high: f.h,
  n: f.n,
  m: f.m,
  nTop,
  mTop,
  exchange,
});
export const halvesLongXy = (f: F<'h' | 'b' | 'n' | 'm' | 'N' | 'M'>) => halvesLong(f, f.N, f.M, 0);
export const halvesLongDual = (f: F<'h' | 'b' | 'n' | 'm' | 'X'>) => halvesLong(f, 0, 0, f.X);
export const multiplyTop = (f: F<'d' | 'n' | 'm' | 'R'>): MultiplyTop => ({
  d: f.d,
  n: f.n,
  m: f.m,
  a: 0,
  round: f.R,
});
export const multiplyTopAdd = (f: F<'d' | 'n' | 'm' | 'a' | 'R'>): MultiplyTop => ({
  d: f.d,
  n: f.n,
  m: f.m,
  a: f.a,
  round: f.R,
});

// Saturation. i: shift amount, w: width field.
const ssat = (d: number, operand: Operand, w: number): Saturate => ({
  d,
  operand,
  min: -(2 ** w),
  max: 2 ** w - 1,
});
const usat = (d: number, operand: Operand, w: number): Saturate => ({ d, operand, min: 0, max: 2 ** w - 1 });
/** A shift left, or right (arithmetic) when y is 1; amount 0 of the latter means 32. */
const saturateShift = (f: F<'n' | 'i' | 'y'>): Operand => immediateShift(f.n, f.y === 0 ? Shift.lsl : Shift.asr, f.i);
export const signedSaturate = (f: F<'d' | 'n' | 'i' | 'w' | 'y'>) => ssat(f.d, saturateShift(f), f.w);
export const unsignedSaturate = (f: F<'d' | 'n' | 'i' | 'w' | 'y'>) => usat(f.d, saturateShift(f), f.w);
export const signedSaturate16 = (f: F<'d' | 'n' | 'w'>) => ssat(f.d, register(f.n), f.w);
export const unsignedSaturate16 = (f: F<'d' | 'n' | 'w'>) => usat(f.d, register(f.n), f.w);

// Bits, bytes and halves.
/** CRC32: the size in the letter z. */
export const check = (f: F<'d' | 'n' | 'm' | 'z'>): Check => ({ d: f.d, n: f.n, m: f.m, size: f.z });
export const dnm = (f: F<'d' | 'n' | 'm'>): Binary => ({ d: f.d, n: f.n, m: f.m });
export const dm = (f: F<'d' | 'm'>): Unary => ({ d: f.d, m: f.m });
export const sumOfDifferences = (f: F<'d' | 'n' | 'm'>): SumOfDifferences => ({ d: f.d, n: f.n, m: f.m, a: 15 });
export const sumOfDifferencesAdd = (f: F<'d' | 'n' | 'm' | 'a'>): SumOfDifferences => ({
  d: f.d,
  n: f.n,
  m: f.m,
  a: f.a,
});
export const extend = (f: F<'d' | 'm' | 'r'>): Extend => ({ d: f.d, n: 15, m: f.m, rotation: f.r * 8 });
export const extendAdd = (f: F<'d' | 'n' | 'm' | 'r'>): Extend => ({ d: f.d, n: f.n, m: f.m, rotation: f.r * 8 });
export const t16Extend = (f: F<'d' | 'm'>): Extend => ({ d: f.d, n: 15, m: f.m, rotation: 0 });
export const packBottom = (f: F<'d' | 'n' | 'm' | 'i'>): Pack => ({
  d: f.d,
  n: f.n,
  operand: shifted(f.m, Shift.lsl, f.i),
});
export const packTop = (f: F<'d' | 'n' | 'm' | 'i'>): Pack => ({
  d: f.d,
  n: f.n,
  operand: immediateShift(f.m, Shift.asr, f.i),
});
/** i: lowest bit; w: width minus one (extraction), or the highest bit, `msb` (insertion). */
export const extractField = (f: F<'d' | 'n' | 'i' | 'w'>): BitField => ({ d: f.d, n: f.n, low: f.i, width: f.w + 1 });
export const insertField = (f: F<'d' | 'n' | 'i' | 'w'>): BitField => ({
  d: f.d,
  n: f.n,
  low: f.i,
  width: f.w - f.i + 1,
});
export const clearField = (f: F<'d' | 'i' | 'w'>): BitField => ({ d: f.d, n: 0, low: f.i, width: f.w - f.i + 1 });

// Branches.
export const branchA32 = (f: F<'i'>): Branch => ({ offset: signExtend(f.i, 24) * 4 });
export const branchExchangeA32 = (f: F<'i' | 'H'>): Branch => ({ offset: signExtend(f.i, 24) * 4 + f.H * 2 });
export const branch8 = (f: F<'i'>): Branch => ({ offset: signExtend(f.i, 8) * 2 });
export const branch11 = (f: F<'i'>): Branch => ({ offset: signExtend(f.i, 11) * 2 });
/** B T3: S:J2:J1:imm6:imm11. */
export const branch20 = (f: F<'S' | 'J' | 'K' | 'i'>): Branch => ({
  offset: signExtend((f.S << 19) | (f.K << 18) | (f.J << 17) | f.i, 20) * 2,
});
/** B T4 and BL: S:I1:I2:imm10:imm11, where I = NOT (J EOR S). */
export const branch24 = (f: F<'S' | 'J' | 'K' | 'i'>): Branch => ({
  offset: signExtend((f.S << 23) | ((f.J ^ f.S ^ 1) << 22) | ((f.K ^ f.S ^ 1) << 21) | f.i, 24) * 2,
});
/** BLX (immediate) T2: the same with a multiple of 4. */
export const branch23 = (f: F<'S' | 'J' | 'K' | 'i'>): Branch => ({
  offset: signExtend((f.S << 22) | ((f.J ^ f.S ^ 1) << 21) | ((f.K ^ f.S ^ 1) << 20) | f.i, 23) * 4,
});
export const branchRegister = (f: F<'m'>): BranchRegister => ({ m: f.m });
export const compareBranch = (f: F<'n' | 'N' | 'i'>): CompareBranch => ({ n: f.n, nonzero: f.N, offset: f.i * 2 });
export const tableBranch = (f: F<'n' | 'm' | 'H'>): TableBranch => ({ n: f.n, m: f.m, halfwords: f.H });

// The rest.
export const none = (): Record<string, never> => noOperands;
const noOperands = {};
export const immediateOnly = (f: F<'i'>): Immediate => ({ immediate: f.i });
export const endian = (f: F<'E'>) => ({ bigEndian: f.E });
export const onlyD = (f: F<'d'>) => ({ d: f.d });
export const onlyT = (f: F<'t'>) => ({ t: f.t });
export const maskRegister = (f: F<'n' | 'k'>) => ({ n: f.n, mask: f.k });
export const maskImmediate = (f: F<'i' | 'k'>) => ({ immediate: armImmediate(f.i).value, mask: f.k });
