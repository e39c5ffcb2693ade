/**
 * Guest memory for the node's own thread: copies to and from the guest, futex checks. What is missing here is obtained
 * by the coherence protocol under an internal waiter, and the step is tried again; so a step may run several times and
 * must not act before all that it touches is there.
 */

import { Access } from '../coherence/sink.ts';
import type { Engine } from '../engine/engine.ts';
import { Deny, denyReadMask, granuleShift, pageBytes, pageShift } from '../layout/access.ts';
import { PageFlag } from '../layout/control.ts';

/** Obtains the granule of an address under an internal waiter; `ready` runs in the moment in which it is there. */
export type Obtain = (address: number, wanted: Access, ready: () => void) => void;

/** Thrown by a step when something is missing; reused. */
class Missing extends Error {
  address = 0;
  wanted: Access = Access.Read;
}

const missing = new Missing('guest memory is not here');
/** Reasons to deny an access that do not stop the emulator's own: protection is looked at beforehand, code afterwards. */
const ignored = Deny.protectionRead | Deny.protectionWrite | Deny.watch | Deny.code;

/** How many of `length` bytes from `address` are in its block. */
const inBlock = (address: number, length: number): number => Math.min(length, pageBytes - (address & (pageBytes - 1)));

export class GuestAccess {
  readonly #engine: Engine;
  readonly #obtain: Obtain;

  constructor(engine: Engine, obtain: Obtain) {
    this.#engine = engine;
    this.#obtain = obtain;
  }

  /** Runs `step` as often as blocks are missing, then hands its result on. */
  perform<T>(step: () => T, done: (result: T) => void): void {
    let result: T;
    try {
      result = step();
    } catch (error) {
      if (error !== missing) throw error;
      const { address, wanted } = missing;
      let settled = false;
      this.#obtain(address, wanted, () => {
        // The block may be gone again after this moment: act on it now, go on later (not from inside the protocol).
        if (settled) return;
        settled = true;
        this.perform(step, (value) => queueMicrotask(() => done(value)));
      });
      return;
    }
    done(result);
  }

  #allowed(address: number, length: number, flag: number): boolean {
    if (length < 0 || address + length > 2 ** 32) return false;
    const last = (address + length - 1) >>> pageShift;
    for (let page = address >>> pageShift; page <= last; page++)
      if ((this.#engine.memory.pageFlags(page << pageShift) & flag) === 0) return false;
    return true;
  }

  /**
   * How many of the bytes from `address` on may be touched, up to `length`; throws `missing` when it is none. Protection
   * is not looked at. What a caller can do with a part of the bytes it should: another node may want them by turns.
   */
  #need(address: number, length: number, write: boolean): number {
    const { memory } = this.#engine;
    const start = address;
    const end = address + length;
    for (;;) {
      const denied = memory.firstDenied(address, length, write, true);
      if (denied < 0) return end - start;
      const byte = memory.accessByte(denied);
      const coherence = Deny.coherenceRead | Deny.marker | (write ? Deny.coherenceWrite : 0);
      if (byte & coherence) {
        if (denied > start) return denied - start;
        missing.address = denied;
        missing.wanted = write ? Access.Write : Access.Read;
        throw missing;
      }
      if ((byte & (write ? 0xff : denyReadMask) & ~ignored) === 0) {
        // Only what does not stop the emulator's own accesses is left. Look at the rest behind it.
        const next = ((denied >>> granuleShift) + 1) << granuleShift;
        length -= (next >>> 0) - address;
        address = next >>> 0;
        if (length <= 0) return end - start;
      }
    }
  }

  /** True when the guest may read all of the bytes, wherever they are. */
  readable(address: number, length: number): boolean {
    return length === 0 || this.#allowed(address, length, PageFlag.read);
  }

  /** How many bytes from `address` on the guest may write, up to `length`, wherever they are. */
  writableBytes(address: number, length: number): number {
    const end = Math.min(address + length, 2 ** 32);
    for (let at = address; at < end; at += inBlock(at, end - at))
      if (!this.#allowed(at, 1, PageFlag.write)) return at - address;
    return end - address;
  }

  /**
   * For a step: copies guest bytes from `address` into `copy`, block by block from `done` on, telling `progress` how many
   * are in; false when the guest may not read one of them.
   */
  readStep(
    address: number,
    copy: Uint8Array,
    done: number,
    progress: (bytes: number) => void,
    privileged = false,
  ): boolean {
    if (!privileged && !this.readable(address, copy.length)) return false;
    for (let at = done; at < copy.length; ) {
      const length = this.#need(address + at, inBlock(address + at, copy.length - at), false);
      copy.set(this.#engine.memory.bytes.subarray(address + at, address + at + length), at);
      at += length;
      progress(at);
    }
    return true;
  }

  /** The bytes where they lie, when all of them are here; protection is not looked at. They hold for this moment. */
  view(address: number, length: number): Uint8Array | null {
    const { memory } = this.#engine;
    if (memory.firstDenied(address, length, false, true) >= 0) return null;
    return memory.bytes.subarray(address, address + length);
  }

  /** A copy of guest bytes, null when the guest may not read one of them. */
  read(address: number, length: number, done: (bytes: Uint8Array | null) => void, privileged = false): void {
    if (!privileged && !this.readable(address, length)) return done(null);
    // A plain copy: Node's calls do not take views of shared memory everywhere.
    const copy = new Uint8Array(length);
    let read = 0;
    this.perform(
      () =>
        this.readStep(
          address,
          copy,
          read,
          (count) => {
            read = count;
          },
          privileged,
        ),
      (ok) => done(ok ? copy : null),
    );
  }

  /** For a step: the 32-bit word at an aligned address, null when the guest may not read it. */
  readWord = (address: number): number | null => {
    if (!this.#allowed(address, 4, PageFlag.read)) return null;
    this.#need(address, 4, false);
    return Atomics.load(this.#engine.memory.words, address >>> 2);
  };

  /**
   * For a step: puts `value` in the place of `expected` at an aligned address. @returns what was there before, null when
   * the guest may not write there
   */
  compareExchangeWord(address: number, expected: number, value: number): number | null {
    if (!this.#allowed(address, 4, PageFlag.write)) return null;
    this.#need(address, 4, true);
    const { memory } = this.#engine;
    const before = Atomics.compareExchange(memory.words, address >>> 2, expected, value);
    if (memory.hasCode(address, 4)) this.#engine.dropCode(address, address + 4);
    return before;
  }

  /**
   * For a step: copies into the guest block by block, telling `progress` how many bytes are in; false, with nothing
   * written, when the guest may not write one of them. Code that was translated from the bytes is dropped after they
   * changed, so that nobody translates the old ones once more. `privileged`: protection does not matter (the loader).
   */
  writeStep(address: number, bytes: Uint8Array, progress: (bytes: number) => void, privileged = false): boolean {
    if (bytes.length === 0) return true;
    if (!this.#allowed(address, bytes.length, privileged ? PageFlag.mapped : PageFlag.write)) return false;
    for (let at = 0; at < bytes.length; ) {
      const start = address + at;
      const length = this.#need(start, inBlock(start, bytes.length - at), true);
      this.#engine.memory.bytes.set(bytes.subarray(at, at + length), start);
      if (this.#engine.memory.hasCode(start, length)) this.#engine.dropCode(start, start + length);
      at += length;
      progress(at);
    }
    return true;
  }

  /** The same with waiting. */
  write(address: number, bytes: Uint8Array, privileged: boolean, done: (ok: boolean) => void): void {
    let written = 0;
    this.perform(() => {
      const before = written;
      return this.writeStep(
        address + before,
        bytes.subarray(before),
        (count) => {
          written = before + count;
        },
        privileged,
      );
    }, done);
  }

  writeAsync(address: number, bytes: Uint8Array, privileged = false): Promise<boolean> {
    return new Promise((resolve) => this.write(address, bytes, privileged, resolve));
  }

  /** The same for many bytes: all blocks are asked for at once. Privileged. */
  async writeMany(address: number, bytes: Uint8Array): Promise<void> {
    const parts: Promise<boolean>[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = inBlock(address + at, bytes.length - at);
      parts.push(this.writeAsync(address + at, bytes.subarray(at, at + length), true));
      at += length;
    }
    await Promise.all(parts);
  }

  /** @param privileged protection does not matter: the pages are mapped */
  readAsync(address: number, length: number, privileged = false): Promise<Uint8Array | null> {
    return new Promise((resolve) => this.read(address, length, resolve, privileged));
  }
}
