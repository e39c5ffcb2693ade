/**
 * The master: node 0, and with it the kernel. Serves delegated calls, the memory map, threads' places and signals, and
 * decides how the run ends.
 */
import { availableParallelism } from 'node:os';
import { UserError } from '../base/user-error.ts';
import { exceptionsTracked } from '../layout/code-variant.ts';
import { Thread, threadsMax } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import type {
  KernelHost,
  MapChange,
  MasterRow,
  ProcessEnd,
  SignalDelivery,
  SignalInfo,
  SignalSet,
} from '../linux/api.ts';
import { type Ids, Kernel } from '../linux/kernel.ts';
import type { LoadedProgram } from '../linux/loader.ts';
import { signalBit } from '../linux/signals.ts';
import { DelegatedCall } from '../linux/syscall-call.ts';
import { syscallRow } from '../linux/syscalls.table.ts';
import type { Connection } from '../transport/connection.ts';
import { type CallAnswer, decodeRequest, encodeAnswer } from './call-codec.ts';
import { dumpLegend } from './dump-legend.ts';
import type { CallRequest, GroupExit, MasterLink, NextSignal } from './master-link.ts';
import { ClusterNode } from './node.ts';
import { CallKind, Channel, ControlKind, type NodeCounters, type RunOptions } from './protocol.ts';

export interface MasterOptions {
  readonly program: LoadedProgram;
  readonly ids: Ids;
  readonly sysroot: string | undefined;
  readonly run: RunOptions;
  readonly connections: ReadonlyMap<number, Connection>;
  /** Names of the nodes for messages, by number. */
  readonly nodeNames: readonly string[];
  /** How the process of a node ended, as far as this machine knows. */
  readonly epitaph: (node: number) => Promise<string | undefined>;
  readonly nodesOnHost: number;
  /** Processors of all nodes. */
  readonly processors: number;
  readonly log: (line: string) => void;
}

export interface RunResult {
  readonly end: ProcessEnd;
  /** Of each node; undefined for one that did not answer in the end. */
  readonly counters: readonly (NodeCounters | undefined)[];
}

/** A node that does not answer when it is told to stop is given up after this long. */
const stopMsMax = 3000;
const dumpMsMax = 1000;
/** Output in flight when a signal ends the program gets this long. */
const drainMsMax = 100;

/** The promise's result, or undefined when it takes longer. */
function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

export class Master implements MasterLink, KernelHost {
  readonly node: ClusterNode;
  readonly #o: MasterOptions;
  readonly #kernel: Kernel;
  /** Node of each thread. */
  readonly #places = new Map<number, number>();
  /** How many threads each node has. */
  readonly #threadsOn: number[];
  #placed = 0;
  #mapQueue: Promise<void> = Promise.resolve();
  #leaderStatus = 0;
  readonly #ended = Promise.withResolvers<ProcessEnd>();
  /** Rejected as soon as the run cannot go on: nothing that is under way then may be waited for. */
  readonly #failed = Promise.withResolvers<never>();
  #over = false;

  constructor(options: MasterOptions) {
    this.#o = options;
    const { connections, run, program, ids, sysroot } = options;
    this.#threadsOn = Array<number>(connections.size + 1).fill(0);
    this.node = new ClusterNode(
      {
        node: 0,
        nodes: connections.size + 1,
        nodesOnHost: options.nodesOnHost,
        run,
        tgid: process.pid,
        clocks: { monotonicMs: 0, realtimeMs: 0 },
        connections,
        onFailure: (error) => this.#fail(error),
        onLost: (peer, why) => this.#lose(peer, why),
      },
      () => this,
    );
    // A node may be lost before the run has started and looks.
    this.#failed.promise.catch(() => {});
    this.#kernel = new Kernel({ host: this, program, ids, ...(sysroot === undefined ? {} : { sysroot }) });
    this.node.onCall = (peer, id, tid, number, payload) => this.#remoteCall(peer, id, tid, number, payload);
    this.#serveNodes();
  }

  // ---- the run ------------------------------------------------------------------------------------------

  /**
   * Runs the program to its end.
   * @throws UserError when a node is lost; other errors are bugs
   */
  async run(): Promise<RunResult> {
    try {
      return await Promise.race([this.#failed.promise, this.#toTheEnd()]);
    } catch (error) {
      await this.#abandon();
      throw error;
    }
  }

  async #toTheEnd(): Promise<RunResult> {
    const { program } = this.#o;
    await this.applyMapChanges(program.changes);
    const words = new Int32Array(Thread.bytes / 4);
    words[Cpu.r.index32 + 13] = program.stackPointer;
    words[Cpu.pc.index32] = program.entry;
    words[Cpu.zf.index32] = 1;
    words[Cpu.fpz.index32] = 1;
    if (this.#o.run.fpExceptions === 'always') words[Cpu.fpexc.index32] = exceptionsTracked;
    words[Cpu.exclusiveAddress.index32] = -1;
    words[Thread.tid.index32] = this.#kernel.pid;
    words[Thread.alternateStackFlags.index32] = 2;
    this.#place(this.#kernel.pid, this.#nextPlace()!);
    this.node.threads.start(new Uint8Array(words.buffer));
    // After the start, so that a signal which came before finds the thread.
    this.#kernel.addThread(this.#kernel.pid);
    const end = await this.#ended.promise;
    // A program that a signal ends does not wait for the reader of its output.
    if (end.kind === 'exit') await this.#kernel.shutdown();
    else await within(drainMsMax, this.#kernel.shutdown());
    return { end, counters: await this.#stop() };
  }

  /** True once it is decided how the run ends. */
  get over(): boolean {
    return this.#over;
  }

  async #stop(): Promise<(NodeCounters | undefined)[]> {
    const { connections } = this.#o;
    this.node.expectEnd();
    const others = await Promise.all(
      Array.from({ length: connections.size }, (_, i) =>
        within(stopMsMax, this.node.control.ask<NodeCounters>(i + 1, ControlKind.stop, {})),
      ),
    );
    await this.node.stop();
    for (const connection of connections.values()) connection.close();
    return [this.node.counters(), ...others];
  }

  /** Ends without a word to the other nodes: one of them does not listen, and the rest end with their connection. */
  async #abandon(): Promise<void> {
    this.node.expectEnd();
    for (const connection of this.#o.connections.values()) connection.close();
    await this.node.stop();
  }

  /** A node is lost, by what its connection to this or another node tells. */
  async #lose(peer: number, why: string): Promise<void> {
    this.#over = true;
    const epitaph = await this.#o.epitaph(peer);
    const words = epitaph === undefined ? why : `${why}; ${epitaph}`;
    this.#fail(new UserError(`${this.#o.nodeNames[peer]} is lost, and the run with it: ${words}`));
  }

  #fail(error: Error): void {
    this.#over = true;
    this.#failed.reject(error);
  }

  #end(end: ProcessEnd): void {
    this.#over = true;
    this.#ended.resolve(end);
  }

  /** The host's signal for the guest, as a terminal sends it. */
  signal(signal: number): void {
    this.#kernel.signalProcess({ signal, code: 0x80 });
  }

  /** Whether the guest has not taken a signal that it was sent. */
  isPending(signal: number): boolean {
    return (this.#kernel.sharedPending.set & signalBit(signal)) !== 0n;
  }

  async dump(): Promise<string> {
    const others = await within(dumpMsMax, this.node.control.askAll<string>(ControlKind.dump, {}));
    return [this.node.dump(), ...(others ?? ['(other nodes do not answer)']), '', dumpLegend].join('\n');
  }

  // ---- other nodes --------------------------------------------------------------------------------------

  #serveNodes(): void {
    const { control } = this.node;
    control.on(ControlKind.allocateThread, ({ parent }: { parent: number }) => this.allocateThread(parent));
    control.on(ControlKind.threadExit, ({ tid, status }: { tid: number; status: number }) =>
      this.threadExit(tid, status),
    );
    control.on(ControlKind.exitGroup, (end: GroupExit) => this.#endGroup(end));
    control.on(ControlKind.fault, (body: { tid: number; info: SignalInfo; mask: SignalSet }) =>
      this.fault(body.tid, body.info, body.mask),
    );
    control.on(ControlKind.nextSignal, ({ tid, mask }: { tid: number; mask: SignalSet }) => this.nextSignal(tid, mask));
    control.on(ControlKind.log, ({ line }: { line: string }) => this.log(line));
    control.on(ControlKind.failure, ({ message }: { message: string }, peer) =>
      this.#fail(new Error(`${this.#o.nodeNames[peer]}: ${message}`)),
    );
    control.on(ControlKind.lost, ({ peer, why }: { peer: number; why: string }) => this.#lose(peer, why));
    control.on(ControlKind.dropCode, (body: { start: number; end: number }) => this.dropCode(body.start, body.end));
  }

  #remoteCall(peer: number, id: number, tid: number, number: number, payload: Uint8Array): void {
    this.#invoke(tid, number, decodeRequest(payload), (answer) => {
      this.#o.connections.get(peer)?.send(Channel.call, CallKind.answer, id, answer.result, 0, 0, encodeAnswer(answer));
    });
  }

  // ---- MasterLink ---------------------------------------------------------------------------------------

  call({ tid, number, args, mask, marshalled }: CallRequest, done: (answer: CallAnswer) => void): void {
    this.#invoke(tid, number, new DelegatedCall(args, marshalled, mask), done);
  }

  #invoke(tid: number, number: number, call: DelegatedCall, done: (answer: CallAnswer) => void): void {
    const thread = this.#kernel.thread(tid);
    // Whoever calls after the end stays in its call until its executor is stopped.
    if (!thread || this.#over) return;
    const answer = (result: number): void =>
      done({ result, temporaryMask: call.temporaryMask, outputs: call.outputsFor(result) });
    try {
      const result = this.#kernel.invoke(syscallRow(number) as MasterRow<Kernel>, thread, call);
      if (typeof result === 'number') answer(result);
      else result.then(answer, (error) => this.#fail(error));
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  async allocateThread(parent: number): Promise<{ tid: number; node: number } | null> {
    const node = this.#nextPlace();
    if (node === undefined) return null;
    const tid = this.#kernel.allocateTid();
    this.#place(tid, node);
    this.#kernel.addThread(tid, parent);
    return { tid, node };
  }

  /** The nodes in turn, those without room left out; a node tells of a thread's end after it has room for another. */
  #nextPlace(): number | undefined {
    for (let tried = 0; tried < this.#threadsOn.length; tried++) {
      const node = this.#placed++ % this.#threadsOn.length;
      if (this.#threadsOn[node]! < threadsMax) return node;
    }
    return undefined;
  }

  #place(tid: number, node: number): void {
    this.#places.set(tid, node);
    this.#threadsOn[node]!++;
  }

  threadExit(tid: number, status: number): void {
    this.#kernel.removeThread(tid);
    const node = this.#places.get(tid);
    if (node !== undefined) this.#threadsOn[node]!--;
    this.#places.delete(tid);
    // The process's status is that of its first thread when nobody called exit_group.
    if (tid === this.#kernel.pid) this.#leaderStatus = status;
    if (this.#places.size === 0) this.#end({ kind: 'exit', status: this.#leaderStatus });
  }

  exitGroup(end: GroupExit | ProcessEnd): void {
    if ('kind' in end) this.#end(end);
    else this.#endGroup(end);
  }

  #endGroup(end: GroupExit): void {
    this.#end(
      'status' in end ? { kind: 'exit', status: end.status } : { kind: 'signal', signal: end.signal, core: end.core },
    );
  }

  async fault(tid: number, info: SignalInfo, mask: SignalSet): Promise<SignalDelivery> {
    return this.#kernel.forceSignal(tid, info, mask);
  }

  async nextSignal(tid: number, mask: SignalSet): Promise<NextSignal> {
    return this.#kernel.nextSignal(tid, mask);
  }

  async dropCode(start: number, end: number): Promise<void> {
    this.node.dropCode(start, end);
    await this.node.control.askAll(ControlKind.dropCode, { start, end });
  }

  // ---- KernelHost ---------------------------------------------------------------------------------------

  /** Changes are applied on all nodes in the order of the calls; their contents are put in here. */
  applyMapChanges(changes: readonly MapChange[]): Promise<void> {
    this.#mapQueue = this.#mapQueue.then(async () => {
      // One round for as many as come before contents have to be put in.
      for (let next = 0; next < changes.length; ) {
        const round: MapChange[] = [];
        let contents: MapChange['data'];
        let start = 0;
        while (next < changes.length && contents === undefined) {
          const { data, ...bare } = changes[next++]!;
          round.push(bare);
          contents = data;
          start = bare.start;
        }
        await Promise.all([this.node.maps.applyAll(round), this.node.control.askAll(ControlKind.map, round)]);
        for (const { offset, bytes } of contents ?? []) await this.node.access.writeMany(start + offset, bytes);
      }
    });
    return this.#mapQueue;
  }

  readGuest(address: number, length: number): Promise<Uint8Array | null> {
    return this.node.access.readAsync(address, length);
  }

  writeGuest(address: number, bytes: Uint8Array): Promise<boolean> {
    return this.node.access.writeAsync(address, bytes);
  }

  interruptThread(tid: number, pending: SignalSet): void {
    const node = this.#places.get(tid);
    if (node === undefined) return;
    if (node === 0) this.node.interrupt(tid, pending);
    else this.node.control.tell(node, ControlKind.interrupt, { tid, pending });
  }

  log(line: string): void {
    this.#o.log(line);
  }

  processorCount(): number {
    return this.#o.processors || availableParallelism();
  }
}
