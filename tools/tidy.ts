/**
 * Import edges and house style as a test: each folder may import only from the folders that this table lists,
 * `node:*` only where the outside world is touched, no file grows into a warehouse, and the coverage page lists the
 * rows that there are.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { figuresOf, renderPage } from '../test/fuzz-page.ts';

const downward: Record<string, readonly string[]> = {
  base: [],
  layout: ['base'],
  abi: ['base'],
  processor: [],
  ir: ['base', 'layout'],
  'isa/arm': ['base', 'layout', 'processor', 'ir'],
  wasm: ['base', 'layout', 'ir'],
  engine: ['base', 'layout', 'abi', 'processor', 'ir', 'isa/arm', 'wasm'],
  linux: ['base', 'layout', 'abi', 'processor'],
  coherence: ['base', 'layout'],
  compression: [],
  transport: ['base'],
  cluster: ['base', 'layout', 'abi', 'processor', 'engine', 'linux', 'coherence', 'compression', 'transport'],
  cli: ['base', 'abi', 'processor', 'cluster', 'transport'],
};
/** Folders whose sources touch the host; everywhere else only tests may import node:*. */
const hostFolders = new Set(['linux', 'transport', 'cluster', 'cli', 'engine']);
/** The portable part of host folders: files that must stay free of node:*. */
const linesMax = 700;

const problems: string[] = [];

function folderOf(path: string): string {
  const folder = dirname(path).replace(/^src\//, '');
  return Object.keys(downward).find((name) => folder === name || folder.startsWith(`${name}/`)) ?? `?${folder}`;
}

for (const path of globSync('src/**/*.ts').sort()) {
  const text = readFileSync(path, 'utf8');
  const isTest = path.endsWith('.test.ts');
  const from = folderOf(path);
  if (from.startsWith('?')) {
    problems.push(`${path}: folder ${from.slice(1)} is not in the edge table`);
    continue;
  }
  for (const match of text.matchAll(/^\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/gms)) {
    const target = (match[1] ?? match[2]) as string;
    if (target.startsWith('node:')) {
      if (!isTest && !hostFolders.has(from)) problems.push(`${path}: ${target} is not allowed in ${from}/`);
      continue;
    }
    if (!target.startsWith('.')) {
      if (!isTest && !['cli', 'cluster', 'transport'].includes(from))
        problems.push(`${path}: package ${target} is not allowed in ${from}/`);
      continue;
    }
    const to = folderOf(normalize(join(dirname(path), target)));
    if (to === from || isTest) continue;
    if (!(downward[from] as readonly string[]).includes(to)) problems.push(`${path}: ${from}/ may not import ${to}/`);
  }
  const lines = text.split('\n').length;
  if (lines > linesMax && !path.endsWith('.table.ts')) problems.push(`${path}: ${lines} lines (at most ${linesMax})`);
  if (!/^[a-z0-9.-]+$/.test(path.split('/').at(-1) as string)) problems.push(`${path}: file names are kebab-case`);
}

const pagePath = 'docs/instructions.md';
const page = readFileSync(pagePath, 'utf8');
if (renderPage(figuresOf(page)) !== page)
  problems.push(`${pagePath}: not what the instruction tables say: npm run fuzz -- --rows 'REGEX OF THE NEW ROWS'`);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log('tidy: import edges, file names and sizes hold; docs/instructions.md is up to date');
