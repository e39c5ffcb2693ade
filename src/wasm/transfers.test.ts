/** Ways in and out of regions: polls, jumps, calls, returns, the jump cache, access exits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../ir/parser.ts';
import { windowBase } from '../ir/testbed.ts';
import { verify } from '../ir/verify.ts';
import { Deny } from '../layout/access.ts';
import { Executor, JumpCacheEntry, jumpCacheEntries, waitRoundsPerExit } from '../layout/control.ts';
import { Cpu, ExitReason, exitSentinel } from '../layout/cpu.ts';
import { RegionTestbed } from './region-testbed.ts';

const bed = new RegionTestbed();
const word = (field: { index32: number }): number => bed.words[field.index32] as number;

const region = (entry: number, body: string) => {
  const ir = parse(`entry 0x${entry.toString(16)}\nb0:\n insn 0x${entry.toString(16)} 0x0 0x0\n${body}`);
  verify(ir);
  return ir;
};

const enter = (pc: number): number => bed.enter(bed.slotOf(pc), bed.cpuBase);

/** What every exit by reason tells. */
const left = (): number[] =>
  [Cpu.exitReason, Cpu.pc, Cpu.itstate, Cpu.exitInfo, Cpu.exitInfo2].map((field) => word(field));

function cache(pc: number, slot: number): void {
  const at = (word(Executor.jumpCache) + ((pc >>> 1) & (jumpCacheEntries - 1)) * JumpCacheEntry.bytes) >>> 2;
  const words = new Int32Array(bed.control.buffer);
  words[at + JumpCacheEntry.pc.index32] = pc;
  words[at + JumpCacheEntry.slot.index32] = slot;
}

function fresh(): void {
  bed.unlink();
  bed.reset(5);
  new Int32Array(bed.control.buffer, word(Executor.jumpCache), jumpCacheEntries * 2).fill(0);
}

/** Adds a constant to r0 and ends with `end`. */
const adder = (entry: number, amount: number, end: string) =>
  region(entry, `v1 = get.i32 r0\n v2 = i32.const ${amount}\n v3 = i32.add v1 v2\n set.i32 r0 v3\n ${end}`);

test('a raised poll word stops a region at its entry', () => {
  fresh();
  bed.link([adder(0x8000, 1, 'exit.jump 0x9000')]);
  bed.words[Executor.poll.index32] = 1;
  bed.register[0] = 10;
  assert.equal(enter(0x8000), exitSentinel);
  assert.deepEqual(left(), [ExitReason.poll, 0x8000, 0, 0, 0]);
  assert.equal(bed.register[0], 10);
});

test('a loop that only waits leaves now and then, with its rounds counted until the waiting is over', () => {
  fresh();
  bed.allowAll();
  const ir = parse(`entry 0x8000
b0:
  poll 0x8000
  insn 0x8000 0x0 0x0
  v2 = get.i32 r0
  check.read v2 0 4
  v4 = load.32 v2 0
  branch v4 b0 b1
b1:
  set.i32 r1 v4
  exit.jump 0x9000
`);
  verify(ir);
  bed.link([ir]);
  bed.words[Executor.waitRounds.index32] = 0;
  bed.register[0] = windowBase;
  const guest = new Int32Array(bed.guest.buffer);
  guest[windowBase >>> 2] = 1;
  for (const times of [1, 2]) {
    assert.equal(enter(0x8000), exitSentinel);
    assert.deepEqual(left().slice(0, 2), [ExitReason.poll, 0x8000]);
    assert.equal(word(Executor.waitRounds), times * waitRoundsPerExit);
  }
  guest[windowBase >>> 2] = 0;
  enter(0x8000);
  assert.deepEqual(left().slice(0, 2), [ExitReason.jump, 0x9000]);
  assert.equal(word(Executor.waitRounds), 0);
});

test('a poll in a loop leaves with everything written back', () => {
  fresh();
  // The loop raises its own poll word after some rounds: guest code cannot, so the word is aliased by a callee's store.
  const ir = parse(`entry 0x8000
b0:
  jump b1
b1:
  poll 0x8004
  insn 0x8004 0x0 0x0
  v3 = get.i32 r0
  v4 = i32.const 1
  v5 = i32.add v3 v4
  set.i32 r0 v5
  call 0xa000 0x8008 b2
b2:
  insn 0x8008 0x0 0x0
  v9 = get.i32 r2
  v10 = i32.add v9 v9
  set.i32 r2 v10
  jump b1
`);
  verify(ir);
  bed.link([ir]);
  // The callee is a function of the host: it sets the poll word at its third call.
  let calls = 0;
  const slot = bed.slotOf(0xa000);
  bed.table.set(
    slot,
    hostRegion(() => {
      if (++calls === 3) bed.words[Executor.poll.index32] = 1;
      return 0x8008;
    }),
  );
  bed.register.set([100, 0, 1]);
  assert.equal(enter(0x8000), exitSentinel);
  assert.deepEqual(left(), [ExitReason.poll, 0x8004, 0, 0, 0]);
  assert.deepEqual([bed.register[0], bed.register[2]], [103, 8]);
});

/** A Wasm function of a region's type that calls the host. */
function hostRegion(run: () => number): unknown {
  const bytes = new Uint8Array([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 2, 7, 1, 1, 0x65, 1, 0x66, 0, 0, 3, 2, 1, 0, 7,
    5, 1, 1, 0x66, 0, 1, 10, 8, 1, 6, 0, 0x20, 0, 0x10, 0, 0x0b,
  ]);
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { f: run } }).exports['f'];
}

test('jumps go on in the same module, in another, or leave at the stub', () => {
  fresh();
  bed.link([adder(0x8000, 1, 'exit.jump 0x8100'), adder(0x8100, 10, 'exit.jump 0x8200')]);
  bed.register[0] = 0;
  assert.equal(enter(0x8000), exitSentinel);
  assert.deepEqual([word(Cpu.exitReason), word(Cpu.pc), bed.register[0]], [ExitReason.jump, 0x8200, 11]);
  bed.link([adder(0x8200, 100, 'exit.syscall 7 0x8208 0')]);
  bed.register[0] = 0;
  assert.equal(enter(0x8000), exitSentinel);
  assert.deepEqual(left(), [ExitReason.syscall, 0x8208, 0, 7, 0]);
  assert.equal(bed.register[0], 111);
});

test('a long chain of jumps takes no stack', () => {
  fresh();
  const around = `v1 = get.i32 r0
    v2 = i32.const -1
    v3 = i32.add v1 v2
    set.i32 r0 v3
    branch v3 b1 b2
  b1:
    exit.jump 0x8000
  b2:
    exit.continue 0x9000 0`;
  bed.link([region(0x8000, around)]);
  bed.register[0] = 1_000_000;
  assert.equal(enter(0x8000), exitSentinel);
  assert.deepEqual([word(Cpu.pc), bed.register[0]], [0x9000, 0]);
});

test('computed jumps go through the jump cache, and back to the caller when it does not know the address', () => {
  fresh();
  bed.link([region(0x8000, 'v1 = get.i32 r1\n exit.indirect v1')]);
  bed.link([adder(0x8201, 5, 'exit.syscall 1 0x8209 0')]);
  bed.register.set([1, 0x8201]);
  assert.equal(enter(0x8000), 0x8201);
  cache(0x8201, bed.slotOf(0x8201));
  assert.equal(enter(0x8000), exitSentinel);
  assert.deepEqual([word(Cpu.exitReason), bed.register[0]], [ExitReason.syscall, 6]);
});

test('addresses that read as the sentinel leave by exit', () => {
  for (const end of ['exit.indirect', 'exit.return']) {
    fresh();
    bed.link([region(0x8000, `v1 = get.i32 r1\n ${end} v1`)]);
    bed.register[1] = -1;
    assert.equal(enter(0x8000), exitSentinel);
    assert.deepEqual([word(Cpu.exitReason), word(Cpu.pc)], [ExitReason.jump, -1]);
  }
});

const caller = (end: string) =>
  region(
    0x8000,
    `v1 = i32.const 0x8004
    set.i32 r14 v1
    v3 = get.i32 r1
    ${end}
  b1:
    insn 0x8004 0x0 0x0
    v6 = get.i32 r0
    v7 = i32.add v6 v6
    set.i32 r0 v7
    exit.syscall 2 0x8008 0`,
  );
const returning = (entry: number) => adder(entry, 3, 'v5 = get.i32 r14\n exit.return v5');

test('calls come back with the registers of the callee', () => {
  for (const end of ['call 0xa000 0x8004 b1', 'call.indirect v3 0x8004 b1']) {
    fresh();
    bed.link([caller(end), returning(0xa000)]);
    cache(0xa000, bed.slotOf(0xa000));
    bed.register.set([1, 0xa000]);
    assert.equal(enter(0x8000), exitSentinel);
    assert.deepEqual([...left().slice(0, 2), bed.register[0]], [ExitReason.syscall, 0x8008, 8]);
    assert.equal(word(Executor.callDepth), 100);
  }
});

test('calls of code that is not translated leave at the target', () => {
  for (const end of ['call 0xa000 0x8004 b1', 'call.indirect v3 0x8004 b1']) {
    fresh();
    bed.link([caller(end)]);
    bed.register.set([1, 0xa000]);
    assert.equal(enter(0x8000), exitSentinel);
    assert.deepEqual([word(Cpu.exitReason), word(Cpu.pc), bed.register[14]], [ExitReason.jump, 0xa000, 0x8004]);
    assert.equal(word(Executor.callDepth), 100);
  }
});

test('calls leave flat when the depth is used up', () => {
  fresh();
  bed.link([caller('call 0x8000 0x8004 b1')]);
  assert.equal(enter(0x8000), exitSentinel);
  assert.deepEqual([word(Cpu.exitReason), word(Cpu.pc)], [ExitReason.jump, 0x8000]);
  assert.equal(word(Executor.callDepth), 100);
});

test('a return to somewhere else unwinds to the dispatcher', () => {
  fresh();
  bed.link([caller('call 0xa000 0x8004 b1'), adder(0xa000, 3, 'v5 = i32.const 0xbeef\n exit.return v5')]);
  bed.register.set([1]);
  assert.equal(enter(0x8000), 0xbeef);
  assert.deepEqual([bed.register[0], word(Executor.callDepth)], [4, 100]);
});

test('an access exit names the first denied byte of the span; a denied neighbour is no reason to leave', () => {
  const granule = windowBase + 0x400;
  const cases = [
    { check: 'check.read', bytes: 8, at: granule + 60, denied: granule + 64, info: granule + 64 },
    { check: 'check.read', bytes: 8, at: granule + 60, denied: granule, info: granule + 60 },
    { check: 'check.write', bytes: 4, at: granule + 8, denied: granule, info: granule + 8 },
    { check: 'check.write', bytes: 4, at: granule + 8, denied: granule + 64, info: 0 },
    { check: 'check.read', bytes: 1, at: granule + 63, denied: granule + 64, info: 0 },
    { check: 'check.read', bytes: 64, at: granule + 1, denied: granule + 64, info: granule + 64 },
  ];
  for (const { check, bytes, at, denied, info } of cases) {
    fresh();
    bed.link([region(0x8000, `v1 = get.i32 r1\n ${check} v1 4 ${bytes}\n exit.syscall 0 0x8004 0`)]);
    bed.register[1] = at - 4;
    bed.deny(denied, Deny.coherenceRead);
    enter(0x8000);
    const info2 = bytes | (check === 'check.write' ? 0x100 : 0);
    assert.deepEqual(
      left(),
      info === 0 ? [ExitReason.syscall, 0x8004, 0, 0, 0] : [ExitReason.access, 0x8000, 0, info, info2],
    );
  }
});

test('a byte that stops only writes does not stop reads', () => {
  for (const bits of [Deny.code, Deny.coherenceWrite, Deny.protectionWrite]) {
    fresh();
    bed.link([region(0x8000, 'v1 = get.i32 r1\n check.read v1 0 4\n check.write v1 0 4\n exit.syscall 0 0x8004 0')]);
    bed.register[1] = windowBase;
    bed.deny(windowBase, bits);
    enter(0x8000);
    assert.deepEqual(left(), [ExitReason.access, 0x8000, 0, windowBase, 0x104]);
  }
});

test('spans wrap around the end of the address space', () => {
  fresh();
  bed.link([region(0x8000, 'v1 = get.i32 r1\n check.read v1 0 8\n exit.syscall 0 0x8004 0')]);
  bed.register[1] = -4;
  bed.deny(0xffffffc0, 0);
  bed.deny(0, Deny.protectionRead);
  enter(0x8000);
  assert.deepEqual(left(), [ExitReason.access, 0x8000, 0, 0, 8]);
});
