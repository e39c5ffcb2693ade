/** The guest threads of one node: made by clone on any node, placed by the master, ended here. */
import { Errno } from '../abi/errno.ts';
import {
  CLONE_CHILD_CLEARTID,
  CLONE_CHILD_SETTID,
  CLONE_NEWNS,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  CLONE_SETTLS,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CLONE_VFORK,
  CLONE_VM,
} from '../abi/process.ts';
import type { Engine } from '../engine/engine.ts';
import { Thread, ThreadState, threadRecord } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import type { SignalSet } from '../linux/api.ts';
import type { Futexes } from './futex.ts';
import type { GuestAccess } from './guest-access.ts';
import { GuestThread } from './guest-thread.ts';
import type { ForkRequest, MasterLink } from './master-link.ts';
import { RobustList } from './robust-list.ts';

const SS_DISABLE = 2;
const anyBit = -1;
/** Threads that are not here of which signals are remembered: those on their way, and a few that have ended. */
const expectedMax = 1024;

/** Sends a new thread's record to its node; resolves when it is there. */
export type Spawn = (node: number, record: Uint8Array) => Promise<void>;

export class Threads {
  readonly #engine: Engine;
  readonly #access: GuestAccess;
  readonly #futexes: Futexes;
  readonly #master: MasterLink;
  readonly #spawn: Spawn;
  readonly #bySlot = new Map<number, GuestThread>();
  readonly #byTid = new Map<number, GuestThread>();
  /** Signals pending for threads that are on their way here: the master's word comes straight, a thread by its parent. */
  readonly #expected = new Map<number, SignalSet>();
  /** Threads that ever ran here. */
  started = 0;

  constructor(engine: Engine, access: GuestAccess, futexes: Futexes, master: MasterLink, spawn: Spawn) {
    this.#engine = engine;
    this.#access = access;
    this.#futexes = futexes;
    this.#master = master;
    this.#spawn = spawn;
  }

  inSlot(slot: number): GuestThread {
    return this.#bySlot.get(slot)!;
  }

  /** Signals are pending for a thread. @returns the thread, when it is here */
  hear(tid: number, pending: SignalSet): GuestThread | undefined {
    const thread = this.#byTid.get(tid);
    if (thread) thread.hear(pending);
    else {
      this.#expected.set(tid, pending);
      if (this.#expected.size > expectedMax) this.#expected.delete(this.#expected.keys().next().value!);
    }
    return thread;
  }

  /** Makes a thread of a record and lets it run. */
  start(record: Uint8Array): void {
    const { words } = this.#engine;
    const slot = this.#engine.allocateThread();
    const at = threadRecord(slot) >>> 2;
    words.set(new Int32Array(record.slice().buffer), at);
    words[at + Thread.granted.index32] = -1;
    words[at + Thread.requests.index32] = 0;
    words[at + Thread.state.index32] = ThreadState.parked;
    const thread = new GuestThread(words, slot);
    this.#bySlot.set(slot, thread);
    this.#byTid.set(thread.tid, thread);
    this.started++;
    const pending = this.#expected.get(thread.tid);
    this.#expected.delete(thread.tid);
    if (pending !== undefined) thread.hear(pending);
    this.#engine.resume(slot);
  }

  /**
   * sys_clone (clone(2)).
   * @returns the new thread's or process's number, or -errno
   */
  async clone(parent: GuestThread): Promise<number> {
    const [flags, stack, parentTid, tls, childTid] = parent.arguments() as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    const invalid =
      (flags & CLONE_THREAD && !(flags & CLONE_SIGHAND)) ||
      (flags & CLONE_SIGHAND && !(flags & CLONE_VM)) ||
      flags & (CLONE_PIDFD | CLONE_NEWNS);
    if (invalid) return -Errno.EINVAL;
    if (!(flags & CLONE_THREAD)) return this.fork(parent, { flags, stack, parentTid, tls, childTid });
    const place = await this.#master.allocateThread(parent.tid);
    if (!place) return -Errno.EAGAIN;
    const { tid, node } = place;
    const record = clonedRecord(parent.copyRecord(), { flags, stack, tls, childTid }, tid, parent.get(Thread.tgid));
    const tidBytes = new Uint8Array(new Int32Array([tid]).buffer);
    // A bad pointer is not reported, as the kernel does not either.
    if (flags & CLONE_PARENT_SETTID) await this.#access.writeAsync(parentTid >>> 0, tidBytes);
    if (flags & CLONE_CHILD_SETTID) await this.#access.writeAsync(childTid >>> 0, tidBytes);
    await this.#spawn(node, record);
    return tid;
  }

  /** A new process (fork(2), vfork(2), clone(2)): the master makes it. @returns its pid, or -errno */
  fork(parent: GuestThread, request: Omit<ForkRequest, 'tid'>): Promise<number> {
    return this.#master.fork({ ...request, tid: parent.tid }, parent.copyRecord());
  }

  /** sys_exit: lets go of what the thread holds and of who waits for it (CLONE_CHILD_CLEARTID), then forgets it. */
  exit(thread: GuestThread, status: number): void {
    this.#release(thread, () => {
      this.#remove(thread);
      this.#master.threadExit(thread.tid, status);
    });
  }

  /** The thread has called execve: its process goes on with another one. */
  leave(tid: number): Promise<void> {
    const thread = this.#byTid.get(tid)!;
    return new Promise((resolve) =>
      this.#release(thread, () => {
        this.#remove(thread);
        resolve();
      }),
    );
  }

  #release(thread: GuestThread, done: () => void): void {
    const wake = (address: number): void => {
      this.#futexes.wake(address, 1, anyBit, () => {});
    };
    const leave = (): void => {
      const address = thread.get(Thread.clearChildTid) >>> 0;
      if (address === 0) return done();
      this.#access.write(address, new Uint8Array(4), false, (ok) => {
        if (ok) wake(address);
        done();
      });
    };
    const list = thread.get(Thread.robustList) >>> 0;
    if (list === 0) leave();
    else new RobustList(this.#access, thread.tid, wake).release(list, leave);
  }

  #remove(thread: GuestThread): void {
    this.#bySlot.delete(thread.slot);
    this.#byTid.delete(thread.tid);
    this.#engine.freeThread(thread.slot);
  }
}

/** What a new thread or process starts with: its parent's registers, but for these. */
export function clonedRecord(
  record: Uint8Array,
  { flags, stack, tls, childTid }: Pick<ForkRequest, 'flags' | 'stack' | 'tls' | 'childTid'>,
  tid: number,
  tgid: number,
): Uint8Array {
  const words = new Int32Array(record.buffer, record.byteOffset, record.length / 4);
  words[Cpu.r.index32] = 0;
  if (stack !== 0) words[Cpu.r.index32 + 13] = stack;
  if (flags & CLONE_SETTLS) words[Cpu.tpidruro.index32] = tls;
  words[Cpu.exclusiveAddress.index32] = -1;
  words[Thread.tid.index32] = tid;
  words[Thread.tgid.index32] = tgid;
  words[Thread.clearChildTid.index32] = flags & CLONE_CHILD_CLEARTID ? childTid : 0;
  words[Thread.robustList.index32] = 0;
  // A process that has a memory of its own keeps the alternate stack (kernel/fork.c copy_process).
  if ((flags & (CLONE_VM | CLONE_VFORK)) === CLONE_VM) {
    words[Thread.alternateStackBase.index32] = 0;
    words[Thread.alternateStackBytes.index32] = 0;
    words[Thread.alternateStackFlags.index32] = SS_DISABLE;
  }
  return record;
}
