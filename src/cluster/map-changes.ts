/**
 * Applies steps of the guest's memory map on one node: page flags, protection bits of the access table, and the
 * contents of what is fresh or gone. Runs on the node's own thread.
 */
import type { Engine } from '../engine/engine.ts';
import { Deny, granuleShift, pageBytes, pageShift } from '../layout/access.ts';
import { PageFlag, pageTableBase } from '../layout/control.ts';
import type { MapChange } from '../linux/api.ts';

const everyByte = 0x01010101;
const protectionBits = (Deny.protectionRead | Deny.protectionWrite) * everyByte;
const wordsInPage = pageBytes >>> (granuleShift + 2);

export class MapChanges {
  readonly #engine: Engine;
  /** Drops the contents of a range on all its holders; undefined on a node that is alone. */
  readonly #reset: ((start: number, length: number) => Promise<void>) | undefined;

  constructor(engine: Engine, reset: ((start: number, length: number) => Promise<void>) | undefined) {
    this.#engine = engine;
    this.#reset = reset;
  }

  /** Resolves when the change holds on this node; `data` is not looked at. */
  async apply({ start, length, protection, fresh }: MapChange): Promise<void> {
    const { memory, words } = this.#engine;
    const unmapped = protection < 0;
    if (memory.hasCode(start, length)) this.#engine.dropCode(start, start + length);
    const flags = unmapped ? 0 : PageFlag.mapped | (protection & (PageFlag.read | PageFlag.write | PageFlag.execute));
    const denied =
      ((unmapped || (protection & (PageFlag.read | PageFlag.execute)) === 0 ? Deny.protectionRead : 0) |
        (unmapped || (protection & PageFlag.write) === 0 ? Deny.protectionWrite : 0)) *
      everyByte;
    const pages = this.#engine.views.controlBytes;
    for (let page = start >>> pageShift; page < (start + length) / pageBytes; page++) {
      const at = pageTableBase + page;
      pages[at] = ((pages[at] as number) & PageFlag.touched) | flags;
      const first = page << (pageShift - granuleShift - 2);
      for (let word = first; word < first + wordsInPage; word++) {
        if (denied !== 0) Atomics.or(words, word, denied);
        if (denied !== protectionBits) Atomics.and(words, word, ~(protectionBits & ~denied));
      }
    }
    // What was allowed before may have been checked before.
    this.#engine.handshake.run();
    if (!fresh && !unmapped) return;
    if (this.#reset) await this.#reset(start, length);
    else this.#clear(start, length);
  }

  /** Sets the page flags of a range that is not part of the memory map. */
  setPageFlags(start: number, length: number, protection: number): void {
    const first = pageTableBase + (start >>> pageShift);
    this.#engine.views.controlBytes.fill(PageFlag.mapped | protection, first, first + length / pageBytes);
  }

  /** Zeroes the pages of the range that were touched, and waits for their next first touch. */
  #clear(start: number, length: number): void {
    const { memory, words } = this.#engine;
    const pages = this.#engine.views.controlBytes;
    for (let page = start >>> pageShift; page < (start + length) / pageBytes; page++) {
      const at = pageTableBase + page;
      if (((pages[at] as number) & PageFlag.touched) === 0) continue;
      const first = page << (pageShift - granuleShift - 2);
      for (let word = first; word < first + wordsInPage; word++) Atomics.or(words, word, Deny.untouched * everyByte);
      memory.bytes.fill(0, page * pageBytes, (page + 1) * pageBytes);
      pages[at] = (pages[at] as number) & ~PageFlag.touched;
    }
  }
}
