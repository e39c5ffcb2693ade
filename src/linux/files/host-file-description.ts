/** Regular files and devices of the host that never block for long. */
import { closeSync, fstatSync, ftruncateSync, readFileSync, readSync, writeSync } from 'node:fs';
import { Errno } from '../../abi/errno.ts';
import { O_APPEND, SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET } from '../../abi/file.ts';
import { Description, type FileStatus, type ReadResult } from './description.ts';

/** Files of /proc and /sys have size 0 and must be read all the same, in pieces of this many bytes. */
const unsizedChunk = 65536;

/** How far the host's offset of an inherited input is moved at the end; moving it means reading. */
const advanceMax = 256 << 20;

/**
 * node:fs has no lseek, so a seekable file keeps its offset here and uses positioned calls. The shell's next program
 * goes on from the host's offset of an inherited descriptor, though. So inherited output writes at the host's offset
 * until the guest seeks, and inherited input brings the host's offset up to the guest's when it is closed: the guest's
 * stdio reads ahead and seeks back. Devices have no offset at all.
 */
export class HostFileDescription extends Description {
  declare readonly hostFd: number;
  /** null: the host's own offset is used. */
  #offset: number | null;
  readonly #seekable: boolean;
  readonly #inherited: boolean;
  /** The host appends by itself; otherwise O_APPEND was set later, by fcntl, which node:fs cannot pass on. */
  readonly #hostAppends: boolean;

  #changes: 'nothing' | 'any' | `${number}:${number}` | undefined;

  constructor(hostFd: number, flags: number, path: Buffer, seekable: boolean, inherited: boolean) {
    super(flags, path, hostFd);
    this.#seekable = seekable;
    this.#inherited = inherited;
    this.#hostAppends = (flags & O_APPEND) !== 0;
    this.#offset = seekable ? 0 : null;
    if (seekable && inherited) this.#offset = this.writable ? null : hostOffset(hostFd);
  }

  status(): FileStatus {
    return fstatSync(this.hostFd, { bigint: true });
  }

  close(): void {
    if (!this.#inherited) closeSync(this.hostFd);
    else if (this.#seekable && !this.writable && this.#offset !== null) this.#advanceHost(this.#offset);
  }

  #advanceHost(target: number): void {
    let left = Math.min(target - hostOffset(this.hostFd), advanceMax);
    const scratch = new Uint8Array(Math.max(0, Math.min(left, 1 << 20)));
    while (left > 0) {
      const count = readSync(this.hostFd, scratch, 0, Math.min(left, scratch.length), null);
      if (count === 0) break;
      left -= count;
    }
  }

  override read(length: number): ReadResult {
    const bytes = this.#readHost(length, this.#offset);
    if (this.#offset !== null) this.#offset += bytes.length;
    return bytes;
  }

  override readAt(length: number, offset: number): ReadResult {
    return this.#seekable ? this.#readHost(length, offset) : -Errno.ESPIPE;
  }

  /** Inherited input is left out: its position is the host's at the end, whatever a node has of it then. */
  override get readsAheadFrom(): number | undefined {
    const isPlain = this.changes !== 'nothing' && this.changes !== 'any' && !this.#inherited;
    return isPlain && this.#offset !== null ? this.#offset : undefined;
  }

  override advance(count: number): void {
    if (this.#offset !== null) this.#offset += count;
  }

  override get changes(): 'nothing' | 'any' | `${number}:${number}` {
    if (this.#changes === undefined) {
      const status = fstatSync(this.hostFd);
      this.#changes = status.isFile() ? `${status.dev}:${status.ino}` : status.isBlockDevice() ? 'any' : 'nothing';
    }
    return this.#changes;
  }

  #readHost(length: number, offset: number | null): Uint8Array {
    let room = length;
    if (this.#seekable && length > unsizedChunk) {
      const left = fstatSync(this.hostFd).size - (offset ?? 0);
      room = Math.min(length, Math.max(left, unsizedChunk));
    }
    const bytes = new Uint8Array(room);
    const count = readSync(this.hostFd, bytes, 0, room, offset);
    return count === room ? bytes : bytes.subarray(0, count);
  }

  override write(bytes: Uint8Array): number {
    if (this.flags & O_APPEND && this.#offset !== null) {
      const written = writeAll(this.hostFd, bytes, this.#hostAppends ? null : fstatSync(this.hostFd).size);
      this.#offset = fstatSync(this.hostFd).size;
      return written;
    }
    const written = writeAll(this.hostFd, bytes, this.#offset);
    if (this.#offset !== null) this.#offset += written;
    return written;
  }

  override writeAt(bytes: Uint8Array, offset: number): number {
    return this.#seekable ? writeAll(this.hostFd, bytes, offset) : -Errno.ESPIPE;
  }

  override seek(offset: number, whence: number): number {
    if (!this.#seekable) return this.isTerminal() ? -Errno.ESPIPE : 0;
    const size = fstatSync(this.hostFd).size;
    let target: number;
    switch (whence) {
      case SEEK_SET:
        target = offset;
        break;
      case SEEK_CUR:
        target = this.#currentOffset() + offset;
        if (offset === 0) return target;
        break;
      case SEEK_END:
        target = size + offset;
        break;
      // Node cannot ask the host for holes: the whole file is data, as lseek(2) allows a file system to say.
      case SEEK_DATA:
      case SEEK_HOLE:
        if (offset < 0 || offset >= size) return -Errno.ENXIO;
        target = whence === SEEK_DATA ? offset : size;
        break;
      default:
        return -Errno.EINVAL;
    }
    if (target < 0) return -Errno.EINVAL;
    this.#offset = target;
    return target;
  }

  override truncate(length: number): number {
    if (!this.writable) return -Errno.EINVAL;
    ftruncateSync(this.hostFd, length);
    return 0;
  }

  #currentOffset(): number {
    return this.#offset ?? hostOffset(this.hostFd);
  }
}

/** The offset that the host keeps for a descriptor: Linux shows it under /proc, elsewhere it counts as 0. */
function hostOffset(fd: number): number {
  try {
    const match = /^pos:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
    return match ? Number(match[1]) : 0;
  } catch {
    return 0;
  }
}

/** Writes everything, or as much as fits before an error; an error with nothing written is thrown. */
function writeAll(fd: number, bytes: Uint8Array, offset: number | null): number {
  let done = 0;
  do {
    try {
      done += writeSync(fd, bytes, done, bytes.length - done, offset === null ? null : offset + done);
    } catch (error) {
      if (done === 0) throw error;
      break;
    }
  } while (done < bytes.length);
  return done;
}
