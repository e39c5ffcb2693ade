/** Advanced SIMD against plain JavaScript, where that is easily told: the rest is compared with qemu-arm by test/fuzz.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../base/prng.ts';
import type { IrFunction } from '../../ir/function.ts';
import { Interpreter } from '../../ir/interpreter.ts';
import { Testbed, windowBase } from '../../ir/testbed.ts';
import { verify } from '../../ir/verify.ts';
import { Cpu, ExitReason } from '../../layout/cpu.ts';
import { lowerFragment } from './block.ts';
import { neonA32Rows } from './neon.table.ts';
import { randomEncoding } from './random-instruction.ts';

const bed = new Testbed();
const interpreter = new Interpreter(bed.guest, bed.control);
const { register } = bed;
/** The bytes of d0 to d31 in order. */
const vectors = new Uint8Array(bed.words.buffer, bed.words.byteOffset + Cpu.d.offset, 256);
const random = new Prng(4);

/** A32 instructions as one fragment. */
function fragment(...words: number[]): IrFunction {
  const halfword = (address: number): number =>
    address >>> 2 < words.length ? ((words[address >>> 2] as number) >>> ((address & 2) << 3)) & 0xffff : -1;
  return lowerFragment({ halfword }, 0, 0, words.length).ir;
}
const run = (ir: IrFunction): ExitReason => interpreter.run(ir, bed.cpuBase);

const draws = 8;

test('every row lowers to IR that the verifier accepts, in doublewords and quadwords', () => {
  for (const row of neonA32Rows)
    for (let draw = 0; draw < draws; draw++) {
      const bits = randomEncoding(row, random) as number;
      assert.doesNotThrow(() => verify(fragment(bits)), `${row.name} ${bits.toString(16)}`);
    }
});

/** The type field of VLDn and VSTn with registers next to each other, by n (A8.8.320 ff.); VLD2's is of two registers. */
const structureTypes = [0b0111, 0b1000, 0b0100, 0b0000];

test('structures are taken apart and put together again', () => {
  for (const count of [1, 2, 3, 4])
    for (const size of [0, 1, 2]) {
      const rest = ((structureTypes[count - 1] as number) << 8) | (size << 6);
      const load = fragment(0xf4200000 | rest | 0xf); // VLDn {d0...}, [r0]
      const store = fragment(0xf4010000 | rest | 0xd); // VSTn {d0...}, [r1]!
      bed.reset(count * 4 + size);
      register[0] = windowBase + 3;
      register[1] = windowBase + 1000;
      run(load);
      const lane = 1 << size;
      for (let byte = 0; byte < 8 * count; byte++) {
        const element = Math.floor(byte / lane);
        const at = (element % count) * 8 + Math.floor(element / count) * lane + (byte % lane);
        assert.equal(vectors[at], bed.window[3 + byte], `VLD${count}.${8 * lane} byte ${byte}`);
      }
      const beyond = bed.window[1000 + 8 * count];
      run(store);
      const original = bed.window.subarray(3, 3 + 8 * count);
      assert.deepEqual(bed.window.subarray(1000, 1000 + 8 * count), original, `VST${count}.${8 * lane}`);
      assert.equal(bed.window[1000 + 8 * count], beyond, 'nothing is written behind the structures');
      assert.equal(register[1], windowBase + 1000 + 8 * count);
    }
});

test('a structure that is refused, or is not aligned as asked, changes nothing', () => {
  bed.reset(1);
  const load = fragment(0xf42001bd); // VLD4.32 {d0, d2, d4, d6}, [r0:256]!
  for (const [address, reason] of [
    [windowBase + 0x50, ExitReason.alignment],
    [windowBase + 0x60, ExitReason.jump],
    [windowBase + 0xc0, ExitReason.access],
  ] as const) {
    bed.deny(windowBase + 0xc0, 0xff);
    register[0] = address;
    const before = vectors.slice();
    assert.equal(run(load), reason);
    const changed = reason === ExitReason.jump;
    assert.equal(register[0], changed ? address + 32 : address);
    if (!changed) assert.deepEqual(vectors, before);
  }
});

test('saturation is sticky, and that of a doubleword does not see its neighbour', () => {
  const add = fragment(0xf2020011); // VQADD.S8 d0, d2, d1
  const status = (): number => ((bed.words[Cpu.fpscr.index32] as number) >>> 27) & 1;
  bed.reset(2);
  bed.words[Cpu.fpscr.index32] = 0;
  vectors.fill(0x7f);
  vectors.fill(0, 8, 24);
  run(add);
  assert.equal(status(), 0, 'no lane of d1 and d2 saturates');
  vectors.fill(0x7f, 8, 9);
  vectors.fill(1, 16, 17);
  run(add);
  assert.equal(status(), 1);
  assert.equal(vectors[0], 0x7f);
  vectors.fill(0, 8, 24);
  run(add);
  assert.equal(status(), 1, 'it stays');
});
