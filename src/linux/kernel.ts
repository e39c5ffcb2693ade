/**
 * The Linux kernel's side of one guest process: it lives on the master's main thread and owns files, memory map, signals
 * and the thread registry. Handlers under calls/ are thin; state that several of them share is here. What is common to
 * all processes is in processes.ts.
 */
import { readFileSync } from 'node:fs';
import { Errno, errnoFromCode } from '../abi/errno.ts';
import { RLIM_NLIMITS, RLIM64_INFINITY, RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_STACK } from '../abi/process.ts';
import { ERESTARTSYS, SI_KERNEL, Signals } from '../abi/signal.ts';
import type { AddressSpace } from './address-space.ts';
import type {
  KernelApi,
  KernelHost,
  MapChange,
  MasterCall,
  MasterRow,
  ProcessEnd,
  SignalDelivery,
  SignalInfo,
  SignalSet,
  ThreadInfo,
} from './api.ts';
import { type Description, Waiters } from './files/description.ts';
import { DescriptorTable, releaseDescription, retainDescription } from './files/descriptor-table.ts';
import { inheritStandardFiles } from './files/inherited.ts';
import { defaultStackBytes, type LoadedProgram } from './loader.ts';
import type { MemoryMap } from './memory-map.ts';
import { Paths } from './paths.ts';
import { Processes } from './processes.ts';
import { PendingSignals, SignalActions, signalBit, takeSignal, unblockable } from './signals.ts';

export interface Ids {
  uid: number;
  euid: number;
  gid: number;
  egid: number;
}

export interface KernelOptions {
  host: KernelHost;
  program: LoadedProgram;
  space: AddressSpace;
  ids: Ids;
  sysroot?: string;
  stackBytes?: number;
}

/** What a new process shares with the one that made it instead of having a copy (clone(2)). */
export interface Sharing {
  /** CLONE_FILES, CLONE_FS, CLONE_SIGHAND. */
  readonly files: boolean;
  readonly paths: boolean;
  readonly actions: boolean;
  /** CLONE_PARENT: a sibling. */
  readonly parent: boolean;
  /** Sent to the parent at the end; 0 for none. */
  readonly exitSignal: number;
}

/** A thread's state on the master. */
class Thread implements ThreadInfo {
  readonly tid: number;
  name: Buffer;
  readonly pending: PendingSignals;
  /** The blocking call it is in: which signals interrupt it, and how. */
  waiting: { mask: SignalSet; accepted: SignalSet; interrupt: () => void } | null = null;
  /** It is to end: its process has ended, or is about to run another program. */
  leaving = false;
  /** When the call that a signal interrupted, and that is about to start again, ends by time (performance.now()). */
  interruptedDeadline: number | undefined = undefined;

  constructor(tid: number, name: Buffer, pending = new PendingSignals()) {
    this.tid = tid;
    this.name = name;
    this.pending = pending;
  }
}

/** How a blocking call waits; see `Kernel.block`. */
export interface Waiting {
  /** The call's result, or undefined to go on waiting. */
  attempt: () => number | undefined;
  /** Calls `wake` when another attempt is worth it; the result cancels. */
  watch: (wake: () => void) => () => void;
  /** The open file that the call is about: it stays open meanwhile, whatever becomes of the descriptor. */
  file?: Description;
  /** Milliseconds; undefined for ever. */
  timeoutMs?: number | undefined;
  timedOut?: () => number;
  /** Result when a signal comes, by the milliseconds that were left; by default -ERESTARTSYS. */
  interrupted?: (leftMs: number) => number;
  /** Signals blocked meanwhile; by default the caller's mask. */
  mask?: SignalSet;
  /** Signals that end the wait even when they are blocked or ignored (sigtimedwait). */
  accepted?: SignalSet;
}

/** Whose children orphans are. */
const initPid = 1;
/** setTimeout's limit is 2^31 - 1. */
const timerStepMs = 2 ** 30;

export class Kernel implements KernelApi<Kernel> {
  readonly host: KernelHost;
  readonly processes: Processes;
  readonly pid: number;
  program: LoadedProgram;
  space: AddressSpace;
  readonly ids: Ids;
  /** The process that made it; null when that has ended, and for the first one. */
  parent: Kernel | null = null;
  /** Those it has made and not yet waited for. */
  readonly children = new Set<Kernel>();
  /** A child has ended. */
  readonly childrenChanged = new Waiters();
  /** How it ended, while nobody has waited for it. */
  end: ProcessEnd | undefined;
  /** Told to the parent at the end; 0 for none. */
  exitSignal: number;
  /** It runs another program than its parent: setpgid(2) by the parent comes too late. */
  hasExecuted = false;
  processGroup: number;
  session: number;
  descriptors: DescriptorTable;
  readonly paths: Paths;
  actions: SignalActions;
  readonly sharedPending = new PendingSignals();
  /** Soft and hard limit of each RLIMIT_*. */
  readonly limits: { current: bigint; maximum: bigint }[];
  readonly startTicks = Math.floor(process.uptime() * 100);
  readonly #threads = new Map<number, Thread>();
  #ended = false;
  /** Called at shutdown (timers of setitimer, files that calls hold). */
  readonly atShutdown = new Set<() => void>();

  /** The first process, or with `from` one that another makes (fork). */
  constructor(options: KernelOptions, from?: { parent: Kernel; sharing: Sharing }) {
    this.host = options.host;
    this.program = options.program;
    this.space = options.space;
    this.ids = options.ids;
    if (from) {
      const { parent, sharing } = from;
      this.processes = parent.processes;
      this.pid = this.processes.allocateId();
      this.parent = sharing.parent ? parent.parent : parent;
      this.parent?.children.add(this);
      this.exitSignal = sharing.exitSignal;
      this.processGroup = parent.processGroup;
      this.session = parent.session;
      this.limits = parent.limits.map((limit) => ({ ...limit }));
      this.actions = sharing.actions ? parent.actions : parent.actions.copy();
      this.descriptors = sharing.files ? parent.descriptors : parent.descriptors.copy();
      if (sharing.files) this.descriptors.users++;
      this.paths = new Paths(this, parent.paths, sharing.paths);
    } else {
      this.processes = new Processes(process.pid);
      this.pid = this.processes.allocateId();
      this.exitSignal = 0;
      this.processGroup = this.pid;
      this.session = hostSession() ?? this.pid;
      this.limits = firstLimits(options.stackBytes);
      this.actions = new SignalActions();
      this.descriptors = new DescriptorTable(1024);
      this.paths = new Paths(this, options.sysroot);
      inheritStandardFiles(this.descriptors);
    }
    this.processes.add(this);
  }

  get memory(): MemoryMap {
    return this.space.map;
  }

  get parentPid(): number {
    if (this.parent) return this.parent.pid;
    return this.pid === process.pid ? process.ppid : initPid;
  }

  // ---- processes --------------------------------------------------------------------------------------------

  /** The kernel's side of a new process that is a copy of this one (fork, vfork, clone without CLONE_THREAD). */
  fork(host: KernelHost, space: AddressSpace, sharing: Sharing): Kernel {
    const { program, ids } = this;
    return new Kernel({ host, program, space, ids: { ...ids } }, { parent: this, sharing });
  }

  /**
   * The process runs `program` from now on (execve(2), "Effect on process attributes"). Its one thread is the first one,
   * with what was pending for the thread `tid` that called.
   */
  become(program: LoadedProgram, tid: number): void {
    const caller = this.#threads.get(tid);
    this.#threads.clear();
    const first = new Thread(this.pid, program.name, caller?.pending);
    this.#threads.set(this.pid, first);
    this.program = program;
    this.hasExecuted = true;
    this.exitSignal = Signals.SIGCHLD;
    if (this.descriptors.users > 1) {
      this.descriptors.users--;
      this.descriptors = this.descriptors.copy();
    }
    this.descriptors.closeForExec();
    this.actions = this.actions.ignoredOnly();
  }

  // ---- threads ----------------------------------------------------------------------------------------------

  allocateTid(): number {
    return this.processes.allocateId();
  }

  /** The thread is to end as soon as it can be reached. */
  dismissThread(tid: number): void {
    const thread = this.#threads.get(tid);
    if (!thread || thread.leaving) return;
    thread.leaving = true;
    this.host.interruptThread(tid, this.pendingOf(tid) | signalBit(Signals.SIGKILL));
    thread.waiting?.interrupt();
  }

  /** @param parentTid the thread of this process that made it, whose name it has · @param name that of a fork's parent */
  addThread(tid: number, parentTid?: number, name?: Buffer): Thread {
    const parent = parentTid === undefined ? undefined : this.#threads.get(parentTid);
    const thread = new Thread(tid, parent?.name ?? name ?? this.program.name);
    this.#threads.set(tid, thread);
    if (this.sharedPending.set) this.#notify(thread);
    return thread;
  }

  removeThread(tid: number): void {
    this.#threads.delete(tid);
  }

  thread(tid: number): Thread | undefined {
    return this.#threads.get(tid);
  }

  threadIds(): number[] {
    return [...this.#threads.keys()].sort((a, b) => a - b);
  }

  // ---- calls ------------------------------------------------------------------------------------------------

  invoke(row: MasterRow<Kernel>, thread: ThreadInfo, call: MasterCall): number | Promise<number> {
    if (!row.handler) return 'errno' in row.support ? -row.support.errno : -Errno.ENOSYS;
    this.paths.useUmask();
    try {
      const result = row.handler(this, thread, call);
      return typeof result === 'number' ? result : result.catch(hostErrno);
    } catch (error) {
      return hostErrno(error);
    }
  }

  /**
   * Waits until `attempt` gives a result, a signal comes or time is up; without waiting when it can be told at once. A
   * call that starts again, because another thread took the signal, ends when it would have ended.
   */
  block(thread: ThreadInfo, call: MasterCall, waiting: Waiting): number | Promise<number> {
    const own = this.#threads.get(thread.tid);
    const resumed = own?.interruptedDeadline;
    if (own) own.interruptedDeadline = undefined;
    const first = waiting.attempt();
    if (first !== undefined) return first;
    const { timeoutMs, timedOut = () => 0, mask = call.signalMask } = waiting;
    const deadline = timeoutMs === undefined ? undefined : (resumed ?? performance.now() + timeoutMs);
    if (deadline !== undefined && deadline <= performance.now()) return timedOut();
    const interrupted = (): number => {
      const leftMs = deadline === undefined ? 0 : Math.max(0, deadline - performance.now());
      const result = waiting.interrupted?.(leftMs) ?? -ERESTARTSYS;
      if (own && result <= -ERESTARTSYS) own.interruptedDeadline = deadline;
      return result;
    };
    if (!own || own.leaving || this.#deliverable(own, mask)) return interrupted();

    const release = waiting.file && this.#hold(waiting.file);
    return new Promise<number>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let cancel: (() => void) | undefined;
      let over = false;
      const finish = (result: number): void => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        cancel?.();
        own.waiting = null;
        release?.();
        resolve(result);
      };
      const again = (): void => {
        if (over) return;
        try {
          const result = waiting.attempt();
          if (result !== undefined) finish(result);
        } catch (error) {
          reject(error);
          finish(0);
        }
        if (over) return;
        cancel?.();
        cancel = waiting.watch(again);
      };
      const arm = (): void => {
        const left = deadline! - performance.now();
        if (left <= 0) finish(timedOut());
        else timer = setTimeout(arm, Math.min(Math.ceil(left), timerStepMs));
      };
      own.waiting = { mask, accepted: waiting.accepted ?? 0n, interrupt: () => finish(interrupted()) };
      cancel = waiting.watch(again);
      if (deadline !== undefined) arm();
    });
  }

  /** Keeps a file open until the result is called, or the process ends. */
  #hold(file: Description): () => void {
    retainDescription(file);
    const release = (): void => {
      if (this.atShutdown.delete(release)) releaseDescription(file);
    };
    this.atShutdown.add(release);
    return release;
  }

  /** Waits for another process (vfork): nothing but the thread's own end comes between. */
  waitFor(tid: number, over: Promise<void>): Promise<void> {
    const own = this.#threads.get(tid);
    if (!own || own.leaving) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        own.waiting = null;
        resolve();
      };
      own.waiting = { mask: ~0n, accepted: 0n, interrupt: finish };
      over.then(finish);
    });
  }

  async applyMapChanges(changes: readonly MapChange[]): Promise<void> {
    if (changes.length > 0) await this.host.applyMapChanges(changes);
  }

  // ---- signals ----------------------------------------------------------------------------------------------

  /** Signals pending for a thread: its own and the process's. */
  pendingOf(tid: number): SignalSet {
    return (this.#threads.get(tid)?.pending.set ?? 0n) | this.sharedPending.set;
  }

  /** tgkill and its kin; ESRCH for an unknown thread, EAGAIN when the queue is full. */
  signalThread(tid: number, info: SignalInfo): number {
    const thread = this.#threads.get(tid);
    if (!thread) return -Errno.ESRCH;
    if (this.#endsAtOnce(info)) return 0;
    if (!thread.pending.add(info)) return -Errno.EAGAIN;
    this.#notify(thread);
    return 0;
  }

  signalProcess(info: SignalInfo): number {
    if (this.#endsAtOnce(info)) return 0;
    if (!this.sharedPending.add(info)) return -Errno.EAGAIN;
    for (const thread of this.#threads.values()) this.#notify(thread);
    return 0;
  }

  /** Tells the nodes of every thread what is pending for it (they are new there). */
  notifyAll(): void {
    for (const thread of this.#threads.values()) if (this.pendingOf(thread.tid)) this.#notify(thread);
  }

  #endsAtOnce(info: SignalInfo): boolean {
    if (info.signal !== Signals.SIGKILL) return false;
    this.host.exitGroup({ kind: 'signal', signal: info.signal, core: false });
    return true;
  }

  #notify(thread: Thread): void {
    this.host.interruptThread(thread.tid, this.pendingOf(thread.tid));
    const { waiting } = thread;
    if (!waiting) return;
    if (this.pendingOf(thread.tid) & waiting.accepted || this.#deliverable(thread, waiting.mask)) waiting.interrupt();
  }

  #deliverable(thread: Thread, mask: SignalSet): boolean {
    const ready = (thread.pending.set | this.sharedPending.set) & ~(mask & ~unblockable);
    return ready !== 0n && this.actions.withoutIgnored(ready) !== 0n;
  }

  nextSignal(tid: number, mask: SignalSet): { delivery: SignalDelivery | null; pending: SignalSet } {
    const thread = this.#threads.get(tid);
    if (thread?.leaving) return { delivery: { kind: 'leave' }, pending: 0n };
    let delivery: SignalDelivery | null = null;
    while (thread && !delivery) {
      const info = takeSignal(thread.pending, this.sharedPending, mask);
      if (!info) break;
      delivery = this.actions.deliver(info, mask);
    }
    // After a handler an interrupted call with a time is over; what the thread waits for next is another matter.
    if (thread && delivery) thread.interruptedDeadline = undefined;
    return { delivery, pending: this.pendingOf(tid) };
  }

  /** Forgets pending signals everywhere (they have become ignored). */
  discardPending(set: SignalSet): void {
    this.sharedPending.discard(set);
    for (const thread of this.#threads.values()) thread.pending.discard(set);
  }

  /** Takes one of `set` that is pending, blocked or not (sigtimedwait). */
  takePending(tid: number, set: SignalSet): SignalInfo | undefined {
    const thread = this.#threads.get(tid);
    return thread && takeSignal(thread.pending, this.sharedPending, ~set);
  }

  forceSignal(_tid: number, info: SignalInfo, mask: SignalSet): SignalDelivery {
    if (mask & signalBit(info.signal) || this.actions.isIgnored(info.signal)) this.actions.reset(info.signal);
    const delivery = this.actions.deliver(info, mask);
    return delivery ?? { kind: 'terminate', signal: info.signal, core: true };
  }

  /** SIGPIPE for a write without a reader; gives the call's result. */
  brokenPipe(thread: ThreadInfo): number {
    this.signalThread(thread.tid, { signal: Signals.SIGPIPE, code: SI_KERNEL });
    return -Errno.EPIPE;
  }

  // ---- the end ----------------------------------------------------------------------------------------------

  async shutdown(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    for (const stop of this.atShutdown) stop();
    await this.space.writeBack();
    this.descriptors.users--;
    if (this.descriptors.users > 0) return;
    const open = this.descriptors.numbers().map((fd) => this.descriptors.get(fd)!);
    // What another process has open too is drained at that one's end.
    const last = open.filter(
      (description) => open.filter((one) => one === description).length === description.references,
    );
    await Promise.all(last.map((description) => description.drained()));
    for (const fd of this.descriptors.numbers()) this.descriptors.close(fd);
  }
}

/** The session that the emulator was started in (proc(5), field 6 of stat); undefined where the host does not tell. */
function hostSession(): number | undefined {
  try {
    const fields = readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[3]) || undefined;
  } catch {
    return undefined;
  }
}

function firstLimits(stackBytes = defaultStackBytes): { current: bigint; maximum: bigint }[] {
  const limits = Array.from({ length: RLIM_NLIMITS }, () => ({ current: RLIM64_INFINITY, maximum: RLIM64_INFINITY }));
  limits[RLIMIT_STACK]!.current = BigInt(stackBytes);
  limits[RLIMIT_NOFILE] = { current: 1024n, maximum: 1048576n };
  limits[RLIMIT_CORE]!.current = 0n;
  return limits;
}

/** -errno for an error of node:fs; anything else is a bug of the emulator and goes on. */
function hostErrno(error: unknown): number {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const errno =
    typeof code === 'string' && (syscall !== undefined || code.startsWith('ERR_FS')) ? errnoFromCode(code) : undefined;
  if (errno === undefined) throw error;
  return -errno;
}
