/**
 * Exact floating point beside qemu-arm: each instruction that obeys FPSCR, each mode, results and exceptions; first the
 * operations of the IR, then the instructions in both tiers of the emulator. FLOAT_CASES sets the cases for each row,
 * FLOAT_SEED the seed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../src/base/prng.ts';
import { Builder, type IrFunction } from '../src/ir/function.ts';
import { Interpreter } from '../src/ir/interpreter.ts';
import { opCodes, ops } from '../src/ir/ops.table.ts';
import { drawFloats } from '../src/ir/random-floats.ts';
import { Testbed } from '../src/ir/testbed.ts';
import { Var } from '../src/ir/variables.table.ts';
import { Cpu } from '../src/layout/cpu.ts';
import { exceptionBits, Fpscr } from '../src/layout/fpscr.ts';
import { exactFloats, FloatCase, runReference } from './exact-float-reference.ts';
import { type FloatRow, floatRows } from './exact-float-rows.ts';
import { armada } from './oracle.ts';

const casesPerRow = Number(process.env['FLOAT_CASES'] ?? 100);
const seed = Number(process.env['FLOAT_SEED'] ?? Date.now() % 1_000_000);
/** Mismatches that are told of one row. */
const toldMax = 3;

const bed = new Testbed();
const interpreter = new Interpreter(bed.guest, bed.control);

/** Applies the row's operation to q0, q1 and q2, as far as it takes them; the result goes to q0 or, an i32, to r0. */
function functionOf({ operation, immediate }: FloatRow): IrFunction {
  const b = new Builder();
  b.begin(0x1000);
  b.startBlock(b.newBlock());
  b.append(opCodes.insn, 0x1000, 0, 0);
  let operand = 0;
  const values = ops[operation].args.map((kind) => {
    if (kind === 'imm') return immediate;
    const n = operand++;
    if (kind === 'f32') return b.emit('get.f32', Var.s + 4 * n);
    if (kind === 'f64') return b.emit('get.f64', Var.d + 2 * n);
    if (kind === 'v128') return b.emit('get.v128', Var.q + n);
    return b.emit('i32.reinterpret', b.emit('get.f32', Var.s + 4 * n));
  });
  const result = b.append(opCodes[operation], values[0] as number, values[1] ?? 0, values[2] ?? 0);
  const type = ops[operation].result;
  const set = { i32: opCodes['set.i32'], f32: opCodes['set.f32'], f64: opCodes['set.f64'], v128: opCodes['set.v128'] };
  const to = { i32: Var.r, f32: Var.s, f64: Var.d, v128: Var.q };
  if (!(type in set)) throw new Error(`no result of ${operation}`);
  b.append(set[type as keyof typeof set], to[type as keyof typeof to], result, 0);
  b.emit('exit.jump', 0x9000);
  return b.finish();
}

const { FZ, DN, FZ16, AHP, RMode } = Fpscr;

function drawCase(random: Prng, row: FloatRow, number: number, into: Int32Array): void {
  drawFloats(random, row.operands, into.subarray(0, FloatCase.operandWords));
  if (random.chance(0.1)) into.copyWithin(4, 0, 4);
  const mode = random.chance(0.3) ? 0 : random.next32() & (FZ | DN | FZ16 | AHP | RMode);
  into[FloatCase.fpscr] = mode | (random.chance(0.5) ? 0 : random.next32() & exceptionBits);
  into[FloatCase.instruction] = number;
}

/** What the operation makes of a case: the words of its result (N, Z, C, V in the first, for flags) and exceptions. */
function compute(ir: IrFunction, row: FloatRow, input: Int32Array): { words: Int32Array; exceptions: number } {
  const { words } = bed;
  words.set(input.subarray(0, FloatCase.operandWords), Cpu.d.index32);
  words[Cpu.fpscr.index32] = (input[FloatCase.fpscr] as number) & ~exceptionBits;
  words[Cpu.fpexc.index32] = (input[FloatCase.fpscr] as number) & exceptionBits;
  interpreter.run(ir, bed.cpuBase);
  const from = ops[row.operation].result === 'i32' ? Cpu.r.index32 : Cpu.d.index32;
  return { words: words.slice(from, from + 4), exceptions: words[Cpu.fpexc.index32] as number };
}

const hex = (...parts: readonly Iterable<number>[]): string =>
  parts.flatMap((words) => [...words].map((word) => (word >>> 0).toString(16).padStart(8, '0'))).join(' ');

/** Of a result in q0, what belongs to the row's. */
function partOf(row: FloatRow, words: Int32Array): string {
  if (row.result === 16) return hex([(words[0] as number) & 0xffff]);
  return hex(words.subarray(0, row.result === 'flags' ? 1 : row.result / 32));
}

function describe(row: FloatRow, input: Int32Array): string {
  const operands = [0, 4, 8].map((n) => hex(input.subarray(n, n + 4)));
  return `${row.text} of ${operands.join(', ')} with FPSCR ${hex([input[FloatCase.fpscr] as number])}`;
}

const cases = new Int32Array(floatRows.length * casesPerRow * FloatCase.words);
const caseOf = (words: Int32Array, i: number): Int32Array =>
  words.subarray(i * FloatCase.words, (i + 1) * FloatCase.words);
const random = new Prng(seed);
for (const [number, row] of floatRows.entries())
  for (let i = 0; i < casesPerRow; i++) drawCase(random, row, number, caseOf(cases, number * casesPerRow + i));
let known: Int32Array | undefined;
/** What qemu-arm makes of the cases. */
const reference = (): Int32Array => {
  known ??= runReference(cases);
  return known;
};

/** At most a few for each row. */
class Problems {
  readonly told: string[] = [];
  readonly #count = new Map<FloatRow, number>();

  add(row: FloatRow, input: Int32Array, actual: string, expected: string): void {
    if (actual === expected) return;
    const count = (this.#count.get(row) ?? 0) + 1;
    this.#count.set(row, count);
    if (count <= toldMax) this.told.push(`${describe(row, input)}: ${actual}; qemu-arm: ${expected}`);
  }
}

test(`operations for ${floatRows.length} instructions give what qemu-arm gives`, { timeout: 120_000 }, (t) => {
  t.diagnostic(`seed ${seed}, ${casesPerRow} cases a row`);
  const problems = new Problems();
  bed.reset(1);
  for (const [number, row] of floatRows.entries()) {
    const ir = functionOf(row);
    for (let i = 0; i < casesPerRow; i++) {
      const input = caseOf(cases, number * casesPerRow + i);
      const outcome = caseOf(reference(), number * casesPerRow + i);
      const fpscr = outcome[FloatCase.fpscr] as number;
      const wanted = row.result === 'flags' ? Int32Array.of(fpscr >>> 28) : outcome;
      const { words, exceptions } = compute(ir, row, input);
      const actual = `${partOf(row, words)}, exceptions ${exceptions.toString(16)}`;
      problems.add(row, input, actual, `${partOf(row, wanted)}, exceptions ${(fpscr & exceptionBits).toString(16)}`);
    }
  }
  assert.deepEqual(problems.told, []);
});

for (const tier of ['translator', 'interpreter'] as const)
  test(`the instructions themselves, ${tier}`, { timeout: 300_000 }, async () => {
    const stdin = Buffer.from(cases.buffer);
    const outcome = await armada({ path: exactFloats(), stdin }, { tier });
    assert.deepEqual([outcome.status, outcome.stderr, outcome.stdout.length], [0, '', cases.byteLength]);
    const words = new Int32Array(Uint8Array.from(outcome.stdout).buffer);
    const problems = new Problems();
    const text = (record: Int32Array): string => hex(record.subarray(0, 4), record.subarray(FloatCase.fpscr));
    for (const [number, row] of floatRows.entries())
      for (let i = number * casesPerRow; i < (number + 1) * casesPerRow; i++)
        problems.add(row, caseOf(cases, i), text(caseOf(words, i)), text(caseOf(reference(), i)));
    assert.deepEqual(problems.told, []);
  });
