/**
 * Region formation: from a hot address, the guest blocks that direct jumps reach and that were run before (a function's
 * paths in use, or the part of them that fits), lowered into one IR function. Calls are left in place and come back;
 * computed jumps leave.
 */
import { type BlockId, Builder, type IrFunction } from '../ir/function.ts';
import { type CodeReader, type GuestBlock, lowerBlock, scanBlock } from '../isa/arm/block.ts';
import { CodeVariant } from '../layout/code-variant.ts';

/** Larger functions are cut: the optimising compiler's time grows faster than their size. */
const blocksMax = 200;
const instructionsMax = 1600;
const blockInstructionsMax = 64;
/**
 * A region of more instructions does not take in what has a region of its own, but jumps there: code of many entries
 * would be translated as often.
 */
const sharedInstructionsMax = 200;

export interface FormedRegion {
  readonly pc: number;
  readonly variant: CodeVariant;
  readonly ir: IrFunction;
  /** Guest bytes translated: start and end of each stretch, pairwise. */
  readonly ranges: number[];
  readonly instructions: number;
  /** Addresses that loops here jump to, and calls go to, that were cold when the region was made. */
  readonly leftOut: ReadonlySet<number>;
}

/** What region formation asks about addresses (bit 0 = Thumb). */
export interface Knowledge {
  /** Code was run from there on. */
  isMet(pc: number): boolean;
  /** There is a region of its own. */
  isRoot(pc: number): boolean;
}

const everything: Knowledge = { isMet: () => true, isRoot: () => false };

/** Scans breadth first, so that what lies near the root is in when a limit cuts. */
class Scan {
  readonly blocks = new Map<number, GuestBlock>();
  /** Start of the block that holds each instruction. */
  readonly #owner = new Map<number, number>();
  readonly cold = new Set<number>();
  instructions = 0;

  constructor(reader: CodeReader, root: number, known: Knowledge) {
    const queue = [root];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (this.blocks.has(next)) continue;
      if (this.blocks.size >= blocksMax || this.instructions >= instructionsMax) break;
      if (this.instructions >= sharedInstructionsMax && known.isRoot(next)) continue;
      const owner = this.#owner.get(next);
      if (owner !== undefined) {
        const inside = this.blocks.get(owner)!.instructions.find(({ address }) => address === (next & ~1) >>> 0);
        if (inside && inside.itstate === 0) {
          this.#remove(owner);
          queue.unshift(owner);
        }
      }
      const block = scanBlock(reader, next, 0, blockInstructionsMax, (pc) => this.blocks.has(pc) && pc !== next);
      if (block.instructions.length === 0) continue;
      this.#add(next, block);
      for (const successor of block.successors) {
        if (known.isMet(successor)) queue.push(successor);
        else this.cold.add(successor);
      }
    }
  }

  #add(start: number, block: GuestBlock): void {
    this.blocks.set(start, block);
    this.instructions += block.instructions.length;
    for (const { address } of block.instructions) this.#owner.set((address | (start & 1)) >>> 0, start);
  }

  #remove(start: number): void {
    const block = this.blocks.get(start)!;
    this.blocks.delete(start);
    this.instructions -= block.instructions.length;
    for (const { address } of block.instructions) this.#owner.delete((address | (start & 1)) >>> 0);
  }
}

/** Starts of blocks to which a depth-first walk comes back: where loops are entered, and polls belong. */
function loopHeaders(root: number, blocks: ReadonlyMap<number, GuestBlock>): Set<number> {
  const headers = new Set<number>();
  const state = new Map<number, 'open' | 'done'>();
  const stack: { pc: number; next: number }[] = [{ pc: root, next: 0 }];
  state.set(root, 'open');
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const successor = blocks.get(top.pc)!.successors[top.next++];
    if (successor === undefined) {
      state.set(top.pc, 'done');
      stack.pop();
    } else if (!blocks.has(successor)) {
      // Leaves the region.
    } else if (state.get(successor) === 'open') {
      headers.add(successor);
    } else if (state.get(successor) === undefined) {
      state.set(successor, 'open');
      stack.push({ pc: successor, next: 0 });
    }
  }
  return headers;
}

const builder = new Builder();

/** @returns undefined when not even the first instruction can be read. */
export function formRegion(
  reader: CodeReader,
  root: number,
  variant: CodeVariant = CodeVariant.plain,
  known: Knowledge = everything,
): FormedRegion | undefined {
  const { blocks, instructions, cold } = new Scan(reader, root, known);
  if (!blocks.has(root)) return undefined;
  const headers = loopHeaders(root, blocks);
  builder.begin(root);
  const ids = new Map<number, BlockId>();
  ids.set(root, builder.newBlock());
  for (const pc of blocks.keys()) if (pc !== root) ids.set(pc, builder.newBlock());
  const leftOut = headers.size > 0 ? cold : new Set<number>();
  const resolver = {
    blockAt: (pc: number) => ids.get(pc),
    isCold: (target: number) => !known.isMet(target) && leftOut.add(target) !== undefined,
  };
  const ranges: number[] = [];
  for (const [pc, block] of blocks) {
    builder.startBlock(ids.get(pc)!);
    if (headers.has(pc)) builder.emit('poll', pc);
    lowerBlock(builder, block, resolver, variant);
    ranges.push((pc & ~1) >>> 0, block.end);
  }
  return { pc: root, variant, ir: builder.finish(), ranges, instructions, leftOut };
}
