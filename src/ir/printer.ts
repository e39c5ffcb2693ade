/**
 * The IR as text, and single instructions of it. The text is what the parser reads:
 *
 *   entry 0x8001
 *   b0:
 *     insn 0x8001 0x0 0x0
 *     v1 = get.i32 r0
 *     branch v1 b1 b2
 *
 * A value's number is its instruction's. Guest addresses are hexadecimal; other immediates are decimal.
 */
import { type IrFunction, instructionWords } from './function.ts';
import { type OpName, opNames, opRows } from './ops.table.ts';
import { variables } from './variables.table.ts';

/** The immediates that are guest addresses, ITSTATEs or bits of an instruction: bit i for argument i. */
const hexArguments: Partial<Record<OpName, number>> = {
  insn: 0b111,
  poll: 0b001,
  'exit.jump': 0b001,
  call: 0b011,
  'call.indirect': 0b010,
  'exit.syscall': 0b110,
  'exit.undefined': 0b001,
  'exit.continue': 0b011,
};

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** One instruction, without indentation or line end. */
export function printInstruction(ir: IrFunction, instruction: number): string {
  const code = ir.words[instruction * instructionWords];
  const name = opNames[code];
  const row = opRows[code];
  if (name === undefined || row === undefined) return `?${code}`;
  let text = row.result === 'none' ? name : `v${instruction} = ${name}`;
  const hexMask = hexArguments[name] ?? 0;
  row.args.forEach((kind, i) => {
    const value = ir.argument(instruction, i);
    if (kind === 'imm') text += ` ${hexMask & (1 << i) ? hex(value) : value}`;
    else if (kind === 'var') text += ` ${variables[value]?.name ?? `?${value}`}`;
    else text += ` ${kind === 'block' ? 'b' : 'v'}${value}`;
  });
  return text;
}

/** The whole function; blocks stand in the order in which they were filled. */
export function print(ir: IrFunction): string {
  const blocks = ir.blockStart.map((_, block) => block).sort((a, b) => ir.blockStart[a] - ir.blockStart[b]);
  const lines = [`entry ${hex(ir.entry)}`];
  for (const block of blocks) {
    lines.push(`b${block}:`);
    for (let at = ir.blockStart[block]; at < ir.blockEnd[block]; at++) lines.push(`  ${printInstruction(ir, at)}`);
  }
  return `${lines.join('\n')}\n`;
}
