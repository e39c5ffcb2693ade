import { Command, Option } from 'commander';
import { Signals } from '../abi/signal.ts';
import { UserError } from '../base/user-error.ts';
import { parseEndpoint } from '../transport/endpoint.ts';
import { readKeyFile } from '../transport/key-file.ts';
import type { Security } from '../transport/security.ts';
import { dieOf } from './host-signals.ts';
import { endpoint } from './options.ts';

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
  const security = await securityOf(flags);
  const { NodeServer } = await import('../cluster/node-server.ts');
  const server = new NodeServer({
    endpoint: parseEndpoint(flags.listen),
    security,
    once: flags.once === true,
    log: (line) => process.stderr.write(`armada: ${line}\n`),
  });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const)
    process.on(name, () => {
      // Ctrl-C of a local cluster reaches every process of it: the master decides what becomes of the run.
      if (flags.keyStdin) return;
      server.close();
      dieOf(Signals[name]);
    });
  process.stdout.write(`listening on ${await server.listen()}\n`);
  await server.ended;
  process.exit(0);
}

async function securityOf(flags: NodeFlags): Promise<Security> {
  if (flags.keyStdin) {
    const { createInterface } = await import('node:readline');
    const key = await new Promise<string>((resolve, reject) => {
      const lines = createInterface({ input: process.stdin });
      lines.once('line', resolve);
      lines.once('close', () => reject(new UserError('no key came over standard input')));
    });
    // The master that started this node holds the other end: when it goes, so does the node.
    process.stdin.once('close', () => process.exit(0)).resume();
    if (!flags.plaintext) return { kind: 'tls-psk', key: Buffer.from(key, 'hex') };
  }
  if (flags.plaintext) return { kind: 'plaintext' };
  if (!flags.keyFile) throw new UserError('armada node needs --key-file FILE; make one with: armada key FILE', 2);
  return { kind: 'tls-psk', key: readKeyFile(flags.keyFile) };
}
