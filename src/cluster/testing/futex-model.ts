/**
 * Futexes of three nodes over a network with random delays (in order for each pair, as connections are), and threads
 * that are generators. One seed, one run.
 */
import assert from 'node:assert/strict';
import { Errno } from '../../abi/errno.ts';
import { FUTEX_WAIT, FUTEX_WAKE } from '../../abi/process.ts';
import { Prng } from '../../base/prng.ts';
import { pageShift } from '../../layout/access.ts';
import type { Connection } from '../../transport/connection.ts';
import { Frame } from '../../transport/frame.ts';
import { Futexes } from '../futex.ts';
import type { GuestAccess } from '../guest-access.ts';

export const nodes = 3;
export const stepsMax = 200_000;

/** A futex call; a wait may end by time, on the clock of performance.now(). */
export type Call = readonly number[] | { readonly call: readonly number[]; readonly untilMs: number };
/** What a thread of the model does: each `yield` is a futex call, whose result comes back. */
export type Thread = Generator<Call, void, number>;

export class Model {
  readonly prng: Prng;
  readonly words = new Map<number, number>();
  readonly futexes: Futexes[] = [];
  /** What may happen next: the head of each pair's stream, and steps that wait for a block. */
  readonly streams: (() => void)[][] = [];
  readonly delayed: (() => void)[] = [];
  /** Id of the wait of each thread, by number. */
  readonly waits = new Map<number, { node: number; id: number }>();
  running = 0;

  constructor(seed: number) {
    this.prng = new Prng(seed);
    for (let node = 0; node < nodes; node++) {
      const connections = new Map<number, Connection>();
      for (let to = 0; to < nodes; to++) if (to !== node) connections.set(to, this.#connection(node, to));
      this.futexes.push(
        new Futexes({
          node,
          homeOf: (address) => (address >>> pageShift) % nodes,
          connections,
          access: this.#access(),
          now: { monotonicMs: () => performance.now(), realtimeMs: () => performance.now() },
        }),
      );
    }
  }

  #connection(from: number, to: number): Connection {
    const stream: (() => void)[] = [];
    this.streams.push(stream);
    const send = (
      channel: number,
      kind: number,
      w0: number,
      w1: number,
      w2: number,
      w3: number,
      payload?: Uint8Array,
    ) => {
      stream.push(() => {
        const frame = new Frame();
        const bytes = payload?.slice() ?? new Uint8Array(0);
        Object.assign(frame, { channel, kind, w0, w1, w2, w3, bytes, start: 0, payloadBytes: bytes.length });
        this.futexes[to]!.handle(from, frame);
      });
    };
    return { send } as unknown as Connection;
  }

  /** Memory of which a step may have to wait for its block. */
  #access(): GuestAccess {
    const perform = <T>(step: () => T, done: (result: T) => void): void => {
      if (this.prng.below(4) > 0) done(step());
      else this.delayed.push(() => done(step()));
    };
    return { perform, readWord: (address: number) => this.get(address) } as unknown as GuestAccess;
  }

  get(address: number): number {
    return this.words.get(address) ?? 0;
  }

  exchange(address: number, value: number): number {
    const before = this.get(address);
    this.words.set(address, value);
    return before;
  }

  start(number: number, node: number, thread: Thread): void {
    this.running++;
    let awaited = false;
    const resume = (result: number): void => {
      awaited = false;
      // On the thread's executor, after what its node does now.
      this.delayed.push(() => {
        this.waits.delete(number);
        const { done, value } = thread.next(result);
        if (done) this.running--;
        else {
          const { call, untilMs } = 'call' in value ? value : { call: value, untilMs: undefined };
          awaited = true;
          const answer = (result: number): void => {
            assert.ok(awaited, `thread ${number} was answered twice`);
            resume(result);
          };
          const id = this.futexes[node]!.call(call, false, answer, { untilMs });
          if (call[1] === FUTEX_WAIT) this.waits.set(number, { node, id });
        }
      });
    };
    resume(0);
  }

  /** One thing that may happen. @returns false when there is none */
  step(): boolean {
    const ready = this.streams.filter((stream) => stream.length > 0);
    const choice = this.prng.below(ready.length + this.delayed.length || 1);
    if (choice < ready.length) ready[choice]!.shift()!();
    else if (this.delayed.length > 0) this.delayed.splice(choice - ready.length, 1)[0]!();
    else return false;
    return true;
  }

  /** A signal for a thread that may be waiting. */
  interrupt(): void {
    const waits = [...this.waits.values()];
    if (waits.length === 0) return;
    const { node, id } = this.prng.pick(waits);
    this.futexes[node]!.interrupt(id);
  }

  messages(): number {
    return this.futexes.reduce((sum, { messages }) => sum + messages, 0);
  }
}

/** A word of a page; pages have their homes by turns. */
export const wordOf = (page: number): number => (page + nodes) << pageShift;

/** A mutex of three states: 0 free, 1 taken, 2 taken and perhaps waited for. */
export function* lock(model: Model, mutex: number): Thread {
  let before = model.get(mutex);
  if (before === 0) {
    model.exchange(mutex, 1);
    return;
  }
  before = model.exchange(mutex, 2);
  while (before !== 0) {
    const result = yield [mutex, FUTEX_WAIT, 2, 0];
    assert.ok([0, -Errno.EAGAIN, -Errno.EINTR].includes(result), `wait: ${result}`);
    before = model.exchange(mutex, 2);
  }
}

export function* unlock(model: Model, mutex: number): Thread {
  if (model.exchange(mutex, 0) === 2) yield [mutex, FUTEX_WAKE, 1];
}

export function runToEnd(model: Model, seed: number, between: () => void = () => {}): void {
  for (let steps = 0; model.running > 0; steps++) {
    assert.ok(steps < stepsMax, `seed ${seed}: no end`);
    between();
    const hangs = (): string => model.futexes.map((futexes) => futexes.describe().join(', ')).join(' | ');
    assert.ok(model.step() || model.running === 0, `seed ${seed}: ${model.running} threads wait for ever: ${hangs()}`);
  }
}
