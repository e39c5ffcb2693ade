/**
 * One case of the fuzzer: a few guest instructions, and states that they are started from. The records are what the
 * driver program (fuzz-driver.ts) reads and writes under the reference emulator, one for each start.
 */
import type { RandomState } from '../src/isa/arm/random-state.ts';
import { layout } from '../src/layout/record.ts';

export const scratchBytes = 512;

/**
 * Where a run starts. `code` has bit 0 set for Thumb; `scratch` is the address of the memory that it may touch, and
 * `pattern` the address of what that holds first; TPIDRURW is set to what FPSCR is set to.
 */
export const CaseInput = layout(
  {
    code: 'i32',
    pattern: 'i32',
    scratch: 'i32',
    cpsr: 'i32',
    fpscr: 'i32',
    r: ['i32', 15],
    d: ['f64', 32],
  },
  8,
);

/**
 * Where it ended. `trap` is the signal that stopped it, at `pc` with the registers given and the signal's `address`;
 * else 0, and pc and address are 0.
 */
export const CaseOutput = layout(
  {
    trap: 'i32',
    pc: 'i32',
    address: 'i32',
    cpsr: 'i32',
    fpscr: 'i32',
    r: ['i32', 15],
    d: ['f64', 32],
    scratch: ['i32', scratchBytes / 4],
  },
  8,
);

export interface Start {
  readonly state: RandomState;
  /** Index of what the scratch area holds first. */
  readonly pattern: number;
  /** Index of the place where the scratch area lies (fuzz-memory.ts). */
  readonly window: number;
  /** Granules of the scratch area, by bit, that are not there at first: an access of one leaves, and is made again. */
  readonly absent: number;
}

export interface FuzzCase {
  /** The row under test as "a32 NAME", or "block" with the instruction set. */
  readonly label: string;
  readonly thumb: boolean;
  /** The instructions as they stand in memory, without what leads back to the driver. */
  readonly halfwords: readonly number[];
  /** Landing pads of direct branches stand around the instructions: in the other instruction set if `exchange`. */
  readonly landing: 'none' | 'same' | 'exchange';
  /** Offsets in bytes, from the first instruction, at which control may arrive inside: of blocks. */
  readonly inside: readonly number[];
  /** FPSCR has any mode and exceptions are compared: else it is the default mode, which has code of its own. */
  readonly exact: boolean;
  /** Some start ends with a trap, at which every register is compared: also those that optimised code may forget there. */
  readonly traps: boolean;
  /** Thumb: start at an address that is 2 modulo 4. */
  readonly odd: boolean;
  readonly starts: readonly Start[];
}
