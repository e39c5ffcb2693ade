/** The bytes of files that the master has sent ahead to this node, and the reads that they serve (read-leases.ts). */

/** Bytes are served this long, milliseconds: a process of the host may change the file meanwhile. */
const freshMs = 100;

interface Ahead {
  readonly id: number;
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly sinceMs: number;
  used: number;
}

const keyOf = (tgid: number, fd: number): string => `${tgid}:${fd}`;

export class ReadAhead {
  readonly #giveBack: (id: number, used: number) => void;
  readonly #nowMs: () => number;
  readonly #byFile = new Map<string, Ahead>();
  readonly #byId = new Map<number, Ahead>();

  /** @param giveBack returns a lease to the master, with how many bytes were read */
  constructor(giveBack: (id: number, used: number) => void, nowMs: () => number = () => performance.now()) {
    this.#giveBack = giveBack;
    this.#nowMs = nowMs;
  }

  /** The master has sent bytes that come next in a file that a process has open. */
  add(id: number, tgid: number, fd: number, bytes: Uint8Array): void {
    const ahead = { id, key: keyOf(tgid, fd), bytes, sinceMs: this.#nowMs(), used: 0 };
    this.#byId.set(id, ahead);
    this.#byFile.set(ahead.key, ahead);
  }

  /** The master asks for a lease back; it may be on its way. */
  recall(id: number): void {
    const ahead = this.#byId.get(id);
    if (ahead) this.#drop(ahead);
  }

  /** The bytes for a read, all of them; undefined when the master has to serve it, which has its lease back then. */
  take(tgid: number, fd: number, count: number): Uint8Array | undefined {
    const ahead = this.#byFile.get(keyOf(tgid, fd));
    if (!ahead) return undefined;
    const { bytes, used, sinceMs } = ahead;
    if (count <= 0 || count > bytes.length - used || this.#nowMs() - sinceMs > freshMs) {
      this.#drop(ahead);
      return undefined;
    }
    ahead.used += count;
    return bytes.subarray(used, ahead.used);
  }

  #drop(ahead: Ahead): void {
    this.#byId.delete(ahead.id);
    this.#byFile.delete(ahead.key);
    this.#giveBack(ahead.id, ahead.used);
  }
}
