/** Runs rumur on the model of the coherence protocol, with or without a seeded mistake. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDirectory, root, tool } from './toolchain.ts';

export interface ModelRun {
  readonly states: number;
  /** What is violated, if anything is. */
  readonly finding: string | undefined;
  /** The rules that led there. */
  readonly trace: readonly string[];
}

const runMsMax = 60_000;

/** Checks the model with some of its constants changed. */
export function checkModel(constants: Readonly<Record<string, number>> = {}): ModelRun {
  let text = readFileSync(join(root, 'test/model/coherence.m'), 'utf8');
  for (const [name, value] of Object.entries(constants)) {
    const changed = text.replace(new RegExp(`^ {2}${name}: \\d+;`, 'm'), `  ${name}: ${value};`);
    if (changed === text) throw new Error(`the model has no other value for ${name}`);
    text = changed;
  }
  const directory = join(buildDirectory, 'model');
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${Object.keys(constants).join('-') || 'right'}-${process.pid}`);
  writeFileSync(`${path}.m`, text);
  execFileSync(tool('rumur'), ['--output-format', 'machine-readable', '--output', `${path}.c`, `${path}.m`]);
  // Compiling takes longer than the search, and -O0 is the quickest together.
  execFileSync(tool('cc'), ['-O0', '-w', '-pthread', '-mcx16', '-o', path, `${path}.c`, '-latomic']);
  const { stdout } = spawnSync(path, { encoding: 'utf8', timeout: runMsMax, maxBuffer: 256 << 20 });
  const states = /<summary states="(\d+)"/.exec(stdout)?.[1];
  if (states === undefined) throw new Error(`the verifier of ${path}.m did not come to an end`);
  const message = /<message>(.*?)<\/message>/s.exec(stdout)?.[1];
  return {
    states: Number(states),
    finding: message === undefined ? undefined : plainText(message.replace(/\S+\.m:\S+: /, '')),
    trace: [...stdout.matchAll(/<transition>(.*?)<\/transition>/gs)].map(([, rule]) => plainText(rule as string)),
  };
}

/** A message, or a rule with its parameters, without the markup. */
function plainText(xml: string): string {
  return xml
    .replace(/<parameter name="(\w+)">(.*?)<\/parameter>/g, ' $1=$2')
    .replaceAll('&quot;', '"')
    .replaceAll('&gt;', '>');
}
