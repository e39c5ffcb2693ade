/**
 * Random programs for tests of passes and emitters: a guest-like program drawn from a seed, lowered to IR in two ways.
 *
 * `lowerRegion` is one function as the real lowering makes them: values known within a block are not read again,
 * conditional instructions share diamonds, loop headers poll. `lowerFrom` starts at any of its instructions and reads
 * everything anew: what a dispatcher does that interprets on from an exit. So a test runs a region however it likes,
 * goes on from where it left, and must arrive at what `lowerFrom` gives from the start.
 */
import { assert } from '../base/assert.ts';
import { Prng } from '../base/prng.ts';
import { type BlockId, Builder, type IrFunction, type Value } from './function.ts';
import { type OpName, opCodes } from './ops.table.ts';
import { randomStep, type Step } from './random-steps.ts';
import { integerVariables } from './storage.ts';
import { Var } from './variables.table.ts';

export interface RandomOptions {
  /** Guest blocks, at least 1. */
  readonly blocks?: number;
  /** Instructions in a block, on average. */
  readonly steps?: number;
  /** Leave out floating-point and vector operations. */
  readonly integersOnly?: boolean;
  /** Leave out exclusive accesses and swaps. */
  readonly noExclusives?: boolean;
  readonly noCalls?: boolean;
}

/** A call of the program: by its target address, which is its own. */
export interface RandomCall {
  readonly target: number;
  /** Where the guest goes on. */
  readonly returnAddress: number;
  /** The region's block there. */
  readonly block: BlockId;
}

/** Back edges are taken while this register is positive; each counts it down. Tests set it before they run. */
export const fuelVariable = Var.tpidrurw;

type End =
  | { readonly kind: 'jump'; readonly to: number }
  | { readonly kind: 'branch'; readonly to: number; readonly otherwise: number; readonly condition: number }
  | { readonly kind: 'call'; readonly target: number; readonly indirect: boolean; readonly to: number }
  | { readonly kind: 'exit'; readonly choice: number; readonly argument: number };

interface GuestInstruction {
  readonly address: number;
  readonly step: Step;
  /** Condition code 0 to 3, -1 when unconditional. */
  readonly condition: number;
}

interface GuestBlock {
  readonly address: number;
  readonly instructions: GuestInstruction[];
  readonly endAddress: number;
  readonly end: End;
}

export const programBase = 0x8000;
const callTargets = 0x200000;

export class RandomProgram {
  readonly blocks: GuestBlock[] = [];
  /** Calls by target address, filled by lowerRegion. */
  readonly calls = new Map<number, RandomCall>();

  constructor(seed: number, options: RandomOptions = {}) {
    const random = new Prng(seed);
    const count = options.blocks ?? 1 + random.below(8);
    let address = programBase;
    for (let block = 0; block < count; block++) {
      const start = address;
      const instructions: GuestInstruction[] = [];
      const length = 1 + random.below(2 * (options.steps ?? 6));
      for (let i = 0; i < length; ) {
        const condition = random.chance(0.25) ? random.below(4) : -1;
        // A conditional stretch shares its condition, so none of its instructions changes the flags.
        for (let run = condition === -1 ? 1 : 1 + random.below(3); run > 0; run--, i++) {
          const step = randomStep(random, { ...options, keepsFlags: condition !== -1 });
          instructions.push({ address, step, condition });
          address += 4;
        }
      }
      const end = randomEnd(random, block, count, address, options);
      this.blocks.push({ address: start, instructions, endAddress: address, end });
      address += 4;
    }
  }

  /** The whole program as one function, entered at its first block. */
  lowerRegion(): IrFunction {
    return new Lowering(this, true).lower(programBase);
  }

  /** The program entered at the instruction at `address`, each instruction by itself. */
  lowerFrom(address: number): IrFunction {
    return new Lowering(this, false).lower(address);
  }
}

function randomEnd(random: Prng, block: number, count: number, address: number, options: RandomOptions): End {
  const forward = block + 1 + random.below(Math.min(3, Math.max(1, count - block - 1)));
  const choice = random.below(10);
  if (block === count - 1 || choice === 9) return { kind: 'exit', choice: random.below(7), argument: random.next32() };
  if (choice < 3) return { kind: 'jump', to: forward };
  if (choice === 3 && !options.noCalls)
    return { kind: 'call', target: callTargets + address, indirect: random.chance(0.5), to: forward };
  const to = random.chance(0.5) ? random.below(block + 1) : block + 1 + random.below(count - block - 1);
  return { kind: 'branch', to, otherwise: forward, condition: random.below(4) };
}

/** What a step's lowering works with. */
export class StepContext {
  readonly builder = new Builder();
  readonly #remembers: boolean;
  readonly #known = new Int32Array(integerVariables).fill(-1);
  readonly #saved = new Int32Array(integerVariables);
  readonly #touched = new Set<number>();
  #allowed = 0;

  constructor(remembers: boolean) {
    this.#remembers = remembers;
  }

  mark(address: number, itstate: number, reads: readonly number[]): void {
    this.#allowed = reads.reduce((mask, variable) => mask | (1 << variable), 1 << 31);
    this.emit('insn', address, itstate, this.#allowed);
  }

  forget(): void {
    this.#known.fill(-1);
  }

  /** Around a conditional stretch: afterwards known is what neither it changed nor only it had read. */
  save(): void {
    this.#saved.set(this.#known);
    this.#touched.clear();
  }

  join(): void {
    this.#known.set(this.#saved);
    for (const variable of this.#touched) this.#known[variable] = -1;
  }

  emit(name: OpName, a = 0, b = 0, c = 0): number {
    return this.builder.append(opCodes[name], a, b, c);
  }

  get(variable: number): number {
    assert((this.#allowed & (1 << variable)) !== 0, 'a step reads what it did not declare');
    if (this.#remembers && this.#known[variable] !== -1) return this.#known[variable];
    const value = this.emit('get.i32', variable);
    this.#known[variable] = value;
    return value;
  }

  set(variable: number, value: number): void {
    this.emit('set.i32', variable, value);
    this.#known[variable] = value;
    this.#touched.add(variable);
  }

  constant(value: number): number {
    return this.emit('i32.const', value | 0);
  }

  /** Conditions 0 to 3: EQ, NE, MI, CS. */
  condition(code: number): number {
    if (code === 0) return this.emit('i32.eqz', this.get(Var.zf));
    if (code === 1) return this.emit('i32.ne', this.get(Var.zf), this.constant(0));
    if (code === 2) return this.emit('i32.lt_s', this.get(Var.nf), this.constant(0));
    return this.get(Var.cf);
  }
}

const conditionReads = (code: number): number[] => (code === -1 ? [] : [[Var.zf], [Var.zf], [Var.nf], [Var.cf]][code]);

class Lowering {
  readonly #program: RandomProgram;
  readonly #isRegion: boolean;
  readonly #context: StepContext;
  /** Blocks of the function: one for each guest block in a region, one for each instruction otherwise. */
  readonly #blocks = new Map<number, BlockId>();

  constructor(program: RandomProgram, isRegion: boolean) {
    this.#program = program;
    this.#isRegion = isRegion;
    this.#context = new StepContext(isRegion);
  }

  lower(from: number): IrFunction {
    const { builder } = this.#context;
    builder.begin(from);
    const entry = builder.newBlock();
    for (const block of this.#program.blocks) {
      this.#blocks.set(block.address, builder.newBlock());
      if (this.#isRegion) continue;
      for (const { address } of block.instructions)
        if (address !== block.address) this.#blocks.set(address, builder.newBlock());
      this.#blocks.set(block.endAddress, builder.newBlock());
    }
    builder.startBlock(entry);
    builder.emit('jump', this.#blockAt(from));
    this.#program.blocks.forEach((block, i) => {
      this.#lowerBlock(block, i);
    });
    return builder.finish();
  }

  #blockAt(address: number): BlockId {
    const block = this.#blocks.get(address);
    assert(block !== undefined, 'no instruction there');
    return block;
  }

  #lowerBlock(block: GuestBlock, index: number): void {
    const context = this.#context;
    const { builder } = context;
    const { instructions, end, endAddress } = block;
    builder.startBlock(this.#blockAt(block.address));
    context.forget();
    const isBackTarget = this.#program.blocks.some(
      (other, j) => j >= index && other.end.kind === 'branch' && other.end.to === index,
    );
    if (isBackTarget && this.#isRegion) builder.emit('poll', block.address);
    for (let i = 0; i < instructions.length; ) {
      const { condition, address } = instructions[i];
      this.#startInstruction(address, block.address);
      if (condition === -1) {
        this.#lowerInstruction(instructions[i++]);
        continue;
      }
      let last = i;
      while (this.#isRegion && instructions[last + 1]?.condition === condition) last++;
      this.#lowerConditional(instructions.slice(i, last + 1), condition);
      i = last + 1;
    }
    this.#startInstruction(endAddress, block.address);
    this.#lowerEnd(end, endAddress);
  }

  /** Outside regions every instruction has a block of its own. */
  #startInstruction(address: number, blockAddress: number): void {
    if (this.#isRegion || address === blockAddress) return;
    this.#context.builder.emit('jump', this.#blockAt(address));
    this.#context.builder.startBlock(this.#blockAt(address));
    this.#context.forget();
  }

  #lowerInstruction({ address, step, condition }: GuestInstruction): void {
    this.#context.mark(address, 0, [...step.reads, ...conditionReads(condition)]);
    step.lower(this.#context);
  }

  #lowerConditional(stretch: readonly GuestInstruction[], condition: number): void {
    const context = this.#context;
    const { builder } = context;
    const arm = builder.newBlock();
    const after = builder.newBlock();
    context.mark(stretch[0].address, 0, [...stretch[0].step.reads, ...conditionReads(condition)]);
    builder.emit('branch', context.condition(condition) as Value<'i32'>, arm, after);
    context.save();
    builder.startBlock(arm);
    for (const instruction of stretch) this.#lowerInstruction(instruction);
    builder.emit('jump', after);
    builder.startBlock(after);
    context.join();
  }

  #lowerEnd(end: End, address: number): void {
    const context = this.#context;
    const { builder } = context;
    const at = (block: number): BlockId => this.#blockAt(this.#program.blocks[block].address);
    if (end.kind === 'jump') {
      context.mark(address, 0, []);
      builder.emit('jump', at(end.to));
    } else if (end.kind === 'branch') {
      const isBack = this.#program.blocks[end.to].address <= address;
      context.mark(address, 0, [...conditionReads(end.condition), fuelVariable]);
      let condition = context.condition(end.condition);
      if (isBack) {
        const fuel = context.get(fuelVariable);
        context.set(fuelVariable, context.emit('i32.sub', fuel, context.constant(1)));
        const goesOn = context.emit('i32.gt_s', fuel, context.constant(0));
        condition = context.emit('i32.select', goesOn, condition, context.constant(0));
      }
      builder.emit('branch', condition as Value<'i32'>, at(end.to), at(end.otherwise));
    } else if (end.kind === 'call') {
      const { target } = end;
      const returnAddress = this.#program.blocks[end.to].address;
      const block = at(end.to);
      if (this.#isRegion) this.#program.calls.set(target, { target, returnAddress, block });
      context.mark(address, 0, []);
      context.set(Var.r + 14, context.constant(returnAddress));
      if (end.indirect) context.emit('call.indirect', context.constant(target), returnAddress, block);
      else context.emit('call', target, returnAddress, block);
    } else this.#lowerExit(end.choice, end.argument, address);
  }

  #lowerExit(choice: number, argument: number, address: number): void {
    const context = this.#context;
    const elsewhere = 0x100000 + (argument & 0xfffe);
    context.mark(address, 0, [Var.r + 2]);
    if (choice === 0) context.emit('exit.jump', elsewhere);
    else if (choice === 1) context.emit('exit.indirect', context.constant(elsewhere | 1));
    else if (choice === 2) context.emit('exit.return', context.get(Var.r + 2));
    else if (choice === 3) context.emit('exit.syscall', argument & 0xff, address + 4, 0);
    else if (choice === 4) context.emit('exit.undefined', argument | 0);
    else if (choice === 5) context.emit('exit.breakpoint', argument & 0xff);
    else context.emit('exit.continue', elsewhere, argument & 0xff);
  }
}
