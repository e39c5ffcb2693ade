/** What the words of a dump (Engine.dump, BlockAgent.describe, FutexHome.describe) mean, for who reads one. */
export const dumpLegend = [
  'executor: a worker that runs guest threads, one at a time; poll raised: it is asked to leave guest code for a moment',
  'thread: its number (tid), slot (its place on this node), state, and registers, which are those of its last stop:',
  '  runnable: waits for an executor; running: on one, which has its registers; parked: waits for what is said behind it',
  '  waits for block of A: the 4 KiB that hold address A are fetched from another node; in call N: the system call N',
  'block B (address / 4 KiB): access 0 none, 1 read, 2 write; home: the node that keeps account of it; owner: the node',
  '  that may write it, -1 none; sharers: nodes that may read it; kept: a thread here uses it before another node gets it',
  'futex A: the threads that wait at address A, as node:number of the wait, first come first',
].join('\n');
