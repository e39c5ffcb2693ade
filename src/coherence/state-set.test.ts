import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../base/prng.ts';
import { StateSet } from './state-set.ts';

test('a state set numbers states like a map of their texts, and gives them back', () => {
  const random = new Prng(3);
  const set = new StateSet();
  const reference = new Map<string, number>();
  for (let round = 0; round < 120_000; round++) {
    const state = Array.from({ length: 1 + random.below(6) }, () => random.below(9) - 2);
    const text = state.join();
    if (!reference.has(text)) reference.set(text, reference.size);
    assert.equal(set.add(state), reference.get(text));
  }
  assert.equal(set.size, reference.size);
  const state: number[] = [];
  for (const [text, id] of reference) {
    set.read(id, state);
    assert.equal(state.join(), text);
  }
});

test('numbers that fit no byte are refused', () => {
  assert.throws(() => new StateSet().add([254]), RangeError);
  assert.throws(() => new StateSet().add([-3]), RangeError);
});
