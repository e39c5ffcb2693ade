/**
 * A function of the IR: blocks of instructions, four words each, in one Int32Array.
 *
 *   word 0   operation (index into opNames)
 *   word 1-3 arguments, as the operation's row declares them
 *
 * An instruction's number is its value's index; a value may be used in its own block after its definition and in
 * blocks that its block dominates. Block 0 is the entry. Every block ends with exactly one `end` operation.
 * Registers are variables, not values, so there are no phis.
 */
import { assert } from '../base/assert.ts';
import type { Brand } from '../base/types.ts';
import { type OpName, opCodes, opNames, opRows, type ops, type ValueType } from './ops.table.ts';

/** The index of an instruction that yields a value of type `T`. */
export type Value<T extends ValueType = ValueType> = Brand<number, `Value ${T}`>;
export type BlockId = Brand<number, 'BlockId'>;

type ArgumentOf<K> = K extends ValueType ? Value<K> : K extends 'block' ? BlockId : number;
type ArgumentsOf<A extends readonly unknown[]> = { [I in keyof A]: ArgumentOf<A[I]> };
type ResultOf<R> = R extends ValueType ? Value<R> : undefined;

export const instructionWords = 4;

export class IrFunction {
  /** The guest address (bit 0 = Thumb) at which the function is entered. */
  entry: number;
  words: Int32Array;
  /** Instructions in `words`. */
  count: number;
  /** First instruction and one past the last, for each block. */
  readonly blockStart: number[];
  readonly blockEnd: number[];

  constructor(entry: number, words: Int32Array) {
    this.entry = entry;
    this.words = words;
    this.count = 0;
    this.blockStart = [];
    this.blockEnd = [];
  }

  get blockCount(): number {
    return this.blockStart.length;
  }

  op(instruction: number): OpName {
    return opNames[this.words[instruction * instructionWords] as number] as OpName;
  }

  argument(instruction: number, index: number): number {
    return this.words[instruction * instructionWords + 1 + index] as number;
  }

  /** The blocks that block `block` may go on to. */
  successors(block: number): number[] {
    const last = (this.blockEnd[block] as number) - 1;
    const row = opRows[this.words[last * instructionWords] as number]!;
    const found: number[] = [];
    row.args.forEach((kind, i) => {
      if (kind === 'block') found.push(this.argument(last, i));
    });
    return found;
  }
}

/**
 * Builds one function after another in a reused array. Blocks may be created before they are filled, are filled one
 * at a time, and each exactly once.
 */
export class Builder {
  #words = new Int32Array(4096 * instructionWords);
  #function = new IrFunction(0, this.#words);
  /** The block being filled, -1 when none is. */
  current = -1;

  begin(entry: number): void {
    this.#function = new IrFunction(entry, this.#words);
    this.current = -1;
  }

  newBlock(): BlockId {
    this.#function.blockEnd.push(-1);
    return (this.#function.blockStart.push(-1) - 1) as BlockId;
  }

  /** Starts filling `block`; the one before must have ended. */
  startBlock(block: BlockId): void {
    assert(this.current === -1, 'the block before has no end');
    assert(this.#function.blockStart[block] === -1, `block ${block} is filled twice`);
    this.#function.blockStart[block] = this.#function.count;
    this.current = block;
  }

  /** True once the current block has its end, so that nothing more may be added until startBlock. */
  get ended(): boolean {
    return this.current === -1;
  }

  /** Number of instructions so far. */
  get count(): number {
    return this.#function.count;
  }

  /** Appends an operation; its value, if it has one, is the result. */
  emit<K extends OpName>(name: K, ...args: ArgumentsOf<(typeof ops)[K]['args']>): ResultOf<(typeof ops)[K]['result']> {
    return this.append(
      opCodes[name],
      (args[0] ?? 0) as number,
      (args[1] ?? 0) as number,
      (args[2] ?? 0) as number,
    ) as never;
  }

  /** The untyped form of emit, for passes and the parser. */
  append(code: number, a: number, b: number, c: number): number {
    assert(this.current !== -1, 'no block is being filled');
    const ir = this.#function;
    let words = this.#words;
    const at = ir.count * instructionWords;
    if (at + instructionWords > words.length) {
      words = new Int32Array(words.length * 2);
      words.set(this.#words);
      this.#words = words;
      ir.words = words;
    }
    words[at] = code;
    words[at + 1] = a;
    words[at + 2] = b;
    words[at + 3] = c;
    const index = ir.count++;
    if (opRows[code]!.effect === 'end') {
      ir.blockEnd[this.current] = ir.count;
      this.current = -1;
    }
    return index;
  }

  /** Changes an argument (0 to 2) of an instruction already appended. */
  setArgument(instruction: number, index: number, value: number): void {
    this.#words[instruction * instructionWords + 1 + index] = value;
  }

  /** The function built, in an array of its own when `copy` is set (the builder's is reused by the next begin). */
  finish(copy = true): IrFunction {
    const ir = this.#function;
    assert(this.current === -1, 'the last block has no end');
    for (let block = 0; block < ir.blockCount; block++)
      assert(ir.blockStart[block] !== -1, `block ${block} was never filled`);
    if (copy) ir.words = ir.words.slice(0, ir.count * instructionWords);
    return ir;
  }
}
