/**
 * Debian's python3 for armhf, unmodified, runs its own test suite (libpython3-testsuite): the outcome of each test is
 * what it is under qemu-arm.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Case, runCases } from './cases.ts';
import { armada, limitMs, type Mode, modeName, type Outcome, oracle, type Program, tails } from './oracle.ts';
import { buildDirectory, sysroot } from './toolchain.ts';

const patientMs = 10 * limitMs;
const modules = ['float', 'math', 'cmath', 'struct', 'decimal', 'hashlib', 'zlib', 're'];
/** Tests that start another program, which qemu-arm cannot on a host of another kind: they must succeed as natively. */
const starting: Readonly<Record<string, readonly string[]>> = {
  struct: ['test_struct_cleans_up_at_runtime_shutdown'],
};

function suiteProgram(module: string, options: readonly string[]): Program {
  const path = join(sysroot('programs'), 'usr/bin/python3.11');
  // qemu-arm, which comes first, leaves compiled modules there, as the package's installation would.
  const env = { PYTHONDONTWRITEBYTECODE: '', PYTHONPYCACHEPREFIX: join(buildDirectory, 'python-cache') };
  return { path, args: ['-m', 'test', '-v', ...options, `test_${module}`], env, limitMs: patientMs };
}

/**
 * The report without what differs from run to run: the header, times (which are told in a line more when a module took
 * long), loads, addresses.
 */
function report(outcome: Outcome): string {
  return outcome.stdout
    .toString()
    .split('\n')
    .filter(
      (line) => !/^(== (CPython|Linux|cwd|CPU|encodings)|Total duration|test_\w+ (passed|failed .*) in )/.test(line),
    )
    .map((line) =>
      line
        .replace(/^\d+:\d+:\d+ load avg: [\d.]+ /, '')
        .replace(/\b\d+(\.\d+)?( min \d+(\.\d+)?)? ?(s|sec|ms)$/, 'T')
        .replace(/ in \d+\.\d+s$/, '')
        .replace(/0x[0-9a-f]+/g, '0xADDRESS'),
    )
    .join('\n');
}

function moduleCase(module: string, options: readonly string[], mode: Mode): Case {
  return {
    name: [`test_${module}`, ...options, `on ${modeName(mode)}`].join(' '),
    async run() {
      const program = suiteProgram(module, options);
      const system = { sysroot: sysroot('programs') };
      const expected = await oracle(program, system);
      const actual = await armada(program, { ...mode, ...system });
      assert(!expected.timedOut && !actual.timedOut, `did not end within the time limit\n${tails(actual)}`);
      assert.match(report(expected), /^Ran [1-9]\d* tests? /m, tails(expected));
      assert.deepEqual(report(actual).split('\n'), report(expected).split('\n'), tails(actual));
      assert.equal(actual.status, expected.status, tails(actual));
    },
  };
}

function startingCase(module: string, test: string): Case {
  return {
    name: `test_${module} starts a program: ${test}`,
    async run() {
      const actual = await armada(suiteProgram(module, ['-m', test]), { sysroot: sysroot('programs') });
      assert.match(report(actual), new RegExp(`^${test} .* ok$`, 'm'), tails(actual));
      assert.equal(actual.status, 0, tails(actual));
    },
  };
}

const oneNode: Mode = { nodes: 1 };

runCases(import.meta.url, "python's tests of its own modules", [
  ...modules.map((module) =>
    moduleCase(
      module,
      (starting[module] ?? []).flatMap((name) => ['-i', name]),
      oneNode,
    ),
  ),
  moduleCase('float', [], { nodes: 2, transport: 'tcp' }),
  ...Object.entries(starting).flatMap(([module, tests]) => tests.map((test) => startingCase(module, test))),
]);
