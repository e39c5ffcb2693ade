/**
 * The guest's registers as the IR names them. Where each lives in the CPU record is declared in layout/cpu.ts.
 * s, d and q registers overlap: s(2n) and s(2n+1) are d(n) for n < 16, d(2n) and d(2n+1) are q(n).
 */
import { Cpu } from '../layout/cpu.ts';
import type { ValueType } from './ops.table.ts';

export interface VariableRow {
  readonly name: string;
  readonly type: ValueType;
  /** Bytes from the start of the CPU record. */
  readonly offset: number;
}

const rows: VariableRow[] = [];
const add = (name: string, type: ValueType, offset: number): number => rows.push({ name, type, offset }) - 1;
const bank = (prefix: string, type: ValueType, count: number, offset: number, stride: number): number => {
  const first = rows.length;
  for (let i = 0; i < count; i++) add(`${prefix}${i}`, type, offset + i * stride);
  return first;
};

/** Variable numbers: `Var.r + n` for r0 to r14 (r15 is not a variable), and so on. */
export const Var = {
  r: bank('r', 'i32', 15, Cpu.r.offset, 4),
  nf: add('nf', 'i32', Cpu.nf.offset),
  zf: add('zf', 'i32', Cpu.zf.offset),
  cf: add('cf', 'i32', Cpu.cf.offset),
  vf: add('vf', 'i32', Cpu.vf.offset),
  qf: add('qf', 'i32', Cpu.qf.offset),
  ge: add('ge', 'i32', Cpu.ge.offset),
  fpn: add('fpn', 'i32', Cpu.fpn.offset),
  fpz: add('fpz', 'i32', Cpu.fpz.offset),
  fpc: add('fpc', 'i32', Cpu.fpc.offset),
  fpv: add('fpv', 'i32', Cpu.fpv.offset),
  fpscr: add('fpscr', 'i32', Cpu.fpscr.offset),
  tpidruro: add('tpidruro', 'i32', Cpu.tpidruro.offset),
  tpidrurw: add('tpidrurw', 'i32', Cpu.tpidrurw.offset),
  s: bank('s', 'f32', 32, Cpu.d.offset, 4),
  d: bank('d', 'f64', 32, Cpu.d.offset, 8),
  q: bank('q', 'v128', 16, Cpu.d.offset, 16),
} as const;

export const variables: readonly VariableRow[] = rows;
export const variableNumbers: ReadonlyMap<string, number> = new Map(rows.map((row, number) => [row.name, number]));
