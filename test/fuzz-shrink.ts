/** Makes a failing case smaller: first instructions, then registers, are taken away. */
import { hex32 } from '../src/base/bits.ts';
import type { FuzzCase, Start } from './fuzz-case.ts';
import { compareCases, type FuzzOptions, type Mismatch } from './fuzz-compare.ts';
import { astraySignal, type Subject } from './fuzz-subject.ts';

/** A case with the same outcome and the least in it. */
export function shrink(mismatch: Mismatch, subject: Subject, options: FuzzOptions): Mismatch {
  const only = { ...options, tiers: [mismatch.tier] };
  const one = { ...mismatch.one, starts: [mismatch.start] };
  let smallest: Mismatch = { ...mismatch, one };
  if (one.inside.length > 0) {
    smallest = compareCases(prefixesOf(one), subject, only).find(isReal) ?? smallest;
    smallest = withNops(smallest, subject, only);
  }
  const { start } = smallest;
  const simpler: Start[] = [];
  for (let i = 0; i < 15; i++) if (start.state.r[i] !== 0) simpler.push(withState(start, { r: i }));
  for (let i = 0; i < 64; i++) if (start.state.s[i] !== 0) simpler.push(withState(start, { s: i }));
  const alike = (found: Mismatch): boolean => isAlike(found, smallest);
  const cases = simpler.map((each) => ({ ...smallest.one, starts: [each] }));
  const still = compareCases(cases, subject, only)
    .filter(alike)
    .map((found) => found.start.state);
  const state = {
    ...start.state,
    r: start.state.r.map((value, i) => (still.some((other) => other.r[i] !== value) ? 0 : value)),
    s: start.state.s.map((value, i) => (still.some((other) => other.s[i] !== value) ? 0 : value)),
  };
  const least = { ...smallest.one, starts: [{ ...start, state }] };
  return compareCases([least], subject, only).find(alike) ?? smallest;
}

/** A block that was cut may branch to what is no longer there. */
const isReal = ({ differences: [first] }: Mismatch): boolean => first?.endsWith(hex32(astraySignal)) !== true;

/** With NOPs for the instructions that do not matter, in the order of their places, each tried alone. */
function withNops(mismatch: Mismatch, subject: Subject, options: FuzzOptions): Mismatch {
  let smallest = mismatch;
  const { thumb, inside } = mismatch.one;
  for (const [i, offset] of inside.entries()) {
    const at = offset / 2;
    const halfwords = [...smallest.one.halfwords];
    const length = (inside[i + 1] ?? 2 * halfwords.length) / 2 - at;
    halfwords.splice(at, length, ...(thumb ? (length === 1 ? nopT16 : nopT32) : nopA32));
    const simpler = { ...smallest.one, halfwords };
    if (!ends(simpler, subject)) continue;
    smallest = compareCases([simpler], subject, options).find((each) => isAlike(each, smallest)) ?? smallest;
  }
  return smallest;
}
/** Without its counter a loop would go on for ever. */
function ends(one: FuzzCase, subject: Subject): boolean {
  subject.place(0, one);
  return one.starts.every((start) => subject.run(start).kind !== 'astray');
}
const nopA32 = [0xf000, 0xe320];
const nopT16 = [0xbf00];
const nopT32 = [0xf3af, 0x8000];

const isAlike = (a: Mismatch, b: Mismatch): boolean => nameOf(a) === nameOf(b);

/** What the first difference is about: a simpler case must fail in the same way (with the same two signals, if any). */
function nameOf(mismatch: Mismatch): string {
  const [first] = mismatch.differences as [string];
  return first.startsWith('signal') ? first : (first.split(' ')[0] as string);
}

/** The block cut at each place where it may be, the shortest first: between instructions, and not inside IT blocks. */
function prefixesOf(one: FuzzCase): FuzzCase[] {
  const { thumb, halfwords, inside } = one;
  const prefixes: FuzzCase[] = [];
  let itLeft = 0;
  for (let at = 0; at < halfwords.length; ) {
    const half = halfwords[at]!;
    const mask = half & 15;
    if (thumb && half >>> 8 === 0xbf && mask !== 0) itLeft = 5 - (31 - Math.clz32(mask & -mask));
    at += !thumb || half >>> 11 >= 0b11101 ? 2 : 1;
    if (itLeft > 0) itLeft--;
    if (itLeft > 0) continue;
    prefixes.push({ ...one, halfwords: halfwords.slice(0, at), inside: inside.filter((offset) => offset < 2 * at) });
  }
  return prefixes;
}

/** The start with one register zero. */
function withState(start: Start, zero: { r?: number; s?: number }): Start {
  const { state } = start;
  return {
    ...start,
    state: {
      ...state,
      r: state.r.map((value, i) => (i === zero.r ? 0 : value)),
      s: state.s.map((value, i) => (i === zero.s ? 0 : value)),
    },
  };
}
