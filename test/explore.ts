/**
 * `npm run explore`: every state of small clusters, by the production code of src/coherence. Without seeded faults
 * nothing may be found; with each of them something must be, and the shortest way to it is printed. `states` are those that
 * were looked at; `named` counts those too that differ from them only in which node, block or thread is which.
 */
import { performance } from 'node:perf_hooks';
import { type Exploration, explore } from '../src/coherence/explorer.ts';
import { faultMeanings } from '../src/coherence/faults.ts';
import { Coverage } from '../src/coherence/model/coverage.ts';
import { impossiblePairs, possiblePairs } from '../src/coherence/model/coverage-check.ts';
import { clusters, faultCases, faultyCluster, statesMax } from './explore.table.ts';

const columns = [60, 10, 10, 13, 8] as const;

function row(...cells: readonly (string | number)[]): void {
  const padded = cells.map((cell, index) => {
    const width = columns[index];
    if (width === undefined) return String(cell);
    return index === 0 ? String(cell).padEnd(width) : String(cell).padStart(width);
  });
  console.log(padded.join('  '));
}

function timed(run: () => Exploration): { result: Exploration; seconds: string } {
  const start = performance.now();
  const result = run();
  return { result, seconds: ((performance.now() - start) / 1000).toFixed(1) };
}

let unexpected = 0;
const coverage = new Coverage();
row('cluster or fault', 'states', 'named', 'transitions', 'seconds', 'result');
for (const { name, options } of clusters) {
  const { result, seconds } = timed(() => explore(options, statesMax, true, coverage));
  const verdict = result.finding?.what ?? (result.complete ? 'no violation' : 'NOT COMPLETE');
  row(name, result.states, result.named, result.transitions, seconds, verdict);
  if (result.finding === undefined && result.complete) continue;
  unexpected++;
  for (const [index, line] of (result.finding?.trace ?? []).entries()) console.log(`    ${index + 1}. ${line}`);
}
const seen = coverage.pairs();
console.log(`explore: ${seen.size} pairs of an event and a state were met, of ${possiblePairs.size} possible ones`);
for (const pair of impossiblePairs(seen)) {
  console.log(`explore: called impossible, but met: ${pair}`);
  unexpected++;
}
for (const one of faultCases) {
  const { faults, cluster, finds, steps } = one;
  const { result, seconds } = timed(() => explore(faultyCluster(one), statesMax));
  const found = result.finding;
  const what = `${found?.what ?? 'NOTHING FOUND'} (${found?.trace.length} events, in ${cluster})`;
  row(`fault: ${faults.join(', ')}`, result.states, result.named, result.transitions, seconds, what);
  for (const fault of faults) console.log(`    ${faultMeanings[fault]}`);
  for (const [index, line] of (found?.trace ?? []).entries()) console.log(`    ${index + 1}. ${line}`);
  if (found === undefined || !finds.test(found.what) || found.trace.length !== steps) unexpected++;
}
console.log(unexpected === 0 ? 'explore: all as expected' : `explore: ${unexpected} unexpected results`);
process.exitCode = unexpected === 0 ? 0 : 1;
