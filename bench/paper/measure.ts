/**
 * Takes the measurements: turn after turn, and in each turn every guest run with the bare sockets before it and, where
 * that says something, qemu-arm behind it, because the speed of a busy machine changes within seconds. Ratios are taken
 * within a turn; what is told is the median of the turns.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { UserError } from '../../src/base/user-error.ts';
import { median } from '../statistics.ts';
import { type BareFigures, bareSockets } from './bare-sockets.ts';
import { Failure, orFailure } from './failure.ts';
import { type Circumstances, type Goal, goalText, isMet, type References } from './goals.ts';
import { onCluster, type Results, underQemu } from './guest-run.ts';
import type { GuestRun, Size } from './guest-runs.table.ts';
import { gigabit, type Link, type LinkName, loopback, type Transport } from './link.ts';
import type { Report, RowReport } from './report.ts';
import type { Row } from './rows.table.ts';

export interface Plan {
  readonly rows: readonly Row[];
  readonly guestRuns: readonly GuestRun[];
  /** Names of the rows that are wanted; what they are held against is measured too. */
  readonly only: ReadonlySet<string>;
  readonly turns: number;
  readonly size: Size;
  readonly links: readonly LinkName[];
  readonly transport: Transport;
  /** For one run of a guest. */
  readonly limitMs: number;
  readonly log: (line: string) => void;
}

interface RunOutcome {
  readonly bare: BareFigures;
  readonly results: Results;
  readonly qemu: Results;
}
/** What one turn gave, by the name of the guest run; a failed one says why. */
type Turn = ReadonlyMap<string, RunOutcome | Failure>;

export async function measure(plan: Plan): Promise<Report> {
  const rows: RowReport[] = [];
  const notes: string[] = [];
  for (const name of plan.links) {
    let link: Link;
    try {
      link = name === 'gigabit' ? gigabit() : loopback(false);
    } catch (error) {
      // What this machine can't do is no failed measurement, unless nothing else was asked for.
      if (!(error instanceof UserError) || plan.links.length === 1) throw error;
      notes.push(error.message);
      plan.log(error.message);
      continue;
    }
    try {
      rows.push(...(await onLink(plan, link)));
    } finally {
      link.remove();
    }
  }
  const processor = cpus()[0]?.model.trim() ?? 'unknown';
  return {
    machine: { processor, processors: availableParallelism(), node: process.version, load: loadavg()[0]! },
    transport: plan.transport,
    size: plan.size,
    turns: plan.turns,
    notes,
    rows,
  };
}

/** The wanted rows and those that they are held against. */
function withReferences(plan: Plan, at: Circumstances): readonly Row[] {
  const wanted = new Set(plan.only);
  for (const name of wanted)
    for (const needed of plan.rows.find((row) => row.name === name)!.goal?.(at)?.reference.rows ?? [])
      wanted.add(needed);
  return plan.rows.filter(({ name }) => wanted.has(name));
}

async function onLink(plan: Plan, link: Link): Promise<RowReport[]> {
  const at = { link: link.name, transport: plan.transport };
  const measured = withReferences(plan, at);
  const runs = plan.guestRuns.filter(
    (run) => measured.some((row) => row.run === run.name) && !(run.oneCore && link.name !== 'loopback'),
  );
  const iperf = await orFailure('iperf3', () => link.measure()).catch((failure: Failure) => failure);
  const turns: Turn[] = [];
  const expected = new Map<string, Results>();
  for (let turn = 0; turn < plan.turns; turn++) {
    const outcomes = new Map<string, RunOutcome | Failure>();
    for (const run of runs) {
      plan.log(`${link.name}, turn ${turn + 1} of ${plan.turns}: ${run.name}`);
      const told = measured.some((row) => row.run === run.name && row.qemu);
      outcomes.set(run.name, await once(plan, link, run, told, expected));
    }
    turns.push(outcomes);
  }
  return measured
    .filter((row) => plan.only.has(row.name) && runs.some((run) => run.name === row.run))
    .map((row) => report(plan.rows, row, at, turns, iperf));
}

async function once(
  plan: Plan,
  link: Link,
  run: GuestRun,
  qemuEachTime: boolean,
  expected: Map<string, Results>,
): Promise<RunOutcome | Failure> {
  const { near, far } = run.oneCore ? loopback(true) : link;
  try {
    const bare = await orFailure('bare sockets', () => bareSockets(near, far, plan.transport, plan.size));
    const results = await onCluster(run, plan.size, run.oneCore ? loopback(true) : link, plan.transport, plan.limitMs);
    const known = expected.get(run.name);
    const qemu = known && !qemuEachTime ? known : await underQemu(run, plan.size, plan.limitMs);
    expected.set(run.name, qemu);
    return { bare, results, qemu };
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** The figure of a row in one turn. @throws Failure when there is none, or its checksum is not qemu-arm's */
function figure(row: Row, turn: Turn, field: string): number {
  const outcome = turn.get(row.run);
  if (outcome === undefined) throw new Failure('was not measured');
  if (outcome instanceof Failure) throw outcome;
  const result = outcome.results.get(row.result);
  const right = outcome.qemu.get(row.result);
  const found = result?.figures[field];
  if (!result || found === undefined) throw new Failure(`told no ${field} of ${row.result}`);
  if (result.checksum !== right?.checksum)
    throw new Failure(`wrong checksum ${result.checksum} (qemu-arm: ${right?.checksum})`);
  return found;
}

function report(
  all: readonly Row[],
  row: Row,
  at: Circumstances,
  turns: readonly Turn[],
  iperf: number | undefined | Failure,
): RowReport {
  const { name, title, unit, paper = null } = row;
  const empty = { name, title, unit, link: at.link, paper, values: [], value: null, perCpuSecond: null };
  try {
    return { ...empty, ...figures(all, row, at, turns, iperf), failure: null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...empty, bare: null, qemu: null, goal: null, failure: error.message };
  }
}

/** The median, or null when a turn has none. */
function medianOf(values: readonly (number | undefined)[]): number | null {
  return values.every((value) => value !== undefined) ? median(values) : null;
}

function figures(
  all: readonly Row[],
  row: Row,
  at: Circumstances,
  turns: readonly Turn[],
  iperf: number | undefined | Failure,
): Pick<RowReport, 'values' | 'value' | 'perCpuSecond' | 'bare' | 'qemu' | 'goal'> {
  const goal = row.goal?.(at);
  const values = turns.map((turn) => figure(row, turn, row.field));
  const outcomes = turns.map((turn) => turn.get(row.run) as RunOutcome);
  const ratioTo = (reference: (turn: number) => number | undefined): number | null =>
    medianOf(
      values.map((value, turn) => {
        const other = reference(turn);
        return other === undefined ? undefined : value / other;
      }),
    );
  const referencesOf = (turn: number): References => ({
    bare: outcomes[turn]!.bare,
    iperf: () => {
      if (iperf instanceof Failure) throw iperf;
      return iperf;
    },
    row: (name) => {
      const other = all.find((candidate) => candidate.name === name)!;
      return figure(other, turns[turn]!, other.field);
    },
    field: (name) => figure(row, turns[turn]!, name),
  });
  const { bare } = row;
  const ratio = goal && ratioTo((turn) => goal.reference.of(referencesOf(turn)));
  return {
    values,
    value: median(values),
    perCpuSecond:
      row.field === 'speed'
        ? medianOf(outcomes.map(({ results }) => results.get(row.result)?.figures['perCpuSecond']))
        : null,
    bare: bare
      ? {
          name: bare,
          value: median(outcomes.map((o) => o.bare[bare])),
          ratio: ratioTo((t) => outcomes[t]!.bare[bare])!,
        }
      : null,
    qemu: row.qemu ? medianOf(outcomes.map(({ qemu }) => qemu.get(row.result)?.figures[row.field])) : null,
    goal: goal ? judge(goal, median(values), ratio ?? null) : null,
  };
}

function judge(goal: Goal, value: number, ratio: number | null): RowReport['goal'] {
  const text = goalText(goal);
  if (ratio === null) return { text, ratio, limit: null, met: null };
  return { text, ratio, limit: (value / ratio) * goal.factor, met: isMet(goal, ratio) };
}
