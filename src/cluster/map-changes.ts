/**
 * Applies steps of the guest's memory map on one node: page flags, protection bits of the access table, and the
 * contents of what is fresh or gone. Runs on the node's own thread.
 *
 * Executors set `touched` in a page's flags and clear the untouched bits of its granules at the same time, so both are
 * changed by atomic or/and only. A page that is touched must have its flag: without it the next mapping would show
 * what is in the page now.
 */
import type { Engine } from '../engine/engine.ts';
import { Deny, granuleShift, pageBytes, pageShift } from '../layout/access.ts';
import { PageFlag, pageTableBase } from '../layout/control.ts';
import type { MapChange } from '../linux/api.ts';

const everyByte = 0x01010101;
/**
 * What keeps executors out of a page that is mapped anew over itself on a node that is alone, where nobody else uses
 * these bits. A thread that meets them asks for the block, and is let go when the change is over.
 */
const heldBits = (Deny.coherenceRead | Deny.coherenceWrite) * everyByte;
const protectionBits = (Deny.protectionRead | Deny.protectionWrite) * everyByte;
const wordsInPage = pageBytes >>> (granuleShift + 2);

/** The protection bits in each word of the access table for a page with these flags. */
function deniedBits(flags: number): number {
  const read = flags & (PageFlag.read | PageFlag.execute) ? 0 : Deny.protectionRead;
  const write = flags & PageFlag.write ? 0 : Deny.protectionWrite;
  return (read | write) * everyByte;
}

export class MapChanges {
  readonly #engine: Engine;
  /** Drops the contents of a range on all its holders; undefined on a node that is alone. */
  readonly #reset: ((start: number, length: number) => Promise<void>) | undefined;

  constructor(engine: Engine, reset: ((start: number, length: number) => Promise<void>) | undefined) {
    this.#engine = engine;
    this.#reset = reset;
  }

  /** Applies changes one after the other. */
  async applyAll(changes: readonly MapChange[]): Promise<void> {
    for (const change of changes) await this.apply(change);
  }

  /** Resolves when the change holds on this node; `data` is not looked at. */
  async apply({ start, length, protection, fresh }: MapChange): Promise<void> {
    const { memory, words } = this.#engine;
    const unmapped = protection < 0;
    // Rights were taken away, or pages are held: what was allowed before may have been checked before.
    let lowered = false;
    // Code is decoded from executable pages only.
    let executable = false;
    const flags = unmapped ? 0 : PageFlag.mapped | (protection & (PageFlag.read | PageFlag.write | PageFlag.execute));
    const denied = deniedBits(flags);
    const held = this.#reset || !fresh || unmapped ? 0 : heldBits;
    const pages = this.#engine.views.controlBytes;
    for (let page = start >>> pageShift; page < (start + length) / pageBytes; page++) {
      const at = pageTableBase + page;
      const before = pages[at] as number;
      executable ||= (before & PageFlag.execute) !== 0;
      const added = denied | (before & PageFlag.touched ? held : 0);
      if ((before & ~PageFlag.touched) !== flags) {
        Atomics.and(pages, at, flags | PageFlag.touched);
        Atomics.or(pages, at, flags);
      }
      // Most changes leave most pages as they are: a page's flags tell what its granules have.
      if (added === deniedBits(before)) continue;
      const first = page << (pageShift - granuleShift - 2);
      for (let word = first; word < first + wordsInPage; word++) {
        // Nobody else changes these bits, so they may be looked at plainly.
        const now = words[word] as number;
        const surplus = now & protectionBits & ~denied;
        if ((added & ~now) !== 0) {
          Atomics.or(words, word, added);
          lowered = true;
        }
        if (surplus !== 0) Atomics.and(words, word, ~surplus);
      }
    }
    if (executable && memory.hasCode(start, length)) this.#engine.dropCode(start, start + length);
    else if (lowered) this.#engine.handshake.run();
    if (!fresh) return;
    if (this.#reset) await this.#reset(start, length);
    else this.#clear(start, length, unmapped);
  }

  /** Sets the page flags of a range that is not part of the memory map. */
  setPageFlags(start: number, length: number, protection: number): void {
    const first = pageTableBase + (start >>> pageShift);
    this.#engine.views.controlBytes.fill(PageFlag.mapped | protection, first, first + length / pageBytes);
  }

  /**
   * Zeroes the pages of the range that were in use before, and waits for their next first touch. They are held or
   * unmapped, and the handshake is over: nobody is in them. One that is neither was not touched, and has nothing to zero.
   */
  #clear(start: number, length: number, unmapped: boolean): void {
    const { memory, words } = this.#engine;
    const pages = this.#engine.views.controlBytes;
    for (let page = start >>> pageShift; page < (start + length) / pageBytes; page++) {
      const first = page << (pageShift - granuleShift - 2);
      const held = ((words[first] as number) & heldBits) !== 0;
      if (!held && !unmapped) continue;
      if ((pages[pageTableBase + page] as number) & PageFlag.touched) {
        for (let word = first; word < first + wordsInPage; word++) Atomics.or(words, word, Deny.untouched * everyByte);
        memory.bytes.fill(0, page * pageBytes, (page + 1) * pageBytes);
        Atomics.and(pages, pageTableBase + page, ~PageFlag.touched & 0xff);
      }
      if (held) for (let word = first; word < first + wordsInPage; word++) Atomics.and(words, word, ~heldBits);
    }
  }
}
