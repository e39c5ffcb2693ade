/**
 * sys_futex as a thread's node sees it: decodes the operation, and has it served where the futex is at this moment
 * (futex-places.ts): here, or by its home.
 */
import { Errno } from '../abi/errno.ts';
import {
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
import {
  decodeOperation,
  decodeWaits,
  encodeOperation,
  encodeWaits,
  type FutexOperation,
  idOfWait,
  nodeOfWait,
  waitKey,
} from './futex-codec.ts';
import { FutexHome, type FutexReply, type Mover, type StandingWait, servedElsewhere } from './futex-home.ts';
import { FutexPlaces, nobody } from './futex-places.ts';
import { type FutexClocks, type FutexWait, readTimeout } from './futex-timeout.ts';
import { decodeWakeOperation } from './futex-wake-op.ts';
import type { GuestAccess } from './guest-access.ts';
import { Channel, FutexKind } from './protocol.ts';

export interface FutexOptions {
  readonly node: number;
  readonly homeOf: (address: number) => number;
  readonly connections: ReadonlyMap<number, Connection>;
  readonly access: GuestAccess;
  readonly now: FutexClocks;
}

/** A call of a thread of this node that is not over. */
interface OwnCall {
  /** Undefined while a wait's timeout is being read. */
  operation: FutexOperation | undefined;
  /** Where a wait stands, as far as this node knows, and the moves by which it came there. */
  address: number;
  moves: number;
  interrupted: boolean;
  readonly reply: FutexReply;
}

const anyBit = -1;
const pageOf = ({ address }: FutexOperation): number => address >>> pageShift;

export class Futexes {
  readonly home: FutexHome;
  readonly #options: FutexOptions;
  readonly #places: FutexPlaces;
  readonly #own = new Map<number, OwnCall>();
  /** Waits of other nodes that are here as in a home, but can't be served before their page is back. */
  readonly #later = new Map<string, { cancelled: boolean }>();
  /** What is to be done when waits that were handed over stand where they go, by token. */
  readonly #handed = new Map<number, () => void>();
  #nextToken = 1;
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
        const id = this.#enter(undefined, address, reply);
        readTimeout(this.#options, args[3]! >>> 0, operation, time64, wait, (untilMs, errno) => {
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

  #enter(operation: FutexOperation | undefined, address: number, reply: FutexReply): number {
    const id = this.#nextId++;
    this.#own.set(id, { operation, address, moves: 0, interrupted: false, reply });
    return id;
  }

  #start(operation: FutexOperation, reply: FutexReply): number {
    const id = this.#enter(operation, operation.address, reply);
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
    this.#serve(waitKey(node, id), operation!, (result) => {
      if (result === servedElsewhere) this.#dispatch(id);
      else this.#finish(id, result);
    });
  }

  /** Ends a wait early (a signal); its reply gets -EINTR unless it was over already. */
  interrupt(id: number): void {
    const call = this.#own.get(id);
    if (!call || call.interrupted) return;
    // Seen by whoever dispatches it next, takes it over with a loan, or hears that it was moved.
    call.interrupted = true;
    if (call.operation) this.#cancel(id, call.address);
  }

  #cancel(id: number, address: number): void {
    const { node, homeOf } = this.#options;
    if (this.home.cancel(waitKey(node, id))) return;
    const home = homeOf(address);
    if (home !== node) this.#send(home, FutexKind.cancel, id, 0, 0, 0);
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
      case 'requeue':
        this.home.requeue(operation, this.#mover, reply);
        break;
    }
  }

  /** As home: a call of another node has come, or the page for which it waited is back. */
  #arrive(peer: number, id: number, operation: FutexOperation): void {
    const page = pageOf(operation);
    const key = waitKey(peer, id);
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
    if (!this.home.standing(page).every(({ key }) => nodeOfWait(key) === borrower)) return;
    this.#places.lend(page, borrower);
    this.#sendWaits(borrower, FutexKind.lend, page);
  }

  #sendWaits(to: number, kind: number, page: number): void {
    this.#send(to, kind, page, 0, 0, 0, encodeWaits(this.home.take(page)));
  }

  /** A wait that comes from another node stands here from now on. */
  #adopt(wait: StandingWait): void {
    const node = nodeOfWait(wait.key);
    const id = idOfWait(wait.key);
    if (node !== this.#options.node) return this.home.adopt(wait, (result) => this.#answer(node, id, result));
    this.home.adopt(wait, (result) => this.#finish(id, result));
    this.#relocated(id, wait.address, wait.moves);
  }

  #borrow(frame: Frame): void {
    this.#places.borrow(frame.w0);
    for (const wait of decodeWaits(frame)) this.#adopt(wait);
  }

  #takeBack(frame: Frame): void {
    for (const wait of decodeWaits(frame)) this.#adopt(wait);
    for (const call of this.#places.takeBack(frame.w0)) call();
  }

  // ---- waits that are moved from home to home ------------------------------------------------------------

  readonly #mover: Mover = {
    // In a queue that is borrowed stand the waits of this node alone.
    keeps: (target, waits) => {
      const { node, homeOf } = this.#options;
      if (!this.#places.serves(target >>> pageShift)) return false;
      return homeOf(target) === node || waits.every(({ key }) => nodeOfWait(key) === node);
    },
    // Of another node's wait this is the home, then and now: it need not know.
    kept: ({ key, address, moves }) => {
      if (nodeOfWait(key) === this.#options.node) this.#relocated(idOfWait(key), address, moves);
    },
    hand: (target, waits, done) => {
      const token = this.#nextToken++;
      this.#handed.set(token, done);
      const { node, homeOf } = this.#options;
      const home = homeOf(target);
      const moved = waits.map((wait) => ({ ...wait, address: target, moves: wait.moves + 1 }));
      // Its own home has lent the page.
      if (home === node) this.#stand(node, token, target, moved);
      else this.#send(home, FutexKind.hand, token, target, 0, 0, encodeWaits(moved));
    },
  };

  /** As home: waits that another node's requeue has moved here take their place, when the page is here. */
  #stand(peer: number, token: number, target: number, waits: readonly StandingWait[]): void {
    const verdict = this.#places.arrive(target >>> pageShift, nobody, () => this.#stand(peer, token, target, waits));
    if (verdict !== 'serve') return;
    for (const wait of waits) {
      this.#adopt(wait);
      const node = nodeOfWait(wait.key);
      if (node !== this.#options.node) this.#send(node, FutexKind.moved, idOfWait(wait.key), target, wait.moves, 0);
    }
    if (peer === this.#options.node) this.#stood(token);
    else this.#send(peer, FutexKind.handed, token, 0, 0, 0);
  }

  #stood(token: number): void {
    const done = this.#handed.get(token);
    this.#handed.delete(token);
    done?.();
  }

  /** A wait of this node stands elsewhere. News of two moves may come in any order: they are sent by different homes. */
  #relocated(id: number, address: number, moves: number): void {
    const call = this.#own.get(id);
    if (!call || moves < call.moves) return;
    call.address = address;
    call.moves = moves;
    if (call.interrupted) this.#cancel(id, address);
  }

  // ---- messages -----------------------------------------------------------------------------------------

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
        const later = this.#later.get(waitKey(peer, w0));
        if (later) later.cancelled = true;
        else this.home.cancel(waitKey(peer, w0));
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
        this.#takeBack(frame);
        break;
      case FutexKind.back:
        this.#dispatch(w0);
        break;
      case FutexKind.hand:
        this.#stand(peer, w0, w1 >>> 0, decodeWaits(frame));
        break;
      case FutexKind.handed:
        this.#stood(w0);
        break;
      case FutexKind.moved:
        this.#relocated(w0, w1 >>> 0, frame.w2);
        break;
    }
  }

  describe(): string[] {
    const handed = this.#handed.size === 0 ? [] : [`futex waits on the way to another home: ${this.#handed.size}`];
    return [...this.home.describe(), ...this.#places.describe(), ...handed];
  }
}
