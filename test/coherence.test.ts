import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explore } from '../src/coherence/explorer.ts';
import type { Faults } from '../src/coherence/faults.ts';
import { type SimulationOptions, simulate } from '../src/coherence/simulator.ts';
import { clusters, faultCases, statesMax } from './explore.table.ts';

for (const { name, options, long } of clusters) {
  if (long) continue;
  test(`every state holds: ${name}`, { timeout: 170_000 }, () => {
    const result = explore(options, statesMax);
    assert.equal(result.finding, undefined, `${result.finding?.what}\n${result.finding?.trace.join('\n')}`);
    assert.ok(result.complete, `stopped at ${result.states} states`);
  });
}

for (const { name, options, finds } of faultCases) {
  test(`the explorer notices: ${name}`, { timeout: 60_000 }, () => {
    assert.match(explore(options, statesMax).finding?.what ?? 'nothing', finds);
  });
}

const seeds = 1000;
const simulated: SimulationOptions = {
  nodes: 5,
  blocks: 8,
  slots: 4,
  threads: [2, 2, 2, 2, 2],
  kernels: [0, 3],
  placement: 'striped',
  migratoryGrants: 2,
  resets: true,
  pinExpiry: false,
  operationsPerThread: 25,
  resetsMax: 2,
};

const parts = { grain: [4, 2, 1], after: 0, patienceMax: 4 };
const parted: SimulationOptions = { ...simulated, blocks: 4, slots: 8, splitting: parts, splits: true };

/** The first failing seed from 1 up, or undefined. */
function firstFailure(options: SimulationOptions, last: number) {
  for (let seed = 1; seed <= last; seed++) {
    const result = simulate(options, seed);
    if (result.violation !== undefined) return result;
  }
  return undefined;
}

for (const [name, options] of Object.entries({
  'many homes': simulated,
  'many homes, pushes': { ...simulated, pushes: true },
  'central homes, pins that expire, residency, one hot block': {
    ...simulated,
    placement: 'central',
    pinExpiry: true,
    residency: true,
    blocks: 1,
  } as const,
  'blocks that split and merge at random, pushes, residency': { ...parted, pushes: true, residency: true },
  'blocks that split by their conflicts': { ...parted, splits: false, splitting: { ...parts, after: 2 } },
  '32 nodes, blocks that split and merge': {
    ...parted,
    nodes: 32,
    threads: new Array<number>(32).fill(1),
    operationsPerThread: 6,
    seeds: 50,
  },
})) {
  const count = 'seeds' in options ? options.seeds : seeds;
  test(`${count} simulated clusters: ${name}`, { timeout: 120_000 }, () => {
    const failure = firstFailure(options, count);
    assert.equal(failure, undefined, `seed ${failure?.seed}: ${failure?.violation}\n${failure?.trace.join('\n')}`);
  });
}

test('a simulated cluster repeats from its seed', () => {
  assert.deepEqual(simulate(simulated, 42), simulate(simulated, 42));
});

const faults: readonly (keyof Faults)[] = [
  'serveAgain',
  'refusePush',
  'unblockEarly',
  'ackBeforeHandshake',
  'dataBeforeHandshake',
  'trustRequestFlag',
  'loseInvalidation',
  'forgetSharer',
  'ignorePin',
  'keepsAgain',
  'splitBusy',
  'splitForgetsSharer',
  'mergeAnyOwner',
  'demandsWhole',
  'staleRange',
  'forgetsOtherParts',
];
for (const fault of faults) {
  test(`the simulator notices: ${fault}`, { timeout: 60_000 }, () => {
    const failure = firstFailure({ ...parted, pushes: true, residency: true, faults: { [fault]: true } }, seeds);
    assert.ok(failure !== undefined && failure.trace.length > 0);
  });
}
