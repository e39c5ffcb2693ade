/** The demo's prebuilt renderer draws the same picture under qemu-arm and on 1, 2 and 3 nodes, and reports progress. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, runCases } from './cases.ts';
import { armada, assertSame, type Mode, modeName, oracle, type Program } from './oracle.ts';
import { root } from './toolchain.ts';

const renderer = join(root, 'demo/renderer');
const small = ['--width', '200', '--height', '125'];
/** Tiles of 32 by 32 pixels in that size. */
const tiles = 28;

const modes: readonly Mode[] = [
  { nodes: 1 },
  { nodes: 2, transport: 'tcp' },
  { nodes: 2, transport: 'unix' },
  { nodes: 3, transport: 'tcp' },
];

function picture(args: readonly string[], mode: Mode): Case {
  return {
    name: `renderer ${args.join(' ')} on ${modeName(mode)}`,
    async run() {
      const program: Program = { path: renderer, args };
      const outcome = await armada(program, mode);
      assertSame(outcome, await oracle(program));
      assert.match(outcome.stderr, new RegExp(`^progress ${tiles}/${tiles}$`, 'm'));
    },
  };
}

runCases(import.meta.url, 'demo', [
  {
    name: 'the prebuilt renderer is a static ARM program below 1 MB',
    run() {
      const header = readFileSync(renderer).subarray(0, 52);
      assert.equal(header.toString('latin1', 0, 6), '\x7fELF\x01\x01');
      assert.equal(header.readUInt16LE(18), 40, 'EM_ARM');
      assert(statSync(renderer).size < 1_000_000);
    },
  },
  ...modes.flatMap((mode) => [
    picture([...small, '--threads', '8', 'out.ppm'], mode),
    picture([...small, '--threads', '3', '-'], mode),
  ]),
]);
