import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeSet } from './node-set.ts';
import { homeOf } from './placement.ts';

test('64 blocks in a row share a home', () => {
  for (let block = 0; block < 64 * 20; block++)
    assert.equal(homeOf(block, 5, 'hashed'), homeOf(block - (block % 64), 5, 'hashed'));
});

test('homes of neighbouring groups and of strided ones spread evenly over the nodes', () => {
  for (const nodes of [2, 3, 5, 64]) {
    for (const stride of [64, 128, 1024, 16_384]) {
      const counts = new Array<number>(nodes).fill(0);
      const blocks = nodes * 1000;
      for (let index = 0; index < blocks; index++) counts[homeOf(index * stride, nodes, 'hashed')]!++;
      assert.ok(Math.min(...counts) > 850 && Math.max(...counts) < 1150, `${nodes} nodes, stride ${stride}: ${counts}`);
    }
  }
});

test('central placement keeps every home on node 0', () => {
  for (let block = 0; block < 100; block++) assert.equal(homeOf(block, 5, 'central'), 0);
});

test('a node set of several words walks its members in order', () => {
  const set = new NodeSet(100);
  const members = [0, 1, 31, 32, 63, 64, 99];
  for (const node of members) set.add(node);
  const walked: number[] = [];
  for (let node = set.after(-1); node >= 0; node = set.after(node)) walked.push(node);
  assert.deepEqual(walked, members);
  assert.equal(set.count(), members.length);
  set.delete(32);
  assert.equal(set.has(32), false);
  assert.equal(set.after(31), 63);
  set.clear();
  assert.equal(set.after(-1), -1);
});
