/**
 * The figures as a page with a drawing: for each row Armada, what just meets the goal, the bare sockets, qemu-arm and
 * the paper on one scale.
 */
import { figureText, type Report, type RowReport } from './report.ts';

const colours = {
  armada: '#1f6feb',
  goal: '#2da44e',
  'bare sockets': '#8b949e',
  'qemu-arm': '#bf8700',
  paper: '#cf222e',
} as const;
type Series = keyof typeof colours;

const label = { width: 400, size: 13 };
const bars = { width: 480, height: 12, gap: 2 };
const rowGap = 16;
const figureWidth = 110;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escapeText = (text: string): string => text.replace(/[&<>]/g, (character) => escapes[character]!);

/** The last number of what the paper prints: the better one of two. */
function paperFigure(row: RowReport): number | null {
  const last = row.paper
    ?.replaceAll(',', '')
    .match(/[\d.]+/g)
    ?.at(-1);
  return last === undefined ? null : Number(last);
}

function seriesOf(row: RowReport): [Series, number][] {
  const all: [Series, number | null][] = [
    ['armada', row.value],
    ['goal', row.goal?.limit ?? null],
    ['bare sockets', row.bare?.value ?? null],
    ['qemu-arm', row.qemu],
    ['paper', paperFigure(row)],
  ];
  return all.filter((entry): entry is [Series, number] => entry[1] !== null && entry[1] > 0);
}

const text = (x: number, y: number, content: string): string => `<text x="${x}" y="${y}">${escapeText(content)}</text>`;

/** One row from `top` on; lengths are logarithmic, from a tenth of its smallest figure on. */
function drawRow(row: RowReport, top: number): { svg: string; height: number } {
  const series = seriesOf(row);
  const parts = [text(0, top + bars.height, row.unit === '' ? row.title : `${row.title}, ${row.unit}`)];
  const verdict = row.failure === null ? row.goal : { text: `FAILED: ${row.failure}`, met: null };
  const height = Math.max(2, series.length) * (bars.height + bars.gap);
  if (verdict) {
    const met = verdict.met === null ? '' : verdict.met ? ' — met' : ' — missed';
    parts.push(`<g class="${verdict.met === false || row.failure !== null ? 'missed' : 'goal'}">`);
    parts.push(text(0, top + 2 * bars.height + bars.gap, verdict.text + met), '</g>');
  }
  const least = Math.min(...series.map(([, value]) => value)) / 10;
  const decades = Math.log10(Math.max(...series.map(([, value]) => value)) / least);
  for (const [index, [name, value]] of series.entries()) {
    const y = top + index * (bars.height + bars.gap);
    const length = (Math.log10(value / least) / decades) * bars.width;
    parts.push(
      `<rect x="${label.width}" y="${y}" width="${length.toFixed(1)}" height="${bars.height}" fill="${colours[name]}"/>`,
      text(label.width + length + 6, y + bars.height - 2, figureText(value)),
    );
  }
  return { svg: parts.join('\n'), height };
}

export function plot(report: Report): string {
  const { machine, transport, turns } = report;
  const drawn: string[] = [];
  let y = 0;
  for (const row of report.rows) {
    const titled = { ...row, title: row.link === 'loopback' ? row.title : `${row.link}: ${row.title}` };
    const { svg, height } = drawRow(titled, y);
    drawn.push(svg);
    y += height + rowGap;
  }
  const keys = Object.entries(colours).map(([name, colour]) => `<span style="color:${colour}">■</span> ${name}`);
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>armada bench paper</title>
<style>
  body { font: 14px system-ui, sans-serif; margin: 2em; color: #1f2328; background: #fff; }
  svg { font-size: ${label.size}px; } .goal { fill: #57606a; } .missed { fill: #cf222e; }
</style>
<h1>armada bench paper</h1>
<p>${escapeText(machine.processor)}, ${machine.processors} processors, load ${machine.load.toFixed(1)}; Node
${machine.node}; ${transport}; medians of ${turns}. Lengths are logarithmic, each row for itself.</p>
<p>${keys.join(' &nbsp; ')}</p>
<svg width="${label.width + bars.width + figureWidth}" height="${y}" xmlns="http://www.w3.org/2000/svg">
${drawn.join('\n')}
</svg>
</html>
`;
}
