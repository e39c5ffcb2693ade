import type { MessageType } from './message.ts';

/** How directory and agent post messages; those to the own node are looped inside, in order, with all others. */
export interface Port {
  /** @param flags bits of `MessageFlag` */
  post(
    to: number,
    type: MessageType,
    block: number,
    granule: number,
    level: number,
    requester: number,
    acks: number,
    flags: number,
  ): void;
  /** Hands a stream over to the home of `block` (streams.ts). */
  handOver(block: number, requester: number, thread: number, stride: number, window: number, writes: boolean): void;
  /** This node's agent knows the block: of one homed here without an entry, that it is in use. */
  isUsed(block: number): boolean;
}

/** Reads back the numbers that a `save` method wrote, in the same order. */
export class NumberReader {
  private readonly numbers: readonly number[];
  private position = 0;

  constructor(numbers: readonly number[]) {
    this.numbers = numbers;
  }

  next(): number {
    return this.numbers[this.position++]!;
  }
}

/** Reads a list that follows its length. */
export function readList(input: NumberReader): number[] {
  const list: number[] = [];
  for (let count = input.next(); count > 0; count--) list.push(input.next());
  return list;
}
