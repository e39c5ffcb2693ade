/** The `armada` command: arguments and rendering only. */
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { UserError } from '../base/user-error.ts';
import { benchCommand } from './bench-command.ts';
import { bug } from './bug.ts';
import { demoCommand } from './demo-command.ts';
import { keyCommand } from './key-command.ts';
import { nodeCommand } from './node-command.ts';
import { runCommand } from './run-command.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const program = new Command('armada')
  .description('Runs unmodified 32-bit ARM Linux programs, and spreads the threads of one program over many machines.')
  .version(version)
  .enablePositionalOptions()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'armada: ')) })
  .exitOverride()
  .showSuggestionAfterError(false);
for (const command of [runCommand(), nodeCommand(), keyCommand(), demoCommand(), benchCommand()]) {
  command.copyInheritedSettings(program);
  program.addCommand(command);
}

process.on('uncaughtException', bug);
// Nobody reads what is said any more; the run itself goes on.
process.stderr.on('error', () => {});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  if (error instanceof UserError) {
    process.stderr.write(`armada: ${error.message}\n`);
    process.exit(error.status);
  }
  bug(error);
}
