/** What the kernel tells programs about the processor: the auxiliary vector and /proc/cpuinfo. */
import type { Processor } from '../processor/processors.table.ts';
import { hwcaps } from './hwcaps.table.ts';

const announced = ({ features }: Processor) => hwcaps.filter(({ needs }) => needs === undefined || features.has(needs));

/** AT_HWCAP (1) or AT_HWCAP2 (2). */
export const hwcapOf = (processor: Processor, word: 1 | 2): number =>
  announced(processor)
    .filter((row) => row.word === word)
    .reduce((bits, row) => bits | row.bit, 0);

/** AT_PLATFORM: the architecture's version, little-endian. */
export const platformOf = ({ version }: Processor): string => `v${version}l`;

/** MIDR's fields (DDI 0406C, B4.1.105). */
const implementerOf = (midr: number): number => midr >>> 24;
const variantOf = (midr: number): number => (midr >>> 20) & 0xf;
const partOf = (midr: number): number => (midr >>> 4) & 0xfff;
const revisionOf = (midr: number): number => midr & 0xf;

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** /proc/cpuinfo: arch/arm/kernel/setup.c c_show, and of Armv8 what arm64's shows to 32-bit programs. */
export function cpuInfo(processor: Processor, count: number): string {
  const { midr, version } = processor;
  const names = announced(processor).map(({ name }) => name);
  const one = (index: number): string =>
    [
      `processor\t: ${index}`,
      `model name\t: ARMv${version} Processor rev ${revisionOf(midr)} (${platformOf(processor)})`,
      'BogoMIPS\t: 100.00',
      `Features\t: ${names.join(' ')} `,
      `CPU implementer\t: ${hex(implementerOf(midr), 2)}`,
      `CPU architecture: ${version}`,
      `CPU variant\t: ${hex(variantOf(midr), 1)}`,
      `CPU part\t: ${hex(partOf(midr), 3)}`,
      `CPU revision\t: ${revisionOf(midr)}`,
      '',
      '',
    ].join('\n');
  const all = Array.from({ length: count }, (_, index) => one(index)).join('');
  return `${all}Hardware\t: Armada (Flattened Device Tree)\nRevision\t: 0000\nSerial\t\t: 0000000000000000\n`;
}
