/** The part of /proc that must speak of the guest instead of the emulator (proc(5)). */
import { S_IFDIR, S_IFLNK, S_IFREG } from '../abi/file.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../abi/memory.ts';
import * as aux from '../abi/process.ts';
import { hex32 } from '../base/bits.ts';
import type { Description } from './files/description.ts';
import type { Kernel } from './kernel.ts';
import { kernelUserHelpersAddress } from './kernel-user-helpers.ts';
import type { MemoryMap } from './memory-map.ts';
import { cpuInfo } from './processor-facts.ts';

export type ProcEntry =
  | { kind: 'file'; make: () => Buffer }
  /** `target` is what readlink says, `host` the path that is opened instead, `description` what is where there is none. */
  | { kind: 'link'; target: Buffer; host: Buffer | null; description?: Description }
  | { kind: 'directory'; list: () => { name: string; mode: number }[] };

const text = (make: () => string): ProcEntry => ({ kind: 'file', make: () => Buffer.from(make(), 'latin1') });

/** What stands at an absolute path, or null when the host's own file is right. */
export function procEntry(kernel: Kernel, path: string): ProcEntry | null {
  if (path === '/proc/cpuinfo') return text(() => cpuInfo(kernel.program.processor, kernel.host.processorCount()));
  const standard = /^\/dev\/(?:fd\/(\d+)|std(in|out|err))$/.exec(path);
  if (standard) return descriptorLink(kernel, Number(standard[1] ?? ['in', 'out', 'err'].indexOf(standard[2]!)));
  const match = /^\/proc\/(self|thread-self|\d+)(?:\/task\/(\d+))?(?:\/(.*?))?\/?$/.exec(path);
  if (!match) return null;
  const [, who, task, rest = ''] = match;
  if (who !== 'self' && who !== 'thread-self' && Number(who) !== kernel.pid) {
    const other = kernel.processes.get(Number(who));
    return other && other !== kernel ? procEntry(other, path) : null;
  }
  if (task !== undefined && !kernel.thread(Number(task))) return null;
  if (rest === '') return who === 'self' && task === undefined && !path.endsWith('/') ? selfLink(kernel) : null;
  const tid = task === undefined ? kernel.pid : Number(task);
  const descriptor = /^fd\/(\d+)$/.exec(rest);
  if (descriptor) return descriptorLink(kernel, Number(descriptor[1]));
  return ownFiles[rest]?.(kernel, tid) ?? null;
}

function selfLink(kernel: Kernel): ProcEntry {
  return { kind: 'link', target: Buffer.from(String(kernel.pid)), host: null };
}

function descriptorLink(kernel: Kernel, fd: number): ProcEntry | null {
  const description = kernel.descriptors.get(fd);
  if (!description) return null;
  const host = description.hostFd === null ? null : Buffer.from(`/proc/self/fd/${description.hostFd}`);
  return { kind: 'link', target: description.path, host, description };
}

const ownFiles: Record<string, (kernel: Kernel, tid: number) => ProcEntry> = {
  exe: ({ program }) => ({ kind: 'link', target: program.executable, host: program.executable }),
  cwd: ({ paths }) => ({ kind: 'link', target: paths.cwd, host: paths.cwd }),
  root: () => ({ kind: 'link', target: Buffer.from('/'), host: Buffer.from('/') }),
  maps: (kernel) => text(() => mapsText(kernel.memory)),
  cmdline: ({ program }) => ({ kind: 'file', make: () => program.commandLine }),
  environ: ({ program }) => ({ kind: 'file', make: () => program.environment }),
  auxv: ({ program }) => ({ kind: 'file', make: () => Buffer.from(program.auxiliaryVector) }),
  comm: (kernel, tid) => text(() => `${threadName(kernel, tid)}\n`),
  status: (kernel, tid) => text(() => statusText(kernel, tid)),
  stat: (kernel, tid) => text(() => statText(kernel, tid)),
  statm: (kernel) => text(() => statmText(kernel.memory)),
  fd: (kernel) => ({
    kind: 'directory',
    list: () => kernel.descriptors.numbers().map((fd) => ({ name: String(fd), mode: S_IFLNK | 0o700 })),
  }),
  task: (kernel) => ({
    kind: 'directory',
    list: () => kernel.threadIds().map((tid) => ({ name: String(tid), mode: S_IFDIR | 0o555 })),
  }),
};

/** Types of the entries above, for whoever lists them. */
export const ownFileModes: Record<string, number> = Object.fromEntries(
  Object.keys(ownFiles).map((name) => {
    if (['exe', 'cwd', 'root'].includes(name)) return [name, S_IFLNK | 0o777];
    return [name, ['fd', 'task'].includes(name) ? S_IFDIR | 0o555 : S_IFREG | 0o444];
  }),
);

function threadName(kernel: Kernel, tid: number): string {
  return kernel.thread(tid)?.name.toString('latin1') ?? '';
}

/** One line as show_map_vma writes it (fs/proc/task_mmu.c). */
export function mapsText(memory: MemoryMap): string {
  const line = (
    start: number,
    end: number,
    flags: string,
    offset: number,
    device: string,
    inode: bigint,
    name: string,
  ) => {
    const head = `${hex32(start)}-${hex32(end)} ${flags} ${hex32(offset)} ${device} ${inode} `;
    return name === '' ? `${head}\n` : `${head.padEnd(49)}${name}\n`;
  };
  const lines = memory.areas.map((area) => {
    const { protection: p, file } = area;
    const flags = `${p & PROT_READ ? 'r' : '-'}${p & PROT_WRITE ? 'w' : '-'}${p & PROT_EXEC ? 'x' : '-'}${area.shared ? 's' : 'p'}`;
    const name = file ? file.path.toString('latin1').replaceAll('\n', '\\012') : area.name;
    return line(area.start, area.end, flags, area.offset, file?.device ?? '00:00', file?.inode ?? 0n, name);
  });
  const helpers = kernelUserHelpersAddress;
  return lines.join('') + line(helpers, helpers + 4096, 'r-xp', 0, '00:00', 0n, '[vectors]');
}

function mappedBytes(memory: MemoryMap, select: (name: string) => boolean = () => true): number {
  return memory.areas.reduce((sum, area) => sum + (select(area.name) ? area.end - area.start : 0), 0);
}

/** The fields that programs read; memory counts as resident as soon as it is mapped. */
function statusText(kernel: Kernel, tid: number): string {
  const { pid, ids, memory } = kernel;
  const kb = (bytes: number): string => `${Math.round(bytes / 1024)} kB`.padStart(12);
  const total = mappedBytes(memory);
  const pending = kernel.pendingOf(tid).toString(16).padStart(16, '0');
  const processors = kernel.host.processorCount();
  return [
    `Name:\t${threadName(kernel, tid)}`,
    `Umask:\t${kernel.paths.umask.toString(8).padStart(4, '0')}`,
    'State:\tR (running)',
    `Tgid:\t${pid}`,
    'Ngid:\t0',
    `Pid:\t${tid}`,
    `PPid:\t${kernel.parentPid}`,
    'TracerPid:\t0',
    `Uid:\t${ids.uid}\t${ids.euid}\t${ids.euid}\t${ids.euid}`,
    `Gid:\t${ids.gid}\t${ids.egid}\t${ids.egid}\t${ids.egid}`,
    'FDSize:\t256',
    `VmPeak:\t${kb(total)}`,
    `VmSize:\t${kb(total)}`,
    `VmRSS:\t${kb(total)}`,
    `VmData:\t${kb(mappedBytes(memory, (name) => name === '[heap]'))}`,
    `VmStk:\t${kb(mappedBytes(memory, (name) => name === '[stack]'))}`,
    `Threads:\t${kernel.threadIds().length}`,
    `SigPnd:\t${pending}`,
    `Cpus_allowed:\t${((2 ** Math.min(processors, 32) - 1) >>> 0).toString(16)}`,
    `Cpus_allowed_list:\t${processors > 1 ? `0-${processors - 1}` : '0'}`,
    '',
  ].join('\n');
}

/** proc(5), /proc/[pid]/stat: 52 fields. */
function statText(kernel: Kernel, tid: number): string {
  const { user, system } = process.cpuUsage();
  const ticks = (microseconds: number): number => Math.floor(microseconds / 10000);
  const fields = new Array<number | string>(52).fill(0);
  const put = (number: number, value: number | string): void => {
    fields[number - 1] = value;
  };
  put(1, tid);
  put(2, `(${threadName(kernel, tid)})`);
  put(3, 'R');
  put(4, kernel.parentPid);
  put(5, kernel.processGroup);
  put(6, kernel.session);
  put(14, ticks(user));
  put(15, ticks(system));
  put(18, 20);
  put(20, kernel.threadIds().length);
  put(22, kernel.startTicks);
  put(23, mappedBytes(kernel.memory));
  put(24, mappedBytes(kernel.memory) / 4096);
  put(25, aux.RLIM_INFINITY);
  put(28, kernel.program.stackPointer);
  put(38, 17);
  return `${fields.join(' ')}\n`;
}

function statmText(memory: MemoryMap): string {
  const pages = mappedBytes(memory) / 4096;
  return `${pages} ${pages} 0 0 0 ${pages} 0\n`;
}
