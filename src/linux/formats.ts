/** Names for the argument formats of the system call table; see `ArgFormat` in api.ts for what each means. */
import { Errno } from '../abi/errno.ts';
import * as fcntl from '../abi/file.ts';
import {
  FIONBIO,
  FIONREAD,
  MAX_RW_COUNT,
  TCGETS,
  TCSETS,
  TCSETSF,
  TCSETSW,
  TIOCGPGRP,
  TIOCGWINSZ,
  TIOCSPGRP,
} from '../abi/file.ts';
import { EpollEvent, Flock, Flock64, Pollfd, Termios, Winsize } from '../abi/structs.ts';
import type {
  ArgFormat,
  BufferFormat,
  ByteCount,
  ChooseFormat,
  IovecFormat,
  PathFormat,
  PlainFormat,
  ScalarFormat,
} from './api.ts';

const scalar = (kind: ScalarFormat['kind']): ScalarFormat => ({ kind });
export const int = scalar('int');
export const uint = scalar('uint');
export const hex = scalar('hex');
export const octal = scalar('octal');
export const fd = scalar('fd');
export const dirfd = scalar('dirfd');
export const signal = scalar('signal');
export const ptr = scalar('ptr');
export const pad = scalar('pad');
export const low64 = scalar('low64');
export const high64 = scalar('high64');

export const path: PathFormat = { kind: 'path', nullable: false };
export const pathOrNull: PathFormat = { kind: 'path', nullable: true };
export const sigsetPair: ArgFormat = { kind: 'sigsetPair' };

/** The register `index` holds the size in bytes; counts above MAX_RW_COUNT are cut as the kernel cuts them. */
const sizeIn =
  (index: number): ByteCount =>
  (args) =>
    Math.min(args[index]! >>> 0, MAX_RW_COUNT);
const fixed =
  (bytes: number): ByteCount =>
  () =>
    bytes;

const buffer = (kind: BufferFormat['kind'], bytes: ByteCount, nullable: boolean): BufferFormat => ({
  kind,
  bytes,
  nullable,
});
export const inBytes = (lengthIn: number): BufferFormat => buffer('in', sizeIn(lengthIn), false);
export const outBytes = (lengthIn: number): BufferFormat => buffer('out', sizeIn(lengthIn), false);
/** The same for what is used up by being read. */
export const readBytes = (lengthIn: number): BufferFormat => ({ ...outBytes(lengthIn), usesUp: true });
export const inStruct = (bytes: number): BufferFormat => buffer('in', fixed(bytes), false);
export const outStruct = (bytes: number): BufferFormat => buffer('out', fixed(bytes), false);
export const inOutStruct = (bytes: number): BufferFormat => buffer('inout', fixed(bytes), false);
export const inStructOrNull = (bytes: number): BufferFormat => buffer('in', fixed(bytes), true);
export const outStructOrNull = (bytes: number): BufferFormat => buffer('out', fixed(bytes), true);
export const inOutStructOrNull = (bytes: number): BufferFormat => buffer('inout', fixed(bytes), true);
/** `count` words of four bytes, the count standing in a register (getgroups). */
export const outWords = (countIn: number): BufferFormat =>
  buffer('out', (args) => Math.max(0, args[countIn]!) * 4, true);

/** One byte for each page of the length in a register (mincore). */
export const outPages = (lengthIn: number): BufferFormat =>
  buffer('out', (args) => Math.ceil((args[lengthIn]! >>> 0) / 4096), false);

/** rt_sigprocmask and its kin: the size of the set must be 8. */
const sigsetBytes =
  (sizeArg: number): ByteCount =>
  (args) =>
    args[sizeArg] === 8 ? 8 : -Errno.EINVAL;
export const inSigset = (sizeArg: number): BufferFormat => buffer('in', sigsetBytes(sizeArg), true);
export const outSigset = (sizeArg: number): BufferFormat => buffer('out', sigsetBytes(sizeArg), true);

/** select: whole longs for `nfds` bits. */
export const fdSet = (countIn: number): BufferFormat =>
  buffer(
    'inout',
    (args) => (args[countIn]! < 0 ? -Errno.EINVAL : Math.ceil(Math.min(args[countIn]!, 65536) / 32) * 4),
    true,
  );
/** poll: an array of struct pollfd, at most RLIMIT_NOFILE's hard limit of them. */
export const pollfds = (countIn: number): BufferFormat =>
  buffer(
    'inout',
    (args) => (args[countIn]! >>> 0 > 65536 ? -Errno.EINVAL : (args[countIn]! >>> 0) * Pollfd.size),
    false,
  );

/** epoll_wait: room for `count` events; what is more than a call moves is not filled. */
export const epollEvents = (countIn: number): BufferFormat =>
  buffer('out', (args) => Math.max(0, args[countIn]!) * EpollEvent.size, false);

const countOf =
  (index: number): ByteCount =>
  (args) =>
    args[index]!;
export const iovecIn = (countIn: number): IovecFormat => ({ kind: 'iovecIn', count: countOf(countIn) });
export const iovecOut = (countIn: number): IovecFormat => ({ kind: 'iovecOut', count: countOf(countIn) });

const choose = (pick: (args: ArrayLike<number>) => PlainFormat): ChooseFormat => ({ kind: 'choose', choose: pick });

const ioctlArguments: Record<number, PlainFormat> = {
  [TCGETS]: outStruct(Termios.size),
  [TCSETS]: inStruct(Termios.size),
  [TCSETSW]: inStruct(Termios.size),
  [TCSETSF]: inStruct(Termios.size),
  [TIOCGWINSZ]: outStruct(Winsize.size),
  [TIOCGPGRP]: outStruct(4),
  [TIOCSPGRP]: inStruct(4),
  [FIONREAD]: outStruct(4),
  [FIONBIO]: inStruct(4),
};
/** ioctl's third argument, by the request in r1. */
export const ioctlArgument = choose((args) => ioctlArguments[args[1]! >>> 0] ?? ptr);

const fcntlArguments: Record<number, PlainFormat> = {
  [fcntl.F_GETLK]: inOutStruct(Flock.size),
  [fcntl.F_SETLK]: inStruct(Flock.size),
  [fcntl.F_SETLKW]: inStruct(Flock.size),
  [fcntl.F_GETLK64]: inOutStruct(Flock64.size),
  [fcntl.F_SETLK64]: inStruct(Flock64.size),
  [fcntl.F_SETLKW64]: inStruct(Flock64.size),
  [fcntl.F_OFD_GETLK]: inOutStruct(Flock64.size),
  [fcntl.F_OFD_SETLK]: inStruct(Flock64.size),
  [fcntl.F_OFD_SETLKW]: inStruct(Flock64.size),
  [fcntl.F_SETFL]: octal,
};
/** fcntl's third argument, by the command in r1. */
export const fcntlArgument = choose((args) => fcntlArguments[args[1]!] ?? int);

/** prctl's second argument: a 16-byte name for PR_SET_NAME and PR_GET_NAME. */
export const prctlArgument = choose((args) => (args[0] === 15 ? inStruct(16) : args[0] === 16 ? outStruct(16) : hex));
