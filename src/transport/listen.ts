import type { Socket } from 'node:net';
import type { NodeId } from '../base/types.ts';
import { bind } from './bind.ts';
import type { Connection } from './connection.ts';
import { type Endpoint, printEndpoint } from './endpoint.ts';
import { Control, type Frame } from './frame.ts';
import {
  clusterMismatch,
  decodeHello,
  encodeHello,
  type Hello,
  helloMagic,
  protocolVersion,
  unassignedNode,
  type Welcome,
} from './hello.ts';
import { createPlainServer, readInto } from './plain-socket.ts';
import { keyFor, type Security } from './security.ts';
import { type ConnectionTuning, SocketConnection } from './socket-connection.ts';
import { createTlsServer, explainAcceptFailure } from './tls-psk.ts';

/** A dialler has this long to introduce itself, milliseconds; it may have to wait long for its processor. */
export const introductionTimeoutMs = 15_000;
/** Diallers that may be about to introduce themselves; one more is turned away. */
export const introductionsMax = 64;

export interface ListenOptions extends ConnectionTuning {
  readonly security: Security;
  /** What this side says of itself. */
  readonly hello: Hello;
  /**
   * Decides on a dialler whose version and cluster fit: its node number, or one sentence why not, which it is told.
   * By default a dialler keeps the number it brings, and one without is refused.
   */
  readonly admit?: (hello: Hello) => NodeId | string;
  /** Takes one line for each stranger that was turned away; standard error by default. */
  readonly log?: (line: string) => void;
}

export interface Listener {
  /** Where it listens: with the port that was chosen, when 0 was asked for. */
  readonly endpoint: Endpoint;
  /** Stops listening; connections that exist stay. */
  close(): void;
}

/**
 * Listens for nodes. `onConnection` gets those that have the key and fit; set their `onFrame` there.
 * @throws UserError when the endpoint can't be bound, with what to do.
 */
export async function listen(
  endpoint: Endpoint,
  options: ListenOptions,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  const key = keyFor(endpoint, options.security);
  const server = key === undefined ? createPlainServer() : createTlsServer(key, introductionTimeoutMs);
  const door = new Door(endpoint, options, onConnection);
  if (key === undefined) {
    server.on('connection', (socket: Socket) => door.enter(socket, true));
  } else {
    server.on('secureConnection', (socket: Socket) => door.enter(socket, false));
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      // Who leaves before its first word only wanted to see whether somebody is here (witness.ts).
      if (error.code !== 'ECONNRESET') door.log(`turned away ${peerName(socket)}: ${explainAcceptFailure(error)}`);
      socket.destroy();
    });
  }
  await bind(server, endpoint);
  server.on('error', (error) => door.log(`can't accept a connection: ${error.message}`));
  const bound = server.address();
  return {
    endpoint:
      endpoint.kind === 'tcp' && typeof bound === 'object' && bound !== null
        ? { ...endpoint, port: bound.port }
        : endpoint,
    close: () => {
      server.close();
      door.close();
    },
  };
}

/** Those who have connected and not been admitted yet. */
class Door {
  private readonly endpoint: Endpoint;
  private readonly options: ListenOptions;
  private readonly onConnection: (connection: Connection) => void;
  private readonly waiting = new Set<SocketConnection>();

  constructor(endpoint: Endpoint, options: ListenOptions, onConnection: (connection: Connection) => void) {
    this.endpoint = endpoint;
    this.options = options;
    this.onConnection = onConnection;
  }

  log(what: string): void {
    const line = `${printEndpoint(this.endpoint)}: ${what}`;
    if (this.options.log === undefined) console.error(line);
    else this.options.log(line);
  }

  enter(accepted: Socket, isPlain: boolean): void {
    const name = peerName(accepted);
    if (this.waiting.size >= introductionsMax) {
      this.log(`turned away ${name}: ${introductionsMax} others have not introduced themselves yet`);
      accepted.destroy();
      return;
    }
    const connection = new SocketConnection(name);
    const adopted = isPlain ? readInto(accepted, connection.onread) : undefined;
    this.waiting.add(connection);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      connection.drop(`no introduction in ${introductionTimeoutMs} ms`);
    }, introductionTimeoutMs);
    const leave = (): void => {
      clearTimeout(timer);
      this.waiting.delete(connection);
    };
    connection.onClose = (reason) => {
      leave();
      if (connection.bytesIn > 0 || late) this.log(`turned away ${reason.message}`);
    };
    connection.onIntroduction = (frame) => {
      leave();
      connection.onClose = undefined;
      this.judge(connection, frame);
    };
    connection.attach(adopted ?? accepted, adopted !== undefined);
  }

  close(): void {
    for (const connection of this.waiting) connection.drop('this side stops listening');
  }

  private judge(connection: SocketConnection, frame: Frame): void {
    const own = this.options.hello;
    const hello = frame.kind === Control.hello ? decodeHello(frame) : 'not an Armada node';
    if (typeof hello === 'string') {
      this.refuse(connection, hello);
      return;
    }
    const peer = clusterMismatch(own.cluster, hello.cluster) ?? this.admit(hello);
    if (typeof peer === 'string') {
      this.refuse(connection, peer);
      return;
    }
    const welcome: Welcome = { ...own, assigned: peer };
    connection.sendControl(Control.welcome, helloMagic, protocolVersion, encodeHello(welcome));
    connection.open(own.node, hello, peer, this.options);
    this.onConnection(connection);
  }

  private refuse(connection: SocketConnection, why: string): void {
    this.log(`turned away ${connection.remote}: ${why}`);
    connection.sendControl(Control.refuse, helloMagic, protocolVersion, Buffer.from(why, 'utf8'));
    connection.close();
  }

  private admit(hello: Hello): NodeId | string {
    if (this.options.admit !== undefined) return this.options.admit(hello);
    return hello.node === unassignedNode ? 'it brought no node number, and none is given here' : hello.node;
  }
}

function peerName(socket: Socket): string {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return 'a process of this machine';
  return printEndpoint({ kind: 'tcp', host: remoteAddress, port: remotePort });
}
