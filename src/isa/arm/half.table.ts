/**
 * Half-precision arithmetic (DDI 0487, F6.1): scalars in the lower halves of s registers, and vectors.
 *   Q quadwords · s size of elements · Dd Nn Mm registers · t core register · k condition · r rounding · S U x signedness
 */
import { Rounding } from '../../ir/float-kinds.table.ts';
import * as float from './neon-float.ts';
import * as v from './neon-formats.ts';
import { bothSets, bothSetsAlike, bothSetsSimd, needs, type Row } from './row.ts';
import * as f from './v8-formats.ts';
import * as vfp from './vfp-formats.ts';
import * as half from './vfp-half.ts';
import * as scalar from './vfp-precision.ts';

// biome-ignore format: one row a line
const rows: readonly Row[] = [
  bothSets('VMLA (half)',                          'F6.1', 'cccc11100D00nnnndddd1001N0M0mmmm', f.threeHalves, half.vmla, needs('FPHP')),
  bothSets('VMLS (half)',                          'F6.1', 'cccc11100D00nnnndddd1001N1M0mmmm', f.threeHalves, half.vmls, needs('FPHP')),
  bothSets('VNMLS (half)',                         'F6.1', 'cccc11100D01nnnndddd1001N0M0mmmm', f.threeHalves, half.vnmls, needs('FPHP')),
  bothSets('VNMLA (half)',                         'F6.1', 'cccc11100D01nnnndddd1001N1M0mmmm', f.threeHalves, half.vnmla, needs('FPHP')),
  bothSets('VMUL (half)',                          'F6.1', 'cccc11100D10nnnndddd1001N0M0mmmm', f.threeHalves, half.vmul, needs('FPHP')),
  bothSets('VNMUL (half)',                         'F6.1', 'cccc11100D10nnnndddd1001N1M0mmmm', f.threeHalves, half.vnmul, needs('FPHP')),
  bothSets('VADD (half)',                          'F6.1', 'cccc11100D11nnnndddd1001N0M0mmmm', f.threeHalves, half.vadd, needs('FPHP')),
  bothSets('VSUB (half)',                          'F6.1', 'cccc11100D11nnnndddd1001N1M0mmmm', f.threeHalves, half.vsub, needs('FPHP')),
  bothSets('VDIV (half)',                          'F6.1', 'cccc11101D00nnnndddd1001N0M0mmmm', f.threeHalves, half.vdiv, needs('FPHP')),
  bothSets('VFNMS (half)',                         'F6.1', 'cccc11101D01nnnndddd1001N0M0mmmm', f.threeHalves, half.vfnms, needs('FPHP')),
  bothSets('VFNMA (half)',                         'F6.1', 'cccc11101D01nnnndddd1001N1M0mmmm', f.threeHalves, half.vfnma, needs('FPHP')),
  bothSets('VFMA (half)',                          'F6.1', 'cccc11101D10nnnndddd1001N0M0mmmm', f.threeHalves, half.vfma, needs('FPHP')),
  bothSets('VFMS (half)',                          'F6.1', 'cccc11101D10nnnndddd1001N1M0mmmm', f.threeHalves, half.vfms, needs('FPHP')),
  bothSets('VMOV (immediate, half)',               'F6.1', 'cccc11101D11hhhhdddd1001o0o0iiii', f.halfImmediate, half.vmovImmediate, needs('FPHP')),
  bothSets('VABS (half)',                          'F6.1', 'cccc11101D110000dddd100111M0mmmm', f.twoHalves, half.vabs, needs('FPHP')),
  bothSets('VNEG (half)',                          'F6.1', 'cccc11101D110001dddd100101M0mmmm', f.twoHalves, half.vneg, needs('FPHP')),
  bothSets('VSQRT (half)',                         'F6.1', 'cccc11101D110001dddd100111M0mmmm', f.twoHalves, half.vsqrt, needs('FPHP')),
  bothSets('VCMP (half)',                          'F6.1', 'cccc11101D110100dddd1001E1M0mmmm', f.halfCompare, half.vcmp, needs('FPHP')),
  bothSets('VCMP (zero, half)',                    'F6.1', 'cccc11101D110101dddd1001E1o0oooo', f.halfOne, half.vcmpZero, needs('FPHP')),
  bothSets('VCVT (from integer, half)',            'F6.1', 'cccc11101D111000dddd1001S1M0mmmm', f.halfInteger, half.vcvtFromInteger, needs('FPHP')),
  bothSets('VCVT (to integer, half)',              'F6.1', 'cccc11101D11110Sdddd100111M0mmmm', f.halfInteger, half.vcvtToInteger, needs('FPHP')),
  bothSets('VCVTR (to integer, half)',             'F6.1', 'cccc11101D11110Sdddd100101M0mmmm', f.halfInteger, half.vcvtrToInteger, needs('FPHP')),
  bothSets('VCVT (from fixed, half)',              'F6.1', 'cccc11101D11101Udddd1001x1i0iiii', f.halfFixed, half.vcvtFromFixed, vfp.fixed, needs('FPHP')),
  bothSets('VCVT (to fixed, half)',                'F6.1', 'cccc11101D11111Udddd1001x1i0iiii', f.halfFixed, half.vcvtToFixed, vfp.fixed, needs('FPHP')),
  bothSets('VRINTR (half)',                        'F6.1', 'cccc11101D110110dddd100101M0mmmm', f.twoHalves, scalar.vrintr, needs('FPHP')),
  bothSets('VRINTZ (half)',                        'F6.1', 'cccc11101D110110dddd100111M0mmmm', f.twoHalves, scalar.vrintz, needs('FPHP')),
  bothSets('VRINTX (half)',                        'F6.1', 'cccc11101D110111dddd100101M0mmmm', f.twoHalves, scalar.vrintx, needs('FPHP')),
  bothSets('VMOV (core to half precision)',                  'F6.1', 'cccc11100000nnnntttt1001Noo1oooo', f.coreHalf, half.vmovToHalf, vfp.coreT, needs('FPHP')),
  bothSets('VMOV (half precision to core)',                  'F6.1', 'cccc11100001nnnntttt1001Noo1oooo', f.coreHalf, half.vmovFromHalf, vfp.coreT, needs('FPHP')),
  bothSets('VLDR (half)',                          'F6.1', 'cccc1101UD01nnnndddd1001iiiiiiii', f.halfAccess, half.vldr, needs('FPHP')),
  bothSets('VSTR (half)',                          'F6.1', 'cccc1101UD00nnnndddd1001iiiiiiii', f.halfAccess, half.vstr, vfp.store, needs('FPHP')),
  bothSetsAlike('VINS',                            'F6.1', '111111101D110000dddd101011M0mmmm', f.twoHalves, half.vins, needs('FPHP')),
  bothSetsAlike('VMOVX',                           'F6.1', '111111101D110000dddd101001M0mmmm', f.twoHalves, half.vmovx, needs('FPHP')),
  bothSetsAlike('VSEL (half)',                     'F6.1', '111111100Dkknnnndddd1001N0M0mmmm', f.selectHalves, scalar.vsel, needs('FPHP')),
  bothSetsAlike('VMAXNM (half)',                   'F6.1', '111111101D00nnnndddd1001N0M0mmmm', f.threeHalves, scalar.vmaxnm, needs('FPHP')),
  bothSetsAlike('VMINNM (half)',                   'F6.1', '111111101D00nnnndddd1001N1M0mmmm', f.threeHalves, scalar.vminnm, needs('FPHP')),
  bothSetsAlike('VRINTA, VRINTN, VRINTP, VRINTM (half)', 'F6.1', '111111101D1110rrdddd100101M0mmmm', f.roundHalves, scalar.vrint, needs('FPHP')),
  bothSetsAlike('VCVTA, VCVTN, VCVTP, VCVTM (half)', 'F6.1', '111111101D1111rrdddd1001S1M0mmmm', f.convertHalves, scalar.vcvtDirected, needs('FPHP')),
  // Vectors.
  bothSetsSimd('VFMA (halves)',                    'F6.1', '111100100D01nnnndddd1100NQM1mmmm', v.binaryHalves, float.vfma, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VFMS (halves)',                    'F6.1', '111100100D11nnnndddd1100NQM1mmmm', v.binaryHalves, float.vfms, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VADD (halves)',                    'F6.1', '111100100D01nnnndddd1101NQM0mmmm', v.binaryHalves, float.vadd, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VSUB (halves)',                    'F6.1', '111100100D11nnnndddd1101NQM0mmmm', v.binaryHalves, float.vsub, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VPADD (halves)',                   'F6.1', '111100110D01nnnndddd1101N0M0mmmm', v.pairwiseHalves, float.vpadd, needs('ASIMDHP')),
  bothSetsSimd('VABD (halves)',                    'F6.1', '111100110D11nnnndddd1101NQM0mmmm', v.binaryHalves, float.vabd, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VMLA (halves)',                    'F6.1', '111100100D01nnnndddd1101NQM1mmmm', v.binaryHalves, float.vmla, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VMLS (halves)',                    'F6.1', '111100100D11nnnndddd1101NQM1mmmm', v.binaryHalves, float.vmls, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VMUL (halves)',                    'F6.1', '111100110D01nnnndddd1101NQM1mmmm', v.binaryHalves, float.vmul, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VCEQ (register, halves)',          'F6.1', '111100100D01nnnndddd1110NQM0mmmm', v.binaryHalves, float.vceq, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VCGE (register, halves)',          'F6.1', '111100110D01nnnndddd1110NQM0mmmm', v.binaryHalves, float.vcge, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VCGT (register, halves)',          'F6.1', '111100110D11nnnndddd1110NQM0mmmm', v.binaryHalves, float.vcgt, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VACGE (halves)',                   'F6.1', '111100110D01nnnndddd1110NQM1mmmm', v.binaryHalves, float.vacge, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VACGT (halves)',                   'F6.1', '111100110D11nnnndddd1110NQM1mmmm', v.binaryHalves, float.vacgt, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VMAX (halves)',                    'F6.1', '111100100D01nnnndddd1111NQM0mmmm', v.binaryHalves, float.vmax, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VMIN (halves)',                    'F6.1', '111100100D11nnnndddd1111NQM0mmmm', v.binaryHalves, float.vmin, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VPMAX (halves)',                   'F6.1', '111100110D01nnnndddd1111N0M0mmmm', v.pairwiseHalves, float.vpmax, needs('ASIMDHP')),
  bothSetsSimd('VPMIN (halves)',                   'F6.1', '111100110D11nnnndddd1111N0M0mmmm', v.pairwiseHalves, float.vpmin, needs('ASIMDHP')),
  bothSetsSimd('VMAXNM (halves)',                  'F6.1', '111100110D01nnnndddd1111NQM1mmmm', v.binaryHalves, float.vmaxnm, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VMINNM (halves)',                  'F6.1', '111100110D11nnnndddd1111NQM1mmmm', v.binaryHalves, float.vminnm, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VRECPS (halves)',                  'F6.1', '111100100D01nnnndddd1111NQM1mmmm', v.binaryHalves, float.vrecps, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VRSQRTS (halves)',                 'F6.1', '111100100D11nnnndddd1111NQM1mmmm', v.binaryHalves, float.vrsqrts, v.quads('d', 'n', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VMLA (scalar, halves)',            'F6.1', '1111001Q1Dssnnnndddd0001N1M0mmmm', v.byScalar, float.vmla, v.quads('d', 'n'), v.sizes(1), needs('ASIMDHP')),
  bothSetsSimd('VMLS (scalar, halves)',            'F6.1', '1111001Q1Dssnnnndddd0101N1M0mmmm', v.byScalar, float.vmls, v.quads('d', 'n'), v.sizes(1), needs('ASIMDHP')),
  bothSetsSimd('VMUL (scalar, halves)',            'F6.1', '1111001Q1Dssnnnndddd1001N1M0mmmm', v.byScalar, float.vmul, v.quads('d', 'n'), v.sizes(1), needs('ASIMDHP')),
  bothSetsSimd('VCGT (zero, halves)',              'F6.1', '111100111D110101dddd01000QM0mmmm', v.unaryHalves, float.vcgtZero, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VCGE (zero, halves)',              'F6.1', '111100111D110101dddd01001QM0mmmm', v.unaryHalves, float.vcgeZero, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VCEQ (zero, halves)',              'F6.1', '111100111D110101dddd01010QM0mmmm', v.unaryHalves, float.vceqZero, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VCLE (zero, halves)',              'F6.1', '111100111D110101dddd01011QM0mmmm', v.unaryHalves, float.vcleZero, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VCLT (zero, halves)',              'F6.1', '111100111D110101dddd01100QM0mmmm', v.unaryHalves, float.vcltZero, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VABS (halves)',                    'F6.1', '111100111D110101dddd01110QM0mmmm', v.unaryHalves, float.vabs, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VNEG (halves)',                    'F6.1', '111100111D110101dddd01111QM0mmmm', v.unaryHalves, float.vneg, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VRECPE (halves)',                  'F6.1', '111100111D110111dddd01010QM0mmmm', v.unaryHalves, float.vrecpe, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VRSQRTE (halves)',                 'F6.1', '111100111D110111dddd01011QM0mmmm', v.unaryHalves, float.vrsqrte, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VCVT (from integer, halves)',      'F6.1', '111100111D110111dddd0110UQM0mmmm', v.unaryHalvesSigned, float.vcvtFromInteger, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VCVT (to integer, halves)',        'F6.1', '111100111D110111dddd0111UQM0mmmm', v.unaryHalvesSigned, float.vcvtToInteger, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VCVT (from fixed, halves)',        'F6.1', '1111001U1Diiiiiidddd11000QM1mmmm', v.fixedHalves, float.vcvtFromFixed, v.quads('d', 'm'), v.fixedSizeHalves, needs('ASIMDHP')),
  bothSetsSimd('VCVT (to fixed, halves)',          'F6.1', '1111001U1Diiiiiidddd11010QM1mmmm', v.fixedHalves, float.vcvtToFixed, v.quads('d', 'm'), v.fixedSizeHalves, needs('ASIMDHP')),
  bothSetsSimd('VCVTA, VCVTN, VCVTP, VCVTM (halves)', 'F6.1', '111100111D110111dddd00rrUQM0mmmm', v.directedHalves, float.vcvtDirected, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VRINTN (halves)',                  'F6.1', '111100111D110110dddd01000QM0mmmm', v.unaryHalves, float.vrint(Rounding.nearest), v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VRINTX (halves)',                  'F6.1', '111100111D110110dddd01001QM0mmmm', v.unaryHalves, float.vrintx, v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VRINTA (halves)',                  'F6.1', '111100111D110110dddd01010QM0mmmm', v.unaryHalves, float.vrint(Rounding.away), v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VRINTZ (halves)',                  'F6.1', '111100111D110110dddd01011QM0mmmm', v.unaryHalves, float.vrint(Rounding.zero), v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VRINTM (halves)',                  'F6.1', '111100111D110110dddd01101QM0mmmm', v.unaryHalves, float.vrint(Rounding.down), v.quads('d', 'm'), needs('ASIMDHP')),
  bothSetsSimd('VRINTP (halves)',                  'F6.1', '111100111D110110dddd01111QM0mmmm', v.unaryHalves, float.vrint(Rounding.up), v.quads('d', 'm'), needs('ASIMDHP')),
].flat();

export const halfA32Rows: readonly Row[] = rows.filter((row) => row.set === 'a32');
export const halfT32Rows: readonly Row[] = rows.filter((row) => row.set === 't32');
