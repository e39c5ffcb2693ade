import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../parser.ts';
import { analyse } from './dominators.ts';
import { waitingLoops } from './waiting-loops.ts';

/** Blocks that head a loop that only waits, and blocks behind such loops. */
function found(text: string): { headers: number[]; behind: number[] } {
  const ir = parse(text);
  const { isHeader, isBehind } = waitingLoops(ir, analyse(ir));
  const marked = (marks: Uint8Array): number[] => [...marks.keys()].filter((block) => marks[block] === 1);
  return { headers: marked(isHeader), behind: marked(isBehind) };
}

/** A loop b1 with `body`, which leaves v9 as the condition to go on. */
const loop = (body: string): string => `entry 0x8000
b0:
  jump b1
b1:
  poll 0x8000
  v2 = get.i32 r0
  check.read v2 0 4
  v4 = load.32 v2 0
${body}
  branch v4 b1 b2
b2:
  exit.return v4
`;

test('a loop that reads the same word until it changes only waits, barriers and registers that it sets anew included', () => {
  const waiting = { headers: [1], behind: [2] };
  assert.deepEqual(found(loop('')), waiting);
  assert.deepEqual(found(loop('  fence\n  set.i32 r1 v4\n  v7 = get.i32 r1')), waiting);
});

test('a loop that stores, counts or calls does more', () => {
  const none = { headers: [], behind: [] };
  assert.deepEqual(found(loop('  check.write v2 0 4\n  store.32 v2 0 v4')), none);
  assert.deepEqual(found(loop('  v5 = get.i32 r1\n  v6 = i32.add v5 v4\n  set.i32 r1 v6')), none);
  assert.deepEqual(found(loop('  v5 = i32.add v2 v4\n  set.i32 r0 v5')), none);
  assert.deepEqual(found(loop('  call 0x9000 0x8010 b3\nb3:')), none);
});

test('of two loops with one header, the inner may wait while the outer works', () => {
  const text = `entry 0x8000
b0:
  poll 0x8000
  v1 = get.i32 r0
  check.read v1 0 4
  v3 = load.32 v1 0
  branch v3 b0 b1
b1:
  check.write v1 0 4
  store.32 v1 0 v1
  jump b0
`;
  assert.deepEqual(found(text), { headers: [0], behind: [1] });
});
