/** The reference side of the exact floating-point test: a program with a function for each row, under qemu-arm. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FloatRow, floatRows } from './exact-float-rows.ts';
import { buildDirectory, guest, root, tool } from './toolchain.ts';

/** Words of struct float_case in test/guests/exact-floats.c. */
export const FloatCase = { words: 14, operands: 0, operandWords: 12, fpscr: 12, instruction: 13 } as const;

const source = 'exact-floats.c';
const timeoutMs = 60_000;

/** One function: q0 to q2 and FPSCR from the case, the instruction, q0 and FPSCR back. */
const functionOf = ({ text }: FloatRow, i: number): string =>
  `
.type float_${i}, %function
float_${i}:
  ldr r1, [r0, #${4 * FloatCase.fpscr}]
  vldmia r0, {d0-d5}
  vmsr fpscr, r1
  ${text}
  vmrs r1, fpscr
  vstmia r0, {d0-d1}
  str r1, [r0, #${4 * FloatCase.fpscr}]
  bx lr`;

function header(): string {
  const assembler = [
    '.syntax unified',
    '.arm',
    '.arch armv8.6-a',
    '.fpu neon-fp-armv8',
    '.arch_extension fp16',
    '.text',
    ...floatRows.map(functionOf),
    '.section .rodata',
    '.global float_instructions',
    'float_instructions:',
    ...floatRows.map((_, i) => `.word float_${i}`),
    '.text',
  ];
  const lines = assembler.flatMap((part) => part.split('\n')).filter((line) => line !== '');
  return `__asm__(\n${lines.map((line) => `  ${JSON.stringify(`${line}\n`)}`).join('\n')});\n`;
}

/** The program: it reads cases, FloatCase records one after another, and writes them as they come out. */
export function exactFloats(): string {
  const directory = join(buildDirectory, 'exact-floats');
  mkdirSync(directory, { recursive: true });
  copyFileSync(join(root, 'test/guests', source), join(directory, source));
  writeFileSync(join(directory, 'exact-float-instructions.h'), header());
  return guest({ source, directory, flags: ['-marm'] });
}

/**
 * Runs the cases, FloatCase records one after another, each with its row's number.
 * @returns them as they come out
 */
export function runReference(cases: Int32Array): Int32Array {
  const input = Buffer.from(cases.buffer, cases.byteOffset, cases.byteLength);
  const run = spawnSync(tool('qemu-arm'), ['-cpu', 'max', exactFloats()], {
    input,
    maxBuffer: cases.byteLength + 4096,
    timeout: timeoutMs,
  });
  if (run.error) throw run.error;
  if (run.status !== 0 || run.stdout.length !== cases.byteLength)
    throw new Error(
      `the reference ended with ${run.signal ?? run.status} after ${run.stdout.length} of ${cases.byteLength} bytes: ${run.stderr}`,
    );
  return new Int32Array(run.stdout.buffer.slice(run.stdout.byteOffset, run.stdout.byteOffset + cases.byteLength));
}
