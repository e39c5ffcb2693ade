import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explore } from './explorer.ts';
import type { ModelOptions } from './model/options.ts';

const statesMax = 60_000;
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
const twoBlocks: ModelOptions = { ...plain, nodes: 2, blocks: 2, threads: [1, 1] };

/** Clusters with the number of their symmetries, beyond which no state can stand for others. */
const cases: readonly (readonly [name: string, symmetries: number, options: ModelOptions])[] = [
  ['nodes that are no home', 2, plain],
  ['blocks of one home', 2, twoBlocks],
  ['homes with their blocks', 2, { ...twoBlocks, placement: 'striped' }],
  ['nodes whose memory map changes', 2, { ...plain, threads: [0, 1, 1], loaders: [1, 2], maps: true }],
  ['threads of one node', 2, { ...plain, nodes: 2, threads: [1, 2] }],
];

for (const [name, symmetries, options] of cases) {
  test(`states that differ in names alone stand for each other: ${name}`, () => {
    const full = explore(options, statesMax, false);
    const reduced = explore(options, statesMax);
    assert.equal(full.finding, undefined);
    assert.equal(reduced.finding, undefined);
    assert.ok(full.complete && reduced.complete);
    // The same states, counted one by one and by how many each stands for.
    assert.equal(reduced.named, full.states);
    assert.ok(reduced.states < full.states && reduced.states >= full.states / symmetries);
  });
}

test('blocks of one home are not alike when ranges are reset', () => {
  for (const clears of [{ resets: true }, { maps: true }]) {
    const { states, named } = explore({ ...twoBlocks, threads: [1, 0], ...clears }, statesMax);
    assert.equal(states, named);
  }
});

for (const fault of ['unblockEarly', 'dataBeforeHandshake', 'forgetSharer', 'loseInvalidation'] as const) {
  test(`a mistake is as far away among states up to names: ${fault}`, () => {
    const faulty = { ...plain, faults: { [fault]: true } };
    const full = explore(faulty, statesMax, false).finding;
    const reduced = explore(faulty, statesMax).finding;
    assert.equal(reduced?.trace.length, full?.trace.length);
    assert.ok(full !== undefined && full.trace.length > 0);
  });
}
