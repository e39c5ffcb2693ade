import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineMeter, reportBytes } from './line-meter.ts';

/** A line of some bytes a millisecond, to which a sender gives more as long as less than `window` is under way. */
function run(bytesPerMs: number, window: number, forMs: number, startBytes = 0) {
  const meter = new LineMeter();
  let sent = startBytes;
  let read = startBytes;
  let reported = startBytes;
  meter.report(sent, read >>> 0, 0);
  for (let ms = 1; ms <= forMs; ms++) {
    sent = Math.max(sent, read + window);
    read = Math.min(sent, read + bytesPerMs);
    while (read - reported >= reportBytes) {
      reported += reportBytes;
      meter.report(sent, reported >>> 0, ms);
    }
  }
  return { meter, sent, read };
}

test('a line that is always busy is measured', () => {
  for (const bytesPerMs of [10_000, 117_000]) {
    const { meter, sent } = run(bytesPerMs, 1 << 20, 200);
    const rate = meter.rate(sent, 200);
    assert.ok(rate !== undefined && Math.abs(rate / bytesPerMs - 1) < 0.1, `${rate} of ${bytesPerMs}`);
  }
});

test('more than 32 bits may have been read', () => {
  const { meter, sent } = run(117_000, 1 << 20, 200, 2 ** 32 - (4 << 20));
  const rate = meter.rate(sent, 200);
  assert.ok(rate !== undefined && Math.abs(rate / 117_000 - 1) < 0.1, `${rate}`);
});

test('a line that takes all at once has no rate, nor has one whose rate was measured long ago', () => {
  const quick = run(1 << 20, reportBytes, 100);
  assert.equal(quick.meter.rate(quick.sent, 100), undefined);
  const slow = run(117_000, 1 << 20, 200);
  assert.notEqual(slow.meter.rate(slow.sent, 250), undefined);
  assert.equal(slow.meter.rate(slow.sent, 400), undefined);
  assert.equal(slow.meter.rate(slow.read, 200), undefined, 'nothing is under way');
});

test('a pause between two bursts does not count as a slow line', () => {
  const meter = new LineMeter();
  let ms = 0;
  let sent = 0;
  for (let burst = 0; burst < 5; burst++) {
    const start = sent;
    sent += 1 << 20;
    // The last report comes when less than another one's worth is left.
    for (let read = start + reportBytes; read <= sent; read += reportBytes) {
      ms += 1;
      meter.report(sent, read, ms);
    }
    ms += 1000;
  }
  sent += 1 << 20;
  const rate = meter.rate(sent, ms - 1000 + 1);
  assert.ok(rate !== undefined && rate > 0.9 * reportBytes, `${rate}`);
});
