import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../parser.ts';
import { analyse } from './dominators.ts';
import { waitingLoops } from './waiting-loops.ts';

/** Blocks of loops that only wait, and blocks behind such loops. */
function found(text: string): { inside: number[]; behind: number[] } {
  const ir = parse(text);
  const { isInside, isBehind } = waitingLoops(ir, analyse(ir));
  const marked = (marks: Uint8Array): number[] => [...marks.keys()].filter((block) => marks[block] === 1);
  return { inside: marked(isInside), behind: marked(isBehind) };
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
  const waiting = { inside: [1], behind: [2] };
  assert.deepEqual(found(loop('')), waiting);
  assert.deepEqual(found(loop('  fence\n  set.i32 r1 v4\n  v7 = get.i32 r1')), waiting);
});

test('a loop that stores, counts or calls does more', () => {
  const none = { inside: [], behind: [] };
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
  assert.deepEqual(found(text), { inside: [0], behind: [1] });
});

/** A loop that is entered behind its load: b0 compares r1, which b1, with `body` behind its load v6, sets for the next. */
const rotated = (body: string): string => `entry 0x8000
b0:
  v0 = get.i32 r1
  v1 = get.i32 r2
  v2 = i32.eq v0 v1
  branch v2 b1 b2
b1:
  poll 0x7ff0
  v5 = get.i32 r0
  check.read v5 0 4
  v7 = load.32 v5 0
${body}
  jump b0
b2:
  exit.jump 0x8010
`;

test('a loop that compares what the round before has loaded waits, unless a round makes something of the one before', () => {
  assert.deepEqual(found(rotated('  set.i32 r1 v7')), { inside: [0, 1], behind: [2] });
  const moved = '  v8 = get.i32 r1\n  set.i32 r3 v8\n  v10 = get.i32 r3\n  set.i32 r4 v10\n  set.i32 r1 v7';
  assert.deepEqual(found(rotated(moved)), { inside: [0, 1], behind: [2] });
  const none = { inside: [], behind: [] };
  const counted = '  v8 = get.i32 r1\n  v9 = i32.add v8 v7\n  set.i32 r1 v9';
  assert.deepEqual(found(rotated(counted)), none);
  assert.deepEqual(found(rotated('  set.i32 r1 v7\n  set.i32 r0 v7')), none, 'a list that is followed to its end');
  const exchanged = '  v8 = get.i32 r1\n  v9 = get.i32 r3\n  set.i32 r1 v9\n  set.i32 r3 v8';
  assert.deepEqual(found(rotated(exchanged)), none);
});

test('a loop whose way depends on what a round before has set does more than wait', () => {
  const text = (condition: string): string => `entry 0x8000
b0:
  poll 0x8000
  v1 = get.i32 r0
  check.read v1 0 4
  v3 = load.32 v1 0
  v4 = get.i32 r1
  branch ${condition} b1 b2
b1:
  set.i32 r1 v3
  jump b3
b2:
  v8 = i32.const 0
  set.i32 r1 v8
  jump b3
b3:
  branch v3 b0 b4
b4:
  exit.jump 0x8010
`;
  assert.deepEqual(found(text('v3')), { inside: [0, 1, 2, 3], behind: [4] });
  assert.deepEqual(found(text('v4')), { inside: [], behind: [] });
});

test('the waiting in a loop that does more is found behind its load too, where both come back by one block', () => {
  const text = `entry 0x8000
b0:
  v0 = get.i32 r1
  v1 = get.i32 r2
  v2 = i32.eq v0 v1
  branch v2 b2 b1
b1:
  v4 = get.i32 r0
  check.write v4 0 4
  v6 = get.i32 r1
  store.32 v4 0 v6
  set.i32 r2 v6
  jump b2
b2:
  poll 0x7ff0
  v11 = get.i32 r0
  check.read v11 0 4
  v13 = load.32 v11 0
  set.i32 r1 v13
  jump b0
`;
  assert.deepEqual(found(text), { inside: [0, 2], behind: [1] });
});
