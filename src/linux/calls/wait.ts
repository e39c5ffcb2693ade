/** Waiting for children (kernel/exit.c). Stops are not emulated, so a child changes its state once: when it ends. */
import { Errno } from '../../abi/errno.ts';
import * as abi from '../../abi/process.ts';
import { Signals } from '../../abi/signal.ts';
import { Rusage } from '../../abi/structs.ts';
import type { MasterCall, ThreadInfo } from '../api.ts';
import type { Kernel } from '../kernel.ts';
import { childInfo, waitStatus } from '../processes.ts';
import { encodeSiginfo } from '../signal-frame.ts';

const knownOptions =
  abi.WNOHANG |
  abi.WUNTRACED |
  abi.WEXITED |
  abi.WCONTINUED |
  abi.WNOWAIT |
  abi.__WNOTHREAD |
  abi.__WALL |
  abi.__WCLONE;

interface Wanted {
  matches: (child: Kernel) => boolean;
  options: number;
  /** Told of a child that has ended. */
  found: (child: Kernel) => void;
  /** The call's result for that child. */
  result: (child: Kernel) => number;
}

/** __WCLONE: children that do not tell their end by SIGCHLD; without it and __WALL the others. */
function isEligible(child: Kernel, options: number): boolean {
  if (options & abi.__WALL) return true;
  return (child.exitSignal !== Signals.SIGCHLD) === ((options & abi.__WCLONE) !== 0);
}

function waitFor(kernel: Kernel, thread: ThreadInfo, call: MasterCall, wanted: Wanted): number | Promise<number> {
  const { matches, options, found, result } = wanted;
  return kernel.block(thread, call, {
    attempt: () => {
      const candidates = [...kernel.children].filter((child) => isEligible(child, options) && matches(child));
      if (candidates.length === 0) return -Errno.ECHILD;
      const ended = options & abi.WEXITED ? candidates.find(({ end }) => end !== undefined) : undefined;
      if (!ended) return options & abi.WNOHANG ? 0 : undefined;
      found(ended);
      if (!(options & abi.WNOWAIT)) kernel.processes.reap(ended);
      return result(ended);
    },
    watch: (wake) => kernel.childrenChanged.add(wake),
  });
}

function byNumber(kernel: Kernel, pid: number): (child: Kernel) => boolean {
  if (pid === -1) return () => true;
  if (pid > 0) return (child) => child.pid === pid;
  return inGroup(kernel, -pid);
}

/** Of a process group, 0 for the caller's. */
function inGroup(kernel: Kernel, group: number): (child: Kernel) => boolean {
  const wanted = group || kernel.processGroup;
  return (child) => child.processGroup === wanted;
}

/** wait4(pid, status, options, rusage). */
export function wait4(kernel: Kernel, thread: ThreadInfo, call: MasterCall): number | Promise<number> {
  const [pid, status, options, usage] = call.args as unknown as [number, number, number, number];
  if (options & ~(knownOptions & ~(abi.WEXITED | abi.WNOWAIT))) return -Errno.EINVAL;
  if (pid === -0x8000_0000) return -Errno.ESRCH;
  return waitFor(kernel, thread, call, {
    matches: byNumber(kernel, pid),
    options: options | abi.WEXITED,
    found: (child) => {
      if (status) call.output(1, new Uint8Array(Int32Array.of(waitStatus(child.end!)).buffer));
      if (usage) call.output(3, Rusage.encode({}));
    },
    result: (child) => child.pid,
  });
}

/** waitid(which, id, infop, options, rusage). */
export function waitid(kernel: Kernel, thread: ThreadInfo, call: MasterCall): number | Promise<number> {
  const [which, id, info, options, usage] = call.args as unknown as [number, number, number, number, number];
  const states = abi.WEXITED | abi.WUNTRACED | abi.WCONTINUED;
  if (options & ~knownOptions || !(options & states)) return -Errno.EINVAL;
  let matches: (child: Kernel) => boolean;
  if (which === abi.P_ALL) matches = () => true;
  else if (which === abi.P_PID && id > 0) matches = byNumber(kernel, id);
  else if (which === abi.P_PGID && id >= 0) matches = inGroup(kernel, id);
  else return -Errno.EINVAL;
  // Without a child to tell of, si_signo and si_pid say so (waitid(2)).
  if (info) call.output(2, encodeSiginfo({ signal: 0, code: 0 }));
  return waitFor(kernel, thread, call, {
    matches,
    options,
    found: (child) => {
      if (info) call.output(2, encodeSiginfo(childInfo(child, Signals.SIGCHLD)));
      if (usage) call.output(4, Rusage.encode({}));
    },
    result: () => 0,
  });
}
