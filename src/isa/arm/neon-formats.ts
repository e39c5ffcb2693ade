/**
 * The formats of the Advanced SIMD encodings: from fields to vectors, lanes and immediates (DDI 0406C, A7.4 to A7.7).
 * Registers are numbers of doublewords; a quadword is named by its first, which is even.
 */
import type { Rounding } from '../../ir/float-kinds.table.ts';
import { type Constraint, general } from './row.ts';
import { roundingOf } from './v8-formats.ts';

type Fields<L extends string> = { readonly [K in L]: number };
type D = 'D' | 'd';
type N = 'N' | 'n';
type M = 'M' | 'm';

const dOf = (f: Fields<D>): number => (f.D << 4) | f.d;
const nOf = (f: Fields<N>): number => (f.N << 4) | f.n;
const mOf = (f: Fields<M>): number => (f.M << 4) | f.m;

/** What every instruction on vectors has; `size` is the logarithm of an element's bytes. */
export interface Vector {
  readonly quad: boolean;
  readonly size: number;
  readonly d: number;
}
export interface Unary extends Vector {
  readonly m: number;
}
/** `index` chooses an element of m as the second operand of every lane; -1: all of m is the operand. */
export interface Binary extends Unary {
  readonly n: number;
  readonly index: number;
}
export interface Signed {
  readonly unsigned: boolean;
}

// Three registers of the same length (A7.4.1) ---------------------------------------------------------------------------

export const binary = (f: Fields<D | N | M | 'Q' | 's'>): Binary => ({
  quad: f.Q === 1,
  size: f.s,
  d: dOf(f),
  n: nOf(f),
  m: mOf(f),
  index: -1,
});
export const binarySigned = (f: Fields<D | N | M | 'Q' | 's' | 'U'>): Binary & Signed => ({
  ...binary(f),
  unsigned: f.U === 1,
});
/** Elements of a size that the encoding does not tell: words, or bits for which any size does. */
export const binaryWords = (f: Fields<D | N | M | 'Q'>): Binary => ({
  quad: f.Q === 1,
  size: 2,
  d: dOf(f),
  n: nOf(f),
  m: mOf(f),
  index: -1,
});
/** The same of quadwords always. */
export const quadwords = (f: Fields<D | N | M>): Binary => ({
  quad: true,
  size: 2,
  d: dOf(f),
  n: nOf(f),
  m: mOf(f),
  index: -1,
});
/** Doublewords only: pairwise operations. */
export const pairwise = (f: Fields<D | N | M | 's'>): Binary => ({
  quad: false,
  size: f.s,
  d: dOf(f),
  n: nOf(f),
  m: mOf(f),
  index: -1,
});
export const pairwiseSigned = (f: Fields<D | N | M | 's' | 'U'>): Binary & Signed => ({
  ...pairwise(f),
  unsigned: f.U === 1,
});
export const pairwiseWords = (f: Fields<D | N | M>): Binary => ({
  quad: false,
  size: 2,
  d: dOf(f),
  n: nOf(f),
  m: mOf(f),
  index: -1,
});

// The same on halves of single-precision lanes.
export const binaryHalves = (f: Fields<D | N | M | 'Q'>): Binary => ({ ...binaryWords(f), size: 1 });
export const pairwiseHalves = (f: Fields<D | N | M>): Binary => ({ ...pairwiseWords(f), size: 1 });

// Three registers of different lengths (A7.4.2): `size` is that of the narrow elements ------------------------------------

export const long = pairwise;
export const longSigned = pairwiseSigned;

// Two registers and a scalar (A7.4.3) -------------------------------------------------------------------------------------

/** D[Vm][x]: a halfword of d0 to d7, or a word of d0 to d15. */
const scalar = (f: Fields<M | 's'>): { readonly m: number; readonly index: number } =>
  f.s === 1 ? { m: f.m & 7, index: (f.M << 1) | (f.m >>> 3) } : { m: f.m, index: f.M };

export const byScalar = (f: Fields<D | N | M | 'Q' | 's'>): Binary => ({ ...binary(f), ...scalar(f) });
/** A word of d0 to d15, whatever the elements are. */
export const byWord = (f: Fields<D | N | M | 'Q'>): Binary => ({ ...binaryWords(f), m: f.m, index: f.M });
export const longByScalar = (f: Fields<D | N | M | 's'>): Binary => ({ ...pairwise(f), ...scalar(f) });
export const longByScalarSigned = (f: Fields<D | N | M | 's' | 'U'>): Binary & Signed => ({
  ...longByScalar(f),
  unsigned: f.U === 1,
});

// Two registers and a shift amount (A7.4.4) -------------------------------------------------------------------------------

export interface ShiftImmediate extends Unary, Signed {
  /** 1 to the element's bits for shifts to the right, 0 to one less for shifts to the left. */
  readonly amount: number;
}
/** The size is told by the first set bit of L:imm6; the amount counts from it, or down from its double. */
const sizeOfImmediate = (seven: number): number => 28 - Math.clz32(seven);
const leftAmount = (seven: number): number => seven - (8 << sizeOfImmediate(seven));
const rightAmount = (seven: number): number => (16 << sizeOfImmediate(seven)) - seven;
const shiftImmediate = (
  f: Fields<D | M>,
  quad: boolean,
  unsigned: boolean,
  seven: number,
  amountOf: (seven: number) => number,
): ShiftImmediate => ({
  quad,
  size: sizeOfImmediate(seven),
  d: dOf(f),
  m: mOf(f),
  unsigned,
  amount: amountOf(seven),
});
type ShiftFields = Fields<D | M | 'i' | 'L' | 'Q'>;

export const shiftRight = (f: ShiftFields): ShiftImmediate =>
  shiftImmediate(f, f.Q === 1, false, (f.L << 6) | f.i, rightAmount);
export const shiftLeft = (f: ShiftFields): ShiftImmediate =>
  shiftImmediate(f, f.Q === 1, false, (f.L << 6) | f.i, leftAmount);
export const shiftRightSigned = (f: ShiftFields & Fields<'U'>): ShiftImmediate => ({
  ...shiftRight(f),
  unsigned: f.U === 1,
});
export const shiftLeftSigned = (f: ShiftFields & Fields<'U'>): ShiftImmediate => ({
  ...shiftLeft(f),
  unsigned: f.U === 1,
});
/** Narrowing shifts: `size` is that of the result. */
export const shiftNarrow = (f: Fields<D | M | 'i'>): ShiftImmediate =>
  shiftImmediate(f, false, false, f.i, rightAmount);
export const shiftNarrowSigned = (f: Fields<D | M | 'i' | 'U'>): ShiftImmediate =>
  shiftImmediate(f, false, f.U === 1, f.i, rightAmount);
/** VSHLL and VMOVL: `size` is that of the operand. */
export const shiftLong = (f: Fields<D | M | 'U' | 'i'>): ShiftImmediate =>
  shiftImmediate(f, false, f.U === 1, f.i, leftAmount);
/** VSHLL by the operand's bits. */
export const shiftLongMost = (f: Fields<D | M | 's'>): ShiftImmediate => ({
  quad: false,
  size: f.s,
  d: dOf(f),
  m: mOf(f),
  unsigned: false,
  amount: 8 << f.s,
});

export interface Fixed extends Unary, Signed {
  readonly fraction: number;
}
export const fixed = (f: Fields<D | M | 'U' | 'i' | 'Q'>): Fixed => ({
  quad: f.Q === 1,
  size: 2,
  d: dOf(f),
  m: mOf(f),
  unsigned: f.U === 1,
  fraction: 64 - f.i,
});

export const fixedHalves = (f: Fields<D | M | 'U' | 'i' | 'Q'>): Fixed => ({ ...fixed(f), size: 1 });

// One register and a modified immediate (A7.4.6) --------------------------------------------------------------------------

export interface Immediate extends Vector {
  readonly low: number;
  readonly high: number;
}
type ImmediateFields = Fields<D | 'i' | 'k' | 'Q'>;

/** AdvSIMDExpandImm: the doubleword that an immediate, its mode and the bit `op` stand for. */
const expandImmediate = (op: number, mode: number, i: number): { readonly low: number; readonly high: number } => {
  const twice = (low: number) => ({ low: low | 0, high: low | 0 });
  if (mode < 8) return twice(i << ((mode >>> 1) * 8));
  if (mode < 12) return twice((i << ((mode & 2) * 4)) * 0x10001);
  if (mode < 14) return twice(mode === 12 ? (i << 8) | 0xff : (i << 16) | 0xffff);
  if (mode === 14 && op === 0) return twice(i * 0x01010101);
  if (mode === 14) return { low: bytesOfBits(i), high: bytesOfBits(i >>> 4) };
  return twice(((i & 0x80) << 24) | ((i & 0x40) === 0 ? 0x40000000 : 0x3e000000) | ((i & 0x3f) << 19));
};
/** A byte of ones for each bit set of the lowest four. */
const bytesOfBits = (i: number): number =>
  ((i & 1) * 0xff) | (((i >>> 1) & 1) * 0xff00) | (((i >>> 2) & 1) * 0xff0000) | (((i >>> 3) & 1) * -0x1000000);

const immediateOf =
  (op: number) =>
  (f: ImmediateFields): Immediate => ({ quad: f.Q === 1, size: 3, d: dOf(f), ...expandImmediate(op, f.k, f.i) });
export const immediate = immediateOf(0);
export const immediateInverted = immediateOf(1);
export const immediateMove = (f: ImmediateFields & Fields<'P'>): Immediate => immediateOf(f.P)(f);

// Two registers, miscellaneous (A7.4.5) -----------------------------------------------------------------------------------

export const unary = (f: Fields<D | M | 'Q' | 's'>): Unary => ({ quad: f.Q === 1, size: f.s, d: dOf(f), m: mOf(f) });
export const unarySigned = (f: Fields<D | M | 'Q' | 's' | 'U'>): Unary & Signed => ({
  ...unary(f),
  unsigned: f.U === 1,
});
export const unaryWords = (f: Fields<D | M | 'Q'>): Unary => ({ quad: f.Q === 1, size: 2, d: dOf(f), m: mOf(f) });
export const unaryWordsSigned = (f: Fields<D | M | 'Q' | 'U'>): Unary & Signed => ({
  ...unaryWords(f),
  unsigned: f.U === 1,
});
export const quadwordUnary = (f: Fields<D | M>): Unary => ({ quad: true, size: 2, d: dOf(f), m: mOf(f) });
/** From elements twice as wide: `size` is that of the result. */
export const narrow = (f: Fields<D | M | 's'>): Unary => ({ quad: false, size: f.s, d: dOf(f), m: mOf(f) });
export const narrowSigned = (f: Fields<D | M | 's' | 'U'>): Unary & Signed => ({ ...narrow(f), unsigned: f.U === 1 });
/** Between singles and halves. */
export const halves = (f: Fields<D | M>): Unary => ({ quad: false, size: 1, d: dOf(f), m: mOf(f) });

export const unaryHalves = (f: Fields<D | M | 'Q'>): Unary => ({ ...unaryWords(f), size: 1 });
export const unaryHalvesSigned = (f: Fields<D | M | 'Q' | 'U'>): Unary & Signed => ({
  ...unaryWordsSigned(f),
  size: 1,
});

/** The rounding is the encoding's. */
export interface Directed {
  readonly rounding: Rounding;
}
type DirectedFields = Fields<D | M | 'Q' | 'U' | 'r'>;
export const directed = (f: DirectedFields): Unary & Signed & Directed => ({
  ...unaryWordsSigned(f),
  rounding: roundingOf(f.r),
});
export const directedHalves = (f: DirectedFields): Unary & Signed & Directed => ({ ...directed(f), size: 1 });

// VEXT, VTBL, VDUP, scalars -----------------------------------------------------------------------------------------------

export interface Extract extends Binary {
  /** Bytes of n that are left out. */
  readonly bytes: number;
}
export const extract = (f: Fields<D | N | M | 'Q' | 'i'>): Extract => ({ ...binaryWords(f), size: 0, bytes: f.i });

export interface Table extends Binary {
  /** Doublewords of the table, from n on. */
  readonly registers: number;
}
export const table = (f: Fields<D | N | M | 'p'>): Table => ({ ...pairwiseWords(f), size: 0, registers: f.p + 1 });

/** imm4 of VDUP: the lowest set bit tells the size, the bits above it the element. */
const sizeOfElement = (four: number): number => 31 - Math.clz32(four & -four);
export const duplicate = (f: Fields<D | M | 'Q' | 'i'>): Unary & { readonly index: number } => {
  const size = sizeOfElement(f.i);
  return { quad: f.Q === 1, size, d: dOf(f), m: mOf(f), index: f.i >>> (size + 1) };
};

export interface FromCore extends Vector {
  readonly t: number;
}
export const duplicateCore = (f: Fields<D | 't' | 'Q' | 'B' | 'E'>): FromCore => ({
  quad: f.Q === 1,
  size: 2 - ((f.B << 1) | f.E),
  d: dOf(f),
  t: f.t,
});

/** An element of a doubleword and a core register. */
export interface CoreElement {
  readonly size: number;
  readonly d: number;
  readonly index: number;
  readonly t: number;
  readonly unsigned: boolean;
}
export const coreByte = (f: Fields<N | 't' | 'x'>): CoreElement => ({
  size: 0,
  d: nOf(f),
  index: f.x,
  t: f.t,
  unsigned: true,
});
export const coreHalf = (f: Fields<N | 't' | 'x'>): CoreElement => ({ ...coreByte(f), size: 1 });
export const coreByteSigned = (f: Fields<N | 't' | 'x' | 'U'>): CoreElement => ({
  ...coreByte(f),
  unsigned: f.U === 1,
});
export const coreHalfSigned = (f: Fields<N | 't' | 'x' | 'U'>): CoreElement => ({
  ...coreHalf(f),
  unsigned: f.U === 1,
});

// Constraints -------------------------------------------------------------------------------------------------------------

/** Quadwords, where the instruction is on quadwords, begin at even registers. */
export function quads<const L extends 'd' | 'n' | 'm'>(...letters: L[]): Constraint<Fields<L | 'Q'>> {
  return { when: (f: Fields<L | 'Q'>) => f.Q === 0 || letters.every((letter) => (f[letter] & 1) === 0) };
}
/** These are quadwords always. */
export function even<const L extends 'd' | 'n' | 'm'>(...letters: L[]): Constraint<Fields<L>> {
  return { when: (f: Fields<L>) => letters.every((letter) => (f[letter] & 1) === 0) };
}
export const sizes = (...allowed: number[]): Constraint<Fields<'s'>> => ({ when: (f) => allowed.includes(f.s) });
/** Bytes, halfwords or words. */
export const upToWords = sizes(0, 1, 2);
export const halvesOrWords = sizes(1, 2);

/** Words of doublewords change places by VTRN. */
export const zipSize: Constraint<Fields<'Q' | 's'>> = { when: (f) => f.s < (f.Q === 1 ? 3 : 2) };

/** An exchange of a register with itself gives UNKNOWN values. */
export const distinct: Constraint<Fields<D | M>> = {
  unpredictable: (f) => dOf(f) === mOf(f),
  rule: 'Vd is Vm (both become UNKNOWN)',
};

/** imm6 below 8 is another instruction, unless L is set. */
export const shiftSize: Constraint<Fields<'i' | 'L'>> = { when: (f) => f.L === 1 || f.i >= 8 };
export const shiftSizeUpToWords: Constraint<Fields<'i'>> = { when: (f) => f.i >= 8 };
export const fixedSize: Constraint<Fields<'i'>> = { when: (f) => f.i >= 32 };
/** No more fraction bits than halves have bits. */
export const fixedSizeHalves: Constraint<Fields<'i'>> = { when: (f) => f.i >= 48 };

/** Modes of VMOV (immediate), of VMVN, and of VORR and VBIC; an immediate of zero with a shift is UNPREDICTABLE. */
const shiftedZero = (f: Fields<'i' | 'k'>): boolean =>
  f.i === 0 && f.k > 1 && f.k !== 8 && f.k !== 9 && f.k !== 14 && f.k !== 15;
export const moveMode: Constraint<Fields<'i' | 'k' | 'P'>> = {
  when: (f) => (f.P === 0 ? f.k >= 12 || (f.k & 1) === 0 : f.k === 14),
  unpredictable: shiftedZero,
  rule: 'a shifted immediate of 0',
};
export const invertedMode: Constraint<Fields<'i' | 'k'>> = {
  when: (f) => (f.k < 12 ? (f.k & 1) === 0 : f.k < 14),
  unpredictable: shiftedZero,
  rule: 'a shifted immediate of 0',
};
export const logicMode: Constraint<Fields<'i' | 'k'>> = {
  when: (f) => f.k < 12 && (f.k & 1) === 1,
  unpredictable: shiftedZero,
  rule: 'a shifted immediate of 0',
};

/** VEXT of doublewords starts within the first. */
export const extractStart: Constraint<Fields<'Q' | 'i'>> = { when: (f) => f.Q === 1 || f.i < 8 };
/** The registers of a table exist; UNPREDICTABLE otherwise. */
export const tableEnd: Constraint<Fields<N | 'p'>> = { when: (f) => nOf(f) + f.p < 32 };
export const elementSize: Constraint<Fields<'i'>> = { when: (f) => (f.i & 7) !== 0 };
/** A core register: never the pc; sp is UNPREDICTABLE in Thumb. */
export const coreT: Constraint<Fields<'t'>> = general('t');
export const coreSize: Constraint<Fields<'B' | 'E'>> = { when: (f) => (f.B & f.E) === 0 };

// Element and structure loads and stores (A7.7) ----------------------------------------------------------------------------

export interface Structures {
  /** Elements of a structure: 1 to 4, each in a register of its own. */
  readonly count: number;
  /** Registers from one element's to the next one's. */
  readonly increment: number;
  readonly size: number;
  readonly d: number;
  readonly n: number;
  /** R[m] is added to R[n] afterwards; 15: nothing is, 13: the bytes transferred are. */
  readonly m: number;
  /** Bytes that the address must be a multiple of. */
  readonly alignment: number;
}
/** Whole registers: `groups` times as many as a structure has elements, a group a register above the one before. */
export interface MultipleStructures extends Structures {
  readonly groups: number;
}
/** One structure, to or from element `index` of its registers. */
export interface OneStructure extends Structures {
  readonly index: number;
}
/** One structure to all elements; VLD1 may fill two registers. */
export interface RepeatedStructure extends Structures {
  readonly registers: number;
}
type ElementFields = Fields<D | 'n' | 'm' | 's' | 'a'>;
const structures = (f: Fields<D | 'n' | 'm' | 's'>) => ({ size: f.s, d: dOf(f), n: f.n, m: f.m });

export const multipleStructures =
  (count: number, groups: number, increment: number) =>
  (f: ElementFields): MultipleStructures => ({
    ...structures(f),
    count,
    groups,
    increment,
    alignment: f.a === 0 ? 1 : 4 << f.a,
  });

/** The meaning of index_align for a size: bits from the top are the index, then the increment, then the alignment. */
interface OneLayout {
  readonly twoApart: (low: number) => boolean;
  readonly alignment: (low: number) => number;
  /** Which values of the bits below the index are encodings. */
  readonly legal: (low: number) => boolean;
}
/** By count and size: the bits of index_align below the index are 1, 2 or 3 for bytes, halfwords, words. */
const oneLayouts: Readonly<Record<number, readonly OneLayout[]>> = {
  1: [
    { twoApart: () => false, alignment: () => 1, legal: (low) => low === 0 },
    { twoApart: () => false, alignment: (low) => 1 + low, legal: (low) => low < 2 },
    { twoApart: () => false, alignment: (low) => (low === 0 ? 1 : 4), legal: (low) => low === 0 || low === 3 },
  ],
  2: [
    { twoApart: () => false, alignment: (low) => 1 + low, legal: () => true },
    { twoApart: (low) => low >= 2, alignment: (low) => ((low & 1) === 0 ? 1 : 4), legal: () => true },
    { twoApart: (low) => low >= 4, alignment: (low) => ((low & 1) === 0 ? 1 : 8), legal: (low) => (low & 2) === 0 },
  ],
  3: [
    { twoApart: () => false, alignment: () => 1, legal: (low) => low === 0 },
    { twoApart: (low) => low >= 2, alignment: () => 1, legal: (low) => (low & 1) === 0 },
    { twoApart: (low) => low >= 4, alignment: () => 1, legal: (low) => (low & 3) === 0 },
  ],
  4: [
    { twoApart: () => false, alignment: (low) => (low === 0 ? 1 : 4), legal: () => true },
    { twoApart: (low) => low >= 2, alignment: (low) => ((low & 1) === 0 ? 1 : 8), legal: () => true },
    {
      twoApart: (low) => low >= 4,
      alignment: (low) => ((low & 3) === 0 ? 1 : 4 << (low & 3)),
      legal: (low) => (low & 3) !== 3,
    },
  ],
};
const belowIndex = (f: Fields<'s' | 'a'>): number => f.a & ((2 << f.s) - 1);

export const oneStructure =
  (count: number) =>
  (f: ElementFields): OneStructure => {
    const low = belowIndex(f);
    const layout = oneLayouts[count]![f.s]!;
    return {
      ...structures(f),
      count,
      increment: layout.twoApart(low) ? 2 : 1,
      alignment: layout.alignment(low),
      index: f.a >>> (f.s + 1),
    };
  };

type RepeatedFields = ElementFields & Fields<'T'>;
/** Size 3 is VLD4's, of words aligned to sixteen bytes. */
export const repeatedStructure =
  (count: number) =>
  (f: RepeatedFields): RepeatedStructure => {
    const size = Math.min(f.s, 2);
    const aligned = f.s === 3 ? 16 : count === 4 && size === 2 ? 8 : count << size;
    return {
      ...structures(f),
      size,
      count,
      increment: count > 1 && f.T === 1 ? 2 : 1,
      alignment: f.a === 0 ? 1 : aligned,
      registers: count === 1 && f.T === 1 ? 2 : 1,
    };
  };

/** R[n] is no pc, and the registers exist: both are UNPREDICTABLE otherwise. */
const registersExist = (f: Fields<D | 'n'>, last: number): boolean => f.n !== 15 && dOf(f) + last < 32;

/** Which alignments a form has; doublewords are elements of VLD1 and VST1 alone. */
export const multipleForm = (
  count: number,
  groups: number,
  increment: number,
  alignments: readonly number[],
): Constraint<ElementFields> => ({
  when: (f) =>
    (count === 1 || f.s < 3) && alignments.includes(f.a) && registersExist(f, (count - 1) * increment + groups - 1),
});
export const oneForm = (count: number): Constraint<ElementFields> => ({
  when: (f) => {
    if (f.s === 3 || !oneLayouts[count]![f.s]!.legal(belowIndex(f))) return false;
    return registersExist(f, (count - 1) * oneStructure(count)(f).increment);
  },
});
export const repeatedForm = (count: number): Constraint<RepeatedFields> => ({
  when: (f) => {
    if (f.s === 3 && !(count === 4 && f.a === 1)) return false;
    if (f.a === 1 && (count === 3 || (count === 1 && f.s === 0))) return false;
    const { increment, registers } = repeatedStructure(count)(f);
    return registersExist(f, (count - 1) * increment + registers - 1);
  },
});
