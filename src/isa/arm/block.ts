/**
 * Guest basic blocks: found by scanning guest code, and lowered to IR.
 *
 * Addresses of blocks and targets carry bit 0 = Thumb; addresses of instructions do not.
 */
import { assert } from '../../base/assert.ts';
import { type BlockId, Builder, type IrFunction } from '../../ir/function.ts';
import { CodeVariant } from '../../layout/code-variant.ts';
import type { Feature } from '../../processor/features.table.ts';
import { type Decode, decode as decodeAll } from './decoder.ts';
import { fields } from './fields.ts';
import { type Flow, type FlowContext, flowNext, flowStop } from './flow.ts';
import { conditionReads, type FlowResolver, Lowering } from './lowering.ts';
import type { Row } from './row.ts';

export type { Flow } from './flow.ts';
export type { FlowResolver } from './lowering.ts';

export interface CodeReader {
  /** The 16 bits at an even address, or -1 when it may not be fetched. */
  halfword(address: number): number;
  /** Decodes for the processor whose code it is; without it every instruction is there. */
  readonly decode?: Decode;
}

/** One instruction of a block, decoded. */
export class GuestInstruction implements FlowContext {
  readonly address: number;
  readonly bytes: 2 | 4;
  /** The encoding; a 32-bit Thumb one has its first halfword in bits 31:16. Signed. */
  readonly bits: number;
  readonly thumb: boolean;
  /** undefined: an undefined instruction. */
  readonly row: Row | undefined;
  readonly operands: unknown;
  /** 14 when it always executes. */
  readonly condition: number;
  /** ITSTATE of this instruction. */
  readonly itstate: number;
  readonly flow: Flow;

  constructor(
    address: number,
    bytes: 2 | 4,
    bits: number,
    thumb: boolean,
    itstate: number,
    decode: Decode = decodeAll,
  ) {
    const row = decode(bits, thumb ? (bytes === 2 ? 't16' : 't32') : 'a32');
    this.address = address;
    this.bytes = bytes;
    this.bits = bits;
    this.thumb = thumb;
    this.row = row;
    this.itstate = itstate;
    let condition = itstate === 0 ? 14 : itstate >>> 4;
    if (row === undefined) {
      this.operands = undefined;
      if (!thumb && bits >>> 28 !== 15) condition = bits >>> 28;
    } else {
      this.operands = row.operands(bits);
      if (row.conditional) condition = row.condition(bits);
      if (row.operation.unconditional || row.operation.startsIt) condition = 14;
    }
    this.condition = condition === 15 ? 14 : condition;
    this.flow = this.#flowOf(row);
  }

  #flowOf(row: Row | undefined): Flow {
    const flow = row === undefined ? flowStop : (row.operation.flow?.(this.operands, this) ?? flowNext);
    if (flow === flowNext || this.condition === 14 || flow.conditional) return flow;
    return { ...flow, conditional: true };
  }

  /** ITSTATE of the instruction that follows in sequence (ITAdvance, A2.5.2). */
  get itstateNext(): number {
    const { itstate } = this;
    if (this.row?.operation.startsIt) return this.bits & 0xff;
    return (itstate & 7) === 0 ? 0 : (itstate & 0xe0) | ((itstate << 1) & 0x1f);
  }

  get next(): number {
    return (this.address + this.bytes) >>> 0;
  }
}

export interface GuestBlock {
  /** Bit 0 = Thumb. */
  readonly start: number;
  readonly startItstate: number;
  /** The address after the last instruction. */
  readonly end: number;
  readonly instructions: readonly GuestInstruction[];
  /** Known addresses to which control may go from here: direct targets, fall-through, a call's return address. */
  readonly successors: readonly number[];
  /** What the processor has. */
  readonly features: ReadonlySet<Feature>;
  /**
   * Set when not even the first instruction could be fetched: the address that may not be, or that is no multiple of 4
   * in A32. No instructions then.
   */
  readonly fetchFault?: number;
}

/** A pc (bit 0 = Thumb) from which nothing is fetched: the PC alignment fault of Armv8-A, before any other of the fetch. */
export const isMisaligned = (pc: number): boolean => (pc & 3) === 2;

/**
 * Decodes the block at `start` (bit 0 = Thumb) up to control flow, to `instructionsMax`, to an unreadable halfword, or
 * to an address (bit 0 = Thumb) that `stopAt` accepts (not asked inside IT blocks, where no block starts).
 */
export function scanBlock(
  reader: CodeReader,
  start: number,
  itstate: number,
  instructionsMax: number,
  stopAt?: (pc: number) => boolean,
): GuestBlock {
  const decode = reader.decode ?? decodeAll;
  const thumb = (start & 1) !== 0;
  const instructions: GuestInstruction[] = [];
  let address = (start & ~1) >>> 0;
  let it = itstate;
  let fault = -1;
  for (;;) {
    if (instructions.length > 0) {
      if (instructions.length >= instructionsMax) break;
      if (it === 0 && stopAt?.(thumb ? address + 1 : address)) break;
    }
    const low = isMisaligned(start) ? -1 : reader.halfword(address);
    if (low < 0) {
      fault = address;
      break;
    }
    let bits = low;
    let bytes: 2 | 4 = 2;
    if (!thumb || low >>> 11 >= 0b11101) {
      const high = reader.halfword((address + 2) >>> 0);
      if (high < 0) {
        fault = address + 2;
        break;
      }
      bits = thumb ? (low << 16) | high : (high << 16) | low;
      bytes = 4;
    }
    const instruction = new GuestInstruction(address, bytes, bits, thumb, it, decode);
    instructions.push(instruction);
    address = instruction.next;
    it = instruction.itstateNext;
    if (instruction.flow !== flowNext) break;
  }
  const { features } = decode;
  const block = { start: start >>> 0, startItstate: itstate, end: address, instructions, features };
  if (instructions.length === 0) return { ...block, successors: [], fetchFault: fault >>> 0 };
  return { ...block, successors: successorsOf(instructions.at(-1) as GuestInstruction) };
}

/** Where control may go after a block's last instruction, as far as it is known. */
function successorsOf(last: GuestInstruction): number[] {
  const { flow } = last;
  const successors: number[] = [];
  if (flow.kind === 'jump') successors.push(flow.target >>> 0);
  const goesOn = flow.kind === 'next' || flow.conditional || flow.kind === 'call' || flow.kind === 'call-indirect';
  if (goesOn && last.itstateNext === 0) successors.push((last.next | (last.thumb ? 1 : 0)) >>> 0);
  return successors;
}

/**
 * Fills the builder's current block (and further ones) with the block's code. It ends with a transfer to the blocks
 * that `resolver` knows, or out of the function.
 */
export function lowerBlock(
  builder: Builder,
  block: GuestBlock,
  resolver: FlowResolver,
  variant: CodeVariant = CodeVariant.plain,
): void {
  let lowering = lowerings.get(builder);
  if (lowering === undefined) {
    lowering = new BlockLowering(builder, resolver);
    lowerings.set(builder, lowering);
  }
  lowering.lower(block, variant, resolver);
}

/** A builder's lowering holds nothing from one block to the next but its work arrays. */
const lowerings = new WeakMap<Builder, BlockLowering>();

/** The bit of an `insn` that says that its reads are told. */
const readsKnown = 1 << 31;

/** Lowers blocks one after another; the form for whoever lowers many. */
export class BlockLowering {
  readonly #lowering: Lowering;
  readonly #builder: Builder;
  /** The condition under which the IR block at hand executes, 14 when always. */
  #open = 14;
  /** Where the open stretch's other arm begins, and where both end (-1: not made yet). */
  #otherArm = -1;
  #join = -1;

  constructor(builder: Builder, resolver: FlowResolver) {
    this.#builder = builder;
    this.#lowering = new Lowering(builder, resolver);
  }

  lower(block: GuestBlock, variant: CodeVariant, resolver: FlowResolver = this.#lowering.resolver): void {
    const lowering = this.#lowering;
    lowering.variant = variant;
    lowering.features = block.features;
    lowering.resolver = resolver;
    lowering.forget();
    this.#open = 14;
    assert(block.instructions.length > 0, 'a block that cannot be fetched is not lowered');
    lowering.instructions = block.instructions;
    block.instructions.forEach((instruction, index) => {
      lowering.index = index;
      this.#instruction(instruction);
    });
    const last = block.instructions.at(-1) as GuestInstruction;
    this.#close();
    if (this.#builder.ended) return;
    const next = last.next | (last.thumb ? 1 : 0) | 0;
    if (last.itstateNext === 0) lowering.jump(next);
    else this.#builder.emit('exit.continue', next, last.itstateNext);
  }

  #instruction(instruction: GuestInstruction): void {
    const { condition, row, flow } = instruction;
    const lowering = this.#lowering;
    if (this.#open !== 14 && condition !== this.#open) {
      if (condition === (this.#open ^ 1) && this.#join === -1 && !lowering.flagsWritten) this.#switchArm();
      else this.#close();
    } else if (this.#open !== 14 && lowering.flagsWritten) this.#close();
    const marker = this.#mark(instruction);
    lowering.reads = conditionReads[condition] as number;
    if (condition !== 14 && this.#open === 14 && flow.kind === 'jump') {
      lowering.branch(lowering.condition(condition), flow.target);
    } else {
      if (condition !== 14 && this.#open === 14) this.#start(condition);
      if (row === undefined) lowering.undefinedInstruction();
      else row.operation.lower(lowering, instruction.operands);
    }
    this.#builder.setArgument(marker, 2, lowering.reads | readsKnown);
  }

  /** The instruction's marker; what it reads is filled in when it is known. */
  #mark(instruction: GuestInstruction): number {
    const lowering = this.#lowering;
    lowering.address = instruction.address;
    lowering.bytes = instruction.bytes;
    lowering.bits = instruction.bits;
    lowering.thumb = instruction.thumb;
    lowering.itstate = instruction.itstate;
    lowering.itstateNext = instruction.itstateNext;
    const marker = this.#builder.count;
    this.#builder.emit('insn', instruction.address | (instruction.thumb ? 1 : 0) | 0, instruction.itstate, 0);
    return marker;
  }

  /** A conditional stretch begins, at the marker of its first instruction. */
  #start(condition: number): void {
    const builder = this.#builder;
    const lowering = this.#lowering;
    const holds = lowering.condition(condition);
    const arm = builder.newBlock();
    this.#otherArm = builder.newBlock();
    builder.emit('branch', holds, arm, this.#otherArm as BlockId);
    builder.startBlock(arm);
    lowering.saveKnown();
    lowering.flagsWritten = false;
    this.#open = condition;
    this.#join = -1;
  }

  /** The opposite condition follows (ITE): its instructions fill the other arm. */
  #switchArm(): void {
    const builder = this.#builder;
    this.#join = builder.newBlock();
    if (!builder.ended) builder.emit('jump', this.#join as BlockId);
    builder.startBlock(this.#otherArm as BlockId);
    this.#lowering.restoreKnown();
    this.#open ^= 1;
  }

  #close(): void {
    if (this.#open === 14) return;
    const builder = this.#builder;
    const after = (this.#join === -1 ? this.#otherArm : this.#join) as BlockId;
    if (!builder.ended) builder.emit('jump', after);
    builder.startBlock(after);
    this.#lowering.joinKnown();
    this.#open = 14;
  }
}

const noBlocks: FlowResolver = { blockAt: () => undefined };
const fragmentBuilder = new Builder();
const fragmentLowering = new BlockLowering(fragmentBuilder, noBlocks);

/**
 * Scans and lowers the one block at `pc` (bit 0 = Thumb). When it cannot be fetched the block tells the address
 * (fetchFault), and the function has no blocks.
 */
export function lowerFragment(
  reader: CodeReader,
  pc: number,
  itstate: number,
  instructionsMax: number,
  variant: CodeVariant = CodeVariant.plain,
): { ir: IrFunction; block: GuestBlock } {
  const block = scanBlock(reader, pc, itstate, instructionsMax);
  fragmentBuilder.begin(pc);
  if (block.fetchFault === undefined) {
    fragmentBuilder.startBlock(fragmentBuilder.newBlock());
    fragmentLowering.lower(block, variant);
  }
  return { ir: fragmentBuilder.finish(), block };
}

/** An instruction's name, condition and fields by letter, for people. */
export function disassemble(instruction: GuestInstruction): string {
  const { row, bits, bytes, condition } = instruction;
  if (row === undefined) return `undefined ${(bits >>> 0).toString(16).padStart(bytes * 2, '0')}`;
  row.layout.extract(bits);
  const values = row.layout.letters
    .filter((letter) => letter !== 'c')
    .map((letter) => `${letter}=${fields[letter as keyof typeof fields]}`);
  return [`${row.name}${condition === 14 ? '' : ` ${conditionNames[condition]}`}:`, ...values].join(' ');
}

const conditionNames = ['eq', 'ne', 'cs', 'cc', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le'];
