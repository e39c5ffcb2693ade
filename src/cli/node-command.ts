import { rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, Option } from 'commander';
import { Signals } from '../abi/signal.ts';
import { UserError } from '../base/user-error.ts';
import { parseEndpoint } from '../transport/endpoint.ts';
import { readKeyFile } from '../transport/key-file.ts';
import type { Security } from '../transport/security.ts';
import { onBug } from './bug.ts';
import { dieOf } from './host-signals.ts';
import { endpoint } from './options.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const;

interface NodeFlags {
  listen: string;
  keyFile?: string;
  plaintext?: boolean;
  keyStdin?: boolean;
  once?: boolean;
}

export function nodeCommand(): Command {
  const command = new Command('node')
    .description('wait for a master (armada run --hosts) and serve its runs as one node of the cluster')
    .requiredOption('--listen <endpoint>', 'HOST:PORT (port 0: any free one), or unix:/path', endpoint)
    .option('--key-file <file>', 'the key that master and nodes share (make one with: armada key FILE)')
    .addOption(new Option('--plaintext', 'accept masters without key and encryption').conflicts('keyFile'))
    .option('--once', 'end after the first run');
  const keyStdin = command.createOption('--key-stdin', 'read the key from standard input').hideHelp();
  return command.addOption(keyStdin).action(node);
}

async function node(flags: NodeFlags): Promise<void> {
  if (flags.keyStdin) followMaster(flags);
  const security = await securityOf(flags);
  const { NodeServer } = await import('../cluster/node-server.ts');
  const server = new NodeServer({
    endpoint: parseEndpoint(flags.listen),
    security,
    once: flags.once === true,
    log: (line) => process.stderr.write(`armada: ${line}\n`),
  });
  if (!flags.keyStdin)
    for (const name of signals)
      process.on(name, async () => {
        await server.leave(`ended by ${name}`);
        dieOf(Signals[name]);
      });
  // The master of a run says it, where its user looks; a node of somebody else's machine says it there too.
  onBug(async (error) => (await server.fail(error)) && flags.keyStdin === true);
  process.stdout.write(`listening on ${await server.listen()}\n`);
  await server.ended;
  process.exit(0);
}

/** A node of a local cluster ends with its master, and by nothing else. */
function followMaster({ listen }: NodeFlags): void {
  // Ctrl-C reaches every process of the cluster: the master decides what becomes of the run.
  for (const name of signals) process.on(name, () => {});
  // The master that started this node holds the other end of these.
  process.stdin.once('close', () => process.exit(0));
  process.stdout.on('error', () => process.exit(0));
  const endpoint = parseEndpoint(listen);
  if (endpoint.kind === 'tcp') return;
  process.on('exit', () => {
    // What the master removes itself unless it was killed; the folder goes with its last socket.
    rmSync(endpoint.path, { force: true });
    try {
      rmdirSync(dirname(endpoint.path));
    } catch {
      // Another node's socket is there, or it is gone.
    }
  });
}

async function securityOf(flags: NodeFlags): Promise<Security> {
  if (flags.keyStdin) {
    const { createInterface } = await import('node:readline');
    const key = await new Promise<string>((resolve, reject) => {
      const lines = createInterface({ input: process.stdin });
      lines.once('line', resolve);
      lines.once('close', () => reject(new UserError('no key came over standard input')));
    });
    process.stdin.resume();
    if (!flags.plaintext) return { kind: 'tls-psk', key: Buffer.from(key, 'hex') };
  }
  if (flags.plaintext) return { kind: 'plaintext' };
  if (!flags.keyFile) throw new UserError('armada node needs --key-file FILE; make one with: armada key FILE', 2);
  return { kind: 'tls-psk', key: readKeyFile(flags.keyFile) };
}
