/**
 * sys_futex as a thread's node sees it: decodes the operation, and has it served where the futex is at this moment
 * (futex-places.ts): here, or by its home.
 */
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
  FUTEX_WAKE_OP,
} from '../abi/process.ts';
import { pageShift } from '../layout/access.ts';
import type { Connection } from '../transport/connection.ts';
import type { Frame } from '../transport/frame.ts';
import { decodeOperation, decodeWaits, encodeOperation, encodeWaits, type FutexOperation } from './futex-codec.ts';
import { FutexHome, type FutexReply, servedElsewhere } from './futex-home.ts';
import { FutexPlaces } from './futex-places.ts';
import { decodeWakeOperation } from './futex-wake-op.ts';
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

/** A call of a thread of this node that is not over. */
interface OwnCall {
  /** Undefined while a wait's timeout is being read. */
  operation: FutexOperation | undefined;
  interrupted: boolean;
  readonly reply: FutexReply;
}

const anyBit = -1;
const nanosecondsMax = 999_999_999;
const pageOf = ({ address }: FutexOperation): number => address >>> pageShift;

export class Futexes {
  readonly home: FutexHome;
  readonly #options: FutexOptions;
  readonly #places: FutexPlaces;
  readonly #own = new Map<number, OwnCall>();
  /** Waits of other nodes that are here as in a home, but can't be served before their page is back. */
  readonly #later = new Map<string, { cancelled: boolean }>();
  #nextId = 1;
  /** Messages sent, for tests and metrics. */
  messages = 0;

  constructor(options: FutexOptions) {
    this.#options = options;
    this.#places = new FutexPlaces(
      options.node,
      (page) => options.homeOf(page << pageShift),
      (node, page) => this.#send(node, FutexKind.recall, page, 0, 0, 0),
    );
    this.home = new FutexHome(options.access, (address) => this.#places.serves(address >>> pageShift));
  }

  // ---- calls of this node's threads ---------------------------------------------------------------------

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
    switch (command) {
      case FUTEX_WAIT:
      case FUTEX_WAIT_BITSET: {
        const bitset = command === FUTEX_WAIT ? anyBit : args[5]!;
        const id = this.#enter(undefined, reply);
        this.#timeout(args[3]! >>> 0, operation, time64, wait, (untilMs, errno) => {
          if (errno !== 0) return this.#finish(id, -errno);
          this.#own.get(id)!.operation = { kind: 'wait', address, expected: value, bitset, untilMs };
          this.#dispatch(id);
        });
        return id;
      }
      case FUTEX_WAKE:
        return this.wake(address, value, anyBit, reply);
      case FUTEX_WAKE_BITSET:
        return this.wake(address, value, args[5]!, reply);
      case FUTEX_REQUEUE:
      case FUTEX_CMP_REQUEUE:
        return this.#start(
          {
            kind: 'requeue',
            address,
            wakeCount: value,
            moveCount: args[3]!,
            target: args[4]! >>> 0,
            expected: command === FUTEX_CMP_REQUEUE ? args[5]! : undefined,
          },
          reply,
        );
      case FUTEX_WAKE_OP:
        this.#wakeOperation(address, value, args[3]!, args[4]! >>> 0, args[5]!, reply);
        return this.#nextId++;
      default:
        reply(-Errno.ENOSYS);
        return this.#nextId++;
    }
  }

  /** FUTEX_WAKE_OP: changes the second word, wakes waiters of the first, and by its old value some of the second. */
  #wakeOperation(
    address: number,
    count: number,
    secondCount: number,
    second: number,
    encoded: number,
    reply: FutexReply,
  ): void {
    const operation = decodeWakeOperation(encoded);
    if (typeof operation === 'number') return reply(operation);
    if ((address & 3) !== 0 || (second & 3) !== 0) return reply(-Errno.EINVAL);
    const { access } = this.#options;
    access.perform(
      () => {
        for (;;) {
          const before = access.readWord(second);
          if (before === null) return null;
          const found = access.compareExchangeWord(second, before, operation.apply(before));
          if (found === null || found === before) return found;
        }
      },
      (before) => {
        if (before === null) return reply(-Errno.EFAULT);
        const both = operation.compare(before);
        if (typeof both === 'number') return reply(both);
        this.wake(address, count, anyBit, (woken) => {
          if (!both || woken < 0) return reply(woken);
          this.wake(second, secondCount, anyBit, (more) => reply(woken + Math.max(0, more)));
        });
      },
    );
  }

  /** Wakes waiters of an address, wherever they stand. @returns the call's id */
  wake(address: number, count: number, bitset: number, reply: FutexReply): number {
    return this.#start({ kind: 'wake', address, count, bitset }, reply);
  }

  /** When a wait ends by time (performance.now(); undefined: never), or an errno when its timespec does not tell. */
  #timeout(
    address: number,
    operation: number,
    time64: boolean,
    wait: FutexWait,
    done: (untilMs: number | undefined, errno: number) => void,
  ): void {
    if (address === 0 || wait.untilMs !== undefined) return done(wait.untilMs, 0);
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
      wait.untilMs = performance.now() + Math.max(0, isRelative ? ms : ms - nowMs);
      done(wait.untilMs, 0);
    });
  }

  #enter(operation: FutexOperation | undefined, reply: FutexReply): number {
    const id = this.#nextId++;
    this.#own.set(id, { operation, interrupted: false, reply });
    return id;
  }

  #start(operation: FutexOperation, reply: FutexReply): number {
    const id = this.#enter(operation, reply);
    this.#dispatch(id);
    return id;
  }

  #finish(id: number, result: number): void {
    const call = this.#own.get(id);
    this.#own.delete(id);
    call?.reply(result);
  }

  /** Has a call served where its futex is now. */
  #dispatch(id: number): void {
    const { operation, interrupted } = this.#own.get(id)!;
    if (interrupted) return this.#finish(id, -Errno.EINTR);
    const { node } = this.#options;
    const page = pageOf(operation!);
    const home = this.#options.homeOf(operation!.address);
    const here = home === node ? this.#places.arrive(page, node, () => this.#dispatch(id)) : 'serve';
    if (here !== 'serve') return;
    if (!this.#places.serves(page)) {
      const { kind, w1, w2, w3, payload } = encodeOperation(operation!);
      this.#send(home, kind, id, w1, w2, w3, payload);
      return;
    }
    this.#serve(this.#key(node, id), operation!, (result) => {
      if (result === servedElsewhere) this.#dispatch(id);
      else this.#finish(id, result);
    });
  }

  /** Ends a wait early (a signal); its reply gets -EINTR unless it was over already. */
  interrupt(id: number): void {
    const call = this.#own.get(id);
    if (!call || call.interrupted) return;
    // Seen by whoever dispatches it next, or takes it over with a loan.
    call.interrupted = true;
    if (!call.operation || this.home.cancel(this.#key(this.#options.node, id))) return;
    const home = this.#options.homeOf(call.operation.address);
    if (home !== this.#options.node) this.#send(home, FutexKind.cancel, id, 0, 0, 0);
  }

  // ---- serving ------------------------------------------------------------------------------------------

  #serve(key: string, operation: FutexOperation, reply: FutexReply): void {
    switch (operation.kind) {
      case 'wait': {
        const { address, expected, bitset, untilMs } = operation;
        this.home.wait(key, address, expected, bitset, untilMs, reply);
        break;
      }
      case 'wake':
        reply(this.home.wake(operation.address, operation.count, operation.bitset));
        break;
      case 'requeue': {
        const { address, wakeCount, moveCount, target, expected } = operation;
        this.home.requeue(address, wakeCount, moveCount, target, expected, reply);
        break;
      }
    }
  }

  /** As home: a call of another node has come, or the page for which it waited is back. */
  #arrive(peer: number, id: number, operation: FutexOperation): void {
    const page = pageOf(operation);
    const key = this.#key(peer, id);
    const verdict = this.#places.arrive(page, peer, () => {
      const cancelled = this.#later.get(key)?.cancelled === true;
      this.#later.delete(key);
      if (cancelled) this.#answer(peer, id, -Errno.EINTR);
      else this.#arrive(peer, id, operation);
    });
    if (verdict === 'later') this.#later.set(key, { cancelled: false });
    else if (verdict === 'return to caller') this.#send(peer, FutexKind.back, id, 0, 0, 0);
    else {
      this.#serve(key, operation, (result) => {
        if (result === servedElsewhere) this.#arrive(peer, id, operation);
        else this.#answer(peer, id, result);
      });
      this.#lend(page);
    }
  }

  #answer(peer: number, id: number, result: number): void {
    this.#send(peer, FutexKind.answer, id, result, 0, 0);
  }

  /** As home: lends a page to the node that alone uses it. */
  #lend(page: number): void {
    const borrower = this.#places.borrowerOf(page);
    if (borrower === undefined || this.home.isLooking(page)) return;
    const mark = this.#key(borrower, 0).slice(0, -1);
    if (!this.home.standing(page).every(({ key }) => key.startsWith(mark))) return;
    this.#places.lend(page, borrower);
    this.#sendWaits(borrower, FutexKind.lend, page);
  }

  #sendWaits(to: number, kind: number, page: number): void {
    const waits = encodeWaits(this.home.take(page), (key) => Number(key.slice(key.indexOf(':') + 1)));
    this.#send(to, kind, page, 0, 0, 0, waits);
  }

  #borrow(frame: Frame): void {
    this.#places.borrow(frame.w0);
    for (const { id, ...wait } of decodeWaits(frame)) {
      const key = this.#key(this.#options.node, id);
      this.home.adopt({ ...wait, key }, (result) => this.#finish(id, result));
      if (this.#own.get(id)?.interrupted) this.home.cancel(key);
    }
  }

  #takeBack(peer: number, frame: Frame): void {
    for (const { id, ...wait } of decodeWaits(frame))
      this.home.adopt({ ...wait, key: this.#key(peer, id) }, (result) => this.#answer(peer, id, result));
    for (const call of this.#places.takeBack(frame.w0)) call();
  }

  // ---- messages -----------------------------------------------------------------------------------------

  #key(node: number, id: number): string {
    return `${node}:${id}`;
  }

  #send(to: number, kind: number, w0: number, w1: number, w2: number, w3: number, payload?: Uint8Array): void {
    this.messages++;
    this.#options.connections.get(to)?.send(Channel.futex, kind, w0, w1, w2, w3, payload);
  }

  handle(peer: number, frame: Frame): void {
    const { kind, w0, w1 } = frame;
    switch (kind) {
      case FutexKind.wait:
      case FutexKind.wake:
      case FutexKind.requeue:
        this.#arrive(peer, w0, decodeOperation(frame));
        break;
      case FutexKind.cancel: {
        const later = this.#later.get(this.#key(peer, w0));
        if (later) later.cancelled = true;
        else this.home.cancel(this.#key(peer, w0));
        break;
      }
      case FutexKind.answer:
        this.#finish(w0, w1);
        break;
      case FutexKind.lend:
        this.#borrow(frame);
        break;
      case FutexKind.recall:
        this.#places.giveBack(w0);
        this.#sendWaits(peer, FutexKind.giveBack, w0);
        break;
      case FutexKind.giveBack:
        this.#takeBack(peer, frame);
        break;
      case FutexKind.back:
        this.#dispatch(w0);
        break;
    }
  }

  describe(): string[] {
    return [...this.home.describe(), ...this.#places.describe()];
  }
}
