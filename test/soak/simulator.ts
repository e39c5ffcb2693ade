/** The simulated clusters, each from a seed of its own, shared out to worker threads. */
import { Worker } from 'node:worker_threads';
import { missingPairs, possiblePairs } from '../../src/coherence/model/coverage-check.ts';
import { reportFailure, type SoakPart, secondsSince } from './part.ts';
import type { SimulatorReport, SimulatorShare } from './simulator-worker.ts';

const progressMs = 30_000;
/** So many clusters meet what is frequent by the table, and so many everything. */
const seedsForFrequent = 2000;
const seedsForRare = 100_000;
/** Failures that are printed with their events; of the others only the seed is. */
const tracesMax = 3;

export const simulatorPart: SoakPart = {
  name: 'simulator',
  help: '--seeds simulated clusters of up to 32 nodes, by the production code of the protocol',
  async run({ seed, seeds, jobs }) {
    const start = performance.now();
    let done = 0;
    let events = 0;
    let failures = 0;
    let told = start;
    const seen = new Map<string, number>();
    const note = (report: SimulatorReport) => {
      done += report.seeds;
      events += report.events;
      for (const [pair, times] of report.pairs) seen.set(pair, Math.max(times, seen.get(pair) ?? 0));
      for (const { seed: failed, violation, trace } of report.failures) {
        const details = failures++ < tracesMax ? trace.map((line) => `    ${line}`).join('\n') : '';
        reportFailure(
          `simulated cluster ${failed}: ${violation}`,
          `--only simulator --seeds 1 --seed ${failed}`,
          details,
        );
      }
      if (performance.now() - told < progressMs) return;
      told = performance.now();
      console.log(`simulator: ${done} of ${seeds} clusters, ${failures} failed, ${secondsSince(start)}`);
    };
    const last = seed + seeds - 1;
    await Promise.all(
      Array.from({ length: jobs }, (_, index) => share({ first: seed + index, last, step: jobs }, note)),
    );
    console.log(`simulator: ${done} clusters, ${events} events, ${failures} failed, ${secondsSince(start)}`);
    console.log(
      `simulator: ${seen.size} pairs of an event and a state were met, of ${possiblePairs.size} possible ones`,
    );
    const missing = missingPairs(seen, seeds >= seedsForRare);
    if (seeds < seedsForFrequent || missing.length === 0) return failures;
    for (const pair of missing) console.log(`FAILED not met, though possible: ${pair}`);
    return failures + 1;
  },
};

/** One worker's clusters; its end without an error is the end of all of them. */
function share(workerData: SimulatorShare, note: (report: SimulatorReport) => void): Promise<void> {
  const worker = new Worker(new URL('./simulator-worker.ts', import.meta.url), { workerData });
  worker.on('message', note);
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', resolve);
  });
}
