/**
 * The program that runs a batch of cases under the reference emulator: a static ELF file.
 *
 *   driver      code, variables and signal stack (fuzz-driver.ts)
 *   patterns    what scratch areas hold first
 *   inputs      CaseInput records
 *   outputs     CaseOutput records (zero at the start)
 *   code        landing pads and the cases' instructions (fuzz-code.ts); may not be written
 *   windows     where scratch areas lie (fuzz-memory.ts): the only memory that cases load and store
 */
import { alignUp } from '../src/base/bits.ts';
import { pageBytes } from '../src/layout/access.ts';
import { CaseInput, CaseOutput, type FuzzCase, scratchBytes } from './fuzz-case.ts';
import { caseStart, casesMax, codeSegment, type MemoryImage, placeCase, placePads } from './fuzz-code.ts';
import { driverBase, driverEnd, makeDriver, variable } from './fuzz-driver.ts';
import { windows } from './fuzz-memory.ts';

/** Starts in one image at the most. */
export const startsMax = 8192;
const patternsMax = 32;
const imageBase = 0x00010000;
const patternBase = driverEnd;
const inputBase = patternBase + patternsMax * scratchBytes;
const outputBase = alignUp(inputBase + startsMax * CaseInput.bytes, pageBytes);
if (outputBase + startsMax * CaseOutput.bytes > codeSegment) throw new RangeError('the records reach the code');

const driver = makeDriver(inputBase, outputBase);

interface Segment {
  readonly address: number;
  /** Offset and bytes in the file. */
  readonly offset: number;
  readonly fileBytes: number;
  readonly bytes: number;
  /** PF_ bits. */
  readonly flags: number;
}
const PF_X = 1;
const PF_W = 2;
const PF_R = 4;

function writeHeaders(view: DataView, segments: readonly Segment[]): void {
  const headerBytes = 0x34;
  const programBytes = 0x20;
  new Uint8Array(view.buffer).set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, 40, true); // EM_ARM
  view.setUint32(20, 1, true);
  view.setUint32(24, driver.entry, true);
  view.setUint32(28, headerBytes, true);
  view.setUint32(36, 0x05000400, true); // EABI 5, hard float
  view.setUint16(40, headerBytes, true);
  view.setUint16(42, programBytes, true);
  view.setUint16(44, segments.length, true);
  segments.forEach(({ address, offset, fileBytes, bytes, flags }, index) => {
    const fields = [1, offset, address, address, fileBytes, bytes, flags, pageBytes];
    fields.forEach((field, i) => {
      view.setUint32(headerBytes + index * programBytes + i * 4, field, true);
    });
  });
}

export const startsOf = (cases: readonly FuzzCase[]): number => cases.reduce((sum, one) => sum + one.starts.length, 0);

/**
 * The program that runs every start of the cases, with their scratch patterns (of scratchBytes each).
 * @returns an ELF file
 */
export function makeImage(cases: readonly FuzzCase[], patterns: readonly Int32Array[]): Uint8Array {
  const starts = startsOf(cases);
  if (cases.length > casesMax || starts > startsMax || patterns.length > patternsMax)
    throw new RangeError('too many cases or patterns');
  const inputEnd = inputBase + starts * CaseInput.bytes;
  const codeOffset = alignUp(pageBytes + inputEnd - imageBase, pageBytes);
  const codeFileBytes = caseStart(cases.length) - codeSegment;
  const file = new Uint8Array(codeOffset + codeFileBytes);
  const view = new DataView(file.buffer);
  const image: MemoryImage = { view, words: new Int32Array(file.buffer), base: imageBase - pageBytes };
  const code: MemoryImage = { ...image, base: codeSegment - codeOffset };
  const word = (address: number): number => (address - image.base) >>> 2;

  writeHeaders(view, [
    {
      address: imageBase,
      offset: pageBytes,
      fileBytes: inputEnd - imageBase,
      bytes: outputBase - imageBase + starts * CaseOutput.bytes,
      flags: PF_R | PF_W | PF_X,
    },
    { address: codeSegment, offset: codeOffset, fileBytes: codeFileBytes, bytes: codeFileBytes, flags: PF_R | PF_X },
    ...windows.flatMap(({ mappings }) =>
      mappings.map(({ start, bytes, writable }) => ({
        address: start,
        offset: 0,
        fileBytes: 0,
        bytes,
        flags: PF_R | (writable ? PF_W : 0),
      })),
    ),
  ]);

  const { words } = image;
  words.set(driver.words, word(driverBase));
  for (const [address, value] of driver.data) words[word(address)] = value;
  words[word(variable('inputEnd'))] = inputEnd;
  patterns.forEach((pattern, index) => {
    words.set(pattern, word(patternBase + index * scratchBytes));
  });
  placePads(code);
  let record = word(inputBase);
  cases.forEach((one, index) => {
    const { entry } = placeCase(code, index, one);
    for (const { state, pattern, window } of one.starts) {
      words[record + CaseInput.code.index32] = entry;
      words[record + CaseInput.pattern.index32] = patternBase + pattern * scratchBytes;
      words[record + CaseInput.scratch.index32] = windows[window]!.base;
      words[record + CaseInput.cpsr.index32] = state.cpsr;
      words[record + CaseInput.fpscr.index32] = state.fpscr;
      words.set(state.r, record + CaseInput.r.index32);
      words.set(state.s, record + CaseInput.d.index32);
      record += CaseInput.bytes / 4;
    }
  });
  return file;
}
