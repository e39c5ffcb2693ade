import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE } from '../abi/memory.ts';
import type { Engine } from '../engine/engine.ts';
import { Deny, granuleShift, pageBytes } from '../layout/access.ts';
import { PageFlag } from '../layout/control.ts';
import { MapChanges } from './map-changes.ts';
import { idleEngine } from './testing/idle-engine.ts';

const start = 0x40000;
const length = 2 * pageBytes;

const accessBytes = (engine: Engine, from: number, bytes: number): Set<number> =>
  new Set(engine.views.controlBytes.subarray(from >>> granuleShift, (from + bytes) >>> granuleShift));

/** Runs `look` where the agent waits for executors to leave guest code. */
function atHandshake(engine: Engine, look: () => void): void {
  const { handshake } = engine;
  const run = handshake.run.bind(handshake);
  handshake.run = () => {
    look();
    run();
  };
}

test('protections reach the flags and the access bytes of the range, and nothing beside it', async () => {
  const engine = idleEngine(1);
  const maps = new MapChanges(engine, undefined);
  const around = Deny.protectionRead | Deny.protectionWrite | Deny.untouched;
  const { read, write, execute, mapped } = PageFlag;
  const steps: [number, number, number][] = [
    [PROT_READ | PROT_WRITE, mapped | read | write, 0],
    [PROT_READ, mapped | read, Deny.protectionWrite],
    [PROT_READ | PROT_EXEC, mapped | read | execute, Deny.protectionWrite],
    [PROT_EXEC, mapped | execute, Deny.protectionWrite],
    [PROT_NONE, mapped, Deny.protectionRead | Deny.protectionWrite],
    [-1, 0, Deny.protectionRead | Deny.protectionWrite],
  ];
  for (const [protection, flags, denied] of steps) {
    await maps.apply({ start, length, protection, fresh: false });
    assert.equal(engine.memory.pageFlags(start), flags);
    assert.equal(engine.memory.pageFlags(start + pageBytes), flags);
    assert.deepEqual(accessBytes(engine, start, length), new Set([denied | Deny.untouched]));
  }
  assert.deepEqual(accessBytes(engine, start - pageBytes, pageBytes), new Set([around]));
  assert.deepEqual(accessBytes(engine, start + length, pageBytes), new Set([around]));
});

test('a change of protection keeps contents and the mark of a touched page', async () => {
  const engine = idleEngine(1);
  const maps = new MapChanges(engine, undefined);
  await maps.apply({ start, length, protection: PROT_READ | PROT_WRITE, fresh: true });
  engine.memory.touch(start);
  engine.memory.bytes[start] = 7;
  await maps.apply({ start, length, protection: PROT_READ, fresh: false });
  assert.equal(engine.memory.bytes[start], 7);
  assert.equal(engine.memory.pageFlags(start), PageFlag.mapped | PageFlag.read | PageFlag.touched);
});

for (const [what, between] of [
  ['unmapped and mapped again', -1],
  ['mapped over itself', undefined],
] as const) {
  test(`alone, what was ${what} reads as zero and waits for its first touch`, async () => {
    const engine = idleEngine(1);
    const maps = new MapChanges(engine, undefined);
    const fresh = { start, length, protection: PROT_READ | PROT_WRITE, fresh: true };
    await maps.apply(fresh);
    engine.memory.touch(start);
    engine.memory.bytes.fill(9, start, start + length);
    if (between !== undefined) await maps.apply({ start, length, protection: between, fresh: false });
    await maps.apply(fresh);
    assert.ok(engine.memory.bytes.subarray(start, start + length).every((byte) => byte === 0));
    assert.deepEqual(accessBytes(engine, start, length), new Set<number>([Deny.untouched]));
    assert.equal(engine.memory.pageFlags(start), PageFlag.mapped | PageFlag.read | PageFlag.write);
  });
}

test('alone, nobody gets into a page while it is mapped over itself', async () => {
  const engine = idleEngine(1);
  const maps = new MapChanges(engine, undefined);
  const fresh = { start, length, protection: PROT_READ | PROT_WRITE, fresh: true };
  await maps.apply(fresh);
  engine.memory.touch(start);
  let looks = 0;
  atHandshake(engine, () => {
    looks++;
    const held = Deny.coherenceRead | Deny.coherenceWrite;
    for (const byte of accessBytes(engine, start, length)) assert.equal(byte & held, held);
    assert.equal(engine.memory.firstDenied(start, 4, false), start);
    assert.equal(engine.memory.firstDenied(start, 4, true), start);
  });
  await maps.apply(fresh);
  assert.equal(looks, 1);
  assert.equal(engine.memory.firstDenied(start, length, true), -1);
});

test('with other nodes, contents are reset after the protections hold', async () => {
  const engine = idleEngine(2);
  const resets: [number, number, number][] = [];
  const maps = new MapChanges(engine, async (from, bytes) => {
    resets.push([from, bytes, engine.memory.pageFlags(from)]);
  });
  await maps.apply({ start, length, protection: PROT_READ, fresh: true });
  await maps.apply({ start, length, protection: PROT_READ | PROT_WRITE, fresh: false });
  // Out of reach, to be read once more.
  await maps.apply({ start, length, protection: -1, fresh: false });
  assert.equal(engine.memory.pageFlags(start), 0);
  assert.equal(resets.length, 1);
  await maps.apply({ start, length, protection: -1, fresh: true });
  assert.deepEqual(resets, [
    [start, length, PageFlag.mapped | PageFlag.read],
    [start, length, 0],
  ]);
  // The coherence bits are not this file's to change.
  const coherence = Deny.coherenceRead | Deny.coherenceWrite;
  assert.deepEqual(
    accessBytes(engine, start, length),
    new Set([coherence | Deny.protectionRead | Deny.protectionWrite]),
  );
});
