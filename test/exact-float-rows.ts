/**
 * Instructions that the exact floating-point operations of the IR are compared on: each with its operation and
 * immediate. Operands are q0, q1 and q2 or their lowest parts (the first is an accumulator too), the result is q0.
 */
import {
  type FixedPoint,
  type FloatLanes,
  packFixedPoint,
  packLaneBinary,
  packLaneUnary,
  packUnary,
} from '../src/ir/float-immediates.ts';
import { FloatBinary, FloatUnary, LaneBinary, LaneUnary, Rounding } from '../src/ir/float-kinds.table.ts';
import type { OpName } from '../src/ir/ops.table.ts';
import type { FloatName } from '../src/ir/random-floats.ts';

export interface FloatRow {
  /** As the assembler reads it. */
  readonly text: string;
  readonly operation: OpName;
  readonly immediate: number;
  readonly operands: FloatName;
  /** The bits of q0 that the result takes; `flags` is N, Z, C, V. */
  readonly result: 16 | 32 | 64 | 128 | 'flags';
}

type Scalar = 'f16' | 'f32' | 'f64';
const scalars: readonly Scalar[] = ['f16', 'f32', 'f64'];
const bitsOf = { f16: 16, f32: 32, f64: 64 } as const;
/** The n-th operand's register. */
const register = (format: Scalar | 'i32', n: number): string => (format === 'f64' ? `d${2 * n}` : `s${4 * n}`);

const row = (
  text: string,
  operation: OpName,
  immediate: number,
  operands: FloatName,
  result: FloatRow['result'],
): FloatRow => ({ text, operation, immediate, operands, result });

/** What rounds as its suffix says, and what FPSCR tells. */
const directed = { a: Rounding.away, n: Rounding.nearest, p: Rounding.up, m: Rounding.down } as const;

function* scalarRows(f: Scalar): Generator<FloatRow> {
  const [a, b, c] = [0, 1, 2].map((n) => register(f, n));
  const bits = bitsOf[f];
  const binaries = { ...FloatBinary } as Partial<typeof FloatBinary>;
  for (const kind of ['min', 'max'] as const) delete binaries[kind];
  for (const [kind, number] of Object.entries(binaries)) {
    const name = { minnum: 'vminnm', maxnum: 'vmaxnm' }[kind] ?? `v${kind}`;
    yield row(`${name}.${f} ${a}, ${a}, ${b}`, `${f}.exact_binary`, number, f, bits);
  }
  yield row(`vsqrt.${f} ${a}, ${a}`, `${f}.exact_unary`, packUnary(FloatUnary.sqrt), f, bits);
  yield row(`vfma.${f} ${a}, ${b}, ${c}`, `${f}.exact_fma`, 0, f, bits);
  yield row(`vcmp.${f} ${a}, ${b}`, `${f}.exact_compare`, 0, f, 'flags');
  yield row(`vcmpe.${f} ${a}, ${b}`, `${f}.exact_compare`, 1, f, 'flags');
  const roundings = { ...directed, z: Rounding.zero, r: Rounding.mode };
  for (const [suffix, rounding] of Object.entries(roundings))
    yield row(`vrint${suffix}.${f} ${a}, ${a}`, `${f}.exact_unary`, packUnary(FloatUnary.round, rounding), f, bits);
  const inexact = packUnary(FloatUnary.round_inexact, Rounding.mode);
  yield row(`vrintx.${f} ${a}, ${a}`, `${f}.exact_unary`, inexact, f, bits);

  for (const isSigned of [true, false]) {
    const integer = isSigned ? 's32' : 'u32';
    const whole = (rounding: Rounding): number => packFixedPoint({ isSigned, rounding, fractionBits: 0, bits: 32 });
    const conversions = { ...directed, r: Rounding.mode, '': Rounding.zero };
    for (const [suffix, rounding] of Object.entries(conversions))
      yield row(`vcvt${suffix}.${integer}.${f} s0, ${a}`, `i32.exact_from_${f}`, whole(rounding), f, 32);
    yield row(`vcvt.${f}.${integer} ${a}, s0`, `${f}.exact_from_i32`, whole(Rounding.mode), 'i32', bits);
    for (const [size, fractionBits] of [
      [16, 0],
      [16, 7],
      [16, 16],
      [32, 1],
      [32, 16],
      [32, 32],
    ] as const) {
      const fixed = { isSigned, fractionBits, bits: size };
      yield row(
        fixedPoint(f, true, fixed),
        `i32.exact_from_${f}`,
        packFixedPoint({ ...fixed, rounding: Rounding.zero }),
        f,
        32,
      );
      const from = packFixedPoint({ ...fixed, rounding: Rounding.nearest });
      yield row(fixedPoint(f, false, fixed), `${f}.exact_from_i32`, from, 'i32', bits);
    }
  }
}

/** VCVT (between floating-point and fixed-point), A1: the assembler does not take all that are there. */
function fixedPoint(f: Scalar, isToFixed: boolean, fixed: Omit<FixedPoint, 'rounding'>): string {
  const size = fixed.bits === 32 ? 1 : 0;
  const immediate = fixed.bits - fixed.fractionBits;
  const bits =
    0xeeba0040 |
    (isToFixed ? 1 << 18 : 0) |
    (fixed.isSigned ? 0 : 1 << 16) |
    ({ f16: 0b1001, f32: 0b1010, f64: 0b1011 }[f] << 8) |
    (size << 7) |
    ((immediate & 1) << 5) |
    (immediate >> 1);
  return `.inst 0x${(bits >>> 0).toString(16)}`;
}

const betweenFormats: readonly FloatRow[] = [
  row('vcvtb.f16.f32 s0, s0', 'f16.exact_from_f32', 0, 'f32', 16),
  row('vcvtb.f16.f64 s0, d0', 'f16.exact_from_f64', 0, 'f64', 16),
  row('vcvtb.f32.f16 s0, s0', 'f32.exact_from_f16', 0, 'f16', 32),
  row('vcvt.f32.f64 s0, d0', 'f32.exact_from_f64', 0, 'f64', 32),
  row('vcvtb.f64.f16 d0, s0', 'f64.exact_from_f16', 0, 'f16', 64),
  row('vcvt.f64.f32 d0, s0', 'f64.exact_from_f32', 0, 'f32', 64),
  row('vcvtb.bf16.f32 s0, s0', 'bf16.exact_from_f32', 0, 'f32', 16),
];

const laneNames: Readonly<Record<keyof typeof LaneBinary, string>> = {
  ...{ add: 'vadd', sub: 'vsub', mul: 'vmul', min: 'vmin', max: 'vmax', minnum: 'vminnm', maxnum: 'vmaxnm' },
  ...{ recip_step: 'vrecps', rsqrt_step: 'vrsqrts', eq: 'vceq', ge: 'vcge', gt: 'vcgt' },
};

function* laneRows(lanes: FloatLanes): Generator<FloatRow> {
  const { laneBits, isDoubleword } = lanes;
  const f = `f${laneBits}` as 'f16' | 'f32';
  const [a, b, c] = [0, 1, 2].map((n) => (isDoubleword ? `d${2 * n}` : `q${n}`));
  const bits = isDoubleword ? 64 : 128;
  for (const [kind, number] of Object.entries(LaneBinary)) {
    const name = laneNames[kind as keyof typeof LaneBinary];
    yield row(`${name}.${f} ${a}, ${a}, ${b}`, 'v128.exact_binary', packLaneBinary(number, lanes), f, bits);
  }
  const shape = `f${laneBits}x${bits / laneBits}` as 'f16x4' | 'f16x8' | 'f32x2' | 'f32x4';
  yield row(`vfma.${f} ${a}, ${b}, ${c}`, `${shape}.exact_fma`, 0, f, bits);
  const unary = (text: string, kind: LaneUnary, operands: FloatName, fixed: Partial<FixedPoint> = {}): FloatRow =>
    row(text, 'v128.exact_unary', packLaneUnary(kind, lanes, fixed), operands, bits);
  for (const [suffix, rounding] of Object.entries({ ...directed, z: Rounding.zero }))
    yield unary(`vrint${suffix}.${f} ${a}, ${a}`, LaneUnary.round, f, { rounding });
  yield unary(`vrintx.${f} ${a}, ${a}`, LaneUnary.round_inexact, f, { rounding: Rounding.nearest });
  yield unary(`vrecpe.${f} ${a}, ${a}`, LaneUnary.recip_estimate, f);
  yield unary(`vrsqrte.${f} ${a}, ${a}`, LaneUnary.rsqrt_estimate, f);
  for (const isSigned of [true, false]) {
    const integer = `${isSigned ? 's' : 'u'}${laneBits}`;
    for (const [suffix, rounding] of Object.entries(directed))
      yield unary(`vcvt${suffix}.${integer}.${f} ${a}, ${a}`, LaneUnary.to_fixed, f, { isSigned, rounding });
    for (const fractionBits of [0, 1, laneBits / 2, laneBits]) {
      const tail = fractionBits === 0 ? '' : `, #${fractionBits}`;
      const to = { isSigned, fractionBits, rounding: Rounding.zero };
      yield unary(`vcvt.${integer}.${f} ${a}, ${a}${tail}`, LaneUnary.to_fixed, f, to);
      const from = { ...to, rounding: Rounding.nearest };
      yield unary(
        `vcvt.${f}.${integer} ${a}, ${a}${tail}`,
        LaneUnary.from_fixed,
        laneBits === 16 ? 'f16' : 'i32',
        from,
      );
    }
  }
}

const words: FloatLanes = { laneBits: 32, isDoubleword: false };
const betweenLanes: readonly FloatRow[] = [
  row('vcvt.f16.f32 d0, q0', 'v128.exact_unary', packLaneUnary(LaneUnary.to_half, words), 'f32', 64),
  row('vcvt.bf16.f32 d0, q0', 'v128.exact_unary', packLaneUnary(LaneUnary.to_bfloat, words), 'f32', 64),
  row('vcvt.f32.f16 q0, d0', 'v128.exact_unary', packLaneUnary(LaneUnary.from_half, words), 'f16', 128),
];

export const floatRows: readonly FloatRow[] = [
  ...scalars.flatMap((f) => [...scalarRows(f)]),
  ...betweenFormats,
  ...([16, 32] as const).flatMap((laneBits) =>
    [true, false].flatMap((isDoubleword) => [...laneRows({ laneBits, isDoubleword })]),
  ),
  ...betweenLanes,
];
