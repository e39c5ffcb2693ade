import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../base/user-error.ts';
import type { Connection } from './connection.ts';
import { type Endpoint, printEndpoint } from './endpoint.ts';
import { Control, type Frame } from './frame.ts';
import { clusterMismatch, decodeHello, encodeHello, type Hello, helloMagic, protocolVersion } from './hello.ts';
import { connectPlain } from './plain-socket.ts';
import { keyFor, type Security, UnreachableError } from './security.ts';
import { type ConnectionTuning, SocketConnection } from './socket-connection.ts';
import { hostTimers } from './timers.ts';
import { connectTls, explainDialFailure } from './tls-psk.ts';

/** Time for connecting, which takes a kernel's answer alone, milliseconds. */
const connectMsMax = 5000;
/** Time for keys and introduction, milliseconds: the other process may have to wait long for its processor. */
const introductionMsMax = 15_000;
/** First and longest pause between attempts, milliseconds. */
const retryPauseMs = 50;
const retryPauseMsMax = 500;

export interface DialOptions extends ConnectionTuning {
  readonly security: Security;
  /** What this side says of itself. */
  readonly hello: Hello;
  /** Time for keys and introduction; `introductionMsMax` by default. */
  readonly introductionMs?: number;
  /** A node that can't be reached is tried again for this long, milliseconds; 0 by default. */
  readonly retryForMs?: number;
}

/**
 * Connects to a listening node and introduces this side; the connection is ready for use.
 * @throws UserError that names the node: unreachable (UnreachableError), another key, another version or cluster,
 *   or refused with the reason that the node gave.
 */
export async function dial(endpoint: Endpoint, options: DialOptions): Promise<Connection> {
  const timers = options.timers ?? hostTimers;
  const deadlineMs = timers.nowMs() + (options.retryForMs ?? 0);
  for (let pauseMs = retryPauseMs; ; pauseMs = Math.min(pauseMs * 2, retryPauseMsMax)) {
    try {
      return await attempt(endpoint, options);
    } catch (error) {
      if (!(error instanceof UnreachableError) || timers.nowMs() + pauseMs > deadlineMs) throw error;
    }
    await sleep(pauseMs);
  }
}

function attempt(endpoint: Endpoint, options: DialOptions): Promise<Connection> {
  const name = printEndpoint(endpoint);
  const key = keyFor(endpoint, options.security);
  return new Promise((resolve, reject) => {
    const connection = new SocketConnection(name);
    const socket: Socket =
      key !== undefined && endpoint.kind === 'tcp'
        ? connectTls(endpoint.host, endpoint.port, key, connection.onread)
        : connectPlain(endpoint, connection.onread);
    const limit = (ms: number): NodeJS.Timeout =>
      setTimeout(() => fail(new UnreachableError(`node ${name} did not answer in ${ms} ms`)), ms);
    let timer = limit(connectMsMax);
    socket.once('connect', () => {
      clearTimeout(timer);
      timer = limit(options.introductionMs ?? introductionMsMax);
    });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const onSocketError = (error: NodeJS.ErrnoException): void => fail(dialError(name, error, key !== undefined));
    socket.on('error', onSocketError);
    socket.once(key === undefined ? 'connect' : 'secureConnect', () => {
      socket.removeListener('error', onSocketError);
      connection.attach(socket, true);
      connection.onClose = () =>
        fail(
          new UserError(
            `node ${name} ended the connection before the introduction; is it an Armada node, and were both sides ` +
              'started with a key file, or both without?',
          ),
        );
      connection.onIntroduction = (frame) => {
        const answer = readAnswer(name, options.hello, frame);
        connection.onClose = undefined;
        if (answer instanceof Error) {
          fail(answer);
          return;
        }
        clearTimeout(timer);
        connection.open(answer.assigned, answer, answer.node, options);
        resolve(connection);
      };
      connection.sendControl(Control.hello, helloMagic, protocolVersion, encodeHello(options.hello));
    });
  });
}

function readAnswer(name: string, own: Hello, frame: Frame) {
  const complaint = (why: string): UserError => new UserError(`node ${name} can't be joined: ${why}`);
  if (frame.kind === Control.refuse && frame.w0 === helloMagic)
    return complaint(
      Buffer.from(frame.payload)
        .toString('latin1')
        .replace(/[^ -~]+/g, '?'),
    );
  const answer = decodeHello(frame);
  if (typeof answer === 'string') return complaint(answer);
  const { assigned } = answer;
  if (frame.kind !== Control.welcome || assigned === undefined) return complaint('a damaged introduction');
  const mismatch = clusterMismatch(own.cluster, answer.cluster);
  return mismatch === undefined ? { ...answer, assigned } : complaint(mismatch);
}

function dialError(name: string, error: NodeJS.ErrnoException, overTls: boolean): UserError {
  const explanation = overTls ? explainDialFailure(name, error) : undefined;
  if (explanation !== undefined) return new UserError(explanation);
  const code = error.code ?? error.message;
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return new UnreachableError(`node ${name} is not reachable: nothing listens there`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new UnreachableError(`node ${name} is not reachable: its host name is not known here`);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return new UnreachableError(`node ${name} is not reachable: no way to its host (${code})`);
    default:
      return new UnreachableError(`node ${name} is not reachable (${code})`);
  }
}
