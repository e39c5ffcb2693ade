import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PatternLayout } from './fields.ts';
import { type Operation, operation, t16 } from './row.ts';

const nothing: Operation<unknown> = operation(() => {});
const readsD = (f: { readonly d: number }) => ({ d: f.d });

test('a field may lie in pieces, most significant first', () => {
  const layout = new PatternLayout('01000100dmmmmddd');
  const row = t16('ADD T2', 'A8.8.6', '01000100dmmmmddd', readsD, nothing);
  assert.deepEqual(row.operands(0b01000100_1_0000_010), { d: 10 });
  assert.equal(
    layout.compose((letter) => (letter === 'd' ? 10 : 3)),
    0b01000100_1_0011_010,
  );
});

test('should-be bits belong to the match', () => {
  const row = t16('BX T1', 'A8.8.27', '010001110mmmmooo', (f: { readonly m: number }) => f, nothing);
  assert.equal(row.matches(0x4770), true);
  assert.equal(row.matches(0x4771), false);
});

test('a pattern of the wrong length, and a field that is not there, do not compile', () => {
  // @ts-expect-error 15 bits
  t16('A', 'A8.8.1', '01000100dmmmmdd', readsD, nothing);
  // @ts-expect-error 17 bits
  t16('B', 'A8.8.1', '01000100dmmmmdddd', readsD, nothing);
  // @ts-expect-error not a letter
  t16('C', 'A8.8.1', '01000100dmmmmdd?', readsD, nothing);
  // @ts-expect-error the format asks for d
  t16('D', 'A8.8.1', '01000100nmmmmnnn', readsD, nothing);
  // @ts-expect-error the constraint asks for n
  t16('E', 'A8.8.1', '01000100dmmmmddd', readsD, nothing, { when: (f) => f.n !== 15 });
  // @ts-expect-error the operation asks for what the format does not give
  t16('F', 'A8.8.1', '01000100dmmmmddd', readsD, nothing as Operation<{ d: number; n: number }>);
});
