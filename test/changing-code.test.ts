/**
 * Code that changes: loops that store beside themselves must keep their speed (the unit of protection is smaller than a
 * page), an instruction may store into the next one, and other threads' changes are seen in a bounded time, on one node
 * and between nodes.
 */
import { type Case, runCases } from './cases.ts';
import { comparison } from './comparison.ts';
import { armada, assertSame, type Mode, modeName, oracle } from './oracle.ts';
import { changingCode, patchedThreads } from './programs.table.ts';
import { guest } from './toolchain.ts';

/** Five loops of so many stores: minutes, if each of them cost what a change of code costs. */
const stores = 400_000;

const exact = (mode: Mode): Case[] =>
  changingCode.map(({ name, build, args = [] }) => ({
    name: `${name}, ${stores} stores beside code, on ${modeName(mode)}`,
    async run() {
      const path = guest(build);
      assertSame(await armada({ path, args: [...args, String(stores)] }, mode), await oracle({ path, args }));
    },
  }));

runCases(import.meta.url, 'code that changes', [
  ...exact({ nodes: 1 }),
  ...exact({ nodes: 1, tier: 'translator' }),
  ...patchedThreads.flatMap((row) => [
    comparison(row, { nodes: 1 }),
    comparison(row, { nodes: 2, transport: 'tcp' }),
    comparison(row, { nodes: 3, transport: 'unix' }),
  ]),
]);
