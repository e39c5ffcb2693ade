/** The guest programs that are compared with qemu-arm: one line a build. */
import type { GuestBuild } from './toolchain.ts';

export interface GuestRow {
  readonly name: string;
  readonly build: GuestBuild;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input is the text of this file in test/guests. */
  readonly stdinFrom?: string;
  /** The exit status, stated here too, so that an oracle that fails does not make a failure right. */
  readonly status?: number;
}

const thumb0 = ['-O0', '-mthumb'];
const thumbSmall = ['-Os', '-mthumb'];
const thumb3 = ['-O3', '-mthumb'];
const arm2 = ['-O2', '-marm'];
const arm3 = ['-O3', '-marm'];
const divide = ['-march=armv7ve+vfpv3-d16'];
const fused = ['-mfpu=neon-vfpv4'];
const neonA32 = ['-marm', '-mfpu=neon'];
/** The compiler must not assume the default rounding mode, nor that nobody looks at the exceptions. */
const environment = ['-frounding-math', '-ftrapping-math'];
const halves = ['-mfpu=neon-vfpv4', '-mfp16-format=ieee'];
const armv8 = ['-march=armv8-a+crc+crypto', '-mfpu=auto'];
const armv82 = ['-march=armv8.2-a+simd+fp16+dotprod', '-mfpu=auto'];

function row(source: string, flags: readonly string[] = [], rest: Omit<GuestRow, 'name' | 'build'> = {}): GuestRow {
  return { name: [source, ...flags].join(' '), build: { source, flags }, ...rest };
}

/** Code that changes, with cacheflush after each change and without. */
const changes = (source: string, flags: readonly string[]): GuestRow[] =>
  ['flush', 'bare'].map((how) => ({ name: [source, ...flags, how].join(' '), build: { source, flags }, args: [how] }));
export const changingCode: readonly GuestRow[] = changes('changing-code.c', neonA32);
export const patchedThreads: readonly GuestRow[] = changes('patched-threads.c', []);

/** Programs of one thread. */
export const singleThreaded: readonly GuestRow[] = [
  row('hello.c'),
  row('formats.c'),
  row('formats.c', arm2),
  row('scanning.c'),
  row('heap.c'),
  row('heap.c', thumb0),
  row('strings.c'),
  row('strings.c', arm3),
  row('libm.c'),
  row('libm.c', arm2),
  row('libm.c', [...fused, '-O3']),
  row('jumps.c'),
  row('jumps.c', arm2),
  row('sorting.c'),
  row('sorting.c', thumbSmall),
  row('sorting.c', arm3),
  row('varargs.c'),
  row('varargs.c', thumb0),
  row('wide.c'),
  row('wide.c', thumb0),
  row('wide.c', [...divide, ...arm2]),
  row('floats.c'),
  row('floats.c', arm2),
  row('rounding.c'),
  row('rounded-arithmetic.c', environment),
  row('rounded-arithmetic.c', [...environment, ...fused, ...arm2]),
  row('rounded-conversions.c', [...environment, ...halves]),
  row('rounded-text.c', environment),
  row('rounded-libm.c', environment),
  row('rounded-libm.c', [...environment, ...fused, ...arm2]),
  row('rounded-vectors.c', [...environment, ...halves]),
  row('structs.c'),
  row('structs.c', thumb0),
  row('structs.c', arm3),
  row('recursion.c'),
  row('recursion.c', thumb0),
  row('integers.c', [...divide, '-mthumb']),
  row('integers.c', [...divide, '-marm']),
  row('conditions.c', thumb3),
  row('conditions.c', thumbSmall),
  row('conditions.c', arm2),
  row('switches.c'),
  row('switches.c', thumb0),
  row('switches.c', arm2),
  row('conversions.c'),
  row('conversions.c', arm2),
  row('vectors.c', [...fused, '-O3', '-ffast-math']),
  row('vectors.c', [...fused, '-O1', '-marm']),
  row('vectors.c', [...armv8, '-O3']),
  row('libm.c', [...armv8, '-O3', '-marm']),
  row('cryptography.c', armv8),
  row('cryptography.c', [...armv8, '-marm']),
  row('products.c', [...armv82, '-O3']),
  row('products.c', [...armv82, '-O3', '-marm']),
  row('classes.cc'),
  row('classes.cc', thumb0),
  row('exceptions.cc', [], { status: 3 }),
  row('exceptions.cc', arm2, { status: 3 }),
  row('environment.c', [], {
    args: ['one', 'two words', '', 'ümlaut', '--nodes'],
    env: { ARMADA_GUEST_GREETING: 'good day' },
    status: 26,
  }),
  row('files.c'),
  row('mapping.c'),
  row('pipes.c'),
  row('sockets.c'),
  row('no-sockets.c'),
  row('clocks.c'),
  row('auxiliary.c'),
  row('words.c', [], { stdinFrom: 'integers.c' }),
  row('signals.c', [], { status: 143 }),
  row('faults.c'),
  row('faults.c', thumb0),
  row('restarted.c', neonA32, { status: 136 }),
  row('generated-code.c'),
  row('waiting.c'),
  row('child-signals.c'),
  row('inheritance.c'),
  row('memory-apart.c'),
  ...changingCode,
];

/** Programs of many threads; their output does not depend on the schedule. */
export const threaded: readonly GuestRow[] = [
  row('mutex-counter.c'),
  row('ping-pong.c'),
  row('barriers.c'),
  row('semaphores.c'),
  row('rwlock.c'),
  row('thread-local.c'),
  row('atomics.c'),
  row('atomics.c', arm3),
  row('atomics.c', armv8),
  row('c11-threads.c', [...armv8, '-marm']),
  row('spin-locks.c'),
  row('spinning.c'),
  row('straddling.c'),
  row('queue.c'),
  row('parallel-sum.c'),
  row('matrix.c'),
  row('detached.c'),
  row('create-join.c'),
  row('nested-threads.c'),
  row('once-cleanup.c'),
  row('false-sharing.c'),
  row('sharing-phases.c'),
  row('all-to-all.c'),
  row('main-exits.c'),
  row('timed-waits.c'),
  row('futex-operations.c'),
  row('broadcast.c'),
  row('read-ahead.c'),
  row('sleepers.c'),
  row('worker-exit.c', [], { status: 5 }),
  row('exit-others.c', [], { status: 3 }),
  row('worker-write.c'),
  row('shared-descriptor.c'),
  row('thread-signals.c'),
  row('exact-signals.c', neonA32),
  row('thread-heap.c'),
  row('thread-maps.c'),
  row('moved-memory.c'),
  row('blocking-read.c'),
  row('closed-meanwhile.c'),
  row('worker-crash.c', [], { status: 139 }),
  row('c11-threads.c'),
  row('float-environment.c', environment),
  row('epoll.c'),
  row('fork-threads.c', [], { status: 6 }),
  row('fork-snapshot.c'),
  row('async.cc'),
];

/** Programs of more threads that show in one run what they have to show. */
export const threadedOnce: readonly GuestRow[] = [row('fault-registers.c')];

/** The ways in which crash.c ends, and the status that each gives. */
export const crashes: Readonly<Record<string, number>> = {
  'null-read': 139,
  'null-write': 139,
  'wild-read': 139,
  'wild-write': 139,
  'write-literal': 139,
  'write-text': 139,
  'jump-null': 139,
  'jump-wild': 139,
  'jump-data': 139,
  'undefined-thumb': 132,
  'breakpoint-thumb': 133,
  'breakpoint-wide': 133,
  'breakpoint-arm': 133,
  'undefined-arm': 132,
  'stack-overflow': 139,
  'unaligned-exclusive': 135,
  'stack-gone': 139,
  abort: 134,
  kill: 137,
  quit: 131,
  trap: 133,
  'hang-up': 129,
  protect: 139,
  'double-fault': 139,
  'ignored-fault': 139,
};
