/** Instructions of random programs that compute under FPSCR and touch its exceptions. */
import type { Prng } from '../base/prng.ts';
import { packFixedPoint, packLaneBinary } from './float-immediates.ts';
import { FloatBinary, LaneBinary, Rounding } from './float-kinds.table.ts';
import type { Step } from './random-steps.ts';
import { Var } from './variables.table.ts';

const kinds = Object.values(FloatBinary);
const lanes = { laneBits: 32, isDoubleword: false } as const;

/** Some leave their result unused: what they raise must be there all the same. */
export function exactStep(random: Prng): Step {
  const kind = random.below(8);
  const isUnused = random.chance(0.2);
  const [a, b, dst] = [random.below(8), random.below(8), random.below(8)];
  const binary = random.pick(kinds);
  const signals = random.below(2);
  const fixed = packFixedPoint({ isSigned: random.chance(0.5), rounding: Rounding.mode, fractionBits: 0, bits: 32 });
  return {
    reads: kind === 1 || kind === 5 ? [Var.r + a] : [],
    lower(c) {
      const single = (n: number): number => c.emit('get.f32', Var.s + n);
      const double = (n: number): number => c.emit('get.f64', Var.d + n);
      const keep = (set: 'set.f32' | 'set.f64', variable: number, value: number): void => {
        if (!isUnused) c.emit(set, variable, value);
      };
      if (kind === 0) c.set(Var.r + dst, c.emit('fpexc.get'));
      else if (kind === 1) c.emit('fpexc.set', c.get(Var.r + a));
      else if (kind === 2) keep('set.f32', Var.s + dst, c.emit('f32.exact_binary', single(a), single(b), binary));
      else if (kind === 3) keep('set.f64', Var.d + dst, c.emit('f64.exact_binary', double(a), double(b), binary));
      else if (kind === 4) c.set(Var.r + dst, c.emit('f64.exact_compare', double(a), double(b), signals));
      else if (kind === 5) keep('set.f32', Var.s + dst, c.emit('f32.exact_from_i32', c.get(Var.r + a), fixed));
      else if (kind === 6) c.set(Var.r + dst, c.emit('i32.exact_from_f32', single(a), fixed));
      else {
        const immediate = packLaneBinary(LaneBinary.mul, lanes);
        const [x, y] = [c.emit('get.v128', Var.q + (a >> 1)), c.emit('get.v128', Var.q + (b >> 1))];
        const product = c.emit('v128.exact_binary', x, y, immediate);
        if (!isUnused) c.emit('set.v128', Var.q + (dst >> 1), product);
      }
    },
  };
}
