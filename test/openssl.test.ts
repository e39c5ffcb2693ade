/**
 * Debian's openssl for armhf, unmodified: its command against the host's own openssl over random files, and its
 * library, each algorithm of it, against qemu-arm. OPENSSL_armcap decides which of its hand-written code is taken: none
 * that needs an extension, Advanced SIMD, or what AT_HWCAP and AT_HWCAP2 announce.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Prng } from '../src/base/prng.ts';
import { type Case, runCases } from './cases.ts';
import {
  armada,
  assertSame,
  limitMs,
  type Mode,
  modeName,
  type Outcome,
  oracle,
  type Program,
  run,
  tails,
} from './oracle.ts';
import { guest, sysroot, tool } from './toolchain.ts';

const seed = 19980720;
const patientMs = 5 * limitMs;

type Files = ReadonlyMap<string, string | Buffer>;

const capabilities = [
  { words: 'extensions as announced', env: {} },
  { words: 'no extensions', env: { OPENSSL_armcap: '0' } },
  { words: 'Advanced SIMD alone', env: { OPENSSL_armcap: '1' } },
] as const;
const oneNode: Mode = { nodes: 1 };
const twoNodes: Mode = { nodes: 2, transport: 'tcp' };

// ---- the library --------------------------------------------------------------------------------------------

/** A program in C that is linked against the unmodified libcrypto.so.3, built with the headers of its own package. */
function libraryProgram(source: string): Program {
  const include = join(sysroot('programs'), 'usr/include');
  const library = join(sysroot('programs'), 'usr/lib/arm-linux-gnueabihf');
  const flags = [`-I${include}`, `-I${join(include, 'arm-linux-gnueabihf')}`, `-L${library}`];
  const link = ['-Wl,--no-as-needed,--allow-shlib-undefined', '-l:libcrypto.so.3'];
  return { path: guest({ source, flags: [...flags, ...link], dynamic: true }), limitMs: patientMs };
}

const libraryCases = ['ciphers.c', 'digests.c', 'curves.c'].flatMap((source): Case[] =>
  [
    ...capabilities.map(({ words, env }) => ({ words, env, mode: oneNode })),
    { words: '', env: {}, mode: twoNodes },
  ].map(({ words, env, mode }) => ({
    name: [source, words, `on ${modeName(mode)}`].join(' '),
    async run() {
      const program = { ...libraryProgram(source), env };
      const system = { sysroot: sysroot('programs') };
      const expected = await oracle(program, system);
      assert.equal(expected.status, 0, `qemu-arm itself: ${tails(expected)}`);
      assertSame(await armada(program, { ...mode, ...system }), expected);
    },
  })),
);

// ---- the command against the host's -------------------------------------------------------------------------

const prng = new Prng(seed);
const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => prng.next32() & 0xff));
const lengths = [0, 1, 15, 16, 17, 1000, 65_537];
const inputs: Files = new Map(lengths.map((length) => [`bytes-${length}`, bytes(length)] as const));
const inputNames = [...inputs.keys()];
const key = bytes(32);
const vector = bytes(16).toString('hex');

/** One command a line, as after `openssl`. */
const digests = [
  ...['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-224', 'sha512-256', 'rmd160', 'sm3'],
  ...['sha3-224', 'sha3-256', 'sha3-384', 'sha3-512', 'shake128', 'shake256', 'blake2b512', 'blake2s256'],
].map((name) => `dgst -${name} ${inputNames.join(' ')}`);
/** AES and ChaCha20 have code of their own for Arm, of the others one is enough: ciphers.c goes through all of them. */
const aesModes = ['cbc', 'cfb', 'cfb1', 'cfb8', 'ctr', 'ecb', 'ofb'];
const ciphers = [
  ...[16, 24, 32].flatMap((size) => aesModes.map((mode) => ({ name: `aes-${size * 8}-${mode}`, size }))),
  { name: 'chacha20', size: 32 },
  { name: 'camellia-256-cbc', size: 32 },
  { name: 'aria-256-ctr', size: 32 },
  { name: 'des-ede3-cbc', size: 24 },
  { name: 'sm4-cbc', size: 16 },
].map(({ name, size }) => {
  const iv = name.endsWith('ecb') ? '' : ` -iv ${vector}`;
  return `enc -${name} -K ${key.subarray(0, size).toString('hex')}${iv.slice(0, name.startsWith('des') ? 21 : 99)} -in bytes-65537 -out sealed`;
});
const others = [
  'enc -d -aes-256-cbc -K 00 -iv 00 -in bytes-17',
  'base64 -in bytes-1000',
  'base64 -A -in bytes-65537',
  'enc -aes-256-cbc -pbkdf2 -iter 1000 -S 0102030405060708 -pass pass:armada -a -in bytes-1000',
  'passwd -6 -salt abcdefgh secret',
  'passwd -apr1 -salt abcdefgh secret',
  'prime 618970019642690137449562111 618970019642690137449562113',
  'mac -digest SHA256 -macopt hexkey:00112233445566778899 -in bytes-1000 HMAC',
  'mac -cipher AES-128-CBC -macopt hexkey:00112233445566778899aabbccddeeff -in bytes-1000 CMAC',
  'kdf -keylen 40 -kdfopt digest:SHA512 -kdfopt pass:armada -kdfopt salt:sea -kdfopt iter:200 PBKDF2',
  'kdf -keylen 32 -kdfopt pass:armada -kdfopt salt:sea -kdfopt n:256 -kdfopt r:8 -kdfopt p:1 SCRYPT',
  'errstr 0480006C',
  'no-such-command',
];

function command(line: string, files: Files = inputs): Program {
  return {
    path: join(sysroot('programs'), 'usr/bin/openssl'),
    args: line.split(' '),
    inputs: files,
    limitMs: patientMs,
  };
}

function onHost(line: string, files: Files = inputs): Promise<Outcome> {
  return run([tool('openssl'), ...line.split(' ')], { inputs: files });
}

function onGuest(line: string, files: Files = inputs, mode: Mode = oneNode): Promise<Outcome> {
  return armada(command(line, files), { ...mode, sysroot: sysroot('programs') });
}

const commandCases = [...digests, ...ciphers, ...others].map((line): Case => {
  const words = line.split(' ');
  return {
    name: `openssl ${words.filter((word) => !/^(bytes-|[0-9a-f]{16,}$)/.test(word)).join(' ')}`,
    async run() {
      assertSame(await onGuest(line), await onHost(line));
    },
  };
});

// ---- keys: made on one side, used on the other --------------------------------------------------------------

interface KeyKind {
  readonly name: string;
  readonly generate: string;
  /** Signing and verifying without the names of key, signature and text. */
  readonly sign: string;
  readonly verify: string;
}
const plain = { sign: 'dgst -sha256 -sign', verify: 'dgst -sha256 -verify' };
const pss = ' -sigopt rsa_padding_mode:pss';
const keyKinds: readonly KeyKind[] = [
  { name: 'RSA', generate: 'genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048', ...plain },
  {
    name: 'RSA-PSS',
    generate: 'genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:1536',
    sign: `dgst -sha512${pss} -sign`,
    verify: `dgst -sha512${pss} -verify`,
  },
  { name: 'P-256', generate: 'genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256', ...plain },
  { name: 'P-521', generate: 'genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521', ...plain },
  { name: 'sect283k1', generate: 'genpkey -algorithm EC -pkeyopt ec_paramgen_curve:sect283k1', ...plain },
];

const succeeded = (outcome: Outcome): Outcome => {
  assert(!outcome.timedOut && outcome.status === 0, `${outcome.command}\n${tails(outcome)}`);
  return outcome;
};
const fileOf = (outcome: Outcome, name: string): Buffer => {
  const contents = succeeded(outcome).files.get(name);
  assert(contents !== undefined, `${outcome.command} left no ${name}`);
  return contents;
};

const keyCases = keyKinds.map(({ name, generate, sign, verify }): Case => {
  return {
    name: `${name}: keys, signatures and their checks, here and on the host`,
    async run() {
      const text = bytes(5000);
      const secret = fileOf(await onGuest(`${generate} -out secret`), 'secret');
      const checked = succeeded(await onHost('pkey -in secret -check -noout', new Map([['secret', secret]])));
      assert.match(checked.stdout.toString(), /Key is valid/);
      const open = fileOf(await onGuest('pkey -in secret -pubout -out open', new Map([['secret', secret]])), 'open');
      const files = new Map([
        ['text', text],
        ['secret', secret],
        ['open', open],
      ]);
      for (const [signer, verifier] of [
        [onGuest, onHost],
        [onHost, onGuest],
      ] as const) {
        const signature = fileOf(await signer(`${sign} secret -out signature text`, files), 'signature');
        const signed = new Map([...files, ['signature', signature]]);
        const good = succeeded(await verifier(`${verify} open -signature signature text`, signed));
        assert.equal(good.stdout.toString(), 'Verified OK\n');
        const changed = Buffer.from(text);
        changed[1234]! ^= 1;
        const bad = await verifier(`${verify} open -signature signature text`, new Map([...signed, ['text', changed]]));
        assert.equal(bad.status, 1, tails(bad));
        assert.equal(bad.stdout.toString(), 'Verification failure\n');
      }
    },
  };
});

// ---- speed --------------------------------------------------------------------------------------------------

/** Public-key algorithms verify what they sign and stop with an error when they can't. */
const speeds = [
  'speed -seconds 2 -bytes 64 sha256 sha512 aes-256-cbc',
  'speed -seconds 1 -bytes 1024 -evp aes-128-gcm',
  'speed -seconds 1 -bytes 1024 -evp chacha20-poly1305',
  'speed -seconds 1 rsa2048 ecdsap256 ecdhx25519 ed25519',
];
/** What `speed` prints, without figures and the width of their columns. */
const shape = (text: string): string => text.replace(/[\d.]+k?/g, '#').replace(/[ #]+/g, ' ');

const speedCases = speeds.map((line): Case => {
  return {
    name: `openssl ${line}`,
    async run() {
      const program = command(line, new Map());
      const expected = await oracle(program, { sysroot: sysroot('programs') });
      const actual = succeeded(await onGuest(line, new Map()));
      assert.equal(shape(actual.stdout.toString()), shape(expected.stdout.toString()), tails(actual));
      assert.equal(shape(actual.stderr), shape(expected.stderr));
      assert.doesNotMatch(actual.stderr, /^0 |: 0 |fail|error/im, 'something was not done once, or failed');
    },
  };
});

runCases(import.meta.url, 'the cipher library against qemu-arm', libraryCases);
runCases(import.meta.url, "openssl against the host's", commandCases);
runCases(import.meta.url, 'keys of openssl', keyCases);
runCases(import.meta.url, 'openssl speed', speedCases);
