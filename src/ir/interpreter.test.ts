import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../base/prng.ts';
import { Deny } from '../layout/access.ts';
import { Executor } from '../layout/control.ts';
import { Cpu, ExitReason } from '../layout/cpu.ts';
import { exactFma, fma32, fma64 } from './interpreter/fused.ts';
import { unsignedHigh } from './interpreter/multiply.ts';
import { Interpreter } from './interpreter.ts';
import { parse } from './parser.ts';
import { print } from './printer.ts';
import { Testbed, windowBase } from './testbed.ts';
import { verify } from './verify.ts';

const bed = new Testbed();
const interpreter = new Interpreter(bed.guest, bed.control);

/** Runs the body as block 0 after a marker at 0x8000. */
function run(body: string): number {
  const ir = parse(`entry 0x8000\nb0:\n insn 0x8000 0x0 0x0\n${body}`);
  verify(ir);
  return interpreter.run(ir, bed.cpuBase);
}

const word = (field: { index32: number }): number => bed.words[field.index32];

test('printing gives back what was parsed', () => {
  const text = `entry 0x8001
b0:
  insn 0x8001 0x0 0x0
  v1 = get.i32 r0
  v2 = i32.const -5
  v3 = i32.add v1 v2
  check.write v3 -4 8
  set.i32 r0 v3
  store.32 v3 0 v1
  v7 = i64.const -1 2
  v8 = v128.pair v7 v7
  set.v128 q3 v8
  branch v3 b2 b1
b2:
  poll 0x8005
  jump b0
b1:
  insn 0x8009 0xc 0x0
  exit.syscall 0x0 0x800b 0x8
`.replace('syscall 0x0', 'syscall 0');
  assert.equal(print(parse(text)), text);
});

test('integers and flags follow the table', () => {
  bed.reset(1);
  bed.register[1] = -0x80000000;
  bed.register[2] = -1;
  const reason = run(`
    v1 = get.i32 r1
    v2 = get.i32 r2
    v3 = i32.div_s v1 v2
    set.i32 r3 v3
    v4 = i32.div_u v1 v2
    set.i32 r4 v4
    v5 = i32.const 0
    v6 = i32.div_u v1 v5
    set.i32 r5 v6
    v7 = i64.extend_u v2
    v8 = i64.mul v7 v7
    v9 = i64.high v8
    v10 = i64.low v8
    set.i32 r6 v9
    set.i32 r7 v10
    v11 = i32.rotr v1 v2
    set.i32 r8 v11
    v12 = i32.ctz v5
    set.i32 r9 v12
    v13 = i32.popcnt v2
    set.i32 r10 v13
    exit.jump 0x9001`);
  assert.equal(reason, ExitReason.jump);
  assert.deepEqual([...bed.register.subarray(3, 11)], [-0x80000000, 0, 0, -2, 1, 1, 32, 32]);
  assert.equal(word(Cpu.pc), 0x9001);
});

test('64-bit arithmetic agrees with BigInt', () => {
  const random = new Prng(3);
  for (let i = 0; i < 300; i++) {
    const a = random.next32();
    const b = random.next32();
    assert.equal(unsignedHigh(a | 0, b | 0) >>> 0, Number((BigInt(a) * BigInt(b)) >> 32n));
  }
  const shift = (name: string, value: bigint, by: number): bigint => {
    bed.register[0] = Number(BigInt.asIntN(32, value));
    bed.register[1] = Number(BigInt.asIntN(32, value >> 32n));
    bed.register[2] = by;
    run(
      `v1 = get.i32 r0
      v2 = get.i32 r1
      v3 = get.i32 r2
      v4 = i64.pair v1 v2
      v5 = i64.extend_u v3
      v6 = ${name} v4 v5
      set.f64 d0 v7
      exit.jump 0x0`.replace('set.f64 d0 v7', 'v7 = f64.reinterpret v6\nset.f64 d0 v7'),
    );
    return new BigInt64Array(bed.doubles.buffer, bed.doubles.byteOffset, 1)[0];
  };
  const value = -0x123456789abcdef1n;
  for (let by = 0; by < 64; by++) {
    assert.equal(shift('i64.shl', value, by), BigInt.asIntN(64, value << BigInt(by)));
    assert.equal(shift('i64.shr_s', value, by), value >> BigInt(by));
    assert.equal(shift('i64.shr_u', value, by), BigInt.asIntN(64, BigInt.asUintN(64, value) >> BigInt(by)));
    assert.equal(shift('i64.add', value, by), value + BigInt(by));
    assert.equal(shift('i64.sub', value, by), value - BigInt(by));
  }
});

test('a NaN keeps its bits in moves and follows FPProcessNaNs in arithmetic', () => {
  bed.reset(2);
  const s = new Int32Array(bed.floats.buffer, bed.floats.byteOffset, 64);
  const binary = (name: string, a: number, b: number): number => {
    s[0] = a;
    s[1] = b;
    run(`v1 = get.f32 s0\nv2 = get.f32 s1\nv3 = ${name} v1 v2\nset.f32 s2 v3\nset.f32 s4 v1\nexit.jump 0x0`);
    assert.equal(s[4], a, 'moved unchanged');
    return s[2];
  };
  const signalling = 0x7f800001;
  const quiet = 0x7fc00123;
  assert.equal(binary('f32.add', 0x3f800000, signalling), 0x7fc00001);
  assert.equal(binary('f32.add', quiet, signalling), 0x7fc00001);
  assert.equal(binary('f32.mul', quiet, 0x7fc00456), quiet);
  assert.equal(binary('f32.sub', 0x7f800000, 0x7f800000), 0x7fc00000);
  assert.equal(binary('f32.div', 0, 0), 0x7fc00000);
  const fma = (a: number, b: number, c: number): number => {
    s.set([a, b, c]);
    run(`v1 = get.f32 s0\nv2 = get.f32 s1\nv3 = get.f32 s2\nv4 = f32.fma v1 v2 v3\nset.f32 s3 v4\nexit.jump 0x0`);
    return s[3];
  };
  assert.equal(fma(quiet, 0x7f800000, 0), 0x7fc00000);
  assert.equal(fma(signalling, 0x7f800000, 0), 0x7fc00001);
  assert.equal(fma(quiet, 0x3f800000, signalling | -0x80000000), 0x7fc00001 | -0x80000000);
  assert.equal(fma(quiet, 0x3f800000, 0x7fc00002), quiet);
});

test('conversions of NaNs keep the top of the payload', () => {
  const s = new Int32Array(bed.floats.buffer, bed.floats.byteOffset, 64);
  s[0] = 0xff83abce | 0;
  run(`v1 = get.f32 s0\nv2 = f64.promote v1\nset.f64 d1 v2\nv4 = f32.demote v2\nset.f32 s4 v4\nexit.jump 0x0`);
  assert.equal(s[4], s[0] | 0x400000);
  assert.equal(s[3] >>> 0, (0xfff80000 | ((s[0] & 0x3fffff) >>> 3)) >>> 0);
});

test('fused multiply-add rounds once', () => {
  const random = new Prng(5);
  const view = new DataView(new ArrayBuffer(8));
  const f64 = (spread: number): number => {
    view.setUint32(4, random.chance(0.2) ? 0 : random.next32());
    const exponent = 1023 + random.below(2 * spread) - spread;
    view.setUint32(0, ((random.next32() & 0x800fffff) | (Math.max(0, Math.min(2046, exponent)) << 20)) >>> 0);
    return view.getFloat64(0);
  };
  for (let i = 0; i < 4000; i++) {
    const spread = random.pick([2, 30, 120, 600, 1040]);
    const [a, b, c] = [f64(spread), f64(spread), f64(spread)];
    if (b === 0 || c === 0) continue;
    assert.ok(Object.is(fma64(a, b, c), exactFma(a, b, c)), `${a} + ${b} * ${c}`);
    const [x, y, z] = [Math.fround(a), Math.fround(b), Math.fround(c)];
    if (![x, y, z].every(Number.isFinite) || spread > 30) continue;
    // Spreads are small enough for the sum of exact significands to be rounded once from 106 bits and sticky.
    const direct = fma32(x, y, z);
    const neighbours = [direct, Math.fround(direct * (1 + 2 ** -23)), Math.fround(direct * (1 - 2 ** -23))];
    const distance = (value: number): number => Math.abs(exactFma(x - value, y, z));
    if (Number.isFinite(x - direct) && x - direct + direct === x)
      assert.ok(
        neighbours.every((other) => distance(direct) <= distance(other)),
        `${x} + ${y} * ${z} gave ${direct}`,
      );
  }
  assert.equal(fma64(Infinity, 2 ** 600, -(2 ** 600)), Infinity);
  assert.ok(Object.is(fma64(-0, 0, -1), -0));
  assert.ok(Object.is(fma64(0, 0, -1), 0));
  assert.equal(fma64(-1, 1 + 2 ** -52, 1 - 2 ** -52), -(2 ** -104));
  assert.equal(fma32(2 ** -60, 1 + 2 ** -23, 1 + 2 ** -23), Math.fround(1 + 2 ** -22 + 2 ** -46));
});

test('memory: every width and alignment, little-endian, wrapping', () => {
  bed.reset(4);
  for (const shift of [0, 1, 2, 3, 5]) {
    const at = windowBase + 64 + shift;
    bed.register[0] = at;
    run(`v1 = get.i32 r0
      check.read v1 0 32
      check.write v1 0 40
      v4 = load.32 v1 0
      v5 = load.16s v1 1
      v6 = load.8s v1 3
      v7 = load.v128 v1 3
      v8 = load.f64 v1 8
      set.i32 r1 v4
      set.i32 r2 v5
      set.i32 r3 v6
      set.v128 q1 v7
      set.f64 d0 v8
      store.f64 v1 24 v8
      store.16 v1 32 v4
      exit.jump 0x0`);
    const view = new DataView(bed.guest.buffer, at, 64);
    assert.equal(bed.register[1], view.getInt32(0, true));
    assert.equal(bed.register[2], view.getInt16(1, true));
    assert.equal(bed.register[3], view.getInt8(3));
    const d = new BigInt64Array(bed.doubles.buffer, bed.doubles.byteOffset, 8);
    assert.equal(d[2], view.getBigInt64(3, true));
    assert.equal(d[3], view.getBigInt64(11, true));
    assert.equal(d[0], view.getBigInt64(8, true));
    assert.equal(view.getBigInt64(24, true), view.getBigInt64(8, true));
    assert.equal(view.getInt16(32, true), view.getInt16(0, true));
  }
});

test('a denied check leaves at its guest instruction and names the first denied byte', () => {
  bed.reset(5);
  bed.register[0] = windowBase + 60;
  bed.deny(windowBase + 64, Deny.protectionWrite);
  const body = (kind: string): string => `v1 = get.i32 r0
    check.${kind} v1 0 8
    v3 = i32.const 7
    set.i32 r1 v3
    insn 0x8004 0xc 0x0
    check.${kind} v1 -4 4
    exit.jump 0x0`;
  assert.equal(run(body('read')), ExitReason.jump);
  const before = bed.register[1];
  assert.equal(run(body('write')), ExitReason.access);
  assert.equal(bed.register[1], before);
  assert.equal(word(Cpu.pc), 0x8000);
  assert.equal(word(Cpu.exitInfo), windowBase + 64);
  assert.equal(word(Cpu.exitInfo2), 8 | 0x100);
  bed.deny(windowBase + 64, 0);
  bed.deny(windowBase, Deny.protectionRead);
  assert.equal(run(body('read')), ExitReason.access);
  assert.equal(word(Cpu.exitInfo), windowBase + 60);
  assert.equal(word(Cpu.exitInfo2), 8);
});

test('exits tell where the guest goes on', () => {
  bed.reset(6);
  bed.words[Executor.poll.index32] = 1;
  assert.equal(run('poll 0x8011\njump b1\nb1:\nexit.jump 0x0'), ExitReason.poll);
  assert.equal(word(Cpu.pc), 0x8011);
  assert.equal(run('exit.syscall 3 0x8005 0x18'), ExitReason.syscall);
  assert.deepEqual([word(Cpu.pc), word(Cpu.itstate), word(Cpu.exitInfo)], [0x8005, 0x18, 3]);
  assert.equal(run('insn 0x8002 0x8 0x0\nexit.undefined 0xdeadbeef'), ExitReason.undefined);
  assert.deepEqual([word(Cpu.pc), word(Cpu.itstate), word(Cpu.exitInfo)], [0x8002, 8, 0xdeadbeef | 0]);
  assert.equal(run('v1 = i32.const 6\ncheck.aligned v1 4\nexit.jump 0x0'), ExitReason.alignment);
  assert.deepEqual([word(Cpu.pc), word(Cpu.exitInfo)], [0x8000, 6]);
  assert.equal(run('v1 = i32.const 6\ncall.indirect v1 0x8004 b1\nb1:\nexit.jump 0x0'), ExitReason.jump);
  assert.equal(word(Cpu.pc), 6);
});

test('exclusives: a store succeeds once, and not after another store or a change', () => {
  const address = windowBase + 128;
  const view = new DataView(bed.guest.buffer, address, 8);
  for (const [bits, extend] of [
    [8, ''],
    [16, ''],
    [32, ''],
    [64, 'v3 = i64.extend_u v2'],
  ] as const) {
    bed.reset(7);
    bed.register[0] = address;
    const value = extend === '' ? 'v2' : 'v3';
    const load = `v1 = get.i32 r0\ncheck.aligned v1 ${bits / 8}\ncheck.write v1 0 8\nv4 = ldrex.${bits} v1\nexit.jump 0x0`;
    const store = `v1 = get.i32 r0\nv2 = i32.const 42\n${extend}\ncheck.write v1 0 8
      v9 = strex.${bits} v1 ${value}\nset.i32 r5 v9\nexit.jump 0x0`;
    run(store);
    assert.equal(bed.register[5], 1, 'the monitor was open');
    run(load);
    run(store);
    assert.equal(bed.register[5], 0);
    assert.equal(view.getUint8(0), 42);
    run(store);
    assert.equal(bed.register[5], 1, 'a second store');
    run(load);
    view.setUint8(0, 43);
    run(store);
    assert.equal(bed.register[5], 1, 'changed between');
    assert.equal(view.getUint8(0), 43);
    run(load);
    run('clrex\nexit.jump 0x0');
    run(store);
    assert.equal(bed.register[5], 1, 'cleared');
  }
});

test('the verifier names what is wrong', () => {
  const broken = (body: string, message: RegExp): void =>
    assert.throws(() => verify(parse(`entry 0x8000\nb0:\n${body}`)), message);
  broken('insn 0x0 0x0 0x0\nv1 = get.i32 r0\nv2 = load.32 v1 0\nexit.jump 0x0', /no check covers it: v2 = load.32/);
  broken('insn 0x0 0x0 0x0\nv1 = get.f32 r0\nexit.jump 0x0', /variable of another type/);
  broken('insn 0x0 0x0 0x0\nv1 = get.i32 r0\nv2 = f32.neg v1\nexit.jump 0x0', /v1 is i32, not f32/);
  broken('insn 0x0 0x0 0x0\nv1 = get.i32 r0\nset.i32 r1 v1\ncheck.read v1 0 4\nexit.jump 0x0', /already changed/);
  broken('v1 = get.i32 r0\ncheck.read v1 0 4\nexit.jump 0x0', /not clear which guest instruction/);
  broken(
    `insn 0x0 0x0 0x0\nv1 = get.i32 r0\ncheck.write v1 0 4\npoll 0x0\nv4 = load.32 v1 0\nexit.jump 0x0`,
    /no check covers/,
  );
  broken(
    `v1 = get.i32 r0\nbranch v1 b1 b2\nb1:\nv2 = get.i32 r1\njump b2\nb2:\nset.i32 r0 v2\nexit.jump 0x0`,
    /does not dominate/,
  );
});
