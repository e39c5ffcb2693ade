import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Executor, executorRecord, waitRoundsPerExit } from '../layout/control.ts';
import { createMemories, Views } from './memory.ts';
import { WaitingRounds } from './waiting-rounds.ts';

function setUp() {
  const words = new Views(createMemories()).controlWords;
  const record = executorRecord(1) >>> 2;
  const index = record + Executor.waitRounds.index32;
  const waiting = new WaitingRounds(words, record, 0.15);
  /** Translated code leaves after so many more rounds. */
  const translated = (now: number): number => {
    words[index]! += waitRoundsPerExit;
    return waiting.sleepMs(now);
  };
  return { words, index, waiting, translated };
}

test('who waits is busy first, then sleeps for a part of the time that it has waited, within bounds', () => {
  const { waiting, translated } = setUp();
  assert.equal(translated(5), 0, 'the first exit begins it');
  assert.equal(translated(5.005), 0);
  assert.equal(translated(5.02), 0.15, 'the shortest sleep');
  assert.equal(translated(7), 0.5);
  assert.equal(translated(100), 1, 'the longest');
  waiting.reset();
  assert.equal(translated(101), 0, 'another thread begins anew');
});

test('rounds of the interpreter count for several, and end with their loop', () => {
  const { words, index, waiting } = setUp();
  let left = 0;
  let rounds = 0;
  for (; left < 2; rounds++) left += waiting.interpreted(true) ? 1 : 0;
  assert.equal(words[index], 2 * waitRoundsPerExit);
  assert.ok(rounds < waitRoundsPerExit);
  assert.equal(waiting.interpreted(false), false);
  assert.equal(words[index], 0);
});
