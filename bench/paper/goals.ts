/** What a figure is held against, and how the two have to stand to each other. */
import type { BareFigures } from './bare-sockets.ts';
import type { LinkName, Transport } from './link.ts';

/** What a goal depends on besides the figures. */
export interface Circumstances {
  readonly link: LinkName;
  readonly transport: Transport;
}

export interface References {
  /** What the bare sockets gave beside the row's own guest. */
  readonly bare: BareFigures;
  /** What iperf3 gave, megabytes a second. */
  iperf(): number | undefined;
  /** The figure of another row, or of another field of the same result. */
  row(name: string): number | undefined;
  field(name: string): number | undefined;
}

export interface Reference {
  readonly text: string;
  /** Rows that have to be measured for it. */
  readonly rows: readonly string[];
  /** Undefined when what it stands for could not be measured. */
  of(references: References): number | undefined;
}

export interface Goal {
  readonly bound: 'most' | 'least';
  readonly factor: number;
  readonly reference: Reference;
}

export const atMost = (factor: number, reference: Reference): Goal => ({ bound: 'most', factor, reference });
export const atLeast = (factor: number, reference: Reference): Goal => ({ bound: 'least', factor, reference });

export const smallPing: Reference = { text: '64-byte ping-pong', rows: [], of: ({ bare }) => bare.pingSmall };
export const blockPing: Reference = { text: '4-KiB ping-pong', rows: [], of: ({ bare }) => bare.pingBlock };
export const iperf: Reference = { text: 'iperf3', rows: [], of: (all) => all.iperf() };

export const row = (name: string): Reference => ({ text: name, rows: [name], of: (all) => all.row(name) });

export const sameRun = (name: string, text: string): Reference => ({ text, rows: [], of: (all) => all.field(name) });

/** Megabytes a second if one block after the other takes as many microseconds as the row says. */
export function blockAfterBlock(name: string): Reference {
  const blockBytes = 4096;
  const of = (all: References): number | undefined => {
    const microseconds = all.row(name);
    return microseconds === undefined ? undefined : blockBytes / microseconds;
  };
  return { text: `blocks at ${name}`, rows: [name], of };
}

export const value = (number: number, unit: string): Reference => ({
  text: `${number} ${unit}`.trim(),
  rows: [],
  of: () => number,
});

export function goalText({ bound, factor, reference }: Goal): string {
  return `${bound === 'most' ? '≤' : '≥'} ${factor === 1 ? '' : `${factor} × `}${reference.text}`;
}

export function isMet({ bound, factor }: Goal, ratio: number): boolean {
  return bound === 'most' ? ratio <= factor : ratio >= factor;
}
