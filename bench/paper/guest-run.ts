/** Runs a guest on a cluster, and under qemu-arm, and reads the figures that it tells. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { armadaPath } from '../../test/oracle.ts';
import { guest, root, tool } from '../../test/toolchain.ts';
import { removeAtEnd, start } from '../processes.ts';
import { Failure, orFailure } from './failure.ts';
import type { GuestRun, Size } from './guest-runs.table.ts';
import type { Link, Transport } from './link.ts';

/** What one result of a guest says: its fields, and what has to be the same everywhere. */
export interface Result {
  readonly figures: Readonly<Record<string, number>>;
  readonly checksum: string;
}
export type Results = ReadonlyMap<string, Result>;

/** A node that does not listen within this time has failed. */
const listenMsMax = 30_000;
const guestDirectory = join(root, 'bench/guests');

export const guestPath = (run: GuestRun): string => guest({ source: run.guest, directory: guestDirectory });

/** Runs a command, and reads the results that it prints. @throws Failure when it fails or takes longer than `limitMs` */
export async function resultsOf(argv: readonly string[], limitMs: number): Promise<Results> {
  const running = start(argv);
  try {
    const status = await running.ended(limitMs);
    const said = running.stderr().trim().split('\n').at(-1) ?? '';
    if (status === undefined) throw new Failure(`did not end within ${limitMs / 1000} s`);
    if (status !== 0) throw new Failure(`ended with status ${status}${said === '' ? '' : `: ${said}`}`);
    return parseResults(running.stdout().toString());
  } finally {
    running.finish();
  }
}

export function parseResults(text: string): Results {
  const results = new Map<string, Result>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    let fields: Record<string, unknown>;
    try {
      fields = JSON.parse(line) as Record<string, unknown>;
    } catch {
      throw new Failure(`told something else than results: ${line.slice(0, 100)}`);
    }
    const { result, checksum, ...figures } = fields;
    if (typeof result !== 'string' || typeof checksum !== 'string' || !Object.values(figures).every(Number.isFinite))
      throw new Failure(`told no whole result: ${line.slice(0, 100)}`);
    results.set(result, { figures: figures as Record<string, number>, checksum });
  }
  return results;
}

export function underQemu(run: GuestRun, size: Size, limitMs: number): Promise<Results> {
  return resultsOf([tool('qemu-arm'), guestPath(run), ...run.arguments[size]], limitMs);
}

/** Each node has a processor of its own, if there are enough. */
export const isPinned = (run: GuestRun): boolean =>
  run.nodes > 1 && run.nodes <= availableParallelism() && !run.oneCore;

export async function onCluster(
  run: GuestRun,
  size: Size,
  link: Link,
  transport: Transport,
  limitMs: number,
): Promise<Results> {
  const program = [...run.options, guestPath(run), ...run.arguments[size]];
  if (link.name === 'gigabit' && run.nodes > 1) return onLink(run, program, link, transport, limitMs);
  const how = ['run', '--nodes', String(run.nodes), '--transport', transport === 'tls' ? 'tcp' : transport];
  if (isPinned(run)) how.push('--pin');
  return resultsOf([...(run.oneCore ? link.near.command : []), armadaPath, ...how, ...program], limitMs);
}

/** The master on the near side of a link, all other nodes on the far one. */
async function onLink(
  run: GuestRun,
  program: readonly string[],
  { near, far }: Link,
  transport: Transport,
  limitMs: number,
): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), 'armada-bench-'));
  const removeFolder = removeAtEnd(() => rmSync(folder, { recursive: true, force: true }));
  const nodes: { finish(): void }[] = [];
  try {
    const keyFile = join(folder, 'key');
    execFileSync(armadaPath, ['key', keyFile]);
    const security = transport === 'tls' ? ['--key-file', keyFile] : ['--plaintext'];
    const hosts: string[] = [];
    for (let i = 1; i < run.nodes; i++) {
      const node = start([...far.command, armadaPath, 'node', '--listen', `${far.host}:0`, '--once', ...security]);
      nodes.push(node);
      await orFailure('a node', () => node.printed('\n', listenMsMax));
      hosts.push(/^listening on (\S+)$/m.exec(node.stdout().toString())![1]!);
    }
    const command = [...near.command, armadaPath, 'run', '--hosts', hosts.join(','), ...security];
    return await resultsOf([...command, ...program], limitMs);
  } finally {
    for (const node of nodes) node.finish();
    removeFolder();
  }
}
