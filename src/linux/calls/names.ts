/** Names in directories: making, removing, renaming, linking, permissions, times, working directory, listing. */
import * as fs from 'node:fs';
import { Errno } from '../../abi/errno.ts';
import * as abi from '../../abi/file.ts';
import { Timespec32, Timespec64, Timeval32, Utimbuf32 } from '../../abi/structs.ts';
import type { MasterCall, ThreadInfo } from '../api.ts';
import { EntryList } from '../files/directory.ts';
import type { Kernel } from '../kernel.ts';
import type { Purpose } from '../paths.ts';

type Handler = (kernel: Kernel, thread: ThreadInfo, call: MasterCall) => number;
const cwd = abi.AT_FDCWD;

/**
 * Applies `act` to the host path behind a name; what it returns counts only when it is a number (-errno). What the emulator makes up under /proc cannot be changed (EPERM), but a
 * link there leads to its target.
 */
function at(kernel: Kernel, dirfd: number, path: Buffer, purpose: Purpose, act: (host: Buffer) => unknown): number {
  const located = kernel.paths.locate(dirfd, path, purpose);
  if (typeof located === 'number') return located;
  const linked = located.kind === 'proc' && located.entry.kind === 'link' && purpose === 'look';
  const host = located.kind === 'host' ? located.path : linked ? (located.entry as { host: Buffer | null }).host : null;
  if (!host) return -Errno.EPERM;
  const result = act(host);
  return typeof result === 'number' ? result : 0;
}

// ---- making and removing ------------------------------------------------------------------------------------

const mkdirIn = (kernel: Kernel, dirfd: number, path: Buffer, mode: number): number =>
  at(kernel, dirfd, path, 'change', (host) => fs.mkdirSync(host, mode & 0o7777));
export const mkdir: Handler = (kernel, _, call) => mkdirIn(kernel, cwd, call.path(0), call.args[1]!);
export const mkdirat: Handler = (kernel, _, call) => mkdirIn(kernel, call.args[0]!, call.path(1), call.args[2]!);

const rmdirIn = (kernel: Kernel, dirfd: number, path: Buffer): number =>
  at(kernel, dirfd, path, 'change', fs.rmdirSync);
const unlinkIn = (kernel: Kernel, dirfd: number, path: Buffer): number =>
  at(kernel, dirfd, path, 'change', (host) => {
    try {
      fs.unlinkSync(host);
    } catch (error) {
      // unlink(2) of a directory: Linux says EISDIR, macOS EPERM.
      if ((error as NodeJS.ErrnoException).code === 'EPERM' && fs.lstatSync(host).isDirectory()) return -Errno.EISDIR;
      throw error;
    }
    return 0;
  });
export const rmdir: Handler = (kernel, _, call) => rmdirIn(kernel, cwd, call.path(0));
export const unlink: Handler = (kernel, _, call) => unlinkIn(kernel, cwd, call.path(0));
export const unlinkat: Handler = (kernel, _, call) => {
  const [dirfd, , flags] = call.args as unknown as [number, number, number];
  if (flags & ~abi.AT_REMOVEDIR) return -Errno.EINVAL;
  return flags ? rmdirIn(kernel, dirfd, call.path(1)) : unlinkIn(kernel, dirfd, call.path(1));
};

/** mknod: node:fs makes regular files only. */
function mknodIn(kernel: Kernel, dirfd: number, path: Buffer, mode: number): number {
  const type = mode & abi.S_IFMT;
  if (type !== 0 && type !== abi.S_IFREG) return -Errno.EPERM;
  return at(kernel, dirfd, path, 'change', (host) => fs.closeSync(fs.openSync(host, 'wx', mode & 0o7777)));
}
export const mknod: Handler = (kernel, _, call) => mknodIn(kernel, cwd, call.path(0), call.args[1]!);
export const mknodat: Handler = (kernel, _, call) => mknodIn(kernel, call.args[0]!, call.path(1), call.args[2]!);

// ---- renaming and linking -----------------------------------------------------------------------------------

function renameIn(kernel: Kernel, fromFd: number, from: Buffer, toFd: number, to: Buffer, flags: number): number {
  // Node has no renameat2: NOREPLACE looks first (another process may come between), EXCHANGE cannot be made.
  if (flags & ~abi.RENAME_NOREPLACE) return -Errno.EINVAL;
  return at(kernel, fromFd, from, 'change', (source) =>
    at(kernel, toFd, to, 'change', (target) => {
      if (flags && fs.lstatSync(target, { throwIfNoEntry: false })) return -Errno.EEXIST;
      fs.renameSync(source, target);
      return 0;
    }),
  );
}
export const rename: Handler = (kernel, _, call) => renameIn(kernel, cwd, call.path(0), cwd, call.path(1), 0);
export const renameat: Handler = (kernel, _, call) =>
  renameIn(kernel, call.args[0]!, call.path(1), call.args[2]!, call.path(3), 0);
export const renameat2: Handler = (kernel, _, call) =>
  renameIn(kernel, call.args[0]!, call.path(1), call.args[2]!, call.path(3), call.args[4]!);

function linkIn(kernel: Kernel, fromFd: number, from: Buffer, toFd: number, to: Buffer, flags: number): number {
  if (flags & ~(abi.AT_SYMLINK_FOLLOW | abi.AT_EMPTY_PATH)) return -Errno.EINVAL;
  return at(kernel, fromFd, from, 'look', (source) =>
    at(kernel, toFd, to, 'change', (target) =>
      fs.linkSync(flags & abi.AT_SYMLINK_FOLLOW ? fs.realpathSync(source, 'buffer') : source, target),
    ),
  );
}
export const link: Handler = (kernel, _, call) => linkIn(kernel, cwd, call.path(0), cwd, call.path(1), 0);
export const linkat: Handler = (kernel, _, call) =>
  linkIn(kernel, call.args[0]!, call.path(1), call.args[2]!, call.path(3), call.args[4]!);

const symlinkIn = (kernel: Kernel, target: Buffer, dirfd: number, path: Buffer): number =>
  target.length === 0 ? -Errno.ENOENT : at(kernel, dirfd, path, 'change', (host) => fs.symlinkSync(target, host));
export const symlink: Handler = (kernel, _, call) => symlinkIn(kernel, call.path(0), cwd, call.path(1));
export const symlinkat: Handler = (kernel, _, call) => symlinkIn(kernel, call.path(0), call.args[1]!, call.path(2));

function readlinkIn(kernel: Kernel, call: MasterCall, dirfd: number, path: Buffer, argument: number): number {
  const room = call.capacity(argument);
  if (room === 0) return -Errno.EINVAL;
  const located = kernel.paths.locate(dirfd, path, 'look');
  if (typeof located === 'number') return located;
  let target: Buffer;
  if (located.kind === 'proc') {
    if (located.entry.kind !== 'link') return -Errno.EINVAL;
    target = located.entry.target;
  } else target = fs.readlinkSync(located.path, 'buffer') as unknown as Buffer;
  const bytes = target.subarray(0, room);
  call.output(argument, bytes);
  return bytes.length;
}
export const readlink: Handler = (kernel, _, call) => readlinkIn(kernel, call, cwd, call.path(0), 1);
export const readlinkat: Handler = (kernel, _, call) => readlinkIn(kernel, call, call.args[0]!, call.path(1), 2);

// ---- permissions and owners ---------------------------------------------------------------------------------

function accessIn(kernel: Kernel, dirfd: number, path: Buffer, mode: number, flags: number): number {
  if (mode & ~7 || flags & ~(abi.AT_EACCESS | abi.AT_SYMLINK_NOFOLLOW | abi.AT_EMPTY_PATH)) return -Errno.EINVAL;
  const located = kernel.paths.locate(dirfd, path, 'look');
  if (typeof located === 'number') return located;
  if (located.kind === 'host') fs.accessSync(located.path, mode);
  else if (located.entry.kind === 'link' && located.entry.host) fs.accessSync(located.entry.host, mode);
  else if (mode & 2) return -Errno.EACCES;
  return 0;
}
export const access: Handler = (kernel, _, call) => accessIn(kernel, cwd, call.path(0), call.args[1]!, 0);
/** The old call has no flags: r3 may hold anything. */
export const faccessat: Handler = (kernel, _, call) => accessIn(kernel, call.args[0]!, call.path(1), call.args[2]!, 0);
export const faccessat2: Handler = (kernel, _, call) =>
  accessIn(kernel, call.args[0]!, call.path(1), call.args[2]!, call.args[3]!);

const chmodIn = (kernel: Kernel, dirfd: number, path: Buffer, mode: number): number =>
  at(kernel, dirfd, path, 'look', (host) => fs.chmodSync(host, mode & 0o7777));
export const chmod: Handler = (kernel, _, call) => chmodIn(kernel, cwd, call.path(0), call.args[1]!);
export const fchmodat: Handler = (kernel, _, call) => chmodIn(kernel, call.args[0]!, call.path(1), call.args[2]!);

/** Applies `act` to the host descriptor behind `fd`. */
function onDescriptor(kernel: Kernel, fd: number, act: (hostFd: number) => void): number {
  const description = kernel.descriptors.get(fd);
  if (!description) return -Errno.EBADF;
  if (description.hostFd === null) return -Errno.EINVAL;
  act(description.hostFd);
  return 0;
}
export const fchmod: Handler = (kernel, _, call) =>
  onDescriptor(kernel, call.args[0]!, (fd) => fs.fchmodSync(fd, call.args[1]! & 0o7777));

/** 16-bit ids of the old calls: 0xffff means "leave" as -1 does. */
const widen = (id: number): number => ((id & 0xffff) === 0xffff ? -1 : id & 0xffff);

function chownIn(kernel: Kernel, dirfd: number, path: Buffer, uid: number, gid: number, follow: boolean): number {
  const change = follow ? fs.chownSync : fs.lchownSync;
  return at(kernel, dirfd, path, 'look', (host) => change(host, uid >>> 0, gid >>> 0));
}
export const chown32: Handler = (kernel, _, call) =>
  chownIn(kernel, cwd, call.path(0), call.args[1]!, call.args[2]!, true);
export const lchown32: Handler = (kernel, _, call) =>
  chownIn(kernel, cwd, call.path(0), call.args[1]!, call.args[2]!, false);
export const chown16: Handler = (kernel, _, call) =>
  chownIn(kernel, cwd, call.path(0), widen(call.args[1]!), widen(call.args[2]!), true);
export const lchown16: Handler = (kernel, _, call) =>
  chownIn(kernel, cwd, call.path(0), widen(call.args[1]!), widen(call.args[2]!), false);
export const fchown32: Handler = (kernel, _, call) =>
  onDescriptor(kernel, call.args[0]!, (fd) => fs.fchownSync(fd, call.args[1]! >>> 0, call.args[2]! >>> 0));
export const fchown16: Handler = (kernel, _, call) =>
  onDescriptor(kernel, call.args[0]!, (fd) =>
    fs.fchownSync(fd, widen(call.args[1]!) >>> 0, widen(call.args[2]!) >>> 0),
  );
export const fchownat: Handler = (kernel, _, call) => {
  const [dirfd, , uid, gid, flags] = call.args as unknown as [number, number, number, number, number];
  if (flags & ~(abi.AT_SYMLINK_NOFOLLOW | abi.AT_EMPTY_PATH)) return -Errno.EINVAL;
  const path = call.path(1);
  if (path.length === 0 && flags & abi.AT_EMPTY_PATH)
    return onDescriptor(kernel, dirfd, (fd) => fs.fchownSync(fd, uid >>> 0, gid >>> 0));
  return chownIn(kernel, dirfd, path, uid, gid, !(flags & abi.AT_SYMLINK_NOFOLLOW));
};

export const umask: Handler = (kernel, _, call) => kernel.paths.setUmask(call.args[0]! & 0o777);

// ---- size ---------------------------------------------------------------------------------------------------

const truncateTo = (kernel: Kernel, path: Buffer, length: number): number =>
  length < 0
    ? -Errno.EINVAL
    : at(kernel, cwd, path, 'look', (host) => fs.truncateSync(host as unknown as string, length));
export const truncate: Handler = (kernel, _, call) => truncateTo(kernel, call.path(0), call.args[1]!);
const wide = (call: MasterCall): number => call.args[3]! * 2 ** 32 + (call.args[2]! >>> 0);
export const truncate64: Handler = (kernel, _, call) => truncateTo(kernel, call.path(0), wide(call));

function ftruncateTo(kernel: Kernel, fd: number, length: number): number {
  if (length < 0) return -Errno.EINVAL;
  return kernel.descriptors.get(fd)?.truncate(length) ?? -Errno.EBADF;
}
export const ftruncate: Handler = (kernel, _, call) => ftruncateTo(kernel, call.args[0]!, call.args[1]!);
export const ftruncate64: Handler = (kernel, _, call) => ftruncateTo(kernel, call.args[0]!, wide(call));

/** fallocate(fd, mode, offset, length): node:fs reserves nothing, so only the size grows. */
export const fallocate: Handler = (kernel, _, call) => {
  const description = kernel.descriptors.get(call.args[0]!);
  if (!description?.writable) return -Errno.EBADF;
  const offset = call.args[3]! * 2 ** 32 + (call.args[2]! >>> 0);
  const length = call.args[5]! * 2 ** 32 + (call.args[4]! >>> 0);
  if (offset < 0 || length <= 0) return -Errno.EINVAL;
  if (call.args[1]! & ~abi.FALLOC_FL_KEEP_SIZE) return -Errno.EOPNOTSUPP;
  if (call.args[1]! & abi.FALLOC_FL_KEEP_SIZE) return 0;
  return Number(description.status().size) >= offset + length ? 0 : description.truncate(offset + length);
};

export const fsync: Handler = (kernel, _, call) => onDescriptor(kernel, call.args[0]!, fs.fsyncSync);
export const fdatasync: Handler = (kernel, _, call) => onDescriptor(kernel, call.args[0]!, fs.fdatasyncSync);
/** The host writes its own caches; what the guest wrote has reached it already. */
export const sync: Handler = () => 0;

// ---- times --------------------------------------------------------------------------------------------------

/** Access and modification time in seconds; null keeps the old one. */
type Times = readonly [number | null, number | null];

/** node:fs takes times as a double of seconds: about 240 ns of resolution in this century. */
function setTimes(kernel: Kernel, dirfd: number, path: Buffer | null, times: Times, flags: number): number {
  if (flags & ~(abi.AT_SYMLINK_NOFOLLOW | abi.AT_EMPTY_PATH)) return -Errno.EINVAL;
  const complete = (status: () => fs.Stats): [number, number] => {
    const old = times.includes(null) ? status() : null;
    return [times[0] ?? old!.atimeMs / 1000, times[1] ?? old!.mtimeMs / 1000];
  };
  if (path === null || (path.length === 0 && flags & abi.AT_EMPTY_PATH))
    return onDescriptor(kernel, dirfd, (fd) => fs.futimesSync(fd, ...complete(() => fs.fstatSync(fd))));
  return at(kernel, dirfd, path, 'look', (host) => {
    if (flags & abi.AT_SYMLINK_NOFOLLOW) fs.lutimesSync(host, ...complete(() => fs.lstatSync(host)));
    else fs.utimesSync(host, ...complete(() => fs.statSync(host)));
  });
}

const now = (): number => Date.now() / 1000;
const bothNow = (): Times => {
  const time = now();
  return [time, time];
};

function fromTimespec(bytes: Uint8Array | null, layout: typeof Timespec32 | typeof Timespec64): Times | number {
  if (!bytes) return bothNow();
  const times: (number | null)[] = [];
  for (const i of [0, 1]) {
    const { tv_sec, tv_nsec } = layout.read(bytes, i * layout.size);
    // struct __kernel_timespec of 32-bit callers: the upper half of tv_nsec is padding.
    const nanoseconds = Number(BigInt.asIntN(32, BigInt(tv_nsec)));
    if (nanoseconds === abi.UTIME_OMIT) times.push(null);
    else if (nanoseconds === abi.UTIME_NOW) times.push(now());
    else if (nanoseconds < 0 || nanoseconds > 999_999_999) return -Errno.EINVAL;
    else times.push(Number(tv_sec) + nanoseconds / 1e9);
  }
  return times as unknown as Times;
}

function utimensatWith(kernel: Kernel, call: MasterCall, layout: typeof Timespec32 | typeof Timespec64): number {
  const times = fromTimespec(call.input(2), layout);
  if (typeof times === 'number') return times;
  const path = call.input(1) === null ? null : call.path(1);
  return setTimes(kernel, call.args[0]!, path, times, call.args[3]!);
}
export const utimensat: Handler = (kernel, _, call) => utimensatWith(kernel, call, Timespec32);
export const utimensat_time64: Handler = (kernel, _, call) => utimensatWith(kernel, call, Timespec64);

function fromTimeval(bytes: Uint8Array | null): Times | number {
  if (!bytes) return bothNow();
  const read = (at: number): number => {
    const { tv_sec, tv_usec } = Timeval32.read(bytes, at);
    return tv_usec < 0 || tv_usec > 999_999 ? Number.NaN : tv_sec + tv_usec / 1e6;
  };
  const times: Times = [read(0), read(Timeval32.size)];
  return times.some(Number.isNaN) ? -Errno.EINVAL : times;
}
export const utimes: Handler = (kernel, _, call) => {
  const times = fromTimeval(call.input(1));
  return typeof times === 'number' ? times : setTimes(kernel, cwd, call.path(0), times, 0);
};
export const futimesat: Handler = (kernel, _, call) => {
  const times = fromTimeval(call.input(2));
  if (typeof times === 'number') return times;
  return setTimes(kernel, call.args[0]!, call.input(1) === null ? null : call.path(1), times, 0);
};
export const utime: Handler = (kernel, _, call) => {
  const bytes = call.input(1);
  const { actime, modtime } = bytes ? Utimbuf32.read(bytes) : { actime: 0, modtime: 0 };
  return setTimes(kernel, cwd, call.path(0), bytes ? [actime, modtime] : bothNow(), 0);
};

// ---- working directory and listing --------------------------------------------------------------------------

export const getcwd: Handler = (kernel, _, call) => {
  const bytes = Buffer.concat([kernel.paths.cwd, Buffer.alloc(1)]);
  if (bytes.length > call.capacity(0)) return -Errno.ERANGE;
  call.output(0, bytes);
  return bytes.length;
};
export const chdir: Handler = (kernel, _, call) =>
  at(kernel, cwd, call.path(0), 'look', (host) => kernel.paths.changeDirectory(host));
export const fchdir: Handler = (kernel, _, call) => {
  const description = kernel.descriptors.get(call.args[0]!);
  if (!description) return -Errno.EBADF;
  if (!(description instanceof EntryList) || description.hostFd === null) return -Errno.ENOTDIR;
  const linux = process.platform === 'linux';
  return kernel.paths.changeDirectory(linux ? Buffer.from(`/proc/self/fd/${description.hostFd}`) : description.path);
};

export const getdents64: Handler = (kernel, _, call) => {
  const description = kernel.descriptors.get(call.args[0]!);
  if (!description) return -Errno.EBADF;
  if (!(description instanceof EntryList)) return -Errno.ENOTDIR;
  const records = description.entries(call.capacity(1));
  if (typeof records === 'number') return records;
  call.output(1, records);
  return records.length;
};
