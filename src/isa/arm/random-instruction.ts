/** Random encodings of a row, for tests of decoder and lowering. */
import type { Prng } from '../../base/prng.ts';
import { decode } from './decoder.ts';
import type { Row } from './row.ts';

/** How wide immediates are drawn: `any` of all values, `near` close to zero from either side (branches that land near). */
export type Immediates = 'any' | 'near';

/** Draws of fields before a row is given up: constraints of ordinary rows accept one in three or better. */
const drawsMax = 200;

/**
 * An encoding that decodes to this row and is not UNPREDICTABLE.
 * @returns undefined when none was found
 */
export function randomEncoding(row: Row, random: Prng, immediates: Immediates = 'any'): number | undefined {
  for (let draw = 0; draw < drawsMax; draw++) {
    const negative = random.chance(0.5);
    const bits = row.layout.compose((letter) => {
      const width = widthOf(row, letter);
      if (letter === 'c') return randomCondition(random);
      if (immediates === 'near' && (width === 1 || width > 4)) return nearField(random, width, negative);
      return randomField(random, width);
    });
    if (decode(bits, row.set) === row && !row.unpredictable(bits)) return bits;
  }
  return undefined;
}

/** Bits of the field `letter` in the row's pattern. */
export const widthOf = (row: Row, letter: string): number => row.pattern.split(letter).length - 1;

/** Most often "always". */
const randomCondition = (random: Prng): number => (random.chance(0.6) ? 14 : random.below(14));

/** Narrow fields name registers and options: uniform. Wide ones are immediates and register lists: edges too. */
function randomField(random: Prng, width: number): number {
  const limit = 2 ** width;
  if (width <= 4) return random.below(limit);
  switch (random.below(8)) {
    case 0:
      return 0;
    case 1:
      return limit - 1;
    case 2:
      return 1 << random.below(width);
    case 3:
      return random.below(16);
    case 4:
      return random.below(limit) & random.below(limit);
    default:
      return random.below(limit);
  }
}

/** All zeros or all ones but for the lowest three bits of long fields. */
function nearField(random: Prng, width: number, negative: boolean): number {
  if (width === 1) return random.below(2);
  const small = random.chance(0.3) ? 0 : random.below(width >= 8 ? 12 : 8);
  return negative ? 2 ** width - 1 - small : small;
}
