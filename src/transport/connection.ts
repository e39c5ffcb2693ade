import type { NodeId } from '../base/types.ts';
import type { Frame, Payload } from './frame.ts';
import type { Hello } from './hello.ts';

/** Why a connection ended. */
export interface CloseReason {
  readonly kind: /** This side called `close()`. */
    | 'local'
    /** The peer called `close()`. */
    | 'goodbye'
    /** The peer's process or host ended, or the network broke the connection. */
    | 'lost'
    /** Nothing was heard from the peer for too long: stopped, or its network is gone. */
    | 'silent'
    /** The peer sent bytes that are not frames. */
    | 'malformed'
    /** The peer does not take what is sent: the queue reached its limit. */
    | 'overflow';
  /** One line for the log, naming the peer. */
  readonly message: string;
}

/** Bytes that may wait for one peer; beyond them the connection is given up. */
export const queuedBytesMax = 512 << 20;

export type FrameHandler = (frame: Frame) => void;
export type CloseHandler = (reason: CloseReason) => void;

/**
 * An ordered, reliable stream of frames between two nodes that have introduced themselves. TCP, TLS, unix sockets and
 * the simulated network all give this.
 */
export interface Connection {
  /** The node at the other end. */
  readonly peer: NodeId;
  /** This side's own number; given by the listener when the dialler had none. */
  readonly self: NodeId;
  /** What the peer said of itself. */
  readonly introduction: Hello;
  /** The peer's address, for messages. */
  readonly remote: string;

  /**
   * Called for each frame, in order; the frame is reused and valid only during the call. While no handler is set
   * nothing is read, so none can be missed.
   */
  onFrame: FrameHandler | undefined;
  /** Called once when the connection has ended, whichever side ended it; at once if it had ended before. */
  onClose: CloseHandler | undefined;

  /**
   * Queues a frame; it leaves at the end of this turn of the event loop. The payload is copied now. On a connection
   * that has ended the frame is dropped (onClose tells).
   * @throws AssertionFailure for a payload over 64 MiB or a channel of 255.
   */
  send(channel: number, kind: number, w0: number, w1: number, w2: number, w3: number, payload?: Payload): void;

  /** What the peer sent can't be: ends the connection ('malformed'), and tells the peer what was wrong with it. */
  reject(what: string): void;

  /** Lets the frames queued so far leave now, unless an earlier write is still under way. */
  flush(): void;

  /** Sends what is queued and a goodbye, which tells the peer why, then closes. Frames that arrive later are dropped. */
  close(why?: string): void;

  /** Bytes that were sent and not yet taken by the kernel; at `queuedBytesMax` the connection ends ('overflow'). */
  readonly writableBytes: number;
  /**
   * Bytes a millisecond that the line to another machine takes, while it is what frames wait for: what is sent now goes
   * when that much has gone before. Undefined when they do not wait, and always on the loopback and unix sockets.
   */
  readonly lineRate: number | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly framesIn: number;
  readonly framesOut: number;
}
