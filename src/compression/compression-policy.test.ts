import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompressionPolicy } from './compression-policy.ts';

const pageBytes = 4096;
/** Bytes a millisecond of one gigabit, of two and a half, and of ten. */
const gigabit = 117_000;
const fasterGigabit = 295_000;
const tenGigabit = 1_170_000;

interface Data {
  /** Of 4096 bytes. */
  readonly saved: number;
  readonly tookMs: number;
}
const text: Data = { saved: 1400, tookMs: 0.0125 };
const sparse: Data = { saved: 3700, tookMs: 0.004 };
const random: Data = { saved: 0, tookMs: 0.005 };

/** Gives pages to a policy over a line. @returns how many were tried, and the times of the processor and of the line */
function send(policy: CompressionPolicy, data: Data, pages: number, lineRate: number | undefined) {
  let tried = 0;
  let processorMs = 0;
  let lineMs = 0;
  for (let page = 0; page < pages; page++) {
    const wants = policy.wants(lineRate);
    if (wants) {
      tried++;
      processorMs += data.tookMs;
      policy.note(pageBytes, data.saved, data.tookMs, lineRate!);
    }
    lineMs += (pageBytes - (wants ? data.saved : 0)) / (lineRate ?? Number.POSITIVE_INFINITY);
  }
  return { tried, processorMs, lineMs };
}

test('pages that do not wait for the line are never compressed', () => {
  assert.equal(send(new CompressionPolicy(), sparse, 1000, undefined).tried, 0);
});

test('over a gigabit what compresses is compressed, all of it, and is sent sooner', () => {
  for (const data of [text, sparse]) {
    const { tried, processorMs, lineMs } = send(new CompressionPolicy(), data, 1000, gigabit);
    assert.equal(tried, 1000);
    const plainMs = (1000 * pageBytes) / gigabit;
    assert.ok(Math.max(processorMs, lineMs) < 0.7 * plainMs, `${processorMs} and ${lineMs} instead of ${plainMs}`);
  }
});

test('never slower than the line: what takes longer to compress than to send goes as it is', () => {
  const { tried, processorMs, lineMs } = send(new CompressionPolicy(), text, 100_000, fasterGigabit);
  assert.ok(tried < 200, `${tried} pages were tried`);
  assert.ok(processorMs < lineMs / 100);
  assert.equal(send(new CompressionPolicy(), sparse, 1000, fasterGigabit).tried, 1000);
  assert.equal(send(new CompressionPolicy(), sparse, 1000, tenGigabit).tried, 0);
});

test('random data is given up after a few pages, and tried again ever more rarely', () => {
  const policy = new CompressionPolicy();
  assert.equal(send(policy, random, 50, gigabit).tried, 4);
  const { tried, processorMs, lineMs } = send(policy, random, 100_000, gigabit);
  assert.ok(tried > 20 && tried < 200, `${tried} pages were tried`);
  assert.ok(processorMs < lineMs / 1000);
  // Other data comes: it is found in time.
  assert.ok(send(policy, text, 6000, gigabit).tried > 1500);
});

test('one page that takes long, because its processor was taken away, changes nothing', () => {
  const policy = new CompressionPolicy();
  send(policy, text, 100, gigabit);
  policy.note(pageBytes, text.saved, 20, gigabit);
  assert.equal(send(policy, text, 100, gigabit).tried, 100);
});
