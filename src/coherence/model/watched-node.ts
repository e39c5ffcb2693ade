import { CoherenceNode, type CoherenceOptions } from '../coherence-node.ts';
import type { Message } from '../message.ts';
import { Access, type CoherenceSink } from '../sink.ts';
import { type Coverage, type EntryEvent, entryEventOf, type LineEvent, lineEventOf } from './coverage.ts';

/** The production code, with a note of every event and the state that it meets. */
export class WatchedNode extends CoherenceNode {
  readonly #coverage: Coverage;

  constructor(options: CoherenceOptions, sink: CoherenceSink, coverage: Coverage) {
    super(options, sink);
    this.#coverage = coverage;
  }

  #entry(event: EntryEvent, block: number, granule: number): void {
    this.#coverage.noteEntry(event, this.entryAt(block, granule));
  }

  #line(event: LineEvent, block: number, granule: number): void {
    this.#coverage.noteLine(event, this.linesOf(block), granule);
  }

  protected override dispatch(message: Message): void {
    const event = entryEventOf(message);
    if (event !== undefined) this.#entry(event, message.block, message.granule);
    else this.#line(lineEventOf(message), message.block, message.granule);
    super.dispatch(message);
  }

  override miss(block: number, granule: number, wanted: Access, waiter: number): void {
    this.#line(wanted === Access.Write ? 'write' : 'read', block, granule);
    super.miss(block, granule, wanted, waiter);
  }

  override hold(block: number, granule: number, waiter: number): boolean {
    this.#line('hold', block, granule);
    return super.hold(block, granule, waiter);
  }

  override consumed(block: number, waiter: number): void {
    this.#pinned('consumed', block, waiter);
    super.consumed(block, waiter);
  }

  override pinExpired(block: number): void {
    this.#pinned('pinExpired', block);
    super.pinExpired(block);
  }

  /** Both are told by the block: noted for each line that has such a pin. */
  #pinned(event: LineEvent, block: number, waiter?: number): void {
    for (const { first, pins } of this.linesOf(block)?.lines ?? [])
      if (waiter === undefined ? pins.length > 0 : pins.includes(waiter)) this.#line(event, block, first);
  }

  override residencyOver(block: number, granule: number): void {
    this.#line('residencyOver', block, granule);
    super.residencyOver(block, granule);
  }

  override handshakeDone(block: number, granule: number): void {
    this.#line('handshakeDone', block, granule);
    super.handshakeDone(block, granule);
  }

  override push(block: number, to: number, wanted: typeof Access.Read | typeof Access.Write, mark = 0): boolean {
    this.#entry('push', block, 0);
    return super.push(block, to, wanted, mark);
  }

  override split(block: number, granule: number): boolean {
    this.#entry('split', block, granule);
    return super.split(block, granule);
  }

  override merge(block: number, granule: number): boolean {
    this.#entry('merge', block, granule);
    return super.merge(block, granule);
  }

  override reset(firstBlock: number, count: number, token: number): void {
    for (const block of this.usedBlocks(firstBlock, count)) {
      const parts = this.parts(block);
      if (parts.length === 0) this.#entry('reset', block, 0);
      for (const { first } of parts) this.#entry('reset', block, first);
    }
    super.reset(firstBlock, count, token);
  }
}
