const bitsPerWord = 32;

/** A set of node numbers as a bit set of as many words as the cluster needs. */
export class NodeSet {
  readonly words: number[];

  constructor(nodes: number) {
    this.words = new Array<number>(Math.ceil(nodes / bitsPerWord)).fill(0);
  }

  add(node: number): void {
    this.words[node >>> 5]! |= 1 << (node & 31);
  }

  delete(node: number): void {
    this.words[node >>> 5]! &= ~(1 << (node & 31));
  }

  has(node: number): boolean {
    return ((this.words[node >>> 5]! >>> (node & 31)) & 1) !== 0;
  }

  clear(): void {
    this.words.fill(0);
  }

  /** Another set of the same members. */
  copy(): NodeSet {
    const copy = new NodeSet(this.words.length * bitsPerWord);
    for (let index = 0; index < this.words.length; index++) copy.words[index] = this.words[index]!;
    return copy;
  }

  /** How many nodes are in the set. */
  count(): number {
    let total = 0;
    for (let node = this.after(-1); node >= 0; node = this.after(node)) total++;
    return total;
  }

  /** The lowest member above `node`, or -1; start with -1 to walk the set. */
  after(node: number): number {
    let index = (node + 1) >>> 5;
    if (index >= this.words.length) return -1;
    let word = this.words[index]! & (-1 << ((node + 1) & 31));
    while (word === 0) {
      if (++index === this.words.length) return -1;
      word = this.words[index]!;
    }
    return index * bitsPerWord + (31 - Math.clz32(word & -word));
  }
}
