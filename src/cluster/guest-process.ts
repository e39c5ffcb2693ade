/**
 * One guest process on the master: its kernel's side joined with the address space that it lives in. Makes processes
 * (fork), changes programs (exec), and brings a process to its end in the order that others see: no thread of it runs
 * any more, its files are closed, then its parent is told.
 */
import { Errno } from '../abi/errno.ts';
import {
  CLONE_CHILD_SETTID,
  CLONE_FILES,
  CLONE_FS,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
  CLONE_SIGHAND,
  CLONE_VFORK,
  CLONE_VM,
  CSIGNAL,
} from '../abi/process.ts';
import { within } from '../base/within.ts';
import { exceptionsTracked } from '../layout/code-variant.ts';
import { Thread } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import { AddressSpace } from '../linux/address-space.ts';
import type { KernelHost, MapChange, ProcessEnd, SignalSet } from '../linux/api.ts';
import type { Kernel } from '../linux/kernel.ts';
import type { LoadedProgram } from '../linux/loader.ts';
import type { MemoryMap } from '../linux/memory-map.ts';
import type { ForkRequest } from './master-link.ts';
import type { Space } from './space.ts';
import { clonedRecord } from './threads.ts';

/** What all processes of a run have in common. */
export interface ProcessServices {
  /** Whether there is memory for another space. */
  hasRoom(): boolean;
  /** An empty space on the master alone. */
  newSpace(): Space;
  /** Its last process has left a space, and so has every thread; `map` has what is mapped there. */
  spaceLeft(space: Space, map: MemoryMap): Promise<void>;
  /** A process is there; another thread of one is there or gone. */
  born(process: GuestProcess): void;
  threadPlaced(tid: number, process: GuestProcess): void;
  threadGone(tid: number): void;
  /** A process has ended; nothing of it is left but what its parent may ask. */
  ended(process: GuestProcess, end: ProcessEnd): void;
  fail(error: Error): void;
  log(line: string): void;
  processorCount(): number;
  readonly tracksExceptions: boolean;
}

/** Output in flight when a signal ends the program gets this long. */
const drainMsMax = 100;
/** So often registers that nobody reads are given up again when a process has no handlers of faults any more. */
const releasesMax = 8;
const SS_DISABLE = 2;

export class GuestProcess implements KernelHost {
  readonly kernel: Kernel;
  readonly #services: ProcessServices;
  #space: Space;
  /** Node of each thread. */
  readonly #places = new Map<number, number>();
  #leaderStatus = 0;
  #end: ProcessEnd | undefined;
  /** The end stops its threads where they are, with their space; else each is brought to leave. Decided once. */
  #stopsInPlace = false;
  /** An exec under way: other threads make no more threads, and the end waits for it. */
  #exec: Promise<void> | undefined;
  /** How often the program gave up its handlers of faults. */
  #releases = 0;
  /** Called when only `left` threads are here any more. */
  #fewer: { left: number; reached: () => void } | undefined;
  /** The process no longer uses the memory of the one that made it by vfork. */
  readonly #apart = Promise.withResolvers<void>();

  /** @param makeKernel makes the kernel's side for this host */
  constructor(services: ProcessServices, space: Space, makeKernel: (host: KernelHost) => Kernel) {
    this.#services = services;
    this.#space = space;
    this.kernel = makeKernel(this);
    services.born(this);
  }

  get space(): Space {
    return this.#space;
  }

  /** It is decided how the process ends. */
  get over(): boolean {
    return this.#end !== undefined;
  }

  // ---- threads ------------------------------------------------------------------------------------------

  /** Starts the first thread of a program that is in memory. */
  async start(program: LoadedProgram, mask: SignalSet): Promise<void> {
    const { pid } = this.kernel;
    const words = new Int32Array(Thread.bytes / 4);
    words[Cpu.r.index32 + 13] = program.stackPointer;
    words[Cpu.pc.index32] = program.entry;
    words[Cpu.zf.index32] = 1;
    words[Cpu.fpz.index32] = 1;
    if (this.#services.tracksExceptions) words[Cpu.fpexc.index32] = exceptionsTracked;
    words[Cpu.exclusiveAddress.index32] = -1;
    words[Thread.tid.index32] = pid;
    words[Thread.tgid.index32] = pid;
    words[Thread.signalMask.index32] = Number(mask & 0xffff_ffffn);
    words[Thread.signalMask.index32 + 1] = Number(mask >> 32n);
    words[Thread.alternateStackFlags.index32] = SS_DISABLE;
    await this.#startThread(pid, this.#space.place()!, new Uint8Array(words.buffer));
  }

  async #startThread(tid: number, node: number, record: Uint8Array): Promise<void> {
    this.#place(tid, node);
    await this.#space.start(node, record);
  }

  #place(tid: number, node: number): void {
    this.#places.set(tid, node);
    this.#services.threadPlaced(tid, this);
  }

  #unplace(tid: number): void {
    const node = this.#places.get(tid);
    if (node === undefined) return;
    this.#space.unplace(node);
    this.#places.delete(tid);
    this.#services.threadGone(tid);
    if (this.#fewer && this.#places.size <= this.#fewer.left) this.#fewer.reached();
  }

  allocateThread(parent: number): { tid: number; node: number } | null {
    const node = this.over || this.#exec ? undefined : this.#space.place();
    if (node === undefined) return null;
    const tid = this.kernel.allocateTid();
    this.#place(tid, node);
    this.kernel.addThread(tid, parent);
    return { tid, node };
  }

  threadExit(tid: number, status: number): void {
    this.kernel.removeThread(tid);
    this.#unplace(tid);
    // The process's status is that of its first thread when nobody called exit_group.
    if (tid === this.kernel.pid) this.#leaderStatus = status;
    if (this.#places.size === 0 && !this.over) this.exitGroup({ kind: 'exit', status: this.#leaderStatus });
  }

  /** Ends all threads but the one given; resolves when they are gone. */
  async #dismissOthers(tid: number | undefined): Promise<void> {
    const left = tid === undefined ? 0 : 1;
    for (const other of this.#places.keys()) if (other !== tid) this.kernel.dismissThread(other);
    if (this.#places.size <= left) return;
    await new Promise<void>((reached) => {
      this.#fewer = { left, reached };
    });
    this.#fewer = undefined;
  }

  // ---- processes ----------------------------------------------------------------------------------------

  /** A thread makes a process. @returns its pid, or -errno; undefined when this process is ending, and the thread with it */
  async fork(request: ForkRequest, record: Uint8Array): Promise<number | undefined> {
    const { tid, flags, parentTid, childTid } = request;
    const { kernel } = this;
    const vm = (flags & CLONE_VM) !== 0;
    const node = vm ? this.#space.place() : 0;
    if (node === undefined || (!vm && !this.#services.hasRoom())) return -Errno.EAGAIN;
    const sharing = {
      files: (flags & CLONE_FILES) !== 0,
      paths: (flags & CLONE_FS) !== 0,
      actions: (flags & CLONE_SIGHAND) !== 0,
      parent: (flags & CLONE_PARENT) !== 0,
      exitSignal: flags & CSIGNAL,
    };
    const child = await kernel.space.exclusively(async () => {
      if (this.over) return undefined;
      const space = vm ? this.#space : this.#services.newSpace();
      if (vm) space.users++;
      else {
        await space.copyFrom(this.#space, kernel.memory);
        space.place();
        if (this.over) {
          await this.#services.spaceLeft(space, kernel.memory);
          return undefined;
        }
      }
      const memory = vm ? kernel.space : kernel.space.copy(space);
      if (vm) memory.users++;
      const process = new GuestProcess(this.#services, space, (host) => kernel.fork(host, memory, sharing));
      if (!vm) await space.keepRegisters(process.kernel.actions.catchesFault);
      return process;
    });
    if (!child) {
      this.retire(tid);
      return undefined;
    }
    const { pid } = child.kernel;
    const number = new Uint8Array(Int32Array.of(pid).buffer);
    // A bad pointer is not reported, as the kernel does not either.
    if (flags & CLONE_PARENT_SETTID) await this.#space.writeGuest(parentTid >>> 0, number);
    if (flags & CLONE_CHILD_SETTID) await child.space.writeGuest(childTid >>> 0, number);
    // It may have been killed by now, and its space be another's.
    if (!child.over) {
      child.kernel.addThread(pid, undefined, kernel.thread(tid)?.name);
      await child.#startThread(pid, node, clonedRecord(record, request, pid, pid));
    }
    if (flags & CLONE_VFORK) await kernel.waitFor(tid, child.#apart.promise);
    return pid;
  }

  async exec(tid: number, program: LoadedProgram, mask: SignalSet): Promise<number> {
    // Of two threads that call it the first one wins, and the other one is gone; so it is when the process ends.
    if (this.over || this.#exec) {
      abandon(program);
      this.retire(tid);
      return new Promise<never>(() => {});
    }
    if (this.#space.users > 1 && !this.#services.hasRoom()) {
      abandon(program);
      return -Errno.ENOMEM;
    }
    this.#exec = this.#replaceProgram(tid, program, mask);
    await this.#exec;
    this.#exec = undefined;
    // The caller is no more: there is nobody to answer.
    return new Promise<never>(() => {});
  }

  async #replaceProgram(tid: number, program: LoadedProgram, mask: SignalSet): Promise<void> {
    const { kernel } = this;
    await this.#dismissOthers(tid);
    if (this.over) {
      abandon(program);
      this.retire(tid);
      return;
    }
    await this.#space.leave(this.#places.get(tid)!, tid);
    this.#unplace(tid);
    if (this.#space.users > 1) this.#moveOut(program);
    else {
      const { space } = kernel;
      await space.writeBack();
      await this.#space.clear(space.map);
      space.replace(program.memory, program.files);
    }
    kernel.become(program, tid);
    this.#apart.resolve();
    this.#releases = 0;
    await this.#space.keepRegisters(false);
    await this.#space.applyMapChanges(program.changes);
    if (!this.over) await this.start(program, mask);
    kernel.notifyAll();
  }

  /** To a space of its own: the one so far is another process's too. */
  #moveOut(program: LoadedProgram): void {
    const { kernel } = this;
    this.#space.users--;
    this.#space = this.#services.newSpace();
    kernel.space.leave();
    kernel.space = new AddressSpace(this.#space, program.memory, program.files);
  }

  // ---- the end ------------------------------------------------------------------------------------------

  /** @param tid the thread that ends the process, and does not come back from its call */
  exitGroup(end: ProcessEnd, tid?: number): void {
    const first = !this.over;
    if (first) {
      this.#end = end;
      this.#stopsInPlace = this.#exec === undefined && this.#space.ofRun && this.#space.users === 1;
    }
    if (tid !== undefined) this.retire(tid);
    if (first) this.#finish(end).catch((error) => this.#services.fail(error as Error));
  }

  /** A thread whose call has no answer, for its process ends or runs another program, goes by itself. */
  retire(tid: number): void {
    const node = this.#places.get(tid);
    if (this.#stopsInPlace || node === undefined) return;
    this.#space.leave(node, tid).then(() => this.threadExit(tid, 0));
  }

  async #finish(end: ProcessEnd): Promise<void> {
    const { kernel } = this;
    await this.#exec;
    if (!this.#stopsInPlace) await this.#dismissOthers(undefined);
    this.#apart.resolve();
    // A program that a signal ends does not wait for the reader of its output.
    if (end.kind === 'exit') await kernel.shutdown();
    else await within(drainMsMax, kernel.shutdown());
    this.#space.users--;
    if (this.#space.users === 0) {
      if (this.#space.ofRun) await this.#space.close();
      else await this.#services.spaceLeft(this.#space, kernel.memory);
    }
    kernel.space.leave();
    for (const tid of this.#places.keys()) this.#services.threadGone(tid);
    kernel.processes.ended(kernel, end);
    this.#services.ended(this, end);
  }

  // ---- KernelHost ---------------------------------------------------------------------------------------

  applyMapChanges(changes: readonly MapChange[]): Promise<void> {
    return this.#space.applyMapChanges(changes);
  }

  readGuest(address: number, length: number): Promise<Uint8Array | null> {
    return this.#space.readGuest(address, length);
  }

  readKept(address: number, length: number): Promise<Uint8Array> {
    return this.#space.readKept(address, length);
  }

  whileStill<T>(work: () => Promise<T>): Promise<T> {
    return this.#space.whileStill(work);
  }

  writeGuest(address: number, bytes: Uint8Array): Promise<boolean> {
    return this.#space.writeGuest(address, bytes);
  }

  interruptThread(tid: number, pending: SignalSet): void {
    const node = this.#places.get(tid);
    if (node !== undefined) this.#space.interrupt(node, tid, pending);
  }

  /**
   * Each change has everything translated anew, so who installs handlers again and again keeps all registers. So does a
   * process that lives in another one's space, which may have handlers of its own.
   */
  async faultsCaught(caught: boolean): Promise<void> {
    const isRelease = !caught && this.#space.keepsRegisters;
    if (isRelease && (this.#space.users > 1 || ++this.#releases > releasesMax)) return;
    await this.#space.keepRegisters(caught);
  }

  log(line: string): void {
    this.#services.log(line);
  }

  processorCount(): number {
    return this.#services.processorCount();
  }
}

/** A program that was loaded and is not run. */
function abandon({ files }: LoadedProgram): void {
  for (const file of files) file.close();
}
