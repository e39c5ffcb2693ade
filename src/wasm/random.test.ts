/**
 * Random programs: a region runs until it leaves, the interpreter goes on from there, and together they must arrive at
 * what the interpreter alone makes of the program.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../base/prng.ts';
import { Builder, type IrFunction } from '../ir/function.ts';
import { fuelVariable, programBase, type RandomOptions, RandomProgram } from '../ir/random-ir.ts';
import { Var } from '../ir/variables.table.ts';
import { verify } from '../ir/verify.ts';
import { Executor } from '../layout/control.ts';
import { Cpu, ExitReason } from '../layout/cpu.ts';
import type { EmitOptions } from './module.ts';
import { type Outcome, RegionTestbed } from './region-testbed.ts';

const bed = new RegionTestbed();
/** No instruction of any program, nor a callee. */
const nowhere = 0x100000;
const transfersMax = 1000;

/** A callee: changes an integer and a D register that the program uses, and returns; every third one returns to somewhere else. */
function callee(target: number): IrFunction {
  const b = new Builder();
  b.begin(target);
  b.startBlock(b.newBlock());
  b.emit('insn', target, 0, 0);
  const old = b.emit('get.i32', Var.r + 3);
  b.emit('set.i32', Var.r + 3, b.emit('i32.xor', old, b.emit('i32.const', target)));
  b.emit('set.f64', Var.d + 1, b.emit('f64.neg', b.emit('get.f64', Var.d + 1)));
  if ((target >>> 2) % 3 === 0) b.emit('exit.return', b.emit('i32.const', nowhere));
  else b.emit('exit.return', b.emit('get.i32', Var.r + 14));
  return b.finish();
}

/** Goes on by interpreting, from `outcome` on, until the program ends or leaves for a reason other than a jump. */
function goOn(program: RandomProgram, outcome: Outcome): Outcome {
  let at = outcome;
  for (let i = 0; i < transfersMax && at.reason === ExitReason.jump; i++) {
    if (program.calls.has(at.pc)) at = bed.interpret(callee(at.pc));
    else if (isInstruction(program, at.pc)) at = bed.interpret(program.lowerFrom(at.pc));
    else break;
  }
  return at;
}

const isInstruction = (program: RandomProgram, pc: number): boolean =>
  program.blocks.some(({ address, endAddress }) => pc >= address && pc <= endAddress && (pc & 3) === 0);

function prepare(seed: number, denied: number): void {
  bed.reset(seed, denied);
  bed.words[Cpu.tpidrurw.index32] = 12;
  assert.equal(fuelVariable, Var.tpidrurw);
}

interface Trial extends RandomOptions {
  readonly denied: number;
  readonly callDepth?: number;
  readonly emit?: Partial<EmitOptions>;
  /** Link the callees in the region's own module, in another, or not at all. */
  readonly callees: 'inside' | 'outside' | 'none';
}

function runTrial(seed: number, trial: Trial): void {
  const program = new RandomProgram(seed, trial);
  const region = program.lowerRegion();
  verify(region);
  const callees = [...program.calls.keys()].map(callee);
  bed.unlink();
  if (trial.callees === 'outside') bed.link(callees, trial.emit);
  bed.link(trial.callees === 'inside' ? [region, ...callees] : [region], trial.emit);

  prepare(seed, trial.denied);
  bed.words[Executor.callDepth.index32] = trial.callDepth ?? 100;
  const expected = goOn(program, { ...bed.interpret(program.lowerFrom(programBase)) });
  const expectedLater = resume(program, expected);

  // Without checks an access outside the window would be done.
  if (trial.emit?.checks === 'none' && expected.reason === ExitReason.access) return;
  prepare(seed, trial.denied);
  bed.words[Executor.callDepth.index32] = trial.callDepth ?? 100;
  const left = bed.runRegion(programBase);
  const actual = goOn(program, left);
  assert.deepEqual([actual.reason, actual.pc.toString(16)], [expected.reason, expected.pc.toString(16)]);
  assert.deepEqual(actual.window, expected.window);
  if (trial.emit?.allRegistersAtExits) assert.deepEqual(actual.record, expected.record);
  const later = resume(program, actual);
  assert.deepEqual([later.reason, later.pc], [expectedLater.reason, expectedLater.pc]);
  // Still at an access: outside the window. What the guest does not read any more may differ there.
  if (later.reason !== ExitReason.access) assert.deepEqual(later.record, expectedLater.record);
  assert.deepEqual(later.window, expectedLater.window);
}

/** From an access exit on with everything allowed, so that registers that the exit did not write back show if they matter. */
function resume(program: RandomProgram, outcome: Outcome): Outcome {
  if (outcome.reason !== ExitReason.access) return outcome;
  bed.allowAll();
  return goOn(program, bed.interpret(program.lowerFrom(outcome.pc)));
}

const seeds = 250;
const run = (name: string, trial: Trial): void => {
  test(name, () => {
    const random = new Prng(42);
    for (let i = 0; i < seeds; i++) {
      const seed = random.next32();
      try {
        runTrial(seed, trial);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });
};

run('regions with all accesses allowed', { denied: 0, callees: 'none' });
run('regions that leave at denied accesses, with every register', {
  denied: 0.15,
  callees: 'none',
  emit: { allRegistersAtExits: true },
});
run('regions that leave at denied accesses, with the registers that matter', { denied: 0.15, callees: 'none' });
run('calls inside the module', { denied: 0.02, callees: 'inside', blocks: 8 });
run('calls through the code table', { denied: 0.02, callees: 'outside', blocks: 8 });
run('calls at no depth go on flat', { denied: 0, callees: 'inside', blocks: 8, callDepth: 0 });
run('many blocks', { denied: 0.01, callees: 'inside', blocks: 40 });
run('hosts with weaker memory order', { denied: 0.1, callees: 'none', emit: { hostIsTso: false } });
run('regions without checks', { denied: 0, callees: 'none', emit: { checks: 'none' } });
