/**
 * Terminals, pipes and sockets of the host. Reads are asked of libuv one at a time and for exactly as many bytes as the
 * guest wants, so that nothing is taken which the next program on the same pipe should have; the process can end while
 * one is pending (a read in Node's thread pool would hold it). Writes go straight to the host, and what a full pipe
 * does not take is finished by libuv before the guest's call answers: complete, in order, without a busy loop.
 *
 * A pipe or terminal is reopened through /proc so that O_NONBLOCK stays a private matter; a socket cannot be, and
 * neither can anything where /proc is missing: then the descriptor itself is made non-blocking.
 */
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { Socket, type SocketConstructorOpts } from 'node:net';
import { ReadStream, WriteStream } from 'node:tty';
import { Errno, errnoFromCode } from '../../abi/errno.ts';
import { O_NONBLOCK, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/file.ts';
import { Termios } from '../../abi/structs.ts';
import { Description, type FileStatus, type ReadResult, Waiters } from './description.ts';

export type StreamKind = 'terminal' | 'pipe' | 'socket';

/** One read takes at most what a pipe holds. */
const readMax = 65536;

interface StreamOptions extends SocketConstructorOpts {
  manualStart?: boolean;
}

export class HostStream extends Description {
  declare readonly hostFd: number;
  readonly #kind: StreamKind;
  readonly #inherited: boolean;
  readonly #changed = new Waiters();
  /** Bytes that arrived and that the guest has not taken. */
  #arrived: Uint8Array = new Uint8Array(0);
  #ended = false;
  /** Counts of reads that brought something or ended, and of writes that the host has finished. */
  #arrivals = 0;
  #departures = 0;
  #failure = 0;
  #reader: Socket | undefined;
  /** A private non-blocking descriptor for synchronous reads, when the host gives one. */
  #readFd: number | undefined;
  #reading = false;
  #modes: Uint8Array = cookedModes;
  /** How much the next read by libuv may take: what the guest asked for, or what polling may look ahead. */
  #wanted: number;
  #writer: Socket | undefined;
  #writeFd: number | undefined;
  /** What the host has not taken yet. */
  #pendingWrite: Promise<void> | null = null;

  constructor(hostFd: number, flags: number, path: Buffer, kind: StreamKind, inherited: boolean) {
    super(flags, path, hostFd);
    this.#kind = kind;
    this.#inherited = inherited;
    this.#wanted = this.#pollAhead;
  }

  /** Polling has to read to find out: one byte, or a terminal's line. */
  get #pollAhead(): number {
    return this.#kind === 'terminal' ? 4096 : 1;
  }

  status(): FileStatus {
    return fstatSync(this.hostFd, { bigint: true });
  }

  override isTerminal(): boolean {
    return this.#kind === 'terminal';
  }

  /** Rows and columns of a terminal. */
  windowSize(): { rows: number; columns: number } | null {
    if (this.#kind !== 'terminal') return null;
    const fd = reopen(this.hostFd, constants.O_RDWR | constants.O_NOCTTY);
    if (fd === undefined) return null;
    const terminal = new WriteStream(fd);
    const [columns, rows] = terminal.getWindowSize();
    terminal.destroy();
    return { rows, columns };
  }

  /** struct termios as the guest set it; the modes of a shell's terminal at first. */
  get modes(): Uint8Array {
    return this.#modes;
  }

  /** TCSETS: of all modes Node can switch only between cooked and raw, which ICANON decides. */
  setModes(modes: Uint8Array): void {
    const wasRaw = isRaw(this.#modes);
    this.#modes = modes;
    const reader = isRaw(modes) === wasRaw ? null : this.#openReader();
    if (reader instanceof ReadStream) reader.setRawMode(isRaw(modes));
  }

  override read(length: number): ReadResult {
    if (length === 0) return new Uint8Array(0);
    if (this.#arrived.length > 0) {
      const taken = this.#arrived.subarray(0, length);
      this.#arrived = this.#arrived.subarray(taken.length);
      this.#wanted = this.#pollAhead;
      const more = taken.length < length && !this.#reading ? this.#readAtOnce(length - taken.length) : 0;
      // Who waits for the next arrival has not asked for it while this one was there.
      if (this.#arrived.length === 0) this.#changed.wakeAll();
      return typeof more === 'number' ? taken : Buffer.concat([taken, more]);
    }
    if (this.#failure !== 0) return -this.#failure;
    if (this.#ended) {
      // A terminal goes on after its end-of-file character.
      if (this.#kind === 'terminal') this.#ended = false;
      return new Uint8Array(0);
    }
    this.#wanted = Math.min(length, readMax);
    if (this.#reading) return -Errno.EAGAIN;
    const atOnce = this.#readAtOnce(this.#wanted);
    if (atOnce === -Errno.EAGAIN && this.flags & O_NONBLOCK) this.#startReading();
    return atOnce;
  }

  #readAtOnce(length: number): ReadResult {
    this.#openReader();
    if (this.#readFd === undefined || this.#kind === 'terminal') return -Errno.EAGAIN;
    const bytes = new Uint8Array(length);
    try {
      return bytes.subarray(0, readSync(this.#readFd, bytes, 0, length, null));
    } catch (error) {
      return -(errnoFromCode((error as NodeJS.ErrnoException).code ?? '') ?? Errno.EIO);
    }
  }

  override available(): number {
    return this.#arrived.length;
  }

  override readiness(): number {
    let bits = this.#pendingWrite ? 0 : POLLOUT | POLLWRNORM;
    if (this.#arrived.length > 0 || this.#ended || this.#failure !== 0) bits |= POLLIN | POLLRDNORM;
    if (this.#ended && this.#kind !== 'terminal') bits |= POLLHUP;
    return bits;
  }

  override get pollable(): boolean {
    return true;
  }

  override edges(events: number): number {
    return (events & POLLIN ? this.#arrivals : 0) + (events & POLLOUT ? this.#departures : 0);
  }

  override watch(events: number, wake: () => void): () => void {
    const cancel = this.#changed.add(wake);
    if (events & POLLIN) {
      if (this.#arrived.length > 0 || this.#ended || this.#failure !== 0) setImmediate(() => this.#changed.wakeAll());
      else this.#startReading();
    }
    return cancel;
  }

  #startReading(): void {
    if (this.#reading || this.#ended || this.#failure !== 0) return;
    this.#reading = true;
    this.#openReader().resume();
  }

  #openReader(): Socket {
    if (this.#reader) return this.#reader;
    const options: StreamOptions = {
      readable: true,
      writable: false,
      manualStart: true,
      onread: {
        buffer: () => new Uint8Array(this.#wanted),
        callback: (count, bytes) => {
          this.#reading = false;
          this.#arrived = bytes.subarray(0, count);
          this.#arrivals++;
          // Only once the stream has stopped, which it does behind this: a waiter that asked for more at once would
          // find it still reading, and wait for ever.
          queueMicrotask(() => this.#changed.wakeAll());
          return false;
        },
      },
    };
    const reopened =
      this.#kind === 'socket'
        ? undefined
        : reopen(this.hostFd, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    this.#readFd = reopened;
    const fd = reopened ?? this.hostFd;
    const reader = this.#kind === 'terminal' ? new ReadStream(fd, options as never) : new Socket({ ...options, fd });
    reader.on('end', () => this.#readingStopped(0));
    reader.on('error', (error: NodeJS.ErrnoException) =>
      this.#readingStopped(errnoFromCode(error.code ?? '') ?? Errno.EIO),
    );
    this.#reader = reader;
    return reader;
  }

  #readingStopped(errno: number): void {
    this.#reading = false;
    this.#arrivals++;
    if (errno === 0) this.#ended = true;
    else this.#failure = errno;
    if (this.#kind === 'terminal' && errno === 0) {
      this.#reader?.destroy();
      this.#reader = undefined;
      this.#readFd = undefined;
    }
    this.#changed.wakeAll();
  }

  override write(bytes: Uint8Array): number | Promise<number> {
    if (this.#pendingWrite) {
      if (this.flags & O_NONBLOCK) return -Errno.EAGAIN;
      return this.#pendingWrite.then(() => this.write(bytes));
    }
    let done = 0;
    const fd = this.#openWriter();
    try {
      while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, null);
      return done;
    } catch (error) {
      const errno = errnoFromCode((error as NodeJS.ErrnoException).code ?? '') ?? Errno.EIO;
      if (errno !== Errno.EAGAIN) return done > 0 ? done : -errno;
    }
    const writer = this.#writer;
    if (!writer) return this.#writeLater(bytes, done);
    // A copy: the guest's next call may reuse the buffer while libuv still writes.
    const rest = bytes.slice(done, this.flags & O_NONBLOCK ? done + readMax : bytes.length);
    const finished = new Promise<number>((resolve) => {
      writer.write(rest, (error) => {
        this.#pendingWrite = null;
        this.#departures++;
        const errno = error ? (errnoFromCode((error as NodeJS.ErrnoException).code ?? '') ?? Errno.EIO) : 0;
        resolve(errno === 0 ? done + rest.length : done > 0 ? done : -errno);
        this.#changed.wakeAll();
      });
    });
    this.#pendingWrite = finished.then(() => {});
    return this.flags & O_NONBLOCK ? done + rest.length : finished;
  }

  /** A terminal whose reader is slow and that somebody else made non-blocking: try again later. */
  #writeLater(bytes: Uint8Array, done: number): Promise<number> {
    const finished = new Promise<number>((resolve) => {
      setTimeout(() => {
        this.#pendingWrite = null;
        this.#departures++;
        const more = this.write(bytes.subarray(done));
        const total = (count: number): number => (count < 0 ? (done > 0 ? done : count) : done + count);
        resolve(typeof more === 'number' ? total(more) : more.then(total));
      }, retryMs);
    });
    this.#pendingWrite = finished.then(() => {});
    return finished;
  }

  #openWriter(): number {
    if (this.#writeFd !== undefined) return this.#writeFd;
    if (this.#kind === 'terminal') {
      this.#writeFd = this.hostFd;
      return this.hostFd;
    }
    const reopened = this.#kind === 'pipe' ? reopen(this.hostFd, constants.O_WRONLY | constants.O_NONBLOCK) : undefined;
    this.#writeFd = reopened ?? this.hostFd;
    this.#writer = new Socket({ fd: this.#writeFd, readable: false, writable: true });
    // Each write reports its own error; without a listener the event would end the process.
    this.#writer.on('error', () => {});
    return this.#writeFd;
  }

  override async drained(): Promise<void> {
    while (this.#pendingWrite) await this.#pendingWrite;
  }

  close(): void {
    void this.drained().then(() => {
      // Sockets over an inherited descriptor must not close it: other parts of the emulator print there.
      const owned = (fd: number | undefined): boolean => fd !== undefined && (fd !== this.hostFd || !this.#inherited);
      this.#reader?.pause();
      if (owned(this.#readFd)) this.#reader?.destroy();
      if (this.#writer && owned(this.#writeFd)) this.#writer.destroy();
      if (!this.#inherited && this.#readFd !== this.hostFd && this.#writeFd !== this.hostFd) closeSync(this.hostFd);
    });
  }
}

const retryMs = 5;

/** asm-generic/termbits.h: ICRNL IXON, OPOST ONLCR, B38400 CS8 CREAD, ISIG ICANON ECHO ECHOE ECHOK ECHOCTL ECHOKE IEXTEN. */
const cookedModes = Termios.encode({
  c_iflag: 0x500,
  c_oflag: 0x5,
  c_cflag: 0xbf,
  c_lflag: 0x8a3b,
  c_cc: Uint8Array.of(3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22),
});
const ICANON = 2;
const isRaw = (modes: Uint8Array): boolean => !(Termios.read(modes).c_lflag & ICANON);

/** Another open file description of the same pipe or terminal, with flags of its own. */
function reopen(fd: number, flags: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return openSync(`/proc/self/fd/${fd}`, flags);
  } catch {
    return undefined;
  }
}
