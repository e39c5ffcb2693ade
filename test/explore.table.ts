/** The clusters that the explorer covers, and the seeded faults with what each must lead to. */
import type { Faults } from '../src/coherence/faults.ts';
import type { ModelOptions } from '../src/coherence/model/options.ts';
import type { Splitting } from '../src/coherence/part.ts';

/** A search that needs more states is given up as incomplete. */
export const statesMax = 1_500_000;

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

const exclusive: ModelOptions = { ...plain, nodes: 2, threads: [1, 2], exclusives: [0, 1] };

export interface ClusterCase {
  readonly name: string;
  /** Takes minutes: `npm run explore` alone has it. */
  readonly long?: boolean;
  readonly options: ModelOptions;
}

/** Loads and stores are unbounded in all of them; bounded are the threads, and the resets to one at a time. */
export const clusters: readonly ClusterCase[] = [
  { name: '3 nodes', options: plain },
  {
    name: '3 nodes, pins expire, wandering blocks, holds',
    options: { ...plain, pinExpiry: true, migratoryGrants: 2, holds: true },
  },
  { name: '2 nodes, 2 blocks', options: { ...plain, nodes: 2, blocks: 2, threads: [1, 1] } },
  { name: '4 nodes, two of them only load', options: { ...plain, nodes: 4, threads: [1, 1, 1, 1], loaders: [2, 3] } },
  { name: '3 nodes, resets', options: { ...plain, resets: true } },
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
  {
    name: '2 nodes, 2 blocks, pushes, one of them only loads',
    options: { ...plain, nodes: 2, blocks: 2, threads: [1, 1], pushes: true, loaders: [1] },
  },
  {
    name: '2 nodes, pushes, resets, wandering blocks, holds, pins expire, internal waiter elsewhere',
    options: { ...everything, nodes: 2, threads: [1, 1], kernels: [1] },
  },
  { name: '2 nodes, splits and merges, pushes', options: { ...twoParted, pushes: true } },
  {
    name: '2 nodes, splits and merges, wandering blocks, holds, pins expire',
    options: { ...twoParted, migratoryGrants: 1, holds: true, pinExpiry: true },
  },
  { name: '2 nodes, exclusives', options: { ...exclusive, threads: [1, 1] } },
  { name: '3 nodes, exclusives on one of them', options: { ...plain, exclusives: [1], loaders: [2] } },
  { name: '3 nodes, exclusives at the home, stores elsewhere', long: true, options: { ...plain, exclusives: [0] } },
  { name: '2 nodes, exclusives, two threads elsewhere', long: true, options: exclusive },
  {
    name: '2 nodes, splits and merges by the conflicts',
    options: { ...twoParted, splits: false, splitting: { ...halves, after: 1 } },
  },
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
  readonly name: string;
  readonly options: ModelOptions;
  readonly finds: RegExp;
}

const faulty = (faults: Faults, more: Partial<ModelOptions> = {}): ModelOptions => ({ ...plain, ...more, faults });
const splitFaulty = (faults: Faults): ModelOptions => ({ ...twoParted, faults });
const exclusiveFaulty = (faults: Faults): ModelOptions => ({ ...exclusive, faults });
const sharing = /can write|stale/;
const exclusives = /stores exclusively to block 0 though another thread/;

export const faultCases: readonly FaultCase[] = [
  { name: 'home unblocks before Done', options: faulty({ unblockEarly: true }), finds: /assertion/ },
  { name: 'the same, assertions off', options: faulty({ unblockEarly: true, assertionsOff: true }), finds: sharing },
  { name: 'acknowledged before the handshake', options: faulty({ ackBeforeHandshake: true }), finds: sharing },
  { name: 'data sent before the handshake', options: faulty({ dataBeforeHandshake: true }), finds: sharing },
  { name: "upgrade by the request's flag", options: faulty({ trustRequestFlag: true }), finds: sharing },
  { name: 'invalidation lost', options: faulty({ loseInvalidation: true }), finds: /deadlock/ },
  { name: 'sharer forgotten', options: faulty({ forgetSharer: true }), finds: sharing },
  {
    name: 'a satisfied request is served again',
    options: faulty({ serveAgain: true }, { pushes: true }),
    finds: /assertion|deadlock/,
  },
  { name: 'a push refused', options: faulty({ refusePush: true }, { pushes: true }), finds: /deadlock|assertion/ },
  { name: 'pin ignored', options: faulty({ ignorePin: true }), finds: /before the access/ },
  { name: 'a residency without end', options: faulty({ keepsAgain: true }, { residency: true }), finds: /livelock/ },
  { name: 'split in the middle of a transaction', options: splitFaulty({ splitBusy: true }), finds: /assertion: Done/ },
  { name: 'a split forgets a sharer', options: splitFaulty({ splitForgetsSharer: true }), finds: sharing },
  {
    name: 'parts of different owners are merged',
    options: splitFaulty({ mergeAnyOwner: true }),
    finds: /assertion: lines/,
  },
  { name: 'the whole block is demanded for a part', options: splitFaulty({ demandsWhole: true }), finds: /assertion/ },
  {
    name: 'a grant taken for the range that was asked for',
    options: splitFaulty({ staleRange: true }),
    finds: sharing,
  },
  {
    name: 'who waits for another part than comes is forgotten',
    options: { ...twoParted, threads: [1, 2], faults: { forgetsOtherParts: true } },
    finds: /deadlock/,
  },
  {
    name: 'a downgrade leaves the tags of exclusives',
    options: exclusiveFaulty({ downgradeLeavesTags: true }),
    finds: exclusives,
  },
  {
    name: 'tags of exclusives are changed before the handshake',
    options: exclusiveFaulty({ tagsBeforeHandshake: true }),
    finds: exclusives,
  },
  {
    name: 'a store-exclusive leaves its tag',
    options: exclusiveFaulty({ storeExclusiveLeavesTag: true }),
    finds: exclusives,
  },
  {
    name: 'pin ignored, its consequence',
    options: faulty({ ignorePin: true }, { lenientPins: true }),
    finds: /livelock/,
  },
];
