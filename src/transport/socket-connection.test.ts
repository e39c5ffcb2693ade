import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import * as net from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Prng } from '../base/prng.ts';
import type { NodeId } from '../base/types.ts';
import { UserError } from '../base/user-error.ts';
import type { CloseReason, Connection } from './connection.ts';
import { type DialOptions, dial } from './dial.ts';
import { type Endpoint, parseEndpoint, printEndpoint } from './endpoint.ts';
import { Control, controlChannel, headerBytes, writeHeader } from './frame.ts';
import { encodeHello, type Hello, helloMagic, newClusterId, protocolVersion, unassignedNode } from './hello.ts';
import { type Listener, type ListenOptions, listen } from './listen.ts';
import type { Security } from './security.ts';
import type { Timers } from './timers.ts';

const limit = { timeout: 20_000 };
const plaintext: Security = { kind: 'plaintext' };
const keyed = (fill: number): Security => ({ kind: 'tls-psk', key: new Uint8Array(32).fill(fill) });
const hello = (node: number): Hello => ({ node: node as NodeId, cluster: undefined, role: 'node', info: `n${node}` });
const anyPort = parseEndpoint('127.0.0.1:0');

interface Host {
  readonly endpoint: Endpoint;
  readonly log: string[];
  /** Connections in the order in which they came. */
  next(): Promise<Connection>;
}

async function host(
  t: TestContext,
  security: Security,
  more: Partial<ListenOptions> = {},
  at = anyPort,
): Promise<Host> {
  const log: string[] = [];
  const arrived: Connection[] = [];
  const awaited: ((connection: Connection) => void)[] = [];
  const options = { security, hello: hello(0), log: (line: string) => log.push(line), ...more };
  const all: Connection[] = [];
  const listener: Listener = await listen(at, options, (connection) => {
    all.push(connection);
    const waiter = awaited.shift();
    if (waiter === undefined) arrived.push(connection);
    else waiter(connection);
  });
  t.after(() => {
    listener.close();
    for (const connection of all) connection.close();
  });
  const next = (): Promise<Connection> => {
    const connection = arrived.shift();
    return connection === undefined ? new Promise((resolve) => awaited.push(resolve)) : Promise.resolve(connection);
  };
  return { endpoint: listener.endpoint, log, next };
}

async function pair(t: TestContext, security: Security, at = anyPort): Promise<[Connection, Connection]> {
  const { endpoint, next } = await host(t, security, {}, at);
  const near = await dial(endpoint, { security, hello: hello(1) });
  t.after(() => near.close());
  return [near, await next()];
}

const closed = (connection: Connection): Promise<CloseReason> =>
  new Promise((resolve) => {
    connection.onClose = resolve;
  });

async function refusal(endpoint: Endpoint, options: Partial<DialOptions>): Promise<string> {
  try {
    (await dial(endpoint, { security: plaintext, hello: hello(1), introductionMs: 2000, ...options })).close();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message;
  }
  return assert.fail('it was not refused');
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; !condition(); ) {
    assert.ok(Date.now() < end, 'waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some((entry) => entry.address === '::1'));
}

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'armada-net-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** 100,000 small frames with large ones between, both ways at once; each is checked. */
async function exchange(a: Connection, b: Connection, frames: number): Promise<void> {
  const sizes = (seed: number): (() => number) => {
    const prng = new Prng(seed);
    return () => (prng.chance(0.001) ? prng.below(700_000) : prng.chance(0.1) ? prng.below(5000) : prng.below(32));
  };
  const receive = (end: Connection, seed: number): Promise<void> =>
    new Promise((resolve) => {
      const size = sizes(seed);
      let count = 0;
      end.onFrame = (frame) => {
        const bytes = size();
        if (frame.w0 !== count || frame.payloadBytes !== bytes) assert.fail(`frame ${count} is not the one sent`);
        if (bytes > 0) {
          assert.equal(frame.bytes[frame.start], count & 255);
          assert.equal(frame.bytes[frame.start + bytes - 1], count & 255);
        }
        if (++count === frames) resolve();
      };
    });
  const transmit = async (end: Connection, seed: number): Promise<void> => {
    const size = sizes(seed);
    const scratch = new Uint8Array(700_000);
    for (let i = 0; i < frames; i++) {
      const bytes = size();
      scratch[0] = i;
      scratch[bytes - 1] = i;
      end.send(3, 9, i, 0, 0, 0, scratch.subarray(0, bytes));
      if (i % 500 === 0 || end.writableBytes > 4 << 20) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all([receive(a, 1), receive(b, 2), transmit(a, 2), transmit(b, 1)]);
}

for (const [name, security, at] of [
  ['plain TCP', plaintext, anyPort],
  ['TLS', keyed(1), anyPort],
  ['a unix socket', keyed(1), undefined],
] as const) {
  test(`${name}: frames arrive whole and in order under load, both ways`, limit, async (t) => {
    const endpoint = at ?? parseEndpoint(`unix:${join(temporaryDirectory(t), 'sub', 'node')}`);
    const [near, far] = await pair(t, security, endpoint);
    assert.equal(near.peer, 0);
    assert.equal(near.self, 1);
    assert.equal(far.peer, 1);
    assert.equal(far.introduction.info, 'n1');
    await exchange(near, far, name === 'plain TCP' ? 100_000 : 20_000);
    const reason = closed(far);
    const own = closed(near);
    near.close('all is done');
    assert.equal((await reason).kind, 'goodbye');
    assert.match((await reason).message, /: closed by the peer: all is done$/);
    assert.equal((await own).kind, 'local');
  });
}

test('frames wait until a handler is set, on either side', limit, async (t) => {
  const numbered = async (end: Connection): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(end.framesIn <= 1, 'nothing but the introduction was read');
    let seen = 0;
    await new Promise<void>((resolve) => {
      end.onFrame = (frame) => {
        assert.equal(frame.w0, seen++);
        if (seen === 1000) resolve();
      };
    });
  };
  const send = (end: Connection): void => {
    for (let i = 0; i < 1000; i++) end.send(1, 1, i, 0, 0, 0, new Uint8Array(2000));
  };
  for (const security of [plaintext, keyed(1)]) {
    const [near, far] = await pair(t, security);
    send(far);
    send(near);
    await Promise.all([numbered(near), numbered(far)]);
  }
});

test('the end of a connection is told once, also to a handler that comes late', limit, async (t) => {
  const [near, far] = await pair(t, plaintext);
  far.onFrame = () => {};
  const told: string[] = [];
  near.close();
  near.onClose = (reason) => told.push(`near ${reason.kind}`);
  near.close();
  near.send(1, 1, 0, 0, 0, 0);
  await closed(far);
  far.onClose = (reason) => told.push(`far ${reason.kind}`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(told, ['near local']);
});

test('host names and IPv6 addresses reach the node', limit, async (t) => {
  for (const security of [plaintext, keyed(1)]) {
    const { endpoint, next } = await host(t, security);
    assert.ok(endpoint.kind === 'tcp');
    // localhost may mean ::1 first, where nothing listens.
    const near = await dial({ ...endpoint, host: 'localhost' }, { security, hello: hello(1) });
    await exchange(near, await next(), 1000);
    near.close();
  }
  if (!hasIpv6()) return;
  const [near, far] = await pair(t, keyed(1), parseEndpoint('[::1]:0'));
  assert.match(near.remote, /^node 0 at \[::1\]:\d+$/);
  await exchange(near, far, 1000);
});

test('a large frame of the limit size passes, one byte more is a bug of the sender', limit, async (t) => {
  const [near, far] = await pair(t, plaintext);
  const bytes = new Uint8Array(64 << 20);
  bytes[bytes.length - 1] = 7;
  const arrived = new Promise<void>((resolve) => {
    far.onFrame = (frame) => {
      assert.equal(frame.payloadBytes, bytes.length);
      assert.equal(frame.bytes[frame.start + bytes.length - 1], 7);
      resolve();
    };
  });
  near.send(1, 1, 0, 0, 0, 0, bytes);
  await arrived;
  assert.throws(() => near.send(1, 1, 0, 0, 0, 0, [bytes, new Uint8Array(1)]), /over 64 MiB/);
});

test('a peer that takes nothing ends the connection at the queue limit', limit, async (t) => {
  const { endpoint } = await host(t, plaintext);
  const near = await dial(endpoint, { security: plaintext, hello: hello(1), queuedBytesMax: 32 << 20 });
  const reason = closed(near);
  const bytes = new Uint8Array(1 << 20);
  for (let i = 0; i < 64; i++) near.send(1, 1, i, 0, 0, 0, bytes);
  assert.equal((await reason).kind, 'overflow');
  assert.match((await reason).message, /^node 0 at .*: takes nothing: \d+ bytes wait for it, the limit is 33554432$/);
});

test('another key is refused with one clear message, and the listener goes on', limit, async (t) => {
  const { endpoint, next, log } = await host(t, keyed(1));
  assert.equal(
    await refusal(endpoint, { security: keyed(2) }),
    `node ${printEndpoint(endpoint)} refused the key; start both sides with the same --key-file`,
  );
  await until(() => log.length > 0);
  assert.match(log.join('\n'), /^127\.0\.0\.1:\d+: turned away 127\.0\.0\.1:\d+: it has another key$/);
  const near = await dial(endpoint, { security: keyed(1), hello: hello(1) });
  assert.equal((await next()).peer, 1);
  near.close();
});

test('one side with a key and one without: both are told', limit, async (t) => {
  const locked = await host(t, keyed(1));
  assert.match(await refusal(locked.endpoint, { security: plaintext }), /started with a key file, or both without/);
  await until(() => locked.log.length > 0);
  assert.match(locked.log.join('\n'), /it does not speak TLS/);
  const open = await host(t, plaintext);
  assert.match(await refusal(open.endpoint, { security: keyed(1) }), /TLS/);
  await until(() => open.log.length > 0);
  assert.match(open.log.join('\n'), /turned away/);
});

test('strangers do not disturb a listener', limit, async (t) => {
  for (const security of [plaintext, keyed(1)]) {
    const { endpoint, next, log } = await host(t, security);
    assert.ok(endpoint.kind === 'tcp');
    const prng = new Prng(3);
    const noise = Buffer.alloc(100_000);
    for (let i = 0; i < noise.length; i++) noise[i] = prng.next32();
    const early = Buffer.alloc(headerBytes);
    writeHeader(new DataView(early.buffer, early.byteOffset), 0, 0, 1, 1, 0, 0, 0, 0);
    for (const bytes of [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), noise, early, Buffer.alloc(0)]) {
      const socket = net.connect(endpoint.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.end(bytes);
      socket.resume();
      await new Promise((resolve) => socket.once('close', resolve));
    }
    await until(() => log.length >= 3);
    const near = await dial(endpoint, { security, hello: hello(1) });
    assert.equal((await next()).peer, 1);
    assert.equal(log.length, 3, 'who left without a word is not worth a line');
    near.close();
  }
});

test('a port in use and an address of another machine say what to do', limit, async (t) => {
  const { endpoint } = await host(t, plaintext);
  const fails = (at: Endpoint, message: RegExp): Promise<void> =>
    assert.rejects(
      listen(at, { security: plaintext, hello: hello(0) }, () => {}),
      (error: Error) => error instanceof UserError && message.test(error.message),
    );
  await fails(endpoint, /^port \d+ of 127\.0\.0\.1 is in use; .* choose another port/);
  await fails(parseEndpoint('192.0.2.1:0'), /the address is not this machine's/);
});

test('a unix socket: private directory, stale sockets replaced, running ones not', limit, async (t) => {
  const directory = temporaryDirectory(t);
  const at = parseEndpoint(`unix:${directory}/deep/node`);
  const first = spawnNode(t, at);
  await first.ready;
  assert.equal(statSync(join(directory, 'deep')).mode & 0o777, 0o700);
  await assert.rejects(
    listen(at, { security: plaintext, hello: hello(0) }, () => {}),
    /in use by a running process/,
  );
  first.child.kill('SIGKILL');
  await new Promise((resolve) => first.child.once('exit', resolve));
  const { endpoint } = await host(t, plaintext, {}, at);
  (await dial(endpoint, { security: plaintext, hello: hello(1) })).close();
  await assert.rejects(
    listen(parseEndpoint('unix:/tmp/armada-node'), { security: plaintext, hello: hello(0) }, () => {}),
    /directory \/tmp (is open to others|belongs to another user)/,
  );
});

test('a node that is not there: named at once, or tried again for a while', limit, async (t) => {
  const { endpoint } = await host(t, plaintext);
  assert.ok(endpoint.kind === 'tcp');
  const free = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => free.once('listening', resolve));
  const { port } = free.address() as net.AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const at: Endpoint = { kind: 'tcp', host: '127.0.0.1', port };
  assert.equal(await refusal(at, {}), `node 127.0.0.1:${port} is not reachable: nothing listens there`);

  const late = dial(at, { security: plaintext, hello: hello(1), retryForMs: 5000 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await host(t, plaintext, {}, at);
  (await late).close();

  const mute = net.createServer(() => {}).listen(0, '127.0.0.1');
  t.after(() => mute.close());
  await new Promise((resolve) => mute.once('listening', resolve));
  const mutePort = (mute.address() as net.AddressInfo).port;
  assert.match(
    await refusal({ kind: 'tcp', host: '127.0.0.1', port: mutePort }, { introductionMs: 100 }),
    /did not answer in 100 ms/,
  );
});

test('introductions: numbers are given, clusters and versions must fit, both sides are told', limit, async (t) => {
  const cluster = newClusterId();
  const own: Hello = { node: 0 as NodeId, cluster, role: 'master', info: '' };
  const newcomer: Hello = { node: unassignedNode, cluster: undefined, role: 'node', info: '{"cores":2}' };
  const admit = (from: Hello): NodeId | string => (from.info === 'bad' ? 'node 9 is here already' : (9 as NodeId));
  const { endpoint, next, log } = await host(t, plaintext, { hello: own, admit });
  const near = await dial(endpoint, { security: plaintext, hello: newcomer });
  const far = await next();
  assert.deepEqual(
    [near.self, near.peer, near.introduction.cluster, near.introduction.role],
    [9, 0, cluster, 'master'],
  );
  assert.deepEqual([far.self, far.peer, far.introduction.info], [0, 9, '{"cores":2}']);
  near.close();

  const name = `node ${printEndpoint(endpoint)} can't be joined`;
  assert.equal(await refusal(endpoint, { hello: { ...newcomer, info: 'bad' } }), `${name}: node 9 is here already`);
  const other = newClusterId();
  assert.equal(
    await refusal(endpoint, { hello: { ...newcomer, cluster: other } }),
    `${name}: clusters ${cluster.slice(0, 8)} and ${other.slice(0, 8)} are not the same`,
  );
  assert.equal(log.length, 2);

  assert.ok(endpoint.kind === 'tcp');
  const socket = net.connect(endpoint.port, '127.0.0.1');
  const text = encodeHello(newcomer);
  const header = new Uint8Array(headerBytes);
  const nextVersion = protocolVersion + 1;
  writeHeader(
    new DataView(header.buffer),
    0,
    text.length,
    controlChannel,
    Control.hello,
    helloMagic,
    nextVersion,
    0,
    0,
  );
  socket.write(Buffer.concat([header, text]));
  const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  const versions = `protocol versions ${protocolVersion} and ${nextVersion} do not fit`;
  assert.ok(answer.toString('latin1').includes(versions));
  socket.destroy();
  assert.ok(log[2]?.includes(`${versions}; install the same Armada`));
});

/** A listening node in a process of its own, at the other end of whatever may happen to it. */
function spawnNode(t: TestContext, at: Endpoint): { child: ChildProcess; ready: Promise<Endpoint> } {
  const source = `
    import { listen } from ${JSON.stringify(new URL('./listen.ts', import.meta.url).href)};
    const heartbeat = { pingMs: 100, silenceMsMax: 1000 };
    const hello = { node: 0, role: 'node', info: '' };
    const listener = await listen(${JSON.stringify(at)}, { security: { kind: 'plaintext' }, hello, heartbeat }, (c) => {
      c.onFrame = () => {};
    });
    console.log(JSON.stringify(listener.endpoint));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ready = new Promise<Endpoint>((resolve) => child.stdout?.once('data', (text) => resolve(JSON.parse(text))));
  return { child, ready };
}

/** What is sent to the endpoint that is given goes to `target`, some bytes each millisecond. */
async function slowLine(t: TestContext, target: Endpoint, bytesPerMs: number): Promise<Endpoint> {
  assert.ok(target.kind === 'tcp');
  const sockets: net.Socket[] = [];
  const server = net.createServer((near) => {
    const far = net.connect(target.port, target.host);
    sockets.push(near, far);
    for (const socket of sockets) socket.on('error', () => {});
    far.pipe(near);
    const beginMs = performance.now();
    let passed = 0;
    near.on('data', (chunk) => {
      far.write(chunk);
      passed += chunk.length;
      near.pause();
      setTimeout(() => near.resume(), beginMs + passed / bytesPerMs - performance.now());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { kind: 'tcp', host: '127.0.0.1', port: (server.address() as net.AddressInfo).port };
}

test('a slow line is measured while frames wait for it; within this machine none is', limit, async (t) => {
  const bytesPerMs = 20_000;
  for (const meterLine of [true, undefined]) {
    const tuning = meterLine === undefined ? {} : { meterLine };
    const { endpoint, next } = await host(t, plaintext, tuning);
    const line = await slowLine(t, endpoint, bytesPerMs);
    const near = await dial(line, { security: plaintext, hello: hello(1), ...tuning });
    near.onFrame = () => {};
    let arrived = 0;
    (await next()).onFrame = () => arrived++;
    assert.equal(near.lineRate, undefined);
    const page = new Uint8Array(4096);
    const pages = 1500;
    const rates: number[] = [];
    for (let sent = 0; arrived < pages; ) {
      // As a stream of pushes does: a window's worth is under way.
      for (; sent < pages && sent - arrived < 256; sent++) near.send(0, 1, 0, 0, 0, 0, page);
      if (near.lineRate !== undefined) rates.push(near.lineRate);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(near.lineRate, undefined, 'nothing waits any more');
    if (meterLine) {
      const middle = rates.sort((a, b) => a - b)[rates.length >> 1] ?? 0;
      assert.ok(middle > bytesPerMs / 3 && middle < bytesPerMs * 3, `${middle} bytes a millisecond`);
    } else assert.deepEqual(rates, []);
  }
});

test('a handler that rejects what came ends the connection as malformed', limit, async (t) => {
  const [near, far] = await pair(t, plaintext);
  near.onFrame = () => near.reject('a page of 4096 bytes came as 3');
  const [reason, lost] = [closed(near), closed(far)];
  far.onFrame = () => {};
  far.send(0, 1, 0, 0, 0, 0);
  assert.equal((await reason).kind, 'malformed');
  assert.match((await reason).message, /: a page of 4096 bytes came as 3$/);
  assert.equal((await lost).kind, 'goodbye');
  assert.match((await lost).message, /: closed by the peer: a page of 4096 bytes came as 3$/);
});

test('a peer that is stopped is reported as silent, one that is killed as lost at once', limit, async (t) => {
  const heartbeat = { pingMs: 100, silenceMsMax: 1000 };
  const { child, ready } = spawnNode(t, anyPort);
  const endpoint = await ready;
  const connect = (): Promise<Connection> => dial(endpoint, { security: plaintext, hello: hello(1), heartbeat });
  const idle = await connect();
  idle.onFrame = () => {};
  let early: CloseReason | undefined;
  idle.onClose = (reason) => {
    early = reason;
  };
  await new Promise((resolve) => setTimeout(resolve, 1300));
  assert.equal(early, undefined, 'an idle peer that answers stays');

  const silent = closed(idle);
  const stoppedAt = performance.now();
  child.kill('SIGSTOP');
  assert.equal((await silent).kind, 'silent');
  const noticedMs = performance.now() - stoppedAt;
  assert.ok(noticedMs > 700 && noticedMs < 5000, `${noticedMs} ms`);

  child.kill('SIGCONT');
  const second = await connect();
  second.onFrame = () => {};
  const lost = closed(second);
  child.kill('SIGKILL');
  assert.equal((await lost).kind, 'lost');
});

/** A clock that a test steps, and with it the keep-alive of every connection that was given it. */
function steppedClock(): { timers: Timers; step(ms: number): void; readonly connections: number } {
  let nowMs = 0;
  const ticks = new Set<() => void>();
  const timers: Timers = {
    nowMs: () => nowMs,
    every: (_periodMs, callback) => {
      ticks.add(callback);
      return () => ticks.delete(callback);
    },
  };
  return {
    timers,
    step(ms) {
      nowMs += ms;
      for (const tick of ticks) tick();
    },
    get connections() {
      return ticks.size;
    },
  };
}

test('keep-alive runs on the injected clock', limit, async (t) => {
  const clock = steppedClock();
  const { endpoint, next } = await host(t, plaintext);
  const near = await dial(endpoint, { security: plaintext, hello: hello(1), timers: clock.timers });
  near.onFrame = () => {};
  (await next()).onFrame = () => {};
  const reason = closed(near);
  let silentMs = 0;
  for (; clock.connections > 0 && silentMs < 10_000; silentMs += 500) clock.step(500);
  assert.equal((await reason).kind, 'silent');
  assert.ok(silentMs >= 4000 && silentMs <= 5000, `${silentMs} ms`);
});

test('a silent peer stays while its witness speaks for it, and not for ever', limit, async (t) => {
  const { endpoint } = await host(t, plaintext);
  let testimony: string | undefined;
  let asked = 0;
  const connect = async () => {
    const clock = steppedClock();
    const witness = async (): Promise<string | undefined> => {
      asked++;
      return testimony;
    };
    const near = await dial(endpoint, { security: plaintext, hello: hello(1), timers: clock.timers, witness });
    near.onFrame = () => {};
    const steps = async (count: number): Promise<void> => {
      for (let i = 0; i < count && clock.connections > 0; i++) {
        clock.step(500);
        await Promise.resolve();
        await Promise.resolve();
      }
    };
    return { reason: closed(near), steps, clock };
  };
  const first = await connect();
  await first.steps(40);
  assert.equal(first.clock.connections, 1, 'not lost in 20 s');
  assert.ok(asked >= 4 && asked <= 5, `asked ${asked} times in 20 s`);
  testimony = 'its process is stopped';
  await first.steps(8);
  assert.deepEqual([(await first.reason).kind, first.clock.connections], ['silent', 0]);
  assert.match((await first.reason).message, /: not heard for 2[0-4]\.\d s: its process is stopped$/);

  testimony = undefined;
  const second = await connect();
  await second.steps(200);
  assert.match((await second.reason).message, /: not heard for 60\.0 s; taken for dead$/);
});

test('a peer that is heard while its witness is asked stays', limit, async (t) => {
  const { endpoint, next } = await host(t, plaintext);
  const clock = steppedClock();
  const { promise, resolve } = Promise.withResolvers<string>();
  const witness = (): Promise<string> => promise;
  const near = await dial(endpoint, { security: plaintext, hello: hello(1), timers: clock.timers, witness });
  let heard = 0;
  near.onFrame = () => heard++;
  let ended: CloseReason | undefined;
  near.onClose = (reason) => {
    ended = reason;
  };
  for (let i = 0; i < 9; i++) clock.step(500);
  (await next()).send(1, 1, 0, 0, 0, 0);
  await until(() => heard > 0);
  resolve('its process is stopped');
  await new Promise((done) => setImmediate(done));
  assert.equal(ended, undefined);
  near.close();
});
