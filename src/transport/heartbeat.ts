/** Keep-alive of one connection, as arithmetic on elapsed time: no timer, no socket. */

export interface HeartbeatTiming {
  /** A side that has sent nothing for this long sends a ping, milliseconds. */
  readonly pingMs: number;
  /**
   * A peer that was not heard for this long is in doubt, milliseconds: dead, unless there is a witness that it lives.
   * With a check at each half ping interval that is noticed at most `pingMs` / 2 later.
   */
  readonly silenceMsMax: number;
}

export const defaultHeartbeatTiming: HeartbeatTiming = { pingMs: 1000, silenceMsMax: 4000 };

/** Even a peer that has a witness is dead after so long a silence, milliseconds. */
export const patienceMs = 60_000;

/**
 * Looks whether a silent peer lives: a process that gets no processor time is as silent as a dead one.
 * @returns undefined when it lives, else why it is taken for dead, in words
 */
export type Witness = () => Promise<string | undefined>;

export class Heartbeat {
  readonly tickMs: number;
  private readonly timing: HeartbeatTiming;
  /** Since the peer was heard, or a witness spoke for it. */
  private doubtMs = 0;
  /** Since the peer was heard. */
  silentMs = 0;
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
   * @returns whether a ping is due
   */
  tick(elapsedMs: number, bytesIn: number, framesOut: number): boolean {
    const countedMs = Math.min(elapsedMs, this.tickMs * 2);
    if (bytesIn !== this.bytesInSeen) {
      this.bytesInSeen = bytesIn;
      this.doubtMs = 0;
      this.silentMs = 0;
    } else {
      this.doubtMs += countedMs;
      this.silentMs += countedMs;
    }
    if (framesOut !== this.framesOutSeen) {
      this.framesOutSeen = framesOut;
      this.idleMs = 0;
      return false;
    }
    this.idleMs += countedMs;
    if (this.idleMs < this.timing.pingMs) return false;
    this.idleMs = 0;
    return true;
  }

  get isInDoubt(): boolean {
    return this.doubtMs >= this.timing.silenceMsMax;
  }

  /** The peer lives: it is in doubt again when it stays silent for as long once more. */
  vouched(): void {
    this.doubtMs = 0;
  }
}
