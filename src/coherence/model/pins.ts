/**
 * The shell's account of what is kept for which thread, as cluster/block-agent.ts has it: by the block, whatever parts
 * the agent knows. Executors do not say unasked that they have made the access that a thread was granted a block for.
 * When another node wants the block each of them turns out to have made it, unnoticed, or is asked to tell. If all have,
 * what was pinned of the block is given up at once, all of it, and the shell knows of no pin any more; else the agent is
 * told of each that has a little later, and of the others when they have rung, which they do before they ask for more.
 */
import type { GuestThread } from './guest-thread.ts';
import type { World } from './world.ts';

/** What a thread was woken for: the access is still to be made, and its executor is to tell when it is. */
export const Grant = { None: 0, Silent: 1, Asked: 2 } as const;
export type Grant = (typeof Grant)[keyof typeof Grant];

/** The agent pins something of a block for a thread that it is about to wake. */
export function pin(thread: GuestThread, block: number): void {
  thread.pinned |= 1 << block;
  thread.isPromised = true;
}

/** A thread is woken for a block, or holds it: whether something of it is pinned for that thread, now or since before. */
export function grant({ options }: World, thread: GuestThread, block: number): void {
  if (options.silentUse) thread.grant = (thread.pinned & (1 << block)) === 0 ? Grant.None : Grant.Silent;
}

/** What the thread wants must stay until it has used it. */
export function isKept({ pinned, block, isPromised }: GuestThread): boolean {
  return (pinned & (1 << block)) !== 0 && isPromised;
}

/** The access that the thread was woken for is over, made or not. */
export function through(world: World, thread: GuestThread): void {
  if (!world.options.silentUse && (thread.pinned & (1 << thread.block)) !== 0) consumed(world, thread, thread.block);
  if (thread.grant === Grant.Asked) thread.rung |= 1 << thread.block;
  thread.grant = Grant.None;
  thread.isPromised = false;
}

/** Another node wants what is pinned of a block. @returns false when all have used it: nothing more is said of them */
export function contended({ threads }: World, node: number, block: number): boolean {
  const bit = 1 << block;
  const pinned = threads.filter((thread) => thread.node === node && (thread.pinned & bit) !== 0);
  const waited = (thread: GuestThread) => thread.grant !== Grant.None && thread.block === block;
  const isWaitedFor = pinned.some(waited);
  for (const thread of pinned) {
    if (waited(thread)) thread.grant = Grant.Asked;
    else if (isWaitedFor) thread.found |= bit;
  }
  if (!isWaitedFor) forget(threads, node, block);
  return isWaitedFor;
}

/** Nothing of the block is kept for threads of the node any more. */
export function forget(threads: readonly GuestThread[], node: number, block: number): void {
  for (const thread of threads) if (thread.node === node) thread.pinned &= ~(1 << block);
}

/** The agent learns that a thread has used what was pinned of a block for it. */
export function consumed({ nodes }: World, thread: GuestThread, block: number): void {
  const bit = 1 << block;
  thread.rung &= ~bit;
  thread.found &= ~bit;
  thread.pinned &= ~bit;
  nodes[thread.node]!.consumed(block, thread.waiter);
}
