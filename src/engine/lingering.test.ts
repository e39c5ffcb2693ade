import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentState, Node, nodeBase } from '../layout/control.ts';
import { Lingering } from './lingering.ts';
import { createMemories, Views } from './memory.ts';

const bell = (nodeBase + Node.agentBell.offset) >>> 2;
const state = (nodeBase + Node.agentState.offset) >>> 2;

test('a bell that has rung since ends the wait before it begins', () => {
  const words = new Views(createMemories()).controlWords;
  const lingering = new Lingering(words);
  const before = Atomics.load(words, bell);
  Atomics.add(words, bell, 1);
  assert.equal(lingering.wait(before), true);
  assert.equal(Atomics.load(words, state), AgentState.awake);
});

test('after waits in vain more and more occasions are let pass, after a good one none', () => {
  const words = new Views(createMemories()).controlWords;
  const lingering = new Lingering(words);
  const before = Atomics.load(words, bell);
  /** Occasions until it waits again: the agent's state says that it does. */
  const passed = (): number => {
    for (let occasions = 0; ; occasions++) {
      Atomics.store(words, state, AgentState.asleep);
      assert.equal(lingering.wait(before), false);
      if (Atomics.load(words, state) === AgentState.awake) return occasions;
    }
  };
  assert.deepEqual(Array.from({ length: 8 }, passed), [0, 1, 3, 7, 15, 31, 63, 63]);
  Atomics.add(words, bell, 1);
  for (let occasions = 0; occasions < 64; occasions++) lingering.wait(before);
  assert.equal(lingering.wait(before), true);
});
