/**
 * How long a node keeps what another node wants. A counter or mutex that several nodes work on would, without this,
 * move on after each single access whenever its queue at the home is not empty: the miss costs a thousand times what
 * the access does. So a part that comes here to be worked on by exclusives, many of them, stays for a while.
 *
 * Whether it is so used is read off the tags of its granules, which each successful store-exclusive here moves on: how
 * many there were in this visit, and what keeping it brought before. A part that is only stored to (a flag between two
 * nodes that wait for each other) or on which one exclusive is made each time (a barrier) leaves at once; for the latter
 * it is tried again now and then.
 */

/** From the grant, or from the first access if the other node had to wait for that. */
const residencyMs = 1;
/**
 * In that time a node whose processor is its own makes thousands of store-exclusives. With less than this it had hardly
 * any processor, and gets twice as long again and again, up to the bound: handing over takes many milliseconds then.
 */
const usesEnough = 256;
const residencyMsMax = 15;
/** Store-exclusives of a visit with which keeping the part was right. */
const usesWorth = 8;
/** After a try that was wrong so many demands pass before the next one; twice as many each time. */
const pauseFirst = 16;
const pauseMax = 512;
/** Parts that are remembered; one more replaces the oldest. */
const recordsMax = 1024;

export interface ResidencyHost {
  /** Milliseconds. */
  now(): number;
  /** Calls `action` in about so long, until the answer is called. */
  after(ms: number, action: () => void): () => void;
  /** A guest thread runs here, or could. */
  busy(): boolean;
  /** The sum of the tags of the granules: each store-exclusive and each handshake adds two to one of them. */
  tags(block: number, granule: number, count: number): number;
  /** The residency is over: the demand is to be obeyed. */
  over(block: number, granule: number): void;
}

/** Store-exclusives that moved the sum of tags from one value to another. */
const storesBetween = (before: number, after: number): number => ((after - before) | 0) >>> 1;

class Record {
  /** Sum of the tags of so many granules when the part left the last time. */
  tags = 0;
  count = 0;
  /** When it came. */
  since = 0;
  /** In the last visit that told, many exclusives were made. */
  worth = false;
  /** Demands that are still to pass, and how many will after the next try that is wrong. */
  pause = 0;
  nextPause = pauseFirst;
}

class Kept {
  readonly block: number;
  readonly granule: number;
  readonly count: number;
  readonly record: Record;
  /** The tags' sum when the term began, and how long it is. */
  tags = 0;
  term = 0;
  /** How long it has been kept when the term is over. */
  total = 0;
  cancel = (): void => {};

  constructor(block: number, granule: number, count: number, record: Record) {
    this.block = block;
    this.granule = granule;
    this.count = count;
    this.record = record;
  }
}

export class Residency {
  readonly #host: ResidencyHost;
  readonly #granulesInBlock: number;
  readonly #enabled: boolean;
  /** By the number of the part's first granule, over all blocks. */
  readonly #records = new Map<number, Record>();
  readonly #kept = new Map<number, Kept>();

  constructor(host: ResidencyHost, granulesInBlock: number, enabled = true) {
    this.#host = host;
    this.#enabled = enabled;
    this.#granulesInBlock = granulesInBlock;
  }

  /** Something is kept. */
  get active(): boolean {
    return this.#kept.size > 0;
  }

  /** The part may be written from now on. */
  came(block: number, granule: number): void {
    if (this.#records.size === 0) return;
    const record = this.#records.get(block * this.#granulesInBlock + granule);
    if (record !== undefined) record.since = this.#host.now();
  }

  /** The part is about to leave, tags included: what is stored to it from now on belongs to the next visit. */
  left(block: number, granule: number, count: number): void {
    const record = this.#records.get(block * this.#granulesInBlock + granule);
    if (record === undefined) return;
    record.tags = this.#host.tags(block, granule, count);
    record.count = count;
  }

  /**
   * Another node wants the part. @returns whether it is kept: then `over` follows
   * @param justUsed the access that brought it has just been made
   */
  keep(block: number, granule: number, count: number, justUsed: boolean): boolean {
    // Threads that all wait, by a condition variable say, have no use for it, however many exclusives they made.
    if (!this.#enabled || !this.#host.busy()) return false;
    const key = block * this.#granulesInBlock + granule;
    const record = this.#recordOf(key);
    const uses = this.#uses(record, block, granule, count);
    if (uses === 0) return false;
    if (uses >= usesWorth) this.#learn(record, true);
    else if (record.pause > 0) {
      record.pause--;
      return false;
    }
    const left = justUsed ? residencyMs : record.since + residencyMs - this.#host.now();
    if (left <= 0) return false;
    const kept = new Kept(block, granule, count, record);
    this.#kept.set(key, kept);
    this.#term(key, kept, left);
    return true;
  }

  #term(key: number, kept: Kept, ms: number): void {
    kept.tags = this.#host.tags(kept.block, kept.granule, kept.count);
    kept.term = ms;
    kept.total += ms;
    kept.cancel = this.#host.after(ms, () => this.#termOver(key, kept));
  }

  #termOver(key: number, kept: Kept): void {
    const { block, granule, count, record, tags, term, total } = kept;
    const uses = storesBetween(tags, this.#host.tags(block, granule, count));
    const next = Math.min(term * 2, residencyMsMax - total);
    if (record.worth && uses < usesEnough && next > 0 && this.#host.busy()) this.#term(key, kept, next);
    else this.#end(key);
  }

  /** Nothing here uses guest memory any more. */
  unused(): void {
    for (const key of [...this.#kept.keys()]) this.#end(key);
  }

  /** Lets timers go. */
  stop(): void {
    for (const { cancel } of this.#kept.values()) cancel();
    this.#kept.clear();
  }

  #recordOf(key: number): Record {
    let record = this.#records.get(key);
    if (record === undefined) {
      if (this.#records.size >= recordsMax) this.#records.delete(this.#records.keys().next().value!);
      record = new Record();
    } else this.#records.delete(key);
    this.#records.set(key, record);
    return record;
  }

  /** Store-exclusives of this visit; none are known of the first one, nor of the first after a split. */
  #uses(record: Record, block: number, granule: number, count: number): number {
    return record.count === count ? storesBetween(record.tags, this.#host.tags(block, granule, count)) : 0;
  }

  #learn(record: Record, worth: boolean): void {
    record.worth = worth;
    record.pause = worth ? 0 : record.nextPause;
    record.nextPause = worth ? pauseFirst : Math.min(record.nextPause * 2, pauseMax);
  }

  #end(key: number): void {
    const { block, granule, count, record, cancel } = this.#kept.get(key)!;
    this.#kept.delete(key);
    cancel();
    this.#learn(record, this.#uses(record, block, granule, count) >= usesWorth);
    this.#host.over(block, granule);
  }
}
