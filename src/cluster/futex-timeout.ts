/** The time at which a futex wait ends, from the timespec that the call names. */
import { Errno } from '../abi/errno.ts';
import { FUTEX_CLOCK_REALTIME, FUTEX_CMD_MASK, FUTEX_WAIT } from '../abi/process.ts';
import type { GuestAccess } from './guest-access.ts';

/** A wait's end by time, on the clock of performance.now(); undefined while it is not known or there is none. */
export interface FutexWait {
  untilMs: number | undefined;
}

/** The guest's CLOCK_MONOTONIC and CLOCK_REALTIME, milliseconds. */
export interface FutexClocks {
  monotonicMs(): number;
  realtimeMs(): number;
}

const nanosecondsMax = 999_999_999;

/**
 * When a wait ends by time (performance.now(); undefined: never), or an errno when its timespec does not tell.
 * @param operation the call's, with its flags · @param wait has the time already when the call starts again
 */
export function readTimeout(
  { access, now }: { readonly access: GuestAccess; readonly now: FutexClocks },
  address: number,
  operation: number,
  time64: boolean,
  wait: FutexWait,
  done: (untilMs: number | undefined, errno: number) => void,
): void {
  if (address === 0 || wait.untilMs !== undefined) return done(wait.untilMs, 0);
  access.read(address, time64 ? 16 : 8, (bytes) => {
    if (!bytes) return done(0, Errno.EFAULT);
    const view = new DataView(bytes.buffer);
    const seconds = time64 ? Number(view.getBigInt64(0, true)) : view.getInt32(0, true);
    const nanoseconds = view.getUint32(time64 ? 8 : 4, true);
    if (seconds < 0 || nanoseconds > nanosecondsMax) return done(0, Errno.EINVAL);
    const ms = seconds * 1000 + nanoseconds / 1e6;
    const isRelative = (operation & FUTEX_CMD_MASK) === FUTEX_WAIT;
    const nowMs = operation & FUTEX_CLOCK_REALTIME ? now.realtimeMs() : now.monotonicMs();
    wait.untilMs = performance.now() + Math.max(0, isRelative ? ms : ms - nowMs);
    done(wait.untilMs, 0);
  });
}
