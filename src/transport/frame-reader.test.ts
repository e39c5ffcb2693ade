import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../base/prng.ts';
import { headerBytes, payloadBytesMax } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { type ByteSink, chunkBytes, FrameWriter } from './frame-writer.ts';

/** A socket that keeps what is written; writes complete when the test says so. */
class Recorder implements ByteSink {
  writableLength = 0;
  readonly written: Buffer[] = [];
  private readonly callbacks: (() => void)[] = [];
  private readonly slow: boolean;

  constructor(slow: boolean) {
    this.slow = slow;
  }

  write(bytes: Uint8Array, done: () => void): boolean {
    this.written.push(Buffer.from(bytes));
    if (this.slow) this.writableLength += bytes.length;
    this.callbacks.push(done);
    return true;
  }

  complete(): void {
    this.writableLength = 0;
    for (const done of this.callbacks.splice(0)) done();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function pattern(prng: Prng, bytes: number): Uint8Array {
  const data = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i += 1 + prng.below(64)) data[i] = prng.next32();
  return data;
}

test('frames survive any cutting of the stream', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const prng = new Prng(seed);
    const sink = new Recorder(prng.chance(0.5));
    const writer = new FrameWriter(sink);
    const sent: { words: number[]; data: Uint8Array }[] = [];
    for (let i = 0; i < 60; i++) {
      const size = prng.pick([0, 1, 63, 64, 4096, 4097, 70_000, i === 30 ? 3 * chunkBytes + 5 : 20]);
      const data = pattern(prng, size);
      const words = [prng.next32() | 0, prng.next32() | 0, prng.next32() | 0, prng.next32() | 0];
      const [w0, w1, w2, w3] = words as [number, number, number, number];
      const cut = prng.below(size + 1);
      const payload = prng.chance(0.5) ? data : [data.subarray(0, cut), data.subarray(cut)];
      writer.send(i % 255, (i * 7) & 255, w0, w1, w2, w3, payload);
      sent.push({ words, data: data.slice() });
      data.fill(0xee); // The copy was made in send().
      if (prng.chance(0.3)) await turn();
      if (prng.chance(0.2)) sink.complete();
    }
    for (let i = 0; i < 4; i++) {
      await turn();
      sink.complete();
    }
    const stream = Buffer.concat(sink.written);
    assert.equal(stream.length, writer.bytesOut, `seed ${seed}`);
    const reader = new FrameReader();
    let seen = 0;
    for (let at = 0; at < stream.length; ) {
      const count = Math.min(stream.length - at, prng.pick([1, 7, 23, 24, 25, 5000, 100_000]));
      if (prng.chance(0.5)) {
        reader.append(stream.subarray(at, at + count));
        at += count;
      } else {
        const room = reader.room();
        const taken = Math.min(room.length, count);
        room.set(stream.subarray(at, at + taken));
        reader.commit(taken);
        at += taken;
      }
      while (reader.next()) {
        const { frame } = reader;
        const expected = sent[seen] as (typeof sent)[number];
        assert.equal(frame.channel, seen % 255);
        assert.equal(frame.kind, (seen * 7) & 255);
        assert.deepEqual([frame.w0, frame.w1, frame.w2, frame.w3], expected.words);
        assert.equal(Buffer.compare(frame.payload, expected.data), 0, `seed ${seed}, frame ${seen}`);
        seen++;
      }
    }
    assert.equal(seen, sent.length);
    assert.equal(reader.problem, undefined);
  }
});

test('frames of one turn leave in one write, and wait together behind a slow write', async () => {
  const sink = new Recorder(true);
  const writer = new FrameWriter(sink);
  for (let i = 0; i < 10; i++) writer.send(1, 1, i, 0, 0, 0);
  await turn();
  assert.equal(sink.written.length, 1);
  for (let i = 0; i < 10; i++) {
    writer.send(1, 1, i, 0, 0, 0);
    await turn();
  }
  assert.equal(sink.written.length, 1);
  assert.equal(writer.queuedBytes, 20 * headerBytes);
  sink.complete();
  assert.equal(sink.written.length, 2);
  assert.equal(sink.written[1]?.length, 10 * headerBytes);
});

test('a size over the limit and foreign bytes end the stream with the reason', () => {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(payloadBytesMax + 1, 0);
  const oversize = new FrameReader();
  oversize.append(header);
  assert.equal(oversize.next(), false);
  assert.match(oversize.problem ?? '', /67108865 bytes was announced, over the limit of 67108864/);

  const foreign = new FrameReader();
  foreign.append(Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'));
  assert.equal(foreign.next(), false);
  assert.match(foreign.problem ?? '', /not frames/);
});
