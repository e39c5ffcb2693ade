import { UserError } from '../base/user-error.ts';

/** Where a node listens. */
export type Endpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** The longest socket path, bytes (sun_path of sockaddr_un without its NUL; macOS has 104 in all: unix(4)). */
const unixPathBytesMax = process.platform === 'darwin' ? 103 : 107;

/**
 * Reads "HOST:PORT", "[IPv6]:PORT" or "unix:/path".
 * @throws UserError that names what is wrong with `text`.
 */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    if (!path.startsWith('/')) throw new UserError(`"${text}": write an absolute path, as in unix:/run/armada/node0`);
    if (Buffer.byteLength(path) > unixPathBytesMax)
      throw new UserError(`"${text}": the path of a unix socket has at most ${unixPathBytesMax} bytes`);
    return { kind: 'unix', path };
  }
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(text);
  if (match === null) {
    const colons = text.split(':').length - 1;
    if (colons > 1) throw new UserError(`"${text}": write an IPv6 address in brackets, as in [::1]:7700`);
    throw new UserError(`"${text}": write HOST:PORT, [IPv6]:PORT or unix:/path`);
  }
  const host = match[1] ?? match[2] ?? '';
  if (host === '') throw new UserError(`"${text}": the host is missing; 0.0.0.0 listens on all addresses`);
  const port = match[3] ?? '';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535)
    throw new UserError(`"${text}": the port "${port}" is not a number from 0 to 65535`);
  return { kind: 'tcp', host, port: Number(port) };
}

/** The text that `parseEndpoint` reads back. */
export function printEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`;
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}
