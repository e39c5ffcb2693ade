/** Simulates every `step`th cluster from a first seed on, and tells its maker of failures and, now and then, how far it is. */
import { parentPort, workerData } from 'node:worker_threads';
import { Coverage } from '../../src/coherence/model/coverage.ts';
import { impossiblePairs } from '../../src/coherence/model/coverage-check.ts';
import { simulatedCluster } from '../../src/coherence/simulated-cluster.ts';
import { simulate } from '../../src/coherence/simulator.ts';

export interface SimulatorShare {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** Seeds and events since the last report, and the failures among them; pairs of an event and a state met so far. */
export interface SimulatorReport {
  readonly seeds: number;
  readonly events: number;
  readonly pairs: ReadonlyMap<string, number>;
  readonly failures: readonly {
    readonly seed: number;
    readonly violation: string;
    readonly trace: readonly string[];
  }[];
}

const reportMs = 1000;

const { first, last, step } = workerData as SimulatorShare;
/** One cluster alone is one that is done again: all its events are of interest. */
const linesMax = first === last ? Number.POSITIVE_INFINITY : undefined;
let seeds = 0;
let events = 0;
let failures: SimulatorReport['failures'] = [];
let reported = performance.now();
const coverage = new Coverage();
/** Pairs that the table calls impossible, and that were told. */
let impossible = 0;

function report(): void {
  parentPort?.postMessage({ seeds, events, pairs: coverage.pairs(), failures } satisfies SimulatorReport);
  seeds = 0;
  events = 0;
  failures = [];
  reported = performance.now();
}

for (let seed = first; seed <= last; seed += step) {
  const result = simulate(simulatedCluster(seed), seed, coverage, linesMax);
  seeds++;
  events += result.events;
  if (result.violation !== undefined)
    failures = [...failures, { seed, violation: result.violation, trace: result.trace }];
  const pairs = impossiblePairs(coverage.pairs());
  if (pairs.length > impossible) {
    const violation = `called impossible, but met: ${pairs.slice(impossible).join('; ')}`;
    failures = [...failures, { seed, violation, trace: [] }];
    impossible = pairs.length;
  }
  if (performance.now() - reported > reportMs) report();
}
report();
