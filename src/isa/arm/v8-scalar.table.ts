/**
 * What Armv8 added to scalar floating point in single and double precision (DDI 0487, F6.1). Half precision has a table
 * of its own.
 *   z size: 0 single, 1 double · Dd Nn Mm registers · k condition · r rounding · S signed
 */
import { bothSets, bothSetsAlike, needs, type Row } from './row.ts';
import * as f from './v8-formats.ts';
import * as bfloat from './vfp-bfloat.ts';
import * as vfp from './vfp-formats.ts';
import * as javaScript from './vfp-javascript.ts';
import * as scalar from './vfp-precision.ts';

// biome-ignore format: one row a line
const rows: readonly Row[] = [
  bothSetsAlike('VSEL',                   'F6.1', '111111100Dkknnnndddd101zN0M0mmmm', f.select, scalar.vsel, needs('V8')),
  bothSetsAlike('VMAXNM',                 'F6.1', '111111101D00nnnndddd101zN0M0mmmm', f.three, scalar.vmaxnm, needs('V8')),
  bothSetsAlike('VMINNM',                 'F6.1', '111111101D00nnnndddd101zN1M0mmmm', f.three, scalar.vminnm, needs('V8')),
  bothSetsAlike('VRINTA, VRINTN, VRINTP, VRINTM', 'F6.1', '111111101D1110rrdddd101z01M0mmmm', f.round, scalar.vrint, needs('V8')),
  bothSets('VRINTR',                      'F6.1', 'cccc11101D110110dddd101z01M0mmmm', f.two, scalar.vrintr, needs('V8')),
  bothSets('VRINTZ',                      'F6.1', 'cccc11101D110110dddd101z11M0mmmm', f.two, scalar.vrintz, needs('V8')),
  bothSets('VRINTX',                      'F6.1', 'cccc11101D110111dddd101z01M0mmmm', f.two, scalar.vrintx, needs('V8')),
  bothSetsAlike('VCVTA, VCVTN, VCVTP, VCVTM', 'F6.1', '111111101D1111rrdddd101zS1M0mmmm', f.convert, scalar.vcvtDirected, needs('V8')),
  bothSets('VCVTB, VCVTT (to double)',    'F6.1', 'cccc11101D110010dddd1011T1M0mmmm', f.toDouble, scalar.vcvtHalfToDouble, needs('V8')),
  bothSets('VCVTB, VCVTT (from double)',  'F6.1', 'cccc11101D110011dddd1011T1M0mmmm', f.fromDouble, scalar.vcvtDoubleToHalf, needs('V8')),
  bothSets('VJCVT',                       'F6.1', 'cccc11101D111001dddd101111M0mmmm', f.javaScript, javaScript.vjcvt, needs('JSCVT')),
  bothSets('VCVTB, VCVTT (BFloat16)',     'F6.1', 'cccc11101D110011dddd1001T1M0mmmm', vfp.floatHalf, bfloat.vcvtSingleToBfloat, needs('ASIMDBF16')),
].flat();

export const v8ScalarA32Rows: readonly Row[] = rows.filter((row) => row.set === 'a32');
export const v8ScalarT32Rows: readonly Row[] = rows.filter((row) => row.set === 't32');
