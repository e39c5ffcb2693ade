import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../base/prng.ts';
import { Access } from './sink.ts';
import { Streams } from './streams.ts';

const windowMax = 32;
const node = 1;
const thread = 7;

/** A home that owns the blocks below `end`, and a thread that comes to blocks: by a miss, a mark, or what was pushed. */
class Bench {
  readonly pushed = new Map<number, Access>();
  readonly marks = new Set<number>();
  readonly handed: number[][] = [];
  /** Blocks that the thread came to, of them misses, and blocks pushed. */
  touched = 0;
  misses = 0;
  pushes = 0;
  readonly streams: Streams;

  /**
   * @param blocks those that there are, here and elsewhere
   * @param own the thread's node has the blocks below this one anyway
   * @param used and nobody has used those from this one on
   */
  constructor(
    end = Number.MAX_SAFE_INTEGER,
    own = 0,
    used = Number.MAX_SAFE_INTEGER,
    blocks = Number.MAX_SAFE_INTEGER,
  ) {
    this.streams = new Streams(
      {
        isHere: (block) => block < end,
        isOwn: (block) => block < own,
        isFresh: (block) => block >= used && !this.pushed.has(block),
        push: (block, _to, _thread, wanted, marked) => {
          if (this.pushed.has(block)) return false;
          this.pushed.set(block, wanted);
          if (marked) this.marks.add(block);
          this.pushes++;
          return true;
        },
        handOver: (block, _to, _thread, stride, window) => this.handed.push([block, stride, window]),
      },
      windowMax,
      blocks,
    );
  }

  touch(block: number, wanted: Access = Access.Read): void {
    this.touched++;
    if ((this.pushed.get(block) ?? Access.None) < wanted) {
      this.misses++;
      this.streams.missed(node, thread, block, wanted);
    } else if (this.marks.delete(block)) this.streams.reached(node, thread, block);
  }
}

for (const [name, stride] of [
  ['forward', 1],
  ['backward', -1],
  ['every fifth block', 5],
] as const) {
  test(`a stream is pushed after three misses, in windows that double: ${name}`, () => {
    const bench = new Bench();
    for (let i = 0; i < 1000; i++) bench.touch(100_000 + i * stride);
    assert.equal(bench.misses, 3);
    assert.ok(bench.pushes >= 997 && bench.pushes <= 997 + 2 * windowMax, `${bench.pushes} pushes`);
  });
}

test('several streams by turns, with noise between, are told apart', () => {
  const bench = new Bench();
  const random = new Prng(3);
  for (let i = 0; i < 500; i++) {
    for (const start of [10_000, 50_000, 90_000]) bench.touch(start + i);
    if (random.chance(0.2)) bench.touch(1_000_000 + random.below(1_000_000));
  }
  assert.ok(bench.misses < 150, `${bench.misses} misses of ${bench.touched}`);
});

test('blocks at random are no stream', () => {
  const bench = new Bench();
  const random = new Prng(5);
  for (let i = 0; i < 5000; i++) bench.touch(random.below(1_000_000));
  assert.ok(bench.pushes < 50, `${bench.pushes} pushes`);
});

test('what nobody comes to is pushed once, and less of it the next time', () => {
  const bench = new Bench();
  for (let run = 0; run < 40; run++) for (let i = 0; i < 3; i++) bench.touch(run * 1000 + i);
  assert.ok(bench.pushes < 40 * 4, `${bench.pushes} pushes for 40 streams of three blocks`);
});

test('a stream that writes is pushed for writing', () => {
  const bench = new Bench();
  for (let i = 0; i < 100; i++) {
    bench.touch(i);
    bench.touch(i, Access.Write);
  }
  assert.equal(bench.pushed.get(99), Access.Write);
  assert.ok(bench.misses < 30, `${bench.misses} misses`);
});

test('a stream that leaves the home is handed over, and goes on where it is taken', () => {
  const first = new Bench(64);
  for (let i = 0; i < 64; i++) first.touch(i);
  assert.deepEqual(first.handed, [[64, 1, first.handed[0]?.[2]]]);
  const second = new Bench();
  const [block, stride, window] = first.handed[0] as [number, number, number];
  second.streams.taken(node, thread, block, stride, window, false);
  assert.equal(second.pushes, window);
  for (let i = 64; i < 500; i++) second.touch(i);
  assert.equal(second.misses, 0);
});

test('a stream ends where the blocks do', () => {
  for (const [start, stride] of [
    [44, 1],
    [19, -1],
  ] as const) {
    const bench = new Bench(64, 0, Number.MAX_SAFE_INTEGER, 64);
    for (let i = 0; i < 20; i++) bench.touch(start + i * stride);
    assert.equal(bench.misses, 3);
    assert.deepEqual(bench.handed, []);
    assert.ok([...bench.pushed.keys()].every((block) => block >= 0 && block < 64));
  }
});

test('blocks that the node has anyway are passed over, so many at a time', () => {
  const through = new Bench(64, 16);
  through.streams.taken(node, thread, 0, 1, 8, true);
  assert.deepEqual([...through.pushed.keys()], [16, 17, 18, 19, 20, 21, 22, 23]);
  const beyond = new Bench(64, 64);
  beyond.streams.taken(node, thread, 40, 1, 8, true);
  assert.deepEqual(beyond.handed, [[64, 1, 8]]);
  const endless = new Bench(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  endless.streams.taken(node, thread, 0, 1, 8, true);
  assert.equal(Math.min(...endless.pushed.keys()), windowMax, 'as many as a window has at most');
});

test('a stream that is handed over stops before fresh blocks until its thread comes there', () => {
  const bench = new Bench(64, 0, 4);
  bench.streams.taken(node, thread, 0, 1, 8, true);
  assert.deepEqual([...bench.pushed.keys()], [0, 1, 2, 3]);
  for (let block = 0; block < 64; block++) bench.touch(block, Access.Write);
  assert.equal(bench.misses, 0);
  assert.equal(bench.pushes, 64);
  const fresh = new Bench(64, 0, 0);
  fresh.streams.taken(node, thread, 0, 1, 8, true);
  assert.equal(fresh.pushes, 0);
  for (let block = 0; block < 64; block++) fresh.touch(block, Access.Write);
  assert.equal(fresh.misses, 1);
  assert.equal(fresh.pushes, 63);
});

test('a stream of which nothing goes is not handed on and on', () => {
  const refusing = new Bench(64);
  for (let block = 0; block < 64; block++) refusing.pushed.set(block, Access.Read);
  refusing.streams.taken(node, thread, 0, 1, 2 * windowMax, true);
  refusing.streams.taken(node, thread, 64 - windowMax / 2, 1, windowMax, true);
  assert.equal(refusing.pushes, 0);
  assert.deepEqual(refusing.handed, []);
});

test('a stream taken over with a nonsensical stride is refused', () => {
  const bench = new Bench();
  for (const stride of [0, 1000, -1000]) bench.streams.taken(node, thread, 5, stride, 8, false);
  assert.equal(bench.pushes, 0);
});
