/** Standard input, output and error as the emulator got them from its own parent. */
import { fstatSync, readFileSync, readlinkSync } from 'node:fs';
import { isatty } from 'node:tty';
import { O_ACCMODE, O_APPEND, O_RDWR } from '../../abi/file.ts';
import type { Description } from './description.ts';
import type { DescriptorTable } from './descriptor-table.ts';
import { HostDirectory } from './directory.ts';
import { HostFileDescription } from './host-file-description.ts';
import { HostStream } from './host-stream.ts';

/** Access mode and O_APPEND of a host descriptor; these bits are the same on every Linux. */
function hostFlags(fd: number): number {
  try {
    const match = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
    return match ? Number.parseInt(match[1]!, 8) & (O_ACCMODE | O_APPEND) : O_RDWR;
  } catch {
    return O_RDWR;
  }
}

function hostPath(fd: number): Buffer {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`, 'buffer') as unknown as Buffer;
  } catch {
    return Buffer.from(`/dev/fd/${fd}`);
  }
}

/** The description that fits what `fd` is. `inherited`: closing it leaves the host's descriptor open. */
export function describeHostFd(fd: number, flags: number, path: Buffer, inherited: boolean): Description {
  const status = fstatSync(fd);
  if (status.isDirectory()) return new HostDirectory(fd, flags, path);
  if (status.isFIFO()) return new HostStream(fd, flags, path, 'pipe', inherited);
  if (status.isSocket()) return new HostStream(fd, flags, path, 'socket', inherited);
  if (status.isCharacterDevice() && isatty(fd)) return new HostStream(fd, flags, path, 'terminal', inherited);
  return new HostFileDescription(fd, flags, path, status.isFile() || status.isBlockDevice(), inherited);
}

export function inheritStandardFiles(table: DescriptorTable): void {
  for (const fd of [0, 1, 2]) {
    try {
      table.put(fd, describeHostFd(fd, hostFlags(fd), hostPath(fd), true), false);
    } catch {
      // Closed by the parent: the guest finds it closed too.
    }
  }
}
