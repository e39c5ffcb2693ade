/** Keep-alive of one connection, as arithmetic on elapsed time: no timer, no socket. */

export interface HeartbeatTiming {
  /** A side that has sent nothing for this long sends a ping, milliseconds. */
  readonly pingMs: number;
  /**
   * A peer that was not heard for this long is dead, milliseconds. With a check at each half ping interval, a peer is
   * given up at most `silenceMsMax` + `pingMs` / 2 after its last byte.
   */
  readonly silenceMsMax: number;
}

/** A node's event loop may be busy for 1 to 2 s, and a dead node must be noticed within 5 s. */
export const defaultHeartbeatTiming: HeartbeatTiming = { pingMs: 1000, silenceMsMax: 4000 };

export type HeartbeatVerdict = 'quiet' | 'ping' | 'dead';

export class Heartbeat {
  readonly tickMs: number;
  private readonly timing: HeartbeatTiming;
  private silentMs = 0;
  private idleMs = 0;
  private bytesInSeen = 0;
  private framesOutSeen = 0;

  constructor(timing: HeartbeatTiming) {
    this.timing = timing;
    this.tickMs = timing.pingMs / 2;
  }

  /**
   * Call each `tickMs`. `elapsedMs` is the time since the last call; `bytesIn` and `framesOut` are running totals.
   * Time in which this process itself was held up (stopped, suspended) does not count against the peer: its bytes may
   * lie unread in the socket.
   */
  tick(elapsedMs: number, bytesIn: number, framesOut: number): HeartbeatVerdict {
    const countedMs = Math.min(elapsedMs, this.tickMs * 2);
    if (bytesIn !== this.bytesInSeen) {
      this.bytesInSeen = bytesIn;
      this.silentMs = 0;
    } else {
      this.silentMs += countedMs;
      if (this.silentMs >= this.timing.silenceMsMax) return 'dead';
    }
    if (framesOut !== this.framesOutSeen) {
      this.framesOutSeen = framesOut;
      this.idleMs = 0;
      return 'quiet';
    }
    this.idleMs += countedMs;
    if (this.idleMs < this.timing.pingMs) return 'quiet';
    this.idleMs = 0;
    return 'ping';
  }
}
