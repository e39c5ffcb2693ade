/**
 * The system calls that touch only the caller: rows of syscalls.table.ts in a table of their own, so that an executor
 * loads what it can serve and not the whole kernel.
 */
import { Utsname } from '../abi/structs.ts';
import type { ArgFormat, LocalHandler, LocalRow } from './api.ts';
import * as calls from './calls/local.ts';
import {
  hex,
  inSigset,
  inStructOrNull,
  int,
  outBytes,
  outSigset,
  outStruct,
  outStructOrNull,
  ptr,
  uint,
} from './formats.ts';

const local = (number: number, name: string, args: readonly ArgFormat[], handler: LocalHandler): LocalRow => ({
  number,
  name,
  args,
  where: 'local',
  handler,
  support: { level: 'full' },
});

// biome-ignore format: one row a line
export const localSyscalls: readonly LocalRow[] = [
  local(20, 'getpid', [], calls.getpid),
  local(78, 'gettimeofday', [outStructOrNull(8), outStructOrNull(8)], calls.gettimeofday),
  local(122, 'uname', [outStruct(Utsname.size)], calls.uname),
  local(126, 'sigprocmask', [int, inStructOrNull(4), outStructOrNull(4)], calls.sigprocmask),
  local(158, 'sched_yield', [], calls.sched_yield),
  local(175, 'rt_sigprocmask', [int, inSigset(3), outSigset(3), uint], calls.rt_sigprocmask),
  local(186, 'sigaltstack', [inStructOrNull(12), outStructOrNull(12)], calls.sigaltstack),
  local(224, 'gettid', [], calls.gettid),
  local(256, 'set_tid_address', [ptr], calls.set_tid_address),
  local(263, 'clock_gettime', [int, outStruct(8)], calls.clock_gettime),
  local(264, 'clock_getres', [int, outStructOrNull(8)], calls.clock_getres),
  local(338, 'set_robust_list', [ptr, uint], calls.set_robust_list),
  local(345, 'getcpu', [outStructOrNull(4), outStructOrNull(4), ptr], calls.getcpu),
  local(384, 'getrandom', [outBytes(1), uint, hex], calls.getrandom),
  local(403, 'clock_gettime64', [int, outStruct(16)], calls.clock_gettime64),
  local(406, 'clock_getres_time64', [int, outStructOrNull(16)], calls.clock_getres_time64),
];

const byNumber = new Map(localSyscalls.map((row) => [row.number, row] as const));

/** The row of a call that is served where the caller runs; undefined for all others. */
export function localSyscallRow(number: number): LocalRow | undefined {
  return byNumber.get(number);
}
