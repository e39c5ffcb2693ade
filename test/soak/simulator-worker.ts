/** Simulates every `step`th cluster from a first seed on, and tells its maker of failures and, now and then, how far it is. */
import { parentPort, workerData } from 'node:worker_threads';
import { simulate } from '../../src/coherence/simulator.ts';
import { simulatedCluster } from './simulated-cluster.ts';

export interface SimulatorShare {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** Seeds and events since the last report, and the failures among them. */
export interface SimulatorReport {
  readonly seeds: number;
  readonly events: number;
  readonly failures: readonly {
    readonly seed: number;
    readonly violation: string;
    readonly trace: readonly string[];
  }[];
}

const reportMs = 1000;

const { first, last, step } = workerData as SimulatorShare;
let seeds = 0;
let events = 0;
let failures: SimulatorReport['failures'] = [];
let reported = performance.now();

function report(): void {
  parentPort?.postMessage({ seeds, events, failures } satisfies SimulatorReport);
  seeds = 0;
  events = 0;
  failures = [];
  reported = performance.now();
}

for (let seed = first; seed <= last; seed += step) {
  const result = simulate(simulatedCluster(seed), seed);
  seeds++;
  events += result.events;
  if (result.violation !== undefined)
    failures = [...failures, { seed, violation: result.violation, trace: result.trace }];
  if (performance.now() - reported > reportMs) report();
}
report();
