/** The coverage page keeps the figures: what it says is read back, and a run changes what it ran. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf, renderPage, withTallies } from './fuzz-page.ts';
import { fuzzRows, keyOf } from './fuzz-rows.ts';
import { tierNames } from './fuzz-tiers.ts';

const [first, second, third] = fuzzRows.map(keyOf) as [string, string, string];
const all = (cases: number) => ({ interpreter: cases, optimiser: cases, translator: cases });

test('a page has every row once, and its figures are read back', () => {
  const figures = new Map(fuzzRows.map((row, index) => [keyOf(row), all(index * 7)]));
  figures.set('block A32', all(12_345));
  figures.set('block Thumb', all(0));
  const page = renderPage(figures);
  assert.deepEqual(figuresOf(page), figures);
  assert.equal(renderPage(figuresOf(page)), page);
});

test('a longer run raises a figure, a shorter one leaves it, and a difference clears it', () => {
  const before = new Map([first, second, third].map((label) => [label, all(1000)]));
  const tallies = [
    { label: first, cases: 2000, different: {} },
    { label: second, cases: 20, different: {} },
    { label: third, cases: 20, different: { translator: 1 } },
  ];
  const after = withTallies(before, tallies, tierNames);
  assert.deepEqual(after.get(first), all(2000));
  assert.deepEqual(after.get(second), all(1000));
  assert.deepEqual(after.get(third), { ...all(1000), translator: 0 });
  const only = withTallies(before, tallies, ['interpreter']);
  assert.deepEqual(only.get(first), { ...all(1000), interpreter: 2000 });
});
