/** The processors that a run may choose: what each has, and how it presents itself (MIDR; AT_PLATFORM). */
import { type Feature, features } from './features.table.ts';

export interface Processor {
  readonly features: ReadonlySet<Feature>;
  /** MIDR: implementer, variant, architecture, part and revision (DDI 0406C, B4.1.105). */
  readonly midr: number;
  /** The architecture's version, as /proc/cpuinfo and AT_PLATFORM tell it. */
  readonly version: 7 | 8;
}

const everything = Object.keys(features) as Feature[];

// biome-ignore format: one processor a line
export const processors = {
  'cortex-a9':  { version: 7, midr: 0x410fc090, features: new Set() },
  'cortex-a15': { version: 7, midr: 0x412fc0f1, features: new Set(['IDIVT', 'IDIVA', 'VFPv4', 'LPAE']) },
  max:          { version: 8, midr: 0x411fd070, features: new Set(everything) },
} satisfies Record<string, Processor>;

export type ProcessorName = keyof typeof processors;
export const processorNames = Object.keys(processors) as ProcessorName[];
export const processorOf = (name: ProcessorName): Processor => processors[name];
