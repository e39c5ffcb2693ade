import type { Clock } from '../base/clock.ts';

/** Time for keep-alives, injected so that tests can step it. */
export interface Timers extends Clock {
  /** Calls `callback` each `periodMs`; @returns how to stop it. */
  every(periodMs: number, callback: () => void): () => void;
}

/** The host's monotonic clock. A running timer does not keep the process alive. */
export const hostTimers: Timers = {
  nowMs: () => performance.now(),
  every(periodMs, callback) {
    const timer = setInterval(callback, periodMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};
