/**
 * Adds to `found` the keys of `map` from `first` to `first + count - 1`, in time of the smaller of the range and the
 * map: a whole address space is unmapped as fast as the few blocks of it that were used.
 */
export function addKeysInRange(
  map: ReadonlyMap<number, unknown>,
  first: number,
  count: number,
  found: Set<number>,
): void {
  const end = first + count;
  if (count > map.size) {
    for (const key of map.keys()) if (key >= first && key < end) found.add(key);
  } else {
    for (let key = first; key < end; key++) if (map.has(key)) found.add(key);
  }
}
