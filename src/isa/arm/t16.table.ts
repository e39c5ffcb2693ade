/** 16-bit Thumb instructions (A6.2). */
import * as f from './formats.ts';
import * as g from './formats-memory.ts';
import * as branch from './operations-branch.ts';
import * as data from './operations-data.ts';
import * as media from './operations-media.ts';
import * as memory from './operations-memory.ts';
import * as multiply from './operations-multiply.ts';
import { type Row, t16 } from './row.ts';

// biome-ignore format: one row a line
export const t16Rows: readonly Row[] = [
  // Shift (immediate), add, subtract, move and compare (A6.2.1)
  t16('LSL (immediate) T1',   'A8.8.94',  '00000iiiiimmmddd', f.t16Lsl, data.MOV, { when: (x) => x.i !== 0 }),
  t16('MOV (register) T2',    'A8.8.103', '0000000000mmmddd', f.t16Dm, data.MOV),
  t16('LSR (immediate) T1',   'A8.8.96',  '00001iiiiimmmddd', f.t16Lsr, data.MOV),
  t16('ASR (immediate) T1',   'A8.8.16',  '00010iiiiimmmddd', f.t16Asr, data.MOV),
  t16('ADD (register) T1',    'A8.8.6',   '0001100mmmnnnddd', f.t16Dnm, data.ADD),
  t16('SUB (register) T1',    'A8.8.223', '0001101mmmnnnddd', f.t16Dnm, data.SUB),
  t16('ADD (immediate) T1',   'A8.8.4',   '0001110iiinnnddd', f.t16Dni, data.ADD),
  t16('SUB (immediate) T1',   'A8.8.221', '0001111iiinnnddd', f.t16Dni, data.SUB),
  t16('MOV (immediate) T1',   'A8.8.102', '00100dddiiiiiiii', f.t16Di, data.MOV),
  t16('CMP (immediate) T1',   'A8.8.37',  '00101nnniiiiiiii', f.t16Ni, data.CMP),
  t16('ADD (immediate) T2',   'A8.8.4',   '00110dddiiiiiiii', f.t16DdI, data.ADD),
  t16('SUB (immediate) T2',   'A8.8.221', '00111dddiiiiiiii', f.t16DdI, data.SUB),

  // Data processing (A6.2.2)
  t16('AND (register) T1',    'A8.8.14',  '0100000000mmmddd', f.t16DdM, data.AND),
  t16('EOR (register) T1',    'A8.8.47',  '0100000001mmmddd', f.t16DdM, data.EOR),
  t16('LSL (register) T1',    'A8.8.95',  '0100000010sssddd', f.t16LslRegister, data.MOV),
  t16('LSR (register) T1',    'A8.8.97',  '0100000011sssddd', f.t16LsrRegister, data.MOV),
  t16('ASR (register) T1',    'A8.8.17',  '0100000100sssddd', f.t16AsrRegister, data.MOV),
  t16('ADC (register) T1',    'A8.8.2',   '0100000101mmmddd', f.t16DdM, data.ADC),
  t16('SBC (register) T1',    'A8.8.162', '0100000110mmmddd', f.t16DdM, data.SBC),
  t16('ROR (register) T1',    'A8.8.150', '0100000111sssddd', f.t16RorRegister, data.MOV),
  t16('TST (register) T1',    'A8.8.241', '0100001000mmmnnn', f.t16Nm, data.TST),
  t16('RSB (immediate) T1',   'A8.8.152', '0100001001nnnddd', f.t16Negate, data.RSB),
  t16('CMP (register) T1',    'A8.8.38',  '0100001010mmmnnn', f.t16Nm, data.CMP),
  t16('CMN (register) T1',    'A8.8.35',  '0100001011mmmnnn', f.t16Nm, data.CMN),
  t16('ORR (register) T1',    'A8.8.123', '0100001100mmmddd', f.t16DdM, data.ORR),
  t16('MUL T1',               'A8.8.114', '0100001101nnnddd', f.t16Multiply, multiply.MUL),
  t16('BIC (register) T1',    'A8.8.22',  '0100001110mmmddd', f.t16DdM, data.BIC),
  t16('MVN (register) T1',    'A8.8.116', '0100001111mmmddd', f.t16Dm, data.MVN),

  // Special data, branch and exchange (A6.2.3)
  t16('ADD (register) T2',    'A8.8.6',   '01000100dmmmmddd', f.t16DdMHigh, data.ADD, { unpredictable: (x) => x.d === 15 && x.m === 15, rule: 'pc as Rdn and Rm' }),
  t16('CMP (register) T2',    'A8.8.38',  '01000101nmmmmnnn', f.t16Nm, data.CMP, { when: (x) => x.n !== 15 && x.m !== 15, unpredictable: (x) => x.n < 8 && x.m < 8, rule: 'Rn and Rm both low' }),
  t16('MOV (register) T1',    'A8.8.103', '01000110dmmmmddd', f.t16DmHigh, data.MOV),
  t16('BX T1',                'A8.8.27',  '010001110mmmmooo', f.branchRegister, branch.BX),
  t16('BLX (register) T1',    'A8.8.26',  '010001111mmmmooo', f.branchRegister, branch.BLXr, { when: (x) => x.m !== 15 }),

  // Loads and stores of single data items (A6.2.4)
  t16('LDR (literal) T1',     'A8.8.64',  '01001tttiiiiiiii', g.t16Literal, memory.LDR),
  t16('STR (register) T1',    'A8.8.205', '0101000mmmnnnttt', g.t16Register, memory.STR),
  t16('STRH (register) T1',   'A8.8.218', '0101001mmmnnnttt', g.t16Register, memory.STRH),
  t16('STRB (register) T1',   'A8.8.208', '0101010mmmnnnttt', g.t16Register, memory.STRB),
  t16('LDRSB (register) T1',  'A8.8.86',  '0101011mmmnnnttt', g.t16Register, memory.LDRSB),
  t16('LDR (register) T1',    'A8.8.65',  '0101100mmmnnnttt', g.t16Register, memory.LDR),
  t16('LDRH (register) T1',   'A8.8.82',  '0101101mmmnnnttt', g.t16Register, memory.LDRH),
  t16('LDRB (register) T1',   'A8.8.70',  '0101110mmmnnnttt', g.t16Register, memory.LDRB),
  t16('LDRSH (register) T1',  'A8.8.90',  '0101111mmmnnnttt', g.t16Register, memory.LDRSH),
  t16('STR (immediate) T1',   'A8.8.203', '01100iiiiinnnttt', g.t16Words, memory.STR),
  t16('LDR (immediate) T1',   'A8.8.62',  '01101iiiiinnnttt', g.t16Words, memory.LDR),
  t16('STRB (immediate) T1',  'A8.8.206', '01110iiiiinnnttt', g.offsetUp, memory.STRB),
  t16('LDRB (immediate) T1',  'A8.8.67',  '01111iiiiinnnttt', g.offsetUp, memory.LDRB),
  t16('STRH (immediate) T1',  'A8.8.216', '10000iiiiinnnttt', g.t16Halves, memory.STRH),
  t16('LDRH (immediate) T1',  'A8.8.79',  '10001iiiiinnnttt', g.t16Halves, memory.LDRH),
  t16('STR (immediate) T2',   'A8.8.203', '10010tttiiiiiiii', g.t16Sp, memory.STR),
  t16('LDR (immediate) T2',   'A8.8.62',  '10011tttiiiiiiii', g.t16Sp, memory.LDR),

  // Addresses relative to pc and sp
  t16('ADR T1',               'A8.8.12',  '10100dddiiiiiiii', f.t16Adr, data.ADR),
  t16('ADD (SP plus immediate) T1', 'A8.8.9', '10101dddiiiiiiii', f.t16DSpI, data.ADD),

  // Miscellaneous (A6.2.5)
  t16('ADD (SP plus immediate) T2', 'A8.8.9', '101100000iiiiiii', f.t16SpSpI, data.ADD),
  t16('SUB (SP minus immediate) T1', 'A8.8.225', '101100001iiiiiii', f.t16SpSpI, data.SUB),
  t16('CBZ T1',               'A8.8.29',  '1011N0i1iiiiinnn', f.compareBranch, branch.CBZ),
  t16('SXTH T1',              'A8.8.235', '1011001000mmmddd', f.t16Extend, media.SXTH),
  t16('SXTB T1',              'A8.8.233', '1011001001mmmddd', f.t16Extend, media.SXTB),
  t16('UXTH T1',              'A8.8.276', '1011001010mmmddd', f.t16Extend, media.UXTH),
  t16('UXTB T1',              'A8.8.274', '1011001011mmmddd', f.t16Extend, media.UXTB),
  t16('PUSH T1',              'A8.8.133', '1011010Mrrrrrrrr', g.t16Push, memory.STM, { when: (x) => (x.r | x.M) !== 0 }),
  t16('SETEND T1',            'A8.8.167', '101101100101Eooo', f.endian, branch.SETEND, { unpredictable: (x) => x.E === 1, rule: 'big-endian data (Linux does not offer it)' }),
  t16('CPS T1',               'B9.3.2',  '10110110011ioAIF', f.none, branch.NOP),
  t16('REV T1',               'A8.8.145', '1011101000mmmddd', f.dm, media.REV),
  t16('REV16 T1',             'A8.8.146', '1011101001mmmddd', f.dm, media.REV16),
  t16('REVSH T1',             'A8.8.147', '1011101011mmmddd', f.dm, media.REVSH),
  t16('POP T1',               'A8.8.131', '1011110Prrrrrrrr', g.t16Pop, memory.LDM, { when: (x) => (x.r | x.P) !== 0 }),
  t16('BKPT T1',              'A8.8.24',  '10111110iiiiiiii', f.immediateOnly, branch.BKPT),
  t16('IT T1',                'A8.8.54',  '10111111ffffmmmm', f.none, branch.IT, { when: (x) => x.m !== 0 && x.f !== 15 && (x.f !== 14 || (x.m & (x.m - 1)) === 0) }),
  t16('NOP T1',               'A8.8.119', '10111111hhhh0000', f.none, branch.NOP),

  // Multiple transfers, branches and calls
  t16('STM T1',               'A8.8.199', '11000nnnrrrrrrrr', g.t16StoreMultiple, memory.STM, { when: (x) => x.r !== 0, unpredictable: (x) => (x.r & (1 << x.n)) !== 0 && (x.r & ((1 << x.n) - 1)) !== 0, rule: 'base in the list and not its lowest (the stored value is UNKNOWN)' }),
  t16('LDM T1',               'A8.8.57',  '11001nnnrrrrrrrr', g.t16LoadMultiple, memory.LDM, { when: (x) => x.r !== 0 }),
  t16('B T1',                 'A8.8.18',  '1101cccciiiiiiii', f.branch8, branch.B),
  t16('UDF T1',               'A8.8.247', '11011110iiiiiiii', f.immediateOnly, branch.UDF),
  t16('SVC T1',               'A8.8.228', '11011111iiiiiiii', f.immediateOnly, branch.SVC),
  t16('B T2',                 'A8.8.18',  '11100iiiiiiiiiii', f.branch11, branch.B),
];
