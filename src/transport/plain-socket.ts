/** Unencrypted sockets of node:net, TCP and unix alike. */
import * as net from 'node:net';
import type { Endpoint } from './endpoint.ts';

export function connectPlain(endpoint: Endpoint, onread: net.OnReadOpts): net.Socket {
  return endpoint.kind === 'unix'
    ? net.connect({ path: endpoint.path, onread })
    : net.connect({ host: endpoint.host, port: endpoint.port, onread });
}

/** A server whose connections wait for `readInto`. */
export function createPlainServer(): net.Server {
  return net.createServer({ pauseOnConnect: true, noDelay: true });
}

/**
 * An accepted socket that reads by `onread`. node:net offers that option to connecting sockets alone, so the handle
 * moves to a new Socket: streams come in a fifth faster than by 'data' events, which allocate 64 KiB for each read.
 * @returns undefined when this Node does not show the handle, or the peer has gone already.
 */
export function readInto(accepted: net.Socket, onread: net.OnReadOpts): net.Socket | undefined {
  const holder = accepted as unknown as { _handle: object | null | undefined };
  const handle = holder._handle;
  if (handle === null || handle === undefined) return undefined;
  holder._handle = null;
  // The emptied one still counts as a connection of its server until it is destroyed.
  accepted.destroy();
  return new net.Socket({ handle, onread, readable: true, writable: true } as net.SocketConstructorOpts);
}
