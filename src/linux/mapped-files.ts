/**
 * Files behind mappings. Contents are read when mapped; shared writable ones are written back at msync, munmap and exit.
 * What other processes write to the file in between is not seen; the guest's own threads share it as all memory.
 */
import { fstatSync } from 'node:fs';
import type { MemoryHost } from './api.ts';
import type { Description } from './files/description.ts';
import { HostFile } from './host-file.ts';
import type { FilePart, MappedFile, MemoryMap } from './memory-map.ts';

/** One read of guest memory asks for at most this much. */
const pieceBytes = 1 << 20;

export class MappedFiles {
  readonly #host: MemoryHost;
  /** One open file for all mappings of an inode with the same access, so that neighbours can merge. */
  readonly #open = new Map<string, HostFile>();

  constructor(host: MemoryHost) {
    this.#host = host;
  }

  /** The file behind a description, with a descriptor of its own. @throws the host's error. */
  open(description: Description, writable: boolean): HostFile {
    const status = fstatSync(description.hostFd!, { bigint: true });
    const key = `${status.dev}:${status.ino}:${writable}`;
    const known = this.#open.get(key);
    if (known) return known;
    const path = process.platform === 'linux' ? `/proc/self/fd/${description.hostFd}` : description.path;
    const file = new HostFile(path, description.path, writable);
    this.#open.set(key, file);
    return file;
  }

  /** Takes over a program's files, which the loader opened and mapped. */
  adopt(files: readonly HostFile[]): void {
    for (const [i, file] of files.entries()) this.#open.set(`program ${i}`, file);
  }

  /** The same files, held once more, for a copy of the address space (fork). */
  copy(host: MemoryHost): MappedFiles {
    const copy = new MappedFiles(host);
    for (const [key, file] of this.#open) copy.#open.set(key, file.retain());
    return copy;
  }

  /** Stores what the guest wrote into the files behind parts of its memory. */
  async writeBack(parts: readonly FilePart[]): Promise<void> {
    for (const part of parts) {
      for (let done = 0; done < part.length; done += pieceBytes) {
        const size = Math.min(pieceBytes, part.length - done);
        part.file.write(part.offset + done, await this.#host.readKept(part.address + done, size));
      }
    }
  }

  /** Closes those of `candidates` (the files of a range before it was unmapped) that no area uses any more. */
  closeUnused(map: MemoryMap, candidates: ReadonlySet<MappedFile>): void {
    if (candidates.size === 0) return;
    const used = new Set(map.areas.map((area) => area.file));
    for (const [key, file] of this.#open) {
      if (!candidates.has(file) || used.has(file)) continue;
      this.#open.delete(key);
      file.close();
    }
  }

  /** Nothing is mapped any more. */
  closeAll(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }
}
