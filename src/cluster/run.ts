/** A whole run: loads the program, starts or joins the nodes, runs it, and leaves nothing behind. */
import { availableParallelism } from 'node:os';
import { loadProgram } from '../linux/loader.ts';
import type { Security } from '../transport/security.ts';
import { Master, type RunResult } from './master.ts';
import type { Peers } from './peers.ts';
import type { RunOptions } from './protocol.ts';

export type LocalTransport = 'tcp' | 'unix' | 'plain';

export interface ClusterOptions {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: readonly string[];
  readonly sysroot: string | undefined;
  readonly run: RunOptions;
  /** Nodes of a local cluster, the master included; 1 = none besides it. */
  readonly nodes: number;
  readonly transport: LocalTransport;
  /** Gives each node of a local cluster a processor of its own, the master the first one. */
  readonly pin: boolean;
  /** Nodes started elsewhere; with `security`. */
  readonly hosts: readonly string[];
  readonly security: Security | undefined;
  readonly log: (line: string) => void;
}

const alone: Peers = {
  connections: new Map(),
  names: ['master'],
  nodesOnHost: 1,
  processors: availableParallelism(),
  epitaph: async () => undefined,
  stop: async () => {},
};

/** Local nodes that were told to stop and still run after this long are killed. */
const graceMs = 1000;

/**
 * @param started called with the running master, for signals and dumps
 * @throws UserError for what the user can mend, a lost node among it
 */
export async function runProgram(options: ClusterOptions, started: (master: Master) => void): Promise<RunResult> {
  const ids = {
    uid: process.getuid?.() ?? 0,
    euid: process.geteuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    egid: process.getegid?.() ?? 0,
  };
  const program = loadProgram({
    path: options.program,
    argv: [options.program, ...options.arguments],
    envp: options.environment,
    ids,
    processor: options.run.processor,
    ...(options.sysroot === undefined ? {} : { sysroot: options.sysroot }),
  });
  const peers = await peersOf(options);
  let grace = 0;
  try {
    const master = new Master({
      program,
      ids,
      sysroot: options.sysroot,
      run: options.run,
      connections: peers.connections,
      nodeNames: peers.names,
      epitaph: peers.epitaph,
      nodesOnHost: peers.nodesOnHost,
      processors: peers.processors,
      log: options.log,
    });
    started(master);
    const result = await master.run();
    grace = graceMs;
    return result;
  } finally {
    for (const connection of peers.connections.values()) connection.close();
    await peers.stop(grace);
  }
}

/** A node that is alone needs nothing of what connects nodes, and starts sooner for it. */
async function peersOf(options: ClusterOptions): Promise<Peers> {
  if (options.nodes === 1 && options.hosts.length === 0 && !options.pin) return alone;
  const { connect } = await import('./peers.ts');
  return connect(options);
}
