import { Errno } from '../../abi/errno.ts';
import type { Description } from './description.ts';

interface Slot {
  description: Description;
  closeOnExec: boolean;
}

/** The process's file descriptors, shared by all its threads. */
export class DescriptorTable {
  #slots = new Map<number, Slot>();
  /** RLIMIT_NOFILE's soft limit. */
  limit: number;

  /** Processes that share it (CLONE_FILES). */
  users = 1;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** A table of its own with the same open files (fork). */
  copy(): DescriptorTable {
    const copy = new DescriptorTable(this.limit);
    for (const [fd, { description, closeOnExec }] of this.#slots) copy.put(fd, description, closeOnExec);
    return copy;
  }

  get(fd: number): Description | undefined {
    return this.#slots.get(fd)?.description;
  }

  /** Puts the description at the lowest free number from `from`; EMFILE when there is none. */
  add(description: Description, closeOnExec: boolean, from = 0): number {
    let fd = from;
    while (this.#slots.has(fd)) fd++;
    if (fd >= this.limit) return -Errno.EMFILE;
    this.put(fd, description, closeOnExec);
    return fd;
  }

  /** Puts it at exactly `fd`, closing what was there (dup2). */
  put(fd: number, description: Description, closeOnExec: boolean): void {
    const before = this.#slots.get(fd)?.description;
    retainDescription(description);
    this.#slots.set(fd, { description, closeOnExec });
    if (before) releaseDescription(before);
  }

  close(fd: number): number {
    const slot = this.#slots.get(fd);
    if (!slot) return -Errno.EBADF;
    this.#slots.delete(fd);
    releaseDescription(slot.description);
    return 0;
  }

  /** execve: closes what is marked FD_CLOEXEC. */
  closeForExec(): void {
    for (const fd of this.numbers()) if (this.closeOnExec(fd)) this.close(fd);
  }

  closeOnExec(fd: number): boolean {
    return this.#slots.get(fd)?.closeOnExec ?? false;
  }
  setCloseOnExec(fd: number, value: boolean): void {
    const slot = this.#slots.get(fd);
    if (slot) slot.closeOnExec = value;
  }

  /** Open numbers in ascending order. */
  numbers(): number[] {
    return [...this.#slots.keys()].sort((a, b) => a - b);
  }
}

export function retainDescription(description: Description): void {
  description.references++;
}

/** The last one who has it lets go: it is closed. */
export function releaseDescription(description: Description): void {
  description.references--;
  if (description.references === 0) description.close();
}
