/**
 * Changes of the memory map as the cluster makes them, in turns: all blocks are unmapped, then mapped anew. Each node
 * learns of a change at a time of its own; when pages go it takes the right to use them away, waits until its executors
 * have polled, and then resets the blocks whose home it is. A change is over when all nodes are through. From then on
 * nobody may use what is unmapped, and nothing of what was there before may show.
 */
import { Phase } from './guest-thread.ts';
import type { World } from './world.ts';

/** How far a node is with the running change. */
export const Step = { Done: 0, Told: 1, Handshake: 2, Resetting: 3 } as const;
export type Step = (typeof Step)[keyof typeof Step];

export class Maps {
  /** What the last change has made of the blocks, or the running one makes. */
  mapped = true;
  /** By node: what its threads meet, and its step. */
  readonly mappedOn: boolean[];
  readonly steps: Step[];

  constructor(nodes: number) {
    this.mappedOn = new Array<boolean>(nodes).fill(true);
    this.steps = new Array<Step>(nodes).fill(Step.Done);
  }

  get changing(): boolean {
    return this.steps.some((step) => step !== Step.Done);
  }

  /** Nothing may be used: they are unmapped, and the change that did it is over. */
  get gone(): boolean {
    return !this.mapped && !this.changing;
  }

  start(): void {
    this.mapped = !this.mapped;
    this.steps.fill(Step.Told);
  }
}

/** A node learns of the change. @returns whether its blocks may be reset at once */
export function learn({ maps, threads, options }: World, node: number): boolean {
  maps.mappedOn[node] = maps.mapped;
  let over = true;
  if (!maps.mapped && !options.faults?.unmapsWithoutHandshake) {
    for (const thread of threads) {
      if (thread.node !== node || !thread.isInside) continue;
      thread.mapRaised = true;
      over = false;
    }
  }
  maps.steps[node] = over ? Step.Resetting : Step.Handshake;
  return over;
}

/** All executors of the node have polled since it learnt of the change. */
export function learnt({ maps, threads }: World, node: number): boolean {
  if (maps.steps[node] !== Step.Handshake) return false;
  for (const thread of threads) if (thread.node === node && thread.mapRaised) return false;
  return true;
}

/** What holds once a change is over. */
export function changeViolation({ maps, threads }: World): string | undefined {
  if (!maps.gone) return undefined;
  for (const thread of threads) if (thread.phase === Phase.Pending) return `${thread.name} uses what is unmapped`;
  return undefined;
}
