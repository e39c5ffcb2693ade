/** Open directories: entries as getdents64 returns them, with stable cookies over one snapshot. */
import { closeSync, fstatSync, lstatSync, opendirSync } from 'node:fs';
import { Errno } from '../../abi/errno.ts';
import { SEEK_CUR, SEEK_SET } from '../../abi/file.ts';
import { Dirent64, direntNameOffset } from '../../abi/structs.ts';
import { alignUp } from '../../base/bits.ts';
import { Description, type FileStatus, type ReadResult } from './description.ts';

export interface DirectoryEntry {
  name: Buffer;
  /** Inode and type; looked up only when the entry is handed out. */
  inode: () => { ino: bigint; mode: bigint };
}

const modeToType = (mode: bigint): number => Number((mode >> 12n) & 0xfn);

/**
 * The snapshot is taken at the first read and again after a seek to 0. A cookie is the index of the next entry, small
 * enough for a 32-bit off_t, so that readdir without large-file support never fails with EOVERFLOW on it.
 */
export abstract class EntryList extends Description {
  #entries: DirectoryEntry[] | null = null;
  #next = 0;

  protected abstract list(): DirectoryEntry[];

  override read(): ReadResult {
    return -Errno.EISDIR;
  }
  override write(): number {
    return -Errno.EBADF;
  }

  override seek(offset: number, whence: number): number {
    const target = whence === SEEK_SET ? offset : whence === SEEK_CUR ? this.#next + offset : -1;
    if (target < 0) return -Errno.EINVAL;
    if (target === 0) this.#entries = null;
    this.#next = target;
    return target;
  }

  /** linux_dirent64 records for at most `room` bytes; EINVAL when not even one fits. */
  entries(room: number): ReadResult {
    this.#entries ??= this.list();
    const records: Uint8Array[] = [];
    let used = 0;
    while (this.#next < this.#entries.length) {
      const entry = this.#entries[this.#next]!;
      const size = alignUp(direntNameOffset + entry.name.length + 1, 8);
      if (used + size > room) break;
      this.#next++;
      const found = identify(entry);
      if (!found) continue;
      const record = new Uint8Array(alignUp(size, 8));
      const head = Dirent64.encode({
        d_ino: found.ino,
        d_off: this.#next,
        d_reclen: size,
        d_type: modeToType(found.mode),
      });
      record.set(head.subarray(0, direntNameOffset));
      record.set(entry.name, direntNameOffset);
      records.push(record);
      used += size;
    }
    if (records.length === 0) return this.#next < this.#entries.length ? -Errno.EINVAL : new Uint8Array(0);
    return records.length === 1 ? records[0]! : Buffer.concat(records);
  }
}

/** null when the entry has gone since the snapshot. */
function identify(entry: DirectoryEntry): { ino: bigint; mode: bigint } | null {
  try {
    return entry.inode();
  } catch {
    return null;
  }
}

/** Names in the host's own order, which readdirSync would sort away: tar archives and `ls -U` show it. */
function namesIn(path: Buffer): Buffer[] {
  // The types know only text, but with this encoding the names are bytes.
  const directory = opendirSync(path as unknown as string, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 });
  const names: Buffer[] = [];
  for (let entry = directory.readSync(); entry; entry = directory.readSync())
    names.push(entry.name as unknown as Buffer);
  directory.closeSync();
  return names;
}

/** A directory of the host. */
export class HostDirectory extends EntryList {
  declare readonly hostFd: number;
  /** A path that reaches the directory even after it was renamed, where /proc gives one. */
  readonly #listPath: Buffer;

  constructor(hostFd: number, flags: number, path: Buffer) {
    super(flags, path, hostFd);
    this.#listPath = process.platform === 'linux' ? Buffer.from(`/proc/self/fd/${hostFd}`) : path;
  }

  protected override list(): DirectoryEntry[] {
    const names = [Buffer.from('.'), Buffer.from('..'), ...namesIn(this.#listPath)];
    const prefix = Buffer.concat([this.#listPath, Buffer.from('/')]);
    return names.map((name) => ({
      name,
      inode: () => lstatSync(Buffer.concat([prefix, name]), { bigint: true }),
    }));
  }

  status(): FileStatus {
    return fstatSync(this.hostFd, { bigint: true });
  }

  close(): void {
    closeSync(this.hostFd);
  }
}
