/** Order statistics, in the unit of the samples. */

export interface Percentiles {
  readonly p10: number;
  readonly p50: number;
  readonly p99: number;
}

export function percentiles(samples: Float64Array): Percentiles {
  const sorted = samples.slice().sort();
  const at = (fraction: number): number => sorted[Math.floor(sorted.length * fraction)]!;
  return { p10: at(0.1), p50: at(0.5), p99: at(0.99) };
}

/** The middle of a few values; of an even number the lower one of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1]!;
}
