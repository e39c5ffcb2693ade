/**
 * The guest's memory map: a sorted list of areas (VMAs), pure. Each operation answers with the changes that every node
 * must apply; reading file contents is left to the `MappedFile` that the caller hands in.
 *
 * Layout of a 3G/1G ARM kernel (arch/arm/include/asm/memory.h, mm/util.c mmap_base): task size 0xbf000000, the stack
 * at its end, mappings top-down from 128 MiB below.
 */
import { Errno } from '../abi/errno.ts';
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_TYPE,
  MAX_MAP_COUNT,
  MMAP_MIN_ADDR,
  MREMAP_FIXED,
  MREMAP_MAYMOVE,
  PAGE_SIZE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../abi/memory.ts';
import { alignUp } from '../base/bits.ts';
import type { MapChange, MapData } from './api.ts';

export const taskSize = 0xbf000000;
export const mmapBase = 0xb7000000;
const unmappedBase = alignUp(taskSize / 3, 0x1000000);
const protectionMask = PROT_READ | PROT_WRITE | PROT_EXEC;

/** A file as a mapping sees it. Offsets and lengths in bytes. */
export interface MappedFile {
  /** What /proc/self/maps prints: path, 'major:minor' in hexadecimal, inode. */
  readonly path: Buffer;
  readonly device: string;
  readonly inode: bigint;
  /** A shared mapping may be made writable. */
  readonly writable: boolean;
  /** Bytes from `offset`, fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array;
  /** Stores bytes of a shared writable mapping; never extends the file. */
  write(offset: number, bytes: Uint8Array): void;
}

/** A part of a mapping of a file, at this offset there. */
export interface FilePart {
  readonly file: MappedFile;
  readonly address: number;
  readonly offset: number;
  readonly length: number;
}

export interface Area {
  start: number;
  /** First address after it. */
  end: number;
  protection: number;
  shared: boolean;
  /** Shared, and writable now or at some time before: the guest may have changed the file's bytes. */
  written: boolean;
  file: MappedFile | null;
  /** File offset of `start`, in bytes. */
  offset: number;
  /** '[heap]', '[stack]', '[vectors]' or empty. */
  name: string;
}

export interface MapRequest {
  address: number;
  length: number;
  protection: number;
  flags: number;
  file?: MappedFile | null;
  offset?: number;
  name?: string;
}

export interface MapResult {
  address: number;
  changes: MapChange[];
}
/** A moved mapping: the caller puts the old contents into `changes[0].data` before it applies the changes. */
export interface RemapResult extends MapResult {
  copy: { from: number; length: number } | null;
}

const isAligned = (value: number): boolean => value % PAGE_SIZE === 0;

/** The contents that a file mapping starts with; pages past the end of the file stay zero. */
function fileData(file: MappedFile | null, offset: number, length: number): { data?: MapData[] } {
  if (!file) return {};
  const bytes = file.read(offset, length);
  return bytes.length > 0 ? { data: [{ offset: 0, bytes }] } : {};
}

export class MemoryMap {
  #areas: Area[] = [];
  #brkStart = 0;
  #brk = 0;

  /** A map of its own with the same areas (fork). */
  copy(): MemoryMap {
    const copy = new MemoryMap();
    copy.#areas = this.#areas.map((area) => ({ ...area }));
    copy.#brkStart = this.#brkStart;
    copy.#brk = this.#brk;
    return copy;
  }

  get areas(): readonly Area[] {
    return this.#areas;
  }

  /** Sets where the heap starts (page-aligned), once, by the loader. */
  setBrkStart(address: number): void {
    this.#brkStart = alignUp(address, PAGE_SIZE);
    this.#brk = this.#brkStart;
  }
  get brkStart(): number {
    return this.#brkStart;
  }
  get brkEnd(): number {
    return this.#brk;
  }

  /** The area that contains `address`, if any. */
  areaAt(address: number): Area | undefined {
    const area = this.#areas[this.#firstEndingAfter(address)];
    return area && area.start <= address ? area : undefined;
  }

  /** True when no byte of the range is mapped. */
  isFree(start: number, length: number): boolean {
    const area = this.#areas[this.#firstEndingAfter(start)];
    return !area || area.start >= start + length;
  }

  /** mmap2(2). The result is the address and the changes, or -errno. */
  mmap(request: MapRequest): MapResult | number {
    const { flags, offset = 0 } = request;
    const type = flags & MAP_TYPE;
    if (type !== MAP_SHARED && type !== MAP_PRIVATE && type !== MAP_SHARED_VALIDATE) return -Errno.EINVAL;
    if (request.length === 0 || !isAligned(offset)) return -Errno.EINVAL;
    const length = alignUp(request.length, PAGE_SIZE);
    if (length > taskSize) return -Errno.ENOMEM;
    const file = flags & MAP_ANONYMOUS ? null : (request.file ?? null);
    if (file && offset + length > 2 ** 44) return -Errno.EOVERFLOW;

    let address: number;
    if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
      address = request.address;
      if (!isAligned(address)) return -Errno.EINVAL;
      if (address + length > taskSize) return -Errno.ENOMEM;
      if (address < MMAP_MIN_ADDR) return -Errno.EPERM;
      if (flags & MAP_FIXED_NOREPLACE && !this.isFree(address, length)) return -Errno.EEXIST;
    } else {
      const found = this.findFree(length, request.address);
      if (found === undefined) return -Errno.ENOMEM;
      address = found;
    }
    if (this.#areas.length >= MAX_MAP_COUNT) return -Errno.ENOMEM;
    const protection = request.protection & protectionMask;
    const data = fileData(file, offset, length);
    this.#replace(address, address + length, {
      start: address,
      end: address + length,
      protection,
      shared: type !== MAP_PRIVATE,
      written: type !== MAP_PRIVATE && (protection & PROT_WRITE) !== 0,
      file,
      offset: file ? offset : 0,
      name: request.name ?? '',
    });
    return { address, changes: [{ start: address, length, protection, fresh: true, ...data }] };
  }

  /** munmap(2): the changes, or -errno. Areas that are not there are no error. */
  munmap(start: number, length: number): MapChange[] | number {
    if (!isAligned(start) || length === 0 || start + length > taskSize) return -Errno.EINVAL;
    const end = start + alignUp(length, PAGE_SIZE);
    if (end > taskSize) return -Errno.EINVAL;
    const covered = this.#overlapping(start, end);
    const splits = covered.length > 0 && covered[0]!.start < start && covered[0]!.end > end;
    if (splits && this.#areas.length >= MAX_MAP_COUNT) return -Errno.ENOMEM;
    const changes = covered.map((area) => {
      const from = Math.max(area.start, start);
      return { start: from, length: Math.min(area.end, end) - from, protection: -1, fresh: true };
    });
    this.#replace(start, end, null);
    return changes;
  }

  /** mprotect(2): a hole gives ENOMEM, after what stands before it was changed, as in the kernel. */
  mprotect(start: number, length: number, protection: number): { result: number; changes: MapChange[] } {
    if (!isAligned(start)) return { result: -Errno.EINVAL, changes: [] };
    const end = start + alignUp(length, PAGE_SIZE);
    if (length === 0) return { result: 0, changes: [] };
    if (end > 2 ** 32) return { result: -Errno.ENOMEM, changes: [] };
    const changes: MapChange[] = [];
    let at = start;
    for (const area of this.#overlapping(start, end)) {
      if (area.start > at) return { result: -Errno.ENOMEM, changes };
      const writes = (protection & PROT_WRITE) !== 0;
      if (writes && area.shared && area.file && !area.file.writable) return { result: -Errno.EACCES, changes };
      if (this.#areas.length + 2 > MAX_MAP_COUNT && (area.start < start || area.end > end))
        return { result: -Errno.ENOMEM, changes };
      const stop = Math.min(area.end, end);
      changes.push({ start: at, length: stop - at, protection: protection & protectionMask, fresh: false });
      this.#replace(at, stop, {
        ...area,
        start: at,
        end: stop,
        offset: area.file ? area.offset + (at - area.start) : 0,
        protection: protection & protectionMask,
        written: area.written || (area.shared && writes),
      });
      at = stop;
    }
    return { result: at < end ? -Errno.ENOMEM : 0, changes };
  }

  /** brk(2): the new end of the heap, or the old one when `wanted` cannot be had. */
  brk(wanted: number): MapResult {
    const unchanged = { address: this.#brk, changes: [] };
    if (wanted < this.#brkStart || wanted > taskSize) return unchanged;
    const oldEnd = alignUp(this.#brk, PAGE_SIZE);
    const newEnd = alignUp(wanted, PAGE_SIZE);
    if (newEnd < oldEnd) {
      const changes = this.munmap(newEnd, oldEnd - newEnd);
      if (typeof changes === 'number') return unchanged;
      this.#brk = wanted;
      return { address: wanted, changes };
    }
    if (newEnd > oldEnd) {
      // A page stays free above, as the kernel's find_vma_intersection(oldbrk, newbrk + PAGE_SIZE) keeps it.
      if (!this.isFree(oldEnd, newEnd - oldEnd + PAGE_SIZE)) return unchanged;
      const mapped = this.mmap({
        address: oldEnd,
        length: newEnd - oldEnd,
        protection: PROT_READ | PROT_WRITE,
        flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
        name: '[heap]',
      });
      if (typeof mapped === 'number') return unchanged;
      this.#brk = wanted;
      return { address: wanted, changes: mapped.changes };
    }
    this.#brk = wanted;
    return { address: wanted, changes: [] };
  }

  /** mremap(2). The result is -errno, or the address and the changes; `copy` when the contents must move. */
  mremap(oldStart: number, oldSize: number, newSize: number, flags: number, newAddress: number): RemapResult | number {
    if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED)) return -Errno.EINVAL;
    if (flags & MREMAP_FIXED && !(flags & MREMAP_MAYMOVE)) return -Errno.EINVAL;
    if (!isAligned(oldStart) || newSize === 0 || oldSize === 0) return -Errno.EINVAL;
    const oldLength = alignUp(oldSize, PAGE_SIZE);
    const newLength = alignUp(newSize, PAGE_SIZE);
    const area = this.areaAt(oldStart);
    if (!area || oldStart + oldLength > area.end) return -Errno.EFAULT;
    if (newLength > taskSize) return -Errno.ENOMEM;

    if (flags & MREMAP_FIXED) {
      if (!isAligned(newAddress) || newAddress + newLength > taskSize) return -Errno.EINVAL;
      if (newAddress < MMAP_MIN_ADDR) return -Errno.EPERM;
      if (newAddress < oldStart + oldLength && oldStart < newAddress + newLength) return -Errno.EINVAL;
      return this.#move(area, oldStart, oldLength, newLength, newAddress);
    }
    if (newLength <= oldLength) {
      const changes = newLength < oldLength ? this.munmap(oldStart + newLength, oldLength - newLength) : [];
      return typeof changes === 'number' ? changes : { address: oldStart, changes, copy: null };
    }
    const extra = newLength - oldLength;
    const oldEnd = oldStart + oldLength;
    if (oldEnd === area.end && oldEnd + extra <= taskSize && this.isFree(oldEnd, extra)) {
      const offset = area.file ? area.offset + (oldEnd - area.start) : 0;
      this.#replace(oldEnd, oldEnd + extra, { ...area, start: oldEnd, end: oldEnd + extra, offset });
      const data = fileData(area.file, offset, extra);
      const grown = { start: oldEnd, length: extra, protection: area.protection, fresh: true, ...data };
      return { address: oldStart, changes: [grown], copy: null };
    }
    if (!(flags & MREMAP_MAYMOVE)) return -Errno.ENOMEM;
    const target = this.findFree(newLength, 0);
    return target === undefined ? -Errno.ENOMEM : this.#move(area, oldStart, oldLength, newLength, target);
  }

  /** madvise(MADV_DONTNEED): anonymous memory reads as zero again, private file pages as the file has them. */
  discard(start: number, length: number): { result: number; changes: MapChange[] } {
    if (!isAligned(start)) return { result: -Errno.EINVAL, changes: [] };
    const end = start + alignUp(length, PAGE_SIZE);
    if (end > 2 ** 32) return { result: -Errno.EINVAL, changes: [] };
    const changes: MapChange[] = [];
    let at = start;
    let hole = false;
    for (const area of this.#overlapping(start, end)) {
      const from = Math.max(area.start, start);
      hole ||= from > at;
      at = Math.min(area.end, end);
      if (area.shared) continue;
      const data = fileData(area.file, area.offset + (from - area.start), at - from);
      changes.push({ start: from, length: at - from, protection: area.protection, fresh: true, ...data });
    }
    return { result: hole || at < end ? -Errno.ENOMEM : 0, changes };
  }

  /** True when every byte of the range is mapped (mlock, msync and other advice answer ENOMEM otherwise). */
  isMapped(start: number, length: number): boolean {
    let at = start;
    for (const area of this.#overlapping(start, start + length)) {
      if (area.start > at) return false;
      at = area.end;
    }
    return at >= start + length;
  }

  /** The parts of a range that belong to shared mappings of files which the guest may have written. */
  sharedFileParts(start: number, length: number): FilePart[] {
    return this.#overlapping(start, start + length)
      .filter((area) => area.file && area.written)
      .map((area) => {
        const from = Math.max(area.start, start);
        const until = Math.min(area.end, start + length);
        return { file: area.file!, address: from, offset: area.offset + (from - area.start), length: until - from };
      });
  }

  /** The files that areas of the range map. */
  filesIn(start: number, length: number): Set<MappedFile> {
    const files = this.#overlapping(start, start + length).map((area) => area.file);
    return new Set(files.filter((file) => file !== null));
  }

  /** Room for `length` bytes: at `hint` when that is free, else the highest gap below the mmap base, else above. */
  findFree(length: number, hint: number): number | undefined {
    if (hint !== 0) {
      const at = Math.max(alignUp(hint, PAGE_SIZE), MMAP_MIN_ADDR);
      if (at + length <= taskSize && this.isFree(at, length)) return at;
    }
    let gapEnd = mmapBase;
    for (let i = this.#firstEndingAfter(mmapBase - 1); i >= 0; i--) {
      const area = this.#areas[i];
      if (!area || area.start >= gapEnd) continue;
      if (gapEnd - area.end >= length) return gapEnd - length;
      gapEnd = Math.min(gapEnd, area.start);
    }
    if (gapEnd - length >= MMAP_MIN_ADDR) return gapEnd - length;
    let gapStart = unmappedBase;
    for (let i = this.#firstEndingAfter(unmappedBase); i < this.#areas.length; i++) {
      const area = this.#areas[i]!;
      if (area.start - gapStart >= length) return gapStart;
      gapStart = Math.max(gapStart, area.end);
    }
    return gapStart + length <= taskSize ? gapStart : undefined;
  }

  #move(area: Area, oldStart: number, oldLength: number, newLength: number, target: number): RemapResult | number {
    if (this.#areas.length + 3 > MAX_MAP_COUNT) return -Errno.ENOMEM;
    const offset = area.file ? area.offset + (oldStart - area.start) : 0;
    this.#replace(target, target + newLength, { ...area, start: target, end: target + newLength, offset, name: '' });
    this.#replace(oldStart, oldStart + oldLength, null);
    const tail = newLength - oldLength;
    const beyond = tail > 0 && area.file ? area.file.read(offset + oldLength, tail) : new Uint8Array(0);
    const fresh: MapChange = { start: target, length: newLength, protection: area.protection, fresh: true };
    if (beyond.length > 0) fresh.data = [{ offset: oldLength, bytes: beyond }];
    return {
      address: target,
      changes: [fresh, { start: oldStart, length: oldLength, protection: -1, fresh: true }],
      copy: { from: oldStart, length: Math.min(oldLength, newLength) },
    };
  }

  /** Index of the first area whose end lies after `address`. */
  #firstEndingAfter(address: number): number {
    let low = 0;
    let high = this.#areas.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#areas[middle]!.end > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #overlapping(start: number, end: number): Area[] {
    const found: Area[] = [];
    for (let i = this.#firstEndingAfter(start); i < this.#areas.length && this.#areas[i]!.start < end; i++)
      found.push(this.#areas[i]!);
    return found;
  }

  /** Cuts the range out of all areas, puts `area` there when given, and merges it with equal neighbours. */
  #replace(start: number, end: number, area: Area | null): void {
    const first = this.#firstEndingAfter(start);
    let last = first;
    while (last < this.#areas.length && this.#areas[last]!.start < end) last++;
    const pieces: Area[] = [];
    const head = this.#areas[first];
    if (head && head.start < start) pieces.push({ ...head, end: Math.min(head.end, start) });
    if (area) pieces.push(area);
    const tail = this.#areas[last - 1];
    if (last > first && tail!.end > end)
      pieces.push({ ...tail!, start: end, offset: tail!.file ? tail!.offset + (end - tail!.start) : 0 });
    // Neighbours take part so that the seams merge.
    const from = Math.max(0, first - 1);
    const until = Math.min(this.#areas.length, last + 1);
    const around = [...this.#areas.slice(from, first), ...pieces, ...this.#areas.slice(last, until)];
    this.#areas.splice(from, until - from, ...mergeNeighbours(around));
  }
}

function mergeNeighbours(areas: Area[]): Area[] {
  const merged: Area[] = [];
  for (const area of areas) {
    const before = merged.at(-1);
    if (before && canMerge(before, area))
      merged[merged.length - 1] = { ...before, end: area.end, written: before.written || area.written };
    else merged.push(area);
  }
  return merged;
}

function canMerge(a: Area, b: Area): boolean {
  return (
    a.end === b.start &&
    a.protection === b.protection &&
    a.shared === b.shared &&
    a.file === b.file &&
    a.name === b.name &&
    (a.file === null || a.offset + (a.end - a.start) === b.offset)
  );
}
