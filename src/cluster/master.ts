/**
 * The master: node 0, and with it the kernel. Serves the threads of all guest processes wherever they run, and decides
 * how the run ends: as its first process did, when the last one has ended.
 */
import { availableParallelism } from 'node:os';
import { Signals } from '../abi/signal.ts';
import { UserError } from '../base/user-error.ts';
import { AddressSpace } from '../linux/address-space.ts';
import type { MasterRow, ProcessEnd, SignalDelivery, SignalInfo, SignalSet } from '../linux/api.ts';
import type { Description } from '../linux/files/description.ts';
import { type Ids, Kernel } from '../linux/kernel.ts';
import type { LoadedProgram } from '../linux/loader.ts';
import type { MemoryMap } from '../linux/memory-map.ts';
import { signalBit } from '../linux/signals.ts';
import { DelegatedCall } from '../linux/syscall-call.ts';
import { syscallRow } from '../linux/syscalls.table.ts';
import type { Connection } from '../transport/connection.ts';
import type { Frame, Payload } from '../transport/frame.ts';
import { type CallAnswer, decodeRequest, encodeAnswer } from './call-codec.ts';
import { dumpLegend } from './dump-legend.ts';
import { GuestProcess } from './guest-process.ts';
import type { CallRequest, ForkRequest, GroupExit, NextSignal } from './master-link.ts';
import { PayloadCopies } from './payload-copies.ts';
import { CallKind, Channel, ControlKind, type NodeCounters, type RunOptions } from './protocol.ts';
import { ReadLeases } from './read-leases.ts';
import { type MasterServices, Space } from './space.ts';

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

/** The master's number as a node. */
const own = 0;
/** Spaces that are kept for the next process: about as many as live at the same time in a pipeline. */
const idleSpacesMax = 4;
/** A space takes about 90 MB, most of it its access table; fork fails before the machine has no memory left. */
const freeBytesMin = 1 << 30;
/** A terminal sends these to all processes of its foreground group. */
const ofTerminal: ReadonlySet<number> = new Set([Signals.SIGINT, Signals.SIGWINCH]);

export class Master implements MasterServices {
  /** The first process. */
  readonly first: GuestProcess;
  readonly #payloads = new PayloadCopies();
  readonly #leases = new ReadLeases((node, id) => this.#sendCall(node, CallKind.recall, id, 0, 0));
  readonly #o: MasterOptions;
  /** The first process's address space, which all nodes have a part of. */
  readonly #space: Space;
  readonly #processes = new Set<GuestProcess>();
  readonly #ofThread = new Map<number, GuestProcess>();
  readonly #idleSpaces: Space[] = [];
  /** What spaces that are closed have counted on this node. */
  readonly #counted: NodeCounters[] = [];
  readonly #ended = Promise.withResolvers<ProcessEnd>();
  #firstEnd: ProcessEnd | undefined;
  /** Rejected as soon as the run cannot go on: nothing that is under way then may be waited for. */
  readonly #failed = Promise.withResolvers<never>();
  #over = false;

  constructor(options: MasterOptions) {
    this.#o = options;
    const { connections, program, ids, sysroot } = options;
    this.#space = this.#makeSpace(connections, true);
    // A node may be lost before the run has started and looks.
    this.#failed.promise.catch(() => {});
    const space = new AddressSpace(this.#space, program.memory, program.files);
    this.first = new GuestProcess(
      {
        hasRoom: () => this.#idleSpaces.length > 0 || process.availableMemory() >= freeBytesMin,
        newSpace: () => this.#takeSpace(),
        spaceLeft: (space, map) => this.#spaceLeft(space, map),
        born: (process) => this.#processes.add(process),
        threadPlaced: (tid, process) => this.#ofThread.set(tid, process),
        threadGone: (tid) => {
          this.#ofThread.delete(tid);
          this.#leases.over(tid);
        },
        ended: (process, end) => this.#processEnded(process, end),
        fail: (error) => this.#fail(error),
        log: options.log,
        processorCount: () => options.processors || availableParallelism(),
        tracksExceptions: options.run.fpExceptions === 'always',
      },
      this.#space,
      (host) => new Kernel({ host, program, space, ids, ...(sysroot === undefined ? {} : { sysroot }) }),
    );
    this.#space.node.onCall = (peer, frame) => {
      if (frame.kind === CallKind.returned) this.#leases.returned(frame.w0, frame.w1);
      else this.#remoteCall(peer, frame);
    };
    this.#serveNodes();
  }

  #makeSpace(connections: ReadonlyMap<number, Connection>, ofRun: boolean): Space {
    const { nodesOnHost, run } = this.#o;
    return new Space(
      {
        node: 0,
        nodes: connections.size + 1,
        nodesOnHost,
        run,
        clocks: { monotonicMs: 0, realtimeMs: 0 },
        connections,
        onFailure: (error) => this.#fail(error),
        onLost: (peer, why) => this.#lose(peer, why),
      },
      this,
      ofRun,
    );
  }

  #takeSpace(): Space {
    const space = this.#idleSpaces.pop();
    if (!space) return this.#makeSpace(new Map(), false);
    space.users = 1;
    return space;
  }

  /** A space takes long to make: its workers have to start. */
  async #spaceLeft(space: Space, map: MemoryMap): Promise<void> {
    if (this.#idleSpaces.length < idleSpacesMax && !this.#over) {
      await space.clear(map);
      this.#idleSpaces.push(space);
    } else this.#count(await space.close());
  }

  #count([own]: readonly (NodeCounters | undefined)[]): void {
    if (own) this.#counted.push(own);
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
    const { program, connections } = this.#o;
    const { kernel } = this.first;
    await this.#space.applyMapChanges(program.changes);
    await this.first.start(program, 0n);
    // After the start, so that a signal which came before finds the thread.
    kernel.addThread(kernel.pid);
    const end = await this.#ended.promise;
    for (const space of this.#idleSpaces) this.#count(await space.close());
    const [own, ...others] = await this.#space.close();
    for (const connection of connections.values()) connection.close();
    return { end, counters: [own && this.#counted.reduce(sum, own), ...others] };
  }

  /** True once it is decided how the run ends, and nobody is left to take a signal. */
  get over(): boolean {
    return this.#over || this.#living().length === 0;
  }

  #living(): GuestProcess[] {
    return [...this.#processes].filter((process) => !process.over);
  }

  #processEnded(process: GuestProcess, end: ProcessEnd): void {
    this.#processes.delete(process);
    if (process === this.first) {
      this.#firstEnd = end;
      // Who ends the first process by a signal means the run; who lets it exit may have left others at work.
      if (end.kind === 'signal')
        for (const other of this.#living()) other.exitGroup({ kind: 'signal', signal: Signals.SIGKILL, core: false });
    }
    if (this.#processes.size === 0) this.#ended.resolve(this.#firstEnd!);
  }

  /** Ends without a word to the other nodes: one of them does not listen, and the rest end with their connection. */
  async #abandon(): Promise<void> {
    const spaces = new Set([this.#space, ...this.#idleSpaces, ...[...this.#processes].map((process) => process.space)]);
    this.#space.node.expectEnd();
    for (const connection of this.#o.connections.values()) connection.close();
    await Promise.all([...spaces].map((space) => space.abandon()));
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

  /** The host's signal for the guest: from the terminal it goes to the foreground group, else to the first process. */
  signal(signal: number): void {
    for (const kernel of this.#receivers(signal)) kernel.signalProcess({ signal, code: 0x80 });
  }

  #receivers(signal: number): Kernel[] {
    const { kernel, over } = this.first;
    const { processes } = kernel;
    const group = ofTerminal.has(signal) ? processes.group(processes.foregroundGroup) : over ? [] : [kernel];
    return group.length > 0 ? group : processes.living();
  }

  /** Whether the guest has not taken a signal that it was sent. */
  isPending(signal: number): boolean {
    return this.#receivers(signal).some(({ sharedPending }) => (sharedPending.set & signalBit(signal)) !== 0n);
  }

  async dump(): Promise<string> {
    const spaces = new Map<Space, number[]>();
    for (const { space, kernel } of this.#processes) spaces.set(space, [...(spaces.get(space) ?? []), kernel.pid]);
    const parts = [...spaces].map(async ([space, pids]) => `process ${pids.join(', ')}:\n${await space.dump()}`);
    return [...(await Promise.all(parts)), '', dumpLegend].join('\n');
  }

  // ---- other nodes --------------------------------------------------------------------------------------

  #serveNodes(): void {
    const { control } = this.#space.node;
    control.on(ControlKind.allocateThread, ({ parent }: { parent: number }) => this.allocateThread(parent));
    control.on(ControlKind.fork, (request: ForkRequest, _peer, record) => this.fork(request, record));
    control.on(ControlKind.threadExit, ({ tid, status }: { tid: number; status: number }) =>
      this.threadExit(tid, status),
    );
    control.on(ControlKind.exitGroup, ({ tid, end }: { tid: number; end: GroupExit }) => this.exitGroup(tid, end));
    control.on(ControlKind.fault, (body: { tid: number; info: SignalInfo; mask: SignalSet }) =>
      this.fault(body.tid, body.info, body.mask),
    );
    control.on(ControlKind.nextSignal, ({ tid, mask }: { tid: number; mask: SignalSet }) => this.nextSignal(tid, mask));
    control.on(ControlKind.log, ({ line }: { line: string }) => this.log(line));
    control.on(ControlKind.failure, ({ message }: { message: string }, peer) =>
      this.#fail(new Error(`${this.#o.nodeNames[peer]}: ${message}`)),
    );
    control.on(ControlKind.lost, ({ peer, why }: { peer: number; why: string }) => this.#lose(peer, why));
    control.on(ControlKind.dropCode, (body: { start: number; end: number }) =>
      this.#space.dropCode(body.start, body.end),
    );
  }

  #sendCall(to: number, kind: number, w0: number, w1: number, w2: number, payload?: Payload): void {
    this.#o.connections.get(to)?.send(Channel.call, kind, w0, w1, w2, 0, payload);
  }

  #remoteCall(peer: number, { w0: id, w1: tid, w2: number, payload }: Frame): void {
    const copy = this.#payloads.copy(payload);
    this.#invoke(peer, tid, number, decodeRequest(copy.bytes), (answer) => {
      this.#sendCall(peer, CallKind.answer, id, answer.result, 0, encodeAnswer(answer));
      copy.release();
    });
  }

  // ---- what threads ask of the kernel -------------------------------------------------------------------

  call({ tid, number, args, mask, marshalled }: CallRequest, done: (answer: CallAnswer) => void): void {
    this.#invoke(own, tid, number, new DelegatedCall(args, marshalled, mask), done);
  }

  /** @param from the caller's node */
  #invoke(from: number, tid: number, number: number, call: DelegatedCall, done: (answer: CallAnswer) => void): void {
    const process = this.#ofThread.get(tid);
    const thread = process?.kernel.thread(tid);
    if (!process || !thread || this.#over) return;
    // Whoever calls after the end does not come back from its call.
    if (process.over) return process.retire(tid);
    const row = syscallRow(number) as MasterRow<Kernel>;
    const leases = this.#leases;
    // After an exec, which does not answer, this is how its end is seen.
    leases.over(tid);
    const effect = leases.effectOf(row.name, process.kernel.descriptors.get(call.args[0]!));
    if (!leases.none && effect !== 'none') return leases.whenNone(() => this.#invoke(from, tid, number, call, done));
    const answer = (result: number): void =>
      done({ result, temporaryMask: call.temporaryMask, outputs: call.outputsFor(result) });
    const file = from !== own && row.name === 'read' ? process.kernel.descriptors.get(call.args[0]!) : undefined;
    const before = file?.readsAheadFrom;
    try {
      const result = process.kernel.invoke(row, thread, call);
      if (typeof result === 'number') {
        if (before !== undefined && result > 0) this.#sendAhead(from, process, call, file!, before, result);
        return answer(result);
      }
      if (effect === 'changes') leases.changing(tid);
      const ended = (result: number): void => {
        leases.over(tid);
        if (effect === 'none') answer(result);
        else leases.whenNone(() => answer(result));
      };
      result.then(ended, (error) => this.#fail(error));
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** A thread of a node reads a file: what comes next goes before the answer, if it is time for that. */
  #sendAhead(
    node: number,
    { kernel }: GuestProcess,
    call: DelegatedCall,
    file: Description,
    before: number,
    got: number,
  ): void {
    const lease = this.#leases.read(node, file, before, call.capacity(1), got);
    if (lease) this.#sendCall(node, CallKind.ahead, lease.id, kernel.pid, call.args[0]!, lease.bytes);
  }

  async allocateThread(parent: number): Promise<{ tid: number; node: number } | null> {
    return this.#ofThread.get(parent)?.allocateThread(parent) ?? null;
  }

  async fork(request: ForkRequest, record: Uint8Array): Promise<number> {
    // A process that is ending makes no other: the call does not come back.
    try {
      const pid = await this.#ofThread.get(request.tid)?.fork(request, record);
      // A child of vfork may have done anything by now.
      if (!this.#leases.none) await this.#withoutLeases();
      if (pid !== undefined) return pid;
    } catch (error) {
      this.#fail(error as Error);
    }
    return new Promise<never>(() => {});
  }

  threadExit(tid: number, status: number): void {
    this.#ofThread.get(tid)?.threadExit(tid, status);
  }

  exitGroup(tid: number, end: GroupExit): void {
    const how: ProcessEnd =
      'status' in end ? { kind: 'exit', status: end.status } : { kind: 'signal', signal: end.signal, core: end.core };
    this.#ofThread.get(tid)?.exitGroup(how, tid);
  }

  fault(tid: number, info: SignalInfo, mask: SignalSet): Promise<SignalDelivery> {
    const process = this.#ofThread.get(tid);
    // The thread of a process that has ended waits for its executor to be stopped.
    if (!process) return new Promise<never>(() => {});
    return Promise.resolve(process.kernel.forceSignal(tid, info, mask));
  }

  async nextSignal(tid: number, mask: SignalSet): Promise<NextSignal> {
    // A signal tells of something that has happened, the end of a child perhaps.
    if (!this.#leases.none) await this.#withoutLeases();
    const process = this.#ofThread.get(tid);
    return process ? process.kernel.nextSignal(tid, mask) : new Promise<never>(() => {});
  }

  #withoutLeases(): Promise<void> {
    return new Promise((resolve) => this.#leases.whenNone(resolve));
  }

  log(line: string): void {
    this.#o.log(line);
  }
}

/** Counters of one node, `more` added in. */
function sum(counters: NodeCounters, more: NodeCounters): NodeCounters {
  const total = { ...counters };
  for (const name of Object.keys(total) as (keyof NodeCounters)[]) if (name !== 'node') total[name] += more[name];
  return total;
}
