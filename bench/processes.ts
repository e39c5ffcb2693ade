/** Processes and other things that must not outlive a benchmark, whatever ends it. */
import { constants } from 'node:os';
import { type Running, start as startTest } from '../test/oracle.ts';

const leftovers = new Set<() => void>();

process.on('exit', () => {
  for (const remove of [...leftovers].reverse()) remove();
});
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => process.exit(128 + constants.signals[name]));

/** Has `remove` called at the end of this process, unless what is returned was called before: it removes at once. */
export function removeAtEnd(remove: () => void): () => void {
  const once = (): void => {
    if (leftovers.delete(once)) remove();
  };
  leftovers.add(once);
  return once;
}

/** A process group in a working directory of its own, which goes when `finish` is called, or this process ends. */
export function start(argv: readonly string[]): Running {
  const running = startTest(argv);
  const finish = removeAtEnd(() => running.finish());
  return { ...running, finish };
}
