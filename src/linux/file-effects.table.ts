/**
 * What delegated calls have to do with the contents of files, and with where open files are read next: for those that
 * read ahead (cluster/read-leases.ts). A call that is not here may change them at any time until it answers.
 *
 *   none    neither changes them nor tells anything of them
 *   waits   changes nothing but an open file's own position, and may tell of changes that others have made
 */
export type FileEffect = 'none' | 'waits' | 'changes';

// biome-ignore format: one call a line
const effects: Readonly<Record<string, FileEffect>> = {
  brk: 'none',
  clock_nanosleep: 'none',
  clock_nanosleep_time64: 'none',
  getegid32: 'none',
  geteuid32: 'none',
  getgid32: 'none',
  getitimer: 'none',
  getpgrp: 'none',
  getppid: 'none',
  getpriority: 'none',
  getrusage: 'none',
  getuid32: 'none',
  mprotect: 'none',
  nanosleep: 'none',
  pause: 'none',
  prctl: 'none',
  rt_sigaction: 'none',
  rt_sigpending: 'none',
  rt_sigsuspend: 'none',
  sched_getaffinity: 'none',
  sched_getparam: 'none',
  sched_getscheduler: 'none',
  sched_setaffinity: 'none',
  setitimer: 'none',
  sysinfo: 'none',
  tgkill: 'none',
  times: 'none',
  tkill: 'none',
  ugetrlimit: 'none',

  _newselect: 'waits',
  epoll_pwait: 'waits',
  epoll_pwait2: 'waits',
  epoll_wait: 'waits',
  poll: 'waits',
  ppoll: 'waits',
  ppoll_time64: 'waits',
  pselect6: 'waits',
  pselect6_time64: 'waits',
  read: 'waits',
  readv: 'waits',
  rt_sigtimedwait: 'waits',
  rt_sigtimedwait_time64: 'waits',
  wait4: 'waits',
  waitid: 'waits',
};

export const fileEffect = (name: string): FileEffect => effects[name] ?? 'changes';
/** For the test that each of them is a call. */
export const fileEffectNames: readonly string[] = Object.keys(effects);
