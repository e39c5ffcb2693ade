/** What a home knows of one block: an entry for each of its parts, and how the parts divide and join. */
import { assert } from '../base/assert.ts';
import { Conflicts } from './conflicts.ts';
import type { Faults } from './faults.ts';
import { MessageType } from './message.ts';
import type { Names } from './names.ts';
import { NodeSet } from './node-set.ts';
import { divide, type Grain, type Part, partAt, partsInside } from './part.ts';
import type { NumberReader } from './port.ts';
import { Access } from './sink.ts';

/** No owner, requester or reader. */
export const nobody = -1;

/** What an entry has before its first conflict; never changed. */
export const noConflicts = new Conflicts();

/** A transaction that waits for its turn; for a reset the type is Discard. */
export interface Request {
  readonly type: typeof MessageType.GetS | typeof MessageType.GetM | typeof MessageType.Discard;
  /** The node that asked, or the reset's token. */
  readonly origin: number;
  /** The granule that is wanted. */
  readonly granule: number;
  readonly flags: number;
}

export class Entry implements Part {
  readonly first: number;
  readonly level: number;
  /** The node in state Modified, or `nobody` while sharers hold the part. */
  owner: number;
  sharers: NodeSet;
  busy = false;
  /** Whom the running transaction serves: a node, or a reset's token. */
  origin = nobody;
  /** DiscardAcks that a running reset, or push for writing, still waits for. */
  acksLeft = 0;
  /** What a push for writing will tell of the thread that it is for, when these acks are there. */
  mark = 0;
  /** Reads that will yet be answered with ownership, because the part wanders from writer to writer. */
  migratoryLeft = 0;
  /** The one node that read the part since it had an owner; its upgrade shows that the part wanders. */
  reader = nobody;
  /** What a running transaction that nobody asked for brings to `origin`; None in others. */
  pushing: Access = Access.None;
  queue: Request[] = [];
  /** Most entries never have any. */
  conflicts = noConflicts;
  /** Of the first of its brothers: how often one node has come to own them all since they were divided. */
  unions = 0;

  constructor(first: number, level: number, owner: number, nodes: number) {
    this.first = first;
    this.level = level;
    this.owner = owner;
    this.sharers = new NodeSet(nodes);
  }

  /** Nothing happens to it and nothing waits. */
  get idle(): boolean {
    return !this.busy && this.queue.length === 0;
  }

  save(out: number[], names: Names): void {
    // While DiscardAcks for a reset are missing the origin is its token.
    const isToken = this.acksLeft > 0 && this.pushing === Access.None;
    const origin = isToken ? this.origin : names.node(this.origin);
    out.push(this.first, this.level, names.node(this.owner), this.busy ? 1 : 0, origin, this.acksLeft, this.mark);
    out.push(this.migratoryLeft, names.node(this.reader), this.pushing, this.unions);
    names.saveNodes(this.sharers, out);
    out.push(this.queue.length);
    for (const { type, origin, granule, flags } of this.queue)
      out.push(type, type === MessageType.Discard ? origin : names.node(origin), granule, flags);
    this.conflicts.save(out, names);
  }

  static load(input: NumberReader, nodes: number): Entry {
    const entry = new Entry(input.next(), input.next(), input.next(), nodes);
    entry.busy = input.next() === 1;
    entry.origin = input.next();
    entry.acksLeft = input.next();
    entry.mark = input.next();
    entry.migratoryLeft = input.next();
    entry.reader = input.next();
    entry.pushing = input.next() as Access;
    entry.unions = input.next();
    for (let word = 0; word < entry.sharers.words.length; word++) entry.sharers.words[word] = input.next();
    for (let length = input.next(); length > 0; length--)
      entry.queue.push({
        type: input.next() as Request['type'],
        origin: input.next(),
        granule: input.next(),
        flags: input.next(),
      });
    const conflicts = new Conflicts();
    conflicts.load(input);
    entry.conflicts = conflicts;
    return entry;
  }
}

export class BlockEntries {
  entries: Entry[] = [];
  /** How often one node must have come to own all brothers before they are joined; twice as much after each mistake. */
  patience = 1;
  /** Parts were joined by this rule since the last division. */
  joined = false;

  /** The entry that answers for a granule. */
  at(granule: number): Entry {
    return this.entries.length === 1 ? this.entries[0]! : partAt(this.entries, granule);
  }

  get whole(): boolean {
    return this.entries.length === 1;
  }

  /** Puts entries of the next level in the place of one between two transactions: what is held stays held. */
  split(entry: Entry, grain: Grain, nodes: number, faults: Faults): void {
    assert(!entry.busy || faults.splitBusy === true, 'a split in the middle of a transaction');
    divide(this.entries, entry, grain, (first) => {
      const part = new Entry(first, entry.level + 1, entry.owner, nodes);
      part.sharers = entry.sharers.copy();
      part.reader = entry.reader;
      if (faults.splitForgetsSharer && part.sharers.count() > 1) part.sharers.delete(part.sharers.after(-1));
      return part;
    });
    for (const request of entry.queue) this.at(request.granule).queue.push(request);
  }

  /** The entries that a part of `level` would have in its place, when they may be joined: all idle, of one owner. */
  brothers(granule: number, level: number, grain: Grain, faults: Faults): Entry[] | undefined {
    const found = this.at(granule);
    if (found.level !== level + 1) return undefined;
    const inside = partsInside(this.entries, granule, level, grain);
    const { owner } = inside[0]!;
    for (const entry of inside) {
      if (entry.level !== level + 1 || !entry.idle || entry.owner === nobody) return undefined;
      if (entry.owner !== owner && faults.mergeAnyOwner !== true) return undefined;
    }
    return inside;
  }

  /** Puts one entry in the place of brothers. @returns it */
  join(brothers: readonly Entry[], nodes: number): Entry {
    const { first, level, owner } = brothers[0]!;
    const entry = new Entry(first, level - 1, owner, nodes);
    this.entries.splice(this.entries.indexOf(brothers[0]!), brothers.length, entry);
    return entry;
  }

  /** Parts were divided that had been joined before: the next time they stay apart for longer. */
  regret(patienceMax: number): void {
    if (this.joined) this.patience = Math.min(this.patience * 2, patienceMax);
    this.joined = false;
  }

  save(out: number[], names: Names): void {
    out.push(this.patience, this.joined ? 1 : 0, this.entries.length);
    for (const entry of this.entries) entry.save(out, names);
  }

  static load(input: NumberReader, nodes: number): BlockEntries {
    const record = new BlockEntries();
    record.patience = input.next();
    record.joined = input.next() === 1;
    for (let count = input.next(); count > 0; count--) record.entries.push(Entry.load(input, nodes));
    return record;
  }
}
