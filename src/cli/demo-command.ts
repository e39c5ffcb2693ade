import { Command } from 'commander';
import type { DemoFlags } from './demo.ts';
import { wholeNumber } from './options.ts';

export function demoCommand(): Command {
  return new Command('demo')
    .description('render a picture with an ARM program of 8 threads, spread over a local cluster')
    .option('--nodes <n>', 'processes of the local cluster', wholeNumber(1, 64), 3)
    .option('-o, --output <file>', 'the picture', 'armada-demo.png')
    .action(async (flags: DemoFlags) => {
      // Only the demonstration needs what draws bars and pictures.
      const { demo } = await import('./demo.ts');
      await demo(flags);
    });
}
