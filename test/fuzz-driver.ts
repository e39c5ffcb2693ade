/**
 * The driver of the reference's program, in A32 code made here, without a compiler. For each start it copies the
 * scratch pattern, loads every register from the input record, jumps to the case's code, and stores every register
 * into its output record; at the end it writes all the output records to file descriptor 1. A signal handler notes the
 * signal and the interrupted registers in the record and goes on with the next start; a timer does so with a case that
 * hangs.
 */
import { a32, condition, lr, pc, sp } from './fuzz-assembler.ts';
import { CaseInput, CaseOutput, scratchBytes } from './fuzz-case.ts';
import { saveAddress } from './fuzz-code.ts';

/** The driver's first word is its `save`; its variables lie within reach of pc-relative loads. */
export const driverBase = saveAddress;
export const variableBase = 0x00011000;
const altStackBase = variableBase + 0x1000;
const altStackBytes = 0x4000;
export const driverEnd = altStackBase + altStackBytes;

const SIGILL = 4;
const SIGTRAP = 5;
const SIGBUS = 7;
const SIGFPE = 8;
const SIGSEGV = 11;
const SIGVTALRM = 26;
const ITIMER_VIRTUAL = 1;
const sys_exit = 1;
const sys_write = 4;
const sys_setitimer = 104;
const sys_rt_sigaction = 174;
const sys_sigaltstack = 186;
const SA_SIGINFO = 4;
const SA_ONSTACK = 0x08000000;
const SA_NODEFER = 0x40000000;
/** Bytes from a signal handler's siginfo_t to si_addr (asm-generic/siginfo.h). */
const infoAddress = 12;
/** Bytes from a signal handler's ucontext_t to the saved r0, which r1 to pc and cpsr follow (asm/ucontext.h). */
const contextR0 = 32;

/** Words of the variable page, by name. */
const variableNames = ['input', 'inputEnd', 'output', 'target', 'savedSp', 'left', 'from', 'watched'] as const;
export type VariableName = (typeof variableNames)[number];
export const variable = (name: VariableName): number => variableBase + variableNames.indexOf(name) * 4;
const stackRecord = variableBase + 0x100;
const actionRecord = variableBase + 0x120;
const timerRecord = variableBase + 0x140;
/** A case that is still running when the timer fires for the second time is stuck, and is given up: processor time. */
const timerUs = 200_000;
const poolBase = variableBase + 0x200;

class Assembler {
  readonly words: number[] = [];
  readonly pool: number[] = [];
  get here(): number {
    return driverBase + this.words.length * 4;
  }
  put(...words: number[]): void {
    this.words.push(...words);
  }
  load(rt: number, name: VariableName): void {
    this.put(a32.ldr(rt, pc, variable(name) - this.here - 8));
  }
  store(rt: number, name: VariableName): void {
    this.put(a32.str(rt, pc, variable(name) - this.here - 8));
  }
  /** A constant from the literal pool that is written with the variables. */
  literal(rt: number, value: number): void {
    const at = poolBase + this.pool.length * 4;
    this.pool.push(value);
    this.put(a32.ldr(rt, pc, at - this.here - 8));
  }
  branch(on: number, target: number): void {
    this.put(a32.branch(on, target - this.here));
  }
  /** Leaves room for a branch, and gives what puts it there when its target is reached. */
  branchForward(on: number): () => void {
    const at = this.words.length;
    this.put(0);
    return () => {
      this.words[at] = a32.branch(on, (this.words.length - at) * 4);
    };
  }
  /** Copies the scratch area between two pointers, both advanced; uses r3 to r11. */
  copyScratch(from: number, to: number): void {
    this.put(a32.mov(11, scratchBytes / 32));
    const loop = this.here;
    this.put(a32.ldmia(from, true, 0x07f8), a32.stmia(to, true, 0x07f8), a32.subs(11, 11, 1));
    this.branch(condition.ne, loop);
  }
}

interface Driver {
  readonly words: readonly number[];
  readonly entry: number;
  /** Words of the variable page: addresses and values. */
  readonly data: readonly (readonly [address: number, value: number])[];
}

/** `inputBase` and `outputBase` are the addresses of the records. */
export function makeDriver(inputBase: number, outputBase: number): Driver {
  const d = new Assembler();

  d.store(sp, 'savedSp');
  d.load(sp, 'output');
  d.put(a32.add(sp, sp, CaseOutput.r.offset), a32.stmia(sp, false, 0x1fff), a32.str(lr, sp, 14 * 4));
  d.load(1, 'savedSp');
  d.put(a32.str(1, sp, 13 * 4));
  d.load(0, 'output');
  d.put(a32.mrsCpsr(1), a32.str(1, 0, CaseOutput.cpsr.offset));
  const saveFloats = d.here;
  d.put(a32.vmrsFpscr(1), a32.str(1, 0, CaseOutput.fpscr.offset));
  d.put(a32.add(1, 0, CaseOutput.d.offset), a32.vstmia(1, false), a32.vstmia(1, true));
  d.load(2, 'input');
  d.put(a32.ldr(2, 2, CaseInput.scratch.offset - CaseInput.bytes));
  d.copyScratch(2, 1);
  d.literal(1, CaseOutput.bytes);
  d.put(a32.addRegister(0, 0, 1));
  d.store(0, 'output');

  const next = d.here;
  d.load(0, 'input');
  d.load(1, 'inputEnd');
  d.put(a32.cmpRegister(0, 1));
  const atEnd = d.branchForward(condition.eq);
  d.literal(1, CaseInput.bytes);
  d.put(a32.addRegister(1, 0, 1));
  d.store(1, 'input');
  d.put(a32.ldr(1, 0, CaseInput.code.offset));
  d.store(1, 'target');
  d.put(a32.ldr(1, 0, CaseInput.pattern.offset), a32.ldr(2, 0, CaseInput.scratch.offset));
  d.copyScratch(1, 2);
  d.put(a32.add(1, 0, CaseInput.d.offset), a32.vldmia(1, false), a32.vldmia(1, true));
  d.put(a32.ldr(1, 0, CaseInput.fpscr.offset), a32.vmsrFpscr(1), a32.mcrThreadRegister(1));
  d.put(a32.ldr(1, 0, CaseInput.cpsr.offset), a32.msrCpsr(1), a32.clrex);
  d.put(a32.add(sp, 0, CaseInput.r.offset), a32.ldmia(sp, false, 0x1fff));
  d.put(a32.ldr(lr, sp, 14 * 4), a32.ldr(sp, sp, 13 * 4));
  d.load(pc, 'target');

  const entry = d.here;
  d.literal(0, stackRecord);
  d.put(a32.mov(1, 0), a32.mov(7, sys_sigaltstack), a32.svc);
  for (const signal of [SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGVTALRM]) {
    d.put(a32.mov(0, signal));
    d.literal(1, actionRecord);
    d.put(a32.mov(2, 0), a32.mov(3, 8), a32.mov(7, sys_rt_sigaction), a32.svc);
  }
  d.put(a32.mov(0, ITIMER_VIRTUAL));
  d.literal(1, timerRecord);
  d.put(a32.mov(2, 0), a32.mov(7, sys_setitimer), a32.svc);
  d.branch(condition.al, next);

  const handler = d.here;
  d.put(a32.subs(3, 0, SIGVTALRM));
  const toTrap = d.branchForward(condition.ne);
  d.load(4, 'input');
  d.load(3, 'watched');
  d.store(4, 'watched');
  d.put(a32.cmpRegister(4, 3), a32.bxNe(lr));
  toTrap();
  d.put(a32.ldr(3, 1, infoAddress));
  d.load(1, 'output');
  d.put(a32.str(0, 1, CaseOutput.trap.offset), a32.str(3, 1, CaseOutput.address.offset), a32.add(0, 1, 0));
  d.put(a32.add(2, 2, contextR0), a32.add(1, 1, CaseOutput.r.offset));
  d.put(a32.ldmia(2, true, 0x0ff8), a32.stmia(1, true, 0x0ff8), a32.ldmia(2, true, 0x01f8), a32.stmia(1, true, 0x01f8));
  d.put(a32.ldmia(2, false, 0x0018), a32.str(3, 0, CaseOutput.pc.offset), a32.str(4, 0, CaseOutput.cpsr.offset));
  d.branch(condition.al, saveFloats);

  atEnd();
  d.literal(1, outputBase);
  d.load(2, 'output');
  d.put(a32.subsRegister(2, 2, 1));
  d.store(2, 'left');
  d.store(1, 'from');
  const write = d.here;
  d.put(a32.mov(0, 1));
  d.load(1, 'from');
  d.load(2, 'left');
  d.put(a32.mov(7, sys_write), a32.svc);
  d.load(1, 'from');
  d.put(a32.addRegister(1, 1, 0));
  d.store(1, 'from');
  d.load(2, 'left');
  d.put(a32.subsRegister(2, 2, 0));
  d.store(2, 'left');
  d.branch(condition.ne, write);
  d.put(a32.mov(0, 0), a32.mov(7, sys_exit), a32.svc);
  if (d.here > variableBase) throw new RangeError('the driver is too long');

  const data: (readonly [number, number])[] = d.pool.map((value, i) => [poolBase + i * 4, value] as const);
  data.push([variable('input'), inputBase], [variable('output'), outputBase]);
  data.push([stackRecord, altStackBase], [stackRecord + 8, altStackBytes]);
  data.push([actionRecord, handler], [actionRecord + 4, SA_SIGINFO | SA_ONSTACK | SA_NODEFER]);
  data.push([timerRecord + 4, timerUs], [timerRecord + 12, timerUs]);
  return { words: d.words, entry, data };
}
