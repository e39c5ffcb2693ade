/** Reading, writing, opening and closing. */
import { closeSync, constants, openSync } from 'node:fs';
import { Errno } from '../../abi/errno.ts';
import * as abi from '../../abi/file.ts';
import type { MasterCall, ThreadInfo } from '../api.ts';
import type { Description } from '../files/description.ts';
import { EventCounter } from '../files/event-counter.ts';
import { describeHostFd } from '../files/inherited.ts';
import { makePipe } from '../files/pipe.ts';
import { SyntheticDirectory, SyntheticFile } from '../files/synthetic-file.ts';
import type { Kernel } from '../kernel.ts';
import type { ProcEntry } from '../proc-files.ts';

type Result = number | Promise<number>;

/** The 64-bit value of a register pair, as a safe integer (offsets beyond 2^53 do not occur). */
export function pair(args: Int32Array, low: number): number {
  return args[low + 1]! * 2 ** 32 + (args[low]! >>> 0);
}

// ---- read ---------------------------------------------------------------------------------------------------

function readInto(kernel: Kernel, thread: ThreadInfo, call: MasterCall, argument: number): Result {
  const description = kernel.descriptors.get(call.args[0]!);
  if (!description?.readable || description.flags & abi.O_PATH) return -Errno.EBADF;
  const length = call.capacity(argument);
  const attempt = (): number | undefined => {
    const bytes = description.read(length);
    if (typeof bytes === 'number') {
      return bytes === -Errno.EAGAIN && !(description.flags & abi.O_NONBLOCK) ? undefined : bytes;
    }
    call.output(argument, bytes);
    return bytes.length;
  };
  return kernel.block(thread, call, {
    attempt,
    watch: (wake) => description.watch(abi.POLLIN, wake),
    file: description,
  });
}

export const read = (kernel: Kernel, thread: ThreadInfo, call: MasterCall): Result => readInto(kernel, thread, call, 1);
export const readv = read;

function readAtInto(kernel: Kernel, call: MasterCall, offset: number): number {
  const description = kernel.descriptors.get(call.args[0]!);
  if (!description?.readable) return -Errno.EBADF;
  if (offset < 0) return -Errno.EINVAL;
  const bytes = description.readAt(call.capacity(1), offset);
  if (typeof bytes === 'number') return bytes;
  call.output(1, bytes);
  return bytes.length;
}
export const pread64 = (kernel: Kernel, _: ThreadInfo, call: MasterCall): number =>
  readAtInto(kernel, call, pair(call.args, 4));
/** preadv's offset is not aligned to an even register: low in r3, high in r4. */
export const preadv = (kernel: Kernel, _: ThreadInfo, call: MasterCall): number =>
  readAtInto(kernel, call, pair(call.args, 3));

// ---- write --------------------------------------------------------------------------------------------------

/** Writes everything unless the description is non-blocking; an error after a part gives the part. */
function writeFrom(kernel: Kernel, thread: ThreadInfo, call: MasterCall, bytes: Uint8Array): Result {
  const description = kernel.descriptors.get(call.args[0]!);
  if (!description?.writable || description.flags & abi.O_PATH) return -Errno.EBADF;
  return writeAll(kernel, thread, call, description, bytes);
}

export function writeAll(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  description: Description,
  bytes: Uint8Array,
): Result {
  const finish = (result: number): number => (result === -Errno.EPIPE ? kernel.brokenPipe(thread) : result);
  const first = description.write(bytes);
  if (typeof first !== 'number') return first.then(finish);
  const nonBlocking = (description.flags & abi.O_NONBLOCK) !== 0;
  if (first === bytes.length || nonBlocking || (first < 0 && first !== -Errno.EAGAIN)) return finish(first);
  let done = Math.max(first, 0);
  const attempt = (): number | undefined => {
    const count = description.write(bytes.subarray(done));
    if (typeof count !== 'number') return done;
    if (count === -Errno.EAGAIN) return undefined;
    if (count < 0) return done > 0 ? done : finish(count);
    done += count;
    return done === bytes.length ? done : undefined;
  };
  const interrupted = done > 0 ? { interrupted: () => done } : {};
  return kernel.block(thread, call, {
    attempt,
    watch: (wake) => description.watch(abi.POLLOUT, wake),
    file: description,
    ...interrupted,
  });
}

export const write = (kernel: Kernel, thread: ThreadInfo, call: MasterCall): Result =>
  writeFrom(kernel, thread, call, call.input(1)!);
export const writev = write;

function writeAtFrom(kernel: Kernel, call: MasterCall, offset: number): number {
  const description = kernel.descriptors.get(call.args[0]!);
  if (!description?.writable) return -Errno.EBADF;
  return offset < 0 ? -Errno.EINVAL : description.writeAt(call.input(1)!, offset);
}
export const pwrite64 = (kernel: Kernel, _: ThreadInfo, call: MasterCall): number =>
  writeAtFrom(kernel, call, pair(call.args, 4));
export const pwritev = (kernel: Kernel, _: ThreadInfo, call: MasterCall): number =>
  writeAtFrom(kernel, call, pair(call.args, 3));

// ---- open and close -----------------------------------------------------------------------------------------

/** Guest flags to the host's, which differ on macOS and for four values on x86. */
const hostFlagOf: readonly [number, number][] = [
  [abi.O_CREAT, constants.O_CREAT],
  [abi.O_EXCL, constants.O_EXCL],
  [abi.O_TRUNC, constants.O_TRUNC],
  [abi.O_APPEND, constants.O_APPEND],
  [abi.O_DIRECTORY, constants.O_DIRECTORY],
  [abi.O_NOFOLLOW, constants.O_NOFOLLOW],
  [abi.O_DSYNC, constants.O_DSYNC],
  [abi.O_SYNC & ~abi.O_DSYNC, constants.O_SYNC],
];
/** Not in node:fs; the same numbers on every Linux. */
const linuxFlags = process.platform === 'linux' ? abi.O_PATH | abi.O_TMPFILE_BIT : 0;

function hostOpenFlags(flags: number): number {
  let host = flags & abi.O_ACCMODE;
  for (const [guest, value] of hostFlagOf) if (flags & guest) host |= value;
  return host | (flags & linuxFlags) | constants.O_NOCTTY | constants.O_NONBLOCK;
}

/** Flags that F_GETFL does not show. */
const transientFlags = abi.O_CREAT | abi.O_EXCL | abi.O_NOCTTY | abi.O_TRUNC | abi.O_CLOEXEC;
const fifoRetryMs = 10;

function openAt(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  dirfd: number,
  path: Buffer,
  flags: number,
  mode: number,
): Result {
  const located = kernel.paths.locate(dirfd, path, 'look');
  if (typeof located === 'number') return located;
  const kept = flags & ~transientFlags;
  const add = (description: Description): number => {
    const fd = kernel.descriptors.add(description, (flags & abi.O_CLOEXEC) !== 0);
    if (fd < 0) description.close();
    return fd;
  };
  let hostPath: Buffer;
  if (located.kind === 'proc') {
    const opened = openProcEntry(located.entry, kept, located.path);
    if (!Buffer.isBuffer(opened)) return typeof opened === 'number' ? opened : add(opened);
    hostPath = opened;
  } else hostPath = located.path;

  const attempt = (): number | undefined => {
    let hostFd: number;
    try {
      hostFd = openSync(hostPath, hostOpenFlags(flags), mode & 0o7777);
    } catch (error) {
      // A FIFO without a reader, opened for writing: open(2) waits unless O_NONBLOCK.
      if ((error as NodeJS.ErrnoException).code === 'ENXIO' && !(flags & abi.O_NONBLOCK)) return undefined;
      throw error;
    }
    try {
      return add(describeHostFd(hostFd, kept, shownPath(kernel, path, hostPath), false));
    } catch (error) {
      closeSync(hostFd);
      throw error;
    }
  };
  return kernel.block(thread, call, {
    attempt,
    watch: (wake) => {
      const timer = setTimeout(wake, fifoRetryMs);
      return () => clearTimeout(timer);
    },
  });
}

/** The absolute path for /proc/self/fd: what the guest named, or where the directory descriptor led. */
function shownPath(kernel: Kernel, path: Buffer, hostPath: Buffer): Buffer {
  if (path[0] === 0x2f) return path;
  const match = /^\/proc\/self\/fd\/(\d+)\//.exec(hostPath.toString('latin1'));
  if (!match) return hostPath;
  const holder = kernel.descriptors
    .numbers()
    .map((fd) => kernel.descriptors.get(fd)!)
    .find((description) => description.hostFd === Number(match[1]));
  return holder ? Buffer.concat([holder.path, Buffer.from('/'), path]) : hostPath;
}

/** A description, a host path to open instead, or -errno. */
function openProcEntry(entry: ProcEntry, flags: number, path: Buffer): Description | Buffer | number {
  if (entry.kind === 'link') {
    if (flags & abi.O_NOFOLLOW) return -Errno.ELOOP;
    return entry.host ?? entry.description?.reopen(flags) ?? -Errno.ENXIO;
  }
  if (flags & abi.O_ACCMODE) return -Errno.EACCES;
  if (entry.kind === 'directory') return new SyntheticDirectory(flags, path, entry.list);
  return flags & abi.O_DIRECTORY ? -Errno.ENOTDIR : new SyntheticFile(flags, path, entry.make);
}

export const open = (kernel: Kernel, thread: ThreadInfo, call: MasterCall): Result =>
  openAt(kernel, thread, call, abi.AT_FDCWD, call.path(0), call.args[1]!, call.args[2]!);
export const openat = (kernel: Kernel, thread: ThreadInfo, call: MasterCall): Result =>
  openAt(kernel, thread, call, call.args[0]!, call.path(1), call.args[2]!, call.args[3]!);
export const creat = (kernel: Kernel, thread: ThreadInfo, call: MasterCall): Result =>
  openAt(kernel, thread, call, abi.AT_FDCWD, call.path(0), abi.O_CREAT | abi.O_WRONLY | abi.O_TRUNC, call.args[1]!);
/** struct open_how: flags, mode, resolve, 64 bits each; resolve restrictions are refused. */
export function openat2(kernel: Kernel, thread: ThreadInfo, call: MasterCall): Result {
  const how = call.input(2)!;
  if (how.length < 24) return -Errno.EINVAL;
  const [flags, mode, resolve] = new BigUint64Array(how.slice(0, 24).buffer);
  if (resolve !== 0n) return -Errno.EINVAL;
  return openAt(kernel, thread, call, call.args[0]!, call.path(1), Number(flags), Number(mode));
}

export const close = (kernel: Kernel, _: ThreadInfo, call: MasterCall): number =>
  kernel.descriptors.close(call.args[0]!);

export function closeRange(kernel: Kernel, _: ThreadInfo, call: MasterCall): number {
  const first = call.args[0]! >>> 0;
  const last = call.args[1]! >>> 0;
  if (first > last || call.args[2]! & ~(abi.CLOSE_RANGE_CLOEXEC | abi.CLOSE_RANGE_UNSHARE)) return -Errno.EINVAL;
  for (const fd of kernel.descriptors.numbers()) {
    if (fd < first || fd > last) continue;
    if (call.args[2]! & abi.CLOSE_RANGE_CLOEXEC) kernel.descriptors.setCloseOnExec(fd, true);
    else kernel.descriptors.close(fd);
  }
  return 0;
}

// ---- duplicates and pipes -----------------------------------------------------------------------------------

export function dup(kernel: Kernel, _: ThreadInfo, call: MasterCall): number {
  const description = kernel.descriptors.get(call.args[0]!);
  return description ? kernel.descriptors.add(description, false) : -Errno.EBADF;
}

function duplicateTo(kernel: Kernel, from: number, to: number, closeOnExec: boolean): number {
  const description = kernel.descriptors.get(from);
  if (!description || to < 0 || to >= kernel.descriptors.limit) return -Errno.EBADF;
  kernel.descriptors.put(to, description, closeOnExec);
  return to;
}
export function dup2(kernel: Kernel, _: ThreadInfo, call: MasterCall): number {
  const [from, to] = call.args as unknown as [number, number];
  if (from === to) return kernel.descriptors.get(from) ? to : -Errno.EBADF;
  return duplicateTo(kernel, from, to, false);
}
export function dup3(kernel: Kernel, _: ThreadInfo, call: MasterCall): number {
  const [from, to, flags] = call.args as unknown as [number, number, number];
  if (from === to || flags & ~abi.O_CLOEXEC) return -Errno.EINVAL;
  return duplicateTo(kernel, from, to, (flags & abi.O_CLOEXEC) !== 0);
}

function pipeWith(kernel: Kernel, call: MasterCall, flags: number): number {
  if (flags & ~(abi.O_CLOEXEC | abi.O_NONBLOCK | abi.O_DIRECT)) return -Errno.EINVAL;
  const { reader, writer } = makePipe(flags & abi.O_NONBLOCK);
  const closeOnExec = (flags & abi.O_CLOEXEC) !== 0;
  const readFd = kernel.descriptors.add(reader, closeOnExec);
  if (readFd < 0) return readFd;
  const writeFd = kernel.descriptors.add(writer, closeOnExec);
  if (writeFd < 0) {
    kernel.descriptors.close(readFd);
    return writeFd;
  }
  call.output(0, new Uint8Array(Int32Array.of(readFd, writeFd).buffer));
  return 0;
}
export const pipe = (kernel: Kernel, _: ThreadInfo, call: MasterCall): number => pipeWith(kernel, call, 0);
export const pipe2 = (kernel: Kernel, _: ThreadInfo, call: MasterCall): number => pipeWith(kernel, call, call.args[1]!);

function eventfdWith(kernel: Kernel, call: MasterCall, flags: number): number {
  if (flags & ~(abi.O_CLOEXEC | abi.O_NONBLOCK | abi.EFD_SEMAPHORE)) return -Errno.EINVAL;
  const counter = new EventCounter(call.args[0]!, flags, flags & abi.O_NONBLOCK);
  return kernel.descriptors.add(counter, (flags & abi.O_CLOEXEC) !== 0);
}
export const eventfd = (kernel: Kernel, _: ThreadInfo, call: MasterCall): number => eventfdWith(kernel, call, 0);
export const eventfd2 = (kernel: Kernel, _: ThreadInfo, call: MasterCall): number =>
  eventfdWith(kernel, call, call.args[1]!);

// ---- seek ---------------------------------------------------------------------------------------------------

/** lseek: the offset must fit in a signed 32-bit result, else EOVERFLOW. */
export function lseek(kernel: Kernel, _: ThreadInfo, call: MasterCall): number {
  const description = kernel.descriptors.get(call.args[0]!);
  if (!description) return -Errno.EBADF;
  const offset = description.seek(call.args[1]!, call.args[2]!);
  return offset > 0x7fffffff ? -Errno.EOVERFLOW : offset;
}

/** _llseek(fd, high, low, result, whence) */
export function llseek(kernel: Kernel, _: ThreadInfo, call: MasterCall): number {
  const description = kernel.descriptors.get(call.args[0]!);
  if (!description) return -Errno.EBADF;
  const offset = description.seek(call.args[1]! * 2 ** 32 + (call.args[2]! >>> 0), call.args[4]!);
  if (offset < 0) return offset;
  call.output(3, new Uint8Array(BigInt64Array.of(BigInt(offset)).buffer));
  return 0;
}
