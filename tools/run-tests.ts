/**
 * Runs the tests with node's own runner. `unit` are those beside the sources, `program` the whole-program
 * ones under test/ (they install the cross compiler and qemu-user when missing), `all` is both.
 * Further arguments are passed on to node --test.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

const suites: Record<string, string[]> = {
  unit: ['src/**/*.test.ts'],
  program: ['test/**/*.test.ts'],
  all: ['src/**/*.test.ts', 'test/**/*.test.ts'],
};
const [suite = 'all', ...rest] = process.argv.slice(2);
const patterns = suites[suite];
if (!patterns) {
  console.error(`run-tests: no suite '${suite}'; choose one of ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
const files = patterns.flatMap((pattern) => globSync(pattern)).sort();
const result = spawnSync(
  process.execPath,
  ['--test', '--test-reporter=spec', '--test-concurrency=2', '--test-timeout=1800000', ...rest, ...files],
  { stdio: 'inherit' },
);
process.exit(result.status ?? 1);
