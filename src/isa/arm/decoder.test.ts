import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Prng } from '../../base/prng.ts';
import { decode, decoderOf, rowsOf } from './decoder.ts';
import { knownEncodings } from './known-encodings.table.ts';
import { randomEncoding } from './random-instruction.ts';
import type { InstructionSet, Row } from './row.ts';

const sets: readonly InstructionSet[] = ['a32', 't16', 't32'];

/** Encodings tried in the overlap of two rows. */
const overlapDraws = 200;

/** True when the rows overlap although neither is a special case of the other, and both accept a common encoding. */
function ambiguous(a: Row, b: Row, random: Prng): boolean {
  const common = a.layout.mask & b.layout.mask;
  if (((a.layout.value ^ b.layout.value) & common) !== 0) return false;
  if (a.layout.fixedBits !== b.layout.fixedBits && (common === a.layout.mask || common === b.layout.mask)) return false;
  const mask = a.layout.mask | b.layout.mask;
  for (let draw = 0; draw < overlapDraws; draw++) {
    const bits = (random.next32() & ~mask) | a.layout.value | b.layout.value;
    const encoding = a.set === 't16' ? bits & 0xffff : bits;
    if (a.matches(encoding) && b.matches(encoding)) return true;
  }
  return false;
}

describe('instruction tables', () => {
  for (const set of sets) {
    test(`${set}: names are unique and every row cites the manual`, () => {
      const names = new Set<string>();
      for (const row of rowsOf[set]) {
        assert.ok(!names.has(row.name), `${row.name} stands twice`);
        names.add(row.name);
        assert.match(row.section, /^([A-F]\d+\.\d+(\.\d+)*)$/, row.name);
        assert.equal(row.pattern.length, set === 't16' ? 16 : 32, row.name);
      }
    });

    test(`${set}: no two rows claim an encoding, unless one is a special case of the other`, () => {
      const random = new Prng(11);
      const rows = rowsOf[set];
      const found: string[] = [];
      for (let i = 0; i < rows.length; i++)
        for (let j = 0; j < i; j++)
          if (ambiguous(rows[i] as Row, rows[j] as Row, random)) found.push(`${rows[i]!.name} / ${rows[j]!.name}`);
      assert.deepEqual(found, []);
    });

    test(`${set}: every row can be reached by the decoder`, () => {
      const random = new Prng(5);
      for (const row of rowsOf[set]) assert.notEqual(randomEncoding(row, random), undefined, row.name);
    });
  }

  test('T16 patterns stay out of the space of 32-bit instructions', () => {
    for (let bits = 0xe800; bits < 0x10000; bits++) assert.equal(decode(bits, 't16'), undefined);
  });
});

/** What objdump prints in place of a row's mnemonic. */
const otherSpellings: Readonly<Record<string, readonly string[]>> = {
  MOV: ['lsl', 'lsr', 'asr', 'ror', 'rrx'],
  RSB: ['neg'],
  ADR: ['add', 'sub'],
  PUSH: ['stmdb'],
  POP: ['ldmia'],
  STM: ['push'],
  LDM: ['pop'],
  NOP: ['yield'],
  TBB: ['tbh'],
  CBZ: ['cbnz'],
  SMLABB: ['smla'],
  SMULBB: ['smul'],
  SMLALBB: ['smlal'],
  SMLAWB: ['smlaw'],
  SMULWB: ['smulw'],
  'VRINTA,': ['vrint'],
  'VCVTA,': ['vcvt'],
  'VCVTB,': ['vcvtb', 'vcvtt'],
};

test('encodings decode to the row that objdump names', () => {
  for (const [set, bits, name, text] of knownEncodings) {
    const row = decode(bits, set);
    assert.equal(row?.name, name, `${set} ${text}`);
    const spellings = [row!.mnemonic.toLowerCase(), ...(otherSpellings[row!.mnemonic] ?? [])];
    assert.ok(
      spellings.some((spelling) => text.startsWith(spelling)),
      `${name}: ${text}`,
    );
  }
});

/** Encodings, and the oldest processor of the list that has them (and so do those after it). */
const processorsInOrder = ['cortex-a9', 'cortex-a15', 'max'] as const;
const since: readonly (readonly [InstructionSet, number, string, (typeof processorsInOrder)[number]])[] = [
  ['a32', 0xe0810002, 'ADD (register) A1', 'cortex-a9'],
  ['a32', 0xe1010092, 'SWP A1', 'cortex-a9'],
  ['a32', 0xf2020d44, 'VADD (vector) A', 'cortex-a9'],
  ['t32', 0xeeb20a60, 'VCVTB, VCVTT (to single) T', 'cortex-a9'],
  ['a32', 0xe710f211, 'SDIV A1', 'cortex-a15'],
  ['t32', 0xfb91f0f2, 'SDIV T1', 'cortex-a15'],
  ['a32', 0xeea00a81, 'VFMA A', 'cortex-a15'],
  ['t32', 0xef020c54, 'VFMA (vector) T', 'cortex-a15'],
  ['a32', 0xe1910c9f, 'LDA A1', 'max'],
  ['t32', 0xe8d10faf, 'LDA T1', 'max'],
  ['a32', 0xe1010042, 'CRC32 A1', 'max'],
  ['t32', 0xffb00302, 'AESE T', 'max'],
  ['a32', 0xfc220d54, 'VUDOT A', 'max'],
];

test('a processor has the rows of its features alone', () => {
  for (const [set, bits, name, first] of since)
    for (const [age, processor] of processorsInOrder.entries()) {
      const expected = age >= processorsInOrder.indexOf(first) ? name : undefined;
      assert.equal(decoderOf(processor)(bits, set)?.name, expected, `${name} on ${processor}`);
    }
});

test('what is not of User mode is undefined', () => {
  const undefinedEncodings: readonly (readonly [InstructionSet, number])[] = [
    ['a32', 0xe8fd8000], // ldm sp!, {pc}^
    ['a32', 0xe8d00003], // ldm r0, {r0, r1}^
    ['a32', 0xe1b0f00e], // movs pc, lr
    ['a32', 0xe1600070], // smc
    ['a32', 0xe10f0000 | (1 << 22)], // mrs r0, spsr
    ['a32', 0xe1000070], // hlt
    ['t32', 0xf3de8f04], // subs pc, lr, #4
    ['t32', 0xf7f08000], // smc
    ['t16', 0xba80], // hlt
  ];
  for (const [set, bits] of undefinedEncodings)
    assert.equal(decode(bits, set)?.name, undefined, `${set} ${bits.toString(16)}`);
});
