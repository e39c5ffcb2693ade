/**
 * Debian's luajit for armhf, unmodified: its compiler writes code, patches it, and moves its pages between writable and
 * executable. The scripts give what they give under qemu-arm, with the compiler on, off and eager, in each tier and on
 * clusters.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, runCases } from './cases.ts';
import { armada, assertSame, type Mode, modeName, oracle, type Program } from './oracle.ts';
import { luajit, root, sysroot } from './toolchain.ts';

const scripts = ['bits', 'closures', 'compiler', 'ffi', 'floats', 'loops', 'strings', 'tables'] as const;
type Script = (typeof scripts)[number];

const alone: Mode = { nodes: 1 };
/** The switches of luajit, the scripts and the modes of each round. */
const rounds: readonly { options: readonly string[]; scripts: readonly Script[]; modes: readonly Mode[] }[] = [
  { options: [], scripts, modes: [alone] },
  { options: ['-joff'], scripts: ['closures', 'tables'], modes: [alone] },
  { options: ['-Ohotloop=1', '-Ohotexit=1'], scripts: ['compiler', 'loops'], modes: [alone] },
  { options: ['-O0'], scripts: ['bits'], modes: [alone] },
  { options: [], scripts: ['bits'], modes: [{ nodes: 1, tier: 'translator' }] },
  { options: ['-Omaxmcode=64', '-Omaxtrace=60'], scripts: ['compiler'], modes: [alone] },
  {
    options: [],
    scripts: ['compiler', 'ffi'],
    modes: [
      { nodes: 1, tier: 'interpreter' },
      { nodes: 2, transport: 'tcp' },
      { nodes: 3, transport: 'unix' },
    ],
  },
];

function comparison(script: Script, options: readonly string[], mode: Mode): Case {
  const file = `${script}.lua`;
  return {
    name: [script, ...options, 'on', modeName(mode)].join(' '),
    async run() {
      const program: Program = {
        path: luajit(),
        args: [...options, file],
        inputs: new Map([[file, readFileSync(join(root, 'test/guests/lua', file))]]),
      };
      assertSame(await armada(program, { ...mode, sysroot: sysroot() }), await oracle(program, { sysroot: sysroot() }));
    },
  };
}

runCases(
  import.meta.url,
  'luajit',
  rounds.flatMap(({ options, scripts, modes }) =>
    modes.flatMap((mode) => scripts.map((script) => comparison(script, options, mode))),
  ),
);
