/**
 * Programs that start other programs. qemu-arm has the host's execute them, so a script or program runs under it with
 * the host's tools, and under the emulator with busybox for ARM in their place, and both print the same.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type Case, runCases } from './cases.ts';
import { armada, assertSame, limitMs, type Mode, modeName, oracle, type Program, run, tails } from './oracle.ts';
import { bashScripts, perlScript, pythonScripts, shellScripts } from './processes.table.ts';
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
      assertSame(await armada({ ...asked, limitMs: 3 * limitMs }, { ...mode, sysroot: rootOf(set) }), await oracle(asked, library));
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
  ...Object.entries(bashScripts).flatMap(([name, text]) =>
    [one, two].map((mode) =>
      compared(
        `bash: ${name}`,
        () => ({ path: join(sysroot('tools'), 'bin/bash'), args: ['-c', text] }),
        'tools',
        mode,
      ),
    ),
  ),
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
  ...Object.entries(pythonScripts).map(([name, text]) =>
    compared(
      `python: ${name}`,
      () => ({
        path: join(sysroot('programs'), 'usr/bin/python3.11'),
        args: ['-B', '-c', text],
        env: { PYTHONHOME: join(sysroot('programs'), 'usr') },
      }),
      'programs',
      one,
    ),
  ),
]);
