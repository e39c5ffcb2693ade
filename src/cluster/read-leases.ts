/**
 * Files that nodes read ahead, on the master. To a node whose threads read a regular file on and on, the master sends
 * the next bytes with an answer, and with them the right to move the file's position (a lease). That node serves reads
 * by itself until the bytes are used up, and then says how many it took.
 *
 * It is exact for the guest, for no call that could tell the difference is served while there is a lease: whatever
 * moves the position, changes any file, changes what descriptors mean, or tells of what others have done, first asks for
 * all leases back (`file-effects.table.ts` says which calls do not). One that changes files at any time until it answers
 * keeps new leases from being given so long; one that waits for others asks again before it answers. Processes of the
 * host that change a file without a word to the guest are seen late by `freshMs` at most (read-ahead.ts).
 */
import { type FileEffect, fileEffect } from '../linux/file-effects.table.ts';
import type { Description } from '../linux/files/description.ts';

/** Reads in a row after which a lease is given; twice as many each time that it was asked back unused. */
const readsBefore = 2;
const readsBeforeMax = 256;
/** Reads that a lease has to serve to be worth its own messages. */
const readsWorth = 4;
/** Larger reads are worth a call each, bytes. */
const readBytesMax = 16 << 10;
/** What is sent ahead: twice as much each time that it was used up, bytes. */
const windowBytesMin = 16 << 10;
const windowBytesMax = 256 << 10;

/** Leases that are out at once: 16 MiB at the most, which nodes keep until they are used up or asked for. */
const leasesMax = 64;

/** How a file that is open has been read. */
interface Use {
  node: number;
  /** Where the next read in the row begins. */
  next: number;
  reads: number;
  needed: number;
  windowBytes: number;
}

interface Lease {
  readonly node: number;
  readonly description: Description;
  readonly bytes: number;
  /** What the read asked for with whose answer the bytes went. */
  readonly wanted: number;
  recalled: boolean;
}

export class ReadLeases {
  readonly #recall: (node: number, id: number) => void;
  readonly #leases = new Map<number, Lease>();
  readonly #uses = new WeakMap<Description, Use>();
  /** Calls that wait until no lease is out. */
  readonly #waiting: (() => void)[] = [];
  /** Threads in a call that may change files at any time until it answers. */
  readonly #changing = new Set<number>();
  #nextId = 1;

  /** @param recall asks a node for a lease */
  constructor(recall: (node: number, id: number) => void) {
    this.#recall = recall;
  }

  /** Whether nobody has a lease. */
  get none(): boolean {
    return this.#leases.size === 0;
  }

  /** What a call does to files whose bytes are out. @param file what its first argument means as a descriptor */
  effectOf(name: string, file: Description | undefined): FileEffect {
    const effect = fileEffect(name);
    if (this.none || !file) return effect;
    const leased = [...this.#leases.values()].map(({ description }) => description);
    switch (name) {
      case 'read':
      case 'readv':
        return file.readsAheadFrom !== undefined && !leased.includes(file) ? 'none' : effect;
      case 'write':
      case 'writev': {
        const { changes } = file;
        const touches = changes === 'any' || leased.some((description) => description.changes === changes);
        return touches ? effect : 'none';
      }
      default:
        return effect;
    }
  }

  /** Runs `call` when no lease is out, in the order of those that wait: at once, or when all are back. */
  whenNone(call: () => void): void {
    if (this.none) return call();
    this.#waiting.push(call);
    for (const [id, lease] of this.#leases) {
      if (lease.recalled) continue;
      lease.recalled = true;
      this.#recall(lease.node, id);
    }
  }

  /** A lease is back. @param used bytes that the node's threads have read */
  returned(id: number, used: number): void {
    const lease = this.#leases.get(id);
    if (!lease) return;
    this.#leases.delete(id);
    lease.description.advance(used);
    const use = this.#uses.get(lease.description)!;
    use.next += used;
    use.needed = used >= readsWorth * lease.wanted ? readsBefore : Math.min(2 * use.needed, readsBeforeMax);
    const isUsedUp = lease.bytes - used < lease.wanted;
    // The read for which too little was left is on its way, and goes on in the row.
    use.reads = isUsedUp ? use.needed : 0;
    use.windowBytes = isUsedUp ? Math.min(2 * use.windowBytes, windowBytesMax) : windowBytesMin;
    // One of them may be a read; while others wait it gets no lease.
    while (this.none) {
      const call = this.#waiting.shift();
      if (!call) return;
      call();
    }
  }

  /** A thread is in a call that may change files until it answers; `over` says that it is not, or is gone. */
  changing(tid: number): void {
    this.#changing.add(tid);
  }
  over(tid: number): void {
    this.#changing.delete(tid);
  }

  /**
   * A thread of a node has read from an open file.
   * @param before the file's position before that · @param wanted bytes asked for · @param got bytes read
   * @returns a lease for the bytes that come next, when one is to be given
   */
  read(
    node: number,
    description: Description,
    before: number,
    wanted: number,
    got: number,
  ): { readonly id: number; readonly bytes: Uint8Array } | undefined {
    let use = this.#uses.get(description);
    if (!use) {
      use = { node, next: before, reads: 0, needed: readsBefore, windowBytes: windowBytesMin };
      this.#uses.set(description, use);
    }
    use.reads = use.node === node && use.next === before ? use.reads + 1 : 1;
    use.node = node;
    use.next = before + got;
    if (got < wanted || wanted > readBytesMax || use.reads < use.needed) return undefined;
    if (this.#changing.size > 0 || this.#waiting.length > 0 || this.#leases.size >= leasesMax) return undefined;
    const bytes = description.readAt(use.windowBytes, use.next);
    // Less than one more read: the end of the file is near, or it is none that has its bytes beforehand.
    if (typeof bytes === 'number' || bytes.length < wanted) return undefined;
    const id = this.#nextId++;
    this.#leases.set(id, { node, description, bytes: bytes.length, wanted, recalled: false });
    return { id, bytes };
  }
}
