/**
 * Programs that start other programs. qemu-arm has the host's execute them, so a script or program runs under it with
 * the host's tools, and under the emulator with busybox for ARM in their place, and both print the same.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type Case, runCases } from './cases.ts';
import { endMsMax, endsCleanly, nodesOf, withSpin } from './clusters.ts';
import {
  armada,
  armadaCommand,
  assertSame,
  limitMs,
  type Mode,
  modeName,
  oracle,
  type Program,
  run,
  signal,
  sleep,
  tails,
} from './oracle.ts';
import { bashScript, perlScript, pythonScript, shellScripts } from './processes.table.ts';
import { busybox, guest, sysroot } from './toolchain.ts';

const folder = mkdtempSync(join(tmpdir(), 'armada-root-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The tools of which scripts make use; each is busybox. */
const applets =
  'awk basename cat cut dirname echo env expr false find grep head kill ls mkdir mkfifo mv printf pwd rm sed seq sh sleep sort tail tee test touch tr true uniq wc xargs'.split(
    ' ',
  );

/** A root whose /bin has busybox, and whose libraries are those of `set`. */
function rootOf(set: 'libraries' | 'programs' | 'tools'): string {
  const root = join(folder, set);
  if (made.has(set)) return root;
  made.add(set);
  mkdirSync(join(root, 'bin'), { recursive: true });
  for (const applet of applets) symlinkSync(busybox(), join(root, 'bin', applet));
  for (const part of ['lib', 'usr', 'etc']) symlinkSync(join(sysroot(set), part), join(root, part));
  return root;
}
const made = new Set<string>();

/** The same words in both. */
const env = { PATH: '/bin', LC_ALL: 'C', HOME: '/', ENV: '' };

const one: Mode = { nodes: 1 };
const two: Mode = { nodes: 2, transport: 'unix' };

function compared(name: string, program: () => Program, set: 'libraries' | 'programs' | 'tools', mode: Mode): Case {
  return {
    name: `${name} on ${modeName(mode)}`,
    async run() {
      const asked = { ...program(), env: { ...env, ...program().env } };
      const library = set === 'libraries' ? {} : { sysroot: sysroot(set) };
      assertSame(
        await armada({ ...asked, limitMs: 3 * limitMs }, { ...mode, sysroot: rootOf(set) }),
        await oracle(asked, library),
      );
    },
  };
}

const exec = (part: string): Program => ({ path: guest({ source: 'exec.c' }), args: [part] });
const parts = ['errors', 'scripts', 'kept', 'threads', 'spawns'];

runCases(import.meta.url, 'execve', [
  ...parts.map((part) => compared(part, () => exec(part), 'libraries', one)),
  ...['threads', 'spawns'].map((part) => compared(part, () => exec(part), 'libraries', two)),
  {
    // Under qemu-arm vfork is fork, and posix_spawn can't tell of errors.
    name: 'vfork shares the memory',
    async run() {
      const outcome = await armada({ ...exec('spawn-errors'), env }, { sysroot: rootOf('libraries') });
      assert.equal(
        outcome.stdout.toString(),
        'vfork: exit 0\nin the same memory: 2\nnothing to spawn: ENOENT\nbad action: ENOENT\n',
        tails(outcome),
      );
      assert.equal(outcome.status, 0, tails(outcome));
    },
  },
]);

const family = (...args: string[]): string[] => [guest({ source: 'family.c' }), ...args];
const three: Mode = { nodes: 3, transport: 'unix' };

runCases(import.meta.url, 'the end of many processes', [
  ...[one, three].flatMap((mode) =>
    (['SIGTERM', 'SIGINT'] as const).map((name) => ({
      name: `${name} on ${modeName(mode)}`,
      run: () =>
        withSpin(
          armadaCommand(mode),
          async (running) => {
            // The group of its own is the terminal's no more: that one is left, until a second Ctrl-C or another signal.
            signal(running.child.pid as number, name);
            if (name === 'SIGINT') {
              await sleep(200);
              signal(running.child.pid as number, name);
            }
            assert.equal(await endsCleanly(running), 128 + constants.signals[name], running.stderr());
          },
          family(),
        ),
    })),
  ),
  {
    name: `a node is lost on ${modeName(three)}`,
    run: () =>
      withSpin(
        armadaCommand(three),
        async (running) => {
          signal(nodesOf(running)[0] as number, 'SIGKILL');
          assert.equal(await endsCleanly(running), 1, running.stderr());
          assert.match(running.stderr(), /^armada: node [12] [^\n]*; its process was ended by SIGKILL\n$/);
        },
        family(),
      ),
  },
  {
    name: 'the state of all is told',
    run: () =>
      withSpin(
        armadaCommand(three),
        async (running) => {
          running.child.kill('SIGQUIT');
          const until = performance.now() + endMsMax;
          const told = (): number => running.stderr().match(/^process \d+:$/gm)?.length ?? 0;
          while (told() < 6) {
            assert(performance.now() < until, running.stderr());
            await sleep(50);
          }
          running.child.kill('SIGKILL');
          await endsCleanly(running);
        },
        family(),
      ),
  },
  {
    name: 'the first one ends before the others',
    async run() {
      const [path = '', ...args] = family('first');
      for (const mode of [one, three]) {
        const outcome = await armada({ path, args }, mode);
        assert.equal(outcome.stdout.toString(), `started\n${'the last word of a child\n'.repeat(4)}`, tails(outcome));
        assert.equal(outcome.status, 5, tails(outcome));
      }
    },
  },
]);

runCases(import.meta.url, 'scripts', [
  ...Object.entries(shellScripts).map(([name, text]): Case => {
    return {
      name: `sh: ${name}`,
      // Under busybox's shell here, under the host's there.
      async run() {
        const args = ['sh', '-c', text];
        const actual = await armada({ path: busybox(), args, env }, { sysroot: rootOf('libraries') });
        assertSame(actual, await run(['/bin/sh', '-c', text], { env }));
      },
    };
  }),
  compared('bash', () => ({ path: join(sysroot('tools'), 'bin/bash'), args: ['-c', bashScript] }), 'tools', two),
  compared(
    'perl',
    () => ({
      path: join(sysroot('tools'), 'usr/bin/perl'),
      args: ['-e', perlScript],
      env: {
        PERL5LIB: ['usr/share/perl/5.36', 'usr/lib/arm-linux-gnueabihf/perl/5.36']
          .map((lib) => join(sysroot('tools'), lib))
          .join(':'),
      },
    }),
    'tools',
    one,
  ),
  compared(
    'python',
    () => ({
      path: join(sysroot('programs'), 'usr/bin/python3.11'),
      args: ['-B', '-c', pythonScript],
      env: { PYTHONHOME: join(sysroot('programs'), 'usr') },
    }),
    'programs',
    one,
  ),
]);
