/** Signals: arch/arm/include/uapi/asm/signal.h, asm-generic/signal-defs.h, asm-generic/siginfo.h. */
export const Signals = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;
export const SIGRTMIN = 32;
export const SIGRTMAX = 64;

const names = new Map<number, string>(Object.entries(Signals).map(([name, value]) => [value, name]));

/** 'SIGSEGV', or 'SIGRT_n' counted from the kernel's SIGRTMIN, as strace prints it. */
export function signalName(signal: number): string {
  return names.get(signal) ?? (signal >= SIGRTMIN && signal <= SIGRTMAX ? `SIGRT_${signal - SIGRTMIN}` : `${signal}`);
}

export const SIG_DFL = 0;
export const SIG_IGN = 1;
export const SIG_BLOCK = 0;
export const SIG_UNBLOCK = 1;
export const SIG_SETMASK = 2;

export const SA_NOCLDSTOP = 0x00000001;
export const SA_NOCLDWAIT = 0x00000002;
export const SA_SIGINFO = 0x00000004;
export const SA_UNSUPPORTED = 0x00000400;
export const SA_THIRTYTWO = 0x02000000;
export const SA_RESTORER = 0x04000000;
export const SA_ONSTACK = 0x08000000;
export const SA_RESTART = 0x10000000;
export const SA_NODEFER = 0x40000000;
export const SA_RESETHAND = 0x80000000;

export const SS_ONSTACK = 1;
export const SS_DISABLE = 2;
export const SS_AUTODISARM = 0x80000000;
export const MINSIGSTKSZ = 2048;

export const SI_USER = 0;
export const SI_KERNEL = 0x80;
export const SI_QUEUE = -1;
export const SI_TIMER = -2;
export const SI_TKILL = -6;
export const ILL_ILLOPC = 1;
export const FPE_INTDIV = 1;
export const SEGV_MAPERR = 1;
export const SEGV_ACCERR = 2;
export const BUS_ADRALN = 1;
export const BUS_ADRERR = 2;
export const TRAP_BRKPT = 1;
export const TRAP_TRACE = 2;
/** asm-generic/siginfo.h: how a child ended, in SIGCHLD's si_code. */
export const CLD_EXITED = 1;
export const CLD_KILLED = 2;
export const CLD_DUMPED = 3;

/** include/linux/errno.h: results that never reach the guest. */
export const ERESTARTSYS = 512;
export const ERESTARTNOINTR = 513;
export const ERESTARTNOHAND = 514;
export const ERESTART_RESTARTBLOCK = 516;

/** arch/arm/include/uapi/asm/ptrace.h: bits of the CPSR that a frame touches. */
export const PSR_T_BIT = 0x20;
export const PSR_E_BIT = 0x200;
export const PSR_F_MASK = 0xff000000;
export const PSR_IT_MASK = 0x0600fc00;
export const USR_MODE = 0x10;
export const MODE_MASK = 0x1f;

/** arch/arm/include/asm/ucontext.h and arch/arm/kernel/signal.c */
export const VFP_MAGIC = 0x56465001;
/** uc_flags of a frame without siginfo. */
export const NON_RT_FRAME_FLAGS = 0x5ac3c35a;
