/** From a seed, a cluster for the simulator: mostly small ones, where much meets, now and then 16 or 32 nodes. */
import { Prng } from '../base/prng.ts';
import { type Grain, noSplitting, type Splitting } from './part.ts';
import type { SimulationOptions } from './simulator.ts';

const nodesMax = 32;
const fewNodesMax = 6;
/** One cluster of so many is large: it takes as long as many others. */
const largeEvery = 100;
const threadsMax = 3;
/** Granules of all blocks together, at the most. */
const granulesMax = 32;
const blocksMax = 8;
/** The last one does not split. */
const grains: readonly Grain[] = [[2, 1], [4, 2, 1], [4, 1], [8, 4, 2, 1], noSplitting.grain];
/** A slow node is so many times slower. */
const slownessMin = 10;
const slownessMax = 100;
/** When events come in bursts, one burst comes after so many units of time. */
const burstEvery = [50, 200, 1000] as const;
const linkDelayMax = 200;
/** More than the blocks that there are. */
const pushWindowMax = 16;

export function simulatedCluster(seed: number): SimulationOptions {
  const random = new Prng(seed);
  const isLarge = random.below(largeEvery) === 0;
  const nodes = isLarge ? nodesMax >>> random.below(2) : 2 + random.below(fewNodesMax - 1);
  const grain = random.pick(grains);
  const granules = grain[0]!;
  const splitting: Splitting = { grain, after: random.below(4), patienceMax: 1 + random.below(4) };
  const threads = Array.from({ length: nodes }, () => (isLarge ? 1 : 1 + random.below(threadsMax)));
  const some = (share: number) => threads.map((_, node) => node).filter(() => random.chance(share));
  const clearing = random.pick(['resets', 'resets', 'maps', 'none']);
  return {
    nodes,
    blocks: 1 + random.below(Math.min(blocksMax, granulesMax / granules)),
    slots: Math.max(4, granules * (1 + random.below(2))),
    splitting,
    splits: granules > 1 && random.chance(0.6),
    threads,
    kernels: some(0.3),
    loaders: some(0.1),
    exclusives: random.chance(0.5) ? some(0.7) : [],
    placement: random.pick(['striped', 'central', 'grouped']),
    migratoryGrants: random.below(3),
    resets: clearing === 'resets',
    maps: clearing === 'maps',
    pinExpiry: random.chance(0.3),
    silentUse: random.chance(0.7),
    holds: random.chance(0.5),
    pushes: random.chance(0.6),
    marks: random.chance(0.5),
    ...(random.chance(0.5) ? { pushWindowMax: 2 + random.below(pushWindowMax - 1) } : {}),
    residency: random.chance(0.4),
    operationsPerThread: isLarge ? 6 : 10 + random.below(30),
    resetsMax: 8,
    slow: random.chance(0.3) ? some(0.3) : [],
    slowness: slownessMin + random.below(slownessMax - slownessMin + 1),
    linkDelayMax: random.chance(0.5) ? linkDelayMax : 0,
    burstEvery: random.chance(0.2) ? random.pick(burstEvery) : 0,
  };
}
