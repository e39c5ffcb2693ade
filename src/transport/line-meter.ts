/**
 * How fast the line to a peer is, while that is what everything waits for. The peer tells now and then how much it has
 * read; what was sent and not read stands in the buffers of both kernels and on the way, of which this process sees
 * nothing else. While that is more than one report's worth the line is busy from one report to the next, and what was
 * read meanwhile is its rate. No clock of its own: times are the caller's, milliseconds.
 */

/** The peer reports each time that it has read this much, bytes. */
export const reportBytes = 64 << 10;

/** A rate is measured over a time in which the line was always busy, milliseconds: shorter ones say more of chance. */
const measuredMsMin = 10;
/** It stays known this long after the line was last found busy, milliseconds: streams pause between their windows. */
const knownMs = 100;

export class LineMeter {
  /** Bytes that the peer has read, by its last report. */
  #read = 0;
  /** Since when the line has been busy, and what had been read by then; undefined when it is not. */
  #since: { readonly ms: number; readonly read: number } | undefined;
  #rate = 0;
  #rateMs = Number.NEGATIVE_INFINITY;

  /**
   * A report has come.
   * @param sent bytes sent so far · @param read the low 32 bits of what the peer has read
   */
  report(sent: number, read: number, nowMs: number): void {
    this.#read += (read - this.#read) >>> 0;
    if (!this.#isBusy(sent)) {
      this.#since = undefined;
      return;
    }
    this.#since ??= { ms: nowMs, read: this.#read };
    const elapsedMs = nowMs - this.#since.ms;
    if (elapsedMs < measuredMsMin) return;
    this.#rate = (this.#read - this.#since.read) / elapsedMs;
    this.#rateMs = nowMs;
    this.#since = { ms: nowMs, read: this.#read };
  }

  /** Bytes a millisecond, when what is sent now has to wait for the line and its rate is known; else undefined. */
  rate(sent: number, nowMs: number): number | undefined {
    return this.#isBusy(sent) && nowMs - this.#rateMs <= knownMs ? this.#rate : undefined;
  }

  /** By then one more report at least comes of what is under way. */
  #isBusy(sent: number): boolean {
    return sent - this.#read > reportBytes;
  }
}
