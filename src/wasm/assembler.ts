/**
 * A small assembler for the helper functions: bodies are trees in prefix order, with locals and labels by name.
 * Used once for each helper, then the bytes are kept; translated code does not come through here.
 */
import type { ValueType } from '../ir/ops.table.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { Code } from './code.ts';
import { accessAlignment, type MemoryOpcode, type Opcode } from './opcodes.table.ts';

/**
 * An expression or statement: a local's name; a number (i32 constant) or bigint (i64 constant); or an operation:
 *   [opcode, ...operands] · [memory opcode, memory, offset, ...operands] · ['set' | 'tee', local, value]
 *   ['block' | 'loop', label, ...statements] · ['br', label] · ['br_if', label, condition]
 *   ['if', condition, [statements], [statements]] · ['return', value] · ['return_call_indirect', type, ...operands]
 */
export type Tree = string | number | bigint | readonly [string, ...(Tree | readonly Tree[])[]];

export interface Assembly {
  readonly name: string;
  readonly parameters: Readonly<Record<string, ValueType>>;
  readonly result: ValueType;
  readonly locals?: Readonly<Record<string, ValueType>>;
  readonly body: readonly Tree[];
}

/** The function's body as the code section wants it, without its size. */
export function assemble(assembly: Assembly): Uint8Array<ArrayBuffer> {
  const code = new Code();
  const numbers = new Map<string, number>();
  for (const name of Object.keys(assembly.parameters)) numbers.set(name, numbers.size);
  code.begin(numbers.size);
  for (const [name, type] of Object.entries(assembly.locals ?? {})) numbers.set(name, code.allocate(type));
  const labels = new Map<string, number>();

  const local = (name: Tree): number => {
    const number = numbers.get(name as string);
    if (number === undefined) throw new Error(`${assembly.name}: no local ${String(name)}`);
    return number;
  };
  const all = (trees: readonly Tree[]): void => trees.forEach(write);
  const write = (tree: Tree): void => {
    if (typeof tree === 'string') code.get(local(tree));
    else if (typeof tree === 'number') code.i32(tree);
    else if (typeof tree === 'bigint')
      code.i64(Number(BigInt.asIntN(32, tree)), Number(BigInt.asIntN(32, tree >> 32n)));
    else operation(tree[0], tree.slice(1) as Tree[]);
  };
  const operation = (name: string, rest: readonly Tree[]): void => {
    switch (name) {
      case 'set':
      case 'tee':
        write(rest[1] as Tree);
        code[name](local(rest[0] as Tree));
        return;
      case 'block':
      case 'loop':
        code.open(name);
        labels.set(rest[0] as string, code.nesting);
        all(rest.slice(1));
        code.end();
        return;
      case 'br':
      case 'br_if':
        if (name === 'br_if') write(rest[1] as Tree);
        code.branch(name, labels.get(rest[0] as string) as number);
        return;
      case 'if':
        write(rest[0] as Tree);
        code.open('if');
        all(rest[1] as unknown as Tree[]);
        if (rest[2] !== undefined) {
          code.else();
          all(rest[2] as unknown as Tree[]);
        }
        code.end();
        return;
      case 'return_call_indirect':
        all(rest.slice(1));
        code.callIndirect(name, rest[0] as number);
        return;
    }
    if (name in accessAlignment) {
      all(rest.slice(2));
      code.memory(name as MemoryOpcode, rest[0] as number, rest[1] as number);
      return;
    }
    all(rest);
    code.op(name as Opcode);
  };
  all(assembly.body);

  const body = new ByteBuffer(code.length + 16);
  code.writeLocals(body);
  body.append(code);
  body.byte(0x0b);
  return body.slice();
}
