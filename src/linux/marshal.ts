/**
 * Copies a call's inputs out of guest memory by the formats of its row, before the call leaves its node, and its
 * outputs back. Pure: memory is what `GuestReader` and `GuestWriter` give.
 */
import { Errno } from '../abi/errno.ts';
import { PATH_MAX, UIO_MAXIOV } from '../abi/file.ts';
import { Iovec } from '../abi/structs.ts';
import type { ArgFormat, IovecFormat, PlainFormat } from './api.ts';
import type { CallOutput, MarshalledArgument } from './syscall-call.ts';

/** A copy of guest bytes, or null when any of them is not readable. */
export type GuestReader = (address: number, length: number) => Uint8Array | null;
/** How many bytes from an address on the guest may write, up to `length`. */
export type GuestRoom = (address: number, length: number) => number;
/** False when any byte is not writable. */
export type GuestWriter = (address: number, bytes: Uint8Array) => boolean;

const pageBytes = 4096;
/** Bytes that a call moves in one direction: read and write are short beyond that, and a message has a limit. */
export const transferBytesMax = 32 << 20;

export function resolveFormat(format: ArgFormat, args: ArrayLike<number>): PlainFormat {
  return format.kind === 'choose' ? format.choose(args) : format;
}

/**
 * The inputs and capacities of a call, or -errno (EFAULT, EINVAL, ENAMETOOLONG) without side effects.
 * @param room for calls that use up what they give; local ones do not
 */
export function marshalInputs(
  formats: readonly ArgFormat[],
  args: Int32Array,
  read: GuestReader,
  room: GuestRoom = (_address, length) => length,
): (MarshalledArgument | undefined)[] | number {
  const marshalled: (MarshalledArgument | undefined)[] = [];
  for (let index = 0; index < formats.length; index++) {
    const argument = marshalOne(resolveFormat(formats[index]!, args), args[index]! >>> 0, args, read, room);
    if (typeof argument === 'number') return argument;
    marshalled.push(argument);
  }
  return marshalled;
}

function marshalOne(
  format: PlainFormat,
  address: number,
  args: Int32Array,
  read: GuestReader,
  room: GuestRoom,
): MarshalledArgument | undefined | number {
  switch (format.kind) {
    case 'path': {
      if (address === 0) return format.nullable ? { input: null, capacity: 0 } : -Errno.EFAULT;
      const input = readCString(address, read);
      return typeof input === 'number' ? input : { input, capacity: 0 };
    }
    case 'in':
    case 'out':
    case 'inout': {
      if (address === 0 && format.nullable) return { input: null, capacity: 0 };
      const wanted = format.bytes(args);
      if (wanted < 0) return wanted;
      const length = Math.min(wanted, transferBytesMax);
      if (length === 0) return { input: new Uint8Array(0), capacity: 0 };
      if (address === 0) return -Errno.EFAULT;
      if (format.kind === 'out') {
        const capacity = format.usesUp ? room(address, length) : length;
        return capacity === 0 ? -Errno.EFAULT : { input: null, capacity };
      }
      const input = read(address, length);
      return input ? { input, capacity: format.kind === 'inout' ? length : 0 } : -Errno.EFAULT;
    }
    case 'iovecIn':
    case 'iovecOut':
      return marshalIovec(format, address, args, read, room);
    case 'sigsetPair': {
      if (address === 0) return { input: null, capacity: 0 };
      const pair = read(address, 8);
      if (!pair) return -Errno.EFAULT;
      const view = new DataView(pair.buffer, pair.byteOffset, 8);
      const set = view.getUint32(0, true);
      if (set === 0) return { input: null, capacity: 0 };
      if (view.getUint32(4, true) !== 8) return -Errno.EINVAL;
      const input = read(set, 8);
      return input ? { input, capacity: 0 } : -Errno.EFAULT;
    }
    default:
      return undefined;
  }
}

/** The bytes before the terminating zero; ENAMETOOLONG when there is none within PATH_MAX. */
function readCString(address: number, read: GuestReader): Uint8Array | number {
  const parts: Uint8Array[] = [];
  let at = address;
  for (let left = PATH_MAX; left > 0; ) {
    const length = Math.min(left, pageBytes - (at % pageBytes));
    const part = read(at, length);
    if (!part) return -Errno.EFAULT;
    const end = part.indexOf(0);
    parts.push(end < 0 ? part : part.subarray(0, end));
    if (end >= 0) return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    at += length;
    left -= length;
  }
  return -Errno.ENAMETOOLONG;
}

interface Span {
  base: number;
  length: number;
}

function readIovec(format: IovecFormat, address: number, args: ArrayLike<number>, read: GuestReader): Span[] | number {
  const count = format.count(args);
  if (count < 0 || count > UIO_MAXIOV) return -Errno.EINVAL;
  if (count === 0) return [];
  const table = read(address, count * Iovec.size);
  if (!table) return -Errno.EFAULT;
  const spans = Array.from({ length: count }, (_, i) => {
    const entry = Iovec.read(table, i * Iovec.size);
    return { base: entry.iov_base, length: entry.iov_len };
  });
  const total = spans.reduce((sum, span) => sum + span.length, 0);
  return spans.some((span) => span.length > 0x7fffffff) || total > 0x7fffffff ? -Errno.EINVAL : spans;
}

function marshalIovec(
  format: IovecFormat,
  address: number,
  args: ArrayLike<number>,
  read: GuestReader,
  room: GuestRoom,
): MarshalledArgument | number {
  const spans = readIovec(format, address, args, read);
  if (typeof spans === 'number') return spans;
  if (format.kind === 'iovecOut') {
    let capacity = 0;
    for (const span of spans) {
      const fits = room(span.base, span.length);
      capacity += fits;
      if (fits === span.length) continue;
      if (capacity === 0) return -Errno.EFAULT;
      break;
    }
    return { input: null, capacity: Math.min(capacity, transferBytesMax) };
  }
  let left = transferBytesMax;
  const parts: Uint8Array[] = [];
  for (const span of spans) {
    const length = Math.min(span.length, left);
    if (length === 0) continue;
    const part = read(span.base, length);
    if (!part) return -Errno.EFAULT;
    parts.push(part);
    left -= length;
  }
  return { input: parts.length === 1 ? parts[0]! : Buffer.concat(parts), capacity: 0 };
}

/** Copies outputs in; 0, or -EFAULT when guest memory is not writable. */
export function marshalOutputs(
  formats: readonly ArgFormat[],
  args: Int32Array,
  outputs: readonly CallOutput[],
  read: GuestReader,
  write: GuestWriter,
): number {
  for (const { index, bytes } of outputs) {
    if (bytes.length === 0) continue;
    const format = resolveFormat(formats[index]!, args);
    const address = args[index]! >>> 0;
    if (format.kind !== 'iovecOut') {
      if (!write(address, bytes)) return -Errno.EFAULT;
      continue;
    }
    const spans = readIovec(format, address, args, read);
    if (typeof spans === 'number') return spans;
    let done = 0;
    for (const span of spans) {
      const part = bytes.subarray(done, done + span.length);
      if (part.length > 0 && !write(span.base, part)) return -Errno.EFAULT;
      done += part.length;
    }
  }
  return 0;
}
