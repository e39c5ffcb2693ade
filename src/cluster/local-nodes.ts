/**
 * Nodes that a master starts on its own machine, one process each. They get the key over standard input, say on
 * standard output where they listen, and end with their master: when it leaves the connection, or when standard input
 * closes before there is one.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../base/user-error.ts';

export interface LocalNode {
  readonly process: ChildProcess;
  /** Where it listens. */
  readonly endpoint: string;
}

export interface LocalNodesOptions {
  readonly count: number;
  readonly key: Uint8Array;
  /** Endpoint to listen on for the i-th node: 127.0.0.1:0, or a unix socket. */
  readonly endpoint: (index: number) => string;
  readonly plaintext: boolean;
  /** Each node gets a processor of its own, by this number, through taskset(1); undefined: as the scheduler likes. */
  readonly pinFrom?: number;
}

/** A node that does not say where it listens within this time has failed; a busy machine may take long. */
const startMsMax = 60_000;
/** How a process ended is known this long after its connections closed. */
const epitaphMsMax = 300;
/** A signal to the whole process group has reached all of it within this time. */
const signalMsMax = 200;
/** taskset(1) goes through a process's threads, and fails when one ends that it has just seen. */
const pinTriesMax = 5;
const main = process.argv[1]!;
/** Nodes run the code that their master runs (bin/start.js), also when the sources were changed a moment ago. */
const bundle = import.meta.url.endsWith('.js') ? { ARMADA_BUNDLE: import.meta.dirname } : {};
/** Nodes hold nothing that outlives a run: whatever way the master ends, none may be left, a stopped one neither. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export async function startLocalNodes(options: LocalNodesOptions): Promise<LocalNode[]> {
  const started = Array.from({ length: options.count }, (_, i) => startOne(options, i));
  const results = await Promise.allSettled(started);
  const failed = results.find((result) => result.status === 'rejected');
  const nodes = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
  if (failed) {
    await stopLocalNodes(nodes, 0);
    throw failed.reason;
  }
  return nodes;
}

async function startOne(options: LocalNodesOptions, index: number): Promise<LocalNode> {
  const args = [...process.execArgv, main, 'node', '--listen', options.endpoint(index), '--key-stdin', '--once'];
  if (options.plaintext) args.push('--plaintext');
  const pin = options.pinFrom === undefined ? undefined : ['-c', String(options.pinFrom + index), process.execPath];
  const child = spawn(pin ? 'taskset' : process.execPath, pin ? [...pin, ...args] : args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...bundle },
  });
  running.add(child);
  for (const event of ['exit', 'error']) child.once(event, () => running.delete(child));
  child.stdin!.on('error', () => {});
  child.stdin!.write(`${Buffer.from(options.key).toString('hex')}\n`);
  const lines = createInterface({ input: child.stdout! });
  const timer = setTimeout(() => child.kill('SIGKILL'), startMsMax);
  try {
    const first = await Promise.race([
      once(lines, 'line').then(([line]) => line as string),
      once(child, 'exit').then(async ([status, signal]) => {
        // Ctrl-C before the node could look: it is the master's too, which ends by it in a moment.
        if (signal !== null && signal !== 'SIGKILL') await sleep(signalMsMax);
        throw new UserError(`a local node did not start (${signal ?? `status ${status}`})`);
      }),
      once(child, 'error').then(([error]) =>
        Promise.reject(new UserError(`a local node did not start: ${error.message}`)),
      ),
    ]);
    const endpoint = /listening on (\S+)/.exec(first)?.[1];
    if (!endpoint) throw new UserError(`a local node did not start: it said "${first}"`);
    return { process: child, endpoint };
  } finally {
    clearTimeout(timer);
  }
}

/** How a node's process ended, in words; undefined when it has not. Waits a moment: its sockets close first. */
export async function epitaph({ process: child }: LocalNode): Promise<string | undefined> {
  const until = performance.now() + epitaphMsMax;
  while (child.exitCode === null && child.signalCode === null && performance.now() < until) await sleep(10);
  if (child.signalCode !== null) return `its process was ended by ${child.signalCode}`;
  return child.exitCode === null ? undefined : `its process ended with status ${child.exitCode}`;
}

/**
 * Pins this process, threads that run already among it, to one processor, as the local nodes are by `pinFrom`.
 * @throws UserError without taskset(1), or when there is no such processor
 */
export function pinSelf(processor: number): void {
  const command = ['-a', '-c', '-p', String(processor), String(process.pid)];
  for (let tried = 0; tried < pinTriesMax; tried++)
    if (spawnSync('taskset', command, { stdio: 'ignore' }).status === 0) return;
  throw new UserError(`can't pin a node to processor ${processor}; is taskset (util-linux) installed?`);
}

/** Resolves when all have ended: by themselves, or killed after `graceMs`. */
export async function stopLocalNodes(nodes: readonly LocalNode[], graceMs: number): Promise<void> {
  const alive = nodes.map((node) => node.process).filter((child) => running.has(child));
  const ended = Promise.all(alive.map((child) => once(child, 'exit')));
  for (const child of alive) child.stdin!.end();
  const kill = (): void => {
    for (const child of alive) child.kill('SIGKILL');
  };
  if (graceMs === 0) kill();
  const timer = setTimeout(kill, graceMs);
  await ended;
  clearTimeout(timer);
}
