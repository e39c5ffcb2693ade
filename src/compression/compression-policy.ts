/**
 * Whether a page for a line is compressed. A compressor earns when the line is what pages wait for, when it takes
 * pages faster than the line does, and when the bytes that it saves are worth its time; all three are measured. On data
 * that does not compress it gives up after a few pages, and tries again later. Pure: times come from the caller.
 */

/**
 * Bytes a millisecond, 2.5 Gbit/s: where more comes through it is the other side's processor that is measured, which
 * would have to decompress beside.
 */
const lineRateMax = 312_500;
/** A processor's time counts half of the line's: while a page is compressed, the line carries those before it. */
const overlap = 2;
/** Pages in a row that did not pay until it gives up. */
const failuresMax = 4;
/** Pages that are left alone then; twice as many each time that the next ones do not pay either. */
const pausePagesMin = 64;
const pausePagesMax = 4096;
/** Of the mean time of a byte, the part that a new measurement makes. */
const newShare = 1 / 8;
/** A measurement is trusted up to this many times the mean: beyond it the processor was with another process. */
const outlier = 4;

export class CompressionPolicy {
  #msPerByte: number | undefined;
  #failures = 0;
  #left = 0;
  #pausePages = pausePagesMin;

  /** Asked for each page that could be compressed. @param lineRate bytes a millisecond, when pages wait for the line */
  wants(lineRate: number | undefined): boolean {
    if (lineRate === undefined || lineRate > lineRateMax) return false;
    if (this.#left === 0) return true;
    this.#left--;
    return false;
  }

  /** What became of a page for which the answer was yes. */
  note(bytes: number, saved: number, tookMs: number, lineRate: number): void {
    const measured = tookMs / bytes;
    const mean = this.#msPerByte ?? measured;
    this.#msPerByte = mean + (Math.min(measured, outlier * mean) - mean) * newShare;
    const worthMs = Math.min(bytes, overlap * saved) / lineRate;
    if (this.#msPerByte * bytes < worthMs) {
      this.#failures = 0;
      this.#pausePages = pausePagesMin;
      return;
    }
    if (++this.#failures < failuresMax) return;
    this.#failures = 0;
    this.#left = this.#pausePages;
    this.#pausePages = Math.min(2 * this.#pausePages, pausePagesMax);
  }
}
