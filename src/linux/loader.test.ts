import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as aux from '../abi/process.ts';
import { Prng } from '../base/prng.ts';
import { UserError } from '../base/user-error.ts';
import { processorOf } from '../processor/processors.table.ts';
import { parseElf } from './elf.ts';
import { kernelUserHelpers } from './kernel-user-helpers.ts';
import { loadProgram } from './loader.ts';
import { taskSize } from './memory-map.ts';
import { hwcapOf } from './processor-facts.ts';
import { FlatMemory, loadOptions, tinyElf } from './testing/guest.ts';

const directory = fs.mkdtempSync(join(tmpdir(), 'linux-loader-'));
after(() => fs.rmSync(directory, { recursive: true, force: true }));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(directory, name);
  fs.writeFileSync(path, bytes, { mode: 0o755 });
  return path;
}

const source = (bytes: Uint8Array) => ({
  size: bytes.length,
  read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
});

/** The tiny program with bytes changed: [offset, width, value]. */
function damaged(...changes: [number, 8 | 16 | 32, number][]): Uint8Array {
  const bytes = tinyElf();
  const view = new DataView(bytes.buffer);
  for (const [offset, width, value] of changes) {
    if (width === 8) view.setUint8(offset, value);
    else if (width === 16) view.setUint16(offset, value, true);
    else view.setUint32(offset, value, true);
  }
  return bytes;
}

test('each kind of bad program is refused with a line that says why', () => {
  const cases: [string, Uint8Array | string, RegExp][] = [
    ['empty', '', /is empty/],
    ['script', '#!/bin/sh\n', /script/],
    ['text', 'hello, I am text', /not an ELF file/],
    ['short', tinyElf().subarray(0, 30), /truncated ELF header/],
    ['wide', damaged([4, 8, 2]), /64-bit/],
    ['big-endian', damaged([5, 8, 2]), /big-endian/],
    ['x86', damaged([18, 16, 3]), /machine 3 \(x86\)/],
    ['object', damaged([16, 16, 1]), /not an executable/],
    ['old-abi', damaged([36, 32, 0]), /old ARM ABI/],
    ['no-headers', damaged([44, 16, 0]), /program headers/],
    ['many-headers', damaged([44, 16, 0xffff]), /program headers/],
    ['far-headers', damaged([28, 32, 0xfffffff0]), /beyond the end/],
    ['odd-headers', damaged([42, 16, 56]), /56 bytes/],
    ['truncated', damaged([0x34 + 16, 32, 0x1000], [0x34 + 20, 32, 0x1000]), /truncated/],
    ['shrinking', damaged([0x34 + 20, 32, 1]), /more bytes in the file/],
    ['huge', damaged([0x34 + 20, 32, 0xfffff000]), /reaches beyond/],
    ['misaligned', damaged([0x34 + 4, 32, 4], [0x34 + 16, 32, 4]), /does not match/],
    ['no-segment', damaged([0x34, 32, 0]), /no loadable segment/],
    ['entry', damaged([24, 32, 0x20000]), /entry point 0x00020000/],
    ['interpreter', damaged([0x34, 32, 3]), /dynamic loader|no loadable/],
  ];
  for (const [name, bytes, message] of cases) {
    const path = file(name, bytes);
    assert.throws(
      () => loadProgram(loadOptions(path)),
      (error) =>
        error instanceof UserError &&
        error.status === 126 &&
        message.test(error.message) &&
        !error.message.includes('\n'),
      name,
    );
  }
  assert.throws(
    () => loadProgram(loadOptions(join(directory, 'nowhere'))),
    (error) => error instanceof UserError && error.status === 127,
  );
  assert.throws(() => loadProgram(loadOptions(directory)), /is not a file/);
});

test('random damage never gives anything but a parsed image or a UserError', () => {
  const prng = new Prng(42);
  for (let i = 0; i < 3000; i++) {
    const bytes = tinyElf();
    for (let n = 1 + prng.below(4); n > 0; n--) bytes[prng.below(bytes.length)] = prng.next32();
    try {
      const image = parseElf(
        source(bytes.subarray(0, prng.below(3) === 0 ? prng.below(bytes.length) : bytes.length)),
        'x',
      );
      for (const segment of image.segments) assert.ok(segment.vaddr + segment.memsz <= taskSize);
    } catch (error) {
      assert.ok(error instanceof UserError, String(error));
    }
  }
});

test('the initial stack holds argc, argv, envp and the auxiliary vector', () => {
  const path = file('tiny', tinyElf());
  const random = Uint8Array.from({ length: 16 }, (_, i) => i);
  const program = loadProgram({ ...loadOptions(path, ['tiny', 'two words']), random });
  const memory = new FlatMemory();
  memory.apply(program.changes);
  const word = (address: number): number => Buffer.from(memory.read(address, 4)!).readUInt32LE();
  const text = (address: number): string => {
    const bytes = Buffer.from(memory.read(address, taskSize - address)!);
    return bytes.toString('latin1', 0, bytes.indexOf(0));
  };
  const sp = program.stackPointer;
  assert.equal(sp % 16, 0);
  assert.equal(word(sp), 2);
  assert.equal(text(word(sp + 4)), 'tiny');
  assert.equal(text(word(sp + 8)), 'two words');
  assert.equal(word(sp + 12), 0);
  assert.equal(text(word(sp + 16)), 'PATH=/bin');
  assert.equal(word(sp + 20), 0);
  const vector = new Map<number, number>();
  for (let at = sp + 24; ; at += 8) {
    vector.set(word(at), word(at + 4));
    if (word(at) === aux.AT_NULL) break;
  }
  assert.equal(vector.get(aux.AT_ENTRY), 0x10054);
  assert.equal(vector.get(aux.AT_PHDR), 0x10034);
  assert.equal(vector.get(aux.AT_HWCAP), hwcapOf(processorOf('max'), 1));
  assert.equal(vector.get(aux.AT_HWCAP2), hwcapOf(processorOf('max'), 2));
  assert.equal(vector.get(aux.AT_UID), 1000);
  assert.equal(text(vector.get(aux.AT_PLATFORM)!), 'v8l');
  assert.equal(text(vector.get(aux.AT_EXECFN)!), path);
  assert.deepEqual(memory.read(vector.get(aux.AT_RANDOM)!, 16), random);
  assert.equal(program.entry, 0x10054);
  assert.equal(word(0x10054), 0xe12fff1e);
  assert.equal(program.memory.brkStart, 0x11000);
  assert.throws(() => loadProgram(loadOptions(path, ['x'.repeat(200_000)])), /argument list too long/);
});

test('a position-independent program goes to 4 MiB', () => {
  const program = loadProgram(loadOptions(file('pie', damaged([16, 16, 3]))));
  assert.equal(program.entry, 0x400000 + 0x10054);
});

test('the kernel helpers stand at their published addresses', () => {
  const view = new DataView(kernelUserHelpers.buffer);
  assert.equal(view.getUint32(0xffc, true), 5);
  assert.equal(view.getUint32(0xfe0, true), 0xee1d0f70, 'MRC p15, 0, r0, c13, c0, 3');
  assert.equal(view.getUint32(0xfdc, true), 0xeaffffef, 'B to 0xffff0fa0: 0xfdc + 8 - 17 * 4');
  assert.equal(kernelUserHelpers.length, 4096);
});
