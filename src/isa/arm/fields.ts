/**
 * The fields of an instruction's bit pattern. A pattern is a string of 16 or 32 characters, most significant bit first:
 *   0 1   a fixed bit
 *   o l   a bit that should be 0 or 1: an encoding that has the other value is UNPREDICTABLE and decodes to nothing
 *   else  a letter: one bit of the field of that name; a field's bits need not be adjacent (most significant first)
 * The letter `c` is the condition; an encoding whose condition is no condition does not match.
 */

type FixedBit = '0' | '1' | 'o' | 'l';
type Alphabet = 'abcdefghijkmnpqrstuvwxyz';
type Letter = Characters<Alphabet> | Characters<Uppercase<Alphabet>> | 'L' | 'O';

/** The union of the characters of a string. */
export type Characters<S extends string, Found = never> = S extends `${infer C}${infer Rest}`
  ? Characters<Rest, Found | C>
  : Found;

type Length<S extends string, Counted extends unknown[] = []> = S extends `${string}${infer Rest}`
  ? Length<Rest, [...Counted, unknown]>
  : Counted['length'];

/** `P` itself when it has `Bits` characters, each a legal one; else a type that no string has, but that tells why. */
export type Pattern<P extends string, Bits extends number> =
  Length<P> extends Bits
    ? Exclude<Characters<P>, FixedBit | Letter> extends never
      ? P
      : ['not a field letter', Exclude<Characters<P>, FixedBit | Letter>]
    : ['bits of this pattern', Length<P>];

/** The field letters of a pattern. */
export type Letters<P extends string> = Exclude<Characters<P>, FixedBit>;

/** The fields that a pattern gives, unsigned. */
export type FieldsOf<P extends string> = { readonly [L in Letters<P>]: number };

/**
 * Where a pattern's bits lie: `mask`/`value` of the fixed and should-be bits, and for each field letter its pieces as
 * triples (character code, shift, mask of the piece's width), most significant piece first.
 */
export class PatternLayout {
  readonly mask: number;
  readonly value: number;
  readonly fixedBits: number;
  /** Field letters in the order of their first appearance. */
  readonly letters: readonly string[];
  readonly #pieces: Int32Array;

  constructor(pattern: string) {
    const width = pattern.length;
    let mask = 0;
    let value = 0;
    let fixedBits = 0;
    const letters: string[] = [];
    const pieces: number[] = [];
    for (let at = 0; at < width; ) {
      const char = pattern[at] as string;
      let run = 1;
      while (at + run < width && pattern[at + run] === char) run++;
      const shift = width - at - run;
      if ('01ol'.includes(char)) {
        const ones = onesOf(run);
        mask |= ones << shift;
        if (char === '1' || char === 'l') value |= ones << shift;
        fixedBits += run;
      } else {
        if (!letters.includes(char)) letters.push(char);
        pieces.push(char.charCodeAt(0), shift, onesOf(run), run);
      }
      at += run;
    }
    this.mask = mask;
    this.value = value;
    this.fixedBits = fixedBits;
    this.letters = letters;
    this.#pieces = Int32Array.from(pieces);
  }

  /** Reads the fields of `bits` into the shared `fields`; those of other letters keep what they had. */
  extract(bits: number): void {
    const pieces = this.#pieces;
    for (let i = 0; i < pieces.length; i += 4) fieldValues[pieces[i]!] = 0;
    for (let i = 0; i < pieces.length; i += 4) {
      const letter = pieces[i]!;
      fieldValues[letter] = (fieldValues[letter]! << pieces[i + 3]!) | ((bits >>> pieces[i + 1]!) & pieces[i + 2]!);
    }
  }

  /** The bits of an encoding with the given fields, the fixed and should-be bits as the pattern has them. */
  compose(field: (letter: string) => number): number {
    const pieces = this.#pieces;
    const left = new Map<string, number>();
    let bits = this.value;
    for (let i = pieces.length - 4; i >= 0; i -= 4) {
      const letter = String.fromCharCode(pieces[i]!);
      const value = left.get(letter) ?? field(letter);
      bits |= (value & pieces[i + 2]!) << pieces[i + 1]!;
      left.set(letter, value >>> pieces[i + 3]!);
    }
    return bits;
  }
}

const onesOf = (width: number): number => (width === 32 ? -1 : (1 << width) - 1);

/** Values by character code; one set is enough, since a format reads its fields before the next extract. */
const fieldValues = new Int32Array(128);

type AnyLetter = Letter;
/** Reads the fields extracted last: `fields.n`, `fields.S`. */
export const fields = Object.create(
  null,
  Object.fromEntries(
    Array.from({ length: 58 }, (_, i) => i + 65).map((code) => [
      String.fromCharCode(code),
      { get: () => fieldValues[code] },
    ]),
  ),
) as { readonly [L in AnyLetter]: number };
