/** Exclusive accesses of emitted code under contention: no increment may be lost, whatever their width. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { IrFunction } from '../ir/function.ts';
import { parse } from '../ir/parser.ts';
import { windowBase } from '../ir/testbed.ts';
import { verify } from '../ir/verify.ts';
import { Executor, executorRecord } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import { emitModule, emitRuntime } from './module.ts';
import { RegionTestbed } from './region-testbed.ts';

const rounds = 100_000;
const workers = 2;

/** Adds 1 to the counter at r1, r2 times, by load and store exclusive. */
function counter(bits: number): IrFunction {
  const isWide = bits === 64;
  const step = isWide ? 'v9 = i64.const 1 0\n v10 = i64.add v8 v9' : 'v9 = i32.const 1\n v10 = i32.add v8 v9';
  const ir = parse(`entry 0x8000
b0:
  jump b1
b1:
  poll 0x8000
  insn 0x8000 0x0 0x0
  v3 = get.i32 r1
  check.aligned v3 ${bits / 8}
  check.write v3 0 ${bits / 8}
  v6 = i32.const 0
  fence
  v8 = ldrex.${bits} v3
  ${step}
  v11 = strex.${bits} v3 v10
  branch v11 b1 b2
b2:
  v13 = get.i32 r2
  v14 = i32.const -1
  v15 = i32.add v13 v14
  set.i32 r2 v15
  branch v15 b1 b3
b3:
  exit.syscall 0 0x8004 0
`);
  verify(ir);
  return ir;
}

/** What each worker runs: the region in slot 0, once, beginning together with the others. */
const workerSource = `
const { workerData: d } = require('node:worker_threads');
const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
const load = (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes), { e: { guest: d.guest, control: d.control, table } }).exports;
const { enter } = load(d.runtime);
table.set(0, load(d.region).f0);
Atomics.add(d.ready, 0, 1);
while (Atomics.load(d.ready, 0) < d.workers);
enter(0, d.cpu);
`;

for (const bits of [8, 16, 32, 64])
  test(`${bits}-bit increments by ${workers} threads are all counted`, { timeout: 20_000 }, async () => {
    const bed = new RegionTestbed();
    bed.reset(1);
    bed.window.fill(0);
    const region = emitModule([{ ir: counter(bits) }], { slotOf: () => 0, hostIsTso: true });
    const ready = new Int32Array(new SharedArrayBuffer(4));
    const control = new Int32Array(bed.control.buffer);
    const running = Array.from({ length: workers }, (_, i) => {
      const cpu = executorRecord(i);
      control.fill(0, cpu >>> 2, (cpu + Executor.bytes) >>> 2);
      control[(cpu >>> 2) + Cpu.r.index32 + 1] = windowBase;
      control[(cpu >>> 2) + Cpu.r.index32 + 2] = rounds;
      const workerData = {
        guest: bed.guest,
        control: bed.control,
        runtime: emitRuntime(),
        region,
        cpu,
        ready,
        workers,
      };
      const worker = new Worker(workerSource, { eval: true, workerData });
      return new Promise<number>((resolve, reject) => worker.once('exit', resolve).once('error', reject));
    });
    assert.deepEqual(await Promise.all(running), [0, 0]);
    const count = new DataView(bed.window.buffer, windowBase).getBigUint64(0, true);
    assert.equal(count, BigInt.asUintN(bits, BigInt(rounds * workers)));
  });
