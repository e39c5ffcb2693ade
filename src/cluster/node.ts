/**
 * One node of a running cluster: engine, coherence, futexes and calls joined, and connected to the other nodes. The
 * master's part (files, memory map, signals) is added by master.ts through `serveMaster`.
 */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { PROT_EXEC, PROT_READ } from '../abi/memory.ts';
import { Engine, type EngineOptions } from '../engine/engine.ts';
import { Deny, granuleBytes, granuleCount, granuleShift, pageBytes, pageShift } from '../layout/access.ts';
import { RequestKind } from '../layout/control.ts';
import type { MapChange, SignalSet } from '../linux/api.ts';
import { kernelUserHelpers, kernelUserHelpersAddress } from '../linux/kernel-user-helpers.ts';
import { syscallRow } from '../linux/syscalls.table.ts';
import type { Connection } from '../transport/connection.ts';
import type { Frame } from '../transport/frame.ts';
import { BlockAgent, initialAccessByte } from './block-agent.ts';
import { Calls } from './calls.ts';
import { Futexes } from './futex.ts';
import { GuestAccess } from './guest-access.ts';
import { type ClockOffsets, RecordThread } from './local-thread.ts';
import { MapChanges } from './map-changes.ts';
import { type MasterLink, RemoteMaster } from './master-link.ts';
import { Channel, ControlKind, type NodeCounters, type RunOptions } from './protocol.ts';
import { ControlPlane } from './rpc.ts';
import { Threads } from './threads.ts';

export interface NodeOptions {
  readonly node: number;
  readonly nodes: number;
  /** Nodes of this cluster on the same machine, which share its processors. */
  readonly nodesOnHost: number;
  readonly run: RunOptions;
  readonly clocks: ClockOffsets;
  /** Connections to all other nodes, by number. */
  readonly connections: ReadonlyMap<number, Connection>;
  /** A bug that ends the run. */
  readonly onFailure: (error: Error) => void;
  /** The connection to another node ended in the middle of the run. */
  readonly onLost: (peer: number, why: string) => void;
}

/** What an executor needs to serve local calls, as workerData. */
export interface ExecutorData {
  readonly firstProcessor: number;
  readonly clocks: ClockOffsets;
  /** The node is the only one. */
  readonly isAlone: boolean;
}

/** Blocks in a row. */
export interface BlockArea {
  readonly first: number;
  readonly count: number;
}

/** 1 MiB ahead of a stream, beside the window that is being used. */
const pushWindowMax = 256;

export class ClusterNode {
  readonly options: NodeOptions;
  readonly engine: Engine;
  readonly access: GuestAccess;
  readonly control: ControlPlane;
  readonly futexes: Futexes;
  readonly master: MasterLink;
  readonly threads: Threads;
  readonly calls: Calls;
  readonly maps: MapChanges;
  /** Undefined on a node that is alone: it holds everything. */
  readonly blocks: BlockAgent | undefined;
  /** Serves calls of other nodes; set on the master. The frame holds until it returns. */
  onCall: ((peer: number, frame: Frame) => void) | undefined;
  readonly #remoteMaster: RemoteMaster | undefined;
  #stopping = false;

  /** @param master the master's own link to itself; elsewhere undefined */
  constructor(options: NodeOptions, master?: (node: ClusterNode) => MasterLink) {
    const { node, nodes, connections, run, clocks } = options;
    this.options = options;
    const executors = run.executors || Math.max(1, Math.floor(availableParallelism() / options.nodesOnHost));
    const executorData: ExecutorData = { firstProcessor: node * executors, clocks, isAlone: nodes === 1 };
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const engineOptions: EngineOptions = {
      executors,
      // The master has the first thread; where the others go is not known yet.
      executorsAtOnce: node === 0 ? 1 : 0,
      tier: run.tier,
      processor: run.processor,
      names: run.names,
      executorEntry: new URL(`./executor-worker.${extension}`, import.meta.url),
      executorData,
      flush: () => {
        for (const connection of connections.values()) connection.flush();
      },
      onRequest: ({ kind, a, b, c }) => this.#request(kind, a, b, c),
      onFailure: (error) => options.onFailure(error),
    };
    this.engine = new Engine(engineOptions);
    // The workers load while the access table is filled: nothing runs on them before a thread is given to the engine.
    this.engine.start();
    // Some bytes behind the table too: a span at the end of the address space is checked by a load that reaches there.
    this.engine.views.controlBytes.fill(initialAccessByte(nodes), 0, granuleCount + granuleBytes);
    this.blocks =
      nodes > 1
        ? new BlockAgent(
            {
              node,
              nodes,
              placement: run.directory,
              pushWindowMax: run.forwarding ? pushWindowMax : 0,
              splitting: run.splitting,
              migratory: run.migratory,
              residency: run.residency,
              compression: run.compression,
            },
            this.engine,
            connections,
          )
        : undefined;
    this.access = new GuestAccess(
      this.engine,
      this.blocks?.obtain ??
        (() => {
          throw new Error('a node that is alone misses no block');
        }),
    );
    this.maps = new MapChanges(this.engine, this.blocks && ((start, length) => this.blocks!.reset(start, length)));
    this.control = new ControlPlane(connections, (error) => options.onFailure(error as Error));
    this.futexes = new Futexes({
      node,
      homeOf: (address) => this.blocks?.protocol.homeOf(address >>> pageShift) ?? 0,
      connections,
      access: this.access,
      now: {
        monotonicMs: () => Number(process.hrtime.bigint()) / 1e6 + clocks.monotonicMs,
        realtimeMs: () => performance.timeOrigin + performance.now() + clocks.realtimeMs,
      },
    });
    if (master) {
      this.master = master(this);
    } else {
      this.#remoteMaster = new RemoteMaster(connections.get(0)!, this.control);
      this.master = this.#remoteMaster;
    }
    this.threads = new Threads(this.engine, this.access, this.futexes, this.master, (to, record) =>
      this.#spawn(to, record),
    );
    this.calls = new Calls({
      engine: this.engine,
      access: this.access,
      futexes: this.futexes,
      threads: this.threads,
      master: this.master,
      localThread: new RecordThread(this.engine.words, node * executors, clocks),
      row: syscallRow as never,
    });
    this.#mapKernelHelpers();
    this.#serveControl();
    for (const [peer, connection] of connections) this.#listen(peer, connection);
  }

  /** The kernel's page of helpers is each node's own: no coherence, readable and executable. */
  #mapKernelHelpers(): void {
    const { memory, views } = this.engine;
    memory.bytes.set(kernelUserHelpers, kernelUserHelpersAddress);
    const first = kernelUserHelpersAddress >>> granuleShift;
    views.controlBytes.fill(Deny.protectionWrite, first, first + pageBytes / granuleBytes);
    this.maps.setPageFlags(kernelUserHelpersAddress, pageBytes, PROT_READ | PROT_EXEC);
  }

  // ---- requests of executors -----------------------------------------------------------------------------

  #request(kind: number, slot: number, b: number, c: number): void {
    switch (kind) {
      case RequestKind.block:
        // On a node that is alone a thread misses a page only while that is mapped anew (map-changes.ts): over by now.
        if (this.blocks) this.blocks.missForThread(slot, b >>> 0, c === 1);
        else this.engine.resume(slot);
        break;
      case RequestKind.consumed:
        this.blocks!.consumedJustNow(slot, b);
        break;
      case RequestKind.syscall:
        this.calls.serve(this.threads.inSlot(slot));
        this.blocks?.threadParked();
        break;
      case RequestKind.fault:
        this.calls.fault(this.threads.inSlot(slot), b, c >>> 0);
        break;
      case RequestKind.signal:
        this.calls.signal(this.threads.inSlot(slot));
        break;
      case RequestKind.code: {
        // Whole pages: who writes code writes more of it.
        const firstPage = b >>> pageShift;
        const lastPage = Math.min((b >>> 0) + c - 1, 2 ** 32 - 1) >>> pageShift;
        this.engine.dropCode(firstPage * pageBytes, (lastPage + 1) * pageBytes);
        this.engine.resume(slot);
        break;
      }
    }
  }

  // ---- other nodes --------------------------------------------------------------------------------------

  /** @param peer the node's number here: one that the master dialled does not know its own at first */
  #listen(peer: number, connection: Connection): void {
    connection.onClose = (reason) => {
      // Who it was is said by its number and name in this cluster, which the connection does not know.
      if (!this.#stopping) this.options.onLost(peer, reason.message.replace(`${connection.remote}: `, ''));
    };
    connection.onFrame = (frame) => {
      if (this.#stopping && frame.channel !== Channel.control) return;
      this.engine.frameComing();
      switch (frame.channel) {
        case Channel.coherence: {
          const problem = this.blocks!.handle(frame);
          if (problem !== undefined) connection.reject(problem);
          break;
        }
        case Channel.futex:
          this.futexes.handle(peer, frame);
          break;
        case Channel.call:
          if (this.#remoteMaster) this.#remoteMaster.handle(frame);
          else this.onCall!(peer, frame);
          break;
        case Channel.control:
          this.control.handle(peer, frame);
          break;
      }
    };
  }

  #serveControl(): void {
    const { control } = this;
    control.on(ControlKind.map, (changes: MapChange[]) => this.maps.applyAll(changes));
    control.on(ControlKind.spawn, (_: unknown, _peer, record) => this.threads.start(record));
    control.on(ControlKind.interrupt, ({ tid, pending }: { tid: number; pending: SignalSet }) =>
      this.interrupt(tid, pending),
    );
    control.on(ControlKind.leave, ({ tid }: { tid: number }) => this.threads.leave(tid));
    control.on(ControlKind.usedBlocks, (areas: BlockArea[]) => this.usedBlocks(areas));
    control.on(ControlKind.keepOut, () => this.keepOut());
    control.on(ControlKind.letIn, () => this.engine.letIn());
    control.on(ControlKind.keepRegisters, ({ all }: { all: boolean }) => this.engine.keepRegisters(all));
    control.on(ControlKind.dump, () => this.dump());
    control.on(ControlKind.dropCode, ({ start, end }: { start: number; end: number }) => this.dropCode(start, end));
  }

  async #spawn(node: number, record: Uint8Array): Promise<void> {
    if (node === this.options.node) this.threads.start(record);
    else await this.control.ask(node, ControlKind.spawn, {}, record);
  }

  /** The blocks of the areas that have their home here and may be other than zero; of a node that is not alone. */
  usedBlocks(areas: readonly BlockArea[]): number[] {
    return areas.flatMap(({ first, count }) => this.blocks!.protocol.usedBlocks(first, count));
  }

  /** Guest threads stand still until `engine.letIn`. What they have of memory is there for other nodes. */
  keepOut(): void {
    this.engine.keepOut();
    this.blocks?.held();
  }

  dropCode(start: number, end: number): void {
    if (end - start > 0 && this.engine.memory.hasCode(start, end - start)) this.engine.dropCode(start, end);
  }

  /** Signals are pending for a thread of this node. */
  interrupt(tid: number, pending: SignalSet): void {
    const thread = this.threads.hear(tid, pending);
    if (!thread?.signalRequested) return;
    if (thread.futexWait !== 0) this.futexes.interrupt(thread.futexWait);
    this.engine.handshake.raiseAll();
  }

  counters(): NodeCounters {
    let bytesIn = 0;
    let bytesOut = 0;
    for (const connection of this.options.connections.values()) {
      bytesIn += connection.bytesIn;
      bytesOut += connection.bytesOut;
    }
    const coherence = this.blocks?.protocol.counters;
    return {
      node: this.options.node,
      threads: this.threads.started,
      blocksFetched: coherence?.fetched ?? 0,
      blocksGivenUp: coherence?.givenUp ?? 0,
      splits: coherence?.splits ?? 0,
      merges: coherence?.merges ?? 0,
      bytesIn,
      bytesOut,
      ...(this.blocks?.lines.counters() ?? { pagesRepeated: 0, pagesCompressed: 0, bytesSaved: 0 }),
      callsDelegated: this.calls.delegated,
      regionsTranslated: this.engine.counters.regionsTranslated,
    };
  }

  /** The state of everything here, for a person who looks at a hang. */
  dump(): string {
    const blocks = this.blocks?.describe(this.engine.missedAddresses().map((address) => address >>> pageShift)) ?? [];
    return [`node ${this.options.node}:`, this.engine.dump(), ...blocks, ...this.futexes.describe()].join('\n');
  }

  /** From here on no other node's silence is a failure. */
  expectEnd(): void {
    this.#stopping = true;
  }

  /** Stops the guest's threads here, for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.futexes.home.stop();
    this.blocks?.stop();
    await this.engine.stop();
  }
}
