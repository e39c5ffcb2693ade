/**
 * Runs a guest program under qemu-arm and under the emulator, each in a process group and a working directory of its
 * own and with a time limit from outside, and compares what is seen: standard output, exit status, files left behind.
 *
 * ARMADA_TEST_COMMAND replaces `bin/armada run` and its options (for example by qemu-arm, to try these tests
 * themselves), ARMADA_TEST_REPEAT the number of repetitions, ARMADA_TEST_LIMIT the seconds that one run may take (a
 * machine that does much else needs more).
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { root, tool } from './toolchain.ts';

export const armadaPath = join(root, 'bin/armada');
export const substitute = process.env['ARMADA_TEST_COMMAND']?.split(' ');
export const repetitions = Number(process.env['ARMADA_TEST_REPEAT'] ?? 20);
/** Guests that run at the same time in one test file. */
export const parallel = 2;
/** What one run may take; programs that take longer than most state a multiple of it. */
export const limitMs = Number(process.env['ARMADA_TEST_LIMIT'] ?? 60) * 1000;
/** After SIGQUIT the emulator writes the state of all guest threads; then it is killed. */
const dumpMs = 2_000;
/** When input files were last changed, in seconds of the epoch: archives contain it. */
const inputTime = 1_000_000_000;
const outputBytesMax = 64 << 20;
/** In the environment of everything that a run starts, so that what it leaves behind can be found. */
const markVariable = 'ARMADA_TEST_MARK';

export interface Program {
  readonly path: string;
  readonly args?: readonly string[];
  readonly stdin?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** Files that lie in the working directory beforehand, path to contents. */
  readonly inputs?: ReadonlyMap<string, string | Buffer>;
  /** Instead of the usual limit. */
  readonly limitMs?: number;
}

export interface Outcome {
  readonly command: string;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** The exit status, 128 + signal after death by signal, as a shell has it. */
  readonly status: number;
  readonly timedOut: boolean;
  /** Files in the working directory afterwards, path to contents. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** Options of `armada run`. */
export interface Mode {
  readonly nodes?: number;
  readonly transport?: 'tcp' | 'unix';
  readonly tier?: 'auto' | 'interpreter' | 'translator';
  readonly sysroot?: string;
  readonly extra?: readonly string[];
}

/** A mode in words, for test names and for the table of what is skipped. */
export function modeName(mode: Mode): string {
  const parts = [mode.nodes === undefined || mode.nodes === 1 ? '1 node' : `${mode.nodes} nodes`];
  if (mode.transport !== undefined) parts.push(mode.transport);
  if (mode.tier !== undefined) parts.push(mode.tier);
  return parts.join(' ');
}

export function armadaCommand(mode: Mode): string[] {
  const system = mode.sysroot === undefined ? [] : ['-L', mode.sysroot];
  if (substitute !== undefined) return [...substitute, ...system];
  const options = [
    ...(mode.nodes === undefined ? [] : ['--nodes', String(mode.nodes)]),
    ...(mode.transport === undefined ? [] : ['--transport', mode.transport]),
    ...(mode.tier === undefined ? [] : ['--tier', mode.tier]),
    ...(mode.extra ?? []),
  ];
  return [armadaPath, 'run', ...options, ...system];
}

export function armada(program: Program, mode: Mode = {}): Promise<Outcome> {
  return run([...armadaCommand(mode), program.path, ...(program.args ?? [])], program);
}

const oracleOutcomes = new Map<string, Promise<Outcome>>();

/** What qemu-arm makes of a program; asked once for each program, its arguments and input. */
export function oracle(program: Program, how: { sysroot?: string | undefined; cpu?: string } = {}): Promise<Outcome> {
  const key = JSON.stringify([
    program.path,
    program.args,
    program.stdin?.toString('base64'),
    program.env,
    how,
    [...(program.inputs?.keys() ?? [])],
  ]);
  let outcome = oracleOutcomes.get(key);
  if (outcome === undefined) {
    const system = how.sysroot === undefined ? [] : ['-L', how.sysroot];
    const cpu = how.cpu === undefined ? [] : ['-cpu', how.cpu];
    outcome = run([tool('qemu-arm'), ...system, ...cpu, program.path, ...(program.args ?? [])], program);
    oracleOutcomes.set(key, outcome);
  }
  return outcome;
}

/** A process group in a fresh working directory; the caller ends it by `finish`. */
export interface Running {
  readonly child: ChildProcess;
  readonly mark: string;
  readonly directory: string;
  stdout(): Buffer;
  stderr(): string;
  /** Status of the first process once it has ended and its output is read, undefined if it did not by then. */
  ended(withinMs: number): Promise<number | undefined>;
  /** Resolves when standard output contains `text`; throws after `withinMs`. */
  printed(text: string, withinMs: number): Promise<void>;
  /** Kills what is left and removes the working directory. */
  finish(): void;
}

export function start(argv: readonly string[], options: Omit<Program, 'path' | 'args'> = {}): Running {
  const mark = randomUUID();
  const directory = mkdtempSync(join(tmpdir(), 'armada-test-'));
  for (const [path, contents] of options.inputs ?? []) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), contents);
    utimesSync(join(directory, path), inputTime, inputTime);
  }
  const child = spawn(argv[0] as string, argv.slice(1), {
    cwd: directory,
    detached: true,
    env: { ...process.env, ...options.env, [markVariable]: mark },
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  const errors: Buffer[] = [];
  let bytes = 0;
  const collect = (into: Buffer[]) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > outputBytesMax) child.kill('SIGKILL');
    else into.push(chunk);
  };
  child.stdout?.on('data', collect(chunks));
  child.stderr?.on('data', collect(errors));
  if (child.stdin !== null) {
    child.stdin.on('error', () => {}); // A guest need not read its input to the end.
    child.stdin.end(options.stdin);
  }
  const exit = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve(signal === null ? (code as number) : 128 + (constants.signals[signal] ?? 0)),
    );
  });
  exit.catch(() => {});
  const stdout = () => Buffer.concat(chunks);
  return {
    child,
    mark,
    directory,
    stdout,
    stderr: () => Buffer.concat(errors).toString(),
    ended: (withinMs) => within(exit, withinMs),
    async printed(text, withinMs) {
      const until = performance.now() + withinMs;
      while (!stdout().includes(text)) {
        assert(performance.now() < until, `no '${text}' within ${withinMs} ms; stderr: ${Buffer.concat(errors)}`);
        await sleep(20);
      }
    },
    finish() {
      for (const pid of marked(mark)) signal(pid, 'SIGKILL');
      if (child.pid !== undefined) signal(-child.pid, 'SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Runs a command to its end, or to the time limit. */
export async function run(argv: readonly string[], options: Omit<Program, 'path' | 'args'> = {}): Promise<Outcome> {
  const running = start(argv, options);
  try {
    let status = await running.ended(options.limitMs ?? limitMs);
    const timedOut = status === undefined;
    if (timedOut) {
      running.child.kill('SIGQUIT');
      await running.ended(dumpMs);
      for (const pid of marked(running.mark)) signal(pid, 'SIGKILL');
      status = await running.ended(dumpMs);
    }
    return {
      command: argv.join(' '),
      stdout: running.stdout(),
      stderr: running.stderr(),
      status: status ?? -1,
      timedOut,
      files: filesBelow(running.directory),
    };
  } finally {
    running.finish();
  }
}

function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sends a signal to a process, or to a group by its negative number; nothing happens when it is gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The processes, zombies excepted, that carry a run's mark in their environment, whatever their group or parent. */
export function marked(mark: string): number[] {
  return processes().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${markVariable}=${mark}`);
    } catch {
      return false;
    }
  });
}

/** The children of a process. */
export function childrenOf(parent: number): number[] {
  return processes().filter((pid) => {
    try {
      // proc(5): pid (name) state ppid ...; the name may hold blanks and parentheses.
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(fields[1]) === parent && fields[0] !== 'Z';
    } catch {
      return false;
    }
  });
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function filesBelow(directory: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // Core dumps of a crashed guest are the host's doing.
    if (!entry.isFile() || /core/.test(entry.name)) continue;
    files.set(relative(directory, path), statSync(path).size > outputBytesMax ? Buffer.alloc(0) : readFileSync(path));
  }
  return files;
}

/** Fails unless both runs printed the same, left the same files and ended with the same status. */
export function assertSame(actual: Outcome, expected: Outcome): void {
  const context = `\n  ${actual.command}\n${tails(actual)}`;
  assert(!expected.timedOut, `qemu-arm did not end: ${expected.command}`);
  assert(!actual.timedOut, `did not end within the time limit${context}`);
  assert.doesNotMatch(actual.stderr, /^\s+at .+:\d+:\d+\)?$/m, `the emulator itself failed${context}`);
  assertSameBytes(actual.stdout, expected.stdout, `standard output${context}`);
  assert.equal(actual.status, expected.status, `exit status ${actual.status}, qemu-arm's ${expected.status}${context}`);
  assert.deepEqual([...actual.files.keys()].sort(), [...expected.files.keys()].sort(), `files left${context}`);
  for (const [path, contents] of expected.files)
    assertSameBytes(actual.files.get(path) as Buffer, contents, `file ${path}${context}`);
}

function assertSameBytes(actual: Buffer, expected: Buffer, what: string): void {
  if (actual.equals(expected)) return;
  const lines = [actual, expected].map((bytes) => bytes.toString('latin1').split('\n')) as [string[], string[]];
  const first = lines[1].findIndex((line, index) => line !== lines[0][index]);
  const at = first < 0 ? lines[1].length : first;
  const show = (line: string | undefined) => (line === undefined ? '(nothing)' : JSON.stringify(line.slice(0, 200)));
  assert.fail(
    `line ${at + 1} differs (${actual.length} bytes, qemu-arm ${expected.length}): ` +
      `${show(lines[0][at])} instead of ${show(lines[1][at])}; ${what}`,
  );
}

/** The ends of a run's output, for a failure's message. */
export function tails(outcome: Pick<Outcome, 'stdout' | 'stderr' | 'status'>): string {
  const tail = (text: string) => text.slice(-2000).replace(/^/gm, '    ');
  return `  status ${outcome.status}\n  stdout ends:\n${tail(outcome.stdout.toString())}\n  stderr ends:\n${tail(outcome.stderr)}`;
}
