/**
 * Guest code as the decoder reads it: only from executable pages that this node may read. What it reads is marked as
 * code first, so that a store made after the reading is noticed; but not one whose check was passed before the mark, and
 * checks last until a poll. So what was read from a page that may be written counts only once the executors have all been
 * out of guest code since the mark: `settled` says whether they need not be asked.
 */

import type { CodeReader } from '../isa/arm/block.ts';
import type { Decode } from '../isa/arm/decoder.ts';
import { granuleBytes, granuleShift } from '../layout/access.ts';
import { PageFlag } from '../layout/control.ts';
import type { GuestMemory } from './guest-memory.ts';

export const FetchFault = { none: 0, protection: 1, absent: 2 } as const;
export type FetchFault = (typeof FetchFault)[keyof typeof FetchFault];

export class GuestCodeReader implements CodeReader {
  /** Why, and where, the last halfword() gave -1. */
  fault: FetchFault = FetchFault.none;
  faultAddress = 0;
  /** False when a granule that may be written was marked since `begin`: after a handshake, all is to be read again. */
  settled = true;
  readonly decode: Decode;
  readonly #memory: GuestMemory;
  #granule = -1;

  constructor(memory: GuestMemory, decode: Decode) {
    this.decode = decode;
    this.#memory = memory;
  }

  /** To be called before each fragment or region: nothing that was allowed before may be taken for granted. */
  begin(): void {
    this.#granule = -1;
    this.settled = true;
    this.fault = FetchFault.none;
  }

  halfword(address: number): number {
    const granule = address >>> granuleShift;
    if (granule !== this.#granule) {
      const flags = this.#memory.pageFlags(address);
      if ((flags & PageFlag.execute) === 0) return this.#refuse(FetchFault.protection, address);
      const start = (granule << granuleShift) >>> 0;
      if (this.#memory.markCode(start, start + granuleBytes) && (flags & PageFlag.write) !== 0) this.settled = false;
      if (this.#memory.firstDenied(address, 2, false) >= 0) return this.#refuse(FetchFault.absent, address);
      this.#granule = granule;
    }
    const bytes = this.#memory.bytes;
    return (bytes[address] as number) | ((bytes[address + 1] as number) << 8);
  }

  #refuse(fault: FetchFault, address: number): -1 {
    this.fault = fault;
    this.faultAddress = address >>> 0;
    return -1;
  }
}
