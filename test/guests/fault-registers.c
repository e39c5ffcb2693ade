/*
 * What a handler sees of the registers at a fault: all of them, also those that the program does not read again. Loops
 * whose last turn faults, once for each kind of access in A32 and in Thumb, by two threads that have run them before
 * there was a handler, and by a child. The handler notes everything and goes on behind the instruction.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include "threads.h"

enum { THREADS = 2, TURNS = 800, ROUNDS = 5, NOTES = 4, VFP_MAGIC = 0x56465001 };

/*
 * name(addresses, turns): r8 takes an address each turn, r9 and r10 count, r11 sums up; all other registers and the flags
 * come from the turn's number, and some are written again behind the access without having been read.
 */
#define KERNEL(name, state, access)                                                                                \
  __asm__(".text\n .syntax unified\n .fpu neon\n " state "\n .global " name "\n .type " name ", %function\n .balign 4\n"     \
          name ":\n push {r4-r11, lr}\n vpush {d8-d15}\n sub sp, sp, #4\n mov r9, r0\n mov r10, r1\n mov r11, #0\n"       \
          " vmov.i32 q0, #0\n vmov q1, q0\n vmov q2, q0\n vmov q3, q0\n vmov q4, q0\n vmov q5, q0\n vmov q6, q0\n"          \
          " vmov q7, q0\n vmov q8, q0\n vmov q9, q0\n vmov q10, q0\n vmov q11, q0\n vmov q12, q0\n vmov q13, q0\n"            \
          " vmov q14, q0\n vmov q15, q0\n"                                                                                \
          "1: ldr r8, [r9], #4\n add r0, r10, r10, lsl #7\n eor r1, r0, r10, ror #5\n add r2, r1, r0, lsl #3\n"            \
          " eor r3, r2, r1, ror #11\n add r4, r3, r2, lsl #5\n eor r5, r4, r3, ror #17\n uadd8 r6, r5, r4\n"                 \
          " eor r7, r6, r5, ror #3\n add r12, r7, r6, lsl #2\n eor lr, r12, r7, ror #9\n"                                  \
          " vmov s0, r0\n vmov s1, r1\n vmov d8, r2, r3\n vmov d31, r4, r5\n vadd.i32 q1, q4, q15\n"                       \
          " vcmp.f64 d2, d3\n adds r12, r12, r7\n sbcs r6, r6, r5\n " access "\n"                                           \
          " add r11, r11, r4\n eor r11, r11, r12, ror #3\n mov r5, #5\n mov r6, #6\n mov r7, #7\n mov lr, #8\n"            \
          " subs r10, r10, #1\n bne 1b\n mov r0, r11\n add sp, sp, #4\n vpop {d8-d15}\n pop {r4-r11, pc}\n"                 \
          " .size " name ", . - " name "\n")

#define KERNELS(both)                                                                                              \
  both(ldr, "ldr r4, [r8]")                                                                                        \
  both(ldrb, "ldrb r4, [r8, #3]")                                                                                  \
  both(ldrh, "ldrh r4, [r8, #2]!")                                                                                 \
  both(ldrd, "ldrd r4, r5, [r8], #8")                                                                              \
  both(ldrex, "ldrex r4, [r8]")                                                                                    \
  both(ldm, "ldm r8, {r0-r7}")                                                                                     \
  both(ldmdb, "ldmdb r8!, {r4, r5, lr}")                                                                           \
  both(str, "str r4, [r8]")                                                                                        \
  both(strb, "strb r4, [r8, #1]!")                                                                                 \
  both(strd, "strd r4, r5, [r8, #8]")                                                                              \
  both(stm, "stm r8, {r0-r7}")                                                                                     \
  both(stmia, "stmia r8!, {r1, r2}")                                                                               \
  both(vldr, "vldr d8, [r8]")                                                                                      \
  both(vstr, "vstr s1, [r8, #4]")                                                                                  \
  both(vldm, "vldmia r8!, {d0-d3}")                                                                                \
  both(vld1, "vld1.32 {d2-d3}, [r8]")                                                                              \
  both(conditional, "cmp r10, #0\n it gt\n ldrgt r4, [r8]")                                                        \
  /* Checks that are made together, and one that is made before the loop that needs it. */                         \
  both(two, "ldr r4, [r8]\n mov r5, #3\n cmp r5, r10\n ldr r5, [r8, #8]")                                          \
  both(inner, "mov r3, #3\n2: lsl r4, r3, #4\n ldr r4, [r8]\n subs r3, r3, #1\n bne 2b")                           \
  /* No access: undefined, and a breakpoint, in the last turn. */                                                  \
  both(udf, "cmp r10, #1\n bne 2f\n adds r7, r7, r0\n udf #0\n2:")                                                 \
  both(bkpt, "cmp r10, #1\n bne 2f\n sbcs r7, r7, r0\n bkpt #0\n2:")

#define BOTH(name, access)                                            \
  KERNEL("arm_" #name, ".arm", access);                               \
  KERNEL("thumb_" #name, ".thumb\n .thumb_func", access);             \
  extern uint32_t arm_##name(uint32_t *const *, int), thumb_##name(uint32_t *const *, int);
KERNELS(BOTH)

#define NAMED(name, access) {"arm " #name, arm_##name}, {"thumb " #name, thumb_##name},
static const struct {
  const char *name;
  uint32_t (*run)(uint32_t *const *, int);
} kernels[] = {KERNELS(NAMED)};
enum { KERNEL_COUNT = sizeof kernels / sizeof *kernels };

typedef struct {
  uint32_t signal, r[16], cpsr, fpscr;
  uint64_t d[32];
} Note;

/* At addresses that are the same everywhere, so that registers with addresses can be compared. */
static uint32_t **const addresses = (uint32_t **)0x30000000;
static uint32_t *const good = (uint32_t *)0x31000000;
static uint32_t *const bad = (uint32_t *)0x32000800;

static Note notes[NOTES];
static int noted;

static void note(int signal, siginfo_t *info, void *raw) {
  (void)info;
  ucontext_t *context = raw;
  mcontext_t *machine = &context->uc_mcontext;
  const uint32_t *vfp = (const uint32_t *)context->uc_regspace;
  CHECK(noted < NOTES && vfp[0] == VFP_MAGIC);
  Note *seen = &notes[noted++];
  seen->signal = signal;
  memcpy(seen->r, &machine->arm_r0, sizeof seen->r);
  /* Flags, Q, GE, and the states of Thumb and IT. */
  seen->cpsr = machine->arm_cpsr & 0xfe0ffc20;
  memcpy(seen->d, vfp + 2, sizeof seen->d);
  seen->fpscr = vfp[2 + 64] & 0xf0000000;
  const uint16_t *pc = (const uint16_t *)machine->arm_pc;
  const int isThumb = machine->arm_cpsr >> 5 & 1;
  machine->arm_pc += isThumb && *pc >> 11 < 0x1d ? 2 : 4;
  machine->arm_cpsr &= ~0x0600fc00;
}

static void show(const Note *seen) {
  printf("  signal %u cpsr %08x fpscr %08x\n ", seen->signal, seen->cpsr, seen->fpscr);
  for (int i = 0; i < 16; i++) printf(" %08x", seen->r[i]);
  printf("\n ");
  for (int i = 0; i < 32; i++)
    if (i < 4 || i == 8 || i == 31) printf(" %016llx", (unsigned long long)seen->d[i]);
  printf("\n");
}

static pthread_barrier_t step;

/* Runs all kernels again and again; what they show is printed when it is the first, or differs from the first. */
static __attribute__((noinline)) void look(const char *who) {
  static uint32_t expected[KERNEL_COUNT];
  static int isFirst = 1;
  const uint32_t frame = (uintptr_t)__builtin_frame_address(0);
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < KERNEL_COUNT; i++) {
      noted = 0;
      memset(good, 7, 4096);
      const uint32_t result = kernels[i].run(addresses, TURNS);
      for (int n = 0; n < noted; n++) notes[n].r[13] -= frame;
      const uint32_t seen = checksum(result, notes, noted * sizeof *notes);
      if (isFirst) expected[i] = seen;
      if (!isFirst && seen == expected[i]) continue;
      printf("%s, round %d, %s: %08x\n", who, round, kernels[i].name, result);
      for (int n = 0; n < noted; n++) show(&notes[n]);
    }
    isFirst = 0;
  }
  printf("%s has seen %d kernels\n", who, KERNEL_COUNT);
  fflush(stdout);
}

/* The kernels that end without a handler when the last address is good. */
static int is_access(int kernel) { return !strstr(kernels[kernel].name, "udf") && !strstr(kernels[kernel].name, "bkpt"); }

static void *work(void *argument) {
  const int mine = (intptr_t)argument;
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < KERNEL_COUNT; i++)
      if (is_access(i)) kernels[i].run(addresses, TURNS);
  pthread_barrier_wait(&step);
  /* The handler is installed now. One thread after the other, since what is noted is shared. */
  for (int thread = 0; thread < THREADS; thread++) {
    pthread_barrier_wait(&step);
    if (thread == mine) look(mine ? "thread 1" : "thread 0");
  }
  pthread_barrier_wait(&step);
  return NULL;
}

static void *map(void *at, size_t length, int protection) {
  CHECK(mmap(at, length, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == at);
  return at;
}

int main(void) {
  map(addresses, 4096, PROT_READ | PROT_WRITE);
  map(good, 4096, PROT_READ | PROT_WRITE);
  map((void *)((uintptr_t)bad & ~4095), 4096, PROT_NONE);
  for (int i = 0; i < TURNS; i++) addresses[i] = good + 128 + i % 16;
  CHECK(pthread_barrier_init(&step, NULL, THREADS + 1) == 0);
  pthread_t team[THREADS];
  for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&team[i], NULL, work, (void *)(intptr_t)i) == 0);
  struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
  static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP};
  for (int i = 0; i < 4; i++) CHECK(sigaction(signals[i], &action, NULL) == 0);
  pthread_barrier_wait(&step);
  addresses[TURNS - 1] = bad;
  for (int turn = 0; turn < THREADS + 1; turn++) pthread_barrier_wait(&step);
  for (int i = 0; i < THREADS; i++) CHECK(pthread_join(team[i], NULL) == 0);
  const pid_t child = fork();
  if (child == 0) {
    look("child");
    _exit(7);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
  return 0;
}
