import { assert } from '../../base/assert.ts';
import type { Message } from '../message.ts';
import { firstOf, type Grain, noSplitting } from '../part.ts';
import type { ModelOptions } from './options.ts';

/** Granules of all blocks together: bits of a number. */
const granulesMax = 32;

/** How the slots of a block lie in its granules. Granules of all blocks are numbered through: units. */
export class Geometry {
  readonly slots: number;
  /** Of one block. */
  readonly granules: number;
  readonly units: number;
  readonly grain: Grain;

  constructor({ blocks, slots, splitting = noSplitting }: ModelOptions) {
    this.slots = slots;
    this.grain = splitting.grain;
    this.granules = this.grain[0]!;
    this.units = blocks * this.granules;
    assert(this.units <= granulesMax && slots >= this.granules, 'a model that does not fit its bit sets');
  }

  granuleOf(slot: number): number {
    return Math.floor((slot * this.granules) / this.slots);
  }

  unitOf(block: number, slot: number): number {
    return block * this.granules + this.granuleOf(slot);
  }

  /** First and last slot, plus one, of granules of a block. */
  slotsOf(granule: number, count: number): [first: number, end: number] {
    const perGranule = this.slots / this.granules;
    return [Math.ceil(granule * perGranule), Math.ceil((granule + count) * perGranule)];
  }

  /** The same for what a message speaks of. */
  slotsIn({ granule, level }: Message): [first: number, end: number] {
    const count = this.grain[level]!;
    return this.slotsOf(firstOf(granule, count), count);
  }
}
