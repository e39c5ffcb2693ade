import { chmodSync } from 'node:fs';
import type { Server } from 'node:net';
import { UserError } from '../base/user-error.ts';
import { type Endpoint, printEndpoint } from './endpoint.ts';
import { prepareSocketDirectory, removeStaleSocket } from './unix-path.ts';

/**
 * Lets `server` listen at `endpoint`; a unix socket that a dead process left behind is replaced.
 * @throws UserError that says what to do.
 */
export async function bind(server: Server, endpoint: Endpoint): Promise<void> {
  if (endpoint.kind === 'unix') prepareSocketDirectory(endpoint.path);
  let error = await tryListen(server, endpoint);
  if (error?.code === 'EADDRINUSE' && endpoint.kind === 'unix' && (await removeStaleSocket(endpoint.path)))
    error = await tryListen(server, endpoint);
  if (error !== undefined) throw new UserError(explain(endpoint, error));
  if (endpoint.kind === 'unix') chmodSync(endpoint.path, 0o600);
}

function tryListen(server: Server, endpoint: Endpoint): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => resolve(error);
    server.once('error', onError);
    server.listen(
      endpoint.kind === 'unix' ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port },
      () => {
        server.removeListener('error', onError);
        resolve(undefined);
      },
    );
  });
}

function explain(endpoint: Endpoint, error: NodeJS.ErrnoException): string {
  const name = printEndpoint(endpoint);
  switch (error.code) {
    case 'EADDRINUSE':
      return endpoint.kind === 'unix'
        ? `${name} is in use by a running process; stop it or choose another path`
        : `port ${endpoint.port} of ${endpoint.host} is in use; stop the process that listens there or choose another port (0 takes a free one)`;
    case 'EACCES':
    case 'EPERM':
      return `no permission to listen at ${name}; ports below 1024 need privileges, choose a higher one`;
    case 'EADDRNOTAVAIL':
      return `can't listen at ${name}: the address is not this machine's; 0.0.0.0 listens on all addresses`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `can't listen at ${name}: the host name is not known here`;
    default:
      return `can't listen at ${name} (${error.code ?? error.message})`;
  }
}
