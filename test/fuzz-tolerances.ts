/**
 * Where the two sides may differ: each a rule, with what says so (DDI 0406C, or Linux's documentation), and as narrow
 * as it can be told.
 */
import { GuestInstruction } from '../src/isa/arm/block.ts';
import type { FuzzCase } from './fuzz-case.ts';
import { fieldOf } from './fuzz-rows.ts';

export const SIGILL = 4;
export const SIGTRAP = 5;
export const SIGBUS = 7;
export const SIGSEGV = 11;

interface SignalTolerance {
  /** The instruction, by the name of its row. */
  readonly rows: RegExp;
  /** Signals, 0 for none. */
  readonly reference: readonly number[];
  readonly armada: readonly number[];
  readonly when?: (bits: number) => boolean;
  readonly rule: string;
}

export const signalTolerances: readonly SignalTolerance[] = [
  {
    rows: /^(LDM|STM|LDRD|STRD|PUSH T|POP T)/,
    reference: [SIGBUS],
    armada: [0, SIGSEGV],
    rule: 'misaligned: faults (A3.2.1), and Linux carries the access out (Documentation/arch/arm/mem_alignment)',
  },
  {
    rows: /^(VLDR|VSTR|VLDM|VSTM|VPUSH|VPOP)/,
    reference: [SIGBUS],
    armada: [0, SIGSEGV],
    rule: 'misaligned: faults (A3.2.1); carried out, since no program wants the signal',
  },
  {
    rows: /^(LD|ST|V)/,
    reference: [SIGBUS],
    armada: [SIGSEGV],
    rule: 'misaligned and refused: of two faults of one access either may be taken',
  },
  {
    rows: /^(STREX|STLEX)/,
    reference: [0],
    armada: [SIGSEGV, SIGBUS],
    rule: 'a store that fails anyway may look at its address first (A3.4.5)',
  },
  {
    rows: /^V(LD|ST)[1-4] \((?!one lane|all lanes)/,
    reference: [0, SIGSEGV],
    armada: [SIGBUS],
    when: (bits) => ((bits >>> 4) & 3) === 3,
    rule: 'asked to be aligned to 32 bytes (A8.8.320), of which the reference looks at 16',
  },
  {
    rows: /^(VLDR|VSTR) \(half\)/,
    reference: [0, SIGSEGV, SIGBUS],
    armada: [SIGILL],
    rule: 'the reference carries it out on processors without half precision too (MVFR1.FPHP is below 3)',
  },
  {
    rows: /^VF(MA|MS) \(vector\)/,
    reference: [0],
    armada: [SIGILL],
    rule: 'the reference carries it out on a Cortex-A9 too, which does not have it (MVFR1.SIMDFMAC is 0)',
  },
];

/** Whether the sides may part with these signals (0 for none) at the instruction. */
export function isToleratedSignal(at: GuestInstruction | undefined, reference: number, armada: number): boolean {
  if (at?.row === undefined) return false;
  const { row, bits } = at;
  return signalTolerances.some(
    (each) =>
      each.rows.test(row.name) &&
      each.reference.includes(reference) &&
      each.armada.includes(armada) &&
      (each.when?.(bits) ?? true),
  );
}

/**
 * At a fault of an access that moves several registers, those that it loads are UNKNOWN, but not its base and the pc
 * (B1.9.8); memory that it stores may have been stored in part. Armada leaves all as it was, which is checked apart.
 */
const loadsSeveral = /^(LDM|POP T|LDRD|LDREXD|LDAEXD|VLDM|VPOP|VLD[1-4])/;
const storesSeveral = /^(STM|PUSH T|STRD|STREXD|STLEXD|VSTM|VPUSH|VST[1-4])/;

export interface Unknown {
  /** Core registers by bit, and whether the floating-point registers and memory are among what is not known. */
  readonly registers: number;
  readonly floats: boolean;
  readonly memory: boolean;
}
export const nothingUnknown: Unknown = { registers: 0, floats: false, memory: false };

/** What is UNKNOWN when the instruction faults. */
export function unknownAtFault({ row, bits }: GuestInstruction): Unknown {
  if (row === undefined) return nothingUnknown;
  const memory = storesSeveral.test(row.name);
  if (!loadsSeveral.test(row.name)) return { ...nothingUnknown, memory };
  if (row.name.startsWith('V')) return { registers: 0, floats: true, memory };
  let registers = 0;
  const { letters } = row.layout;
  if (letters.includes('r')) registers |= fieldOf(row, 'r', bits);
  if (letters.includes('M')) registers |= fieldOf(row, 'M', bits) << 14;
  if (letters.includes('t')) registers |= 1 << fieldOf(row, 't', bits);
  if (letters.includes('u')) registers |= 1 << fieldOf(row, 'u', bits);
  else if (/^LD(RD|REXD|AEXD)/.test(row.name)) registers |= 2 << fieldOf(row, 't', bits);
  // LDRD gives its base back too (B1.9.8), but the reference has written the first register by then.
  if (letters.includes('n') && !row.name.startsWith('LDRD ')) registers &= ~(1 << fieldOf(row, 'n', bits));
  return { registers, floats: false, memory };
}

/** The instruction at an address of the case's code, decoded. */
export function instructionAt({ thumb, halfwords }: FuzzCase, entry: number, pc: number): GuestInstruction | undefined {
  const at = (pc - (entry & ~1)) >> 1;
  const first = halfwords[at];
  const second = halfwords[at + 1] ?? 0;
  if (first === undefined) return undefined;
  if (!thumb) return new GuestInstruction(pc, 4, first | (second << 16), false, 0);
  if (first >>> 11 < 0b11101) return new GuestInstruction(pc, 2, first, true, 0);
  return new GuestInstruction(pc, 4, (first << 16) | second, true, 0);
}
