/**
 * The few instructions that the fuzz driver and the frames of random blocks are made of: A32 ones (condition AL) as
 * words, Thumb ones as halfwords; Arm DDI 0406C section A8.8. Registers are plain numbers, offsets bytes, register
 * lists bit masks.
 */
const al = 0xe0000000;
export const sp = 13;
export const lr = 14;
export const pc = 15;

const magnitude = (offset: number, max: number): number => {
  if (Math.abs(offset) > max) throw new RangeError(`offset ${offset} does not fit`);
  return Math.abs(offset);
};
const up = (offset: number): number => (offset >= 0 ? 1 << 23 : 0);
const registers = (rn: number, rt: number): number => (rn << 16) | (rt << 12);

/** An A32 modified immediate that is a byte at an even rotation (A5.2.4). */
function modifiedImmediate(value: number): number {
  for (let rotation = 0; rotation < 16; rotation++) {
    const left = rotation * 2;
    const byte = left === 0 ? value : (value << left) | (value >>> (32 - left));
    if (byte >>> 0 <= 0xff) return (rotation << 8) | byte;
  }
  throw new RangeError(`${value} is no modified immediate`);
}

export const a32 = {
  ldr: (rt: number, rn: number, offset: number): number =>
    al | 0x05100000 | up(offset) | registers(rn, rt) | magnitude(offset, 4095),
  str: (rt: number, rn: number, offset: number): number =>
    al | 0x05000000 | up(offset) | registers(rn, rt) | magnitude(offset, 4095),
  ldmia: (rn: number, writeBack: boolean, list: number): number =>
    al | 0x08900000 | (writeBack ? 1 << 21 : 0) | (rn << 16) | list,
  stmia: (rn: number, writeBack: boolean, list: number): number =>
    al | 0x08800000 | (writeBack ? 1 << 21 : 0) | (rn << 16) | list,
  mov: (rd: number, value: number): number => al | 0x03a00000 | (rd << 12) | modifiedImmediate(value),
  add: (rd: number, rn: number, value: number): number =>
    al | 0x02800000 | registers(rn, rd) | modifiedImmediate(value),
  addRegister: (rd: number, rn: number, rm: number): number => al | 0x00800000 | registers(rn, rd) | rm,
  subs: (rd: number, rn: number, value: number): number =>
    al | 0x02500000 | registers(rn, rd) | modifiedImmediate(value),
  subsRegister: (rd: number, rn: number, rm: number): number => al | 0x00500000 | registers(rn, rd) | rm,
  cmpRegister: (rn: number, rm: number): number => al | 0x01500000 | (rn << 16) | rm,
  /** B<cond>: `offset` counts from the branch itself. */
  branch: (condition: number, offset: number): number =>
    (condition << 28) | 0x0a000000 | (((offset - 8) >> 2) & 0xffffff),
  /** BIC of FPSCR's Stride and Len (B4.1.58). */
  clearVectors: (rd: number): number => al | 0x03c00837 | registers(rd, rd),
  /** BL: `offset` counts from the branch itself. */
  branchLink: (offset: number): number => al | 0x0b000000 | (((offset - 8) >> 2) & 0xffffff),
  bx: (rm: number): number => al | 0x012fff10 | rm,
  bxNe: (rm: number): number => 0x112fff10 | rm,
  mrsCpsr: (rd: number): number => al | 0x010f0000 | (rd << 12),
  /** MSR CPSR_fs: the flags and GE. */
  msrCpsr: (rn: number): number => al | 0x012cf000 | rn,
  vmrsFpscr: (rt: number): number => al | 0x0ef10a10 | (rt << 12),
  vmsrFpscr: (rt: number): number => al | 0x0ee10a10 | (rt << 12),
  /** MCR p15, 0, rt, c13, c0, 2: TPIDRURW. */
  mcrThreadRegister: (rt: number): number => al | 0x0e0d0f50 | (rt << 12),
  /** VLDMIA and VSTMIA with write-back of sixteen double registers from d0 or d16. */
  vldmia: (rn: number, upper: boolean): number => al | 0x0cb00b20 | (rn << 16) | (upper ? 1 << 22 : 0),
  vstmia: (rn: number, upper: boolean): number => al | 0x0ca00b20 | (rn << 16) | (upper ? 1 << 22 : 0),
  clrex: 0xf57ff01f,
  svc: al | 0x0f000000,
} as const;

export const condition = { eq: 0, ne: 1, mi: 4, al: 14 } as const;

/** Thumb instructions as halfwords; offsets count from the instruction itself. */
export const thumb = {
  /** B<cond> T3, which reaches any distance here. */
  branch: (on: number, offset: number): number[] => {
    const distance = (offset - 4) >> 1;
    const sign = distance < 0 ? 1 : 0;
    return [
      0xf000 | (sign << 10) | (on << 6) | ((distance >> 11) & 0x3f),
      0x8000 | (sign * 0x2800) | (distance & 0x7ff),
    ];
  },
  /** B T2. */
  branchAlways: (offset: number): number => 0xe000 | (((offset - 4) >> 1) & 0x7ff),
  branchLink: (offset: number): number[] => {
    const distance = (offset - 4) >> 1;
    const sign = distance < 0 ? 1 : 0;
    return [0xf000 | (sign << 10) | ((distance >> 11) & 0x3ff), 0xf800 | (distance & 0x7ff)];
  },
  /** CBZ, or CBNZ: forward only. */
  compareBranch: (nonZero: boolean, rn: number, offset: number): number => {
    const distance = (offset - 4) >> 1;
    return 0xb100 | (nonZero ? 1 << 11 : 0) | ((distance >> 5) << 9) | ((distance & 31) << 3) | rn;
  },
  /** BIC.W of FPSCR's Stride and Len, of any register but sp and pc. */
  clearVectors: (rd: number): number[] => [0xf420 | rd, 0x105c | (rd << 8)],
  bx: (rm: number): number => 0x4700 | (rm << 3),
  /** MOV.W with a small constant, of any register but sp and pc. */
  mov: (rd: number, value: number): number[] => [0xf04f, (rd << 8) | value],
  /** SUBS.W by a small constant. */
  subs: (rd: number, rn: number, value: number): number[] => [0xf1b0 | rn, (rd << 8) | value],
} as const;
