/**
 * One node's engine as its agent (the main thread) sees it: the memories, the workers, the guest threads' records,
 * and what executors ask for.
 */
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { hex32 } from '../base/bits.ts';
import { Deny, granuleShift } from '../layout/access.ts';
import {
  AgentState,
  Executor as ExecutorRecord,
  executorRecord,
  executorsMax,
  Node,
  nodeBase,
  ParkReason,
  RequestKind,
  Thread,
  ThreadState,
  threadRecord,
  threadsMax,
} from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import type { ProcessorName } from '../processor/processors.table.ts';
import { GuestMemory } from './guest-memory.ts';
import { Handshake } from './handshake.ts';
import { Lingering } from './lingering.ts';
import type { ExecutorMail } from './mail.ts';
import { createMemories, type Memories, Views } from './memory.ts';
import { type Request, RequestRing } from './request-ring.ts';
import { RunQueue } from './run-queue.ts';
import { sharpenTimers } from './timer-slack.ts';

export const tiers = ['auto', 'interpreter', 'translator'] as const;
export type Tier = (typeof tiers)[number];

export interface EngineOptions {
  readonly executors: number;
  /** Executors that start before there is a guest thread for them; the others start with the threads that need them. */
  readonly executorsAtOnce: number;
  readonly tier: Tier;
  /** The processor that the guest sees. */
  readonly processor: ProcessorName;
  /** The worker's module: it makes an Executor from the ExecutorStart in workerData and runs it. */
  readonly executorEntry: URL;
  /** Handed to the executors as it is. */
  readonly executorData: unknown;
  readonly names: boolean;
  /** Lets what was sent to other nodes leave now. */
  readonly flush: () => void;
  /** Called on the agent's thread for each request of an executor. */
  readonly onRequest: (request: Request) => void;
  /** An executor or the translator died: a bug in the emulator. */
  readonly onFailure: (error: Error) => void;
}

/** workerData of an executor. */
export interface ExecutorStart {
  readonly memories: Memories;
  readonly index: number;
  readonly processor: ProcessorName;
  readonly agentPort: MessagePort;
  readonly translatorPort: MessagePort | undefined;
  readonly hotEntries: number;
  readonly hotReturns: number;
  readonly coldFragments: number;
  readonly data: unknown;
}

/** workerData of the translator. */
export interface TranslatorStart {
  readonly memories: Memories;
  readonly processor: ProcessorName;
  readonly ports: readonly MessagePort[];
  readonly names: boolean;
  readonly whole: boolean;
}

export interface EngineCounters {
  regionEntries: number;
  interpretedBlocks: number;
  regionsTranslated: number;
}

const bellIndex = (nodeBase + Node.agentBell.offset) >>> 2;
const agentStateIndex = (nodeBase + Node.agentState.offset) >>> 2;
const stoppingIndex = (nodeBase + Node.stopping.offset) >>> 2;
const codeHoldIndex = (nodeBase + Node.codeHold.offset) >>> 2;
const keptRegistersIndex = (nodeBase + Node.keptRegisters.offset) >>> 2;
const codeGenerationIndex = (nodeBase + Node.codeGeneration.offset) >>> 2;
/** Requests served in one go. Then sockets, timers and promises have their turn, however busy the executors are. */
const requestsMax = 256;
/** How often the agent waits for threads that it has started before sockets and timers have their turn. */
const lingersMax = 16;
/** Threads that wait for the other frames of a read, at the most. */
const wokenMax = 32;
/** How often executors look up from their loops: time slices, and V8's way to swap in optimised code. */
const tickMs = 10;
/** Entries before a region is asked for; the forced translator asks at the first. */
const hotEntriesDefault = 24;
/**
 * The same for the places where calls return to. Their function is translated as a whole once its entry or a loop of it
 * is; only who comes back many times without that needs them.
 */
const hotReturnsDefault = 8 * hotEntriesDefault;
/**
 * Fragments that are interpreted before the translator's worker starts. Its start costs as much processor time as
 * interpreting about this many, and most short programs end before.
 */
const coldFragments = 20_000;
/** An executor that has not started yet does so when this many letters wait for it in its port. */
const unreadMailMax = 1000;
const stateNames = ['free', 'runnable', 'running', 'parked'];
const parkNames = ['', 'waits for block of', 'in call', 'fault', 'writes code at', 'signal'];

/** What a parked thread waits for: a call's number, else an address. */
function parkInfo(words: Int32Array, record: number): string {
  const info = words[record + Thread.parkInfo.index32] as number;
  return words[record + Thread.parkReason.index32] === ParkReason.syscall ? String(info) : hex32(info);
}

export class Engine {
  readonly memories = createMemories();
  readonly views = new Views(this.memories);
  readonly memory = new GuestMemory(this.views);
  readonly words = this.views.controlWords;
  readonly queue = new RunQueue(this.words);
  readonly handshake: Handshake;
  readonly #options: EngineOptions;
  readonly #workers: Worker[] = [];
  readonly #mailPorts: MessagePort[] = [];
  /** What starts the executors that have not started yet, in their order. */
  readonly #waitingExecutors: (() => void)[] = [];
  #unreadMail = 0;
  #startTranslator: (() => void) | undefined;
  #translator: Worker | undefined;
  readonly #rings: RequestRing[] = [];
  readonly #request: Request = { kind: 0, a: 0, b: 0, c: 0 };
  readonly #freeSlots: number[] = [];
  #slotsUsed = 0;
  /** Threads to start when the frames at hand have been handled; undefined between reads. */
  #woken: { readonly slot: number; readonly urgent: boolean }[] | undefined;
  /** A thread was made runnable since the rings were last found empty. */
  #hasStarted = false;
  readonly #lingering = new Lingering(this.words);
  /** The executor that was last asked to make room for an urgent thread. */
  #preempted = 0;
  /** A wait for the bell is under way. */
  #waiting = false;
  #tick: NodeJS.Timeout | undefined;
  #stopping = false;
  #holds = 0;
  readonly counters: EngineCounters = { regionEntries: 0, interpretedBlocks: 0, regionsTranslated: 0 };

  constructor(options: EngineOptions) {
    assert(options.executors >= 1 && options.executors <= executorsMax, `executors: 1 to ${executorsMax}`);
    this.#options = options;
    this.handshake = new Handshake(this.words, options.executors);
  }

  /** Starts the first workers, prepares the others, and serves their requests. */
  start(): void {
    const { executors, executorsAtOnce, tier, processor, executorEntry, executorData, names } = this.#options;
    const translatorPorts: MessagePort[] = [];
    for (let index = 0; index < executors; index++) {
      this.words[(executorRecord(index) + ExecutorRecord.thread.offset) >>> 2] = -1;
      this.#rings.push(new RequestRing(this.words, index));
      const mail = new MessageChannel();
      mail.port1.unref();
      this.#mailPorts.push(mail.port1);
      const transfer = [mail.port2];
      let translatorPort: MessagePort | undefined;
      if (tier !== 'interpreter') {
        const channel = new MessageChannel();
        translatorPorts.push(channel.port1);
        translatorPort = channel.port2;
        transfer.push(channel.port2);
      }
      const workerData: ExecutorStart = {
        memories: this.memories,
        index,
        processor,
        agentPort: mail.port2,
        translatorPort,
        hotEntries: tier === 'translator' ? 1 : hotEntriesDefault,
        hotReturns: tier === 'translator' ? 1 : hotReturnsDefault,
        coldFragments: tier === 'translator' ? 0 : coldFragments,
        data: executorData,
      };
      this.#waitingExecutors.push(() => this.#workers.push(this.#worker(executorEntry, workerData, transfer)));
    }
    if (tier !== 'interpreter') {
      const workerData: TranslatorStart = {
        memories: this.memories,
        processor,
        ports: translatorPorts,
        names,
        whole: tier === 'translator',
      };
      const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
      const entry = new URL(`./translator-worker.${extension}`, import.meta.url);
      this.#startTranslator = () => {
        this.#startTranslator = undefined;
        this.#translator = this.#worker(entry, workerData, translatorPorts);
        this.#translator.on('message', (count: number) => {
          this.counters.regionsTranslated += count;
        });
      };
    }
    this.#startExecutors(executorsAtOnce);
    sharpenTimers();
    this.#tick = setInterval(() => this.handshake.raiseAll(), tickMs);
    this.serve();
  }

  /** Starts executors until `wanted` of them run, or all. */
  #startExecutors(wanted: number): void {
    if (this.#stopping) return;
    while (this.#workers.length < wanted && this.#waitingExecutors.length > 0) this.#waitingExecutors.shift()!();
  }

  #worker(entry: URL, workerData: unknown, transferList: MessagePort[]): Worker {
    const cache = getCompileCacheDir();
    const worker = new Worker(entry, {
      workerData,
      transferList,
      // A worker finds the compile cache (bin/start.js) by its environment alone.
      env: cache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(cache) },
      stdout: false,
      stderr: false,
      // Room for callDepthMax frames of any region (executor.ts).
      resourceLimits: { stackSizeMb: 64 },
    });
    worker.on('error', this.#options.onFailure);
    worker.unref();
    return worker;
  }

  /**
   * A frame is about to be handled. What the frames of one read make runnable starts when all of them have been
   * handled: a thread that ran at the first one would take the processor from the agent for each. Executors need not
   * ring meanwhile, for the agent looks at their rings then.
   */
  frameComing(): void {
    if (this.#woken === undefined) {
      this.#woken = [];
      // It runs before anything that the frames send leaves.
      queueMicrotask(this.#framesHandled);
      Atomics.store(this.words, agentStateIndex, AgentState.awake);
    } else if (this.#woken.length >= wokenMax) this.#startWoken();
  }

  readonly #framesHandled = (): void => {
    // A thread that is started may take the processor at once. If it is likely to ask for something soon, what the
    // frames send goes with that; else it goes first, for other nodes wait for it.
    if (this.#woken!.length > 0 && !this.#lingering.willWait) this.#options.flush();
    this.#startWoken();
    this.#woken = undefined;
    this.serve();
  };

  #startWoken(): void {
    const woken = this.#woken!;
    for (const { slot, urgent } of woken) this.#start(slot, urgent);
    woken.length = 0;
  }

  /**
   * Takes requests until there are none, then lets executors ring. Also to be called after other work: a thread that
   * was just woken may have run on, and then its next request leaves together with what that work sent.
   */
  serve(): void {
    const { words } = this;
    let lingers = lingersMax;
    for (let left = requestsMax; ; ) {
      if (this.#stopping) return;
      Atomics.store(words, agentStateIndex, AgentState.awake);
      const bell = Atomics.load(words, bellIndex);
      const hasStarted = this.#hasStarted;
      this.#hasStarted = false;
      const served = this.#drain(left);
      left -= served;
      if (left <= 0) {
        setImmediate(() => this.serve());
        return;
      }
      if (served > 0) continue;
      if (hasStarted && --lingers > 0 && this.#lingering.wait(bell)) continue;
      Atomics.store(words, agentStateIndex, AgentState.asleep);
      if (Atomics.load(words, bellIndex) !== bell) continue;
      // A wait under way ends by the next ring, whatever the bell showed when it began.
      if (this.#waiting) return;
      const wait = Atomics.waitAsync(words, bellIndex, bell);
      if (wait.async) {
        this.#waiting = true;
        wait.value.then(this.#rung);
        return;
      }
    }
  }

  readonly #rung = (): void => {
    this.#waiting = false;
    this.serve();
  };

  /** Serves at most `most` requests of each executor. @returns how many in all */
  #drain(most: number): number {
    let served = 0;
    for (const requests of this.#rings) {
      for (let left = most; left > 0 && requests.take(this.#request); left--) {
        served++;
        if (this.#request.kind === RequestKind.translator) this.#startTranslator?.();
        else this.#options.onRequest(this.#request);
      }
    }
    return served;
  }

  // ---- guest threads ------------------------------------------------------------------------------------

  /** A cleared thread record, parked. */
  allocateThread(): number {
    const slot = this.#freeSlots.pop() ?? this.#slotsUsed++;
    assert(slot < threadsMax, `more than ${threadsMax} guest threads on one node`);
    const at = threadRecord(slot) >>> 2;
    this.words.fill(0, at, at + Thread.bytes / 4);
    this.words[at + Thread.granted.index32] = -1;
    this.words[at + Cpu.exclusiveAddress.index32] = -1;
    this.words[at + Thread.state.index32] = ThreadState.parked;
    this.#startExecutors(this.#slotsUsed - this.#freeSlots.length);
    return slot;
  }

  freeThread(slot: number): void {
    Atomics.store(this.words, (threadRecord(slot) >>> 2) + Thread.state.index32, ThreadState.free);
    this.#freeSlots.push(slot);
  }

  /** Lets a parked thread run. `urgent`: before all others, because it was granted a block. */
  resume(slot: number, urgent = false): void {
    if (this.#woken) this.#woken.push({ slot, urgent });
    else this.#start(slot, urgent);
  }

  #start(slot: number, urgent: boolean): void {
    this.#hasStarted = true;
    const at = threadRecord(slot) >>> 2;
    if (!urgent) this.words[at + Thread.sliceUsed.index32] = 0;
    Atomics.store(this.words, at + Thread.state.index32, ThreadState.runnable);
    this.queue.push(slot, urgent);
    if (urgent && !this.queue.idle) this.#preempt();
  }

  /** Makes an executor look at the run queue, each in turn. */
  #preempt(): void {
    this.#preempted = (this.#preempted + 1) % this.#workers.length;
    this.handshake.raise(this.#preempted);
  }

  /** A guest thread runs, or could. */
  get busy(): boolean {
    if (this.held) return false;
    return this.queue.length > 0 || (this.#woken !== undefined && this.#woken.length > 0) || this.handshake.anyInside;
  }

  // ---- code ---------------------------------------------------------------------------------------------

  /**
   * Forgets what was decoded from [start, end) on every executor, and makes stores there free again. To be called when
   * the bytes have changed or can't be fetched any more: what is decoded from here on is right.
   *
   * Executors are kept out of guest code meanwhile, which is where they decode, store, and run what was decoded: between
   * the marks' end and the reading of the mail a store would go unnoticed, and the old code be run behind it. They look
   * for mail before they go on. A region read before the generation changed is refused (CodeCache.link); what the
   * translator marks later keeps its mark.
   */
  dropCode(start: number, end: number): void {
    this.hold(() => this.#dropHeld(start, end));
  }

  /** Runs `work` while no executor is in guest code, so that nobody uses or changes guest memory. */
  hold(work: () => void): void {
    this.keepOut();
    try {
      work();
    } finally {
      this.letIn();
    }
  }

  /** No executor is in guest code, nor comes there until `letIn` was called as often as this. */
  keepOut(): void {
    this.#holds++;
    Atomics.store(this.words, codeHoldIndex, 1);
    this.handshake.run();
  }

  letIn(): void {
    if (--this.#holds > 0) return;
    Atomics.store(this.words, codeHoldIndex, 0);
    Atomics.notify(this.words, codeHoldIndex);
    this.queue.ringAll();
  }

  /** Executors are kept out of guest code. */
  get held(): boolean {
    return this.#holds > 0;
  }

  #dropHeld(start: number, end: number): void {
    const { words } = this;
    const control = this.views.controlBytes;
    for (let granule = start >>> granuleShift; granule <= (end - 1) >>> granuleShift; granule++)
      if ((control[granule] as number) & Deny.code) Atomics.and(control, granule, ~Deny.code & 0xff);
    this.#tellExecutors({ kind: 'drop', start, end, generation: Atomics.add(words, codeGenerationIndex, 1) + 1 });
  }

  /**
   * From here on translated code keeps every register at each of its exits, or again only those that the guest still
   * reads: a handler sees all at a fault. What was translated the other way is forgotten. A thread that leaves such code
   * for this has all registers once it has overwritten those that it no longer reads: at its next call, return or
   * system call at the latest.
   */
  keepRegisters(all: boolean): void {
    const { words } = this;
    this.hold(() => {
      // In this order: what the translator reads the other way round was asked for before, and is refused.
      Atomics.store(words, keptRegistersIndex, all ? 1 : 0);
      this.#tellExecutors({ kind: 'retranslate', generation: Atomics.add(words, codeGenerationIndex, 1) + 1 });
    });
  }

  #tellExecutors(mail: ExecutorMail): void {
    const { words } = this;
    for (const [i, port] of this.#mailPorts.entries()) {
      port.postMessage(mail);
      Atomics.add(words, (executorRecord(i) + ExecutorRecord.mailSeq.offset) >>> 2, 1);
    }
    if (this.#waitingExecutors.length > 0 && ++this.#unreadMail >= unreadMailMax)
      this.#startExecutors(this.#options.executors);
  }

  // ---- the end ------------------------------------------------------------------------------------------

  /** Stops every executor, wherever its thread is, and the translator. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#tick);
    Atomics.store(this.words, stoppingIndex, 1);
    this.handshake.raiseAll();
    this.queue.ringAll();
    // Waits and ports that stay open would keep the memories of a run that is over.
    Atomics.notify(this.words, bellIndex);
    for (const port of this.#mailPorts) port.close();
    this.#collect();
    const workers = this.#translator ? [...this.#workers, this.#translator] : this.#workers;
    await Promise.all(workers.map((worker) => worker.terminate()));
    this.#collect();
  }

  #collect(): void {
    this.counters.regionEntries = 0;
    this.counters.interpretedBlocks = 0;
    for (let i = 0; i < this.#options.executors; i++) {
      const at = executorRecord(i) >>> 2;
      this.counters.regionEntries += this.words[at + ExecutorRecord.regionEntries.index32] as number;
      this.counters.interpretedBlocks += this.words[at + ExecutorRecord.interpretedBlocks.index32] as number;
    }
  }

  /** Addresses whose blocks parked threads wait for. */
  missedAddresses(): number[] {
    const found: number[] = [];
    for (let slot = 0; slot < this.#slotsUsed; slot++) {
      const at = threadRecord(slot) >>> 2;
      const waits = this.words[at + Thread.state.index32] === ThreadState.parked;
      if (waits && this.words[at + Thread.parkReason.index32] === ParkReason.block)
        found.push((this.words[at + Thread.parkInfo.index32] as number) >>> 0);
    }
    return found;
  }

  /** The state of every executor and guest thread, a line or two each, for a person who looks at a hang. */
  dump(): string {
    const { words } = this;
    const lines: string[] = [];
    const registers = (at: number): string =>
      Array.from({ length: 15 }, (_, i) => `r${i}=${hex32(words[at + i] as number)}`).join(' ');
    for (let i = 0; i < this.#options.executors; i++) {
      const at = executorRecord(i) >>> 2;
      const thread = words[at + ExecutorRecord.thread.index32] as number;
      const inGuest = words[at + ExecutorRecord.inGuest.index32] ? 'in guest code' : 'outside guest code';
      const poll = words[at + ExecutorRecord.poll.index32] ? ', poll raised' : '';
      lines.push(`executor ${i}: ${thread < 0 ? 'idle' : `thread slot ${thread}`}, ${inGuest}${poll}`);
      if (thread >= 0) lines.push(`  pc=${hex32(words[at + Cpu.pc.index32] as number)} ${registers(at)}`);
    }
    for (let slot = 0; slot < this.#slotsUsed; slot++) {
      const at = threadRecord(slot) >>> 2;
      const state = words[at + Thread.state.index32] as number;
      if (state === ThreadState.free) continue;
      const reason = parkNames[words[at + Thread.parkReason.index32] as number] ?? '';
      const parked = state === ThreadState.parked && reason !== '' ? ` (${reason} ${parkInfo(words, at)})` : '';
      lines.push(`thread ${words[at + Thread.tid.index32]} slot ${slot}: ${stateNames[state]}${parked}`);
      if (state !== ThreadState.running)
        lines.push(`  pc=${hex32(words[at + Cpu.pc.index32] as number)} ${registers(at)}`);
    }
    return lines.join('\n');
  }
}
