/** The host's clocks in the guest's units. Used on every node; nothing here belongs to the master. */
import * as abi from '../abi/time.ts';

export interface ClockReading {
  seconds: number;
  nanoseconds: number;
}

/** One reading is reused: the caller takes the numbers out at once. */
const reading: ClockReading = { seconds: 0, nanoseconds: 0 };

function fromMs(ms: number): ClockReading {
  reading.seconds = Math.floor(ms / 1000);
  reading.nanoseconds = Math.min(999_999_999, Math.floor((ms - reading.seconds * 1000) * 1e6));
  return reading;
}

/** CLOCK_MONOTONIC plus an offset in milliseconds. */
function monotonic(offsetMs: number): ClockReading {
  const [seconds, nanoseconds] = process.hrtime();
  if (offsetMs !== 0) return fromMs(seconds * 1000 + nanoseconds / 1e6 + offsetMs);
  reading.seconds = seconds;
  reading.nanoseconds = nanoseconds;
  return reading;
}

/** Date.now() has whole milliseconds; performance.now() fills in the rest until the two drift apart. */
let anchorMs = performance.timeOrigin;
const driftMaxMs = 2;

export function realtimeMs(): number {
  const coarse = Date.now();
  const fine = anchorMs + performance.now();
  const drift = fine - coarse;
  if (drift >= -driftMaxMs && drift <= driftMaxMs) return fine;
  anchorMs += coarse - fine;
  return coarse;
}

/** Processor time of the whole process or of this thread, in milliseconds (user and system). */
function cpuMs(usage: { user: number; system: number }): number {
  return (usage.user + usage.system) / 1000;
}

/** The time on clock `id`, or null when the guest may not ask for it (EINVAL). */
export function readClock(id: number, monotonicOffsetMs = 0, realtimeOffsetMs = 0): ClockReading | null {
  switch (id) {
    case abi.CLOCK_MONOTONIC:
    case abi.CLOCK_MONOTONIC_RAW:
    case abi.CLOCK_MONOTONIC_COARSE:
    case abi.CLOCK_BOOTTIME:
    case abi.CLOCK_BOOTTIME_ALARM:
      return monotonic(monotonicOffsetMs);
    case abi.CLOCK_REALTIME:
    case abi.CLOCK_REALTIME_COARSE:
    case abi.CLOCK_REALTIME_ALARM:
    case abi.CLOCK_TAI:
      return fromMs(realtimeMs() + realtimeOffsetMs);
    case abi.CLOCK_PROCESS_CPUTIME_ID:
      return fromMs(cpuMs(process.cpuUsage()));
    case abi.CLOCK_THREAD_CPUTIME_ID:
      return fromMs(cpuMs(process.threadCpuUsage()));
    default:
      // Clocks of single threads and processes (negative ids, pthread_getcpuclockid) count as the caller's own.
      return id < 0 ? fromMs(cpuMs(id & 4 ? process.threadCpuUsage() : process.cpuUsage())) : null;
  }
}
