import { Command, Option, type ParseOptionsResult } from 'commander';
import { Signals, signalName } from '../abi/signal.ts';
import { UserError } from '../base/user-error.ts';
import type { RunResult } from '../cluster/master.ts';
import { type ClusterOptions, type LocalTransport, runProgram } from '../cluster/run.ts';
import { type ProcessorName, processorNames } from '../processor/processors.table.ts';
import { readKeyFile } from '../transport/key-file.ts';
import type { Security } from '../transport/security.ts';
import { dieOf, HostSignals } from './host-signals.ts';
import { endpoints, folder, wholeNumber } from './options.ts';

interface RunFlags {
  nodes: number;
  hosts?: string[];
  keyFile?: string;
  plaintext?: boolean;
  transport: LocalTransport;
  pin?: boolean;
  directory: 'hashed' | 'central';
  tier: 'auto' | 'interpreter' | 'translator';
  cpu: ProcessorName;
  fpExceptions: 'auto' | 'always';
  forwarding: boolean;
  splitting: boolean;
  migratory: boolean;
  residency: boolean;
  compression: boolean;
  executors: number;
  sysroot?: string;
  names?: boolean;
  stats?: boolean;
}

const nodesMax = 64;
const executorsMax = 64;

/** qemu-arm spells it with one hyphen, which to commander are three flags: before the program it is made the long one. */
class RunCommand extends Command {
  override parseOptions(given: string[]): ParseOptionsResult {
    const args = [...given];
    for (let at = 0; at < args.length && args[at]!.startsWith('-') && args[at] !== '--'; at++) {
      if (args[at] === '-cpu') args[at] = '--cpu';
      const flag = args[at]!;
      if (this.options.find(({ short, long }) => flag === short || flag === long)?.required) at++;
    }
    return super.parseOptions(args);
  }
}

export function runCommand(): Command {
  return new RunCommand('run')
    .description('run an ARM program on this machine, or spread over a cluster')
    .argument('<program>', 'the ARM program (ELF, 32-bit little-endian)')
    .argument('[arguments...]', 'its arguments')
    .passThroughOptions()
    .option('--nodes <n>', 'start a local cluster of n processes', wholeNumber(1, nodesMax), 1)
    .addOption(
      new Option('--hosts <endpoints>', 'use the nodes that listen at HOST:PORT,... (needs --key-file)')
        .argParser(endpoints)
        .conflicts(['nodes', 'transport', 'pin']),
    )
    .option('--key-file <file>', 'the key that the nodes were started with')
    .addOption(new Option('--plaintext', 'talk to --hosts without key and encryption').conflicts('keyFile'))
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
    .option('--no-forwarding', 'do not push blocks ahead of streams of misses')
    .option('--no-splitting', 'do not split blocks of which nodes use different parts')
    .option('--no-migratory', 'do not grant blocks for writing when they are read by one writer after another')
    .option('--no-residency', 'give up a contended mutex or counter as soon as another node wants it')
    .option('--no-compression', 'send pages as they are, even where fewer bytes would be faster')
    .addOption(
      new Option('--tier <kind>', 'how guest code is run')
        .choices(['auto', 'interpreter', 'translator'])
        .default('auto'),
    )
    .addOption(
      new Option('--cpu <name>', 'the processor that the program sees (also -cpu, as for qemu-arm)')
        .choices(processorNames)
        .default('max'),
    )
    .addOption(
      new Option('--fp-exceptions <when>', 'track floating-point exceptions: from the first look at them, or always')
        .choices(['auto', 'always'])
        .default('auto'),
    )
    .option(
      '--executors <n>',
      'worker threads of each node that run guest threads (0: by its cores)',
      wholeNumber(0, executorsMax),
      0,
    )
    .option('-L, --sysroot <folder>', "look for the program's loader and libraries there first", folder)
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
    run: {
      directory: flags.directory,
      tier: flags.tier,
      processor: flags.cpu,
      fpExceptions: flags.fpExceptions,
      forwarding: flags.forwarding,
      splitting: flags.splitting,
      migratory: flags.migratory,
      residency: flags.residency,
      compression: flags.compression,
      executors: flags.executors,
      names: flags.names === true,
    },
    nodes: flags.nodes,
    transport: flags.transport,
    pin: flags.pin === true,
    hosts,
    security: hosts.length > 0 ? securityOf(flags) : undefined,
    log: (line) => process.stderr.write(`${line}\n`),
  };
  if (hosts.length === 0 && (flags.keyFile !== undefined || flags.plaintext))
    throw new UserError(`${flags.plaintext ? '--plaintext' : '--key-file'} goes with --hosts`, 2);
  const signals = new HostSignals();
  const result = await runProgram(options, (master) => signals.guestOf(master));
  if (flags.stats) {
    const { statsTable } = await import('./stats-table.ts');
    process.stderr.write(`${statsTable(result.counters)}\n`);
  }
  leave(result);
}

function securityOf(flags: RunFlags): Security {
  if (flags.plaintext) return { kind: 'plaintext' };
  if (!flags.keyFile) throw new UserError('--hosts needs --key-file FILE, the key that the nodes were started with', 2);
  return { kind: 'tls-psk', key: readKeyFile(flags.keyFile) };
}

/** Shells say nothing about these two either. */
const unsaid = new Set<number>([Signals.SIGINT, Signals.SIGPIPE]);

/** Ends as the guest did. */
function leave({ end }: RunResult): never {
  if (end.kind === 'exit') process.exit(end.status);
  const { signal } = end;
  if (!unsaid.has(signal))
    process.stderr.write(`armada: the program was ended by signal ${signal} (${signalName(signal)})\n`);
  dieOf(signal);
}
