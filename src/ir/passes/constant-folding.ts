/**
 * Folds operations on constants, identities, moves there and back between types, branches on constants, and constant
 * additions into the offsets of loads, stores and checks.
 */
import { constantOf, constantRoot, findRoots, isConstant } from '../address.ts';
import { type IrFunction, instructionWords } from '../function.ts';
import { accessHasOffset, valueArguments } from '../op-facts.ts';
import { type OpName, opCodes, opNames } from '../ops.table.ts';
import { compact } from './compact.ts';

/**
 * The largest offset that a load or store may get. Offsets do not wrap in emitted code though addresses do, so an
 * access beyond 2^32 must be one that its check denies: the first page of guest memory is never mapped
 * (vm.mmap_min_addr of proc(5) is at least a page).
 */
const offsetMax = 4095;

const constant = opCodes['i32.const'];

type Fold = (a: number, b: number) => number;

const truth = (value: boolean): number => (value ? 1 : 0);

/** A table by operation number: one look-up for each instruction. */
function byOperation<T>(rows: readonly (readonly [OpName, T])[]): readonly (T | undefined)[] {
  const table: (T | undefined)[] = new Array(opNames.length).fill(undefined);
  for (const [name, value] of rows) table[opCodes[name]] = value;
  return table;
}

/** Operations on two constants. */
const folds = byOperation<Fold>([
  ['i32.add', (a, b) => (a + b) | 0],
  ['i32.sub', (a, b) => (a - b) | 0],
  ['i32.mul', (a, b) => Math.imul(a, b)],
  ['i32.and', (a, b) => a & b],
  ['i32.or', (a, b) => a | b],
  ['i32.xor', (a, b) => a ^ b],
  ['i32.shl', (a, b) => a << b],
  ['i32.shr_u', (a, b) => (a >>> b) | 0],
  ['i32.shr_s', (a, b) => a >> b],
  ['i32.rotr', (a, b) => (a >>> b) | (a << -b)],
  ['i32.eq', (a, b) => truth(a === b)],
  ['i32.ne', (a, b) => truth(a !== b)],
  ['i32.lt_s', (a, b) => truth(a < b)],
  ['i32.lt_u', (a, b) => truth(a >>> 0 < b >>> 0)],
  ['i32.le_s', (a, b) => truth(a <= b)],
  ['i32.le_u', (a, b) => truth(a >>> 0 <= b >>> 0)],
  ['i32.gt_s', (a, b) => truth(a > b)],
  ['i32.gt_u', (a, b) => truth(a >>> 0 > b >>> 0)],
  ['i32.ge_s', (a, b) => truth(a >= b)],
  ['i32.ge_u', (a, b) => truth(a >>> 0 >= b >>> 0)],
  // One operand: the second argument is not looked at.
  ['i32.eqz', (a) => truth(a === 0)],
  ['i32.clz', (a) => Math.clz32(a)],
  ['i32.extend8_s', (a) => (a << 24) >> 24],
  ['i32.extend16_s', (a) => (a << 16) >> 16],
]);

/** Operations whose result is the first operand when the second is this constant. */
const rightIdentity = byOperation<number>([
  ['i32.add', 0],
  ['i32.sub', 0],
  ['i32.or', 0],
  ['i32.xor', 0],
  ['i32.and', -1],
  ['i32.mul', 1],
  ['i32.shl', 0],
  ['i32.shr_u', 0],
  ['i32.shr_s', 0],
  ['i32.rotr', 0],
]);

const isCommutative = byOperation<true>([
  ['i32.add', true],
  ['i32.or', true],
  ['i32.xor', true],
  ['i32.and', true],
  ['i32.mul', true],
]);

/** outer(inner(x, ...)) is an argument of the inner operation: by outer operation, the inner ones and which argument. */
const inverses = byOperation<readonly { inner: number; argument: number }[]>([
  [
    'i64.low',
    [
      { inner: opCodes['i64.pair'], argument: 0 },
      { inner: opCodes['i64.extend_s'], argument: 0 },
      { inner: opCodes['i64.extend_u'], argument: 0 },
    ],
  ],
  ['i64.high', [{ inner: opCodes['i64.pair'], argument: 1 }]],
  [
    'v128.low',
    [
      { inner: opCodes['v128.pair'], argument: 0 },
      { inner: opCodes['i64x2.splat'], argument: 0 },
    ],
  ],
  [
    'v128.high',
    [
      { inner: opCodes['v128.pair'], argument: 1 },
      { inner: opCodes['i64x2.splat'], argument: 0 },
    ],
  ],
  // Every lane of a splat is its operand.
  ['i32x4.extract', [{ inner: opCodes['i32x4.splat'], argument: 0 }]],
  ['f32x4.extract', [{ inner: opCodes['f32x4.splat'], argument: 0 }]],
  ['f64x2.extract', [{ inner: opCodes['f64x2.splat'], argument: 0 }]],
  ['f32.reinterpret', [{ inner: opCodes['i32.reinterpret'], argument: 0 }]],
  ['i32.reinterpret', [{ inner: opCodes['f32.reinterpret'], argument: 0 }]],
  ['f64.reinterpret', [{ inner: opCodes['i64.reinterpret'], argument: 0 }]],
  ['i64.reinterpret', [{ inner: opCodes['f64.reinterpret'], argument: 0 }]],
]);

const isSelect = (code: number): boolean =>
  code === opCodes['i32.select'] || code === opCodes['f32.select'] || code === opCodes['f64.select'];

export function foldConstants(ir: IrFunction): void {
  const { words } = ir;
  const removed = new Uint8Array(ir.count);
  const replacement = new Int32Array(ir.count);
  // Values stand before their uses, so operands have been folded when an operation is looked at.
  for (let at = 0; at < ir.count; at++) {
    const word = at * instructionWords;
    const mask = valueArguments[words[word]];
    for (let i = 0; i < 3; i++) if ((mask & (1 << i)) !== 0) words[word + 1 + i] = replacement[words[word + 1 + i]];
    const same = simplify(words, word);
    replacement[at] = same === -1 ? at : same;
    if (same !== -1) removed[at] = 1;
  }
  foldOffsets(ir);
  compact(ir, removed, replacement);
}

/** Rewrites the instruction at `word` to something simpler, or gives the value that it equals, else -1. */
function simplify(words: Int32Array, word: number): number {
  const code = words[word];
  const a = words[word + 1];
  const b = words[word + 2];
  const rules = inverses[code];
  if (rules !== undefined) {
    const inner = a * instructionWords;
    for (const rule of rules) if (rule.inner === words[inner]) return words[inner + 1 + rule.argument];
    return -1;
  }
  if (isSelect(code)) {
    if (b === words[word + 3]) return b;
    return isConstant(words, a) ? (constantOf(words, a) !== 0 ? b : words[word + 3]) : -1;
  }
  if (code === opCodes.branch) {
    simplifyBranch(words, word);
    return -1;
  }
  const fold = folds[code];
  if (fold === undefined) return -1;
  const isUnary = fold.length === 1;
  if (isConstant(words, a) && (isUnary || isConstant(words, b))) {
    setConstant(words, word, fold(constantOf(words, a), isUnary ? 0 : constantOf(words, b)));
    return -1;
  }
  if (isUnary) return -1;
  if (isConstant(words, a) && isCommutative[code]) {
    words[word + 1] = b;
    words[word + 2] = a;
  }
  const left = words[word + 1];
  const right = words[word + 2];
  if (isConstant(words, right)) {
    const value = constantOf(words, right);
    if (rightIdentity[code] === value) return left;
    if (value === 0 && (code === opCodes['i32.and'] || code === opCodes['i32.mul'])) return right;
  }
  if (left === right) {
    if (code === opCodes['i32.and'] || code === opCodes['i32.or']) return left;
    if (code === opCodes['i32.xor'] || code === opCodes['i32.sub']) setConstant(words, word, 0);
  }
  return -1;
}

function setConstant(words: Int32Array, word: number, value: number): void {
  words[word] = constant;
  words[word + 1] = value;
  words[word + 2] = 0;
  words[word + 3] = 0;
}

/** A branch on a constant jumps; one on "x = 0" or "x != 0" tests x. */
function simplifyBranch(words: Int32Array, word: number): void {
  for (;;) {
    const condition = words[word + 1] * instructionWords;
    const code = words[condition];
    if (code === constant) {
      const to = words[condition + 1] !== 0 ? words[word + 2] : words[word + 3];
      words[word] = opCodes.jump;
      words[word + 1] = to;
      words[word + 2] = 0;
      words[word + 3] = 0;
      return;
    }
    const comparesZero =
      (code === opCodes['i32.eq'] || code === opCodes['i32.ne']) &&
      isConstant(words, words[condition + 2]) &&
      constantOf(words, words[condition + 2]) === 0;
    if (code !== opCodes['i32.eqz'] && !comparesZero) return;
    words[word + 1] = words[condition + 1];
    if (code === opCodes['i32.ne']) continue;
    const ifZero = words[word + 2];
    words[word + 2] = words[word + 3];
    words[word + 3] = ifZero;
  }
}

/** [x + c, offset] becomes [x, c + offset] where that is not negative and small. */
function foldOffsets(ir: IrFunction): void {
  const { words } = ir;
  const root = new Int32Array(ir.count);
  const delta = new Int32Array(ir.count);
  findRoots(ir, root, delta);
  for (let at = 0; at < ir.count; at++) {
    const word = at * instructionWords;
    const code = words[word];
    const isCheck = code === opCodes['check.read'] || code === opCodes['check.write'];
    if (!isCheck && !accessHasOffset[code]) continue;
    const base = words[word + 1];
    if (root[base] === base || root[base] === constantRoot) continue;
    const offset = (delta[base] + words[word + 2]) | 0;
    if (offset < 0 || offset > offsetMax) continue;
    words[word + 1] = root[base];
    words[word + 2] = offset;
  }
}
