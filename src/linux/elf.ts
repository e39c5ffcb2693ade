/**
 * ELF32 executables for ARM (System V ABI, "ELF for the Arm Architecture"). Nothing in the headers is trusted: each
 * number is checked against the file's size and the guest's address space before it is used.
 */
import { Errno } from '../abi/errno.ts';
import { PAGE_SIZE, PROT_EXEC, PROT_READ, PROT_WRITE } from '../abi/memory.ts';
import { ElfHeader32, ElfProgramHeader32 } from '../abi/structs.ts';
import { hex32 } from '../base/bits.ts';
import { UserError } from '../base/user-error.ts';
import { taskSize } from './memory-map.ts';

/** A program that cannot be run: a line for a person at the start, an errno for a guest's execve. */
export class LoadError extends UserError {
  readonly errno: number;

  constructor(message: string, status: number, errno: number = Errno.ENOEXEC) {
    super(message, status);
    this.errno = errno;
  }
}

/** Exit status of a shell for a file that is not there, and for one that cannot be executed. */
export const statusNotFound = 127;
export const statusNotExecutable = 126;

const ET_EXEC = 2;
const ET_DYN = 3;
const EM_ARM = 40;
const EF_ARM_EABIMASK = 0xff000000;
const EF_ARM_EABI_VER5 = 0x05000000;
const EF_ARM_EABI_VER4 = 0x04000000;
const PT_LOAD = 1;
const PT_INTERP = 3;
const PT_PHDR = 6;
const PT_GNU_STACK = 0x6474e551;
const PF_X = 1;
const PF_W = 2;
const PF_R = 4;
/** The kernel's own limit: the program headers fit in 64 KiB. */
const programHeadersMax = 65536 / ElfProgramHeader32.size;
const interpreterMax = 4096;

/** Random access to a file's bytes. */
export interface ByteSource {
  readonly size: number;
  /** Exactly `length` bytes from `offset`, or fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array;
}

export interface Segment {
  /** Addresses before the load bias is added; not page-aligned. */
  vaddr: number;
  memsz: number;
  offset: number;
  filesz: number;
  /** PROT_* bits. */
  protection: number;
}

export interface ElfImage {
  /** True for ET_DYN: addresses are relative to a bias that the loader chooses. */
  relocatable: boolean;
  entry: number;
  segments: Segment[];
  /** Address of the program headers in memory, before the bias. */
  phdrAddress: number;
  phnum: number;
  interpreter: Buffer | null;
  stackExecutable: boolean;
}

/** @throws LoadError (status 126) that names `name` and what is wrong with it. */
export function parseElf(source: ByteSource, name: string): ElfImage {
  const fail = (what: string): never => {
    throw new LoadError(`${name}: ${what}`, statusNotExecutable);
  };
  const ident = source.read(0, ElfHeader32.size);
  checkIdent(ident, fail);
  if (ident.length < ElfHeader32.size) fail('truncated ELF header; the file is damaged');
  const header = ElfHeader32.read(ident);
  if (header.e_machine !== EM_ARM)
    fail(`built for machine ${header.e_machine} (${machineName(header.e_machine)}), not for 32-bit ARM`);
  if (header.e_type !== ET_EXEC && header.e_type !== ET_DYN)
    fail(`ELF type ${header.e_type} is not an executable (object files must be linked first)`);
  const eabi = (header.e_flags & EF_ARM_EABIMASK) >>> 0;
  if (eabi !== EF_ARM_EABI_VER5 && eabi !== EF_ARM_EABI_VER4)
    fail('uses the old ARM ABI; only EABI programs (armel, armhf) can run');
  if (header.e_phentsize !== ElfProgramHeader32.size) fail(`program headers of ${header.e_phentsize} bytes, not 32`);
  if (header.e_phnum === 0 || header.e_phnum > programHeadersMax)
    fail(`${header.e_phnum} program headers, not 1 to ${programHeadersMax}`);
  const tableSize = header.e_phnum * ElfProgramHeader32.size;
  if (header.e_phoff + tableSize > source.size) fail('program headers lie beyond the end of the file; it is truncated');
  const table = source.read(header.e_phoff, tableSize);

  const segments: Segment[] = [];
  let interpreter: Buffer | null = null;
  let phdrAddress: number | undefined;
  let stackExecutable = false;
  for (let i = 0; i < header.e_phnum; i++) {
    const ph = ElfProgramHeader32.read(table, i * ElfProgramHeader32.size);
    if (ph.p_type === PT_LOAD && ph.p_memsz > 0) segments.push(checkSegment(ph, i, source.size, segments.at(-1), fail));
    else if (ph.p_type === PT_INTERP) interpreter ??= readInterpreter(source, ph.p_offset, ph.p_filesz, fail);
    else if (ph.p_type === PT_PHDR) phdrAddress = ph.p_vaddr;
    else if (ph.p_type === PT_GNU_STACK) stackExecutable = (ph.p_flags & PF_X) !== 0;
  }
  if (segments.length === 0) fail('has no loadable segment');
  const entryPc = header.e_entry - (header.e_entry & 1);
  if (!segments.some((s) => entryPc >= s.vaddr && entryPc < s.vaddr + s.memsz))
    fail(`entry point 0x${hex32(header.e_entry)} lies in no segment`);
  const holder = segments.find((s) => header.e_phoff >= s.offset && header.e_phoff < s.offset + s.filesz);
  phdrAddress ??= holder ? holder.vaddr + (header.e_phoff - holder.offset) : 0;
  return {
    relocatable: header.e_type === ET_DYN,
    entry: header.e_entry,
    segments,
    phdrAddress,
    phnum: header.e_phnum,
    interpreter,
    stackExecutable,
  };
}

function checkIdent(ident: Uint8Array, fail: (what: string) => never): void {
  if (ident.length === 0) fail('is empty, not an ARM program');
  if (ident[0] === 0x23 && ident[1] === 0x21)
    fail('is a script (#!); run its interpreter, built for ARM, with the script as argument');
  if (ident[0] !== 0x7f || ident[1] !== 0x45 || ident[2] !== 0x4c || ident[3] !== 0x46)
    fail('is not an ELF file; give a program built for 32-bit ARM Linux');
  if (ident[4] === 2) fail('is a 64-bit ELF file; only 32-bit ARM programs can run');
  if (ident[4] !== 1) fail(`unknown ELF class ${ident[4]}`);
  if (ident[5] === 2) fail('is big-endian; only little-endian ARM programs can run');
  if (ident[5] !== 1) fail(`unknown ELF byte order ${ident[5]}`);
}

function machineName(machine: number): string {
  const names: Record<number, string> = {
    3: 'x86',
    8: 'MIPS',
    20: 'PowerPC',
    62: 'x86-64',
    183: 'AArch64',
    243: 'RISC-V',
  };
  return names[machine] ?? 'unknown';
}

function checkSegment(
  ph: { p_offset: number; p_vaddr: number; p_filesz: number; p_memsz: number; p_flags: number },
  index: number,
  fileSize: number,
  before: Segment | undefined,
  fail: (what: string) => never,
): Segment {
  if (ph.p_filesz > ph.p_memsz) fail(`segment ${index} has more bytes in the file than in memory`);
  if (ph.p_vaddr + ph.p_memsz > taskSize) fail(`segment ${index} reaches beyond 0x${hex32(taskSize)}`);
  if (ph.p_filesz > 0 && ph.p_offset + ph.p_filesz > fileSize)
    fail(`segment ${index} lies beyond the end of the file; it is truncated`);
  if (ph.p_filesz > 0 && ph.p_offset % PAGE_SIZE !== ph.p_vaddr % PAGE_SIZE)
    fail(`segment ${index} has a file offset that does not match its address`);
  if (before && ph.p_vaddr < before.vaddr + before.memsz)
    fail(`segments ${index - 1} and ${index} overlap or are unsorted`);
  return {
    vaddr: ph.p_vaddr,
    memsz: ph.p_memsz,
    offset: ph.p_offset,
    filesz: ph.p_filesz,
    protection:
      (ph.p_flags & PF_R ? PROT_READ : 0) | (ph.p_flags & PF_W ? PROT_WRITE : 0) | (ph.p_flags & PF_X ? PROT_EXEC : 0),
  };
}

function readInterpreter(source: ByteSource, offset: number, length: number, fail: (what: string) => never): Buffer {
  if (length < 2 || length > interpreterMax || offset + length > source.size)
    fail('the name of its dynamic loader lies outside the file; it is damaged');
  const bytes = Buffer.from(source.read(offset, length));
  const end = bytes.indexOf(0);
  if (end < 1) fail('the name of its dynamic loader is not terminated; it is damaged');
  return bytes.subarray(0, end);
}
