/**
 * The measure for remote misses: a bare ping-pong of Node sockets over loopback between two processes, a small request
 * and an answer of 4 KiB, TCP without anything on top. Run with a core number this file is the answering process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Percentiles, percentiles } from './statistics.ts';

/** A coherence request and its answer: a frame's header, and the header with a block. */
const requestBytes = 24;
const answerBytes = 24 + 4096;
const warmRounds = 2000;
const thisFile = fileURLToPath(import.meta.url);

/** Calls `whole` each time that `bytes` more have come. */
function eachWhole(socket: Socket, bytes: number, whole: () => void): void {
  let got = 0;
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    got += chunk.length;
    for (; got >= bytes; got -= bytes) whole();
  });
}

async function answer(): Promise<void> {
  const block = Buffer.alloc(answerBytes, 7);
  const server = createServer((socket) => {
    eachWhole(socket, requestBytes, () => socket.write(block));
    socket.on('close', () => process.exit(0));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  console.log((server.address() as AddressInfo).port);
}

async function ask(port: number, rounds: number): Promise<void> {
  const request = Buffer.alloc(requestBytes, 9);
  const socket = connect(port, '127.0.0.1');
  const samples = new Float64Array(rounds);
  await once(socket, 'connect');
  let round = -warmRounds;
  let start = performance.now();
  const done = new Promise<void>((resolve) => {
    eachWhole(socket, answerBytes, () => {
      const now = performance.now();
      if (round >= 0) samples[round] = (now - start) * 1000;
      if (++round === rounds) return resolve();
      start = performance.now();
      socket.write(request);
    });
  });
  socket.write(request);
  await done;
  socket.destroy();
  console.log(JSON.stringify(percentiles(samples)));
}

/** Round-trip times in microseconds; the two processes are pinned to `cores` when these are given. */
export async function pingPong(rounds: number, cores: readonly [number, number] | undefined): Promise<Percentiles> {
  const start = (core: number | undefined, args: string[]) => {
    const command = [process.execPath, thisFile, ...args];
    if (core !== undefined) command.unshift('taskset', '-c', String(core));
    return spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const firstLine = async (child: ReturnType<typeof start>): Promise<string> => {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return line;
  };
  const server = start(cores?.[1], ['answer']);
  const port = await firstLine(server);
  const client = start(cores?.[0], ['ask', port, String(rounds)]);
  return JSON.parse(await firstLine(client)) as Percentiles;
}

if (process.argv[1] === thisFile) {
  const [role, port, rounds] = process.argv.slice(2);
  if (role === 'answer') await answer();
  else await ask(Number(port), Number(rounds));
}
