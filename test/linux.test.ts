/** What Linux has and qemu-arm has not, or has otherwise: programs that are compared with what they print on Linux. */
import assert from 'node:assert/strict';
import { type Case, runCases } from './cases.ts';
import { armada, type Mode, modeName, tails } from './oracle.ts';
import { guest } from './toolchain.ts';

const cluster: readonly Mode[] = [{ nodes: 1 }, { nodes: 2, transport: 'tcp' }, { nodes: 3, transport: 'tcp' }];

interface Row {
  readonly source: string;
  readonly modes: readonly Mode[];
  readonly stdout: string;
}

const rows: readonly Row[] = [
  {
    // qemu-arm's set_robust_list(2) answers ENOSYS.
    source: 'robust-mutexes.c',
    modes: cluster,
    stdout:
      'told after the end: 40 of 40\ntold while waiting: 20 of 20\n' +
      'not made consistent: Owner died, then State not recoverable\n',
  },
  {
    // A node has room for 8,192 threads; Linux has limits of the same kind.
    source: 'thread-limit.c',
    modes: [{ nodes: 1 }],
    stdout: '8191 threads, then: Resource temporarily unavailable\none more: Success\n',
  },
];

function promise({ source, stdout }: Row, mode: Mode): Case {
  return {
    name: `${source} on ${modeName(mode)}`,
    async run() {
      const outcome = await armada({ path: guest({ source }) }, mode);
      assert.equal(outcome.stdout.toString(), stdout, tails(outcome));
      assert(!outcome.timedOut && outcome.status === 0 && outcome.stderr === '', tails(outcome));
    },
  };
}

runCases(
  import.meta.url,
  'Linux itself',
  rows.flatMap((row) => row.modes.map((mode) => promise(row, mode))),
);
