import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { parseEndpoint } from './endpoint.ts';
import { listenerWitness, processWitness } from './witness.ts';

const limit = { timeout: 20_000 };
const procfs = existsSync('/proc/self/stat') ? {} : { skip: 'this system has no /proc to look at' };

/** A process that listens on a port of this machine. */
async function listener(t: TestContext) {
  const source = `
    const server = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
  `;
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, pid: child.pid as number, endpoint: parseEndpoint(`127.0.0.1:${Number(port)}`) };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a process lives, is stopped, goes on and ends', { ...limit, ...procfs }, async (t) => {
  const { child, pid } = await listener(t);
  const witness = processWitness(pid);
  assert.equal(await witness(), undefined);
  child.kill('SIGSTOP');
  await until(async () => (await witness()) === 'its process is stopped');
  child.kill('SIGCONT');
  await until(async () => (await witness()) === undefined);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(await witness(), 'its process is gone');
});

test('a machine takes connections for a process that does not run, and none for a dead one', limit, async (t) => {
  const { child, endpoint } = await listener(t);
  const witness = listenerWitness(endpoint);
  assert.equal(await witness(), undefined);
  child.kill('SIGSTOP');
  assert.equal(await witness(), undefined);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(await witness(), "it can't be reached either (ECONNREFUSED)");
});

test('a machine that does not answer is given up soon', limit, async () => {
  const begin = performance.now();
  // TEST-NET-1 (RFC 5737): nobody has such an address.
  const testimony = await listenerWitness(parseEndpoint('192.0.2.1:7700'))();
  assert.match(testimony ?? '', /^(its machine does not answer either|it can't be reached either \(E\w+\))$/);
  assert.ok(performance.now() - begin < 5000);
});
