/** What lies between the nodes: the loopback, or a link of its own that is shaped to a gigabit. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { UserError } from '../../src/base/user-error.ts';
import { tool } from '../../test/toolchain.ts';
import { removeAtEnd, start } from '../processes.ts';

export const transports = ['plain', 'tls', 'unix'] as const;
export type Transport = (typeof transports)[number];
export const linkNames = ['loopback', 'gigabit'] as const;
export type LinkName = (typeof linkNames)[number];

/** Where one side of a measurement runs. */
export interface Place {
  /** What comes before a command, so that it runs there. */
  readonly command: readonly string[];
  readonly host: string;
}

export interface Link {
  readonly name: LinkName;
  /** The master's side and the other one. */
  readonly near: Place;
  readonly far: Place;
  /** What iperf3 makes of the link, megabytes (10^6) a second; undefined where that says nothing. */
  measure(): Promise<number | undefined>;
  remove(): void;
}

const onProcessor = (processor: number): string[] => ['taskset', '-c', String(processor)];

/** Both sides on this machine, each on a processor of its own when there are two; on the first one with `oneCore`. */
export function loopback(oneCore: boolean): Link {
  const pinned = availableParallelism() >= 2;
  const place = (processor: number): Place => ({
    command: pinned ? onProcessor(oneCore ? 0 : processor) : [],
    host: '127.0.0.1',
  });
  return { name: 'loopback', near: place(0), far: place(1), measure: async () => undefined, remove: () => {} };
}

/** What tc-tbf(8) shapes to. A burst is what passes at once: the least that a gigabit needs at 250 timer ticks a second. */
const shape = ['rate', '1gbit', 'burst', '512kb', 'latency', '25ms'];
const network = { near: '10.219.0.1', far: '10.219.0.2', prefix: 30 };
const iperfSeconds = '3';
const iperfMsMax = 30_000;

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/**
 * Two network namespaces with a pair of veth between them, each end shaped by tbf. They are gone when this process ends.
 * @throws UserError that says what is missing
 */
export function gigabit(): Link {
  if (process.getuid?.() !== 0) throw new UserError('a gigabit link needs root, to make network namespaces');
  const names = { near: `armada-near-${process.pid}`, far: `armada-far-${process.pid}` };
  const sides = ['near', 'far'] as const;
  let what = 'ip (iproute2)';
  const remove = removeAtEnd(() => {
    for (const side of sides)
      try {
        // The link goes with its namespaces.
        ip('netns', 'delete', names[side]);
      } catch {
        // It was not made.
      }
  });
  try {
    ip('-V');
    what = 'network namespaces';
    for (const side of sides) ip('netns', 'add', names[side]);
    what = 'veth in the kernel';
    ip('link', 'add', 'near', 'netns', names.near, 'type', 'veth', 'peer', 'name', 'far', 'netns', names.far);
    for (const side of sides) {
      ip('-n', names[side], 'address', 'add', `${network[side]}/${network.prefix}`, 'dev', side);
      ip('-n', names[side], 'link', 'set', side, 'up');
      ip('-n', names[side], 'link', 'set', 'lo', 'up');
    }
    what = 'tc (iproute2) and tbf in the kernel';
    for (const side of sides)
      execFileSync('tc', ['-n', names[side], 'qdisc', 'add', 'dev', side, 'root', 'tbf', ...shape], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
  } catch (error) {
    remove();
    const said = (error as { stderr?: Buffer }).stderr?.toString().trim() || (error as Error).message;
    throw new UserError(`a gigabit link needs ${what}: ${said.split('\n')[0]}`);
  }
  const pinned = availableParallelism() >= 2;
  const place = (side: 'near' | 'far', processor: number): Place => ({
    command: ['ip', 'netns', 'exec', names[side], ...(pinned ? onProcessor(processor) : [])],
    host: network[side],
  });
  const [near, far] = [place('near', 0), place('far', 1)];
  return { name: 'gigabit', near, far, measure: () => iperf(near, far), remove };
}

async function iperf(near: Place, far: Place): Promise<number> {
  const iperf3 = tool('iperf3');
  // What streams to the reader: from the master's side to the other one.
  const server = start([...far.command, iperf3, '--server', '--one-off', '--forceflush']);
  try {
    await server.printed('Server listening', iperfMsMax);
    const client = start([...near.command, iperf3, '--client', far.host, '--time', iperfSeconds, '--json']);
    try {
      const status = await client.ended(iperfMsMax);
      if (status !== 0) throw new Error(`${status ?? 'no end'}: ${client.stderr()}${client.stdout()}`);
      const said = JSON.parse(client.stdout().toString()) as { end: { sum_received: { bits_per_second: number } } };
      return said.end.sum_received.bits_per_second / 8e6;
    } finally {
      client.finish();
    }
  } finally {
    server.finish();
  }
}
