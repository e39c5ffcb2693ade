/**
 * VFPv4-D32 (DDI 0406C, A7.5 to A7.9): scalar floating point, and the moves, loads and stores that it shares with
 * Advanced SIMD. A32 and T32 encodings differ in the first four bits alone.
 *   z size: 0 single, 1 double · Dd Nn Mm registers · t u core registers · U up · P before · W write-back
 */
import { bothSets, needs, type Row } from './row.ts';
import * as arithmetic from './vfp-arithmetic.ts';
import * as convert from './vfp-convert.ts';
import * as f from './vfp-formats.ts';
import * as transfer from './vfp-transfer.ts';

// biome-ignore format: one row a line
const rows: readonly Row[] = [
  bothSets('VMLA',                          'A8.8.337', 'cccc11100D00nnnndddd101zN0M0mmmm', f.floatBinary, arithmetic.vmla),
  bothSets('VMLS',                          'A8.8.337', 'cccc11100D00nnnndddd101zN1M0mmmm', f.floatBinary, arithmetic.vmls),
  bothSets('VNMLS',                         'A8.8.356', 'cccc11100D01nnnndddd101zN0M0mmmm', f.floatBinary, arithmetic.vnmls),
  bothSets('VNMLA',                         'A8.8.356', 'cccc11100D01nnnndddd101zN1M0mmmm', f.floatBinary, arithmetic.vnmla),
  bothSets('VMUL',                          'A8.8.351', 'cccc11100D10nnnndddd101zN0M0mmmm', f.floatBinary, arithmetic.vmul),
  bothSets('VNMUL',                         'A8.8.356', 'cccc11100D10nnnndddd101zN1M0mmmm', f.floatBinary, arithmetic.vnmul),
  bothSets('VADD',                          'A8.8.283', 'cccc11100D11nnnndddd101zN0M0mmmm', f.floatBinary, arithmetic.vadd),
  bothSets('VSUB',                          'A8.8.415', 'cccc11100D11nnnndddd101zN1M0mmmm', f.floatBinary, arithmetic.vsub),
  bothSets('VDIV',                          'A8.8.312', 'cccc11101D00nnnndddd101zN0M0mmmm', f.floatBinary, arithmetic.vdiv),
  bothSets('VFNMS',                         'A8.8.318', 'cccc11101D01nnnndddd101zN0M0mmmm', f.floatBinary, arithmetic.vfnms, needs('VFPv4')),
  bothSets('VFNMA',                         'A8.8.318', 'cccc11101D01nnnndddd101zN1M0mmmm', f.floatBinary, arithmetic.vfnma, needs('VFPv4')),
  bothSets('VFMA',                          'A8.8.317', 'cccc11101D10nnnndddd101zN0M0mmmm', f.floatBinary, arithmetic.vfma, needs('VFPv4')),
  bothSets('VFMS',                          'A8.8.317', 'cccc11101D10nnnndddd101zN1M0mmmm', f.floatBinary, arithmetic.vfms, needs('VFPv4')),
  bothSets('VMOV (immediate)',              'A8.8.339', 'cccc11101D11hhhhdddd101zo0o0iiii', f.floatImmediate, arithmetic.vmovImmediate),
  bothSets('VMOV (register)',               'A8.8.340', 'cccc11101D110000dddd101z01M0mmmm', f.floatUnary, arithmetic.vmovRegister),
  bothSets('VABS',                          'A8.8.280', 'cccc11101D110000dddd101z11M0mmmm', f.floatUnary, arithmetic.vabs),
  bothSets('VNEG',                          'A8.8.355', 'cccc11101D110001dddd101z01M0mmmm', f.floatUnary, arithmetic.vneg),
  bothSets('VSQRT',                         'A8.8.401', 'cccc11101D110001dddd101z11M0mmmm', f.floatUnary, arithmetic.vsqrt),
  bothSets('VCMP',                          'A8.8.303', 'cccc11101D110100dddd101zE1M0mmmm', f.floatCompare, arithmetic.vcmp),
  bothSets('VCMP (zero)',                   'A8.8.303', 'cccc11101D110101dddd101zE1o0oooo', f.floatCompareZero, arithmetic.vcmpZero),
  // Conversions.
  bothSets('VCVTB, VCVTT (to single)',      'A8.8.311', 'cccc11101D110010dddd101oT1M0mmmm', f.floatHalf, convert.vcvtHalfToSingle),
  bothSets('VCVTB, VCVTT (to half)',        'A8.8.311', 'cccc11101D110011dddd101oT1M0mmmm', f.floatHalf, convert.vcvtSingleToHalf),
  bothSets('VCVT (double and single)',      'A8.8.309', 'cccc11101D110111dddd101z11M0mmmm', f.floatToFloat, convert.vcvtPrecision),
  bothSets('VCVT (from integer)',           'A8.8.306', 'cccc11101D111000dddd101zS1M0mmmm', f.integerToFloat, convert.vcvtFromInteger),
  bothSets('VCVT (to integer)',             'A8.8.306', 'cccc11101D11110Sdddd101z11M0mmmm', f.floatToInteger, convert.vcvtToInteger),
  bothSets('VCVTR (to integer)',            'A8.8.306', 'cccc11101D11110Sdddd101z01M0mmmm', f.floatToInteger, convert.vcvtrToInteger),
  bothSets('VCVT (from fixed)',             'A8.8.308', 'cccc11101D11101Udddd101zx1i0iiii', f.floatFixed, convert.vcvtFromFixed, f.fixed),
  bothSets('VCVT (to fixed)',               'A8.8.308', 'cccc11101D11111Udddd101zx1i0iiii', f.floatFixed, convert.vcvtToFixed, f.fixed),
  // Transfers to and from core registers.
  bothSets('VMOV (core to single)',         'A8.8.343', 'cccc11100000nnnntttt1010Noo1oooo', f.coreSingle, transfer.vmovToSingle, f.coreT),
  bothSets('VMOV (single to core)',         'A8.8.343', 'cccc11100001nnnntttt1010Noo1oooo', f.coreSingle, transfer.vmovFromSingle, f.coreT),
  bothSets('VMOV (core to scalar)',         'A8.8.341', 'cccc111000x0nnnntttt1011N001oooo', f.coreScalar, transfer.vmovToScalar, f.coreT),
  bothSets('VMOV (scalar to core)',         'A8.8.342', 'cccc111000x1nnnntttt1011N001oooo', f.coreScalar, transfer.vmovFromScalar, f.coreT),
  bothSets('VMOV (core to two singles)',    'A8.8.344', 'cccc11000100uuuutttt101000M1mmmm', f.coreSingles, transfer.vmovToSingles, f.corePair, f.twoSingles),
  bothSets('VMOV (two singles to core)',    'A8.8.344', 'cccc11000101uuuutttt101000M1mmmm', f.coreSingles, transfer.vmovFromSingles, f.corePair, f.distinct, f.twoSingles),
  bothSets('VMOV (core to double)',         'A8.8.345', 'cccc11000100uuuutttt101100M1mmmm', f.coreDouble, transfer.vmovToDouble, f.corePair),
  bothSets('VMOV (double to core)',         'A8.8.345', 'cccc11000101uuuutttt101100M1mmmm', f.coreDouble, transfer.vmovFromDouble, f.corePair, f.distinct),
  bothSets('VMRS',                          'A8.8.348', 'cccc111011110001tttt1010ooo1oooo', f.statusMove, transfer.vmrs, f.coreT),
  bothSets('VMRS (APSR)',                   'A8.8.348', 'cccc11101111000111111010ooo1oooo', f.statusMove, transfer.vmrsFlags),
  bothSets('VMSR',                          'A8.8.349', 'cccc111011100001tttt1010ooo1oooo', f.statusMove, transfer.vmsr, f.coreT),
  // Loads and stores.
  bothSets('VLDR',                          'A8.8.333', 'cccc1101UD01nnnndddd101ziiiiiiii', f.floatAccess, transfer.vldr),
  bothSets('VSTR',                          'A8.8.413', 'cccc1101UD00nnnndddd101ziiiiiiii', f.floatAccess, transfer.vstr, f.store),
  bothSets('VLDM',                          'A8.8.332', 'cccc110PUDW1nnnndddd101ziiiiiiii', f.floatMultiple, transfer.vldm, f.multiple),
  bothSets('VSTM',                          'A8.8.412', 'cccc110PUDW0nnnndddd101ziiiiiiii', f.floatMultiple, transfer.vstm, f.multiple),
].flat();

export const vfpA32Rows: readonly Row[] = rows.filter((row) => row.set === 'a32');
export const vfpT32Rows: readonly Row[] = rows.filter((row) => row.set === 't32');
