/** Coprocessor 15 as User mode may use it (B3.17, B4.1): thread registers, and the barriers of Armv6. */
import * as f from './formats.ts';
import * as branch from './operations-branch.ts';
import { bothSets, notPc, type Row } from './row.ts';

// biome-ignore format: one row a line
const rows: readonly (readonly Row[])[] = [
  bothSets('MRC (TPIDRURO)',  'B4.1.151', 'cccc111000011101tttt111101110000', f.onlyT, branch.MRC_TPIDRURO, notPc('t')),
  bothSets('MRC (TPIDRURW)',  'B4.1.152', 'cccc111000011101tttt111101010000', f.onlyT, branch.MRC_TPIDRURW, notPc('t')),
  bothSets('MCR (TPIDRURW)',  'B4.1.152', 'cccc111000001101tttt111101010000', f.onlyT, branch.MCR_TPIDRURW, notPc('t')),
  bothSets('MCR (CP15ISB)',   'B4.2.5',   'cccc111000000111tttt111110010101', f.onlyT, branch.NOP, notPc('t')),
  bothSets('MCR (CP15DSB)',   'B4.2.5',   'cccc111000000111tttt111110011010', f.onlyT, branch.DMB, notPc('t')),
  bothSets('MCR (CP15DMB)',   'B4.2.5',   'cccc111000000111tttt111110111010', f.onlyT, branch.DMB, notPc('t')),
];
export const coprocessorRows: readonly Row[] = rows.flat();
