/**
 * What can be renamed in a cluster without a difference: nodes that are home of nothing or of blocks that are renamed
 * with them, and do the same otherwise; blocks; threads of one node. The protocol treats names that are alike alike (that
 * it does is checked on the way: a trace that can't be followed by other names fails), so of all states that only names
 * tell apart the explorer needs one.
 */
import { Names } from '../names.ts';
import type { ModelOptions } from './options.ts';
import type { Order } from './state.ts';
import type { World } from './world.ts';

/** All orders of the numbers below `count`. */
function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((shorter) =>
    Array.from({ length: count }, (_, at) => shorter.toSpliced(at, 0, count - 1)),
  );
}

/** All ways to take one of each list. */
function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((taken, list) => taken.flatMap((some) => list.map((one) => [...some, one])), [[]]);
}

/** What a node is beside its number. */
function kindOfNode({ threads, kernels, loaders, exclusives, places }: ModelOptions, node: number): string {
  const roles = [kernels, loaders, exclusives].map((nodes) => nodes?.includes(node));
  return JSON.stringify([threads[node], roles, places?.[node]]);
}

function inverse(numbers: readonly number[]): number[] {
  const inverted: number[] = [];
  for (const [old, renamed] of numbers.entries()) inverted[renamed] = old;
  return inverted;
}

/** Every order in which the world's state may be saved; the first one is that of its own numbers. */
export function symmetries(world: World): Order[] {
  const { options } = world;
  const homes = Array.from({ length: options.blocks }, (_, block) => world.homeOf(block));
  const nodeNames = permutations(options.nodes).filter((names) =>
    names.every((renamed, node) => kindOfNode(options, node) === kindOfNode(options, renamed)),
  );
  const clears = options.resets || options.maps === true;
  const blockNames = permutations(options.blocks).filter((names) => !clears || keepsOrder(names, homes));
  const waiterNames = product(options.threads.map((count) => permutations(count)));
  const orders: Order[] = [];
  for (const nodes of nodeNames) {
    for (const blocks of blockNames) {
      if (homes.some((home, block) => homes[blocks[block]!] !== nodes[home])) continue;
      for (const waiters of waiterNames) orders.push(orderOf(world, new Names(nodes, blocks, waiters)));
    }
  }
  const isOwn = ({ nodes, blocks, threads }: Order) =>
    [nodes, blocks, threads].every((list) => list.every((old, renamed) => old === renamed));
  return orders.sort((a, b) => Number(isOwn(b)) - Number(isOwn(a)));
}

/** A reset goes through the blocks of a home in the order of their numbers. */
function keepsOrder(names: readonly number[], homes: readonly number[]): boolean {
  for (let block = 0; block < homes.length; block++)
    for (let other = 0; other < block; other++)
      if (homes[block] === homes[other] && names[block]! < names[other]!) return false;
  return true;
}

function orderOf({ threads }: World, names: Names): Order {
  const nodes = inverse(names.nodes!);
  const blocks = inverse(names.blocks!);
  const place = new Map(threads.map(({ node, waiter }, index) => [`${node}:${waiter}`, index]));
  const order: number[] = [];
  for (const [index, { node, waiter }] of threads.entries())
    order[place.get(`${names.node(node)}:${names.waiter(node, waiter)}`)!] = index;
  return { names, nodes, blocks, threads: order };
}
