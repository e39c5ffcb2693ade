/**
 * What goes wrong, and how it must: one line on standard error and a status other than 0; a cluster that gets Ctrl-C
 * ends within seconds and leaves no process behind. (Guests that crash are in programs.test.ts, nodes in death.test.ts.)
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after } from 'node:test';
import { type Case, runCases } from './cases.ts';
import { endMsMax, endsCleanly, key, runOn, withNodes, withSpin } from './clusters.ts';
import { spoils } from './malformed.table.ts';
import { armadaCommand, armadaPath, type Mode, modeName, run, signal, sleep, substitute, tails } from './oracle.ts';
import { guest, sysroot } from './toolchain.ts';

const directory = mkdtempSync(join(tmpdir(), 'armada-failures-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Only the emulator itself knows nodes and options; a substitute is tried on the rest. */
const own = substitute === undefined;
/** A user's mistake must be answered within this time. */
const answerMsMax = 20_000;

function file(name: string, contents: string | Buffer, mode = 0o755): string {
  const path = join(directory, name.replaceAll(' ', '-'));
  writeFileSync(path, contents);
  chmodSync(path, mode);
  return path;
}

/** Runs a command that must fail with exactly one line, which contains `mention`, and print nothing else. */
async function failsWithOneLine(argv: readonly string[], mention: string): Promise<void> {
  const outcome = await run(argv, { limitMs: answerMsMax });
  const context = `${outcome.command}\n${tails(outcome)}`;
  assert(!outcome.timedOut, `no answer within ${answerMsMax} ms: ${context}`);
  assert.notEqual(outcome.status, 0, context);
  assert(outcome.status < 128, `a clean exit, not a signal: ${context}`);
  assert.match(outcome.stderr, /^armada: [^\n]*\S[^\n]*\n$/, `exactly one line: ${context}`);
  assert(outcome.stderr.includes(mention), `the line names '${mention}': ${context}`);
  assert.equal(outcome.stdout.length, 0, context);
}

const badPrograms: Case[] = [
  ...Object.entries(spoils).map(([name, spoil]) => ({
    name: `malformed ELF: ${name}`,
    run() {
      const path = file(`bad-${name}`, spoil(Buffer.from(readFileSync(guest({ source: 'hello.c' })))));
      return failsWithOneLine([...armadaCommand({}), path], basename(path));
    },
  })),
  {
    name: 'malformed ELF on two nodes',
    run() {
      const path = file('bad-pair', 'no program\n');
      return failsWithOneLine([...armadaCommand({ nodes: 2 }), path], 'bad-pair');
    },
  },
  {
    name: 'a directory',
    run() {
      mkdirSync(join(directory, 'folder'), { recursive: true });
      return failsWithOneLine([...armadaCommand({}), join(directory, 'folder')], 'folder');
    },
  },
  {
    name: 'a missing file',
    run: () => failsWithOneLine([...armadaCommand({}), join(directory, 'absent')], 'absent'),
  },
  {
    name: 'a missing interpreter',
    run: () =>
      failsWithOneLine([...armadaCommand({}), guest({ source: 'hello.c', dynamic: true })], 'ld-linux-armhf.so.3'),
  },
  {
    name: 'an interpreter that is no program',
    run() {
      const folder = join(directory, 'broken-root/lib');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'ld-linux-armhf.so.3'), 'no interpreter');
      const mode: Mode = { sysroot: join(directory, 'broken-root') };
      return failsWithOneLine(
        [...armadaCommand(mode), guest({ source: 'hello.c', dynamic: true })],
        'ld-linux-armhf.so.3',
      );
    },
  },
  {
    name: "a missing shared library is the interpreter's own message",
    async run() {
      const folder = join(directory, 'half-root/lib');
      mkdirSync(folder, { recursive: true });
      const name = 'ld-linux-armhf.so.3';
      writeFileSync(join(folder, name), readFileSync(join(sysroot(), 'lib', name)), { mode: 0o755 });
      const mode: Mode = { sysroot: join(directory, 'half-root') };
      const outcome = await run([...armadaCommand(mode), guest({ source: 'libraries.c', dynamic: true })]);
      assert.equal(outcome.status, 127, tails(outcome));
      assert.match(outcome.stderr, /error while loading shared libraries: lib\w+\.so\.6/);
    },
  },
];

const hello = () => guest({ source: 'hello.c' });

/** Options that make no sense; the line names the word at fault. */
const badOptions: readonly (readonly [options: readonly string[], mention: string])[] = [
  [['--nodes', '0'], '0'],
  [['--nodes', 'many'], 'many'],
  [['--nodes', '-3'], '-3'],
  [['--transport', 'pigeon'], 'pigeon'],
  [['--tier', 'fastest'], 'fastest'],
  [['--cpu', 'pentium'], 'pentium'],
  [['-cpu', 'pentium'], 'pentium'],
  [['--no-such-option'], '--no-such-option'],
  [['--nodes', '2', '--hosts', '127.0.0.1:9', '--plaintext'], '--nodes'],
  [['--hosts', ','], '--hosts'],
  [['--key-file', 'key'], '--key-file'],
  [['--plaintext'], '--plaintext'],
  [['--executors', '-1'], '-1'],
  [['-L', '/no/such/folder'], '/no/such/folder'],
  [['-L', '/dev/null'], '/dev/null'],
];

const badCommands: Case[] = [
  ...badOptions.map(([options, mention]) => ({
    name: `run ${options.join(' ')}`,
    run: () => failsWithOneLine([armadaPath, 'run', ...options, hello()], mention),
  })),
  { name: 'run without a program', run: () => failsWithOneLine([armadaPath, 'run'], 'program') },
];

/** A TCP port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const network: Case[] = [
  {
    name: 'two nodes serve one run after another',
    run: () =>
      withNodes(2, async (hosts) => {
        for (let turn = 0; turn < 3; turn++) {
          const outcome = await run(runOn(hosts, key(), guest({ source: 'parallel-sum.c' })));
          assert.equal(outcome.status, 0, tails(outcome));
          assert.equal(outcome.stderr, '');
        }
      }),
  },
  {
    name: 'nodes listen again after their master was killed',
    run: () =>
      withNodes(2, async (hosts, nodes) => {
        await withSpin(runOn(hosts, key()), async (running) => {
          running.child.kill('SIGKILL');
          await running.ended(endMsMax);
        });
        const outcome = await run(runOn(hosts, key(), hello()));
        assert.equal(outcome.status, 0, tails(outcome));
        for (const node of nodes) assert.equal(node.stderr(), '');
      }),
  },
  {
    name: 'a node that serves another run',
    run: () =>
      withNodes(1, ([host]) =>
        withSpin(runOn([host as string], key()), () =>
          failsWithOneLine(runOn([host as string], key(), hello()), 'busy'),
        ),
      ),
  },
  {
    name: 'a node named twice',
    run: () =>
      withNodes(1, ([host]) => failsWithOneLine(runOn([host as string, host as string], key(), hello()), 'twice')),
  },
  {
    name: 'a node named by two names',
    run: () =>
      withNodes(1, ([host]) =>
        failsWithOneLine(
          runOn([host as string, (host as string).replace('127.0.0.1', 'localhost')], key(), hello()),
          'name each node once',
        ),
      ),
  },
  ...(['SIGTERM', 'SIGINT', 'SIGHUP'] as const).map((name) => ({
    name: `${name} ends a node without a word`,
    run: () =>
      withNodes(1, async (_, [node]) => {
        node?.child.kill(name);
        assert.equal(await node?.ended(endMsMax), 128 + constants.signals[name]);
        assert.equal(node?.stderr(), '');
      }),
  })),
  {
    name: 'two nodes on other hosts run a program',
    run: () =>
      withNodes(2, async (hosts) => {
        const outcome = await run(runOn(hosts, key(), guest({ source: 'mutex-counter.c' })));
        assert.equal(outcome.status, 0, tails(outcome));
        assert.match(outcome.stdout.toString(), /^ended 8 counter 72000 /);
      }),
  },
  {
    name: 'a wrong key',
    run: () => withNodes(1, ([host]) => failsWithOneLine(runOn([host as string], key('other-key'), hello()), 'key')),
  },
  {
    name: 'a missing key file',
    run: () =>
      withNodes(1, ([host]) => failsWithOneLine(runOn([host as string], join(directory, 'no-key'), hello()), 'no-key')),
  },
  {
    name: 'an empty key file',
    run: () => failsWithOneLine(runOn(['127.0.0.1:9'], file('empty-key', '', 0o600), hello()), 'empty-key'),
  },
  {
    name: 'a key file that others may read',
    run: () => failsWithOneLine(runOn(['127.0.0.1:9'], file('open-key', 'a5'.repeat(32), 0o644), hello()), 'open-key'),
  },
  {
    name: 'a short key',
    run: () => failsWithOneLine(runOn(['127.0.0.1:9'], file('short-key', 'a5a5', 0o600), hello()), 'short-key'),
  },
  {
    name: 'a new key in the place of an old one',
    run: () => failsWithOneLine([armadaPath, 'key', key()], key()),
  },
  {
    name: 'a node without a key file',
    async run() {
      await failsWithOneLine([armadaPath, 'node', '--listen', `127.0.0.1:${await freePort()}`], '--key-file');
    },
  },
  {
    name: 'a node that cannot be reached',
    async run() {
      const host = `127.0.0.1:${await freePort()}`;
      await failsWithOneLine(runOn([host], key(), hello()), host);
    },
  },
  {
    name: 'one of two nodes that cannot be reached',
    run: () =>
      withNodes(1, async ([host]) => {
        const absent = `127.0.0.1:${await freePort()}`;
        await failsWithOneLine(runOn([host as string, absent], key(), hello()), absent);
      }),
  },
  {
    name: 'an address without a port',
    run: () => failsWithOneLine(runOn(['nowhere'], key(), hello()), 'nowhere'),
  },
  {
    name: 'a port out of range',
    run: () => failsWithOneLine(runOn(['127.0.0.1:99999'], key(), hello()), '99999'),
  },
  {
    name: 'hosts without a key file',
    run: () => failsWithOneLine([armadaPath, 'run', '--hosts', '127.0.0.1:9', hello()], '--key-file'),
  },
  {
    name: 'a host name that does not exist',
    run: () => failsWithOneLine(runOn(['no-such-host.invalid:7000'], key(), hello()), 'no-such-host.invalid'),
  },
  {
    name: 'a port in use',
    async run() {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      try {
        await failsWithOneLine(
          [armadaPath, 'node', '--listen', `127.0.0.1:${port}`, '--key-file', key()],
          String(port),
        );
      } finally {
        server.close();
      }
    },
  },
];

const interruptedModes = [{ nodes: 1 }, { nodes: 3, transport: 'tcp' }, { nodes: 2, transport: 'unix' }] as const;

const deaf: Case[] = interruptedModes.map((mode) => ({
  name: `the second Ctrl-C ends a guest that does not listen on ${modeName(mode)}`,
  run: () =>
    withSpin(
      armadaCommand(mode),
      async (running) => {
        const group = -(running.child.pid as number);
        signal(group, 'SIGINT');
        assert.equal(await running.ended(1_500), undefined, 'the first is left to the guest');
        signal(group, 'SIGINT');
        assert.equal(await endsCleanly(running), 130, running.stderr());
      },
      [guest({ source: 'interrupted.c' }), 'deaf'],
    ),
}));

const interruption: Case[] = interruptedModes.flatMap((mode) => [
  ...(['SIGINT', 'SIGTERM', 'SIGHUP'] as const).flatMap((name) =>
    (['process', 'process group'] as const).map((target) => ({
      name: `${name} to the ${target} of a run on ${modeName(mode)}`,
      run: () =>
        withSpin(armadaCommand(mode), async (running) => {
          const pid = running.child.pid as number;
          signal(target === 'process' ? pid : -pid, name);
          assert.equal(await endsCleanly(running), 128 + constants.signals[name], running.stderr());
        }),
    })),
  ),
  {
    name: `a guest with handlers takes its signals on ${modeName(mode)}`,
    run: () =>
      withSpin(
        armadaCommand(mode),
        async (running) => {
          const taken = ['SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGINT', 'SIGTERM'] as const;
          let expected = 'started\n';
          for (const name of taken) {
            expected += `took ${String(constants.signals[name]).padStart(2, '0')}\n`;
            // Longer apart than the Ctrl-C of somebody who wants out.
            await sleep(1_100);
            signal(-(running.child.pid as number), name);
            await running.printed(expected, endMsMax);
          }
          assert.equal(await endsCleanly(running), 7, running.stderr());
          assert.equal(running.stdout().toString(), expected);
        },
        [guest({ source: 'interrupted.c' })],
      ),
  },
]);

if (own) runCases(import.meta.url, 'programs that cannot run', badPrograms);
runCases(import.meta.url, 'Ctrl-C', own ? [...interruption, ...deaf] : interruption);
if (own) runCases(import.meta.url, 'commands that make no sense', badCommands);
if (own) runCases(import.meta.url, 'keys and addresses', network);
