import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../../src/base/user-error.ts';
import { wholeNumber } from '../../src/cli/options.ts';
import { guestRuns, type Size } from './guest-runs.table.ts';
import { type LinkName, linkNames, type Transport, transports } from './link.ts';
import { measure } from './measure.ts';
import { plot } from './plot.ts';
import { table } from './report.ts';
import { rows } from './rows.table.ts';

interface PaperFlags {
  readonly runs: number;
  readonly only: ReadonlySet<string>;
  readonly transport: Transport;
  readonly link: LinkName | 'both';
  readonly quick?: true;
  readonly limit: number;
  readonly json?: string;
  readonly plot?: string;
  readonly list?: true;
}

const turnsMax = 100;
const limitSecondsMax = 3600;
const allRows: ReadonlySet<string> = new Set(rows.map(({ name }) => name));

function rowNames(text: string): Set<string> {
  const names = new Set(text.split(','));
  for (const name of names)
    if (!allRows.has(name)) throw new InvalidArgumentError(`There is no row ${name}; --list names them.`);
  return names;
}

export function paperCommand(): Command {
  return new Command('paper')
    .summary('the measurements of the DQEMU paper')
    .description(
      "The paper's measurements on a cluster of this machine, beside bare sockets of Node and qemu-arm. Each figure is " +
        'the median of the runs, and each result is checked against that under qemu-arm. Ratios to what is measured ' +
        'beside count more than figures, which move with other load on the machine. The exit status is 1 when a ' +
        'measurement fails; a goal that is missed is told, and is no failure.',
    )
    .option('--runs <n>', 'times that everything is measured', wholeNumber(1, turnsMax), 3)
    .addOption(
      new Option('--only <names>', 'these rows alone: NAME,...').argParser(rowNames).default(allRows, 'all of them'),
    )
    .option('--list', 'name the rows, and measure nothing')
    .addOption(
      new Option('--transport <kind>', 'between nodes; the bare sockets use the same')
        .choices(transports)
        .default('plain'),
    )
    .addOption(
      new Option('--link <name>', 'what is between nodes; gigabit is shaped by tc between two namespaces (needs root)')
        .choices([...linkNames, 'both'])
        .default('loopback'),
    )
    .option('--quick', 'tiny sizes: shows that everything works, the figures mean nothing')
    .option('--limit <seconds>', 'what one run of a guest may take', wholeNumber(1, limitSecondsMax), 120)
    .option('--json <file>', 'write what was measured')
    .option('--plot <file>', 'write it as an HTML page with a drawing')
    .action(paper);
}

async function paper(flags: PaperFlags): Promise<void> {
  if (flags.list) {
    for (const { name, title } of rows) console.log(`${name.padEnd(20)} ${title}`);
    return;
  }
  const links = flags.link === 'both' ? linkNames : [flags.link];
  if (flags.transport === 'unix' && links.includes('gigabit'))
    throw new UserError('--transport unix: the sides of a gigabit link have no file system socket between them', 2);
  const size: Size = flags.quick ? 'quick' : 'full';
  const log = (line: string): void => void process.stderr.write(`bench: ${line}\n`);
  const { runs: turns, only, transport } = flags;
  const report = await measure({
    rows,
    guestRuns,
    only,
    turns,
    size,
    links,
    transport,
    limitMs: flags.limit * 1000,
    log,
  });
  for (const link of links) {
    const found = report.rows.filter((row) => row.link === link);
    if (found.length > 0) console.log(`${link}, ${transport}\n${table(found)}`);
  }
  const { processor, processors, load } = report.machine;
  console.log(`${processor}, ${processors} processors, load ${load.toFixed(1)}; medians of ${turns}.`);
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (flags.plot !== undefined) writeFileSync(flags.plot, plot(report));
  if (report.rows.some(({ failure }) => failure !== null)) process.exitCode = 1;
}
