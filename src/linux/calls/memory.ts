/** brk, mmap and their kin: the map decides, the nodes apply, one call after the other. */
import { Errno } from '../../abi/errno.ts';
import { O_ACCMODE, O_PATH, O_RDONLY, O_WRONLY } from '../../abi/file.ts';
import * as abi from '../../abi/memory.ts';
import { alignUp } from '../../base/bits.ts';
import type { MapChange, MasterCall, ThreadInfo } from '../api.ts';
import { HostDirectory } from '../files/directory.ts';
import type { HostFile } from '../host-file.ts';
import type { Kernel } from '../kernel.ts';

export const brk = (kernel: Kernel, _: ThreadInfo, call: MasterCall): Promise<number> =>
  kernel.space.exclusively(async () => {
    const { address, changes } = kernel.memory.brk(call.args[0]! >>> 0);
    await kernel.applyMapChanges(changes);
    return address | 0;
  });

/** mmap2(address, length, protection, flags, fd, offset in pages). */
export const mmap2 = (kernel: Kernel, _: ThreadInfo, call: MasterCall): Promise<number> =>
  kernel.space.exclusively(async () => {
    const [address, length, protection, flags, fd, pages] = call.args as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const file = flags & abi.MAP_ANONYMOUS ? null : openForMapping(kernel, fd, protection, flags);
    if (typeof file === 'number') return file;
    const [start, size] = replacedBy(
      address,
      length,
      (flags & (abi.MAP_FIXED | abi.MAP_FIXED_NOREPLACE)) === abi.MAP_FIXED,
    );
    const files = kernel.memory.filesIn(start, size);
    if (file) files.add(file);
    return replacing(kernel, start, size, async () => {
      const mapped = kernel.memory.mmap({
        address: address >>> 0,
        length: length >>> 0,
        protection,
        flags,
        file,
        offset: (pages >>> 0) * abi.PAGE_SIZE,
      });
      if (typeof mapped !== 'number') await kernel.applyMapChanges(mapped.changes);
      kernel.space.files.closeUnused(kernel.memory, files);
      return typeof mapped === 'number' ? mapped : mapped.address | 0;
    });
  });

/** What a mapping at this place replaces: start and length of a range of pages. */
const replacedBy = (address: number, length: number, isFixed: boolean): [start: number, length: number] => [
  address >>> 0,
  isFixed ? alignUp(length >>> 0, abi.PAGE_SIZE) : 0,
];

/**
 * Maps something in the place of what may be mapped in a range. What was stored there goes into the files behind it
 * first; a thread that stores there all the time does not see a moment at which nothing is mapped, so it stands still.
 */
async function replacing<T>(kernel: Kernel, start: number, length: number, work: () => Promise<T>): Promise<T> {
  const parts = kernel.memory.sharedFileParts(start, length);
  if (parts.length === 0) return work();
  return kernel.host.whileStill(async () => {
    await kernel.space.writeBack(parts);
    return work();
  });
}

/**
 * Puts ranges that are about to be unmapped out of the guest's reach, with their contents: what a thread has stored there
 * is in what is read of them from now on, and a thread that comes later faults, as it would behind the change.
 */
async function withdraw(kernel: Kernel, ranges: readonly Pick<MapChange, 'start' | 'length'>[]): Promise<void> {
  await kernel.applyMapChanges(ranges.map(({ start, length }) => ({ start, length, protection: -1, fresh: false })));
}

/** A descriptor of its own for the mapping, which outlives the guest's; -errno when it may not be mapped so. */
function openForMapping(kernel: Kernel, fd: number, protection: number, flags: number): HostFile | number {
  const description = kernel.descriptors.get(fd);
  if (!description || description.flags & O_PATH) return -Errno.EBADF;
  if (description.hostFd === null || description instanceof HostDirectory) return -Errno.ENODEV;
  const access = description.flags & O_ACCMODE;
  if (access === O_WRONLY) return -Errno.EACCES;
  const shared = (flags & abi.MAP_TYPE) !== abi.MAP_PRIVATE;
  if (shared && protection & abi.PROT_WRITE && access === O_RDONLY) return -Errno.EACCES;
  if (description.isTerminal()) return -Errno.ENODEV;
  return kernel.space.files.open(description, shared && access !== O_RDONLY);
}

export const munmap = (kernel: Kernel, _: ThreadInfo, call: MasterCall): Promise<number> =>
  kernel.space.exclusively(async () => {
    const start = call.args[0]! >>> 0;
    const length = alignUp(call.args[1]! >>> 0, abi.PAGE_SIZE);
    const files = kernel.memory.filesIn(start, length);
    const parts = kernel.memory.sharedFileParts(start, length);
    const changes = kernel.memory.munmap(start, length);
    if (typeof changes === 'number') return changes;
    if (parts.length > 0) {
      await withdraw(kernel, changes);
      await kernel.space.writeBack(parts);
    }
    await kernel.applyMapChanges(changes);
    kernel.space.files.closeUnused(kernel.memory, files);
    return 0;
  });

export const mprotect = (kernel: Kernel, _: ThreadInfo, call: MasterCall): Promise<number> =>
  kernel.space.exclusively(async () => {
    const [address, length, protection] = call.args as unknown as [number, number, number];
    if (protection & (abi.PROT_GROWSDOWN | abi.PROT_GROWSUP))
      return growingStackProtection(kernel, address >>> 0, length >>> 0, protection);
    const { result, changes } = kernel.memory.mprotect(address >>> 0, length >>> 0, protection);
    await kernel.applyMapChanges(changes);
    return result;
  });

/** PROT_GROWSDOWN reaches down to the area's start (glibc makes stacks executable with it). */
async function growingStackProtection(
  kernel: Kernel,
  address: number,
  length: number,
  protection: number,
): Promise<number> {
  const area = kernel.memory.areaAt(address);
  if (!area || protection & abi.PROT_GROWSUP) return -Errno.EINVAL;
  const { result, changes } = kernel.memory.mprotect(area.start, address + length - area.start, protection);
  await kernel.applyMapChanges(changes);
  return result;
}

export const mremap = (kernel: Kernel, _: ThreadInfo, call: MasterCall): Promise<number> =>
  kernel.space.exclusively(async () => {
    const [oldStart, oldSize, newSize, flags, newAddress] = [...call.args].map((value) => value >>> 0) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const { memory } = kernel;
    const parts = memory.sharedFileParts(oldStart, alignUp(oldSize, abi.PAGE_SIZE));
    const [start, size] = replacedBy(newAddress, newSize, (flags & abi.MREMAP_FIXED) !== 0);
    const files = memory.filesIn(start, size);
    return replacing(kernel, start, size, async () => {
      const moved = memory.mremap(oldStart, oldSize, newSize, flags, newAddress);
      if (typeof moved === 'number') return moved;
      const left = moved.changes.filter(({ protection }) => protection < 0);
      if (left.length > 0) {
        await withdraw(kernel, left);
        await kernel.space.writeBack(parts);
      }
      if (moved.copy) {
        const bytes = await kernel.host.readKept(moved.copy.from, moved.copy.length);
        const target = moved.changes[0]!;
        target.data = [{ offset: 0, bytes }, ...(target.data ?? [])];
      }
      await kernel.applyMapChanges(moved.changes);
      kernel.space.files.closeUnused(memory, files);
      return moved.address | 0;
    });
  });

const harmlessAdvice = new Set<number>([
  abi.MADV_NORMAL,
  abi.MADV_RANDOM,
  abi.MADV_SEQUENTIAL,
  abi.MADV_WILLNEED,
  // Pages that MADV_FREE may drop simply stay.
  abi.MADV_FREE,
  abi.MADV_DONTFORK,
  abi.MADV_DOFORK,
  abi.MADV_MERGEABLE,
  abi.MADV_UNMERGEABLE,
  abi.MADV_HUGEPAGE,
  abi.MADV_NOHUGEPAGE,
  abi.MADV_DONTDUMP,
  abi.MADV_DODUMP,
  abi.MADV_KEEPONFORK,
  abi.MADV_COLD,
  abi.MADV_PAGEOUT,
  abi.MADV_POPULATE_READ,
  abi.MADV_POPULATE_WRITE,
]);

export const madvise = (kernel: Kernel, _: ThreadInfo, call: MasterCall): Promise<number> =>
  kernel.space.exclusively(async () => {
    const start = call.args[0]! >>> 0;
    const length = Math.ceil((call.args[1]! >>> 0) / abi.PAGE_SIZE) * abi.PAGE_SIZE;
    const advice = call.args[2]!;
    if (start % abi.PAGE_SIZE !== 0 || start + length > 2 ** 32) return -Errno.EINVAL;
    if (harmlessAdvice.has(advice)) return kernel.memory.isMapped(start, length) ? 0 : -Errno.ENOMEM;
    if (advice !== abi.MADV_DONTNEED) return -Errno.EINVAL;
    const { result, changes } = kernel.memory.discard(start, length);
    await kernel.applyMapChanges(changes);
    return result;
  });

export const msync = (kernel: Kernel, _: ThreadInfo, call: MasterCall): Promise<number> =>
  kernel.space.exclusively(async () => {
    const [start, size, flags] = [...call.args].map((value) => value >>> 0) as [number, number, number];
    const length = Math.ceil(size / abi.PAGE_SIZE) * abi.PAGE_SIZE;
    const known = abi.MS_ASYNC | abi.MS_INVALIDATE | abi.MS_SYNC;
    if (flags & ~known || (flags & abi.MS_ASYNC && flags & abi.MS_SYNC) || start % abi.PAGE_SIZE !== 0)
      return -Errno.EINVAL;
    await kernel.space.writeBack(kernel.memory.sharedFileParts(start, length));
    return kernel.memory.isMapped(start, length) ? 0 : -Errno.ENOMEM;
  });

/** mlock, munlock, mlock2: the range must be mapped; guest memory is never swapped by the emulator itself. */
export function mlock(kernel: Kernel, _: ThreadInfo, call: MasterCall): number {
  const start = call.args[0]! >>> 0;
  const first = start - (start % abi.PAGE_SIZE);
  return kernel.memory.isMapped(first, start - first + (call.args[1]! >>> 0)) ? 0 : -Errno.ENOMEM;
}

/** mincore: everything that is mapped is resident. */
export function mincore(kernel: Kernel, _: ThreadInfo, call: MasterCall): number {
  const start = call.args[0]! >>> 0;
  if (start % abi.PAGE_SIZE !== 0) return -Errno.EINVAL;
  if (!kernel.memory.isMapped(start, call.args[1]! >>> 0)) return -Errno.ENOMEM;
  call.output(2, new Uint8Array(call.capacity(2)).fill(1));
  return 0;
}
