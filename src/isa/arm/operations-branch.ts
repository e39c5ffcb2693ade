/** Branches, IT, and the instructions that hand over to the system (A8.8, B to TBH; SVC, BKPT, UDF). */
import { Var } from '../../ir/variables.table.ts';
import {
  type Flow,
  type FlowContext,
  flowCallIndirect,
  flowIndirect,
  flowNext,
  flowReturn,
  flowStop,
  pcValue,
} from './flow.ts';
import type { I32, Lowering } from './lowering.ts';
import { type Operation, operation } from './row.ts';

export interface Branch {
  /** Bytes from the pc, signed. */
  readonly offset: number;
}

/** The target of a branch that keeps the instruction set, with bit 0 = Thumb. */
const sameSet = (o: Branch, at: FlowContext): number => ((pcValue(at) + o.offset) | (at.thumb ? 1 : 0)) >>> 0;
/** The target of BLX (immediate), which changes it; the pc is aligned first when the target is A32 (A8.8.25). */
const otherSet = (o: Branch, at: FlowContext): number =>
  (at.thumb ? (pcValue(at) & ~3) + o.offset : (pcValue(at) + o.offset) | 1) >>> 0;

export const B: Operation<Branch> = operation(
  (l, o) => l.jump(sameSet(o, l)),
  (o, at) => ({ kind: 'jump', target: sameSet(o, at), conditional: false }),
);

const link = (l: Lowering): void => l.write(14, l.constant(l.next));

export const BL: Operation<Branch> = operation(
  (l, o) => {
    link(l);
    l.call(sameSet(o, l));
  },
  (o, at) => ({ kind: 'call', target: sameSet(o, at), conditional: false }),
);

/** BLX (immediate). */
export const BLXi: Operation<Branch> = operation(
  (l, o) => {
    link(l);
    l.call(otherSet(o, l));
  },
  (o, at) => ({ kind: 'call', target: otherSet(o, at), conditional: false }),
);

export interface BranchRegister {
  readonly m: number;
}

/** BX; BXJ does the same where there is no Jazelle (A8.8.28). */
export const BX: Operation<BranchRegister> = operation(
  (l, o) => l.leave(l.read(o.m), o.m === 14),
  (o): Flow => (o.m === 14 ? flowReturn : flowIndirect),
);

/** BLX (register). */
export const BLXr: Operation<BranchRegister> = operation(
  (l, o) => {
    const target = l.read(o.m);
    link(l);
    l.callIndirect(target);
  },
  () => flowCallIndirect,
);

export interface CompareBranch {
  readonly n: number;
  readonly nonzero: number;
  readonly offset: number;
}

export const CBZ: Operation<CompareBranch> = {
  lower(l, o) {
    const value = l.read(o.n);
    l.branch(o.nonzero !== 0 ? value : l.eqz(value), sameSet(o, l));
  },
  flow: (o, at) => ({ kind: 'jump', target: sameSet(o, at), conditional: true }),
  // Not permitted in IT blocks, so there is no condition but its own.
  unconditional: true,
};

export interface TableBranch {
  readonly n: number;
  readonly m: number;
  /** Table entries are halfwords (TBH). */
  readonly halfwords: number;
}

export const TBB: Operation<TableBranch> = operation(
  (l, o) => {
    const entry = l.add(l.read(o.n), l.shl(l.read(o.m), o.halfwords));
    l.checkRead(entry, 0, o.halfwords !== 0 ? 2 : 1);
    const distance: I32 = l.load(o.halfwords !== 0 ? 'load.16u' : 'load.8u', entry, 0);
    l.leave(l.add(l.shl(distance, 1), l.constant(l.pc | 1)), false);
  },
  () => flowIndirect,
);

/** IT: the scanner gives its condition and mask to the instructions that follow (A8.8.54). */
export const IT: Operation<unknown> = { lower() {}, startsIt: true };

export interface Immediate {
  readonly immediate: number;
}

export const SVC: Operation<Immediate> = operation(
  (l, o) => l.builder.emit('exit.syscall', o.immediate, l.next | 0, l.itstateNext),
  () => flowStop,
);

export const BKPT: Operation<Immediate> = {
  lower: (l, o) => l.builder.emit('exit.breakpoint', o.immediate),
  flow: () => flowStop,
  unconditional: true,
};

/** UDF, and SETEND BE: big-endian data is not supported. */
export const UDF: Operation<unknown> = operation(
  (l) => l.undefinedInstruction(),
  () => flowStop,
);

/** Hints, and barriers that only order what the emulator keeps in order anyway (ISB). */
export const NOP: Operation<unknown> = operation(() => {});

/** DMB and DSB: a full barrier whatever the option (A8.8.43). */
export const DMB: Operation<unknown> = operation((l) => {
  l.builder.emit('fence');
});

/** SETEND (A8.8.167). */
export const SETEND: Operation<{ readonly bigEndian: number }> = operation(
  (l, o) => {
    if (o.bigEndian !== 0) l.undefinedInstruction();
  },
  (o) => (o.bigEndian !== 0 ? flowStop : flowNext),
);

/** MRS of APSR (A8.8.109); the other bits read as User mode has them: mode 10000. */
export const MRS: Operation<{ readonly d: number }> = operation((l, o) => {
  const n = l.andImmediate(l.get(Var.nf), 0x80000000);
  const z = l.shl(l.eqz(l.get(Var.zf)), 30);
  const c = l.shl(l.get(Var.cf), 29);
  const v = l.shl(l.shrU(l.get(Var.vf), 31), 28);
  const q = l.shl(l.get(Var.qf), 27);
  const ge = l.shl(l.get(Var.ge), 16);
  l.write(o.d, l.or(l.or(l.or(n, z), l.or(c, v)), l.or(l.or(q, ge), l.constant(0x10))));
});

/** MSR to APSR: bit 3 of the mask writes N, Z, C, V and Q, bit 2 GE; User mode ignores the rest (A8.8.111). */
function writeApsr(l: Lowering, value: I32, mask: number): void {
  if ((mask & 8) !== 0) {
    l.setFlags(value, l.eqz(l.field(value, 30, 30)), l.field(value, 29, 29), l.shl(value, 3));
    l.set(Var.qf, l.field(value, 27, 27));
  }
  if ((mask & 4) !== 0) l.set(Var.ge, l.field(value, 19, 16));
}

export const MSRi: Operation<{ readonly immediate: number; readonly mask: number }> = operation((l, o) =>
  writeApsr(l, l.constant(o.immediate), o.mask),
);
export const MSRr: Operation<{ readonly n: number; readonly mask: number }> = operation((l, o) =>
  writeApsr(l, l.read(o.n), o.mask),
);

/** MRC and MCR of a thread register: TPIDRURO (B4.1.151) or TPIDRURW (B4.1.152). */
const readThreadRegister = (variable: number): Operation<{ readonly t: number }> =>
  operation((l, o) => l.write(o.t, l.get(variable)));
export const MRC_TPIDRURO = readThreadRegister(Var.tpidruro);
export const MRC_TPIDRURW = readThreadRegister(Var.tpidrurw);
export const MCR_TPIDRURW: Operation<{ readonly t: number }> = operation((l, o) => l.set(Var.tpidrurw, l.read(o.t)));
