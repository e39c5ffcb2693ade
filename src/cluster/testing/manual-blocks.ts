/** In place of the coherence protocol: blocks come when the test gives them, and go when it takes them. */
import { Access } from '../../coherence/sink.ts';
import type { Engine } from '../../engine/engine.ts';
import { Deny, granuleShift, pageBytes, pageShift } from '../../layout/access.ts';
import type { Obtain } from '../guest-access.ts';

const granules = pageBytes >>> granuleShift;

export class ManualBlocks {
  /** What was asked for and not given yet, in order. */
  readonly wanted: { readonly block: number; readonly access: Access; readonly ready: () => void }[] = [];
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  obtain: Obtain = (address, access, ready) => {
    this.wanted.push({ block: address >>> pageShift, access, ready });
  };

  /** Sets what the node may do with a block, without telling anybody. */
  set(block: number, access: Access): void {
    const { words } = this.#engine;
    const denied =
      access === Access.Write
        ? 0
        : access === Access.Read
          ? Deny.coherenceWrite
          : Deny.coherenceWrite | Deny.coherenceRead;
    for (let word = (block * granules) >>> 2; word < ((block + 1) * granules) >>> 2; word++) {
      Atomics.and(words, word, ~((Deny.coherenceRead | Deny.coherenceWrite) * 0x01010101));
      Atomics.or(words, word, denied * 0x01010101);
    }
  }

  /** Gives the first block that was asked for; with `keep` false it is gone again as soon as it was used. */
  give(keep = true): number {
    const { block, access, ready } = this.wanted.shift()!;
    this.set(block, access);
    ready();
    if (!keep) this.set(block, Access.None);
    return block;
  }
}
