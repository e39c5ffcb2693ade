/** Clusters whose processes a test stops, kills or interrupts: local ones, and nodes that were started beforehand. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { armadaPath, childrenOf, marked, type Running, sleep, start } from './oracle.ts';
import { guest } from './toolchain.ts';

const keys = mkdtempSync(join(tmpdir(), 'armada-keys-'));
after(() => rmSync(keys, { recursive: true, force: true }));

/** A cluster must have ended this long after it lost a node or was interrupted. */
export const endMsMax = 5_000;
/** A run must have begun by then. */
export const startMsMax = 30_000;

/** A fresh key, as a user makes it; the same file for the same name. */
export function key(name = 'key'): string {
  const path = join(keys, name);
  if (!existsSync(path)) execFileSync(armadaPath, ['key', path]);
  return path;
}

/** Starts `armada node` processes, gives their addresses to `use`, and kills them afterwards. */
export async function withNodes(
  count: number,
  use: (hosts: string[], nodes: Running[]) => Promise<void>,
): Promise<void> {
  const nodes: Running[] = [];
  const hosts: string[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const node = start([armadaPath, 'node', '--listen', '127.0.0.1:0', '--key-file', key()]);
      nodes.push(node);
      await node.printed('\n', startMsMax);
      hosts.push(/^listening on (\S+)$/m.exec(node.stdout().toString())?.[1] as string);
    }
    await use(hosts, nodes);
  } finally {
    for (const node of nodes) node.finish();
  }
}

/** `armada run` on nodes that listen at `hosts`; the program comes behind it. */
export const runOn = (hosts: readonly string[], keyFile: string, ...program: readonly string[]): string[] => [
  armadaPath,
  'run',
  '--hosts',
  hosts.join(','),
  '--key-file',
  keyFile,
  ...program,
];

/** Starts a guest that does not end by itself and hands it over once it runs. */
export async function withSpin(
  argv: readonly string[],
  use: (running: Running) => Promise<void>,
  program: readonly string[] = [guest({ source: 'spin.c' })],
): Promise<void> {
  const running = start([...argv, ...program]);
  try {
    await running.printed('started', startMsMax);
    await sleep(300);
    await use(running);
  } finally {
    running.finish();
  }
}

/** The run must end by itself within the limit, and nothing of it may be left shortly after. */
export async function endsCleanly(running: Running, limitMs = endMsMax): Promise<number> {
  const status = await running.ended(limitMs);
  assert(status !== undefined, `still running after ${limitMs} ms; stderr: ${running.stderr()}`);
  const until = performance.now() + 1_000;
  while (marked(running.mark).length > 0 && performance.now() < until) await sleep(50);
  assert.deepEqual(marked(running.mark), [], 'processes left behind');
  return status;
}

/** The words of a process's command; none for one that has just ended, as the maker of the bundle does. */
function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

/** The nodes that a master has started, in no order; whatever made the bundle of fresh sources is none. */
export function nodesOf(running: Running): number[] {
  return childrenOf(running.child.pid as number).filter((pid) => commandLine(pid).includes('--key-stdin'));
}
