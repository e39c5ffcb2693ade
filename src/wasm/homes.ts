/**
 * Where each variable of a function lives while the function runs: in a Wasm local, or in the CPU record.
 *
 * A variable that nothing else in the function overlaps has a local of its own. The s, d and q registers share bits:
 * where a function uses a q register and parts of it, one local holds the q register and the parts are lanes of it;
 * where it uses s registers and the d registers that they are parts of, those stay in the record and are loaded and
 * stored at each get and set. Callers and callees never see the difference, since exits, calls and entries go through
 * the record.
 */
import { type IrFunction, instructionWords } from '../ir/function.ts';
import { isGet, isSet } from '../ir/op-facts.ts';
import { Var, variables } from '../ir/variables.table.ts';
import type { Code } from './code.ts';

const overlappedSingles = 32;
const doubles = 32;
const quads = 16;

/** What two variables share when setting one may change the other: the quad register that they are parts of. */
const quadOf = Int32Array.from(variables, (_, variable) => {
  if (variable >= Var.q) return variable - Var.q;
  if (variable >= Var.d) return (variable - Var.d) >> 1;
  if (variable >= Var.s) return (variable - Var.s) >> 2;
  return -1;
});

export const inRecord = -1;
/** Not a lane of a local, but all of it. */
export const whole = -1;
/** Keys of Homes.key are below this. */
export const homeKeys = variables.length + quads;

export class Homes {
  /** Number of the local, or inRecord; meaningful for variables that the function uses. */
  readonly local = new Int32Array(variables.length);
  /** The lane of the local that is the variable, or `whole`; meaningful for variables in locals. */
  readonly lane = new Int32Array(variables.length);
  /** Two variables may be one place in memory only if their keys are equal. */
  readonly key = new Int32Array(variables.length);
  /** The function's variables that have a local of their own. */
  readonly inLocals: number[] = [];
  /** The q registers among them whose parts are used as lanes: a set of a part leaves the rest of the local as it is. */
  readonly withLanes: number[] = [];
  readonly #used = new Uint8Array(variables.length);

  /** Decides for one function and allocates the locals. */
  choose(ir: IrFunction, code: Code): void {
    const used = this.#used.fill(0);
    this.inLocals.length = 0;
    this.withLanes.length = 0;
    const { words } = ir;
    for (let word = 0; word < ir.count * instructionWords; word += instructionWords)
      if (isGet[words[word]] | isSet[words[word]]) used[words[word + 1]] = 1;
    // From the q registers down, so that the parts find the local.
    for (let variable = used.length - 1; variable >= 0; variable--) {
      if (used[variable] === 0) continue;
      const quad = quadOf[variable];
      const isOverlapped = quad >= 0 && this.#isOverlapped(variable);
      this.key[variable] = isOverlapped ? variables.length + quad : variable;
      this.lane[variable] = whole;
      if (!isOverlapped || variable >= Var.q) {
        this.local[variable] = code.allocate(variables[variable].type);
        this.inLocals.push(variable);
        if (isOverlapped) this.withLanes.push(variable);
      } else if (used[Var.q + quad] !== 0) {
        this.local[variable] = this.local[Var.q + quad];
        this.lane[variable] = variable >= Var.d ? (variable - Var.d) & 1 : (variable - Var.s) & 3;
      } else this.local[variable] = inRecord;
    }
  }

  #isOverlapped(variable: number): boolean {
    const used = this.#used;
    const single = (n: number): number => (n < overlappedSingles ? used[Var.s + n] : 0);
    const double = (n: number): number => (n < doubles ? used[Var.d + n] : 0);
    const quad = quadOf[variable];
    const byParts =
      double(2 * quad) |
      double(2 * quad + 1) |
      single(4 * quad) |
      single(4 * quad + 1) |
      single(4 * quad + 2) |
      single(4 * quad + 3);
    if (variable >= Var.q) return byParts !== 0;
    if (used[Var.q + quad] !== 0) return true;
    if (variable < Var.d) return double((variable - Var.s) >> 1) !== 0;
    const singles = 2 * (variable - Var.d);
    return (single(singles) | single(singles + 1)) !== 0;
  }
}
