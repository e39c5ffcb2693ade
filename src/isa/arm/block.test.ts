import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BlockId, Builder, type IrFunction } from '../../ir/function.ts';
import { Interpreter } from '../../ir/interpreter.ts';
import { print } from '../../ir/printer.ts';
import { Testbed } from '../../ir/testbed.ts';
import { Var } from '../../ir/variables.table.ts';
import { verify } from '../../ir/verify.ts';
import { Cpu, ExitReason } from '../../layout/cpu.ts';
import { type CodeReader, disassemble, lowerBlock, lowerFragment, scanBlock } from './block.ts';

const base = 0x1000;

/** Halfwords at `base`, nothing elsewhere. */
const code = (...halfwords: number[]): CodeReader => ({
  halfword: (address) => halfwords[(address - base) / 2] ?? -1,
});
const words = (...values: number[]): CodeReader => code(...values.flatMap((value) => [value & 0xffff, value >>> 16]));

const nop = 0xbf00;
const thumb = base | 1;

function fragment(reader: CodeReader, pc: number, itstate = 0, limit = 64): IrFunction {
  const { ir } = lowerFragment(reader, pc, itstate, limit);
  verify(ir);
  return ir;
}

/** Operations of the function without markers, block by block. */
const operations = (ir: IrFunction): string[][] =>
  Array.from({ length: ir.blockCount }, (_, block) => {
    const names: string[] = [];
    for (let i = ir.blockStart[block] as number; i < (ir.blockEnd[block] as number); i++)
      if (ir.op(i) !== 'insn') names.push(ir.op(i));
    return names;
  });

describe('scanning', () => {
  test('a block ends at control flow, at the limit, before unreadable code and where another starts', () => {
    const reader = code(nop, nop, 0xe7fe, nop); // nop; nop; b .
    assert.equal(scanBlock(reader, thumb, 0, 64).end, base + 6);
    assert.deepEqual(scanBlock(reader, thumb, 0, 64).successors, [thumb + 4]);
    assert.equal(scanBlock(reader, thumb, 0, 2).end, base + 4);
    assert.deepEqual(scanBlock(reader, thumb, 0, 2).successors, [thumb + 4]);
    assert.equal(scanBlock(code(nop, nop), thumb, 0, 64).end, base + 4);
    assert.equal(scanBlock(reader, thumb, 0, 64, (pc) => pc === thumb + 2).end, base + 2);
  });

  test('what can not be fetched at all is told, the second half of an instruction too', () => {
    assert.equal(scanBlock(code(), thumb, 0, 64).fetchFault, base);
    assert.equal(scanBlock(code(0xf000), thumb, 0, 64).fetchFault, base + 2);
    assert.equal(lowerFragment(code(), base, 0, 64).block.instructions.length, 0);
  });

  test('A32 code is fetched from multiples of 4', () => {
    const reader = code(nop, nop, nop, nop);
    assert.equal(scanBlock(reader, base + 2, 0, 64).fetchFault, base + 2);
    assert.equal(scanBlock(reader, base + 2, 0, 64).instructions.length, 0);
    assert.equal(scanBlock(reader, thumb + 2, 0, 64).instructions.length, 3);
  });

  test('flows and their targets', () => {
    const flow = (reader: CodeReader, pc: number) => scanBlock(reader, pc, 0, 1).instructions[0]!.flow;
    assert.deepEqual(flow(code(0xd0fe), thumb), { kind: 'jump', target: thumb, conditional: true }); // beq .
    assert.deepEqual(flow(code(0xb108), thumb), { kind: 'jump', target: thumb + 6, conditional: true }); // cbz r0
    assert.deepEqual(flow(code(0xf000, 0xf802), thumb), { kind: 'call', target: thumb + 8, conditional: false });
    // blx to A32 from an address that is not a multiple of 4: the pc is aligned first.
    assert.deepEqual(flow(code(nop, 0xf000, 0xe802), thumb + 2), {
      kind: 'call',
      target: base + 8,
      conditional: false,
    });
    assert.deepEqual(flow(words(0xfb000000), base), { kind: 'call', target: base + 8 + 3, conditional: false });
    assert.deepEqual(flow(words(0x0bfffffe), base), { kind: 'call', target: base, conditional: true });
    const kinds: readonly (readonly [number, string])[] = [
      [0xe12fff1e, 'return'], // bx lr
      [0xe12fff13, 'indirect'], // bx r3
      [0xe12fff33, 'call-indirect'], // blx r3
      [0xe1a0f00e, 'return'], // mov pc, lr
      [0xe49df004, 'return'], // pop {pc}
      [0xe8bd8010, 'return'], // pop {r4, pc}
      [0xe59ff000, 'indirect'], // ldr pc, [pc]
      [0xe08ff101, 'indirect'], // add pc, pc, r1, lsl #2
      [0xef000000, 'stop'], // svc
      [0xe7f000f0, 'stop'], // udf
      [0xe1200070, 'stop'], // bkpt
      [0xe1a00000, 'next'], // mov r0, r0
    ];
    for (const [bits, kind] of kinds) assert.equal(flow(words(bits), base).kind, kind, bits.toString(16));
  });

  test('IT gives condition and state to the instructions that follow', () => {
    // itte eq; moveq r0, #1; moveq r1, #1; movne r0, #2; nop
    const block = scanBlock(code(0xbf06, 0x2001, 0x2101, 0x2002, nop), thumb, 0, 5);
    assert.deepEqual(
      block.instructions.map((instruction) => [instruction.condition, instruction.itstate]),
      [
        [14, 0],
        [0, 0x06],
        [0, 0x0c],
        [1, 0x18],
        [14, 0],
      ],
    );
  });
});

describe('lowering', () => {
  test('a comparison and the branch on it are fused; what falls through goes on', () => {
    const ir = fragment(code(0x4288, 0xdafe), thumb); // cmp r0, r1; bge .
    const entry = operations(ir)[0] as string[];
    assert.deepEqual(entry.slice(-2), ['i32.ge_s', 'branch']);
    assert.equal(operations(ir).length, 3);
  });

  test('ITE is one diamond with two arms, a run of equal conditions one arm', () => {
    // cmp r0, #0; itte eq; moveq r0, #1; moveq r1, #1; movne r0, #2; bx lr
    const ir = fragment(code(0x2800, 0xbf06, 0x2001, 0x2101, 0x2002, 0x4770), thumb);
    assert.equal(
      operations(ir)
        .flat()
        .filter((op) => op === 'branch').length,
      1,
    );
    assert.equal(ir.blockCount, 4);
  });

  test('an arm that changes the flags ends there', () => {
    // itt eq; cmpeq r0, r1; moveq r2, #1; bx lr
    const ir = fragment(code(0xbf04, 0x4288, 0x2201, 0x4770), thumb);
    assert.equal(
      operations(ir)
        .flat()
        .filter((op) => op === 'branch').length,
      2,
    );
  });

  test('a 16-bit instruction sets no flags inside an IT block', () => {
    const ir = fragment(code(0xbf08, 0x2001, 0x4770), thumb); // it eq; moveq r0, #1
    assert.doesNotMatch(print(ir), /set\.i32 [nzcv]f/);
    assert.match(print(fragment(code(0x2001, 0x4770), thumb)), /set\.i32 nf/);
  });

  test('markers tell what is read, the flags of the condition among them', () => {
    const ir = fragment(words(0x00810002, 0xe12fff1e), base); // addeq r0, r1, r2
    const zf = 1 << 16;
    assert.equal(ir.op(0), 'insn');
    assert.equal(ir.argument(0, 2), (1 << 31) | zf | 0b110);
  });

  test('blocks that the resolver knows are jumped to, calls go on at the block after them', () => {
    const builder = new Builder();
    builder.begin(thumb);
    const entry = builder.newBlock();
    const after = builder.newBlock();
    builder.startBlock(entry);
    const block = scanBlock(code(0xf000, 0xf802), thumb, 0, 64); // bl
    lowerBlock(builder, block, { blockAt: (pc) => (pc === thumb + 4 ? after : undefined) });
    builder.startBlock(after);
    builder.emit('exit.jump', thumb + 4);
    const ir = builder.finish();
    verify(ir);
    assert.deepEqual(operations(ir)[0]!.at(-1), 'call');
    assert.deepEqual(ir.successors(0), [after]);
  });

  test('a conditional branch goes straight to known blocks', () => {
    const builder = new Builder();
    builder.begin(thumb);
    const blocks = [builder.newBlock(), builder.newBlock()] as [BlockId, BlockId];
    builder.startBlock(blocks[0]);
    const resolver = { blockAt: (pc: number) => (pc === thumb ? blocks[0] : blocks[1]) };
    lowerBlock(builder, scanBlock(code(0xd0fe), thumb, 0, 64), resolver);
    builder.startBlock(blocks[1]);
    builder.emit('exit.jump', thumb + 2);
    const ir = builder.finish();
    verify(ir);
    assert.equal(ir.successors(0)[0], blocks[0]);
  });
});

describe('execution', () => {
  const testbed = new Testbed();
  const interpreter = new Interpreter(testbed.guest, testbed.control);
  const run = (ir: IrFunction): number => interpreter.run(ir, testbed.cpuBase);
  const word = (field: { index32: number }): number => testbed.words[field.index32] as number;

  test('a fragment cut inside an IT block leaves with the state of the next instruction, and goes on there', () => {
    const reader = code(0xbf06, 0x2001, 0x2101, 0x2002, nop); // itte eq; ...
    for (const zero of [true, false]) {
      testbed.reset(1);
      testbed.words[Cpu.zf.index32] = zero ? 0 : 1;
      testbed.register[0] = 9;
      testbed.register[1] = 9;
      let pc = thumb;
      let itstate = 0;
      for (let step = 0; step < 4; step++) {
        assert.equal(run(fragment(reader, pc, itstate, 1)), ExitReason.jump);
        pc = word(Cpu.pc);
        itstate = word(Cpu.itstate);
      }
      assert.equal(pc, thumb + 8);
      assert.equal(itstate, 0);
      assert.deepEqual([...testbed.register.subarray(0, 2)], zero ? [1, 1] : [2, 9]);
    }
  });

  test('SVC under a condition: taken with the state after it, or passed over', () => {
    const reader = code(0xbf04, 0xdf05, 0x2001, nop); // itt eq; svceq #5; moveq r0, #1
    testbed.reset(2);
    testbed.words[Cpu.zf.index32] = 0;
    assert.equal(run(fragment(reader, thumb)), ExitReason.syscall);
    assert.deepEqual([word(Cpu.pc), word(Cpu.itstate), word(Cpu.exitInfo)], [thumb + 4, 0x08, 5]);
    testbed.words[Cpu.zf.index32] = 1;
    assert.equal(run(fragment(reader, thumb)), ExitReason.jump);
    assert.deepEqual([word(Cpu.pc), word(Cpu.itstate)], [thumb + 4, 0x08]);
  });

  test('an undefined instruction under a false condition is passed over', () => {
    testbed.reset(3);
    testbed.words[Cpu.zf.index32] = 1;
    assert.equal(run(fragment(words(0x01000070), base)), ExitReason.jump); // hlteq
    assert.equal(word(Cpu.pc), base + 4);
    testbed.words[Cpu.zf.index32] = 0;
    assert.equal(run(fragment(words(0x01000070), base)), ExitReason.undefined);
    assert.deepEqual([word(Cpu.pc), word(Cpu.exitInfo)], [base, 0x01000070]);
  });

  test('breakpoints stop at their own address, whatever the IT block says', () => {
    testbed.reset(4);
    testbed.words[Cpu.zf.index32] = 1;
    assert.equal(run(fragment(code(0xbf08, 0xbe07), thumb)), ExitReason.breakpoint); // it eq; bkpt #7
    assert.deepEqual([word(Cpu.pc), word(Cpu.exitInfo)], [thumb + 2, 7]);
  });

  test('a load that may not be done leaves nothing changed', () => {
    testbed.reset(5);
    testbed.register[0] = 0x100;
    assert.equal(run(fragment(words(0xe8b01ffe), base)), ExitReason.access); // ldm r0!, {r1-r12}
    assert.deepEqual([word(Cpu.pc), word(Cpu.exitInfo), testbed.register[0]], [base, 0x100, 0x100]);
  });
});

test('an instruction tells the flags that it reads also where it takes the operands of the comparison for them', () => {
  const ir = fragment(words(0xe1500001, 0xfe210a22), base); // cmp r0, r1; vselge.f32 s0, s2, s5
  const markers = Array.from({ length: ir.count }, (_, at) => at).filter((at) => ir.op(at) === 'insn');
  const flags = (1 << Var.nf) | (1 << Var.vf);
  assert.equal(ir.argument(markers[1]!, 2) & flags, flags);
});

test('disassembly names row, condition and fields', () => {
  const [instruction] = scanBlock(words(0x00810002), base, 0, 1).instructions;
  assert.equal(disassemble(instruction!), 'ADD (register) A1 eq: S=0 n=1 d=0 i=0 y=0 m=2');
});
