/** What a holder knows of one block: a line for each of the parts that it has heard of, and the requests under way. */
import { assert } from '../base/assert.ts';
import type { MessageType } from './message.ts';
import type { Names } from './names.ts';
import { divide, type Grain, type Part, partAt, partsInside } from './part.ts';
import { type NumberReader, readList } from './port.ts';
import { Access } from './sink.ts';

/** A thread that waits for access to a granule. */
export interface Waiter {
  readonly waiter: number;
  readonly granule: number;
  readonly wanted: Access;
}

/** A request under way and those who wait for it. */
export class Miss {
  /** What the request asked for. */
  readonly granule: number;
  readonly wanted: Access;
  /** What Data or Grant brought, and for a part of which level; None before they came. */
  granted: Access = Access.None;
  level = 0;
  /** InvAcks to come; below zero while they overtake the message that says how many there are. */
  acksLeft = 0;
  waiters: Waiter[] = [];

  constructor(granule: number, wanted: Access) {
    this.granule = granule;
    this.wanted = wanted;
  }
}

/** What a home asked this node to do with a part. */
export class Demand {
  readonly type: MessageType;
  readonly granule: number;
  readonly requester: number;
  readonly acks: number;
  /** MessageFlag.Pushed or 0: passed on to the requester. */
  readonly pushed: number;
  /** The executors have been asked to poll and have not all done so. */
  handshaking = false;
  /** The shell keeps the line for a while, and will tell when that is over. */
  kept = false;

  constructor(type: MessageType, granule: number, requester: number, acks: number, pushed: number) {
    this.type = type;
    this.granule = granule;
    this.requester = requester;
    this.acks = acks;
    this.pushed = pushed;
  }
}

export class Line implements Part {
  readonly first: number;
  readonly level: number;
  /** The state after the demand being obeyed, if any: lowered as soon as its handshake starts. */
  access: Access;
  pins: number[] = [];
  demand: Demand | undefined = undefined;
  /** The block was pushed and not touched yet, and its home wants to know when it is: the stream's thread, plus one. */
  mark = 0;

  constructor(first: number, level: number, access: Access) {
    this.first = first;
    this.level = level;
    this.access = access;
  }
}

export class BlockLines {
  lines: Line[] = [];
  misses: Miss[] = [];

  constructor(access: Access) {
    this.lines.push(new Line(0, 0, access));
  }

  at(granule: number): Line {
    return this.lines.length === 1 ? this.lines[0]! : partAt(this.lines, granule);
  }

  /** The request whose answer is expected to bring the line; the home may yet answer for less, or for more. */
  missFor(line: Line): Miss | undefined {
    return this.misses.find(({ granule }) => this.at(granule) === line);
  }

  /**
   * The line of just the part of `level` that has the granule. A larger one is divided: state, and pins to be on the safe
   * side, go to each part. Smaller ones are joined: the home has one entry for them, so they are in one state. Neither
   * happens to a line under a demand, because the home leaves the part of a running transaction as it is.
   */
  fit(granule: number, level: number, grain: Grain): Line {
    for (let line = this.at(granule); line.level <= level; line = this.at(granule)) {
      if (line.level === level) return line;
      const { level: above, access, pins, mark, demand } = line;
      assert(demand === undefined && mark === 0, 'a line is divided under a demand');
      divide(this.lines, line, grain, (first) => {
        const part = new Line(first, above + 1, access);
        part.pins = [...pins];
        return part;
      });
    }
    const inside = partsInside(this.lines, granule, level, grain);
    const joined = new Line(inside[0]!.first, level, inside[0]!.access);
    for (const { access, pins, demand } of inside) {
      assert(demand === undefined && access === joined.access, 'lines of different states are joined');
      for (const waiter of pins) if (!joined.pins.includes(waiter)) joined.pins.push(waiter);
    }
    this.lines.splice(this.lines.indexOf(inside[0]!), inside.length, joined);
    return joined;
  }

  /** @param node the holder, to whom the waiters belong */
  save(out: number[], node: number, names: Names): void {
    out.push(this.lines.length);
    for (const { first, level, access, mark, pins, demand } of this.lines) {
      out.push(first, level, access, mark);
      out.push(pins.length);
      for (const waiter of pins) out.push(names.waiter(node, waiter));
      out.push(demand === undefined ? 0 : 1);
      if (demand === undefined) continue;
      const { type, granule, requester, acks, pushed, handshaking, kept } = demand;
      out.push(type, granule, names.node(requester), acks, pushed, handshaking ? 1 : 0, kept ? 1 : 0);
    }
    out.push(this.misses.length);
    for (const { granule, wanted, granted, level, acksLeft, waiters } of this.misses) {
      out.push(granule, wanted, granted, level, acksLeft, waiters.length);
      for (const each of waiters) out.push(names.waiter(node, each.waiter), each.granule, each.wanted);
    }
  }

  static load(input: NumberReader): BlockLines {
    const block = new BlockLines(Access.None);
    block.lines.length = 0;
    for (let count = input.next(); count > 0; count--) {
      const line = new Line(input.next(), input.next(), input.next() as Access);
      line.mark = input.next();
      line.pins = readList(input);
      if (input.next() === 1) {
        const type = input.next() as MessageType;
        line.demand = new Demand(type, input.next(), input.next(), input.next(), input.next());
        line.demand.handshaking = input.next() === 1;
        line.demand.kept = input.next() === 1;
      }
      block.lines.push(line);
    }
    for (let count = input.next(); count > 0; count--) {
      const miss = new Miss(input.next(), input.next() as Access);
      miss.granted = input.next() as Access;
      miss.level = input.next();
      miss.acksLeft = input.next();
      for (let waiters = input.next(); waiters > 0; waiters--)
        miss.waiters.push({ waiter: input.next(), granule: input.next(), wanted: input.next() as Access });
      block.misses.push(miss);
    }
    return block;
  }
}
