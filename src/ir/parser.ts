/**
 * Reads the text that the printer writes, for tests and for dumps taken from a run. Value names may be any `v` and
 * digits that were defined above; they are numbered anew in the order of the text, so that printing gives the text
 * back when it was numbered so. `#` starts a comment.
 */
import { UserError } from '../base/user-error.ts';
import { Builder, type IrFunction } from './function.ts';
import { type OpName, opCodes, opRows } from './ops.table.ts';
import { variableNumbers } from './variables.table.ts';

/** @throws UserError naming the line when the text is not IR. Types and dominance are the verifier's business. */
export function parse(text: string): IrFunction {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  const fail = (line: number, message: string): never => {
    throw new UserError(`IR line ${line + 1}: ${message}: ${lines[line]}`);
  };
  const builder = new Builder();
  const entryLine = lines.findIndex((line) => line !== '');
  const entry = /^entry (0x[0-9a-f]+)$/.exec(lines[entryLine] ?? '');
  if (entry === null) return fail(Math.max(entryLine, 0), 'expected "entry 0x..."');
  builder.begin(Number(entry[1]) | 0);
  const blocks = lines.filter((line) => /^b\d+:$/.test(line)).length;
  for (let block = 0; block < blocks; block++) builder.newBlock();

  const values = new Map<string, number>();

  const argument = (kind: string, word: string, line: number): number => {
    if (kind === 'imm') return /^(-?\d+|0x[0-9a-f]+)$/.test(word) ? Number(word) | 0 : fail(line, `immediate ${word}`);
    if (kind === 'var') return variableNumbers.get(word) ?? fail(line, `unknown variable ${word}`);
    if (kind === 'block') return /^b\d+$/.test(word) ? Number(word.slice(1)) : fail(line, `block ${word}`);
    return values.get(word) ?? fail(line, `undefined ${word}`);
  };

  lines.forEach((text, line) => {
    if (text === '' || line === entryLine) return;
    const header = /^b(\d+):$/.exec(text);
    if (header !== null) {
      if (Number(header[1]) >= blocks) fail(line, 'blocks are numbered from 0 without gaps');
      builder.startBlock(Number(header[1]) as Parameters<Builder['startBlock']>[0]);
      return;
    }
    if (builder.ended) fail(line, 'instruction outside a block');
    const [, result, name, rest] = /^(?:(v\d+) = )?([a-z0-9_.]+)((?: \S+)*)$/.exec(text) ?? fail(line, 'syntax');
    const code = opCodes[name as OpName] ?? fail(line, `unknown operation ${name}`);
    const row = opRows[code];
    const words = (rest as string).split(' ').filter((word) => word !== '');
    if (words.length !== row.args.length) fail(line, `${name} has ${row.args.length} arguments`);
    if ((result !== undefined) !== (row.result !== 'none')) fail(line, `${name} gives ${row.result}`);
    const [a = 0, b = 0, c = 0] = row.args.map((kind, i) => argument(kind, words[i], line));
    const value = builder.append(code, a, b, c);
    if (result !== undefined) {
      if (values.has(result)) fail(line, `${result} is defined twice`);
      values.set(result, value);
    }
  });

  return builder.finish();
}
