/** stat and its kin. */
import { lstatSync, statfsSync, statSync } from 'node:fs';
import { Errno } from '../../abi/errno.ts';
import * as abi from '../../abi/file.ts';
import { Stat, Stat64, Statfs, Statfs64, Statx } from '../../abi/structs.ts';
import type { MasterCall, ThreadInfo } from '../api.ts';
import type { FileStatus } from '../files/description.ts';
import { syntheticLinkStatus } from '../files/synthetic-file.ts';
import { syntheticStatus } from '../files/synthetic-status.ts';
import type { Kernel } from '../kernel.ts';

/** Status of a path, or of `dirfd` itself for an empty path with AT_EMPTY_PATH. @throws the host's error. */
function statusAt(kernel: Kernel, dirfd: number, path: Buffer, flags: number): FileStatus | number {
  if (path.length === 0 && flags & abi.AT_EMPTY_PATH) {
    if (dirfd === abi.AT_FDCWD) return statSync(kernel.paths.cwd, { bigint: true });
    return kernel.descriptors.get(dirfd)?.status() ?? -Errno.EBADF;
  }
  const located = kernel.paths.locate(dirfd, path, 'look');
  if (typeof located === 'number') return located;
  const follow = !(flags & abi.AT_SYMLINK_NOFOLLOW);
  if (located.kind === 'host')
    return follow ? statSync(located.path, { bigint: true }) : lstatSync(located.path, { bigint: true });
  const { entry } = located;
  if (entry.kind === 'directory') return syntheticStatus({ mode: BigInt(abi.S_IFDIR | 0o555), nlink: 2n });
  if (entry.kind === 'file') return syntheticStatus({ mode: BigInt(abi.S_IFREG | 0o444) });
  if (!follow) return syntheticLinkStatus();
  return entry.host ? statSync(entry.host, { bigint: true }) : syntheticStatus({ mode: BigInt(abi.S_IFDIR | 0o555) });
}

const seconds = (ns: bigint): bigint => (ns - nanoseconds(ns)) / 1_000_000_000n;
const nanoseconds = (ns: bigint): bigint => ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;

function encodeStat64(status: FileStatus): Uint8Array {
  return Stat64.encode({
    st_dev: status.dev,
    __st_ino: Number(status.ino & 0xffff_ffffn),
    st_mode: Number(status.mode),
    st_nlink: Number(status.nlink),
    st_uid: Number(status.uid),
    st_gid: Number(status.gid),
    st_rdev: status.rdev,
    st_size: status.size,
    st_blksize: Number(status.blksize),
    st_blocks: status.blocks,
    st_atime: Number(seconds(status.atimeNs)),
    st_atime_nsec: Number(nanoseconds(status.atimeNs)),
    st_mtime: Number(seconds(status.mtimeNs)),
    st_mtime_nsec: Number(nanoseconds(status.mtimeNs)),
    st_ctime: Number(seconds(status.ctimeNs)),
    st_ctime_nsec: Number(nanoseconds(status.ctimeNs)),
    st_ino: status.ino,
  });
}

/** The old structure: sizes and inodes beyond 32 bits are EOVERFLOW (fs/stat.c cp_new_stat). */
function encodeStat(status: FileStatus): Uint8Array | number {
  if (status.size > 0x7fffffffn || status.ino > 0xffff_ffffn) return -Errno.EOVERFLOW;
  const device = (value: bigint): number => (abi.deviceMajor(value) << 8) | (abi.deviceMinor(value) & 0xff);
  return Stat.encode({
    st_dev: device(status.dev),
    st_ino: Number(status.ino),
    st_mode: Number(status.mode),
    st_nlink: Number(status.nlink),
    st_uid: Number(status.uid),
    st_gid: Number(status.gid),
    st_rdev: device(status.rdev),
    st_size: Number(status.size),
    st_blksize: Number(status.blksize),
    st_blocks: Number(status.blocks),
    st_atime: Number(seconds(status.atimeNs)),
    st_atime_nsec: Number(nanoseconds(status.atimeNs)),
    st_mtime: Number(seconds(status.mtimeNs)),
    st_mtime_nsec: Number(nanoseconds(status.mtimeNs)),
    st_ctime: Number(seconds(status.ctimeNs)),
    st_ctime_nsec: Number(nanoseconds(status.ctimeNs)),
  });
}

function answer(call: MasterCall, argument: number, encoded: Uint8Array | number): number {
  if (typeof encoded === 'number') return encoded;
  call.output(argument, encoded);
  return 0;
}
const answer64 = (call: MasterCall, argument: number, status: FileStatus | number): number =>
  answer(call, argument, typeof status === 'number' ? status : encodeStat64(status));
const answerOld = (call: MasterCall, status: FileStatus | number): number =>
  answer(call, 1, typeof status === 'number' ? status : encodeStat(status));

type Handler = (kernel: Kernel, thread: ThreadInfo, call: MasterCall) => number;

export const stat64: Handler = (kernel, _, call) => answer64(call, 1, statusAt(kernel, abi.AT_FDCWD, call.path(0), 0));
export const lstat64: Handler = (kernel, _, call) =>
  answer64(call, 1, statusAt(kernel, abi.AT_FDCWD, call.path(0), abi.AT_SYMLINK_NOFOLLOW));
export const fstat64: Handler = (kernel, _, call) =>
  answer64(call, 1, kernel.descriptors.get(call.args[0]!)?.status() ?? -Errno.EBADF);
export const stat: Handler = (kernel, _, call) => answerOld(call, statusAt(kernel, abi.AT_FDCWD, call.path(0), 0));
export const lstat: Handler = (kernel, _, call) =>
  answerOld(call, statusAt(kernel, abi.AT_FDCWD, call.path(0), abi.AT_SYMLINK_NOFOLLOW));
export const fstat: Handler = (kernel, _, call) =>
  answerOld(call, kernel.descriptors.get(call.args[0]!)?.status() ?? -Errno.EBADF);

export const fstatat64: Handler = (kernel, _, call) => {
  const flags = call.args[3]!;
  if (flags & ~(abi.AT_SYMLINK_NOFOLLOW | abi.AT_NO_AUTOMOUNT | abi.AT_EMPTY_PATH)) return -Errno.EINVAL;
  return answer64(call, 2, statusAt(kernel, call.args[0]!, call.path(1), flags));
};

export const statx: Handler = (kernel, _, call) => {
  const flags = call.args[2]!;
  const known = abi.AT_SYMLINK_NOFOLLOW | abi.AT_NO_AUTOMOUNT | abi.AT_EMPTY_PATH | abi.AT_STATX_SYNC_TYPE;
  if (flags & ~known || (flags & abi.AT_STATX_SYNC_TYPE) === abi.AT_STATX_SYNC_TYPE) return -Errno.EINVAL;
  if (call.args[3]! & abi.STATX__RESERVED) return -Errno.EINVAL;
  const status = statusAt(kernel, call.args[0]!, call.path(1), flags);
  if (typeof status === 'number') return status;
  const encoded = Statx.encode({
    stx_mask: abi.STATX_BASIC_STATS | abi.STATX_BTIME,
    stx_blksize: Number(status.blksize),
    stx_nlink: Number(status.nlink),
    stx_uid: Number(status.uid),
    stx_gid: Number(status.gid),
    stx_mode: Number(status.mode),
    stx_ino: status.ino,
    stx_size: status.size,
    stx_blocks: status.blocks,
    stx_atime_sec: seconds(status.atimeNs),
    stx_atime_nsec: Number(nanoseconds(status.atimeNs)),
    stx_btime_sec: seconds(status.birthtimeNs),
    stx_btime_nsec: Number(nanoseconds(status.birthtimeNs)),
    stx_ctime_sec: seconds(status.ctimeNs),
    stx_ctime_nsec: Number(nanoseconds(status.ctimeNs)),
    stx_mtime_sec: seconds(status.mtimeNs),
    stx_mtime_nsec: Number(nanoseconds(status.mtimeNs)),
    stx_rdev_major: abi.deviceMajor(status.rdev),
    stx_rdev_minor: abi.deviceMinor(status.rdev),
    stx_dev_major: abi.deviceMajor(status.dev),
    stx_dev_minor: abi.deviceMinor(status.dev),
  });
  return answer(call, 4, encoded);
};

// ---- file systems -------------------------------------------------------------------------------------------

function filesystemOf(kernel: Kernel, path: Buffer): Buffer | number {
  const located = kernel.paths.locate(abi.AT_FDCWD, path, 'look');
  if (typeof located === 'number') return located;
  return located.kind === 'host' ? located.path : Buffer.from('/proc');
}

function encodeStatfs(path: Buffer, wide: boolean): Uint8Array | number {
  const status = statfsSync(path, { bigint: true });
  const common = {
    f_type: Number(status.type & 0xffff_ffffn),
    f_bsize: Number(status.bsize),
    f_frsize: Number(status.bsize),
    f_namelen: abi.NAME_MAX,
  };
  if (wide)
    return Statfs64.encode({
      ...common,
      f_blocks: status.blocks,
      f_bfree: status.bfree,
      f_bavail: status.bavail,
      f_files: status.files,
      f_ffree: status.ffree,
    });
  if ([status.blocks, status.bfree, status.files].some((value) => value > 0xffff_ffffn)) return -Errno.EOVERFLOW;
  return Statfs.encode({
    ...common,
    f_blocks: Number(status.blocks),
    f_bfree: Number(status.bfree),
    f_bavail: Number(status.bavail),
    f_files: Number(status.files),
    f_ffree: Number(status.ffree),
  });
}

function descriptorPath(kernel: Kernel, fd: number): Buffer | number {
  const description = kernel.descriptors.get(fd);
  if (!description) return -Errno.EBADF;
  if (description.hostFd === null) return Buffer.from('/proc');
  return process.platform === 'linux' ? Buffer.from(`/proc/self/fd/${description.hostFd}`) : description.path;
}

function answerStatfs(call: MasterCall, argument: number, path: Buffer | number, wide: boolean): number {
  return answer(call, argument, typeof path === 'number' ? path : encodeStatfs(path, wide));
}

export const statfs: Handler = (kernel, _, call) => answerStatfs(call, 1, filesystemOf(kernel, call.path(0)), false);
export const fstatfs: Handler = (kernel, _, call) =>
  answerStatfs(call, 1, descriptorPath(kernel, call.args[0]!), false);
/** statfs64(path, size, buffer); some libraries pass 88, which the kernel takes too (arch/arm/kernel/sys_oabi-compat.c). */
const isStatfs64Size = (size: number): boolean => size === Statfs64.size || size === 88;
export const statfs64: Handler = (kernel, _, call) =>
  isStatfs64Size(call.args[1]!) ? answerStatfs(call, 2, filesystemOf(kernel, call.path(0)), true) : -Errno.EINVAL;
export const fstatfs64: Handler = (kernel, _, call) =>
  isStatfs64Size(call.args[1]!) ? answerStatfs(call, 2, descriptorPath(kernel, call.args[0]!), true) : -Errno.EINVAL;
