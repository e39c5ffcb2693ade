/** How the guests of the measurements are run; one run gives the figures of several rows. */

export type Size = 'full' | 'quick';

export interface GuestRun {
  readonly name: string;
  readonly guest: string;
  readonly nodes: number;
  /** `quick` shows that it works; its figures mean nothing. */
  readonly arguments: Readonly<Record<Size, readonly string[]>>;
  /** Of `armada run`, besides those that say where. */
  readonly options: readonly string[];
  /** All nodes on one processor; on the loopback alone. */
  readonly oneCore: boolean;
}

type Details = Partial<Pick<GuestRun, 'nodes' | 'options' | 'oneCore'>>;

/** @param full, quick the guest's arguments */
function run(name: string, guest: string, full: string, quick: string, details: Details = {}): GuestRun {
  const sizes = { full: full.split(' '), quick: quick.split(' ') };
  return { name, guest, arguments: sizes, nodes: 2, options: [], oneCore: false, ...details };
}

// biome-ignore format: one run a line
export const guestRuns: readonly GuestRun[] = [
  run('miss', 'remote-miss.c', '60', '10', { options: ['--no-forwarding'] }),
  run('miss-one-core', 'remote-miss.c', '60', '10', { options: ['--no-forwarding'], oneCore: true }),
  run('stream', 'stream.c', '64 forward 24', '1 forward'),
  run('stream-alone', 'stream.c', '4 forward 24', '1 forward', { options: ['--no-forwarding'] }),
  run('change', 'stream.c', '64 changing 24', '1 changing'),
  run('random', 'random.c', '4096 24', '256'),
  run('false-sharing-2', 'false-sharing.c', '2 100', '2 10'),
  run('false-sharing-4', 'false-sharing.c', '4 100', '4 10'),
  run('false-sharing-8', 'false-sharing.c', '8 100', '8 10'),
  run('sharing-2', 'false-sharing.c', '2 100', '2 10', { options: ['--no-splitting'] }),
  run('sharing-8', 'false-sharing.c', '8 100', '8 10', { options: ['--no-splitting'] }),
  run('turns', 'turns.c', '6000 3000', '20 20'),
  run('mutex-2', 'contention.c', 'mutex 2 1000', 'mutex 2 20'),
  run('mutex-4', 'contention.c', 'mutex 4 1000', 'mutex 4 20', { nodes: 4 }),
  run('private-1', 'contention.c', 'private 2 1000', 'private 2 20', { nodes: 1 }),
  run('private-2', 'contention.c', 'private 2 1000', 'private 2 20'),
  run('counter-2', 'contention.c', 'counter 2 1000', 'counter 2 20'),
  run('counter-4', 'contention.c', 'counter 4 1000', 'counter 4 20', { nodes: 4 }),
  run('delegated', 'delegated.c', '9000 200', '30 10'),
];
