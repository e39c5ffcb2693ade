import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statsTable } from './stats-table.ts';

test('the table fits 80 columns, and has a line for each node with its figures', () => {
  const counters = [0, 1, 63].map((node) => ({
    node,
    threads: 4000 + node,
    blocksFetched: 1_234_567,
    blocksGivenUp: 7_654_321,
    splits: 456,
    merges: 123,
    bytesIn: 45_678_901_234,
    bytesOut: 499,
    callsDelegated: 9_876_543,
    regionsTranslated: 100_000,
  }));
  const lines = statsTable(counters).split('\n');
  for (const line of lines) assert.ok(line.length <= 80, line);
  const rows = lines.map((line) => line.trim().split(/\s+/));
  assert.deepEqual(rows.at(-3), [
    '1',
    '4,001',
    '1,234,567',
    '7,654,321',
    '456/123',
    '45,678,901',
    '0',
    '9,876,543',
    '100,000',
  ]);
  assert.deepEqual(rows.at(-2)?.slice(0, 2), ['63', '4,063']);
  assert.match(lines.at(-4) ?? '', /^ *0 \(master\) /);
});

test('a node that did not tell has a line without figures', () => {
  const lines = statsTable([undefined]).split('\n');
  assert.match(lines.at(-2) ?? '', /^ *0( +\?){8}$/);
});
