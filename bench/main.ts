/** `armada bench`: what the command line starts in a checkout. Other load on the machine moves times; ratios count. */
import { Command, CommanderError } from 'commander';
import { UserError } from '../src/base/user-error.ts';
import { paperCommand } from './paper/command.ts';
import { programsCommand } from './programs-command.ts';

const bench = new Command('armada bench')
  .description('Measures Armada beside qemu-arm and bare sockets. Needs the tools of `npm test`.')
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'armada bench: ')) })
  .exitOverride()
  .showSuggestionAfterError(false);
for (const command of [programsCommand(), paperCommand()]) {
  command.copyInheritedSettings(bench);
  bench.addCommand(command);
}

try {
  await bench.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`armada bench: ${error.message}\n`);
  process.exit(error.status);
}
