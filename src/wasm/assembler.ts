/**
 * A small assembler for the helper functions: bodies are trees in prefix order, with locals and labels by name.
 * Used once for each helper, then the bytes are kept; translated code does not come through here.
 */
import type { ValueType } from '../ir/ops.table.ts';
import { shuffles } from '../ir/shuffles.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { Code } from './code.ts';
import { accessAlignment, type MemoryOpcode, type Opcode } from './opcodes.table.ts';

/**
 * An expression or statement: a local's name; a number (i32 constant) or bigint (i64 constant); or an operation:
 *   [opcode, ...operands] · [memory opcode, memory, offset, ...operands] · ['set' | 'tee', local, value]
 *   ['block' | 'loop', label, ...statements] · ['br', label] · ['br_if', label, condition]
 *   ['if', condition, [statements], [statements]] · ['return', value] · ['return_call_indirect', type, ...operands]
 *   ['v128.const', word, word, word, word] · ['shuffle', pattern number, a, b] · [lane opcode, lane, ...operands]
 *   ['call', another helper, ...operands]
 */
export type Tree = string | number | bigint | readonly [string, ...(Tree | readonly Tree[] | Assembly)[]];

export interface Assembly {
  readonly name: string;
  readonly parameters: Readonly<Record<string, ValueType>>;
  readonly result: ValueType;
  readonly locals?: Readonly<Record<string, ValueType>>;
  readonly body: readonly Tree[];
}

/** A helper's body as the code section wants it, without its size, but for the numbers of the helpers that it calls. */
export interface Assembled {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly calls: readonly HelperCall[];
}

export interface HelperCall {
  readonly helper: Assembly;
  /** Where the function's number stands, as five bytes. */
  readonly offset: number;
}

/** Bytes of an unsigned LEB128 number that any 32-bit number fits into. */
const numberBytes = 5;

/** Writes trees to `code`, with locals by name. */
export class TreeWriter {
  readonly #code: Code;
  readonly #locals: ReadonlyMap<string, number>;
  readonly #labels = new Map<string, number>();
  /** Calls of helpers, with offsets in the code. */
  readonly calls: HelperCall[] = [];

  constructor(code: Code, locals: ReadonlyMap<string, number>) {
    this.#code = code;
    this.#locals = locals;
  }

  all(trees: readonly Tree[]): void {
    for (const tree of trees) this.write(tree);
  }

  write(tree: Tree): void {
    const code = this.#code;
    if (typeof tree === 'string') code.get(this.#local(tree));
    else if (typeof tree === 'number') code.i32(tree);
    else if (typeof tree === 'bigint')
      code.i64(Number(BigInt.asIntN(32, tree)), Number(BigInt.asIntN(32, tree >> 32n)));
    else this.#operation(tree[0], tree.slice(1) as Tree[]);
  }

  /** Takes a local's new value from the stack. */
  assign(name: string): void {
    this.#code.set(this.#local(name));
  }

  #local(name: Tree): number {
    const number = this.#locals.get(name as string);
    if (number === undefined) throw new Error(`no local ${String(name)}`);
    return number;
  }

  #operation(name: string, rest: readonly Tree[]): void {
    const code = this.#code;
    switch (name) {
      case 'set':
      case 'tee':
        this.write(rest[1] as Tree);
        code[name](this.#local(rest[0] as Tree));
        return;
      case 'block':
      case 'loop':
        code.open(name);
        this.#labels.set(rest[0] as string, code.nesting);
        this.all(rest.slice(1));
        code.end();
        return;
      case 'br':
      case 'br_if':
        if (name === 'br_if') this.write(rest[1] as Tree);
        code.branch(name, this.#labels.get(rest[0] as string) as number);
        return;
      case 'if':
        this.write(rest[0] as Tree);
        code.open('if');
        this.all(rest[1] as unknown as Tree[]);
        if (rest[2] !== undefined) {
          code.else();
          this.all(rest[2] as unknown as Tree[]);
        }
        code.end();
        return;
      case 'call':
        this.all(rest.slice(1));
        code.op('call');
        this.calls.push({ helper: rest[0] as unknown as Assembly, offset: code.length });
        for (let i = 0; i < numberBytes; i++) code.byte(0);
        return;
      case 'return_call_indirect':
        this.all(rest.slice(1));
        code.callIndirect(name, rest[0] as number);
        return;
      case 'v128.const':
        code.v128(rest as readonly number[]);
        return;
      case 'shuffle':
        this.all(rest.slice(1));
        code.shuffle(shuffles[rest[0] as number]);
        return;
    }
    if (name in accessAlignment) {
      this.all(rest.slice(2));
      code.memory(name as MemoryOpcode, rest[0] as number, rest[1] as number);
      return;
    }
    if (/[.](extract|replace)_lane/.test(name)) {
      this.all(rest.slice(1));
      code.lane(name as Opcode, rest[0] as number);
      return;
    }
    this.all(rest);
    code.op(name as Opcode);
  }
}

export function assemble(assembly: Assembly): Assembled {
  const code = new Code();
  const numbers = new Map<string, number>();
  for (const name of Object.keys(assembly.parameters)) numbers.set(name, numbers.size);
  code.begin(numbers.size);
  for (const [name, type] of Object.entries(assembly.locals ?? {})) numbers.set(name, code.allocate(type));
  const writer = new TreeWriter(code, numbers);
  writer.all(assembly.body);

  const body = new ByteBuffer(code.length + 16);
  code.writeLocals(body);
  const start = body.length;
  body.append(code);
  body.byte(0x0b);
  return {
    bytes: body.slice(),
    calls: writer.calls.map(({ helper, offset }) => ({ helper, offset: start + offset })),
  };
}

/** The body with the numbers of the functions that it calls. */
export function linked({ bytes, calls }: Assembled, numberOf: (helper: Assembly) => number): Uint8Array<ArrayBuffer> {
  if (calls.length === 0) return bytes;
  const copy = bytes.slice();
  for (const { helper, offset } of calls) {
    const number = numberOf(helper);
    for (let i = 0; i < numberBytes; i++)
      copy[offset + i] = ((number >>> (7 * i)) & 0x7f) | (i < numberBytes - 1 ? 0x80 : 0);
  }
  return copy;
}
