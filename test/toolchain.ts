/**
 * What judges the emulator: the cross compiler that builds the guest programs, qemu-arm that says what they should do,
 * unmodified Debian packages for armhf, and a model checker. Missing tools are installed by apt; everything made lies in
 * .build/ and is kept. Several test processes may be at it at the same time: results appear by rename, installations
 * take a lock.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  globSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
export const buildDirectory = join(root, '.build');

/** Each tool and the Debian package that brings it. */
const tools = {
  'arm-linux-gnueabihf-gcc': 'gcc-arm-linux-gnueabihf',
  'arm-linux-gnueabihf-g++': 'g++-arm-linux-gnueabihf',
  'qemu-arm': 'qemu-user',
  openssl: 'openssl',
  rumur: 'rumur',
  cc: 'gcc',
  iperf3: 'iperf3',
} as const;
const toolPackages = [...Object.values(tools), 'libc6-dev-armhf-cross', 'libc6-dev'];
/**
 * The armhf packages that the tests run programs and libraries from, a folder for each set: apt adds what they depend
 * on. `libraries`, which most tests are content with, is an order of magnitude smaller than the others.
 */
const armhfPackages = {
  libraries: ['busybox-static', 'libstdc++6', 'luajit'],
  programs: ['openssl', 'libssl-dev', 'python3.11', 'libpython3.11-testsuite'],
  tools: ['bash', 'bc', 'gawk', 'perl', 'sqlite3', 'xz-utils', 'zstd'],
} as const;
const lockWaitMsMax = 600_000;

export type ToolName = keyof typeof tools;

const found = new Map<ToolName, string>();

/** The absolute path of a tool; installs the tools when one is missing. */
export function tool(name: ToolName): string {
  let path = found.get(name) ?? onPath(name);
  if (path === undefined) {
    installTools();
    path = onPath(name);
    if (path === undefined) throw new Error(`${name} is still missing after its package ${tools[name]} was installed`);
  }
  found.set(name, path);
  return path;
}

function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return statSync(path).isFile();
      } catch {
        return false;
      }
    });
}

function installTools(): void {
  const wanted = `install ${Object.keys(tools).join(', ')} (on Debian: apt-get install ${toolPackages.join(' ')})`;
  if (onPath('apt-get') === undefined) throw new Error(`the tests need a cross compiler and qemu-user: ${wanted}`);
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  withLock('apt', () => {
    if ((Object.keys(tools) as ToolName[]).every((name) => onPath(name) !== undefined)) return;
    console.error(`test: installing ${toolPackages.join(' ')}`);
    const apt = (...args: string[]): boolean => {
      const [command, ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args] as [string];
      return spawnSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
    };
    // A list that could not be fetched does not matter if the packages are found all the same.
    apt('-q', 'update');
    if (!apt('-q', '-y', '-o', 'DPkg::Lock::Timeout=300', 'install', '--no-install-recommends', ...toolPackages))
      throw new Error(`apt-get could not install the test tools; ${wanted}`);
  });
}

/** Runs `work` while this process alone holds the named lock; takes over one whose holder is gone. */
function withLock(name: string, work: () => void): void {
  mkdirSync(buildDirectory, { recursive: true });
  const path = join(buildDirectory, `${name}.lock`);
  const start = performance.now();
  while (!tryLock(path)) {
    if (performance.now() - start > lockWaitMsMax) throw new Error(`waited too long for ${path}; remove it by hand`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  try {
    work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string): boolean {
  try {
    const descriptor = openSync(path, 'wx');
    writeFileSync(descriptor, String(process.pid));
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  try {
    const holder = Number(readFileSync(path, 'utf8'));
    if (holder > 0 && !existsSync(`/proc/${holder}`)) rmSync(path, { force: true });
  } catch {
    // The holder has just let go.
  }
  return false;
}

/** How one guest program is built. Flags come after the defaults of its language. */
export interface GuestBuild {
  readonly source: string;
  readonly flags?: readonly string[];
  /** Linked dynamically, against the sysroot that `sysroot()` gives at run time. */
  readonly dynamic?: boolean;
  /** The directory of the source; test/guests unless it says otherwise. */
  readonly directory?: string;
}

const commonFlags = ['-O2', '-D_GNU_SOURCE', '-pthread'];
/** Counts up when the way of building changes but the flags do not. */
const recipe = '2';
const languageFlags = { c: ['-std=gnu17'], cc: ['-std=gnu++20'] } as const;
const headers = new Map<string, string>();

/** Builds a guest program, or finds it built: the file's name carries a hash of all that went into it. */
export function guest(build: GuestBuild): string {
  const directory = build.directory ?? join(root, 'test/guests');
  const source = join(directory, build.source);
  const isC = source.endsWith('.c');
  const compiler = tool(isC ? 'arm-linux-gnueabihf-gcc' : 'arm-linux-gnueabihf-g++');
  const flags = [
    ...commonFlags,
    ...languageFlags[isC ? 'c' : 'cc'],
    ...(build.dynamic === true ? [] : ['-static']),
    ...(build.flags ?? []),
  ];
  const digest = createHash('sha256');
  for (const part of [recipe, compilerVersion(compiler), flags.join('\0'), readFileSync(source), headersOf(directory)])
    digest.update(part).update('\0');
  const name = basename(source).replace(/\.\w+$/, '');
  const output = join(buildDirectory, 'guests', `${name}-${digest.digest('hex').slice(0, 12)}`);
  if (existsSync(output)) return output;
  mkdirSync(join(buildDirectory, 'guests'), { recursive: true });
  const partial = `${output}.${process.pid}`;
  // The source is named without its folder, so that what __FILE__ says is the same everywhere.
  const result = spawnSync(compiler, [...flags, '-w', '-o', partial, build.source, '-lm'], {
    cwd: directory,
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`${build.source} does not build:\n${result.stderr}`);
  chmodSync(partial, 0o755);
  renameSync(partial, output);
  return output;
}

function headersOf(directory: string): string {
  let text = headers.get(directory);
  if (text === undefined) {
    text = globSync(join(directory, '*.h'))
      .sort()
      .map((path) => readFileSync(path, 'utf8'))
      .join('\0');
    headers.set(directory, text);
  }
  return text;
}

const versions = new Map<string, string>();

function compilerVersion(compiler: string): string {
  let version = versions.get(compiler);
  if (version === undefined) {
    version = execFileSync(compiler, ['-dumpfullversion', '-dumpmachine'], { encoding: 'utf8' });
    versions.set(compiler, version);
  }
  return version;
}

/**
 * A directory with unmodified Debian packages for armhf, unpacked; the argument of -L. apt runs with a state of its own,
 * so that the system's list of architectures stays as it is.
 */
export function sysroot(set: keyof typeof armhfPackages = 'libraries'): string {
  const digest = createHash('sha256').update(armhfPackages[set].join()).digest('hex').slice(0, 12);
  const output = join(buildDirectory, `armhf-${set}-${digest}`);
  if (!existsSync(output)) withLock('armhf', () => existsSync(output) || fetchSysroot(output, armhfPackages[set]));
  return output;
}

export function busybox(): string {
  return join(sysroot(), 'bin/busybox');
}

export function luajit(): string {
  return join(sysroot(), 'usr/bin/luajit');
}

function fetchSysroot(output: string, packages: readonly string[]): void {
  const state = join(buildDirectory, 'apt');
  const archives = join(state, 'cache/archives');
  const partial = `${output}.${process.pid}`;
  for (const folder of [join(state, 'state/lists/partial'), join(archives, 'partial')])
    mkdirSync(folder, { recursive: true });
  // Nothing is installed, as apt sees it: it downloads all that the packages depend on.
  writeFileSync(join(state, 'state/status'), '');
  const options = [
    `Dir::State=${join(state, 'state')}`,
    `Dir::State::status=${join(state, 'state/status')}`,
    `Dir::Cache=${join(state, 'cache')}`,
    'APT::Architecture=armhf',
    'APT::Architectures::=armhf',
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option]);
  const apt = (...args: string[]) => spawnSync('apt-get', ['-q', ...options, ...args], { encoding: 'utf8' });
  apt('update');
  apt('clean');
  const download = apt('install', '-y', '--download-only', '--no-install-recommends', ...packages);
  const files = globSync(join(archives, '*.deb'));
  if (download.status !== 0 || files.length < packages.length)
    throw new Error(
      `the armhf packages ${packages.join(', ')} could not be downloaded by apt-get (a Debian system is needed):\n${download.stderr ?? ''}`,
    );
  rmSync(partial, { recursive: true, force: true });
  for (const path of files) execFileSync('dpkg-deb', ['-x', path, partial]);
  apt('clean');
  renameSync(partial, output);
}
