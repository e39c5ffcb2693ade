/** Structures of the ARM EABI as the kernel reads and writes them. Offsets follow from the fields. */
import { struct } from './struct.ts';

/** asm/stat.h: struct stat64 (104 bytes; holes before st_size and st_blocks come from 8-byte alignment). */
export const Stat64 = struct({
  st_dev: 'u64',
  __pad0: ['u8', 4],
  __st_ino: 'u32',
  st_mode: 'u32',
  st_nlink: 'u32',
  st_uid: 'u32',
  st_gid: 'u32',
  st_rdev: 'u64',
  __pad3: ['u8', 4],
  st_size: 's64',
  st_blksize: 'u32',
  st_blocks: 'u64',
  st_atime: 'u32',
  st_atime_nsec: 'u32',
  st_mtime: 'u32',
  st_mtime_nsec: 'u32',
  st_ctime: 'u32',
  st_ctime_nsec: 'u32',
  st_ino: 'u64',
});

/** asm/stat.h: struct stat, the one of the old calls stat, lstat and fstat. */
export const Stat = struct({
  st_dev: 'u32',
  st_ino: 'u32',
  st_mode: 'u16',
  st_nlink: 'u16',
  st_uid: 'u16',
  st_gid: 'u16',
  st_rdev: 'u32',
  st_size: 'u32',
  st_blksize: 'u32',
  st_blocks: 'u32',
  st_atime: 'u32',
  st_atime_nsec: 'u32',
  st_mtime: 'u32',
  st_mtime_nsec: 'u32',
  st_ctime: 'u32',
  st_ctime_nsec: 'u32',
  __unused4: 'u32',
  __unused5: 'u32',
});

/** linux/stat.h: struct statx (256 bytes). */
export const Statx = struct({
  stx_mask: 'u32',
  stx_blksize: 'u32',
  stx_attributes: 'u64',
  stx_nlink: 'u32',
  stx_uid: 'u32',
  stx_gid: 'u32',
  stx_mode: 'u16',
  __spare0: 'u16',
  stx_ino: 'u64',
  stx_size: 'u64',
  stx_blocks: 'u64',
  stx_attributes_mask: 'u64',
  stx_atime_sec: 's64',
  stx_atime_nsec: 'u32',
  __pad_atime: 's32',
  stx_btime_sec: 's64',
  stx_btime_nsec: 'u32',
  __pad_btime: 's32',
  stx_ctime_sec: 's64',
  stx_ctime_nsec: 'u32',
  __pad_ctime: 's32',
  stx_mtime_sec: 's64',
  stx_mtime_nsec: 'u32',
  __pad_mtime: 's32',
  stx_rdev_major: 'u32',
  stx_rdev_minor: 'u32',
  stx_dev_major: 'u32',
  stx_dev_minor: 'u32',
  stx_mnt_id: 'u64',
  stx_dio_mem_align: 'u32',
  stx_dio_offset_align: 'u32',
  __spare3: ['u64', 12],
});

/** asm-generic/statfs.h; ARM packs statfs64 to 4 (84 bytes). */
export const Statfs64 = struct(
  {
    f_type: 'u32',
    f_bsize: 'u32',
    f_blocks: 'u64',
    f_bfree: 'u64',
    f_bavail: 'u64',
    f_files: 'u64',
    f_ffree: 'u64',
    f_fsid: ['s32', 2],
    f_namelen: 'u32',
    f_frsize: 'u32',
    f_flags: 'u32',
    f_spare: ['u32', 4],
  },
  true,
);
export const Statfs = struct({
  f_type: 'u32',
  f_bsize: 'u32',
  f_blocks: 'u32',
  f_bfree: 'u32',
  f_bavail: 'u32',
  f_files: 'u32',
  f_ffree: 'u32',
  f_fsid: ['s32', 2],
  f_namelen: 'u32',
  f_frsize: 'u32',
  f_flags: 'u32',
  f_spare: ['u32', 4],
});

/** linux/dirent.h: the fixed part of struct linux_dirent64; the name follows at once. */
export const Dirent64 = struct({ d_ino: 'u64', d_off: 's64', d_reclen: 'u16', d_type: 'u8' });
/** Where d_name starts; the structure's size is rounded up and so of no use for it. */
export const direntNameOffset = 19;

/** linux/uio.h */
export const Iovec = struct({ iov_base: 'u32', iov_len: 'u32' });

/** linux/time.h, linux/time_types.h */
export const Timespec32 = struct({ tv_sec: 's32', tv_nsec: 's32' });
export const Timespec64 = struct({ tv_sec: 's64', tv_nsec: 's64' });
export const Timeval32 = struct({ tv_sec: 's32', tv_usec: 's32' });
export const Timezone = struct({ tz_minuteswest: 's32', tz_dsttime: 's32' });
export const Itimerval32 = struct({ interval_sec: 's32', interval_usec: 's32', value_sec: 's32', value_usec: 's32' });
/** linux/utime.h: struct utimbuf */
export const Utimbuf32 = struct({ actime: 's32', modtime: 's32' });
/** linux/times.h */
export const Tms = struct({ tms_utime: 's32', tms_stime: 's32', tms_cutime: 's32', tms_cstime: 's32' });

/** linux/utsname.h: struct new_utsname, six fields of 65 bytes. */
export const Utsname = struct({
  sysname: ['u8', 65],
  nodename: ['u8', 65],
  release: ['u8', 65],
  version: ['u8', 65],
  machine: ['u8', 65],
  domainname: ['u8', 65],
});

/** linux/sysinfo.h (64 bytes on 32-bit). */
export const Sysinfo = struct({
  uptime: 's32',
  loads: ['u32', 3],
  totalram: 'u32',
  freeram: 'u32',
  sharedram: 'u32',
  bufferram: 'u32',
  totalswap: 'u32',
  freeswap: 'u32',
  procs: 'u16',
  pad: 'u16',
  totalhigh: 'u32',
  freehigh: 'u32',
  mem_unit: 'u32',
  _f: ['u8', 8],
});

/** linux/resource.h */
export const Rlimit = struct({ rlim_cur: 'u32', rlim_max: 'u32' });
export const Rlimit64 = struct({ rlim_cur: 'u64', rlim_max: 'u64' });
export const Rusage = struct({
  utime_sec: 's32',
  utime_usec: 's32',
  stime_sec: 's32',
  stime_usec: 's32',
  ru_maxrss: 's32',
  ru_ixrss: 's32',
  ru_idrss: 's32',
  ru_isrss: 's32',
  ru_minflt: 's32',
  ru_majflt: 's32',
  ru_nswap: 's32',
  ru_inblock: 's32',
  ru_oublock: 's32',
  ru_msgsnd: 's32',
  ru_msgrcv: 's32',
  ru_nsignals: 's32',
  ru_nvcsw: 's32',
  ru_nivcsw: 's32',
});

/** asm-generic/termios.h, asm-generic/termbits.h: struct termios as TCGETS has it (36 bytes). */
export const Winsize = struct({ ws_row: 'u16', ws_col: 'u16', ws_xpixel: 'u16', ws_ypixel: 'u16' });
export const Termios = struct({
  c_iflag: 'u32',
  c_oflag: 'u32',
  c_cflag: 'u32',
  c_lflag: 'u32',
  c_line: 'u8',
  c_cc: ['u8', 19],
});

/** asm-generic/poll.h */
export const Pollfd = struct({ fd: 's32', events: 's16', revents: 's16' });

/** linux/eventpoll.h: packed on x86-64 alone. */
export const EpollEvent = struct({ events: 'u32', data: 'u64' });

/** asm-generic/fcntl.h */
export const Flock = struct({ l_type: 's16', l_whence: 's16', l_start: 's32', l_len: 's32', l_pid: 's32' });
export const Flock64 = struct({ l_type: 's16', l_whence: 's16', l_start: 's64', l_len: 's64', l_pid: 's32' });

/** The kernel's own struct sigaction (include/linux/signal_types.h with SA_RESTORER): 20 bytes, the mask is two longs. */
export const KernelSigaction = struct({ sa_handler: 'u32', sa_flags: 'u32', sa_restorer: 'u32', sa_mask: 'u64' }, true);
/** asm/signal.h: struct old_sigaction of the call number 67. */
export const OldSigaction = struct({ sa_handler: 'u32', sa_mask: 'u32', sa_flags: 'u32', sa_restorer: 'u32' });
/** asm/signal.h */
export const SignalStack = struct({ ss_sp: 'u32', ss_flags: 'u32', ss_size: 'u32' });

/** asm-generic/siginfo.h: the head and the first words of the union, padded to SI_MAX_SIZE. */
export const Siginfo = struct({
  si_signo: 's32',
  si_errno: 's32',
  si_code: 's32',
  /** si_pid, si_addr or si_tid */
  field0: 'u32',
  /** si_uid or si_overrun */
  field1: 'u32',
  /** si_value or si_status */
  field2: 'u32',
  pad: ['u8', 104],
});

/** arch/arm/include/asm/ucontext.h: stack, then asm/sigcontext.h (trap_no to fault_address), mask, spare words. */
export const Ucontext = struct({
  uc_flags: 'u32',
  uc_link: 'u32',
  ss_sp: 'u32',
  ss_flags: 'u32',
  ss_size: 'u32',
  trap_no: 'u32',
  error_code: 'u32',
  oldmask: 'u32',
  registers: ['s32', 16],
  arm_cpsr: 'u32',
  fault_address: 'u32',
  uc_sigmask_low: 'u32',
  uc_sigmask_high: 'u32',
  __unused: ['u32', 30],
  uc_regspace: ['u32', 128],
});

/** arch/arm/include/asm/ucontext.h: struct vfp_sigframe, at the start of uc_regspace (288 bytes). */
export const VfpSigframe = struct({
  magic: 'u32',
  size: 'u32',
  fpregs: ['u64', 32],
  fpscr: 'u32',
  __pad: 'u32',
  fpexc: 'u32',
  fpinst: 'u32',
  fpinst2: 'u32',
});

/** linux/elf.h */
export const ElfHeader32 = struct({
  e_ident: ['u8', 16],
  e_type: 'u16',
  e_machine: 'u16',
  e_version: 'u32',
  e_entry: 'u32',
  e_phoff: 'u32',
  e_shoff: 'u32',
  e_flags: 'u32',
  e_ehsize: 'u16',
  e_phentsize: 'u16',
  e_phnum: 'u16',
  e_shentsize: 'u16',
  e_shnum: 'u16',
  e_shstrndx: 'u16',
});
export const ElfProgramHeader32 = struct({
  p_type: 'u32',
  p_offset: 'u32',
  p_vaddr: 'u32',
  p_paddr: 'u32',
  p_filesz: 'u32',
  p_memsz: 'u32',
  p_flags: 'u32',
  p_align: 'u32',
});
