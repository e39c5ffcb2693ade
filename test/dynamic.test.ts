/** Programs linked against Debian's own libraries, found through -L: C and C++, exceptions, threads, dlopen. */
import { runCases } from './cases.ts';
import { comparison } from './comparison.ts';
import type { Mode } from './oracle.ts';
import type { GuestRow } from './programs.table.ts';

const modes: readonly Mode[] = [{ nodes: 1 }, { nodes: 2, transport: 'tcp' }];

const dynamicRows: readonly GuestRow[] = (
  [
    ['hello.c'],
    ['libm.c'],
    ['heap.c'],
    ['strings.c'],
    ['jumps.c'],
    ['faults.c'],
    ['environment.c', { args: ['linked', 'dynamically'], status: 17 }],
    ['files.c'],
    ['classes.cc'],
    ['exceptions.cc', { status: 3 }],
    ['libraries.c'],
    ['create-join.c'],
    ['thread-local.c'],
    ['queue.c'],
    ['thread-heap.c'],
    ['thread-signals.c'],
    ['main-exits.c'],
    ['async.cc'],
  ] as const
).map(([source, rest]) => ({ name: `${source} dynamic`, build: { source, dynamic: true }, ...rest }));

runCases(
  import.meta.url,
  'dynamically linked programs',
  modes.flatMap((mode) => dynamicRows.map((row) => comparison(row, mode))),
);
