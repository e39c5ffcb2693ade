/** Ids, limits, scheduling, system information, prctl. */
import { readFileSync } from 'node:fs';
import { freemem, getPriority, loadavg, totalmem, uptime } from 'node:os';
import { Errno } from '../../abi/errno.ts';
import * as abi from '../../abi/process.ts';
import { Rlimit, Rlimit64, Sysinfo, Timespec32, Timespec64 } from '../../abi/structs.ts';
import type { MasterCall, ThreadInfo } from '../api.ts';
import type { Kernel } from '../kernel.ts';

type Handler = (kernel: Kernel, thread: ThreadInfo, call: MasterCall) => number;
const word = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);

// ---- ids ----------------------------------------------------------------------------------------------------

export const getuid: Handler = ({ ids }) => ids.uid;
export const geteuid: Handler = ({ ids }) => ids.euid;
export const getgid: Handler = ({ ids }) => ids.gid;
export const getegid: Handler = ({ ids }) => ids.egid;
export const getppid: Handler = (kernel) => kernel.parentPid;

// ---- groups and sessions (kernel/sys.c) -----------------------------------------------------------------------

export const getpgrp: Handler = (kernel) => kernel.processGroup;

const isSelf = (kernel: Kernel, pid: number): boolean => pid === 0 || pid === kernel.pid;
/** A living process, 0 for the caller. */
const processOf = (kernel: Kernel, pid: number): Kernel | undefined =>
  isSelf(kernel, pid) ? kernel : kernel.processes.get(pid);

export const getpgid: Handler = (kernel, _, call) => processOf(kernel, call.args[0]!)?.processGroup ?? -Errno.ESRCH;
export const getsid: Handler = (kernel, _, call) => processOf(kernel, call.args[0]!)?.session ?? -Errno.ESRCH;
export const setpgid: Handler = (kernel, _, call) => {
  const target = processOf(kernel, call.args[0]!);
  if (call.args[1]! < 0) return -Errno.EINVAL;
  if (!target || (target !== kernel && target.parent !== kernel)) return -Errno.ESRCH;
  if (target !== kernel && target.session !== kernel.session) return -Errno.EPERM;
  if (target !== kernel && target.hasExecuted) return -Errno.EACCES;
  const group = call.args[1] || target.pid;
  if (target.session === target.pid) return -Errno.EPERM;
  const members = kernel.processes.group(group);
  if (group !== target.pid && !members.some(({ session }) => session === kernel.session)) return -Errno.EPERM;
  target.processGroup = group;
  return 0;
};
/** Not for a process whose number is a group's already. */
export const setsid: Handler = (kernel) => {
  if (kernel.processes.group(kernel.pid).length > 0) return -Errno.EPERM;
  kernel.session = kernel.pid;
  kernel.processGroup = kernel.pid;
  return kernel.pid;
};

// ---- ids ------------------------------------------------------------------------------------------------------

/** The ids that the guest sees; -1 leaves one. The host's own ids never change. */
function changeIds(kernel: Kernel, real: number, effective: number, kind: 'uid' | 'gid'): number {
  const { ids } = kernel;
  const effectiveKind = kind === 'uid' ? 'euid' : 'egid';
  const allowed = (id: number): boolean => id === -1 || ids.euid === 0 || id === ids[kind] || id === ids[effectiveKind];
  if (!allowed(real) || !allowed(effective)) return -Errno.EPERM;
  if (real !== -1) ids[kind] = real;
  if (effective !== -1) ids[effectiveKind] = effective;
  return 0;
}
export const setuid: Handler = (kernel, _, call) =>
  changeIds(kernel, kernel.ids.euid === 0 ? call.args[0]! : -1, call.args[0]!, 'uid');
export const setgid: Handler = (kernel, _, call) =>
  changeIds(kernel, kernel.ids.euid === 0 ? call.args[0]! : -1, call.args[0]!, 'gid');
export const setreuid: Handler = (kernel, _, call) => changeIds(kernel, call.args[0]!, call.args[1]!, 'uid');
export const setregid: Handler = (kernel, _, call) => changeIds(kernel, call.args[0]!, call.args[1]!, 'gid');

function answerIds(call: MasterCall, real: number, effective: number): number {
  call.output(0, word(real));
  call.output(1, word(effective));
  call.output(2, word(effective));
  return 0;
}
export const getresuid: Handler = ({ ids }, _, call) => answerIds(call, ids.uid, ids.euid);
export const getresgid: Handler = ({ ids }, _, call) => answerIds(call, ids.gid, ids.egid);

/** process.getgroups() adds the effective group, which getgroups(2) does not. */
function supplementaryGroups(): number[] {
  try {
    const match = /^Groups:(.*)$/m.exec(readFileSync('/proc/self/status', 'latin1'));
    return (match?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return process.getgroups?.() ?? [];
  }
}

export const getgroups: Handler = (_kernel, _, call) => {
  const groups = supplementaryGroups();
  const room = call.args[0]!;
  if (room < 0) return -Errno.EINVAL;
  if (room === 0) return groups.length;
  if (room < groups.length) return -Errno.EINVAL;
  call.output(1, new Uint8Array(Uint32Array.from(groups).buffer));
  return groups.length;
};

// ---- limits -------------------------------------------------------------------------------------------------

const narrow = (value: bigint): number => (value > 0xffff_ffffn ? abi.RLIM_INFINITY : Number(value));
const widen = (value: number): bigint => (value === abi.RLIM_INFINITY ? abi.RLIM64_INFINITY : BigInt(value));

export const ugetrlimit: Handler = (kernel, _, call) => {
  const limit = kernel.limits[call.args[0]! >>> 0];
  if (!limit) return -Errno.EINVAL;
  call.output(1, Rlimit.encode({ rlim_cur: narrow(limit.current), rlim_max: narrow(limit.maximum) }));
  return 0;
};

function changeLimit(kernel: Kernel, resource: number, current: bigint, maximum: bigint): number {
  const limit = kernel.limits[resource >>> 0];
  if (!limit || current > maximum) return -Errno.EINVAL;
  if (maximum > limit.maximum && kernel.ids.euid !== 0) return -Errno.EPERM;
  limit.current = current;
  limit.maximum = maximum;
  if (resource === abi.RLIMIT_NOFILE) kernel.descriptors.limit = Number(current > 1048576n ? 1048576n : current);
  return 0;
}
export const setrlimit: Handler = (kernel, _, call) => {
  const { rlim_cur, rlim_max } = Rlimit.read(call.input(1)!);
  return changeLimit(kernel, call.args[0]!, widen(rlim_cur), widen(rlim_max));
};
/** prlimit64(pid, resource, new, old) of the process itself. */
export const prlimit64: Handler = (kernel, _, call) => {
  if (!isSelf(kernel, call.args[0]!) && !kernel.thread(call.args[0]!)) return -Errno.ESRCH;
  const limit = kernel.limits[call.args[1]! >>> 0];
  if (!limit) return -Errno.EINVAL;
  if (call.args[3]) call.output(3, Rlimit64.encode({ rlim_cur: limit.current, rlim_max: limit.maximum }));
  const input = call.input(2);
  if (!input) return 0;
  const { rlim_cur, rlim_max } = Rlimit64.read(input);
  return changeLimit(kernel, call.args[1]!, rlim_cur, rlim_max);
};

// ---- scheduling ---------------------------------------------------------------------------------------------

const isTask = (kernel: Kernel, pid: number): boolean => isSelf(kernel, pid) || kernel.thread(pid) !== undefined;

/** sched_getaffinity: the size in bytes of the mask that was written. */
export const sched_getaffinity: Handler = (kernel, _, call) => {
  if (!isTask(kernel, call.args[0]!)) return -Errno.ESRCH;
  const processors = kernel.host.processorCount();
  const size = Math.ceil(processors / 32) * 4;
  const room = call.args[1]! >>> 0;
  if (room < size || room % 4 !== 0) return -Errno.EINVAL;
  const mask = new Uint8Array(size);
  for (let i = 0; i < processors; i++) mask[i >> 3]! |= 1 << (i & 7);
  call.output(2, mask);
  return size;
};
/** Placement is the cluster's business; a mask without any existing processor is refused. */
export const sched_setaffinity: Handler = (kernel, _, call) => {
  if (!isTask(kernel, call.args[0]!)) return -Errno.ESRCH;
  const processors = kernel.host.processorCount();
  const mask = call.input(2)!;
  for (let i = 0; i < processors; i++) if ((mask[i >> 3] ?? 0) & (1 << (i & 7))) return 0;
  return -Errno.EINVAL;
};

const isRealtime = (policy: number): boolean => policy === abi.SCHED_FIFO || policy === abi.SCHED_RR;
const isPolicy = (policy: number): boolean =>
  isRealtime(policy) || policy === abi.SCHED_OTHER || policy === abi.SCHED_BATCH || policy === abi.SCHED_IDLE;
export const sched_get_priority_max: Handler = (_kernel, _, call) =>
  isPolicy(call.args[0]!) ? (isRealtime(call.args[0]!) ? 99 : 0) : -Errno.EINVAL;
export const sched_get_priority_min: Handler = (_kernel, _, call) =>
  isPolicy(call.args[0]!) ? (isRealtime(call.args[0]!) ? 1 : 0) : -Errno.EINVAL;
export const sched_getscheduler: Handler = (kernel, _, call) =>
  isTask(kernel, call.args[0]!) ? abi.SCHED_OTHER : -Errno.ESRCH;
export const sched_setscheduler: Handler = (kernel, _, call) => {
  if (!isTask(kernel, call.args[0]!)) return -Errno.ESRCH;
  if (!isPolicy(call.args[1]!)) return -Errno.EINVAL;
  return isRealtime(call.args[1]!) ? -Errno.EPERM : 0;
};
export const sched_getparam: Handler = (kernel, _, call) => {
  if (!isTask(kernel, call.args[0]!)) return -Errno.ESRCH;
  call.output(1, word(0));
  return 0;
};
export const sched_setparam: Handler = (kernel, _, call) => {
  if (!isTask(kernel, call.args[0]!)) return -Errno.ESRCH;
  const bytes = call.input(1)!;
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true) === 0 ? 0 : -Errno.EINVAL;
};
const timeSliceNs = 100_000_000;
export const sched_rr_get_interval: Handler = (_kernel, _, call) => {
  call.output(1, Timespec32.encode({ tv_nsec: timeSliceNs }));
  return 0;
};
export const sched_rr_get_interval_time64: Handler = (_kernel, _, call) => {
  call.output(1, Timespec64.encode({ tv_nsec: timeSliceNs }));
  return 0;
};
/** getpriority answers 20 minus the nice value. */
export const getpriority: Handler = () => 20 - getPriority();

// ---- system -------------------------------------------------------------------------------------------------

/** Memory in pages, so that hosts with more than 4 GiB fit. */
const memoryUnit = 4096;
export const sysinfo: Handler = (kernel, _, call) => {
  const pages = (bytes: number): number => Math.min(Math.floor(bytes / memoryUnit), 0xffffffff);
  call.output(
    0,
    Sysinfo.encode({
      uptime: Math.floor(uptime()),
      loads: loadavg().map((load) => Math.floor(load * 65536)),
      totalram: pages(totalmem()),
      freeram: pages(freemem()),
      procs: kernel.threadIds().length,
      mem_unit: memoryUnit,
    }),
  );
  return 0;
};

/** personality(0xffffffff) asks; only PER_LINUX with its flags ignored can be set. */
export const personality: Handler = () => abi.PER_LINUX;

// ---- prctl --------------------------------------------------------------------------------------------------

const nameMax = 15;
/** Options that are remembered nowhere and have no effect inside the emulator. */
const acceptedOptions = new Set<number>([
  abi.PR_SET_PDEATHSIG,
  abi.PR_SET_DUMPABLE,
  abi.PR_SET_KEEPCAPS,
  abi.PR_SET_TIMERSLACK,
  abi.PR_SET_CHILD_SUBREAPER,
  abi.PR_SET_NO_NEW_PRIVS,
  abi.PR_SET_THP_DISABLE,
]);
const fixedAnswers: Record<number, number> = {
  [abi.PR_GET_DUMPABLE]: 1,
  [abi.PR_GET_KEEPCAPS]: 0,
  [abi.PR_GET_SECCOMP]: 0,
  [abi.PR_GET_TIMERSLACK]: 50_000,
  [abi.PR_GET_NO_NEW_PRIVS]: 0,
  [abi.PR_GET_THP_DISABLE]: 0,
};

export const prctl: Handler = (kernel, thread, call) => {
  const option = call.args[0]!;
  if (option === abi.PR_SET_NAME) {
    const bytes = Buffer.from(call.input(1)!);
    const end = bytes.indexOf(0);
    thread.name = bytes.subarray(0, end < 0 ? nameMax : Math.min(end, nameMax));
    return 0;
  }
  if (option === abi.PR_GET_NAME) {
    const name = new Uint8Array(16);
    name.set(thread.name);
    call.output(1, name);
    return 0;
  }
  if (option === abi.PR_CAPBSET_READ) return kernel.ids.euid === 0 ? 1 : 0;
  if (acceptedOptions.has(option)) return 0;
  return fixedAnswers[option] ?? -Errno.EINVAL;
};
