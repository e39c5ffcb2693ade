import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex32 } from '../../base/bits.ts';
import { Prng } from '../../base/prng.ts';
import { Executor, executorRecord } from '../../layout/control.ts';
import { Cpu, ExitReason } from '../../layout/cpu.ts';
import type { IrFunction } from '../function.ts';
import { Interpreter } from '../interpreter.ts';
import { opCodes } from '../ops.table.ts';
import { print } from '../printer.ts';
import { programBase, RandomProgram } from '../random-ir.ts';
import { containsWord, setWords } from '../storage.ts';
import { cpuWords, Testbed, windowBase, windowBytes } from '../testbed.ts';
import { verify } from '../verify.ts';
import { analyse } from './dominators.ts';
import { computeWriteBack, guestNeeds, type WriteBack } from './liveness.ts';
import { optimise, passNames } from './pipeline.ts';

const reference = { bed: new Testbed(), interpreter: undefined as unknown as Interpreter };
const subject = { bed: new Testbed(), interpreter: undefined as unknown as Interpreter };
for (const side of [reference, subject]) side.interpreter = new Interpreter(side.bed.guest, side.bed.control);

function reset(seed: number, denied: number): void {
  for (const { bed } of [reference, subject]) {
    bed.reset(seed, denied);
    for (const pointer of [8, 9, 10, 11, 13])
      bed.register[pointer] = windowBase + 0x200 + ((seed * 7919 + pointer * 1021) % (windowBytes - 0x600));
    bed.words[Cpu.tpidrurw.index32] = 12;
  }
}

/**
 * What an exit at a guest instruction needs, by its address, before any pass. A conditional one has a second marker
 * under its condition, and only there can it leave.
 */
function needsAt(program: RandomProgram, address: number): Int32Array {
  const region = program.lowerRegion();
  const needs = guestNeeds(region, analyse(region));
  for (let at = region.count - 1; at >= 0; at--)
    if (region.op(at) === 'insn' && region.argument(at, 0) === address)
      return needs.subarray(at * setWords, (at + 1) * setWords);
  throw new Error(`no instruction at ${hex32(address)}`);
}

/** Runs on from wherever the subject left early, by single instructions, as a dispatcher would. */
function finish(program: RandomProgram): number {
  const { bed, interpreter } = subject;
  bed.words[Executor.poll.index32] = 0;
  return interpreter.run(program.lowerFrom(bed.words[Cpu.pc.index32]), bed.cpuBase);
}

/** Words that exact floating-point operations use in the record itself, whatever is kept in locals. */
const inRecord: ReadonlySet<number> = new Set([Cpu.fpscr.index32, Cpu.fpexc.index32]);

/**
 * Runs a region as an emitter would that keeps registers in locals: here another executor's record, in which whatever
 * `computeWriteBack` does not load is garbage, and from which only what it stores comes back.
 */
function runInLocals(region: IrFunction, block: number, writeBack: WriteBack): number {
  const { bed, interpreter } = subject;
  const locals = new Int32Array(bed.control.buffer, executorRecord(1), bed.words.length);
  const move = (from: Int32Array, to: Int32Array, set: Int32Array): void => {
    for (let i = 0; i < bed.words.length; i++)
      if (i >= cpuWords || inRecord.has(i) || containsWord(set, i)) to[i] = from[i];
  };
  locals.fill(0xbadbad);
  move(bed.words, locals, writeBack.loads.subarray(block * setWords, (block + 1) * setWords));
  const reason = interpreter.run(region, executorRecord(1), block);
  const at = interpreter.leftAt;
  move(locals, bed.words, writeBack.stores.subarray(at * setWords, (at + 1) * setWords));
  return reason;
}

const leftEarly = (reason: number): boolean => reason === ExitReason.access || reason === ExitReason.poll;

/** Runs the program both ways, calls answered alike, and compares at each call and at the end. */
function compare(program: RandomProgram, region: IrFunction, seed: number, polled: boolean): void {
  const random = new Prng(seed);
  const { bed: wanted } = reference;
  const { bed: found } = subject;
  found.words[Executor.poll.index32] = polled ? 1 : 0;
  const writeBack = computeWriteBack(region);
  let from = programBase;
  let block = 0;
  /** Set once the subject has left its region for good. */
  let isAlone = false;
  for (let calls = 0; calls < 20; calls++) {
    const reason = reference.interpreter.run(program.lowerFrom(from), wanted.cpuBase);
    let got: number = isAlone ? 0 : runInLocals(region, block, writeBack);
    if (isAlone) found.words[Cpu.pc.index32] = from;
    if (isAlone || leftEarly(got)) {
      got = finish(program);
      isAlone = true;
    }
    assert.equal(got, reason);
    const pc = wanted.words[Cpu.pc.index32];
    const needs = leftEarly(reason) ? needsAt(program, pc) : undefined;
    const differs: string[] = [];
    for (let i = 0; i < cpuWords; i++) {
      const isNeeded = needs === undefined || containsWord(needs, i);
      if (isNeeded && wanted.words[i] !== found.words[i])
        differs.push(`word ${i}: ${hex32(wanted.words[i])} but ${hex32(found.words[i])}`);
    }
    assert.deepEqual(differs, [], `registers at ${hex32(pc)}`);
    assert.ok(Buffer.from(wanted.window).equals(Buffer.from(found.window)), 'memory');
    const call = program.calls.get(pc);
    if (reason !== ExitReason.jump || call === undefined) return;
    from = call.returnAddress;
    block = call.block;
    for (let i = 0; i < 4; i++) {
      const register = random.below(8);
      const value = random.next32();
      for (const bed of [wanted, found]) bed.register[register] = value;
    }
  }
}

function check(seed: number, transform: (ir: IrFunction) => void): void {
  const program = new RandomProgram(seed, { blocks: 1 + (seed % 14) });
  const original = program.lowerRegion();
  const region = program.lowerRegion();
  verify(region);
  try {
    transform(region);
    verify(region);
    for (const [denied, polled] of [
      [0, false],
      [0.1, false],
      [0.02, true],
    ] as const) {
      reset(seed, denied);
      compare(program, region, seed, polled);
    }
  } catch (error) {
    throw new Error(`seed ${seed}\n${print(original)}\nbecame\n${print(region)}`, { cause: error });
  }
}

test('a region and its instructions one by one agree', () => {
  for (let seed = 1; seed <= 150; seed++) check(seed, () => {});
});

for (const pass of passNames)
  test(`${pass} alone keeps the meaning of random programs`, () => {
    const without = passNames.filter((name) => name !== pass);
    for (let seed = 1; seed <= 120; seed++) check(seed * 31 + 7, (ir) => optimise(ir, { without }));
  });

test('all passes keep the meaning of random programs', () => {
  for (let seed = 1000; seed < 1400; seed++) check(seed, (ir) => optimise(ir, { after: (_, ir) => verify(ir) }));
});

test('passes remove something', () => {
  let before = 0;
  let after = 0;
  let checksBefore = 0;
  let checksAfter = 0;
  const checks = (ir: IrFunction): number =>
    Array.from({ length: ir.count }, (_, at) => ir.words[at * 4]).filter((code) => code === opCodes['check.read'])
      .length;
  for (let seed = 1; seed <= 50; seed++) {
    const ir = new RandomProgram(seed).lowerRegion();
    before += ir.count;
    checksBefore += checks(ir);
    optimise(ir);
    after += ir.count;
    checksAfter += checks(ir);
  }
  assert.ok(after < before * 0.9, `${before} became ${after}`);
  assert.ok(checksAfter < checksBefore * 0.9, `${checksBefore} checks became ${checksAfter}`);
});
