/**
 * An independent model of the core protocol (test/model/coherence.m, for rumur) beside the explorer, which runs the
 * production code: both find nothing, both find each seeded mistake, and both need a third node for one of them.
 */
import assert from 'node:assert/strict';
import { explore } from '../src/coherence/explorer.ts';
import type { Faults } from '../src/coherence/faults.ts';
import { type Case, runCases } from './cases.ts';
import { clusters, statesMax } from './explore.table.ts';
import { checkModel } from './model-checker.ts';

/** The explorer's smallest cluster: what the model has, it has, and the other way round. */
const cluster = clusters[0]!.options;
const sharing = /one writer|stale bytes|stored last/;

/** Each mistake with what the model must find; the explorer's own words are in explore.table.ts. */
const faults: readonly (readonly [fault: keyof Faults, finds: RegExp])[] = [
  ['unblockEarly', /not held|second demand/],
  ['ackBeforeHandshake', sharing],
  ['dataBeforeHandshake', sharing],
  ['trustRequestFlag', sharing],
  ['loseInvalidation', /deadlock|answered|comes to rest/],
  ['forgetSharer', sharing],
  ['ignorePin', /kept until the access/],
];

const cases: Case[] = [
  {
    name: 'no violation, as the explorer finds none',
    run() {
      const { states, finding, trace } = checkModel();
      assert.equal(finding, undefined, trace.join('\n'));
      const explored = explore(cluster, statesMax);
      assert(explored.complete && explored.finding === undefined);
      console.log(`model: ${states} states up to symmetry, no violation; explorer: ${explored.states} states, none`);
    },
  },
  {
    name: "an upgrade by the request's flag goes unnoticed with two nodes, as in the explorer",
    run() {
      assert.equal(checkModel({ trustRequestFlag: 1, nodes: 2 }).finding, undefined);
      const two = { ...cluster, nodes: 2, threads: [1, 1], faults: { trustRequestFlag: true } };
      assert.equal(explore(two, statesMax).finding, undefined);
    },
  },
];
for (const [fault, finds] of faults) {
  cases.push({
    name: `finds ${fault}, as the explorer does`,
    run() {
      const { states, finding, trace } = checkModel({ [fault]: 1 });
      assert.match(finding ?? 'nothing', finds);
      const explored = explore({ ...cluster, faults: { [fault]: true } }, statesMax);
      assert(explored.finding !== undefined, 'the explorer finds nothing');
      const steps = `${trace.length - 1} steps, ${states} states`;
      console.log(`model: ${fault}: ${finding} (${steps}); explorer: ${explored.finding.what}`);
    },
  });
}
runCases(import.meta.url, 'model', cases);
