/**
 * Exact floating point beside plain: nanoseconds of a loop with one operation, in translated code. `short cut` is the
 * state that most programs which look at exceptions are in (to nearest, Inexact set), `integers` what rounds upwards
 * or, in vectors, has a subnormal lane.
 */
import { setFlagsFromString } from 'node:v8';
import Table from 'cli-table3';
import { packLaneBinary, packUnary } from '../src/ir/float-immediates.ts';
import { FloatBinary, FloatUnary, LaneBinary } from '../src/ir/float-kinds.table.ts';
import { parse } from '../src/ir/parser.ts';
import { optimise } from '../src/ir/passes/pipeline.ts';
import { verify } from '../src/ir/verify.ts';
import { Cpu, ExitReason } from '../src/layout/cpu.ts';
import { Fpscr, roundingShift } from '../src/layout/fpscr.ts';
import { RegionTestbed } from '../src/wasm/region-testbed.ts';

const rounds = 50_000;
/** Short ones: the fastest ran undisturbed. */
const runs = 60;
const entry = 0x1000;
const upwards = 1 << roundingShift;

type Type = 'f32' | 'f64' | 'v128';
const registers = { f32: 's', f64: 'd', v128: 'q' } as const;

interface Row {
  readonly name: string;
  readonly type: Type;
  readonly operands: 1 | 2 | 3;
  readonly plain: string;
  readonly exact: string;
  readonly immediate?: number;
  readonly values: readonly number[];
}

const ordinary = [1.1, 3.3, 0.7];
const ordinaryLanes = [1.1, 3.3, 0.7, 2.2, 4.4, 5.5, 6.6, 7.7];
/** A subnormal lane keeps vectors, which round to nearest whatever the mode, off the short cut. */
const subnormalLane = [1e-40, ...ordinaryLanes.slice(1)];

const scalars = (['f64', 'f32'] as const).flatMap((type): Row[] => [
  ...(['add', 'mul', 'div'] as const).map(
    (name): Row => ({
      name: `${type} ${name}`,
      type,
      operands: 2,
      plain: `${type}.${name}`,
      exact: `${type}.exact_binary`,
      immediate: FloatBinary[name],
      values: ordinary,
    }),
  ),
  {
    ...{ name: `${type} sqrt`, type, operands: 1, plain: `${type}.sqrt`, exact: `${type}.exact_unary` },
    immediate: packUnary(FloatUnary.sqrt),
    values: ordinary,
  },
  { name: `${type} fma`, type, operands: 3, plain: `${type}.fma`, exact: `${type}.exact_fma`, values: ordinary },
]);
const lanes = { laneBits: 32, isDoubleword: false } as const;
const vectors = (['add', 'mul'] as const).map(
  (name): Row => ({
    name: `f32x4 ${name}`,
    type: 'v128',
    operands: 2,
    plain: `f32x4.${name}`,
    exact: 'v128.exact_binary',
    immediate: packLaneBinary(LaneBinary[name], lanes),
    values: ordinaryLanes,
  }),
);

// Optimised code at once, also on a machine that has no time for background compilation.
setFlagsFromString('--wasm-sync-tier-up');
const bed = new RegionTestbed();

/** The fastest of the runs, in nanoseconds a round. */
function measure(row: Row, operation: string, mode: number, exceptions: number): number {
  const register = registers[row.type];
  const values = Array.from({ length: row.operands }, (_, n) => `v${n + 1} = get.${row.type} ${register}${n}`);
  const operands = Array.from({ length: row.operands }, (_, n) => ` v${n + 1}`).join('');
  const tail = operation === row.exact && row.immediate !== undefined ? ` ${row.immediate}` : '';
  const ir = parse(`entry 0x1000
    b0:
      jump b1
    b1:
      poll 0x1004
      insn 0x1004 0x0 0x0
      ${values.join('\n')}
      v4 = ${operation}${operands}${tail}
      set.${row.type} ${register}3 v4
      v5 = get.i32 r0
      v6 = i32.const 1
      v7 = i32.sub v5 v6
      set.i32 r0 v7
      branch v7 b1 b2
    b2:
      insn 0x1008 0x0 0x0
      exit.jump 0x9000
  `);
  verify(ir);
  optimise(ir);
  bed.unlink();
  bed.link([ir]);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    bed.reset(1);
    if (row.type === 'f64') bed.doubles.set(row.values);
    else bed.floats.set(row.values);
    bed.words[Cpu.fpscr.index32] = mode;
    bed.words[Cpu.fpexc.index32] = exceptions;
    bed.register[0] = rounds;
    const start = performance.now();
    const { reason } = bed.runRegion(entry);
    best = Math.min(best, performance.now() - start);
    if (reason !== ExitReason.jump) throw new Error(`the loop left for reason ${reason}`);
  }
  return (best / rounds) * 1e6;
}

const table = new Table({
  head: ['ns', 'plain', 'exact, short cut', 'exact, integers'],
  colAligns: ['left', 'right', 'right', 'right'],
  style: { head: [], border: [] },
});
for (const row of [...scalars, ...vectors]) {
  const beyond = row.type === 'v128' ? { ...row, values: subnormalLane } : row;
  const figures = [
    measure(row, row.plain, 0, 0),
    measure(row, row.exact, 0, Fpscr.IXC),
    measure(beyond, row.exact, upwards, Fpscr.IXC),
  ];
  table.push([row.name, ...figures.map((figure) => figure.toFixed(1))]);
}
console.log(table.toString());
