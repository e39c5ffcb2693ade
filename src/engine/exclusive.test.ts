/** Exclusive accesses of threads that are parked, preempted and disturbed between LDREX and STREX. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deny, granuleShift } from '../layout/access.ts';
import {
  Executor,
  exclusiveTagBase,
  exclusiveTags,
  executorRecord,
  grantedBell,
  RequestKind,
  Thread,
  threadRecord,
} from '../layout/control.ts';
import { tiers } from './engine.ts';
import { dataAddress, start } from './testing/guest-engine.ts';

const code = [
  0xe3560001, // cmp r6, #1
  0x0a000005, // beq changer
  0xca00000a, // bgt between
  // taker: LDREX r3 and a call, STREX r2 and a call
  0xe1913f9f, // ldrex r3, [r1]
  0xef000000, // svc 0
  0xe1814f92, // strex r4, r2, [r1]
  0xef000000, // svc 0
  0xeafffffa, // b taker
  // changer: stores r2 until it succeeds, and a call
  0xe1913f9f, // ldrex r3, [r1]
  0xe1814f92, // strex r4, r2, [r1]
  0xe3540000, // cmp r4, #0
  0x1afffffb, // bne changer
  0xef000000, // svc 0
  0xeafffff9, // b changer
  // between: r0 turns of a loop between LDREX and STREX
  0xe1913f9f, // ldrex r3, [r1]
  0xe1a05000, // mov r5, r0
  0xe2555001, // 1: subs r5, r5, #1
  0x1afffffd, // bne 1b
  0xe1814f92, // strex r4, r2, [r1]
  0xef000000, // svc 0
  0xeafffff8, // b between
];
const role = { taker: 0, changer: 1, between: 2 };
const roles = (name: keyof typeof role, value: number, address = dataAddress, turns = 0): number[] => [
  turns,
  address,
  value,
  0,
  0,
  0,
  role[name],
];
const rounds = 20;
/** The translator's code comes when it comes: rounds go on until so many were run in it. */
const translatedEntries = 200;
const regionEntries = (executorRecord(0) + Executor.regionEntries.offset) >>> 2;

for (const tier of tiers) {
  test(`STREX fails after any STREX in its granule and after the block's loss, not otherwise (${tier})`, {
    timeout: 60_000,
  }, async (t) => {
    const { engine, next, spawn, register } = start(tier, code);
    t.after(() => engine.stop());
    const words = new Int32Array(engine.memory.bytes.buffer);
    const word = dataAddress >>> 2;
    const tag = (exclusiveTagBase >>> 2) + ((dataAddress >>> granuleShift) & (exclusiveTags - 1));
    const taker = spawn(roles('taker', 77));
    const goOn = async (): Promise<void> => {
      engine.resume(taker);
      await next();
    };
    await next();
    await goOn();
    const changers = new Map<number, number>();
    /** A STREX of `value` at `address` by another thread. */
    const change = async (address: number, value: number): Promise<void> => {
      const slot = changers.get(address);
      if (slot === undefined) changers.set(address, spawn(roles('changer', value, address)));
      else {
        engine.words[(threadRecord(slot) >>> 2) + 2] = value;
        engine.resume(slot);
      }
      await next();
    };
    const failures: [string, number, () => Promise<void> | void][] = [
      ['nothing', 0, () => {}],
      [
        'another value and the old one again',
        1,
        async () => {
          await change(dataAddress, 5);
          await change(dataAddress, 9);
        },
      ],
      ['the same value', 1, () => change(dataAddress, 9)],
      ['a STREX elsewhere in the granule', 1, () => change(dataAddress + 8, 1)],
      ['a STREX in the next granule', 0, () => change(dataAddress + 64, 1)],
      ['the loss of the block', 1, () => void Atomics.add(engine.words, tag, 2)],
      ['a plain store', 1, () => void Atomics.store(words, word, 10)],
    ];
    const enough = tier === 'translator' ? translatedEntries : 0;
    for (let round = 0; round < rounds || engine.words[regionEntries]! < enough; round++) {
      for (const [what, failed, between] of failures) {
        Atomics.store(words, word, 9);
        await goOn();
        assert.equal(register(taker, 3), 9);
        await between();
        await goOn();
        assert.equal(register(taker, 4), failed, `after ${what}`);
        assert.equal(words[word] === 77, failed === 0, `after ${what}`);
      }
    }
  });

  test(`a thread that is preempted between LDREX and STREX still stores (${tier})`, { timeout: 60_000 }, async (t) => {
    const { engine, next, spawn, register } = start(tier, code);
    t.after(() => engine.stop());
    // Two on one executor, each for several time slices between its LDREX and its STREX.
    const turns = tier === 'interpreter' ? 200_000 : 30_000_000;
    const slots = [dataAddress, dataAddress + 64].map((address, i) => spawn(roles('between', i + 1, address, turns)));
    await next();
    await next();
    for (const [i, slot] of slots.entries()) {
      assert.equal(register(slot, 4), 0);
      assert.equal(engine.memory.words[(dataAddress + 64 * i) >>> 2], i + 1);
    }
  });

  test(`a granted LDREX goes on to its STREX before it tells that the block was used (${tier})`, {
    timeout: 60_000,
  }, async (t) => {
    const { engine, next, spawn, register } = start(tier, code);
    t.after(() => engine.stop());
    const block = dataAddress >>> 12;
    const slot = spawn(roles('changer', 3));
    await next();
    for (let round = 0; round < rounds; round++) {
      const at = threadRecord(slot) >>> 2;
      engine.words[at + 2] = round;
      engine.words[at + 4] = 7;
      // As when the thread had missed the block and another node waits for it by now.
      Atomics.store(engine.words, at + Thread.granted.index32, block | grantedBell);
      engine.resume(slot, true);
      const { kind, a, b } = await next();
      assert.deepEqual([kind, a, b], [RequestKind.consumed, slot, block]);
      assert.equal((await next()).kind, RequestKind.syscall);
      assert.equal(register(slot, 4), 0);
      assert.equal(engine.memory.words[dataAddress >>> 2], round);
      assert.equal(engine.words[at + Thread.granted.index32], -1);
    }
  });
}

for (const tier of tiers) {
  test(`LDREX reads what may not be written, once its block is there; STREX faults (${tier})`, {
    timeout: 60_000,
  }, async () => {
    // ldrex r0, [r1]; svc 0; strex r3, r0, [r1]
    const { engine, next, spawn, register } = start(tier, [0xe1910f9f, 0xef000000, 0xe1813f90]);
    const granule = dataAddress >>> granuleShift;
    engine.memory.words[dataAddress >>> 2] = 42;
    engine.views.controlBytes[granule] = Deny.protectionWrite | Deny.coherenceWrite | Deny.coherenceRead;
    const slot = spawn([0, dataAddress]);
    let request = await next();
    assert.deepEqual([request.kind, request.b >>> 0, request.c], [RequestKind.block, dataAddress, 1]);
    engine.views.controlBytes[granule] = Deny.protectionWrite;
    engine.resume(slot, true);
    request = await next();
    assert.equal(request.kind, RequestKind.syscall);
    assert.equal(register(slot, 0), 42);
    engine.resume(slot);
    request = await next();
    const SIGSEGV = 11;
    assert.deepEqual([request.kind, request.b, request.c >>> 0], [RequestKind.fault, SIGSEGV, dataAddress]);
    assert.equal(register(slot, 3), 0);
    await engine.stop();
  });
}
