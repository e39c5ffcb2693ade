/**
 * epoll(7): a set of descriptors and what is of interest about each. Nothing is registered with them while nobody waits;
 * an edge is seen by their counts of edges, which differ from what they were when the entry was last reported.
 */
import { Errno } from '../../abi/errno.ts';
import {
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLONESHOT,
  EPOLLWAKEUP,
  O_RDWR,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLRDNORM,
} from '../../abi/file.ts';
import { Description, type FileStatus, Waiters } from './description.ts';
import { syntheticStatus } from './synthetic-status.ts';

/** How deep epoll descriptors may watch each other (fs/eventpoll.c EP_MAX_NESTS). */
const nestingMax = 4;
/** Bits that say how to report, not what. */
const manner = EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE;

interface Entry {
  readonly fd: number;
  readonly description: Description;
  events: number;
  data: bigint;
  /** EPOLLONESHOT: reported once, silent until it is modified. */
  spent: boolean;
  /** The description's count of edges when it was last reported; -1 when it was not yet. */
  edges: number;
}

export interface EpollReport {
  readonly events: number;
  readonly data: bigint;
}

export class Epoll extends Description {
  /** In the order in which they are looked at: those that were reported go to the end. */
  #entries: Entry[] = [];
  readonly #changed = new Waiters();

  constructor() {
    super(O_RDWR, Buffer.from('anon_inode:[eventpoll]'), null);
  }

  // ---- epoll_ctl ----------------------------------------------------------------------------------------------

  add(fd: number, description: Description, events: number, data: bigint): number {
    if (this.#find(fd, description)) return -Errno.EEXIST;
    if (description instanceof Epoll) {
      if (events & EPOLLEXCLUSIVE) return -Errno.EINVAL;
      if (description === this || description.#reaches(this) || description.#depth() >= nestingMax) return -Errno.ELOOP;
    }
    this.#entries.push({ fd, description, events, data, spent: false, edges: -1 });
    this.#changed.wakeAll();
    return 0;
  }

  modify(fd: number, description: Description, events: number, data: bigint): number {
    const entry = this.#find(fd, description);
    if (!entry) return -Errno.ENOENT;
    if ((entry.events | events) & EPOLLEXCLUSIVE) return -Errno.EINVAL;
    Object.assign(entry, { events, data, spent: false, edges: -1 });
    this.#changed.wakeAll();
    return 0;
  }

  remove(fd: number, description: Description): number {
    const entry = this.#find(fd, description);
    if (!entry) return -Errno.ENOENT;
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    return 0;
  }

  #find(fd: number, description: Description): Entry | undefined {
    return this.#live().find((entry) => entry.fd === fd && entry.description === description);
  }

  /** A file whose last descriptor was closed is out of the set. */
  #live(): Entry[] {
    if (this.#entries.some(({ description }) => description.references === 0))
      this.#entries = this.#entries.filter(({ description }) => description.references > 0);
    return this.#entries;
  }

  #reaches(target: Epoll): boolean {
    return this.#live().some(
      ({ description }) => description instanceof Epoll && (description === target || description.#reaches(target)),
    );
  }

  #depth(): number {
    const depths = this.#live().map(({ description }) => (description instanceof Epoll ? description.#depth() : 0));
    return 1 + Math.max(0, ...depths);
  }

  // ---- epoll_wait ---------------------------------------------------------------------------------------------

  /** Up to `limit` entries that are ready; what they were reported for is over for the edge-triggered. */
  take(limit: number): EpollReport[] {
    const reported: Entry[] = [];
    const reports: EpollReport[] = [];
    for (const entry of this.#live()) {
      if (reports.length === limit) break;
      const events = readyEvents(entry);
      if (events === 0) continue;
      reports.push({ events, data: entry.data });
      reported.push(entry);
      entry.edges = entry.description.edges(entry.events);
      entry.spent = (entry.events & EPOLLONESHOT) !== 0;
    }
    if (reported.length > 0)
      this.#entries = [...this.#entries.filter((entry) => !reported.includes(entry)), ...reported];
    return reports;
  }

  /** The descriptions of the set, to give those that are known only by reading a moment. */
  descriptions(): Description[] {
    return this.#live().map(({ description }) => description);
  }

  override get pollable(): boolean {
    return true;
  }

  override readiness(): number {
    return this.#live().some((entry) => readyEvents(entry) !== 0) ? POLLIN | POLLRDNORM : 0;
  }

  override edges(_events: number): number {
    return this.#live().reduce((sum, { description, events }) => sum + description.edges(events), 0);
  }

  override watch(_events: number, wake: () => void): () => void {
    // What is ready and was reported is not of interest before it has changed.
    const cancels = this.#live().map(({ description, events, spent }) =>
      spent ? () => {} : description.watch(events & ~manner & ~description.readiness(), wake),
    );
    cancels.push(this.#changed.add(wake));
    return () => {
      for (const cancel of cancels) cancel();
    };
  }

  status(): FileStatus {
    return syntheticStatus({ mode: 0o600n });
  }

  close(): void {
    this.#entries = [];
  }
}

function readyEvents({ description, events, spent, edges }: Entry): number {
  if (spent) return 0;
  const ready = description.readiness() & ((events & ~manner) | POLLERR | POLLHUP);
  return ready !== 0 && events & EPOLLET && description.edges(events) === edges ? 0 : ready;
}
