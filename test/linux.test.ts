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
  {
    // qemu-arm knows fork and threads, and refuses what is neither.
    source: 'clone-flags.c',
    modes: [{ nodes: 1 }, { nodes: 3, transport: 'tcp' }],
    stdout:
      'nothing shared: exit 5\n' +
      'word 0\n' +
      'CLONE_VM: exit 5\n' +
      'word 5\n' +
      'descriptors apart: exit 6\n' +
      'open 1\n' +
      'CLONE_FILES: exit 6\n' +
      'open 0\n' +
      'directories apart: exit 7\n' +
      'moved 0\n' +
      'CLONE_FS: exit 7\n' +
      'moved 1, umask 77\n' +
      'CLONE_SIGHAND: exit 9\n' +
      'ignored 1\n' +
      'its maker: exit 10\n' +
      'CLONE_PARENT: exit 8\n' +
      'no signal: ECHILD, __WCLONE 1\n' +
      '__WALL 1\n' +
      'CLONE_SIGHAND alone: EINVAL, CLONE_THREAD alone: EINVAL\n' +
      'SA_NOCLDWAIT: ECHILD\n',
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
