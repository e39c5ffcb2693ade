/** Where a guest's path leads on the host: working directory, directory descriptors, sysroot, the guest's own /proc. */
import { lstatSync, realpathSync, statSync } from 'node:fs';
import { Errno } from '../abi/errno.ts';
import { AT_FDCWD } from '../abi/file.ts';
import type { Kernel } from './kernel.ts';
import { type ProcEntry, procEntry } from './proc-files.ts';

export type Located = { kind: 'host'; path: Buffer } | { kind: 'proc'; entry: ProcEntry; path: Buffer };

const slash = 0x2f;
const join = (directory: Buffer, rest: Buffer): Buffer => Buffer.concat([directory, Buffer.from('/'), rest]);

/** `look`: an existing file is wanted, so the sysroot comes first. `change`: the name itself is made or removed. */
export type Purpose = 'look' | 'change';

/** struct fs_struct */
interface Place {
  cwd: Buffer;
  umask: number;
}

let hostUmask = -1;

export class Paths {
  readonly #kernel: Kernel;
  readonly #sysroot: Buffer | null;
  readonly #place: Place;

  /** @param from the sysroot, or the paths of the process that this one comes from · @param shared CLONE_FS */
  constructor(kernel: Kernel, from: string | undefined | Paths, shared = false) {
    this.#kernel = kernel;
    if (from instanceof Paths) {
      this.#sysroot = from.#sysroot;
      this.#place = shared ? from.#place : { ...from.#place };
      return;
    }
    this.#sysroot = from === undefined ? null : Buffer.from(realpathSync(from, 'buffer'));
    this.#place = { cwd: Buffer.from(realpathSync('.', 'buffer')), umask: process.umask() };
  }

  /** The sysroot as it was given to the run, for the loader. */
  get sysroot(): string | undefined {
    return this.#sysroot?.toString();
  }

  /** Absolute, without symbolic links. */
  get cwd(): Buffer {
    return this.#place.cwd;
  }

  /** The host's process has one umask: it becomes this process's before each call. */
  useUmask(): void {
    if (hostUmask !== this.#place.umask) process.umask(this.#place.umask);
    hostUmask = this.#place.umask;
  }

  /** umask(2). @returns the one before */
  setUmask(umask: number): number {
    const before = this.#place.umask;
    this.#place.umask = umask;
    return before;
  }

  get umask(): number {
    return this.#place.umask;
  }

  /** -ENOENT for the empty path, -EBADF or -ENOTDIR for a bad directory descriptor. */
  locate(dirfd: number, path: Buffer, purpose: Purpose): Located | number {
    if (path.length === 0) return -Errno.ENOENT;
    if (path[0] === slash) return this.#absolute(path, purpose);
    if (dirfd === AT_FDCWD) return this.#withProc(join(this.cwd, path));
    const directory = this.#kernel.descriptors.get(dirfd);
    if (!directory) return -Errno.EBADF;
    // A made-up directory (/proc/self/fd) has a path only.
    if (directory.hostFd === null || process.platform !== 'linux')
      return this.#absolute(join(directory.path, path), purpose);
    if (!statSync(`/proc/self/fd/${directory.hostFd}`).isDirectory()) return -Errno.ENOTDIR;
    return { kind: 'host', path: join(Buffer.from(`/proc/self/fd/${directory.hostFd}`), path) };
  }

  #absolute(path: Buffer, purpose: Purpose): Located {
    const located = this.#withProc(path);
    if (located.kind === 'proc' || purpose === 'change' || !this.#sysroot) return located;
    const inside = Buffer.concat([this.#sysroot, path]);
    return exists(inside) ? { kind: 'host', path: inside } : located;
  }

  #withProc(path: Buffer): Located {
    if (!path.includes('/proc') && !path.includes('/dev/')) return { kind: 'host', path };
    const entry = procEntry(this.#kernel, path.toString('latin1').replace(/\/{2,}/g, '/'));
    return entry ? { kind: 'proc', entry, path } : { kind: 'host', path };
  }

  /** chdir(2) to a host directory. @throws the host's error. */
  changeDirectory(path: Buffer): number {
    const real = Buffer.from(realpathSync(path, 'buffer'));
    if (!statSync(real).isDirectory()) return -Errno.ENOTDIR;
    this.#place.cwd = real;
    return 0;
  }
}

function exists(path: Buffer): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
