/**
 * Joins the sources into one file for each kind of thread, which start several times faster than some hundred modules.
 * A packed package carries the result in dist/. In a checkout the launcher (bin/start.js) asks here for the bundle of
 * the sources as they stand, which is made when there is none yet. Plain JavaScript: nothing is to be stripped first.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const cacheFolder = join(root, '.build');
const entries = ['src/cli/main.ts', 'src/cluster/executor-worker.ts', 'src/engine/translator-worker.ts'];
/** Bundles of older sources are kept this long: a run that uses one may start another thread from it. */
const keptMs = 3 * 24 * 3600_000;

/** Writes the bundle to a folder two levels below the root, as src/cli is: the sources name files of the root from there. */
async function writeBundle(folder) {
  const { buildSync, stop } = await import('esbuild');
  buildSync({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: folder,
    entryNames: '[name]',
    bundle: true,
    // What is imported on demand is loaded on demand.
    splitting: true,
    chunkNames: '[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'esnext',
    // Dependencies that are CommonJS ask for node's own modules by require.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'silent',
  });
  // Its process would stay as long as this one.
  await stop();
}

/** A key that changes with every change of what goes into the bundle, as far as names, sizes and times tell. */
function sourcesKey() {
  const hash = createHash('sha256');
  const add = (path) => {
    const { size, mtimeMs, ctimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs} ${ctimeMs}\n`);
  };
  add(import.meta.filename);
  add(join(root, 'package-lock.json'));
  for (const name of readdirSync(join(root, 'src'), { recursive: true }).sort())
    if (name.endsWith('.ts') && !name.endsWith('.test.ts')) add(join(root, 'src', name));
  return hash.digest('hex').slice(0, 32);
}

/**
 * The folder of the bundle of the sources as they stand, made when there is none; undefined when it can't be made
 * (no bundler, nowhere to write, a mistake in the sources): then they are run as they are. Any number of processes may
 * ask at once.
 */
export async function currentBundle() {
  try {
    const key = sourcesKey();
    const folder = join(cacheFolder, `bundle-${key}`);
    if (existsSync(folder)) return folder;
    const fresh = join(cacheFolder, `bundle-${randomUUID()}`);
    try {
      mkdirSync(fresh, { recursive: true });
      await writeBundle(fresh);
      // What was edited meanwhile may be in it or not: it must not be taken for either.
      if (sourcesKey() !== key) return undefined;
      renameSync(fresh, folder);
      removeOld();
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
    return folder;
  } catch {
    return undefined;
  }
}

function removeOld() {
  for (const name of readdirSync(cacheFolder)) {
    const path = join(cacheFolder, name);
    if (name.startsWith('bundle-') && Date.now() - statSync(path).mtimeMs > keptMs)
      rmSync(path, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  await writeBundle(join(root, 'dist/bundle'));
}
