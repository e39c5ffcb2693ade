import type { FileStatus } from './description.ts';

/** The status of something that the emulator made up: owned by the user, of now, on a device of its own. */
export function syntheticStatus(known: Partial<FileStatus>): FileStatus {
  const now = BigInt(Date.now()) * 1_000_000n;
  return {
    dev: 0x0fn,
    ino: 1n,
    mode: 0n,
    nlink: 1n,
    uid: BigInt(process.getuid?.() ?? 0),
    gid: BigInt(process.getgid?.() ?? 0),
    rdev: 0n,
    size: 0n,
    blksize: 4096n,
    blocks: 0n,
    atimeNs: now,
    mtimeNs: now,
    ctimeNs: now,
    birthtimeNs: now,
    ...known,
  };
}
