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

export class Paths {
  readonly #kernel: Kernel;
  readonly #sysroot: Buffer | null;
  /** Absolute, without symbolic links. */
  cwd: Buffer;

  constructor(kernel: Kernel, sysroot: string | undefined) {
    this.#kernel = kernel;
    this.#sysroot = sysroot === undefined ? null : Buffer.from(realpathSync(sysroot, 'buffer'));
    this.cwd = Buffer.from(realpathSync('.', 'buffer'));
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
    this.cwd = real;
    return 0;
  }
}

function exists(path: Buffer): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
