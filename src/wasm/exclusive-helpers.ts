/**
 * Helpers for exclusive accesses, the same algorithm as the interpreter's (ir/interpreter/exclusive.ts): a load notes
 * the granule's tag (even: nobody is storing) and then the value; a store makes the tag odd, compares and exchanges the
 * value, and gives the tag back, two further when it stored. Addresses are aligned (check.aligned), so that the
 * atomics do not trap.
 */
import { granuleShift } from '../layout/access.ts';
import { exclusiveTagBase, exclusiveTags } from '../layout/control.ts';
import { Cpu } from '../layout/cpu.ts';
import type { Field } from '../layout/record.ts';
import type { Assembly, Tree } from './assembler.ts';
import { controlMemory, guestMemory } from './code.ts';

interface Width {
  readonly bytes: 1 | 2 | 4 | 8;
  readonly type: 'i32' | 'i64';
  readonly load: string;
  readonly exchange: string;
}

const field = (name: Field): Tree => ['i32.load', controlMemory, name.offset, 'cpu'];
const setField = (name: Field, value: Tree): Tree => ['i32.store', controlMemory, name.offset, 'cpu', value];
/** Offset, from exclusiveTagBase, of the tag of the address's granule. */
const tagOffset: Tree = ['i32.shl', ['i32.and', ['i32.shr_u', 'address', granuleShift], exclusiveTags - 1], 2];

const loadExclusive = ({ bytes, type, load }: Width): Assembly => ({
  name: `ldrex_${8 * bytes}`,
  parameters: { address: 'i32', cpu: 'i32' },
  locals: { at: 'i32', tag: 'i32', value: type },
  result: type,
  body: [
    ['set', 'at', tagOffset],
    [
      'loop',
      'stored',
      ['set', 'tag', ['i32.atomic.load', controlMemory, exclusiveTagBase, 'at']],
      ['br_if', 'stored', ['i32.and', 'tag', 1]],
    ],
    ['set', 'value', [load, guestMemory, 0, 'address']],
    setField(Cpu.exclusiveAddress, 'address'),
    setField(Cpu.exclusiveTag, 'tag'),
    setField(Cpu.exclusiveBytes, bytes),
    setField(Cpu.exclusiveLow, type === 'i32' ? 'value' : ['i32.wrap_i64', 'value']),
    setField(Cpu.exclusiveHigh, type === 'i32' ? 0 : ['i32.wrap_i64', ['i64.shr_u', 'value', 32n]]),
    'value',
  ],
});

const storeExclusive = ({ bytes, type, exchange }: Width): Assembly => {
  const low = field(Cpu.exclusiveLow);
  const expected: Tree =
    type === 'i32'
      ? low
      : ['i64.or', ['i64.extend_i32_u', low], ['i64.shl', ['i64.extend_i32_u', field(Cpu.exclusiveHigh)], 32n]];
  return {
    name: `strex_${8 * bytes}`,
    parameters: { address: 'i32', value: type, cpu: 'i32' },
    locals: { at: 'i32', tag: 'i32', expected: type, failed: 'i32' },
    result: 'i32',
    body: [
      [
        'set',
        'failed',
        ['i32.or', ['i32.ne', field(Cpu.exclusiveAddress), 'address'], ['i32.ne', field(Cpu.exclusiveBytes), bytes]],
      ],
      setField(Cpu.exclusiveAddress, -1),
      ['if', 'failed', [['return', 1]]],
      ['set', 'at', tagOffset],
      ['set', 'tag', field(Cpu.exclusiveTag)],
      [
        'if',
        [
          'i32.ne',
          ['i32.atomic.rmw.cmpxchg', controlMemory, exclusiveTagBase, 'at', 'tag', ['i32.or', 'tag', 1]],
          'tag',
        ],
        [['return', 1]],
      ],
      ['set', 'expected', expected],
      ['set', 'failed', [`${type}.ne`, [exchange, guestMemory, 0, 'address', 'expected', 'value'], 'expected']],
      // By adding: the agent may have raised the tag meanwhile, for a block whose granules share it.
      [
        'set',
        'tag',
        ['i32.atomic.rmw.add', controlMemory, exclusiveTagBase, 'at', ['i32.sub', 1, ['i32.shl', 'failed', 1]]],
      ],
      'failed',
    ],
  };
};

const widths = {
  8: { bytes: 1, type: 'i32', load: 'i32.atomic.load8_u', exchange: 'i32.atomic.rmw8.cmpxchg_u' },
  16: { bytes: 2, type: 'i32', load: 'i32.atomic.load16_u', exchange: 'i32.atomic.rmw16.cmpxchg_u' },
  32: { bytes: 4, type: 'i32', load: 'i32.atomic.load', exchange: 'i32.atomic.rmw.cmpxchg' },
  64: { bytes: 8, type: 'i64', load: 'i64.atomic.load', exchange: 'i64.atomic.rmw.cmpxchg' },
} as const satisfies Record<number, Width>;

export const ldrex8 = loadExclusive(widths[8]);
export const ldrex16 = loadExclusive(widths[16]);
export const ldrex32 = loadExclusive(widths[32]);
export const ldrex64 = loadExclusive(widths[64]);
export const strex8 = storeExclusive(widths[8]);
export const strex16 = storeExclusive(widths[16]);
export const strex32 = storeExclusive(widths[32]);
export const strex64 = storeExclusive(widths[64]);
