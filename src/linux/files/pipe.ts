/** Pipes inside the guest process (pipe(7)): a bounded queue between two descriptions. */
import { Errno } from '../../abi/errno.ts';
import {
  O_ACCMODE,
  O_RDONLY,
  O_WRONLY,
  PIPE_BUF,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
  S_IFIFO,
} from '../../abi/file.ts';
import { Description, type FileStatus, type ReadResult, Waiters } from './description.ts';
import { syntheticStatus } from './synthetic-status.ts';

export const pipeCapacity = 65536;

interface PipeState {
  chunks: Uint8Array[];
  length: number;
  readers: number;
  writers: number;
  readonly changed: Waiters;
  /** Writes and lost writers; reads and lost readers. */
  arrivals: number;
  departures: number;
  readonly inode: bigint;
}

let nextInode = 1n;

class PipeEnd extends Description {
  protected readonly pipe: PipeState;

  constructor(pipe: PipeState, flags: number) {
    super(flags, Buffer.from(`pipe:[${pipe.inode}]`), null);
    this.pipe = pipe;
  }

  status(): FileStatus {
    return syntheticStatus({ ino: this.pipe.inode, mode: BigInt(S_IFIFO | 0o600) });
  }

  override reopen(flags: number): Description | number {
    const mode = flags & O_ACCMODE;
    if (mode === O_RDONLY) {
      this.pipe.readers++;
      return new PipeReader(this.pipe, flags);
    }
    if (mode !== O_WRONLY) return -Errno.EINVAL;
    this.pipe.writers++;
    return new PipeWriter(this.pipe, flags);
  }

  override watch(_events: number, wake: () => void): () => void {
    return this.pipe.changed.add(wake);
  }

  override get pollable(): boolean {
    return true;
  }

  override edges(_events: number): number {
    return this.readable ? this.pipe.arrivals : this.pipe.departures;
  }

  override available(): number {
    return this.pipe.length;
  }

  close(): void {
    if (this.readable) {
      this.pipe.readers--;
      this.pipe.departures++;
    } else {
      this.pipe.writers--;
      this.pipe.arrivals++;
    }
    this.pipe.changed.wakeAll();
  }
}

class PipeReader extends PipeEnd {
  override read(length: number): ReadResult {
    const { pipe } = this;
    if (length === 0) return new Uint8Array(0);
    if (pipe.length === 0) return pipe.writers === 0 ? new Uint8Array(0) : -Errno.EAGAIN;
    const all = pipe.chunks.length === 1 ? pipe.chunks[0]! : Buffer.concat(pipe.chunks);
    const taken = all.subarray(0, length);
    const rest = all.subarray(taken.length);
    pipe.chunks = rest.length > 0 ? [rest] : [];
    pipe.length = rest.length;
    pipe.departures++;
    pipe.changed.wakeAll();
    return taken;
  }

  override readiness(): number {
    return (this.pipe.length > 0 ? POLLIN | POLLRDNORM : 0) | (this.pipe.writers === 0 ? POLLHUP : 0);
  }
}

class PipeWriter extends PipeEnd {
  /** What fits now; up to PIPE_BUF all or nothing. -EAGAIN when the pipe is full, -EPIPE when nobody reads. */
  override write(bytes: Uint8Array): number {
    const { pipe } = this;
    if (pipe.readers === 0) return -Errno.EPIPE;
    if (bytes.length === 0) return 0;
    const room = pipeCapacity - pipe.length;
    if (room === 0 || (bytes.length <= PIPE_BUF && room < bytes.length)) return -Errno.EAGAIN;
    const part = bytes.slice(0, room);
    pipe.chunks.push(part);
    pipe.length += part.length;
    pipe.arrivals++;
    pipe.changed.wakeAll();
    return part.length;
  }

  override readiness(): number {
    if (this.pipe.readers === 0) return POLLERR | POLLOUT | POLLWRNORM;
    return pipeCapacity - this.pipe.length >= PIPE_BUF ? POLLOUT | POLLWRNORM : 0;
  }
}

/** The two ends; `flags` may hold O_NONBLOCK. */
export function makePipe(flags: number): { reader: Description; writer: Description } {
  const pipe: PipeState = {
    chunks: [],
    length: 0,
    readers: 1,
    writers: 1,
    changed: new Waiters(),
    arrivals: 0,
    departures: 0,
    inode: nextInode++,
  };
  return { reader: new PipeReader(pipe, O_RDONLY | flags), writer: new PipeWriter(pipe, O_WRONLY | flags) };
}
