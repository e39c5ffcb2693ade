import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errnoFromCode, errnoName } from './errno.ts';
import { deviceMajor, deviceMinor } from './file.ts';
import { struct } from './struct.ts';
import * as structs from './structs.ts';

/** Sizes and offsets that arm-linux-gnueabihf-gcc gives for the kernel's and the C library's headers. */
test('layouts are those of the ARM EABI', () => {
  const { Stat64, Statx, Siginfo, Ucontext, VfpSigframe, KernelSigaction } = structs;
  const sizes: Record<string, number> = {
    Stat: 64,
    Stat64: 104,
    Statx: 256,
    Statfs: 64,
    Statfs64: 84,
    Sysinfo: 64,
    Rusage: 72,
    Utsname: 390,
    Siginfo: 128,
    Ucontext: 744,
    VfpSigframe: 288,
    KernelSigaction: 20,
    OldSigaction: 16,
    SignalStack: 12,
    Termios: 36,
    Winsize: 8,
    Pollfd: 8,
    Flock: 16,
    Flock64: 32,
    Timespec32: 8,
    Timespec64: 16,
    Rlimit: 8,
    Rlimit64: 16,
    Iovec: 8,
    ElfHeader32: 52,
    ElfProgramHeader32: 32,
  };
  for (const [name, size] of Object.entries(sizes))
    assert.equal((structs as unknown as Record<string, { size: number }>)[name]!.size, size, name);
  assert.deepEqual(
    [Stat64.offsets.st_rdev, Stat64.offsets.st_size, Stat64.offsets.st_blocks, Stat64.offsets.st_ino],
    [32, 48, 64, 96],
  );
  assert.equal(Statx.offsets.stx_rdev_major, 128);
  assert.equal(structs.Statfs64.offsets.f_namelen, 56);
  assert.deepEqual([Siginfo.offsets.field0, Siginfo.offsets.field2], [12, 20]);
  assert.equal(KernelSigaction.offsets.sa_mask, 12);
  assert.deepEqual(
    [Ucontext.offsets.ss_sp, Ucontext.offsets.trap_no, Ucontext.offsets.arm_cpsr, Ucontext.offsets.fault_address],
    [8, 20, 96, 100],
  );
  assert.deepEqual([Ucontext.offsets.uc_sigmask_low, Ucontext.offsets.uc_regspace], [104, 232]);
  assert.deepEqual([VfpSigframe.offsets.fpregs, VfpSigframe.offsets.fpscr, VfpSigframe.offsets.fpexc], [8, 264, 272]);
});

test('a structure reads what it wrote, truncating to its fields', () => {
  const Mixed = struct({ a: 'u8', b: 's64', c: ['u16', 3], d: ['u8', 5], e: 's16' });
  assert.deepEqual(Mixed.offsets, { a: 0, b: 8, c: 16, d: 22, e: 28 });
  assert.equal(Mixed.size, 32);
  const bytes = Mixed.encode({ a: 0x1ff, b: -2, c: [1, 2, 0x10003], d: Uint8Array.of(9, 8), e: -1 });
  assert.deepEqual(Mixed.read(bytes), { a: 0xff, b: -2n, c: [1, 2, 3], d: Uint8Array.of(9, 8, 0, 0, 0), e: -1 });
  const shifted = new Uint8Array(40);
  Mixed.write(shifted, { e: 7 }, 8);
  assert.equal(Mixed.read(shifted, 8).e, 7);
});

test('error names and device numbers', () => {
  assert.equal(errnoFromCode('ENOENT'), 2);
  assert.equal(errnoFromCode('ENOTSUP'), 95);
  assert.equal(errnoFromCode('NO_SUCH_CODE'), undefined);
  assert.equal(errnoName(11), 'EAGAIN');
  assert.equal(errnoName(4000), 'E4000');
  const device = (259n << 8n) | 0x12n | (0x34500n << 12n);
  assert.deepEqual([deviceMajor(device), deviceMinor(device)], [259, 0x34512]);
});
