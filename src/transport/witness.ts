/** Witnesses for a silent node: what tells one that has no processor time from one that is dead or stopped. */
import { existsSync, readFileSync } from 'node:fs';
import * as net from 'node:net';
import type { Endpoint } from './endpoint.ts';
import type { Witness } from './heartbeat.ts';

/** A kernel answers a connection in a network's round trip, however busy its processes are; time for two tries. */
const reachMsMax = 1200;

/** proc(5): states of a process that does not go on by itself. */
const standstill: Readonly<Record<string, string>> = {
  T: 'its process is stopped',
  t: 'its process is stopped by a debugger',
  Z: 'its process has ended',
  X: 'its process has ended',
};

/** For a process of this machine, by the system's own account of it. */
export function processWitness(pid: number): Witness {
  // Elsewhere than on Linux nothing tells: the node has the benefit of the doubt, as long as it is silent.
  if (!existsSync('/proc/self/stat')) return async () => undefined;
  return async () => {
    try {
      // pid (name) state ...; the name may hold blanks and parentheses.
      const state = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '')[0] as string;
      return standstill[state];
    } catch {
      return 'its process is gone';
    }
  };
}

/** For a node anywhere that listens at `endpoint`: its kernel takes a connection as long as machine and process live. */
export function listenerWitness(endpoint: Endpoint): Witness {
  return () =>
    new Promise((resolve) => {
      const { kind } = endpoint;
      const socket =
        kind === 'unix'
          ? net.connect({ path: endpoint.path })
          : net.connect({ host: endpoint.host, port: endpoint.port });
      const tell = (why: string | undefined): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve(why);
      };
      const timer = setTimeout(tell, reachMsMax, 'its machine does not answer either');
      socket.once('connect', () => tell(undefined));
      socket.once('error', (error: NodeJS.ErrnoException) => tell(`it can't be reached either (${error.code})`));
    });
}
