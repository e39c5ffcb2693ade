/** Files and directories under /proc that describe the guest, whose contents the emulator makes up. */
import { Errno } from '../../abi/errno.ts';
import { S_IFDIR, S_IFLNK, S_IFREG, SEEK_CUR, SEEK_SET } from '../../abi/file.ts';
import { Description, type FileStatus, type ReadResult } from './description.ts';
import { type DirectoryEntry, EntryList } from './directory.ts';
import { syntheticStatus } from './synthetic-status.ts';

/** Contents are made at the first read and stay, as a seq_file's do for one open. */
export class SyntheticFile extends Description {
  readonly #make: () => Buffer;
  #contents: Buffer | null = null;
  #offset = 0;

  constructor(flags: number, path: Buffer, make: () => Buffer) {
    super(flags, path, null);
    this.#make = make;
  }

  override read(length: number): ReadResult {
    const bytes = this.readAt(length, this.#offset);
    if (typeof bytes !== 'number') this.#offset += bytes.length;
    return bytes;
  }

  override readAt(length: number, offset: number): ReadResult {
    this.#contents ??= this.#make();
    return this.#contents.subarray(offset, offset + length);
  }

  override seek(offset: number, whence: number): number {
    const target = whence === SEEK_SET ? offset : whence === SEEK_CUR ? this.#offset + offset : -1;
    if (target < 0) return -Errno.EINVAL;
    if (target === 0) this.#contents = null;
    this.#offset = target;
    return target;
  }

  status(): FileStatus {
    return syntheticStatus({ mode: BigInt(S_IFREG | 0o444) });
  }

  close(): void {}
}

export class SyntheticDirectory extends EntryList {
  readonly #make: () => { name: string; mode: number }[];

  constructor(flags: number, path: Buffer, make: () => { name: string; mode: number }[]) {
    super(flags, path, null);
    this.#make = make;
  }

  protected override list(): DirectoryEntry[] {
    const dots = ['.', '..'].map((name) => ({ name, mode: S_IFDIR | 0o555 }));
    return [...dots, ...this.#make()].map(({ name, mode }, index) => ({
      name: Buffer.from(name),
      inode: () => ({ ino: BigInt(index + 1), mode: BigInt(mode) }),
    }));
  }

  status(): FileStatus {
    return syntheticStatus({ mode: BigInt(S_IFDIR | 0o555), nlink: 2n });
  }

  close(): void {}
}

/** The status of a link that the emulator makes up, such as /proc/self/exe. */
export function syntheticLinkStatus(): FileStatus {
  return syntheticStatus({ mode: BigInt(S_IFLNK | 0o777) });
}
