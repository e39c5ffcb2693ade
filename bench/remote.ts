/** Misses that another node serves, beside the bare ping-pong of sockets, by turns. */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../test/toolchain.ts';
import { pingPong } from './ping-pong.ts';
import { benchGuest, type Row } from './programs.ts';
import { median, type Percentiles } from './statistics.ts';

const transports = [
  { option: 'tcp', name: 'TLS over TCP', target: undefined },
  { option: 'plain', name: 'TCP', target: 2 },
  { option: 'unix', name: 'unix socket', target: undefined },
] as const;
const kinds = ['read', 'write'] as const;
/** Turns of the guest: 256 misses of each kind in one. */
const guestRounds = 30;
const pingRounds = 5_000;
const runMsMax = 180_000;

async function misses(transport: string, pinned: boolean): Promise<Record<string, Percentiles>> {
  const args = ['run', '--nodes', '2', '--transport', transport, ...(pinned ? ['--pin'] : [])];
  args.push(benchGuest('remote-miss.c'), String(guestRounds));
  const { stdout } = await promisify(execFile)(join(root, 'bin/armada'), args, { timeout: runMsMax });
  const found: Record<string, Percentiles> = {};
  for (const [, kind, p10, p50, p99] of stdout.matchAll(/(\w+)-miss \d+ misses p10 (\S+) p50 (\S+) p99 (\S+)/g))
    found[kind!] = { p10: Number(p10), p50: Number(p50), p99: Number(p99) };
  return found;
}

/** Each node has a core of its own where there are two. */
export async function measureRemote(runs: number): Promise<{ rows: Row[]; pinned: boolean }> {
  const pinned = availableParallelism() >= 2;
  const pings: Percentiles[] = [];
  const found = new Map<string, Percentiles[]>();
  for (let run = 0; run < runs; run++) {
    for (const { option } of transports) {
      // One ping-pong beside each, because a busy machine's speed changes within seconds.
      pings.push(await pingPong(pingRounds, pinned ? [0, 1] : undefined));
      const measured = await misses(option, pinned);
      for (const kind of kinds) {
        const key = `${option} ${kind}`;
        found.set(key, [...(found.get(key) ?? []), measured[kind]!]);
      }
    }
  }
  const of = (samples: readonly Percentiles[], rank: 'p50' | 'p99'): number => median(samples.map((p) => p[rank]));
  const rows: Row[] = [];
  for (const { option, name, target } of transports)
    for (const kind of kinds)
      for (const rank of ['p50', 'p99'] as const)
        rows.push({
          name: `remote ${kind} miss, ${name}, ${rank}`,
          unit: 'µs',
          armada: of(found.get(`${option} ${kind}`)!, rank),
          reference: of(pings, rank),
          ...(target !== undefined && rank === 'p50' && kind === 'read' ? { target } : {}),
        });
  return { rows, pinned };
}
