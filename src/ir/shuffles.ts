/**
 * The byte patterns of v128.shuffle. A pattern's byte n tells where the result's byte n comes from: 0 to 15 the first
 * operand, 16 to 31 the second. Patterns for doubleword registers take their operands from the lower halves.
 * `lane` is a lane's size in bytes, 1, 2, 4 or 8.
 */
export type LaneBytes = 1 | 2 | 4 | 8;

/** Patterns by number: all are made when this module is loaded. */
export const shuffles: Uint8Array[] = [];
const numbers = new Map<string, number>();

/** The number of the pattern whose byte n is `source(n)`. */
function pattern(source: (byte: number) => number): number {
  const bytes = Uint8Array.from({ length: 16 }, (_, n) => source(n));
  const key = bytes.join();
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, shuffles.length);
  return shuffles.push(bytes) - 1;
}

/** The pattern by lanes: the result's lane n is lane `source(n)` of the operands (16 / lane lanes each). */
const byLanes = (lane: LaneBytes, source: (n: number) => number): number =>
  pattern((byte) => source(Math.floor(byte / lane)) * lane + (byte % lane));

const laneSizes: readonly LaneBytes[] = [1, 2, 4, 8];
type ByLane = (lane: LaneBytes) => number;
const forLanes = (make: ByLane): ByLane => {
  const made = new Map(laneSizes.map((lane) => [lane, make(lane)]));
  return (lane) => made.get(lane) as number;
};
const forRange = (count: number, make: (n: number) => number): ((n: number) => number) => {
  const made = Array.from({ length: count }, (_, n) => make(n));
  return (n) => made[n] as number;
};
const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Lanes of both operands alternating, those of the lower halves (VZIP, first result; of a D pair both results). */
const zipLow = forLanes((lane) => byLanes(lane, (n) => (n >> 1) + (n & 1) * (16 / lane)));
/** The same of the upper halves (VZIP, second result). */
const zipHigh = forLanes((lane) => byLanes(lane, (n) => (n >> 1) + 8 / lane + (n & 1) * (16 / lane)));
/** Even lanes of the first operand, then of the second (VUZP; truncating narrowing, VPADD). */
const even = forLanes((lane) => byLanes(lane, (n) => 2 * n));
const odd = forLanes((lane) => byLanes(lane, (n) => 2 * n + 1));
/** Even lanes of the lower halves of both in the lower half, odd ones in the upper (VUZP of a D pair). */
const unzipLow = forLanes((lane) => {
  if (lane === 8) return zipLow(8);
  const quarter = 4 / lane;
  return byLanes(lane, (n) => {
    const within = n % (8 / lane);
    const second = within >= quarter ? 1 : 0;
    return 2 * (within - second * quarter) + second * (16 / lane) + (n >= 8 / lane ? 1 : 0);
  });
});
/** VTRN: even lanes of both alternating, and odd ones. */
const transposeEven = forLanes((lane) => byLanes(lane, (n) => (n & ~1) + (n & 1) * (16 / lane)));
const transposeOdd = forLanes((lane) => byLanes(lane, (n) => (n | 1) + (n & 1) * (16 / lane)));
/** VEXT: from byte `n` of the first on. Of D registers, the lower halves in a row. */
const extract = forRange(16, (n) => pattern((byte) => byte + n));
const extractLow = forRange(8, (n) => pattern((byte) => (n + (byte & 7) < 8 ? n + (byte & 7) : n + (byte & 7) + 8)));
/** Lower half of the first, upper half of the second: how a D register is set in its Q (the other way is zipLow(8)). */
const lowThenHigh = pattern((byte) => (byte < 8 ? byte : byte + 16));

/** ShiftRows of AES (FIPS 197, 5.1.2), on columns of four bytes, and the way back: row n moves by n columns. */
const shiftRows = pattern((byte) => (byte + 4 * (byte & 3)) & 15);
const shiftRowsBack = pattern((byte) => (byte - 4 * (byte & 3)) & 15);

const reverses = new Map(
  laneSizes.flatMap((unit) =>
    laneSizes.filter((lane) => lane < unit).map((lane) => [unit * 16 + lane, makeReverse(unit, lane)] as const),
  ),
);
function makeReverse(unit: LaneBytes, lane: LaneBytes): number {
  return byLanes(lane, (n) => n ^ (unit / lane - 1));
}
/** VREV: lanes in reverse order within units of 2, 4 or 8 bytes. */
const reverse = (unit: LaneBytes, lane: LaneBytes): number => reverses.get(unit * 16 + lane) as number;

const duplicates = new Map(
  laneSizes.map((lane) => [lane, range(16 / lane).map((index) => byLanes(lane, () => index))] as const),
);
/** VDUP: one lane of the first operand in all of the result. */
const duplicate = (lane: LaneBytes, index: number): number => duplicates.get(lane)?.[index] as number;

/**
 * Structures of `count` (2 to 4) lanes in 8 * count bytes of memory, the first 16 in the first operand. Half 0 gives
 * the first two registers' D halves, half 1 the others' (VLD2 to VLD4 of D registers). For VLD2 of Q registers see
 * even and odd; VLD3 and VLD4 of Q registers do this twice.
 */
const apart = forStructures((count, lane, half) =>
  byLanes(lane, (n) => {
    const position = (n + half * (16 / lane)) % ((8 * count) / lane);
    return (position % (8 / lane)) * count + Math.floor(position / (8 / lane));
  }),
);
/** The way back: from the registers' D halves in a row (the first two in the first operand) to memory. */
const together = forStructures((count, lane, half) =>
  byLanes(lane, (n) => {
    const position = (n + half * (16 / lane)) % ((8 * count) / lane);
    return (position % count) * (8 / lane) + Math.floor(position / count);
  }),
);

function forStructures(make: (count: 2 | 3 | 4, lane: LaneBytes, half: 0 | 1) => number) {
  const key = (count: number, lane: number, half: number): number => count * 32 + lane * 2 + half;
  const made = new Map(
    ([2, 3, 4] as const).flatMap((count) =>
      laneSizes.flatMap((lane) =>
        ([0, 1] as const).map((half) => [key(count, lane, half), make(count, lane, half)] as const),
      ),
    ),
  );
  return (count: 2 | 3 | 4, lane: LaneBytes, half: 0 | 1): number => made.get(key(count, lane, half)) as number;
}

/** Numbers of patterns, for v128.shuffle's immediate. */
export const Shuffle = {
  zipLow,
  zipHigh,
  even,
  odd,
  unzipLow,
  transposeEven,
  transposeOdd,
  extract,
  extractLow,
  lowThenHigh,
  shiftRows,
  shiftRowsBack,
  reverse,
  duplicate,
  apart,
  together,
} as const;
