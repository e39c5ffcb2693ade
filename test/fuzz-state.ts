/** A random state into the CPU record, and out of it as the reference's driver stores it. */
import type { RandomState } from '../src/isa/arm/random-state.ts';
import { exceptionsTracked, fpscrKept } from '../src/layout/code-variant.ts';
import { Cpu } from '../src/layout/cpu.ts';
import { exceptionBits } from '../src/layout/fpscr.ts';
import { CaseOutput } from './fuzz-case.ts';

/** `exact`: exceptions are tracked from the start. */
export function loadState(words: Int32Array, at: number, { r, s, cpsr, fpscr }: RandomState, exact: boolean): void {
  words.set(r, at + Cpu.r.index32);
  words.set(s, at + Cpu.d.index32);
  words[at + Cpu.nf.index32] = cpsr;
  words[at + Cpu.zf.index32] = (~cpsr >>> 30) & 1;
  words[at + Cpu.cf.index32] = (cpsr >>> 29) & 1;
  words[at + Cpu.vf.index32] = cpsr << 3;
  words[at + Cpu.qf.index32] = (cpsr >>> 27) & 1;
  words[at + Cpu.ge.index32] = (cpsr >>> 16) & 15;
  words[at + Cpu.fpn.index32] = fpscr;
  words[at + Cpu.fpz.index32] = (~fpscr >>> 30) & 1;
  words[at + Cpu.fpc.index32] = (fpscr >>> 29) & 1;
  words[at + Cpu.fpv.index32] = fpscr << 3;
  words[at + Cpu.fpscr.index32] = fpscr & fpscrKept;
  words[at + Cpu.fpexc.index32] = exact ? (fpscr & exceptionBits) | exceptionsTracked : 0;
  words[at + Cpu.itstate.index32] = 0;
  words[at + Cpu.tpidruro.index32] = 0;
  words[at + Cpu.tpidrurw.index32] = fpscr;
  words[at + Cpu.exclusiveAddress.index32] = -1;
}

/** `trapped`: pc, instruction set and ITSTATE matter. */
export function saveState(words: Int32Array, at: number, records: Int32Array, to: number, trapped: boolean): void {
  const bit = (field: { index32: number }, shift: number): number => (words[at + field.index32]! & 1) << shift;
  const sign = (field: { index32: number }, shift: number): number => (words[at + field.index32]! >>> 31) << shift;
  const zero = (field: { index32: number }): number => (words[at + field.index32] === 0 ? 1 << 30 : 0);
  const cpsr = sign(Cpu.nf, 31) | zero(Cpu.zf) | bit(Cpu.cf, 29) | sign(Cpu.vf, 28) | bit(Cpu.qf, 27);
  const fpscr = sign(Cpu.fpn, 31) | zero(Cpu.fpz) | bit(Cpu.fpc, 29) | sign(Cpu.fpv, 28);
  const pc = words[at + Cpu.pc.index32]!;
  const itstate = words[at + Cpu.itstate.index32]!;
  const thumb = (pc & 1) << 5;
  const it = ((itstate & 3) << 25) | ((itstate & 0xfc) << 8);
  records[to + CaseOutput.pc.index32] = trapped ? pc & ~1 : 0;
  records[to + CaseOutput.cpsr.index32] = cpsr | (words[at + Cpu.ge.index32]! << 16) | (trapped ? thumb | it : 0);
  const exceptions = words[at + Cpu.fpexc.index32]! & exceptionBits;
  records[to + CaseOutput.fpscr.index32] = fpscr | words[at + Cpu.fpscr.index32]! | exceptions;
  const { r, d } = CaseOutput;
  records.set(words.subarray(at + Cpu.r.index32, at + Cpu.r.index32 + r.count), to + r.index32);
  records.set(words.subarray(at + Cpu.d.index32, at + Cpu.d.index32 + 2 * d.count), to + d.index32);
}
