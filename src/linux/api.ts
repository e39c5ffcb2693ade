/**
 * The seams of the Linux personality: types only. The cluster marshals calls by the argument formats, runs `local`
 * rows on the executor, `node` and `home` rows with code of its own, and hands `master` rows to `Kernel.invoke`.
 *
 * Order that both sides rely on:
 *   1. inputs are copied out of guest memory before a call is delegated, outputs copied in after it has answered;
 *   2. `applyMapChanges` calls are applied on every node in the order in which they were made;
 *   3. a thread's signal mask does not change while it is inside a system call.
 */
import type { LoadedProgram } from './loader.ts';
import type { Signal, SignalAction, SignalInfo, SignalSet } from './signal-types.ts';

export type { Signal, SignalAction, SignalInfo, SignalSet } from './signal-types.ts';

// ---- guest memory -------------------------------------------------------------------------------------------

/** The pages are not mapped at all: any access is SIGSEGV with SEGV_MAPERR. */
export type Unmapped = -1;

/** What the file's bytes put into a changed range; `offset` counts from the change's `start`. */
export interface MapData {
  offset: number;
  bytes: Uint8Array;
}

/** One step of the guest's memory map, to be applied on every node. `start` and `length` are multiples of 4096. */
export interface MapChange {
  start: number;
  length: number;
  /** PROT_READ | PROT_WRITE | PROT_EXEC bits, or -1 for unmapped. */
  protection: number | Unmapped;
  /** The old contents must read as zero afterwards (before `data` is put in). False keeps them, for `readKept` as well. */
  fresh: boolean;
  data?: readonly MapData[];
}

// ---- what the kernel needs of the cluster -------------------------------------------------------------------

/** How the guest process ended, as wait(2) would tell it. */
export type ProcessEnd = { kind: 'exit'; status: number } | { kind: 'signal'; signal: Signal; core: boolean };

/** The guest memory of one address space, wherever its pages are. */
export interface MemoryHost {
  /** Resolves when all nodes have applied the changes, in order. */
  applyMapChanges(changes: readonly MapChange[]): Promise<void>;
  /** Coherent contents of guest memory; null when any byte is not readable. */
  readGuest(address: number, length: number): Promise<Uint8Array | null>;
  /** The contents of pages that are mapped, or kept though unmapped, whatever their protection. */
  readKept(address: number, length: number): Promise<Uint8Array>;
  /** Runs `work` while the guest's threads stand still, on all nodes. */
  whileStill<T>(work: () => Promise<T>): Promise<T>;
  /** False when any byte is not writable (nothing is written then). */
  writeGuest(address: number, bytes: Uint8Array): Promise<boolean>;
}

export interface KernelHost extends MemoryHost {
  /**
   * The thread has these signals pending (its own and the process's). The node keeps the set in the thread's record
   * and, as soon as `pending & ~mask` is not empty at a poll, calls `Kernel.nextSignal`.
   */
  interruptThread(tid: number, pending: SignalSet): void;
  /** Ends the whole guest process (a signal's default action, SIGKILL). Not called for sys_exit_group. */
  exitGroup(end: ProcessEnd): void;
  /**
   * Makes the process run another program, which has been loaded: its other threads end, its memory is replaced, and
   * `Kernel.become` is called before the first instruction. The calling thread comes back only with -ENOMEM.
   */
  exec(tid: number, program: LoadedProgram, mask: SignalSet): Promise<number>;
  /** The process has handlers of faults from now on, which look at registers, or none any more. */
  faultsCaught(caught: boolean): Promise<void>;
  /** One line for the person at the keyboard (stderr), without a newline. */
  log(line: string): void;
  /** Processors that the guest sees: sched_getaffinity, /proc/cpuinfo, sysinfo. */
  processorCount(): number;
}

// ---- argument formats ---------------------------------------------------------------------------------------

/** A size in bytes computed from the raw registers (signed 32-bit each); negative is -errno and fails the call. */
export type ByteCount = (args: ArrayLike<number>) => number;

/** A register that is passed as it is. The kind says how a trace prints it. */
export interface ScalarFormat {
  kind: 'int' | 'uint' | 'hex' | 'octal' | 'fd' | 'dirfd' | 'signal' | 'ptr' | 'pad' | 'low64' | 'high64';
}
/** A C string of at most 4,095 bytes (else ENAMETOOLONG): bytes, not text. */
export interface PathFormat {
  kind: 'path';
  nullable: boolean;
}
/**
 * Memory at the address in this register. `in` is copied before the call, `out` after it, `inout` both.
 * `nullable`: a null pointer is legal, and gives a null input or no output; otherwise null is EFAULT
 * (a size of 0 touches nothing and is never EFAULT).
 */
export interface BufferFormat {
  kind: 'in' | 'out' | 'inout';
  bytes: ByteCount;
  nullable: boolean;
  /**
   * Of `out`: what the call gives is used up by giving it (read). There is room only up to the first byte that the guest
   * may not write, and without any the call fails with EFAULT before it takes anything. An `iovecOut` is such a one.
   */
  usesUp?: true;
}
/**
 * An array of struct iovec at this register, `count` of them (EINVAL above 1,024 or below 0, or when the lengths
 * overflow 2^31-1). `iovecIn` is gathered into one input, `iovecOut` scatters one output.
 */
export interface IovecFormat {
  kind: 'iovecIn' | 'iovecOut';
  count: ByteCount;
}
/** The {sigset pointer, size} pair of pselect6: the input is the 8-byte mask, or null when there is none. */
export interface SigsetPairFormat {
  kind: 'sigsetPair';
}
export type PlainFormat = ScalarFormat | PathFormat | BufferFormat | IovecFormat | SigsetPairFormat;
/** A format that depends on another register, such as the command of ioctl or fcntl. */
export interface ChooseFormat {
  kind: 'choose';
  choose: (args: ArrayLike<number>) => PlainFormat;
}
/**
 * Formats stand in register order: index i describes r<i>, so a 64-bit argument is ['low64', 'high64'] after a 'pad'
 * wherever the EABI's even register asks for one.
 */
export type ArgFormat = PlainFormat | ChooseFormat;

// ---- calls --------------------------------------------------------------------------------------------------

/** A system call after its inputs were copied in. `src/linux/syscall-call.ts` has the class that the cluster fills. */
export interface SyscallCall {
  /** r0 to r6 as signed 32-bit numbers. */
  readonly args: Int32Array;
  /** The bytes of an `in`, `inout`, `iovecIn`, `sigsetPair` argument; null when the pointer was null. */
  input(index: number): Uint8Array | null;
  /** The bytes of a path argument, without the final zero. */
  path(index: number): Buffer;
  /** Room in the guest for an `out`, `inout` or `iovecOut` argument, in bytes; 0 when the pointer was null. */
  capacity(index: number): number;
  /** Sets what is copied out when the result is >= 0, or on any result with `onError`. Valid until the answer is sent. */
  output(index: number, bytes: Uint8Array, onError?: boolean): void;
}

/** A call that was delegated to the master. */
export interface MasterCall extends SyscallCall {
  /** The caller's signal mask when it entered the call. */
  readonly signalMask: SignalSet;
  /**
   * rt_sigsuspend, ppoll, pselect6: travels back with the answer. The node chooses the next signal under this mask, and
   * saves the thread's own mask in the frame; without a signal to deliver the thread's own mask stays.
   */
  temporaryMask: SignalSet | null;
}

/** What a `local` handler may use: the caller's own record, in memory shared by its node's threads. */
export interface LocalThread {
  readonly tid: number;
  readonly tgid: number;
  clearChildTid: number;
  robustListHead: number;
  /** Blocked signals 1 to 32 and 33 to 64, one bit each (unsigned or signed 32-bit, bits count). */
  signalMaskLow: number;
  signalMaskHigh: number;
  /** sigaltstack: SS_DISABLE in flags when there is none. */
  altStackBase: number;
  altStackSize: number;
  altStackFlags: number;
  /** The stack pointer at the call, to tell SS_ONSTACK. */
  readonly stackPointer: number;
  /** The processor number for getcpu. */
  readonly processor: number;
  /** Added to this host's clocks so that all nodes tell the same time. Milliseconds, with fractions. */
  readonly monotonicOffsetMs: number;
  readonly realtimeOffsetMs: number;
  /** Called after the mask was changed: the node looks at `pending & ~mask` before it goes back to the guest. */
  signalMaskChanged(): void;
}

/** A guest thread as the master knows it. */
export interface ThreadInfo {
  readonly tid: number;
  /** TASK_COMM, at most 15 bytes. */
  name: Buffer;
}

export type LocalHandler = (thread: LocalThread, call: SyscallCall) => number;

// ---- the table ----------------------------------------------------------------------------------------------

export type Support =
  | { level: 'full' }
  | { level: 'partial'; note: string }
  /** Always answers -errno on purpose, as a kernel without that feature would. */
  | { level: 'stub'; errno: number; note: string }
  /** Answers -errno because it is not there yet, and is named once on stderr by the caller of the table. */
  | { level: 'missing'; errno: number; note: string }
  /** Known by name only: ENOSYS, named once on stderr by the caller of the table. */
  | { level: 'absent' };

interface RowBase {
  number: number;
  name: string;
  args: readonly ArgFormat[];
  support: Support;
}
export interface LocalRow extends RowBase {
  where: 'local';
  handler: LocalHandler;
}
/** `Kernel` is a type parameter so that this file stays free of logic; the table uses `SyscallRow<Kernel>`. */
export type MasterHandler<K> = (kernel: K, thread: ThreadInfo, call: MasterCall) => number | Promise<number>;
export interface MasterRow<K> extends RowBase {
  where: 'master';
  /** Absent for stubs and for calls that are known by name only. */
  handler?: MasterHandler<K>;
}
/** `node`: the cluster's own code on the caller's node (clone, exit...). `home`: at a futex's home. */
export interface ClusterRow extends RowBase {
  where: 'node' | 'home';
}
export type SyscallRow<K> = LocalRow | MasterRow<K> | ClusterRow;

// ---- signals ------------------------------------------------------------------------------------------------

/** What a thread must do now. `handler`: build a frame with `buildSignalFrame` and set the mask to `maskDuring`. */
export type SignalDelivery =
  | { kind: 'handler'; signal: Signal; info: SignalInfo; action: SignalAction; maskDuring: SignalSet }
  | { kind: 'terminate'; signal: Signal; core: boolean }
  /** The thread ends: its process has ended, or runs another program. */
  | { kind: 'leave' };

/** The CPU state that a signal frame saves: r0 to r15 (r15 with bit 0 clear), CPSR with T and IT, d0 to d31, FPSCR. */
export interface CpuImage {
  r: Int32Array;
  cpsr: number;
  d: BigUint64Array;
  fpscr: number;
}

// ---- the kernel as the cluster uses it ----------------------------------------------------------------------

export interface KernelApi<K> {
  /** Process id, which is also the main thread's tid. */
  readonly pid: number;
  /** Registers a thread; the cluster calls it for the main thread and at each clone. */
  addThread(tid: number, parentTid?: number): ThreadInfo;
  removeThread(tid: number): void;
  thread(tid: number): ThreadInfo | undefined;
  /**
   * Runs a `master` row. Never throws for the guest's mistakes; host errors become -errno. The result may be one of
   * the kernel's restart codes (-512 to -516): the node resolves them with `resolveRestart` after it has asked
   * `nextSignal`.
   */
  invoke(row: MasterRow<K>, thread: ThreadInfo, call: MasterCall): number | Promise<number>;
  /** Takes the next deliverable signal of a thread, and what to do with it; null when there is none. */
  nextSignal(tid: number, mask: SignalSet): { delivery: SignalDelivery | null; pending: SignalSet };
  /** A fault of the thread's own (SIGSEGV, SIGILL, SIGFPE, SIGBUS, SIGTRAP): blocked or ignored means terminate. */
  forceSignal(tid: number, info: SignalInfo, mask: SignalSet): SignalDelivery;
  /** kill(2) from outside, such as the host's SIGINT. */
  signalProcess(info: SignalInfo): void;
  /** Before the process goes: writes back shared file mappings, waits for output in flight, closes descriptors. */
  shutdown(): Promise<void>;
}
