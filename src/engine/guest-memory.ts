/**
 * Guest memory as the emulator's own code sees it, behind the same access table as translated code. The methods that
 * read and write say where they were stopped instead of waiting; the caller decides who obtains what is missing.
 */
import { Deny, denyReadMask, granuleShift, pageBytes, pageShift } from '../layout/access.ts';
import { PageFlag, pageTableBase } from '../layout/control.ts';
import type { Views } from './memory.ts';

/** Pages around a first touch that become accessible with it. */
const faultAroundPages = 16;
const coherence = Deny.coherenceRead | Deny.coherenceWrite;

export class GuestMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Int32Array<ArrayBuffer>;
  readonly #control: Uint8Array<ArrayBuffer>;
  readonly #controlWords: Int32Array<ArrayBuffer>;
  readonly #touches: boolean;

  /** @param touches false for a thread that no handshake waits for: it must leave pages untouched */
  constructor(views: Views, touches = true) {
    this.#touches = touches;
    this.bytes = views.guestBytes;
    this.words = views.guestWords;
    this.#control = views.controlBytes;
    this.#controlWords = views.controlWords;
  }

  /** The access byte of the granule that holds `address`: Deny bits. */
  accessByte(address: number): number {
    return this.#control[address >>> granuleShift] as number;
  }

  /** PageFlag bits of the page that holds `address`. */
  pageFlags(address: number): number {
    return this.#control[pageTableBase + (address >>> pageShift)] as number;
  }

  /**
   * The first address in [address, address + length) whose granule denies the access, -1 when all is allowed.
   * Pages that wait for their first touch, and are not held by coherence, are touched on the way. `privileged` disregards protection, as the
   * kernel does for its own mappings; the code bit is reported in any case.
   */
  firstDenied(address: number, length: number, write: boolean, privileged = false): number {
    let mask = write ? 0xff : denyReadMask;
    if (privileged) mask &= ~(Deny.protectionRead | Deny.protectionWrite);
    const first = address >>> granuleShift;
    const last = (address + length - 1) >>> granuleShift;
    for (let granule = first; granule <= last; granule++) {
      let byte = (this.#control[granule] as number) & mask;
      if (byte & Deny.untouched && this.#touches && !(byte & coherence)) {
        this.touch(granule << granuleShift);
        byte = (this.#control[granule] as number) & mask;
      }
      if (byte !== 0) return granule === first ? address >>> 0 : (granule << granuleShift) >>> 0;
    }
    return -1;
  }

  /**
   * Records that the page of `address` may be other than zero from now on, with some untouched neighbours. Inside guest
   * code, or on the agent's thread: whoever clears pages waits for it by a handshake.
   */
  touch(address: number): void {
    const page = address >>> pageShift;
    const from = page & ~(faultAroundPages - 1);
    for (let at = from; at < from + faultAroundPages; at++) {
      const granule = at << (pageShift - granuleShift);
      if (at !== page && ((this.#control[granule] as number) & ~Deny.code) !== Deny.untouched) continue;
      this.touchPage(at);
    }
  }

  /** The same for this page alone. */
  touchPage(page: number): void {
    const flags = pageTableBase + page;
    Atomics.or(this.#control, flags, PageFlag.touched);
    const word = page << (pageShift - granuleShift - 2);
    const clear = ~(Deny.untouched * 0x01010101);
    for (let i = 0; i < pageBytes >>> (granuleShift + 2); i++) Atomics.and(this.#controlWords, word + i, clear);
  }

  /** Takes over the touched pages of a range from another memory, whose executors are held; nobody uses this one yet. */
  copyTouched(from: GuestMemory, start: number, length: number): void {
    for (let page = start >>> pageShift; page < (start + length) / pageBytes; page++) {
      const address = page * pageBytes;
      if ((from.pageFlags(address) & PageFlag.touched) === 0) continue;
      this.bytes.set(from.bytes.subarray(address, address + pageBytes), address);
      this.touchPage(page);
    }
  }

  /**
   * Marks the granules of [start, end) as holding translated code, so that stores to them leave the fast path.
   * @returns true when one of them was not marked before
   */
  markCode(start: number, end: number): boolean {
    let isNew = false;
    for (let granule = start >>> granuleShift; granule <= (end - 1) >>> granuleShift; granule++) {
      if (((this.#control[granule] as number) & Deny.code) !== 0) continue;
      if ((Atomics.or(this.#control, granule, Deny.code) & Deny.code) === 0) isNew = true;
    }
    return isNew;
  }

  /** True when a granule of [start, start + length) holds translated code. */
  hasCode(start: number, length: number): boolean {
    const end = ((start + length - 1) >>> granuleShift) + 1;
    let granule = start >>> granuleShift;
    for (; granule < end && (granule & 3) !== 0; granule++)
      if ((this.#control[granule] as number) & Deny.code) return true;
    // Four at a time: whole stacks are looked through when a thread ends.
    for (; granule + 4 <= end; granule += 4)
      if ((this.#controlWords[granule >>> 2] as number) & (Deny.code * 0x01010101)) return true;
    for (; granule < end; granule++) if ((this.#control[granule] as number) & Deny.code) return true;
    return false;
  }
}
