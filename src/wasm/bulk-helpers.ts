/** Functions for the agent, which changes many words of the control memory at once while executors use them. */
import type { Assembly, Tree } from './assembler.ts';
import { controlMemory } from './code.ts';

/** `change` for each word from `address` up to `end`, at least one. */
const eachWord = (...change: readonly Tree[]): readonly Tree[] => [
  [
    'loop',
    'next',
    ...change,
    ['set', 'address', ['i32.add', 'address', 4]],
    ['br_if', 'next', ['i32.lt_u', 'address', 'end']],
  ],
  0,
];

/** Makes the bits of `mask` those of `bits`; nobody else changes them. */
const setBits: Assembly = {
  name: 'set_bits',
  parameters: { address: 'i32', end: 'i32', bits: 'i32', mask: 'i32' },
  result: 'i32',
  body: eachWord([
    'drop',
    [
      'i32.atomic.rmw.xor',
      controlMemory,
      0,
      'address',
      ['i32.and', ['i32.xor', ['i32.load', controlMemory, 0, 'address'], 'bits'], 'mask'],
    ],
  ]),
};

const addToEach: Assembly = {
  name: 'add_to_each',
  parameters: { address: 'i32', end: 'i32', amount: 'i32' },
  result: 'i32',
  body: eachWord(['drop', ['i32.atomic.rmw.add', controlMemory, 0, 'address', 'amount']]),
};

export const bulkFunctions: readonly Assembly[] = [setBits, addToEach];
