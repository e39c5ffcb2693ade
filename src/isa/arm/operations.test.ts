/** Results and flags of the less obvious operations at their edges; the fuzzer compares all of them with qemu-arm. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interpreter } from '../../ir/interpreter.ts';
import { Testbed } from '../../ir/testbed.ts';
import { Cpu, ExitReason } from '../../layout/cpu.ts';
import { lowerFragment } from './block.ts';

/** Assembler text, encoding, r1 r2 r3 before, flags before, r0 r3 after (r0 is 0 before), flags after. */
type Case = readonly [text: string, bits: number, before: string, flags: string, after: string, flagsAfter: string];

// biome-ignore format: one case a line
const cases: readonly Case[] = [
  ['adds r0, r1, r2', 0xe0910002, '7fffffff 1 0', '', '80000000 0', 'nv'],
  ['adds r0, r1, r2', 0xe0910002, 'ffffffff 1 0', '', '0 0', 'zc'],
  ['subs r0, r1, r2', 0xe0510002, '80000000 1 0', '', '7fffffff 0', 'cv'],
  ['subs r0, r1, r2', 0xe0510002, '0 1 0', '', 'ffffffff 0', 'n'],
  ['rsbs r0, r1, #0', 0xe2710000, '80000000 0 0', '', '80000000 0', 'nv'],
  ['adcs r0, r1, r2', 0xe0b10002, 'ffffffff 0 0', 'c', '0 0', 'zc'],
  ['sbcs r0, r1, r2', 0xe0d10002, '0 ffffffff 0', '', '0 0', 'z'],
  ['sbcs r0, r1, r2', 0xe0d10002, '5 5 0', 'c', '0 0', 'zc'],
  ['movs r0, r1, lsl r2', 0xe1b00211, '80000001 20 0', '', '0 0', 'zc'],
  ['movs r0, r1, lsr r2', 0xe1b00231, '80000001 20 0', '', '0 0', 'zc'],
  ['movs r0, r1, asr r2', 0xe1b00251, '80000001 ff 0', '', 'ffffffff 0', 'nc'],
  ['movs r0, r1, ror r2', 0xe1b00271, '80000001 0 0', 'c', '80000001 0', 'nc'],
  ['movs r0, r1, rrx', 0xe1b00061, '2 0 0', 'c', '80000001 0', 'n'],
  ['bics r0, r1, r2, asr #32', 0xe1d10042, 'ffffffff 80000000 0', '', '0 0', 'zc'],
  ['umull r0, r3, r1, r2', 0xe0830291, 'ffffffff ffffffff 0', '', '1 fffffffe', ''],
  ['smlal r0, r3, r1, r2', 0xe0e30291, 'ffffffff 1 0', '', 'ffffffff ffffffff', ''],
  ['umaal r0, r3, r1, r2', 0xe0430291, 'ffffffff ffffffff ffffffff', '', '0 ffffffff', ''],
  ['smlabb r0, r1, r2, r3', 0xe1003281, '8000 8000 7fffffff', '', 'bfffffff 7fffffff', 'q'],
  ['smulwt r0, r1, r2', 0xe12002e1, '80000000 80000000 0', '', '40000000 0', ''],
  ['smuad r0, r1, r2', 0xe700f211, '80008000 80008000 0', '', '80000000 0', 'q'],
  ['smlsdx r0, r1, r2, r3', 0xe7003271, '7fff8000 80007fff 1', '', '10000 1', ''],
  ['smmlar r0, r1, r2, r3', 0xe7503231, '80000000 1 0', '', '0 0', ''],
  ['sdiv r0, r1, r2', 0xe710f211, '80000000 ffffffff 0', '', '80000000 0', ''],
  ['sdiv r0, r1, r2', 0xe710f211, '5 0 0', '', '0 0', ''],
  ['udiv r0, r1, r2', 0xe730f211, 'ffffffff 3 0', '', '55555555 0', ''],
  ['qadd r0, r1, r2', 0xe1020051, '7fffffff 1 0', '', '7fffffff 0', 'q'],
  ['qsub r0, r1, r2', 0xe1220051, '80000000 1 0', '', '80000000 0', 'q'],
  ['qdadd r0, r1, r2', 0xe1420051, '0 40000000 0', '', '7fffffff 0', 'q'],
  ['ssat r0, #8, r1, asr #1', 0xe6a700d1, '1ff 0 0', '', '7f 0', 'q'],
  ['usat r0, #5, r1', 0xe6e50011, 'ffffffff 0 0', '', '0 0', 'q'],
  ['ssat16 r0, #4, r1', 0xe6a30f31, '7fff8000 0 0', '', '7fff8 0', 'q'],
  ['sadd16 r0, r1, r2', 0xe6110f12, '7fff8000 1ffff 0', '', '80007fff 0', 'ge 1100'],
  ['uadd8 r0, r1, r2', 0xe6510f92, 'ff01807f 1ff8001 0', '', '80 0', 'ge 1110'],
  ['usub8 r0, r1, r2', 0xe6510ff2, 'ff0180 1ff0281 0', '', 'ff00ffff 0', 'ge 0100'],
  ['shsub8 r0, r1, r2', 0xe6310ff2, '807f0001 7f80ff02 0', '', '807f00ff 0', ''],
  ['uqasx r0, r1, r2', 0xe6610f32, 'ffff0000 10001 0', '', 'ffff0000 0', ''],
  ['uhsax r0, r1, r2', 0xe6710f52, '18000 28001 0', '', 'c0004001 0', ''],
  ['sxtab16 r0, r1, r2, ror #8', 0xe6810472, '10001 80ff7f00 0', '', 'ff810080 0', ''],
  ['uxtb16 r0, r1', 0xe6cf0071, '12345678 0 0', '', '340078 0', ''],
  ['pkhtb r0, r1, r2, asr #32', 0xe6810052, '12345678 80000000 0', '', '1234ffff 0', ''],
  ['usada8 r0, r1, r2, r3', 0xe7803211, 'ff10f0 ff00f010 1', '', '3bf 1', ''],
  ['rbit r0, r1', 0xe6ff0f31, '1 0 0', '', '80000000 0', ''],
  ['rev16 r0, r1', 0xe6bf0fb1, '12345678 0 0', '', '34127856 0', ''],
  ['revsh r0, r1', 0xe6ff0fb1, '80ff 0 0', '', 'ffffff80 0', ''],
  ['clz r0, r1', 0xe16f0f11, '0 0 0', '', '20 0', ''],
  ['sbfx r0, r1, #4, #8', 0xe7a70251, '800 0 0', '', 'ffffff80 0', ''],
  ['bfi r3, r1, #28, #4', 0xe7df3e11, '9 0 1234567', '', '0 91234567', ''],
  ['movt r3, #0x8765', 0xe3483765, '0 0 1234', '', '0 87651234', ''],
];

const testbed = new Testbed();
const interpreter = new Interpreter(testbed.guest, testbed.control);
const field = (name: 'nf' | 'zf' | 'cf' | 'vf' | 'qf' | 'ge'): number => testbed.words[Cpu[name].index32] as number;
const hexadecimal = (value: number): string => (value >>> 0).toString(16);

function flags(): string {
  const set = [field('nf') < 0, field('zf') === 0, field('cf') !== 0, field('vf') < 0, field('qf') !== 0];
  const letters = set.map((on, i) => (on ? 'nzcvq'[i] : '')).join('');
  return `${letters}${field('ge') === 0 ? '' : ` ge ${field('ge').toString(2).padStart(4, '0')}`}`.trim();
}

for (const [text, bits, before, flagsBefore, after, flagsAfter] of cases) {
  test(`${text} of ${before}${flagsBefore === '' ? '' : `, ${flagsBefore}`}`, () => {
    testbed.reset(1);
    for (const name of ['nf', 'cf', 'vf', 'qf', 'ge'] as const) testbed.words[Cpu[name].index32] = 0;
    testbed.words[Cpu.zf.index32] = 1;
    testbed.words[Cpu.cf.index32] = flagsBefore === 'c' ? 1 : 0;
    testbed.register.set([0, ...before.split(' ').map((word) => Number.parseInt(word, 16) | 0)]);
    const reader = { halfword: (address: number) => (bits >>> (address * 8)) & 0xffff };
    const { ir } = lowerFragment(reader, 0, 0, 1);
    assert.equal(interpreter.run(ir, testbed.cpuBase), ExitReason.jump);
    assert.equal(`${hexadecimal(testbed.register[0]!)} ${hexadecimal(testbed.register[3]!)}`, after);
    assert.equal(flags(), flagsAfter);
  });
}
