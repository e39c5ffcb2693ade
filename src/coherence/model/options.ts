import type { Faults } from '../faults.ts';
import type { Splitting } from '../part.ts';
import type { Placement } from '../placement.ts';

export interface ModelOptions {
  readonly nodes: number;
  readonly blocks: number;
  /** Independently written places of each block, spread evenly over its granules. */
  readonly slots: number;
  /** How blocks divide; without it they do not. */
  readonly splitting?: Splitting;
  /** Homes split and merge at any time, whatever the conflicts. */
  readonly splits?: boolean;
  /** Guest threads on each node. */
  readonly threads: readonly number[];
  /** Nodes that also have one internal waiter. */
  readonly kernels?: readonly number[];
  /** Nodes whose threads only load. */
  readonly loaders?: readonly number[];
  /** By node, the slots that its threads use; all of them without it. */
  readonly places?: readonly (readonly number[])[];
  readonly placement: Placement;
  readonly migratoryGrants: number;
  /** Ranges of all blocks are reset now and then. */
  readonly resets: boolean;
  /** All blocks are unmapped and mapped anew, in turns; not together with `resets`. */
  readonly maps?: boolean;
  /** Pins may run out at any time. */
  readonly pinExpiry: boolean;
  /**
   * Executors say only when they are asked that they have used what was pinned, as the shell has it (pins.ts); else at
   * once. With `pinExpiry` the shell may then also give up what was not used, as it does while its threads stand still.
   */
  readonly silentUse?: boolean;
  /** Threads hold a block from an access to a later store, as LDREX and STREX do. */
  readonly holds?: boolean;
  /** Nodes may keep what they write for a while when another node wants it. */
  readonly residency?: boolean;
  /** Nodes whose threads load and store exclusively too. */
  readonly exclusives?: readonly number[];
  /** Homes push blocks to other nodes at any time. */
  readonly pushes?: boolean;
  /** The home wants to know of pushed blocks when a thread comes to them: of any of them, as of the first of a window. */
  readonly marks?: boolean;
  /** Homes look for streams, and push windows of so many blocks. What they remember is in no saved state: not to explore. */
  readonly pushWindowMax?: number;
  /** Do not report a thread that loses a pinned block before its access; what comes of it shows as a livelock. */
  readonly lenientPins?: boolean;
  readonly faults?: Faults;
}
