/**
 * All guest processes of a run: their numbers, families, groups and ends (kernel/fork.c, kernel/exit.c, kernel/sys.c).
 * Each has a `Kernel` of its own for everything else.
 */
import { CLD_EXITED, CLD_KILLED, SA_NOCLDWAIT, SIG_IGN, Signals } from '../abi/signal.ts';
import type { ProcessEnd, SignalInfo } from './api.ts';
import type { Kernel } from './kernel.ts';

export class Processes {
  readonly #byPid = new Map<number, Kernel>();
  readonly #firstId: number;
  #nextId: number;
  /** The group to which the terminal's signals go (tcsetpgrp). */
  foregroundGroup: number;

  /** @param firstPid the first process's number */
  constructor(firstPid: number) {
    this.#firstId = firstPid;
    this.#nextId = firstPid;
    this.foregroundGroup = firstPid;
  }

  /** A number for a process or thread; unique in the run. */
  allocateId(): number {
    return this.#nextId++;
  }

  /** Whether a number was given to a guest process or thread at some time: it never means one of the host. */
  wasGiven(id: number): boolean {
    return id >= this.#firstId && id < this.#nextId;
  }

  add(kernel: Kernel): void {
    this.#byPid.set(kernel.pid, kernel);
  }

  /** A process that has not been waited for yet. */
  get(pid: number): Kernel | undefined {
    return this.#byPid.get(pid);
  }

  /** Those that have not ended. */
  living(): Kernel[] {
    return [...this.#byPid.values()].filter(({ end }) => end === undefined);
  }

  group(processGroup: number): Kernel[] {
    return this.living().filter((kernel) => kernel.processGroup === processGroup);
  }

  /** The process whose thread this is. */
  ofThread(tid: number): Kernel | undefined {
    return this.living().find((kernel) => kernel.thread(tid) !== undefined);
  }

  /**
   * A process has ended: its children belong to nobody, and its parent is told. It stays until it is waited for, unless
   * its parent does not care (wait(2), sigaction(2) SA_NOCLDWAIT).
   */
  ended(kernel: Kernel, end: ProcessEnd): void {
    kernel.end = end;
    for (const child of kernel.children) {
      child.parent = null;
      child.exitSignal = Signals.SIGCHLD;
      if (child.end !== undefined) this.#byPid.delete(child.pid);
    }
    kernel.children.clear();
    const { parent } = kernel;
    if (!parent) {
      this.#byPid.delete(kernel.pid);
      return;
    }
    const { handler, flags } = parent.actions.get(Signals.SIGCHLD);
    const ignored = kernel.exitSignal === Signals.SIGCHLD && handler === SIG_IGN;
    const told = childInfo(kernel, kernel.exitSignal);
    const reaped = ignored || (kernel.exitSignal === Signals.SIGCHLD && (flags & SA_NOCLDWAIT) !== 0);
    if (reaped) this.reap(kernel);
    // Before the signal: a thread that waits for this child is told of it, not interrupted.
    parent.childrenChanged.wakeAll();
    if (kernel.exitSignal !== 0 && !ignored) parent.signalProcess(told);
  }

  /** The parent has been told of the end: nothing is left of the process. */
  reap(kernel: Kernel): void {
    kernel.parent?.children.delete(kernel);
    this.#byPid.delete(kernel.pid);
  }
}

/** siginfo of SIGCHLD and waitid for a process that has ended. No core is ever written, so none is told of. */
export function childInfo({ pid, ids, end }: Kernel, signal: number): SignalInfo {
  const told = { signal, pid, uid: ids.uid };
  if (end!.kind === 'exit') return { ...told, code: CLD_EXITED, value: end!.status };
  return { ...told, code: CLD_KILLED, value: end!.signal };
}

/** The status word of wait4 (asm-generic W* macros, bits/waitstatus.h), without a core. */
export function waitStatus(end: ProcessEnd): number {
  return end.kind === 'exit' ? (end.status & 0xff) << 8 : end.signal;
}
