/** Waiting for several descriptors: poll and select in all their forms. */
import { Errno } from '../../abi/errno.ts';
import * as abi from '../../abi/file.ts';
import { ERESTARTNOHAND } from '../../abi/signal.ts';
import { Pollfd, Timespec32, Timespec64, Timeval32 } from '../../abi/structs.ts';
import type { MasterCall, SignalSet, ThreadInfo } from '../api.ts';
import { HostStream } from '../files/host-stream.ts';
import type { Kernel } from '../kernel.ts';
import { unblockable } from '../signals.ts';
import { encodeTimespecMs, type TimespecLayout, timespecMs } from './time.ts';

type Handler = (kernel: Kernel, thread: ThreadInfo, call: MasterCall) => number | Promise<number>;

interface Interest {
  fd: number;
  events: number;
}

interface Wait {
  interests: readonly Interest[];
  /** Given the ready bits of each interest: stores the answer and gives the result; 0 means wait on. */
  answer: (ready: readonly number[]) => number;
  timeoutMs: number | undefined;
  mask: SignalSet | null;
  /** Stores what is left of the timeout. */
  remaining?: (ms: number) => void;
}

function readyBits(kernel: Kernel, { fd, events }: Interest): number {
  if (fd < 0) return 0;
  const description = kernel.descriptors.get(fd);
  if (!description) return abi.POLLNVAL;
  return description.readiness() & (events | abi.POLLERR | abi.POLLHUP);
}

function waitForAny(kernel: Kernel, thread: ThreadInfo, call: MasterCall, wait: Wait): number | Promise<number> {
  const { interests, timeoutMs } = wait;
  if (wait.mask !== null) call.temporaryMask = wait.mask & ~unblockable;
  const start = performance.now();
  const finish = (result: number): number => {
    if (timeoutMs !== undefined) wait.remaining?.(Math.max(0, timeoutMs - (performance.now() - start)));
    return result;
  };
  const look = (): number => wait.answer(interests.map((interest) => readyBits(kernel, interest)));
  const watchAll = (wake: () => void): (() => void) => {
    const cancels = interests.map(({ fd, events }) => kernel.descriptors.get(fd)?.watch(events, wake));
    return () => {
      for (const cancel of cancels) cancel?.();
    };
  };
  const attempt = (): number | undefined => {
    const count = look();
    return count !== 0 ? finish(count) : undefined;
  };
  // A descriptor whose state is known only by reading (a pipe of the host) gets one turn of the event loop.
  const atOnce = timeoutMs === 0 && interests.some(({ fd }) => kernel.descriptors.get(fd) instanceof HostStream);
  return kernel.block(thread, call, {
    attempt,
    watch: watchAll,
    timeoutMs: atOnce ? immediateMs : timeoutMs,
    timedOut: () => finish(look()),
    interrupted: () => finish(-ERESTARTNOHAND),
    mask: wait.mask ?? call.signalMask,
  });
}

/** How long a poll without waiting lets the host say what is there. */
export const immediateMs = 1;

// ---- poll ---------------------------------------------------------------------------------------------------

function pollWith(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  rest: Pick<Wait, 'timeoutMs' | 'mask' | 'remaining'>,
): number | Promise<number> {
  const fds = Uint8Array.from(call.input(0)!);
  const interests = Array.from({ length: fds.length / Pollfd.size }, (_, i) => Pollfd.read(fds, i * Pollfd.size));
  const answer = (ready: readonly number[]): number => {
    ready.forEach((revents, i) => {
      Pollfd.write(fds, { revents }, i * Pollfd.size);
    });
    call.output(0, fds);
    return ready.filter((bits) => bits !== 0).length;
  };
  return waitForAny(kernel, thread, call, { interests, answer, ...rest });
}

export const poll: Handler = (kernel, thread, call) =>
  pollWith(kernel, thread, call, { timeoutMs: call.args[2]! < 0 ? undefined : call.args[2]!, mask: null });

/** The mask of ppoll and pselect6; EINVAL for another size than 8. */
export const maskFrom = (bytes: Uint8Array | null): SignalSet | null =>
  bytes ? new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) : null;

function timeout(
  call: MasterCall,
  argument: number,
  layout: TimespecLayout,
): Pick<Wait, 'timeoutMs' | 'remaining'> | number {
  const input = call.input(argument);
  if (!input) return { timeoutMs: undefined };
  const timeoutMs = timespecMs(input, layout);
  if (timeoutMs === null) return -Errno.EINVAL;
  return { timeoutMs, remaining: (ms) => call.output(argument, encodeTimespecMs(ms, layout), true) };
}

function ppollWith(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  layout: TimespecLayout,
): number | Promise<number> {
  const time = timeout(call, 2, layout);
  return typeof time === 'number' ? time : pollWith(kernel, thread, call, { ...time, mask: maskFrom(call.input(3)) });
}
export const ppoll: Handler = (kernel, thread, call) => ppollWith(kernel, thread, call, Timespec32);
export const ppoll_time64: Handler = (kernel, thread, call) => ppollWith(kernel, thread, call, Timespec64);

// ---- select -------------------------------------------------------------------------------------------------

/** The poll bits behind each of select's three sets (fs/select.c POLLIN_SET, POLLOUT_SET, POLLEX_SET). */
const setEvents = [
  abi.POLLIN | abi.POLLRDNORM | abi.POLLHUP | abi.POLLERR,
  abi.POLLOUT | abi.POLLWRNORM | abi.POLLERR,
  abi.POLLPRI,
] as const;

function selectWith(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  rest: Pick<Wait, 'timeoutMs' | 'mask' | 'remaining'>,
): number | Promise<number> {
  const count = call.args[0]!;
  if (count < 0) return -Errno.EINVAL;
  const wanted: (Interest & { set: number })[] = [];
  for (const [set, events] of setEvents.entries()) {
    const bits = call.input(set + 1);
    for (let fd = 0; bits && fd < count; fd++) {
      if (!(bits[fd >> 3]! & (1 << (fd & 7)))) continue;
      if (!kernel.descriptors.get(fd)) return -Errno.EBADF;
      wanted.push({ fd, events, set });
    }
  }
  const answer = (ready: readonly number[]): number => {
    const sets = [1, 2, 3].map((argument) => new Uint8Array(call.capacity(argument)));
    let total = 0;
    ready.forEach((bits, i) => {
      const { fd, events, set } = wanted[i]!;
      if (!(bits & events)) return;
      sets[set]![fd >> 3]! |= 1 << (fd & 7);
      total++;
    });
    sets.forEach((bytes, set) => {
      call.output(set + 1, bytes);
    });
    return total;
  };
  return waitForAny(kernel, thread, call, { interests: wanted, answer, ...rest });
}

export const newselect: Handler = (kernel, thread, call) => {
  const input = call.input(4);
  if (!input) return selectWith(kernel, thread, call, { timeoutMs: undefined, mask: null });
  const { tv_sec, tv_usec } = Timeval32.read(input);
  if (tv_sec < 0 || tv_usec < 0) return -Errno.EINVAL;
  const remaining = (ms: number): void => {
    const seconds = Math.floor(ms / 1000);
    call.output(4, Timeval32.encode({ tv_sec: seconds, tv_usec: Math.floor((ms - seconds * 1000) * 1000) }), true);
  };
  return selectWith(kernel, thread, call, { timeoutMs: tv_sec * 1000 + tv_usec / 1000, mask: null, remaining });
};

function pselectWith(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  layout: TimespecLayout,
): number | Promise<number> {
  const time = timeout(call, 4, layout);
  return typeof time === 'number' ? time : selectWith(kernel, thread, call, { ...time, mask: maskFrom(call.input(5)) });
}
export const pselect6: Handler = (kernel, thread, call) => pselectWith(kernel, thread, call, Timespec32);
export const pselect6_time64: Handler = (kernel, thread, call) => pselectWith(kernel, thread, call, Timespec64);
