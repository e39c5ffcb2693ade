/** Variables of the interpreter: the CPU record in control memory, moved as words. */
import { variables } from '../variables.table.ts';
import type { Machine, Operations } from './machine.ts';

/** Word of each variable in the CPU record. */
const variableWords = Int32Array.from(variables, (row) => row.offset >>> 2);

export const stateOperations = (m: Machine) => {
  const { i32: x, control } = m;
  const get1 = (at: number, a: number): number => {
    x[at << 2] = control[m.cpu + variableWords[a]];
    return at + 1;
  };
  const set1 = (at: number, a: number, b: number): number => {
    control[m.cpu + variableWords[a]] = x[b << 2];
    return at + 1;
  };
  return {
    'get.i32': get1,
    'get.f32': get1,
    'get.f64': (at, a) => {
      const from = m.cpu + variableWords[a];
      x[at << 2] = control[from];
      x[(at << 2) + 1] = control[from + 1];
      return at + 1;
    },
    'get.v128': (at, a) => {
      const from = m.cpu + variableWords[a];
      for (let k = 0; k < 4; k++) x[(at << 2) + k] = control[from + k];
      return at + 1;
    },
    'set.i32': set1,
    'set.f32': set1,
    'set.f64': (at, a, b) => {
      const to = m.cpu + variableWords[a];
      control[to] = x[b << 2];
      control[to + 1] = x[(b << 2) + 1];
      return at + 1;
    },
    'set.v128': (at, a, b) => {
      const to = m.cpu + variableWords[a];
      for (let k = 0; k < 4; k++) control[to + k] = x[(b << 2) + k];
      return at + 1;
    },
    insn: (at, a, b) => {
      m.insnPc = a;
      m.insnItstate = b;
      return at + 1;
    },
  } satisfies Partial<Operations>;
};
