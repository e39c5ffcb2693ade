import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conflicts } from './conflicts.ts';
import { type Part, pageSplitting } from './part.ts';
import { NumberReader } from './port.ts';

const { grain } = pageSplitting;
const whole: Part = { first: 0, level: 0 };

/** What becomes of a page after writes of (node, granule). */
function separated(writes: readonly (readonly [node: number, granule: number])[]): string {
  const conflicts = new Conflicts();
  for (const [node, granule] of writes) conflicts.note(node, granule, true);
  return conflicts
    .separate(whole, grain)
    .map(({ first, level }) => `${level}:${first}`)
    .join(' ');
}

test('nodes that use different kilobytes get one each', () => {
  const apart = '1:0 1:16 1:32 1:48';
  assert.equal(
    separated([
      [1, 0],
      [2, 63],
    ]),
    apart,
  );
});

test('only what is contended becomes fine', () => {
  const neighbours = separated([
    [1, 20],
    [2, 21],
  ]);
  assert.equal(neighbours, '1:0 2:16 3:20 3:21 3:22 3:23 2:24 2:28 1:32 1:48');
});

test('what one writes and another uses is true sharing, whatever else they use', () => {
  const sharing = [
    [1, 5],
    [2, 40],
    [2, 5],
  ] as const;
  assert.equal(separated(sharing), '0:0');
});

test('what several only read is no conflict', () => {
  const conflicts = new Conflicts();
  for (const node of [1, 2, 3]) conflicts.note(node, 0, false);
  conflicts.note(4, 63, true);
  assert.equal(conflicts.separate(whole, grain).length, 4);
});

test('turns are counted, and travel through a saved state', () => {
  const conflicts = new Conflicts();
  for (const node of [1, 1, 2, 2, 1]) conflicts.note(node, node * 31, true);
  assert.equal(conflicts.alternations, 2);
  const saved: number[] = [];
  conflicts.save(saved);
  const copy = new Conflicts();
  copy.load(new NumberReader(saved));
  assert.equal(copy.alternations, 2);
  assert.deepEqual(copy.separate(whole, grain), conflicts.separate(whole, grain));
});
