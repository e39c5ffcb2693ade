/**
 * Nodes that die, are stopped or are slow: a dead one ends the run within seconds with a line that names it and says
 * how it ended, and no process is left behind; one that gets no processor time is waited for.
 */
import assert from 'node:assert/strict';
import type { NodeId } from '../src/base/types.ts';
import { Channel, ControlKind } from '../src/cluster/protocol.ts';
import { decodeJson } from '../src/cluster/rpc.ts';
import { dial } from '../src/transport/dial.ts';
import { parseEndpoint } from '../src/transport/endpoint.ts';
import { type Hello, newClusterId } from '../src/transport/hello.ts';
import { readKeyFile } from '../src/transport/key-file.ts';
import type { Security } from '../src/transport/security.ts';
import { type Case, runCases } from './cases.ts';
import { endMsMax, endsCleanly, key, nodesOf, runOn, startMsMax, withNodes, withSpin } from './clusters.ts';
import { armadaCommand, type Running, run, signal, sleep, start, substitute, tails } from './oracle.ts';
import { guest } from './toolchain.ts';

/** Only the emulator itself knows nodes. */
const own = substitute === undefined;
/** A node that is stopped instead of dead is given up 3.5 s after its last word, as the heartbeat has it. */
const silentEndMsMax = 7_000;

const death: Case[] = [
  ...([0, 1] as const).map((which) => ({
    name: `child process ${which + 1} of a run on 3 nodes is stopped`,
    run: () =>
      withSpin(armadaCommand({ nodes: 3, transport: 'unix' }), async (running) => {
        signal(nodesOf(running)[which] as number, 'SIGSTOP');
        const status = await endsCleanly(running, silentEndMsMax);
        assert.notEqual(status, 0);
        assert.match(running.stderr(), /^armada: node [12] [^\n]*: its process is stopped\n$/);
      }),
  })),
  ...([0, 1] as const).map((which) => ({
    name: `child process ${which + 1} of a run on 3 nodes is killed`,
    run: () =>
      withSpin(armadaCommand({ nodes: 3, transport: 'tcp' }), async (running) => {
        const nodes = nodesOf(running);
        assert.equal(nodes.length, 2, 'two child processes');
        signal(nodes[which] as number, 'SIGKILL');
        const status = await endsCleanly(running);
        assert.notEqual(status, 0);
        assert.match(running.stderr(), /^armada: node [12] [^\n]*; its process was ended by SIGKILL\n$/);
      }),
  })),
  ...[0, 50, 150, 400].map((delayMs) => ({
    name: `a child process is killed ${delayMs} ms after its start`,
    async run() {
      const running = start([...armadaCommand({ nodes: 2, transport: 'unix' }), guest({ source: 'spin.c' })]);
      try {
        const until = performance.now() + startMsMax;
        while (nodesOf(running).length === 0 && performance.now() < until) await sleep(10);
        await sleep(delayMs);
        for (const pid of nodesOf(running)) signal(pid, 'SIGKILL');
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
        withSpin(runOn(hosts, key()), async (running) => {
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

/** The master is in command of all nodes, and nobody has complained. */
async function goesOn(running: Running, nodes: number): Promise<void> {
  assert.equal(running.stderr(), '');
  running.child.kill('SIGQUIT');
  const until = performance.now() + endMsMax;
  for (let node = 0; node < nodes; node++)
    while (!running.stderr().includes(`node ${node}:`)) {
      assert(performance.now() < until, `no word of node ${node}: ${running.stderr()}`);
      await sleep(50);
    }
  assert.match(running.stderr(), /^ {2}runnable: waits for an executor; running: /m, 'the words are explained');
  running.child.kill('SIGTERM');
  assert.equal(await endsCleanly(running), 143, running.stderr());
}

async function pause(pid: number, ms: number): Promise<void> {
  signal(pid, 'SIGSTOP');
  await sleep(ms);
  signal(pid, 'SIGCONT');
}

/** Longer than a peer may be silent before anybody asks whether it lives. */
const pauseMs = 8_000;

const slow: Case[] = [
  {
    name: 'the master of 3 nodes is stopped for a while, as by Ctrl-Z',
    run: () =>
      withSpin(armadaCommand({ nodes: 3, transport: 'tcp' }), async (running) => {
        await pause(running.child.pid as number, pauseMs);
        await goesOn(running, 3);
      }),
  },
  {
    name: 'the master of nodes on other hosts is stopped for a while',
    run: () =>
      withNodes(2, (hosts, nodes) =>
        withSpin(runOn(hosts, key()), async (running) => {
          await pause(running.child.pid as number, pauseMs);
          await goesOn(running, 3);
          for (const node of nodes) assert.equal(node.stderr(), '');
        }),
      ),
  },
  {
    name: 'a node on another host does not run for a while',
    run: () =>
      withNodes(2, (hosts, nodes) =>
        withSpin(runOn(hosts, key()), async (running) => {
          await pause(nodes[1]?.child.pid as number, pauseMs);
          await goesOn(running, 3);
          for (const node of nodes) assert.equal(node.stderr(), '');
        }),
      ),
  },
  {
    name: 'a node on another host does not run when it is called',
    run: () =>
      withNodes(1, async (hosts, nodes) => {
        const pid = nodes[0]?.child.pid as number;
        signal(pid, 'SIGSTOP');
        const outcome = run(runOn(hosts, key(), guest({ source: 'hello.c' })));
        await sleep(pauseMs);
        signal(pid, 'SIGCONT');
        assert.equal((await outcome).status, 0, tails(await outcome));
        assert.equal((await outcome).stderr, '');
      }),
  },
];

const lastWords: Case[] = [
  {
    name: 'a node that is told to end says so',
    run: () =>
      withNodes(2, (hosts, nodes) =>
        withSpin(runOn(hosts, key()), async (running) => {
          nodes[0]?.child.kill('SIGTERM');
          assert.equal(await endsCleanly(running), 1);
          assert.match(running.stderr(), /^armada: node 1 \([^\n]*\) is lost, [^\n]*: ended by SIGTERM\n$/);
          assert.equal(await nodes[0]?.ended(endMsMax), 143);
          assert.equal(nodes[0]?.stderr(), '');
        }),
      ),
  },
  {
    name: 'a node that fails by a mistake of its own says it to its master and on its own terminal',
    run: () =>
      withNodes(1, async ([host], [node]) => {
        const security: Security = { kind: 'tls-psk', key: readKeyFile(key()) };
        const hello: Hello = { node: 0 as NodeId, cluster: newClusterId(), role: 'master', info: '' };
        const connection = await dial(parseEndpoint(host as string), { security, hello });
        const told = new Promise<string>((resolve) => {
          connection.onFrame = (frame) => {
            assert.deepEqual([frame.channel, frame.kind], [Channel.control, ControlKind.failure]);
            resolve((decodeJson(frame.payload.subarray(0, frame.w2)) as { message: string }).message);
          };
        });
        // No master sends this.
        const damaged = Buffer.from('{');
        connection.send(Channel.control, ControlKind.join, 1, 0, damaged.length, 0, damaged);
        assert.match(await told, /^SyntaxError: .*JSON/);
        assert.equal(await node?.ended(endMsMax), 70);
        assert.match(node?.stderr() ?? '', /^armada: internal error, please report it: SyntaxError: /);
      }),
  },
];

if (own) {
  runCases(import.meta.url, 'death of a node', death);
  runCases(import.meta.url, 'slow processes', slow);
  runCases(import.meta.url, 'last words', lastWords);
}
