/** What nodes say to each other above the transport: channels, kinds, and the records of the control channel. */
import type { ProcessorName } from '../processor/processors.table.ts';

/** Channels of the transport's frames. */
export const Channel = { coherence: 0, call: 1, futex: 2, control: 3 } as const;

/**
 * Delegated system calls. request: w0 = id, w1 = tid, w2 = call number, payload = call-codec's request.
 * answer: w0 = id, w1 = result, payload = call-codec's answer.
 * Of files that are read ahead (read-leases.ts): ahead: w0 = lease, w1 = process, w2 = descriptor, payload = the bytes ·
 * recall: w0 = lease · returned: w0 = lease, w1 = bytes used
 */
export const CallKind = { request: 1, answer: 2, ahead: 3, recall: 4, returned: 5 } as const;

/**
 * Futexes, between a thread's node and the futex's home.
 * wait: w0 = id, w1 = address, w2 = expected value, w3 = bitset, payload = f64 milliseconds (negative: no limit)
 * wake: w0 = id, w1 = address, w2 = how many, w3 = bitset · requeue: w0 = id, w1 = address, payload = Requeue words
 * cancel: w0 = id of a wait · answer: w0 = id, w1 = result
 * Where they are served (futex-places.ts): lend: w0 = page, payload = its standing waits · recall: w0 = page
 * giveBack: w0 = page, payload = its standing waits · back: w0 = id of a call that is the borrower's own to serve
 * Waits that a requeue moves to another home (futex.ts): hand: w0 = token, w1 = address, payload = the waits
 * handed: w0 = token; they stand there · moved: w0 = id of a wait, w1 = address, w2 = times that it was moved
 */
export const FutexKind = {
  wait: 1,
  wake: 2,
  requeue: 3,
  cancel: 4,
  answer: 5,
  lend: 6,
  recall: 7,
  giveBack: 8,
  back: 9,
  hand: 10,
  handed: 11,
  moved: 12,
} as const;

/** Control frames: kind is one of these, w0 an id where an answer is expected, the payload JSON (and bytes behind it). */
export const ControlKind = {
  /** Master to node: who is in the cluster and how to run. Answered when connected to all. */
  join: 1,
  /** Master to node: MapChanges without data, to be applied in order. Answered when done. */
  map: 2,
  /** Node to master: a tid and a node for a new thread. */
  allocateThread: 3,
  /** To the new thread's node: its record. Answered when it is runnable. */
  spawn: 4,
  /** Node to master: a thread is gone. */
  threadExit: 5,
  /** Node to master: exit_group, or death by a signal. */
  exitGroup: 6,
  /** Node to master: a fault of a thread. Answered with a delivery. */
  fault: 7,
  /** Node to master: the next signal of a thread. Answered with a delivery or null. */
  nextSignal: 8,
  /** Master to node: signals are pending for a thread. */
  interrupt: 9,
  /** Master to node: stop everything, then answer with counters. */
  stop: 10,
  /** Master to node: print the state of all threads (in the answer). */
  dump: 11,
  /** An answer: w0 = the id asked. */
  answer: 12,
  /** Node to master: an internal failure that ends the run. */
  failure: 13,
  /** To every node: code in a range was written (cacheflush). Answered when no old translation is left. */
  dropCode: 14,
  /** Node to master: one line for the person at the keyboard. */
  log: 15,
  /** Node to master: the connection to a third node ended. */
  lost: 16,
  /** Node to master: a thread makes a process; its record. Answered with the child's pid or -errno. */
  fork: 17,
  /** Master to node: a thread is gone without a word, for its process runs another program. Answered when it is. */
  leave: 18,
  /** Master to node: which blocks that have their home there are not as they were at first. Answered with them. */
  usedBlocks: 19,
  /** Master to node: guest threads stand still from now on. Answered when they do. */
  keepOut: 20,
  /** Master to node: guest threads go on. */
  letIn: 21,
  /** Master to node: translated code keeps all registers at its exits from now on, or not. Answered when all does. */
  keepRegisters: 22,
} as const;

/** How a run is to be done on a node; the same on all nodes. */
export interface RunOptions {
  readonly directory: 'hashed' | 'central';
  readonly tier: 'auto' | 'interpreter' | 'translator';
  /** The processor that the guest sees. */
  readonly processor: ProcessorName;
  /** Blocks are pushed ahead of streams. */
  readonly forwarding: boolean;
  /** Blocks are split where nodes use different parts of them. */
  readonly splitting: boolean;
  /** Blocks that wander from writer to writer are granted for writing at the read. */
  readonly migratory: boolean;
  /** Blocks that exclusives work on stay for a while when another node wants them. */
  readonly residency: boolean;
  /** Pages travel in fewer bytes where that pays. */
  readonly compression: boolean;
  /** Floating-point exceptions are tracked from the first look of a thread at them, or always. */
  readonly fpExceptions: 'auto' | 'always';
  /** Executors of this node; 0 = as many as it has cores to use. */
  readonly executors: number;
  readonly names: boolean;
}

/** The master's host and its clocks when it asked a node to join, milliseconds. */
export interface JoinClocks {
  readonly host: string;
  readonly monotonicMs: number;
  readonly realtimeMs: number;
}

export interface JoinRequest {
  readonly cluster: string;
  readonly node: number;
  /** Endpoint of each node, by number; the master's is empty. */
  readonly endpoints: readonly string[];
  /** For each node, how many nodes of the cluster share its machine. */
  readonly nodesOnHost: readonly number[];
  readonly options: RunOptions;
  readonly clocks: JoinClocks;
}

export interface NodeCounters {
  node: number;
  /** Guest threads that ran here, in all. */
  threads: number;
  blocksFetched: number;
  blocksGivenUp: number;
  /** Blocks and parts that this node, as their home, has split, and parts that it has merged. */
  splits: number;
  merges: number;
  bytesIn: number;
  bytesOut: number;
  /** Pages, and parts of pages, that were sent as the word that they repeat, and in compressed form. */
  pagesRepeated: number;
  pagesCompressed: number;
  /** What both saved. */
  bytesSaved: number;
  callsDelegated: number;
  regionsTranslated: number;
}
