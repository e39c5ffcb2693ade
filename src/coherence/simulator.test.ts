import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Coverage } from './model/coverage.ts';
import { impossiblePairs, missingPairs } from './model/coverage-check.ts';
import { simulatedCluster } from './simulated-cluster.ts';
import { type SimulationOptions, simulate } from './simulator.ts';

const seeds = 2000;

test(`${seeds} simulated clusters hold, and every event meets every state that it can meet`, {
  timeout: 300_000,
}, () => {
  const coverage = new Coverage();
  for (let seed = 1; seed <= seeds; seed++) {
    const { violation, trace } = simulate(simulatedCluster(seed), seed, coverage);
    const again = `npm run soak -- --only simulator --seeds 1 --seed ${seed}`;
    assert.equal(violation, undefined, `seed ${seed}: ${violation}; again: ${again}\n${trace.join('\n')}`);
  }
  const seen = coverage.pairs();
  assert.deepEqual(impossiblePairs(seen), []);
  assert.deepEqual(missingPairs(seen, false), []);
});

test('a simulated cluster repeats from its seed', () => {
  const faults = { loseInvalidation: true };
  for (const seed of [1, 2, 3, 42]) {
    const options = { ...simulatedCluster(seed), faults };
    assert.deepEqual(simulate(options, seed), simulate(options, seed));
  }
});

test('a home chooses among as many sharers as a large cluster has', () => {
  const nodes = 32;
  const options: SimulationOptions = {
    nodes,
    blocks: 2,
    slots: 1,
    threads: new Array<number>(nodes).fill(1),
    loaders: Array.from({ length: nodes - 2 }, (_, index) => index + 2),
    placement: 'central',
    migratoryGrants: 0,
    resets: false,
    pinExpiry: false,
    residency: true,
    operationsPerThread: 6,
    resetsMax: 0,
  };
  for (let seed = 1; seed <= 5; seed++) assert.equal(simulate(options, seed).violation, undefined, `seed ${seed}`);
});

test('the simulated clusters are of all the kinds that there are', () => {
  const clusters = Array.from({ length: seeds }, (_, seed) => simulatedCluster(seed + 1));
  assert.equal(Math.max(...clusters.map(({ nodes }) => nodes)), 32);
  for (const has of [
    ({ slow = [] }) => slow.length > 0,
    ({ burstEvery = 0 }) => burstEvery > 0,
    ({ linkDelayMax = 0 }) => linkDelayMax > 0,
    ({ exclusives = [] }) => exclusives.length > 0,
    ({ maps }) => maps === true,
    ({ resets }) => resets,
  ] satisfies ((options: (typeof clusters)[number]) => boolean)[])
    assert.ok(clusters.some(has) && !clusters.every(has));
});
