/**
 * What goes wrong, and how it must: one line on standard error and a status other than 0; a cluster that loses a node
 * or gets Ctrl-C ends within seconds and leaves no process behind. (Guests that crash are in programs.test.ts.)
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after } from 'node:test';
import { type Case, runCases } from './cases.ts';
import { spoils } from './malformed.table.ts';
import {
  armadaCommand,
  armadaPath,
  childrenOf,
  type Mode,
  marked,
  modeName,
  type Running,
  run,
  signal,
  sleep,
  start,
  substitute,
  tails,
} from './oracle.ts';
import { guest, sysroot } from './toolchain.ts';

const directory = mkdtempSync(join(tmpdir(), 'armada-failures-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Only the emulator itself knows nodes and options; a substitute is tried on the rest. */
const own = substitute === undefined;
/** A user's mistake must be answered within this time. */
const answerMsMax = 20_000;
/** A cluster must have ended this long after it lost a node or was interrupted. */
const endMsMax = 5_000;
/** A node that is stopped instead of dead is given up 4.5 s after its last word, as the heartbeat has it. */
const silentEndMsMax = 7_000;
const startMsMax = 30_000;

function file(name: string, contents: string | Buffer, mode = 0o755): string {
  const path = join(directory, name.replaceAll(' ', '-'));
  writeFileSync(path, contents);
  chmodSync(path, mode);
  return path;
}

/** A fresh key, as a user makes it; the same file for the same name. */
function key(name = 'key'): string {
  const path = join(directory, name);
  if (!existsSync(path)) execFileSync(armadaPath, ['key', path]);
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

/** Starts `armada node` processes, gives their addresses to `use`, and kills them afterwards. */
async function withNodes(count: number, use: (hosts: string[], nodes: Running[]) => Promise<void>): Promise<void> {
  const nodes: Running[] = [];
  const hosts: string[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const node = start([armadaPath, 'node', '--listen', '127.0.0.1:0', '--key-file', key()]);
      nodes.push(node);
      await node.printed('\n', startMsMax);
      hosts.push(/^listening on (\S+)$/m.exec(node.stdout().toString())?.[1] as string);
    }
    await use(hosts, nodes);
  } finally {
    for (const node of nodes) node.finish();
  }
}

const runOn = (hosts: readonly string[], keyFile: string, program: string) => [
  armadaPath,
  'run',
  '--hosts',
  hosts.join(','),
  '--key-file',
  keyFile,
  program,
];

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
        await withSpin(runOn(hosts, key(), '').slice(0, -1), async (running) => {
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
        withSpin(runOn([host as string], key(), '').slice(0, -1), () =>
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

/** Starts a guest that does not end by itself and hands it over once it runs. */
async function withSpin(
  argv: readonly string[],
  use: (running: Running) => Promise<void>,
  program: readonly string[] = [guest({ source: 'spin.c' })],
): Promise<void> {
  const running = start([...argv, ...program]);
  try {
    await running.printed('started', startMsMax);
    await sleep(300);
    await use(running);
  } finally {
    running.finish();
  }
}

/** The run must end by itself within the limit, and nothing of it may be left shortly after. */
async function endsCleanly(running: Running, limitMs = endMsMax): Promise<number> {
  const status = await running.ended(limitMs);
  assert(status !== undefined, `still running after ${limitMs} ms; stderr: ${running.stderr()}`);
  const until = performance.now() + 1_000;
  while (marked(running.mark).length > 0 && performance.now() < until) await sleep(50);
  assert.deepEqual(marked(running.mark), [], 'processes left behind');
  return status;
}

/** The words of a process's command; none for one that has just ended, as the maker of the bundle does. */
function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

const death: Case[] = [
  ...([0, 1] as const).map((which) => ({
    name: `child process ${which + 1} of a run on 3 nodes is stopped`,
    run: () =>
      withSpin(armadaCommand({ nodes: 3, transport: 'unix' }), async (running) => {
        signal(childrenOf(running.child.pid as number)[which] as number, 'SIGSTOP');
        const status = await endsCleanly(running, silentEndMsMax);
        assert.notEqual(status, 0);
        assert.match(running.stderr(), /^armada: [^\n]*\bnode [12]\b[^\n]*\n$/, 'one line that names the node');
      }),
  })),
  ...([0, 1] as const).map((which) => ({
    name: `child process ${which + 1} of a run on 3 nodes is killed`,
    run: () =>
      withSpin(armadaCommand({ nodes: 3, transport: 'tcp' }), async (running) => {
        const children = childrenOf(running.child.pid as number);
        assert.equal(children.length, 2, 'two child processes');
        signal(children[which] as number, 'SIGKILL');
        const status = await endsCleanly(running);
        assert.notEqual(status, 0);
        assert.match(running.stderr(), /^armada: [^\n]*\bnode [12]\b[^\n]*\n$/, 'one line that names the node');
      }),
  })),
  ...[0, 50, 150, 400].map((delayMs) => ({
    name: `a child process is killed ${delayMs} ms after its start`,
    async run() {
      const running = start([...armadaCommand({ nodes: 2, transport: 'unix' }), guest({ source: 'spin.c' })]);
      try {
        const nodesOf = () =>
          childrenOf(running.child.pid as number).filter((pid) => commandLine(pid).includes('--key-stdin'));
        const until = performance.now() + startMsMax;
        while (nodesOf().length === 0 && performance.now() < until) await sleep(10);
        await sleep(delayMs);
        for (const pid of nodesOf()) signal(pid, 'SIGKILL');
        assert.equal(await endsCleanly(running), 1, running.stderr());
        assert.match(running.stderr(), /^armada: [^\n]*\bnode\b[^\n]*\n$/, 'one line that names the node');
      } finally {
        running.finish();
      }
    },
  })),
  {
    name: 'the master is killed: its child processes end',
    run: () =>
      withSpin(armadaCommand({ nodes: 3, transport: 'tcp' }), async (running) => {
        running.child.kill('SIGKILL');
        await endsCleanly(running);
      }),
  },
  {
    name: 'a node on another host is killed',
    run: () =>
      withNodes(2, (hosts, nodes) =>
        withSpin(runOn(hosts, key(), '').slice(0, -1), async (running) => {
          nodes[1]?.child.kill('SIGKILL');
          const status = await endsCleanly(running);
          assert.notEqual(status, 0);
          assert.match(running.stderr(), /^armada: [^\n]*\n$/, 'one line');
          assert(
            ['node 2', hosts[1] as string].some((name) => running.stderr().includes(name)),
            running.stderr(),
          );
        }),
      ),
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
if (own) runCases(import.meta.url, 'death of a node', death);
