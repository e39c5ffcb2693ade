/** Turns rows of programs.table.ts into cases: the emulator in some mode against qemu-arm. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './cases.ts';
import { armada, assertSame, type Mode, modeName, oracle, type Program } from './oracle.ts';
import { crashes, type GuestRow } from './programs.table.ts';
import { guest, root, sysroot } from './toolchain.ts';

function programOf(row: GuestRow): Program {
  return {
    path: guest(row.build),
    args: row.args ?? [],
    ...(row.env === undefined ? {} : { env: row.env }),
    ...(row.stdinFrom === undefined ? {} : { stdin: readFileSync(join(root, 'test/guests', row.stdinFrom)) }),
  };
}

/** A case that runs the row's program `times` times and wants qemu-arm's output, status and files each time. */
export function comparison(row: GuestRow, mode: Mode, times = 1): Case {
  return {
    name: `${row.name} on ${modeName(mode)}${times > 1 ? `, ${times} times` : ''}`,
    async run() {
      const program = programOf(row);
      const library = row.build.dynamic === true ? sysroot() : undefined;
      const expected = await oracle(program, { sysroot: library });
      assert.equal(expected.status, row.status ?? 0, `qemu-arm itself: ${expected.stderr}`);
      const fullMode = library === undefined ? mode : { ...mode, sysroot: library };
      for (let time = 0; time < times; time++) assertSame(await armada(program, fullMode), expected);
    },
  };
}

/** All ways to crash, in one mode. */
export function crashComparisons(mode: Mode): Case[] {
  return Object.entries(crashes).map(([way, status]) =>
    comparison({ name: `crash ${way}`, build: { source: 'crash.c' }, args: [way], status }, mode),
  );
}
