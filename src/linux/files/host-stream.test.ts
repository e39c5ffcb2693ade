import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

const moduleUrl = new URL('./host-stream.ts', import.meta.url).href;

/** A program that has `input` and `output` as streams over descriptors 0 and 1. */
const script = (body: string): string => `
  import { HostStream } from '${moduleUrl}';
  const kind = process.argv[1];
  const input = new HostStream(0, 0, Buffer.from('in'), kind, true);
  const output = new HostStream(1, 1, Buffer.from('out'), kind, true);
  const EAGAIN = -11;
  const read = async (length) => {
    for (;;) {
      const bytes = input.read(length);
      if (bytes !== EAGAIN) return bytes;
      await new Promise((wake) => input.watch(1, wake));
    }
  };
  ${body}
`;

const command = (body: string): string[] => [process.execPath, '--input-type=module', '-e', script(body), 'pipe'];

/** Node's own 'pipe' is a socket pair; a shell between gives real pipes. */
function run(kind: 'pipe' | 'socket', body: string): ChildProcess {
  const node = [process.execPath, '--input-type=module', '-e', script(body), kind];
  return kind === 'socket'
    ? spawn(node[0]!, node.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
    : spawn('sh', ['-c', 'cat | "$@" | cat', 'sh', ...node], { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function text(child: ChildProcess): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of child.stdout!) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('latin1');
}

const echo = `
  for (;;) {
    const bytes = await read(1000);
    if (bytes.length === 0) break;
    await output.write(Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]));
  }
  process.exit(0);
`;

for (const kind of ['pipe', 'socket'] as const) {
  test(`a ${kind} gives what arrives, when it arrives, and the end`, { timeout: 20_000 }, async () => {
    const child = run(kind, echo);
    child.stdin!.write('first');
    const [first] = (await once(child.stdout!, 'data')) as [Buffer];
    child.stdin!.end('second');
    assert.equal(first.toString('latin1') + (await text(child)), '<first><second>');
  });

  test(`a slow reader of a ${kind} loses nothing`, { timeout: 30_000 }, async () => {
    const child = run(
      kind,
      `const line = (i) => Buffer.from(String(i).padStart(9) + '\\n');
       for (let i = 0; i < 30000; i++) await output.write(line(i));
       const big = Buffer.alloc(1 << 20, 'z');
       const count = await output.write(big);
       await output.drained();
       process.exit(count === big.length ? 0 : 1);`,
    );
    child.stdin!.end();
    await new Promise((wake) => setTimeout(wake, 1000));
    const output = await text(child);
    assert.equal(output.length, 300_000 + (1 << 20));
    for (let i = 0; i < 30_000; i += 997) assert.equal(Number(output.slice(i * 10, i * 10 + 9)), i);
    assert.match(output.slice(300_000), /^z+$/);
  });
}

test('a reader that asks for more as soon as it is woken gets it', { timeout: 20_000 }, async () => {
  const child = run(
    'socket',
    `let count = 0;
     let cancel = () => {};
     const readOn = () => {
       cancel();
       for (;;) {
         const bytes = input.read(65536);
         if (bytes === EAGAIN) break;
         if (bytes.length === 0) {
           output.write(Buffer.from(String(count)));
           process.exit(0);
         }
         count += bytes.length;
       }
       cancel = input.watch(1, readOn);
     };
     readOn();`,
  );
  child.stdin!.end(Buffer.alloc(1 << 20));
  assert.equal(await text(child), String(1 << 20));
});

test('a pending read does not hold the process', { timeout: 20_000 }, async () => {
  const body = `void (await Promise.race([read(10), new Promise((wake) => setTimeout(wake, 100))])); process.exit(9);`;
  const socket = run('socket', body);
  assert.deepEqual((await once(socket, 'exit'))[0], 9);
  socket.stdin!.destroy();

  const silentPipe = 'd=$(mktemp -d); mkfifo "$d/p"; exec 3<>"$d/p"; rm -r "$d"; exec "$@" <&3';
  const pipe = spawnSync('sh', ['-c', silentPipe, 'sh', ...command(body)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 8000,
  });
  assert.equal(pipe.status, 9);
});

test('nothing is taken that was not asked for', { timeout: 20_000, skip: process.platform !== 'linux' }, () => {
  const body = `const bytes = await read(4); await output.write(bytes); process.exit(0);`;
  const result = spawnSync('sh', ['-c', '(sleep 0.5; echo abcdefgh) | ("$@"; cat) | cat', 'sh', ...command(body)], {
    encoding: 'latin1',
  });
  assert.equal(result.stdout, 'abcdefgh\n');
});

test('writing without a reader is EPIPE', { timeout: 20_000 }, () => {
  const body = `let result; do result = await output.write(Buffer.alloc(65536)); while (result > 0); process.exit(-result);`;
  const result = spawnSync('bash', ['-c', 'set -o pipefail; "$@" | true', 'bash', ...command(body)], {
    encoding: 'latin1',
  });
  assert.equal(result.status, 32);
});
