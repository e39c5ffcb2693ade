/** sys_futex as a thread's node sees it: decodes the operation and asks the futex's home, which may be this node. */
import { Errno } from '../abi/errno.ts';
import {
  FUTEX_CLOCK_REALTIME,
  FUTEX_CMD_MASK,
  FUTEX_CMP_REQUEUE,
  FUTEX_REQUEUE,
  FUTEX_WAIT,
  FUTEX_WAIT_BITSET,
  FUTEX_WAKE,
  FUTEX_WAKE_BITSET,
} from '../abi/process.ts';
import type { Connection } from '../transport/connection.ts';
import type { Frame } from '../transport/frame.ts';
import { FutexHome, type FutexReply } from './futex-home.ts';
import type { GuestAccess } from './guest-access.ts';
import { Channel, FutexKind } from './protocol.ts';

export interface FutexOptions {
  readonly node: number;
  readonly homeOf: (address: number) => number;
  readonly connections: ReadonlyMap<number, Connection>;
  readonly access: GuestAccess;
  /** Milliseconds to add to this host's clock for the guest's CLOCK_MONOTONIC and CLOCK_REALTIME. */
  readonly now: { monotonicMs(): number; realtimeMs(): number };
}

/** A wait's end by time, on the clock of performance.now(); undefined while it is not known or there is none. */
export interface FutexWait {
  untilMs: number | undefined;
}

const anyBit = -1;
const nanosecondsMax = 999_999_999;
/** In place of a wait's home: it has not got there yet, or was interrupted before it did. */
const onItsWay = -1;
const interrupted = -2;

export class Futexes {
  readonly home: FutexHome;
  readonly #options: FutexOptions;
  readonly #replies = new Map<number, FutexReply>();
  readonly #waitHomes = new Map<number, number>();
  #nextId = 1;

  constructor(options: FutexOptions) {
    this.#options = options;
    this.home = new FutexHome(options.access);
  }

  /**
   * Runs a futex call. @param args r0 to r5 · @param time64 futex_time64: the timeout has 64-bit fields
   * @param reply gets the result; for a wait, -EINTR after `interrupt`
   * @param wait learns when a wait ends by time; one that starts again ends when it would have ended
   * @returns the id with which a wait can be interrupted
   */
  call(args: ArrayLike<number>, time64: boolean, reply: FutexReply, wait: FutexWait = { untilMs: undefined }): number {
    const address = args[0]! >>> 0;
    const operation = args[1]!;
    const value = args[2]!;
    const command = operation & FUTEX_CMD_MASK;
    const id = this.#nextId++;
    switch (command) {
      case FUTEX_WAIT:
      case FUTEX_WAIT_BITSET: {
        const bitset = command === FUTEX_WAIT ? anyBit : args[5]!;
        this.#waitHomes.set(id, onItsWay);
        const done: FutexReply = (result) => {
          this.#waitHomes.delete(id);
          reply(result);
        };
        this.#timeout(args[3]! >>> 0, operation, time64, wait, (timeoutMs, errno) => {
          if (errno !== 0) done(-errno);
          else if (this.#waitHomes.get(id) === interrupted) done(-Errno.EINTR);
          else this.#wait(id, address, value, bitset, timeoutMs, done);
        });
        break;
      }
      case FUTEX_WAKE:
        this.wake(address, value, anyBit, reply);
        break;
      case FUTEX_WAKE_BITSET:
        this.wake(address, value, args[5]!, reply);
        break;
      case FUTEX_REQUEUE:
      case FUTEX_CMP_REQUEUE: {
        const expected = command === FUTEX_CMP_REQUEUE ? args[5]! : undefined;
        this.#requeue(id, address, value, args[3]!, args[4]! >>> 0, expected, reply);
        break;
      }
      default:
        reply(-Errno.ENOSYS);
    }
    return id;
  }

  /** Milliseconds that a wait may last, negative for ever; or an errno when its timespec does not tell. */
  #timeout(
    address: number,
    operation: number,
    time64: boolean,
    wait: FutexWait,
    done: (ms: number, errno: number) => void,
  ): void {
    if (address === 0) return done(-1, 0);
    if (wait.untilMs !== undefined) return done(Math.max(0, wait.untilMs - performance.now()), 0);
    const { access, now } = this.#options;
    access.read(address, time64 ? 16 : 8, (bytes) => {
      if (!bytes) return done(0, Errno.EFAULT);
      const view = new DataView(bytes.buffer);
      const seconds = time64 ? Number(view.getBigInt64(0, true)) : view.getInt32(0, true);
      const nanoseconds = view.getUint32(time64 ? 8 : 4, true);
      if (seconds < 0 || nanoseconds > nanosecondsMax) return done(0, Errno.EINVAL);
      const ms = seconds * 1000 + nanoseconds / 1e6;
      const isRelative = (operation & FUTEX_CMD_MASK) === FUTEX_WAIT;
      const nowMs = operation & FUTEX_CLOCK_REALTIME ? now.realtimeMs() : now.monotonicMs();
      const leftMs = Math.max(0, isRelative ? ms : ms - nowMs);
      wait.untilMs = performance.now() + leftMs;
      done(leftMs, 0);
    });
  }

  #wait(id: number, address: number, value: number, bitset: number, timeoutMs: number, reply: FutexReply): void {
    const home = this.#options.homeOf(address);
    this.#waitHomes.set(id, home);
    if (home === this.#options.node) {
      this.home.wait(this.#key(home, id), address, value, bitset, timeoutMs, reply);
      return;
    }
    this.#replies.set(id, reply);
    const payload = new Uint8Array(new Float64Array([timeoutMs]).buffer);
    this.#send(home, FutexKind.wait, id, address, value, bitset, payload);
  }

  /** Wakes waiters of an address, wherever its home is. */
  wake(address: number, count: number, bitset: number, reply: FutexReply): void {
    const home = this.#options.homeOf(address);
    if (home === this.#options.node) return reply(this.home.wake(address, count, bitset));
    const id = this.#nextId++;
    this.#replies.set(id, reply);
    this.#send(home, FutexKind.wake, id, address, count, bitset);
  }

  #requeue(
    id: number,
    address: number,
    wakeCount: number,
    moveCount: number,
    target: number,
    expected: number | undefined,
    reply: FutexReply,
  ): void {
    const home = this.#options.homeOf(address);
    const targetIsThere = this.#options.homeOf(target) === home;
    if (home === this.#options.node) {
      this.home.requeue(address, wakeCount, moveCount, target, expected, targetIsThere, reply);
      return;
    }
    this.#replies.set(id, reply);
    const words = [wakeCount, moveCount, target, expected === undefined ? 0 : 1, expected ?? 0, targetIsThere ? 1 : 0];
    this.#send(home, FutexKind.requeue, id, address, 0, 0, new Uint8Array(new Int32Array(words).buffer));
  }

  /** Ends a wait early (a signal); its reply gets -EINTR unless it was over already. */
  interrupt(id: number): void {
    const home = this.#waitHomes.get(id);
    if (home === undefined || home === interrupted) return;
    if (home === onItsWay) this.#waitHomes.set(id, interrupted);
    else if (home === this.#options.node) this.home.cancel(this.#key(home, id));
    else this.#send(home, FutexKind.cancel, id, 0, 0, 0);
  }

  #key(node: number, id: number): string {
    return `${node}:${id}`;
  }

  #send(to: number, kind: number, w0: number, w1: number, w2: number, w3: number, payload?: Uint8Array): void {
    this.#options.connections.get(to)?.send(Channel.futex, kind, w0, w1, w2, w3, payload);
  }

  handle(peer: number, frame: Frame): void {
    const { kind, w0: id, w1, w2, w3 } = frame;
    const address = w1 >>> 0;
    const answer: FutexReply = (result) => this.#send(peer, FutexKind.answer, id, result, 0, 0);
    switch (kind) {
      case FutexKind.wait: {
        const timeoutMs = new DataView(frame.bytes.buffer, frame.bytes.byteOffset + frame.start).getFloat64(0, true);
        this.home.wait(this.#key(peer, id), address, w2, w3, timeoutMs, answer);
        break;
      }
      case FutexKind.wake:
        answer(this.home.wake(address, w2, w3));
        break;
      case FutexKind.requeue: {
        const view = new DataView(frame.bytes.buffer, frame.bytes.byteOffset + frame.start);
        const word = (i: number): number => view.getInt32(i * 4, true);
        const expected = word(3) ? word(4) : undefined;
        this.home.requeue(address, word(0), word(1), word(2) >>> 0, expected, word(5) === 1, answer);
        break;
      }
      case FutexKind.cancel:
        this.home.cancel(this.#key(peer, id));
        break;
      case FutexKind.answer: {
        const reply = this.#replies.get(id);
        this.#replies.delete(id);
        reply?.(w1);
        break;
      }
    }
  }
}
