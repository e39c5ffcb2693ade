/** The other nodes of a run: started here or elsewhere, connected, and told of each other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeId } from '../base/types.ts';
import { UserError } from '../base/user-error.ts';
import type { Connection } from '../transport/connection.ts';
import { dial } from '../transport/dial.ts';
import { parseEndpoint } from '../transport/endpoint.ts';
import type { HeartbeatTiming } from '../transport/heartbeat.ts';
import { type Hello, newClusterId } from '../transport/hello.ts';
import { generateKey } from '../transport/key-file.ts';
import type { Security } from '../transport/security.ts';
import { listenerWitness, processWitness } from '../transport/witness.ts';
import { epitaph, type LocalNode, pinSelf, startLocalNodes, stopLocalNodes } from './local-nodes.ts';
import { hostIdentity, monotonicNowMs, type NodeInfo } from './node-server.ts';
import { Channel, ControlKind, type JoinRequest } from './protocol.ts';
import { decodeJson, encodeJson } from './rpc.ts';
import type { ClusterOptions } from './run.ts';

/** With half a ping's time and the witness's, a machine that is gone is noticed within 5 s. */
const heartbeat: HeartbeatTiming = { pingMs: 1000, silenceMsMax: 3000 };

export interface Peers {
  readonly connections: Map<number, Connection>;
  readonly names: string[];
  readonly nodesOnHost: number;
  readonly processors: number;
  /** How the process of a node ended, as far as this machine knows. */
  readonly epitaph: (node: number) => Promise<string | undefined>;
  /** Resolves when the local nodes are gone; those that still run after `graceMs` are killed. */
  readonly stop: (graceMs: number) => Promise<void>;
}

/** Starts the local nodes or finds those that run already, and joins them to a cluster. */
export async function connect(options: ClusterOptions): Promise<Peers> {
  if (options.hosts.length > 0) return joinCluster(options, options.hosts, options.security!, []);
  if (options.pin) {
    const available = availableParallelism();
    if (options.nodes > available)
      throw new UserError(`--pin: ${options.nodes} nodes need as many processors, and there are ${available}`, 2);
    pinSelf(0);
  }
  if (options.nodes === 1) return joinCluster(options, [], { kind: 'plaintext' }, []);
  const key = generateKey();
  const security: Security = options.transport === 'plain' ? { kind: 'plaintext' } : { kind: 'tls-psk', key };
  const folder = options.transport === 'unix' ? mkdtempSync(join(tmpdir(), 'armada-')) : undefined;
  const removeFolder = (): void => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', removeFolder);
  let local: LocalNode[] = [];
  try {
    local = await startLocalNodes({
      count: options.nodes - 1,
      key,
      endpoint: (i) => (folder ? `unix:${folder}/node${i + 1}` : '127.0.0.1:0'),
      plaintext: options.transport === 'plain',
      ...(options.pin ? { pinFrom: 1 } : {}),
    });
    const endpoints = local.map(({ endpoint }) => endpoint);
    return await joinCluster(options, endpoints, security, local);
  } catch (error) {
    await stopLocalNodes(local, 0);
    throw error;
  } finally {
    // All are connected to each other: nobody needs the sockets' names any more, and so nobody can leave them behind.
    removeFolder();
    process.removeListener('exit', removeFolder);
  }
}

/** Connects to nodes that listen, tells them of each other, and waits until all are ready. */
async function joinCluster(
  options: ClusterOptions,
  endpoints: readonly string[],
  security: Security,
  local: readonly LocalNode[],
): Promise<Peers> {
  const cluster = newClusterId();
  const host = hostIdentity();
  const connections = new Map<number, Connection>();
  const names = ['master', ...endpoints.map((endpoint, i) => `node ${i + 1} (${endpoint})`)];
  const hello: Hello = { node: 0 as NodeId, cluster, role: 'master', info: '' };
  try {
    const infos: NodeInfo[] = [{ processors: availableParallelism(), host }];
    for (const [i, endpoint] of endpoints.entries()) {
      const at = parseEndpoint(endpoint);
      const pid = local[i]?.process.pid;
      const witness = pid === undefined ? listenerWitness(at) : processWitness(pid);
      const connection = await dial(at, { security, hello, witness, heartbeat });
      connections.set(i + 1, connection);
      infos.push(JSON.parse(connection.introduction.info) as NodeInfo);
    }
    const nodesOnHost = infos.map((info) => infos.filter((other) => other.host === info.host).length);
    await Promise.all(
      [...connections].map(([node, connection]) => {
        const request: JoinRequest = {
          cluster,
          node,
          endpoints: ['', ...endpoints],
          nodesOnHost,
          options: options.run,
          clocks: { host, monotonicMs: monotonicNowMs(), realtimeMs: Date.now() },
        };
        return joinOne(connection, names[node]!, request);
      }),
    );
    // Nodes of one machine share its processors, unless each is pinned to one.
    const hosts = new Map(infos.map((info, node) => [options.pin ? node : info.host, info.processors]));
    const processors = [...hosts.values()].reduce((sum, count) => sum + count, 0);
    return {
      connections,
      names,
      nodesOnHost: nodesOnHost[0]!,
      processors,
      epitaph: async (node) => local[node - 1] && epitaph(local[node - 1]!),
      stop: (graceMs) => stopLocalNodes(local, graceMs),
    };
  } catch (error) {
    for (const connection of connections.values()) connection.close();
    throw error;
  }
}

function joinOne(connection: Connection, name: string, request: JoinRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.onClose = (reason) => reject(new UserError(`${name} can't be joined: ${reason.message}`));
    connection.onFrame = (frame) => {
      if (frame.channel !== Channel.control) return;
      if (frame.kind === ControlKind.answer) {
        // No more frames until the master listens: what comes now is for it.
        connection.onFrame = undefined;
        connection.onClose = undefined;
        resolve();
      } else {
        const { message } = decodeJson(frame.payload.subarray(0, frame.w2)) as { message: string };
        reject(new UserError(`${name} can't be joined: ${message}`));
      }
    };
    const body = encodeJson(request);
    connection.send(Channel.control, ControlKind.join, 1, 0, body.length, 0, body);
  });
}
