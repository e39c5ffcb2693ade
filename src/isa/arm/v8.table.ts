/**
 * What Armv8 added to Advanced SIMD (DDI 0487, F6.1, where instructions stand in the order of their names, with numbers
 * that differ between issues).
 *   Q quadwords · s size of elements · Dd Nn Mm registers · r rotation or rounding
 */
import { Rounding } from '../../ir/float-kinds.table.ts';
import * as crypto from './crypto.ts';
import * as bfloat from './neon-bfloat.ts';
import * as complex from './neon-complex.ts';
import * as float from './neon-float.ts';
import * as f from './neon-formats.ts';
import * as products from './neon-products.ts';
import { bothSetsAlike, bothSetsSimd, needs, type Row } from './row.ts';
import * as g from './v8-vector-formats.ts';

// biome-ignore format: one row a line
const rows: readonly Row[] = [
  // Cryptography.
  bothSetsSimd('AESE',                     'F6.1', '111100111D110000dddd001100M0mmmm', f.quadwordUnary, crypto.AESE, f.even('d', 'm'), needs('AES')),
  bothSetsSimd('AESD',                     'F6.1', '111100111D110000dddd001101M0mmmm', f.quadwordUnary, crypto.AESD, f.even('d', 'm'), needs('AES')),
  bothSetsSimd('AESMC',                    'F6.1', '111100111D110000dddd001110M0mmmm', f.quadwordUnary, crypto.AESMC, f.even('d', 'm'), needs('AES')),
  bothSetsSimd('AESIMC',                   'F6.1', '111100111D110000dddd001111M0mmmm', f.quadwordUnary, crypto.AESIMC, f.even('d', 'm'), needs('AES')),
  bothSetsSimd('SHA1C',                    'F6.1', '111100100D00nnnndddd1100N1M0mmmm', f.quadwords, crypto.SHA1C, f.even('d', 'n', 'm'), needs('SHA1')),
  bothSetsSimd('SHA1P',                    'F6.1', '111100100D01nnnndddd1100N1M0mmmm', f.quadwords, crypto.SHA1P, f.even('d', 'n', 'm'), needs('SHA1')),
  bothSetsSimd('SHA1M',                    'F6.1', '111100100D10nnnndddd1100N1M0mmmm', f.quadwords, crypto.SHA1M, f.even('d', 'n', 'm'), needs('SHA1')),
  bothSetsSimd('SHA1SU0',                  'F6.1', '111100100D11nnnndddd1100N1M0mmmm', f.quadwords, crypto.SHA1SU0, f.even('d', 'n', 'm'), needs('SHA1')),
  bothSetsSimd('SHA1H',                    'F6.1', '111100111D111001dddd001011M0mmmm', f.quadwordUnary, crypto.SHA1H, f.even('d', 'm'), needs('SHA1')),
  bothSetsSimd('SHA1SU1',                  'F6.1', '111100111D111010dddd001110M0mmmm', f.quadwordUnary, crypto.SHA1SU1, f.even('d', 'm'), needs('SHA1')),
  bothSetsSimd('SHA256H',                  'F6.1', '111100110D00nnnndddd1100N1M0mmmm', f.quadwords, crypto.SHA256H, f.even('d', 'n', 'm'), needs('SHA2')),
  bothSetsSimd('SHA256H2',                 'F6.1', '111100110D01nnnndddd1100N1M0mmmm', f.quadwords, crypto.SHA256H2, f.even('d', 'n', 'm'), needs('SHA2')),
  bothSetsSimd('SHA256SU1',                'F6.1', '111100110D10nnnndddd1100N1M0mmmm', f.quadwords, crypto.SHA256SU1, f.even('d', 'n', 'm'), needs('SHA2')),
  bothSetsSimd('SHA256SU0',                'F6.1', '111100111D111010dddd001111M0mmmm', f.quadwordUnary, crypto.SHA256SU0, f.even('d', 'm'), needs('SHA2')),
  bothSetsSimd('VMULL (polynomial, 64 bits)', 'F6.1', '111100101D10nnnndddd1110N0M0mmmm', f.pairwiseWords, crypto.vmullPolynomial64, f.even('d'), needs('PMULL')),
  // Rounding doubling multiply-accumulate.
  bothSetsSimd('VQRDMLAH',                 'F6.1', '111100110Dssnnnndddd1011NQM1mmmm', f.binary, products.vqrdmlah, f.quads('d', 'n', 'm'), f.halvesOrWords, needs('RDM')),
  bothSetsSimd('VQRDMLSH',                 'F6.1', '111100110Dssnnnndddd1100NQM1mmmm', f.binary, products.vqrdmlsh, f.quads('d', 'n', 'm'), f.halvesOrWords, needs('RDM')),
  bothSetsSimd('VQRDMLAH (scalar)',        'F6.1', '1111001Q1Dssnnnndddd1110N1M0mmmm', f.byScalar, products.vqrdmlah, f.quads('d', 'n'), f.halvesOrWords, needs('RDM')),
  bothSetsSimd('VQRDMLSH (scalar)',        'F6.1', '1111001Q1Dssnnnndddd1111N1M0mmmm', f.byScalar, products.vqrdmlsh, f.quads('d', 'n'), f.halvesOrWords, needs('RDM')),
  // Single precision: greater and smaller numbers, to integral values, to integers with a rounding of their own.
  bothSetsSimd('VMAXNM (vector)',          'F6.1', '111100110D00nnnndddd1111NQM1mmmm', f.binaryWords, float.vmaxnm, f.quads('d', 'n', 'm'), needs('V8')),
  bothSetsSimd('VMINNM (vector)',          'F6.1', '111100110D10nnnndddd1111NQM1mmmm', f.binaryWords, float.vminnm, f.quads('d', 'n', 'm'), needs('V8')),
  bothSetsSimd('VRINTN (vector)',          'F6.1', '111100111D111010dddd01000QM0mmmm', f.unaryWords, float.vrint(Rounding.nearest), f.quads('d', 'm'), needs('V8')),
  bothSetsSimd('VRINTX (vector)',          'F6.1', '111100111D111010dddd01001QM0mmmm', f.unaryWords, float.vrintx, f.quads('d', 'm'), needs('V8')),
  bothSetsSimd('VRINTA (vector)',          'F6.1', '111100111D111010dddd01010QM0mmmm', f.unaryWords, float.vrint(Rounding.away), f.quads('d', 'm'), needs('V8')),
  bothSetsSimd('VRINTZ (vector)',          'F6.1', '111100111D111010dddd01011QM0mmmm', f.unaryWords, float.vrint(Rounding.zero), f.quads('d', 'm'), needs('V8')),
  bothSetsSimd('VRINTM (vector)',          'F6.1', '111100111D111010dddd01101QM0mmmm', f.unaryWords, float.vrint(Rounding.down), f.quads('d', 'm'), needs('V8')),
  bothSetsSimd('VRINTP (vector)',          'F6.1', '111100111D111010dddd01111QM0mmmm', f.unaryWords, float.vrint(Rounding.up), f.quads('d', 'm'), needs('V8')),
  bothSetsSimd('VCVTA, VCVTN, VCVTP, VCVTM (vector)', 'F6.1', '111100111D111011dddd00rrUQM0mmmm', f.directed, float.vcvtDirected, f.quads('d', 'm'), needs('V8')),
  // Dot products of bytes, matrices of bytes.
  bothSetsAlike('VSDOT',                   'F6.1', '111111000D10nnnndddd1101NQM0mmmm', f.binaryWords, products.dot('s', 's'), f.quads('d', 'n', 'm'), needs('ASIMDDP')),
  bothSetsAlike('VUDOT',                   'F6.1', '111111000D10nnnndddd1101NQM1mmmm', f.binaryWords, products.dot('u', 'u'), f.quads('d', 'n', 'm'), needs('ASIMDDP')),
  bothSetsAlike('VSDOT (by element)',      'F6.1', '111111100D10nnnndddd1101NQM0mmmm', f.byWord, products.dot('s', 's'), f.quads('d', 'n'), needs('ASIMDDP')),
  bothSetsAlike('VUDOT (by element)',      'F6.1', '111111100D10nnnndddd1101NQM1mmmm', f.byWord, products.dot('u', 'u'), f.quads('d', 'n'), needs('ASIMDDP')),
  bothSetsAlike('VUSDOT',                  'F6.1', '111111001D10nnnndddd1101NQM0mmmm', f.binaryWords, products.dot('u', 's'), f.quads('d', 'n', 'm'), needs('I8MM')),
  bothSetsAlike('VUSDOT (by element)',     'F6.1', '111111101D00nnnndddd1101NQM0mmmm', f.byWord, products.dot('u', 's'), f.quads('d', 'n'), needs('I8MM')),
  bothSetsAlike('VSUDOT (by element)',     'F6.1', '111111101D00nnnndddd1101NQM1mmmm', f.byWord, products.dot('s', 'u'), f.quads('d', 'n'), needs('I8MM')),
  bothSetsAlike('VSMMLA',                  'F6.1', '111111000D10nnnndddd1100N1M0mmmm', f.quadwords, products.matrix('s', 's'), f.even('d', 'n', 'm'), needs('I8MM')),
  bothSetsAlike('VUMMLA',                  'F6.1', '111111000D10nnnndddd1100N1M1mmmm', f.quadwords, products.matrix('u', 'u'), f.even('d', 'n', 'm'), needs('I8MM')),
  bothSetsAlike('VUSMMLA',                 'F6.1', '111111001D10nnnndddd1100N1M0mmmm', f.quadwords, products.matrix('u', 's'), f.even('d', 'n', 'm'), needs('I8MM')),
  // Complex numbers.
  bothSetsAlike('VCADD',                   'F6.1', '1111110r1D0snnnndddd1000NQM0mmmm', g.complexSum, complex.vcadd, f.quads('d', 'n', 'm'), needs('FCMA')),
  bothSetsAlike('VCMLA',                   'F6.1', '1111110rrD1snnnndddd1000NQM0mmmm', g.complexProduct, complex.vcmla, f.quads('d', 'n', 'm'), needs('FCMA')),
  bothSetsAlike('VCMLA (by element)',      'F6.1', '11111110sDrrnnnndddd1000NQM0mmmm', g.complexByElement, complex.vcmla, f.quads('d', 'n'), needs('FCMA')),
  // Products of halves added to singles.
  bothSetsAlike('VFMAL',                   'F6.1', '111111000D10nnnndddd1000NQM1mmmm', g.halvesToSingles, complex.vfmal, f.quads('d'), needs('ASIMDFHM')),
  bothSetsAlike('VFMSL',                   'F6.1', '111111001D10nnnndddd1000NQM1mmmm', g.halvesToSingles, complex.vfmsl, f.quads('d'), needs('ASIMDFHM')),
  bothSetsAlike('VFMAL (by element)',      'F6.1', '111111100D00nnnndddd1000NQM1mmmm', g.halvesToSinglesByElement, complex.vfmal, f.quads('d'), needs('ASIMDFHM')),
  bothSetsAlike('VFMSL (by element)',      'F6.1', '111111100D01nnnndddd1000NQM1mmmm', g.halvesToSinglesByElement, complex.vfmsl, f.quads('d'), needs('ASIMDFHM')),
  // BFloat16.
  bothSetsAlike('VDOT (BFloat16)',         'F6.1', '111111000D00nnnndddd1101NQM0mmmm', f.binaryWords, bfloat.vdot, f.quads('d', 'n', 'm'), needs('ASIMDBF16')),
  bothSetsAlike('VDOT (BFloat16, by element)', 'F6.1', '111111100D00nnnndddd1101NQM0mmmm', f.byWord, bfloat.vdot, f.quads('d', 'n'), needs('ASIMDBF16')),
  bothSetsAlike('VMMLA (BFloat16)',        'F6.1', '111111000D00nnnndddd1100N1M0mmmm', f.quadwords, bfloat.vmmla, f.even('d', 'n', 'm'), needs('ASIMDBF16')),
  bothSetsAlike('VFMAB (BFloat16)',        'F6.1', '111111000D11nnnndddd1000N0M1mmmm', f.quadwords, bfloat.vfmab, f.even('d', 'n', 'm'), needs('ASIMDBF16')),
  bothSetsAlike('VFMAT (BFloat16)',        'F6.1', '111111000D11nnnndddd1000N1M1mmmm', f.quadwords, bfloat.vfmat, f.even('d', 'n', 'm'), needs('ASIMDBF16')),
  bothSetsAlike('VFMAB (BFloat16, by element)', 'F6.1', '111111100D11nnnndddd1000N0M1mmmm', g.bfloatByElement, bfloat.vfmab, f.even('d', 'n'), needs('ASIMDBF16')),
  bothSetsAlike('VFMAT (BFloat16, by element)', 'F6.1', '111111100D11nnnndddd1000N1M1mmmm', g.bfloatByElement, bfloat.vfmat, f.even('d', 'n'), needs('ASIMDBF16')),
  bothSetsSimd('VCVT (to BFloat16, vector)', 'F6.1', '111100111D110110dddd011001M0mmmm', f.halves, bfloat.vcvt, f.even('m'), needs('ASIMDBF16')),
].flat();

export const v8A32Rows: readonly Row[] = rows.filter((row) => row.set === 'a32');
export const v8T32Rows: readonly Row[] = rows.filter((row) => row.set === 't32');
