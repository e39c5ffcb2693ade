import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IrFunction } from '../function.ts';
import { parse } from '../parser.ts';
import { print } from '../printer.ts';
import { Var } from '../variables.table.ts';
import { verify } from '../verify.ts';
import { foldConstants } from './constant-folding.ts';
import { removeDeadCode } from './dead-code.ts';
import { removeDeadSets } from './dead-sets.ts';
import { analyse } from './dominators.ts';
import { forwardVariables } from './forward-variables.ts';
import { hoistChecks } from './hoist-checks.ts';
import { joinChecks } from './join-checks.ts';
import { computeWriteBack, settleNeeds } from './liveness.ts';
import { orderBlocks } from './order-blocks.ts';
import { sinkSets } from './sink-sets.ts';

/** What the insn's third argument is that says: reads these variables and no others. */
const reads = (...names: number[]): string =>
  `0x${(names.reduce((mask, n) => mask | (1 << n), 1 << 31) >>> 0).toString(16)}`;

function becomes(pass: (ir: IrFunction) => void, before: string, after: string): void {
  const ir = parse(`entry 0x8000\nb0:\n${before}`);
  verify(ir);
  pass(ir);
  verify(ir);
  assert.equal(print(ir), print(parse(`entry 0x8000\nb0:\n${after}`)));
}

test('dominators: a diamond in a loop, and a cycle with two entries', () => {
  const flow = analyse(
    parse(`entry 0x0
    b0:
      jump b1
    b1:
      v1 = get.i32 r0
      branch v1 b2 b3
    b2:
      jump b4
    b3:
      jump b4
    b4:
      branch v1 b1 b5
    b5:
      exit.jump 0x0`),
  );
  assert.deepEqual([...flow.idom], [-1, 0, 1, 1, 1, 4]);
  assert.deepEqual([...flow.rpo], [0, 1, 2, 3, 4, 5]);
  assert.deepEqual([...flow.isLoopHeader], [0, 1, 0, 0, 0, 0]);
  assert.ok(flow.isReducible && flow.dominates(1, 5) && !flow.dominates(2, 4));

  const tangled = analyse(
    parse(`entry 0x0
    b0:
      v0 = get.i32 r0
      branch v0 b1 b2
    b1:
      jump b2
    b2:
      branch v0 b1 b4
    b3:
      jump b4
    b4:
      exit.jump 0x0`),
  );
  assert.ok(!tangled.isReducible && !tangled.isReachable(3));
  assert.equal(tangled.isIrreducibleTarget[1] + tangled.isIrreducibleTarget[2], 1);
  assert.equal(tangled.idom[4], 2);
});

test('constants fold, additions go into offsets, a branch on x != 0 tests x', () => {
  becomes(
    foldConstants,
    `insn 0x8000 0x0 0x0
    v1 = get.i32 r1
    v2 = i32.const 8
    v3 = i32.const 4
    v4 = i32.add v2 v3
    v5 = i32.add v1 v4
    check.read v5 4 4
    v7 = load.32 v5 4
    v8 = i32.const 0
    v9 = i32.or v7 v8
    v10 = i32.ne v9 v8
    branch v10 b1 b2
    b1:
    exit.jump 0x1
    b2:
    exit.jump 0x2`,
    `insn 0x8000 0x0 0x0
    v1 = get.i32 r1
    v2 = i32.const 8
    v3 = i32.const 4
    v4 = i32.const 12
    v5 = i32.add v1 v4
    check.read v1 16 4
    v7 = load.32 v1 16
    v8 = i32.const 0
    v9 = i32.ne v7 v8
    branch v7 b1 b2
    b1:
    exit.jump 0x1
    b2:
    exit.jump 0x2`,
  );
});

test('registers are forwarded over a diamond that does not change them, and not over calls', () => {
  becomes(
    forwardVariables,
    `insn 0x8000 0x0 0x0
    v1 = get.i32 r1
    v2 = get.i32 r2
    set.i32 r3 v1
    branch v1 b1 b2
    b1:
    set.i32 r2 v1
    jump b2
    b2:
    v6 = get.i32 r3
    v7 = get.i32 r2
    v8 = i32.add v6 v7
    v9 = i32.add v6 v7
    set.i32 r4 v8
    set.i32 r4 v9
    call 0x1 0x2 b3
    b3:
    v13 = get.i32 r3
    set.i32 r5 v13
    exit.jump 0x0`,
    `insn 0x8000 0x0 0x0
    v1 = get.i32 r1
    v2 = get.i32 r2
    set.i32 r3 v1
    branch v1 b1 b2
    b1:
    set.i32 r2 v1
    jump b2
    b2:
    v7 = get.i32 r2
    v8 = i32.add v1 v7
    set.i32 r4 v8
    call 0x1 0x2 b3
    b3:
    v13 = get.i32 r3
    set.i32 r5 v13
    exit.jump 0x0`,
  );
});

test('a write of d0 ends what is known of s1', () => {
  becomes(
    forwardVariables,
    'v0 = get.f32 s1\nv1 = get.f64 d1\nset.f64 d0 v1\nv3 = get.f32 s1\nset.f32 s5 v3\nv5 = get.f64 d0\nset.f64 d7 v5\nexit.jump 0x0',
    'v0 = get.f32 s1\nv1 = get.f64 d1\nset.f64 d0 v1\nv3 = get.f32 s1\nset.f32 s5 v3\nset.f64 d7 v1\nexit.jump 0x0',
  );
});

test('checks of one base are joined up to 64 bytes, reads with reads', () => {
  becomes(
    joinChecks,
    `insn 0x8000 0x0 0x0
    v1 = get.i32 r13
    v2 = i32.const 16
    v3 = i32.sub v1 v2
    check.write v3 0 16
    store.32 v3 0 v1
    insn 0x8002 0x0 0x0
    check.read v3 4 4
    v8 = load.32 v3 4
    check.read v1 8 4
    v10 = load.32 v1 8
    insn 0x8004 0x0 0x0
    check.read v1 -20 4
    check.read v3 56 4
    check.write v1 0 4
    store.32 v1 0 v1
    exit.jump 0x0`,
    `insn 0x8000 0x0 0x0
    v1 = get.i32 r13
    v2 = i32.const 16
    v3 = i32.sub v1 v2
    check.write v3 0 20
    store.32 v3 0 v1
    insn 0x8002 0x0 0x0
    v8 = load.32 v3 4
    check.read v1 -20 64
    v10 = load.32 v1 8
    insn 0x8004 0x0 0x0
    store.32 v1 0 v1
    exit.jump 0x0`,
  );
});

test('what is read and then written as a whole is checked for writing at once, if it will be written for certain', () => {
  const change = (stored: number, between = '') => `insn 0x8000 0x0 0x0
    v1 = get.i32 r1
    check.read v1 0 4
    v3 = load.32 v1 0
    ${between}
    insn 0x8002 0x0 0x0
    check.write v1 ${stored} 4
    store.32 v1 ${stored} v3
    exit.jump 0x0`;
  becomes(
    joinChecks,
    change(0),
    change(0)
      .replace('check.read', 'check.write')
      .replace(/(insn 0x8002.*\n) *check.write.*\n/, '$1'),
  );
  const untouched = [change(2), change(4), change(0, 'branch v3 b1 b2\nb1:\nexit.jump 0x9000\nb2:')];
  for (const text of untouched) becomes(joinChecks, text, text);
});

test('a check is joined past a diamond, not into what may not follow, and not past a poll', () => {
  const text = `insn 0x8000 0x0 0x0
    v1 = get.i32 r1
    check.read v1 0 4
    branch v1 b1 b2
    b1:
    insn 0x8002 0x0 0x0
    check.read v1 8 4
    jump b2
    b2:
    insn 0x8004 0x0 0x0
    check.read v1 4 4
    jump b3
    b3:
    poll 0x8006
    insn 0x8006 0x0 0x0
    check.read v1 0 4
    exit.jump 0x0`;
  becomes(
    joinChecks,
    text,
    text.replace('check.read v1 0 4\n    branch', 'check.read v1 0 8\n    branch').replace(/check.read v1 4 4\n/, ''),
  );
});

const compareAndStore = (between: string): string => `insn 0x8000 0x0 ${reads(Var.r, Var.r + 1)}
    v1 = get.i32 r0
    v2 = get.i32 r1
    v3 = i32.sub v1 v2
    set.i32 zf v3
    ${between}
    insn 0x8006 0x0 ${reads(Var.zf)}
    v10 = i32.eq v1 v2
    branch v10 b1 b2
    b1:
    set.i32 zf v1
    exit.jump 0x1
    b2:
    set.i32 zf v2
    exit.jump 0x2`;

test('a flag that only the fused comparison reads dies, unless an exit comes between', () => {
  const store = `insn 0x8002 0x0 ${reads(Var.r + 1)}\ncheck.write v2 0 4\nstore.32 v2 0 v1`;
  const dead = compareAndStore('');
  becomes(removeDeadSets, dead, dead.replace('set.i32 zf v3', ''));
  becomes(removeDeadSets, compareAndStore(store), compareAndStore(store));
});

test('unused loads go, their checks stay', () => {
  becomes(
    removeDeadCode,
    'insn 0x8000 0x0 0x0\nv1 = get.i32 r1\nv2 = get.i32 r2\ncheck.read v1 0 4\nv4 = load.32 v1 0\nexit.jump 0x0',
    'insn 0x8000 0x0 0x0\nv1 = get.i32 r1\ncheck.read v1 0 4\nexit.jump 0x0',
  );
});

test('write-back: what was assigned and is needed; loads: what is read or may have to be stored', () => {
  const ir = parse(`entry 0x8000
  b0:
    insn 0x8000 0x0 ${reads(Var.r + 1)}
    v1 = get.i32 r1
    branch v1 b1 b2
  b1:
    insn 0x8002 0x0 ${reads()}
    set.i32 r2 v1
    set.i32 r3 v1
    jump b2
  b2:
    insn 0x8004 0x0 ${reads(Var.r + 1, Var.r + 2)}
    check.read v1 0 4
    v8 = load.32 v1 0
    set.i32 r3 v8
    call 0x1 0x2 b3
  b3:
    insn 0x8008 0x0 0x0
    v12 = get.i32 r4
    exit.return v12`);
  const { stores, loads } = computeWriteBack(ir);
  const at = (name: string): number => Array.from({ length: ir.count }, (_, i) => i).find((i) => ir.op(i) === name)!;
  const bit = (n: number): number => 1 << (Var.r + n);
  assert.equal(stores[3 * at('check.read')], bit(2), 'r3 is overwritten before it is read');
  assert.equal(stores[3 * at('call')], bit(2) | bit(3));
  assert.equal(stores[3 * at('exit.return')], 0);
  assert.equal(loads[0], bit(1) | bit(2), 'r2 may be stored though the other path assigned it');
  assert.equal(loads[3 * 3], bit(4));
});

test('a check goes up with its address, past assignments of earlier instructions, not past what it depends on', () => {
  becomes(
    hoistChecks,
    `poll 0x8000
    insn 0x8000 0x0 0x0
    v2 = get.i32 r0
    set.i32 zf v2
    insn 0x8002 0x0 0x0
    v5 = get.i32 r1
    v6 = i32.const 4
    v7 = i32.add v5 v6
    check.read v7 0 4
    v9 = load.32 v7 0
    set.i32 r2 v9
    insn 0x8004 0x0 0x0
    check.read v9 0 4
    v13 = load.32 v9 0
    set.i32 r3 v13
    exit.jump 0x0`,
    `poll 0x8000
    insn 0x8000 0x0 0x0
    v5 = get.i32 r1
    v6 = i32.const 4
    v7 = i32.add v5 v6
    check.read v7 0 4
    v2 = get.i32 r0
    set.i32 zf v2
    insn 0x8002 0x0 0x0
    v9 = load.32 v7 0
    check.read v9 0 4
    set.i32 r2 v9
    insn 0x8004 0x0 0x0
    v13 = load.32 v9 0
    set.i32 r3 v13
    exit.jump 0x0`,
  );
});

test('flags that only the end of a loop sees move there with what computes them', () => {
  const loop = (inside: string, after: string): string => `jump b1
    b1:
    poll 0x8000
    insn 0x8000 0x0 ${reads(Var.r, Var.r + 1)}
    v3 = get.i32 r0
    v4 = get.i32 r1
    ${inside}
    set.i32 r0 v4
    insn 0x8002 0x0 ${reads()}
    branch v3 b1 b2
    b2:
    ${after}
    insn 0x8004 0x0 ${reads()}
    exit.jump 0x0`;
  const flags = 'v5 = i32.sub v3 v4\nset.i32 nf v5';
  becomes(sinkSets, loop(flags, ''), loop('', flags));
});

test('settled needs stay when the assignment that ended them is removed', () => {
  const ir = parse(`entry 0x8000
  b0:
    insn 0x8000 0x0 ${reads(Var.r)}
    v1 = get.i32 r0
    check.read v1 0 4
    insn 0x8002 0x0 ${reads(Var.r)}
    set.i32 zf v1
    insn 0x8004 0x0 ${reads(Var.zf)}
    set.i32 zf v1
    exit.jump 0x0`);
  settleNeeds(ir);
  removeDeadSets(ir);
  assert.equal(ir.argument(0, 2) & (1 << Var.zf), 0);
  settleNeeds(ir);
  assert.equal(ir.argument(0, 2) & (1 << Var.zf), 0);
});

test('blocks come into an order in which dominators stand first', () => {
  becomes(
    orderBlocks,
    'jump b2\nb1:\nexit.jump 0x1\nb2:\nv2 = get.i32 r0\nset.i32 r1 v2\njump b1',
    'jump b2\nb2:\nv2 = get.i32 r0\nset.i32 r1 v2\njump b1\nb1:\nexit.jump 0x1',
  );
});
