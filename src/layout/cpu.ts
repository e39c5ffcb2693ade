/**
 * The architectural state of one guest thread, as translated code, the interpreter and the personality see it.
 * Written by the executor that runs the thread, or by the node agent while the thread is parked; plain accesses.
 *
 * Flags are kept as the values that they are tested on, so that most instructions set them for nothing:
 *   N is bit 31 of nf · Z is (zf == 0) · C is cf (0 or 1) · V is bit 31 of vf · Q is qf (0 or 1) · GE is ge (bits 3:0)
 * and the floating-point condition flags of FPSCR likewise in fpn, fpz, fpc, fpv.
 */
import { layout } from './record.ts';

export const cpuShape = {
  /** r0 to r14; the sixteenth word is `pc`: the address of the next instruction, bit 0 set in Thumb state. */
  r: ['i32', 15],
  pc: 'i32',
  nf: 'i32',
  zf: 'i32',
  cf: 'i32',
  vf: 'i32',
  qf: 'i32',
  ge: 'i32',
  /** ITSTATE (A2.5.2 / E1.2.7) of the instruction at pc, 0 outside an IT block. */
  itstate: 'i32',
  fpn: 'i32',
  fpz: 'i32',
  fpc: 'i32',
  fpv: 'i32',
  /** FPSCR without its condition flags (fpscr.ts). */
  fpscr: 'i32',
  /**
   * Exceptions that exact floating-point operations raised, as bits of FPSCR, and whether they are tracked
   * (code-variant.ts). Beside `fpscr`: emitted code reads both at once. Not a variable: fpexc.get and fpexc.set.
   */
  fpexc: 'i32',
  /** TPIDRURO (the thread pointer) and TPIDRURW. */
  tpidruro: 'i32',
  tpidrurw: 'i32',
  /** The local exclusive monitor: address (-1 when open), tag of the granule, bytes, value. */
  exclusiveAddress: 'i32',
  exclusiveTag: 'i32',
  exclusiveBytes: 'i32',
  exclusiveLow: 'i32',
  exclusiveHigh: 'i32',
  /** Why translated code or the interpreter came back: an ExitReason, and what belongs to it. */
  exitReason: 'i32',
  exitInfo: 'i32',
  exitInfo2: 'i32',
  /** d0 to d31; s(2n) and s(2n+1) are the halves of d(n), q(n) is d(2n) and d(2n+1). */
  d: ['v128', 16],
} as const;

export const Cpu = layout(cpuShape);

/**
 * Why a region or a fragment ended. `exitInfo` and `exitInfo2` say more where noted; pc (and itstate) always tell
 * where the guest goes on.
 */
export const ExitReason = {
  /** Go on at pc: no translation was linked, or the code fell out of its fragment. */
  jump: 0,
  /** The poll word was set. */
  poll: 1,
  /** The instruction at pc touched a granule whose access byte denies it: exitInfo = address, exitInfo2 = bytes, accessIsWrite. */
  access: 2,
  /** SVC: exitInfo = its immediate; pc is the instruction after it. */
  syscall: 3,
  /** The instruction at pc is undefined: exitInfo = its bits. */
  undefined: 4,
  /** BKPT at pc: exitInfo = its immediate. */
  breakpoint: 5,
  /** Exclusive or other access at pc that must be aligned and is not: exitInfo = address. */
  alignment: 6,
} as const;
export type ExitReason = (typeof ExitReason)[keyof typeof ExitReason];

/** Bits of exitInfo2 beside an access's bytes; the second is the engine's: the instruction itself could not be fetched. */
export const accessIsWrite = 0x100;
export const accessIsFetch = 0x200;

/** What a region returns when it left by an exit rather than by reaching a guest address: no guest address is odd and this high. */
export const exitSentinel = -1;
