/**
 * An open file description: what file descriptors refer to, with the offset and status flags that dup shares.
 * Nothing here blocks: what would block answers -EAGAIN, and `watch` says when to try again.
 */
import { Errno } from '../../abi/errno.ts';
import { O_ACCMODE, O_RDONLY, O_WRONLY, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/file.ts';

/** What stat tells, as node:fs's BigIntStats has it. */
export interface FileStatus {
  dev: bigint;
  ino: bigint;
  mode: bigint;
  nlink: bigint;
  uid: bigint;
  gid: bigint;
  rdev: bigint;
  size: bigint;
  blksize: bigint;
  blocks: bigint;
  atimeNs: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
  birthtimeNs: bigint;
}

/** Bytes that were read, or -errno. */
export type ReadResult = Uint8Array | number;

/** A file that is always ready; the base of all kinds. Each kind overrides what it can do. */
export abstract class Description {
  /** O_* as the guest gave them: access mode, O_APPEND, O_NONBLOCK, O_LARGEFILE... */
  flags: number;
  /** How it was opened, for /proc/self/fd. */
  readonly path: Buffer;
  /** The host's descriptor behind it, if there is one. */
  readonly hostFd: number | null;
  /** Descriptors that refer to it. */
  references = 0;

  constructor(flags: number, path: Buffer, hostFd: number | null) {
    this.flags = flags;
    this.path = path;
    this.hostFd = hostFd;
  }

  get readable(): boolean {
    return (this.flags & O_ACCMODE) !== O_WRONLY;
  }
  get writable(): boolean {
    return (this.flags & O_ACCMODE) !== O_RDONLY;
  }

  abstract status(): FileStatus;
  /** Another description of the same thing (open of /proc/self/fd/N); for what has a host descriptor the host's is opened. */
  reopen(_flags: number): Description | number {
    return -Errno.ENXIO;
  }
  /** The last descriptor is gone. */
  abstract close(): void;

  /** Up to `length` bytes from the offset; empty at the end. */
  read(_length: number): ReadResult {
    return -Errno.EINVAL;
  }
  /** The count written or -errno; a promise when the host takes the bytes later. */
  write(_bytes: Uint8Array): number | Promise<number> {
    return -Errno.EINVAL;
  }
  /** pread64, pwrite64: no offset is moved. */
  readAt(_length: number, _offset: number): ReadResult {
    return -Errno.ESPIPE;
  }
  writeAt(_bytes: Uint8Array, _offset: number): number {
    return -Errno.ESPIPE;
  }
  /** The new offset or -errno. */
  seek(_offset: number, _whence: number): number {
    return -Errno.ESPIPE;
  }
  /** Where `read` begins, when what comes next can be read ahead (readAt) and be passed over later (advance). */
  get readsAheadFrom(): number | undefined {
    return undefined;
  }
  /** What was read ahead, `count` bytes of it, is read. */
  advance(_count: number): void {}
  /** What changes by writing: nothing that can be read ahead, a file by its device and inode, or any file. */
  get changes(): 'nothing' | 'any' | `${number}:${number}` {
    return 'nothing';
  }
  truncate(_length: number): number {
    return -Errno.EINVAL;
  }
  /** POLL* bits that hold now. */
  readiness(): number {
    return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
  }
  /** Whether epoll takes it: a file that is always ready is refused, as one without a poll operation is by Linux. */
  get pollable(): boolean {
    return false;
  }
  /** Counts the moments at which one of `events` came to hold anew: input that arrived, room that was made. */
  edges(_events: number): number {
    return 0;
  }
  /** Calls `wake` once when one of `events` may hold; the result cancels. */
  watch(_events: number, wake: () => void): () => void {
    const timer = setImmediate(wake);
    return () => clearImmediate(timer);
  }
  /** FIONREAD, or -errno. */
  available(): number {
    return -Errno.ENOTTY;
  }
  isTerminal(): boolean {
    return false;
  }
  /** Resolves when everything that was accepted has reached the host. */
  drained(): Promise<void> {
    return Promise.resolve();
  }
}

/** A set of callbacks that wait for a change; each is called once. */
export class Waiters {
  #waiting = new Set<() => void>();

  add(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  wakeAll(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
