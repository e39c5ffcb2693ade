/** fcntl, ioctl, locks, advice, copies between descriptors. */
import { Errno } from '../../abi/errno.ts';
import * as abi from '../../abi/file.ts';
import { Flock, Flock64, Winsize } from '../../abi/structs.ts';
import type { MasterCall, ThreadInfo } from '../api.ts';
import type { Description } from '../files/description.ts';
import { HostStream } from '../files/host-stream.ts';
import { pipeCapacity } from '../files/pipe.ts';
import type { Kernel } from '../kernel.ts';
import { writeAll } from './files.ts';

type Handler = (kernel: Kernel, thread: ThreadInfo, call: MasterCall) => number;

/** F_SETFL may change these (fs/fcntl.c SETFL_MASK). */
const settableFlags = abi.O_APPEND | abi.O_NONBLOCK | abi.O_DIRECT | abi.O_NOATIME | abi.O_ASYNC;

export const fcntl64: Handler = (kernel, _, call) => {
  const [fd, command, argument] = call.args as unknown as [number, number, number];
  const { descriptors } = kernel;
  const description = descriptors.get(fd);
  if (!description) return -Errno.EBADF;
  switch (command) {
    case abi.F_DUPFD:
    case abi.F_DUPFD_CLOEXEC:
      if (argument < 0 || argument >= descriptors.limit) return -Errno.EINVAL;
      return descriptors.add(description, command === abi.F_DUPFD_CLOEXEC, argument);
    case abi.F_GETFD:
      return descriptors.closeOnExec(fd) ? abi.FD_CLOEXEC : 0;
    case abi.F_SETFD:
      descriptors.setCloseOnExec(fd, (argument & abi.FD_CLOEXEC) !== 0);
      return 0;
    case abi.F_GETFL:
      return description.flags;
    case abi.F_SETFL:
      description.flags = (description.flags & ~settableFlags) | (argument & settableFlags);
      return 0;
    // Locks exclude other processes only, and the guest is one process: all are granted.
    case abi.F_GETLK:
      return noLock(call, Flock);
    case abi.F_GETLK64:
    case abi.F_OFD_GETLK:
      return noLock(call, Flock64);
    case abi.F_SETLK:
    case abi.F_SETLKW:
    case abi.F_SETLK64:
    case abi.F_SETLKW64:
    case abi.F_OFD_SETLK:
    case abi.F_OFD_SETLKW:
    case abi.F_SETOWN:
      return 0;
    case abi.F_GETOWN:
      return 0;
    case abi.F_GETPIPE_SZ:
    case abi.F_SETPIPE_SZ:
      return isPipe(description) ? pipeCapacity : -Errno.EBADF;
    default:
      return -Errno.EINVAL;
  }
};

function noLock(call: MasterCall, layout: typeof Flock | typeof Flock64): number {
  const lock = Uint8Array.from(call.input(2)!);
  layout.write(lock, { l_type: abi.F_UNLCK });
  call.output(2, lock);
  return 0;
}

function isPipe(description: Description): boolean {
  return (Number(description.status().mode) & abi.S_IFMT) === abi.S_IFIFO;
}

export const flock: Handler = (kernel, _, call) => (kernel.descriptors.get(call.args[0]!) ? 0 : -Errno.EBADF);

const word = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);
const readWord = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);

export const ioctl: Handler = (kernel, _, call) => {
  const fd = call.args[0]!;
  const description = kernel.descriptors.get(fd);
  if (!description) return -Errno.EBADF;
  switch (call.args[1]! >>> 0) {
    case abi.FIOCLEX:
    case abi.FIONCLEX:
      kernel.descriptors.setCloseOnExec(fd, call.args[1] === abi.FIOCLEX);
      return 0;
    case abi.FIONBIO:
      description.flags = (description.flags & ~abi.O_NONBLOCK) | (readWord(call.input(2)!) ? abi.O_NONBLOCK : 0);
      return 0;
    case abi.FIONREAD: {
      const count = description.available();
      if (count < 0) return count;
      call.output(2, word(count));
      return 0;
    }
    default:
      return description instanceof HostStream && description.isTerminal()
        ? terminalControl(kernel, description, call)
        : -Errno.ENOTTY;
  }
};

function terminalControl(kernel: Kernel, terminal: HostStream, call: MasterCall): number {
  switch (call.args[1]! >>> 0) {
    case abi.TCGETS:
      call.output(2, terminal.modes);
      return 0;
    case abi.TCSETS:
    case abi.TCSETSW:
    case abi.TCSETSF:
      terminal.setModes(Uint8Array.from(call.input(2)!));
      return 0;
    case abi.TIOCGWINSZ: {
      const size = terminal.windowSize();
      call.output(2, Winsize.encode({ ws_row: size?.rows ?? 0, ws_col: size?.columns ?? 0 }));
      return 0;
    }
    case abi.TIOCGPGRP:
      call.output(2, word(kernel.processes.foregroundGroup));
      return 0;
    case abi.TIOCSPGRP: {
      const group = readWord(call.input(2)!);
      if (group < 0) return -Errno.EINVAL;
      if (kernel.processes.group(group).length === 0) return -Errno.ESRCH;
      kernel.processes.foregroundGroup = group;
      return 0;
    }
    default:
      return -Errno.ENOTTY;
  }
}

export const fadvise64_64: Handler = (kernel, _, call) => {
  const description = kernel.descriptors.get(call.args[0]!);
  if (!description) return -Errno.EBADF;
  if (isPipe(description)) return -Errno.ESPIPE;
  return call.args[1]! >= 0 && call.args[1]! <= 5 ? 0 : -Errno.EINVAL;
};
export const readahead: Handler = (kernel, _, call) =>
  kernel.descriptors.get(call.args[0]!)?.readable ? 0 : -Errno.EBADF;

// ---- copies -------------------------------------------------------------------------------------------------

/** One call moves at most this much: a short count is legal, and the event loop stays responsive. */
const copyMax = 1 << 20;

/** An offset variable in guest memory, or the description's own offset. */
function offsetOf(call: MasterCall, argument: number, bytes: 4 | 8): number | null {
  const input = call.input(argument);
  if (!input) return null;
  const view = new DataView(input.buffer, input.byteOffset, bytes);
  return bytes === 4 ? view.getInt32(0, true) : Number(view.getBigInt64(0, true));
}
const encodeOffset = (value: number, bytes: 4 | 8): Uint8Array =>
  bytes === 4 ? word(value) : new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);

async function sendfileWith(kernel: Kernel, thread: ThreadInfo, call: MasterCall, offsetBytes: 4 | 8): Promise<number> {
  const target = kernel.descriptors.get(call.args[0]!);
  const source = kernel.descriptors.get(call.args[1]!);
  if (!target?.writable || !source?.readable) return -Errno.EBADF;
  const length = Math.min(call.args[3]! >>> 0, copyMax);
  const offset = offsetOf(call, 2, offsetBytes);
  if (offset !== null && offset < 0) return -Errno.EINVAL;
  const bytes = offset === null ? source.read(length) : source.readAt(length, offset);
  if (typeof bytes === 'number') return bytes;
  const written = await writeAll(kernel, thread, call, target, bytes);
  if (offset !== null && written >= 0) call.output(2, encodeOffset(offset + written, offsetBytes));
  return written;
}
export const sendfile = (kernel: Kernel, thread: ThreadInfo, call: MasterCall): Promise<number> =>
  sendfileWith(kernel, thread, call, 4);
export const sendfile64 = (kernel: Kernel, thread: ThreadInfo, call: MasterCall): Promise<number> =>
  sendfileWith(kernel, thread, call, 8);

/** copy_file_range(in, in offset, out, out offset, length, flags): regular files only. */
export const copy_file_range: Handler = (kernel, _, call) => {
  const source = kernel.descriptors.get(call.args[0]!);
  const target = kernel.descriptors.get(call.args[2]!);
  if (!source?.readable || !target?.writable || target.flags & abi.O_APPEND) return -Errno.EBADF;
  const isFile = (description: Description): boolean =>
    (Number(description.status().mode) & abi.S_IFMT) === abi.S_IFREG;
  if (call.args[5] !== 0 || !isFile(source) || !isFile(target)) return -Errno.EINVAL;
  const from = offsetOf(call, 1, 8);
  const to = offsetOf(call, 3, 8);
  const length = Math.min(call.args[4]! >>> 0, copyMax);
  const bytes = from === null ? source.read(length) : source.readAt(length, from);
  if (typeof bytes === 'number') return bytes;
  const written = to === null ? target.write(bytes) : target.writeAt(bytes, to);
  if (typeof written !== 'number') return -Errno.EINVAL;
  if (written < 0) return written;
  if (from !== null) call.output(1, encodeOffset(from + written, 8));
  if (to !== null) call.output(3, encodeOffset(to + written, 8));
  return written;
};
