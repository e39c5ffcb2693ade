/** epoll_create, epoll_ctl, epoll_wait and their forms. */
import { Errno } from '../../abi/errno.ts';
import * as abi from '../../abi/file.ts';
import { EpollEvent, Timespec64 } from '../../abi/structs.ts';
import type { MasterCall, SignalSet, ThreadInfo } from '../api.ts';
import { Epoll } from '../files/epoll.ts';
import { HostStream } from '../files/host-stream.ts';
import type { Kernel } from '../kernel.ts';
import { unblockable } from '../signals.ts';
import { immediateMs, maskFrom } from './poll.ts';
import { timespecMs } from './time.ts';

type Handler = (kernel: Kernel, thread: ThreadInfo, call: MasterCall) => number | Promise<number>;

const create = (kernel: Kernel, flags: number): number => {
  if (flags & ~abi.O_CLOEXEC) return -Errno.EINVAL;
  return kernel.descriptors.add(new Epoll(), (flags & abi.O_CLOEXEC) !== 0);
};
/** The size is a hint of old, which must be positive. */
export const epoll_create: Handler = (kernel, _, call) => (call.args[0]! <= 0 ? -Errno.EINVAL : create(kernel, 0));
export const epoll_create1: Handler = (kernel, _, call) => create(kernel, call.args[0]!);

/** EPOLLEXCLUSIVE goes with these alone (fs/eventpoll.c EPOLLEXCLUSIVE_OK_BITS). */
const exclusiveOk =
  abi.POLLIN | abi.POLLOUT | abi.POLLERR | abi.POLLHUP | abi.EPOLLWAKEUP | abi.EPOLLET | abi.EPOLLEXCLUSIVE;

export const epoll_ctl: Handler = (kernel, _, call) => {
  const [epfd, operation, fd] = call.args as unknown as [number, number, number];
  const epoll = kernel.descriptors.get(epfd);
  const target = kernel.descriptors.get(fd);
  if (!epoll || !target) return -Errno.EBADF;
  if (!target.pollable) return -Errno.EPERM;
  if (!(epoll instanceof Epoll) || epoll === target) return -Errno.EINVAL;
  if (operation === abi.EPOLL_CTL_DEL) return epoll.remove(fd, target);
  const input = call.input(3);
  if (!input) return -Errno.EINVAL;
  const { events, data } = EpollEvent.read(input);
  if (events & abi.EPOLLEXCLUSIVE && events & ~exclusiveOk) return -Errno.EINVAL;
  if (operation === abi.EPOLL_CTL_ADD) return epoll.add(fd, target, events, data);
  if (operation === abi.EPOLL_CTL_MOD) return epoll.modify(fd, target, events, data);
  return -Errno.EINVAL;
};

function wait(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  timeoutMs: number | undefined,
  mask: SignalSet | null,
): number | Promise<number> {
  const eventsMax = call.args[2]!;
  const epoll = kernel.descriptors.get(call.args[0]!);
  if (eventsMax <= 0 || eventsMax > 0x7fff_ffff / EpollEvent.size) return -Errno.EINVAL;
  if (!epoll) return -Errno.EBADF;
  if (!(epoll instanceof Epoll)) return -Errno.EINVAL;
  if (mask !== null) call.temporaryMask = mask & ~unblockable;
  const limit = Math.floor(call.capacity(1) / EpollEvent.size);
  const look = (): number => {
    const reports = epoll.take(limit);
    if (reports.length > 0) call.output(1, Buffer.concat(reports.map((report) => EpollEvent.encode(report))));
    return reports.length;
  };
  // As with poll: what is known only by reading (a pipe of the host) gets one turn of the event loop.
  const atOnce = timeoutMs === 0 && epoll.descriptions().some((description) => description instanceof HostStream);
  return kernel.block(thread, call, {
    attempt: () => look() || undefined,
    watch: (wake) => epoll.watch(abi.POLLIN, wake),
    timeoutMs: atOnce ? immediateMs : timeoutMs,
    timedOut: look,
    // Not restarted, whatever the handler's flags (signal(7)).
    interrupted: () => -Errno.EINTR,
    mask: mask ?? call.signalMask,
  });
}

const milliseconds = (value: number): number | undefined => (value < 0 ? undefined : value);

export const epoll_wait: Handler = (kernel, thread, call) =>
  wait(kernel, thread, call, milliseconds(call.args[3]!), null);
export const epoll_pwait: Handler = (kernel, thread, call) =>
  wait(kernel, thread, call, milliseconds(call.args[3]!), maskFrom(call.input(4)));
export const epoll_pwait2: Handler = (kernel, thread, call) => {
  const time = call.input(3);
  const timeoutMs = time ? timespecMs(time, Timespec64) : undefined;
  return timeoutMs === null ? -Errno.EINVAL : wait(kernel, thread, call, timeoutMs, maskFrom(call.input(4)));
};
