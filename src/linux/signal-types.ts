/** Types of the signal machinery; the logic is in signals.ts and signal-frame.ts. */

/** A signal number, 1 to 64. */
export type Signal = number;

/** 64 bits: bit `signal - 1`. */
export type SignalSet = bigint;

/** struct sigaction in the kernel's form for ARM (asm/signal.h). */
export interface SignalAction {
  /** SIG_DFL (0), SIG_IGN (1) or an address with bit 0 set for Thumb. */
  handler: number;
  /** SA_* bits. */
  flags: number;
  restorer: number;
  mask: SignalSet;
}

/** The parts of siginfo_t that a guest can see. */
export interface SignalInfo {
  signal: Signal;
  /** SI_USER, SI_TKILL, SEGV_MAPERR... */
  code: number;
  errno?: number;
  /** Sender, for SI_USER, SI_TKILL, SI_QUEUE and CLD_*. */
  pid?: number;
  uid?: number;
  /** si_value of SI_QUEUE, si_status of CLD_*. */
  value?: number;
  /** Fault address, for SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP. */
  address?: number;
  /** sigcontext's trap_no, error_code and fault_address, for faults (asm/sigcontext.h). */
  trapNumber?: number;
  errorCode?: number;
}
