import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROT_READ, PROT_WRITE } from '../abi/memory.ts';
import { FUTEX_OWNER_DIED, FUTEX_WAITERS, ROBUST_LIST_LIMIT } from '../abi/process.ts';
import { Access } from '../coherence/sink.ts';
import { pageBytes, pageShift } from '../layout/access.ts';
import { GuestAccess } from './guest-access.ts';
import { MapChanges } from './map-changes.ts';
import { RobustList } from './robust-list.ts';
import { idleEngine } from './testing/idle-engine.ts';
import { ManualBlocks } from './testing/manual-blocks.ts';

const head = 0x40000;
const other = 0x41000;
const tid = 0x1234;
/** As in the C library's mutexes the word lies before its entry. */
const futexOffset = -12;
const waiters = FUTEX_WAITERS | 0;

/** A list of the entries at `entries`; `set` puts words into memory, `release` walks. */
async function setUp(entries: readonly number[], pending = 0) {
  const engine = idleEngine(2);
  const blocks = new ManualBlocks(engine);
  const maps = new MapChanges(engine, async () => {});
  await maps.apply({ start: head, length: 2 * pageBytes, protection: PROT_READ | PROT_WRITE, fresh: true });
  for (const at of [head, other]) blocks.set(at >>> pageShift, Access.Write);
  const { words } = engine.memory;
  const set = (address: number, value: number): void => {
    words[address >>> 2] = value;
  };
  const links = [head, ...entries.map((entry) => (entry & ~1) >>> 0)];
  for (const [i, link] of links.entries()) set(link, entries[i] ?? head);
  set(head + 4, futexOffset);
  set(head + 8, pending);
  const woken: number[] = [];
  const list = new RobustList(new GuestAccess(engine, blocks.obtain), tid, (address) => woken.push(address));
  const release = (): Promise<void> => new Promise((resolve) => list.release(head, resolve));
  return { blocks, set, word: (address: number) => words[address >>> 2], woken, release, list };
}

test('nothing held: done at once, nothing touched', async () => {
  const { list, woken } = await setUp([]);
  let done = false;
  list.release(head, () => {
    done = true;
  });
  assert.ok(done);
  assert.deepEqual(woken, []);
});

test('what the thread holds is left behind, and only who waits is woken', async () => {
  const entries = [head + 0x100, head + 0x200, other + 0x100];
  const { set, word, woken, release } = await setUp(entries);
  set(head + 0x100 + futexOffset, tid);
  set(head + 0x200 + futexOffset, tid | waiters);
  set(other + 0x100 + futexOffset, (tid + 1) | waiters);
  await release();
  assert.equal(word(head + 0x100 + futexOffset), FUTEX_OWNER_DIED);
  assert.equal(word(head + 0x200 + futexOffset), FUTEX_OWNER_DIED | waiters);
  assert.equal(word(other + 0x100 + futexOffset), (tid + 1) | waiters, "somebody else's");
  assert.deepEqual(woken, [head + 0x200 + futexOffset]);
});

test('the pending entry comes last, once, and is woken for when it was free already', async () => {
  const entry = head + 0x100;
  const held = await setUp([entry], entry);
  held.set(entry + futexOffset, tid | waiters);
  await held.release();
  assert.deepEqual(held.woken, [entry + futexOffset]);

  const free = await setUp([], entry);
  await free.release();
  assert.equal(free.word(entry + futexOffset), 0);
  assert.deepEqual(free.woken, [entry + futexOffset]);
});

test('waiters of a priority-inheriting futex are not woken here', async () => {
  const entry = head + 0x100;
  const { set, word, woken, release } = await setUp([entry | 1]);
  set(entry + futexOffset, tid | waiters);
  await release();
  assert.equal(word(entry + futexOffset), FUTEX_OWNER_DIED | waiters);
  assert.deepEqual(woken, []);
});

test('a block that is away is fetched for writing', async () => {
  const entry = other + 0x100;
  const { blocks, set, word, release } = await setUp([entry]);
  set(entry + futexOffset, tid);
  blocks.set(other >>> pageShift, Access.None);
  const released = release();
  while (blocks.wanted.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([blocks.wanted[0]?.block, blocks.wanted[0]?.access], [other >>> pageShift, Access.Read]);
  blocks.give();
  while (word(entry + futexOffset) === tid) {
    if (blocks.wanted.length > 0) blocks.give();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await released;
  assert.equal(word(entry + futexOffset), FUTEX_OWNER_DIED);
});

test('a damaged list ends the walk: no end, no memory, no alignment', { timeout: 10_000 }, async () => {
  const endless = await setUp([head + 0x100]);
  endless.set(head + 0x100, head + 0x100);
  endless.set(head + 0x100 + futexOffset, tid);
  await endless.release();
  assert.equal(endless.word(head + 0x100 + futexOffset), FUTEX_OWNER_DIED, `seen within ${ROBUST_LIST_LIMIT} entries`);

  for (const broken of [0x7000_0000, 0xffff_fffc, head + 0x102]) {
    const { set, word, woken, release } = await setUp([head + 0x100]);
    set(head + 0x100, broken);
    set(head + 0x100 + futexOffset, tid | waiters);
    await release();
    assert.equal(word(head + 0x100 + futexOffset), FUTEX_OWNER_DIED | waiters, 'what came before it is done');
    assert.deepEqual(woken, [head + 0x100 + futexOffset]);
  }

  const nowhere = await setUp([]);
  await new Promise<void>((resolve) => nowhere.list.release(0x7000_0000, resolve));
  assert.deepEqual(nowhere.woken, []);
});
