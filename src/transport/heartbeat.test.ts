import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultHeartbeatTiming, Heartbeat } from './heartbeat.ts';

test('a silent peer is given up within 5 s, one that is busy for 2 s is not', () => {
  const heartbeat = new Heartbeat(defaultHeartbeatTiming);
  let bytesIn = 0;
  let verdict = '';
  let silentMs = 0;
  for (let round = 0; round < 10; round++) {
    bytesIn += 24;
    for (let ms = 0; ms < 2500; ms += heartbeat.tickMs)
      assert.notEqual(heartbeat.tick(heartbeat.tickMs, bytesIn, 0), 'dead');
  }
  bytesIn += 24;
  heartbeat.tick(heartbeat.tickMs, bytesIn, 0);
  while (verdict !== 'dead') {
    silentMs += heartbeat.tickMs;
    verdict = heartbeat.tick(heartbeat.tickMs, bytesIn, 0);
  }
  assert.ok(silentMs >= 4000 && silentMs < 5000, `${silentMs} ms`);
});

test('an idle side pings each second, a sending one does not', () => {
  const heartbeat = new Heartbeat(defaultHeartbeatTiming);
  const verdicts = Array.from({ length: 6 }, (_, i) => heartbeat.tick(500, i, 0));
  assert.deepEqual(verdicts, ['quiet', 'ping', 'quiet', 'ping', 'quiet', 'ping']);
  assert.equal(heartbeat.tick(500, 7, 1), 'quiet');
  assert.equal(heartbeat.tick(500, 8, 2), 'quiet');
  assert.equal(heartbeat.tick(500, 9, 3), 'quiet');
});

test('time in which this process was stopped does not count against the peer', () => {
  const heartbeat = new Heartbeat(defaultHeartbeatTiming);
  assert.notEqual(heartbeat.tick(60_000, 0, 0), 'dead');
});
