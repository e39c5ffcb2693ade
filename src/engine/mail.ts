/** What executors and the translator are told between guest instructions, over message ports. */
import type { MessagePort } from 'node:worker_threads';
import type { CodeVariant } from '../layout/code-variant.ts';

export interface RegionInfo {
  /** Guest address (bit 0 = Thumb) at which the region is entered. */
  readonly pc: number;
  readonly variant: CodeVariant;
  /** Its place in each executor's code table. */
  readonly slot: number;
  /** Guest bytes that it was translated from: start and end of each stretch, pairwise. */
  readonly ranges: readonly number[];
}

export interface ModuleMail {
  readonly kind: 'module';
  readonly module: WebAssembly.Module;
  /** Region i is the module's export "f<i>". */
  readonly regions: readonly RegionInfo[];
  /** Entries that the code table must have. */
  readonly slots: number;
  /** Node.codeGeneration when the guest's bytes were read. */
  readonly generation: number;
}

/** Everything translated or decoded from [start, end) is void. */
export interface DropMail {
  readonly kind: 'drop';
  readonly start: number;
  readonly end: number;
  /** Node.codeGeneration of the drop: what was read at an earlier one may be from the old bytes. */
  readonly generation: number;
}

/** Everything translated at an earlier Node.codeGeneration is void; what was decoded is not. */
export interface RetranslateMail {
  readonly kind: 'retranslate';
  readonly generation: number;
}

export type ExecutorMail = ModuleMail | DropMail | RetranslateMail;

/** From an executor: the guest keeps coming to this address. */
export interface HotMail {
  readonly kind: 'hot';
  readonly pc: number;
  readonly variant: CodeVariant;
  /** Node.codeGeneration when it was asked: what was translated at an older one does not do. */
  readonly generation: number;
}

export type { MessagePort };
