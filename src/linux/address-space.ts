/**
 * The address space of a process as the kernel sees it (struct mm_struct): its map, the files in it, and the order of
 * the calls that change it. Two processes have one between vfork and exec.
 */
import type { MemoryHost } from './api.ts';
import type { HostFile } from './host-file.ts';
import { MappedFiles } from './mapped-files.ts';
import type { FilePart, MemoryMap } from './memory-map.ts';

/** Every address that a map may have areas at. */
const everything = 2 ** 32;

export class AddressSpace {
  map: MemoryMap;
  #files: MappedFiles;
  /** Processes that live in it. */
  users = 1;
  /** Memory calls change the map and wait for all nodes: one after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @param files those that the loader opened for `map` */
  constructor(host: MemoryHost, map: MemoryMap, files: readonly HostFile[]) {
    this.map = map;
    this.#files = new MappedFiles(host);
    this.#files.adopt(files);
  }

  get files(): MappedFiles {
    return this.#files;
  }

  /** Runs memory calls one after another, so that the map and the nodes see the same order. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Another space with the same areas and files; the contents are the cluster's to copy. */
  copy(host: MemoryHost): AddressSpace {
    const copy = new AddressSpace(host, this.map.copy(), []);
    copy.#files = this.#files.copy(host);
    return copy;
  }

  /** Stores what the guest wrote into shared mappings of files, all of them or these parts. */
  async writeBack(parts: readonly FilePart[] = this.map.sharedFileParts(0, everything)): Promise<void> {
    await this.#files.writeBack(parts);
  }

  /** Becomes the space of another program (execve); the old areas are unmapped on the nodes before it is called. */
  replace(map: MemoryMap, files: readonly HostFile[]): void {
    this.#files.closeAll();
    this.map = map;
    this.#files.adopt(files);
  }

  /** A process leaves it. */
  leave(): void {
    this.users--;
    if (this.users === 0) this.#files.closeAll();
  }
}
