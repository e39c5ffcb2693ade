import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoderOf } from '../isa/arm/decoder.ts';
import { Deny, granuleShift, pageBytes, pageShift } from '../layout/access.ts';
import { CodeVariant } from '../layout/code-variant.ts';
import { Node, nodeBase, PageFlag, pageTableBase, RequestKind } from '../layout/control.ts';
import { CodeCache } from './code-cache.ts';
import { GuestCodeReader } from './code-reader.ts';
import { tiers } from './engine.ts';
import { GuestMemory } from './guest-memory.ts';
import type { DropMail, ModuleMail, RetranslateMail } from './mail.ts';
import { createMemories, Views } from './memory.ts';
import { codeAddress, dataAddress, start } from './testing/guest-engine.ts';
import { Translator } from './translator.ts';

for (const tier of tiers) {
  test(`an instruction stores into its own granule, and what it stored is run (${tier})`, {
    timeout: 60_000,
  }, async () => {
    // mov r0, #0; 1: str r2, [r1]; add r0, r0, #1; subs r3, r3, #1; bne 1b; svc 0
    const code = [0xe3a00000, 0xe5812000, 0xe2800001, 0xe2533001, 0x1afffffb, 0xef000000];
    const { engine, next, spawn, register } = start(tier, code);
    const rounds = 20;
    // r2: add r0, r0, #16
    const slot = spawn([0, codeAddress + 8, 0xe2800010, rounds]);
    let stores = 0;
    let request = await next();
    for (; request.kind === RequestKind.code && stores <= rounds; stores++) {
      assert.equal(request.b >>> 0, codeAddress + 8);
      engine.dropCode(codeAddress, codeAddress + pageBytes);
      engine.resume(slot);
      request = await next();
    }
    assert.equal(request.kind, RequestKind.syscall);
    assert.ok(stores > 0);
    assert.equal(register(slot, 0), 16 * rounds);
    await engine.stop();
  });
}

test('a store into code that must wait for its block is made once', { timeout: 60_000 }, async () => {
  // push of 2 words over the end of a granule: stmdb r1!, {r2, r3}; svc 0
  const { engine, next, spawn, register } = start('interpreter', [0xe921000c, 0xef000000]);
  const at = dataAddress + 64;
  engine.memory.markCode(at, at + 4);
  engine.views.controlBytes[(at >>> granuleShift) - 1]! |= Deny.coherenceRead | Deny.coherenceWrite;
  const slot = spawn([0, at + 4, 7, 8]);
  let request = await next();
  assert.deepEqual([request.kind, request.b >>> 0], [RequestKind.block, at - 4]);
  engine.views.controlBytes[(at >>> granuleShift) - 1] = 0;
  engine.resume(slot, true);
  request = await next();
  assert.deepEqual([request.kind, request.b >>> 0], [RequestKind.code, at]);
  assert.deepEqual([...engine.memory.words.subarray((at - 4) >>> 2, (at + 4) >>> 2)], [7, 8]);
  assert.equal(register(slot, 1) >>> 0, at - 4);
  engine.dropCode(at, at + 4);
  engine.resume(slot);
  assert.equal((await next()).kind, RequestKind.syscall);
  assert.equal(register(slot, 1) >>> 0, at - 4);
  await engine.stop();
});

test('what is read from a page that may be written counts only behind a handshake', () => {
  const memories = createMemories();
  const views = new Views(memories);
  const memory = new GuestMemory(views);
  const reader = new GuestCodeReader(memory, decoderOf('max'));
  views.guestWords[codeAddress >>> 2] = 0xe12fff1e;
  const flags = pageTableBase + (codeAddress >>> pageShift);
  const read = (): boolean => {
    reader.begin();
    assert.equal(reader.halfword(codeAddress), 0xff1e);
    return reader.settled;
  };
  views.controlBytes[flags] = PageFlag.read | PageFlag.write | PageFlag.execute;
  assert.deepEqual([read(), read()], [false, true]);
  views.controlBytes[codeAddress >>> granuleShift]! &= ~Deny.code;
  assert.equal(read(), false, 'the mark was taken away meanwhile');
  views.controlBytes[codeAddress >>> granuleShift]! &= ~Deny.code;
  views.controlBytes[flags] = PageFlag.read | PageFlag.execute;
  assert.equal(read(), true, 'nobody can be storing there');
});

// ---- regions ------------------------------------------------------------------------------------------------

const callerAddress = codeAddress;
const calleeAddress = codeAddress + pageBytes;
const loneAddress = codeAddress + 4 * pageBytes;

/** A caller and its callee, which go into one module, and a function of its own. */
function regions() {
  const memories = createMemories();
  const views = new Views(memories);
  const flags = PageFlag.read | PageFlag.execute;
  views.controlBytes.fill(flags, pageTableBase, pageTableBase + 0x100);
  const word = (address: number, ...words: number[]): void => views.guestWords.set(words, address >>> 2);
  // bl callee; bx r4 · bx lr
  word(callerAddress, 0xeb000000 | ((calleeAddress - callerAddress - 8) >>> 2), 0xe12fff14);
  word(calleeAddress, 0xe12fff1e);
  word(loneAddress, 0xe12fff1e);
  const translator = new Translator(memories, { hostIsTso: true, names: false, processor: 'max', whole: true });
  const generationIndex = (nodeBase + Node.codeGeneration.offset) >>> 2;
  const generation = (): number => views.controlWords[generationIndex]!;
  const translate = (...addresses: number[]): ModuleMail => {
    for (const pc of addresses)
      translator.request({ kind: 'hot', pc, variant: CodeVariant.plain, generation: generation() });
    return translator.translate()!;
  };
  const drop = (address: number): DropMail => {
    const next = Atomics.add(views.controlWords, generationIndex, 1) + 1;
    return { kind: 'drop', start: address, end: address + 4, generation: next };
  };
  const retranslate = (): RetranslateMail => {
    const next = Atomics.add(views.controlWords, generationIndex, 1) + 1;
    return { kind: 'retranslate', generation: next };
  };
  return {
    translator,
    translate,
    generation,
    drop,
    retranslate,
    cache: new CodeCache(memories, views.controlWords, 0),
  };
}
const known = (cache: CodeCache): number[] => [...cache.regions.keys()].sort((a, b) => a - b);

test('regions that call each other directly go together when the code of one changes', () => {
  const { translate, drop, cache } = regions();
  assert.equal(cache.link(translate(callerAddress, calleeAddress)), true);
  assert.equal(cache.link(translate(loneAddress)), true);
  assert.deepEqual(known(cache), [callerAddress, calleeAddress, loneAddress]);
  cache.drop(drop(calleeAddress + pageBytes));
  assert.equal(known(cache).length, 3);
  cache.drop(drop(calleeAddress));
  assert.deepEqual(known(cache), [loneAddress]);
});

test('a drop takes an older module, and leaves a newer region for the same address alone', () => {
  const { translate, drop, cache } = regions();
  cache.link(translate(callerAddress, calleeAddress));
  const elsewhere = drop(loneAddress);
  const newer = translate(callerAddress);
  cache.drop(elsewhere);
  assert.equal(cache.link(newer), true);
  cache.drop(drop(calleeAddress));
  assert.deepEqual(known(cache), [callerAddress]);
});

test('a module that was read before a drop of its code is refused, and asked for again', () => {
  const { translator, translate, generation, drop, cache } = regions();
  const caller = translate(callerAddress, calleeAddress);
  const lone = translate(loneAddress);
  const asked = generation();
  cache.drop(drop(calleeAddress));
  assert.equal(cache.link(caller), false);
  assert.equal(cache.link(lone), true);
  assert.deepEqual(known(cache), [loneAddress]);
  // An executor that asked before the drop gets what is on its way; one that asks after it gets another.
  translator.request({ kind: 'hot', pc: calleeAddress, variant: CodeVariant.plain, generation: asked });
  assert.equal(translator.pending, 0);
  assert.equal(cache.link(translate(calleeAddress)), true);
  assert.deepEqual(known(cache), [calleeAddress, loneAddress]);
});

test('what was translated before everything is to be is dropped or refused, and what was translated after it stays', () => {
  const { translator, translate, retranslate, cache } = regions();
  cache.link(translate(callerAddress, calleeAddress));
  const onItsWay = translate(loneAddress);
  const mail = retranslate();
  const newer = translate(callerAddress);
  assert.equal(cache.link(newer), true);
  cache.dropRegions(mail);
  assert.deepEqual(known(cache), [callerAddress]);
  assert.equal(cache.link(onItsWay), false);
  assert.equal(cache.link(translate(calleeAddress, loneAddress)), true);
  assert.deepEqual(known(cache), [callerAddress, calleeAddress, loneAddress]);
  assert.equal(translator.pending, 0);
});
