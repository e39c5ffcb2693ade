/** A guest without a processor, for tests: flat memory behind the kernel's host, calls by name and number. */
import { readFileSync } from 'node:fs';
import { AddressSpace } from '../address-space.ts';
import type { KernelHost, LocalThread, MapChange, ProcessEnd, SignalSet } from '../api.ts';
import { Kernel } from '../kernel.ts';
import { type LoadedProgram, type LoadOptions, loadProgram } from '../loader.ts';
import { marshalInputs, marshalOutputs } from '../marshal.ts';
import { DelegatedCall } from '../syscall-call.ts';
import { syscalls } from '../syscalls.table.ts';

const pageBytes = 4096;

interface Page {
  bytes: Uint8Array;
  protection: number;
}

/** Guest memory as pages that MapChanges made. */
export class FlatMemory {
  readonly pages = new Map<number, Page>();

  apply(changes: readonly MapChange[]): void {
    for (const change of changes) {
      for (let at = change.start; at < change.start + change.length; at += pageBytes) {
        const page = this.pages.get(at / pageBytes);
        if (change.protection === -1 && change.fresh) this.pages.delete(at / pageBytes);
        else if (change.protection !== -1 || page) {
          const bytes = change.fresh || !page ? new Uint8Array(pageBytes) : page.bytes;
          this.pages.set(at / pageBytes, { bytes, protection: Math.max(change.protection, 0) });
        }
      }
      for (const { offset, bytes } of change.data ?? []) this.#copyIn(change.start + offset, bytes);
    }
  }

  #copyIn(address: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const at = address + done;
      const page = this.pages.get(Math.floor(at / pageBytes))!;
      const part = bytes.subarray(done, done + pageBytes - (at % pageBytes));
      page.bytes.set(part, at % pageBytes);
      done += part.length;
    }
  }

  #allows(address: number, length: number, bit: number): boolean {
    for (let page = Math.floor(address / pageBytes); page <= Math.floor((address + length - 1) / pageBytes); page++)
      if (!((this.pages.get(page)?.protection ?? 0) & bit)) return false;
    return true;
  }

  read = (address: number, length: number): Uint8Array | null =>
    this.#allows(address, length, 1) ? this.readKept(address, length) : null;

  readKept = (address: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = address + done;
      const offset = at % pageBytes;
      const part = this.pages.get(Math.floor(at / pageBytes))!.bytes.subarray(offset, offset + length - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  };

  room = (address: number, length: number): number => {
    for (let done = 0; done < length; done++) if (!this.#allows(address + done, 1, 2)) return done;
    return length;
  };

  write = (address: number, bytes: Uint8Array): boolean => {
    if (!this.#allows(address, bytes.length, 2)) return false;
    this.#copyIn(address, bytes);
    return true;
  };
}

/** What a test passes: a number, or bytes that are put into guest memory and passed by address. */
export type Argument = number | Uint8Array | string;

export class TestGuest {
  readonly memory = new FlatMemory();
  readonly kernel: Kernel;
  readonly thread;
  readonly ended: ProcessEnd[] = [];
  readonly executed: LoadedProgram[] = [];
  readonly interrupts: [number, SignalSet][] = [];
  readonly catching: boolean[] = [];
  signalMask: SignalSet = 0n;
  /** A page of its own for arguments, from `scratch` upwards. */
  readonly scratch: number;
  #scratchUsed = 0;
  readonly local: LocalThread;

  constructor(options: LoadOptions) {
    const program = loadProgram(options);
    this.memory.apply(program.changes);
    const host: KernelHost = {
      applyMapChanges: async (changes) => this.memory.apply(changes),
      readGuest: async (address, length) => this.memory.read(address, length),
      readKept: async (address, length) => this.memory.readKept(address, length),
      whileStill: (work) => work(),
      writeGuest: async (address, bytes) => this.memory.write(address, bytes),
      interruptThread: (tid, pending) => this.interrupts.push([tid, pending]),
      exitGroup: (end) => this.ended.push(end),
      exec: async (_tid, program) => {
        this.executed.push(program);
        return 0;
      },
      faultsCaught: async (caught) => {
        this.catching.push(caught);
      },
      log: () => {},
      processorCount: () => 4,
    };
    const space = new AddressSpace(host, program.memory, program.files);
    const sysroot = options.sysroot === undefined ? {} : { sysroot: options.sysroot };
    this.kernel = new Kernel({ host, program, space, ids: { ...options.ids }, ...sysroot });
    this.thread = this.kernel.addThread(this.kernel.pid);
    const area = this.kernel.memory.mmap({ address: 0, length: 1 << 20, protection: 3, flags: 0x22 });
    if (typeof area === 'number') throw new Error('no room for scratch memory');
    this.memory.apply(area.changes);
    this.scratch = area.address;
    this.local = {
      tid: this.kernel.pid,
      tgid: this.kernel.pid,
      clearChildTid: 0,
      robustListHead: 0,
      signalMaskLow: 0,
      signalMaskHigh: 0,
      altStackBase: 0,
      altStackSize: 0,
      altStackFlags: 0,
      stackPointer: program.stackPointer,
      processor: 1,
      monotonicOffsetMs: 0,
      realtimeOffsetMs: 0,
      signalMaskChanged: () => {},
    };
  }

  /** Copies bytes (a string with its zero) into scratch memory; the address. */
  put(value: Uint8Array | string): number {
    const bytes = typeof value === 'string' ? Buffer.from(`${value}\0`, 'latin1') : value;
    if (this.#scratchUsed + bytes.length > 1 << 20) this.#scratchUsed = 0;
    const address = this.scratch + this.#scratchUsed;
    this.#scratchUsed += Math.ceil((bytes.length + 1) / 8) * 8;
    this.memory.write(address, bytes);
    return address;
  }

  /** Room of `length` bytes in scratch memory. */
  room(length: number): number {
    return this.put(new Uint8Array(length));
  }

  bytesAt(address: number, length: number): Buffer {
    return Buffer.from(this.memory.read(address, length)!);
  }

  /** Runs a call by name as the cluster would: marshal, handle, copy out. */
  async call(name: string, ...values: Argument[]): Promise<number> {
    const row = syscalls.find((one) => one.name === name);
    if (!row) throw new Error(`no such call: ${name}`);
    const args = new Int32Array(7);
    values.forEach((value, i) => {
      args[i] = typeof value === 'number' ? value : this.put(value);
    });
    const inputs = marshalInputs(row.args, args, this.memory.read, this.memory.room);
    if (typeof inputs === 'number') return inputs;
    const call = new DelegatedCall(args, inputs, this.signalMask);
    let result: number;
    if (row.where === 'local') result = row.handler(this.local, call);
    else if (row.where === 'master') result = await this.kernel.invoke(row, this.thread, call);
    else throw new Error(`${name} runs in the cluster`);
    const copied = marshalOutputs(row.args, args, call.outputsFor(result), this.memory.read, this.memory.write);
    return copied < 0 ? copied : result;
  }
}

/** A minimal static ARM program: one segment whose entry returns at once. */
export function tinyElf(): Uint8Array {
  const bytes = new Uint8Array(0x58);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 40, true);
  view.setUint32(20, 1, true);
  view.setUint32(24, 0x10054, true);
  view.setUint32(28, 0x34, true);
  view.setUint32(36, 0x05000400, true);
  view.setUint16(40, 0x34, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, 1, true);
  const segment = [1, 0, 0x10000, 0x10000, 0x58, 0x58, 5, 0x1000];
  segment.forEach((word, i) => {
    view.setUint32(0x34 + i * 4, word, true);
  });
  view.setUint32(0x54, 0xe12fff1e, true);
  return bytes;
}

/** Options to load `path` with. */
export function loadOptions(path: string, argv: string[] = [path]): LoadOptions {
  return { path, argv, envp: ['PATH=/bin'], processor: 'max', ids: { uid: 1000, euid: 1000, gid: 1000, egid: 1000 } };
}

export const readText = (path: string): string => readFileSync(path, 'latin1');
