import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explore } from '../src/coherence/explorer.ts';
import { faultMeanings } from '../src/coherence/faults.ts';
import { simulatedCluster } from '../src/coherence/simulated-cluster.ts';
import { type Simulation, simulate } from '../src/coherence/simulator.ts';
import { clusters, faultCases, faultyCluster, statesMax } from './explore.table.ts';

for (const { name, options, long } of clusters) {
  if (long) continue;
  test(`every state holds: ${name}`, { timeout: 170_000 }, () => {
    const result = explore(options, statesMax);
    assert.equal(result.finding, undefined, `${result.finding?.what}\n${result.finding?.trace.join('\n')}`);
    assert.ok(result.complete, `stopped at ${result.states} states`);
  });
}

for (const one of faultCases) {
  const { faults, cluster, finds, steps } = one;
  test(`the explorer notices: ${faults.join(', ')}, in ${cluster}`, { timeout: 60_000 }, () => {
    const { finding } = explore(faultyCluster(one), statesMax);
    assert.match(finding?.what ?? 'nothing', finds);
    assert.equal(finding?.trace.length, steps);
  });
}

test('each seeded mistake has a case', () => {
  const covered = new Set(faultCases.flatMap(({ faults }) => faults));
  assert.deepEqual([...covered].sort(), Object.keys(faultMeanings).sort());
  // What finds nothing without a mistake is shown above.
  for (const { cluster } of faultCases)
    assert.ok(
      clusters.some(({ name, long }) => name === cluster && !long),
      cluster,
    );
});

/** Each mistake shows among so many clusters. Those without one are simulated in src/coherence/simulator.test.ts. */
const seeds = 1000;

function failureWith(fault: string): Simulation | undefined {
  for (let seed = 1; seed <= seeds; seed++) {
    const result = simulate({ ...simulatedCluster(seed), faults: { [fault]: true } }, seed);
    if (result.violation !== undefined) return result;
  }
  return undefined;
}

for (const fault of Object.keys(faultMeanings)) {
  // Not a mistake by itself: it lets the consequences of others show.
  if (fault === 'assertionsOff') continue;
  test(`the simulator notices: ${fault}`, { timeout: 60_000 }, () => {
    const failure = failureWith(fault);
    assert.ok(failure !== undefined && failure.trace.length > 0);
  });
}
