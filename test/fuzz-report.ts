/** What the fuzzer tells about cases that differ. */
import { hex32 } from '../src/base/bits.ts';
import { disassemble, scanBlock } from '../src/isa/arm/block.ts';
import type { FuzzCase, Start } from './fuzz-case.ts';
import type { FuzzOptions, Mismatch } from './fuzz-compare.ts';
import { windows } from './fuzz-memory.ts';
import { shrink } from './fuzz-shrink.ts';
import type { Subject } from './fuzz-subject.ts';

/** Groups shrunk and reported, and differences listed of each, at the most. */
const groupsMax = 200;
const differencesMax = 12;

/** A few lines for each row that has a mismatch: its smallest failing case, and how many fail. */
export function reportMismatches(mismatches: readonly Mismatch[], subject: Subject, options: FuzzOptions): string[] {
  const groups = new Map<string, Mismatch[]>();
  for (const mismatch of mismatches) {
    const key = `${mismatch.one.label} under the ${mismatch.tier}`;
    const group = groups.get(key) ?? [];
    group.push(mismatch);
    groups.set(key, group);
  }
  const lines: string[] = [];
  for (const [key, group] of [...groups].slice(0, groupsMax)) {
    const { one, start, differences } = shrink(smallestOf(group), subject, options);
    lines.push(`${key}: ${group.length} cases differ`);
    for (const line of listing(one, subject)) lines.push(`    ${line}`);
    lines.push(`    from ${stateOf(start)}`);
    const more = differences.length > differencesMax ? ', ...' : '';
    lines.push(`    ${differences.slice(0, differencesMax).join(', ')}${more}`);
  }
  if (groups.size > groupsMax) lines.push(`... and ${groups.size - groupsMax} more rows`);
  return lines;
}

const smallestOf = (group: readonly Mismatch[]): Mismatch =>
  group.reduce((least, each) => (each.one.halfwords.length < least.one.halfwords.length ? each : least));

/** The registers that are not 0. */
function stateOf({ state, pattern, window, absent }: Start): string {
  const parts = [`cpsr=${hex32(state.cpsr)}`, `fpscr=${hex32(state.fpscr)}`, `pattern=${pattern}`];
  if (absent !== 0) parts.push(`absent granules=${absent.toString(2)}`);
  parts.push(`scratch=${hex32(windows[window]!.base)} (${windows[window]!.name})`);
  state.r.forEach((value, i) => {
    if (value !== 0) parts.push(`r${i}=${hex32(value)}`);
  });
  state.s.forEach((value, i) => {
    if (value !== 0) parts.push(`d${i >>> 1}.${i & 1 ? 'high' : 'low'}=${hex32(value)}`);
  });
  return parts.join(' ');
}

function listing(one: FuzzCase, subject: Subject): string[] {
  const place = subject.place(0, one);
  const lines: string[] = [];
  for (let pc = place.entry, itstate = 0; pc < place.end; ) {
    const [instruction] = scanBlock(subject, pc, itstate, 1).instructions;
    if (instruction === undefined) break;
    const digits = hex32(instruction.bits).slice(8 - instruction.bytes * 2);
    lines.push(`${hex32(instruction.address)} ${digits} ${disassemble(instruction)}`);
    pc = instruction.next | (one.thumb ? 1 : 0);
    itstate = instruction.itstateNext;
  }
  return lines;
}
