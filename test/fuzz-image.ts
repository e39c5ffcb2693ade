/**
 * The program that runs a batch of cases under the reference emulator: a static ELF file of A32 code made here, without
 * a compiler. For each case it loads every register from the case's input record, jumps to its code, and stores every
 * register into its output record; at the end it writes all the output records to file descriptor 1. A signal handler
 * notes the signal and the interrupted registers in the record and goes on with the next case; a timer does so with a case that hangs.
 *
 *   driver      code, entered at its first word; `variables` lies within reach of pc-relative loads
 *   pads        landing pads for indirect branches, A32 and Thumb
 *   inputs      CaseInput records, then the scratch patterns
 *   code        the cases' instructions, each followed by a jump to the driver's `save`
 *   outputs     CaseOutput records (zero at the start)
 *   scratch     one page, far from everything else: the only memory that cases load and store
 */
import { alignUp } from '../src/base/bits.ts';
import { a32, condition, lr, pc, sp } from './fuzz-assembler.ts';
import { CaseInput, CaseOutput, type FuzzCase, scratchBytes } from './fuzz-case.ts';

const imageBase = 0x00010000;
const driverBase = imageBase + 0x1000 - 0x400;
const variableBase = imageBase + 0x1000;
const altStackBase = imageBase + 0x2000;
const altStackBytes = 0x4000;
const padBase = imageBase + 0x6000;
const pageBytes = 0x1000;
/** Cases in one image at the most, and bytes of code that each has. */
export const casesMax = 4096;
const codeBytes = 128;
const codeBase = imageBase + 0x8000;
const patternBase = codeBase + casesMax * codeBytes;
export const patternsMax = 32;
const inputBase = patternBase + patternsMax * scratchBytes;
const outputBase = alignUp(inputBase + casesMax * CaseInput.bytes, pageBytes);
export const scratchPage = 0x40000000;
/** Cases see the middle of the page, so that near misses stay inside it. */
export const scratchBase = scratchPage + 0x800;

const SIGILL = 4;
const SIGTRAP = 5;
const SIGBUS = 7;
const SIGFPE = 8;
const SIGSEGV = 11;
const SIGALRM = 14;
const sys_exit = 1;
const sys_write = 4;
const sys_setitimer = 104;
const sys_rt_sigaction = 174;
const sys_sigaltstack = 186;
const SA_SIGINFO = 4;
/** Bytes from a signal handler's ucontext_t to the saved r0, which r1 to pc and cpsr follow (asm/ucontext.h). */
const contextR0 = 32;
const SA_ONSTACK = 0x08000000;
const SA_NODEFER = 0x40000000;

/** Words of the variable page, by name. */
const variableNames = [
  'input',
  'inputEnd',
  'output',
  'target',
  'savedSp',
  'left',
  'from',
  'scratch',
  'watched',
] as const;
type VariableName = (typeof variableNames)[number];
const variable = (name: VariableName): number => variableBase + variableNames.indexOf(name) * 4;
const stackRecord = variableBase + 0x100;
const actionRecord = variableBase + 0x120;
const timerRecord = variableBase + 0x140;
/** A case that is still running when the timer fires for the second time is stuck, and is given up. */
const timerUs = 300_000;
const poolBase = variableBase + 0x200;

/** LDR pc, [pc, #-4] before its literal; LDR.W pc, [pc] likewise (at a multiple of 4). */
const jumpA32 = 0xe51ff004;
const jumpThumb = [0xf8df, 0xf000] as const;
const nopThumb = 0xbf00;

/** The landing pads' instructions add a register each, so that the sum tells where control arrived. */
const padCount = 8;
const padA32 = (index: number): number => a32.addRegister(0, 0, 1 + index);
const padThumb = (index: number): number => 0x4400 | ((1 + index) << 3);

class Driver {
  readonly words: number[] = [];
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
  readonly pool: number[] = [];
  branch(on: number, target: number): void {
    this.put(a32.branch(on, target - this.here));
  }
  /** Copies the scratch area between two pointers, both advanced; uses r3 to r11. */
  copyScratch(from: number, to: number): void {
    this.put(a32.mov(11, scratchBytes / 32));
    const loop = this.here;
    this.put(a32.ldmia(from, true, 0x07f8), a32.stmia(to, true, 0x07f8), a32.subs(11, 11, 1));
    this.branch(condition.ne, loop);
  }
}

interface DriverCode {
  readonly words: readonly number[];
  readonly pool: readonly number[];
  /** Where cases go when they are done. */
  readonly save: number;
  readonly handler: number;
}

function makeDriver(): DriverCode {
  const d = new Driver();
  d.literal(0, stackRecord);
  d.put(a32.mov(1, 0), a32.mov(7, sys_sigaltstack), a32.svc);
  for (const signal of [SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGALRM]) {
    d.put(a32.mov(0, signal));
    d.literal(1, actionRecord);
    d.put(a32.mov(2, 0), a32.mov(3, 8), a32.mov(7, sys_rt_sigaction), a32.svc);
  }

  d.put(a32.mov(0, 0));
  d.literal(1, timerRecord);
  d.put(a32.mov(2, 0), a32.mov(7, sys_setitimer), a32.svc);

  const next = d.here;
  d.load(0, 'input');
  d.load(1, 'inputEnd');
  d.put(a32.cmpRegister(0, 1));
  const toEnd = d.words.length;
  d.put(0);
  d.literal(1, CaseInput.bytes);
  d.put(a32.addRegister(1, 0, 1));
  d.store(1, 'input');
  d.put(a32.ldr(1, 0, CaseInput.code.offset));
  d.store(1, 'target');
  d.put(a32.ldr(1, 0, CaseInput.pattern.offset));
  d.load(2, 'scratch');
  d.copyScratch(1, 2);
  d.put(a32.add(1, 0, CaseInput.d.offset), a32.vldmia(1, false), a32.vldmia(1, true));
  d.put(a32.ldr(1, 0, CaseInput.fpscr.offset), a32.vmsrFpscr(1), a32.mcrThreadRegister(1));
  d.put(a32.ldr(1, 0, CaseInput.cpsr.offset), a32.msrCpsr(1), a32.clrex);
  d.put(a32.add(sp, 0, CaseInput.r.offset), a32.ldmia(sp, false, 0x1fff));
  d.put(a32.ldr(lr, sp, 14 * 4), a32.ldr(sp, sp, 13 * 4));
  d.load(pc, 'target');

  const save = d.here;
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
  d.load(2, 'scratch');
  d.copyScratch(2, 1);

  d.literal(1, CaseOutput.bytes);
  d.put(a32.addRegister(0, 0, 1));
  d.store(0, 'output');
  d.branch(condition.al, next);

  const handler = d.here;
  d.put(a32.subs(1, 0, SIGALRM));
  const toTrap = d.words.length;
  d.put(0);
  d.load(1, 'input');
  d.load(3, 'watched');
  d.store(1, 'watched');
  d.put(a32.cmpRegister(1, 3), a32.bxNe(lr));
  d.words[toTrap] = a32.branch(condition.ne, d.words.length * 4 - toTrap * 4);
  d.load(1, 'output');
  d.put(a32.str(0, 1, CaseOutput.trap.offset), a32.add(0, 1, 0));
  d.put(a32.add(2, 2, contextR0), a32.add(1, 1, CaseOutput.r.offset));
  d.put(a32.ldmia(2, true, 0x0ff8), a32.stmia(1, true, 0x0ff8), a32.ldmia(2, true, 0x01f8), a32.stmia(1, true, 0x01f8));
  d.put(a32.ldmia(2, false, 0x0018), a32.str(3, 0, CaseOutput.pc.offset), a32.str(4, 0, CaseOutput.cpsr.offset));
  d.branch(condition.al, saveFloats);

  d.words[toEnd] = a32.branch(condition.eq, d.words.length * 4 - toEnd * 4);
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
  return { words: d.words, pool: d.pool, save, handler };
}

/** Addresses that indirect branches may go to: the A32 pads, and the Thumb pads with bit 0 set. */
export const padsA32: readonly number[] = Array.from({ length: padCount }, (_, i) => padBase + i * 4);
const padThumbBase = padBase + 0x100;
export const padsThumb: readonly number[] = Array.from({ length: padCount }, (_, i) => (padThumbBase + i * 2) | 1);

const driver = makeDriver();
/** Where a case that has run to its end goes. */
export const saveAddress = driver.save;

/** Writes code into guest memory of which `view` shows the part from `base` on. */
class CodeWriter {
  readonly view: DataView;
  readonly base: number;
  at: number;
  constructor(view: DataView, base: number, at: number) {
    this.view = view;
    this.base = base;
    this.at = at;
  }
  half(value: number): void {
    this.view.setUint16(this.at - this.base, value, true);
    this.at += 2;
  }
  word(value: number): void {
    this.view.setUint32(this.at - this.base, value >>> 0, true);
    this.at += 4;
  }
  /** Landing pads (if wanted) and the jump to `save`, in one instruction set; gives the pads' addresses. */
  tail(thumb: boolean, pads: boolean): number[] {
    const landings: number[] = [];
    for (let i = 0; pads && i < padCount; i++) {
      landings.push(thumb ? this.at | 1 : this.at);
      if (thumb) this.half(padThumb(i));
      else this.word(padA32(i));
    }
    if (thumb) {
      if (this.at & 2) this.half(nopThumb);
      for (const half of jumpThumb) this.half(half);
    } else this.word(jumpA32);
    this.word(saveAddress);
    return landings;
  }
}

/** Where a case's code stands. Entry and end (behind the instructions) have bit 0 set for Thumb. */
export interface CasePlace {
  readonly start: number;
  readonly entry: number;
  readonly end: number;
  /** Where direct branches may land (bit 0 set for Thumb): every pad, and `end`. */
  readonly landings: readonly number[];
}

export const caseStart = (index: number): number => codeBase + index * codeBytes;

/**
 * Writes the code of case `index` into guest memory of which `view` shows the part from `base` on: landing pads before
 * and behind the instructions if the case has them, and the jump to the driver. What is left is data for literals:
 * addresses of landing pads and other words.
 */
export function placeCase(view: DataView, base: number, index: number, one: FuzzCase): CasePlace {
  const start = caseStart(index);
  for (let at = start; at < start + codeBytes; at += 4)
    view.setUint32(
      at - base,
      at & 4 ? literalPads[(at >>> 3) % literalPads.length]! : Math.imul(at, 0x9e3779b1) >>> 0,
      true,
    );
  const writer = new CodeWriter(view, base, start);
  const other = one.landing === 'exchange';
  const landings = one.landing === 'none' ? [] : writer.tail(one.thumb !== other, true);
  if (one.thumb && one.odd) writer.half(nopThumb);
  const bit = one.thumb ? 1 : 0;
  const entry = writer.at | bit;
  for (const half of one.halfwords) writer.half(half);
  const end = writer.at | bit;
  if (other && writer.at & 2) writer.half(nopThumb);
  landings.push(end, ...writer.tail(one.thumb !== other, one.landing !== 'none'));
  if (writer.at > start + codeBytes) throw new RangeError('the case is too long');
  return { start, entry, end, landings };
}
const literalPads = [...padsA32, ...padsThumb];
export const caseCodeBytes = codeBytes;

/** Writes the pads that indirect branches may go to. */
export function placePads(view: DataView, base: number): void {
  new CodeWriter(view, base, padBase).tail(false, true);
  new CodeWriter(view, base, padThumbBase).tail(true, true);
}

function elfFile(bytes: Uint8Array, memoryBytes: number): Uint8Array {
  const headerBytes = 0x34;
  const programBytes = 0x20;
  const file = new Uint8Array(pageBytes + bytes.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, 40, true); // EM_ARM
  view.setUint32(20, 1, true);
  view.setUint32(24, driverBase, true);
  view.setUint32(28, headerBytes, true);
  view.setUint32(36, 0x05000400, true); // EABI 5, hard float
  view.setUint16(40, headerBytes, true);
  view.setUint16(42, programBytes, true);
  view.setUint16(44, 2, true);
  const segment = (index: number, offset: number, address: number, fileBytes: number, size: number, flags: number) => {
    const fields = [1, offset, address, address, fileBytes, size, flags, pageBytes];
    fields.forEach((field, i) => {
      view.setUint32(headerBytes + index * programBytes + i * 4, field, true);
    });
  };
  segment(0, pageBytes, imageBase, bytes.length, memoryBytes, 7);
  segment(1, 0, scratchPage, 0, pageBytes, 6);
  file.set(bytes, pageBytes);
  return file;
}

/**
 * The program that runs the cases, with their scratch patterns (of scratchBytes each).
 * @returns an ELF file
 */
export function makeImage(cases: readonly FuzzCase[], patterns: readonly Int32Array[]): Uint8Array {
  if (cases.length > casesMax || patterns.length > patternsMax) throw new RangeError('too many cases or patterns');
  const inputEnd = inputBase + cases.length * CaseInput.bytes;
  const bytes = new Uint8Array(inputEnd - imageBase);
  const view = new DataView(bytes.buffer);
  const put32 = (address: number, value: number): void => view.setUint32(address - imageBase, value >>> 0, true);
  const put32s = (address: number, values: ArrayLike<number>): void => {
    for (let i = 0; i < values.length; i++) put32(address + i * 4, values[i]!);
  };

  if (driverBase + driver.words.length * 4 > variableBase) throw new RangeError('the driver is too long');
  put32s(driverBase, driver.words);
  put32s(poolBase, driver.pool);
  put32(variable('input'), inputBase);
  put32(variable('inputEnd'), inputEnd);
  put32(variable('output'), outputBase);
  put32(variable('scratch'), scratchBase);
  put32(stackRecord, altStackBase);
  put32(stackRecord + 8, altStackBytes);
  put32(actionRecord, driver.handler);
  put32(actionRecord + 4, SA_SIGINFO | SA_ONSTACK | SA_NODEFER);
  put32s(timerRecord, [0, timerUs, 0, timerUs]);
  placePads(view, imageBase);
  patterns.forEach((pattern, index) => {
    put32s(patternBase + index * scratchBytes, pattern);
  });
  cases.forEach((one, index) => {
    const record = inputBase + index * CaseInput.bytes;
    put32(record + CaseInput.code.offset, placeCase(view, imageBase, index, one).entry);
    put32(record + CaseInput.pattern.offset, patternBase + one.pattern * scratchBytes);
    put32(record + CaseInput.cpsr.offset, one.state.cpsr);
    put32(record + CaseInput.fpscr.offset, one.state.fpscr);
    put32s(record + CaseInput.r.offset, one.state.r);
    put32s(record + CaseInput.d.offset, one.state.s);
  });
  return elfFile(bytes, outputBase - imageBase + cases.length * CaseOutput.bytes);
}
