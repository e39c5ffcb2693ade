/** A32 instructions (A5). */

import * as crypto from './crypto.ts';
import * as f from './formats.ts';
import * as g from './formats-memory.ts';
import * as branch from './operations-branch.ts';
import * as data from './operations-data.ts';
import * as exclusive from './operations-exclusive.ts';
import * as media from './operations-media.ts';
import * as memory from './operations-memory.ts';
import * as multiply from './operations-multiply.ts';
import * as saturate from './operations-saturate.ts';
import { a32, needs, notPc, type Row } from './row.ts';

/** An instruction that sets the flags and writes the pc returns from an exception: not in User mode. */
const noReturn = { when: (x: { d: number; S: number }) => x.d !== 15 || x.S === 0 };
/** With writeback the base may be neither the pc nor (in loads and stores) the register transferred. */
const base = {
  when: (x: { P: number; W: number; n: number }) => (x.P === 1 && x.W === 0) || x.n !== 15,
  unpredictable: (x: { P: number; W: number; n: number; t: number }) => (x.P === 0 || x.W === 1) && x.n === x.t,
  rule: 'write-back to Rt',
};
/** P = 0 and W = 1 are the unprivileged forms. */
const notUser = { when: (x: { P: number; W: number }) => x.P === 1 || x.W === 0 };
const even = {
  when: (x: { t: number }) => (x.t & 1) === 0 && x.t !== 14,
  unpredictable: (x: { t: number; n: number; P: number; W: number }) => (x.P === 0 || x.W === 1) && x.n === x.t + 1,
  rule: 'write-back to Rt2',
};
const evenIndex = {
  unpredictable: (x: { t: number; m: number }) => x.m === x.t || x.m === x.t + 1,
  rule: 'Rm is Rt or Rt2',
};
const post = {
  when: (x: { n: number; t: number }) => x.n !== 15,
  unpredictable: (x: { n: number; t: number }) => x.n === x.t,
  rule: 'write-back to Rt',
};
const list = {
  when: (x: { n: number; r: number }) => x.n !== 15 && x.r !== 0,
  unpredictable: (x: { n: number; r: number; W: number }) => x.W === 1 && (x.r & (1 << x.n)) !== 0,
  rule: 'write-back to a register of the list',
};
const storeList = {
  when: (x: { n: number; r: number }) => x.n !== 15 && x.r !== 0,
  unpredictable: (x: { n: number; r: number; W: number }) =>
    x.W === 1 && (x.r & (1 << x.n)) !== 0 && (x.r & ((1 << x.n) - 1)) !== 0,
  rule: 'write-back to a register of the list that is not its lowest (the stored value is UNKNOWN)',
};
const two = { unpredictable: (x: { h: number; b: number }) => x.h === x.b, rule: 'RdLo is RdHi' };
const status = {
  unpredictable: (x: { d: number; t: number; n: number }) => x.d === x.t || x.d === x.n,
  rule: 'Rd is Rt or Rn',
};
const pair = { when: (x: { t: number }) => (x.t & 1) === 0 && x.t !== 14 };
const statusPair = {
  unpredictable: (x: { d: number; t: number; n: number }) => x.d === x.t || x.d === x.n || x.d === x.t + 1,
  rule: 'Rd is Rt, Rt2 or Rn',
};
const msb = { when: (x: { i: number; w: number }) => x.w >= x.i };
const extract = { when: (x: { i: number; w: number }) => x.i + x.w <= 31 };
const swapped = {
  unpredictable: (x: { t: number; u: number; n: number }) => x.n === x.t || x.n === x.u,
  rule: 'Rn is Rt or Rt2',
};
/** The application level writes the flags and GE; a mask of 0 is a hint. */
const apsr = {
  when: (x: { k: number }) => x.k !== 0,
  unpredictable: (x: { k: number }) => (x.k & 3) !== 0,
  rule: 'fields beside APSR_nzcvqg (the application level has no others)',
};

/** Bytes, halfwords or words. */
const checked = { when: (x: { z: number }) => x.z !== 3 };
const always = { unpredictable: (x: { c: number }) => x.c !== 14, rule: 'conditional' };

// biome-ignore format: one row a line
export const a32Rows: readonly Row[] = [
  // Data processing (register) (A5.2.1)
  a32('AND (register) A1',        'A8.8.14',  'cccc0000000Snnnnddddiiiiiyy0mmmm', f.dnmShift, data.AND, noReturn),
  a32('EOR (register) A1',        'A8.8.47',  'cccc0000001Snnnnddddiiiiiyy0mmmm', f.dnmShift, data.EOR, noReturn),
  a32('SUB (register) A1',        'A8.8.223', 'cccc0000010Snnnnddddiiiiiyy0mmmm', f.dnmShift, data.SUB, noReturn),
  a32('RSB (register) A1',        'A8.8.153', 'cccc0000011Snnnnddddiiiiiyy0mmmm', f.dnmShift, data.RSB, noReturn),
  a32('ADD (register) A1',        'A8.8.7',   'cccc0000100Snnnnddddiiiiiyy0mmmm', f.dnmShift, data.ADD, noReturn),
  a32('ADC (register) A1',        'A8.8.2',   'cccc0000101Snnnnddddiiiiiyy0mmmm', f.dnmShift, data.ADC, noReturn),
  a32('SBC (register) A1',        'A8.8.162', 'cccc0000110Snnnnddddiiiiiyy0mmmm', f.dnmShift, data.SBC, noReturn),
  a32('RSC (register) A1',        'A8.8.156', 'cccc0000111Snnnnddddiiiiiyy0mmmm', f.dnmShift, data.RSC, noReturn),
  a32('TST (register) A1',        'A8.8.241', 'cccc00010001nnnnooooiiiiiyy0mmmm', f.nmShift, data.TST),
  a32('TEQ (register) A1',        'A8.8.238', 'cccc00010011nnnnooooiiiiiyy0mmmm', f.nmShift, data.TEQ),
  a32('CMP (register) A1',        'A8.8.38',  'cccc00010101nnnnooooiiiiiyy0mmmm', f.nmShift, data.CMP),
  a32('CMN (register) A1',        'A8.8.35',  'cccc00010111nnnnooooiiiiiyy0mmmm', f.nmShift, data.CMN),
  a32('ORR (register) A1',        'A8.8.123', 'cccc0001100Snnnnddddiiiiiyy0mmmm', f.dnmShift, data.ORR, noReturn),
  a32('MOV (register) A1',        'A8.8.104', 'cccc0001101Sooooddddiiiiiyy0mmmm', f.dmShift, data.MOV, noReturn),
  a32('BIC (register) A1',        'A8.8.22',  'cccc0001110Snnnnddddiiiiiyy0mmmm', f.dnmShift, data.BIC, noReturn),
  a32('MVN (register) A1',        'A8.8.116', 'cccc0001111Sooooddddiiiiiyy0mmmm', f.dmShift, data.MVN, noReturn),

  // Data processing (register-shifted register) (A5.2.2)
  a32('AND (register-shifted register) A1', 'A8.8.15',  'cccc0000000Snnnnddddssss0yy1mmmm', f.dnmRegisterShift, data.AND, notPc('dnms')),
  a32('EOR (register-shifted register) A1', 'A8.8.48',  'cccc0000001Snnnnddddssss0yy1mmmm', f.dnmRegisterShift, data.EOR, notPc('dnms')),
  a32('SUB (register-shifted register) A1', 'A8.8.224', 'cccc0000010Snnnnddddssss0yy1mmmm', f.dnmRegisterShift, data.SUB, notPc('dnms')),
  a32('RSB (register-shifted register) A1', 'A8.8.154', 'cccc0000011Snnnnddddssss0yy1mmmm', f.dnmRegisterShift, data.RSB, notPc('dnms')),
  a32('ADD (register-shifted register) A1', 'A8.8.8',   'cccc0000100Snnnnddddssss0yy1mmmm', f.dnmRegisterShift, data.ADD, notPc('dnms')),
  a32('ADC (register-shifted register) A1', 'A8.8.3',   'cccc0000101Snnnnddddssss0yy1mmmm', f.dnmRegisterShift, data.ADC, notPc('dnms')),
  a32('SBC (register-shifted register) A1', 'A8.8.163', 'cccc0000110Snnnnddddssss0yy1mmmm', f.dnmRegisterShift, data.SBC, notPc('dnms')),
  a32('RSC (register-shifted register) A1', 'A8.8.157', 'cccc0000111Snnnnddddssss0yy1mmmm', f.dnmRegisterShift, data.RSC, notPc('dnms')),
  a32('TST (register-shifted register) A1', 'A8.8.242', 'cccc00010001nnnnoooossss0yy1mmmm', f.nmRegisterShift, data.TST, notPc('nms')),
  a32('TEQ (register-shifted register) A1', 'A8.8.239', 'cccc00010011nnnnoooossss0yy1mmmm', f.nmRegisterShift, data.TEQ, notPc('nms')),
  a32('CMP (register-shifted register) A1', 'A8.8.39',  'cccc00010101nnnnoooossss0yy1mmmm', f.nmRegisterShift, data.CMP, notPc('nms')),
  a32('CMN (register-shifted register) A1', 'A8.8.36',  'cccc00010111nnnnoooossss0yy1mmmm', f.nmRegisterShift, data.CMN, notPc('nms')),
  a32('ORR (register-shifted register) A1', 'A8.8.124', 'cccc0001100Snnnnddddssss0yy1mmmm', f.dnmRegisterShift, data.ORR, notPc('dnms')),
  a32('MOV (register-shifted register) A1', 'A8.8.105', 'cccc0001101Sooooddddssss0yy1mmmm', f.dmRegisterShift, data.MOV, notPc('dms')),
  a32('BIC (register-shifted register) A1', 'A8.8.23',  'cccc0001110Snnnnddddssss0yy1mmmm', f.dnmRegisterShift, data.BIC, notPc('dnms')),
  a32('MVN (register-shifted register) A1', 'A8.8.117', 'cccc0001111Sooooddddssss0yy1mmmm', f.dmRegisterShift, data.MVN, notPc('dms')),

  // Data processing (immediate) (A5.2.3)
  a32('AND (immediate) A1',       'A8.8.13',  'cccc0010000Snnnnddddiiiiiiiiiiii', f.armDni, data.AND, noReturn),
  a32('EOR (immediate) A1',       'A8.8.46',  'cccc0010001Snnnnddddiiiiiiiiiiii', f.armDni, data.EOR, noReturn),
  a32('SUB (immediate) A1',       'A8.8.222', 'cccc0010010Snnnnddddiiiiiiiiiiii', f.armDni, data.SUB, noReturn),
  a32('RSB (immediate) A1',       'A8.8.152', 'cccc0010011Snnnnddddiiiiiiiiiiii', f.armDni, data.RSB, noReturn),
  a32('ADD (immediate) A1',       'A8.8.5',   'cccc0010100Snnnnddddiiiiiiiiiiii', f.armDni, data.ADD, noReturn),
  a32('ADC (immediate) A1',       'A8.8.1',   'cccc0010101Snnnnddddiiiiiiiiiiii', f.armDni, data.ADC, noReturn),
  a32('SBC (immediate) A1',       'A8.8.161', 'cccc0010110Snnnnddddiiiiiiiiiiii', f.armDni, data.SBC, noReturn),
  a32('RSC (immediate) A1',       'A8.8.155', 'cccc0010111Snnnnddddiiiiiiiiiiii', f.armDni, data.RSC, noReturn),
  a32('TST (immediate) A1',       'A8.8.240', 'cccc00110001nnnnooooiiiiiiiiiiii', f.armNi, data.TST),
  a32('TEQ (immediate) A1',       'A8.8.237', 'cccc00110011nnnnooooiiiiiiiiiiii', f.armNi, data.TEQ),
  a32('CMP (immediate) A1',       'A8.8.37',  'cccc00110101nnnnooooiiiiiiiiiiii', f.armNi, data.CMP),
  a32('CMN (immediate) A1',       'A8.8.34',  'cccc00110111nnnnooooiiiiiiiiiiii', f.armNi, data.CMN),
  a32('ORR (immediate) A1',       'A8.8.122', 'cccc0011100Snnnnddddiiiiiiiiiiii', f.armDni, data.ORR, noReturn),
  a32('MOV (immediate) A1',       'A8.8.102', 'cccc0011101Sooooddddiiiiiiiiiiii', f.armDi, data.MOV, noReturn),
  a32('BIC (immediate) A1',       'A8.8.21',  'cccc0011110Snnnnddddiiiiiiiiiiii', f.armDni, data.BIC, noReturn),
  a32('MVN (immediate) A1',       'A8.8.115', 'cccc0011111Sooooddddiiiiiiiiiiii', f.armDi, data.MVN, noReturn),
  a32('MOV (immediate) A2',       'A8.8.102', 'cccc00110000iiiiddddiiiiiiiiiiii', f.half, data.MOVW, notPc('d')),
  a32('MOVT A1',                  'A8.8.106', 'cccc00110100iiiiddddiiiiiiiiiiii', f.half, data.MOVT, notPc('d')),

  // Multiply and multiply accumulate (A5.2.5)
  a32('MUL A1',                   'A8.8.114', 'cccc0000000Sddddoooommmm1001nnnn', f.multiplyFlags, multiply.MUL, notPc('dnm')),
  a32('MLA A1',                   'A8.8.100', 'cccc0000001Sddddaaaammmm1001nnnn', f.multiplyAddFlags, multiply.MLA, notPc('dnma')),
  a32('UMAAL A1',                 'A8.8.255', 'cccc00000100hhhhbbbbmmmm1001nnnn', f.multiplyLong, multiply.UMAAL, notPc('hbnm'), two),
  a32('MLS A1',                   'A8.8.101', 'cccc00000110ddddaaaammmm1001nnnn', f.multiplyAdd, multiply.MLS, notPc('dnma')),
  a32('UMULL A1',                 'A8.8.257', 'cccc0000100Shhhhbbbbmmmm1001nnnn', f.multiplyLongFlags, multiply.UMULL, notPc('hbnm'), two),
  a32('UMLAL A1',                 'A8.8.256', 'cccc0000101Shhhhbbbbmmmm1001nnnn', f.multiplyLongFlags, multiply.UMLAL, notPc('hbnm'), two),
  a32('SMULL A1',                 'A8.8.189', 'cccc0000110Shhhhbbbbmmmm1001nnnn', f.multiplyLongFlags, multiply.SMULL, notPc('hbnm'), two),
  a32('SMLAL A1',                 'A8.8.178', 'cccc0000111Shhhhbbbbmmmm1001nnnn', f.multiplyLongFlags, multiply.SMLAL, notPc('hbnm'), two),

  // Saturating addition and subtraction (A5.2.6)
  a32('QADD A1',                  'A8.8.134', 'cccc00010000nnnnddddoooo0101mmmm', f.dnm, saturate.QADD, notPc('dnm')),
  a32('QSUB A1',                  'A8.8.141', 'cccc00010010nnnnddddoooo0101mmmm', f.dnm, saturate.QSUB, notPc('dnm')),
  a32('QDADD A1',                 'A8.8.138', 'cccc00010100nnnnddddoooo0101mmmm', f.dnm, saturate.QDADD, notPc('dnm')),
  a32('QDSUB A1',                 'A8.8.139', 'cccc00010110nnnnddddoooo0101mmmm', f.dnm, saturate.QDSUB, notPc('dnm')),

  // Halfword multiply and multiply accumulate (A5.2.7)
  a32('SMLABB A1',                'A8.8.176', 'cccc00010000ddddaaaammmm1MN0nnnn', f.halvesXyAdd, multiply.SMLAxy, notPc('dnma')),
  a32('SMLAWB A1',                'A8.8.181', 'cccc00010010ddddaaaammmm1M00nnnn', f.halvesYAdd, multiply.SMLAWy, notPc('dnma')),
  a32('SMULWB A1',                'A8.8.190', 'cccc00010010ddddoooommmm1M10nnnn', f.halvesY, multiply.SMULWy, notPc('dnm')),
  a32('SMLALBB A1',               'A8.8.179', 'cccc00010100hhhhbbbbmmmm1MN0nnnn', f.halvesLongXy, multiply.SMLALxy, notPc('hbnm'), two),
  a32('SMULBB A1',                'A8.8.188', 'cccc00010110ddddoooommmm1MN0nnnn', f.halvesXy, multiply.SMULxy, notPc('dnm')),

  // Extra loads and stores (A5.2.8, A5.2.9)
  a32('STRH (register) A1',       'A8.8.218', 'cccc000PU0W0nnnnttttoooo1011mmmm', g.registerPlain, memory.STRH, notPc('tm'), base, notUser),
  a32('STRH (immediate) A1',      'A8.8.217', 'cccc000PU1W0nnnnttttiiii1011iiii', g.offsetUpDown, memory.STRH, notPc('t'), base, notUser),
  a32('LDRH (register) A1',       'A8.8.82',  'cccc000PU0W1nnnnttttoooo1011mmmm', g.registerPlain, memory.LDRH, notPc('tm'), base, notUser),
  a32('LDRH (immediate) A1',      'A8.8.80',  'cccc000PU1W1nnnnttttiiii1011iiii', g.offsetUpDown, memory.LDRH, notPc('t'), base, notUser),
  a32('LDRSB (register) A1',      'A8.8.86',  'cccc000PU0W1nnnnttttoooo1101mmmm', g.registerPlain, memory.LDRSB, notPc('tm'), base, notUser),
  a32('LDRSB (immediate) A1',     'A8.8.84',  'cccc000PU1W1nnnnttttiiii1101iiii', g.offsetUpDown, memory.LDRSB, notPc('t'), base, notUser),
  a32('LDRSH (register) A1',      'A8.8.90',  'cccc000PU0W1nnnnttttoooo1111mmmm', g.registerPlain, memory.LDRSH, notPc('tm'), base, notUser),
  a32('LDRSH (immediate) A1',     'A8.8.88',  'cccc000PU1W1nnnnttttiiii1111iiii', g.offsetUpDown, memory.LDRSH, notPc('t'), base, notUser),
  a32('LDRD (register) A1',       'A8.8.74',  'cccc000PU0W0nnnnttttoooo1101mmmm', g.registerPlain, memory.LDRD, notPc('m'), base, notUser, even, evenIndex),
  a32('LDRD (immediate) A1',      'A8.8.72',  'cccc000PU1W0nnnnttttiiii1101iiii', g.offsetUpDown, memory.LDRD, base, notUser, even),
  a32('STRD (register) A1',       'A8.8.211', 'cccc000PU0W0nnnnttttoooo1111mmmm', g.registerPlain, memory.STRD, notPc('m'), base, notUser, even, evenIndex),
  a32('STRD (immediate) A1',      'A8.8.210', 'cccc000PU1W0nnnnttttiiii1111iiii', g.offsetUpDown, memory.STRD, base, notUser, even),
  a32('LDRH (literal) A1',        'A8.8.81',  'cccc0001U1011111ttttiiii1011iiii', g.literal, memory.LDRH, notPc('t')),
  a32('LDRSB (literal) A1',       'A8.8.85',  'cccc0001U1011111ttttiiii1101iiii', g.literal, memory.LDRSB, notPc('t')),
  a32('LDRSH (literal) A1',       'A8.8.89',  'cccc0001U1011111ttttiiii1111iiii', g.literal, memory.LDRSH, notPc('t')),
  a32('LDRD (literal) A1',        'A8.8.73',  'cccc0001U1001111ttttiiii1101iiii', g.literal, memory.LDRD, pair),
  a32('STRHT A1',                 'A8.8.219', 'cccc0000U110nnnnttttiiii1011iiii', g.offsetPost, memory.STRH, notPc('t'), post),
  a32('STRHT A2',                 'A8.8.219', 'cccc0000U010nnnnttttoooo1011mmmm', g.registerPlainPost, memory.STRH, notPc('tm'), post),
  a32('LDRHT A1',                 'A8.8.83',  'cccc0000U111nnnnttttiiii1011iiii', g.offsetPost, memory.LDRH, notPc('t'), post),
  a32('LDRHT A2',                 'A8.8.83',  'cccc0000U011nnnnttttoooo1011mmmm', g.registerPlainPost, memory.LDRH, notPc('tm'), post),
  a32('LDRSBT A1',                'A8.8.87',  'cccc0000U111nnnnttttiiii1101iiii', g.offsetPost, memory.LDRSB, notPc('t'), post),
  a32('LDRSBT A2',                'A8.8.87',  'cccc0000U011nnnnttttoooo1101mmmm', g.registerPlainPost, memory.LDRSB, notPc('tm'), post),
  a32('LDRSHT A1',                'A8.8.91',  'cccc0000U111nnnnttttiiii1111iiii', g.offsetPost, memory.LDRSH, notPc('t'), post),
  a32('LDRSHT A2',                'A8.8.91',  'cccc0000U011nnnnttttoooo1111mmmm', g.registerPlainPost, memory.LDRSH, notPc('tm'), post),

  // Synchronization primitives (A5.2.10)
  a32('SWP A1',                   'A8.8.229', 'cccc00010000nnnnttttoooo1001uuuu', g.swap, exclusive.SWP, notPc('tun'), swapped),
  a32('SWPB A1',                  'A8.8.229', 'cccc00010100nnnnttttoooo1001uuuu', g.swap, exclusive.SWPB, notPc('tun'), swapped),
  a32('STREX A1',                 'A8.8.212', 'cccc00011000nnnnddddllll1001tttt', g.exclusiveStore, exclusive.STREX, notPc('dtn'), status),
  a32('STREXD A1',                'A8.8.214', 'cccc00011010nnnnddddllll1001tttt', g.exclusiveStore, exclusive.STREXD, notPc('dn'), pair, statusPair),
  a32('STREXB A1',                'A8.8.213', 'cccc00011100nnnnddddllll1001tttt', g.exclusiveStore, exclusive.STREXB, notPc('dtn'), status),
  a32('STREXH A1',                'A8.8.215', 'cccc00011110nnnnddddllll1001tttt', g.exclusiveStore, exclusive.STREXH, notPc('dtn'), status),
  a32('LDREX A1',                 'A8.8.75',  'cccc00011001nnnnttttllll1001llll', g.exclusiveLoad, exclusive.LDREX, notPc('tn')),
  a32('LDREXD A1',                'A8.8.77',  'cccc00011011nnnnttttllll1001llll', g.exclusiveLoad, exclusive.LDREXD, notPc('n'), pair),
  a32('LDREXB A1',                'A8.8.76',  'cccc00011101nnnnttttllll1001llll', g.exclusiveLoad, exclusive.LDREXB, notPc('tn')),
  a32('LDREXH A1',                'A8.8.78',  'cccc00011111nnnnttttllll1001llll', g.exclusiveLoad, exclusive.LDREXH, notPc('tn')),

  // Acquire and release (Armv8, DDI 0487 F5.1)
  a32('STL A1',                   'F5.1',     'cccc00011000nnnnllllll001001tttt', g.exclusiveLoad, exclusive.STL, notPc('tn'), needs('V8')),
  a32('STLB A1',                  'F5.1',     'cccc00011100nnnnllllll001001tttt', g.exclusiveLoad, exclusive.STLB, notPc('tn'), needs('V8')),
  a32('STLH A1',                  'F5.1',     'cccc00011110nnnnllllll001001tttt', g.exclusiveLoad, exclusive.STLH, notPc('tn'), needs('V8')),
  a32('LDA A1',                   'F5.1',     'cccc00011001nnnnttttll001001llll', g.exclusiveLoad, exclusive.LDA, notPc('tn'), needs('V8')),
  a32('LDAB A1',                  'F5.1',     'cccc00011101nnnnttttll001001llll', g.exclusiveLoad, exclusive.LDAB, notPc('tn'), needs('V8')),
  a32('LDAH A1',                  'F5.1',     'cccc00011111nnnnttttll001001llll', g.exclusiveLoad, exclusive.LDAH, notPc('tn'), needs('V8')),
  a32('STLEX A1',                 'F5.1',     'cccc00011000nnnnddddll101001tttt', g.exclusiveStore, exclusive.STLEX, notPc('dtn'), status, needs('V8')),
  a32('STLEXD A1',                'F5.1',     'cccc00011010nnnnddddll101001tttt', g.exclusiveStore, exclusive.STLEXD, notPc('dn'), pair, statusPair, needs('V8')),
  a32('STLEXB A1',                'F5.1',     'cccc00011100nnnnddddll101001tttt', g.exclusiveStore, exclusive.STLEXB, notPc('dtn'), status, needs('V8')),
  a32('STLEXH A1',                'F5.1',     'cccc00011110nnnnddddll101001tttt', g.exclusiveStore, exclusive.STLEXH, notPc('dtn'), status, needs('V8')),
  a32('LDAEX A1',                 'F5.1',     'cccc00011001nnnnttttll101001llll', g.exclusiveLoad, exclusive.LDAEX, notPc('tn'), needs('V8')),
  a32('LDAEXD A1',                'F5.1',     'cccc00011011nnnnttttll101001llll', g.exclusiveLoad, exclusive.LDAEXD, notPc('n'), pair, needs('V8')),
  a32('LDAEXB A1',                'F5.1',     'cccc00011101nnnnttttll101001llll', g.exclusiveLoad, exclusive.LDAEXB, notPc('tn'), needs('V8')),
  a32('LDAEXH A1',                'F5.1',     'cccc00011111nnnnttttll101001llll', g.exclusiveLoad, exclusive.LDAEXH, notPc('tn'), needs('V8')),

  // Cyclic redundancy checks (Armv8, DDI 0487 F5.1)
  a32('CRC32 A1',                 'F5.1',     'cccc00010zz0nnnnddddoooo0100mmmm', f.check, crypto.CRC32, notPc('dnm'), checked, always, needs('CRC32')),
  a32('CRC32C A1',                'F5.1',     'cccc00010zz0nnnnddddoolo0100mmmm', f.check, crypto.CRC32C, notPc('dnm'), checked, always, needs('CRC32')),

  // Hints, status register, miscellaneous (A5.2.11, A5.2.12)
  a32('NOP A1',                   'A8.8.119', 'cccc001100100000lllloooohhhhhhhh', f.none, branch.NOP),
  a32('MSR (immediate) A1',       'A8.8.111', 'cccc00110010kkkklllliiiiiiiiiiii', f.maskImmediate, branch.MSRi, apsr),
  a32('MSR (register) A1',        'A8.8.112', 'cccc00010010kkkklllloooo0000nnnn', f.maskRegister, branch.MSRr, notPc('n'), apsr),
  a32('MRS A1',                   'A8.8.109', 'cccc00010000llllddddoooo0000oooo', f.onlyD, branch.MRS, notPc('d')),
  a32('BX A1',                    'A8.8.27',  'cccc00010010llllllllllll0001mmmm', f.branchRegister, branch.BX),
  a32('BXJ A1',                   'A8.8.28',  'cccc00010010llllllllllll0010mmmm', f.branchRegister, branch.BX, notPc('m')),
  a32('BLX (register) A1',        'A8.8.26',  'cccc00010010llllllllllll0011mmmm', f.branchRegister, branch.BLXr, notPc('m')),
  a32('CLZ A1',                   'A8.8.33',  'cccc00010110llllddddllll0001mmmm', f.dm, media.CLZ, notPc('dm')),
  a32('BKPT A1',                  'A8.8.24',  '111000010010iiiiiiiiiiii0111iiii', f.immediateOnly, branch.BKPT),

  // Load and store word and unsigned byte (A5.3)
  a32('STR (immediate) A1',       'A8.8.204', 'cccc010PU0W0nnnnttttiiiiiiiiiiii', g.offsetUpDown, memory.STR, base, notUser),
  a32('STR (register) A1',        'A8.8.205', 'cccc011PU0W0nnnnttttiiiiiyy0mmmm', g.registerUpDown, memory.STR, base, notUser, notPc('m')),
  a32('LDR (immediate) A1',       'A8.8.63',  'cccc010PU0W1nnnnttttiiiiiiiiiiii', g.offsetUpDown, memory.LDR, base, notUser),
  a32('LDR (register) A1',        'A8.8.66',  'cccc011PU0W1nnnnttttiiiiiyy0mmmm', g.registerUpDown, memory.LDR, base, notUser, notPc('m')),
  a32('STRB (immediate) A1',      'A8.8.207', 'cccc010PU1W0nnnnttttiiiiiiiiiiii', g.offsetUpDown, memory.STRB, notPc('t'), base, notUser),
  a32('STRB (register) A1',       'A8.8.208', 'cccc011PU1W0nnnnttttiiiiiyy0mmmm', g.registerUpDown, memory.STRB, notPc('t'), base, notUser, notPc('m')),
  a32('LDRB (immediate) A1',      'A8.8.68',  'cccc010PU1W1nnnnttttiiiiiiiiiiii', g.offsetUpDown, memory.LDRB, notPc('t'), base, notUser),
  a32('LDRB (register) A1',       'A8.8.70',  'cccc011PU1W1nnnnttttiiiiiyy0mmmm', g.registerUpDown, memory.LDRB, notPc('t'), base, notUser, notPc('m')),
  a32('STRT A1',                  'A8.8.220', 'cccc0100U010nnnnttttiiiiiiiiiiii', g.offsetPost, memory.STR, post),
  a32('STRT A2',                  'A8.8.220', 'cccc0110U010nnnnttttiiiiiyy0mmmm', g.registerPost, memory.STR, notPc('m'), post),
  a32('LDRT A1',                  'A8.8.92',  'cccc0100U011nnnnttttiiiiiiiiiiii', g.offsetPost, memory.LDR, notPc('t'), post),
  a32('LDRT A2',                  'A8.8.92',  'cccc0110U011nnnnttttiiiiiyy0mmmm', g.registerPost, memory.LDR, notPc('m'), notPc('t'), post),
  a32('STRBT A1',                 'A8.8.209', 'cccc0100U110nnnnttttiiiiiiiiiiii', g.offsetPost, memory.STRB, notPc('t'), post),
  a32('STRBT A2',                 'A8.8.209', 'cccc0110U110nnnnttttiiiiiyy0mmmm', g.registerPost, memory.STRB, notPc('m'), notPc('t'), post),
  a32('LDRBT A1',                 'A8.8.71',  'cccc0100U111nnnnttttiiiiiiiiiiii', g.offsetPost, memory.LDRB, notPc('t'), post),
  a32('LDRBT A2',                 'A8.8.71',  'cccc0110U111nnnnttttiiiiiyy0mmmm', g.registerPost, memory.LDRB, notPc('m'), notPc('t'), post),
  a32('LDR (literal) A1',         'A8.8.64',  'cccc0101U0011111ttttiiiiiiiiiiii', g.literal, memory.LDR),
  a32('LDRB (literal) A1',        'A8.8.69',  'cccc0101U1011111ttttiiiiiiiiiiii', g.literal, memory.LDRB, notPc('t')),
  a32('POP A2',                   'A8.8.132', 'cccc010010011101tttt000000000100', g.popOne, memory.LDR, { unpredictable: (x) => x.t === 13, rule: 'sp as Rt' }),
  a32('PUSH A2',                  'A8.8.133', 'cccc010100101101tttt000000000100', g.pushOne, memory.STR, { unpredictable: (x) => x.t === 13, rule: 'sp as Rt' }),

  // Parallel addition and subtraction (A5.4.1, A5.4.2)
  a32('SADD16 A1',                'A8.8.158', 'cccc01100001nnnndddd11110001mmmm', f.dnm, saturate.parallel('S', 'ADD16'), notPc('dnm')),
  a32('SASX A1',                  'A8.8.160', 'cccc01100001nnnndddd11110011mmmm', f.dnm, saturate.parallel('S', 'ASX'), notPc('dnm')),
  a32('SSAX A1',                  'A8.8.195', 'cccc01100001nnnndddd11110101mmmm', f.dnm, saturate.parallel('S', 'SAX'), notPc('dnm')),
  a32('SSUB16 A1',                'A8.8.196', 'cccc01100001nnnndddd11110111mmmm', f.dnm, saturate.parallel('S', 'SUB16'), notPc('dnm')),
  a32('SADD8 A1',                 'A8.8.159', 'cccc01100001nnnndddd11111001mmmm', f.dnm, saturate.parallel('S', 'ADD8'), notPc('dnm')),
  a32('SSUB8 A1',                 'A8.8.197', 'cccc01100001nnnndddd11111111mmmm', f.dnm, saturate.parallel('S', 'SUB8'), notPc('dnm')),
  a32('QADD16 A1',                'A8.8.135', 'cccc01100010nnnndddd11110001mmmm', f.dnm, saturate.parallel('Q', 'ADD16'), notPc('dnm')),
  a32('QASX A1',                  'A8.8.137', 'cccc01100010nnnndddd11110011mmmm', f.dnm, saturate.parallel('Q', 'ASX'), notPc('dnm')),
  a32('QSAX A1',                  'A8.8.140', 'cccc01100010nnnndddd11110101mmmm', f.dnm, saturate.parallel('Q', 'SAX'), notPc('dnm')),
  a32('QSUB16 A1',                'A8.8.142', 'cccc01100010nnnndddd11110111mmmm', f.dnm, saturate.parallel('Q', 'SUB16'), notPc('dnm')),
  a32('QADD8 A1',                 'A8.8.136', 'cccc01100010nnnndddd11111001mmmm', f.dnm, saturate.parallel('Q', 'ADD8'), notPc('dnm')),
  a32('QSUB8 A1',                 'A8.8.143', 'cccc01100010nnnndddd11111111mmmm', f.dnm, saturate.parallel('Q', 'SUB8'), notPc('dnm')),
  a32('SHADD16 A1',               'A8.8.169', 'cccc01100011nnnndddd11110001mmmm', f.dnm, saturate.parallel('SH', 'ADD16'), notPc('dnm')),
  a32('SHASX A1',                 'A8.8.171', 'cccc01100011nnnndddd11110011mmmm', f.dnm, saturate.parallel('SH', 'ASX'), notPc('dnm')),
  a32('SHSAX A1',                 'A8.8.172', 'cccc01100011nnnndddd11110101mmmm', f.dnm, saturate.parallel('SH', 'SAX'), notPc('dnm')),
  a32('SHSUB16 A1',               'A8.8.173', 'cccc01100011nnnndddd11110111mmmm', f.dnm, saturate.parallel('SH', 'SUB16'), notPc('dnm')),
  a32('SHADD8 A1',                'A8.8.170', 'cccc01100011nnnndddd11111001mmmm', f.dnm, saturate.parallel('SH', 'ADD8'), notPc('dnm')),
  a32('SHSUB8 A1',                'A8.8.174', 'cccc01100011nnnndddd11111111mmmm', f.dnm, saturate.parallel('SH', 'SUB8'), notPc('dnm')),
  a32('UADD16 A1',                'A8.8.243', 'cccc01100101nnnndddd11110001mmmm', f.dnm, saturate.parallel('U', 'ADD16'), notPc('dnm')),
  a32('UASX A1',                  'A8.8.245', 'cccc01100101nnnndddd11110011mmmm', f.dnm, saturate.parallel('U', 'ASX'), notPc('dnm')),
  a32('USAX A1',                  'A8.8.268', 'cccc01100101nnnndddd11110101mmmm', f.dnm, saturate.parallel('U', 'SAX'), notPc('dnm')),
  a32('USUB16 A1',                'A8.8.269', 'cccc01100101nnnndddd11110111mmmm', f.dnm, saturate.parallel('U', 'SUB16'), notPc('dnm')),
  a32('UADD8 A1',                 'A8.8.244', 'cccc01100101nnnndddd11111001mmmm', f.dnm, saturate.parallel('U', 'ADD8'), notPc('dnm')),
  a32('USUB8 A1',                 'A8.8.270', 'cccc01100101nnnndddd11111111mmmm', f.dnm, saturate.parallel('U', 'SUB8'), notPc('dnm')),
  a32('UQADD16 A1',               'A8.8.258', 'cccc01100110nnnndddd11110001mmmm', f.dnm, saturate.parallel('UQ', 'ADD16'), notPc('dnm')),
  a32('UQASX A1',                 'A8.8.260', 'cccc01100110nnnndddd11110011mmmm', f.dnm, saturate.parallel('UQ', 'ASX'), notPc('dnm')),
  a32('UQSAX A1',                 'A8.8.261', 'cccc01100110nnnndddd11110101mmmm', f.dnm, saturate.parallel('UQ', 'SAX'), notPc('dnm')),
  a32('UQSUB16 A1',               'A8.8.262', 'cccc01100110nnnndddd11110111mmmm', f.dnm, saturate.parallel('UQ', 'SUB16'), notPc('dnm')),
  a32('UQADD8 A1',                'A8.8.259', 'cccc01100110nnnndddd11111001mmmm', f.dnm, saturate.parallel('UQ', 'ADD8'), notPc('dnm')),
  a32('UQSUB8 A1',                'A8.8.263', 'cccc01100110nnnndddd11111111mmmm', f.dnm, saturate.parallel('UQ', 'SUB8'), notPc('dnm')),
  a32('UHADD16 A1',               'A8.8.249', 'cccc01100111nnnndddd11110001mmmm', f.dnm, saturate.parallel('UH', 'ADD16'), notPc('dnm')),
  a32('UHASX A1',                 'A8.8.251', 'cccc01100111nnnndddd11110011mmmm', f.dnm, saturate.parallel('UH', 'ASX'), notPc('dnm')),
  a32('UHSAX A1',                 'A8.8.252', 'cccc01100111nnnndddd11110101mmmm', f.dnm, saturate.parallel('UH', 'SAX'), notPc('dnm')),
  a32('UHSUB16 A1',               'A8.8.253', 'cccc01100111nnnndddd11110111mmmm', f.dnm, saturate.parallel('UH', 'SUB16'), notPc('dnm')),
  a32('UHADD8 A1',                'A8.8.250', 'cccc01100111nnnndddd11111001mmmm', f.dnm, saturate.parallel('UH', 'ADD8'), notPc('dnm')),
  a32('UHSUB8 A1',                'A8.8.254', 'cccc01100111nnnndddd11111111mmmm', f.dnm, saturate.parallel('UH', 'SUB8'), notPc('dnm')),

  // Packing, saturation, reversal, extension (A5.4.3)
  a32('PKHBT A1',                 'A8.8.125', 'cccc01101000nnnnddddiiiii001mmmm', f.packBottom, media.PKHBT, notPc('dnm')),
  a32('PKHTB A1',                 'A8.8.125', 'cccc01101000nnnnddddiiiii101mmmm', f.packTop, media.PKHTB, notPc('dnm')),
  a32('SSAT A1',                  'A8.8.193', 'cccc0110101wwwwwddddiiiiiy01nnnn', f.signedSaturate, saturate.SAT, notPc('dn')),
  a32('USAT A1',                  'A8.8.266', 'cccc0110111wwwwwddddiiiiiy01nnnn', f.unsignedSaturate, saturate.SAT, notPc('dn')),
  a32('SSAT16 A1',                'A8.8.194', 'cccc01101010wwwwddddllll0011nnnn', f.signedSaturate16, saturate.SAT16, notPc('dn')),
  a32('USAT16 A1',                'A8.8.267', 'cccc01101110wwwwddddllll0011nnnn', f.unsignedSaturate16, saturate.SAT16, notPc('dn')),
  a32('SEL A1',                   'A8.8.166', 'cccc01101000nnnnddddllll1011mmmm', f.dnm, media.SEL, notPc('dnm')),
  a32('REV A1',                   'A8.8.145', 'cccc01101011llllddddllll0011mmmm', f.dm, media.REV, notPc('dm')),
  a32('REV16 A1',                 'A8.8.146', 'cccc01101011llllddddllll1011mmmm', f.dm, media.REV16, notPc('dm')),
  a32('RBIT A1',                  'A8.8.144', 'cccc01101111llllddddllll0011mmmm', f.dm, media.RBIT, notPc('dm')),
  a32('REVSH A1',                 'A8.8.147', 'cccc01101111llllddddllll1011mmmm', f.dm, media.REVSH, notPc('dm')),
  a32('SXTAB16 A1',               'A8.8.231', 'cccc01101000nnnnddddrroo0111mmmm', f.extendAdd, media.SXTB16, notPc('dm')),
  a32('SXTB16 A1',                'A8.8.234', 'cccc011010001111ddddrroo0111mmmm', f.extend, media.SXTB16, notPc('dm')),
  a32('SXTAB A1',                 'A8.8.230', 'cccc01101010nnnnddddrroo0111mmmm', f.extendAdd, media.SXTB, notPc('dm')),
  a32('SXTB A1',                  'A8.8.233', 'cccc011010101111ddddrroo0111mmmm', f.extend, media.SXTB, notPc('dm')),
  a32('SXTAH A1',                 'A8.8.232', 'cccc01101011nnnnddddrroo0111mmmm', f.extendAdd, media.SXTH, notPc('dm')),
  a32('SXTH A1',                  'A8.8.235', 'cccc011010111111ddddrroo0111mmmm', f.extend, media.SXTH, notPc('dm')),
  a32('UXTAB16 A1',               'A8.8.272', 'cccc01101100nnnnddddrroo0111mmmm', f.extendAdd, media.UXTB16, notPc('dm')),
  a32('UXTB16 A1',                'A8.8.275', 'cccc011011001111ddddrroo0111mmmm', f.extend, media.UXTB16, notPc('dm')),
  a32('UXTAB A1',                 'A8.8.271', 'cccc01101110nnnnddddrroo0111mmmm', f.extendAdd, media.UXTB, notPc('dm')),
  a32('UXTB A1',                  'A8.8.274', 'cccc011011101111ddddrroo0111mmmm', f.extend, media.UXTB, notPc('dm')),
  a32('UXTAH A1',                 'A8.8.273', 'cccc01101111nnnnddddrroo0111mmmm', f.extendAdd, media.UXTH, notPc('dm')),
  a32('UXTH A1',                  'A8.8.276', 'cccc011011111111ddddrroo0111mmmm', f.extend, media.UXTH, notPc('dm')),

  // Signed multiply, signed and unsigned divide (A5.4.4)
  a32('SMLAD A1',                 'A8.8.177', 'cccc01110000ddddaaaammmm00X1nnnn', f.halvesDualAdd, multiply.SMLAD, notPc('dnma')),
  a32('SMUAD A1',                 'A8.8.187', 'cccc01110000dddd1111mmmm00X1nnnn', f.halvesDual, multiply.SMUAD, notPc('dnm')),
  a32('SMLSD A1',                 'A8.8.182', 'cccc01110000ddddaaaammmm01X1nnnn', f.halvesDualAdd, multiply.SMLSD, notPc('dnma')),
  a32('SMUSD A1',                 'A8.8.191', 'cccc01110000dddd1111mmmm01X1nnnn', f.halvesDual, multiply.SMUSD, notPc('dnm')),
  a32('SDIV A1',                  'A8.8.165', 'cccc01110001ddddllllmmmm0001nnnn', f.multiply, multiply.SDIV, notPc('dnm'), needs('IDIVA')),
  a32('UDIV A1',                  'A8.8.248', 'cccc01110011ddddllllmmmm0001nnnn', f.multiply, multiply.UDIV, notPc('dnm'), needs('IDIVA')),
  a32('SMLALD A1',                'A8.8.180', 'cccc01110100hhhhbbbbmmmm00X1nnnn', f.halvesLongDual, multiply.SMLALD, notPc('hbnm'), two),
  a32('SMLSLD A1',                'A8.8.183', 'cccc01110100hhhhbbbbmmmm01X1nnnn', f.halvesLongDual, multiply.SMLSLD, notPc('hbnm'), two),
  a32('SMMLA A1',                 'A8.8.184', 'cccc01110101ddddaaaammmm00R1nnnn', f.multiplyTopAdd, multiply.SMMLA, notPc('dnma')),
  a32('SMMUL A1',                 'A8.8.186', 'cccc01110101dddd1111mmmm00R1nnnn', f.multiplyTop, multiply.SMMUL, notPc('dnm')),
  a32('SMMLS A1',                 'A8.8.185', 'cccc01110101ddddaaaammmm11R1nnnn', f.multiplyTopAdd, multiply.SMMLS, notPc('dnma')),
  a32('USADA8 A1',                'A8.8.265', 'cccc01111000ddddaaaammmm0001nnnn', f.sumOfDifferencesAdd, media.USADA8, notPc('dnma')),
  a32('USAD8 A1',                 'A8.8.264', 'cccc01111000dddd1111mmmm0001nnnn', f.sumOfDifferences, media.USADA8, notPc('dnm')),

  // Bit fields, permanently undefined (A5.4)
  a32('SBFX A1',                  'A8.8.164', 'cccc0111101wwwwwddddiiiii101nnnn', f.extractField, media.SBFX, notPc('dn'), extract),
  a32('UBFX A1',                  'A8.8.246', 'cccc0111111wwwwwddddiiiii101nnnn', f.extractField, media.UBFX, notPc('dn'), extract),
  a32('BFI A1',                   'A8.8.20',  'cccc0111110wwwwwddddiiiii001nnnn', f.insertField, media.BFI, notPc('dn'), msb),
  a32('BFC A1',                   'A8.8.19',  'cccc0111110wwwwwddddiiiii0011111', f.clearField, media.BFC, notPc('d'), msb),
  a32('UDF A1',                   'A8.8.247', '111001111111iiiiiiiiiiii1111iiii', f.immediateOnly, branch.UDF),

  // Branch, branch with link, block data transfer (A5.5)
  a32('STMDA A1',                 'A8.8.200', 'cccc100000W0nnnnrrrrrrrrrrrrrrrr', g.multipleDa, memory.STM, storeList),
  a32('LDMDA A1',                 'A8.8.59',  'cccc100000W1nnnnrrrrrrrrrrrrrrrr', g.multipleDa, memory.LDM, list),
  a32('STM A1',                   'A8.8.199', 'cccc100010W0nnnnrrrrrrrrrrrrrrrr', g.multipleIa, memory.STM, storeList),
  a32('LDM A1',                   'A8.8.58',  'cccc100010W1nnnnrrrrrrrrrrrrrrrr', g.multipleIa, memory.LDM, list),
  a32('STMDB A1',                 'A8.8.201', 'cccc100100W0nnnnrrrrrrrrrrrrrrrr', g.multipleDb, memory.STM, storeList),
  a32('LDMDB A1',                 'A8.8.60',  'cccc100100W1nnnnrrrrrrrrrrrrrrrr', g.multipleDb, memory.LDM, list),
  a32('STMIB A1',                 'A8.8.202', 'cccc100110W0nnnnrrrrrrrrrrrrrrrr', g.multipleIb, memory.STM, storeList),
  a32('LDMIB A1',                 'A8.8.61',  'cccc100110W1nnnnrrrrrrrrrrrrrrrr', g.multipleIb, memory.LDM, list),
  a32('B A1',                     'A8.8.18',  'cccc1010iiiiiiiiiiiiiiiiiiiiiiii', f.branchA32, branch.B),
  a32('BL A1',                    'A8.8.25',  'cccc1011iiiiiiiiiiiiiiiiiiiiiiii', f.branchA32, branch.BL),
  a32('SVC A1',                   'A8.8.228', 'cccc1111iiiiiiiiiiiiiiiiiiiiiiii', f.immediateOnly, branch.SVC),

  // Unconditional instructions (A5.7)
  a32('BLX (immediate) A2',       'A8.8.25',  '1111101Hiiiiiiiiiiiiiiiiiiiiiiii', f.branchExchangeA32, branch.BLXi),
  a32('SETEND A1',                'A8.8.167', '1111000100000001ooooooEo0000oooo', f.endian, branch.SETEND, { unpredictable: (x) => x.E === 1, rule: 'big-endian data (Linux does not offer it)' }),
  a32('CPS A1',                   'B9.3.2',   '111100010000iiMooooooooAIFommmmm', f.none, branch.NOP),
  a32('CLREX A1',                 'A8.8.32',  '111101010111lllllllloooo0001llll', f.none, exclusive.CLREX),
  a32('DSB A1',                   'A8.8.44',  '111101010111lllllllloooo0100iiii', f.none, branch.DMB),
  a32('DMB A1',                   'A8.8.43',  '111101010111lllllllloooo0101iiii', f.none, branch.DMB),
  a32('SB A1',                    'F5.1',     '111101010111lllllllloooo0111oooo', f.none, branch.NOP, needs('SB')),
  a32('ISB A1',                   'A8.8.53',  '111101010111lllllllloooo0110iiii', f.none, branch.NOP),
  a32('NOP (unallocated memory hint) A1', 'A5.7.1', '11110100U001nnnnttttiiiiiiiiiiii', f.none, branch.NOP),
  a32('NOP (unallocated memory hint) A2', 'A5.7.1', '11110110U001nnnnttttiiiiiyy0mmmm', f.none, branch.NOP),
  a32('PLD (immediate) A1',       'A8.8.126', '11110101UR01nnnnlllliiiiiiiiiiii', f.none, memory.PLD),
  a32('PLI (immediate) A1',       'A8.8.129', '11110100U101nnnnlllliiiiiiiiiiii', f.none, memory.PLD),
  a32('PLD (register) A1',        'A8.8.128', '11110111UR01nnnnlllliiiiiyy0mmmm', f.none, memory.PLD, notPc('m')),
  a32('PLI (register) A1',        'A8.8.130', '11110110U101nnnnlllliiiiiyy0mmmm', f.none, memory.PLD, notPc('m')),
];
