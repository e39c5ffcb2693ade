/** Immediates and shifts of data-processing operands. */
import { rotateRight } from '../../base/bits.ts';

/** Shift types of DecodeImmShift (A8.4.3), RRX as the fifth. */
export const Shift = { lsl: 0, lsr: 1, asr: 2, ror: 3, rrx: 4 } as const;
export type Shift = (typeof Shift)[keyof typeof Shift];

/**
 * The flexible second operand. One shape for all kinds:
 * - immediate: `value`, and `carry` 0 or 1 as the expansion gives it, or -1 to leave the carry flag
 * - register: register `m` shifted by `amount` (0 to 32)
 * - registerShift: register `m` shifted by the low byte of register `s`
 */
export interface Operand {
  readonly kind: 'immediate' | 'register' | 'registerShift';
  readonly value: number;
  readonly carry: number;
  readonly m: number;
  readonly shift: Shift;
  readonly amount: number;
  readonly s: number;
}

export const immediate = (value: number, carry = -1): Operand => ({
  kind: 'immediate',
  value: value | 0,
  carry,
  m: 0,
  shift: Shift.lsl,
  amount: 0,
  s: 0,
});

export const register = (m: number): Operand => shifted(m, Shift.lsl, 0);

/** A register shifted by a constant whose encoding has been decoded. */
export const shifted = (m: number, shift: Shift, amount: number): Operand => ({
  kind: 'register',
  value: 0,
  carry: -1,
  m,
  shift,
  amount,
  s: 0,
});

/** DecodeImmShift (A8.4.3): a shift by immediate from its type and 5-bit amount. */
export function immediateShift(m: number, type: number, imm5: number): Operand {
  switch (type & 3) {
    case 0:
      return shifted(m, Shift.lsl, imm5);
    case 1:
      return shifted(m, Shift.lsr, imm5 === 0 ? 32 : imm5);
    case 2:
      return shifted(m, Shift.asr, imm5 === 0 ? 32 : imm5);
    default:
      return imm5 === 0 ? shifted(m, Shift.rrx, 1) : shifted(m, Shift.ror, imm5);
  }
}

export const registerShift = (m: number, type: number, s: number): Operand => ({
  kind: 'registerShift',
  value: 0,
  carry: -1,
  m,
  shift: (type & 3) as Shift,
  amount: 0,
  s,
});

/** ARMExpandImm_C (A5.2.4): 8 bits rotated right by twice a 4-bit count. */
export function armImmediate(imm12: number): Operand {
  const count = (imm12 >>> 8) << 1;
  const value = rotateRight(imm12 & 0xff, count);
  return immediate(value, count === 0 ? -1 : value >>> 31);
}

/** ThumbExpandImm_C (A6.3.2). */
export function thumbImmediate(imm12: number): Operand {
  const byte = imm12 & 0xff;
  switch (imm12 >>> 8) {
    case 0:
      return immediate(byte);
    case 1:
      return immediate((byte << 16) | byte);
    case 2:
      return immediate((byte << 24) | (byte << 8));
    case 3:
      return immediate((byte << 24) | (byte << 16) | (byte << 8) | byte);
    default: {
      const value = rotateRight(0x80 | (imm12 & 0x7f), imm12 >>> 7);
      return immediate(value, value >>> 31);
    }
  }
}

/** The encodings of ThumbExpandImm that are UNPREDICTABLE: a repeated byte of zero. */
export const thumbImmediateUnpredictable = (imm12: number): boolean =>
  (imm12 & 0xff) === 0 && imm12 >>> 8 >= 1 && imm12 >>> 8 <= 3;
