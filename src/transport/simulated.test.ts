import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeId } from '../base/types.ts';
import type { Connection } from './connection.ts';
import type { Hello } from './hello.ts';
import { SimulatedNetwork } from './simulated.ts';

const hello = (node: number): Hello => ({ node: node as NodeId, cluster: undefined, role: 'node', info: '' });

/** Three nodes that answer some of what they hear; @returns what happened, in order. */
function history(seed: number): string[] {
  const network = new SimulatedNetwork({ seed });
  const lines: string[] = [];
  const ends: Connection[] = [];
  for (const [a, b] of [
    [0, 1],
    [1, 2],
    [0, 2],
  ] as const)
    ends.push(...network.connect(hello(a), hello(b)));
  for (const end of ends) {
    end.onFrame = (frame) => {
      lines.push(`${network.nowMs()} ${end.peer}->${end.self} ${frame.w0} ${frame.payload.length}`);
      if (frame.w0 > 0) for (const other of ends) if (other.self === end.self) other.send(1, 1, frame.w0 - 1, 0, 0, 0);
    };
  }
  ends[0]?.send(1, 1, 6, 0, 0, 0, new Uint8Array(10));
  network.run();
  return lines;
}

test('a seed decides everything', () => {
  const first = history(5);
  assert.equal(first.length, 1 + 2 + 4 + 8 + 16 + 32 + 64);
  assert.deepEqual(history(5), first);
  assert.notDeepEqual(history(6), first);
});

test('frames of a pair stay in order, also while no handler is set', () => {
  const network = new SimulatedNetwork({ seed: 1, delayMsMin: 0, delayMsMax: 10 });
  const [a, b] = network.connect(hello(0), hello(1));
  const seen: number[] = [];
  const payload = new Uint8Array(4);
  for (let i = 0; i < 500; i++) {
    payload[0] = i;
    a.send(1, 1, i, 0, 0, 0, payload);
  }
  network.run(5);
  b.onFrame = (frame) => {
    assert.equal(frame.payload[0], frame.w0 & 255);
    seen.push(frame.w0);
  };
  network.run();
  assert.deepEqual(
    seen,
    Array.from({ length: 500 }, (_, i) => i),
  );
  assert.equal(a.writableBytes, 0);
  assert.equal(b.bytesIn, a.bytesOut);
});

test('a goodbye, a broken link, a silent link and a dead node are told apart', () => {
  const network = new SimulatedNetwork({ seed: 1 });
  const reasons: string[] = [];
  const pair = (a: number, b: number): [Connection, Connection] => {
    const ends = network.connect(hello(a), hello(b));
    for (const end of ends) {
      end.onFrame = () => reasons.push('frame');
      end.onClose = (reason) => reasons.push(`${end.self}: ${reason.kind} at ${Math.floor(network.nowMs())}`);
    }
    return ends;
  };
  pair(0, 1)[0].close();
  network.run();
  assert.deepEqual(reasons.splice(0), ['0: local at 0', '1: goodbye at 0']);

  pair(2, 3)[0].send(1, 1, 0, 0, 0, 0);
  network.cut(3 as NodeId, 2 as NodeId, 'broken');
  network.run();
  assert.deepEqual(reasons.splice(0), ['2: lost at 0', '3: lost at 0']);

  const startMs = network.nowMs();
  pair(4, 5)[0].send(1, 1, 0, 0, 0, 0);
  network.cut(4 as NodeId, 5 as NodeId, 'silent');
  network.run();
  const silentAt = Math.floor(startMs + 4000);
  assert.deepEqual(reasons.splice(0), [`4: silent at ${silentAt}`, `5: silent at ${silentAt}`]);

  pair(6, 7)[0].send(1, 1, 0, 0, 0, 0);
  network.kill(7 as NodeId, 'broken');
  network.run();
  assert.deepEqual(reasons.splice(0), [`6: lost at ${silentAt}`]);
});
