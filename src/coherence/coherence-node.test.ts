import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageFlag, MessageType } from './message.ts';
import { Access } from './sink.ts';
import { Bench } from './testing/bench.ts';

test('a home opens its own untouched block without a message', () => {
  const bench = new Bench(2);
  assert.deepEqual(bench.use(0, 7, Access.Read), []);
  assert.deepEqual(bench.takeEffects(), ['0 access 7 2', '0 pin 7 0', '0 wake 0 7']);
  assert.equal(bench.nodes[0]!.counters.opened, 1);
});

test('an untouched block travels as a flag, and its home needs no handshake', () => {
  const bench = new Bench(2);
  const lines = bench.use(1, 7, Access.Write);
  assert.deepEqual(lines, [
    '1>0 GetM block 7 for 1',
    '0>1 Data block 7 for 1, Zero, Exclusive',
    '1>0 Done block 7 for 1',
  ]);
  assert.deepEqual(bench.takeEffects(), ['1 zero 7', '1 access 7 2', '1 pin 7 0', '1 wake 0 7']);
});

test('access is lowered and the handshake over before data leaves', () => {
  const bench = new Bench(2);
  bench.use(0, 7, Access.Write);
  bench.takeEffects();
  bench.handshakeOver = false;
  bench.nodes[1]!.miss(7, 0, Access.Read, 3);
  assert.equal(bench.settle().length, 1);
  assert.deepEqual(bench.takeEffects(), ['0 access 7 1', '0 handshake 7']);
  bench.nodes[0]!.handshakeDone(7, 0);
  assert.deepEqual(bench.settle(), ['0>1 Data block 7 for 1, HasData', '1>0 Done block 7 for 1']);
  assert.deepEqual(bench.nodes[0]!.holders(7), { owner: -1, sharers: [0, 1] });
});

test('an upgrade moves no data and waits for each acknowledgement, in any order', () => {
  const bench = new Bench(4, { migratoryGrants: 0 });
  for (const node of [1, 2, 3]) bench.use(node, 7, Access.Read);
  bench.nodes[1]!.miss(7, 0, Access.Write, 0);
  bench.nodes[0]!.deliver(bench.wire.shift()!.message);
  const grant = bench.wire.findIndex(({ message }) => message.type === MessageType.Grant);
  const [late] = bench.wire.splice(grant, 1);
  assert.equal(late!.message.acks, 3);
  bench.settle();
  assert.equal(bench.nodes[1]!.accessOf(7), Access.Read);
  bench.nodes[1]!.deliver(late!.message);
  assert.equal(bench.nodes[1]!.accessOf(7), Access.Write);
  assert.deepEqual(bench.settle(), ['1>0 Done block 7 for 1']);
  assert.equal(bench.nodes[1]!.counters.upgrades, 1);
  assert.deepEqual(bench.nodes[0]!.holders(7), { owner: 1, sharers: [] });
});

test('a pinned block stays until its thread has used it, or its pin expires', () => {
  for (const release of ['consumed', 'pinExpired'] as const) {
    const bench = new Bench(2);
    bench.nodes[0]!.miss(7, 0, Access.Write, 4);
    bench.nodes[1]!.miss(7, 0, Access.Write, 5);
    bench.settle();
    assert.equal(bench.nodes[0]!.accessOf(7), Access.Write);
    assert.ok(bench.takeEffects().includes('0 contended 7'));
    bench.nodes[0]!.consumed(7, 99);
    assert.deepEqual(bench.settle(), []);
    bench.nodes[0]![release](7, 4);
    assert.equal(bench.settle()[0], '0>1 Data block 7 for 1, HasData, Exclusive');
    assert.equal(bench.nodes[1]!.accessOf(7), Access.Write);
    assert.equal(bench.nodes[0]!.counters.deferred, 1);
  }
});

test('what the shell keeps leaves when it says so, and it is asked once', () => {
  const bench = new Bench(2);
  bench.keeps = true;
  bench.nodes[0]!.miss(7, 0, Access.Write, 4);
  bench.nodes[1]!.miss(7, 0, Access.Write, 5);
  bench.settle();
  bench.takeEffects();
  bench.nodes[0]!.residencyOver(7, 0);
  assert.deepEqual(bench.settle(), [], 'a pin goes first');
  bench.nodes[0]!.consumed(7, 4);
  assert.deepEqual(bench.settle(), []);
  bench.nodes[0]!.miss(7, 0, Access.Write, 6);
  assert.deepEqual(bench.takeEffects(), ['0 keep 7', '0 wake 6 7'], 'used here meanwhile, without a new pin');
  assert.equal(bench.nodes[0]!.idle(), false);
  bench.nodes[0]!.residencyOver(7, 0);
  assert.equal(bench.settle()[0], '0>1 Data block 7 for 1, HasData, Exclusive');
  assert.equal(bench.nodes[0]!.counters.kept, 1);
  bench.nodes[0]!.residencyOver(7, 0);
  assert.equal(bench.nodes[1]!.accessOf(7), Access.Write);
});

test('what is only read, or is reset, is not kept', () => {
  const bench = new Bench(2);
  bench.use(0, 7, Access.Write);
  bench.use(1, 7, Access.Read);
  bench.keeps = true;
  bench.use(1, 7, Access.Write);
  assert.equal(bench.nodes[0]!.accessOf(7), Access.None);
  for (const node of bench.nodes) node.reset(7, 1, 1);
  bench.settle();
  assert.deepEqual(bench.nodes[0]!.holders(7), { owner: 0, sharers: [] });
});

test('hold pins only what is owned and not yet wanted elsewhere', () => {
  const bench = new Bench(2);
  assert.equal(bench.nodes[0]!.hold(7, 0, 0), false);
  bench.use(0, 7, Access.Write);
  assert.equal(bench.nodes[0]!.hold(7, 0, 0), true);
  bench.nodes[1]!.miss(7, 0, Access.Read, 0);
  bench.settle();
  assert.equal(bench.nodes[0]!.hold(7, 0, 1), false);
  assert.equal(bench.nodes[0]!.accessOf(7), Access.Write);
  bench.nodes[0]!.consumed(7, 0);
  bench.settle();
  assert.equal(bench.nodes[1]!.accessOf(7), Access.Read);
});

test('readers and a writer of one node: the readers run on the first grant, the writer on a second', () => {
  const bench = new Bench(2);
  bench.nodes[1]!.miss(7, 0, Access.Read, 0);
  bench.nodes[1]!.miss(7, 0, Access.Write, 1);
  bench.nodes[1]!.miss(7, 0, Access.Read, 2);
  bench.settle();
  const wakes = bench.takeEffects().filter((effect) => effect.includes('wake'));
  assert.deepEqual(wakes, ['1 wake 0 7', '1 wake 2 7', '1 wake 1 7']);
  assert.equal(bench.nodes[1]!.accessOf(7), Access.Write);
});

test('a block that wanders is handed over on the read, for so many reads', () => {
  const bench = new Bench(3, { migratoryGrants: 2 });
  const turn = (node: number) => {
    bench.use(node, 7, Access.Read);
    const owned = bench.nodes[node]!.accessOf(7) === Access.Write;
    if (!owned) bench.use(node, 7, Access.Write);
    return owned;
  };
  const grants = [1, 2, 1, 2, 1, 2, 1].map(turn);
  assert.deepEqual(grants, [false, true, true, false, true, true, false]);
});

test('a reset calls all copies back and leaves zeros at the home', () => {
  const bench = new Bench(3);
  bench.use(1, 7, Access.Write);
  bench.use(2, 7, Access.Read);
  bench.use(1, 9, Access.Write);
  bench.use(0, 8, Access.Write);
  bench.takeEffects();
  for (const node of bench.nodes) node.reset(0, 1 << 20, 55);
  bench.settle();
  const effects = bench.takeEffects();
  for (const block of [7, 8, 9]) {
    assert.ok(effects.includes(`0 zero ${block}`));
    assert.deepEqual(bench.nodes[0]!.holders(block), { owner: 0, sharers: [] });
    for (const node of bench.nodes) assert.equal(node.accessOf(block), Access.None);
  }
  assert.deepEqual(
    effects.filter((effect) => effect.includes('reset')),
    ['1 reset 55', '2 reset 55', '0 reset 55'],
  );
  assert.ok(bench.use(2, 7, Access.Read).some((line) => line.includes('Zero')));
});

test('an internal waiter may miss the next block from inside its wake', () => {
  const bench = new Bench(2);
  bench.use(0, 1, Access.Write);
  bench.onWake = (node, waiter, block) => {
    if (waiter === -5 && block < 4) bench.nodes[node]!.miss(block + 1, 0, Access.Read, waiter);
  };
  bench.nodes[1]!.miss(1, 0, Access.Read, -5);
  bench.settle();
  const effects = bench.takeEffects();
  assert.deepEqual(
    effects.filter((effect) => effect.includes('wake -5')),
    [1, 2, 3, 4].map((block) => `1 wake -5 ${block}`),
  );
  assert.equal(
    effects.some((effect) => effect.startsWith('1 pin')),
    false,
  );
  assert.ok(bench.nodes.every((node) => node.idle()));
});

test('a hundred readers are all invalidated by one writer', () => {
  const bench = new Bench(100, { placement: 'hashed' });
  for (let node = 0; node < 100; node++) bench.use(node, 3, Access.Read);
  const home = bench.nodes[0]!.homeOf(3);
  assert.equal(bench.nodes[home]!.holders(3).sharers.length, 100);
  bench.use(70, 3, Access.Write);
  for (const { node } of bench.nodes)
    assert.equal(bench.nodes[node]!.accessOf(3), node === 70 ? Access.Write : Access.None);
});

test('a clone continues where its original stands', () => {
  const bench = new Bench(2);
  bench.use(1, 7, Access.Write);
  bench.nodes[0]!.miss(7, 0, Access.Read, 2);
  const copy = bench.nodes[1]!.clone({ node: 1, nodes: 2, placement: 'central' }, bench.sinkOf(1));
  copy.deliver(bench.wire.shift()!.message);
  assert.equal(copy.accessOf(7), Access.Read);
  assert.equal(bench.nodes[1]!.accessOf(7), Access.Write);
  assert.equal(bench.wire[0]!.message.flags, MessageFlag.HasData);
});

test('a pushed block comes without having been asked for, and its home goes on', () => {
  const bench = new Bench(2);
  bench.use(0, 5, Access.Write);
  bench.takeEffects();
  assert.equal(bench.nodes[0]!.push(5, 1, Access.Read), true);
  assert.equal(bench.nodes[0]!.push(5, 1, Access.Read), false, 'on its way already');
  assert.deepEqual(bench.settle(), ['0>1 Data block 5 for 1, HasData, Pushed', '1>0 Done block 5 for 1']);
  assert.deepEqual(bench.nodes[0]!.holders(5), { owner: -1, sharers: [0, 1] });
  assert.equal(bench.nodes[1]!.accessOf(5), Access.Read);
  assert.equal(bench.nodes[0]!.push(5, 1, Access.Read), false, 'held already');
});

/** Nodes 0 (the home), 1 and 2 have a copy of the block. */
function shareAmongThree(bench: Bench, block: number): void {
  bench.use(0, block, Access.Write);
  bench.use(1, block, Access.Read);
  bench.use(2, block, Access.Read);
  bench.takeEffects();
}

test('a shared block is pushed for writing when all its sharers but one have said that they gave it up', () => {
  const bench = new Bench(4);
  shareAmongThree(bench, 8);
  assert.equal(bench.nodes[0]!.push(8, 2, Access.Write), true, 'to one of the sharers: without bytes');
  assert.deepEqual(bench.settle(), [
    '0>1 Discard block 8 for 0',
    '1>0 DiscardAck block 8 for 0',
    '0>2 Grant block 8 for 2, Exclusive, Pushed',
    '2>0 Done block 8 for 2',
  ]);
  assert.deepEqual(bench.nodes[0]!.holders(8), { owner: 2, sharers: [] });
  assert.deepEqual(
    [0, 1, 2].map((node) => bench.nodes[node]!.accessOf(8)),
    [Access.None, Access.None, Access.Write],
  );
  assert.equal(bench.nodes[0]!.push(8, 2, Access.Write), false, 'it has that');

  bench.use(1, 8, Access.Read);
  assert.equal(bench.nodes[0]!.push(8, 3, Access.Write), true, 'to a node without a copy: from one that has one');
  const lines = bench.settle();
  assert.deepEqual(
    lines.map((line) => line.split(' ')[1]),
    ['Discard', 'DiscardAck', 'FwdGetM', 'Data', 'Done'],
  );
  assert.deepEqual(bench.nodes[0]!.holders(8), { owner: 3, sharers: [] });
  assert.ok(bench.nodes.every((node) => node.idle()));
});

test('a request for writing that crosses the push of that right is answered by the push alone', () => {
  const bench = new Bench(3);
  shareAmongThree(bench, 6);
  bench.nodes[0]!.push(6, 1, Access.Write);
  bench.nodes[1]!.miss(6, 0, Access.Write, 3);
  bench.nodes[2]!.miss(6, 0, Access.Write, 4);
  const lines = bench.settle();
  assert.equal(lines.filter((line) => line.includes('Grant')).length, 1, lines.join('\n'));
  assert.equal(bench.nodes[1]!.accessOf(6), Access.Write);
  assert.ok(bench.takeEffects().includes('1 wake 3 6'));
  bench.nodes[1]!.consumed(6, 3);
  bench.settle();
  assert.equal(bench.nodes[2]!.accessOf(6), Access.Write, 'the other request comes next');
  bench.nodes[2]!.consumed(6, 4);
  assert.ok(bench.nodes.every((node) => node.idle()));
});

test('a block that nobody used is pushed for writing alone, and without bytes', () => {
  const bench = new Bench(2);
  assert.equal(bench.nodes[0]!.push(5, 1, Access.Read), false);
  assert.deepEqual(bench.nodes[0]!.holders(5), { owner: 0, sharers: [] });
  assert.equal(bench.nodes[0]!.push(5, 0, Access.Write), false, 'it is there');
  assert.ok(bench.nodes[0]!.idle());
  assert.equal(bench.nodes[0]!.push(5, 1, Access.Write), true);
  assert.deepEqual(bench.settle(), ['0>1 Data block 5 for 1, Zero, Exclusive, Pushed', '1>0 Done block 5 for 1']);
  assert.equal(bench.nodes[1]!.accessOf(5), Access.Write);
  assert.deepEqual(bench.nodes[0]!.usedBlocks(0, 10), [5], 'a reset calls it back');
});

test('a request that crosses a push which satisfies it is answered by the push alone', () => {
  for (const wanted of [Access.Read, Access.Write] as const) {
    const bench = new Bench(2);
    bench.use(0, 5, Access.Write);
    bench.nodes[0]!.push(5, 1, wanted);
    bench.nodes[1]!.miss(5, 0, wanted, 3);
    const lines = bench.settle();
    assert.equal(lines.filter((line) => line.includes('Data')).length, 1, lines.join('\n'));
    assert.equal(bench.nodes[1]!.accessOf(5), wanted);
    bench.nodes[1]!.consumed(5, 3);
    assert.ok(bench.nodes.every((node) => node.idle()));
    assert.ok(bench.takeEffects().includes('1 wake 3 5'));
  }
});

test('a request for writing that crosses a push for reading is served behind it, without bytes', () => {
  const bench = new Bench(2);
  bench.use(0, 5, Access.Write);
  bench.nodes[0]!.push(5, 1, Access.Read);
  bench.nodes[1]!.miss(5, 0, Access.Write, 3);
  const lines = bench.settle();
  assert.equal(lines.filter((line) => line.includes('Data')).length, 1, lines.join('\n'));
  assert.ok(lines.some((line) => line.startsWith('0>1 Grant')));
  assert.equal(bench.nodes[1]!.accessOf(5), Access.Write);
});

test('a stream of misses has blocks pushed ahead; its home hears of the mark when a thread comes to it', () => {
  const bench = new Bench(2, { pushWindowMax: 8 });
  for (let block = 0; block < 60; block++) bench.use(0, block, Access.Write);
  for (const block of [10, 11, 12]) bench.use(1, block, Access.Read);
  const held = () => Array.from({ length: 60 }, (_, block) => block).filter((b) => bench.nodes[1]!.accessOf(b) > 0);
  assert.deepEqual(held(), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  assert.deepEqual(
    bench.takeEffects().filter((line) => line.startsWith('1 mark')),
    ['1 mark 13 true'],
  );
  // The executor stops at the mark, though it may use the block.
  assert.ok(bench.use(1, 13, Access.Read)[0]!.startsWith('1>0 Progress block 13 for 1'));
  assert.equal(held().at(-1), 28);
  assert.deepEqual(
    bench.takeEffects().filter((line) => line.startsWith('1 mark')),
    ['1 mark 13 false', '1 mark 21 true'],
  );
  assert.equal(bench.nodes[1]!.counters.pushed, 16);
});

test('a marked block that is lost again loses its mark', () => {
  const bench = new Bench(2, { pushWindowMax: 8 });
  for (let block = 0; block < 20; block++) bench.use(0, block, Access.Write);
  for (const block of [1, 2, 3]) bench.use(1, block, Access.Read);
  bench.takeEffects();
  bench.use(0, 4, Access.Write);
  assert.ok(bench.takeEffects().includes('1 mark 4 false'));
});
