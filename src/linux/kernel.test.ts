import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Errno, errnoName } from '../abi/errno.ts';
import * as abi from '../abi/file.ts';
import { SIG_DFL, SIG_IGN, Signals } from '../abi/signal.ts';
import { Dirent64, direntNameOffset, Iovec, Pollfd, Stat64, Statx, Timespec32 } from '../abi/structs.ts';
import { loadOptions, TestGuest, tinyElf } from './testing/guest.ts';

const directory = fs.mkdtempSync(join(tmpdir(), 'linux-kernel-'));
after(() => fs.rmSync(directory, { recursive: true, force: true }));
const inDirectory = (name: string): string => join(directory, name);
fs.writeFileSync(inDirectory('tiny'), tinyElf(), { mode: 0o755 });
const newGuest = (): TestGuest => new TestGuest(loadOptions(inDirectory('tiny')));

test('open, write, seek, read, close agree with the host', async () => {
  const guest = newGuest();
  const path = inDirectory('data');
  const fd = await guest.call('openat', abi.AT_FDCWD, path, abi.O_RDWR | abi.O_CREAT | abi.O_EXCL, 0o640);
  assert.ok(fd >= 3);
  assert.equal(await guest.call('write', fd, 'hello world', 11), 11);
  assert.equal(fs.readFileSync(path, 'utf8'), 'hello world');
  assert.equal(await guest.call('lseek', fd, 6, abi.SEEK_SET), 6);
  const buffer = guest.room(64);
  assert.equal(await guest.call('read', fd, buffer, 64), 5);
  assert.equal(guest.bytesAt(buffer, 5).toString(), 'world');
  assert.equal(await guest.call('read', fd, buffer, 64), 0);
  const position = guest.room(8);
  assert.equal(await guest.call('_llseek', fd, 1, 5, position, abi.SEEK_SET), 0);
  assert.equal(guest.bytesAt(position, 8).readBigUInt64LE(), 0x1_0000_0005n);
  assert.equal(await guest.call('lseek', fd, 0, abi.SEEK_CUR), -Errno.EOVERFLOW);
  assert.equal(await guest.call('pread64', fd, buffer, 4, 0, 1, 0), 4);
  assert.equal(guest.bytesAt(buffer, 4).toString(), 'ello');
  const again = await guest.call('dup', fd);
  assert.equal(await guest.call('close', fd), 0);
  assert.equal(await guest.call('close', fd), -Errno.EBADF);
  assert.equal(await guest.call('pwrite64', again, 'J', 1, 0, 0, 0), 1);
  assert.equal(fs.readFileSync(path, 'utf8'), 'Jello world');
  assert.equal(await guest.call('open', path, abi.O_WRONLY | abi.O_CREAT | abi.O_EXCL, 0o600), -Errno.EEXIST);
  assert.equal(await guest.call('open', `${path}/x`, abi.O_RDONLY, 0), -Errno.ENOTDIR);
  assert.equal(await guest.call('read', 99, buffer, 1), -Errno.EBADF);
  assert.equal(await guest.call('openat', abi.AT_FDCWD, 0, 0, 0), -Errno.EFAULT);
  assert.equal(await guest.call('write', again, 0x1000, 4), -Errno.EFAULT);
});

test('appending descriptors write at the end, whatever their offset', async () => {
  const guest = newGuest();
  const path = inDirectory('log');
  fs.writeFileSync(path, 'one ');
  const fd = await guest.call('open', path, abi.O_RDWR | abi.O_APPEND, 0);
  await guest.call('lseek', fd, 0, abi.SEEK_SET);
  await guest.call('write', fd, 'two', 3);
  assert.equal(fs.readFileSync(path, 'utf8'), 'one two');
  assert.equal(await guest.call('lseek', fd, 0, abi.SEEK_CUR), 7);
});

test('a read takes no more than the guest has room for', async () => {
  const guest = newGuest();
  const path = inDirectory('room');
  fs.writeFileSync(path, 'never lost');
  const fd = await guest.call('open', path, abi.O_RDONLY, 0);
  const read = async (name: string, ...values: [number, number]): Promise<string> => {
    const got = await guest.call(name, fd, ...values);
    return got < 0 ? errnoName(-got) : guest.bytesAt(end - 3, got).toString();
  };
  // Two pages: behind the first one nothing can be written.
  const start = await guest.call('mmap2', 0, 8192, 3, 0x22, -1, 0);
  const end = (start >>> 0) + 4096;
  assert.equal(await guest.call('mprotect', end, 4096, 1), 0);
  const vector = (...words: number[]): number => guest.put(new Uint8Array(Int32Array.from(words).buffer));
  assert.equal(await read('read', end, 4), 'EFAULT');
  assert.equal(await read('readv', vector(end, 4), 1), 'EFAULT');
  assert.equal(await read('read', end - 3, 1000), 'nev');
  assert.equal(await read('readv', vector(end - 3, 1, end - 2, 4), 2), 'er ');
  assert.equal(await read('readv', vector(end - 3, 2, end, 4, end - 1, 1), 3), 'lo');
  assert.equal(await read('read', end - 3, 3), 'st');
});

test('scattered reads and gathered writes', async () => {
  const guest = newGuest();
  const fd = await guest.call('open', inDirectory('vector'), abi.O_RDWR | abi.O_CREAT, 0o600);
  const parts = ['ab', '', 'cdef'].map((text) => ({ at: guest.put(text), length: text.length }));
  const table = Buffer.concat(parts.map(({ at, length }) => Iovec.encode({ iov_base: at, iov_len: length })));
  assert.equal(await guest.call('writev', fd, table, 3), 6);
  await guest.call('lseek', fd, 0, abi.SEEK_SET);
  const rooms = [guest.room(4), guest.room(8)];
  const into = Buffer.concat([
    Iovec.encode({ iov_base: rooms[0]!, iov_len: 4 }),
    Iovec.encode({ iov_base: rooms[1]!, iov_len: 8 }),
  ]);
  assert.equal(await guest.call('readv', fd, into, 2), 6);
  assert.equal(guest.bytesAt(rooms[0]!, 4).toString() + guest.bytesAt(rooms[1]!, 2).toString(), 'abcdef');
  assert.equal(await guest.call('writev', fd, table, -1), -Errno.EINVAL);
});

test('stat64 and statx say what the host says', async () => {
  const guest = newGuest();
  const path = inDirectory('stat-me');
  fs.writeFileSync(path, 'x'.repeat(5000), { mode: 0o604 });
  fs.symlinkSync('stat-me', inDirectory('link'));
  const host = fs.statSync(path, { bigint: true });
  const room = guest.room(Statx.size);
  assert.equal(await guest.call('stat64', inDirectory('link'), room), 0);
  const status = Stat64.read(guest.bytesAt(room, Stat64.size));
  assert.equal(status.st_ino, host.ino);
  assert.equal(status.st_size, 5000n);
  assert.equal(status.st_mode, Number(host.mode));
  assert.equal(status.st_blocks, host.blocks);
  assert.equal(BigInt(status.st_mtime) * 1_000_000_000n + BigInt(status.st_mtime_nsec), host.mtimeNs);
  assert.equal(await guest.call('lstat64', inDirectory('link'), room), 0);
  assert.equal(Stat64.read(guest.bytesAt(room, Stat64.size)).st_mode & abi.S_IFMT, abi.S_IFLNK);
  assert.equal(await guest.call('statx', abi.AT_FDCWD, path, 0, 0x7ff, room), 0);
  const extended = Statx.read(guest.bytesAt(room, Statx.size));
  assert.equal(extended.stx_ino, host.ino);
  assert.equal(extended.stx_mtime_sec, host.mtimeNs / 1_000_000_000n);
  assert.equal(await guest.call('fstatat64', abi.AT_FDCWD, '', room, 0), -Errno.ENOENT);
});

test('getdents64 lists the directory with inodes, types and cookies to seek back to', async () => {
  const guest = newGuest();
  const path = inDirectory('list');
  fs.mkdirSync(path);
  for (let i = 0; i < 50; i++) fs.writeFileSync(join(path, `file-${i}`), '');
  fs.mkdirSync(join(path, 'sub'));
  const fd = await guest.call('open', path, abi.O_RDONLY | abi.O_DIRECTORY, 0);
  const seen = new Map<string, { ino: bigint; type: number; next: bigint }>();
  const room = guest.room(256);
  for (;;) {
    const count = await guest.call('getdents64', fd, room, 256);
    assert.ok(count >= 0);
    if (count === 0) break;
    const bytes = guest.bytesAt(room, count);
    for (let at = 0; at < count; ) {
      const head = Dirent64.read(Buffer.concat([bytes.subarray(at), Buffer.alloc(8)]));
      const name = bytes.subarray(at + direntNameOffset, bytes.indexOf(0, at + direntNameOffset)).toString();
      seen.set(name, { ino: head.d_ino, type: head.d_type, next: head.d_off });
      at += head.d_reclen;
    }
  }
  assert.equal(seen.size, 53);
  for (const name of fs.readdirSync(path))
    assert.equal(seen.get(name)?.ino, fs.statSync(join(path, name), { bigint: true }).ino);
  assert.equal(seen.get('sub')?.type, abi.DT_DIR);
  assert.equal(seen.get('file-7')?.type, abi.DT_REG);
  assert.equal(
    await guest.call('lseek', fd, Number(seen.get('file-7')!.next), abi.SEEK_SET),
    Number(seen.get('file-7')!.next),
  );
  assert.ok((await guest.call('getdents64', fd, room, 256)) > 0);
  assert.equal(await guest.call('lseek', fd, 0, abi.SEEK_SET), 0);
  assert.equal(await guest.call('getdents64', fd, room, 8), -Errno.EINVAL);
  const inside = await guest.call('openat', fd, 'file-3', abi.O_RDONLY, 0);
  assert.ok(inside > fd);
});

test('names are made, renamed, linked and removed', async () => {
  const guest = newGuest();
  const path = inDirectory('names');
  assert.equal(await guest.call('mkdir', path, 0o755), 0);
  assert.equal(await guest.call('chdir', path), 0);
  const room = guest.room(4096);
  const length = await guest.call('getcwd', room, 4096);
  assert.equal(guest.bytesAt(room, length - 1).toString(), fs.realpathSync(path));
  assert.ok((await guest.call('openat', abi.AT_FDCWD, 'a', abi.O_CREAT | abi.O_WRONLY, 0o644)) >= 0);
  assert.equal(await guest.call('link', 'a', 'b'), 0);
  assert.equal(await guest.call('symlink', 'a', 'c'), 0);
  assert.equal(await guest.call('readlink', 'c', room, 10), 1);
  assert.equal(
    await guest.call('renameat2', abi.AT_FDCWD, 'a', abi.AT_FDCWD, 'b', abi.RENAME_NOREPLACE),
    -Errno.EEXIST,
  );
  assert.equal(await guest.call('rename', 'b', 'd'), 0);
  assert.equal(
    await guest.call(
      'utimensat',
      abi.AT_FDCWD,
      'd',
      Buffer.concat([Timespec32.encode({ tv_sec: 1000, tv_nsec: 500_000_000 }), Timespec32.encode({ tv_sec: 2000 })]),
      0,
    ),
    0,
  );
  assert.equal(fs.statSync(join(path, 'd')).mtimeMs, 2_000_000);
  assert.equal(fs.statSync(join(path, 'd')).atimeMs, 1_000_500);
  assert.equal(await guest.call('chmod', 'd', 0o600), 0);
  assert.equal(await guest.call('access', 'zzz', 0), -Errno.ENOENT);
  assert.equal(await guest.call('unlinkat', abi.AT_FDCWD, 'd', 0), 0);
  assert.equal(await guest.call('unlink', '.'), -Errno.EISDIR);
  assert.equal(await guest.call('rmdir', path), -Errno.ENOTEMPTY);
  assert.deepEqual(fs.readdirSync(path).sort(), ['a', 'c']);
});

test('a pipe blocks its reader until bytes or the end come, and raises SIGPIPE without a reader', async () => {
  const guest = newGuest();
  const ends = guest.room(8);
  assert.equal(await guest.call('pipe2', ends, 0), 0);
  const [reader, writer] = [guest.bytesAt(ends, 8).readInt32LE(0), guest.bytesAt(ends, 8).readInt32LE(4)];
  const room = guest.room(16);
  const reading = guest.call('read', reader, room, 16);
  assert.equal(await guest.call('write', writer, 'ping', 4), 4);
  assert.equal(await reading, 4);
  assert.equal(guest.bytesAt(room, 4).toString(), 'ping');

  // Writing more than the pipe holds waits for the reader.
  const big = new Uint8Array(200_000).fill(7);
  const writing = guest.call('write', writer, big, big.length);
  const large = guest.room(200_000);
  let total = 0;
  while (total < big.length) total += await guest.call('read', reader, large, 200_000);
  assert.equal(await writing, big.length);

  const fds = Pollfd.encode({ fd: reader, events: abi.POLLIN });
  assert.equal(await guest.call('poll', fds, 1, 0), 0);
  const polled = guest.put(fds);
  const polling = guest.call('poll', polled, 1, 5000);
  await guest.call('close', writer);
  assert.equal(await polling, 1);
  assert.equal(Pollfd.read(guest.bytesAt(polled, 8)).revents, abi.POLLHUP);
  assert.equal(await guest.call('read', reader, room, 16), 0);

  await guest.call('pipe2', ends, 0);
  const lonely = guest.bytesAt(ends, 8).readInt32LE(4);
  await guest.call('close', guest.bytesAt(ends, 8).readInt32LE(0));
  assert.equal(await guest.call('write', lonely, 'x', 1), -Errno.EPIPE);
  assert.deepEqual(guest.kernel.nextSignal(guest.kernel.pid, 0n).delivery, {
    kind: 'terminate',
    signal: 13,
    core: false,
  });
});

test('a signal interrupts a sleep and tells what is left', async () => {
  const guest = newGuest();
  const left = guest.room(8);
  const sleeping = guest.call('nanosleep', Timespec32.encode({ tv_sec: 60 }), left);
  const action = Buffer.alloc(20);
  action.writeUInt32LE(0x20001, 0);
  assert.equal(await guest.call('rt_sigaction', 10, action, 0, 8), 0);
  assert.equal(await guest.call('tgkill', guest.kernel.pid, guest.kernel.pid, 10), 0);
  assert.equal(await sleeping, -516);
  assert.ok(Timespec32.read(guest.bytesAt(left, 8)).tv_sec >= 59);
  const { delivery, pending } = guest.kernel.nextSignal(guest.kernel.pid, 0n);
  assert.equal(delivery?.kind === 'handler' && delivery.action.handler, 0x20001);
  assert.equal(pending, 0n);
  assert.equal(guest.interrupts.at(-1)?.[1], 1n << 9n);
});

test('the host is told when there are handlers of faults, and when there are none any more', async () => {
  const guest = newGuest();
  const install = async (signal: number, handler: number): Promise<void> => {
    const action = Buffer.alloc(20);
    action.writeUInt32LE(handler, 0);
    assert.equal(await guest.call('rt_sigaction', signal, action, 0, 8), 0);
  };
  await install(Signals.SIGUSR1, 0x20001);
  assert.deepEqual(guest.catching, []);
  await install(Signals.SIGSEGV, 0x20001);
  await install(Signals.SIGILL, 0x20001);
  await install(Signals.SIGSEGV, SIG_IGN);
  await install(Signals.SIGILL, SIG_DFL);
  assert.deepEqual(guest.catching, [true, true, true, false]);
});

test('a sleep whose signal another thread took ends when it would have ended', async () => {
  const guest = newGuest();
  const { kernel } = guest;
  const action = Buffer.alloc(20);
  action.writeUInt32LE(0x20001, 0);
  assert.equal(await guest.call('rt_sigaction', 10, action, 0, 8), 0);
  const sleep = (seconds: number, milliseconds: number): Promise<number> =>
    guest.call('nanosleep', Timespec32.encode({ tv_sec: seconds, tv_nsec: milliseconds * 1e6 }), guest.room(8));
  const begin = performance.now();
  const sleeping = sleep(0, 150);
  kernel.signalProcess({ signal: 10, code: 0 });
  assert.equal(await sleeping, -516);
  assert.equal(kernel.takePending(kernel.pid, 1n << 9n)?.signal, 10, 'as another thread does');
  assert.equal(kernel.nextSignal(kernel.pid, 0n).delivery, null);
  // It starts again with what its registers say, which would be a minute here.
  assert.equal(await sleep(60, 0), 0);
  assert.ok(performance.now() - begin >= 150);

  const handled = sleep(0, 50);
  kernel.signalProcess({ signal: 10, code: 0 });
  assert.equal(await handled, -516);
  assert.equal(kernel.nextSignal(kernel.pid, 0n).delivery?.kind, 'handler');
  const next = performance.now();
  assert.equal(await sleep(0, 150), 0);
  assert.ok(performance.now() - next >= 150, 'after a handler a sleep has a time of its own');
});

test('sigtimedwait takes a blocked signal; an ignored one wakes nobody', async () => {
  const guest = newGuest();
  guest.signalMask = 1n << 16n;
  const set = Buffer.alloc(8);
  set.writeBigUInt64LE(1n << 16n);
  const waiting = guest.call('rt_sigtimedwait', set, 0, 0, 8);
  await guest.call('kill', guest.kernel.pid, 17);
  assert.equal(await waiting, 17);
  assert.equal(
    await guest.call('rt_sigtimedwait', set, 0, Timespec32.encode({ tv_nsec: 1_000_000 }), 8),
    -Errno.EAGAIN,
  );
});

test('brk, mmap, mremap and munmap change memory on the nodes', async () => {
  const guest = newGuest();
  const start = await guest.call('brk', 0);
  assert.equal(await guest.call('brk', start + 10000), start + 10000);
  assert.ok(guest.memory.write(start, new Uint8Array(10000).fill(1)));
  const path = inDirectory('mapped');
  fs.writeFileSync(path, 'abc'.repeat(4000));
  const fd = await guest.call('open', path, abi.O_RDWR, 0);
  const mapped = (await guest.call('mmap2', 0, 12000, 3, 1, fd, 0)) >>> 0;
  assert.equal(guest.bytesAt(mapped, 6).toString(), 'abcabc');
  guest.memory.write(mapped + 4095, Buffer.from('XY'));
  assert.equal(await guest.call('munmap', mapped, 12000), 0);
  assert.equal(fs.readFileSync(path, 'latin1').slice(4095, 4097), 'XY');
  assert.equal(fs.statSync(path).size, 12000);
  const area = (await guest.call('mmap2', 0, 8192, 3, 0x22, -1, 0)) >>> 0;
  guest.memory.write(area, Buffer.from('move me'));
  await guest.call('mmap2', area + 8192, 4096, 0, 0x32, -1, 0);
  const moved = (await guest.call('mremap', area, 8192, 65536, 1, 0)) >>> 0;
  assert.notEqual(moved, area);
  assert.equal(guest.bytesAt(moved, 7).toString(), 'move me');
  assert.equal(guest.memory.read(area, 1), null);
  assert.equal(await guest.call('munmap', 5, 4096), -Errno.EINVAL);
});

test('/proc tells of the guest', async () => {
  const guest = newGuest();
  const room = guest.room(8192);
  const length = await guest.call('readlink', '/proc/self/exe', room, 4096);
  assert.equal(guest.bytesAt(room, length).toString(), fs.realpathSync(inDirectory('tiny')));
  const fd = await guest.call('open', '/proc/self/maps', abi.O_RDONLY, 0);
  const maps = guest.bytesAt(room, await guest.call('read', fd, room, 8192)).toString();
  assert.match(maps, /^00010000-00011000 r-xp 00000000 \w\w:\w\w \d+ +\S*tiny$/m);
  assert.match(maps, /\[stack\]\n(.*\n)*ffff0000-ffff1000 r-xp 00000000 00:00 0 {10,}\[vectors\]\n$/);
  const cpuinfo = await guest.call('open', '/proc/cpuinfo', abi.O_RDONLY, 0);
  const text = guest.bytesAt(room, await guest.call('read', cpuinfo, room, 8192)).toString();
  assert.equal(text.match(/^processor/gm)?.length, 4);
  assert.match(text, /^Features\t: swp half .*\bneon\b.*\blpae\b/m);
  assert.match(text, /^CPU part\t: 0xd07$/m);
  assert.equal(await guest.call('open', '/proc/self/maps', abi.O_WRONLY, 0), -Errno.EACCES);
});

test('local calls answer from the thread record', async () => {
  const guest = newGuest();
  assert.equal(await guest.call('gettid'), guest.kernel.pid);
  const time = guest.room(16);
  assert.equal(await guest.call('clock_gettime64', 0, time), 0);
  assert.ok(Math.abs(Number(guest.bytesAt(time, 8).readBigInt64LE()) - Date.now() / 1000) < 2);
  assert.equal(await guest.call('clock_gettime', 99, time), -Errno.EINVAL);
  const set = Buffer.alloc(8);
  set.writeBigUInt64LE(0xffff_ffff_ffff_ffffn);
  assert.equal(await guest.call('rt_sigprocmask', 0, set, 0, 8), 0);
  const old = guest.room(8);
  assert.equal(await guest.call('rt_sigprocmask', 2, 0, old, 8), 0);
  assert.equal(guest.bytesAt(old, 8).readBigUInt64LE(), 0xffff_ffff_fffb_feffn);
  assert.equal(await guest.call('getrandom', old, 8, 0), 8);
});
