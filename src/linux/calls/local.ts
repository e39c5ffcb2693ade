/** Calls that touch only the caller's own record: they run on the executor, without the kernel. */
import { randomFillSync } from 'node:crypto';
import { hostname } from 'node:os';
import { Errno } from '../../abi/errno.ts';
import { GRND_INSECURE, GRND_NONBLOCK, GRND_RANDOM } from '../../abi/process.ts';
import * as abi from '../../abi/signal.ts';
import { SignalStack, Timespec32, Timespec64, Timeval32, Timezone, Utsname } from '../../abi/structs.ts';
import type { LocalHandler, LocalThread, SyscallCall } from '../api.ts';
import { readClock } from '../clocks.ts';

export const getpid: LocalHandler = (thread) => thread.tgid;
export const gettid: LocalHandler = (thread) => thread.tid;
export const sched_yield: LocalHandler = () => 0;

export const set_tid_address: LocalHandler = (thread, call) => {
  thread.clearChildTid = call.args[0]! >>> 0;
  return thread.tid;
};

/** struct robust_list_head has 12 bytes (linux/futex.h). */
const robustListHeadBytes = 12;
export const set_robust_list: LocalHandler = (thread, call) => {
  if (call.args[1] !== robustListHeadBytes) return -Errno.EINVAL;
  thread.robustListHead = call.args[0]! >>> 0;
  return 0;
};

export const getcpu: LocalHandler = (thread, call) => {
  const word = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
  if (call.args[0]) call.output(0, word(thread.processor));
  if (call.args[1]) call.output(1, word(0));
  return 0;
};

// ---- clocks -------------------------------------------------------------------------------------------------

// Reused for each call: clock_gettime is by far the most frequent call of all.
const scratch = new Uint8Array(16);
const words = new Int32Array(scratch.buffer);
const wideTime = scratch.subarray(0, Timespec64.size);
const narrowTime = scratch.subarray(0, Timespec32.size);

export const clock_gettime64: LocalHandler = (thread, call) => {
  const now = readClock(call.args[0]!, thread.monotonicOffsetMs, thread.realtimeOffsetMs);
  if (!now) return -Errno.EINVAL;
  words[0] = now.seconds;
  words[1] = Math.floor(now.seconds / 2 ** 32);
  words[2] = now.nanoseconds;
  words[3] = 0;
  call.output(1, wideTime);
  return 0;
};

export const clock_gettime: LocalHandler = (thread, call) => {
  const now = readClock(call.args[0]!, thread.monotonicOffsetMs, thread.realtimeOffsetMs);
  if (!now) return -Errno.EINVAL;
  words[0] = now.seconds;
  words[1] = now.nanoseconds;
  call.output(1, narrowTime);
  return 0;
};

export const gettimeofday: LocalHandler = (thread, call) => {
  const now = readClock(0, 0, thread.realtimeOffsetMs)!;
  if (call.args[0])
    call.output(0, Timeval32.encode({ tv_sec: now.seconds, tv_usec: Math.floor(now.nanoseconds / 1000) }));
  if (call.args[1]) call.output(1, Timezone.encode({}));
  return 0;
};

function resolution(call: SyscallCall, bytes: Uint8Array): number {
  if (!readClock(call.args[0]!)) return -Errno.EINVAL;
  if (call.args[1]) call.output(1, bytes);
  return 0;
}
export const clock_getres: LocalHandler = (_, call) => resolution(call, Timespec32.encode({ tv_nsec: 1 }));
export const clock_getres_time64: LocalHandler = (_, call) => resolution(call, Timespec64.encode({ tv_nsec: 1 }));

// ---- random, names ------------------------------------------------------------------------------------------

export const getrandom: LocalHandler = (_, call) => {
  if (call.args[2]! & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) return -Errno.EINVAL;
  const bytes = new Uint8Array(Math.min(call.capacity(0), 0x1ffffff));
  call.output(0, randomFillSync(bytes));
  return bytes.length;
};

const field = (value: string): Uint8Array => Buffer.from(value.slice(0, 64), 'latin1');
export const uname: LocalHandler = (_, call) => {
  call.output(
    0,
    Utsname.encode({
      sysname: field('Linux'),
      nodename: field(hostname()),
      release: field('6.1.0-armada'),
      version: field('#1 SMP Armada'),
      machine: field('armv7l'),
      domainname: field('(none)'),
    }),
  );
  return 0;
};

// ---- signal mask and alternate stack ------------------------------------------------------------------------

/** SIGKILL and SIGSTOP in the low word. */
const unblockableLow = (1 << (abi.Signals.SIGKILL - 1)) | (1 << (abi.Signals.SIGSTOP - 1));

function changeMask(thread: LocalThread, how: number, low: number, high: number): number {
  switch (how) {
    case abi.SIG_BLOCK:
      thread.signalMaskLow |= low;
      thread.signalMaskHigh |= high;
      break;
    case abi.SIG_UNBLOCK:
      thread.signalMaskLow &= ~low;
      thread.signalMaskHigh &= ~high;
      break;
    case abi.SIG_SETMASK:
      thread.signalMaskLow = low;
      thread.signalMaskHigh = high;
      break;
    default:
      return -Errno.EINVAL;
  }
  thread.signalMaskLow &= ~unblockableLow;
  thread.signalMaskChanged();
  return 0;
}

export const rt_sigprocmask: LocalHandler = (thread, call) => {
  if (call.args[3] !== 8) return -Errno.EINVAL;
  const old = Uint32Array.of(thread.signalMaskLow, thread.signalMaskHigh);
  const set = call.input(1);
  if (set) {
    const view = new DataView(set.buffer, set.byteOffset, 8);
    const result = changeMask(thread, call.args[0]!, view.getInt32(0, true), view.getInt32(4, true));
    if (result < 0) return result;
  }
  if (call.args[2]) call.output(2, new Uint8Array(old.buffer));
  return 0;
};

/** The old call: 32 signals. SIG_SETMASK leaves the upper ones alone. */
export const sigprocmask: LocalHandler = (thread, call) => {
  const old = Uint32Array.of(thread.signalMaskLow);
  const set = call.input(1);
  if (set) {
    const low = new DataView(set.buffer, set.byteOffset, 4).getInt32(0, true);
    const high = call.args[0] === abi.SIG_SETMASK ? thread.signalMaskHigh : 0;
    const result = changeMask(thread, call.args[0]!, low, high);
    if (result < 0) return result;
  }
  if (call.args[2]) call.output(2, new Uint8Array(old.buffer));
  return 0;
};

export const sigaltstack: LocalHandler = (thread, call) => {
  const { altStackBase: base, altStackSize: size, altStackFlags: flags } = thread;
  const sp = thread.stackPointer >>> 0;
  const autodisarm = (flags & abi.SS_AUTODISARM) !== 0;
  const onStack = !autodisarm && size !== 0 && sp > base >>> 0 && sp - (base >>> 0) <= size;
  const now = size === 0 ? abi.SS_DISABLE : onStack ? abi.SS_ONSTACK : 0;
  const old = SignalStack.encode({ ss_sp: base, ss_size: size, ss_flags: now | (flags & abi.SS_AUTODISARM) });
  const wanted = call.input(0);
  if (wanted) {
    if (onStack) return -Errno.EPERM;
    const { ss_sp, ss_flags, ss_size } = SignalStack.read(wanted);
    const mode = (ss_flags & ~abi.SS_AUTODISARM) >>> 0;
    if (mode !== abi.SS_DISABLE && mode !== abi.SS_ONSTACK && mode !== 0) return -Errno.EINVAL;
    const disable = mode === abi.SS_DISABLE;
    if (!disable && ss_size < abi.MINSIGSTKSZ) return -Errno.ENOMEM;
    thread.altStackBase = disable ? 0 : ss_sp;
    thread.altStackSize = disable ? 0 : ss_size;
    thread.altStackFlags = ss_flags | 0;
  }
  if (call.args[1]) call.output(1, old);
  return 0;
};
