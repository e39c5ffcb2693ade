/** Ways to spoil a good ELF file: one line a way. Offsets are those of Elf32_Ehdr and Elf32_Phdr (elf.h). */

/** Elf32_Ehdr. */
const Header = { class: 4, data: 5, version: 6, type: 16, machine: 18, phoff: 28, phentsize: 42, phnum: 44 } as const;
/** Elf32_Phdr. */
const Segment = { type: 0, offset: 4, vaddr: 8, filesz: 16, memsz: 20, align: 28 } as const;
const PT_NULL = 0;
const PT_LOAD = 1;

export type Spoil = (good: Buffer) => Buffer;

/** Offsets of the program headers of one type. */
function segments(file: Buffer, type: number): number[] {
  const start = file.readUInt32LE(Header.phoff);
  const size = file.readUInt16LE(Header.phentsize);
  return Array.from({ length: file.readUInt16LE(Header.phnum) }, (_, index) => start + index * size).filter(
    (at) => file.readUInt32LE(at + Segment.type) === type,
  );
}

const cut =
  (bytes: number): Spoil =>
  (good) =>
    good.subarray(0, bytes);
const byte =
  (offset: number, value: number): Spoil =>
  (good) => {
    good.writeUInt8(value, offset);
    return good;
  };
const half =
  (offset: number, value: number): Spoil =>
  (good) => {
    good.writeUInt16LE(value, offset);
    return good;
  };
const word =
  (offset: number, value: number): Spoil =>
  (good) => {
    good.writeUInt32LE(value, offset);
    return good;
  };
/** Changes one word in the first loadable segment's header. */
const load =
  (field: keyof typeof Segment, change: (old: number, file: Buffer) => number): Spoil =>
  (good) => {
    const at = (segments(good, PT_LOAD)[0] as number) + Segment[field];
    good.writeUInt32LE(change(good.readUInt32LE(at), good) >>> 0, at);
    return good;
  };

export const spoils: Readonly<Record<string, Spoil>> = {
  'empty file': cut(0),
  'one byte': cut(1),
  'magic number alone': cut(4),
  'header cut at 16': cut(16),
  'header cut at 51': cut(51),
  'header alone': cut(52),
  'program headers cut': cut(90),
  'cut in a segment': (good) => good.subarray(0, good.length >> 1),
  'cut in the first page': cut(3000),
  'wrong magic number': byte(0, 0x7e),
  '64-bit': byte(Header.class, 2),
  'unknown class': byte(Header.class, 9),
  'big-endian': byte(Header.data, 2),
  'unknown byte order': byte(Header.data, 0),
  'x86-64': half(Header.machine, 62),
  i386: half(Header.machine, 3),
  AArch64: half(Header.machine, 183),
  'relocatable object': half(Header.type, 1),
  'core file': half(Header.type, 4),
  'no program headers': half(Header.phnum, 0),
  'too many program headers': half(Header.phnum, 0xffff),
  'odd program header size': half(Header.phentsize, 7),
  'program headers beyond the end': word(Header.phoff, 0x7fffff00),
  'program headers wrap around': word(Header.phoff, 0xfffffff0),
  'nothing to load': (good) => {
    for (const at of segments(good, PT_LOAD)) good.writeUInt32LE(PT_NULL, at + Segment.type);
    return good;
  },
  'segment beyond the end': load('offset', () => 0x7ff00000),
  'segment larger in the file than in memory': load('memsz', () => 16),
  'huge segment in the file': load('filesz', () => 0xfffff000),
  'huge segment in memory': load('memsz', () => 0xffffff00),
  'segment at the end of memory': load('vaddr', (old) => 0xfffff000 + (old & 0xfff)),
  'segment at an odd offset': load('vaddr', (old) => old + 5),
  'text file': () => Buffer.from('This is no program.\n'),
  garbage: (good) => Buffer.from(good.map((value, index) => (value * 7 + index * 31) & 0xff)),
  zeroes: () => Buffer.alloc(5000),
  'magic number and garbage': (good) =>
    Buffer.from(good.map((value, index) => (index < 4 ? value : (value + index) & 0xff))),
};
