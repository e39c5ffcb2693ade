/**
 * System calls and faults of this node's threads, on the node's own thread: chooses where a call runs by its row,
 * marshals what travels, delivers signals on the way back. A thread is parked all the while.
 */
import { Errno, errnoName } from '../abi/errno.ts';
import { CLONE_VFORK, CLONE_VM } from '../abi/process.ts';
import { ERESTART_RESTARTBLOCK, ERESTARTSYS, SEGV_MAPERR, Signals } from '../abi/signal.ts';
import type { Engine } from '../engine/engine.ts';
import { Thread } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import type { SignalDelivery, SignalInfo, SignalSet, SyscallRow } from '../linux/api.ts';
import { marshalInputs, marshalOutputs } from '../linux/marshal.ts';
import { buildSignalFrame, readSignalFrame, signalFrameBytes } from '../linux/signal-frame.ts';
import { resolveRestart } from '../linux/signals.ts';
import { DelegatedCall } from '../linux/syscall-call.ts';
import { BlockwiseReader, BlockwiseWriter } from './blockwise.ts';
import type { CallAnswer } from './call-codec.ts';
import { faultInfo } from './fault-info.ts';
import type { Futexes } from './futex.ts';
import type { GuestAccess } from './guest-access.ts';
import type { GuestThread } from './guest-thread.ts';
import type { RecordThread } from './local-thread.ts';
import type { MasterLink } from './master-link.ts';
import type { Threads } from './threads.ts';

type Row = SyscallRow<never>;

export interface CallOptions {
  readonly engine: Engine;
  readonly access: GuestAccess;
  readonly futexes: Futexes;
  readonly threads: Threads;
  readonly master: MasterLink;
  readonly localThread: RecordThread;
  readonly row: (number: number) => Row | undefined;
}

const sp = 13;
/** include/linux/errno.h: the kernel's own restart codes. */
const restartFirst = -ERESTART_RESTARTBLOCK;
const restartLast = -ERESTARTSYS;

export class Calls {
  readonly #o: CallOptions;
  readonly #named = new Set<number>();
  /** Calls sent to another node's kernel. */
  delegated = 0;

  constructor(options: CallOptions) {
    this.#o = options;
  }

  /** Serves the call that a thread is parked in. */
  serve(thread: GuestThread): void {
    const number = thread.register(7);
    const row = this.#o.row(number);
    if (!row || row.support.level === 'absent') {
      this.#nameOnce(number, row?.name, Errno.ENOSYS);
      this.finish(thread, -Errno.ENOSYS);
      return;
    }
    if (row.support.level === 'missing') this.#nameOnce(number, row.name, row.support.errno);
    switch (row.where) {
      case 'local':
      case 'master':
        if (row.name !== 'read' || !this.#readAhead(thread, row)) this.#marshalled(thread, row);
        break;
      case 'home':
        this.#futex(thread, row.name);
        break;
      case 'node':
        this.#nodeCall(thread, row);
        break;
    }
  }

  #nameOnce(number: number, name: string | undefined, errno: number): void {
    if (this.#named.has(number)) return;
    this.#named.add(number);
    const call = `system call ${number}${name ? ` (${name})` : ''}`;
    this.#o.master.log(`armada: ${call} is not there; it answers ${errnoName(errno)}`);
  }

  /** Serves a read from what the master has sent ahead. @returns whether that was possible */
  #readAhead(thread: GuestThread, row: Row): boolean {
    const { ahead } = this.#o.master;
    if (!ahead) return false;
    const args = thread.arguments();
    const count = args[2]!;
    // What does not fit is left for the next read: the master has to know.
    if (count <= 0 || this.#o.access.writableBytes(args[1]! >>> 0, count) < count) return false;
    const bytes = ahead.take(thread.get(Thread.tgid), args[0]!, count);
    if (!bytes) return false;
    const outputs = [{ index: 1, bytes, onError: false }];
    this.#answer(thread, row, args, { result: bytes.length, temporaryMask: null, outputs });
    return true;
  }

  // ---- calls with marshalled arguments -------------------------------------------------------------------

  #marshalled(thread: GuestThread, row: Row): void {
    const { access, localThread, master } = this.#o;
    const args = thread.arguments();
    const reader = new BlockwiseReader(access, row.where === 'master' && master.takesInputsAtOnce === true);
    access.perform(
      () => {
        reader.restart();
        return marshalInputs(row.args, args, reader.read, reader.room);
      },
      (marshalled) => {
        if (typeof marshalled === 'number') return this.finish(thread, marshalled);
        if (row.where === 'local') {
          const call = new DelegatedCall(args, marshalled, thread.mask);
          const at = thread.recordIndex;
          const result = row.handler(localThread.at(at, at), call);
          return this.#answer(thread, row, args, { result, temporaryMask: null, outputs: call.outputsFor(result) });
        }
        this.delegated++;
        master.call({ tid: thread.tid, number: row.number, args, mask: thread.mask, marshalled }, (answer) =>
          this.#answer(thread, row, args, answer),
        );
      },
    );
  }

  #answer(thread: GuestThread, row: Row, args: Int32Array, answer: CallAnswer): void {
    const { access } = this.#o;
    const { outputs, result, temporaryMask } = answer;
    if (outputs.length === 0) return this.finish(thread, result, temporaryMask);
    const reader = new BlockwiseReader(access);
    const writer = new BlockwiseWriter(access);
    access.perform(
      () => {
        reader.restart();
        writer.restart();
        return marshalOutputs(row.args, args, outputs, reader.read, writer.write);
      },
      (error) => this.finish(thread, error < 0 ? error : result, temporaryMask),
    );
  }

  // ---- futexes ------------------------------------------------------------------------------------------

  #futex(thread: GuestThread, name: string): void {
    let over = false;
    const wait = thread.takeInterruptedWait() ?? { untilMs: undefined };
    const done = (result: number): void => {
      over = true;
      thread.futexWait = 0;
      if (result !== -Errno.EINTR) return this.finish(thread, result);
      // Without a handler to run the call starts again; with one, only a wait without a time does so, by SA_RESTART.
      if (wait.untilMs === undefined) return this.finish(thread, -ERESTARTSYS);
      thread.interruptedWait = wait;
      this.finish(thread, -ERESTART_RESTARTBLOCK);
    };
    const id = this.#o.futexes.call(thread.arguments(), name === 'futex_time64', done, wait);
    if (over) return;
    thread.futexWait = id;
    if (thread.signalRequested) this.#o.futexes.interrupt(id);
  }

  // ---- calls of the node itself --------------------------------------------------------------------------

  #nodeCall(thread: GuestThread, row: Row): void {
    const { threads, master, access } = this.#o;
    switch (row.name) {
      case 'clone':
        threads.clone(thread).then((result) => {
          this.finish(thread, result);
        });
        break;
      case 'fork':
        this.#fork(thread, Signals.SIGCHLD);
        break;
      case 'vfork':
        this.#fork(thread, CLONE_VM | CLONE_VFORK | Signals.SIGCHLD);
        break;
      case 'exit':
        threads.exit(thread, thread.register(0) & 0xff);
        break;
      case 'exit_group':
        master.exitGroup(thread.tid, { status: thread.register(0) & 0xff });
        break;
      case 'ARM_get_tls':
        this.finish(thread, thread.get(Cpu.tpidruro));
        break;
      case 'ARM_set_tls':
        thread.set(Cpu.tpidruro, thread.register(0));
        this.finish(thread, 0);
        break;
      case 'ARM_cacheflush': {
        const start = thread.register(0) >>> 0;
        const end = thread.register(1) >>> 0;
        if (end < start || thread.register(2) !== 0) this.finish(thread, -Errno.EINVAL);
        else if (end === start) this.finish(thread, 0);
        else master.dropCode(start, end).then(() => this.finish(thread, 0));
        break;
      }
      case 'membarrier':
        // Every node's executors pass a barrier when they leave guest code; across nodes a page has one writer.
        this.finish(thread, -Errno.ENOSYS);
        break;
      case 'sigreturn':
      case 'rt_sigreturn': {
        const rt = row.name === 'rt_sigreturn';
        const at = thread.register(sp) >>> 0;
        access.read(at, rt ? signalFrameBytes.rt : signalFrameBytes.old, (bytes) => this.#sigreturn(thread, bytes, rt));
        break;
      }
      default:
        this.#nameOnce(row.number, row.name, Errno.ENOSYS);
        this.finish(thread, -Errno.ENOSYS);
    }
  }

  #fork(thread: GuestThread, flags: number): void {
    const request = { flags, stack: 0, parentTid: 0, tls: 0, childTid: 0 };
    this.#o.threads.fork(thread, request).then((result) => this.finish(thread, result));
  }

  #sigreturn(thread: GuestThread, bytes: Uint8Array | null, rt: boolean): void {
    const state = bytes && readSignalFrame(bytes, rt);
    if (state === null || typeof state === 'number') {
      this.#forced(thread, { signal: Signals.SIGSEGV, code: SEGV_MAPERR, address: thread.register(sp) >>> 0 });
      return;
    }
    thread.loadImage(state.cpu);
    thread.mask = state.mask;
    if (state.alternateStack) {
      thread.set(Thread.alternateStackBase, state.alternateStack.base);
      thread.set(Thread.alternateStackBytes, state.alternateStack.size);
      thread.set(Thread.alternateStackFlags, state.alternateStack.flags);
    }
    thread.requestPending();
    this.#o.engine.resume(thread.slot);
  }

  // ---- back to the guest ---------------------------------------------------------------------------------

  /** A call is over: its result goes to r0, unless a signal has to be delivered first. */
  finish(thread: GuestThread, result: number, temporaryMask: SignalSet | null = null): void {
    const restart = result >= restartFirst && result <= restartLast;
    if (!restart && temporaryMask === null && !thread.signalRequested) {
      thread.setRegister(0, result);
      this.#o.engine.resume(thread.slot);
      return;
    }
    this.#signals(thread, result, temporaryMask);
  }

  /** A thread came for its signals at an exit that was no call. */
  signal(thread: GuestThread): void {
    this.#signals(thread, undefined, null);
  }

  async #signals(thread: GuestThread, result: number | undefined, temporaryMask: SignalSet | null): Promise<void> {
    const ownMask = thread.mask;
    thread.askPending();
    const { delivery, pending } = await this.#o.master.nextSignal(thread.tid, temporaryMask ?? ownMask);
    if (result !== undefined) {
      const restart = resolveRestart(result, delivery);
      if (restart.kind === 'result') thread.setRegister(0, restart.result);
      else thread.pc = thread.pc - (thread.pc & 1 ? 2 : 4);
    }
    thread.answerPending(pending);
    if (delivery) {
      thread.interruptedWait = undefined;
      await this.#deliver(thread, delivery, ownMask);
      return;
    }
    thread.requestPending();
    this.#o.engine.resume(thread.slot);
  }

  /** Runs a handler (the thread goes on there), or ends the process. */
  async #deliver(thread: GuestThread, delivery: SignalDelivery, savedMask: SignalSet): Promise<void> {
    const { access, engine, master, threads } = this.#o;
    if (delivery.kind === 'leave') {
      threads.exit(thread, 0);
      return;
    }
    if (delivery.kind === 'terminate') {
      master.exitGroup(thread.tid, { signal: delivery.signal, core: delivery.core });
      return;
    }
    const frame = buildSignalFrame(thread.saveImage(), delivery, savedMask, {
      base: thread.get(Thread.alternateStackBase) >>> 0,
      size: thread.get(Thread.alternateStackBytes) >>> 0,
      flags: thread.get(Thread.alternateStackFlags),
    });
    if (!(await access.writeAsync(frame.address, frame.bytes))) {
      // No room for the frame: the kernel's force_sigsegv. A handler for SIGSEGV could not run either.
      master.exitGroup(thread.tid, { signal: Signals.SIGSEGV, core: true });
      return;
    }
    thread.loadCore(frame.r, frame.cpsr);
    thread.set(Thread.alternateStackBase, frame.alternateStack.base);
    thread.set(Thread.alternateStackBytes, frame.alternateStack.size);
    thread.set(Thread.alternateStackFlags, frame.alternateStack.flags);
    thread.mask = delivery.maskDuring;
    thread.requestPending();
    engine.resume(thread.slot);
  }

  // ---- faults -------------------------------------------------------------------------------------------

  /** A thread's own instruction faulted. */
  fault(thread: GuestThread, reported: number, address: number): void {
    const info = faultInfo(thread, reported, address >>> 0, this.#o.engine.memory.pageFlags(address));
    const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
    const bits = thread.get(Cpu.exitInfo);
    const note = info.signal === Signals.SIGILL ? `undefined instruction ${hex(bits)} at ${hex(address)}` : undefined;
    this.#forced(thread, info, note);
  }

  /** @param note what is said when the signal ends the program; one with a handler is probing, and knows */
  #forced(thread: GuestThread, info: SignalInfo, note?: string): void {
    const mask = thread.mask;
    this.#o.master.fault(thread.tid, info, mask).then((delivery) => {
      if (note !== undefined && delivery.kind === 'terminate') this.#o.master.log(`armada: ${note}`);
      return this.#deliver(thread, delivery, mask);
    });
  }
}
