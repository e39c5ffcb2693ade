import { frequentPairs, rarePairs } from './coverage.table.ts';
import { pairOf } from './coverage.ts';

function pairsOf(table: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(table).flatMap(([event, states]) => states.map((state) => pairOf(event, state)));
}

const frequent = pairsOf(frequentPairs);
const rare = pairsOf(rarePairs);
export const possiblePairs: ReadonlySet<string> = new Set([...frequent, ...rare]);

/** Pairs that were seen though the table calls them impossible. */
export function impossiblePairs(seen: ReadonlyMap<string, number>): string[] {
  return [...seen.keys()].filter((pair) => !possiblePairs.has(pair));
}

/** Pairs that were not seen though the table calls them possible: those that thousands of seeds meet, or all of them. */
export function missingPairs(seen: ReadonlyMap<string, number>, rareToo: boolean): string[] {
  return (rareToo ? [...frequent, ...rare] : frequent).filter((pair) => !seen.has(pair));
}
