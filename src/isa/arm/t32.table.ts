/** 32-bit Thumb instructions (A6.3); the first halfword is on the left. */

import * as crypto from './crypto.ts';
import * as f from './formats.ts';
import * as g from './formats-memory.ts';
import { thumbImmediateUnpredictable } from './operand.ts';
import * as branch from './operations-branch.ts';
import * as data from './operations-data.ts';
import * as exclusive from './operations-exclusive.ts';
import * as media from './operations-media.ts';
import * as memory from './operations-memory.ts';
import * as multiply from './operations-multiply.ts';
import * as saturate from './operations-saturate.ts';
import { general, needs, notPc, type Row, t32 } from './row.ts';

type X<L extends string> = { readonly [K in L]: number };

/** ADD and SUB of sp: the destination may be sp only when the first operand is, and only by LSL #0 to #3. */
const spAdd = { unpredictable: (x: X<'d' | 'n'>) => x.d === 13 || x.n === 13, rule: 'sp as Rd or Rn' };
const spAddPlain = { unpredictable: (x: X<'d' | 'n'>) => x.d === 13 && x.n !== 13, rule: 'sp as Rd alone' };
const spMove = { unpredictable: (x: X<'d' | 'm' | 'S'>) => x.d === 13 || x.m === 13, rule: 'sp as Rd or Rm' };
const baseNotSp = { unpredictable: (x: X<'n'>) => x.n === 13, rule: 'sp as Rn' };
const repeated = { unpredictable: (x: X<'i'>) => thumbImmediateUnpredictable(x.i), rule: 'a repeated byte of 0' };
const shifts = { when: (x: X<'i' | 'y'>) => x.y === 0 || x.i !== 0 };
const msb = { when: (x: X<'i' | 'w'>) => x.w >= x.i };
const extract = { when: (x: X<'i' | 'w'>) => x.i + x.w <= 31 };
/** The application level writes the flags and GE. */
const apsr = {
  when: (x: X<'k'>) => x.k !== 0,
  unpredictable: (x: X<'k'>) => (x.k & 3) !== 0,
  rule: 'fields beside APSR_nzcvqg (the application level has no others)',
};
const same = { when: (x: X<'k' | 'm'>) => x.k === x.m };
/** Bytes, halfwords or words. */
const checked = { when: (x: X<'z'>) => x.z !== 3 };
const results = { unpredictable: (x: X<'h' | 'b'>) => x.h === x.b, rule: 'RdLo is RdHi' };
const two = { unpredictable: (x: X<'t' | 'u'>) => x.t === x.u, rule: 'Rt is Rt2' };
const status = { unpredictable: (x: X<'d' | 't' | 'n'>) => x.d === x.t || x.d === x.n, rule: 'Rd is Rt or Rn' };
const statusPair = {
  unpredictable: (x: X<'d' | 't' | 'u' | 'n'>) => x.d === x.t || x.d === x.u || x.d === x.n,
  rule: 'Rd is Rt, Rt2 or Rn',
};
/** Not both P and W clear: that is the space of exclusives and table branches. */
const pairBase = {
  when: (x: X<'P' | 'W'>) => x.P === 1 || x.W === 1,
  unpredictable: (x: X<'P' | 'W' | 'n' | 't' | 'u'>) => x.W === 1 && (x.n === x.t || x.n === x.u),
  rule: 'write-back to Rt or Rt2',
};
const literalPair = { when: (x: X<'P' | 'W'>) => x.P === 1 && x.W === 0 };
/** P = 1, U = 0, W = 0 is a negative offset; P = 1, U = 1, W = 0 the unprivileged form; P = 0, W = 0 is undefined. */
const indexed = {
  when: (x: X<'P' | 'U' | 'W'>) => x.W === 1 || (x.P === 1 && x.U === 0),
  unpredictable: (x: X<'W' | 'n' | 't'>) => x.W === 1 && x.n === x.t,
  rule: 'write-back to Rt',
};
/** A loaded pc must be the last instruction of its IT block, as any branch. */
const anyTarget = { unpredictable: (x: X<'t'>) => x.t === 13, rule: 'sp as Rt' };
const list = {
  when: (x: X<'n' | 'r' | 'P' | 'M'>) => x.n !== 15 && (x.r | x.P | x.M) !== 0,
  unpredictable: (x: X<'n' | 'r' | 'P' | 'M' | 'W'>) =>
    (x.P & x.M) !== 0 ||
    (x.W === 1 && ((x.r | (x.M << 14)) & (1 << x.n)) !== 0) ||
    isSingle(x.r | (x.M << 14) | (x.P << 15)),
  rule: 'pc with lr; write-back to a register of the list; a list of one register',
};
const storeList = {
  when: (x: X<'n' | 'r' | 'M'>) => x.n !== 15 && (x.r | x.M) !== 0,
  unpredictable: (x: X<'n' | 'r' | 'M' | 'W'>) =>
    (x.W === 1 && ((x.r | (x.M << 14)) & (1 << x.n)) !== 0) || isSingle(x.r | (x.M << 14)),
  rule: 'write-back to a register of the list; a list of one register',
};
const isSingle = (registers: number): boolean => (registers & (registers - 1)) === 0;

// biome-ignore format: one row a line
export const t32Rows: readonly Row[] = [
  // Data processing (shifted register) (A6.3.11)
  t32('AND (register) T2',        'A8.8.14',  '11101010000Snnnnoiiiddddiiyymmmm', f.dnmShift, data.AND, general('dnm')),
  t32('TST (register) T2',        'A8.8.241', '111010100001nnnnoiii1111iiyymmmm', f.nmShift, data.TST, general('nm')),
  t32('BIC (register) T2',        'A8.8.22',  '11101010001Snnnnoiiiddddiiyymmmm', f.dnmShift, data.BIC, general('dnm')),
  t32('ORR (register) T2',        'A8.8.123', '11101010010Snnnnoiiiddddiiyymmmm', f.dnmShift, data.ORR, general('dnm')),
  t32('MOV (register) T3',        'A8.8.103', '11101010010S1111oiiiddddiiyymmmm', f.dmShift, data.MOV, notPc('dm'), spMove),
  t32('ORN (register) T1',        'A8.8.121', '11101010011Snnnnoiiiddddiiyymmmm', f.dnmShift, data.ORN, general('dnm')),
  t32('MVN (register) T2',        'A8.8.116', '11101010011S1111oiiiddddiiyymmmm', f.dmShift, data.MVN, general('dm')),
  t32('EOR (register) T2',        'A8.8.47',  '11101010100Snnnnoiiiddddiiyymmmm', f.dnmShift, data.EOR, general('dnm')),
  t32('TEQ (register) T1',        'A8.8.238', '111010101001nnnnoiii1111iiyymmmm', f.nmShift, data.TEQ, general('nm')),
  t32('ADD (register) T3',        'A8.8.6',   '11101011000Snnnnoiiiddddiiyymmmm', f.dnmShift, data.ADD, notPc('dnm'), spAdd),
  t32('CMN (register) T2',        'A8.8.35',  '111010110001nnnnoiii1111iiyymmmm', f.nmShift, data.CMN, notPc('n'), general('m')),
  t32('ADC (register) T2',        'A8.8.2',   '11101011010Snnnnoiiiddddiiyymmmm', f.dnmShift, data.ADC, general('dnm')),
  t32('SBC (register) T2',        'A8.8.162', '11101011011Snnnnoiiiddddiiyymmmm', f.dnmShift, data.SBC, general('dnm')),
  t32('SUB (register) T2',        'A8.8.223', '11101011101Snnnnoiiiddddiiyymmmm', f.dnmShift, data.SUB, notPc('dnm'), spAdd),
  t32('CMP (register) T3',        'A8.8.38',  '111010111011nnnnoiii1111iiyymmmm', f.nmShift, data.CMP, notPc('n'), general('m')),
  t32('RSB (register) T2',        'A8.8.153', '11101011110Snnnnoiiiddddiiyymmmm', f.dnmShift, data.RSB, general('dnm')),
  t32('PKHBT T1',                 'A8.8.125', '111010101100nnnnoiiiddddii00mmmm', f.packBottom, media.PKHBT, general('dnm')),
  t32('PKHTB T1',                 'A8.8.125', '111010101100nnnnoiiiddddii10mmmm', f.packTop, media.PKHTB, general('dnm')),

  // Data processing (modified immediate) (A6.3.1)
  t32('AND (immediate) T1',       'A8.8.13',  '11110i00000Snnnn0iiiddddiiiiiiii', f.thumbDni, data.AND, general('dn'), repeated),
  t32('TST (immediate) T1',       'A8.8.240', '11110i000001nnnn0iii1111iiiiiiii', f.thumbNi, data.TST, general('n'), repeated),
  t32('BIC (immediate) T1',       'A8.8.21',  '11110i00001Snnnn0iiiddddiiiiiiii', f.thumbDni, data.BIC, general('dn'), repeated),
  t32('ORR (immediate) T1',       'A8.8.122', '11110i00010Snnnn0iiiddddiiiiiiii', f.thumbDni, data.ORR, general('dn'), repeated),
  t32('MOV (immediate) T2',       'A8.8.102', '11110i00010S11110iiiddddiiiiiiii', f.thumbDi, data.MOV, general('d'), repeated),
  t32('ORN (immediate) T1',       'A8.8.120', '11110i00011Snnnn0iiiddddiiiiiiii', f.thumbDni, data.ORN, general('dn'), repeated),
  t32('MVN (immediate) T1',       'A8.8.115', '11110i00011S11110iiiddddiiiiiiii', f.thumbDi, data.MVN, general('d'), repeated),
  t32('EOR (immediate) T1',       'A8.8.46',  '11110i00100Snnnn0iiiddddiiiiiiii', f.thumbDni, data.EOR, general('dn'), repeated),
  t32('TEQ (immediate) T1',       'A8.8.237', '11110i001001nnnn0iii1111iiiiiiii', f.thumbNi, data.TEQ, general('n'), repeated),
  t32('ADD (immediate) T3',       'A8.8.4',   '11110i01000Snnnn0iiiddddiiiiiiii', f.thumbDni, data.ADD, notPc('dn'), spAdd, repeated),
  t32('CMN (immediate) T1',       'A8.8.34',  '11110i010001nnnn0iii1111iiiiiiii', f.thumbNi, data.CMN, notPc('n'), repeated),
  t32('ADC (immediate) T1',       'A8.8.1',   '11110i01010Snnnn0iiiddddiiiiiiii', f.thumbDni, data.ADC, general('dn'), repeated),
  t32('SBC (immediate) T1',       'A8.8.161', '11110i01011Snnnn0iiiddddiiiiiiii', f.thumbDni, data.SBC, general('dn'), repeated),
  t32('SUB (immediate) T3',       'A8.8.221', '11110i01101Snnnn0iiiddddiiiiiiii', f.thumbDni, data.SUB, notPc('dn'), spAdd, repeated),
  t32('CMP (immediate) T2',       'A8.8.37',  '11110i011011nnnn0iii1111iiiiiiii', f.thumbNi, data.CMP, notPc('n'), repeated),
  t32('RSB (immediate) T2',       'A8.8.152', '11110i01110Snnnn0iiiddddiiiiiiii', f.thumbDni, data.RSB, general('dn'), repeated),

  // Data processing (plain binary immediate) (A6.3.3)
  t32('ADD (immediate) T4',       'A8.8.4',   '11110i100000nnnn0iiiddddiiiiiiii', f.dnPlain, data.ADD, notPc('dn'), spAddPlain),
  t32('ADR T3',                   'A8.8.12',  '11110i10000011110iiiddddiiiiiiii', f.adrAdd, data.ADR, general('d')),
  t32('MOV (immediate) T3',       'A8.8.102', '11110j100100kkkk0iiiddddiiiiiiii', f.thumbHalf, data.MOVW, general('d')),
  t32('SUB (immediate) T4',       'A8.8.221', '11110i101010nnnn0iiiddddiiiiiiii', f.dnPlain, data.SUB, notPc('dn'), spAddPlain),
  t32('ADR T2',                   'A8.8.12',  '11110i10101011110iiiddddiiiiiiii', f.adrSub, data.ADR, general('d')),
  t32('MOVT T1',                  'A8.8.106', '11110j101100kkkk0iiiddddiiiiiiii', f.thumbHalf, data.MOVT, general('d')),
  t32('SSAT T1',                  'A8.8.193', '11110o1100y0nnnn0iiiddddiiowwwww', f.signedSaturate, saturate.SAT, general('dn'), shifts),
  t32('SSAT16 T1',                'A8.8.194', '11110o110010nnnn0000dddd00oowwww', f.signedSaturate16, saturate.SAT16, general('dn')),
  t32('SBFX T1',                  'A8.8.164', '11110o110100nnnn0iiiddddiiowwwww', f.extractField, media.SBFX, general('dn'), extract),
  t32('BFI T1',                   'A8.8.20',  '11110o110110nnnn0iiiddddiiowwwww', f.insertField, media.BFI, general('dn'), msb),
  t32('BFC T1',                   'A8.8.19',  '11110o11011011110iiiddddiiowwwww', f.clearField, media.BFC, general('d'), msb),
  t32('USAT T1',                  'A8.8.266', '11110o1110y0nnnn0iiiddddiiowwwww', f.unsignedSaturate, saturate.SAT, general('dn'), shifts),
  t32('USAT16 T1',                'A8.8.267', '11110o111010nnnn0000dddd00oowwww', f.unsignedSaturate16, saturate.SAT16, general('dn')),
  t32('UBFX T1',                  'A8.8.246', '11110o111100nnnn0iiiddddiiowwwww', f.extractField, media.UBFX, general('dn'), extract),

  // Branches and miscellaneous control (A6.3.4)
  t32('B T3',                     'A8.8.18',  '11110Scccciiiiii10J0Kiiiiiiiiiii', f.branch20, branch.B),
  t32('B T4',                     'A8.8.18',  '11110Siiiiiiiiii10J1Kiiiiiiiiiii', f.branch24, branch.B),
  t32('BL T1',                    'A8.8.25',  '11110Siiiiiiiiii11J1Kiiiiiiiiiii', f.branch24, branch.BL),
  t32('BLX (immediate) T2',       'A8.8.25',  '11110Siiiiiiiiii11J0Kiiiiiiiiii0', f.branch23, branch.BLXi),
  t32('MSR (register) T1',        'A8.8.112', '111100111000nnnn10o0kkkkoooooooo', f.maskRegister, branch.MSRr, general('n'), apsr),
  t32('NOP T2',                   'A8.8.119', '111100111010llll10o0o000hhhhhhhh', f.none, branch.NOP),
  t32('CPS T2',                   'B9.3.2',   '111100111010llll10o0oiiMAIFmmmmm', f.none, branch.NOP, { when: (x) => x.i !== 0 || x.M === 1 }),
  t32('CLREX T1',                 'A8.8.32',  '111100111011llll10o0llll0010llll', f.none, exclusive.CLREX),
  t32('DSB T1',                   'A8.8.44',  '111100111011llll10o0llll0100iiii', f.none, branch.DMB),
  t32('DMB T1',                   'A8.8.43',  '111100111011llll10o0llll0101iiii', f.none, branch.DMB),
  t32('SB T1',                    'F5.1',     '111100111011llll10o0llll0111oooo', f.none, branch.NOP, needs('SB')),
  t32('ISB T1',                   'A8.8.53',  '111100111011llll10o0llll0110iiii', f.none, branch.NOP),
  t32('BXJ T1',                   'A8.8.28',  '111100111100mmmm10o0lllloooooooo', f.branchRegister, branch.BX, general('m')),
  t32('MRS T1',                   'A8.8.109', '111100111110llll10o0ddddoooooooo', f.onlyD, branch.MRS, general('d')),
  t32('UDF T2',                   'A8.8.247', '111101111111iiii1010iiiiiiiiiiii', f.immediateOnly, branch.UDF),

  // Load and store multiple (A6.3.5)
  t32('STM T2',                   'A8.8.199', '1110100010W0nnnnoMorrrrrrrrrrrrr', g.thumbStoreIa, memory.STM, storeList),
  t32('LDM T2',                   'A8.8.57',  '1110100010W1nnnnPMorrrrrrrrrrrrr', g.thumbLoadIa, memory.LDM, list),
  t32('STMDB T1',                 'A8.8.201', '1110100100W0nnnnoMorrrrrrrrrrrrr', g.thumbStoreDb, memory.STM, storeList),
  t32('LDMDB T1',                 'A8.8.60',  '1110100100W1nnnnPMorrrrrrrrrrrrr', g.thumbLoadDb, memory.LDM, list),

  // Load and store double, exclusive, table branch (A6.3.6)
  t32('STREX T1',                 'A8.8.212', '111010000100nnnnttttddddiiiiiiii', g.exclusiveStoreOffset, exclusive.STREX, general('dt'), notPc('n'), status),
  t32('LDREX T1',                 'A8.8.75',  '111010000101nnnnttttlllliiiiiiii', g.exclusiveLoadOffset, exclusive.LDREX, general('t'), notPc('n')),
  t32('STRD (immediate) T1',      'A8.8.210', '1110100PU1W0nnnnttttuuuuiiiiiiii', g.double, memory.STRD, general('tu'), notPc('n'), pairBase),
  t32('LDRD (immediate) T1',      'A8.8.72',  '1110100PU1W1nnnnttttuuuuiiiiiiii', g.double, memory.LDRD, general('tu'), notPc('n'), pairBase, two),
  t32('LDRD (literal) T1',        'A8.8.73',  '1110100PU1W11111ttttuuuuiiiiiiii', g.doubleLiteral, memory.LDRD, general('tu'), two, literalPair),
  t32('STREXB T1',                'A8.8.213', '111010001100nnnnttttllll0100dddd', g.exclusiveStore, exclusive.STREXB, general('dt'), notPc('n'), status),
  t32('STREXH T1',                'A8.8.215', '111010001100nnnnttttllll0101dddd', g.exclusiveStore, exclusive.STREXH, general('dt'), notPc('n'), status),
  t32('STREXD T1',                'A8.8.214', '111010001100nnnnttttuuuu0111dddd', g.exclusiveStorePair, exclusive.STREXD, general('dtu'), notPc('n'), statusPair),
  t32('TBB T1',                   'A8.8.236', '111010001101nnnnlllloooo000Hmmmm', f.tableBranch, branch.TBB, general('m'), baseNotSp),
  t32('LDREXB T1',                'A8.8.76',  '111010001101nnnnttttllll0100llll', g.exclusiveLoad, exclusive.LDREXB, general('t'), notPc('n')),
  t32('LDREXH T1',                'A8.8.78',  '111010001101nnnnttttllll0101llll', g.exclusiveLoad, exclusive.LDREXH, general('t'), notPc('n')),
  t32('LDREXD T1',                'A8.8.77',  '111010001101nnnnttttuuuu0111llll', g.exclusiveLoadPair, exclusive.LDREXD, general('tu'), notPc('n'), two),

  // Acquire and release (Armv8, DDI 0487 F5.1)
  t32('STLB T1',                  'F5.1',     '111010001100nnnnttttllll1000llll', g.exclusiveLoad, exclusive.STLB, general('t'), notPc('n'), needs('V8')),
  t32('STLH T1',                  'F5.1',     '111010001100nnnnttttllll1001llll', g.exclusiveLoad, exclusive.STLH, general('t'), notPc('n'), needs('V8')),
  t32('STL T1',                   'F5.1',     '111010001100nnnnttttllll1010llll', g.exclusiveLoad, exclusive.STL, general('t'), notPc('n'), needs('V8')),
  t32('STLEXB T1',                'F5.1',     '111010001100nnnnttttllll1100dddd', g.exclusiveStore, exclusive.STLEXB, general('dt'), notPc('n'), status, needs('V8')),
  t32('STLEXH T1',                'F5.1',     '111010001100nnnnttttllll1101dddd', g.exclusiveStore, exclusive.STLEXH, general('dt'), notPc('n'), status, needs('V8')),
  t32('STLEX T1',                 'F5.1',     '111010001100nnnnttttllll1110dddd', g.exclusiveStore, exclusive.STLEX, general('dt'), notPc('n'), status, needs('V8')),
  t32('STLEXD T1',                'F5.1',     '111010001100nnnnttttuuuu1111dddd', g.exclusiveStorePair, exclusive.STLEXD, general('dtu'), notPc('n'), statusPair, needs('V8')),
  t32('LDAB T1',                  'F5.1',     '111010001101nnnnttttllll1000llll', g.exclusiveLoad, exclusive.LDAB, general('t'), notPc('n'), needs('V8')),
  t32('LDAH T1',                  'F5.1',     '111010001101nnnnttttllll1001llll', g.exclusiveLoad, exclusive.LDAH, general('t'), notPc('n'), needs('V8')),
  t32('LDA T1',                   'F5.1',     '111010001101nnnnttttllll1010llll', g.exclusiveLoad, exclusive.LDA, general('t'), notPc('n'), needs('V8')),
  t32('LDAEXB T1',                'F5.1',     '111010001101nnnnttttllll1100llll', g.exclusiveLoad, exclusive.LDAEXB, general('t'), notPc('n'), needs('V8')),
  t32('LDAEXH T1',                'F5.1',     '111010001101nnnnttttllll1101llll', g.exclusiveLoad, exclusive.LDAEXH, general('t'), notPc('n'), needs('V8')),
  t32('LDAEX T1',                 'F5.1',     '111010001101nnnnttttllll1110llll', g.exclusiveLoad, exclusive.LDAEX, general('t'), notPc('n'), needs('V8')),
  t32('LDAEXD T1',                'F5.1',     '111010001101nnnnttttuuuu1111llll', g.exclusiveLoadPair, exclusive.LDAEXD, general('tu'), notPc('n'), two, needs('V8')),

  // Load word, halfword and byte (A6.3.7 to A6.3.9), memory hints
  t32('LDR (immediate) T3',       'A8.8.62',  '111110001101nnnnttttiiiiiiiiiiii', g.offsetUp, memory.LDR, anyTarget, notPc('n')),
  t32('LDR (immediate) T4',       'A8.8.62',  '111110000101nnnntttt1PUWiiiiiiii', g.offsetUpDown, memory.LDR, anyTarget, notPc('n'), indexed),
  t32('LDR (literal) T2',         'A8.8.64',  '11111000U1011111ttttiiiiiiiiiiii', g.literal, memory.LDR, anyTarget),
  t32('LDR (register) T2',        'A8.8.65',  '111110000101nnnntttt000000iimmmm', g.registerUp, memory.LDR, anyTarget, notPc('n'), general('m')),
  t32('LDRT T1',                  'A8.8.92',  '111110000101nnnntttt1110iiiiiiii', g.offsetUp, memory.LDR, general('t'), notPc('n')),
  t32('LDRB (immediate) T2',      'A8.8.67',  '111110001001nnnnttttiiiiiiiiiiii', g.offsetUp, memory.LDRB, general('t'), notPc('n')),
  t32('LDRB (immediate) T3',      'A8.8.67',  '111110000001nnnntttt1PUWiiiiiiii', g.offsetUpDown, memory.LDRB, general('t'), notPc('n'), indexed),
  t32('LDRB (literal) T1',        'A8.8.69',  '11111000U0011111ttttiiiiiiiiiiii', g.literal, memory.LDRB, general('t')),
  t32('LDRB (register) T2',       'A8.8.70',  '111110000001nnnntttt000000iimmmm', g.registerUp, memory.LDRB, general('t'), notPc('n'), general('m')),
  t32('LDRBT T1',                 'A8.8.71',  '111110000001nnnntttt1110iiiiiiii', g.offsetUp, memory.LDRB, general('t'), notPc('n')),
  t32('LDRH (immediate) T2',      'A8.8.79',  '111110001011nnnnttttiiiiiiiiiiii', g.offsetUp, memory.LDRH, general('t'), notPc('n')),
  t32('LDRH (immediate) T3',      'A8.8.79',  '111110000011nnnntttt1PUWiiiiiiii', g.offsetUpDown, memory.LDRH, general('t'), notPc('n'), indexed),
  t32('LDRH (literal) T1',        'A8.8.81',  '11111000U0111111ttttiiiiiiiiiiii', g.literal, memory.LDRH, general('t')),
  t32('LDRH (register) T2',       'A8.8.82',  '111110000011nnnntttt000000iimmmm', g.registerUp, memory.LDRH, general('t'), notPc('n'), general('m')),
  t32('LDRHT T1',                 'A8.8.83',  '111110000011nnnntttt1110iiiiiiii', g.offsetUp, memory.LDRH, general('t'), notPc('n')),
  t32('LDRSB (immediate) T1',     'A8.8.84',  '111110011001nnnnttttiiiiiiiiiiii', g.offsetUp, memory.LDRSB, general('t'), notPc('n')),
  t32('LDRSB (immediate) T2',     'A8.8.84',  '111110010001nnnntttt1PUWiiiiiiii', g.offsetUpDown, memory.LDRSB, general('t'), notPc('n'), indexed),
  t32('LDRSB (literal) T1',       'A8.8.85',  '11111001U0011111ttttiiiiiiiiiiii', g.literal, memory.LDRSB, general('t')),
  t32('LDRSB (register) T2',      'A8.8.86',  '111110010001nnnntttt000000iimmmm', g.registerUp, memory.LDRSB, general('t'), notPc('n'), general('m')),
  t32('LDRSBT T1',                'A8.8.87',  '111110010001nnnntttt1110iiiiiiii', g.offsetUp, memory.LDRSB, general('t'), notPc('n')),
  t32('LDRSH (immediate) T1',     'A8.8.88',  '111110011011nnnnttttiiiiiiiiiiii', g.offsetUp, memory.LDRSH, general('t'), notPc('n')),
  t32('LDRSH (immediate) T2',     'A8.8.88',  '111110010011nnnntttt1PUWiiiiiiii', g.offsetUpDown, memory.LDRSH, general('t'), notPc('n'), indexed),
  t32('LDRSH (literal) T1',       'A8.8.89',  '11111001U0111111ttttiiiiiiiiiiii', g.literal, memory.LDRSH, general('t')),
  t32('LDRSH (register) T2',      'A8.8.90',  '111110010011nnnntttt000000iimmmm', g.registerUp, memory.LDRSH, general('t'), notPc('n'), general('m')),
  t32('LDRSHT T1',                'A8.8.91',  '111110010011nnnntttt1110iiiiiiii', g.offsetUp, memory.LDRSH, general('t'), notPc('n')),

  // Memory hints (A6.3.8, A6.3.9): byte and halfword loads of the pc
  t32('PLD (immediate) T1',       'A8.8.126', '1111100010W1nnnn1111iiiiiiiiiiii', f.none, memory.PLD, notPc('n')),
  t32('PLD (immediate) T2',       'A8.8.126', '1111100000W1nnnn11111100iiiiiiii', f.none, memory.PLD, notPc('n')),
  t32('PLD (literal) T3',         'A8.8.127', '11111000U0W111111111iiiiiiiiiiii', f.none, memory.PLD),
  t32('PLD (register) T1',        'A8.8.128', '1111100000W1nnnn1111000000iimmmm', f.none, memory.PLD, notPc('n'), general('m')),
  t32('PLI (immediate) T1',       'A8.8.129', '111110011001nnnn1111iiiiiiiiiiii', f.none, memory.PLD, notPc('n')),
  t32('PLI (immediate) T2',       'A8.8.129', '111110010001nnnn11111100iiiiiiii', f.none, memory.PLD, notPc('n')),
  t32('PLI (literal) T3',         'A8.8.129', '11111001U00111111111iiiiiiiiiiii', f.none, memory.PLD),
  t32('PLI (register) T1',        'A8.8.130', '111110010001nnnn1111000000iimmmm', f.none, memory.PLD, notPc('n'), general('m')),
  t32('NOP (unallocated memory hint) T2', 'A6.3.8',   '111110011011nnnn1111iiiiiiiiiiii', f.none, branch.NOP),

  // Store single data item (A6.3.10)
  t32('STRB (immediate) T2',      'A8.8.206', '111110001000nnnnttttiiiiiiiiiiii', g.offsetUp, memory.STRB, general('t'), notPc('n')),
  t32('STRB (immediate) T3',      'A8.8.206', '111110000000nnnntttt1PUWiiiiiiii', g.offsetUpDown, memory.STRB, general('t'), notPc('n'), indexed),
  t32('STRB (register) T2',       'A8.8.208', '111110000000nnnntttt000000iimmmm', g.registerUp, memory.STRB, general('t'), notPc('n'), general('m')),
  t32('STRBT T1',                 'A8.8.209', '111110000000nnnntttt1110iiiiiiii', g.offsetUp, memory.STRB, general('t'), notPc('n')),
  t32('STRH (immediate) T2',      'A8.8.216', '111110001010nnnnttttiiiiiiiiiiii', g.offsetUp, memory.STRH, general('t'), notPc('n')),
  t32('STRH (immediate) T3',      'A8.8.216', '111110000010nnnntttt1PUWiiiiiiii', g.offsetUpDown, memory.STRH, general('t'), notPc('n'), indexed),
  t32('STRH (register) T2',       'A8.8.218', '111110000010nnnntttt000000iimmmm', g.registerUp, memory.STRH, general('t'), notPc('n'), general('m')),
  t32('STRHT T1',                 'A8.8.219', '111110000010nnnntttt1110iiiiiiii', g.offsetUp, memory.STRH, general('t'), notPc('n')),
  t32('STR (immediate) T3',       'A8.8.203', '111110001100nnnnttttiiiiiiiiiiii', g.offsetUp, memory.STR, notPc('t'), notPc('n')),
  t32('STR (immediate) T4',       'A8.8.203', '111110000100nnnntttt1PUWiiiiiiii', g.offsetUpDown, memory.STR, notPc('t'), notPc('n'), indexed),
  t32('STR (register) T2',        'A8.8.205', '111110000100nnnntttt000000iimmmm', g.registerUp, memory.STR, notPc('t'), notPc('n'), general('m')),
  t32('STRT T1',                  'A8.8.220', '111110000100nnnntttt1110iiiiiiii', g.offsetUp, memory.STR, general('t'), notPc('n')),

  // Data processing (register) (A6.3.12)
  t32('LSL (register) T2',        'A8.8.95',  '11111010000Smmmm1111dddd0000ssss', f.thumbLsl, data.MOV, general('dms')),
  t32('LSR (register) T2',        'A8.8.97',  '11111010001Smmmm1111dddd0000ssss', f.thumbLsr, data.MOV, general('dms')),
  t32('ASR (register) T2',        'A8.8.17',  '11111010010Smmmm1111dddd0000ssss', f.thumbAsr, data.MOV, general('dms')),
  t32('ROR (register) T2',        'A8.8.150', '11111010011Smmmm1111dddd0000ssss', f.thumbRor, data.MOV, general('dms')),
  t32('SXTAH T1',                 'A8.8.232', '111110100000nnnn1111dddd1orrmmmm', f.extendAdd, media.SXTH, general('dm'), baseNotSp),
  t32('SXTH T2',                  'A8.8.235', '11111010000011111111dddd1orrmmmm', f.extend, media.SXTH, general('dm')),
  t32('SXTAB16 T1',               'A8.8.231', '111110100010nnnn1111dddd1orrmmmm', f.extendAdd, media.SXTB16, general('dm'), baseNotSp),
  t32('SXTB16 T1',                'A8.8.234', '11111010001011111111dddd1orrmmmm', f.extend, media.SXTB16, general('dm')),
  t32('SXTAB T1',                 'A8.8.230', '111110100100nnnn1111dddd1orrmmmm', f.extendAdd, media.SXTB, general('dm'), baseNotSp),
  t32('SXTB T2',                  'A8.8.233', '11111010010011111111dddd1orrmmmm', f.extend, media.SXTB, general('dm')),
  t32('UXTAH T1',                 'A8.8.273', '111110100001nnnn1111dddd1orrmmmm', f.extendAdd, media.UXTH, general('dm'), baseNotSp),
  t32('UXTH T2',                  'A8.8.276', '11111010000111111111dddd1orrmmmm', f.extend, media.UXTH, general('dm')),
  t32('UXTAB16 T1',               'A8.8.272', '111110100011nnnn1111dddd1orrmmmm', f.extendAdd, media.UXTB16, general('dm'), baseNotSp),
  t32('UXTB16 T1',                'A8.8.275', '11111010001111111111dddd1orrmmmm', f.extend, media.UXTB16, general('dm')),
  t32('UXTAB T1',                 'A8.8.271', '111110100101nnnn1111dddd1orrmmmm', f.extendAdd, media.UXTB, general('dm'), baseNotSp),
  t32('UXTB T2',                  'A8.8.274', '11111010010111111111dddd1orrmmmm', f.extend, media.UXTB, general('dm')),

  // Parallel addition and subtraction (A6.3.13, A6.3.14)
  t32('SADD16 T1',                'A8.8.158', '111110101001nnnn1111dddd0000mmmm', f.dnm, saturate.parallel('S', 'ADD16'), general('dnm')),
  t32('SASX T1',                  'A8.8.160', '111110101010nnnn1111dddd0000mmmm', f.dnm, saturate.parallel('S', 'ASX'), general('dnm')),
  t32('SSAX T1',                  'A8.8.195', '111110101110nnnn1111dddd0000mmmm', f.dnm, saturate.parallel('S', 'SAX'), general('dnm')),
  t32('SSUB16 T1',                'A8.8.196', '111110101101nnnn1111dddd0000mmmm', f.dnm, saturate.parallel('S', 'SUB16'), general('dnm')),
  t32('SADD8 T1',                 'A8.8.159', '111110101000nnnn1111dddd0000mmmm', f.dnm, saturate.parallel('S', 'ADD8'), general('dnm')),
  t32('SSUB8 T1',                 'A8.8.197', '111110101100nnnn1111dddd0000mmmm', f.dnm, saturate.parallel('S', 'SUB8'), general('dnm')),
  t32('QADD16 T1',                'A8.8.135', '111110101001nnnn1111dddd0001mmmm', f.dnm, saturate.parallel('Q', 'ADD16'), general('dnm')),
  t32('QASX T1',                  'A8.8.137', '111110101010nnnn1111dddd0001mmmm', f.dnm, saturate.parallel('Q', 'ASX'), general('dnm')),
  t32('QSAX T1',                  'A8.8.140', '111110101110nnnn1111dddd0001mmmm', f.dnm, saturate.parallel('Q', 'SAX'), general('dnm')),
  t32('QSUB16 T1',                'A8.8.142', '111110101101nnnn1111dddd0001mmmm', f.dnm, saturate.parallel('Q', 'SUB16'), general('dnm')),
  t32('QADD8 T1',                 'A8.8.136', '111110101000nnnn1111dddd0001mmmm', f.dnm, saturate.parallel('Q', 'ADD8'), general('dnm')),
  t32('QSUB8 T1',                 'A8.8.143', '111110101100nnnn1111dddd0001mmmm', f.dnm, saturate.parallel('Q', 'SUB8'), general('dnm')),
  t32('SHADD16 T1',               'A8.8.169', '111110101001nnnn1111dddd0010mmmm', f.dnm, saturate.parallel('SH', 'ADD16'), general('dnm')),
  t32('SHASX T1',                 'A8.8.171', '111110101010nnnn1111dddd0010mmmm', f.dnm, saturate.parallel('SH', 'ASX'), general('dnm')),
  t32('SHSAX T1',                 'A8.8.172', '111110101110nnnn1111dddd0010mmmm', f.dnm, saturate.parallel('SH', 'SAX'), general('dnm')),
  t32('SHSUB16 T1',               'A8.8.173', '111110101101nnnn1111dddd0010mmmm', f.dnm, saturate.parallel('SH', 'SUB16'), general('dnm')),
  t32('SHADD8 T1',                'A8.8.170', '111110101000nnnn1111dddd0010mmmm', f.dnm, saturate.parallel('SH', 'ADD8'), general('dnm')),
  t32('SHSUB8 T1',                'A8.8.174', '111110101100nnnn1111dddd0010mmmm', f.dnm, saturate.parallel('SH', 'SUB8'), general('dnm')),
  t32('UADD16 T1',                'A8.8.243', '111110101001nnnn1111dddd0100mmmm', f.dnm, saturate.parallel('U', 'ADD16'), general('dnm')),
  t32('UASX T1',                  'A8.8.245', '111110101010nnnn1111dddd0100mmmm', f.dnm, saturate.parallel('U', 'ASX'), general('dnm')),
  t32('USAX T1',                  'A8.8.268', '111110101110nnnn1111dddd0100mmmm', f.dnm, saturate.parallel('U', 'SAX'), general('dnm')),
  t32('USUB16 T1',                'A8.8.269', '111110101101nnnn1111dddd0100mmmm', f.dnm, saturate.parallel('U', 'SUB16'), general('dnm')),
  t32('UADD8 T1',                 'A8.8.244', '111110101000nnnn1111dddd0100mmmm', f.dnm, saturate.parallel('U', 'ADD8'), general('dnm')),
  t32('USUB8 T1',                 'A8.8.270', '111110101100nnnn1111dddd0100mmmm', f.dnm, saturate.parallel('U', 'SUB8'), general('dnm')),
  t32('UQADD16 T1',               'A8.8.258', '111110101001nnnn1111dddd0101mmmm', f.dnm, saturate.parallel('UQ', 'ADD16'), general('dnm')),
  t32('UQASX T1',                 'A8.8.260', '111110101010nnnn1111dddd0101mmmm', f.dnm, saturate.parallel('UQ', 'ASX'), general('dnm')),
  t32('UQSAX T1',                 'A8.8.261', '111110101110nnnn1111dddd0101mmmm', f.dnm, saturate.parallel('UQ', 'SAX'), general('dnm')),
  t32('UQSUB16 T1',               'A8.8.262', '111110101101nnnn1111dddd0101mmmm', f.dnm, saturate.parallel('UQ', 'SUB16'), general('dnm')),
  t32('UQADD8 T1',                'A8.8.259', '111110101000nnnn1111dddd0101mmmm', f.dnm, saturate.parallel('UQ', 'ADD8'), general('dnm')),
  t32('UQSUB8 T1',                'A8.8.263', '111110101100nnnn1111dddd0101mmmm', f.dnm, saturate.parallel('UQ', 'SUB8'), general('dnm')),
  t32('UHADD16 T1',               'A8.8.249', '111110101001nnnn1111dddd0110mmmm', f.dnm, saturate.parallel('UH', 'ADD16'), general('dnm')),
  t32('UHASX T1',                 'A8.8.251', '111110101010nnnn1111dddd0110mmmm', f.dnm, saturate.parallel('UH', 'ASX'), general('dnm')),
  t32('UHSAX T1',                 'A8.8.252', '111110101110nnnn1111dddd0110mmmm', f.dnm, saturate.parallel('UH', 'SAX'), general('dnm')),
  t32('UHSUB16 T1',               'A8.8.253', '111110101101nnnn1111dddd0110mmmm', f.dnm, saturate.parallel('UH', 'SUB16'), general('dnm')),
  t32('UHADD8 T1',                'A8.8.250', '111110101000nnnn1111dddd0110mmmm', f.dnm, saturate.parallel('UH', 'ADD8'), general('dnm')),
  t32('UHSUB8 T1',                'A8.8.254', '111110101100nnnn1111dddd0110mmmm', f.dnm, saturate.parallel('UH', 'SUB8'), general('dnm')),

  // Miscellaneous operations (A6.3.15)
  t32('QADD T1',                  'A8.8.134', '111110101000nnnn1111dddd1000mmmm', f.dnm, saturate.QADD, general('dnm')),
  t32('QDADD T1',                 'A8.8.138', '111110101000nnnn1111dddd1001mmmm', f.dnm, saturate.QDADD, general('dnm')),
  t32('QSUB T1',                  'A8.8.141', '111110101000nnnn1111dddd1010mmmm', f.dnm, saturate.QSUB, general('dnm')),
  t32('QDSUB T1',                 'A8.8.139', '111110101000nnnn1111dddd1011mmmm', f.dnm, saturate.QDSUB, general('dnm')),
  t32('REV T2',                   'A8.8.145', '111110101001kkkk1111dddd1000mmmm', f.dm, media.REV, general('dm'), same),
  t32('REV16 T2',                 'A8.8.146', '111110101001kkkk1111dddd1001mmmm', f.dm, media.REV16, general('dm'), same),
  t32('RBIT T1',                  'A8.8.144', '111110101001kkkk1111dddd1010mmmm', f.dm, media.RBIT, general('dm'), same),
  t32('REVSH T2',                 'A8.8.147', '111110101001kkkk1111dddd1011mmmm', f.dm, media.REVSH, general('dm'), same),
  t32('SEL T1',                   'A8.8.166', '111110101010nnnn1111dddd1000mmmm', f.dnm, media.SEL, general('dnm')),
  t32('CLZ T1',                   'A8.8.33',  '111110101011kkkk1111dddd1000mmmm', f.dm, media.CLZ, general('dm'), same),

  // Multiply and multiply accumulate (A6.3.16)
  t32('MLA T1',                   'A8.8.100', '111110110000nnnnaaaadddd0000mmmm', f.multiplyAdd, multiply.MLA, general('dnma')),
  t32('MUL T2',                   'A8.8.114', '111110110000nnnn1111dddd0000mmmm', f.multiply, multiply.MUL, general('dnm')),
  t32('MLS T1',                   'A8.8.101', '111110110000nnnnaaaadddd0001mmmm', f.multiplyAdd, multiply.MLS, general('dnma')),
  t32('SMLABB T1',                'A8.8.176', '111110110001nnnnaaaadddd00NMmmmm', f.halvesXyAdd, multiply.SMLAxy, general('dnma')),
  t32('SMULBB T1',                'A8.8.188', '111110110001nnnn1111dddd00NMmmmm', f.halvesXy, multiply.SMULxy, general('dnm')),
  t32('SMLAD T1',                 'A8.8.177', '111110110010nnnnaaaadddd000Xmmmm', f.halvesDualAdd, multiply.SMLAD, general('dnma')),
  t32('SMUAD T1',                 'A8.8.187', '111110110010nnnn1111dddd000Xmmmm', f.halvesDual, multiply.SMUAD, general('dnm')),
  t32('SMLAWB T1',                'A8.8.181', '111110110011nnnnaaaadddd000Mmmmm', f.halvesYAdd, multiply.SMLAWy, general('dnma')),
  t32('SMULWB T1',                'A8.8.190', '111110110011nnnn1111dddd000Mmmmm', f.halvesY, multiply.SMULWy, general('dnm')),
  t32('SMLSD T1',                 'A8.8.182', '111110110100nnnnaaaadddd000Xmmmm', f.halvesDualAdd, multiply.SMLSD, general('dnma')),
  t32('SMUSD T1',                 'A8.8.191', '111110110100nnnn1111dddd000Xmmmm', f.halvesDual, multiply.SMUSD, general('dnm')),
  t32('SMMLA T1',                 'A8.8.184', '111110110101nnnnaaaadddd000Rmmmm', f.multiplyTopAdd, multiply.SMMLA, general('dnma')),
  t32('SMMUL T1',                 'A8.8.186', '111110110101nnnn1111dddd000Rmmmm', f.multiplyTop, multiply.SMMUL, general('dnm')),
  t32('SMMLS T1',                 'A8.8.185', '111110110110nnnnaaaadddd000Rmmmm', f.multiplyTopAdd, multiply.SMMLS, general('dnma')),
  t32('USADA8 T1',                'A8.8.265', '111110110111nnnnaaaadddd0000mmmm', f.sumOfDifferencesAdd, media.USADA8, general('dnma')),
  t32('USAD8 T1',                 'A8.8.264', '111110110111nnnn1111dddd0000mmmm', f.sumOfDifferences, media.USADA8, general('dnm')),

  // Long multiply and divide (A6.3.17)
  t32('SMULL T1',                 'A8.8.189', '111110111000nnnnbbbbhhhh0000mmmm', f.multiplyLong, multiply.SMULL, general('hbnm'), results),
  t32('UMULL T1',                 'A8.8.257', '111110111010nnnnbbbbhhhh0000mmmm', f.multiplyLong, multiply.UMULL, general('hbnm'), results),
  t32('SMLAL T1',                 'A8.8.178', '111110111100nnnnbbbbhhhh0000mmmm', f.multiplyLong, multiply.SMLAL, general('hbnm'), results),
  t32('UMLAL T1',                 'A8.8.256', '111110111110nnnnbbbbhhhh0000mmmm', f.multiplyLong, multiply.UMLAL, general('hbnm'), results),
  t32('UMAAL T1',                 'A8.8.255', '111110111110nnnnbbbbhhhh0110mmmm', f.multiplyLong, multiply.UMAAL, general('hbnm'), results),
  t32('SMLALBB T1',               'A8.8.179', '111110111100nnnnbbbbhhhh10NMmmmm', f.halvesLongXy, multiply.SMLALxy, general('hbnm'), results),
  t32('SMLALD T1',                'A8.8.180', '111110111100nnnnbbbbhhhh110Xmmmm', f.halvesLongDual, multiply.SMLALD, general('hbnm'), results),
  t32('SMLSLD T1',                'A8.8.183', '111110111101nnnnbbbbhhhh110Xmmmm', f.halvesLongDual, multiply.SMLSLD, general('hbnm'), results),
  t32('SDIV T1',                  'A8.8.165', '111110111001nnnnlllldddd1111mmmm', f.multiply, multiply.SDIV, general('dnm'), needs('IDIVT')),
  t32('UDIV T1',                  'A8.8.248', '111110111011nnnnlllldddd1111mmmm', f.multiply, multiply.UDIV, general('dnm'), needs('IDIVT')),

  // Cyclic redundancy checks (Armv8, DDI 0487 F5.1)
  t32('CRC32 T1',                 'F5.1',     '111110101100nnnn1111dddd10zzmmmm', f.check, crypto.CRC32, notPc('dnm'), checked, needs('CRC32')),
  t32('CRC32C T1',                'F5.1',     '111110101101nnnn1111dddd10zzmmmm', f.check, crypto.CRC32C, notPc('dnm'), checked, needs('CRC32')),
];
