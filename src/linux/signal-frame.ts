/**
 * Signal frames on the guest's stack: layout facts of arch/arm/kernel/signal.c and asm/ucontext.h (Linux 6.1).
 *
 *   rt_sigframe: siginfo (128) · ucontext (744) · retcode (16)
 *   sigframe:                    ucontext (744) · retcode (16)
 *
 * ucontext.uc_regspace holds the VFP block (magic, size, d0 to d31, FPSCR, exception registers), then a zero word.
 */
import { Errno } from '../abi/errno.ts';
import * as abi from '../abi/signal.ts';
import { Siginfo, Ucontext, VfpSigframe } from '../abi/structs.ts';
import type { CpuImage, SignalDelivery, SignalSet } from './api.ts';
import { rtSigreturnTrampoline, sigreturnTrampoline } from './kernel-user-helpers.ts';
import type { SignalAction, SignalInfo } from './signal-types.ts';

const retcodeBytes = 16;
const frameBytes = Ucontext.size + retcodeBytes;
const rtFrameBytes = Siginfo.size + frameBytes;
const SP = 13;
const LR = 14;
const PC = 15;

/** sigaltstack's state of the thread (linux/signal.h). */
export interface AlternateStack {
  base: number;
  size: number;
  flags: number;
}

export interface SignalFrame {
  /** Where the bytes go; a fault while writing them means SIGSEGV for the thread. */
  address: number;
  bytes: Uint8Array;
  /** Registers to load: r0 to r2, sp, lr, pc; the others stay. */
  r: Int32Array;
  cpsr: number;
  /** The thread's alternate stack afterwards (SS_AUTODISARM clears it). */
  alternateStack: AlternateStack;
}

const low32 = (set: SignalSet): number => Number(set & 0xffff_ffffn);
const high32 = (set: SignalSet): number => Number((set >> 32n) & 0xffff_ffffn);

/** True when `sp` lies on the alternate stack (sas_ss_flags, include/linux/sched/signal.h). */
export function isOnAlternateStack(stack: AlternateStack, sp: number): boolean {
  if (stack.flags & abi.SS_AUTODISARM) return false;
  return stack.size !== 0 && sp > stack.base && sp - stack.base <= stack.size;
}

/** siginfo_t as the guest sees it. */
export function encodeSiginfo(info: SignalInfo): Uint8Array {
  return Siginfo.encode({
    si_signo: info.signal,
    si_errno: info.errno ?? 0,
    si_code: info.code,
    field0: info.address ?? info.pid ?? 0,
    field1: info.uid ?? 0,
    field2: info.value ?? 0,
  });
}

/** The reverse, for rt_sigqueueinfo: sender and value. */
export function decodeSiginfo(bytes: Uint8Array): SignalInfo {
  const raw = Siginfo.read(bytes);
  return {
    signal: raw.si_signo,
    code: raw.si_code,
    errno: raw.si_errno,
    pid: raw.field0,
    uid: raw.field1,
    value: raw.field2,
  };
}

/**
 * Builds the frame for a handler. `cpu` is the interrupted state (with a restarted or finished call already applied),
 * `savedMask` goes into the frame and comes back at sigreturn.
 */
export function buildSignalFrame(
  cpu: CpuImage,
  delivery: Extract<SignalDelivery, { kind: 'handler' }>,
  savedMask: SignalSet,
  alternateStack: AlternateStack,
): SignalFrame {
  const { action, info, signal } = delivery;
  const rt = (action.flags & abi.SA_SIGINFO) !== 0;
  const sp = cpu.r[SP]! >>> 0;
  const switchStack =
    (action.flags & abi.SA_ONSTACK) !== 0 &&
    alternateStack.size !== 0 &&
    !(alternateStack.flags & abi.SS_DISABLE) &&
    !isOnAlternateStack(alternateStack, sp);
  const top = switchStack ? alternateStack.base + alternateStack.size : sp;
  const size = rt ? rtFrameBytes : frameBytes;
  const address = ((top - size) & ~7) >>> 0;
  const bytes = new Uint8Array(size);
  const ucontextAt = rt ? Siginfo.size : 0;
  if (rt) bytes.set(encodeSiginfo(info));
  writeUcontext(bytes, ucontextAt, cpu, info, savedMask, alternateStack, rt);

  const thumb = (action.handler & 1) !== 0;
  let cpsr = (cpu.cpsr & ~(abi.PSR_F_MASK | abi.PSR_E_BIT | abi.PSR_IT_MASK | abi.PSR_T_BIT)) >>> 0;
  if (thumb) cpsr |= abi.PSR_T_BIT;
  const r = cpu.r.slice();
  r[0] = signal;
  if (rt) {
    r[1] = address;
    r[2] = address + ucontextAt;
  }
  r[SP] = address;
  r[LR] = returnAddress(action, rt);
  r[PC] = action.handler & (thumb ? ~1 : ~3);
  const disarmed = alternateStack.flags & abi.SS_AUTODISARM && switchStack;
  return {
    address,
    bytes,
    r,
    cpsr,
    alternateStack: disarmed ? { base: 0, size: 0, flags: abi.SS_DISABLE } : alternateStack,
  };
}

function returnAddress(action: SignalAction, rt: boolean): number {
  if (action.flags & abi.SA_RESTORER) return action.restorer;
  return rt ? rtSigreturnTrampoline : sigreturnTrampoline;
}

function writeUcontext(
  bytes: Uint8Array,
  at: number,
  cpu: CpuImage,
  info: SignalInfo,
  savedMask: SignalSet,
  stack: AlternateStack,
  rt: boolean,
): void {
  Ucontext.write(
    bytes,
    {
      uc_flags: rt ? 0 : abi.NON_RT_FRAME_FLAGS,
      ss_sp: rt ? stack.base : 0,
      ss_flags: rt ? stack.flags : 0,
      ss_size: rt ? stack.size : 0,
      trap_no: info.trapNumber ?? 0,
      error_code: info.errorCode ?? 0,
      oldmask: low32(savedMask),
      registers: [...cpu.r],
      arm_cpsr: cpu.cpsr >>> 0,
      fault_address: info.trapNumber !== undefined ? (info.address ?? 0) : 0,
      uc_sigmask_low: low32(savedMask),
      uc_sigmask_high: high32(savedMask),
    },
    at,
  );
  VfpSigframe.write(
    bytes,
    { magic: abi.VFP_MAGIC, size: VfpSigframe.size, fpregs: [...cpu.d], fpscr: cpu.fpscr >>> 0, fpexc: 1 << 30 },
    at + Ucontext.offsets.uc_regspace,
  );
}

export interface RestoredState {
  cpu: CpuImage;
  mask: SignalSet;
  /** Only an rt frame carries it. */
  alternateStack: AlternateStack | null;
}

/** The bytes that sigreturn must read at the stack pointer. */
export const signalFrameBytes = { rt: rtFrameBytes, old: frameBytes } as const;

/**
 * sys_sigreturn (`rt` false) and sys_rt_sigreturn: the state saved in the frame at the stack pointer, or -EFAULT for a
 * damaged frame, which the kernel answers with SIGSEGV.
 */
export function readSignalFrame(bytes: Uint8Array, rt: boolean): RestoredState | number {
  if (bytes.length < (rt ? rtFrameBytes : frameBytes)) return -Errno.EFAULT;
  const at = rt ? Siginfo.size : 0;
  const context = Ucontext.read(bytes, at);
  const vfp = VfpSigframe.read(bytes, at + Ucontext.offsets.uc_regspace);
  if (vfp.magic !== abi.VFP_MAGIC || vfp.size !== VfpSigframe.size) return -Errno.EFAULT;
  const r = Int32Array.from(context.registers);
  // valid_user_regs: user mode whatever the frame says, flags and execution state from the frame.
  const cpsr = ((context.arm_cpsr & ~(abi.MODE_MASK | abi.PSR_E_BIT)) | abi.USR_MODE) >>> 0;
  const mask = (BigInt(context.uc_sigmask_high) << 32n) | BigInt(context.uc_sigmask_low);
  return {
    cpu: { r, cpsr, d: BigUint64Array.from(vfp.fpregs), fpscr: vfp.fpscr },
    mask,
    alternateStack: rt ? { base: context.ss_sp, size: context.ss_size, flags: context.ss_flags } : null,
  };
}
