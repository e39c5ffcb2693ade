import assert from 'node:assert/strict';
import { test } from 'node:test';
import { print } from '../ir/printer.ts';
import type { CodeReader } from '../isa/arm/block.ts';
import { CodeVariant } from '../layout/code-variant.ts';
import { type FormedRegion, formRegion } from './region.ts';

const root = 0x8000;
const bxLr = 0xe12fff1e;
const addR0 = 0xe2800001;
const subsR1 = 0xe2511001;

/** A32 branches to a word offset from `root`, at word `at`. */
const to = (at: number, target: number): number => (target - at - 2) & 0xffffff;
const b = (at: number, target: number): number => 0xea000000 | to(at, target);
const bne = (at: number, target: number): number => 0x1a000000 | to(at, target);
const bl = (at: number, target: number): number => 0xeb000000 | to(at, target);

/** Words from `root` on; what lies outside may not be fetched. */
function codeOf(words: readonly number[], thumb: readonly number[] = []): CodeReader {
  const halves = thumb.length > 0 ? thumb : words.flatMap((word) => [word & 0xffff, word >>> 16]);
  return { halfword: (address) => halves[(address - root) >>> 1] ?? -1 };
}

function form(words: readonly number[], thumb?: readonly number[]): FormedRegion {
  return formRegion(codeOf(words, thumb), thumb ? root | 1 : root)!;
}
/** Starts and ends of the stretches as word offsets from the root, in the order of their starts. */
function stretches({ ranges }: FormedRegion): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) found.push([(ranges[i]! - root) / 4, (ranges[i + 1]! - root) / 4]);
  return found.sort((x, y) => x[0] - y[0]);
}
const polls = ({ ir }: FormedRegion): string[] => print(ir).match(/poll 0x[0-9a-f]+/g) ?? [];

test('a loop is one block with a poll at its head; nothing else polls', () => {
  const loop = form([addR0, addR0, subsR1, bne(3, 1), bxLr]);
  // The jump back splits the block that was read through.
  assert.deepEqual(stretches(loop), [
    [0, 1],
    [1, 4],
    [4, 5],
  ]);
  assert.deepEqual(polls(loop), ['poll 0x8004']);
  assert.equal(loop.instructions, 5);
  assert.deepEqual(polls(form([bne(0, 2), addR0, addR0, bxLr])), []);
});

test('a root that is jumped to in its middle is split, and stays the entry', () => {
  const region = form([addR0, addR0, addR0, bne(3, 2), bne(4, 1), b(5, 0)]);
  assert.deepEqual(stretches(region), [
    [0, 1],
    [1, 2],
    [2, 4],
    [4, 5],
    [5, 6],
  ]);
  assert.equal(region.instructions, 6);
  assert.equal(region.ir.entry, root);
  assert.deepEqual(polls(region).sort(), ['poll 0x8000', 'poll 0x8004', 'poll 0x8008']);
});

test('a loop with two entries has a poll on its cycle', () => {
  // 0: bne 3 · 1: add · 2: bne 4 (falls to 3) · 3: add · b 1 · 5: bx
  const region = form([bne(0, 3), addR0, bne(2, 5), addR0, b(4, 1), bxLr]);
  assert.equal(polls(region).length, 1);
});

test('a call is left in place: its return is in the region, its target is not', () => {
  const region = form([bl(0, 3), addR0, bxLr, addR0, bxLr]);
  assert.deepEqual(stretches(region), [
    [0, 1],
    [1, 3],
  ]);
});

test('what may not be fetched is left out; without the root there is no region', () => {
  const region = form([bne(0, 100), addR0, b(2, 200)]);
  assert.deepEqual(stretches(region), [
    [0, 1],
    [1, 3],
  ]);
  assert.equal(formRegion(codeOf([]), root), undefined);
});

test('a Thumb root keeps its state', () => {
  // adds r0, #1; subs r1, #1; bne 0; bx lr
  const region = form([], [0x3001, 0x3901, 0xd1fc, 0x4770]);
  assert.equal(region.pc, root | 1);
  assert.deepEqual(polls(region), ['poll 0x8001']);
  assert.deepEqual(region.ranges, [root, root + 6, root + 6, root + 8]);
});

test('long functions are cut by blocks and by instructions, and what is cut off is left', () => {
  // Pairs: add; bne over nothing. Each is a block of two.
  const many = Array.from({ length: 1200 }, (_, i) => (i % 2 === 0 ? addR0 : bne(i, i + 1)));
  const byBlocks = form([...many, bxLr]);
  assert.equal(byBlocks.ranges.length / 2, 200);
  assert.ok(byBlocks.instructions <= 400);
  const straight = form([...Array.from({ length: 3000 }, () => addR0), bxLr]);
  assert.ok(straight.instructions >= 1600 && straight.instructions < 1664);
  for (const [from, end] of stretches(straight)) assert.ok(end - from <= 64);
  // Split blocks at the limit: the root must not get lost.
  const back = [...Array.from({ length: 1630 }, () => addR0), bne(1630, 1), bxLr];
  for (let i = 20; i < 1600; i += 60) back[i] = bne(i, (i * 7) % 1600);
  assert.equal(stretches(form(back))[0]![0], 0);
});

test('what was never run is left out and told: paths out of loops, and calls that were not made', () => {
  // 0: add · 1: bne 5 · 2: subs · 3: bne 0 · 4: bx · 5: add · 6: b 2
  const words = [addR0, bne(1, 5), subsR1, bne(3, 0), bxLr, addR0, b(6, 2)];
  const cold = (word: number): number => root + 4 * word;
  const without = (...cold: number[]) =>
    formRegion(codeOf(words), root, CodeVariant.plain, { isMet: (pc) => !cold.includes(pc), isRoot: () => false })!;
  const main = without(cold(5));
  assert.deepEqual(stretches(main), [
    [0, 2],
    [2, 4],
    [4, 5],
  ]);
  assert.deepEqual([...main.leftOut], [cold(5)]);
  assert.deepEqual([...without().leftOut], []);
  // 0: blne 4 · 1: add · 2: bx
  const guarded = [0x1b000000 | to(0, 4), addR0, bxLr];
  const calling = (isMet: boolean) =>
    formRegion(codeOf(guarded), root, CodeVariant.plain, {
      isMet: (pc) => isMet || pc !== cold(4),
      isRoot: () => false,
    })!;
  assert.match(print(calling(true).ir), /call 0x8010/);
  assert.doesNotMatch(print(calling(false).ir), /call 0x8010/);
  assert.match(print(calling(false).ir), /exit.jump 0x8010/);
  assert.deepEqual([...calling(false).leftOut], [cold(4)]);
});

test('a long region jumps to what has a region of its own, a short one takes it in', () => {
  const formed = (length: number): FormedRegion => {
    const words = [...Array.from({ length }, () => addR0), b(length, length + 2), bxLr, addR0, bxLr];
    const known = { isMet: () => true, isRoot: (pc: number) => pc === root + 4 * (length + 2) };
    return formRegion(codeOf(words), root, CodeVariant.plain, known)!;
  };
  assert.equal(formed(30).instructions, 33);
  assert.equal(formed(250).instructions, 251);
});
