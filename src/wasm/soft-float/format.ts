/**
 * What the helpers of exact floating point are made of. They compute in integers on bits: an i64 that holds the bits of
 * one number in any format, `control` the mode bits of FPSCR, `cpu` the record whose `fpexc` takes the exceptions. What
 * they mean is told by ir/interpreter/soft-float/, which names the pseudocode; here are the same steps on 64 bits.
 */
import type { ValueType } from '../../ir/ops.table.ts';
import { Cpu } from '../../layout/cpu.ts';
import { Fpscr, roundingShift } from '../../layout/fpscr.ts';
import type { Assembly, Tree } from '../assembler.ts';
import { controlMemory } from '../code.ts';

/** Sizes are i64 constants, for trees. */
export interface Format {
  readonly name: 'f16' | 'bf16' | 'f32' | 'f64' | 'f32_odd';
  readonly bits: bigint;
  readonly fraction: bigint;
  /** The exponent field of 1. */
  readonly bias: number;
  readonly sign: bigint;
  readonly infinity: bigint;
  readonly quiet: bigint;
  /** The bit of FPSCR that flushes subnormal numbers, and what it raises for an operand. */
  readonly flush: number;
  readonly flushRaises: number;
}

function format(name: Format['name'], bits: number, fractionBits: number, flush: number): Format {
  const exponentBits = bits - 1 - fractionBits;
  return {
    name,
    bits: BigInt(bits),
    fraction: BigInt(fractionBits),
    bias: 2 ** (exponentBits - 1) - 1,
    sign: 1n << BigInt(bits - 1),
    infinity: ((1n << BigInt(exponentBits)) - 1n) << BigInt(fractionBits),
    quiet: 1n << BigInt(fractionBits - 1),
    flush,
    flushRaises: name === 'f16' ? 0 : Fpscr.IDC,
  };
}

export const f16 = format('f16', 16, 10, Fpscr.FZ16);
export const bf16 = format('bf16', 16, 7, Fpscr.FZ);
export const f32 = format('f32', 32, 23, Fpscr.FZ);
export const f64 = format('f64', 64, 52, Fpscr.FZ);
/** Single precision that rounds to odd, whatever FPSCR says. */
export const f32Odd: Format = { ...f32, name: 'f32_odd' };

/** A helper for each format that numbers are computed in. */
export type PerFormat = (f: Format) => Assembly;

/** The one assembly of each format that `make` gives: modules tell helpers apart by identity. */
export function perFormat(make: PerFormat): PerFormat {
  const made = new Map<Format, Assembly>();
  return (f) => {
    let assembly = made.get(f);
    if (assembly === undefined) {
      assembly = make(f);
      made.set(f, assembly);
    }
    return assembly;
  };
}

/** The same where the helpers are wanted one by one, by any key. */
export function memoised<Key extends string | number>(make: (key: Key) => Assembly): (key: Key) => Assembly {
  const made = new Map<Key, Assembly>();
  return (key) => {
    let assembly = made.get(key);
    if (assembly === undefined) {
      assembly = make(key);
      made.set(key, assembly);
    }
    return assembly;
  };
}

/** A helper on bits: its operands, control and cpu. */
export function onBits(
  name: string,
  operands: readonly string[],
  locals: Readonly<Record<string, ValueType>>,
  body: readonly Tree[],
): Assembly {
  const parameters: Record<string, ValueType> = {};
  for (const operand of operands) parameters[operand] = 'i64';
  return { name, parameters: { ...parameters, control: 'i32', cpu: 'i32' }, locals, result: 'i64', body };
}

/** The call of such a helper from another one. */
export const soft = (helper: Assembly, ...operands: Tree[]): Tree => ['call', helper, ...operands, 'control', 'cpu'];

// Statements and expressions -----------------------------------------------------------------------------------------

export const and = (first: Tree, ...rest: Tree[]): Tree => rest.reduce((a, b) => ['i32.and', a, b], first);
export const or = (first: Tree, ...rest: Tree[]): Tree => rest.reduce((a, b) => ['i32.or', a, b], first);
export const when = (condition: Tree, ...then: Tree[]): Tree => ['if', condition, then];
export const give = (value: Tree): Tree => ['return', value];
export const choose = (condition: Tree, then: Tree, otherwise: Tree): Tree => ['select', then, otherwise, condition];

export const raise = (exceptions: Tree): Tree => [
  'i32.store',
  controlMemory,
  Cpu.fpexc.offset,
  'cpu',
  ['i32.or', ['i32.load', controlMemory, Cpu.fpexc.offset, 'cpu'], exceptions],
];

export const has = (bit: number): Tree => ['i32.and', 'control', bit];
export const isMode = (rounding: number): Tree => [
  'i32.eq',
  ['i32.and', 'control', Fpscr.RMode],
  rounding << roundingShift,
];

export const absolute = (f: Format, x: Tree): Tree => ['i64.and', x, f.sign - 1n];
export const signOf = (f: Format, x: Tree): Tree => ['i64.and', x, f.sign];
export const isZero = (f: Format, x: Tree): Tree => ['i64.eqz', absolute(f, x)];
export const isInfinite = (f: Format, x: Tree): Tree => ['i64.eq', absolute(f, x), f.infinity];
export const isNotANumber = (f: Format, x: Tree): Tree => ['i64.gt_u', absolute(f, x), f.infinity];
/** For a NaN. */
export const isSignalling = (f: Format, x: Tree): Tree => ['i64.eqz', ['i64.and', x, f.quiet]];
export const isQuiet = (f: Format, x: Tree): Tree => ['i64.ge_u', absolute(f, x), f.infinity | f.quiet];
export const defaultNaN = (f: Format): bigint => f.infinity | f.quiet;
/** What an invalid operation on numbers gives. */
export const invalid = (f: Format): Tree[] => [raise(Fpscr.IOC), give(defaultNaN(f))];

/** A subnormal operand becomes a zero where FPSCR says so. */
export function flush(f: Format, ...operands: string[]): Tree {
  const smallestNormal = 1n << f.fraction;
  return when(
    has(f.flush),
    ...operands.map((x) =>
      when(
        ['i64.lt_u', ['i64.sub', absolute(f, x), 1n], smallestNormal - 1n],
        ['set', x, signOf(f, x)],
        ...(f.flushRaises === 0 ? [] : [raise(f.flushRaises)]),
      ),
    ),
  );
}

/** Locals of `unpack(f, x)`: the significand with its leading one at bit 63, and the exponent of that bit. */
export const unpackedLocals = (...operands: string[]): Record<string, ValueType> =>
  Object.fromEntries(
    operands.flatMap(
      (x) =>
        [
          [`m${x}`, 'i64'],
          [`e${x}`, 'i32'],
        ] as const,
    ),
  );

/** Takes the finite number `x`, not zero, apart into `m${x}` and `e${x}`: its magnitude is m * 2^(e - 63). */
export function unpack(f: Format, x: string): Tree[] {
  const toTop = 63n - f.fraction;
  return [
    ['set', `e${x}`, ['i32.wrap_i64', ['i64.shr_u', absolute(f, x), f.fraction]]],
    [
      'if',
      `e${x}`,
      [
        ['set', `m${x}`, ['i64.or', ['i64.shl', x, toTop], 1n << 63n]],
        ['set', `e${x}`, ['i32.sub', `e${x}`, f.bias]],
      ],
      [
        ['set', `m${x}`, ['i64.shl', x, toTop + 1n]],
        ['set', `e${x}`, ['i32.sub', -f.bias, ['i32.wrap_i64', ['i64.clz', `m${x}`]]]],
        ['set', `m${x}`, ['i64.shl', `m${x}`, ['i64.clz', `m${x}`]]],
      ],
    ],
  ];
}

export const nonZero = (value: Tree): Tree => ['i64.extend_i32_u', ['i64.ne', value, 0n]];

/** Shifts the i64 local `m` right by the i32 `by` (not negative); what falls out is kept as a one in the last bit. */
export function shiftRightSticky(m: string, by: Tree): Tree {
  const wide: Tree = ['i64.extend_i32_u', by];
  return [
    'if',
    ['i32.gt_u', by, 63],
    [['set', m, nonZero(m)]],
    [
      [
        'set',
        m,
        [
          'i64.or',
          ['i64.shr_u', m, wide],
          // In two steps: a shift by 64 would be one by 0.
          nonZero(['i64.shl', ['i64.shl', m, ['i64.sub', 63n, wide]], 1n]),
        ],
      ],
    ],
  ];
}
