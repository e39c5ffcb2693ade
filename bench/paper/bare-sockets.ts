/**
 * What the sockets of Node give by themselves, between two processes: the measure for what Armada makes of them. A small
 * request is answered with as little, with a block, or with a stream; nothing else is done on either side. They are the
 * sockets that nodes talk over (src/transport), TLS with a pre-shared key among them, and read as nodes do. Run with a
 * role this file is one of the two processes.
 */
import { once } from 'node:events';
import type { AddressInfo, OnReadOpts, Server, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { connectPlain, createPlainServer, readInto } from '../../src/transport/plain-socket.ts';
import { connectTls, createTlsServer } from '../../src/transport/tls-psk.ts';
import { start } from '../processes.ts';
import { percentiles } from '../statistics.ts';
import type { Size } from './guest-runs.table.ts';
import type { Place, Transport } from './link.ts';

export interface BareFigures {
  /** Microseconds there and back, p50: 64 bytes and 64 bytes, 64 bytes and 4 KiB. */
  readonly pingSmall: number;
  readonly pingBlock: number;
  /** Megabytes (10^6) a second, one way. */
  readonly stream: number;
}

const requestBytes = 64;
/** What comes back, by the first byte of the request. */
const kinds = { small: 64, block: 4096, stream: 32 << 20 } as const;
type Kind = keyof typeof kinds;
const kindNames = Object.keys(kinds) as readonly Kind[];
const chunkBytes = 256 * 1024;
const readBytes = 256 * 1024;
const pings = { full: { warm: 2000, rounds: 4000 }, quick: { warm: 20, rounds: 50 } } as const;
const streams = { full: 5, quick: 1 } as const;
/** Nobody else can listen or connect while a measurement runs: the key is to make TLS do its work. */
const key = Buffer.alloc(32, 1);
const runMsMax = 60_000;
const handshakeMsMax = 10_000;
const thisFile = fileURLToPath(import.meta.url);

/** Reads whole messages into one buffer; each one's first byte goes to `whole`. */
class Messages {
  readonly onread: OnReadOpts;
  #bytes: number;
  #got = 0;
  #first = 0;

  constructor(bytes: number, whole: (first: number) => void) {
    this.#bytes = bytes;
    this.onread = {
      buffer: Buffer.allocUnsafe(readBytes),
      callback: (count, buffer) => {
        if (this.#got === 0) this.#first = buffer[0]!;
        this.#got += count;
        // A side sends its next message when it has the answer to the last: there is never more than one.
        if (this.#got >= this.#bytes) {
          this.#got = 0;
          whole(this.#first);
        }
        return true;
      },
    };
  }

  expect(bytes: number): void {
    this.#bytes = bytes;
  }
}

function respond(socket: Socket, kind: Kind): void {
  if (kind !== 'stream') {
    socket.write(answers[kind]);
    return;
  }
  let left = kinds.stream;
  const more = (): void => {
    while (left > 0) {
      left -= chunkBytes;
      if (!socket.write(answers.stream)) {
        socket.once('drain', more);
        return;
      }
    }
  };
  more();
}

const answers: Readonly<Record<Kind, Buffer>> = {
  small: Buffer.alloc(kinds.small, 7),
  block: Buffer.alloc(kinds.block, 7),
  stream: Buffer.alloc(chunkBytes, 7),
};

async function answer(transport: Transport, host: string): Promise<void> {
  const serve = (accepted: Socket): void => {
    accepted.setNoDelay(true);
    const messages = new Messages(requestBytes, (kind) => respond(socket, kindNames[kind]!));
    const socket = transport === 'tls' ? accepted : (readInto(accepted, messages.onread) ?? accepted);
    if (socket === accepted)
      socket.on('data', (chunk: Buffer) => {
        messages.onread.callback(chunk.length, chunk);
      });
    socket.on('error', () => process.exit(1));
    socket.on('close', () => process.exit(0));
    socket.resume();
  };
  let server: Server;
  if (transport === 'tls') {
    server = createTlsServer(key, handshakeMsMax);
    server.on('secureConnection', serve);
  } else {
    server = createPlainServer();
    server.on('connection', serve);
  }
  if (transport === 'unix') server.listen(host);
  else server.listen(0, host);
  await once(server, 'listening');
  console.log(transport === 'unix' ? 0 : (server.address() as AddressInfo).port);
}

async function ask(transport: Transport, host: string, port: number, size: Size): Promise<void> {
  let arrived = (): void => {};
  const messages = new Messages(kinds.small, () => arrived());
  const socket =
    transport === 'tls'
      ? connectTls(host, port, key, messages.onread)
      : connectPlain(
          transport === 'unix' ? { kind: 'unix', path: host } : { kind: 'tcp', host, port },
          messages.onread,
        );
  await once(socket, transport === 'tls' ? 'secureConnect' : 'connect');
  socket.setNoDelay(true);
  /** Times of one request after the other, in milliseconds, without the first ones. */
  const times = async (kind: Kind, warm: number, rounds: number): Promise<Float64Array> => {
    const request = Buffer.alloc(requestBytes, kindNames.indexOf(kind));
    const samples = new Float64Array(rounds);
    messages.expect(kinds[kind]);
    const done = Promise.withResolvers<void>();
    let round = -warm;
    let begin = performance.now();
    arrived = () => {
      const now = performance.now();
      if (round >= 0) samples[round] = now - begin;
      if (++round === rounds) return done.resolve();
      begin = performance.now();
      socket.write(request);
    };
    socket.write(request);
    await done.promise;
    return samples;
  };
  const ping = async (kind: Kind): Promise<number> =>
    percentiles(await times(kind, pings[size].warm, pings[size].rounds)).p50 * 1000;
  const figures: BareFigures = {
    pingSmall: await ping('small'),
    pingBlock: await ping('block'),
    stream: kinds.stream / 1000 / Math.min(...(await times('stream', 1, streams[size]))),
  };
  socket.destroy();
  console.log(JSON.stringify(figures));
}

/** Measures from `near` to `far`. */
export async function bareSockets(near: Place, far: Place, transport: Transport, size: Size): Promise<BareFigures> {
  const process_ = (place: Place, ...args: string[]) => start([...place.command, process.execPath, thisFile, ...args]);
  const server = process_(far, 'answer', transport, transport === 'unix' ? 'bare.socket' : far.host);
  try {
    await server.printed('\n', runMsMax);
    const port = server.stdout().toString().trim();
    const host = transport === 'unix' ? `${server.directory}/bare.socket` : far.host;
    const client = process_(near, 'ask', transport, host, port, size);
    try {
      const status = await client.ended(runMsMax);
      if (status !== 0) throw new Error(`${status ?? 'no end'}: ${client.stderr()}`);
      return JSON.parse(client.stdout().toString()) as BareFigures;
    } finally {
      client.finish();
    }
  } finally {
    server.finish();
  }
}

if (process.argv[1] === thisFile) {
  const [role, transport, host, port, size] = process.argv.slice(2) as [string, Transport, string, string, Size];
  if (role === 'answer') await answer(transport, host);
  else await ask(transport, host, Number(port), size);
}
