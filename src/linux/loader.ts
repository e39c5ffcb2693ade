/**
 * Puts a program into guest memory as execve does (fs/binfmt_elf.c, arch/arm/include/asm/elf.h): its segments, its
 * dynamic loader, stack, kernel helpers. The layout is the same in every run.
 */
import { randomFillSync } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { Errno } from '../abi/errno.ts';
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_GROWSDOWN,
  MAP_PRIVATE,
  PAGE_SIZE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../abi/memory.ts';
import * as aux from '../abi/process.ts';
import { ElfProgramHeader32 } from '../abi/structs.ts';
import { alignDown, alignUp } from '../base/bits.ts';
import { type Processor, type ProcessorName, processorOf } from '../processor/processors.table.ts';
import type { MapChange } from './api.ts';
import { type ElfImage, LoadError, parseElf, statusNotExecutable, statusNotFound } from './elf.ts';
import { HostFile } from './host-file.ts';
import { kernelUserHelpers, kernelUserHelpersAddress } from './kernel-user-helpers.ts';
import { MemoryMap, taskSize } from './memory-map.ts';
import { hwcapOf, platformOf } from './processor-facts.ts';

/** ELF_ET_DYN_BASE of 32-bit ARM: where a position-independent program goes. */
const dynBase = 0x400000;
export const defaultStackBytes = 8 << 20;
/** TASK_COMM_LEN without its zero. */
const nameMax = 15;
/** MAX_ARG_STRLEN: one string of argv or envp. */
const argumentMax = 32 * PAGE_SIZE;

export interface LoadOptions {
  /** The program as the guest and messages name it; relative to the emulator's working directory. */
  path: string;
  /** AT_EXECFN, what execve was asked for: another than `path` for a script. */
  executedAs?: Buffer;
  /** Where it is on the host; `path` when absent. */
  hostPath?: Buffer;
  argv: readonly (string | Uint8Array)[];
  /** 'NAME=value' each. */
  envp: readonly (string | Uint8Array)[];
  /** Where the dynamic loader is looked for first. */
  sysroot?: string;
  /** What the guest's processor is said to be. */
  processor: ProcessorName;
  ids: { uid: number; euid: number; gid: number; egid: number };
  stackBytes?: number;
  /** AT_RANDOM's 16 bytes; from the host's generator when absent. */
  random?: Uint8Array;
}

export interface LoadedProgram {
  processorName: ProcessorName;
  processor: Processor;
  memory: MemoryMap;
  /** To be applied before the first instruction, in order. */
  changes: MapChange[];
  /** First pc; bit 0 set for Thumb. */
  entry: number;
  stackPointer: number;
  /** Absolute host path, symbolic links resolved: /proc/self/exe. */
  executable: Buffer;
  /** TASK_COMM of its first thread (fs/exec.c begin_new_exec). */
  name: Buffer;
  /** The area of argv's strings, for /proc/self/cmdline, and of the auxiliary vector, for /proc/self/auxv. */
  commandLine: Buffer;
  auxiliaryVector: Uint8Array;
  environment: Buffer;
  /** Open for its mappings. */
  files: HostFile[];
}

interface Placed {
  bias: number;
  image: ElfImage;
  /** First address after the highest byte. */
  end: number;
}

/** @throws LoadError with status 127 (not found) or 126 (cannot be executed); no file is left open then. */
export function loadProgram(options: LoadOptions): LoadedProgram {
  const files: HostFile[] = [];
  try {
    return load(options, files);
  } catch (error) {
    for (const file of files) file.close();
    throw error;
  }
}

function load(options: LoadOptions, files: HostFile[]): LoadedProgram {
  const processor = processorOf(options.processor);
  const memory = new MemoryMap();
  const changes: MapChange[] = [];
  const file = options.hostPath ?? options.path;
  const program = openExecutable(file, options.path, 'no such file; check the path');
  files.push(program);
  const image = parseElf(program, options.path);
  const main = placeImage(memory, changes, image, program, options.path, image.relocatable ? dynBase : 0);
  let base = 0;
  let start = main.bias + image.entry;
  if (image.interpreter) {
    const wanted = image.interpreter.toString('latin1');
    const interpreter = openInterpreter(wanted, options);
    files.push(interpreter);
    const loader = parseElf(interpreter, wanted);
    if (loader.interpreter)
      throw new LoadError(`${wanted}: a dynamic loader that asks for a loader`, statusNotExecutable);
    const placed = placeImage(memory, changes, loader, interpreter, wanted, null);
    base = placed.bias;
    start = placed.bias + loader.entry;
  }
  memory.setBrkStart(main.end);

  const stackBytes = alignUp(options.stackBytes ?? defaultStackBytes, PAGE_SIZE);
  const stack = memory.mmap({
    address: taskSize - stackBytes,
    length: stackBytes,
    protection: PROT_READ | PROT_WRITE | (image.stackExecutable ? PROT_EXEC : 0),
    flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN,
    name: '[stack]',
  });
  if (typeof stack === 'number')
    throw new LoadError(`a stack of ${stackBytes} bytes does not fit`, statusNotExecutable);
  const auxiliary: [number, number | string][] = [
    [aux.AT_HWCAP, hwcapOf(processor, 1)],
    [aux.AT_PAGESZ, PAGE_SIZE],
    [aux.AT_CLKTCK, 100],
    [aux.AT_PHDR, main.bias + image.phdrAddress],
    [aux.AT_PHENT, ElfProgramHeader32.size],
    [aux.AT_PHNUM, image.phnum],
    [aux.AT_BASE, base],
    [aux.AT_FLAGS, 0],
    [aux.AT_ENTRY, main.bias + image.entry],
    [aux.AT_UID, options.ids.uid],
    [aux.AT_EUID, options.ids.euid],
    [aux.AT_GID, options.ids.gid],
    [aux.AT_EGID, options.ids.egid],
    [aux.AT_SECURE, 0],
    [aux.AT_RANDOM, 'random'],
    [aux.AT_HWCAP2, hwcapOf(processor, 2)],
    [aux.AT_EXECFN, 'execfn'],
    [aux.AT_PLATFORM, 'platform'],
    [aux.AT_NULL, 0],
  ];
  const built = buildStack(options, auxiliary, stackBytes);
  stack.changes[0]!.data = [{ offset: built.pointer - (taskSize - stackBytes), bytes: built.bytes }];
  changes.push(...stack.changes, {
    start: kernelUserHelpersAddress,
    length: PAGE_SIZE,
    protection: PROT_READ | PROT_EXEC,
    fresh: true,
    data: [{ offset: 0, bytes: kernelUserHelpers }],
  });
  const executedAs = options.executedAs ?? Buffer.from(options.path, 'latin1');
  return {
    processorName: options.processor,
    processor,
    memory,
    changes,
    entry: start >>> 0,
    stackPointer: built.pointer,
    executable: Buffer.from(realpathSync(file, 'buffer')),
    name: executedAs.subarray(executedAs.lastIndexOf('/') + 1).subarray(0, nameMax),
    files,
    commandLine: Buffer.concat(options.argv.map(cString)),
    environment: Buffer.concat(options.envp.map(cString)),
    auxiliaryVector: built.auxiliaryVector,
  };
}

function openExecutable(path: string | Buffer, shown: string, missing: string): HostFile {
  try {
    if (!statSync(path).isFile()) throw new LoadError(`${shown}: is not a file`, statusNotExecutable, Errno.EACCES);
    return new HostFile(path, Buffer.from(realpathSync(path, 'buffer')));
  } catch (error) {
    if (error instanceof LoadError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new LoadError(`${shown}: ${missing}`, statusNotFound, Errno.ENOENT);
    if (code === 'EACCES') throw new LoadError(`${shown}: permission denied`, statusNotExecutable, Errno.EACCES);
    throw new LoadError(`${shown}: cannot be opened (${code ?? String(error)})`, statusNotExecutable);
  }
}

function openInterpreter(wanted: string, options: LoadOptions): HostFile {
  const inRoot = options.sysroot === undefined ? undefined : `${options.sysroot}/${wanted}`;
  const path = inRoot !== undefined && existsSync(inRoot) ? inRoot : wanted;
  const where = options.sysroot === undefined ? '' : ` or in ${options.sysroot}`;
  return openExecutable(
    path,
    options.path,
    `needs the dynamic loader ${wanted}, which is not on this system${where}; give -L with the root of an ARM system`,
  );
}

/** Maps all segments; `wantedBias` null lets the map choose (top-down). */
function placeImage(
  memory: MemoryMap,
  changes: MapChange[],
  image: ElfImage,
  file: HostFile,
  name: string,
  wantedBias: number | null,
): Placed {
  const lowest = alignDown(Math.min(...image.segments.map((s) => s.vaddr)), PAGE_SIZE);
  const highest = Math.max(...image.segments.map((s) => s.vaddr + s.memsz));
  const span = alignUp(highest - lowest, PAGE_SIZE);
  let bias = image.relocatable && wantedBias !== null ? wantedBias : 0;
  if (wantedBias === null && image.relocatable) {
    const at = memory.findFree(span, 0);
    if (at === undefined) throw new LoadError(`${name}: does not fit in the address space`, statusNotExecutable);
    bias = at - lowest;
  }
  for (const segment of image.segments) {
    const start = alignDown(bias + segment.vaddr, PAGE_SIZE);
    const lead = bias + segment.vaddr - start;
    const fileEnd = bias + segment.vaddr + segment.filesz;
    const end = bias + segment.vaddr + segment.memsz;
    // Pages with file bytes are a mapping of the file, the rest of the segment is anonymous zero pages.
    const fileSpan = segment.filesz > 0 ? alignUp(fileEnd, PAGE_SIZE) - start : 0;
    if (fileSpan > 0) {
      const mapped = mapFixed(memory, name, start, fileSpan, segment.protection, file, segment.offset - lead);
      // Bytes beyond filesz in the last page belong to the bss and are zero; without a bss the file's stay.
      const data = mapped.data?.[0];
      const kept = lead + segment.filesz;
      if (data && segment.memsz > segment.filesz && data.bytes.length > kept) data.bytes = data.bytes.slice(0, kept);
      changes.push(mapped);
    }
    const bssStart = start + fileSpan;
    if (end > bssStart)
      changes.push(mapFixed(memory, name, bssStart, alignUp(end - bssStart, PAGE_SIZE), segment.protection, null, 0));
  }
  return { bias, image, end: bias + highest };
}

function mapFixed(
  memory: MemoryMap,
  name: string,
  address: number,
  length: number,
  protection: number,
  file: HostFile | null,
  offset: number,
): MapChange {
  const flags = MAP_PRIVATE | MAP_FIXED | (file ? 0 : MAP_ANONYMOUS);
  const mapped = memory.mmap({ address, length, protection, flags, file, offset });
  if (typeof mapped === 'number')
    throw new LoadError(`${name}: a segment at 0x${address.toString(16)} cannot be mapped`, statusNotExecutable);
  return mapped.changes[0]!;
}

function cString(text: string | Uint8Array): Buffer {
  return Buffer.concat([typeof text === 'string' ? Buffer.from(text) : text, Buffer.alloc(1)]);
}

interface BuiltStack {
  pointer: number;
  bytes: Uint8Array;
  auxiliaryVector: Uint8Array;
}

/**
 * From the top: a null word, the executable's name, the environment, the arguments, platform, random bytes, then
 * (16-byte aligned) argc, argv, envp and the auxiliary vector, where a string stands for the address of its bytes.
 */
function buildStack(
  options: LoadOptions,
  auxiliary: readonly [number, number | string][],
  stackBytes: number,
): BuiltStack {
  const argv = options.argv.map(cString);
  const envp = options.envp.map(cString);
  const random = Buffer.from(options.random ?? randomFillSync(new Uint8Array(16)));
  let top = taskSize - 4;
  const pieces: { at: number; bytes: Buffer }[] = [];
  const push = (bytes: Buffer): number => {
    top -= bytes.length;
    pieces.push({ at: top, bytes });
    return top;
  };
  const pushAll = (items: Buffer[]): number[] => items.toReversed().map(push).reverse();
  const named: Record<string, number> = { execfn: push(cString(options.executedAs ?? options.path)) };
  const envpAddresses = pushAll(envp);
  const argvAddresses = pushAll(argv);
  named['platform'] = push(cString(platformOf(processorOf(options.processor))));
  named['random'] = push(random.subarray(0, 16));

  const vector = Uint32Array.from(
    auxiliary.flatMap(([key, value]) => [key, typeof value === 'string' ? named[value]! : value]),
  );
  const words = [argv.length, ...argvAddresses, 0, ...envpAddresses, 0, ...vector];
  const pointer = alignDown(top - words.length * 4, 16);
  const tooLong = [...argv, ...envp].some((item) => item.length > argumentMax);
  if (tooLong || taskSize - pointer > stackBytes / 4)
    throw new LoadError(`${options.path}: argument list too long`, statusNotExecutable, Errno.E2BIG);

  const bytes = new Uint8Array(taskSize - pointer);
  bytes.set(new Uint8Array(Uint32Array.from(words).buffer));
  for (const piece of pieces) bytes.set(piece.bytes, piece.at - pointer);
  return { pointer, bytes, auxiliaryVector: new Uint8Array(vector.buffer) };
}
