/** A Connection over a stream socket of the host: plain TCP, TLS or a unix socket. */
import type { OnReadOpts, Socket } from 'node:net';
import { assert } from '../base/assert.ts';
import type { NodeId } from '../base/types.ts';
import {
  type CloseHandler,
  type CloseReason,
  type Connection,
  type FrameHandler,
  queuedBytesMax,
} from './connection.ts';
import {
  Control,
  controlChannel,
  type Frame,
  headerBytes,
  introductionBytesMax,
  type Payload,
  payloadBytesMax,
  payloadLength,
} from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { defaultHeartbeatTiming, Heartbeat, type HeartbeatTiming, patienceMs, type Witness } from './heartbeat.ts';
import { type Hello, unassignedNode } from './hello.ts';
import { LineMeter, reportBytes } from './line-meter.ts';
import { hostTimers, type Timers } from './timers.ts';

/** What may be set for each connection; the defaults suit a cluster. */
export interface ConnectionTuning {
  readonly heartbeat?: HeartbeatTiming;
  /** Asked about a peer that is silent for too long; without one such a peer is dead. */
  readonly witness?: Witness;
  readonly timers?: Timers;
  /** Bytes that may wait for the peer before the connection is given up; `queuedBytesMax` by default. */
  readonly queuedBytesMax?: number;
  /** Whether the line is metered; by default when it leaves this machine. */
  readonly meterLine?: boolean;
}

/** After `close()` the socket is given up when it made no progress for this long, milliseconds. */
const lingerMs = 2000;
/** Of what a peer says when it leaves, characters. */
const lastWordsMax = 4000;

export class SocketConnection implements Connection {
  peer: NodeId = unassignedNode;
  self: NodeId = unassignedNode;
  introduction: Hello = { node: unassignedNode, cluster: undefined, role: 'node', info: '' };
  remote: string;
  bytesIn = 0;
  framesIn = 0;
  /** Frames of the introduction go here, until `open()`. */
  onIntroduction: FrameHandler | undefined = undefined;
  /** For the `onread` option of the socket that will be attached. */
  readonly onread: OnReadOpts;

  private socket: Socket | undefined = undefined;
  private writer: FrameWriter | undefined = undefined;
  private readonly reader = new FrameReader();
  private queuedBytesMax = queuedBytesMax;
  /** Of a line to another machine; undefined before `open()`, and where both ends are on one. */
  private meter: LineMeter | undefined = undefined;
  /** What the peer was told of that `bytesIn`. */
  private reportedBytesIn = 0;
  private timers: Timers = hostTimers;
  private isOpen = false;
  private paused = false;
  private ended: CloseReason | undefined = undefined;
  private frameHandler: FrameHandler | undefined = undefined;
  private closeHandler: CloseHandler | undefined = undefined;
  private closeTold = false;
  private readonly tellClosed = (): void => {
    if (this.ended === undefined || this.closeHandler === undefined || this.closeTold) return;
    this.closeTold = true;
    this.closeHandler(this.ended);
  };
  private stopHeartbeat: (() => void) | undefined = undefined;

  constructor(remote: string) {
    this.remote = remote;
    this.reader.payloadBytesMax = introductionBytesMax;
    this.onread = {
      buffer: () => this.reader.room(),
      callback: (count) => {
        this.reader.commit(count);
        return this.received(count);
      },
    };
  }

  /** Takes a connected socket. `readsIntoRoom`: it was made with this connection's `onread` option. */
  attach(socket: Socket, readsIntoRoom: boolean): void {
    this.socket = socket;
    this.writer = new FrameWriter(socket);
    socket.setNoDelay(true);
    socket.on('error', (error: NodeJS.ErrnoException) => this.end('lost', `connection lost (${error.code})`));
    socket.on('end', () => this.end('lost', 'connection closed by its host'));
    socket.on('close', () => this.end('lost', 'connection closed'));
    if (readsIntoRoom) socket.resume();
    else {
      socket.on('data', (chunk) => {
        this.reader.append(chunk as unknown as Uint8Array);
        if (!this.received(chunk.length)) socket.pause();
      });
    }
  }

  /** The introduction is over: frames go to `onFrame` from here, and the peer must be heard now and then. */
  open(self: NodeId, introduction: Hello, peer: NodeId, tuning: ConnectionTuning): void {
    this.self = self;
    this.peer = peer;
    this.introduction = introduction;
    this.remote = `node ${peer} at ${this.remote}`;
    this.isOpen = true;
    this.onIntroduction = undefined;
    this.reader.payloadBytesMax = payloadBytesMax;
    this.queuedBytesMax = tuning.queuedBytesMax ?? queuedBytesMax;
    this.timers = tuning.timers ?? hostTimers;
    if (tuning.meterLine ?? leavesMachine(this.socket as Socket)) this.meter = new LineMeter();
    this.startHeartbeat(tuning.heartbeat ?? defaultHeartbeatTiming, this.timers, tuning.witness);
  }

  get onFrame(): FrameHandler | undefined {
    return this.frameHandler;
  }

  set onFrame(handler: FrameHandler | undefined) {
    this.frameHandler = handler;
    if (this.paused && handler !== undefined) queueMicrotask(() => this.resume());
  }

  get onClose(): CloseHandler | undefined {
    return this.closeHandler;
  }

  set onClose(handler: CloseHandler | undefined) {
    this.closeHandler = handler;
    if (this.ended !== undefined) queueMicrotask(this.tellClosed);
  }

  get writableBytes(): number {
    return this.writer?.queuedBytes ?? 0;
  }

  get lineRate(): number | undefined {
    return this.meter?.rate(this.bytesOut, this.timers.nowMs());
  }

  get bytesOut(): number {
    return this.writer?.bytesOut ?? 0;
  }

  get framesOut(): number {
    return this.writer?.framesOut ?? 0;
  }

  send(channel: number, kind: number, w0: number, w1: number, w2: number, w3: number, payload?: Payload): void {
    assert(channel >= 0 && channel < controlChannel && kind >= 0 && kind <= 255, 'channel or kind out of range');
    if (this.ended !== undefined) return;
    const payloadBytes = payloadLength(payload);
    assert(payloadBytes <= payloadBytesMax, 'payload over 64 MiB');
    const writer = this.writer as FrameWriter;
    const queued = writer.queuedBytes;
    if (queued + headerBytes + payloadBytes > this.queuedBytesMax) {
      this.end('overflow', `takes nothing: ${queued} bytes wait for it, the limit is ${this.queuedBytesMax}`);
      return;
    }
    writer.send(channel, kind, w0, w1, w2, w3, payload);
  }

  flush(): void {
    this.writer?.flush();
  }

  /** Sends a frame of the transport's own. */
  sendControl(kind: number, w0 = 0, w1 = 0, payload?: Uint8Array): void {
    if (this.ended === undefined) this.writer?.send(controlChannel, kind, w0, w1, 0, 0, payload);
  }

  reject(what: string): void {
    this.sayGoodbye(what);
    this.end('malformed', what, true);
  }

  close(why = ''): void {
    if (this.ended !== undefined) return;
    this.sayGoodbye(why);
    this.end('local', 'closed by this side', true);
  }

  private sayGoodbye(why: string): void {
    this.sendControl(Control.goodbye, 0, 0, Buffer.from(why, 'utf8'));
  }

  /** Ends the connection at once, without sending what is queued. */
  drop(what: string): void {
    this.end('lost', what);
  }

  /** False when reading must pause. */
  private received(count: number): boolean {
    this.bytesIn += count;
    if (this.meter !== undefined && this.bytesIn - this.reportedBytesIn >= reportBytes) {
      this.reportedBytesIn = this.bytesIn;
      this.sendControl(Control.received, this.bytesIn | 0);
    }
    return this.deliver();
  }

  private deliver(): boolean {
    const reader = this.reader;
    const frame = reader.frame;
    while (this.ended === undefined) {
      const handler = this.frameHandler;
      if (handler === undefined && this.isOpen) {
        this.paused = true;
        return false;
      }
      if (!reader.next()) {
        if (reader.problem !== undefined) this.end('malformed', reader.problem);
        return true;
      }
      this.framesIn++;
      if (frame.channel === controlChannel) this.control(frame);
      else if (handler !== undefined && this.isOpen) handler(frame);
      else this.end('malformed', 'a frame came before the introduction');
    }
    // Read on and drop, so that the socket sees the peer's end.
    reader.discard();
    return true;
  }

  private control(frame: Frame): void {
    if (!this.isOpen) {
      if (this.onIntroduction !== undefined) this.onIntroduction(frame);
      return;
    }
    if (frame.kind === Control.received) this.meter?.report(this.bytesOut, frame.w0, this.timers.nowMs());
    else if (frame.kind === Control.goodbye) {
      const why = Buffer.from(frame.payload).toString('utf8').slice(0, lastWordsMax);
      this.end('goodbye', why === '' ? 'closed by the peer' : `closed by the peer: ${why}`, true);
    }
  }

  private resume(): void {
    if (!this.paused || this.ended !== undefined) return;
    this.paused = false;
    if (this.deliver()) this.socket?.resume();
  }

  private startHeartbeat(timing: HeartbeatTiming, timers: Timers, witness: Witness | undefined): void {
    const heartbeat = new Heartbeat(timing);
    let last = timers.nowMs();
    let asking = false;
    /** The peer is silent for too long: whether it is dead. */
    const doubt = async (): Promise<void> => {
      const silence = `not heard for ${(heartbeat.silentMs / 1000).toFixed(1)} s`;
      if (witness === undefined || heartbeat.silentMs >= patienceMs) {
        this.end('silent', `${silence}; taken for dead`);
        return;
      }
      asking = true;
      const { bytesIn } = this;
      const dead = await witness();
      asking = false;
      if (dead === undefined) heartbeat.vouched();
      else if (this.bytesIn === bytesIn) this.end('silent', `${silence}: ${dead}`);
    };
    this.stopHeartbeat = timers.every(heartbeat.tickMs, () => {
      const now = timers.nowMs();
      // While this side does not read, it can't know.
      const elapsedMs = this.paused ? 0 : now - last;
      last = now;
      const isDue = heartbeat.tick(elapsedMs, this.bytesIn, this.framesOut);
      if (isDue || this.paused) this.sendControl(Control.ping);
      if (heartbeat.isInDoubt && !asking) void doubt();
    });
  }

  /** @param sends what is queued still goes out */
  private end(kind: CloseReason['kind'], what: string, sends = false): void {
    if (this.ended !== undefined) return;
    const reason: CloseReason = { kind, message: `${this.remote}: ${what}` };
    this.ended = reason;
    this.stopHeartbeat?.();
    const socket = this.socket as Socket;
    if (sends) {
      this.writer?.end();
      socket.end();
      socket.resume();
      let left = socket.writableLength;
      const linger = setInterval(() => {
        if (socket.writableLength === left) socket.destroy();
        left = socket.writableLength;
      }, lingerMs);
      linger.unref();
      socket.once('close', () => clearInterval(linger));
    } else {
      socket.destroy();
    }
    // Not from inside send(): its caller is in the middle of something.
    queueMicrotask(this.tellClosed);
  }
}

/** Whether what goes through the socket leaves this machine: a unix socket and two ends with one address do not. */
function leavesMachine({ localAddress, remoteAddress }: Socket): boolean {
  if (remoteAddress === undefined || remoteAddress === localAddress) return false;
  return !/^(::ffff:)?127\./.test(remoteAddress);
}
