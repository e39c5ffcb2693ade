/**
 * What a node asks of the master. On the master itself it is the master (master.ts); elsewhere it goes over the wire.
 */
import type { SignalDelivery, SignalInfo, SignalSet } from '../linux/api.ts';
import type { MarshalledArgument } from '../linux/syscall-call.ts';
import type { Connection } from '../transport/connection.ts';
import type { Frame } from '../transport/frame.ts';
import { type CallAnswer, decodeAnswer, encodeRequest } from './call-codec.ts';
import { CallKind, Channel, ControlKind } from './protocol.ts';
import { ReadAhead } from './read-ahead.ts';
import type { ControlPlane } from './rpc.ts';

export interface CallRequest {
  readonly tid: number;
  readonly number: number;
  readonly args: Int32Array;
  readonly mask: SignalSet;
  readonly marshalled: readonly (MarshalledArgument | undefined)[];
}

/** How the guest ended, seen from a thread. */
export type GroupExit = { readonly status: number } | { readonly signal: number; readonly core: boolean };

/** A thread makes a process: clone without CLONE_THREAD, fork, vfork. */
export interface ForkRequest {
  readonly tid: number;
  /** CLONE_* with the exit signal. */
  readonly flags: number;
  /** r1 to r4 of clone: the child's stack (0: the parent's), where tids go, the child's TLS. */
  readonly stack: number;
  readonly parentTid: number;
  readonly tls: number;
  readonly childTid: number;
}

export interface NextSignal {
  readonly delivery: SignalDelivery | null;
  readonly pending: SignalSet;
}

export interface MasterLink {
  /** Set where `call` has taken all that it needs of the inputs when it returns. */
  readonly takesInputsAtOnce?: true;
  /** What the master has sent ahead of files that are read here. */
  readonly ahead?: ReadAhead;
  /** Runs a `master` row; `done` is called later or at once. */
  call(request: CallRequest, done: (answer: CallAnswer) => void): void;
  /** A number and a node for a thread that `parent` makes; null when no node has room for one. */
  allocateThread(parent: number): Promise<{ tid: number; node: number } | null>;
  /**
   * @param record the calling thread's
   * @returns the child's pid or -errno; for vfork only when the child has ended or runs another program
   */
  fork(request: ForkRequest, record: Uint8Array): Promise<number>;
  threadExit(tid: number, status: number): void;
  exitGroup(tid: number, end: GroupExit): void;
  fault(tid: number, info: SignalInfo, mask: SignalSet): Promise<SignalDelivery>;
  nextSignal(tid: number, mask: SignalSet): Promise<NextSignal>;
  /** One line for the person at the keyboard. */
  log(line: string): void;
  /** Every translation of [start, end) on every node is void. */
  dropCode(start: number, end: number): Promise<void>;
}

const master = 0;

export class RemoteMaster implements MasterLink {
  readonly takesInputsAtOnce = true;
  readonly ahead = new ReadAhead((id, used) => this.#connection.send(Channel.call, CallKind.returned, id, used, 0, 0));
  readonly #connection: Connection;
  readonly #control: ControlPlane;
  readonly #calls = new Map<number, (answer: CallAnswer) => void>();
  #nextId = 1;

  constructor(connection: Connection, control: ControlPlane) {
    this.#connection = connection;
    this.#control = control;
  }

  call({ tid, number, args, mask, marshalled }: CallRequest, done: (answer: CallAnswer) => void): void {
    const id = this.#nextId++;
    this.#calls.set(id, done);
    this.#connection.send(Channel.call, CallKind.request, id, tid, number, 0, encodeRequest(args, mask, marshalled));
  }

  /** Something of the master's on the channel of calls. */
  handle(frame: Frame): void {
    switch (frame.kind) {
      case CallKind.answer: {
        const done = this.#calls.get(frame.w0);
        this.#calls.delete(frame.w0);
        done?.(decodeAnswer(frame.w1, frame.payload));
        break;
      }
      case CallKind.ahead:
        this.ahead.add(frame.w0, frame.w1, frame.w2, frame.payload.slice());
        break;
      case CallKind.recall:
        this.ahead.recall(frame.w0);
        break;
    }
  }

  allocateThread(parent: number): Promise<{ tid: number; node: number } | null> {
    return this.#control.ask(master, ControlKind.allocateThread, { parent });
  }
  fork(request: ForkRequest, record: Uint8Array): Promise<number> {
    return this.#control.ask(master, ControlKind.fork, request, record);
  }
  threadExit(tid: number, status: number): void {
    this.#control.tell(master, ControlKind.threadExit, { tid, status });
  }
  exitGroup(tid: number, end: GroupExit): void {
    this.#control.tell(master, ControlKind.exitGroup, { tid, end });
  }
  fault(tid: number, info: SignalInfo, mask: SignalSet): Promise<SignalDelivery> {
    return this.#control.ask(master, ControlKind.fault, { tid, info, mask });
  }
  nextSignal(tid: number, mask: SignalSet): Promise<NextSignal> {
    return this.#control.ask(master, ControlKind.nextSignal, { tid, mask });
  }
  log(line: string): void {
    this.#control.tell(master, ControlKind.log, { line });
  }
  async dropCode(start: number, end: number): Promise<void> {
    await this.#control.ask(master, ControlKind.dropCode, { start, end, origin: true });
  }
}
