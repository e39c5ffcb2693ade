/** Runs tables of cases as tests, two at a time, with the known failures of skipped.table.ts turned round. */
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { suite, test } from 'node:test';
import { parallel, substitute } from './oracle.ts';
import { skipped } from './skipped.table.ts';

export interface Case {
  readonly name: string;
  run(): Promise<void> | void;
}

/** Declares the tests of one file; `url` is its import.meta.url. */
export function runCases(url: string, title: string, cases: readonly Case[]): void {
  const file = basename(url, '.test.ts');
  suite(title, { concurrency: parallel }, () => {
    for (const { name, run } of cases) {
      const skip = skipped.find((row) => row.suites.includes(file) && name.startsWith(row.name));
      if (skip === undefined || substitute !== undefined) test(name, async () => run());
      else test(`${name} (known to fail: ${skip.reason})`, () => mustFail(name, run));
    }
  });
}

async function mustFail(name: string, run: Case['run']): Promise<void> {
  const failure = await Promise.resolve()
    .then(run)
    .catch((error: unknown) => error);
  assert(failure !== undefined, `'${name}' passes now: take its line out of test/skipped.table.ts`);
}
