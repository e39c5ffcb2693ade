/**
 * One case of the fuzzer: a few guest instructions, the state they start from, the state they end in. The records are
 * what the driver program (fuzz-image.ts) reads and writes under the reference emulator.
 */
import type { RandomState } from '../src/isa/arm/random-state.ts';
import { layout } from '../src/layout/record.ts';

export const scratchBytes = 512;

/** Where a case starts. `code` has bit 0 set for Thumb; `pattern` is the address of the scratch area's first content;
 * TPIDRURW is set to what FPSCR is set to. */
export const CaseInput = layout(
  { code: 'i32', pattern: 'i32', cpsr: 'i32', fpscr: 'i32', r: ['i32', 15], d: ['f64', 32] },
  8,
);

/** Where it ended. `trap` is the signal that stopped it, at `pc` with the registers given; else 0, and pc is 0. */
export const CaseOutput = layout(
  {
    trap: 'i32',
    pc: 'i32',
    cpsr: 'i32',
    fpscr: 'i32',
    r: ['i32', 15],
    d: ['f64', 32],
    scratch: ['i32', scratchBytes / 4],
  },
  8,
);

export interface FuzzCase {
  /** The row under test, or `block`. */
  readonly label: string;
  readonly thumb: boolean;
  /** The instructions as they stand in memory, without what leads back to the driver. */
  readonly halfwords: readonly number[];
  readonly state: RandomState;
  /** Index of the scratch pattern. */
  readonly pattern: number;
  /** Landing pads of direct branches stand behind the instructions: in the other instruction set if `exchange`. */
  readonly landing: 'none' | 'same' | 'exchange';
  /** It ends with a trap, at which every register is compared: also those that the optimised tiers may forget there. */
  readonly traps: boolean;
  /** Thumb: start at an address that is 2 modulo 4. */
  readonly odd: boolean;
}
