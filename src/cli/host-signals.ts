/**
 * The host's signals are the guest's: the emulator's process id is the guest's too, and a terminal, a supervisor or
 * another process means the guest. Before there is a guest they do what they do to any program.
 */
import { constants } from 'node:os';
import { Signals } from '../abi/signal.ts';
import type { Master } from '../cluster/master.ts';

/** The guest's number of each (Linux's; the host may count differently). */
const forwarded = {
  SIGHUP: Signals.SIGHUP,
  SIGINT: Signals.SIGINT,
  SIGTERM: Signals.SIGTERM,
  SIGUSR1: Signals.SIGUSR1,
  SIGUSR2: Signals.SIGUSR2,
  SIGALRM: Signals.SIGALRM,
  SIGWINCH: Signals.SIGWINCH,
  SIGCONT: Signals.SIGCONT,
} as const;
type Forwarded = keyof typeof forwarded;

const harmless: readonly string[] = ['SIGWINCH', 'SIGCONT'] satisfies Forwarded[];
/** Two Ctrl-C within this time end the run, whatever the guest makes of them. */
const impatienceMs = 1000;

/** A shell's loop goes on after a child that exits with 130, and stops after one that was ended by SIGINT. */
const raised = new Set<number>([Signals.SIGHUP, Signals.SIGINT, Signals.SIGTERM]);

/** Ends this process as the signal would have ended the guest. */
export function dieOf(signal: number): never {
  const name = Object.keys(forwarded).find((key) => forwarded[key as Forwarded] === signal);
  if (name !== undefined && raised.has(signal)) {
    process.emit('exit', 128 + signal);
    process.removeAllListeners(name);
    process.kill(process.pid, name);
  }
  process.exit(128 + signal);
}

export class HostSignals {
  #master: Master | undefined;
  #lastInterrupt = Number.NEGATIVE_INFINITY;

  constructor() {
    for (const name of Object.keys(forwarded) as Forwarded[])
      if (name in constants.signals) process.on(name, () => this.#take(name));
    process.on('SIGQUIT', async () => {
      process.stderr.write(`${(await this.#master?.dump()) ?? 'armada: the program has not started yet'}\n`);
    });
  }

  /** From here on there is a guest to take them. */
  guestOf(master: Master): void {
    this.#master = master;
  }

  #take(name: Forwarded): void {
    const signal = forwarded[name];
    const master = this.#master;
    if (!master || master.over) {
      if (!harmless.includes(name)) dieOf(signal);
      return;
    }
    if (name === 'SIGINT') {
      const now = performance.now();
      const again = now - this.#lastInterrupt < impatienceMs || master.isPending(signal);
      this.#lastInterrupt = now;
      if (again) dieOf(signal);
    }
    master.signal(signal);
  }
}
