/**
 * The coverage page, docs/instructions.md: every row of the instruction tables, with the number of random cases that
 * each tier has passed. The page itself keeps the figures: what a run did not reach stays as it was.
 */
import { rowsOf } from '../src/isa/arm/decoder.ts';
import type { InstructionSet, Row } from '../src/isa/arm/row.ts';
import { keyOf, omissions } from './fuzz-rows.ts';
import type { Tally } from './fuzz-session.ts';
import { type TierName, tierNames } from './fuzz-tiers.ts';
import { signalTolerances } from './fuzz-tolerances.ts';

/** Cases passed, by label and tier. */
export type Figures = ReadonlyMap<string, Readonly<Record<TierName, number>>>;

const noFigures = Object.fromEntries(tierNames.map((tier) => [tier, 0])) as Record<TierName, number>;

const setTitles: Record<InstructionSet, string> = { a32: 'A32', t16: 'T32, 16 bits', t32: 'T32, 32 bits' };
const blockLabels = ['block A32', 'block Thumb'] as const;
const blockTitle = 'Blocks';

const cells = (...texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
const heading = (...names: readonly string[]): string[] => [
  cells(...names),
  `|${names.map((name) => ((tierNames as readonly string[]).includes(name) ? '--:' : '---')).join('|')}|`,
];
const figuresOfLabel = (figures: Figures, label: string): string[] => {
  const found = figures.get(label) ?? noFigures;
  return tierNames.map((tier) => found[tier].toLocaleString('en'));
};

/** Why encodings of the row are left out. */
function rulesOf(row: Row): string {
  const rules = [...row.rules];
  if (/[ol]/.test(row.pattern)) rules.push('should-be bits');
  for (const { rows, rule } of omissions) if (rows.test(row.name)) rules.push(rule);
  return rules.join('; ');
}

function rowLine(row: Row, figures: Figures): string {
  return cells(row.name, row.section, row.needs.join(', '), ...figuresOfLabel(figures, keyOf(row)), rulesOf(row));
}

/** The names of signals that the tolerances speak of; 0 is none. */
const signalNames: Record<number, string> = { 0: 'none', 4: 'SIGILL', 5: 'SIGTRAP', 7: 'SIGBUS', 11: 'SIGSEGV' };
const namesOf = (signals: readonly number[]): string => signals.map((signal) => signalNames[signal]).join(' or ');

const introduction = `# Instructions

Every row of the instruction tables, made from them by \`npm run fuzz\`; do not edit. \`needs\` is the part of the architecture that a processor must have (src/processor/features.table.ts; empty: all have it). The three figures are random cases, compared with \`qemu-arm -cpu max\`, that the row has passed on the IR's interpreter, on the interpreter behind the optimising passes, and translated to WebAssembly; a case that differs makes the figure 0. Compared are the registers, flags, GE, Q, the vector registers, FPSCR (half of the floating-point cases have random modes and all exceptions; but for Len and Stride: there are no short vectors, these read as 0, and the reference keeps what is written to them), memory, and at signals the signal, its address and the interrupted registers; an instruction that faults must have changed nothing. \`left out\`: encodings of the row that the manual calls UNPREDICTABLE, or that the rule names; should-be bits are those that the manual has in parentheses.

Memory that cases touch lies at the ends of pages, before and behind memory that is not there or may only be read, and across two pages. Code may not be written. At a fault registers that an instruction of several loads are UNKNOWN (B1.9.8) and not compared with the reference, nor is the memory that it stores in part.`;

/** The page. */
export function renderPage(figures: Figures): string {
  const lines = [introduction, '', '## Signals that may differ', ''];
  lines.push(...heading('instructions', 'reference', 'Armada', 'rule'));
  for (const { rows, reference, armada, rule } of signalTolerances)
    lines.push(cells(`\`${rows.source.replaceAll('|', '\\|')}\``, namesOf(reference), namesOf(armada), rule));
  lines.push('', `## ${blockTitle}`, '');
  lines.push(
    'Blocks of 20 to 50 instructions with IT blocks, branches, loops and calls, some ending with a fault.',
    '',
  );
  lines.push(...heading('blocks', ...tierNames));
  for (const label of blockLabels) lines.push(cells(label, ...figuresOfLabel(figures, label)));
  for (const set of Object.keys(setTitles) as InstructionSet[]) {
    lines.push('', `## ${setTitles[set]}`, '');
    lines.push(...heading('instruction', 'manual', 'needs', ...tierNames, 'left out'));
    for (const row of rowsOf[set]) lines.push(rowLine(row, figures));
  }
  return `${lines.join('\n')}\n`;
}

/** The figures that a page has. */
export function figuresOf(page: string): Map<string, Record<TierName, number>> {
  const figures = new Map<string, Record<TierName, number>>();
  let set: InstructionSet | undefined;
  let isBlocks = false;
  for (const line of page.split('\n')) {
    if (line.startsWith('## ')) {
      isBlocks = line === `## ${blockTitle}`;
      set = (Object.keys(setTitles) as InstructionSet[]).find((each) => line === `## ${setTitles[each]}`);
    }
    if ((set === undefined && !isBlocks) || !line.startsWith('| ')) continue;
    const texts = line.slice(2).split(' | ');
    const first = isBlocks ? 1 : 3;
    const numbers = tierNames.map((_, i) => Number.parseInt((texts[first + i] ?? '').replaceAll(',', ''), 10));
    if (numbers.some(Number.isNaN)) continue;
    const label = isBlocks ? texts[0]! : `${set} ${texts[0]}`;
    figures.set(label, Object.fromEntries(tierNames.map((tier, i) => [tier, numbers[i]])) as Record<TierName, number>);
  }
  return figures;
}

/** The figures after a run on these tiers: the greater of both, or 0 where something differed. */
export function withTallies(figures: Figures, tallies: Iterable<Tally>, tiers: readonly TierName[]): Figures {
  const updated = new Map(figures);
  for (const { label, cases, different } of tallies) {
    const row = { ...(figures.get(label) ?? noFigures) };
    for (const tier of tiers) row[tier] = (different[tier] ?? 0) > 0 ? 0 : Math.max(row[tier], cases);
    updated.set(label, row);
  }
  return updated;
}
