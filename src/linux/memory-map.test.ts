import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errno } from '../abi/errno.ts';
import * as abi from '../abi/memory.ts';
import { Prng } from '../base/prng.ts';
import type { MapChange } from './api.ts';
import { type MappedFile, MemoryMap, mmapBase, taskSize } from './memory-map.ts';

const page = abi.PAGE_SIZE;
const anonymous = abi.MAP_PRIVATE | abi.MAP_ANONYMOUS;

/** A file whose bytes tell their offset. */
const file: MappedFile = {
  path: Buffer.from('/file'),
  device: '00:01',
  inode: 5n,
  writable: true,
  read: (offset, length) =>
    Uint8Array.from(
      { length: Math.max(0, Math.min(length, 40 * page - offset)) },
      (_, i) => ((offset + i) / page) & 0xff,
    ),
  write: () => {},
};

/** The naive twin: one record a page. */
class PageModel {
  readonly pages = new Map<number, { protection: number; content: number }>();

  apply(changes: readonly MapChange[]): void {
    for (const change of changes) {
      for (let at = 0; at < change.length; at += page) {
        const index = (change.start + at) / page;
        const before = this.pages.get(index);
        if (change.protection === -1) this.pages.delete(index);
        else {
          assert.ok(change.fresh || before, 'only fresh pages may appear');
          this.pages.set(index, { protection: change.protection, content: change.fresh ? 0 : before!.content });
        }
      }
      for (const { offset, bytes } of change.data ?? []) {
        for (let i = 0; i < bytes.length; i += page)
          this.pages.get((change.start + offset + i) / page)!.content = bytes[i]!;
      }
    }
  }
}

test('random operations keep areas, changes and a page model equal', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const prng = new Prng(seed);
    const map = new MemoryMap();
    const model = new PageModel();
    const base = 0x20000000;
    const span = 64;
    const at = (): number => base + prng.below(span) * page;
    const length = (): number => (1 + prng.below(12)) * page;
    for (let step = 0; step < 400; step++) {
      const what = prng.below(6);
      if (what <= 1) {
        const shared = prng.chance(0.3);
        const useFile = prng.chance(0.4);
        const flags = (shared ? abi.MAP_SHARED : abi.MAP_PRIVATE) | abi.MAP_FIXED | (useFile ? 0 : abi.MAP_ANONYMOUS);
        const offset = prng.below(30) * page;
        const result = map.mmap({ address: at(), length: length(), protection: prng.below(8), flags, file, offset });
        assert.ok(typeof result !== 'number');
        model.apply(result.changes);
      } else if (what === 2) {
        const changes = map.munmap(at(), length());
        assert.ok(typeof changes !== 'number');
        model.apply(changes);
      } else if (what === 3) {
        const { changes } = map.mprotect(at(), length(), prng.below(8));
        model.apply(changes);
      } else if (what === 4) {
        model.apply(map.discard(at(), length()).changes);
      } else {
        const moved = map.mremap(at(), length(), length(), prng.below(2), 0);
        if (typeof moved !== 'number') model.apply(moved.changes);
      }
      checkAgainst(map, model, `seed ${seed} step ${step}`);
    }
  }
});

function checkAgainst(map: MemoryMap, model: PageModel, where: string): void {
  let pages = 0;
  let end = 0;
  for (const [i, area] of map.areas.entries()) {
    assert.ok(area.start >= end && area.start < area.end, `${where}: sorted, disjoint, not empty`);
    const before = map.areas[i - 1];
    if (before && before.end === area.start)
      assert.ok(
        before.protection !== area.protection ||
          before.shared !== area.shared ||
          before.file !== area.file ||
          (area.file && before.offset + before.end - before.start !== area.offset),
        `${where}: equal neighbours are merged`,
      );
    end = area.end;
    pages += (area.end - area.start) / page;
    for (let at = area.start; at < area.end; at += page)
      assert.equal(model.pages.get(at / page)?.protection, area.protection, `${where}: page ${at.toString(16)}`);
  }
  assert.equal(pages, model.pages.size, where);
}

test('file contents arrive with the offset of their page', () => {
  const map = new MemoryMap();
  const mapped = map.mmap({
    address: 0,
    length: 3 * page,
    protection: 1,
    flags: abi.MAP_PRIVATE,
    file,
    offset: 38 * page,
  });
  assert.ok(typeof mapped !== 'number');
  const { bytes } = mapped.changes[0]!.data![0]!;
  assert.equal(bytes.length, 2 * page, 'the page past the end stays zero');
  assert.deepEqual([bytes[0], bytes[page]], [38, 39]);
});

test('mmap places top-down, takes hints, and refuses what Linux refuses', () => {
  const map = new MemoryMap();
  const first = map.mmap({ address: 0, length: 5000, protection: 3, flags: anonymous });
  assert.deepEqual(first, {
    address: mmapBase - 2 * page,
    changes: [{ start: mmapBase - 2 * page, length: 2 * page, protection: 3, fresh: true }],
  });
  const next = map.mmap({ address: 0, length: page, protection: 3, flags: anonymous });
  assert.equal(typeof next !== 'number' && next.address, mmapBase - 3 * page);
  assert.equal(map.areas.length, 1);
  const hinted = map.mmap({ address: 0x30000001, length: page, protection: 3, flags: anonymous });
  assert.equal(typeof hinted !== 'number' && hinted.address, 0x30001000);
  const taken = map.mmap({
    address: 0x30001000,
    length: page,
    protection: 3,
    flags: anonymous | abi.MAP_FIXED_NOREPLACE,
  });
  assert.equal(taken, -Errno.EEXIST);
  const refuse = (
    request: { address?: number; length?: number; flags?: number; offset?: number },
    errno: number,
  ): void => assert.equal(map.mmap({ address: 0, length: page, protection: 3, flags: anonymous, ...request }), -errno);
  refuse({ length: 0 }, Errno.EINVAL);
  refuse({ length: taskSize + page }, Errno.ENOMEM);
  refuse({ length: 0xfffffff0 }, Errno.ENOMEM);
  refuse({ flags: abi.MAP_ANONYMOUS }, Errno.EINVAL);
  refuse({ address: 0x1000, flags: anonymous | abi.MAP_FIXED }, Errno.EPERM);
  refuse({ address: 0x12345, flags: anonymous | abi.MAP_FIXED }, Errno.EINVAL);
  refuse({ address: taskSize, flags: anonymous | abi.MAP_FIXED }, Errno.ENOMEM);
  refuse({ offset: 1 }, Errno.EINVAL);
});

test('the address space can be filled to the last gap', () => {
  const map = new MemoryMap();
  const piece = 64 << 20;
  let total = 0;
  for (;;) {
    const mapped = map.mmap({ address: 0, length: piece, protection: 0, flags: anonymous });
    if (typeof mapped === 'number') {
      assert.equal(mapped, -Errno.ENOMEM);
      break;
    }
    total += piece;
  }
  assert.ok(total > 2.8 * 2 ** 30, `${total} bytes`);
});

test('brk grows, shrinks and stops at a neighbour', () => {
  const map = new MemoryMap();
  map.setBrkStart(0x50010);
  assert.equal(map.brk(0).address, 0x51000);
  assert.equal(map.brk(0x52800).address, 0x52800);
  assert.deepEqual(map.brk(0x52900).changes, []);
  map.mmap({ address: 0x60000, length: page, protection: 3, flags: anonymous | abi.MAP_FIXED });
  assert.equal(map.brk(0x60000).address, 0x52900);
  assert.deepEqual(map.brk(0x51000).changes, [{ start: 0x51000, length: 2 * page, protection: -1, fresh: true }]);
  assert.equal(map.areas.length, 1);
});

test('mprotect stops at a hole with ENOMEM after changing what stands before it', () => {
  const map = new MemoryMap();
  map.mmap({ address: 0x20000000, length: 2 * page, protection: 3, flags: anonymous | abi.MAP_FIXED });
  const { result, changes } = map.mprotect(0x20001000, 3 * page, 1);
  assert.equal(result, -Errno.ENOMEM);
  assert.deepEqual(changes, [{ start: 0x20001000, length: page, protection: 1, fresh: false }]);
  assert.equal(map.areas.length, 2);
});

test('a shared mapping remembers that it was writable, and a read-only file stays so', () => {
  const map = new MemoryMap();
  const at = 0x20000000;
  const flags = abi.MAP_SHARED | abi.MAP_FIXED;
  map.mmap({ address: at, length: 2 * page, protection: 1, flags, file });
  assert.deepEqual(map.sharedFileParts(at, 2 * page), []);
  map.mprotect(at + page, page, 3);
  map.mprotect(at + page, page, 1);
  assert.deepEqual(map.sharedFileParts(at, 2 * page), [{ file, address: at, offset: 0, length: 2 * page }]);
  map.mmap({ address: at, length: page, protection: 1, flags, file: { ...file, writable: false } });
  assert.equal(map.mprotect(at, page, 3).result, -Errno.EACCES);
});

test('mremap grows in place when it can, else moves, and never past a limit', () => {
  const map = new MemoryMap();
  const at = 0x20000000;
  map.mmap({ address: at, length: 2 * page, protection: 3, flags: anonymous | abi.MAP_FIXED });
  const grown = map.mremap(at, 2 * page, 4 * page, 0, 0);
  assert.ok(typeof grown !== 'number' && grown.address === at && grown.copy === null);
  map.mmap({ address: at + 4 * page, length: page, protection: 0, flags: anonymous | abi.MAP_FIXED });
  assert.equal(map.mremap(at, 4 * page, 8 * page, 0, 0), -Errno.ENOMEM);
  const moved = map.mremap(at, 4 * page, 8 * page, abi.MREMAP_MAYMOVE, 0);
  assert.ok(typeof moved !== 'number');
  assert.deepEqual(moved.copy, { from: at, length: 4 * page });
  assert.equal(map.areaAt(at), undefined);
  assert.equal(map.mremap(at, page, page, 0, 0), -Errno.EFAULT);
});
