/**
 * An executor: takes runnable guest threads and runs them, in translated regions where there are any, in the
 * interpreter elsewhere, until they must wait for something.
 *
 * Order that the handshake (handshake.ts) relies on:
 *   - inGuest is set before the access table is first read, and cleared (with a new epoch) after the last access that
 *     relied on it; everything between may trust a check until the poll word is seen set;
 *   - mail is looked for after inGuest was set, so that dropped code is gone before the guest goes on;
 *   - a parked thread's record is complete before its request is posted, and not touched afterwards.
 */
import { hex32 } from '../base/bits.ts';
import { loadsExclusively } from '../ir/exclusive-loads.ts';
import type { IrFunction } from '../ir/function.ts';
import { Interpreter } from '../ir/interpreter.ts';
import { onlyWaits } from '../ir/passes/waiting-loops.ts';
import { isMisaligned, lowerFragment } from '../isa/arm/block.ts';
import { decoderOf } from '../isa/arm/decoder.ts';
import { Deny, denyReadMask, denyWriteMask } from '../layout/access.ts';
import { CodeVariant, variantOf } from '../layout/code-variant.ts';
import {
  Executor as ExecutorRecord,
  executorRecord,
  executorsMax,
  grantedBell,
  Node,
  nodeBase,
  ParkReason,
  RequestKind,
  Thread,
  ThreadRequest,
  ThreadState,
  threadRecord,
} from '../layout/control.ts';
import { accessIsFetch, accessIsWrite, Cpu, ExitReason, exitSentinel } from '../layout/cpu.ts';
import type { ProcessorName } from '../processor/processors.table.ts';
import { CodeCache, type Fragment, type Region } from './code-cache.ts';
import { codeKey } from './code-key.ts';
import { FetchFault, GuestCodeReader } from './code-reader.ts';
import { GuestMemory } from './guest-memory.ts';
import { Handshake } from './handshake.ts';
import type { ExecutorMail, HotMail } from './mail.ts';
import { type Memories, Views } from './memory.ts';
import { RequestRing } from './request-ring.ts';
import { RunQueue } from './run-queue.ts';
import { WaitingRounds } from './waiting-rounds.ts';

/** Guest instructions of a fragment. */
const fragmentInstructionsMax = 32;
/** Wasm frames that guest calls may nest; each takes well under a kilobyte of the worker's stack. */
const callDepthMax = 3000;
/** Instructions after a granted LDREX in which its STREX is waited for. */
const exclusiveInstructionsMax = 24;
/** How long a thread runs while others wait. It is looked at when a poll fires, so the agent's tick adds to it. */
const timeSliceMs = 4;
/** Every so many calls of sched_yield that find nobody to yield to, the processor goes to the host for a moment. */
const idleYields = 16;
const dozeMs = 0.02;
/** Guest bytes that one instruction stores at the most, from the first that is denied: VSTM of 32 words. */
const storedBytesMax = 128;
/** Single instructions kept decoded for completions. */
const stepsMax = 4096;
const codeGenerationIndex = (nodeBase + Node.codeGeneration.offset) >>> 2;
const codeHoldIndex = (nodeBase + Node.codeHold.offset) >>> 2;
const stoppingIndex = (nodeBase + Node.stopping.offset) >>> 2;

/** Signals that the engine itself raises, by their numbers in asm/signal.h. */
const SIGILL = 4;
const SIGTRAP = 5;
const SIGBUS = 7;
const SIGSEGV = 11;

/** What became of a system call on the executor: left for the agent, served in place, served and the thread yields. */
export const LocalCall = { delegated: 0, served: 1, yielding: 2 } as const;
export type LocalCall = (typeof LocalCall)[keyof typeof LocalCall];

export interface ExecutorHooks {
  /** The processor that the guest sees. */
  readonly processor: ProcessorName;
  /** A system call of the running thread. */
  localCall(executor: Executor): LocalCall;
  /** Mail, without waiting; undefined when there is none. */
  takeMail(): ExecutorMail | undefined;
  /** Where hot addresses are reported; undefined when nothing is translated. */
  readonly hot: ((mail: HotMail) => void) | undefined;
  /** Entries by way of a loop, call or return before an address is hot. */
  readonly hotEntries: number;
  /** The same for addresses to which calls return. */
  readonly hotReturns: number;
  /** Fragments to interpret before the agent is asked to start the translator, which then finds what was reported. */
  readonly coldFragments: number;
  /** The least that a thread sleeps which only waits for another's store, milliseconds. */
  readonly waitDozeMs: number;
}

export class Executor {
  readonly index: number;
  readonly memory: GuestMemory;
  readonly words: Int32Array<ArrayBuffer>;
  /** Index of this executor's record in `words`: the running thread's registers. */
  readonly at: number;
  readonly #record: number;
  readonly #hooks: ExecutorHooks;
  readonly #queue: RunQueue;
  readonly #ring: RequestRing;
  readonly #handshake: Handshake;
  readonly #reader: GuestCodeReader;
  readonly #interpreter: Interpreter;
  readonly #code: CodeCache;
  readonly #steps = new Map<number, IrFunction>();
  readonly #asked = new Set<number>();
  #translatorAsked = false;
  #slot = -1;
  /** A thread that was taken from the queue in exchange for another, -1 when none. */
  #next = -1;
  #sliceStart = 0;
  #yields = 0;
  readonly #waiting: WaitingRounds;
  #mailSeen = 0;
  #inGuest = false;
  /** What the running thread's FPSCR asks for; looked at wherever translated code has come back. */
  #variant: CodeVariant = CodeVariant.plain;

  constructor(index: number, memories: Memories, hooks: ExecutorHooks) {
    const views = new Views(memories);
    this.index = index;
    this.words = views.controlWords;
    this.memory = new GuestMemory(views);
    this.#record = executorRecord(index);
    this.at = this.#record >>> 2;
    this.#hooks = hooks;
    this.#queue = new RunQueue(views.controlWords);
    this.#ring = new RequestRing(views.controlWords, index);
    this.#handshake = new Handshake(this.words, executorsMax);
    this.#reader = new GuestCodeReader(this.memory, decoderOf(hooks.processor));
    this.#interpreter = new Interpreter(memories.guest, memories.control);
    this.#code = new CodeCache(memories, views.controlWords, index);
    this.#waiting = new WaitingRounds(this.words, this.at, hooks.waitDozeMs);
    this.words[this.at + ExecutorRecord.thread.index32] = -1;
  }

  /** Record index of the running thread's own record (not its registers, which are at `at` while it runs). */
  get threadAt(): number {
    return threadRecord(this.#slot) >>> 2;
  }

  /** Runs threads until the node stops. */
  run(): void {
    try {
      this.#run();
    } finally {
      // A bug ends the run, but not by an agent that waits for this executor for ever.
      this.#leaveGuest();
    }
  }

  #run(): void {
    const { words } = this;
    while (Atomics.load(words, stoppingIndex) === 0) {
      this.#readMail();
      const slot = this.#next >= 0 ? this.#next : this.#queue.pop(this.index, this.#mailSeen);
      this.#next = -1;
      if (slot < 0) continue;
      this.#load(slot);
      this.#runThread();
    }
  }

  // ---- threads ------------------------------------------------------------------------------------------

  #load(slot: number): void {
    const from = threadRecord(slot) >>> 2;
    this.words.copyWithin(this.at, from, from + Thread.state.index32);
    this.#slot = slot;
    this.words[this.at + ExecutorRecord.thread.index32] = slot;
    Atomics.store(this.words, from + Thread.state.index32, ThreadState.running);
    this.#sliceStart = performance.now() - (this.words[from + Thread.sliceUsed.index32] as number) / 1000;
    this.#yields = 0;
    this.#waiting.reset();
  }

  #save(state: number): number {
    const slot = this.#slot;
    const to = threadRecord(slot) >>> 2;
    this.words.copyWithin(to, this.at, this.at + Thread.state.index32);
    this.words[to + Thread.sliceUsed.index32] = (performance.now() - this.#sliceStart) * 1000;
    this.words[this.at + ExecutorRecord.thread.index32] = -1;
    this.#slot = -1;
    Atomics.store(this.words, to + Thread.state.index32, state);
    return slot;
  }

  /** Parks the running thread and asks the agent for what it waits for. */
  #park(reason: number, kind: number, b: number, c: number): void {
    this.#leaveGuest();
    const record = this.threadAt;
    this.words[record + Thread.parkReason.index32] = reason;
    this.words[record + Thread.parkInfo.index32] = b;
    this.#ring.post(kind, this.#save(ThreadState.parked), b, c);
  }

  #fault(signal: number, address: number): false {
    this.#park(ParkReason.fault, RequestKind.fault, signal, address);
    return false;
  }

  /** Parks the thread when a signal waits for it. */
  #signalled(): boolean {
    if ((Atomics.load(this.words, this.threadAt + Thread.requests.index32) & ThreadRequest.signal) === 0) return false;
    this.#park(ParkReason.signal, RequestKind.signal, 0, 0);
    return true;
  }

  // ---- in and out of guest code --------------------------------------------------------------------------

  #enterGuest(): void {
    const { words, at } = this;
    for (;;) {
      this.#inGuest = true;
      Atomics.store(words, at + ExecutorRecord.inGuest.index32, 1);
      const isHeld = Atomics.load(words, codeHoldIndex) !== 0;
      if (!isHeld && Atomics.load(words, at + ExecutorRecord.mailSeq.index32) === this.#mailSeen) return;
      this.#leaveGuest();
      if (isHeld) Atomics.wait(words, codeHoldIndex, 1);
      this.#readMail();
    }
  }

  #leaveGuest(): void {
    if (!this.#inGuest) return;
    this.#inGuest = false;
    const { words, at } = this;
    Atomics.store(words, at + ExecutorRecord.inGuest.index32, 0);
    Atomics.add(words, at + ExecutorRecord.epoch.index32, 1);
    if (Atomics.load(words, at + ExecutorRecord.epochWaiter.index32) !== 0)
      Atomics.notify(words, at + ExecutorRecord.epoch.index32);
  }

  #readMail(): void {
    const { words, at } = this;
    const seq = Atomics.load(words, at + ExecutorRecord.mailSeq.index32);
    if (seq === this.#mailSeen) return;
    this.#mailSeen = seq;
    for (let mail = this.#hooks.takeMail(); mail; mail = this.#hooks.takeMail()) {
      if (mail.kind === 'module') {
        if (!this.#code.link(mail))
          for (const { pc, variant } of mail.regions) this.#asked.delete(codeKey(pc, variant));
      } else {
        if (mail.kind === 'drop') {
          this.#code.drop(mail);
          this.#steps.clear();
        } else this.#code.dropRegions(mail);
        this.#asked.clear();
      }
    }
  }

  /** Serves a raised poll word. False when the thread is not to go on now. */
  #poll(): boolean {
    const { words, at } = this;
    Atomics.store(words, at + ExecutorRecord.poll.index32, 0);
    this.#leaveGuest();
    this.#readMail();
    if (Atomics.load(words, stoppingIndex) !== 0) {
      this.#save(ThreadState.parked);
      return false;
    }
    if (this.#signalled() || this.#preempted()) return false;
    this.#enterGuest();
    return true;
  }

  /** Lets others run when the thread's slice is over, or when one of them is urgent. True when the thread left. */
  #preempted(): boolean {
    if (this.#queue.length <= 0) return false;
    if (performance.now() - this.#sliceStart >= timeSliceMs) {
      this.#requeue();
      return true;
    }
    if (this.#queue.urgent === 0) return false;
    // What is left of its slice stays its own: who is preempted often must not lose its turn by that.
    this.#leaveGuest();
    this.#next = this.#queue.exchange(this.#save(ThreadState.runnable));
    return true;
  }

  /** Puts the running thread behind all others. */
  #requeue(): void {
    this.#leaveGuest();
    this.#sliceStart = performance.now();
    this.#queue.push(this.#save(ThreadState.runnable));
  }

  /** sched_yield. False when the thread left. */
  #yield(): boolean {
    if (this.#queue.length > 0) {
      this.#requeue();
      return false;
    }
    if (++this.#yields % idleYields === 0) {
      // What it waits for may need this processor: the agent, or another node of this machine.
      this.#leaveGuest();
      this.#queue.doze(dozeMs);
      this.#enterGuest();
    }
    return true;
  }

  /**
   * The thread only waits for another's store. Who is to make it may need this processor: another thread, the agent, or
   * another node of this machine. False when the thread left.
   */
  #wait(): boolean {
    if (this.#queue.length > 0) {
      this.#requeue();
      return false;
    }
    const sleepMs = this.#waiting.sleepMs(performance.now());
    if (sleepMs === 0) return true;
    this.#leaveGuest();
    this.#queue.doze(sleepMs, true);
    this.#enterGuest();
    return true;
  }

  // ---- running ------------------------------------------------------------------------------------------

  #runThread(): void {
    const { words, at } = this;
    const pollIndex = at + ExecutorRecord.poll.index32;
    const pcIndex = at + Cpu.pc.index32;
    const itIndex = at + Cpu.itstate.index32;
    if (this.#signalled()) return;
    this.#enterGuest();
    if (!this.#completeGranted() || this.#preempted()) return;
    let mayBeRoot = true;
    let interpretOnce = false;
    for (;;) {
      if (words[pollIndex] !== 0 && !this.#poll()) return;
      const pc = (words[pcIndex] as number) >>> 0;
      const plain = words[itIndex] === 0;
      let reason: number;
      const key = codeKey(pc, this.#chooseVariant());
      const region: Region | undefined = plain && !interpretOnce ? this.#code.regions.get(key) : undefined;
      if (region) {
        reason = this.#runRegion(region);
        mayBeRoot = true;
      } else {
        const fragment = this.#fragment(pc, plain ? 0 : (words[itIndex] as number));
        if (!fragment) return;
        if (mayBeRoot && plain && ++fragment.rootEntries >= fragment.hotEntries) this.#reportHot(pc);
        words[at + ExecutorRecord.interpretedBlocks.index32]!++;
        reason = this.#interpreter.run(fragment.ir, this.#record);
        const next = (words[pcIndex] as number) >>> 0;
        if (fragment.onlyWaits && reason === ExitReason.jump && this.#waiting.interpreted(next === pc) && !this.#wait())
          return;
        // A conditional call that is not made leads to the next instruction.
        mayBeRoot = next <= pc || (fragment.leavesFunction && next - (pc & 1) !== fragment.end);
      }
      interpretOnce = false;
      switch (reason) {
        case ExitReason.jump:
          break;
        case ExitReason.poll:
          // A loop that was left must be entered in its middle from now on.
          if (words[itIndex] === 0) this.#reportHot((words[pcIndex] as number) >>> 0);
          // Left without being asked to: it only waits.
          if (words[pollIndex] === 0 && !this.#wait()) return;
          break;
        case ExitReason.access:
          if (!this.#access(region !== undefined)) return;
          interpretOnce = region !== undefined;
          break;
        default:
          if (!this.#leaveFor(reason)) return;
          mayBeRoot = true;
      }
    }
  }

  #chooseVariant(): CodeVariant {
    const { words, at } = this;
    const variant = variantOf(words[at + Cpu.fpscr.index32]!, words[at + Cpu.fpexc.index32]!);
    if (variant !== this.#variant) {
      this.#variant = variant;
      this.#code.useVariant(variant);
    }
    return variant;
  }

  #runRegion(region: Region): number {
    const { words, at } = this;
    this.#code.cacheJump(region);
    words[at + ExecutorRecord.callDepth.index32] = callDepthMax;
    words[at + ExecutorRecord.regionEntries.index32]!++;
    const result = region.run(this.#record);
    if (result === exitSentinel) return words[at + Cpu.exitReason.index32] as number;
    words[at + Cpu.pc.index32] = result;
    words[at + Cpu.itstate.index32] = 0;
    return ExitReason.jump;
  }

  /** Serves an exit other than a jump, a poll and an access. False when the thread left. */
  #leaveFor(reason: number): boolean {
    const { words, at } = this;
    const pc = words[at + Cpu.pc.index32] as number;
    switch (reason) {
      case ExitReason.syscall:
        switch (this.#hooks.localCall(this)) {
          case LocalCall.served:
            return !this.#signalled();
          case LocalCall.yielding:
            return !this.#signalled() && this.#yield();
        }
        this.#park(ParkReason.syscall, RequestKind.syscall, words[at + 7] as number, 0);
        return false;
      case ExitReason.undefined:
        return this.#fault(SIGILL, pc & ~1);
      case ExitReason.breakpoint:
        return this.#fault(SIGTRAP, pc & ~1);
      case ExitReason.alignment:
        return this.#fault(SIGBUS, words[at + Cpu.exitInfo.index32] as number);
      default:
        throw new Error(`executor ${this.index}: unknown exit ${reason} at ${hex32(pc)}`);
    }
  }

  /**
   * Serves a denied access. A region's check may stand for several accesses and before its own instruction (`probable`):
   * only pages that wait for their first touch are dealt with then, the rest is left to the interpreter, which goes on
   * from pc and comes here again with the exact access. False when the thread left.
   */
  #access(probable: boolean): boolean {
    const { words, at, memory } = this;
    const address = words[at + Cpu.exitInfo.index32] as number;
    const write = ((words[at + Cpu.exitInfo2.index32] as number) & accessIsWrite) !== 0;
    const byte = memory.accessByte(address) & (write ? denyWriteMask : denyReadMask);
    if (byte === 0) return true;
    const forbidden = byte & (write ? Deny.protectionRead | Deny.protectionWrite : Deny.protectionRead);
    const absent = byte & (Deny.coherenceRead | Deny.coherenceWrite | Deny.marker);
    if (byte & Deny.untouched && !forbidden && !absent) {
      memory.touch(address);
      return true;
    }
    if (probable) return true;
    if (forbidden === Deny.protectionWrite && write) return this.#readOnly(address);
    if (forbidden) return this.#fault(SIGSEGV, address);
    if (byte === Deny.code) return this.#storeIntoCode(address);
    if (!absent) throw new Error(`executor ${this.index}: ${hex32(address)} is denied by ${byte}, for no reason known`);
    this.#park(ParkReason.block, RequestKind.block, address, write ? 1 : 0);
    return false;
  }

  /**
   * What asks to write where it may only read faults, unless it is a load-exclusive, which writes nothing: it waits for
   * its block like any, and is made whatever the protection against writing. False when the thread left.
   */
  #readOnly(address: number): boolean {
    const { words, at, memory } = this;
    const step = this.#step();
    if (!step || !loadsExclusively(step)) return this.#fault(SIGSEGV, address);
    const ignored = Deny.protectionWrite | Deny.code;
    if (this.#interpreter.run(step, this.#record, 0, ignored) !== ExitReason.access) return true;
    const denied = words[at + Cpu.exitInfo.index32] as number;
    if ((memory.accessByte(denied) & ~ignored) === Deny.untouched) {
      memory.touch(denied);
      return true;
    }
    this.#park(ParkReason.block, RequestKind.block, denied, 1);
    return false;
  }

  /**
   * Makes a store that nothing but translated code forbids, and has that code dropped before the thread goes on. In the
   * other order the old bytes could be decoded once more in between, and an instruction that stores into its own granule
   * would be forbidden for ever. False when the thread left, as it does.
   */
  #storeIntoCode(address: number): boolean {
    const step = this.#step();
    if (!step) return true;
    if (this.#interpreter.run(step, this.#record, 0, Deny.code) === ExitReason.access) return this.#access(false);
    this.#park(ParkReason.code, RequestKind.code, address, storedBytesMax);
    return false;
  }

  /** The fragment at pc; undefined when the thread left because its code can't be fetched. */
  #fragment(pc: number, itstate: number): Fragment | undefined {
    if (itstate === 0) {
      const known = this.#code.fragments.get(codeKey(pc, this.#variant));
      if (known) return known;
    }
    const { ir, block } = this.#decode(pc, itstate, fragmentInstructionsMax);
    if (block.instructions.length === 0) {
      this.words[this.at + Cpu.exitInfo2.index32] = accessIsFetch;
      if (isMisaligned(pc)) this.#fault(SIGBUS, pc);
      else if (this.#reader.fault === FetchFault.protection) this.#fault(SIGSEGV, this.#reader.faultAddress);
      else this.#park(ParkReason.block, RequestKind.block, this.#reader.faultAddress, 0);
      return undefined;
    }
    const last = block.instructions.at(-1)!;
    const { kind } = last.flow;
    if (kind === 'call' || kind === 'call-indirect') this.#code.returns.add((last.next | (pc & 1)) >>> 0);
    const { hotEntries, hotReturns } = this.#hooks;
    const fragment: Fragment = {
      pc,
      variant: this.#variant,
      end: block.end,
      ir,
      leavesFunction: kind !== 'next' && kind !== 'jump',
      hotEntries: this.#code.returns.has(pc) ? hotReturns : hotEntries,
      rootEntries: 0,
      onlyWaits: onlyWaits(ir, new Set(Array(ir.blockCount).keys())),
    };
    if (itstate === 0) this.#code.addFragment(fragment);
    return fragment;
  }

  /** Scans and lowers at `pc`; leaves guest code in between where stores that were checked before may be under way. */
  #decode(pc: number, itstate: number, instructionsMax: number): ReturnType<typeof lowerFragment> {
    for (;;) {
      this.#reader.begin();
      const decoded = lowerFragment(this.#reader, pc, itstate, instructionsMax, this.#variant);
      if (this.#reader.settled) return decoded;
      this.#leaveGuest();
      this.#handshake.run();
      this.#enterGuest();
    }
  }

  #reportHot(pc: number): void {
    const { hot, coldFragments } = this.#hooks;
    if (!hot) return;
    if (
      !this.#translatorAsked &&
      (this.words[this.at + ExecutorRecord.interpretedBlocks.index32] as number) >= coldFragments
    ) {
      this.#translatorAsked = true;
      this.#ring.post(RequestKind.translator, 0, 0, 0);
    }
    const variant = this.#chooseVariant();
    const key = codeKey(pc, variant);
    if (this.#asked.has(key) || this.#code.regions.has(key)) return;
    this.#asked.add(key);
    hot({ kind: 'hot', pc, variant, generation: Atomics.load(this.words, codeGenerationIndex) });
  }

  // ---- completion ---------------------------------------------------------------------------------------

  /**
   * Completes the access for which a block was obtained before anything may take the block away again, and says so.
   * A granted LDREX goes on to its STREX, within a limit. False when the thread left meanwhile.
   */
  #completeGranted(): boolean {
    const { words, at } = this;
    const grantedIndex = this.threadAt + Thread.granted.index32;
    if (Atomics.load(words, grantedIndex) === -1) return true;
    const slot = this.#slot;
    let reason: number = ExitReason.jump;
    for (let i = 0; i < exclusiveInstructionsMax && reason === ExitReason.jump; i++) {
      const step = this.#step();
      if (!step) break;
      reason = this.#interpreter.run(step, this.#record);
      if (words[at + Cpu.exclusiveAddress.index32] === -1) break;
    }
    const granted = Atomics.exchange(words, grantedIndex, -1);
    if (granted & grantedBell) {
      // Outside guest code: the ring may be full, and the agent, which empties it, in a handshake.
      this.#leaveGuest();
      this.#ring.post(RequestKind.consumed, slot, granted & ~grantedBell, 0);
      this.#enterGuest();
    }
    if (reason === ExitReason.jump) return true;
    if (reason === ExitReason.access) return this.#access(false);
    return this.#leaveFor(reason);
  }

  /** The single instruction at pc, undefined when it can't be fetched now. */
  #step(): IrFunction | undefined {
    const { words, at } = this;
    const pc = (words[at + Cpu.pc.index32] as number) >>> 0;
    const itstate = words[at + Cpu.itstate.index32] as number;
    const variant = this.#chooseVariant();
    const key = codeKey(pc, variant);
    if (itstate === 0) {
      const known = this.#steps.get(key);
      if (known) return known;
    }
    const { ir, block } = this.#decode(pc, itstate, 1);
    if (block.instructions.length === 0) return undefined;
    if (itstate === 0) {
      if (this.#steps.size >= stepsMax) this.#steps.clear();
      this.#steps.set(key, ir);
    }
    return ir;
  }
}
