import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../base/prng.ts';
import { lz4 } from '../cluster/lz4.ts';
import { CompressionPolicy } from './compression-policy.ts';
import { decodePage, PageEncoder } from './page-codec.ts';

const memoryBytes = 3 * 4096;
const pageStart = 4096;
/** Bytes a millisecond: slow enough that every page is worth it. */
const slow = 1;

function memory() {
  const buffer = new ArrayBuffer(memoryBytes);
  return { bytes: new Uint8Array(buffer), words: new Int32Array(buffer) };
}

const words = 'the home forwards a request to the owner of the block and waits until that is done '.split(' ');
/** What pages may be like; each fills a page from a seed. */
const kinds: Record<string, (page: Uint8Array, prng: Prng) => void> = {
  zero: () => {},
  word: (page, prng) => new Uint32Array(page.buffer).fill(prng.next32()),
  pair: (page, prng) => {
    const pair = [prng.next32(), prng.next32()];
    new Uint32Array(page.buffer).forEach((_, i, all) => {
      all[i] = pair[i & 1]!;
    });
  },
  'word but for one byte': (page, prng) => {
    new Uint32Array(page.buffer).fill(prng.next32());
    page[prng.below(page.length)]! ^= 1;
  },
  text: (page, prng) => {
    let text = '';
    while (text.length < page.length) text += `${prng.pick(words)} `;
    page.set(Buffer.from(text).subarray(0, page.length));
  },
  pointers: (page, prng) => {
    const all = new Uint32Array(page.buffer);
    for (let i = 0; i < all.length; i++) all[i] = i & 1 ? prng.below(16) : 0x40000000 + prng.below(1 << 12) * 16;
  },
  sparse: (page, prng) => {
    for (let i = 0; i < 20; i++) page[prng.below(page.length)] = prng.below(256);
  },
  random: (page, prng) => {
    for (let i = 0; i < page.length; i++) page[i] = prng.below(256);
  },
};

function encoded(page: Uint8Array, length: number, lineRate: number | undefined) {
  const from = memory();
  from.bytes.fill(0xee);
  from.bytes.set(page.subarray(0, length), pageStart);
  let now = 0;
  const encoder = new PageEncoder(from, new CompressionPolicy(), lz4, () => (now += 0.001));
  const payload = encoder.encode(pageStart, pageStart + length, lineRate);
  const bytes = payload instanceof Uint8Array ? payload.slice() : Uint8Array.from(payload.flatMap((part) => [...part]));
  assert.deepEqual(encoder.counters.bytesSaved, length - bytes.length);
  return { bytes, counters: encoder.counters };
}

function decoded(payload: Uint8Array, length: number) {
  const to = memory();
  to.bytes.fill(0xdd);
  const problem = decodePage(payload, to, pageStart, pageStart + length, lz4);
  const outside = [...to.bytes.subarray(0, pageStart), ...to.bytes.subarray(pageStart + length)];
  assert.ok(
    outside.every((byte) => byte === 0xdd),
    'bytes outside of the page were changed',
  );
  return { problem, page: to.bytes.slice(pageStart, pageStart + length) };
}

test('every kind of page, in every size of part, comes out as it went in', () => {
  const seeds = 20;
  for (const [kind, fill] of Object.entries(kinds))
    for (let seed = 1; seed <= seeds; seed++) {
      const page = new Uint8Array(4096);
      fill(page, new Prng(seed));
      for (const length of [64, 256, 1024, 4096])
        for (const lineRate of [undefined, slow]) {
          const { bytes } = encoded(page, length, lineRate);
          const { problem, page: out } = decoded(bytes, length);
          assert.equal(problem, undefined, `${kind}, seed ${seed}`);
          assert.deepEqual(out, page.slice(0, length), `${kind}, seed ${seed}, ${length} bytes`);
        }
    }
});

test('what repeats goes as 9 bytes on any line; text and pointers are compressed on a slow one alone', () => {
  const made = (kind: string, lineRate?: number) => {
    const page = new Uint8Array(4096);
    kinds[kind]!(page, new Prng(1));
    return encoded(page, page.length, lineRate);
  };
  for (const kind of ['zero', 'word', 'pair']) assert.equal(made(kind).bytes.length, 9, kind);
  for (const kind of ['text', 'pointers', 'sparse', 'word but for one byte']) {
    assert.equal(made(kind).bytes.length, 4096, kind);
    const { bytes, counters } = made(kind, slow);
    assert.ok(bytes.length < 3500, `${kind}: ${bytes.length} bytes`);
    assert.equal(counters.pagesCompressed, 1);
  }
  assert.equal(made('random', slow).bytes.length, 4096);
});

test('a payload that is no page is told in one line, and changes nothing', () => {
  const page = new Uint8Array(4096);
  kinds.text!(page, new Prng(1));
  const { bytes } = encoded(page, page.length, slow);
  const length = new DataView(bytes.buffer).getUint32(1, true);
  assert.equal(length, 4096);
  const announcing = (count: number): Uint8Array => {
    const changed = bytes.slice();
    new DataView(changed.buffer).setUint32(1, count, true);
    return changed;
  };
  const bad: [Uint8Array, RegExp][] = [
    [new Uint8Array(0), /came as 0 of no known encoding/],
    [new Uint8Array(4097), /came as 4097 of no known encoding/],
    [Uint8Array.of(1, 2, 3), /came as 3, marked as repeated/],
    [Uint8Array.of(3, 2, 3), /came as 3 of no known encoding/],
    [Uint8Array.of(2), /can't be decompressed/],
    [bytes.subarray(0, bytes.length - 100), /can't be decompressed/],
    [announcing(0xffffffff), /it announces 4294967295 bytes/],
    [announcing(4095), /it announces 4095 bytes/],
  ];
  for (const [payload, what] of bad) {
    const { problem, page: out } = decoded(payload, 4096);
    assert.match(problem ?? 'nothing', what);
    assert.ok(
      out.every((byte) => byte === 0xdd),
      'memory was changed',
    );
  }
  const without = decodePage(bytes, memory(), pageStart, pageStart + 4096, () => undefined);
  assert.match(without ?? 'nothing', /the library for that is not installed here/);
});

test('compressed pages with wrong bytes are refused or come out at their length, whatever the bytes are', () => {
  let refused = 0;
  for (let seed = 1; seed <= 2000; seed++) {
    const prng = new Prng(seed);
    const page = new Uint8Array(4096);
    kinds.text!(page, prng);
    const { bytes } = encoded(page, page.length, slow);
    for (let i = prng.below(8); i >= 0; i--) bytes[5 + prng.below(bytes.length - 5)] = prng.below(256);
    if (decoded(bytes.subarray(0, bytes.length - prng.below(3)), page.length).problem !== undefined) refused++;
  }
  assert.ok(refused > 500, `${refused} were refused`);
  // The library serves as before.
  const page = new Uint8Array(4096);
  kinds.text!(page, new Prng(1));
  assert.deepEqual(decoded(encoded(page, page.length, slow).bytes, page.length).page, page);
});
