/**
 * What the home remembers of the conflicts over an entry: for each node the granules that it asked for, read and
 * written, and how often the asking went from one node to another. When that was often enough, nodes that asked for
 * different granules (false sharing) get different parts; where one asked for what another writes (true sharing) nothing
 * would be won, and the entry forgets.
 */
import { type Names, ownNames } from './names.ts';
import type { Grain, Part } from './part.ts';
import type { NumberReader } from './port.ts';

/** Nodes whose footprints are kept; one more replaces the oldest. */
const footprintsMax = 8;
const nobody = -1;

/** A set of granules as two words of bits. */
interface Granules {
  low: number;
  high: number;
}

class Footprint {
  readonly node: number;
  readonly read: Granules = { low: 0, high: 0 };
  readonly written: Granules = { low: 0, high: 0 };

  constructor(node: number) {
    this.node = node;
  }
}

function add(set: Granules, granule: number): void {
  if (granule < 32) set.low |= 1 << granule;
  else set.high |= 1 << (granule - 32);
}

/** The granules from `first` on, up to `count` of them. */
function range(first: number, count: number): Granules {
  const set = { low: 0, high: 0 };
  for (let granule = first; granule < first + count; granule++) add(set, granule);
  return set;
}

const meets = (a: Granules, b: Granules): boolean => ((a.low & b.low) | (a.high & b.high)) !== 0;

export class Conflicts {
  private footprints: Footprint[] = [];
  private last = nobody;
  /** How often the node that asked was another one than before. */
  alternations = 0;

  /** A node has asked for a granule that others hold. */
  note(node: number, granule: number, writes: boolean): void {
    if (node !== this.last) {
      if (this.last !== nobody) this.alternations++;
      this.last = node;
    }
    let footprint = this.footprints.find((candidate) => candidate.node === node);
    if (footprint === undefined) {
      if (this.footprints.length >= footprintsMax) this.footprints.shift();
      footprint = new Footprint(node);
      this.footprints.push(footprint);
    }
    add(writes ? footprint.written : footprint.read, granule);
  }

  /** The coarsest parts of `whole` that leave no conflict inside one of them; `whole` alone when there are none. */
  separate(whole: Part, grain: Grain): Part[] {
    const parts: Part[] = [];
    return this.divide(whole, grain, parts) ? parts : [whole];
  }

  /** False when no division separates the nodes. */
  private divide({ first, level }: Part, grain: Grain, parts: Part[]): boolean {
    const count = grain[level]!;
    if (!this.conflictIn(range(first, count))) {
      parts.push({ first, level });
      return true;
    }
    const next = level + 1;
    if (next === grain.length) return false;
    for (let at = first; at < first + count; at += grain[next]!)
      if (!this.divide({ first: at, level: next }, grain, parts)) return false;
    return true;
  }

  /** One node writes what is in the range while another reads or writes there. */
  private conflictIn(granules: Granules): boolean {
    for (const { node, written } of this.footprints) {
      if (!meets(written, granules)) continue;
      for (const other of this.footprints)
        if (other.node !== node && (meets(other.written, granules) || meets(other.read, granules))) return true;
    }
    return false;
  }

  save(out: number[], names: Names = ownNames): void {
    out.push(names.node(this.last), this.alternations, this.footprints.length);
    for (const { node, read, written } of this.footprints)
      out.push(names.node(node), read.low, read.high, written.low, written.high);
  }

  load(input: NumberReader): void {
    this.last = input.next();
    this.alternations = input.next();
    for (let count = input.next(); count > 0; count--) {
      const footprint = new Footprint(input.next());
      footprint.read.low = input.next();
      footprint.read.high = input.next();
      footprint.written.low = input.next();
      footprint.written.high = input.next();
      this.footprints.push(footprint);
    }
  }
}
