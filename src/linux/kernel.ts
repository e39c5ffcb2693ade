/**
 * The Linux kernel of one guest process: it lives on the master's main thread and owns files, memory map, signals and
 * the thread registry. Handlers under calls/ are thin; state that several of them share is here.
 */
import { Errno, errnoFromCode } from '../abi/errno.ts';
import { RLIM_NLIMITS, RLIM64_INFINITY, RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_STACK } from '../abi/process.ts';
import { ERESTARTSYS, SI_KERNEL, Signals } from '../abi/signal.ts';
import type {
  KernelApi,
  KernelHost,
  MapChange,
  MasterCall,
  MasterRow,
  SignalDelivery,
  SignalInfo,
  SignalSet,
  ThreadInfo,
} from './api.ts';
import { DescriptorTable } from './files/descriptor-table.ts';
import { inheritStandardFiles } from './files/inherited.ts';
import type { LoadedProgram } from './loader.ts';
import { MappedFiles } from './mapped-files.ts';
import type { MemoryMap } from './memory-map.ts';
import { Paths } from './paths.ts';
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
  ids: Ids;
  sysroot?: string;
  stackBytes?: number;
}

/** A thread's state on the master. */
class Thread implements ThreadInfo {
  readonly tid: number;
  name: Buffer;
  readonly pending = new PendingSignals();
  /** The blocking call it is in: which signals interrupt it, and how. */
  waiting: { mask: SignalSet; accepted: SignalSet; interrupt: () => void } | null = null;
  /** When the call that a signal interrupted, and that is about to start again, ends by time (performance.now()). */
  interruptedDeadline: number | undefined = undefined;

  constructor(tid: number, name: Buffer) {
    this.tid = tid;
    this.name = name;
  }
}

/** How a blocking call waits; see `Kernel.block`. */
export interface Waiting {
  /** The call's result, or undefined to go on waiting. */
  attempt: () => number | undefined;
  /** Calls `wake` when another attempt is worth it; the result cancels. */
  watch: (wake: () => void) => () => void;
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

/** setTimeout's limit is 2^31 - 1. */
const timerStepMs = 2 ** 30;

export class Kernel implements KernelApi<Kernel> {
  readonly host: KernelHost;
  readonly program: LoadedProgram;
  readonly memory: MemoryMap;
  readonly ids: Ids;
  readonly pid: number;
  /** Without job control the process leads its own group and session. */
  processGroup: number;
  session: number;
  readonly descriptors: DescriptorTable;
  readonly paths: Paths;
  readonly actions = new SignalActions();
  readonly sharedPending = new PendingSignals();
  readonly mappedFiles: MappedFiles;
  /** Soft and hard limit of each RLIMIT_*. */
  readonly limits: { current: bigint; maximum: bigint }[];
  readonly startTicks = Math.floor(process.uptime() * 100);
  readonly #threads = new Map<number, Thread>();
  #nextTid: number;
  /** Memory calls change the map and wait for all nodes: one after the other. */
  #memoryQueue: Promise<unknown> = Promise.resolve();
  #ended = false;
  /** Called at shutdown (timers of setitimer and the like). */
  readonly atShutdown = new Set<() => void>();

  constructor(options: KernelOptions) {
    this.host = options.host;
    this.program = options.program;
    this.memory = options.program.memory;
    this.ids = options.ids;
    this.pid = process.pid;
    this.#nextTid = this.pid + 1;
    this.processGroup = this.pid;
    this.session = this.pid;
    this.limits = Array.from({ length: RLIM_NLIMITS }, () => ({ current: RLIM64_INFINITY, maximum: RLIM64_INFINITY }));
    this.limits[RLIMIT_STACK]!.current = BigInt(options.stackBytes ?? 8 << 20);
    this.limits[RLIMIT_NOFILE] = { current: 1024n, maximum: 1048576n };
    this.limits[RLIMIT_CORE]!.current = 0n;
    this.descriptors = new DescriptorTable(1024);
    this.paths = new Paths(this, options.sysroot);
    this.mappedFiles = new MappedFiles(this);
    inheritStandardFiles(this.descriptors);
  }

  // ---- threads ----------------------------------------------------------------------------------------------

  allocateTid(): number {
    return this.#nextTid++;
  }

  addThread(tid: number, parentTid?: number): Thread {
    const parent = parentTid === undefined ? undefined : this.#threads.get(parentTid);
    const path = this.program.executable;
    const name = parent?.name ?? path.subarray(path.lastIndexOf('/') + 1).subarray(0, 15);
    const thread = new Thread(tid, name);
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
    if (!own || this.#deliverable(own, mask)) return interrupted();

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

  /** Runs memory calls one after another, so that the map and the nodes see the same order. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#memoryQueue.then(work);
    this.#memoryQueue = result.catch(() => {});
    return result;
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
    await this.mappedFiles.writeBack(0, 2 ** 32);
    const open = this.descriptors.numbers().map((fd) => this.descriptors.get(fd)!);
    await Promise.all(open.map((description) => description.drained()));
    for (const fd of this.descriptors.numbers()) this.descriptors.close(fd);
  }
}

/** -errno for an error of node:fs; anything else is a bug of the emulator and goes on. */
function hostErrno(error: unknown): number {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const errno =
    typeof code === 'string' && (syscall !== undefined || code.startsWith('ERR_FS')) ? errnoFromCode(code) : undefined;
  if (errno === undefined) throw error;
  return -errno;
}
