import { readlinkSync, writeFileSync } from 'node:fs';

const slackNs = 1000;

/**
 * Makes timed waits of the calling thread end when they are due: Linux lets them end 50 µs later, to save energy, where
 * executors and agents wait for 20 to 30 µs. Elsewhere nothing changes. (proc(5), timerslack_ns)
 */
export function sharpenTimers(): void {
  try {
    const thread = readlinkSync('/proc/thread-self').split('/').at(-1);
    writeFileSync(`/proc/${thread}/timerslack_ns`, String(slackNs));
  } catch {
    // No such file on this host: waits are longer.
  }
}
