/**
 * Where directory entries live: spread over all nodes, or all on the master as in the DQEMU paper. Of a model's few
 * blocks each has another home when they are 'striped', each few when they are 'grouped'.
 */
export type Placement = 'hashed' | 'central' | 'striped' | 'grouped';

/** Blocks of a group: 64, that is 256 KiB. */
const groupShift = 6;
/** Blocks of a group of a model's: as many as show a stream that goes on at the next home. */
const groupOfFew = 3;

/**
 * The home node of `block` among `nodes`. Blocks that follow each other share a home, so that it sees the streams that
 * run through them; neighbouring groups get unrelated homes (the finaliser of MurmurHash3 mixes all bits), so that no
 * access stride loads one home alone.
 */
export function homeOf(block: number, nodes: number, placement: Placement): number {
  if (placement === 'central' || nodes === 1) return 0;
  if (placement === 'striped') return block % nodes;
  if (placement === 'grouped') return Math.floor(block / groupOfFew) % nodes;
  let hash = block >>> groupShift;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return Math.floor(((hash >>> 0) / 0x1_0000_0000) * nodes);
}
