import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultHeartbeatTiming, Heartbeat } from './heartbeat.ts';

/** Ticks without a byte from the peer until it is in doubt. @returns for how long, milliseconds */
function silence(heartbeat: Heartbeat, bytesIn: number): number {
  let ms = 0;
  while (!heartbeat.isInDoubt) {
    ms += heartbeat.tickMs;
    heartbeat.tick(heartbeat.tickMs, bytesIn, 0);
  }
  return ms;
}

test('a peer is in doubt after 4 s of silence, one that is busy for 2 s is not', () => {
  const heartbeat = new Heartbeat(defaultHeartbeatTiming);
  let bytesIn = 0;
  for (let round = 0; round < 10; round++) {
    bytesIn += 24;
    for (let ms = 0; ms < 2500; ms += heartbeat.tickMs) {
      heartbeat.tick(heartbeat.tickMs, bytesIn, 0);
      assert.ok(!heartbeat.isInDoubt);
    }
  }
  bytesIn += 24;
  heartbeat.tick(heartbeat.tickMs, bytesIn, 0);
  assert.equal(silence(heartbeat, bytesIn), 4000);
});

test('a peer that was vouched for is in doubt again after as long, and its silence goes on', () => {
  const heartbeat = new Heartbeat(defaultHeartbeatTiming);
  assert.equal(silence(heartbeat, 0), 4000);
  heartbeat.vouched();
  assert.ok(!heartbeat.isInDoubt);
  assert.equal(silence(heartbeat, 0), 4000);
  assert.equal(heartbeat.silentMs, 8000);
  heartbeat.tick(heartbeat.tickMs, 24, 0);
  assert.ok(!heartbeat.isInDoubt);
  assert.equal(heartbeat.silentMs, 0);
});

test('an idle side pings each second, a sending one does not', () => {
  const heartbeat = new Heartbeat(defaultHeartbeatTiming);
  const due = Array.from({ length: 6 }, (_, i) => heartbeat.tick(500, i, 0));
  assert.deepEqual(due, [false, true, false, true, false, true]);
  for (const frames of [1, 2, 3]) assert.equal(heartbeat.tick(500, 6 + frames, frames), false);
});

test('a side pings on while its peer is silent', () => {
  const heartbeat = new Heartbeat(defaultHeartbeatTiming);
  silence(heartbeat, 0);
  assert.deepEqual([heartbeat.tick(500, 0, 0), heartbeat.tick(500, 0, 0)], [false, true]);
});

test('time in which this process was stopped does not count against the peer', () => {
  const heartbeat = new Heartbeat(defaultHeartbeatTiming);
  heartbeat.tick(60_000, 0, 0);
  assert.ok(!heartbeat.isInDoubt);
});
