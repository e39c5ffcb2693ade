/** Hands over to the benchmarks of a checkout: their guests, and the tools that build these, are in no package. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { UserError } from '../base/user-error.ts';

const benchmarks = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

/** Help is theirs too. */
class BenchCommand extends Command {
  override copyInheritedSettings(source: Command): this {
    return super.copyInheritedSettings(source).helpOption(false);
  }
}

export function benchCommand(): Command {
  return new BenchCommand('bench')
    .description("measure Armada beside qemu-arm, and the paper's figures (in a checkout)")
    .argument('[arguments...]')
    .allowUnknownOption()
    .passThroughOptions()
    .action(bench);
}

async function bench(args: string[]): Promise<void> {
  if (!existsSync(benchmarks))
    throw new UserError('armada bench needs a checkout of the sources: its guest programs are in no package');
  const child = spawn(process.execPath, [...process.execArgv, benchmarks, ...args], { stdio: 'inherit' });
  // Ctrl-C goes to the benchmarks too; what is meant for this process alone is handed on. Their end is this one's end.
  process.on('SIGINT', () => {});
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name));
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? 128 + constants.signals[signal!]));
  });
}
