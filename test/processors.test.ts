/** Each processor announces what it has, has it on every node and in every tier, and has nothing else: as under qemu-arm. */
import assert from 'node:assert/strict';
import { processorNames } from '../src/processor/processors.table.ts';
import { runCases } from './cases.ts';
import { armada, assertSame, type Mode, modeName, oracle } from './oracle.ts';
import { guest } from './toolchain.ts';

const modes: readonly Mode[] = [{ tier: 'interpreter' }, { tier: 'translator' }, { nodes: 2, transport: 'unix' }];

runCases(
  import.meta.url,
  'processors',
  processorNames.flatMap((cpu) =>
    modes.map((mode) => ({
      name: `${cpu} on ${modeName(mode)}`,
      async run() {
        const program = { path: guest({ source: 'processors.c' }) };
        const expected = await oracle(program, { cpu });
        assert.equal(expected.status, 0, `qemu-arm itself: ${expected.stderr}`);
        assertSame(await armada(program, { ...mode, extra: ['-cpu', cpu] }), expected);
      },
    })),
  ),
);
