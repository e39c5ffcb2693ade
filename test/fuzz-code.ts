/**
 * Where the cases' code stands, on both sides: landing pads for indirect branches at fixed addresses, and a place for
 * each case with its instructions, landing pads of its own, and the jump back to the driver.
 */
import { pageBytes } from '../src/layout/access.ts';
import { a32 } from './fuzz-assembler.ts';
import type { FuzzCase } from './fuzz-case.ts';

/** Where a case that has run to its end goes: the driver of the reference's program begins with it. */
export const saveAddress = 0x00010c00;
/** Code of cases is mapped without leave to write, from here on. */
export const codeSegment = 0x01000000;
/** Cases in one image at the most, and bytes of code that each has. */
export const casesMax = 2048;
export const codeBytes = 512;
const codeBase = codeSegment + pageBytes;
export const codeSegmentBytes = pageBytes + casesMax * codeBytes;

/** LDR pc, [pc, #-4] before its literal; LDR.W pc, [pc] likewise (at a multiple of 4). */
const jumpA32 = 0xe51ff004;
const jumpThumb = [0xf8df, 0xf000] as const;
const nopThumb = 0xbf00;

/** The landing pads' instructions add a register each, so that the sum tells where control arrived. */
const padCount = 8;
const padA32 = (index: number): number => a32.addRegister(0, 0, 1 + index);
const padThumb = (index: number): number => 0x4400 | ((1 + index) << 3);

const padThumbBase = codeSegment + 0x100;
/** Addresses that indirect branches may go to: the A32 pads, and the Thumb pads with bit 0 set. */
export const padsA32: readonly number[] = Array.from({ length: padCount }, (_, i) => codeSegment + i * 4);
export const padsThumb: readonly number[] = Array.from({ length: padCount }, (_, i) => (padThumbBase + i * 2) | 1);

/** Writes code into guest memory of which `view` shows the part from `base` on. */
class CodeWriter {
  readonly view: DataView;
  readonly base: number;
  at: number;
  constructor(view: DataView, base: number, at: number) {
    this.view = view;
    this.base = base;
    this.at = at;
  }
  half(value: number): void {
    this.view.setUint16(this.at - this.base, value, true);
    this.at += 2;
  }
  word(value: number): void {
    this.view.setUint32(this.at - this.base, value >>> 0, true);
    this.at += 4;
  }
  /** Landing pads (if wanted) and the jump to `save`, in one instruction set; gives the pads' addresses. */
  tail(thumb: boolean, pads: boolean): number[] {
    const landings: number[] = [];
    for (let i = 0; pads && i < padCount; i++) {
      landings.push(thumb ? this.at | 1 : this.at);
      if (thumb) this.half(padThumb(i));
      else this.word(padA32(i));
    }
    if (thumb) {
      if (this.at & 2) this.half(nopThumb);
      for (const half of jumpThumb) this.half(half);
    } else this.word(jumpA32);
    this.word(saveAddress);
    return landings;
  }
}

/** Where a case's code stands. Entry and end (behind the instructions) have bit 0 set for Thumb. */
export interface CasePlace {
  readonly start: number;
  readonly entry: number;
  readonly end: number;
  /** Where direct branches may land (bit 0 set for Thumb): every pad, `end`, and the case's own places. */
  readonly landings: readonly number[];
}

export const caseStart = (index: number): number => codeBase + index * codeBytes;

/** What stands around the code, for literals: addresses of landing pads, and words of all kinds. */
const literalPads = [...padsA32, ...padsThumb];
const surroundings = Int32Array.from({ length: codeBytes / 4 }, (_, i) =>
  i & 1 ? literalPads[(i >>> 1) % literalPads.length]! : Math.imul(i + 1, 0x9e3779b1),
);

/** Guest memory, or the part of it from `base` on, for writing code and data. */
export interface MemoryImage {
  readonly view: DataView;
  readonly words: Int32Array;
  readonly base: number;
}

/**
 * Writes the code of case `index`: landing pads before and behind the instructions if the case has them, and the jump
 * to the driver. What is left of the place is data for literals.
 */
export function placeCase({ view, words, base }: MemoryImage, index: number, one: FuzzCase): CasePlace {
  const start = caseStart(index);
  words.set(surroundings, (start - base) >>> 2);
  const writer = new CodeWriter(view, base, start);
  const other = one.landing === 'exchange';
  const landings = one.landing === 'none' ? [] : writer.tail(one.thumb !== other, true);
  if (one.thumb && one.odd) writer.half(nopThumb);
  const bit = one.thumb ? 1 : 0;
  const entry = writer.at | bit;
  for (const half of one.halfwords) writer.half(half);
  const end = writer.at | bit;
  if (other && writer.at & 2) writer.half(nopThumb);
  landings.push(end, ...writer.tail(one.thumb !== other, one.landing !== 'none'));
  if (writer.at > start + codeBytes) throw new RangeError('the case is too long');
  for (const offset of one.inside) landings.push(entry + offset);
  return { start, entry, end, landings };
}

/** Writes the pads that indirect branches may go to. */
export function placePads({ view, base }: MemoryImage): void {
  new CodeWriter(view, base, codeSegment).tail(false, true);
  new CodeWriter(view, base, padThumbBase).tail(true, true);
}
