/** The instructions of random programs: each declares the integer variables that it reads, and lowers itself. */
import type { Prng } from '../base/prng.ts';
import type { OpName } from './ops.table.ts';
import { exactStep } from './random-exact-steps.ts';
import type { StepContext } from './random-ir.ts';
import { Var } from './variables.table.ts';

export interface Step {
  readonly reads: readonly number[];
  lower(context: StepContext): void;
}

export interface StepOptions {
  readonly integersOnly?: boolean;
  readonly noExclusives?: boolean;
  /** Only instructions that leave the condition flags alone. */
  readonly keepsFlags: boolean;
}

type Maker = (random: Prng, options: StepOptions) => Step;

/** r8 to r11 and r13 stay pointers into the test's window; the others are data. */
const pointers = [8, 9, 10, 11, 13];
const data = [0, 1, 2, 3, 4, 5, 6, 7, 12];

const binaryOps = [
  ...['i32.add', 'i32.sub', 'i32.mul', 'i32.and', 'i32.or', 'i32.xor', 'i32.shl', 'i32.shr_u', 'i32.shr_s'],
  ...['i32.rotr', 'i32.div_s', 'i32.div_u', 'i32.eq', 'i32.ne', 'i32.lt_s', 'i32.lt_u', 'i32.le_s', 'i32.le_u'],
  ...['i32.gt_s', 'i32.gt_u', 'i32.ge_s', 'i32.ge_u'],
] as OpName[];
const unaryOps: OpName[] = ['i32.clz', 'i32.ctz', 'i32.popcnt', 'i32.eqz', 'i32.extend8_s', 'i32.extend16_s'];
const longOps: OpName[] = [
  ...(['i64.add', 'i64.sub', 'i64.mul', 'i64.and', 'i64.or', 'i64.xor', 'i64.shl', 'i64.shr_u', 'i64.shr_s'] as const),
];
const longCompares: OpName[] = ['i64.eq', 'i64.lt_s', 'i64.lt_u', 'i64.gt_s'];
const floatBinary = ['add', 'sub', 'mul', 'div'];
const floatUnary = ['sqrt', 'neg', 'abs', 'nearest', 'floor', 'ceil'];
const floatCompare = ['eq', 'lt', 'gt'];

const constants = [0, 1, -1, 2, 4, 8, 31, 0xff, -16, 0x7fffffff, -0x80000000];

/** dst = a op b, now and then with flags, now and then with a constant. */
const arithmetic: Maker = (random, { keepsFlags }) => {
  const name = random.pick(binaryOps);
  const [dst, a, b] = [random.pick(data), random.pick(data), random.pick(data)];
  const literal = random.chance(0.5) ? random.pick(constants) : undefined;
  const setsFlags = !keepsFlags && random.chance(0.5);
  return {
    reads: literal === undefined ? [Var.r + a, Var.r + b] : [Var.r + a],
    lower(c) {
      const left = c.get(Var.r + a);
      const right = literal === undefined ? c.get(Var.r + b) : c.constant(literal);
      const result = c.emit(name, left, right);
      if (setsFlags) {
        c.set(Var.nf, result);
        c.set(Var.zf, result);
        c.set(Var.cf, c.emit('i32.ge_u', left, right));
        c.set(Var.vf, c.emit('i32.xor', left, result));
      }
      c.set(Var.r + dst, result);
    },
  };
};

const unary: Maker = (random) => {
  const name = random.pick(unaryOps);
  const [dst, a] = [random.pick(data), random.pick(data)];
  return {
    reads: [Var.r + a],
    lower(c) {
      c.set(Var.r + dst, c.emit(name, c.get(Var.r + a)));
    },
  };
};

const move: Maker = (random) => {
  const [dst, a] = [random.pick(data), random.pick(data)];
  const literal = random.chance(0.4) ? random.next32() : undefined;
  return {
    reads: literal === undefined ? [Var.r + a] : [],
    lower(c) {
      c.set(Var.r + dst, literal === undefined ? c.get(Var.r + a) : c.constant(literal));
    },
  };
};

const choose: Maker = (random) => {
  const [dst, a, b] = [random.pick(data), random.pick(data), random.pick(data)];
  return {
    reads: [Var.r + a, Var.r + b, Var.zf],
    lower(c) {
      const isEqual = c.emit('i32.eqz', c.get(Var.zf));
      c.set(Var.r + dst, c.emit('i32.select', isEqual, c.get(Var.r + a), c.get(Var.r + b)));
    },
  };
};

/** Two registers as 64 bits each; both halves of the result, and a comparison into the carry. */
const long: Maker = (random, { keepsFlags }) => {
  const name = random.pick(longOps);
  const compare = random.pick(longCompares);
  const extend: OpName = random.chance(0.5) ? 'i64.extend_s' : 'i64.extend_u';
  const [low, high, a, b] = [random.pick(data), random.pick(data), random.pick(data), random.pick(data)];
  return {
    reads: [Var.r + a, Var.r + b],
    lower(c) {
      const left = c.emit(extend, c.get(Var.r + a));
      const right = c.emit('i64.pair', c.get(Var.r + b), c.get(Var.r + a));
      const result = c.emit(name, left, right);
      c.set(Var.r + low, c.emit('i64.low', result));
      c.set(Var.r + high, c.emit('i64.high', result));
      if (!keepsFlags) c.set(Var.cf, c.emit(compare, left, right));
    },
  };
};

const widths: [OpName, OpName, number][] = [
  ['load.8u', 'store.8', 1],
  ['load.8s', 'store.8', 1],
  ['load.16u', 'store.16', 2],
  ['load.16s', 'store.16', 2],
  ['load.32', 'store.32', 4],
];

/** LDR or STR with an offset, now and then writing the base back before or after. */
const transfer: Maker = (random) => {
  const isLoad = random.chance(0.6);
  const [load, store, bytes] = random.pick(widths);
  const [base, register] = [random.pick(pointers), random.pick(data)];
  const offset = random.below(24) * (random.chance(0.7) ? 4 : 1);
  const step = random.chance(0.3) ? random.pick([4, 8, -4, -16]) : 0;
  const isBefore = random.chance(0.5);
  return {
    reads: isLoad ? [Var.r + base] : [Var.r + base, Var.r + register],
    lower(c) {
      const old = c.get(Var.r + base);
      const moved = step === 0 ? old : c.emit('i32.add', old, c.constant(step));
      const address = isBefore ? moved : old;
      c.emit(isLoad ? 'check.read' : 'check.write', address, offset, bytes);
      if (isLoad) {
        const value = c.emit(load, address, offset);
        c.set(Var.r + register, value);
      } else c.emit(store, address, offset, c.get(Var.r + register));
      if (step !== 0) c.set(Var.r + base, moved);
    },
  };
};

/** LDM or STM of two to eight registers, with or without moving the base. */
const multiple: Maker = (random) => {
  const isLoad = random.chance(0.5);
  const base = random.pick(pointers);
  const registers = data.filter(() => random.chance(0.5));
  const bytes = 4 * Math.max(1, registers.length);
  const isDown = random.chance(0.5);
  const moves = random.chance(0.5);
  return {
    reads: isLoad ? [Var.r + base] : [base, ...registers].map((r) => Var.r + r),
    lower(c) {
      const old = c.get(Var.r + base);
      const moved = c.emit('i32.sub', old, c.constant(isDown ? bytes : -bytes));
      const address = isDown ? moved : old;
      c.emit(isLoad ? 'check.read' : 'check.write', address, 0, bytes);
      const values = registers.map((r, i) => (isLoad ? c.emit('load.32', address, 4 * i) : c.get(Var.r + r)));
      registers.forEach((r, i) => {
        if (isLoad) c.set(Var.r + r, values[i]);
        else c.emit('store.32', address, 4 * i, values[i]);
      });
      if (moves) c.set(Var.r + base, moved);
    },
  };
};

/** LDREX, STREX, CLREX, SWP and barriers, of any width. */
const exclusive: Maker = (random) => {
  const bits = random.pick([8, 16, 32, 64]);
  const [base, source, dst] = [random.pick(pointers), random.pick(data), random.pick(data)];
  const kind = random.pick(['ldrex', 'strex', 'both', 'swap', 'clrex', 'fence']);
  return {
    reads: [Var.r + base, Var.r + source],
    lower(c) {
      if (kind === 'clrex' || kind === 'fence') {
        c.emit(kind);
        return;
      }
      const size = kind === 'swap' && bits !== 8 ? 32 : bits;
      const address = c.emit('i32.and', c.get(Var.r + base), c.constant(-8));
      c.emit('check.aligned', address, size / 8);
      c.emit('check.write', address, 0, size / 8);
      const word = c.get(Var.r + source);
      if (kind === 'swap') {
        c.set(Var.r + dst, c.emit(`swap.${size}` as OpName, address, word));
        return;
      }
      if (kind !== 'strex') {
        const loaded = c.emit(`ldrex.${size}` as OpName, address);
        c.set(Var.r + source, size === 64 ? c.emit('i64.high', loaded) : loaded);
      }
      if (kind !== 'ldrex') {
        const value = size === 64 ? c.emit('i64.extend_s', word) : word;
        c.set(Var.r + dst, c.emit(`strex.${size}` as OpName, address, value));
      }
    },
  };
};

const single = (random: Prng): number => Var.s + random.below(8);
const double = (random: Prng): number => Var.d + random.below(random.chance(0.8) ? 4 : 32);
const quad = (random: Prng): number => Var.q + random.below(random.chance(0.8) ? 2 : 16);

const floatArithmetic: Maker = (random, { keepsFlags }) => {
  const isDouble = random.chance(0.5);
  const type = isDouble ? 'f64' : 'f32';
  const draw = isDouble ? double : single;
  const [dst, a, b, d] = [draw(random), draw(random), draw(random), draw(random)];
  const kind = random.below(keepsFlags ? 3 : 4);
  const name = `${type}.${random.pick([floatBinary, floatUnary, ['fma'], floatCompare][kind])}` as OpName;
  return {
    reads: [],
    lower(c) {
      const get = (variable: number): number => c.emit(`get.${type}`, variable);
      if (kind === 0) c.emit(`set.${type}`, dst, c.emit(name, get(a), get(b)));
      else if (kind === 1) c.emit(`set.${type}`, dst, c.emit(name, get(a)));
      else if (kind === 2) c.emit(`set.${type}`, dst, c.emit(name, get(d), get(a), get(b)));
      else c.set(Var.zf, c.emit(name, get(a), get(b)));
    },
  };
};

const conversion: Maker = (random) => {
  const kind = random.below(8);
  const isSigned = random.chance(0.5) ? 's' : 'u';
  const [s, d, r] = [single(random), double(random), random.pick(data)];
  return {
    reads: [Var.r + r],
    lower(c) {
      const single = (): number => c.emit('get.f32', s);
      const double = (): number => c.emit('get.f64', d);
      if (kind === 0) c.set(Var.r + r, c.emit(`i32.trunc_f32_${isSigned}`, single()));
      else if (kind === 1) c.set(Var.r + r, c.emit(`i32.trunc_f64_${isSigned}`, double()));
      else if (kind === 2) c.emit('set.f32', s, c.emit(`f32.convert_${isSigned}`, c.get(Var.r + r)));
      else if (kind === 3) c.emit('set.f64', d, c.emit(`f64.convert_${isSigned}`, c.get(Var.r + r)));
      else if (kind === 4) c.emit('set.f32', s, c.emit('f32.demote', double()));
      else if (kind === 5) c.emit('set.f64', d, c.emit('f64.promote', single()));
      else if (kind === 6) c.emit('set.f32', s, c.emit('f32.reinterpret', c.get(Var.r + r)));
      else c.set(Var.r + r, c.emit('i32.reinterpret', single()));
    },
  };
};

const laneOps: OpName[] = [
  ...(['v128.and', 'v128.xor', 'i8x16.add', 'i32x4.add_sat_s', 'i8x16.mul', 'i64x2.gt_s'] as const),
  ...(['i16x8.narrow_i32x4_uu', 'i16x8.polymul_low_i8x16', 'f32x4.add', 'f32x4.mul', 'f32x4.gt'] as const),
];

/** Advanced SIMD on Q registers, and on D registers as halves of vectors. */
const vector: Maker = (random) => {
  const [dst, a, b, d] = [quad(random), quad(random), quad(random), double(random)];
  const kind = random.below(9);
  const name = random.pick(laneOps);
  const isDouble = random.chance(0.4);
  const immediate = random.below(4);
  const literal = random.next32() | 0;
  return {
    reads: [],
    lower(c) {
      const get = (variable: number): number =>
        isDouble
          ? c.emit('f64x2.splat', c.emit('get.f64', Var.d + 2 * (variable - Var.q) + 1))
          : c.emit('get.v128', variable);
      const word = (): number => c.emit('i64.reinterpret', c.emit('get.f64', d));
      const set = (value: number): void => {
        if (isDouble) c.emit('set.f64', d, c.emit('f64x2.extract', value, 0));
        else c.emit('set.v128', dst, value);
      };
      if (kind === 0) set(c.emit('v128.not', get(a)));
      else if (kind === 1) c.emit('set.v128', dst, c.emit('v128.pair', word(), c.emit('v128.high', get(a))));
      else if (kind === 2) c.emit('set.f64', d, c.emit('f64.reinterpret', c.emit('v128.low', get(b))));
      else if (kind === 3) set(c.emit('v128.const', literal, immediate));
      else if (kind === 4) set(c.emit('i16x8.shr_u', get(a), immediate));
      else if (kind === 5) set(c.emit('v128.shuffle', get(a), get(b), immediate));
      else set(c.emit(name, get(a), get(b)));
    },
  };
};

/** VLDR and VSTR of each width. */
const floatTransfer: Maker = (random) => {
  const [type, bytes] = random.pick([
    ['f32', 4],
    ['f64', 8],
    ['v128', 16],
  ] as const);
  const variable = { f32: single, f64: double, v128: quad }[type](random);
  const base = random.pick(pointers);
  const offset = 4 * random.below(16);
  const isLoad = random.chance(0.5);
  return {
    reads: [Var.r + base],
    lower(c) {
      const address = c.get(Var.r + base);
      c.emit(isLoad ? 'check.read' : 'check.write', address, offset, bytes);
      if (isLoad) c.emit(`set.${type}`, variable, c.emit(`load.${type}`, address, offset));
      else c.emit(`store.${type}`, address, offset, c.emit(`get.${type}`, variable));
    },
  };
};

const integerMakers: Maker[] = [arithmetic, arithmetic, arithmetic, unary, move, choose, long];
const memoryMakers: Maker[] = [transfer, transfer, transfer, multiple];
const floatMakers: Maker[] = [floatArithmetic, floatArithmetic, conversion, vector, floatTransfer, exactStep];

export function randomStep(random: Prng, options: StepOptions): Step {
  const makers = [...integerMakers, ...memoryMakers];
  if (!options.integersOnly) makers.push(...floatMakers);
  if (!options.noExclusives) makers.push(exclusive);
  return random.pick(makers)(random, options);
}
