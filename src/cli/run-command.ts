import { constants } from 'node:os';
import { Command, Option } from 'commander';
import { UserError } from '../base/user-error.ts';
import type { Master, RunResult } from '../cluster/master.ts';
import { type ClusterOptions, type LocalTransport, runProgram } from '../cluster/run.ts';
import { readKeyFile } from '../transport/key-file.ts';
import type { Security } from '../transport/security.ts';
import { list, wholeNumber } from './options.ts';
import { statsTable } from './stats-table.ts';

interface RunFlags {
  nodes: number;
  hosts?: string[];
  keyFile?: string;
  plaintext?: boolean;
  transport: LocalTransport;
  pin?: boolean;
  directory: 'hashed' | 'central';
  tier: 'auto' | 'interpreter' | 'translator';
  executors: number;
  sysroot?: string;
  names?: boolean;
  stats?: boolean;
}

const nodesMax = 64;
const executorsMax = 64;

export function runCommand(): Command {
  return new Command('run')
    .description('run an ARM program on this machine, or spread over a cluster')
    .argument('<program>', 'the ARM program (ELF, 32-bit little-endian)')
    .argument('[arguments...]', 'its arguments')
    .passThroughOptions()
    .option('--nodes <n>', 'start a local cluster of n processes', wholeNumber(1, nodesMax), 1)
    .option('--hosts <endpoints>', 'use the nodes that listen at HOST:PORT,... (needs --key-file)', list)
    .option('--key-file <file>', 'the key that the nodes were started with')
    .option('--plaintext', 'talk to --hosts without key and encryption')
    .addOption(
      new Option('--transport <kind>', 'of a local cluster: tcp is TLS over TCP, plain is TCP without')
        .choices(['tcp', 'unix', 'plain'])
        .default('tcp'),
    )
    .option('--pin', 'give each node of a local cluster a processor of its own')
    .addOption(
      new Option('--directory <kind>', 'where blocks have their home: hashed over the nodes, or central on the master')
        .choices(['hashed', 'central'])
        .default('hashed'),
    )
    .addOption(
      new Option('--tier <kind>', 'how guest code is run')
        .choices(['auto', 'interpreter', 'translator'])
        .default('auto'),
    )
    .option(
      '--executors <n>',
      'worker threads of each node that run guest threads (0: by its cores)',
      wholeNumber(0, executorsMax),
      0,
    )
    .option('-L, --sysroot <folder>', "look for the program's loader and libraries there first")
    .option('--names', 'name translated functions after guest addresses, for profilers')
    .option('--stats', 'print what each node did, on standard error')
    .action(run);
}

async function run(program: string, args: string[], flags: RunFlags): Promise<void> {
  const hosts = flags.hosts ?? [];
  const options: ClusterOptions = {
    program,
    arguments: args,
    environment: Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
    sysroot: flags.sysroot,
    run: { directory: flags.directory, tier: flags.tier, executors: flags.executors, names: flags.names === true },
    nodes: flags.nodes,
    transport: flags.transport,
    pin: flags.pin === true,
    hosts,
    security: hosts.length > 0 ? securityOf(flags) : undefined,
    log: (line) => process.stderr.write(`${line}\n`),
  };
  if (hosts.length > 0 && flags.nodes !== 1) throw new UserError('--nodes and --hosts exclude each other', 2);
  if (hosts.length > 0 && flags.pin) throw new UserError('--pin is for local clusters, not for --hosts', 2);
  const result = await runProgram(options, takeSignals);
  if (flags.stats) process.stderr.write(`${statsTable(result.counters)}\n`);
  process.exit(statusOf(result));
}

function securityOf(flags: RunFlags): Security {
  if (flags.plaintext) return { kind: 'plaintext' };
  if (!flags.keyFile) throw new UserError('--hosts needs --key-file FILE, the key that the nodes were started with', 2);
  return { kind: 'tls-psk', key: readKeyFile(flags.keyFile) };
}

/** What a terminal sends goes to the guest; a second Ctrl-C ends the run even when the guest does not want to. */
function takeSignals(master: Master): void {
  let interrupts = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (interrupts++ > 0) master.kill(constants.signals[name]);
      else master.signal(constants.signals[name]);
    });
  }
  process.on('SIGQUIT', async () => process.stderr.write(`${await master.dump()}\n`));
}

function statusOf({ end }: RunResult): number {
  if (end.kind === 'exit') return end.status;
  const name = Object.entries(constants.signals).find(([, number]) => number === end.signal)?.[0] ?? '';
  process.stderr.write(`armada: the program was ended by signal ${end.signal} (${name})\n`);
  return 128 + end.signal;
}
