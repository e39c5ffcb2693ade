/** Files of the host, opened by the emulator itself: as byte sources for the loader and as contents of mappings. */
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { deviceMajor, deviceMinor } from '../abi/file.ts';
import type { ByteSource } from './elf.ts';
import type { MappedFile } from './memory-map.ts';

/** Reads at most `length` bytes at `offset`, less only at the end of the file. */
export function readFully(fd: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, bytes, done, length - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return done === length ? bytes : bytes.subarray(0, done);
}

/** 'fd:01', the form of /proc/self/maps. */
export function deviceText(device: bigint): string {
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  return `${hex(deviceMajor(device))}:${hex(deviceMinor(device))}`;
}

/**
 * An open host file that a mapping or the loader holds. It has a descriptor of its own, so that it outlives the
 * guest's; whoever opened it calls `close` when no area refers to it any more.
 */
export class HostFile implements ByteSource, MappedFile {
  readonly path: Buffer;
  readonly device: string;
  readonly inode: bigint;
  readonly size: number;
  readonly writable: boolean;
  #fd: number;
  #holders = 1;

  /** @throws the host's error when it cannot be opened. */
  constructor(openPath: string | Buffer, shownPath: Buffer, writable = false) {
    this.#fd = openSync(openPath, writable ? constants.O_RDWR : constants.O_RDONLY);
    const status = fstatSync(this.#fd, { bigint: true });
    this.path = shownPath;
    this.writable = writable;
    this.device = deviceText(status.dev);
    this.inode = status.ino;
    this.size = Number(status.size);
  }

  /** The bytes of the file now, not of when it was opened: a mapping sees what was appended since. */
  read(offset: number, length: number): Uint8Array {
    const size = fstatSync(this.#fd).size;
    return readFully(this.#fd, offset, Math.max(0, Math.min(length, size - offset)));
  }

  write(offset: number, bytes: Uint8Array): void {
    const size = fstatSync(this.#fd).size;
    const length = Math.max(0, Math.min(bytes.length, size - offset));
    for (let done = 0; done < length; ) done += writeSync(this.#fd, bytes, done, length - done, offset + done);
  }

  /** One more address space has it mapped, and will `close` it. */
  retain(): this {
    this.#holders++;
    return this;
  }

  close(): void {
    if (--this.#holders > 0) return;
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}
