/** Processes: clone, futex, wait, limits, prctl, the auxiliary vector, ARM's private calls. */

/** linux/sched.h */
export const CSIGNAL = 0xff;
export const CLONE_VM = 0x100;
export const CLONE_FS = 0x200;
export const CLONE_FILES = 0x400;
export const CLONE_SIGHAND = 0x800;
export const CLONE_PIDFD = 0x1000;
export const CLONE_PTRACE = 0x2000;
export const CLONE_VFORK = 0x4000;
export const CLONE_PARENT = 0x8000;
export const CLONE_THREAD = 0x10000;
export const CLONE_NEWNS = 0x20000;
export const CLONE_SYSVSEM = 0x40000;
export const CLONE_SETTLS = 0x80000;
export const CLONE_PARENT_SETTID = 0x100000;
export const CLONE_CHILD_CLEARTID = 0x200000;
export const CLONE_DETACHED = 0x400000;
export const CLONE_UNTRACED = 0x800000;
export const CLONE_CHILD_SETTID = 0x1000000;
export const SCHED_OTHER = 0;
export const SCHED_FIFO = 1;
export const SCHED_RR = 2;
export const SCHED_BATCH = 3;
export const SCHED_IDLE = 5;

/** linux/futex.h */
export const FUTEX_WAIT = 0;
export const FUTEX_WAKE = 1;
export const FUTEX_REQUEUE = 3;
export const FUTEX_CMP_REQUEUE = 4;
export const FUTEX_WAKE_OP = 5;
export const FUTEX_LOCK_PI = 6;
export const FUTEX_UNLOCK_PI = 7;
export const FUTEX_TRYLOCK_PI = 8;
export const FUTEX_WAIT_BITSET = 9;
export const FUTEX_WAKE_BITSET = 10;
export const FUTEX_WAIT_REQUEUE_PI = 11;
export const FUTEX_CMP_REQUEUE_PI = 12;
export const FUTEX_LOCK_PI2 = 13;
/** FUTEX_WAKE_OP's operation (the shift is a flag beside it) and comparison. */
export const FUTEX_OP_SET = 0;
export const FUTEX_OP_ADD = 1;
export const FUTEX_OP_OR = 2;
export const FUTEX_OP_ANDN = 3;
export const FUTEX_OP_XOR = 4;
export const FUTEX_OP_OPARG_SHIFT = 8;
export const FUTEX_OP_CMP_EQ = 0;
export const FUTEX_OP_CMP_NE = 1;
export const FUTEX_OP_CMP_LT = 2;
export const FUTEX_OP_CMP_LE = 3;
export const FUTEX_OP_CMP_GT = 4;
export const FUTEX_OP_CMP_GE = 5;
export const FUTEX_PRIVATE_FLAG = 128;
export const FUTEX_CLOCK_REALTIME = 256;
export const FUTEX_CMD_MASK = ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
export const FUTEX_BITSET_MATCH_ANY = 0xffffffff;
export const FUTEX_WAITERS = 0x80000000;
export const FUTEX_OWNER_DIED = 0x40000000;
export const FUTEX_TID_MASK = 0x3fffffff;
/** Robust lists: include/linux/futex.h's limit on the entries walked at exit. */
export const ROBUST_LIST_LIMIT = 2048;

/** linux/wait.h */
export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WEXITED = 4;
export const WCONTINUED = 8;
export const WNOWAIT = 0x01000000;
export const __WNOTHREAD = 0x20000000;
export const __WALL = 0x40000000;
export const __WCLONE = 0x80000000;
export const P_ALL = 0;
export const P_PID = 1;
export const P_PGID = 2;

/** asm-generic/resource.h */
export const RLIMIT_CPU = 0;
export const RLIMIT_FSIZE = 1;
export const RLIMIT_DATA = 2;
export const RLIMIT_STACK = 3;
export const RLIMIT_CORE = 4;
export const RLIMIT_RSS = 5;
export const RLIMIT_NPROC = 6;
export const RLIMIT_NOFILE = 7;
export const RLIMIT_MEMLOCK = 8;
export const RLIMIT_AS = 9;
export const RLIMIT_LOCKS = 10;
export const RLIMIT_SIGPENDING = 11;
export const RLIMIT_MSGQUEUE = 12;
export const RLIMIT_NICE = 13;
export const RLIMIT_RTPRIO = 14;
export const RLIMIT_RTTIME = 15;
export const RLIM_NLIMITS = 16;
export const RLIM_INFINITY = 0xffffffff;
export const RLIM64_INFINITY = 0xffff_ffff_ffff_ffffn;

/** linux/resource.h */
export const RUSAGE_SELF = 0;
export const RUSAGE_CHILDREN = -1;
export const RUSAGE_THREAD = 1;

/** linux/prctl.h */
export const PR_SET_PDEATHSIG = 1;
export const PR_GET_PDEATHSIG = 2;
export const PR_GET_DUMPABLE = 3;
export const PR_SET_DUMPABLE = 4;
export const PR_GET_KEEPCAPS = 7;
export const PR_SET_KEEPCAPS = 8;
export const PR_SET_NAME = 15;
export const PR_GET_NAME = 16;
export const PR_GET_SECCOMP = 21;
export const PR_SET_SECCOMP = 22;
export const PR_CAPBSET_READ = 23;
export const PR_GET_TIMERSLACK = 30;
export const PR_SET_TIMERSLACK = 29;
export const PR_SET_CHILD_SUBREAPER = 36;
export const PR_SET_NO_NEW_PRIVS = 38;
export const PR_GET_NO_NEW_PRIVS = 39;
export const PR_SET_THP_DISABLE = 41;
export const PR_GET_THP_DISABLE = 42;
export const PR_SET_VMA = 0x53564d41;

/** linux/auxvec.h, asm/auxvec.h */
export const AT_NULL = 0;
export const AT_PHDR = 3;
export const AT_PHENT = 4;
export const AT_PHNUM = 5;
export const AT_PAGESZ = 6;
export const AT_BASE = 7;
export const AT_FLAGS = 8;
export const AT_ENTRY = 9;
export const AT_UID = 11;
export const AT_EUID = 12;
export const AT_GID = 13;
export const AT_EGID = 14;
export const AT_PLATFORM = 15;
export const AT_HWCAP = 16;
export const AT_CLKTCK = 17;
export const AT_SECURE = 23;
export const AT_RANDOM = 25;
export const AT_HWCAP2 = 26;
export const AT_EXECFN = 31;

/** arch/arm/include/uapi/asm/hwcap.h */
export const HWCAP_SWP = 1 << 0;
export const HWCAP_HALF = 1 << 1;
export const HWCAP_THUMB = 1 << 2;
export const HWCAP_26BIT = 1 << 3;
export const HWCAP_FAST_MULT = 1 << 4;
export const HWCAP_FPA = 1 << 5;
export const HWCAP_VFP = 1 << 6;
export const HWCAP_EDSP = 1 << 7;
export const HWCAP_THUMBEE = 1 << 11;
export const HWCAP_NEON = 1 << 12;
export const HWCAP_VFPv3 = 1 << 13;
export const HWCAP_VFPv3D16 = 1 << 14;
export const HWCAP_TLS = 1 << 15;
export const HWCAP_VFPv4 = 1 << 16;
export const HWCAP_IDIVA = 1 << 17;
export const HWCAP_IDIVT = 1 << 18;
export const HWCAP_VFPD32 = 1 << 19;
export const HWCAP_LPAE = 1 << 20;
export const HWCAP_FPHP = 1 << 22;
export const HWCAP_ASIMDHP = 1 << 23;
export const HWCAP_ASIMDDP = 1 << 24;
export const HWCAP_ASIMDFHM = 1 << 25;
export const HWCAP_ASIMDBF16 = 1 << 26;
export const HWCAP_I8MM = 1 << 27;
export const HWCAP2_AES = 1 << 0;
export const HWCAP2_PMULL = 1 << 1;
export const HWCAP2_SHA1 = 1 << 2;
export const HWCAP2_SHA2 = 1 << 3;
export const HWCAP2_CRC32 = 1 << 4;
export const HWCAP2_SB = 1 << 5;

/** arch/arm/include/uapi/asm/unistd.h */
export const __ARM_NR_breakpoint = 0x0f0001;
export const __ARM_NR_cacheflush = 0x0f0002;
export const __ARM_NR_set_tls = 0x0f0005;
export const __ARM_NR_get_tls = 0x0f0006;

/** linux/personality.h */
export const PER_LINUX = 0;
/** linux/random.h */
export const GRND_NONBLOCK = 1;
export const GRND_RANDOM = 2;
export const GRND_INSECURE = 4;
