/**
 * A guest address space over the nodes that have a part of it: changes of its map, accesses from the kernel, places of
 * threads. The first process's is on all nodes; one that fork or exec makes is on the master alone.
 */
import { within } from '../base/within.ts';
import { pageBytes, pageShift } from '../layout/access.ts';
import { threadsMax } from '../layout/control.ts';
import type { MapChange, MemoryHost, SignalSet } from '../linux/api.ts';
import type { MemoryMap } from '../linux/memory-map.ts';
import type { MasterLink } from './master-link.ts';
import { type BlockArea, ClusterNode, type NodeOptions } from './node.ts';
import { ControlKind, type NodeCounters } from './protocol.ts';

/** What the master does for the threads of any space. */
export type MasterServices = Omit<MasterLink, 'dropCode'>;

/** A node that does not answer when it is told to stop is given up after this long. */
const stopMsMax = 3000;
const dumpMsMax = 1000;
/** Blocks that a copy of the memory asks for at once. */
const copiedAtOnce = 64;

export class Space implements MemoryHost {
  readonly node: ClusterNode;
  /** How many threads each node has. */
  readonly #threadsOn: number[];
  #placed = 0;
  #mapQueue: Promise<void> = Promise.resolve();
  #keepsRegisters = false;
  /** The last change of that has come to all nodes. */
  #keptRegisters: Promise<void> = Promise.resolve();
  #closed: Promise<(NodeCounters | undefined)[]> | undefined;
  /** Processes that live here: two between vfork and exec. */
  users = 1;
  /** All nodes of the run have a part of it. The others are on the master alone, and serve one process after another. */
  readonly ofRun: boolean;

  constructor(options: NodeOptions, services: MasterServices, ofRun: boolean) {
    this.ofRun = ofRun;
    this.#threadsOn = Array<number>(options.nodes).fill(0);
    const link: MasterLink = {
      call: (request, done) => services.call(request, done),
      allocateThread: (parent) => services.allocateThread(parent),
      fork: (request, record) => services.fork(request, record),
      threadExit: (tid, status) => services.threadExit(tid, status),
      exitGroup: (tid, end) => services.exitGroup(tid, end),
      fault: (tid, info, mask) => services.fault(tid, info, mask),
      nextSignal: (tid, mask) => services.nextSignal(tid, mask),
      log: (line) => services.log(line),
      dropCode: (start, end) => this.dropCode(start, end),
    };
    this.node = new ClusterNode(options, () => link);
  }

  // ---- threads ------------------------------------------------------------------------------------------

  /** The nodes in turn, those without room left out; a node tells of a thread's end after it has room for another. */
  place(): number | undefined {
    for (let tried = 0; tried < this.#threadsOn.length; tried++) {
      const node = this.#placed++ % this.#threadsOn.length;
      if (this.#threadsOn[node]! >= threadsMax) continue;
      this.#threadsOn[node]!++;
      return node;
    }
    return undefined;
  }

  /** A thread on `node` is gone. */
  unplace(node: number): void {
    this.#threadsOn[node]!--;
  }

  async start(node: number, record: Uint8Array): Promise<void> {
    if (node === 0) this.node.threads.start(record);
    else await this.node.control.ask(node, ControlKind.spawn, {}, record);
  }

  /** A thread whose process goes on without it is forgotten. */
  async leave(node: number, tid: number): Promise<void> {
    if (node === 0) await this.node.threads.leave(tid);
    else await this.node.control.ask(node, ControlKind.leave, { tid });
  }

  interrupt(node: number, tid: number, pending: SignalSet): void {
    if (node === 0) this.node.interrupt(tid, pending);
    else this.node.control.tell(node, ControlKind.interrupt, { tid, pending });
  }

  // ---- memory -------------------------------------------------------------------------------------------

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

  /** Unmaps everything. */
  clear(map: MemoryMap): Promise<void> {
    return this.applyMapChanges(
      map.areas.map(({ start, end }) => ({ start, length: end - start, protection: -1, fresh: true })),
    );
  }

  readGuest(address: number, length: number): Promise<Uint8Array | null> {
    return this.node.access.readAsync(address, length);
  }

  async readKept(address: number, length: number): Promise<Uint8Array> {
    const bytes = await this.node.access.readAsync(address, length, true);
    return bytes!;
  }

  writeGuest(address: number, bytes: Uint8Array): Promise<boolean> {
    return this.node.access.writeAsync(address, bytes);
  }

  async dropCode(start: number, end: number): Promise<void> {
    this.node.dropCode(start, end);
    await this.node.control.askAll(ControlKind.dropCode, { start, end });
  }

  /** Translated code keeps all registers at its exits. */
  get keepsRegisters(): boolean {
    return this.#keepsRegisters;
  }

  /** Has translated code keep all registers at its exits, or only those that the guest still reads. */
  keepRegisters(all: boolean): Promise<void> {
    if (all === this.#keepsRegisters) return this.#keptRegisters;
    this.#keepsRegisters = all;
    this.node.engine.keepRegisters(all);
    this.#keptRegisters = this.node.control.askAll(ControlKind.keepRegisters, { all }).then(() => {});
    return this.#keptRegisters;
  }

  /**
   * Makes this space, which nobody has used, a copy of another one with the same map (fork). The other one's threads stand
   * still meanwhile, on all nodes: what the copy has is the memory of one moment.
   */
  async copyFrom(other: Space, map: MemoryMap): Promise<void> {
    const areas = map.areas.map(({ start, end, protection }) => ({ start, length: end - start, protection }));
    await this.applyMapChanges(areas.map((area) => ({ ...area, fresh: true })));
    if (other.node.blocks === undefined) {
      const { engine } = other.node;
      engine.hold(() => {
        for (const { start, length } of areas) this.node.engine.memory.copyTouched(engine.memory, start, length);
      });
      return;
    }
    await other.whileStill(async () => {
      const blocks = await other.#usedBlocks(
        areas.map(({ start, length }) => ({ first: start >>> pageShift, count: length >>> pageShift })),
      );
      for (let at = 0; at < blocks.length; at += copiedAtOnce)
        await Promise.all(blocks.slice(at, at + copiedAtOnce).map((block) => this.#copyBlock(other, block)));
    });
  }

  async #copyBlock(other: Space, block: number): Promise<void> {
    const address = block * pageBytes;
    await this.node.access.writeAsync(address, await other.readKept(address, pageBytes), true);
  }

  /** The blocks of the areas that may be other than zero. */
  async #usedBlocks(areas: readonly BlockArea[]): Promise<number[]> {
    const others = await this.node.control.askAll<number[]>(ControlKind.usedBlocks, areas);
    return [this.node.usedBlocks(areas), ...others].flat();
  }

  async whileStill<T>(work: () => Promise<T>): Promise<T> {
    const others = this.node.control.askAll(ControlKind.keepOut, {});
    this.node.keepOut();
    await others;
    try {
      return await work();
    } finally {
      this.node.engine.letIn();
      for (let node = 1; node < this.#threadsOn.length; node++) this.node.control.tell(node, ControlKind.letIn, {});
    }
  }

  // ---- the end ------------------------------------------------------------------------------------------

  /** Stops it on all nodes. @returns each node's counters; undefined for one that does not answer */
  close(): Promise<(NodeCounters | undefined)[]> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<(NodeCounters | undefined)[]> {
    this.node.expectEnd();
    const others = await Promise.all(
      Array.from({ length: this.#threadsOn.length - 1 }, (_, i) =>
        within(stopMsMax, this.node.control.ask<NodeCounters>(i + 1, ControlKind.stop, {})),
      ),
    );
    await this.node.stop();
    return [this.node.counters(), ...others];
  }

  /** Ends without a word to the other nodes: one of them does not listen, and the rest end with their connection. */
  async abandon(): Promise<void> {
    this.node.expectEnd();
    await this.node.stop();
  }

  async dump(): Promise<string> {
    const others = await within(dumpMsMax, this.node.control.askAll<string>(ControlKind.dump, {}));
    return [this.node.dump(), ...(others ?? ['(other nodes do not answer)'])].join('\n');
  }
}
