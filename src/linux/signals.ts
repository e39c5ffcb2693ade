/** Dispositions, pending sets and the choice of the next signal (kernel/signal.c). Pure. */
import * as abi from '../abi/signal.ts';
import type { SignalDelivery } from './api.ts';
import type { Signal, SignalAction, SignalInfo, SignalSet } from './signal-types.ts';

const S = abi.Signals;
export const signalCount = 64;

export const signalBit = (signal: Signal): SignalSet => 1n << BigInt(signal - 1);
const setOf = (...signals: Signal[]): SignalSet => signals.reduce((set, signal) => set | signalBit(signal), 0n);

/** Never blocked, caught or ignored. */
export const unblockable = setOf(S.SIGKILL, S.SIGSTOP);
/** What instructions other than calls raise: their handlers are shown the registers at the instruction. */
export const faultSignals = setOf(S.SIGSEGV, S.SIGBUS, S.SIGILL, S.SIGTRAP, S.SIGFPE);
/** Faults come before everything else, so that they are taken at the instruction that caused them. */
const synchronous = faultSignals | setOf(S.SIGSYS);
const ignoredByDefault = setOf(S.SIGCONT, S.SIGCHLD, S.SIGWINCH, S.SIGURG);
/** Job control stops are not emulated: by default they are ignored. */
const stopsByDefault = setOf(S.SIGSTOP, S.SIGTSTP, S.SIGTTIN, S.SIGTTOU);
const dumpsCore = setOf(
  S.SIGQUIT,
  S.SIGILL,
  S.SIGTRAP,
  S.SIGABRT,
  S.SIGFPE,
  S.SIGSEGV,
  S.SIGBUS,
  S.SIGSYS,
  S.SIGXCPU,
  S.SIGXFSZ,
);

const defaultAction: SignalAction = { handler: abi.SIG_DFL, flags: 0, restorer: 0, mask: 0n };
const defaultIgnored: SignalAction = { ...defaultAction, handler: abi.SIG_IGN };

/** The lowest signal of a set, 0 for the empty set. */
export function lowestSignal(set: SignalSet): Signal {
  for (let signal = 1; signal <= signalCount; signal++) if (set & signalBit(signal)) return signal;
  return 0;
}

/** Signals that wait for one thread or for the process. Standard signals count once, real-time ones queue. */
export class PendingSignals {
  #queue: SignalInfo[] = [];
  #set: SignalSet = 0n;
  /** RLIMIT_SIGPENDING keeps a flood of real-time signals bounded. */
  readonly #limit = 4096;

  get set(): SignalSet {
    return this.#set;
  }

  /** False when the queue is full (EAGAIN for sigqueue). */
  add(info: SignalInfo): boolean {
    const bit = signalBit(info.signal);
    if (info.signal < abi.SIGRTMIN && this.#set & bit) return true;
    if (this.#queue.length >= this.#limit) return false;
    this.#queue.push(info);
    this.#set |= bit;
    return true;
  }

  /** Takes the oldest entry of one signal. */
  take(signal: Signal): SignalInfo | undefined {
    const index = this.#queue.findIndex((info) => info.signal === signal);
    if (index < 0) return undefined;
    const [info] = this.#queue.splice(index, 1);
    if (!this.#queue.some((other) => other.signal === signal)) this.#set &= ~signalBit(signal);
    return info;
  }

  discard(set: SignalSet): void {
    this.#queue = this.#queue.filter((info) => !(signalBit(info.signal) & set));
    this.#set &= ~set;
  }
}

/** What the process does with each signal; shared by its threads. */
export class SignalActions {
  readonly #actions = new Map<Signal, SignalAction>();

  /** The same for a process that goes its own way (fork). */
  copy(): SignalActions {
    const copy = new SignalActions();
    for (const [signal, action] of this.#actions) copy.#actions.set(signal, action);
    return copy;
  }

  /** What is left of it when another program runs: handlers are gone (execve(2)). */
  ignoredOnly(): SignalActions {
    const rest = new SignalActions();
    for (const [signal, action] of this.#actions)
      if (action.handler === abi.SIG_IGN) rest.#actions.set(signal, defaultIgnored);
    return rest;
  }

  get(signal: Signal): SignalAction {
    return this.#actions.get(signal) ?? defaultAction;
  }

  set(signal: Signal, action: SignalAction): void {
    this.#actions.set(signal, action);
  }

  reset(signal: Signal): void {
    this.#actions.delete(signal);
  }

  /** A handler is there for one of the faults. */
  get catchesFault(): boolean {
    return this.#actions
      .entries()
      .some(
        ([signal, { handler }]) =>
          signalBit(signal) & faultSignals && handler !== abi.SIG_DFL && handler !== abi.SIG_IGN,
      );
  }

  /** True when the signal would do nothing. */
  isIgnored(signal: Signal): boolean {
    const { handler } = this.get(signal);
    if (handler === abi.SIG_IGN) return true;
    return handler === abi.SIG_DFL && (signalBit(signal) & (ignoredByDefault | stopsByDefault)) !== 0n;
  }

  /** The bits of `set` that a thread must act upon. */
  withoutIgnored(set: SignalSet): SignalSet {
    let rest = set;
    for (let signal = 1; signal <= signalCount; signal++)
      if (rest & signalBit(signal) && this.isIgnored(signal)) rest &= ~signalBit(signal);
    return rest;
  }

  /**
   * What happens when `info` is taken by a thread that blocks `mask`; null when the signal is ignored. SA_RESETHAND
   * takes effect here.
   */
  deliver(info: SignalInfo, mask: SignalSet): SignalDelivery | null {
    const { signal } = info;
    if (this.isIgnored(signal)) return null;
    const action = this.get(signal);
    if (action.handler === abi.SIG_DFL)
      return { kind: 'terminate', signal, core: (signalBit(signal) & dumpsCore) !== 0n };
    if (action.flags & abi.SA_RESETHAND) this.reset(signal);
    const own = action.flags & abi.SA_NODEFER ? 0n : signalBit(signal);
    return { kind: 'handler', signal, info, action, maskDuring: (mask | action.mask | own) & ~unblockable };
  }
}

/** Takes the signal that comes next under `mask`: faults first, then by number, the thread's own before the process's. */
export function takeSignal(own: PendingSignals, shared: PendingSignals, mask: SignalSet): SignalInfo | undefined {
  for (const pending of [own, shared]) {
    const ready = pending.set & ~(mask & ~unblockable);
    if (ready === 0n) continue;
    return pending.take(lowestSignal(ready & synchronous || ready));
  }
  return undefined;
}

/** What becomes of an interrupted call (arch/arm/kernel/signal.c do_signal). */
export type Restart = { kind: 'result'; result: number } | { kind: 'restart' };

/**
 * Resolves a call's result after the node has asked for the next signal. `restart`: r0 is put back and the pc goes
 * back to the SVC (before a handler's frame is built). Any other result is left as it is.
 */
export function resolveRestart(result: number, delivery: SignalDelivery | null): Restart {
  const interrupted: Restart = { kind: 'result', result: -4 };
  switch (-result) {
    case abi.ERESTARTSYS:
      if (delivery?.kind === 'handler' && !(delivery.action.flags & abi.SA_RESTART)) return interrupted;
      return { kind: 'restart' };
    case abi.ERESTARTNOINTR:
      return { kind: 'restart' };
    case abi.ERESTARTNOHAND:
    case abi.ERESTART_RESTARTBLOCK:
      return delivery?.kind === 'handler' ? interrupted : { kind: 'restart' };
    default:
      return { kind: 'result', result };
  }
}
