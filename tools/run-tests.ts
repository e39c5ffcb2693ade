/**
 * Runs the tests with node's own runner. `unit` are those beside the sources, `program` the whole-program
 * ones under test/ (they install the cross compiler and qemu-user when missing), `all` is both.
 * Further arguments are passed on to node --test. With ARMADA_UNITS_PASSED set, `all` leaves out the unit tests, which the
 * caller has just run.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

interface Suite {
  readonly pattern: string;
  /** Test files that run at the same time: whole programs bring processes of their own. */
  readonly files: number;
}

const unit: Suite = { pattern: 'src/**/*.test.ts', files: 2 };
const program: Suite = { pattern: 'test/**/*.test.ts', files: 1 };
const everything = process.env['ARMADA_UNITS_PASSED'] ? [program] : [unit, program];
const suites: Record<string, readonly Suite[]> = { unit: [unit], program: [program], all: everything };
/** For one file, milliseconds; each case has a much closer limit of its own. */
const fileMsMax = 3_600_000;

const [name = 'all', ...rest] = process.argv.slice(2);
const chosen = suites[name];
if (!chosen) {
  console.error(`run-tests: no suite '${name}'; choose one of ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
let status = 0;
for (const { pattern, files } of chosen) {
  const options = ['--test', '--test-reporter=spec', `--test-concurrency=${files}`, `--test-timeout=${fileMsMax}`];
  const result = spawnSync(process.execPath, [...options, ...rest, ...globSync(pattern).sort()], { stdio: 'inherit' });
  status ||= result.status ?? 1;
}
process.exit(status);
