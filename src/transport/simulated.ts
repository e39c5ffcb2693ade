/**
 * A network in memory for simulated clusters: the same Connections, in virtual time. A seed decides every delay, so a
 * run can be repeated from its seed. Frames between two nodes arrive in the order in which they were sent; nothing
 * else is ordered.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { Prng } from '../base/prng.ts';
import type { NodeId } from '../base/types.ts';
import {
  type CloseHandler,
  type CloseReason,
  type Connection,
  type FrameHandler,
  queuedBytesMax,
} from './connection.ts';
import { EventQueue } from './event-queue.ts';
import { controlChannel, Frame, headerBytes, type Payload, payloadBytesMax, payloadLength } from './frame.ts';
import { defaultHeartbeatTiming } from './heartbeat.ts';
import type { Hello } from './hello.ts';

export interface SimulationOptions {
  /** Decides all delays. */
  readonly seed: number;
  /** Delay of a frame, milliseconds, drawn evenly; 0.05 to 1 by default. */
  readonly delayMsMin?: number;
  readonly delayMsMax?: number;
  /** From a silent cut to `onClose`, milliseconds; the heartbeat's default. */
  readonly silenceMsMax?: number;
}

/** How a link ends: broken (both sides see it at once) or silent (frames vanish, both sides notice by silence). */
export type CutMode = 'broken' | 'silent';

export class SimulatedNetwork implements Clock {
  private readonly prng: Prng;
  private readonly delayMsMin: number;
  private readonly delayMsMax: number;
  private readonly silenceMsMax: number;
  private readonly events = new EventQueue();
  private readonly links: Link[] = [];
  private timeMs = 0;
  private planned = 0;

  constructor(options: SimulationOptions) {
    this.prng = new Prng(options.seed);
    this.delayMsMin = options.delayMsMin ?? 0.05;
    this.delayMsMax = options.delayMsMax ?? 1;
    this.silenceMsMax = options.silenceMsMax ?? defaultHeartbeatTiming.silenceMsMax;
  }

  /** Virtual time, milliseconds since the network was made. */
  nowMs(): number {
    return this.timeMs;
  }

  /** Runs `task` in `delayMs` of virtual time. */
  after(delayMs: number, task: () => void): void {
    this.at(this.timeMs + delayMs, task);
  }

  /** Runs `task` at a virtual time, not before now. */
  at(timeMs: number, task: () => void): void {
    this.events.push({ atMs: Math.max(timeMs, this.timeMs), order: this.planned++, run: task });
  }

  /** Connects two nodes; @returns the ends, the first node's first. */
  connect(first: Hello, second: Hello): [Connection, Connection] {
    const link = new Link(this, first, second);
    this.links.push(link);
    return [link.ends[0], link.ends[1]];
  }

  /** Cuts the link between two nodes; frames under way are lost. */
  cut(first: NodeId, second: NodeId, mode: CutMode): void {
    for (const link of this.links) if (link.joins(first) && link.joins(second)) this.cutLink(link, mode);
  }

  /** A node dies: 'broken' as when its process ends, 'silent' as when its host vanishes. It handles nothing more. */
  kill(node: NodeId, mode: CutMode): void {
    for (const link of this.links) {
      if (!link.joins(node)) continue;
      link.endOf(node).mute();
      this.cutLink(link, mode);
    }
  }

  /** Runs the next event. @returns false when there is none. */
  step(): boolean {
    const event = this.events.pop();
    if (event === undefined) return false;
    this.timeMs = event.atMs;
    event.run();
    return true;
  }

  /**
   * Runs events until none is left, or the next is later than `untilMs`.
   * @param stepsMax a limit against runs that never end.
   * @returns the number of events that ran.
   * @throws AssertionFailure at `stepsMax`.
   */
  run(untilMs = Number.POSITIVE_INFINITY, stepsMax = 10_000_000): number {
    let steps = 0;
    for (let next = this.events.peek(); next !== undefined && next.atMs <= untilMs; next = this.events.peek()) {
      assert(steps < stepsMax, `the simulation did not come to rest in ${stepsMax} events`);
      this.step();
      steps++;
    }
    if (Number.isFinite(untilMs)) this.timeMs = Math.max(this.timeMs, untilMs);
    return steps;
  }

  /** When a frame sent now arrives, in order behind one that arrives at `notBeforeMs`. */
  arrivalMs(notBeforeMs: number): number {
    const part = this.prng.next32() / 0x1_0000_0000;
    return Math.max(notBeforeMs, this.timeMs + this.delayMsMin + part * (this.delayMsMax - this.delayMsMin));
  }

  private cutLink(link: Link, mode: CutMode): void {
    if (link.isCut) return;
    link.isCut = true;
    const kind = mode === 'broken' ? 'lost' : 'silent';
    this.after(mode === 'broken' ? 0 : this.silenceMsMax, () => {
      for (const end of link.ends) end.ended(kind, mode === 'broken' ? 'connection lost' : 'not heard; taken for dead');
    });
  }
}

class Link {
  readonly ends: readonly [SimulatedConnection, SimulatedConnection];
  isCut = false;

  constructor(network: SimulatedNetwork, first: Hello, second: Hello) {
    this.ends = [
      new SimulatedConnection(network, this, first, second),
      new SimulatedConnection(network, this, second, first),
    ];
  }

  joins(node: NodeId): boolean {
    return this.ends[0].self === node || this.ends[1].self === node;
  }

  endOf(node: NodeId): SimulatedConnection {
    return this.ends[0].self === node ? this.ends[0] : this.ends[1];
  }

  other(end: SimulatedConnection): SimulatedConnection {
    return this.ends[0] === end ? this.ends[1] : this.ends[0];
  }
}

class SimulatedConnection implements Connection {
  readonly peer: NodeId;
  readonly self: NodeId;
  readonly introduction: Hello;
  readonly remote: string;
  bytesIn = 0;
  bytesOut = 0;
  framesIn = 0;
  framesOut = 0;
  writableBytes = 0;
  readonly lineRate = undefined;
  private readonly network: SimulatedNetwork;
  private readonly link: Link;
  private readonly frame = new Frame();
  private reason: CloseReason | undefined = undefined;
  private muted = false;
  private lastArrivalMs = 0;
  /** Arrived before there was a handler. */
  private held: (() => void)[] = [];
  private frameHandler: FrameHandler | undefined = undefined;
  private closeHandler: CloseHandler | undefined = undefined;
  private closeTold = false;
  private readonly tellClosed = (): void => {
    if (this.reason === undefined || this.closeHandler === undefined || this.closeTold || this.muted) return;
    this.closeTold = true;
    this.closeHandler(this.reason);
  };

  constructor(network: SimulatedNetwork, link: Link, own: Hello, introduction: Hello) {
    this.network = network;
    this.link = link;
    this.self = own.node;
    this.peer = introduction.node;
    this.introduction = introduction;
    this.remote = `simulated node ${introduction.node}`;
  }

  get onFrame(): FrameHandler | undefined {
    return this.frameHandler;
  }

  set onFrame(handler: FrameHandler | undefined) {
    this.frameHandler = handler;
    if (handler !== undefined && this.held.length > 0) this.network.after(0, () => this.deliverHeld());
  }

  get onClose(): CloseHandler | undefined {
    return this.closeHandler;
  }

  set onClose(handler: CloseHandler | undefined) {
    this.closeHandler = handler;
    if (this.reason !== undefined) this.network.after(0, this.tellClosed);
  }

  send(channel: number, kind: number, w0: number, w1: number, w2: number, w3: number, payload?: Payload): void {
    assert(channel >= 0 && channel < controlChannel && kind >= 0 && kind <= 255, 'channel or kind out of range');
    if (this.reason !== undefined || this.muted) return;
    const payloadBytes = payloadLength(payload);
    assert(payloadBytes <= payloadBytesMax, 'payload over 64 MiB');
    const frameBytes = headerBytes + payloadBytes;
    if (this.writableBytes + frameBytes > queuedBytesMax) {
      this.ended('overflow', `takes nothing: ${this.writableBytes} bytes wait for it, the limit is ${queuedBytesMax}`);
      this.post(() => this.link.other(this).ended('lost', 'connection lost'));
      return;
    }
    this.framesOut++;
    this.bytesOut += frameBytes;
    this.writableBytes += frameBytes;
    const copy = copyPayload(payload, payloadBytes);
    const target = this.link.other(this);
    this.post(() => {
      this.writableBytes -= frameBytes;
      if (!this.link.isCut) target.receive(channel, kind, w0 | 0, w1 | 0, w2 | 0, w3 | 0, copy);
    });
  }

  reject(what: string): void {
    this.leave('malformed', what, what);
  }

  /** Frames are on their way as soon as they are sent. */
  flush(): void {}

  close(why?: string): void {
    this.leave('local', why, 'closed by this side');
  }

  private leave(kind: CloseReason['kind'], why: string | undefined, what: string): void {
    if (this.reason !== undefined) return;
    this.post(() => {
      if (!this.link.isCut)
        this.link.other(this).ended('goodbye', why ? `closed by the peer: ${why}` : 'closed by the peer');
    });
    this.ended(kind, what);
  }

  /** The connection is over for this side. */
  ended(kind: CloseReason['kind'], what: string): void {
    if (this.reason !== undefined || this.muted) return;
    this.reason = { kind, message: `${this.remote}: ${what}` };
    this.held = [];
    this.network.after(0, this.tellClosed);
  }

  /** This side's node is dead: no handler of its runs any more. */
  mute(): void {
    this.muted = true;
  }

  private receive(
    channel: number,
    kind: number,
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    payload: Uint8Array,
  ): void {
    if (this.reason !== undefined || this.muted) return;
    if (this.frameHandler === undefined || this.held.length > 0) {
      this.held.push(() => this.hand(channel, kind, w0, w1, w2, w3, payload));
      return;
    }
    this.hand(channel, kind, w0, w1, w2, w3, payload);
  }

  private hand(
    channel: number,
    kind: number,
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    payload: Uint8Array,
  ): void {
    const frame = this.frame;
    frame.channel = channel;
    frame.kind = kind;
    frame.w0 = w0;
    frame.w1 = w1;
    frame.w2 = w2;
    frame.w3 = w3;
    frame.bytes = payload;
    frame.start = 0;
    frame.payloadBytes = payload.length;
    this.framesIn++;
    this.bytesIn += headerBytes + payload.length;
    this.frameHandler?.(frame);
    // Whoever keeps the view beyond the callback shall notice, as with a socket's read buffer.
    payload.fill(0xdd);
  }

  private deliverHeld(): void {
    while (this.frameHandler !== undefined && this.held.length > 0) (this.held.shift() as () => void)();
  }

  private post(task: () => void): void {
    this.lastArrivalMs = this.network.arrivalMs(this.lastArrivalMs);
    this.network.at(this.lastArrivalMs, task);
  }
}

function copyPayload(payload: Payload | undefined, payloadBytes: number): Uint8Array {
  const copy = new Uint8Array(payloadBytes);
  let at = 0;
  for (const part of payload === undefined ? [] : payload instanceof Uint8Array ? [payload] : payload) {
    copy.set(part, at);
    at += part.length;
  }
  return copy;
}
