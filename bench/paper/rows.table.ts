/** The measurements: where each figure comes from, what the paper has, and what is aimed at. */

import type { BareFigures } from './bare-sockets.ts';
import {
  atLeast,
  atMost,
  blockAfterBlock,
  blockPing,
  type Circumstances,
  type Goal,
  iperf,
  row,
  sameRun,
  smallPing,
  value,
} from './goals.ts';

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly unit: 'µs' | 'ms' | 'MB/s' | '/ms' | '';
  /** The guest run, the result in it and the field of the result. */
  readonly run: string;
  readonly result: string;
  readonly field: string;
  /** The figure of the bare sockets that stands beside it. */
  readonly bare?: keyof BareFigures;
  /** The same figure under qemu-arm says something. */
  readonly qemu?: true;
  /** The paper's figure, over gigabit Ethernet, as it prints it. */
  readonly paper?: string;
  /** A figure without a goal stands there for comparison. */
  readonly goal?: (at: Circumstances) => Goal | undefined;
}

const always = (goal: Goal) => (): Goal => goal;
const onLoopback =
  (goal: (at: Circumstances) => Goal) =>
  (at: Circumstances): Goal | undefined =>
    at.link === 'loopback' ? goal(at) : undefined;
const megabytes =
  (others: number, tls: number) =>
  (at: Circumstances): Goal =>
    atLeast(1, value(at.transport === 'tls' ? tls : others, 'MB/s'));
const streamed = (at: Circumstances): Goal => (at.link === 'gigabit' ? atLeast(0.97, iperf) : megabytes(1000, 500)(at));

// biome-ignore format: one row a line
export const rows: readonly Row[] = [
  { name: 'read', title: 'remote read of a 4-KiB block, p50', unit: 'µs', run: 'miss', result: 'read-miss', field: 'p50', bare: 'pingBlock', paper: '410.5', goal: always(atMost(1.5, blockPing)) },
  { name: 'read-p99', title: 'remote read of a 4-KiB block, p99', unit: 'µs', run: 'miss', result: 'read-miss', field: 'p99', bare: 'pingBlock' },
  { name: 'read-one-core', title: 'remote read, p50, both nodes on one core', unit: 'µs', run: 'miss-one-core', result: 'read-miss', field: 'p50', bare: 'pingBlock', goal: always(atMost(2, blockPing)) },
  { name: 'write', title: 'remote write of a 4-KiB block, p50', unit: 'µs', run: 'miss', result: 'write-miss', field: 'p50', bare: 'pingBlock' },
  { name: 'write-p99', title: 'remote write of a 4-KiB block, p99', unit: 'µs', run: 'miss', result: 'write-miss', field: 'p99', bare: 'pingBlock' },
  { name: 'sequential-alone', title: 'sequential remote read, no forwarding', unit: 'MB/s', run: 'stream-alone', result: 'forward', field: 'speed', bare: 'stream', paper: '7.88', goal: always(atLeast(1, blockAfterBlock('read'))) },
  { name: 'sequential', title: 'sequential remote read, forwarding', unit: 'MB/s', run: 'stream', result: 'forward', field: 'speed', bare: 'stream', paper: '108.01', goal: streamed },
  { name: 'change', title: 'sequential read-modify-write, remote', unit: 'MB/s', run: 'change', result: 'changing', field: 'speed', bare: 'stream', goal: always(atLeast(0.5, row('sequential'))) },
  { name: 'random-1', title: 'random access, 1 guest thread', unit: 'MB/s', run: 'random', result: 'random-1', field: 'speed' },
  { name: 'random-8', title: 'random access, 8 guest threads', unit: 'MB/s', run: 'random', result: 'random-8', field: 'speed', goal: always(atLeast(6, row('random-1'))) },
  { name: 'random-64', title: 'random access, 64 guest threads', unit: 'MB/s', run: 'random', result: 'random-64', field: 'speed', goal: always(atLeast(15, row('random-1'))) },
  { name: 'false-sharing-2', title: 'false sharing, 128 bytes a thread, 2 threads', unit: 'MB/s', run: 'false-sharing-2', result: 'false-sharing', field: 'speed', qemu: true, goal: always(atLeast(0.95, sameRun('apart', 'without sharing'))) },
  { name: 'false-sharing-4', title: 'false sharing, 4 threads', unit: 'MB/s', run: 'false-sharing-4', result: 'false-sharing', field: 'speed', qemu: true, goal: always(atLeast(0.95, sameRun('apart', 'without sharing'))) },
  { name: 'false-sharing-8', title: 'false sharing, 8 threads', unit: 'MB/s', run: 'false-sharing-8', result: 'false-sharing', field: 'speed', qemu: true, paper: '2,216 to 75,294', goal: always(atLeast(0.95, sameRun('apart', 'without sharing'))) },
  { name: 'no-splitting-2', title: 'false sharing, 2 threads, no splitting', unit: 'MB/s', run: 'sharing-2', result: 'false-sharing', field: 'speed' },
  { name: 'no-splitting-8', title: 'false sharing, 8 threads, no splitting', unit: 'MB/s', run: 'sharing-8', result: 'false-sharing', field: 'speed' },
  { name: 'switch-over-2', title: 'until false sharing is over, 2 threads', unit: 'ms', run: 'false-sharing-2', result: 'false-sharing', field: 'switchOver', goal: always(atMost(1, value(50, 'ms'))) },
  { name: 'switch-over-8', title: 'until false sharing is over, 8 threads', unit: 'ms', run: 'false-sharing-8', result: 'false-sharing', field: 'switchOver', goal: always(atMost(1, value(50, 'ms'))) },
  { name: 'spin', title: 'spin ping-pong between nodes, one way, p50', unit: 'µs', run: 'turns', result: 'spin', field: 'p50', bare: 'pingBlock', qemu: true, goal: always(atMost(1.2, row('write'))) },
  { name: 'barrier', title: 'barrier, 2 threads on 2 nodes, p50', unit: 'µs', run: 'turns', result: 'barrier', field: 'p50', bare: 'pingSmall', qemu: true, goal: always(atMost(6, smallPing)) },
  { name: 'mutex-2', title: 'contended mutex, 2 nodes', unit: '/ms', run: 'mutex-2', result: 'mutex', field: 'perMillisecond', qemu: true },
  { name: 'mutex-2-fairness', title: 'contended mutex, 2 nodes: slowest node / fastest', unit: '', run: 'mutex-2', result: 'mutex', field: 'fairness', goal: always(atLeast(1, value(0.333, ''))) },
  { name: 'mutex-4', title: 'contended mutex, 4 nodes', unit: '/ms', run: 'mutex-4', result: 'mutex', field: 'perMillisecond', qemu: true, goal: onLoopback(always(atLeast(0.5, row('mutex-2')))) },
  { name: 'mutex-4-fairness', title: 'contended mutex, 4 nodes: slowest node / fastest', unit: '', run: 'mutex-4', result: 'mutex', field: 'fairness', goal: always(atLeast(1, value(0.333, ''))) },
  { name: 'private-1', title: 'private mutexes, 2 threads on one node', unit: '/ms', run: 'private-1', result: 'private', field: 'perMillisecond', qemu: true },
  { name: 'private-2', title: 'private mutexes, 2 threads on 2 nodes', unit: '/ms', run: 'private-2', result: 'private', field: 'perMillisecond', goal: always(atLeast(1, row('private-1'))) },
  { name: 'counter-2', title: 'contended counter (LDREX/STREX), 2 nodes', unit: '/ms', run: 'counter-2', result: 'counter', field: 'perMillisecond', qemu: true },
  { name: 'counter-2-fairness', title: 'contended counter, 2 nodes: slowest node / fastest', unit: '', run: 'counter-2', result: 'counter', field: 'fairness', goal: always(atLeast(1, value(0.333, ''))) },
  { name: 'counter-4', title: 'contended counter, 4 nodes', unit: '/ms', run: 'counter-4', result: 'counter', field: 'perMillisecond', qemu: true, goal: onLoopback(always(atLeast(0.5, row('counter-2')))) },
  { name: 'counter-4-fairness', title: 'contended counter, 4 nodes: slowest node / fastest', unit: '', run: 'counter-4', result: 'counter', field: 'fairness', goal: always(atLeast(1, value(0.333, ''))) },
  { name: 'close', title: 'delegated call (close of a bad descriptor), p50', unit: 'µs', run: 'delegated', result: 'close', field: 'p50', bare: 'pingSmall', goal: always(atMost(1.4, smallPing)) },
  { name: 'write-1mb', title: '1-MB write delegated', unit: 'MB/s', run: 'delegated', result: 'write', field: 'speed', bare: 'stream', goal: onLoopback(megabytes(2000, 500)) },
];
