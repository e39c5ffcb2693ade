/** What a handler is told of a thread's own fault: siginfo, and sigcontext's trap_no and error_code as the kernel has them. */
import { BUS_ADRALN, ILL_ILLOPC, SEGV_ACCERR, SEGV_MAPERR, Signals, TRAP_BRKPT } from '../abi/signal.ts';
import { FaultStatus, trapNumbers } from '../abi/trap.ts';
import { PageFlag } from '../layout/control.ts';
import { accessIsFetch, accessIsWrite, Cpu } from '../layout/cpu.ts';
import type { SignalInfo } from '../linux/api.ts';
import type { GuestThread } from './guest-thread.ts';

/** @param pageFlags PageFlag bits of the page of `address` */
export function faultInfo(thread: GuestThread, reported: number, address: number, pageFlags: number): SignalInfo {
  const access = thread.get(Cpu.exitInfo2);
  const direction = access & accessIsFetch ? FaultStatus.fetch : access & accessIsWrite ? FaultStatus.write : 0;
  switch (reported) {
    case Signals.SIGSEGV: {
      const isMapped = (pageFlags & PageFlag.mapped) !== 0;
      const status = isMapped ? FaultStatus.pagePermission : FaultStatus.pageTranslation;
      const code = isMapped ? SEGV_ACCERR : SEGV_MAPERR;
      return { signal: reported, code, address, trapNumber: trapNumbers.abort, errorCode: (status | direction) >>> 0 };
    }
    case Signals.SIGBUS: {
      const errorCode = FaultStatus.alignment | direction;
      return { signal: reported, code: BUS_ADRALN, address, trapNumber: trapNumbers.abort, errorCode };
    }
    case Signals.SIGILL:
      if (!isKernelBreakpoint(thread.get(Cpu.exitInfo) >>> 0, (thread.pc & 1) !== 0))
        return { signal: reported, code: ILL_ILLOPC, address, trapNumber: trapNumbers.undefined, errorCode: 0 };
  }
  return { signal: Signals.SIGTRAP, code: TRAP_BRKPT, address };
}

/** The undefined instructions that debuggers plant and the kernel takes as breakpoints (arch/arm/kernel/ptrace.c). */
function isKernelBreakpoint(bits: number, thumb: boolean): boolean {
  return thumb ? bits === 0xde01 || bits === 0xf7f0a000 : (bits & 0x0fffffff) === 0x07f001f0;
}
