/** Sleeping, interval timers, processor times. */
import { Errno } from '../../abi/errno.ts';
import * as process_abi from '../../abi/process.ts';
import { ERESTART_RESTARTBLOCK, ERESTARTNOHAND, SI_KERNEL, Signals } from '../../abi/signal.ts';
import { Itimerval32, Rusage, Timespec32, Timespec64, Tms } from '../../abi/structs.ts';
import * as abi from '../../abi/time.ts';
import type { MasterCall, ThreadInfo } from '../api.ts';
import { readClock } from '../clocks.ts';
import type { Kernel } from '../kernel.ts';

type Handler = (kernel: Kernel, thread: ThreadInfo, call: MasterCall) => number | Promise<number>;
export type TimespecLayout = typeof Timespec32 | typeof Timespec64;

/** Milliseconds of a struct timespec, or null when it is not valid (EINVAL). */
export function timespecMs(bytes: Uint8Array, layout: TimespecLayout): number | null {
  const { tv_sec, tv_nsec } = layout.read(bytes);
  const nanoseconds = Number(tv_nsec);
  if (tv_sec < 0 || nanoseconds < 0 || nanoseconds > 999_999_999) return null;
  return Number(tv_sec) * 1000 + nanoseconds / 1e6;
}

export function encodeTimespecMs(ms: number, layout: TimespecLayout): Uint8Array {
  const seconds = Math.floor(ms / 1000);
  const values = { tv_sec: seconds, tv_nsec: Math.min(999_999_999, Math.floor((ms - seconds * 1000) * 1e6)) };
  return layout === Timespec32 ? Timespec32.encode(values) : Timespec64.encode(values);
}

/** Waits for a time only. */
const never = (): (() => void) => () => {};

function sleep(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  ms: number,
  remaining: number | null,
  layout: TimespecLayout,
): number | Promise<number> {
  const interrupted = (leftMs: number): number => {
    if (remaining === null) return -ERESTARTNOHAND;
    if (call.args[remaining]) call.output(remaining, encodeTimespecMs(leftMs, layout), true);
    return -ERESTART_RESTARTBLOCK;
  };
  return kernel.block(thread, call, { attempt: () => undefined, watch: never, timeoutMs: ms, interrupted });
}

export const nanosleep: Handler = (kernel, thread, call) => {
  const ms = timespecMs(call.input(0)!, Timespec32);
  return ms === null ? -Errno.EINVAL : sleep(kernel, thread, call, ms, 1, Timespec32);
};

function clockNanosleep(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  layout: TimespecLayout,
): number | Promise<number> {
  const clock = call.args[0]!;
  const now = readClock(clock);
  if (!now || clock === abi.CLOCK_THREAD_CPUTIME_ID) return -Errno.EINVAL;
  const ms = timespecMs(call.input(2)!, layout);
  if (ms === null) return -Errno.EINVAL;
  if (!(call.args[1]! & abi.TIMER_ABSTIME)) return sleep(kernel, thread, call, ms, 3, layout);
  return sleep(kernel, thread, call, ms - (now.seconds * 1000 + now.nanoseconds / 1e6), null, layout);
}
export const clock_nanosleep: Handler = (kernel, thread, call) => clockNanosleep(kernel, thread, call, Timespec32);
export const clock_nanosleep_time64: Handler = (kernel, thread, call) =>
  clockNanosleep(kernel, thread, call, Timespec64);

/** The host's clock is not the guest's to set. */
export const notPermitted: Handler = () => -Errno.EPERM;

// ---- interval timer -----------------------------------------------------------------------------------------

interface RealTimer {
  timer: NodeJS.Timeout | undefined;
  /** performance.now() of the next signal. */
  due: number;
  intervalMs: number;
}

const realTimers = new WeakMap<Kernel, RealTimer>();

function realTimer(kernel: Kernel): RealTimer {
  const known = realTimers.get(kernel);
  if (known) return known;
  const made: RealTimer = { timer: undefined, due: 0, intervalMs: 0 };
  realTimers.set(kernel, made);
  kernel.atShutdown.add(() => clearTimeout(made.timer));
  return made;
}

function encodeTimer(timer: RealTimer): Uint8Array {
  const left = timer.timer ? Math.max(0.001, timer.due - performance.now()) : 0;
  const split = (ms: number): [number, number] => [Math.floor(ms / 1000), Math.floor((ms % 1000) * 1000)];
  const [interval_sec, interval_usec] = split(timer.intervalMs);
  const [value_sec, value_usec] = split(left);
  return Itimerval32.encode({ interval_sec, interval_usec, value_sec, value_usec });
}

function startTimer(kernel: Kernel, timer: RealTimer, ms: number): void {
  timer.due = performance.now() + ms;
  const step = (): void => {
    const left = timer.due - performance.now();
    // setTimeout holds at most 2^31 - 1 ms.
    if (left > 0.5) {
      timer.timer = setTimeout(step, Math.min(Math.ceil(left), 2 ** 30));
      return;
    }
    timer.timer = undefined;
    kernel.signalProcess({ signal: Signals.SIGALRM, code: SI_KERNEL });
    if (timer.intervalMs > 0) startTimer(kernel, timer, timer.intervalMs);
  };
  step();
}

/** ITIMER_VIRTUAL and ITIMER_PROF count processor time, which no node reports while it runs: EINVAL. */
export const setitimer: Handler = (kernel, _, call) => {
  if (call.args[0] !== abi.ITIMER_REAL) return -Errno.EINVAL;
  const timer = realTimer(kernel);
  if (call.args[2]) call.output(2, encodeTimer(timer));
  const input = call.input(1);
  const value = input ? Itimerval32.read(input) : { interval_sec: 0, interval_usec: 0, value_sec: 0, value_usec: 0 };
  const valid = (seconds: number, micro: number): boolean => seconds >= 0 && micro >= 0 && micro < 1_000_000;
  if (!valid(value.value_sec, value.value_usec) || !valid(value.interval_sec, value.interval_usec))
    return -Errno.EINVAL;
  clearTimeout(timer.timer);
  timer.timer = undefined;
  timer.intervalMs = value.interval_sec * 1000 + value.interval_usec / 1000;
  const ms = value.value_sec * 1000 + value.value_usec / 1000;
  if (ms > 0) startTimer(kernel, timer, Math.max(1, ms));
  return 0;
};
export const getitimer: Handler = (kernel, _, call) => {
  if (call.args[0] !== abi.ITIMER_REAL) return -Errno.EINVAL;
  call.output(1, encodeTimer(realTimer(kernel)));
  return 0;
};

// ---- processor time -----------------------------------------------------------------------------------------

export const times: Handler = (_kernel, _, call) => {
  const { user, system } = process.cpuUsage();
  const ticks = (microseconds: number): number => Math.floor(microseconds / (1e6 / abi.USER_HZ));
  if (call.args[0]) call.output(0, Tms.encode({ tms_utime: ticks(user), tms_stime: ticks(system) }));
  return Math.floor(performance.now() / (1000 / abi.USER_HZ)) & 0x7fffffff;
};

/** Counts what the master's process used; other nodes' processors are not in it. */
export const getrusage: Handler = (_kernel, _, call) => {
  const who = call.args[0]!;
  if (who === process_abi.RUSAGE_CHILDREN) {
    call.output(1, Rusage.encode({}));
    return 0;
  }
  if (who !== process_abi.RUSAGE_SELF && who !== process_abi.RUSAGE_THREAD) return -Errno.EINVAL;
  const usage = process.resourceUsage();
  call.output(
    1,
    Rusage.encode({
      utime_sec: Math.floor(usage.userCPUTime / 1e6),
      utime_usec: usage.userCPUTime % 1e6,
      stime_sec: Math.floor(usage.systemCPUTime / 1e6),
      stime_usec: usage.systemCPUTime % 1e6,
      ru_maxrss: usage.maxRSS,
      ru_minflt: usage.minorPageFault,
      ru_majflt: usage.majorPageFault,
      ru_inblock: usage.fsRead,
      ru_oublock: usage.fsWrite,
      ru_nvcsw: usage.voluntaryContextSwitches,
      ru_nivcsw: usage.involuntaryContextSwitches,
    }),
  );
  return 0;
};
