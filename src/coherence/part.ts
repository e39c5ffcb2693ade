/**
 * A block is kept whole or in parts: aligned ranges of its granules, of the sizes that the grain lists. Home and holders
 * divide it each for themselves; what a message speaks of is named by a granule and the level of the part that has it.
 */
import { assert } from '../base/assert.ts';

/** Granules of a part at each level, powers of two that become smaller; level 0 is the whole block. */
export type Grain = readonly number[];

/** How a home divides its blocks and joins parts. */
export interface Splitting {
  readonly grain: Grain;
  /**
   * A part over which nodes that use different granules of it have contended so often, one after another, is split;
   * 0 = never, and nothing is merged.
   */
  readonly after: number;
  /** The most often that one node must come to own all brothers before they are merged. */
  readonly patienceMax: number;
}

/**
 * 4 KiB, 1 KiB, 256 and 64 bytes, in granules of 64 bytes. At 4 turns the places that nodes had missed by chance still
 * looked disjoint in structures that they truly share, which then moved in pieces: three times as many blocks. At 16
 * that is over, and false sharing still ends within milliseconds.
 */
export const pageSplitting: Splitting = { grain: [64, 16, 4, 1], after: 16, patienceMax: 64 };
/** Blocks that can't be divided. */
export const noSplitting: Splitting = { grain: [1], after: 0, patienceMax: 1 };

export interface Part {
  /** Its first granule. */
  readonly first: number;
  readonly level: number;
}

/** The first granule of the part of `count` granules that has `granule`. */
export const firstOf = (granule: number, count: number): number => granule & -count;

/** The one of a block's parts, in order and without gaps, that has the granule. */
export function partAt<T extends Part>(parts: readonly T[], granule: number): T {
  let low = 0;
  let high = parts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (parts[middle]!.first <= granule) low = middle;
    else high = middle - 1;
  }
  return parts[low]!;
}

/** Puts the parts of the next level, made by `make`, in the place of `part`. */
export function divide<T extends Part>(parts: T[], part: T, grain: Grain, make: (first: number) => T): void {
  const { first, level } = part;
  const children: T[] = [];
  const end = first + grain[level]!;
  for (let at = first; at < end; at += grain[level + 1]!) children.push(make(at));
  parts.splice(parts.indexOf(part), 1, ...children);
}

/** The parts inside the part of `level` that has `granule`, none of which is larger. */
export function partsInside<T extends Part>(parts: readonly T[], granule: number, level: number, grain: Grain): T[] {
  const first = firstOf(granule, grain[level]!);
  const end = first + grain[level]!;
  const inside = parts.filter((part) => part.first >= first && part.first < end);
  assert(inside[0]?.first === first, 'a part of a larger one');
  return inside;
}
