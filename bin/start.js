/**
 * What Node runs first: finds the command, turns V8's compile cache on, and hands over. The cache keeps compiled functions
 * (and stripped types, where sources are run as they are) between runs. Node keys it by its own version and by the
 * content of each file, so that changed sources are never met by old code, and writes it by rename, so that any number
 * of processes may start at once. Plain JavaScript: stripping the types of this file could not be cached yet.
 */
import { existsSync } from 'node:fs';
import { constants, enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const { ENABLED, ALREADY_ENABLED } = constants.compileCacheStatus;

/** Tries one folder after the other; without any that can be written everything works, only slower. */
function keepCompiled(folders) {
  for (const folder of folders) {
    const { status } = enableCompileCache(folder);
    if (status === ENABLED || status === ALREADY_ENABLED) return;
  }
}

/** Where this system keeps what can be made again. */
function systemCache() {
  const { XDG_CACHE_HOME } = process.env;
  return join(XDG_CACHE_HOME || join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache'), 'armada');
}

const isCheckout = existsSync(join(root, 'src'));
// A node of a local cluster is told its master's.
const { ARMADA_BUNDLE } = process.env;
let bundle = ARMADA_BUNDLE ?? join(root, 'dist/bundle');
if (isCheckout && ARMADA_BUNDLE === undefined) {
  const { currentBundle } = await import('../tools/bundle.js');
  bundle = await currentBundle();
}
// What is kept of a bundle goes with it.
keepCompiled(isCheckout && bundle ? [join(bundle, 'compiled'), systemCache()] : [systemCache()]);
await import(bundle ? join(bundle, 'main.js') : join(root, 'src/cli/main.ts'));
