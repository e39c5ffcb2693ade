/**
 * What Node runs first: turns V8's compile cache on, then hands over to the command. The cache keeps types stripped and
 * functions compiled between runs; Node keys it by its own version and by the content of each file, so changed sources
 * are never met by old code, and writes it by rename, so any number of processes may start at once. Plain JavaScript,
 * because stripping the types of this file could not be cached yet.
 */
import { existsSync } from 'node:fs';
import { constants, enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Where caches may be kept, the best place first: beside the dependencies of a checkout, or where the system has them. */
function cacheFolders() {
  const folders = [];
  if (existsSync(join(root, 'node_modules'))) folders.push(join(root, 'node_modules/.cache'));
  if (process.env.XDG_CACHE_HOME) folders.push(process.env.XDG_CACHE_HOME);
  else folders.push(join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache'));
  return folders;
}

const { ENABLED, ALREADY_ENABLED } = constants.compileCacheStatus;
// Without any writable folder everything works, only slower; NODE_DISABLE_COMPILE_CACHE turns the cache off.
for (const folder of cacheFolders()) {
  const { status } = enableCompileCache(join(folder, 'armada'));
  if (status === ENABLED || status === ALREADY_ENABLED) break;
}

const sources = join(root, 'src/cli/main.ts');
await import(existsSync(sources) ? sources : join(root, 'dist/cli/main.js'));
