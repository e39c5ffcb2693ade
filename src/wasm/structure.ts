/**
 * Structured control flow out of the dominator tree (Norman Ramsey, "Beyond Relooper", ICFP 2022): a block that is
 * reached forward by several edges gets a Wasm block that ends where it begins; a loop header gets a Wasm loop around
 * all that it dominates; every other block is written where its one predecessor branches to it.
 *
 * Irreducible parts: the children of one node of the dominator tree that lie on a common cycle are the entries of a
 * cycle with several entries. They are written side by side in a Wasm loop that begins with a br_table over a local;
 * only edges that enter this group from outside, or go backwards in it, pass the table. Nothing else of the function
 * is touched by it.
 */
import type { ControlFlow } from '../ir/passes/dominators.ts';
import type { Code } from './code.ts';
import { opcodes } from './opcodes.table.ts';

/** What writes the contents of the blocks. */
export interface BlockWriter {
  /** Writes block `block` up to its end operation, which it leaves to `end`. */
  body(block: number): void;
  /** For a block with two successors: leaves on the stack the condition that is not 0 when it goes to the first. */
  condition(block: number): void;
  /** Writes an end that leaves the function, or what stands before going on in the one successor. */
  end(block: number): void;
}

/** A set of siblings in the dominator tree, written together: one block, or the entries of an irreducible cycle. */
interface Group {
  readonly members: readonly number[];
  /** The local that the br_table reads; -1 when there is one member. */
  selector: number;
  /** Label levels (Code.branch) of the block that ends before the group and of the group's loop; 0 when not open. */
  entryLevel: number;
  loopLevel: number;
}

const nowhere = -1;

export class Structure {
  readonly #flow: ControlFlow;
  readonly #code: Code;
  readonly #writer: BlockWriter;
  /** Children in the dominator tree that need a label, in an order in which edges among groups go forward. */
  readonly #groups: Group[][];
  readonly #groupOf: (Group | undefined)[];
  /** Label level of each block's own label (the end of the Wasm block before it), and of its loop; 0 when not open. */
  readonly #labelLevel: Int32Array;
  readonly #loopLevel: Int32Array;

  constructor(flow: ControlFlow, code: Code, writer: BlockWriter) {
    this.#flow = flow;
    this.#code = code;
    this.#writer = writer;
    this.#labelLevel = new Int32Array(flow.blockCount);
    this.#loopLevel = new Int32Array(flow.blockCount);
    this.#groupOf = new Array(flow.blockCount);
    this.#groups = groupsOf(flow);
    for (const groups of this.#groups)
      for (const group of groups ?? []) for (const member of group.members) this.#groupOf[member] = group;
  }

  /** Writes the whole function. Code behind it is not reached. */
  write(): void {
    this.#tree(0, nowhere);
    this.#code.op('unreachable');
  }

  /** Writes `block` and all that it dominates; control may fall out at the end, which is where `follow` begins. */
  #tree(block: number, follow: number): void {
    const code = this.#code;
    const isLoop = this.#flow.isLoopHeader[block] === 1;
    if (isLoop) {
      code.open('loop');
      this.#loopLevel[block] = code.nesting;
    }
    this.#within(block, this.#groups[block] ?? [], follow);
    if (isLoop) {
      this.#loopLevel[block] = 0;
      code.end();
    }
  }

  #within(block: number, groups: readonly Group[], follow: number): void {
    const code = this.#code;
    for (let i = groups.length - 1; i >= 0; i--) {
      const group = groups[i] as Group;
      code.open('block');
      if (group.members.length === 1) this.#labelLevel[group.members[0]] = code.nesting;
      else {
        group.entryLevel = code.nesting;
        group.selector = code.allocate('i32');
      }
    }
    const beginning = (i: number): number => {
      const next = groups[i];
      return next === undefined ? follow : next.members.length === 1 ? next.members[0] : nowhere;
    };
    this.#contents(block, beginning(0));
    for (const [i, group] of groups.entries()) {
      code.end();
      if (group.members.length === 1) {
        const member = group.members[0];
        this.#labelLevel[member] = 0;
        this.#tree(member, beginning(i + 1));
      } else {
        group.entryLevel = 0;
        this.#cycle(group, beginning(i + 1));
      }
    }
  }

  /** A group of several: loop, blocks that end before each member, br_table, members. */
  #cycle(group: Group, follow: number): void {
    const code = this.#code;
    const members = group.members;
    code.open('loop');
    group.loopLevel = code.nesting;
    for (let i = members.length - 1; i >= 0; i--) {
      code.open('block');
      this.#labelLevel[members[i]] = code.nesting;
    }
    code.get(group.selector);
    code.byte(opcodes.br_table);
    code.u32(members.length - 1);
    for (let i = 0; i < members.length; i++) code.u32(i);
    for (const [i, member] of members.entries()) {
      code.end();
      this.#labelLevel[member] = 0;
      this.#tree(member, members[i + 1] ?? follow);
    }
    group.loopLevel = 0;
    code.end();
    code.release(group.selector);
  }

  #contents(block: number, follow: number): void {
    const writer = this.#writer;
    writer.body(block);
    const first = this.#flow.successors[2 * block];
    const second = this.#flow.successors[2 * block + 1];
    if (second === nowhere) {
      writer.end(block);
      if (first !== nowhere) this.#go(block, first, follow);
      return;
    }
    writer.condition(block);
    this.#branch(block, first, second, follow);
  }

  /** A two-way branch whose condition is on the stack. */
  #branch(block: number, first: number, second: number, follow: number): void {
    const code = this.#code;
    const firstLabel = this.#labelFor(block, first);
    const secondLabel = this.#labelFor(block, second);
    const firstFalls = firstLabel > 0 && first === follow;
    const secondFalls = secondLabel > 0 && second === follow;
    if (firstLabel > 0 && !firstFalls) {
      code.branch('br_if', firstLabel);
      this.#go(block, second, follow);
    } else if (secondLabel > 0 && !secondFalls) {
      code.op('i32.eqz');
      code.branch('br_if', secondLabel);
      this.#go(block, first, follow);
    } else if (firstFalls) {
      code.op('i32.eqz');
      code.open('if');
      this.#go(block, second, follow);
      code.end();
    } else {
      code.open('if');
      this.#go(block, first, follow);
      if (!secondFalls) {
        code.else();
        this.#go(block, second, follow);
      }
      code.end();
    }
  }

  /** The level of the one label that takes the edge, 0 when the edge needs more than a branch. */
  #labelFor(from: number, to: number): number {
    if (this.#isBackEdge(from, to)) return this.#loopLevel[to];
    return this.#labelLevel[to];
  }

  #isBackEdge(from: number, to: number): boolean {
    return this.#flow.isRetreating(from, to) && this.#flow.dominates(to, from);
  }

  #go(from: number, to: number, follow: number): void {
    const code = this.#code;
    const label = this.#labelFor(from, to);
    if (label > 0) {
      if (to !== follow || this.#isBackEdge(from, to)) code.branch('br', label);
      return;
    }
    const group = this.#groupOf[to];
    if (group === undefined) this.#tree(to, follow);
    else {
      code.i32(group.members.indexOf(to));
      code.set(group.selector);
      code.branch('br', group.entryLevel > 0 ? group.entryLevel : group.loopLevel);
    }
  }
}

/** For each block: its children in the dominator tree that need a label, grouped and ordered. */
function groupsOf(flow: ControlFlow): Group[][] {
  const groups: Group[][] = new Array(flow.blockCount);
  const add = (parent: number, members: readonly number[]): void => {
    groups[parent] ??= [];
    (groups[parent] as Group[]).push({ members, selector: -1, entryLevel: 0, loopLevel: 0 });
  };
  if (flow.isReducible) {
    for (const block of flow.rpo) if (isMerge(flow, block)) add(flow.idom[block], [block]);
    return groups;
  }
  const children: number[][] = Array.from({ length: flow.blockCount }, () => []);
  for (const block of flow.rpo) if (block !== 0) children[flow.idom[block]]?.push(block);
  for (const parent of flow.rpo)
    for (const members of cyclesAmong(flow, parent, children[parent] as number[]))
      if (members.length > 1 || isMerge(flow, members[0])) add(parent, members);
  return groups;
}

/** True when several edges come in, not counting those from blocks that this one dominates. */
function isMerge(flow: ControlFlow, block: number): boolean {
  let forward = 0;
  for (let p = flow.predecessorStart[block]; p < flow.predecessorStart[block + 1]; p++)
    if (!flow.dominates(block, flow.predecessors[p])) forward++;
  return forward > 1;
}

/**
 * The strongly connected components of the siblings, where A leads to B when an edge goes from A's subtree to B, in
 * topological order (Tarjan's algorithm finds them in the reverse).
 */
function cyclesAmong(flow: ControlFlow, parent: number, siblings: readonly number[]): number[][] {
  const siblingAbove = (block: number): number => {
    let at = block;
    while (at !== -1 && flow.idom[at] !== parent) at = flow.idom[at];
    return at;
  };
  const into = new Map<number, number[]>(siblings.map((block) => [block, []]));
  for (const block of siblings)
    for (let p = flow.predecessorStart[block]; p < flow.predecessorStart[block + 1]; p++) {
      const from = siblingAbove(flow.predecessors[p]);
      if (from !== -1 && from !== block) into.get(block)?.push(from);
    }
  // Walking the edges backwards gives each component before those that it leads to.
  const found: number[][] = [];
  const index = new Map<number, number>();
  const stack: number[] = [];
  /** Gives the lowest index that the block reaches; takes the component off the stack at its root. */
  const visit = (block: number): number => {
    const own = index.size;
    index.set(block, own);
    let lowest = own;
    const depth = stack.push(block) - 1;
    for (const from of into.get(block) ?? []) {
      const seen = index.get(from);
      if (seen === undefined) lowest = Math.min(lowest, visit(from));
      else if (stack.includes(from)) lowest = Math.min(lowest, seen);
    }
    if (lowest === own) found.push(stack.splice(depth).sort((a, b) => flow.order[a] - flow.order[b]));
    return lowest;
  };
  for (const block of siblings) if (!index.has(block)) visit(block);
  return found;
}
