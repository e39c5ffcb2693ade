/** Moves of VFP: between core and extension registers, FPSCR, loads and stores. */
import { Var } from '../../ir/variables.table.ts';
import { CodeVariant, exceptionsTracked, fpscrKept } from '../../layout/code-variant.ts';
import { exceptionBits, Fpscr, roundingShift } from '../../layout/fpscr.ts';
import type { I32, Lowering } from './lowering.ts';
import type { DataProcessing } from './operations-data.ts';
import type { BitField } from './operations-media.ts';
import { operation } from './row.ts';
import {
  type F32,
  type F64,
  type Float,
  readDoubleBits,
  readFloat,
  readSingleBits,
  writeDoubleBits,
  writeFloat,
  writeSingleBits,
} from './vfp-float.ts';
import type { CorePair, CoreScalar, CoreSingle, FloatAccess, FloatMultiple } from './vfp-formats.ts';

export const vmovToSingle = operation<CoreSingle>((l, { t, n }) => {
  writeSingleBits(l, n, l.read(t));
});

export const vmovFromSingle = operation<CoreSingle>((l, { t, n }) => {
  l.write(t, readSingleBits(l, n));
});

export const vmovToScalar = operation<CoreScalar>((l, { t, d, index }) => {
  const { builder } = l;
  if (d < 16) return writeSingleBits(l, 2 * d + index, l.read(t));
  const old = readDoubleBits(l, d);
  const kept = builder.emit(index === 0 ? 'i64.high' : 'i64.low', old);
  const [low, high] = index === 0 ? [l.read(t), kept] : [kept, l.read(t)];
  writeDoubleBits(l, d, builder.emit('i64.pair', low, high));
});

export const vmovFromScalar = operation<CoreScalar>((l, { t, d, index }) => {
  if (d < 16) l.write(t, readSingleBits(l, 2 * d + index));
  else l.write(t, l.builder.emit(index === 0 ? 'i64.low' : 'i64.high', readDoubleBits(l, d)));
});

export const vmovToSingles = operation<CorePair>((l, { t, t2, m }) => {
  writeSingleBits(l, m, l.read(t));
  writeSingleBits(l, m + 1, l.read(t2));
});

export const vmovFromSingles = operation<CorePair>((l, { t, t2, m }) => {
  l.write(t, readSingleBits(l, m));
  l.write(t2, readSingleBits(l, m + 1));
});

export const vmovToDouble = operation<CorePair>((l, { t, t2, m }) => {
  writeDoubleBits(l, m, l.builder.emit('i64.pair', l.read(t), l.read(t2)));
});

export const vmovFromDouble = operation<CorePair>((l, { t, t2, m }) => {
  const bits = readDoubleBits(l, m);
  l.write(t, l.builder.emit('i64.low', bits));
  l.write(t2, l.builder.emit('i64.high', bits));
});

// FPSCR ---------------------------------------------------------------------------------------------------------------

export const vmrs = operation<{ readonly t: number }>((l, { t }) => {
  const n = l.andImmediate(l.get(Var.fpn), 1 << 31);
  const z = l.shl(l.eqz(l.get(Var.fpz)), 30);
  const c = l.shl(l.get(Var.fpc), 29);
  const v = l.shl(l.shrU(l.get(Var.fpv), 31), 28);
  const exceptions = l.builder.emit('fpexc.get');
  const status = l.or(l.get(Var.fpscr), l.andImmediate(exceptions, exceptionBits));
  l.write(t, l.or(status, l.or(l.or(n, z), l.or(c, v))));
  if (readsRoundingModeOnly(l, t)) return;
  l.builder.emit('fpexc.set', l.or(exceptions, l.constant(exceptionsTracked)));
  if (l.variant === CodeVariant.plain) l.leaveVariant();
});

/** Instructions after a VMRS in which its value's use is looked for. */
const useDistanceMax = 4;

/**
 * True when the program reads FPSCR for its rounding mode: the first use of the value masks that field. So do many
 * functions of the C library (sin, printf, strtod), which then need not run exact code.
 */
function readsRoundingModeOnly(l: Lowering, t: number): boolean {
  for (const { row, operands } of l.following(useDistanceMax)) {
    const { mnemonic } = row ?? { mnemonic: '' };
    if (!['AND', 'TST', 'UBFX'].includes(mnemonic)) continue;
    const { n, operand, low, width } = operands as Partial<DataProcessing & BitField>;
    if (n !== t) continue;
    if (operand) return operand.kind === 'immediate' && (operand.value & ~Fpscr.RMode) === 0;
    return low === roundingShift && width === 2;
  }
  return false;
}

/** VMRS APSR_nzcv, FPSCR. */
export const vmrsFlags = operation<unknown>((l) => {
  l.setFlags(l.get(Var.fpn), l.get(Var.fpz), l.get(Var.fpc), l.get(Var.fpv));
});

export const vmsr = operation<{ readonly t: number }>((l, { t }) => {
  const value = l.read(t);
  l.setFloatFlags(value);
  // Who changes the rounding mode does not yet care for exceptions; any other write is about them.
  const old = l.builder.emit('fpexc.get');
  const changes = l.andImmediate(l.xor(value, l.get(Var.fpscr)), Fpscr.RMode);
  const tracked = l.or(l.andImmediate(old, exceptionsTracked), l.shl(l.eqz(changes), 31));
  l.builder.emit('fpexc.set', l.or(tracked, l.andImmediate(value, exceptionBits)));
  // FZ16 comes with half-precision arithmetic.
  const kept = l.features.has('FPHP') ? fpscrKept : fpscrKept & ~Fpscr.FZ16;
  l.set(Var.fpscr, l.andImmediate(value, kept));
  l.leaveVariant();
});

// Memory --------------------------------------------------------------------------------------------------------------

const bytesOf = (double: boolean): number => (double ? 8 : 4);

/** R[n] as a base; the pc is aligned for a literal (Align(PC, 4)). */
export const baseOf = (l: Lowering, n: number): I32 => (n === 15 ? l.constant(l.pc & ~3) : l.read(n));

const loadFloat = (l: Lowering, double: boolean, base: I32, offset: number): Float =>
  l.builder.emit(double ? 'load.f64' : 'load.f32', base, offset);

function storeFloat(l: Lowering, double: boolean, base: I32, offset: number, value: Float): void {
  if (double) l.builder.emit('store.f64', base, offset, value as F64);
  else l.builder.emit('store.f32', base, offset, value as F32);
}

export const vldr = operation<FloatAccess>((l, { double, d, n, offset }) => {
  const at = l.span(baseOf(l, n), offset);
  l.checkRead(at.base, at.offset, bytesOf(double));
  writeFloat(l, double, d, loadFloat(l, double, at.base, at.offset));
});

export const vstr = operation<FloatAccess>((l, { double, d, n, offset }) => {
  const at = l.span(baseOf(l, n), offset);
  l.checkWrite(at.base, at.offset, bytesOf(double));
  storeFloat(l, double, at.base, at.offset, readFloat(l, double, d));
});

/** Bytes that one check covers at the most. */
const checkBytesMax = 64;

function multiple(
  access: 'read' | 'write',
  each: (l: Lowering, double: boolean, register: number, base: I32, offset: number) => void,
) {
  return operation<FloatMultiple>((l, { double, d, n, registers, start, writeBack }) => {
    const old = baseOf(l, n);
    const base = l.addImmediate(old, start);
    const step = bytesOf(double);
    const bytes = registers * step;
    for (let offset = 0; offset < bytes; offset += checkBytesMax) {
      const span = Math.min(checkBytesMax, bytes - offset);
      if (access === 'read') l.checkRead(base, offset, span);
      else l.checkWrite(base, offset, span);
    }
    for (let i = 0; i < registers; i++) each(l, double, d + i, base, i * step);
    if (writeBack !== 0) l.write(n, l.addImmediate(old, writeBack));
  });
}

/** VLDM, VPOP, FLDMX. */
export const vldm = multiple('read', (l, double, register, base, offset) => {
  writeFloat(l, double, register, loadFloat(l, double, base, offset));
});

/** VSTM, VPUSH, FSTMX. */
export const vstm = multiple('write', (l, double, register, base, offset) => {
  storeFloat(l, double, base, offset, readFloat(l, double, register));
});
