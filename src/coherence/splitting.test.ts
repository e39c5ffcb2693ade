/** What homes split and merge, and what becomes of requests and rights in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageSplitting } from './part.ts';
import { Access } from './sink.ts';
import { Bench } from './testing/bench.ts';

const levelsOf = (bench: Bench, block: number) => bench.nodes[0]!.parts(block).map(({ level }) => level);

/** Nodes store by turns, each into a granule of its own. */
function contend(bench: Bench, granules: readonly (readonly [node: number, granule: number])[], rounds = 10): void {
  for (let round = 0; round < rounds; round++)
    for (const [node, granule] of granules) bench.use(node, 7, Access.Write, granule);
}

test('false sharing ends: each node keeps its part', () => {
  const bench = new Bench(3);
  const places = [
    [1, 0],
    [2, 20],
    [0, 40],
  ] as const;
  contend(bench, places);
  assert.deepEqual(levelsOf(bench, 7), [1, 1, 1, 1]);
  assert.equal(bench.nodes[0]!.counters.splits, 1);
  assert.equal(bench.nodes[0]!.counters.parts, 4);
  for (const [node, granule] of places) {
    assert.equal(bench.nodes[node]!.accessOf(7, granule), Access.Write);
    assert.deepEqual(bench.use(node, 7, Access.Write, granule), []);
  }
});

test('true sharing does not split', () => {
  const bench = new Bench(3);
  contend(
    bench,
    [
      [1, 9],
      [2, 9],
    ],
    40,
  );
  assert.deepEqual(levelsOf(bench, 7), [0]);
});

test('splitting can be switched off', () => {
  const bench = new Bench(3, { splitting: { ...pageSplitting, after: 0 } });
  const places = [
    [1, 0],
    [2, 20],
  ] as const;
  contend(bench, places, 40);
  assert.deepEqual(levelsOf(bench, 7), [0]);
});

test('a part moves alone, and only its bytes are granted', () => {
  const bench = new Bench(3);
  bench.use(1, 7, Access.Write, 0);
  assert.equal(bench.nodes[0]!.split(7, 0), true);
  const lines = bench.use(2, 7, Access.Write, 17);
  assert.ok(lines.includes('1>2 Data block 7 part 1:17 for 2, HasData, Exclusive'), lines.join('\n'));
  assert.equal(bench.nodes[1]!.accessOf(7, 15), Access.Write);
  assert.equal(bench.nodes[1]!.accessOf(7, 16), Access.None);
  assert.equal(bench.nodes[2]!.accessOf(7, 31), Access.Write);
  assert.equal(bench.nodes[2]!.accessOf(7, 32), Access.None);
});

test('a request that crosses a split is answered for the part, and those who wait for others ask again', () => {
  const bench = new Bench(3);
  bench.use(1, 7, Access.Write, 0);
  bench.nodes[2]!.miss(7, 0, Access.Write, 0);
  bench.nodes[2]!.miss(7, 50, Access.Write, 1);
  bench.nodes[0]!.split(7, 0);
  const requests = bench.settle().filter((line) => line.includes('GetM block') && line.startsWith('2>0'));
  assert.deepEqual(requests, ['2>0 GetM block 7 for 2', '2>0 GetM block 7 part 1:50 for 2']);
  const wakes = bench.takeEffects().filter((effect) => effect.startsWith('2 wake'));
  assert.deepEqual(wakes, ['2 wake 0 7', '2 wake 1 7']);
  for (const thread of [0, 1]) bench.nodes[2]!.consumed(7, thread);
  assert.ok(bench.nodes.every((node) => node.idle()));
});

test('pins that are over are so in all parts, and what waits for one of them goes on', () => {
  const bench = new Bench(2);
  const [home, other] = [bench.nodes[0]!, bench.nodes[1]!];
  bench.use(1, 7, Access.Write, 0);
  home.split(7, 0);
  const places = [
    [0, 4],
    [16, 5],
    [32, 6],
  ] as const;
  for (const [granule, thread] of places) home.miss(7, granule, Access.Write, thread);
  bench.settle();
  other.miss(7, 0, Access.Write, 0);
  bench.settle();
  assert.equal(other.accessOf(7, 0), Access.None);
  bench.pinsHold = false;
  bench.use(1, 7, Access.Write, 16);
  assert.equal(other.accessOf(7, 0), Access.Write);
  // Pins of later threads say nothing of those that were forgotten.
  bench.pinsHold = true;
  bench.use(1, 7, Access.Write, 32);
});

test('parts keep the sharers of the block', () => {
  const bench = new Bench(3, { migratoryGrants: 0 });
  bench.use(1, 7, Access.Read);
  bench.use(2, 7, Access.Read);
  bench.nodes[0]!.split(7, 0);
  for (const granule of [0, 16, 63])
    assert.deepEqual(bench.nodes[0]!.holders(7, granule), { owner: -1, sharers: [0, 1, 2] });
  bench.use(1, 7, Access.Write, 16);
  assert.equal(bench.nodes[2]!.accessOf(7, 16), Access.None);
  assert.equal(bench.nodes[2]!.accessOf(7, 15), Access.Read);
});

test('parts that one node has come to own are merged; after a mistake they stay apart for longer', () => {
  const bench = new Bench(3);
  const places = [
    [1, 0],
    [2, 20],
  ] as const;
  /** One node takes all, then the other: for each, one more time at which all parts have one owner. */
  const takeAll = (node: number) => {
    for (const granule of [0, 16, 32, 48]) bench.use(node, 7, Access.Write, granule);
  };
  contend(bench, places);
  takeAll(1);
  assert.deepEqual(levelsOf(bench, 7), [0]);
  assert.equal(bench.nodes[0]!.counters.merges, 1);
  contend(bench, places);
  assert.deepEqual(levelsOf(bench, 7), [1, 1, 1, 1]);
  takeAll(1);
  assert.deepEqual(levelsOf(bench, 7), [1, 1, 1, 1]);
  takeAll(2);
  assert.deepEqual(levelsOf(bench, 7), [0]);
  assert.equal(bench.nodes[0]!.counters.parts, 0);
});

test('parts of different owners, or shared ones, are not merged', () => {
  const bench = new Bench(3);
  bench.use(1, 7, Access.Write);
  bench.nodes[0]!.split(7, 0);
  bench.use(2, 7, Access.Write, 20);
  assert.equal(bench.nodes[0]!.merge(7, 0), false);
  bench.use(1, 7, Access.Write, 20);
  assert.deepEqual(levelsOf(bench, 7), [0]);
});

test('a block in parts is not pushed', () => {
  const bench = new Bench(2);
  bench.use(0, 7, Access.Write);
  bench.use(1, 7, Access.Read);
  bench.use(0, 7, Access.Write);
  bench.use(1, 7, Access.Write);
  bench.nodes[0]!.split(7, 0);
  bench.use(0, 7, Access.Write, 0);
  assert.equal(bench.nodes[0]!.push(7, 1, Access.Read), false);
});

test('a push to a node that takes the block to be in parts answers all its requests', () => {
  const bench = new Bench(2);
  bench.use(1, 7, Access.Write);
  bench.nodes[0]!.split(7, 0);
  for (const granule of [0, 16, 32, 48]) bench.use(0, 7, Access.Write, granule);
  assert.equal(bench.nodes[0]!.parts(7).length <= 1, true);
  assert.equal(bench.nodes[0]!.push(7, 1, Access.Read), true);
  bench.nodes[1]!.miss(7, 3, Access.Read, 4);
  bench.nodes[1]!.miss(7, 60, Access.Read, 5);
  const lines = bench.settle();
  assert.equal(lines.filter((line) => line.includes('Data')).length, 1, lines.join('\n'));
  for (const thread of [4, 5]) bench.nodes[1]!.consumed(7, thread);
  assert.ok(bench.nodes.every((node) => node.idle()));
});

test('a reset calls all parts back and leaves one block', () => {
  const bench = new Bench(3);
  contend(bench, [
    [1, 0],
    [2, 20],
  ]);
  bench.takeEffects();
  for (const node of bench.nodes) node.reset(0, 1 << 20, 55);
  bench.settle();
  assert.deepEqual(bench.takeEffects().filter((effect) => effect.includes('reset')).length, 3);
  assert.deepEqual(bench.nodes[0]!.holders(7, 20), { owner: 0, sharers: [] });
  assert.equal(bench.nodes[0]!.parts(7).length, 0);
  assert.equal(bench.nodes[1]!.accessOf(7, 0), Access.None);
});
