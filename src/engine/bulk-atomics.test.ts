import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BulkAtomics } from './bulk-atomics.ts';
import { createMemories, Views } from './memory.ts';

test('bits of a range of words are set, the others stay', () => {
  const memories = createMemories();
  const { controlWords } = new Views(memories);
  controlWords.set([0x12345678, 0x0f0f0f0f, -1, 0, 0x12345678]);
  new BulkAtomics(memories).setBits(4, 16, 0x03030303, 0x07070707);
  assert.deepEqual([...controlWords.subarray(0, 5)], [0x12345678, 0x0b0b0b0b, 0xfbfbfbfb | 0, 0x03030303, 0x12345678]);
});

test('a number is added to each word of a range', () => {
  const memories = createMemories();
  const { controlWords } = new Views(memories);
  controlWords.set([1, 2, 0x7fffffff, 4]);
  const bulk = new BulkAtomics(memories);
  bulk.addToEach(4, 12, 2);
  bulk.addToEach(0, 4, 5);
  assert.deepEqual([...controlWords.subarray(0, 4)], [6, 4, 0x80000001 | 0, 4]);
});
