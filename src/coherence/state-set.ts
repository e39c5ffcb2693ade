/** A list of 32-bit numbers that doubles when it is full. */
export class IntList {
  numbers = new Int32Array(1 << 16);
  length = 0;

  push(number: number): void {
    if (this.length === this.numbers.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers[this.length++] = number;
  }
}

/** Added to each number so that -1 and -2 fit a byte. */
const bias = 2;

/**
 * A set of states, each a list of numbers from -2 to 253, numbered from 0 in order of arrival. One byte pool and an
 * open hash table instead of strings in a Map: hundreds of thousands of states then cost the collector nothing.
 */
export class StateSet {
  /** Where each state begins in `pool`; one more for the end of the last. */
  private readonly starts = new IntList();
  private pool = new Uint8Array(1 << 20);
  /** State numbers plus one, at their hash or after it; 0 is free. */
  private table = new Int32Array(1 << 16);
  private readonly hashes = new IntList();

  constructor() {
    this.starts.push(0);
  }

  get size(): number {
    return this.hashes.length;
  }

  /** The number of a state; equals the former `size` when it was not in the set. @throws RangeError for other numbers */
  add(state: readonly number[]): number {
    const start = this.starts.numbers[this.size]!;
    const end = start + state.length;
    if (end > this.pool.length) {
      const grown = new Uint8Array(this.pool.length * 2);
      grown.set(this.pool);
      this.pool = grown;
    }
    let hash = 0x811c9dc5;
    for (let index = 0; index < state.length; index++) {
      const byte = state[index]! + bias;
      if (byte < 0 || byte > 255) throw new RangeError(`a state with the number ${state[index]}`);
      this.pool[start + index] = byte;
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    hash ^= hash >>> 15;
    const mask = this.table.length - 1;
    let at = hash & mask;
    for (; this.table[at] !== 0; at = (at + 1) & mask) {
      const id = this.table[at]! - 1;
      if (this.hashes.numbers[id] === hash && this.equals(id, start, end)) return id;
    }
    const id = this.size;
    this.table[at] = id + 1;
    this.hashes.push(hash);
    this.starts.push(end);
    if (this.size * 2 > this.table.length) this.rehash();
    return id;
  }

  /** Puts the numbers of a state into `state`. */
  read(id: number, state: number[]): void {
    const start = this.starts.numbers[id]!;
    state.length = this.starts.numbers[id + 1]! - start;
    for (let index = 0; index < state.length; index++) state[index] = this.pool[start + index]! - bias;
  }

  private equals(id: number, start: number, end: number): boolean {
    const other = this.starts.numbers[id]!;
    if (this.starts.numbers[id + 1]! - other !== end - start) return false;
    for (let at = start; at < end; at++) if (this.pool[at] !== this.pool[other + at - start]) return false;
    return true;
  }

  private rehash(): void {
    this.table = new Int32Array(this.table.length * 2);
    const mask = this.table.length - 1;
    for (let id = 0; id < this.size; id++) {
      let at = this.hashes.numbers[id]! & mask;
      while (this.table[at] !== 0) at = (at + 1) & mask;
      this.table[at] = id + 1;
    }
  }
}
