/** The clusters that the explorer covers, and the seeded faults with what each must lead to. */
import type { Fault } from '../src/coherence/faults.ts';
import type { ModelOptions } from '../src/coherence/model/options.ts';
import type { Splitting } from '../src/coherence/part.ts';

/** A search that needs more states is given up as incomplete. */
export const statesMax = 10_000_000;

const plain: ModelOptions = {
  nodes: 3,
  blocks: 1,
  slots: 1,
  threads: [1, 1, 1],
  placement: 'central',
  migratoryGrants: 0,
  resets: false,
  pinExpiry: false,
};

const everything: ModelOptions = {
  ...plain,
  pushes: true,
  resets: true,
  migratoryGrants: 1,
  holds: true,
  pinExpiry: true,
};

const halves: Splitting = { grain: [2, 1], after: 0, patienceMax: 1 };
/** One block of two parts that the home splits and merges at any time. */
const parted: ModelOptions = { ...plain, slots: 2, splitting: halves, splits: true };
const twoParted: ModelOptions = { ...parted, nodes: 2, threads: [1, 1] };

const exclusive: ModelOptions = { ...plain, nodes: 2, threads: [1, 1], exclusives: [0, 1] };
const twoBlocks: ModelOptions = { ...plain, blocks: 2 };
/** Two alike nodes beside a home without threads. */
const besideHome: ModelOptions = { ...twoBlocks, threads: [0, 1, 1] };

export interface ClusterCase {
  readonly name: string;
  /** Takes minutes: `npm run explore` alone has it. */
  readonly long?: boolean;
  readonly options: ModelOptions;
}

/**
 * Loads and stores are unbounded in all of them; bounded are the threads, and the resets to one at a time.
 *
 * With 3 nodes and 2 blocks there are loads, stores, upgrades and handshakes (each of these clusters), pushes, splits and
 * merges, wandering blocks with residency and holds, exclusives, map changes. Map changes have one thread there, since two
 * that load have more than 400,000 states; marked pushes and resets have two nodes, or one block.
 */
export const clusters: readonly ClusterCase[] = [
  { name: '3 nodes', options: plain },
  { name: '3 nodes, a lost pin is no finding', options: { ...plain, lenientPins: true } },
  {
    name: '3 nodes, pins expire, wandering blocks, holds',
    options: { ...plain, pinExpiry: true, migratoryGrants: 2, holds: true },
  },
  { name: '3 nodes, silent use', options: { ...plain, silentUse: true } },
  { name: '2 nodes, 2 blocks, silent use', options: { ...twoBlocks, nodes: 2, threads: [1, 1], silentUse: true } },
  { name: '3 nodes, 2 blocks, threads beside the home, silent use', options: { ...besideHome, silentUse: true } },
  {
    name: '3 nodes, 2 blocks of two homes, silent use',
    options: { ...besideHome, placement: 'striped', silentUse: true },
  },
  {
    name: '3 nodes, 2 blocks, wandering blocks, holds, residency, silent use',
    options: { ...besideHome, migratoryGrants: 1, holds: true, residency: true, silentUse: true },
  },
  { name: '4 nodes, two of them only load', options: { ...plain, nodes: 4, threads: [1, 1, 1, 1], loaders: [2, 3] } },
  { name: '3 nodes, resets', options: { ...plain, resets: true } },
  { name: '2 nodes, map changes', options: { ...plain, nodes: 2, threads: [1, 1], maps: true } },
  { name: '2 nodes, map changes, pushes', options: { ...plain, nodes: 2, threads: [1, 1], maps: true, pushes: true } },
  { name: '3 nodes, map changes, threads beside the home', options: { ...plain, threads: [0, 1, 1], maps: true } },
  { name: '3 nodes, 2 blocks, map changes, one thread', options: { ...twoBlocks, threads: [0, 1, 0], maps: true } },
  { name: '3 nodes, internal waiter at the home', options: { ...plain, kernels: [0] } },
  { name: '3 nodes, internal waiter elsewhere', options: { ...plain, kernels: [1] } },
  { name: '3 nodes, two threads at the home', options: { ...plain, threads: [2, 1, 1] } },
  { name: '3 nodes, two threads elsewhere', options: { ...plain, threads: [1, 2, 1] } },
  { name: '3 nodes, residency, wandering blocks', options: { ...plain, residency: true, migratoryGrants: 1 } },
  {
    name: '2 nodes, splits and merges, residency, pins expire',
    options: { ...twoParted, residency: true, pinExpiry: true },
  },
  { name: '3 nodes, pushes', options: { ...plain, pushes: true } },
  { name: '2 nodes, marked pushes', options: { ...plain, nodes: 2, threads: [1, 1], pushes: true, marks: true } },
  {
    name: '2 nodes, 2 blocks, pushes, one of them only loads',
    options: { ...twoBlocks, nodes: 2, threads: [1, 1], pushes: true, loaders: [1] },
  },
  {
    name: '2 nodes, pushes, resets, wandering blocks, holds, pins expire, internal waiter elsewhere',
    options: { ...everything, nodes: 2, threads: [1, 1], kernels: [1] },
  },
  { name: '2 nodes, splits and merges', options: twoParted },
  { name: '2 nodes, splits and merges, two threads elsewhere', options: { ...twoParted, threads: [0, 2] } },
  {
    name: '2 nodes, splits and merges, two threads load one half elsewhere, silent use',
    options: { ...twoParted, threads: [1, 2], loaders: [1], places: [[0, 1], [0]], silentUse: true },
  },
  { name: '2 nodes, splits and merges, pushes', options: { ...twoParted, pushes: true } },
  {
    name: '2 nodes, splits and merges, wandering blocks, holds, pins expire',
    options: { ...twoParted, migratoryGrants: 1, holds: true, pinExpiry: true },
  },
  { name: '1 node, exclusives, two threads', options: { ...exclusive, nodes: 1, threads: [2], exclusives: [0] } },
  { name: '2 nodes, exclusives', options: exclusive },
  { name: '2 nodes, exclusives, residency', options: { ...exclusive, residency: true } },
  { name: '3 nodes, exclusives on one of them', options: { ...plain, exclusives: [1], loaders: [2] } },
  {
    name: '2 nodes, splits and merges by the conflicts',
    options: { ...twoParted, splits: false, splitting: { ...halves, after: 1 } },
  },
  {
    name: '3 nodes, silent use, pins expire, wandering blocks, holds',
    long: true,
    options: { ...plain, silentUse: true, pinExpiry: true, migratoryGrants: 2, holds: true },
  },
  {
    name: '2 nodes, splits and merges, two threads load elsewhere, silent use',
    long: true,
    options: { ...twoParted, threads: [1, 2], loaders: [1], silentUse: true },
  },
  { name: '3 nodes, exclusives at the home, stores elsewhere', long: true, options: { ...plain, exclusives: [0] } },
  { name: '2 nodes, exclusives, two threads elsewhere', long: true, options: { ...exclusive, threads: [1, 2] } },
  { name: '2 nodes, exclusives, map changes', long: true, options: { ...exclusive, maps: true } },
  { name: '3 nodes, 2 blocks, exclusives on one of them', long: true, options: { ...besideHome, exclusives: [1] } },
  {
    name: '3 nodes, 2 blocks, pushes, one of them only loads',
    long: true,
    options: { ...besideHome, pushes: true, loaders: [2] },
  },
  { name: '3 nodes, 2 blocks, one of them only loads', long: true, options: { ...twoBlocks, loaders: [2] } },
  {
    name: '3 nodes, 2 blocks of two homes, one of them only loads',
    long: true,
    options: { ...twoBlocks, placement: 'striped', loaders: [2] },
  },
  {
    name: '3 nodes, 2 blocks, splits and merges, each uses a half',
    long: true,
    options: { ...parted, blocks: 2, threads: [0, 1, 1], places: [[], [0], [1]] },
  },
  {
    name: '2 nodes, 2 blocks of two homes, resets',
    long: true,
    options: { ...twoBlocks, nodes: 2, threads: [1, 1], placement: 'striped', resets: true },
  },
  { name: '3 nodes, map changes', long: true, options: { ...plain, maps: true } },
  {
    name: '3 nodes, splits and merges; two use one half, one the other',
    long: true,
    options: { ...parted, places: [[0], [0], [1]] },
  },
  {
    name: '3 nodes, the same by the conflicts',
    long: true,
    options: { ...parted, splits: false, splitting: { ...halves, after: 2 }, places: [[0], [0], [1]] },
  },
  { name: '2 nodes, splits and merges, resets', long: true, options: { ...twoParted, resets: true } },
  {
    name: '2 nodes, splits and merges, internal waiter elsewhere',
    long: true,
    options: { ...twoParted, kernels: [1] },
  },
  {
    name: '2 nodes, pushes and all of that, two threads elsewhere',
    long: true,
    options: { ...everything, nodes: 2, threads: [1, 2] },
  },
  { name: '3 nodes, pushes, wandering blocks', long: true, options: { ...plain, pushes: true, migratoryGrants: 2 } },
  { name: '3 nodes, pushes, resets', long: true, options: { ...plain, pushes: true, resets: true } },
  {
    name: '3 nodes, all but second threads',
    options: { ...plain, resets: true, pinExpiry: true, migratoryGrants: 1, holds: true },
  },
];

export interface FaultCase {
  readonly faults: readonly Fault[];
  /** Found in this cluster, in so many events; without the faults nothing is (the cluster is explored for itself). */
  readonly cluster: string;
  readonly finds: RegExp;
  readonly steps: number;
}

const sharing = /can write|stale/;
const exclusives = /stores exclusively to block 0 though another thread/;
const splits = '2 nodes, splits and merges';

export const faultCases: readonly FaultCase[] = [
  { faults: ['unblockEarly'], cluster: '3 nodes', finds: /assertion: a second demand/, steps: 8 },
  { faults: ['unblockEarly', 'assertionsOff'], cluster: '3 nodes', finds: sharing, steps: 9 },
  { faults: ['ackBeforeHandshake'], cluster: '3 nodes', finds: sharing, steps: 11 },
  { faults: ['dataBeforeHandshake'], cluster: '3 nodes', finds: sharing, steps: 8 },
  { faults: ['trustRequestFlag'], cluster: '3 nodes', finds: sharing, steps: 32 },
  { faults: ['loseInvalidation'], cluster: '3 nodes', finds: /deadlock/, steps: 9 },
  { faults: ['forgetSharer'], cluster: '3 nodes', finds: sharing, steps: 13 },
  { faults: ['serveAgain'], cluster: '3 nodes, pushes', finds: /assertion|deadlock/, steps: 7 },
  { faults: ['refusePush'], cluster: '3 nodes, pushes', finds: /deadlock|assertion/, steps: 8 },
  { faults: ['markStays'], cluster: '2 nodes, marked pushes', finds: /livelock/, steps: 8 },
  { faults: ['ignorePin'], cluster: '3 nodes', finds: /before the access/, steps: 6 },
  { faults: ['ignorePin'], cluster: '3 nodes, a lost pin is no finding', finds: /livelock/, steps: 22 },
  {
    faults: ['pinsOutlast'],
    cluster: `${splits}, two threads load one half elsewhere, silent use`,
    finds: /deadlock/,
    steps: 23,
  },
  { faults: ['keepsAgain'], cluster: '3 nodes, residency, wandering blocks', finds: /kept again/, steps: 8 },
  { faults: ['splitBusy'], cluster: splits, finds: /assertion: Done/, steps: 6 },
  { faults: ['splitForgetsSharer'], cluster: splits, finds: sharing, steps: 12 },
  { faults: ['mergeAnyOwner'], cluster: splits, finds: /assertion: lines/, steps: 17 },
  { faults: ['demandsWhole'], cluster: splits, finds: /assertion: a line is divided/, steps: 15 },
  { faults: ['staleRange'], cluster: splits, finds: sharing, steps: 13 },
  { faults: ['forgetsOtherParts'], cluster: `${splits}, two threads elsewhere`, finds: /deadlock/, steps: 9 },
  { faults: ['downgradeLeavesTags'], cluster: '2 nodes, exclusives', finds: exclusives, steps: 19 },
  { faults: ['tagsBeforeHandshake'], cluster: '2 nodes, exclusives', finds: exclusives, steps: 22 },
  { faults: ['storeExclusiveLeavesTag'], cluster: '1 node, exclusives, two threads', finds: exclusives, steps: 10 },
  { faults: ['resetKeepsBytes'], cluster: '3 nodes, resets', finds: /shows what was there/, steps: 6 },
  { faults: ['resetForgetsSharer'], cluster: '3 nodes, resets', finds: /assertion: a reset of a block/, steps: 11 },
  { faults: ['resetBeforeAcks'], cluster: '3 nodes, resets', finds: sharing, steps: 8 },
  { faults: ['unmapsWithoutHandshake'], cluster: '2 nodes, map changes', finds: /uses what is unmapped/, steps: 8 },
];

/** The options of a case: its cluster with the faults. */
export function faultyCluster({ cluster, faults }: FaultCase): ModelOptions {
  const { options } = clusters.find(({ name }) => name === cluster)!;
  return { ...options, faults: Object.fromEntries(faults.map((fault) => [fault, true])) };
}
