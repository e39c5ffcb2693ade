/**
 * The memory that cases may touch: a scratch area at one of a few places, chosen so that accesses meet the ends of
 * granules and pages, memory that is not there, and memory that may only be read.
 */
import type { Prng } from '../src/base/prng.ts';
import { randomDouble, randomSingle, randomWord } from '../src/isa/arm/random-state.ts';
import { granuleBytes, pageBytes } from '../src/layout/access.ts';
import { scratchBytes } from './fuzz-case.ts';
import { padsA32, padsThumb } from './fuzz-code.ts';

interface Mapping {
  readonly start: number;
  readonly bytes: number;
  readonly writable: boolean;
}

export interface Window {
  readonly name: string;
  /** Where the scratch area begins. */
  readonly base: number;
  /** What the reference has mapped around it. */
  readonly mappings: readonly Mapping[];
}

const readWrite = (start: number, bytes = pageBytes): Mapping => ({ start, bytes, writable: true });

export const windows: readonly Window[] = [
  { name: 'behind nothing', base: 0x50010000, mappings: [readWrite(0x50010000)] },
  { name: 'across two pages', base: 0x50021000 - scratchBytes / 2, mappings: [readWrite(0x50020000, 2 * pageBytes)] },
  { name: 'before nothing', base: 0x50031000 - scratchBytes, mappings: [readWrite(0x50030000)] },
  {
    name: 'before memory that may only be read',
    base: 0x50041000 - scratchBytes,
    mappings: [readWrite(0x50040000), { start: 0x50041000, bytes: pageBytes, writable: false }],
  },
];

/** Both ends of what the reference has mapped anywhere near, and of what is its own (loader, stack, system). */
const farStart = 0x60000000;
const farEnd = 0xe0000000;

const isMapped = (window: Window, address: number, write: boolean): boolean =>
  window.mappings.some(
    ({ start, bytes, writable }) => address >= start && address < start + bytes && (writable || !write),
  );

/** True when the reference faults at the address too: there is nothing there, or nothing that the access may touch. */
export function faultsAnywhere(window: Window, address: number, write: boolean): boolean {
  if (address >= farStart && address < farEnd) return true;
  return Math.abs(address - window.base) < 2 * pageBytes && !isMapped(window, address, write);
}

/** True when a store of the reference there would change nothing but scratch memory. */
export const isHarmless = (window: Window, address: number): boolean =>
  Math.abs(address - window.base) < pageBytes || faultsAnywhere(window, address, true);

/** An address to aim at: the ends of the area and of its granules, or anywhere in it; mostly a multiple of 8. */
export function randomAddress(random: Prng, window: Window): number {
  const place = random.below(8);
  const aligned = random.chance(0.3) ? random.below(9) - 4 : random.pick([0, 0, 0, 4, -4, 8, -8, -16]);
  if (place === 0) return window.base + Math.max(aligned, -8);
  if (place === 1) return window.base + scratchBytes + aligned;
  if (place === 2) return window.base + scratchBytes - 8 * random.below(8);
  if (place < 5) return window.base + granuleBytes * (1 + random.below(scratchBytes / granuleBytes - 1)) + aligned;
  return window.base + 8 * random.below(scratchBytes / 8) + (place === 5 ? random.below(8) : 0);
}

/** Granules that are not there at first: most often none, else any, or all. */
export function randomAbsence(random: Prng): number {
  const granules = 1 << (scratchBytes / granuleBytes);
  return random.pick([0, 0, 0, random.below(granules), granules - 1]);
}

const padPatterns = 4;
const tablePatterns = 2;
const dataPatterns = 10;

/** Contents of the scratch area: addresses of landing pads, small branch tables, then data of all kinds. */
export function makePatterns(random: Prng): Int32Array[] {
  const words = (word: () => number): Int32Array => Int32Array.from({ length: scratchBytes / 4 }, word);
  const patterns: Int32Array[] = [];
  for (let i = 0; i < padPatterns; i++) patterns.push(words(() => random.pick(i & 1 ? padsA32 : padsThumb)));
  for (let i = 0; i < tablePatterns; i++) patterns.push(words(() => random.below(8) | (random.below(8) << 16)));
  for (let i = 0; i < dataPatterns; i++) {
    const pattern = words(() => randomWord(random));
    if (i % 3 === 1) for (let at = 0; at < pattern.length; at++) pattern[at] = randomSingle(random);
    if (i % 3 === 2) for (let at = 0; at < pattern.length; at += 2) pattern.set(randomDouble(random), at);
    patterns.push(pattern);
  }
  return patterns;
}
export const anyPattern = (random: Prng): number => padPatterns + tablePatterns + random.below(dataPatterns);
export const branchPattern = (random: Prng): number => random.below(padPatterns + tablePatterns);
