import { Command } from 'commander';
import { generateKey, writeKeyFile } from '../transport/key-file.ts';

export function keyCommand(): Command {
  return new Command('key')
    .description('make a key file for a cluster; copy it to every machine')
    .argument('<file>', 'where to write it (readable by you alone; an existing file is not touched)')
    .action((file: string) => writeKeyFile(file, generateKey()));
}
