/**
 * The map of the control memory: everything of a node's own that its threads share, out of the guest's reach.
 * Offsets are bytes in that memory.
 */
import { granuleCount, pageCount } from './access.ts';
import { type CodeVariant, codeVariants } from './code-variant.ts';
import { cpuShape } from './cpu.ts';
import { layout } from './record.ts';

export const executorsMax = 64;
export const threadsMax = 8192;
export const jumpCacheEntries = 4096;
export const exclusiveTags = 65536;
/** A power of two; so many rounds are a few microseconds when there is a barrier in each. */
export const waitRoundsPerExit = 64;
/** Entries of the table of addresses that were run. */
export const metEntries = 2 ** 20;

/** One guest thread of this node. Owned by whoever holds the thread: an executor while it runs, the agent while parked. */
export const Thread = layout({
  ...cpuShape,
  /** ThreadState; changed by compare-and-exchange where two may want it. */
  state: 'i32',
  tid: 'i32',
  /** The process that it belongs to: threads of two processes share a memory between vfork and exec. */
  tgid: 'i32',
  /** What the thread waits for while parked (for the dump): a ParkReason, and its argument. */
  parkReason: 'i32',
  parkInfo: 'i32',
  clearChildTid: 'i32',
  robustList: 'i32',
  robustListBytes: 'i32',
  signalMask: ['i32', 2],
  alternateStackBase: 'i32',
  alternateStackBytes: 'i32',
  alternateStackFlags: 'i32',
  /**
   * The block that the agent obtained for this thread, -1 when none: the executor completes the access first, then
   * exchanges -1 into it. With grantedBell set in what it finds, it rings the agent. Atomic.
   */
  granted: 'i32',
  /** Doubles as the call number's place for restarted calls and signals: ThreadRequest bits, atomic. */
  requests: 'i32',
  /** Microseconds that it ran since it last stood behind all others in the run queue. */
  sliceUsed: 'i32',
});

export const grantedBell = 0x4000_0000;

export const ThreadState = {
  free: 0,
  runnable: 1,
  running: 2,
  parked: 3,
} as const;

export const ThreadRequest = {
  /** A signal waits to be delivered: park with a `signal` request at the next exit. */
  signal: 1,
  /** Signals are pending that the thread blocks: a change of its mask may ask for `signal`. */
  blockedSignal: 2,
} as const;

/** Why a thread is parked, as the dump prints it. */
export const ParkReason = { none: 0, block: 1, syscall: 2, fault: 3, code: 4, signal: 5 } as const;

/** What an executor asks of the agent; `a` is the thread's slot. */
export const RequestKind = {
  /** b = address, c = 1 for writing. */
  block: 1,
  /** The call and its arguments are in the thread's registers. */
  syscall: 2,
  /** b = signal number, c = address; pc is the instruction at fault. */
  fault: 3,
  /** The thread stored into translated code: b = address, c = bytes from there in which that code is. */
  code: 4,
  /** The granted block b was used. */
  consumed: 5,
  /** The thread left guest code because ThreadRequest.signal was set. */
  signal: 6,
  /** Enough was interpreted for the translator to be worth its start. */
  translator: 7,
} as const;

/**
 * One executor. The CPU fields stand first, so that translated code has one base for registers and poll word.
 * While an executor runs a thread, the thread's state is here; it is copied back when the thread parks.
 */
export const Executor = layout({
  ...cpuShape,
  /** Raised (1) by whoever needs this executor to leave guest code; lowered by the executor. Atomic; polled plainly. */
  poll: 'i32',
  /** 1 while the executor may touch guest memory without asking. Written by the executor, read by the agent; atomic. */
  inGuest: 'i32',
  /** Counts departures from guest code; the agent waits on it during a handshake. Atomic. */
  epoch: 'i32',
  /** 1 while the agent sleeps on `epoch`. Atomic. */
  epochWaiter: 'i32',
  /**
   * Rounds in a row of a loop that only waits for another thread's store; each waitRoundsPerExit it leaves. Counted by
   * translated code, 0 again once the waiting is over.
   */
  waitRounds: 'i32',
  /** Wasm frames that guest calls may still nest. */
  callDepth: 'i32',
  /** Slot of the thread that runs here, -1 when none. */
  thread: 'i32',
  /** Bumped by whoever posts a message to this executor's port. Atomic. */
  mailSeq: 'i32',
  /** Address, in the control memory, of this executor's jump cache for the variant that its thread runs. */
  jumpCache: 'i32',
  /** Statistics: written by the executor only. */
  regionEntries: 'i32',
  interpretedBlocks: 'i32',
});

/** One entry of an executor's jump cache: guest pc (bit 0 = Thumb), and the code-table slot of the region rooted there. */
export const JumpCacheEntry = layout({ pc: 'i32', slot: 'i32' }, 8);

/** What the agent does: looks at its rings by itself, waits on `agentBell` in its event loop, or on `agentState` at once. */
export const AgentState = { awake: 0, asleep: 1, lingering: 2 } as const;

/** What the node's threads share. */
export const Node = layout({
  /** Doorbell of the agent: bumped by executors for each request. */
  agentBell: 'i32',
  /** An AgentState: how an executor makes itself heard. Atomic. */
  agentState: 'i32',
  /** Bumped when a thread becomes runnable; idle executors wait on it. */
  workBell: 'i32',
  idleExecutors: 'i32',
  /** Executors that sleep because their thread only waits for another's store. Atomic. */
  waitingExecutors: 'i32',
  /** Spin lock of the run queue, and the queue's ends (entries taken modulo threadsMax). */
  runLock: 'i32',
  runHead: 'i32',
  runTail: 'i32',
  /** Threads at the head of the run queue for which a block is kept. */
  runUrgent: 'i32',
  /** Bumped by each drop of code: a region read at an older count from dropped bytes is not linked. */
  codeGeneration: 'i32',
  /** 1 while what is translated keeps all registers at every exit, for handlers of faults. Written by the agent; atomic. */
  keptRegisters: 'i32',
  /** 1 while the agent drops code or copies the memory: executors stay out of guest code. Atomic; they wait on it. */
  codeHold: 'i32',
  /** 1 once the run is ending: executors stop. */
  stopping: 'i32',
  translatorBell: 'i32',
});

const align = (value: number): number => Math.ceil(value / 4096) * 4096;

export const accessTableBase = 0;
/** One byte for each guest page: PageFlag bits. The protection bits are PROT_READ, PROT_WRITE and PROT_EXEC of mman.h. */
export const pageTableBase = align(granuleCount + 64);
export const PageFlag = {
  read: 1,
  write: 2,
  execute: 4,
  /** There is a mapping at all. */
  mapped: 8,
  /** This node's bytes of the page may be other than zero. */
  touched: 16,
} as const;
export const exclusiveTagBase = align(pageTableBase + pageCount);
/**
 * One byte for each halfword address, by its low bits: other than 0 once code was interpreted from there on. Regions are
 * made of what was run; an address that shares its byte with another makes them larger than need be, and no worse.
 */
export const metBase = align(exclusiveTagBase + exclusiveTags * 4);
export const nodeBase = align(metBase + metEntries);
export const runQueueBase = align(nodeBase + Node.bytes);
export const threadBase = align(runQueueBase + threadsMax * 4);
export const executorBase = align(threadBase + threadsMax * Thread.bytes);
export const jumpCacheBase = align(executorBase + executorsMax * Executor.bytes);
/**
 * Requests from executors to the agent: one ring an executor. It is never full: of each thread at most one request waits
 * and one word that a block was used, and of the executor itself one. So nobody waits for room, which an executor inside
 * guest code might do while the agent waits for it to leave.
 */
export const ringEntries = 4 * threadsMax;
export const Ring = layout({ head: 'i32', pad: ['i32', 15], tail: 'i32', pad2: ['i32', 15] });
export const RingEntry = layout({ kind: 'i32', a: 'i32', b: 'i32', c: 'i32' }, 16);
export const ringBytes = align(Ring.bytes + ringEntries * RingEntry.bytes);
const jumpCacheBytes = jumpCacheEntries * JumpCacheEntry.bytes;
export const ringBase = align(jumpCacheBase + executorsMax * codeVariants.length * jumpCacheBytes);
export const controlBytes = align(ringBase + executorsMax * ringBytes);

/** 64-KiB pages of the control memory and of the guest memory. */
export const controlWasmPages = Math.ceil(controlBytes / 65536);
export const guestWasmPages = 65536;

export const metIndex = (pc: number): number => metBase + ((pc >>> 1) & (metEntries - 1));
export const threadRecord = (slot: number): number => threadBase + slot * Thread.bytes;
export const executorRecord = (index: number): number => executorBase + index * Executor.bytes;
export const jumpCache = (index: number, variant: CodeVariant): number =>
  jumpCacheBase + (index * codeVariants.length + variant) * jumpCacheBytes;
export const ring = (index: number): number => ringBase + index * ringBytes;
