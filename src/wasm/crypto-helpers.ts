/** Checks, ciphers and hashes as WebAssembly has no instructions for them; without tables in memory. */
import { inverseSubstitution, substitution } from '../ir/aes.ts';
import { type Crc32, dataMask, divideOut, packCrc32 } from '../ir/crc32.ts';
import type { OpName } from '../ir/ops.table.ts';
import { type Sha1Function, sumRotations } from '../ir/sha.ts';
import { Shuffle } from '../ir/shuffles.ts';
import type { Assembly, Tree } from './assembler.ts';
import { called, type Emit } from './emit.ts';

const range = (count: number): number[] => [...Array(count).keys()];
const sum = (operation: string, trees: readonly Tree[]): Tree => trees.reduce((all, tree) => [operation, all, tree]);

// CRC32 -----------------------------------------------------------------------------------------------------------------

/**
 * The remainder is linear in the bits shifted out: the exclusive or of what each of them alone leaves. Four at a time,
 * in lanes that hold one bit each.
 */
function crc32Helper(kind: Crc32): Assembly {
  const bits = 8 * kind.bytes;
  const mask = dataMask(kind);
  const perBit = (value: (bit: number) => number, first: number): Tree => [
    'v128.const',
    ...range(4).map((n) => value(first + n)),
  ];
  const parts = range(bits / 4).map((group): Tree => {
    const bit = perBit((n) => 1 << n, 4 * group);
    const isSet: Tree = ['i32x4.eq', ['v128.and', 'lanes', bit], bit];
    return ['v128.and', isSet, perBit((n) => divideOut(1 << n, kind), 4 * group)];
  });
  const kept: Tree = bits === 32 ? 0 : ['i32.shr_u', 'crc', bits];
  return {
    name: `crc32_${packCrc32(kind)}`,
    parameters: { crc: 'i32', data: 'i32' },
    locals: { lanes: 'v128' },
    result: 'i32',
    body: [
      ['set', 'crc', ['i32.xor', 'crc', ['i32.and', 'data', mask]]],
      ['set', 'lanes', ['i32x4.splat', 'crc']],
      ['set', 'lanes', sum('v128.xor', parts)],
      ['set', 'lanes', ['v128.xor', 'lanes', ['shuffle', Shuffle.extract(8), 'lanes', 'lanes']]],
      ['set', 'lanes', ['v128.xor', 'lanes', ['shuffle', Shuffle.extract(4), 'lanes', 'lanes']]],
      ['i32.xor', kept, ['i32x4.extract_lane', 0, 'lanes']],
    ],
  };
}
const crc32Helpers = new Map(
  ([1, 2, 4] as const).flatMap((bytes) =>
    [false, true].map((isCastagnoli) => {
      const kind = { bytes, isCastagnoli };
      return [packCrc32(kind), crc32Helper(kind)] as const;
    }),
  ),
);

// Polynomial products ---------------------------------------------------------------------------------------------------

/** Every fourth bit of 64, from bit `first` on. */
const everyFourth = (first: number): bigint => 0x1111_1111_1111_1111n << BigInt(first);

/**
 * By ordinary multiplication of every fourth bit: the eight ones that may meet at a place at the most count up in the
 * three zeros above it, and only the lowest bit of the count is kept.
 */
const polynomialProduct: Assembly = {
  name: 'polymul_32',
  parameters: { a: 'i32', b: 'i32' },
  locals: {
    x: 'i64',
    y: 'i64',
    ...Object.fromEntries(range(4).flatMap((n) => [`x${n}`, `y${n}`].map((name) => [name, 'i64' as const]))),
  },
  result: 'i64',
  body: [
    ['set', 'x', ['i64.extend_i32_u', 'a']],
    ['set', 'y', ['i64.extend_i32_u', 'b']],
    ...range(4).flatMap((n): Tree[] => [
      ['set', `x${n}`, ['i64.and', 'x', BigInt.asIntN(64, everyFourth(n))]],
      ['set', `y${n}`, ['i64.and', 'y', BigInt.asIntN(64, everyFourth(n))]],
    ]),
    sum(
      'i64.or',
      range(4).map((place): Tree => {
        const products = range(4).map((n): Tree => ['i64.mul', `x${n}`, `y${(place - n) & 3}`]);
        return ['i64.and', sum('i64.xor', products), BigInt.asIntN(64, everyFourth(place))];
      }),
    ),
  ],
};

// AES -------------------------------------------------------------------------------------------------------------------

/** By sixteen tables of sixteen bytes: a table answers 0 for the indices of the others. */
const substituteHelper = (name: string, box: Uint8Array): Assembly => ({
  name,
  parameters: { a: 'v128' },
  result: 'v128',
  body: [
    sum(
      'v128.or',
      range(16).map((high): Tree => {
        const words = [...new Int32Array(box.slice(high * 16, high * 16 + 16).buffer)];
        const index: Tree = ['v128.xor', 'a', ['v128.const', ...words.map(() => high * 0x10101010)]];
        return ['i8x16.swizzle', ['v128.const', ...words], index];
      }),
    ),
  ],
});

// SHA -------------------------------------------------------------------------------------------------------------------

const lanes = range(4);
const rotateRight = (x: Tree, by: number): Tree => ['i32.rotr', x, by];
const choose = (x: Tree, y: Tree, z: Tree): Tree => ['i32.xor', ['i32.and', ['i32.xor', y, z], x], z];
const majority = (x: Tree, y: Tree, z: Tree): Tree => ['i32.or', ['i32.and', x, y], ['i32.and', ['i32.or', x, y], z]];
const functions: Record<Sha1Function, (x: Tree, y: Tree, z: Tree) => Tree> = {
  choose,
  parity: (x, y, z) => ['i32.xor', ['i32.xor', x, y], z],
  majority,
};
const apart = (names: readonly string[], vector: string): Tree[] =>
  names.map((name, lane) => ['set', name, ['i32x4.extract_lane', lane, vector]]);
const together = (names: readonly string[]): Tree =>
  names
    .slice(1)
    .reduce<Tree>(
      (vector, name, n) => ['i32x4.replace_lane', n + 1, vector, name],
      ['i32x4.splat', names[0] as string],
    );
const integers = (names: readonly string[]): Record<string, 'i32'> =>
  Object.fromEntries(names.map((name) => [name, 'i32']));

/** Four rounds; the words of the state change their names from round to round instead of their places. */
function sha1Helper(name: Sha1Function): Assembly {
  const body: Tree[] = apart(['a', 'b', 'c', 'd'], 'hash');
  let [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'] as [string, string, string, string, string];
  for (const n of lanes) {
    const terms = [e, rotateRight(a, 32 - 5), functions[name](b, c, d), ['i32x4.extract_lane', n, 'words'] as const];
    body.push(['set', e, sum('i32.add', terms)], ['set', b, rotateRight(b, 32 - 30)]);
    [a, b, c, d, e] = [e, a, b, c, d];
  }
  return {
    name: `sha1_${name}`,
    parameters: { hash: 'v128', e: 'i32', words: 'v128' },
    locals: integers(['a', 'b', 'c', 'd']),
    result: 'v128',
    body: [...body, together([a, b, c, d])],
  };
}

function sha256Helper(half: 'low' | 'high'): Assembly {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const sumOf = (x: string, rotations: readonly number[]): Tree =>
    sum(
      'i32.xor',
      rotations.map((by) => rotateRight(x, by)),
    );
  const body: Tree[] = [...apart(names.slice(0, 4), 'low'), ...apart(names.slice(4), 'high')];
  let state = names;
  for (const n of lanes) {
    const [a, b, c, d, e, f, g, h] = state as [string, string, string, string, string, string, string, string];
    const terms = [h, sumOf(e, sumRotations.e), choose(e, f, g), ['i32x4.extract_lane', n, 'words'] as const];
    body.push(['set', h, sum('i32.add', terms)]);
    body.push(['set', d, ['i32.add', d, h]]);
    body.push(['set', h, sum('i32.add', [h, sumOf(a, sumRotations.a), majority(a, b, c)])]);
    state = [h, a, b, c, d, e, f, g];
  }
  return {
    name: `sha256_${half}`,
    parameters: { low: 'v128', high: 'v128', words: 'v128' },
    locals: integers(names),
    result: 'v128',
    body: [...body, together(half === 'low' ? state.slice(0, 4) : state.slice(4))],
  };
}

export const cryptoOperations = {
  'i32.crc32': (e, crc, data, packed) => called(crc32Helpers.get(packed) as Assembly, 2)(e, crc, data, 0),
  'i64.polymul_i32': called(polynomialProduct, 2),
  'i8x16.aes_substitute': called(substituteHelper('aes_substitute', substitution), 1),
  'i8x16.aes_substitute_inverse': called(substituteHelper('aes_substitute_inverse', inverseSubstitution), 1),
  'i32x4.sha1_choose': called(sha1Helper('choose'), 3),
  'i32x4.sha1_parity': called(sha1Helper('parity'), 3),
  'i32x4.sha1_majority': called(sha1Helper('majority'), 3),
  'i32x4.sha256_low': called(sha256Helper('low'), 3),
  'i32x4.sha256_high': called(sha256Helper('high'), 3),
} satisfies Partial<Record<OpName, Emit>>;
