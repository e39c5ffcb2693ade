/** Moves between the CPU record, which every region has as its parameter, and the Wasm stack or locals. */
import { variables } from '../ir/variables.table.ts';
import { type Code, controlMemory } from './code.ts';

/** The parameter of every region: the byte address of the Executor record. */
export const cpuLocal = 0;

const loadOf = { i32: 'i32.load', i64: 'i64.load', f32: 'f32.load', f64: 'f64.load', v128: 'v128.load' } as const;
const storeOf = { i32: 'i32.store', i64: 'i64.store', f32: 'f32.store', f64: 'f64.store', v128: 'v128.store' } as const;

/** Leaves a variable of the record on the stack. */
export function readVariable(code: Code, variable: number): void {
  const row = variables[variable];
  code.get(cpuLocal);
  code.memory(loadOf[row.type], controlMemory, row.offset);
}

/** Writes what `value` leaves on the stack to a variable of the record. */
export function writeVariable(code: Code, variable: number, value: () => void): void {
  const row = variables[variable];
  code.get(cpuLocal);
  value();
  code.memory(storeOf[row.type], controlMemory, row.offset);
}

/** Writes a local to a variable of the record. */
export function writeLocal(code: Code, variable: number, local: number): void {
  const row = variables[variable];
  code.get(cpuLocal);
  code.get(local);
  code.memory(storeOf[row.type], controlMemory, row.offset);
}
