/**
 * A row of the instruction tables: mnemonic and form, the section of the Arm Architecture Reference Manual ARMv7-A/R
 * (DDI 0406C) that defines it, its bit pattern, the format that turns fields into operands, and the operation that
 * lowers them. Many rows (A32, T32, T16) share one format and one operation.
 *
 * A pattern of the wrong length, or a format or constraint that asks for a field that the pattern does not have, is
 * a compile error on the row.
 */
import type { Feature } from '../../processor/features.table.ts';
import { type Characters, type FieldsOf, fields, type Pattern, PatternLayout } from './fields.ts';
import type { Flow, FlowContext } from './flow.ts';
import type { Lowering } from './lowering.ts';

/** What an instruction does, independent of its encodings. */
export interface Operation<O> {
  readonly lower: (lowering: Lowering, operands: O) => void;
  /** Where control goes after it; absent when always to the next instruction. */
  readonly flow?: (operands: O, at: FlowContext) => Flow;
  /** Executes even when the IT block's condition fails (BKPT). */
  readonly unconditional?: boolean;
  /** Begins an IT block: ITSTATE of the next instruction is the low byte of the encoding. */
  readonly startsIt?: boolean;
}

/** An operation from its lowering, and its flow where it may leave the straight line. */
export function operation<O>(lower: Operation<O>['lower'], flow?: NonNullable<Operation<O>['flow']>): Operation<O> {
  return flow ? { lower, flow } : { lower };
}

interface When<F> {
  /** Encodings for which this is false are not this instruction: another row's, or undefined. */
  readonly when?: (fields: F) => boolean;
  /** Processors without this do not have the instruction. */
  readonly needs?: Feature;
}
interface Unpredictable<F> {
  /** Encodings that the manual calls UNPREDICTABLE but that are executed in the obvious way; random tests skip them. */
  readonly unpredictable: (fields: F) => boolean;
  /** The same in words over the assembler's operands, for the coverage page. */
  readonly rule: string;
}
interface Predictable {
  readonly unpredictable?: never;
  readonly rule?: never;
}
export type Constraint<F> = When<F> & (Unpredictable<F> | Predictable);

export type InstructionSet = 'a32' | 't16' | 't32';

/** A row as decoder, scanner and lowering use it, its operand type forgotten. */
export class Row {
  readonly set: InstructionSet;
  /** Mnemonic and form, as in `ADD (register) T3`. */
  readonly name: string;
  readonly section: string;
  readonly pattern: string;
  readonly layout: PatternLayout;
  readonly format: (fields: never) => unknown;
  readonly operation: Operation<unknown>;
  readonly #whens: readonly ((fields: never) => boolean)[];
  readonly #unpredictables: readonly ((fields: never) => boolean)[];
  /** What makes encodings of this row UNPREDICTABLE, in words. */
  readonly rules: readonly string[];
  /** What a processor must have for this row. */
  readonly needs: readonly Feature[];
  /** The pattern has a condition field. */
  readonly conditional: boolean;

  constructor(
    set: InstructionSet,
    name: string,
    section: string,
    pattern: string,
    format: (fields: never) => unknown,
    operation: Operation<never>,
    constraints: readonly Constraint<never>[],
  ) {
    this.set = set;
    this.name = name;
    this.section = section;
    this.pattern = pattern;
    this.layout = new PatternLayout(pattern);
    this.format = format;
    this.operation = operation as Operation<unknown>;
    this.#whens = constraints.flatMap((constraint) => constraint.when ?? []);
    this.#unpredictables = constraints.flatMap((constraint) => constraint.unpredictable ?? []);
    this.rules = constraints.flatMap((constraint) => constraint.rule ?? []);
    this.needs = constraints.flatMap((constraint) => constraint.needs ?? []);
    this.conditional = this.layout.letters.includes('c');
  }

  /** The assembler's mnemonic alone: `ADD`. */
  get mnemonic(): string {
    return this.name.split(' ')[0] as string;
  }

  /** True when `bits` is an encoding of this row. */
  matches(bits: number): boolean {
    const { layout } = this;
    if ((bits & layout.mask) !== layout.value) return false;
    if (this.conditional && this.condition(bits) >= (this.set === 'a32' ? 15 : 14)) return false;
    const whens = this.#whens;
    if (whens.length === 0) return true;
    layout.extract(bits);
    for (let i = 0; i < whens.length; i++) if (!whens[i]!(fields as never)) return false;
    return true;
  }

  /** The condition field of a conditional row: A32 has it in bits 31:28, B T1 and B T3 elsewhere. */
  condition(bits: number): number {
    return (this.set === 'a32' ? bits >>> 28 : this.set === 't16' ? bits >>> 8 : bits >>> 22) & 15;
  }

  /** The operands of `bits`, an encoding of this row. */
  operands(bits: number): unknown {
    this.layout.extract(bits);
    return this.format(fields as never);
  }

  /** True when the manual calls this encoding of the row UNPREDICTABLE. */
  unpredictable(bits: number): boolean {
    if (this.#unpredictables.length === 0) return false;
    this.layout.extract(bits);
    return this.#unpredictables.some((holds) => holds(fields as never));
  }
}

type RowMaker<Bits extends number> = <const P extends string, O>(
  name: string,
  section: string,
  pattern: P & Pattern<P, Bits>,
  format: (fields: FieldsOf<P>) => O,
  operation: Operation<NoInfer<O>>,
  ...constraints: Constraint<FieldsOf<P>>[]
) => Row;

const maker = <Bits extends number>(set: InstructionSet): RowMaker<Bits> =>
  ((name, section, pattern, format, operation, ...constraints) =>
    new Row(
      set,
      name,
      section,
      pattern,
      format as never,
      operation as Operation<never>,
      constraints as Constraint<never>[],
    )) as RowMaker<Bits>;

export const a32: RowMaker<32> = maker('a32');
export const t32: RowMaker<32> = maker('t32');
export const t16: RowMaker<16> = maker('t16');

type UnderCondition<P extends string> = P extends `cccc${infer Rest}` ? Rest : never;

function inBoth(
  name: string,
  section: string,
  a32Pattern: string,
  t32Pattern: string,
  ...rest: [format: unknown, operation: unknown, constraints: unknown]
): [Row, Row] {
  const [format, operation, constraints] = rest as [never, Operation<never>, Constraint<never>[]];
  return [
    new Row('a32', `${name} A`, section, a32Pattern, format, operation, constraints),
    new Row('t32', `${name} T`, section, t32Pattern, format, operation, constraints),
  ];
}

/**
 * The A32 row and the T32 row of an instruction whose encodings differ in the first four bits alone: `cccc` in A32,
 * 1110 in T32 (coprocessor and floating-point instructions). Pattern: the A32 one.
 */
export function bothSets<const P extends `cccc${string}`, O>(
  name: string,
  section: string,
  pattern: P & Pattern<P, 32>,
  format: (fields: FieldsOf<UnderCondition<P>>) => O,
  operation: Operation<NoInfer<O>>,
  ...constraints: Constraint<FieldsOf<UnderCondition<P>>>[]
): [Row, Row] {
  return inBoth(name, section, pattern, `1110${pattern.slice(4)}`, format, operation, constraints);
}

/** As bothSets for Advanced SIMD data processing: 1111001x in A32 is 111x1111 in T32. Pattern: the A32 one. */
export function bothSetsSimd<const P extends `1111001${string}`, O>(
  name: string,
  section: string,
  pattern: P & Pattern<P, 32>,
  format: (fields: FieldsOf<P>) => O,
  operation: Operation<NoInfer<O>>,
  ...constraints: Constraint<FieldsOf<P>>[]
): [Row, Row] {
  return inBoth(name, section, pattern, `111${pattern[7]}1111${pattern.slice(8)}`, format, operation, constraints);
}

/** As bothSets for element and structure loads and stores: 11110100 in A32 is 11111001 in T32. Pattern: the A32 one. */
export function bothSetsElements<const P extends `11110100${string}`, O>(
  name: string,
  section: string,
  pattern: P & Pattern<P, 32>,
  format: (fields: FieldsOf<P>) => O,
  operation: Operation<NoInfer<O>>,
  ...constraints: Constraint<FieldsOf<P>>[]
): [Row, Row] {
  return inBoth(name, section, pattern, `11111001${pattern.slice(8)}`, format, operation, constraints);
}

/** As bothSets for instructions whose encodings are alike in A32 and T32: what Armv8 put into the unconditional space. */
export function bothSetsAlike<const P extends `111111${string}`, O>(
  name: string,
  section: string,
  pattern: P & Pattern<P, 32>,
  format: (fields: FieldsOf<P>) => O,
  operation: Operation<NoInfer<O>>,
  ...constraints: Constraint<FieldsOf<P>>[]
): [Row, Row] {
  return inBoth(name, section, pattern, pattern, format, operation, constraints);
}

type RegisterConstraint<L extends string> = Constraint<{ readonly [K in Characters<L>]: number }>;
const lettersOf = (letters: string): string[] => [...letters];

/** None of these registers may be the pc. */
export function notPc<const L extends string>(letters: L): RegisterConstraint<L> {
  const list = lettersOf(letters) as Characters<L>[];
  return { when: (f) => list.every((letter) => f[letter] !== 15) };
}

/** The rule of most T32 encodings: none of these registers may be the pc, and sp is UNPREDICTABLE. */
export function general<const L extends string>(letters: L): RegisterConstraint<L> {
  const list = lettersOf(letters) as Characters<L>[];
  return {
    when: (f) => list.every((letter) => f[letter] !== 15),
    unpredictable: (f) => list.some((letter) => f[letter] === 13),
    rule: `sp as R${list.join(', R')}`,
  };
}

/** The row of processors with this alone. */
export const needs = (feature: Feature): { readonly needs: Feature } => ({ needs: feature });

/** Both constraints: all of `when`, any of `unpredictable`. */
export function both<A, B>(a: Constraint<A>, b: Constraint<B>): Constraint<A & B> {
  const when = (f: A & B): boolean => (a.when?.(f) ?? true) && (b.when?.(f) ?? true);
  const rules = [a.rule, b.rule].filter((rule) => rule !== undefined);
  if (rules.length === 0) return { when };
  const unpredictable = (f: A & B): boolean => (a.unpredictable?.(f) ?? false) || (b.unpredictable?.(f) ?? false);
  return { when, unpredictable, rule: rules.join('; ') };
}
