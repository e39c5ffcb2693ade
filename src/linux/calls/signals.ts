/** Signal dispositions, sending and waiting. Masks and the alternate stack are in local.ts. */
import { Errno } from '../../abi/errno.ts';
import { ERESTARTNOHAND, SI_TKILL, SI_USER, SIG_IGN } from '../../abi/signal.ts';
import { KernelSigaction, OldSigaction, Timespec32, Timespec64 } from '../../abi/structs.ts';
import type { MasterCall, SignalAction, SignalInfo, SignalSet, ThreadInfo } from '../api.ts';
import type { Kernel } from '../kernel.ts';
import { decodeSiginfo, encodeSiginfo } from '../signal-frame.ts';
import { faultSignals, signalBit, signalCount, unblockable } from '../signals.ts';
import { type TimespecLayout, timespecMs } from './time.ts';

type Handler = (kernel: Kernel, thread: ThreadInfo, call: MasterCall) => number | Promise<number>;

const isSignal = (signal: number): boolean => signal >= 1 && signal <= signalCount;
const setFrom = (bytes: Uint8Array): SignalSet => new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
const encodeSet = (set: SignalSet): Uint8Array => new Uint8Array(BigUint64Array.of(set).buffer);

// ---- dispositions -------------------------------------------------------------------------------------------

async function changeAction(kernel: Kernel, signal: number, action: SignalAction | null): Promise<number> {
  if (!isSignal(signal) || (action && signalBit(signal) & unblockable)) return -Errno.EINVAL;
  if (!action) return 0;
  kernel.actions.set(signal, { ...action, mask: action.mask & ~unblockable });
  // POSIX: a pending signal that becomes ignored is gone, whether it is blocked or not.
  if (action.handler === SIG_IGN || kernel.actions.isIgnored(signal)) kernel.discardPending(signalBit(signal));
  if (signalBit(signal) & faultSignals) await kernel.host.faultsCaught(kernel.actions.catchesFault);
  return 0;
}

export const rt_sigaction: Handler = async (kernel, _, call) => {
  const signal = call.args[0]!;
  if (call.args[3] !== 8) return -Errno.EINVAL;
  const before = kernel.actions.get(signal);
  const input = call.input(1);
  const fields = input ? KernelSigaction.read(input) : null;
  const action = fields && {
    handler: fields.sa_handler,
    flags: fields.sa_flags,
    restorer: fields.sa_restorer,
    mask: fields.sa_mask,
  };
  const result = await changeAction(kernel, signal, action);
  if (result === 0 && call.args[2])
    call.output(
      2,
      KernelSigaction.encode({
        sa_handler: before.handler,
        sa_flags: before.flags,
        sa_restorer: before.restorer,
        sa_mask: before.mask,
      }),
    );
  return result;
};

export const sigaction: Handler = async (kernel, _, call) => {
  const signal = call.args[0]!;
  const before = kernel.actions.get(signal);
  const input = call.input(1);
  const fields = input ? OldSigaction.read(input) : null;
  const action = fields && {
    handler: fields.sa_handler,
    flags: fields.sa_flags,
    restorer: fields.sa_restorer,
    mask: BigInt(fields.sa_mask),
  };
  const result = await changeAction(kernel, signal, action);
  if (result === 0 && call.args[2])
    call.output(
      2,
      OldSigaction.encode({
        sa_handler: before.handler,
        sa_mask: Number(before.mask & 0xffff_ffffn),
        sa_flags: before.flags,
        sa_restorer: before.restorer,
      }),
    );
  return result;
};

// ---- sending ------------------------------------------------------------------------------------------------

const fromSelf = (kernel: Kernel, signal: number, code: number): SignalInfo => ({
  signal,
  code,
  pid: kernel.pid,
  uid: kernel.ids.uid,
});

/** kill(2): other processes than the guest's are the host's, and out of reach in groups. */
export const kill: Handler = (kernel, _, call) => {
  const [pid, signal] = call.args as unknown as [number, number];
  if (signal !== 0 && !isSignal(signal)) return -Errno.EINVAL;
  const { processes } = kernel;
  if (pid > 0 && !processes.wasGiven(pid)) {
    process.kill(pid, signal);
    return 0;
  }
  const targets = targetsOf(kernel, pid);
  if (targets.length === 0) return -Errno.ESRCH;
  if (signal === 0) return 0;
  // One that has ended and was not waited for takes signals without effect.
  const results = targets.map((target) =>
    target.end === undefined ? target.signalProcess(fromSelf(kernel, signal, SI_USER)) : 0,
  );
  return results.includes(0) ? 0 : results[0]!;
};

function targetsOf(kernel: Kernel, pid: number): Kernel[] {
  const { processes } = kernel;
  if (pid > 0) return [processes.get(pid)].filter((target) => target !== undefined);
  if (pid === -1) return processes.living().filter((target) => target !== kernel);
  return processes.group(pid === 0 ? kernel.processGroup : -pid);
}

function sendToThread(kernel: Kernel, owner: Kernel | undefined, tid: number, signal: number): number {
  if (tid <= 0 || (signal !== 0 && !isSignal(signal))) return -Errno.EINVAL;
  if (!owner) return -Errno.ESRCH;
  if (signal === 0) return owner.thread(tid) ? 0 : -Errno.ESRCH;
  return owner.signalThread(tid, fromSelf(kernel, signal, SI_TKILL));
}
export const tkill: Handler = (kernel, _, call) =>
  sendToThread(kernel, kernel.processes.ofThread(call.args[0]!), call.args[0]!, call.args[1]!);
export const tgkill: Handler = (kernel, _, call) => {
  const [tgid, tid, signal] = call.args as unknown as [number, number, number];
  if (tgid <= 0) return -Errno.EINVAL;
  return sendToThread(kernel, kernel.processes.get(tgid), tid, signal);
};

/** The info is the sender's, but a user may not pretend to be the kernel. */
function queued(call: MasterCall, argument: number, signal: number): SignalInfo | number {
  const info = decodeSiginfo(call.input(argument)!);
  if (!isSignal(signal)) return -Errno.EINVAL;
  return info.code >= 0 || info.code === SI_TKILL ? -Errno.EPERM : { ...info, signal };
}
export const rt_sigqueueinfo: Handler = (kernel, _, call) => {
  const info = queued(call, 2, call.args[1]!);
  if (typeof info === 'number') return info;
  return kernel.processes.get(call.args[0]!)?.signalProcess(info) ?? -Errno.ESRCH;
};
export const rt_tgsigqueueinfo: Handler = (kernel, _, call) => {
  const info = queued(call, 3, call.args[2]!);
  if (typeof info === 'number') return info;
  return kernel.processes.get(call.args[0]!)?.signalThread(call.args[1]!, info) ?? -Errno.ESRCH;
};

// ---- waiting ------------------------------------------------------------------------------------------------

export const rt_sigpending: Handler = (kernel, thread, call) => {
  call.output(0, encodeSet(kernel.pendingOf(thread.tid) & call.signalMask).subarray(0, call.args[1]! >>> 0));
  return call.args[1]! >>> 0 > 8 ? -Errno.EINVAL : 0;
};
export const sigpending: Handler = (kernel, thread, call) => {
  call.output(0, encodeSet(kernel.pendingOf(thread.tid) & call.signalMask).subarray(0, 4));
  return 0;
};

const never = (): (() => void) => () => {};

function suspend(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  mask: SignalSet | null,
): number | Promise<number> {
  if (mask !== null) call.temporaryMask = mask & ~unblockable;
  const blocked = mask ?? call.signalMask;
  return kernel.block(thread, call, {
    attempt: () => undefined,
    watch: never,
    mask: blocked,
    interrupted: () => -ERESTARTNOHAND,
  });
}
export const pause: Handler = (kernel, thread, call) => suspend(kernel, thread, call, null);
export const rt_sigsuspend: Handler = (kernel, thread, call) =>
  call.args[1] === 8 ? suspend(kernel, thread, call, setFrom(call.input(0)!)) : -Errno.EINVAL;
/** The old call: (unused, unused, mask of 32 signals). */
export const sigsuspend: Handler = (kernel, thread, call) => suspend(kernel, thread, call, BigInt(call.args[2]! >>> 0));

function sigtimedwait(
  kernel: Kernel,
  thread: ThreadInfo,
  call: MasterCall,
  layout: TimespecLayout,
): number | Promise<number> {
  if (call.args[3] !== 8) return -Errno.EINVAL;
  const set = setFrom(call.input(0)!) & ~unblockable;
  const time = call.input(2);
  const timeoutMs = time ? timespecMs(time, layout) : undefined;
  if (timeoutMs === null) return -Errno.EINVAL;
  const attempt = (): number | undefined => {
    const info = kernel.takePending(thread.tid, set);
    if (!info) return undefined;
    if (call.args[1]) call.output(1, encodeSiginfo(info));
    return info.signal;
  };
  return kernel.block(thread, call, {
    attempt,
    watch: never,
    timeoutMs,
    timedOut: () => -Errno.EAGAIN,
    interrupted: () => attempt() ?? -Errno.EINTR,
    accepted: set,
  });
}
export const rt_sigtimedwait: Handler = (kernel, thread, call) => sigtimedwait(kernel, thread, call, Timespec32);
export const rt_sigtimedwait_time64: Handler = (kernel, thread, call) => sigtimedwait(kernel, thread, call, Timespec64);
