import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Executor, executorRecord } from '../layout/control.ts';
import { codeAddress, dataAddress, start } from './testing/guest-engine.ts';

/** 1: add r0, r0, #1; str r0, [r1]; b 1b */
const counting = [0xe2800001, 0xe5810000, 0xeafffffc];
const standMs = 60;

function counter(executors: number) {
  const { engine, spawn } = start('auto', counting, executors);
  const count = (n: number): number => Atomics.load(engine.memory.words, (dataAddress + 64 * n) >>> 2);
  const run = (n: number): number => spawn([0, dataAddress + 64 * n, codeAddress]);
  const goesOn = async (n: number): Promise<void> => {
    for (const before = count(n); count(n) === before; ) await sleep(1);
  };
  const stands = async (n: number): Promise<void> => {
    const before = count(n);
    await sleep(standMs);
    assert.equal(count(n), before);
  };
  return { engine, count, run, goesOn, stands };
}

test('executors that are kept out come in when all who kept them out let them', { timeout: 60_000 }, async () => {
  const { engine, run, goesOn, stands } = counter(1);
  run(0);
  await goesOn(0);
  engine.keepOut();
  assert.equal(engine.busy, false);
  await stands(0);
  engine.keepOut();
  engine.hold(() => {});
  engine.letIn();
  assert.equal(engine.held, true);
  await stands(0);
  engine.letIn();
  assert.equal(engine.held, false);
  await goesOn(0);
  await engine.stop();
});

test('a thread that is started while executors are kept out runs behind that', { timeout: 60_000 }, async () => {
  const { engine, count, run, goesOn, stands } = counter(2);
  run(0);
  await goesOn(0);
  engine.keepOut();
  run(1);
  await stands(0);
  assert.equal(count(1), 0);
  engine.letIn();
  await goesOn(0);
  await goesOn(1);
  await engine.stop();
});

test('an engine stops while its executors are kept out', { timeout: 60_000 }, async () => {
  const { engine, run, goesOn } = counter(1);
  run(0);
  await goesOn(0);
  engine.keepOut();
  await engine.stop();
});

test('nobody waits for an executor that was ended in guest code', { timeout: 20_000 }, async () => {
  const { engine, run, goesOn } = counter(1);
  run(0);
  await goesOn(0);
  await engine.stop();
  Atomics.store(engine.words, (executorRecord(0) >>> 2) + Executor.inGuest.index32, 1);
  let held = false;
  engine.hold(() => {
    held = true;
  });
  assert.ok(held);
});
