import assert from 'node:assert/strict';
import { test } from 'node:test';
import { threadsMax } from '../layout/control.ts';
import type { LoadedProgram } from '../linux/loader.ts';
import type { Connection } from '../transport/connection.ts';
import { Master } from './master.ts';
import { Channel, ControlKind } from './protocol.ts';
import { decodeJson } from './rpc.ts';

/** A master of three nodes whose other nodes only listen: what they are told is noted. */
function start() {
  const told: [number, number, unknown][] = [];
  const connectionTo = (node: number): Connection =>
    ({
      send: (channel: number, kind: number, _0: number, _1: number, bytes: number, _3: number, payload: Uint8Array) => {
        if (channel === Channel.control) told.push([node, kind, decodeJson(payload.subarray(0, bytes))]);
      },
      close: () => {},
    }) as unknown as Connection;
  const program = { executable: Buffer.from('/bin/guest'), changes: [], files: [] } as unknown as LoadedProgram;
  const master = new Master({
    program,
    ids: { uid: 0, euid: 0, gid: 0, egid: 0 },
    sysroot: undefined,
    run: {
      directory: 'hashed',
      tier: 'interpreter',
      processor: 'max',
      forwarding: true,
      splitting: true,
      migratory: true,
      residency: true,
      compression: true,
      fpExceptions: 'auto',
      executors: 1,
      names: false,
    },
    connections: new Map([1, 2].map((node) => [node, connectionTo(node)])),
    nodeNames: ['master', 'node 1', 'node 2'],
    epitaph: async () => undefined,
    nodesOnHost: 3,
    processors: 3,
    log: () => {},
  });
  return { master, told };
}

test('threads go round the nodes, and a signal goes where its thread is', { timeout: 20_000 }, async () => {
  const { master, told } = start();
  try {
    const placed = Array.from({ length: 6 }, () => master.first.allocateThread(1)!);
    const nodes = placed.map(({ node }) => node);
    assert.deepEqual(nodes.slice(0, 3).sort(), [0, 1, 2]);
    assert.deepEqual(nodes.slice(3), nodes.slice(0, 3));
    assert.equal(new Set(placed.map(({ tid }) => tid)).size, 6);

    const away = placed.find(({ node }) => node === 2)!;
    master.first.interruptThread(away.tid, 0b100n);
    master.first.threadExit(away.tid, 0);
    master.first.interruptThread(away.tid, 0b1000n);
    assert.deepEqual(told, [[2, ControlKind.interrupt, { tid: away.tid, pending: 0b100n }]]);
  } finally {
    await master.first.space.node.stop();
  }
});

test('full nodes are left out, and no more threads are made than all have room for', { timeout: 60_000 }, async () => {
  const { master } = start();
  try {
    const placed = [];
    for (let i = 0; i < 3 * threadsMax; i++) placed.push(master.first.allocateThread(1)!);
    for (const node of [0, 1, 2]) assert.equal(placed.filter((thread) => thread.node === node).length, threadsMax);
    assert.equal(master.first.allocateThread(1), null);
    const gone = placed.filter(({ node }) => node === 1).slice(0, 2);
    for (const { tid } of gone) master.first.threadExit(tid, 0);
    const fresh = [master.first.allocateThread(1), master.first.allocateThread(1), master.first.allocateThread(1)];
    assert.deepEqual(
      fresh.map((place) => place?.node),
      [1, 1, undefined],
    );
  } finally {
    await master.first.space.node.stop();
  }
});
