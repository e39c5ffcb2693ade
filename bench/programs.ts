/** Guest programs that measure themselves, under the emulator and under qemu-arm by turns. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { guest, luajit, root, sysroot, tool } from '../test/toolchain.ts';
import { median } from './statistics.ts';

export interface Row {
  readonly name: string;
  readonly unit: 'ns' | 'ms' | 'µs';
  /** Medians over the runs, in the unit; less is better. */
  readonly armada: number;
  readonly reference: number;
  /** Highest ratio of armada to reference that is aimed at. */
  readonly target?: number;
}

interface Kernel {
  readonly source: string;
  readonly name: string;
  readonly target?: number;
}

const kernels: readonly Kernel[] = [
  { source: 'integer.c', name: 'integer loop', target: 1 },
  { source: 'sieve.c', name: 'sieve of bytes' },
  { source: 'chase.c', name: 'pointer chase', target: 1 },
  { source: 'calls.c', name: 'recursive calls, each' },
  { source: 'indirect.c', name: 'indirect calls and a switch, each' },
  { source: 'real.c', name: 'double precision, each step', target: 1 },
  { source: 'copy.c', name: 'memcpy of 64 KiB' },
];

const armada = join(root, 'bin/armada');
const runMsMax = 120_000;

export const benchGuest = (source: string): string => guest({ source, directory: join(root, 'bench/guests') });

function output(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', timeout: runMsMax });
}

function nsPerIteration(text: string): number {
  const match = /iterations ([\d.]+) ns\/iteration.* checksum (\w+)/.exec(text);
  if (!match) throw new Error(`a benchmark guest said: ${text}`);
  return Number(match[1]);
}

const checksum = (text: string): string => text.slice(text.indexOf('checksum'));

function wallMs(command: string, ...args: string[]): number {
  const start = performance.now();
  output(command, ...args);
  return performance.now() - start;
}

/** Runs both sides `runs` times by turns. */
function compare(runs: number, ours: () => number, theirs: () => number): { armada: number; reference: number } {
  const pairs = Array.from({ length: runs }, () => [ours(), theirs()] as const);
  return { armada: median(pairs.map(([a]) => a)), reference: median(pairs.map(([, r]) => r)) };
}

/** Loops of one kind each: time for an iteration once everything is warm. */
export function* measureKernels(runs: number): Generator<Row> {
  const qemu = tool('qemu-arm');
  for (const { source, name, target } of kernels) {
    const path = benchGuest(source);
    const sums = new Set<string>();
    const run = (command: string, ...args: string[]): number => {
      const text = output(command, ...args, path);
      sums.add(checksum(text));
      return nsPerIteration(text);
    };
    const times = compare(
      runs,
      () => run(armada, 'run'),
      () => run(qemu),
    );
    if (sums.size !== 1) throw new Error(`${source} gives different results: ${[...sums].join(' ')}`);
    yield { name, unit: 'ns', ...times, ...(target === undefined ? {} : { target }) };
  }
}

/** From the shell's start of the command to its end, for a static program that does nothing. */
export function measureStart(runs: number): Row {
  const path = benchGuest('empty.c');
  const qemu = tool('qemu-arm');
  // The first run builds what later ones find.
  wallMs(armada, 'run', path);
  const times = compare(
    runs * 2 + 1,
    () => wallMs(armada, 'run', path),
    () => wallMs(qemu, path),
  );
  return { name: 'start and end of a static program', unit: 'ms', ...times };
}

/** Scripts for luajit, and a size that gives qemu-arm about a second. */
const scripts: Readonly<Record<string, number>> = { nbody: 300_000, spectral: 700, fannkuch: 9, mandelbrot: 800 };

/** Debian's luajit from the shell's start of the command to its end: its compiler's code has to be translated too. */
export function* measureLuajit(runs: number): Generator<Row> {
  const qemu = tool('qemu-arm');
  for (const [name, size] of Object.entries(scripts)) {
    const command = ['-L', sysroot(), luajit(), join(root, `bench/guests/lua/${name}.lua`), String(size)];
    if (output(armada, 'run', ...command) !== output(qemu, ...command))
      throw new Error(`${name}.lua gives another result`);
    const times = compare(
      runs,
      () => wallMs(armada, 'run', ...command),
      () => wallMs(qemu, ...command),
    );
    yield { name: `luajit, ${name}`, unit: 'ms', ...times };
  }
}
