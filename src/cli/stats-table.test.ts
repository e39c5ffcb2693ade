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
    pagesRepeated: 0,
    pagesCompressed: 0,
    bytesSaved: 0,
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

test('what was saved on the lines is told of the nodes that saved', () => {
  const counters = {
    node: 0,
    threads: 1,
    blocksFetched: 0,
    blocksGivenUp: 0,
    splits: 0,
    merges: 0,
    bytesIn: 0,
    bytesOut: 0,
    pagesRepeated: 12,
    pagesCompressed: 34_567,
    bytesSaved: 45_678_901,
    callsDelegated: 0,
    regionsTranslated: 0,
  };
  const lines = statsTable([counters, { ...counters, node: 1, bytesSaved: 0 }]).split('\n');
  assert.match(lines.at(-3) ?? '', /^ *1 /);
  assert.equal(lines.at(-1), ' node 0: 12 pages went as one word, 34,567 compressed; 45,679 kB less out');
});
