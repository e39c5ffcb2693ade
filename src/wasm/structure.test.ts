/** Control-flow shapes: every block counts in a register how often it ran, and the interpreter must agree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../base/prng.ts';
import { Builder, type IrFunction } from '../ir/function.ts';
import { analyse } from '../ir/passes/dominators.ts';
import { Var } from '../ir/variables.table.ts';
import { verify } from '../ir/verify.ts';
import { RegionTestbed } from './region-testbed.ts';

const bed = new RegionTestbed();
const entry = 0x8000;

/**
 * A graph by its successors: none leaves, one jumps, two branch. Blocks mix their number into r0, and every branch
 * takes the next bit of r1, until r2 steps are done.
 */
function graph(successors: readonly (readonly number[])[]): IrFunction {
  const b = new Builder();
  b.begin(entry);
  const blocks = successors.map(() => b.newBlock());
  const leaving = b.newBlock();
  for (const [i, next] of successors.entries()) {
    b.startBlock(blocks[i] as never);
    b.emit('insn', entry + 4 * i, 0, 0);
    const sum = b.emit('i32.mul', b.emit('get.i32', Var.r), b.emit('i32.const', 31));
    b.emit('set.i32', Var.r, b.emit('i32.add', sum, b.emit('i32.const', i + 1)));
    const steps = b.emit('i32.sub', b.emit('get.i32', Var.r + 2), b.emit('i32.const', 1));
    b.emit('set.i32', Var.r + 2, steps);
    const [first, second] = next;
    if (first === undefined) b.emit('jump', leaving);
    else if (second === undefined) {
      const goesOn = b.newBlock();
      b.emit('branch', b.emit('i32.gt_s', steps, b.emit('i32.const', 0)), goesOn, leaving);
      b.startBlock(goesOn);
      b.emit('jump', blocks[first] as never);
    } else {
      const goesOn = b.newBlock();
      const bits = b.emit('get.i32', Var.r + 1);
      b.emit('branch', b.emit('i32.gt_s', steps, b.emit('i32.const', 0)), goesOn, leaving);
      b.startBlock(goesOn);
      b.emit('set.i32', Var.r + 1, b.emit('i32.rotr', bits, b.emit('i32.const', 1)));
      const bit = b.emit('i32.and', bits, b.emit('i32.const', 1));
      b.emit('branch', bit, blocks[first] as never, blocks[second] as never);
    }
  }
  b.startBlock(leaving);
  b.emit('exit.continue', 0x9000, 0);
  return b.finish();
}

function compare(ir: IrFunction): void {
  verify(ir);
  bed.unlink();
  bed.link([ir]);
  const random = new Prng(3);
  for (let round = 0; round < 8; round++) {
    const bits = random.next32();
    const start = (): void => {
      bed.reset(1);
      bed.register.set([7, bits, 200]);
    };
    start();
    const expected = bed.interpret(ir);
    start();
    assert.deepEqual(bed.runRegion(entry), expected);
  }
}

const shapes: Record<string, number[][]> = {
  'a straight line': [[1], [2], []],
  'a diamond': [[1, 2], [3], [3], []],
  'half a diamond': [[1, 2], [2], []],
  'both ways to one block': [[1, 1], []],
  'a loop that tests at its end': [[1], [1, 2], []],
  'a loop that tests at its start': [[1], [2, 3], [1], []],
  'a loop at the entry': [[0, 1], []],
  'loops in a loop': [[1], [2], [2, 3], [3, 4], [1, 5], []],
  'a loop with two exits to one block': [[1], [2, 4], [3, 4], [1], []],
  'a loop with exits to different blocks': [[1], [2, 4], [3, 5], [1, 6], [6], [6], []],
  'a jump out of two loops': [[1], [2], [3, 5], [2, 4], [1, 5], []],
  'a loop with two back edges': [[1], [2, 3], [1], [1, 4], []],
  'a switch by comparisons': [[1, 2], [3, 4], [5, 6], [7], [7], [7], [7], []],
  'no way out': [[1], [2], [1]],
  'a cycle with two entries': [[1, 2], [2, 3], [1, 3], []],
  'a cycle with three entries': [[1, 4], [2, 3], [1], [2, 5], [3, 2], []],
  'a cycle with two entries in a loop': [[1], [2, 3], [3, 4], [2, 4], [1, 5], []],
  'a loop in a cycle with two entries': [[1, 2], [1, 2], [2, 3], [1, 4], []],
  'a cycle with two entries in another': [[1, 4], [2, 3], [3, 4], [2, 4], [1, 5], []],
  'two cycles with two entries': [[1, 2], [2, 3], [1, 3], [4, 5], [5, 6], [4, 6], []],
  'a cycle whose entries leave to what follows': [[1, 2], [3, 2], [1, 3], [4], []],
};

for (const [name, successors] of Object.entries(shapes)) test(name, () => compare(graph(successors)));

test('random graphs, many of them irreducible', () => {
  const random = new Prng(11);
  let irreducible = 0;
  for (let i = 0; i < 300; i++) {
    const count = 2 + random.below(14);
    const successors = Array.from({ length: count }, () =>
      Array.from({ length: random.chance(0.03) ? 0 : random.chance(0.2) ? 1 : 2 }, () => random.below(count)),
    );
    const ir = graph(successors);
    if (!analyse(ir).isReducible) irreducible++;
    try {
      compare(ir);
    } catch (error) {
      throw new Error(JSON.stringify(successors), { cause: error });
    }
  }
  assert.ok(irreducible > 60, `${irreducible} irreducible`);
});
