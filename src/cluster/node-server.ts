/**
 * A node that waits for masters: `armada node`. It serves one run after another, each with memories and workers of its
 * own; a second master is refused while one is served.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { NodeId } from '../base/types.ts';
import { UserError } from '../base/user-error.ts';
import type { Connection } from '../transport/connection.ts';
import { dial } from '../transport/dial.ts';
import { type Endpoint, parseEndpoint, printEndpoint } from '../transport/endpoint.ts';
import { type HeartbeatTiming, patienceMs } from '../transport/heartbeat.ts';
import type { ClusterId } from '../transport/hello.ts';
import { type Hello, unassignedNode } from '../transport/hello.ts';
import { type Listener, listen } from '../transport/listen.ts';
import type { Security } from '../transport/security.ts';
import { ClusterNode } from './node.ts';
import { Channel, ControlKind, type JoinRequest } from './protocol.ts';
import { decodeJson, encodeJson } from './rpc.ts';

export interface NodeServerOptions {
  readonly endpoint: Endpoint;
  readonly security: Security;
  /** Ends after the first run (nodes that a master started for itself). */
  readonly once: boolean;
  readonly log: (line: string) => void;
}

/**
 * A node leaves it to the master to judge who is dead: it can't tell a master that is busy, or was stopped by Ctrl-Z,
 * from a dead one. (The death of a process closes its connections, which is noticed at once.)
 */
const heartbeat: HeartbeatTiming = { pingMs: 1000, silenceMsMax: patienceMs };

/** So long does a process that ends wait for its last words to leave. */
const lastWordsMs = 100;

/** What a node tells of itself in its introduction. */
export interface NodeInfo {
  readonly processors: number;
  readonly host: string;
}

/** Names this machine's boot, so that nodes can tell whether they share its clock and processors. */
export function hostIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return hostname();
  }
}

export function nodeInfo(): string {
  const info: NodeInfo = { processors: availableParallelism(), host: hostIdentity() };
  return JSON.stringify(info);
}

export const monotonicNowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * The memories of a run are hundreds of megabytes to the system and a few bytes to V8, which would let those of many
 * runs pile up before it collects.
 */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

/** One run, from a master's connection to the end of it. */
class Session {
  readonly #server: NodeServer;
  readonly #connections = new Map<number, Connection>();
  readonly #arrived = new Map<number, Connection>();
  #node: ClusterNode | undefined;
  #over = false;
  cluster: ClusterId | undefined;
  #awaited: (() => void) | undefined;

  constructor(server: NodeServer, master: Connection) {
    this.#server = server;
    this.cluster = master.introduction.cluster;
    this.#connections.set(0, master);
    master.onClose = (reason) => this.end(`its master is gone (${reason.message})`);
    master.onFrame = (frame) => {
      if (frame.channel !== Channel.control || frame.kind !== ControlKind.join) return;
      // Until the node is there to listen, nobody else sends anything but the connection's own frames.
      const id = frame.w0;
      const request = decodeJson(frame.payload.subarray(0, frame.w2)) as JoinRequest;
      this.#join(request).then(
        () => {
          if (this.#over) return;
          const answer = encodeJson('ready');
          master.send(Channel.control, ControlKind.answer, id, 0, answer.length, 0, answer);
        },
        (error: Error) => this.fail(error),
      );
    };
  }

  /** Another node of the same cluster connected. */
  arrive(connection: Connection): void {
    this.#arrived.set(connection.peer, connection);
    this.#awaited?.();
  }

  async #join(request: JoinRequest): Promise<void> {
    const { node, endpoints, options, clocks } = request;
    const hello: Hello = { node: node as NodeId, cluster: request.cluster as ClusterId, role: 'node', info: '' };
    for (let peer = 1; peer < node; peer++) {
      const { security } = this.#server;
      const connection = await dial(parseEndpoint(endpoints[peer]!), { security, hello, heartbeat });
      this.#connections.set(peer, connection);
      if (this.#over) connection.close();
    }
    while (!this.#over && [...endpoints.keys()].some((peer) => peer > node && !this.#arrived.has(peer)))
      await new Promise<void>((resolve) => {
        this.#awaited = resolve;
      });
    if (this.#over) return;
    for (const [peer, connection] of this.#arrived) this.#connections.set(peer, connection);
    const sameHost = clocks.host === hostIdentity();
    const offsets = sameHost
      ? { monotonicMs: 0, realtimeMs: 0 }
      : { monotonicMs: clocks.monotonicMs - monotonicNowMs(), realtimeMs: clocks.realtimeMs - Date.now() };
    this.#node = new ClusterNode({
      node,
      nodes: endpoints.length,
      nodesOnHost: request.nodesOnHost[node]!,
      run: options,
      clocks: offsets,
      connections: this.#connections,
      onFailure: (error) => this.fail(error),
      onLost: (peer, why) => this.#tellMaster(ControlKind.lost, { peer, why }),
    });
    // Losing the master ends the run without a word: it has said why, or cannot any more.
    this.#connections.get(0)!.onClose = (reason) => this.end(`its master is gone (${reason.message})`);
    this.#node.control.on(ControlKind.stop, async () => {
      await this.#node!.stop();
      return this.#node!.counters();
    });
  }

  /** Something went wrong that ends the run; the master hears what. */
  fail(error: Error): void {
    const message = error instanceof UserError ? error.message : (error.stack ?? error.message);
    this.#tellMaster(ControlKind.failure, { message });
  }

  #tellMaster(kind: number, message: unknown): void {
    if (this.#over) return;
    const body = encodeJson(message);
    this.#connections.get(0)!.send(Channel.control, kind, 0, 0, body.length, 0, body);
  }

  /** @param why what the other nodes are told */
  end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#awaited?.();
    this.#node?.expectEnd();
    for (const connection of [...this.#connections.values(), ...this.#arrived.values()]) connection.close(why);
    this.#server.sessionEnded(Promise.resolve(this.#node?.stop()));
  }
}

export class NodeServer {
  readonly security: Security;
  readonly #options: NodeServerOptions;
  #session: Session | undefined;
  #listener: Listener | undefined;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: NodeServerOptions) {
    this.#options = options;
    this.security = options.security;
  }

  log(line: string): void {
    this.#options.log(line);
  }

  /** Listens; gives the endpoint, with the port that was chosen when 0 was asked for. */
  async listen(): Promise<string> {
    const { endpoint, security } = this.#options;
    const hello: Hello = { node: unassignedNode, cluster: undefined, role: 'node', info: nodeInfo() };
    this.#listener = await listen(
      endpoint,
      { security, hello, heartbeat, admit: (peer) => this.#admit(peer), log: (line) => this.log(`node ${line}`) },
      (connection) => this.#connected(connection),
    );
    return printEndpoint(this.#listener.endpoint);
  }

  #admit(peer: Hello): NodeId | string {
    if (peer.role === 'master') {
      if (!this.#session) return 0 as NodeId;
      return peer.cluster === this.#session.cluster
        ? 'this node is in the cluster already; name each node once'
        : 'this node is busy with another run; try again when that has ended';
    }
    if (!this.#session || peer.cluster !== this.#session.cluster) return 'this node is not in that cluster';
    return peer.node;
  }

  #connected(connection: Connection): void {
    if (connection.introduction.role === 'master') this.#session = new Session(this, connection);
    else this.#session?.arrive(connection);
  }

  /** The next master may come at once: the old run's threads are stopped meanwhile. */
  sessionEnded(stopped: Promise<void>): void {
    this.#session = undefined;
    stopped.finally(() => {
      if (this.#options.once) this.close();
      // A little later: what is on its way out still holds them.
      else setTimeout(collectGarbage, 100);
    });
  }

  close(): void {
    this.#listener?.close();
    this.#ended.resolve();
  }

  /** This process is about to end by a mistake of its own. @returns whether a master hears of it */
  async fail(error: Error): Promise<boolean> {
    if (!this.#session) return false;
    this.#session.fail(error);
    await sleep(lastWordsMs);
    return true;
  }

  /** Closes, and tells a run that is under way why. */
  async leave(why: string): Promise<void> {
    this.#listener?.close();
    if (!this.#session) return;
    this.#session.end(why);
    await sleep(lastWordsMs);
  }

  /** Resolves when the server has been closed (after the first run with `once`). */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }
}
