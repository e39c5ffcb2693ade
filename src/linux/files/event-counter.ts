/** eventfd2(2): a 64-bit counter as a file. */
import { Errno } from '../../abi/errno.ts';
import { EFD_SEMAPHORE, O_RDWR, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../abi/file.ts';
import { Description, type FileStatus, type ReadResult, Waiters } from './description.ts';
import { syntheticStatus } from './synthetic-status.ts';

const counterMax = 0xffff_ffff_ffff_fffen;

export class EventCounter extends Description {
  #count: bigint;
  readonly #semaphore: boolean;
  readonly #changed = new Waiters();
  #writes = 0;
  #reads = 0;

  constructor(initial: number, eventFlags: number, statusFlags: number) {
    super(O_RDWR | statusFlags, Buffer.from('anon_inode:[eventfd]'), null);
    this.#count = BigInt(initial >>> 0);
    this.#semaphore = (eventFlags & EFD_SEMAPHORE) !== 0;
  }

  override read(length: number): ReadResult {
    if (length < 8) return -Errno.EINVAL;
    if (this.#count === 0n) return -Errno.EAGAIN;
    const value = this.#semaphore ? 1n : this.#count;
    this.#count -= value;
    this.#reads++;
    this.#changed.wakeAll();
    return new Uint8Array(BigUint64Array.of(value).buffer);
  }

  override write(bytes: Uint8Array): number {
    if (bytes.length < 8) return -Errno.EINVAL;
    const value = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    if (value > counterMax) return -Errno.EINVAL;
    if (this.#count + value > counterMax) return -Errno.EAGAIN;
    this.#count += value;
    this.#writes++;
    this.#changed.wakeAll();
    return 8;
  }

  override readiness(): number {
    return (this.#count > 0n ? POLLIN | POLLRDNORM : 0) | (this.#count < counterMax ? POLLOUT | POLLWRNORM : 0);
  }

  override get pollable(): boolean {
    return true;
  }

  override edges(events: number): number {
    return (events & POLLIN ? this.#writes : 0) + (events & POLLOUT ? this.#reads : 0);
  }

  override watch(_events: number, wake: () => void): () => void {
    return this.#changed.add(wake);
  }

  status(): FileStatus {
    return syntheticStatus({ mode: 0o600n });
  }

  close(): void {}
}
